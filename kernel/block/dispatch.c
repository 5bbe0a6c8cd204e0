/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the queue to the driver and back.
 *
 * One CPU at a time dispatches a queue: it takes requests, builds them and hands them to the driver,
 * without a lock while it does the latter two, so that requests may complete meanwhile. Whoever
 * finds a queue being dispatched leaves a note and goes; the dispatcher looks again.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/log.h>

static bool begin_dispatch(struct block_queue *queue)
{
	unsigned old = DISPATCH_IDLE;

	while (!atomic_compare_exchange_weak(
		&queue->dispatch, &old, old == DISPATCH_IDLE ? DISPATCH_RUNNING : DISPATCH_AGAIN))
		;
	return old == DISPATCH_IDLE;
}

/* False: there is a note. */
static bool end_dispatch(struct block_queue *queue)
{
	unsigned running = DISPATCH_RUNNING;

	if (atomic_compare_exchange_strong(&queue->dispatch, &running, DISPATCH_IDLE))
		return true;
	atomic_store(&queue->dispatch, DISPATCH_RUNNING);
	return false;
}

/* --- To the driver. --- */

static struct block_request *take_and_build(struct block_queue *queue)
{
	struct block_request *request = NULL;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	if (!queue->stalled && !queue->disk->gone)
		request = block_request_take(queue);
	spin_unlock_irqrestore(&queue->lock, state);
	if (!request || request->first_issued)
		return request;
	return block_request_build(queue, request) ? request : NULL;
}

/* The driver did not take the request: it waits, before all others. */
static void wait_for_driver(struct block_queue *queue, struct block_request *request)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	request->state = REQUEST_WAITING;
	request->not_before = 0;
	list_push_front(&queue->again, &request->node);
	queue->submitted--;
	queue->stalled = true;
	block_queue_arm(queue, request->issued + queue->disk->description.timeout_ns);
	spin_unlock_irqrestore(&queue->lock, state);
}

static bool issue(struct block_queue *queue, struct block_request *request, bool last)
{
	struct block_disk *disk = queue->disk;
	uint64_t now = clock_monotonic_ns();
	irq_state_t state;
	int error;

	if (!request->first_issued)
		request->first_issued = now;
	request->issued = now;
	atomic_store_explicit(&request->state, REQUEST_ISSUED, memory_order_release);
	state = spin_lock_irqsave(&queue->lock);
	queue->submitted++;
	if (!queue->timer_set)
		block_queue_arm(queue, now + disk->description.timeout_ns);
	spin_unlock_irqrestore(&queue->lock, state);
	if (trace_wants(TRACE_BLOCK))
		block_trace(TRACE_BLOCK_ISSUE, request->bios, request->hardware.operation,
			    request->hardware.block << disk->block_shift, request->length, 0);
	error = disk->handle.ops->submit(&request->hardware, last);
	if (error == -EAGAIN) {
		wait_for_driver(queue, request);
		return false;
	}
	if (error)
		block_disk_complete(&request->hardware, error);
	return true;
}

/* A request that was built, but comes after one that the driver did not take. */
static void keep_behind(struct block_queue *queue, struct block_request *request)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	request->state = REQUEST_WAITING;
	request->not_before = 0;
	if (!request->first_issued)
		request->first_issued = clock_monotonic_ns();
	list_push_back(&queue->again, &request->node);
	spin_unlock_irqrestore(&queue->lock, state);
}

static void issue_all(struct block_queue *queue)
{
	struct block_request *request = take_and_build(queue);

	while (request) {
		struct block_request *next = take_and_build(queue);

		if (!issue(queue, request, !next)) {
			if (next)
				keep_behind(queue, next);
			return;
		}
		request = next;
	}
}

/* --- A disk that is gone. --- */

static struct bio *take_waiting(struct block_queue *queue)
{
	struct bio *bio = NULL;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	for (unsigned i = 0; i < BLOCK_PRIORITY_COUNT && !bio; i++)
		if (!list_empty(&queue->waiting[i]))
			bio = container_of(list_first(&queue->waiting[i]), struct bio, node);
	if (bio)
		block_queue_take(queue, bio);
	spin_unlock_irqrestore(&queue->lock, state);
	return bio;
}

