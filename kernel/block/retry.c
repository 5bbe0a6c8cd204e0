/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests that fail or are not answered.
 *
 * What may be cured by trying again is tried again, a bounded number of times and with growing
 * pauses, with its tag and segments as they are. A request of several bios that fails for good is
 * taken apart, so that only those suffer that are at fault. A timer for each queue finds what
 * has been with the driver for too long; a thread for each disk asks the driver to see to it.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <core/log.h>
#include <sched/thread.h>

#define FAILURES_MAX 5
#define TIMEOUTS_MAX 2
/* A request that others take away with them is tried again for so long. */
#define PATIENCE_NS   (120 * NS_PER_SECOND)
#define PAUSE_NS      (10 * NS_PER_MILLISECOND)
#define PAUSE_AWAY_NS (2 * NS_PER_MILLISECOND)
/* Lines about errors of a disk. */
#define LOG_STRETCH_NS (10 * NS_PER_SECOND)
#define LOG_LINES_MAX  10

/* --- What becomes of it. --- */

static bool is_given_up(const struct block_queue *queue, const struct block_request *request)
{
	return queue->disk->gone || request->bios->flags & BIO_NO_RETRY;
}

/* Whether to try again, and after which pause. Nobody else has the request. */
static bool may_retry(const struct block_queue *queue, struct block_request *request, int error,
		      uint64_t *pause)
{
	if (error == -EAGAIN) {
		*pause = PAUSE_AWAY_NS;
		return !queue->disk->gone &&
		       clock_monotonic_ns() - request->first_issued < PATIENCE_NS;
	}
	if (is_given_up(queue, request))
		return false;
	if (error == -EIO && request->failures < FAILURES_MAX) {
		*pause = PAUSE_NS << 2 * request->failures++;
		return true;
	}
	*pause = 0;
	return error == -ETIMEDOUT && request->timeouts++ < TIMEOUTS_MAX;
}

static void retry(struct block_queue *queue, struct block_request *request, uint64_t pause)
{
	uint64_t when = clock_monotonic_ns() + pause;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	queue->retries++;
	queue->completed++;
	queue->stalled = false;
	block_queue_add_again(queue, request, when, false);
	block_queue_arm(queue, when);
	spin_unlock_irqrestore(&queue->lock, state);
	block_dispatch(queue);
}

static int final_error(int error)
{
	switch (error) {
	case -ENODATA:
	case -EROFS:
	case -EOPNOTSUPP:
	case -ENODEV:
	case -ENOMEM:
	case -ENOSPC:
		return error;
	default:
		return -EIO;
	}
}

/* A few lines in each stretch of time. */
static bool may_log(struct block_disk *disk)
{
	uint64_t now = clock_monotonic_ns();

	if (now - disk->log_since > LOG_STRETCH_NS) {
		disk->log_since = now;
		disk->logged = 0;
	}
	return atomic_fetch_add(&disk->logged, 1) < LOG_LINES_MAX;
}

static void log_failure(struct block_disk *disk, const struct block_request *request, int error)
{
	const struct ddk_disk_request *hardware = &request->hardware;

	/* Devices that are gone or do not know an operation are no news each time. */
	if (error == -ENODEV || error == -EOPNOTSUPP || !may_log(disk))
		return;
	log_error("block", "%s: %s of %lu sectors at %lu failed: error %d%s", disk->whole->name,
		  block_operation_names[hardware->operation], request->length >> SECTOR_SHIFT,
		  hardware->block << disk->block_shift, -error,
		  request->timeouts > 0 ? " (no answer)" : "");
}

/* Each bio by itself again. */
static void take_apart(struct block_queue *queue, struct block_request *request)
{
	struct bio *bio = request->bios;
	irq_state_t state;

	block_request_unbuild(request, -EIO);
	state = spin_lock_irqsave(&queue->lock);
	queue->completed++;
	queue->stalled = false;
	block_count_undo(queue, request);
	block_request_free(queue, request);
	while (bio) {
		struct bio *next = bio->next;

		bio->state |= BIO_STATE_ALONE;
		bio->next = NULL;
		block_queue_add(queue, bio);
		bio = next;
	}
	spin_unlock_irqrestore(&queue->lock, state);
	block_dispatch(queue);
}

void block_request_failed(struct block_queue *queue, struct block_request *request, int error)
{
	struct block_disk *disk = queue->disk;
	uint64_t pause;

	/* The next host does it; but of a disk that is not there yet there may be no next one. */
	if (error == -EOWNERDEAD)
		error = disk->made ? -EAGAIN : -ENODEV;
	/* Others may take what is queued again here, and a removal find the queue idle. */
	refcount_get(&disk->references);
	if (may_retry(queue, request, error, &pause)) {
		retry(queue, request, pause);
	} else if (request->bios->next && error != -ENODEV) {
		take_apart(queue, request);
	} else {
		log_failure(disk, request, error);
		block_request_finish(queue, request, final_error(error));
	}
	block_disk_put(disk);
}

