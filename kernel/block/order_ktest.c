/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests of what requests come of bios, and in which order: on a disk whose requests are
 * completed by the test.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <sched/thread.h>

#define HELD_MAX 64u
#define SECTORS  4096u
#define QUIET_NS (50 * NS_PER_MILLISECOND)

/* What the driver has, in order of submission. */
static struct {
	struct spinlock lock; /* RANK_DRIVER: all here */
	struct ddk_disk_request *requests[HELD_MAX];
	bool last[HELD_MAX];
	unsigned count;
	bool holds;              /* else all is done at once */
	bool busy;               /* says -EAGAIN */
	void (*submitted)(void); /* unless NULL: called for each request, without the lock */
} held = { .lock = SPINLOCK_INIT(RANK_DRIVER, "held requests") };

static _Atomic unsigned ended, failed;
static struct ddk_disk *disk;
static struct block_device *device;
static struct frame *frame;

static void count_end(struct bio *bio)
{
	if (bio->error)
		failed++;
	ended++;
	bio_free(bio);
}

/* Others look into new disks, too. */
static bool is_ours(const struct ddk_disk_request *request)
{
	return container_of(request, struct block_request, hardware)->bios->complete == count_end;
}

static int hold(struct ddk_disk_request *request, bool last)
{
	irq_state_t state = spin_lock_irqsave(&held.lock);
	int error = held.busy ? -EAGAIN : 0;
	bool holds = held.holds && held.count < HELD_MAX && is_ours(request);

	if (!error && holds) {
		held.requests[held.count] = request;
		held.last[held.count++] = last;
	}
	spin_unlock_irqrestore(&held.lock, state);
	if (!error && !holds)
		block_disk_complete(request, 0);
	if (held.submitted)
		held.submitted();
	return error;
}

static const struct ddk_disk_ops ops = { .submit = hold };

/* Takes out the oldest request; NULL: the driver has none. */
static struct ddk_disk_request *take_held(bool *last)
{
	irq_state_t state = spin_lock_irqsave(&held.lock);
	struct ddk_disk_request *request = held.count ? held.requests[0] : NULL;

	if (request) {
		*last = held.last[0];
		held.count--;
		memmove(held.requests, held.requests + 1, held.count * sizeof(*held.requests));
		memmove(held.last, held.last + 1, held.count * sizeof(*held.last));
	}
	spin_unlock_irqrestore(&held.lock, state);
	return request;
}

static uint64_t count_reads(void)
{
	struct block_statistics statistics;

	block_read_statistics(device, &statistics);
	return statistics.reads.requests;
}

/* Until nobody has looked into the disk for a while. */
static void wait_until_quiet(void)
{
	uint64_t before, reads = count_reads();

	do {
		before = reads;
		thread_sleep_until(clock_deadline_after(QUIET_NS));
		reads = count_reads();
	} while (reads != before);
}

/* `cached`: with a cache, and writes that pass it. */
static bool begin_disk(unsigned depth, bool cached)
{
	const struct ddk_disk_description description = {
		.prefix = "held",
		.block_count = SECTORS,
		.block_size = SECTOR_SIZE,
		.max_blocks = 64,
		.max_segments = 8,
		.max_segment_length = 1 << 16,
		.segment_alignment = 1,
		.max_write_zeroes_blocks = cached ? 64 : 0,
		.volatile_cache = cached,
		.fua = cached,
		.queue_count = 1,
		.queue_depth = depth,
	};
	int error;

	held.count = 0;
	held.busy = held.holds = false;
	ended = failed = 0;
	frame = frame_allocate(0, 0);
	error = block_disk_create("held", NULL, &description, &ops, NULL, &disk);
	ktest_expect(frame && error == 0);
	if (error)
		return false;
	device = block_disk_device(block_disk_of(disk));
	wait_until_quiet();
	held.holds = true;
	return true;
}

static bool begin(unsigned depth)
{
	return begin_disk(depth, false);
}

/* Answers the oldest request; its sector, or UINT64_MAX if there is none. */
static uint64_t answer(int error)
{
	bool last;
	struct ddk_disk_request *request = take_held(&last);
	uint64_t sector = request ? request->block : UINT64_MAX;

	if (request)
		block_disk_complete(request, error);
	return sector;
}

