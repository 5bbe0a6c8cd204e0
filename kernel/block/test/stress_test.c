/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads on several CPUs write, read, clear and flush their parts of a disk that fails in all its
 * ways, and compare what they read with what it must be. More seeds: BLOCK_SEEDS=N in the
 * environment.
 */
#include "sim_process.h"
#include "sim_test.h"

#include <base/errno.h>
#include <base/string.h>
#include <block/block.h>
#include <block/disk.h>
#include <block/fault.h>
#include <block/ram_disk.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#define THREADS        4u
#define REGION_SECTORS 512u
#define BATCH_MAX      8u
#define BIO_SECTORS    48u
#define SEEDS          6

/* The C library's. */
char *getenv(const char *name);

enum course_flags {
	REMOVED = 1 << 0,    /* the disk is pulled out in the middle */
	POWER_LOST = 1 << 1, /* at the end the cache is lost */
	EXACT = 1 << 2,      /* only bios that touch the sectors of the first rule fail */
	MANY_FLUSHES = 1 << 3,
};

struct course {
	uint64_t seed;
	unsigned rounds, flags;
	struct block_fault_options options;
	struct block_fault_rule rules[4];
};

/* What a sector may hold: version `now`, or any from `then` on, if something went wrong with a
 * write, or it is not durable. */
struct sector_state {
	uint32_t now, oldest; /* as reads may show it */
	uint32_t durable;     /* as it may be without power, from here on */
};

struct worker {
	const struct course *course;
	struct block_device *device;
	uint64_t start; /* sector */
	uint64_t random;
	uint32_t version;
	struct sector_state state[REGION_SECTORS];
};

struct job {
	struct worker *worker;
	struct bio *bio;
	unsigned first, count; /* sectors of the region */
	uint32_t version;      /* of what is written; 0: zeros */
	struct frame *frames;
	struct wait_queue *done;
	_Atomic unsigned *left;
};

static _Atomic unsigned running;
static struct wait_queue all_done;
static struct worker workers[THREADS];

/* --- Contents. --- */

static void fill(uint8_t *bytes, uint64_t sector, uint32_t version)
{
	uint64_t word = sector * 0x9e3779b97f4a7c15 + version;

	for (unsigned i = 0; i < SECTOR_SIZE; i += 8, word += 0x1234567)
		memcpy(bytes + i, &word, 8);
	if (version == 0)
		memset(bytes, 0, SECTOR_SIZE);
}

/* The version that the sector holds, of those from `oldest` to `now`. */
static bool holds_one_of(const uint8_t *bytes, uint64_t sector, uint32_t oldest, uint32_t now)
{
	uint8_t wanted[SECTOR_SIZE];

	for (uint32_t version = oldest; version <= now; version++) {
		fill(wanted, sector, version);
		if (memcmp(bytes, wanted, SECTOR_SIZE) == 0)
			return true;
	}
	fill(wanted, sector, 0);
	return memcmp(bytes, wanted, SECTOR_SIZE) == 0 && oldest == 0;
}

/* --- Jobs. --- */

static uint64_t below(struct worker *worker, uint64_t bound)
{
	return unit_random_below(&worker->random, bound);
}

static void job_done(struct bio *bio)
{
	struct job *job = bio->private;
	struct wait_queue *done = job->done;

	atomic_fetch_sub(job->left, 1);
	wait_wake(done);
}

static unsigned block_sectors(const struct worker *worker)
{
	return worker->device->limits->block_size >> SECTOR_SHIFT;
}

/* Sector i of the job is at a place of its own in the job's frames, so that segments are many and
 * odd. */
static uint8_t *job_memory(const struct job *job, unsigned sector)
{
	unsigned place = job->bio->flags & BIO_METADATA ? sector : sector ^ 1;

	return (uint8_t *)frame_address(job->frames) + (size_t)place * SECTOR_SIZE;
}

