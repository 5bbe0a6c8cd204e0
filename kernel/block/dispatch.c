/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the queue to the driver and back.
 *
 * One CPU at a time dispatches a queue: it takes requests, builds them and hands them to the driver,
 * without a lock while it does the latter two, so that requests may complete meanwhile. Whoever
 * finds a queue being dispatched leaves a note and goes; the dispatcher looks again. It is not
 * preempted meanwhile, but when its CPU is wanted for another thread it lets go of the queue and
 * goes on after that, unless somebody else does before: other CPUs could keep it busy for ever.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/log.h>

/* True: the caller is the dispatcher now. False: somebody is, and has a note. */
static bool begin_dispatch(struct block_queue *queue)
{
	unsigned old = DISPATCH_IDLE;

	while (!atomic_compare_exchange_weak(
		&queue->dispatch, &old, old == DISPATCH_IDLE ? DISPATCH_RUNNING : DISPATCH_AGAIN))
		;
	return old == DISPATCH_IDLE;
}

/* False: there is a note, and the caller is still the dispatcher. */
static bool end_dispatch(struct block_queue *queue)
{
	unsigned running = DISPATCH_RUNNING;

	if (atomic_compare_exchange_strong(&queue->dispatch, &running, DISPATCH_IDLE))
		return true;
	atomic_store(&queue->dispatch, DISPATCH_RUNNING);
	return false;
}

/* Whether the dispatcher is to let others run, and can: it is a thread, and nothing but that it
 * dispatches keeps it on its CPU. */
static bool must_make_room(void)
{
	const struct cpu *cpu = arch_this_cpu();

	return cpu->need_resched && cpu->preempt_count == 1 && arch_irq_enabled();
}

/* --- To the driver. --- */

static struct block_request *take_and_build(struct block_queue *queue)
{
	struct block_request *request = NULL;
	irq_state_t state;

	if (!block_queue_has_more(queue))
		return NULL;
	state = spin_lock_irqsave(&queue->lock);
	if (!queue->stalled && !queue->held && !queue->disk->gone)
		request = block_request_take(queue);
	if (request)
		queue->submitted++;
	spin_unlock_irqrestore(&queue->lock, state);
	if (!request || request->first_issued)
		return request;
	return block_request_build(queue, request) ? request : NULL;
}

/* Without the queue's order, where nobody is in it. */
static struct block_request *take_directly(struct block_queue *queue, struct bio *bio)
{
	struct block_request *request = NULL;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	if (block_queue_has_more(queue) || queue->free_count == 0 || queue->stalled ||
	    queue->held || queue->disk->gone || bio->flags & BIO_BACKGROUND) {
		block_queue_add(queue, bio);
	} else {
		request = block_request_begin(queue, bio);
		queue->submitted++;
	}
	spin_unlock_irqrestore(&queue->lock, state);
	return request && block_request_build(queue, request) ? request : NULL;
}

/* A request that the driver did not take, or comes after one such. */
static void keep(struct block_queue *queue, struct block_request *request, bool first)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	block_queue_add_again(queue, request, 0, first);
	queue->submitted--;
	queue->stalled = true;
	/* The driver may have become ready before this note. */
	block_queue_arm_soon(queue);
	spin_unlock_irqrestore(&queue->lock, state);
}

static void start_timer(struct block_queue *queue, uint64_t now)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	block_queue_arm(queue, now + queue->disk->description.timeout_ns);
	spin_unlock_irqrestore(&queue->lock, state);
}

/* `now` may be a moment ago. */
static bool issue(struct block_queue *queue, struct block_request *request, uint64_t now, bool last)
{
	struct block_disk *disk = queue->disk;
	int error;

	if (!request->first_issued)
		request->first_issued = now;
	atomic_store_explicit(&request->issued, now, memory_order_relaxed);
	atomic_store_explicit(&request->state, REQUEST_ISSUED, memory_order_release);
	if (!atomic_load_explicit(&queue->timer_set, memory_order_relaxed))
		start_timer(queue, now);
	if (trace_wants(TRACE_BLOCK))
		block_trace(TRACE_BLOCK_ISSUE, request->bios, request->hardware.operation,
			    request->hardware.block << disk->block_shift, request->length, 0);
	error = disk->handle.ops->submit(&request->hardware, last);
	if (error == -EAGAIN) {
		keep(queue, request, true);
		return false;
	}
	if (error)
		block_disk_complete(&request->hardware, error);
	return true;
}