static void end(void)
{
	/* A test that failed must not leave any. */
	while (answer(-ENODEV) != UINT64_MAX)
		;
	held.holds = false;
	block_disk_remove(disk);
	frame_put(frame);
}

static struct bio *make(enum bio_operation operation, uint64_t sector, unsigned flags)
{
	struct bio *bio = bio_create(device, operation, sector, 1, flags);

	ktest_expect(bio && bio_add_frame(bio, frame, 0, PAGE_SIZE));
	bio->complete = count_end;
	return bio;
}

static void submit(uint64_t sector, unsigned flags)
{
	bio_submit(make(BIO_READ, sector, flags));
}

KTEST(block, neighbours_become_one_request)
{
	struct ddk_disk_request *request;
	bool last;

	if (!begin(1))
		return;
	submit(3000, 0);
	submit(1016, 0);
	submit(1008, 0);
	submit(1024, 0);
	submit(1100, 0);
	ktest_expect(answer(0) == 3000);
	request = take_held(&last);
	ktest_expect(request && request->block == 1008 && request->count == 24 && last);
	if (request)
		block_disk_complete(request, 0);
	ktest_expect(answer(0) == 1100);
	ktest_expect(ended == 5 && failed == 0);
	end();
}

KTEST(block, the_device_is_told_of_a_batch_once)
{
	struct bio_batch batch;
	bool last = true;

	if (!begin(16))
		return;
	bio_batch_init(&batch);
	for (unsigned i = 0; i < 4; i++)
		bio_batch_add(&batch, make(BIO_READ, i * 100, 0));
	bio_batch_submit(&batch);
	ktest_expect(held.count == 4);
	for (unsigned i = 0; i < 4; i++) {
		struct ddk_disk_request *request = take_held(&last);

		ktest_expect(last == (i == 3));
		if (request)
			block_disk_complete(request, 0);
	}
	ktest_expect(ended == 4);
	end();
}

KTEST(block, urgent_bios_go_first_but_not_for_ever)
{
	uint64_t sector;
	unsigned place = 0;

	if (!begin(1))
		return;
	submit(0, 0);
	submit(2000, 0);
	submit(3000, BIO_BACKGROUND);
	for (unsigned i = 0; i < 40; i++)
		submit(100 + i * 20, BIO_URGENT);
	ktest_expect(answer(0) == 0);
	ktest_expect(answer(0) == 100);
	for (unsigned i = 1; (sector = answer(0)) != UINT64_MAX; i++) {
		if (sector == 2000)
			place = i;
		if (sector == 3000)
			ktest_expect(i < 40);
	}
	ktest_expect(place > 8 && place < 20);
	ktest_expect(ended == 43 && failed == 0);
	end();
}

KTEST(block, background_leaves_tags)
{
	if (!begin(4))
		return;
	for (unsigned i = 0; i < 5; i++)
		submit(i * 100, BIO_BACKGROUND);
	ktest_expect(held.count == 3);
	submit(2000, 0);
	ktest_expect(held.count == 4);
	while (answer(0) != UINT64_MAX)
		;
	ktest_expect(ended == 6 && failed == 0);
	end();
}

KTEST(block, a_busy_driver_is_asked_again)
{
	if (!begin(4))
		return;
	held.busy = true;
	submit(0, 0);
	submit(100, 0);
	ktest_expect(held.count == 0);
	held.busy = false;
	block_disk_ready(disk, 0);
	ktest_expect(held.count == 2);
	ktest_expect(answer(0) == 0 && answer(0) == 100);
	ktest_expect(ended == 2 && failed == 0);
	end();
}