static void add_memory(struct job *job)
{
	for (unsigned i = 0; i < job->count; i++) {
		uint64_t offset =
			(uint64_t)(job_memory(job, i) - (uint8_t *)frame_address(job->frames));
		struct frame *frame =
			frame_at(frame_physical(job->frames) + align_down(offset, PAGE_SIZE));

		if (job->version)
			fill(job_memory(job, i), job->worker->start + job->first + i, job->version);
		EXPECT(bio_add_frame(job->bio, frame, offset & (PAGE_SIZE - 1), SECTOR_SIZE));
	}
}

static void make_job(struct worker *worker, struct job *job, unsigned first, unsigned count)
{
	static const enum bio_operation operations[] = { BIO_READ,  BIO_READ,    BIO_READ,
							 BIO_WRITE, BIO_WRITE,   BIO_WRITE,
							 BIO_WRITE, BIO_DISCARD, BIO_WRITE_ZEROES };
	enum bio_operation operation = operations[below(worker, array_length(operations))];
	unsigned flags = (unsigned)below(worker, 2) ? BIO_METADATA : 0;

	if (below(worker, 4) == 0)
		flags |= below(worker, 2) ? BIO_URGENT : BIO_BACKGROUND;
	if (below(worker, 6) == 0)
		flags |= BIO_RESERVE;
	if (operation != BIO_READ && below(worker, 5) == 0)
		flags |= BIO_FUA;
	if (operation == BIO_DISCARD && worker->device->limits->max_discard_sectors == 0)
		operation = BIO_WRITE;
	job->worker = worker;
	job->first = first;
	job->count = count;
	job->version = operation == BIO_WRITE ? ++worker->version : 0;
	job->bio = bio_create(worker->device, operation, worker->start + first, count, flags);
	EXPECT(job->bio);
	job->frames = frame_allocate(3, 0);
	EXPECT(job->frames);
	if (operation == BIO_READ || operation == BIO_WRITE)
		add_memory(job);
	else
		job->bio->length = count * SECTOR_SIZE;
	job->bio->complete = job_done;
	job->bio->private = job;
}

/* --- Results. --- */

static void check_read(struct job *job)
{
	for (unsigned i = 0; i < job->count; i++) {
		const struct sector_state *state = &job->worker->state[job->first + i];

		if (!holds_one_of(job_memory(job, i), job->worker->start + job->first + i,
				  state->oldest, state->now))
			unit_fail(__FILE__, __LINE__, "sector %lu does not hold version %u to %u",
				  job->worker->start + job->first + i, state->oldest, state->now);
	}
}

static void note_write(struct job *job)
{
	for (unsigned i = 0; i < job->count; i++) {
		struct sector_state *state = &job->worker->state[job->first + i];

		/* Zeros are version 0, which counts as the oldest there is. */
		state->now = job->version ? job->version : state->now;
		if (!job->version)
			state->oldest = state->durable = 0;
		else if (!job->bio->error)
			state->oldest = job->version;
		if (job->version && !job->bio->error && job->bio->flags & BIO_FUA)
			state->durable = job->version;
	}
}

static void check_error(const struct worker *worker, int error)
{
	if (error == -ENODEV)
		EXPECT(worker->course->flags & REMOVED);
	else
		EXPECT(error == 0 || error == -EIO || error == -ENODATA);
}

/* Those that were merged with others that fail do not fail with them. */
static void check_fault(const struct job *job)
{
	const struct block_fault_rule *rule = &job->worker->course->rules[0];
	uint64_t start = job->worker->start + job->first;
	bool touches = start < rule->start + rule->count && start + job->count > rule->start;

	EXPECT_EQUAL(job->bio->error, touches ? (uint64_t)(int64_t)rule->error : 0);
}

static void finish_job(struct job *job)
{
	if (job->worker->course->flags & EXACT)
		check_fault(job);
	check_error(job->worker, job->bio->error);
	if (job->bio->operation != BIO_READ)
		note_write(job);
	else if (!job->bio->error)
		check_read(job);
	bio_free(job->bio);
	frame_put(job->frames);
}

