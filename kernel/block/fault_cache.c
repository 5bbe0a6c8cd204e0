/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The volatile cache of the fault-injecting disk.
 *
 * Writes go to the lower device at once; what the sectors held before is kept until a flush makes
 * the write durable. When the power fails, sectors get some of that back: what a real device
 * may have written in any order, or not.
 */
#include "fault_priv.h"

#include <block/disk.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

static struct slab_cache *undo_cache;

void fault_cache_start(void)
{
	undo_cache = slab_cache_create("fault undo", sizeof(struct fault_undo), 0);
}

static void free_list(struct list *list)
{
	struct list_node *node;

	while ((node = list_pop_front(list)))
		slab_free(undo_cache, container_of(node, struct fault_undo, node));
}

static bool add_undo(struct fault_request *slot, struct bio *bio, uint64_t sector)
{
	struct fault_undo *undo = slab_allocate(undo_cache);
	phys_t physical;

	if (!undo)
		return false;
	undo->sector = sector;
	undo->done = false;
	undo->mark = 0;
	list_push_back(&slot->undo, &undo->node);
	physical = virt_to_phys(undo->bytes);
	for (unsigned done = 0; done < SECTOR_SIZE;) {
		unsigned offset = (physical + done) & (PAGE_SIZE - 1);
		unsigned part = (unsigned)min_size(SECTOR_SIZE - done, PAGE_SIZE - offset);

		if (!bio_add_frame(bio, frame_at(physical + done - offset), offset, part))
			return false;
		done += part;
	}
	return true;
}

struct bio *fault_cache_prepare(struct fault_request *slot)
{
	struct fault_disk *fault = slot->fault;
	unsigned per_block = fault_block_sectors(fault);
	uint64_t start = slot->request->block * per_block;
	unsigned count = slot->request->count * per_block;
	struct bio *bio = bio_create(fault->lower, BIO_READ, start, 2 * count, 0);

	if (!bio)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		if (add_undo(slot, bio, start + i))
			continue;
		free_list(&slot->undo);
		bio_free(bio);
		return NULL;
	}
	return bio;
}

void fault_cache_drop(struct fault_request *slot)
{
	free_list(&slot->undo);
}

void fault_cache_begin(struct fault_request *slot)
{
	struct fault_disk *fault = slot->fault;
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	struct list_node *node;

	slot->sequence = ++fault->sequence;
	list_for_each (node, &slot->undo) {
		container_of(node, struct fault_undo, node)->sequence = slot->sequence;
		fault->statistics.volatile_sectors++;
	}
	list_splice_back(&fault->undo, &slot->undo);
	spin_unlock_irqrestore(&fault->lock, state);
}

/* Under the lock: frees what `drop` says. */
static void filter(struct fault_disk *fault,
		   bool (*drop)(const struct fault_undo *undo, const void *argument),
		   const void *argument)
{
	struct list_node *node, *following;

	list_for_each_safe (node, following, &fault->undo) {
		struct fault_undo *undo = container_of(node, struct fault_undo, node);

		if (!drop(undo, argument))
			continue;
		list_remove(node);
		slab_free(undo_cache, undo);
		fault->statistics.volatile_sectors--;
	}
}

/* What a durable write makes obsolete: its sectors' older contents. */
static bool is_covered_by_write(const struct fault_undo *undo, const void *argument)
{
	const struct fault_request *slot = argument;
	unsigned per_block = fault_block_sectors(slot->fault);
	uint64_t start = slot->request->block * per_block;

	return undo->sequence <= slot->sequence && undo->sector >= start &&
	       undo->sector < start + slot->request->count * per_block;
}

void fault_cache_done(struct fault_request *slot, bool durable)
{
	struct fault_disk *fault = slot->fault;
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	struct list_node *node;

	if (durable)
		filter(fault, is_covered_by_write, slot);
	list_for_each (node, &fault->undo) {
		struct fault_undo *undo = container_of(node, struct fault_undo, node);

		if (undo->sequence == slot->sequence)
			undo->done = true;
	}
	spin_unlock_irqrestore(&fault->lock, state);
}

/* Sequence numbers do not tell which writes had completed: those get a mark that no write has. */
uint64_t fault_cache_mark(struct fault_disk *fault)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	uint64_t mark = ++fault->sequence;
	struct list_node *node;

	list_for_each (node, &fault->undo) {
		struct fault_undo *undo = container_of(node, struct fault_undo, node);

		if (undo->done && undo->mark == 0)
			undo->mark = mark;
	}
	spin_unlock_irqrestore(&fault->lock, state);
	return mark;
}

static bool is_marked(const struct fault_undo *undo, const void *argument)
{
	return undo->mark != 0 && undo->mark <= *(const uint64_t *)argument;
}

void fault_cache_flushed(struct fault_disk *fault, uint64_t mark)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	filter(fault, is_marked, &mark);
	spin_unlock_irqrestore(&fault->lock, state);
}

void fault_cache_forget(struct fault_disk *fault)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);

	free_list(&fault->undo);
	fault->statistics.volatile_sectors = 0;
	spin_unlock_irqrestore(&fault->lock, state);
}

/* The newest, out of the list; NULL: none. *heads: what chance says of it. */
static struct fault_undo *take_newest(struct fault_disk *fault, bool *heads)
{
	irq_state_t state = spin_lock_irqsave(&fault->lock);
	struct list_node *node = list_last(&fault->undo);

	if (node) {
		list_remove(node);
		fault->statistics.volatile_sectors--;
	}
	*heads = fault_random(fault) >> 33 & 1;
	spin_unlock_irqrestore(&fault->lock, state);
	return node ? container_of(node, struct fault_undo, node) : NULL;
}

int block_fault_lose_cache(struct block_device *device)
{
	struct fault_disk *fault = block_disk_handle(device)->context;
	struct fault_undo *undo;
	int error = 0;
	bool heads;

	/* From the newest on: what is older may be there instead of what is newer. */
	while ((undo = take_newest(fault, &heads))) {
		if (heads && !error)
			error = block_write(fault->lower, undo->sector, undo->bytes, SECTOR_SIZE,
					    0);
		slab_free(undo_cache, undo);
	}
	return error;
}
