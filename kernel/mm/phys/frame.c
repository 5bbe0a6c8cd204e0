/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: allocation, references, look-up and statistics. */
#include "frame_priv.h"

#include <core/panic.h>
#include <sync/cpu.h>

#include <stdatomic.h>

/* Reference counts are pinned at SATURATED once they reach LIMIT: such a frame is leaked. */
#define REFERENCES_LIMIT     0x80000000u
#define REFERENCES_SATURATED 0xc0000000u

/* Written by its own CPU with interrupts off; the sum over all CPUs is what counts. */
struct frame_uses {
	_Atomic long count[FRAME_USE_COUNT];
} __attribute__((aligned(64)));

static struct frame_uses uses_by_cpu[CPU_MAX];

void frame_init_caches(void)
{
	frame_caches_start();
}

/* Set once at boot. */
static size_t (*reclaim_frames)(size_t count);
static void (*memory_is_low)(void);
static uint64_t low_watermark;

void frame_set_reclaim(size_t (*reclaim)(size_t count), void (*low)(void), uint64_t watermark)
{
	reclaim_frames = reclaim;
	low_watermark = watermark;
	__atomic_store_n(&memory_is_low, low, __ATOMIC_RELEASE);
}

size_t frame_reclaim(size_t count)
{
	return reclaim_frames ? reclaim_frames(count) : 0;
}

void frame_watch_level(void)
{
	void (*low)(void) = __atomic_load_n(&memory_is_low, __ATOMIC_ACQUIRE);

	if (low && zones_free() < low_watermark)
		low();
}

static struct frame *frame_take(unsigned order, bool dma32)
{
	struct frame *frame = NULL;

	if (order == 0 && !dma32)
		frame = frame_cache_take();
	if (!frame) {
		frame_watch_level();
		frame = zone_allocate(order, dma32);
	}
	/* Single frames at rest in the caches may be all that is left, or what keeps blocks
	 * from merging. */
	if (!frame && frame_caches_drain())
		frame = zone_allocate(order, dma32);
	return frame;
}

struct frame *frame_allocate(unsigned order, unsigned flags)
{
	struct frame *frame;

	if (order > FRAME_ORDER_MAX)
		return NULL;
	frame = frame_take(order, flags & FRAME_DMA32);
	if (!frame)
		return NULL;
	frame->state = FRAME_USED;
	frame->order = (uint8_t)order;
	frame->flags = 0;
	frame->owner = NULL;
	list_node_init(&frame->node);
	atomic_store_explicit(&frame->references, 1, memory_order_relaxed);
	for (size_t i = 0; flags & FRAME_ZERO && i < (size_t)1 << order; i++)
		arch_clear_page((char *)frame_address(frame) + i * PAGE_SIZE);
	return frame;
}

phys_t frame_allocate_page(unsigned flags)
{
	struct frame *frame = frame_allocate(0, flags);

	return frame ? frame_physical(frame) : 0;
}

void frame_split(struct frame *first)
{
	size_t count = (size_t)1 << first->order;

	debug_assert(first->state == FRAME_USED && frame_references(first) == 1);
	for (size_t i = 0; i < count; i++) {
		struct frame *frame = first + i;

		frame->state = FRAME_USED;
		frame->order = 0;
		frame->flags = 0;
		frame->owner = NULL;
		list_node_init(&frame->node);
		atomic_store_explicit(&frame->references, 1, memory_order_relaxed);
	}
}

void frame_get(struct frame *frame)
{
	uint32_t old = atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);

	debug_assert(old != 0 && frame->state == FRAME_USED);
	if (old >= REFERENCES_LIMIT)
		atomic_store_explicit(&frame->references, REFERENCES_SATURATED,
				      memory_order_relaxed);
}

void frame_put(struct frame *frame)
{
	uint32_t old;

	/* Looked at while the reference is still held. */
	assert(frame->state == FRAME_USED);
	old = atomic_fetch_sub_explicit(&frame->references, 1, memory_order_release);
	assert(old != 0);
	if (old >= REFERENCES_LIMIT)
		atomic_store_explicit(&frame->references, REFERENCES_SATURATED,
				      memory_order_relaxed);
	if (old != 1)
		return;
	/* All that the other holders did with the frame is over before it is used anew. */
	atomic_thread_fence(memory_order_acquire);
	if (frame->order != 0 || !frame_cache_put(frame))
		zone_free(frame);
}

phys_t frame_physical(const struct frame *frame)
{
	return (phys_t)frame_page_number(frame) << PAGE_SHIFT;
}

struct frame *frame_at(phys_t physical)
{
	struct frame *frame = frame_find(physical >> PAGE_SHIFT);

	return frame && frame->state != FRAME_RESERVED ? frame : NULL;
}

void *frame_address(const struct frame *frame)
{
	return phys_to_virt(frame_physical(frame));
}

void frame_account(enum frame_use use, long count)
{
	unsigned long state = arch_irq_save();
	_Atomic long *counter = &uses_by_cpu[cpu_id()].count[use];

	/* No other writer: a plain load and store suffice. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + count,
			      memory_order_relaxed);
	arch_irq_restore(state);
}

/* Frames freed on another CPU than they were allocated on make single summands negative. */
static uint64_t frame_use_count(enum frame_use use)
{
	long sum = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		sum += atomic_load_explicit(&uses_by_cpu[i].count[use], memory_order_relaxed);
	return sum > 0 ? (uint64_t)sum : 0;
}

void frame_read_statistics(struct frame_statistics *statistics)
{
	*statistics = (struct frame_statistics){
		.total = zones_total(),
		.free = zones_free() + frame_caches_count(),
		.page_tables = frame_use_count(FRAME_USE_PAGE_TABLE),
		.slabs = frame_use_count(FRAME_USE_SLAB),
		.kernel_stacks = frame_use_count(FRAME_USE_STACK),
		.anonymous = frame_use_count(FRAME_USE_ANONYMOUS),
		.file = frame_use_count(FRAME_USE_FILE),
	};
}

void frame_read_node(unsigned node, uint64_t *total, uint64_t *free)
{
	zones_read_node(node, total, free);
}

uint64_t frame_total(void)
{
	return zones_total();
}

bool frame_free_at_least(uint64_t count)
{
	return zones_free() >= count || zones_free() + frame_caches_count() >= count;
}

void frame_report(void)
{
	zones_report();
}