static void wait_for_jobs(struct wait_queue *done, _Atomic unsigned *left)
{
	struct waiter waiter;

	wait_begin(done, &waiter);
	while (*left > 0)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

/* Jobs on parts of the region that do not overlap, mostly neighbours. */
static unsigned make_jobs(struct worker *worker, struct job *jobs)
{
	unsigned sectors = block_sectors(worker), count = 0;
	unsigned at = (unsigned)below(worker, REGION_SECTORS / sectors / 2) * sectors;

	while (count < 1 + below(worker, BATCH_MAX) && count < BATCH_MAX) {
		unsigned length = (1 + (unsigned)below(worker, BIO_SECTORS / sectors)) * sectors;

		if (at + length > REGION_SECTORS)
			break;
		make_job(worker, &jobs[count++], at, length);
		at += length + (below(worker, 3) ? 0 : sectors);
	}
	return count;
}

static void submit_jobs(struct worker *worker, struct job *jobs, unsigned count)
{
	struct bio_batch batch;
	bool backwards = below(worker, 3) == 0;

	bio_batch_init(&batch);
	if (below(worker, 3) == 0) {
		for (unsigned i = 0; i < count; i++)
			bio_submit(jobs[i].bio);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		bio_batch_add(&batch, jobs[backwards ? count - 1 - i : i].bio);
	bio_batch_submit(&batch);
}

static void run_round(struct worker *worker)
{
	/* Queues must outlive the wakers. */
	static struct wait_queue queues[THREADS];
	static bool made[THREADS];
	unsigned index = (unsigned)(worker - workers);
	struct job jobs[BATCH_MAX];
	_Atomic unsigned left;
	unsigned count = make_jobs(worker, jobs);

	if (!made[index])
		wait_queue_init(&queues[index], "jobs");
	made[index] = true;
	left = count;
	for (unsigned i = 0; i < count; i++) {
		jobs[i].done = &queues[index];
		jobs[i].left = &left;
	}
	submit_jobs(worker, jobs, count);
	wait_for_jobs(&queues[index], &left);
	for (unsigned i = 0; i < count; i++)
		finish_job(&jobs[i]);
}

static void flush(struct worker *worker)
{
	int error = block_flush(worker->device);

	check_error(worker, error);
	for (unsigned i = 0; i < REGION_SECTORS && !error; i++)
		worker->state[i].durable = worker->state[i].oldest;
}

static void work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned round = 0; round < worker->course->rounds; round++) {
		if (below(worker, worker->course->flags & MANY_FLUSHES ? 2 : 12) == 0)
			flush(worker);
		else
			run_round(worker);
	}
	atomic_fetch_sub(&running, 1);
	wait_wake(&all_done);
}

/* --- Courses. --- */

static void start_workers(const struct course *course, struct block_device *device)
{
	wait_queue_init(&all_done, "workers");
	running = THREADS;
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].course = course;
		workers[i].device = device;
		workers[i].start = i * REGION_SECTORS;
		workers[i].random = course->seed * 1000 + i + 1;
		EXPECT(thread_spawn("worker", work, &workers[i]) == 0);
	}
}

static void check_after_power_loss(struct block_device *fault, struct block_device *lower)
{
	static uint8_t bytes[REGION_SECTORS * SECTOR_SIZE];

	EXPECT(block_fault_lose_cache(fault) == 0);
	for (unsigned i = 0; i < THREADS; i++) {
		EXPECT(block_read(lower, workers[i].start, bytes, sizeof(bytes)) == 0);
		for (unsigned sector = 0; sector < REGION_SECTORS; sector++) {
			const struct sector_state *state = &workers[i].state[sector];

			EXPECT(holds_one_of(bytes + sector * SECTOR_SIZE, workers[i].start + sector,
					    state->durable, state->now));
		}
	}
}

