/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The buddy allocator. A free block of 2^order frames is aligned to its size; it is in the
 * free list of its order through its first frame (FRAME_FREE), its other frames are
 * FRAME_TAIL. Two free buddies are always merged, so that state FRAME_FREE and the order of
 * the neighbour tell all that freeing needs to know.
 *
 * A block that is handed out keeps its tails, so taking and freeing touch only heads.
 *
 * Each node (frame_node.c) has a zone of each kind.
 */
#include "frame_priv.h"

#include <base/bits.h>
#include <core/log.h>
#include <core/panic.h>
#include <sync/spinlock.h>

/* What only users of FRAME_DMA32 get once the upper zone is empty, in frames: 1/32 of the
 * lower zone, but not more than 64 MiB. */
#define RESERVE_SHIFT 5
#define RESERVE_MAX   ((64ull << 20) >> PAGE_SHIFT)

struct frame_zone {
	struct spinlock lock; /* all below, and the state of the zone's frames that are free */
	struct list free[FRAME_ORDER_MAX + 1];
	uint64_t free_blocks[FRAME_ORDER_MAX + 1];
	uint64_t free_frames;
	uint64_t total_frames;
	uint64_t reserve; /* set at boot */
};

static struct frame_zone zones[ZONE_MAX];

static const char *const zone_names[ZONE_COUNT] = {
	[ZONE_DMA32] = "below 4 GiB",
	[ZONE_NORMAL] = "above 4 GiB",
};

static struct frame_zone *zone_of(const struct frame *frame)
{
	return &zones[frame_spans[frame->span].zone];
}

void zones_init(void)
{
	for (unsigned i = 0; i < ZONE_MAX; i++) {
		spinlock_init(&zones[i].lock, RANK_FRAME, "frame zone");
		for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
			list_init(&zones[i].free[order]);
	}
}

static void block_push(struct frame_zone *zone, struct frame *frame, unsigned order)
{
	frame->state = FRAME_FREE;
	frame->order = (uint8_t)order;
	list_push_front(&zone->free[order], &frame->node);
	zone->free_blocks[order]++;
}

static void block_unlink(struct frame_zone *zone, struct frame *frame)
{
	list_remove(&frame->node);
	zone->free_blocks[frame->order]--;
}

/* The buddy of the block at `frame` if it is free as a whole, or NULL. */
static struct frame *block_free_buddy(struct frame *frame, unsigned order)
{
	const struct frame_span *span = &frame_spans[frame->span];
	size_t page = frame_page_number(frame) ^ (size_t)1 << order;
	struct frame *buddy;

	/* A block that is not wholly in the span was never free as a whole. */
	if (page - span->first >= span->count)
		return NULL;
	buddy = &span->frames[page - span->first];
	return buddy->state == FRAME_FREE && buddy->order == order ? buddy : NULL;
}

/* Frees a block and merges it with its buddies as far as that goes. Locked. */
static void block_free(struct frame_zone *zone, struct frame *frame, unsigned order)
{
	zone->free_frames += 1ull << order;
	while (order < FRAME_ORDER_MAX) {
		struct frame *buddy = block_free_buddy(frame, order);

		if (!buddy)
			break;
		block_unlink(zone, buddy);
		if (buddy < frame) {
			frame->state = FRAME_TAIL;
			frame = buddy;
		} else {
			buddy->state = FRAME_TAIL;
		}
		order++;
	}
	block_push(zone, frame, order);
}

/* Takes the first block of the smallest order that suffices and frees what is left of it.
 * Locked. The state is the caller's to set. */
static struct frame *block_take(struct frame_zone *zone, unsigned order)
{
	unsigned found = order;
	struct frame *frame;

	while (found <= FRAME_ORDER_MAX && list_empty(&zone->free[found]))
		found++;
	if (found > FRAME_ORDER_MAX)
		return NULL;
	frame = container_of(list_first(&zone->free[found]), struct frame, node);
	debug_assert(frame->state == FRAME_FREE && frame->order == found);
	block_unlink(zone, frame);
	while (found > order) {
		found--;
		block_push(zone, frame + ((size_t)1 << found), found);
	}
	frame->order = (uint8_t)order;
	zone->free_frames -= 1ull << order;
	return frame;
}

/* True if an allocation that could do with the upper zone may take from `zone`. Locked. */
static bool zone_allows(const struct frame_zone *zone, unsigned order, bool dma32)
{
	return dma32 || zone->free_frames >= zone->reserve + (1ull << order);
}

/* The thread may move to another CPU meanwhile, which does no harm. */
static const struct frame_zone_order *this_order(void)
{
	return &frame_zone_orders[frame_cpu_nodes[cpu_id()]];
}

struct frame *zone_allocate(unsigned order, bool dma32)
{
	const struct frame_zone_order *near = this_order();
	struct frame *frame = NULL;

	for (unsigned i = 0; i < near->count && !frame; i++) {
		struct frame_zone *zone = &zones[near->zones[i]];
		irq_state_t state;

		if (dma32 && near->zones[i] % ZONE_COUNT != ZONE_DMA32)
			continue;
		state = spin_lock_irqsave(&zone->lock);
		if (zone_allows(zone, order, dma32))
			frame = block_take(zone, order);
		if (frame)
			frame->state = FRAME_USED;
		spin_unlock_irqrestore(&zone->lock, state);
	}
	return frame;
}

