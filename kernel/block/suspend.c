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

/* Requests that wait to be tried again are not the driver's. */
static bool has_request(struct block_disk *disk)
{
	bool has = false;

	for (unsigned i = 0; i < disk->queue_count && !has; i++) {
		struct block_queue *queue = &disk->queues[i];
		irq_state_t state = spin_lock_irqsave(&queue->lock);

		has = queue->submitted != queue->completed;
		spin_unlock_irqrestore(&queue->lock, state);
	}
	return has;
}

int block_disk_suspend(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);
	uint64_t deadline = clock_deadline_after(DRAIN_WAIT);

	set_held(disk, true);
	while (has_request(disk)) {
		if (clock_monotonic_ns() >= deadline) {
			log_warning("block", "%s: does not come to an end with its requests",
				    disk->whole->name);
			block_disk_resume(handle);
			return -EBUSY;
		}
		thread_sleep_until(clock_deadline_after(POLL_WAIT));
	}
	return 0;
}

void block_disk_resume(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);

	set_held(disk, false);
	for (unsigned i = 0; i < disk->queue_count; i++)
		block_disk_ready(handle, i);
}