/* --- Time. --- */

void block_queue_arm(struct block_queue *queue, uint64_t deadline)
{
	if (queue->timer_set && queue->timer_at <= deadline)
		return;
	queue->timer_set = true;
	queue->timer_at = deadline;
	timer_arm(&queue->timer, deadline);
}

void block_queue_arm_soon(struct block_queue *queue)
{
	block_queue_arm(queue, clock_monotonic_ns() + PAUSE_NS);
}

/* Marks what is late; returns when the next could be, UINT64_MAX: nothing is under way. What is
 * being issued just now counts as under way: who does that may still have seen the timer set. */
static uint64_t find_late(struct block_queue *queue, uint64_t now, bool *late)
{
	uint64_t next = UINT64_MAX;

	if (queue->submitted != queue->completed)
		next = now + queue->disk->description.timeout_ns;
	for (unsigned tag = 0; tag < queue->depth; tag++) {
		struct block_request *request = &queue->requests[tag];
		uint64_t deadline = request->issued + queue->disk->description.timeout_ns;

		if (request->state == REQUEST_WAITING) {
			next = min_u64(next, max_u64(request->not_before, now + PAUSE_NS));
			continue;
		}
		if (request->state != REQUEST_ISSUED)
			continue;
		if (now < deadline) {
			next = min_u64(next, deadline);
			continue;
		}
		request->state = REQUEST_LATE;
		queue->timeouts++;
		*late = true;
	}
	return next;
}

void block_queue_timer(struct timer *timer)
{
	struct block_queue *queue = container_of(timer, struct block_queue, timer);
	struct block_disk *disk = queue->disk;
	bool late = false;
	uint64_t next;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	queue->timer_set = false;
	queue->stalled = false;
	next = find_late(queue, clock_monotonic_ns(), &late);
	if (next != UINT64_MAX)
		block_queue_arm(queue, next);
	spin_unlock_irqrestore(&queue->lock, state);
	if (late) {
		disk->late = true;
		wait_wake(&disk->service_waiters);
	}
	block_dispatch(queue);
}

/* --- The thread that sees to what is late. --- */

static struct block_request *next_late(struct block_disk *disk, struct block_queue **where)
{
	for (unsigned i = 0; i < disk->queue_count; i++) {
		struct block_queue *queue = &disk->queues[i];
		struct block_request *found = NULL;
		irq_state_t state = spin_lock_irqsave(&queue->lock);

		for (unsigned tag = 0; tag < queue->depth && !found; tag++)
			if (queue->requests[tag].state == REQUEST_LATE)
				found = &queue->requests[tag];
		if (found)
			found->state = REQUEST_RECOVERED;
		spin_unlock_irqrestore(&queue->lock, state);
		*where = queue;
		if (found)
			return found;
	}
	return NULL;
}

/* The driver has seen to it: the request is done, or has another stretch of time. */
static void end_recovery(struct block_queue *queue, struct block_request *request)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool done = request->state == REQUEST_DONE;

	if (done) {
		request->state = REQUEST_TAKEN;
	} else {
		request->issued = clock_monotonic_ns();
		request->state = REQUEST_ISSUED;
		block_queue_arm(queue, request->issued + queue->disk->description.timeout_ns);
	}
	spin_unlock_irqrestore(&queue->lock, state);
	if (!done)
		return;
	if (request->error)
		block_request_failed(queue, request, request->error);
	else
		block_request_finish(queue, request, 0);
}

static void recover(struct block_disk *disk)
{
	struct block_queue *queue;
	struct block_request *request;

	while ((request = next_late(disk, &queue))) {
		if (may_log(disk))
			log_warning("block", "%s: %s at sector %lu is not answered",
				    disk->whole->name,
				    block_operation_names[request->hardware.operation],
				    request->hardware.block << disk->block_shift);
		if (disk->handle.ops->timed_out)
			disk->handle.ops->timed_out(&request->hardware);
		end_recovery(queue, request);
	}
}

static void serve(void *argument)
{
	struct block_disk *disk = argument;
	struct waiter waiter;

	wait_begin(&disk->service_waiters, &waiter);
	while (!disk->service_stop) {
		if (atomic_exchange(&disk->late, false))
			recover(disk);
		else
			wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
	disk->service_ended = true;
	wait_wake_all(&disk->idle);
	block_disk_put(disk);
}

int block_service_start(struct block_disk *disk)
{
	int error;

	refcount_get(&disk->references);
	error = thread_spawn("block service", serve, disk);
	if (error)
		block_disk_put(disk);
	return error;
}

void block_service_stop(struct block_disk *disk)
{
	struct waiter waiter;

	disk->service_stop = true;
	wait_wake_all(&disk->service_waiters);
	wait_begin(&disk->idle, &waiter);
	while (!disk->service_ended)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}