static struct block_request *take_request(struct block_queue *queue)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	struct list_node *node = list_pop_front(&queue->again);
	struct block_request *request = NULL;

	if (node) {
		request = container_of(node, struct block_request, node);
		request->state = REQUEST_TAKEN;
		queue->submitted++;
	}
	spin_unlock_irqrestore(&queue->lock, state);
	return request;
}

static void fail_all(struct block_queue *queue)
{
	struct bio *bio;
	struct block_request *request;

	while ((bio = take_waiting(queue)))
		block_bio_part_done(bio, -ENODEV);
	while ((request = take_request(queue)))
		block_request_finish(queue, request, -ENODEV);
}

void block_dispatch(struct block_queue *queue)
{
	preempt_disable();
	if (begin_dispatch(queue)) {
		do {
			issue_all(queue);
			if (queue->disk->gone)
				fail_all(queue);
		} while (!end_dispatch(queue));
		if (queue->disk->gone)
			wait_wake(&queue->disk->idle);
	}
	preempt_enable();
}

void block_dispatch_bios(struct block_disk *disk, struct list *bios)
{
	struct block_queue *queue;
	struct list_node *node;
	irq_state_t state;

	preempt_disable();
	queue = &disk->queues[cpu_id() % disk->queue_count];
	state = spin_lock_irqsave(&queue->lock);
	while ((node = list_pop_front(bios)))
		block_queue_add(queue, container_of(node, struct bio, node));
	spin_unlock_irqrestore(&queue->lock, state);
	block_dispatch(queue);
	preempt_enable();
}

bool block_queue_is_idle(struct block_queue *queue)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool idle = queue->dispatch == DISPATCH_IDLE && queue->submitted == queue->completed &&
		    queue->waiting_count == 0 && list_empty(&queue->again);

	spin_unlock_irqrestore(&queue->lock, state);
	return idle;
}

/* --- And back. --- */

void block_request_free(struct block_queue *queue, struct block_request *request)
{
	request->state = REQUEST_FREE;
	queue->background -= request->background;
	queue->free_tags[queue->free_count++] = request->hardware.tag;
}

static void end_bios(struct bio *bio, int error)
{
	while (bio) {
		struct bio *next = bio->next;

		block_bio_part_done(bio, error);
		bio = next;
	}
}

void block_request_finish(struct block_queue *queue, struct block_request *request, int error)
{
	struct block_disk *disk = queue->disk;
	struct bio *bios = request->bios;
	irq_state_t state;
	bool more;

	block_request_unbuild(request, error);
	state = spin_lock_irqsave(&queue->lock);
	block_count_end(queue, request, error);
	queue->completed++;
	queue->stalled = false;
	block_request_free(queue, request);
	more = queue->waiting_count > 0 || !list_empty(&queue->again) || disk->gone;
	spin_unlock_irqrestore(&queue->lock, state);
	end_bios(bios, error);
	if (more)
		block_dispatch(queue);
}

/* Whether it is the driver's no more by this, and nobody else sees to it. */
static bool take_back(struct block_queue *queue, struct block_request *request, int error)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool ours = false;

	switch ((enum block_request_state)request->state) {
	case REQUEST_ISSUED:
	case REQUEST_LATE:
		request->state = REQUEST_TAKEN;
		ours = true;
		break;
	case REQUEST_RECOVERED:
		request->state = REQUEST_DONE;
		request->error = error;
		break;
	default:
		log_error("block", "%s: its driver completes request %u twice",
			  queue->disk->whole->name, request->hardware.tag);
		break;
	}
	spin_unlock_irqrestore(&queue->lock, state);
	return ours;
}

void block_disk_complete(struct ddk_disk_request *hardware, int error)
{
	struct block_request *request = container_of(hardware, struct block_request, hardware);
	struct block_disk *disk = block_disk_of_request(request);
	struct block_queue *queue = &disk->queues[hardware->queue];

	if (!take_back(queue, request, error))
		return;
	if (error)
		block_request_failed(queue, request, error);
	else
		block_request_finish(queue, request, 0);
}

void block_disk_ready(struct ddk_disk *handle, unsigned number)
{
	struct block_disk *disk = block_disk_of(handle);
	struct block_queue *queue = &disk->queues[number];
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	queue->stalled = false;
	spin_unlock_irqrestore(&queue->lock, state);
	block_dispatch(queue);
}