static void issue_all(struct block_queue *queue, struct block_request *request, uint64_t now)
{
	while (request) {
		struct block_request *next = must_make_room() ? NULL : take_and_build(queue);

		if (!issue(queue, request, now, !next)) {
			if (next) {
				if (!next->first_issued)
					next->first_issued = now;
				keep(queue, next, false);
			}
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
	struct list_node *node = list_first(&queue->again);
	struct block_request *request = NULL;

	if (node) {
		request = container_of(node, struct block_request, node);
		block_queue_take_again(queue, request);
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

/* The dispatcher's: everything, until there is no note any more; then it is that no more. True if
 * it made room before: it is to come back, and holds the disk. */
static bool dispatch_all(struct block_queue *queue)
{
	while (!end_dispatch(queue)) {
		if (block_queue_has_more(queue))
			issue_all(queue, take_and_build(queue), clock_monotonic_ns());
		if (queue->disk->gone)
			fail_all(queue);
		if (must_make_room()) {
			refcount_get(&queue->disk->references);
			atomic_store(&queue->dispatch, DISPATCH_IDLE);
			return true;
		}
	}
	if (queue->disk->gone)
		wait_wake(&queue->disk->idle);
	return false;
}

/* With preemption off; the result is that of dispatch_all(). */
static bool try_dispatch(struct block_queue *queue)
{
	if (!begin_dispatch(queue))
		return false;
	atomic_store_explicit(&queue->dispatch, DISPATCH_AGAIN, memory_order_relaxed);
	return dispatch_all(queue);
}

/* After room was made; the disk is held once for each time. */
static void dispatch_again(struct block_queue *queue)
{
	struct block_disk *disk = queue->disk;
	bool again;

	do {
		preempt_disable();
		again = try_dispatch(queue);
		preempt_enable();
		block_disk_put(disk);
	} while (again);
}

void block_dispatch(struct block_queue *queue)
{
	bool again;

	preempt_disable();
	again = try_dispatch(queue);
	preempt_enable();
	if (again)
		dispatch_again(queue);
}

static struct block_queue *this_cpus_queue(struct block_disk *disk)
{
	unsigned cpu = cpu_id();

	return &disk->queues[cpu < disk->queue_count ? cpu : cpu % disk->queue_count];
}

void block_dispatch_bio(struct block_disk *disk, struct bio *bio)
{
	unsigned idle = DISPATCH_IDLE;
	struct block_queue *queue;
	irq_state_t state;
	bool again;

	preempt_disable();
	queue = this_cpus_queue(disk);
	if (atomic_compare_exchange_strong(&queue->dispatch, &idle, DISPATCH_RUNNING)) {
		uint64_t now = bio->started;

		issue_all(queue, take_directly(queue, bio), now);
		if (block_queue_has_more(queue) || disk->gone)
			atomic_store_explicit(&queue->dispatch, DISPATCH_AGAIN,
					      memory_order_relaxed);
		again = dispatch_all(queue);
	} else {
		state = spin_lock_irqsave(&queue->lock);
		block_queue_add(queue, bio);
		spin_unlock_irqrestore(&queue->lock, state);
		again = try_dispatch(queue);
	}
	preempt_enable();
	if (again)
		dispatch_again(queue);
}

void block_dispatch_bios(struct block_disk *disk, struct list *bios)
{
	struct block_queue *queue;
	struct list_node *node;
	irq_state_t state;
	bool again;

	preempt_disable();
	queue = this_cpus_queue(disk);
	state = spin_lock_irqsave(&queue->lock);
	while ((node = list_pop_front(bios)))
		block_queue_add(queue, container_of(node, struct bio, node));
	spin_unlock_irqrestore(&queue->lock, state);
	again = try_dispatch(queue);
	preempt_enable();
	if (again)
		dispatch_again(queue);
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

/* Its last act; under the lock. Returns whether there is more to do: then the disk is held, since
 * a removal may find the queue idle from here on, and the bios be what keeps it. */
static bool finish_locked(struct block_queue *queue, struct block_request *request, int error)
{
	block_count_end(queue, request, error);
	queue->completed++;
	queue->stalled = false;
	block_request_free(queue, request);
	if (!block_queue_has_more(queue) && !queue->disk->gone)
		return false;
	refcount_get(&queue->disk->references);
	return true;
}

/* After that, and without the lock. */
static void go_on(struct block_queue *queue, struct bio *bios, int error, bool more)
{
	struct block_disk *disk = queue->disk;

	end_bios(bios, error);
	if (!more)
		return;
	block_dispatch(queue);
	block_disk_put(disk);
}

void block_request_finish(struct block_queue *queue, struct block_request *request, int error)
{
	struct bio *bios = request->bios;
	irq_state_t state;
	bool more;

	block_request_unbuild(request, error);
	state = spin_lock_irqsave(&queue->lock);
	more = finish_locked(queue, request, error);
	spin_unlock_irqrestore(&queue->lock, state);
	go_on(queue, bios, error, more);
}

/* The usual case, with one lock. False: it is not the usual one. */
static bool finish_at_once(struct block_queue *queue, struct block_request *request)
{
	struct bio *bios = request->bios;
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool usual = request->state == REQUEST_ISSUED && list_empty(&request->bounce);
	bool more = usual && finish_locked(queue, request, 0);

	spin_unlock_irqrestore(&queue->lock, state);
	if (!usual)
		return false;
	go_on(queue, bios, 0, more);
	return true;
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

	if (!error && finish_at_once(queue, request))
		return;
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