unsigned zone_allocate_batch(struct list *list, unsigned count)
{
	const struct frame_zone_order *near = this_order();
	unsigned taken = 0;

	for (unsigned i = 0; i < near->count && taken < count; i++) {
		struct frame_zone *zone = &zones[near->zones[i]];
		irq_state_t state = spin_lock_irqsave(&zone->lock);

		while (taken < count && zone_allows(zone, 0, false)) {
			struct frame *frame = block_take(zone, 0);

			if (!frame)
				break;
			frame->state = FRAME_CACHED;
			list_push_back(list, &frame->node);
			taken++;
		}
		spin_unlock_irqrestore(&zone->lock, state);
	}
	return taken;
}

void zone_free(struct frame *frame)
{
	struct frame_zone *zone = zone_of(frame);
	irq_state_t state = spin_lock_irqsave(&zone->lock);

	block_free(zone, frame, frame->order);
	spin_unlock_irqrestore(&zone->lock, state);
}

void zone_free_batch(struct list *list)
{
	struct frame_zone *zone = NULL;
	irq_state_t state = 0;
	struct list_node *node;

	/* Neighbours in the list are of the same zone, as a rule. */
	while ((node = list_pop_front(list)) != NULL) {
		struct frame *frame = container_of(node, struct frame, node);

		if (zone != zone_of(frame)) {
			if (zone)
				spin_unlock_irqrestore(&zone->lock, state);
			zone = zone_of(frame);
			state = spin_lock_irqsave(&zone->lock);
		}
		block_free(zone, frame, 0);
	}
	if (zone)
		spin_unlock_irqrestore(&zone->lock, state);
}

void zone_add(struct frame *first, size_t count)
{
	struct frame_zone *zone = zone_of(first);
	irq_state_t state = spin_lock_irqsave(&zone->lock);

	zone->total_frames += count;
	while (count > 0) {
		size_t page = frame_page_number(first);
		unsigned order = bit_highest(count);

		if (order > FRAME_ORDER_MAX)
			order = FRAME_ORDER_MAX;
		if (page != 0 && bit_lowest(page) < order)
			order = bit_lowest(page);
		for (size_t i = 0; i < (size_t)1 << order; i++)
			first[i].state = FRAME_TAIL;
		block_free(zone, first, order);
		first += (size_t)1 << order;
		count -= (size_t)1 << order;
	}
	spin_unlock_irqrestore(&zone->lock, state);
}

void zones_set_reserve(void)
{
	bool any = false;

	for (unsigned i = 0; i < ZONE_MAX; i++)
		any |= i % ZONE_COUNT == ZONE_NORMAL && zones[i].total_frames > 0;
	for (unsigned i = 0; i < ZONE_MAX; i++) {
		struct frame_zone *zone = &zones[i];

		zone->reserve = any && i % ZONE_COUNT == ZONE_DMA32
					? min_u64(zone->total_frames >> RESERVE_SHIFT, RESERVE_MAX)
					: 0;
	}
}

/* --- Nodes ----------------------------------------------------------------------------------- */

/* Takes all that is free out of all zones. What is in the list must not look free to its buddies. */
static void take_all(struct list *list)
{
	for (unsigned i = 0; i < ZONE_MAX; i++) {
		struct frame_zone *zone = &zones[i];

		for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++) {
			struct list_node *node;

			while ((node = list_pop_front(&zone->free[order])) != NULL) {
				container_of(node, struct frame, node)->state = FRAME_TAIL;
				list_push_back(list, node);
			}
			zone->free_blocks[order] = 0;
		}
		zone->free_frames = zone->total_frames = 0;
	}
}

void zones_spread(void)
{
	struct list list = LIST_INIT(list);
	struct list_node *node;

	take_all(&list);
	while ((node = list_pop_front(&list)) != NULL) {
		struct frame *frame = container_of(node, struct frame, node);

		block_free(zone_of(frame), frame, frame->order);
	}
	for (unsigned i = 0; i < frame_span_count; i++) {
		const struct frame_span *span = &frame_spans[i];

		for (size_t j = 0; j < span->count; j++)
			zones[span->zone].total_frames += span->frames[j].state != FRAME_RESERVED;
	}
}

/* --- Sums: read without the locks, they are exact when nothing changes them ------------------ */

void zones_read_node(unsigned node, uint64_t *total, uint64_t *free)
{
	*total = *free = 0;
	for (unsigned i = 0; i < ZONE_COUNT; i++) {
		*total += zones[node * ZONE_COUNT + i].total_frames;
		*free += zones[node * ZONE_COUNT + i].free_frames;
	}
}

uint64_t zones_total(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < frame_nodes * ZONE_COUNT; i++)
		sum += zones[i].total_frames;
	return sum;
}

uint64_t zones_free(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < frame_nodes * ZONE_COUNT; i++)
		sum += zones[i].free_frames;
	return sum;
}

static void report_zone(unsigned index)
{
	const struct frame_zone *zone = &zones[index];

	log_info("memory", "node %u, %s: %llu of %llu KiB free, %llu KiB kept for 32-bit devices",
		 index / ZONE_COUNT, zone_names[index % ZONE_COUNT],
		 (unsigned long long)(zone->free_frames << PAGE_SHIFT >> 10),
		 (unsigned long long)(zone->total_frames << PAGE_SHIFT >> 10),
		 (unsigned long long)(zone->reserve << PAGE_SHIFT >> 10));
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		if (zone->free_blocks[order] > 0)
			log_info("memory", "  %llu blocks of %u KiB",
				 (unsigned long long)zone->free_blocks[order],
				 1u << order << PAGE_SHIFT >> 10);
}

void zones_report(void)
{
	for (unsigned i = 0; i < frame_nodes * ZONE_COUNT; i++)
		if (zones[i].total_frames > 0)
			report_zone(i);
}
