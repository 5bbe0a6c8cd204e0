/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks whose device sleeps: what is under way comes to its end, and what comes meanwhile waits in the
 * queues, in the same order as that which finds no tag.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/log.h>
#include <sched/thread.h>

/* Longer than a request may take with its repetitions, as a rule; then the device does not sleep. */
#define DRAIN_WAIT (60 * NS_PER_SECOND)
#define POLL_WAIT  NS_PER_MILLISECOND

static void set_held(struct block_disk *disk, bool held)
{
	for (unsigned i = 0; i < disk->queue_count; i++) {
		struct block_queue *queue = &disk->queues[i];
		irq_state_t state = spin_lock_irqsave(&queue->lock);

		queue->held = held;
		spin_unlock_irqrestore(&queue->lock, state);
	}
}

void block_queues_hold(struct block_disk *disk)
{
	set_held(disk, true);
}

/* Requests that wait to be tried again are not the driver's. A dispatcher may still be in the driver after
 * all has completed; those that come later find the queue held. */
static bool is_drained(struct block_queue *queue)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool drained = queue->submitted == queue->completed && queue->dispatch == DISPATCH_IDLE;

	spin_unlock_irqrestore(&queue->lock, state);
	return drained;
}

bool block_queues_drain(struct block_disk *disk, uint64_t deadline)
{
	for (unsigned i = 0; i < disk->queue_count; i++)
		while (!is_drained(&disk->queues[i])) {
			if (clock_monotonic_ns() >= deadline)
				return false;
			thread_sleep_until(clock_deadline_after(POLL_WAIT));
		}
	return true;
}

int block_disk_suspend(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);

	block_queues_hold(disk);
	if (block_queues_drain(disk, clock_deadline_after(DRAIN_WAIT)))
		return 0;
	log_warning("block", "%s: does not come to an end with its requests", disk->whole->name);
	block_disk_resume(handle);
	return -EBUSY;
}

void block_disk_resume(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);

	set_held(disk, false);
	for (unsigned i = 0; i < disk->queue_count; i++)
		block_disk_ready(handle, i);
}