static void expect_none(const struct slab_statistics *statistics, void *argument)
{
	(void)argument;
	if (string_starts_with(statistics->name, "bio"))
		EXPECT_EQUAL(statistics->objects_used, 0);
}

static void run_course(const void *argument)
{
	const struct course *course = argument;
	struct block_device *lower, *fault;

	sim_test_start_scheduler(4, 64 * MIB, course->seed);
	block_start();
	EXPECT(block_ram_disk_create("ram0", THREADS * REGION_SECTORS, &lower) == 0);
	EXPECT(block_fault_create("fault0", lower, &course->options, &fault) == 0);
	for (unsigned i = 0; i < array_length(course->rules); i++)
		if (course->rules[i].one_in)
			EXPECT(block_fault_add_rule(fault, &course->rules[i]) == 0);
	block_device_get(fault);
	start_workers(course, fault);
	if (course->flags & REMOVED) {
		thread_sleep_until(clock_deadline_after(course->seed * 3 * NS_PER_MILLISECOND));
		block_fault_hang(fault, course->seed & 1);
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
		block_fault_destroy(fault);
	}
	wait_for_jobs(&all_done, &running);
	if (course->flags & POWER_LOST)
		check_after_power_loss(fault, lower);
	if (!(course->flags & REMOVED))
		block_fault_destroy(fault);
	EXPECT(block_read(fault, 0, (uint8_t[SECTOR_SIZE]){ 0 }, SECTOR_SIZE) == -ENODEV);
	block_device_put(fault);
	block_ram_disk_destroy(lower);
	slab_visit(expect_none, NULL);
}

static void run_courses(struct course course)
{
	const char *text = getenv("BLOCK_SEEDS");
	uint64_t seeds = SEEDS;

	if (text && string_to_u64(text, &seeds))
		seeds = SEEDS;
	for (course.seed = 1; course.seed <= seeds; course.seed++) {
		course.options.seed = course.seed;
		if (sim_process_run(run_course, &course) != 0)
			unit_fail(__FILE__, __LINE__, "failed with seed %lu", course.seed);
	}
}

UNIT_TEST(block_stress, a_sound_disk)
{
	run_courses((struct course){ .rounds = 60 });
}

/* It learns that the device cannot write zeros when it tries. */
UNIT_TEST(block_stress, zeros_are_refused)
{
	run_courses((struct course){
		.rounds = 60,
		.flags = EXACT,
		.rules = { { BLOCK_FAULT_ERROR, .operations = 1 << DDK_DISK_WRITE_ZEROES,
			     .one_in = 1, .error = -EOPNOTSUPP } },
	});
}

UNIT_TEST(block_stress, few_tags_and_small_requests)
{
	run_courses((struct course){
		.rounds = 60,
		.options = { .queue_depth = 2, .max_blocks = 20, .max_segments = 5 },
	});
}

UNIT_TEST(block_stress, several_queues)
{
	run_courses((struct course){
		.rounds = 60,
		.options = { .queue_count = 3, .queue_depth = 3, .volatile_cache = true },
		.rules = { { BLOCK_FAULT_DELAY, .one_in = 2, .delay_ns = 100000 } },
	});
}

UNIT_TEST(block_stress, gaps_and_alignment)
{
	run_courses((struct course){
		.rounds = 60,
		.options = { .gap_alignment = 4096, .queue_depth = 4 },
	});
	run_courses((struct course){
		.rounds = 60,
		.options = { .block_size = 4096, .segment_alignment = 4096, .queue_depth = 4 },
	});
	run_courses((struct course){
		.rounds = 60,
		.options = { .block_size = 4096, .gap_alignment = 4096, .max_blocks = 3 },
	});
}