static uint64_t answer_within_a_second(int error)
{
	uint64_t deadline = clock_deadline_after(NS_PER_SECOND);

	while (held.count == 0 && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	return answer(error);
}

/* It can say that it is ready before the class has noted that it was not. */
KTEST(block, a_busy_driver_that_never_calls_is_asked_again)
{
	if (!begin(4))
		return;
	held.busy = true;
	submit(0, 0);
	ktest_expect(held.count == 0);
	held.busy = false;
	ktest_expect(answer_within_a_second(0) == 0);
	ktest_expect(ended == 1 && failed == 0);
	end();
}

#define FED_MAX 100u

/* A thread that is better than that of the test, on the same CPU. */
static struct wait_queue better_waits;
static _Atomic bool better_is_ready, better_may_run, better_ran;
static unsigned fed;

static void run_better(void *argument)
{
	const struct thread_scheduling scheduling = { .policy = THREAD_POLICY_FIFO,
						      .realtime_priority = 10 };
	const unsigned *cpu = argument;
	struct waiter waiter;

	ktest_expect(thread_set_affinity(thread_current(), 1ull << *cpu) == 0);
	thread_set_scheduling(thread_current(), &scheduling);
	wait_begin(&better_waits, &waiter);
	better_is_ready = true;
	while (!better_may_run)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	better_ran = true;
}

/* There is always one more for the dispatcher, until the better thread has run. */
static void feed(void)
{
	if (better_ran || fed == FED_MAX)
		return;
	fed++;
	better_may_run = true;
	wait_wake(&better_waits);
	submit(fed * 16, 0);
}

KTEST(block, a_dispatcher_makes_room_for_others)
{
	uint64_t affinity = thread_current()->affinity;
	static unsigned cpu;

	if (!begin(4))
		return;
	cpu = cpu_id();
	wait_queue_init(&better_waits, "better thread");
	better_is_ready = better_may_run = better_ran = false;
	fed = 0;
	ktest_expect(thread_set_affinity(thread_current(), 1ull << cpu) == 0);
	ktest_expect(thread_spawn("better", run_better, &cpu) == 0);
	while (!better_is_ready)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	held.holds = false;
	held.submitted = feed;
	submit(0, 0);
	ktest_expect(better_ran && fed < FED_MAX);
	better_may_run = true;
	wait_wake(&better_waits);
	while (!better_ran)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	held.submitted = NULL;
	ktest_expect(thread_set_affinity(thread_current(), affinity) == 0);
	end();
}

static uint64_t count_flushes(void)
{
	struct block_statistics statistics;

	block_read_statistics(device, &statistics);
	return statistics.flushes.requests;
}

KTEST(block, zeros_that_are_to_last_are_flushed)
{
	struct ddk_disk_request *request;
	struct bio *zeros;
	bool last;

	if (!begin_disk(4, true))
		return;
	bio_submit(make(BIO_WRITE, 64, BIO_FUA));
	request = take_held(&last);
	ktest_expect(request && request->flags & DDK_DISK_FUA);
	if (request)
		block_disk_complete(request, 0);
	ktest_expect(ended == 1 && count_flushes() == 0);
	zeros = bio_create(device, BIO_WRITE_ZEROES, 8, 0, BIO_FUA);
	ktest_expect(zeros != NULL);
	if (zeros) {
		zeros->length = PAGE_SIZE;
		zeros->complete = count_end;
		bio_submit(zeros);
		ktest_expect(answer(0) == 8);
		ktest_expect(ended == 2 && failed == 0 && count_flushes() == 1);
	}
	end();
}

KTEST(block, what_may_be_cured_is_tried_again)
{
	struct block_statistics statistics;

	if (!begin(4))
		return;
	submit(40, 0);
	ktest_expect(answer(-EIO) == 40);
	ktest_expect(held.count == 0);
	ktest_expect(answer_within_a_second(-EAGAIN) == 40);
	ktest_expect(answer_within_a_second(0) == 40);
	ktest_expect(ended == 1 && failed == 0);
	submit(48, BIO_NO_RETRY);
	ktest_expect(answer(-EIO) == 48 && failed == 1);
	submit(56, 0);
	ktest_expect(answer(-ENODATA) == 56 && failed == 2);
	block_read_statistics(device, &statistics);
	ktest_expect(statistics.retries == 2 && statistics.errors == 2);
	ktest_expect(statistics.in_flight == 0 && statistics.waiting == 0);
	end();
}

KTEST(block, disks_shrink_and_grow)
{
	uint8_t sector[SECTOR_SIZE];

	if (!begin(4))
		return;
	held.holds = false;
	block_disk_resize(disk, 1000);
	ktest_expect(device->sector_count == 1000);
	ktest_expect(block_read(device, 1000, sector, SECTOR_SIZE) == -EINVAL);
	ktest_expect(block_read(device, 999, sector, SECTOR_SIZE) == 0);
	block_disk_resize(disk, SECTORS);
	ktest_expect(block_read(device, 1000, sector, SECTOR_SIZE) == 0);
	end();
}

KTEST(block, partitions_stay_within_their_disk)
{
	struct block_partition partition = { .number = 1, .start = 100, .count = 50 };
	struct block_device *found;
	uint8_t sector[SECTOR_SIZE];

	if (!begin(4))
		return;
	held.holds = false;
	ktest_expect(block_partition_add(block_disk_of(disk), &partition) == 0);
	ktest_expect(block_partition_add(block_disk_of(disk), &partition) == -EINVAL);
	partition = (struct block_partition){ .number = 2, .start = SECTORS - 1, .count = 2 };
	ktest_expect(block_partition_add(block_disk_of(disk), &partition) == -EINVAL);
	found = block_device_find("held1");
	ktest_expect(found && found->start == 100 && found->sector_count == 50);
	if (found) {
		ktest_expect(block_read(found, 50, sector, SECTOR_SIZE) == -EINVAL);
		ktest_expect(block_device_claim(found) == 0);
		ktest_expect(block_device_claim(device) == -EBUSY);
		block_device_release(found);
		held.holds = true;
		bio_submit(make(BIO_READ, 0, 0));
		bio_submit(make(BIO_WRITE, 8, 0));
		ktest_expect(answer(0) == 0 && answer(0) == 8);
		block_disk_resize(disk, 120);
		ktest_expect(found->sector_count == 20);
		block_device_put(found);
	}
	end();
}

/* --- Sleep ----------------------------------------------------------------------------------- */

static _Atomic bool answered;

/* Whether the disk takes no requests any more, as it is on its way into sleep. */
static bool is_held(void)
{
	struct block_disk *whole = block_disk_of(disk);
	struct block_queue *queue = &whole->queues[whole->queue_count - 1];
	irq_state_t state = spin_lock_irqsave(&queue->lock);
	bool is = queue->held;

	spin_unlock_irqrestore(&queue->lock, state);
	return is;
}

/* Ends the request that is under way, with the error that `argument` points to, when the disk is held. */
static void answer_later(void *argument)
{
	while (!is_held())
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	(void)answer(*(const int *)argument);
	answered = true;
}

/* The driver has one request, which ends with `error` while the disk is being suspended. */
static void suspend_with_one(int error)
{
	answered = false;
	submit(8, 0);
	ktest_expect(held.count == 1);
	if (thread_spawn("answer", answer_later, &error)) {
		ktest_expect(!"memory");
		return;
	}
	ktest_expect(block_disk_suspend(disk) == 0);
	ktest_expect(held.count == 0);
	while (!answered)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}

KTEST(block, requests_wait_while_the_disk_sleeps)
{
	if (!begin(2))
		return;
	suspend_with_one(0);
	ktest_expect(ended == 1);
	for (unsigned i = 0; i < 5; i++)
		submit(100 * i, 0);
	thread_sleep_until(clock_deadline_after(QUIET_NS));
	ktest_expect(held.count == 0 && ended == 1);
	block_disk_resume(disk);
	for (unsigned i = 0; i < 5; i++)
		ktest_expect(answer_within_a_second(0) == 100 * i);
	ktest_expect(ended == 6 && failed == 0);
	end();
}

/* What failed on the way into sleep is tried again after it. */
KTEST(block, what_failed_is_tried_again_after_sleep)
{
	if (!begin(2))
		return;
	suspend_with_one(-EIO);
	thread_sleep_until(clock_deadline_after(10 * QUIET_NS));
	ktest_expect(held.count == 0 && ended == 0);
	block_disk_resume(disk);
	ktest_expect(answer_within_a_second(0) == 8);
	ktest_expect(ended == 1 && failed == 0);
	end();
}

KTEST(block, a_disk_goes_while_it_sleeps)
{
	if (!begin(2))
		return;
	suspend_with_one(-EAGAIN);
	submit(200, 0);
	end();
	ktest_expect(ended == 2 && failed == 2);
}