UNIT_TEST(block_stress, errors_that_pass)
{
	run_courses((struct course){
		.rounds = 40,
		.options = { .queue_depth = 4, .no_write_zeroes = true },
		.rules = { { BLOCK_FAULT_ERROR, .one_in = 10, .error = -EIO },
			   { BLOCK_FAULT_ERROR, .one_in = 10, .error = -EAGAIN },
			   { BLOCK_FAULT_BUSY, .one_in = 8 },
			   { BLOCK_FAULT_DELAY, .one_in = 3, .delay_ns = 50000 } },
	});
}

UNIT_TEST(block_stress, errors_that_stay)
{
	run_courses((struct course){
		.rounds = 40,
		.options = { .queue_depth = 4, .queue_count = 2 },
		.rules = { { BLOCK_FAULT_ERROR, .one_in = 1, .error = -ENODATA, .start = 100,
			     .count = 30 },
			   { BLOCK_FAULT_TORN, .one_in = 6, .error = -ENODATA, .part = 3,
			     .operations = 1 << DDK_DISK_WRITE },
			   { BLOCK_FAULT_ERROR, .one_in = 20, .error = -EREMOTEIO } },
	});
}

UNIT_TEST(block_stress, errors_of_others)
{
	run_courses((struct course){
		.rounds = 60,
		.flags = EXACT,
		.options = { .queue_depth = 2 },
		.rules = { { BLOCK_FAULT_ERROR, .one_in = 1, .error = -ENODATA, .start = 600,
			     .count = 8 },
			   { BLOCK_FAULT_DELAY, .one_in = 1, .delay_ns = 100000 } },
	});
}

UNIT_TEST(block_stress, requests_that_are_not_answered)
{
	run_courses((struct course){
		.rounds = 30,
		.options = { .queue_depth = 4, .timeout_ns = 50 * NS_PER_MILLISECOND },
		.rules = { { BLOCK_FAULT_NO_ANSWER, .one_in = 12 },
			   { BLOCK_FAULT_DELAY, .one_in = 10,
			     .delay_ns = 60 * NS_PER_MILLISECOND } },
	});
}

UNIT_TEST(block_stress, power_is_lost)
{
	run_courses((struct course){
		.rounds = 50,
		.flags = POWER_LOST,
		.options = { .volatile_cache = true, .queue_depth = 8, .queue_count = 2 },
		.rules = { { BLOCK_FAULT_DELAY, .one_in = 3, .delay_ns = 50000 },
			   { BLOCK_FAULT_ERROR, .one_in = 20, .error = -EIO } },
	});
	run_courses((struct course){
		.rounds = 50,
		.flags = POWER_LOST | MANY_FLUSHES,
		.options = { .volatile_cache = true, .queue_depth = 16 },
		.rules = { { BLOCK_FAULT_DELAY, .one_in = 2, .delay_ns = 50000 } },
	});
	run_courses((struct course){
		.rounds = 50,
		.flags = POWER_LOST,
		.options = { .volatile_cache = true, .fua = true, .queue_depth = 4 },
	});
}

UNIT_TEST(block_stress, pulled_out)
{
	run_courses((struct course){
		.rounds = 400,
		.flags = REMOVED,
		.options = { .queue_depth = 4, .queue_count = 2, .volatile_cache = true },
		.rules = { { BLOCK_FAULT_DELAY, .one_in = 2, .delay_ns = 200000 },
			   { BLOCK_FAULT_ERROR, .one_in = 20, .error = -EIO },
			   { BLOCK_FAULT_NO_ANSWER, .one_in = 50 } },
	});
	run_courses((struct course){
		.rounds = 400,
		.flags = REMOVED,
		.options = { .queue_depth = 4, .timeout_ns = 2 * NS_PER_MILLISECOND },
		.rules = { { BLOCK_FAULT_NO_ANSWER, .one_in = 5 },
			   { BLOCK_FAULT_BUSY, .one_in = 8 },
			   { BLOCK_FAULT_DELAY, .one_in = 2, .delay_ns = 1500000 } },
	});
}
