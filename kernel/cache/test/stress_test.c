/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads on several CPUs that read, write, map, sync and advise one file, each in a part of its own
 * that begins and ends within pages of others, while pages are evicted all the time and the device
 * takes as long as it likes; each knows what there must be. In another course of events a file is
 * made longer and shorter as well.
 */
#include "slow_file.h"

#include <base/string.h>
#include <block/disk.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>
#include <scheme/scheme.h>
#include <time/clock.h>

#include "../../mm/vm/test/machine.h"
#include "../../mm/vm/vm_ktest.h"
#include "sim_process.h"
#include "sim_test.h"

#define WORKERS 3
#define PART    ((size_t)(SLOW_PAGES * PAGE_SIZE / WORKERS - 1000))
#define MOST    ((size_t)10000) /* bytes of a transfer */
#define ROUNDS  250
#define SEEDS   12

struct worker {
	uint64_t random;
	struct slow_file *file;
	uint64_t start; /* of its part */
	size_t length;  /* of that; may change where the file is its own */
	bool resizes;
	uint8_t *model; /* what the part has */
};

static struct worker workers[WORKERS];
static _Atomic unsigned workers_left;
static struct aspace *space;
static uintptr_t window; /* where the file is mapped, shared */

static size_t below(struct worker *worker, size_t bound)
{
	return unit_random_below(&worker->random, bound);
}

static void check_read(struct worker *worker, size_t from, size_t length)
{
	uint8_t *bytes = kmalloc(MOST);
	uint64_t offset = worker->start + from;
	ssize_t count;

	EXPECT(bytes);
	do {
		struct io io;

		io_init_kernel(&io, bytes, length);
		count = file_read(worker->file->file, &io, &offset);
	} while (count == -EIO);
	/* An error may have cut it short. */
	EXPECT(count > 0 && (size_t)count <= length);
	EXPECT_BYTES(bytes, worker->model + from, (size_t)count);
	kfree(bytes);
}

static void write_some(struct worker *worker, size_t from, size_t length)
{
	uint8_t *bytes = kmalloc(MOST);
	uint64_t offset = worker->start + from;
	struct io io;
	ssize_t count;

	EXPECT(bytes);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)unit_random(&worker->random);
	do {
		io_init_kernel(&io, bytes, length);
		count = file_write(worker->file->file, &io, &offset);
	} while (count == -EIO);
	EXPECT(count > 0 && (size_t)count <= length);
	memcpy(worker->model + from, bytes, (size_t)count);
	if (from + (size_t)count > worker->length)
		worker->length = from + (size_t)count;
	kfree(bytes);
}

/* Words through the mapping; a fault may fail for the device's sake. */
static void map_some(struct worker *worker, size_t from, bool write)
{
	size_t place = align_up(worker->start + from, sizeof(uint32_t));
	uintptr_t address = window + place;
	uint8_t *model = worker->model + (place - worker->start);
	uint32_t value = (uint32_t)unit_random(&worker->random), wanted;
	int error;

	if (place - worker->start + sizeof(value) > worker->length)
		return;
	do
		error = write ? test_store(space, address, value)
			      : test_load(space, address, &value);
	while (error == -EIO);
	EXPECT_EQUAL(error, 0);
	if (write)
		memcpy(model, &value, sizeof(value));
	memcpy(&wanted, model, sizeof(wanted));
	EXPECT_EQUAL(value, wanted);
}

static void resize(struct worker *worker)
{
	size_t size = below(worker, PART - MOST);
	struct node *node = worker->file->file->node;
	int error;

	mutex_lock(&node->lock);
	/* The device has no holes. */
	do
		error = size > worker->length ? page_cache_extend(&worker->file->cache, size)
					      : page_cache_resize(&worker->file->cache, size);
	while (error == -EIO);
	EXPECT_EQUAL(error, 0);
	node->size = size;
	mutex_unlock(&node->lock);
	if (size > worker->length)
		memset(worker->model + worker->length, 0, size - worker->length);
	worker->length = size;
}

static void sync_or_forget(struct worker *worker)
{
	uint64_t start = worker->start + below(worker, PART), end = start + below(worker, PART);

	switch (below(worker, 5)) {
	case 0:
		EXPECT_EQUAL(cache_file_sync(worker->file->file), 0);
		break;
	case 1:
		EXPECT_EQUAL(cache_file_sync_range(worker->file->file, start, end, 7), 0);
		break;
	case 2:
		EXPECT_EQUAL(cache_file_advise(worker->file->file, start, end, 4), 0);
		break;
	case 3:
		page_cache_drop(&worker->file->cache, start, end, false);
		break;
	default:
		EXPECT_EQUAL(cache_file_advise(worker->file->file, start, end, 3), 0);
	}
}

static void work_once(struct worker *worker)
{
	size_t kind = below(worker, 10);
	size_t from, length;

	if (worker->resizes && kind == 9) {
		resize(worker);
		return;
	}
	from = below(worker, worker->length + 1);
	length = 1 + below(worker, MOST - 1);
	if (kind < 2 && (worker->resizes ? from < PART - MOST : from + length <= worker->length)) {
		write_some(worker, from, length);
	} else if (kind < 4 && from < worker->length) {
		check_read(worker, from, min_size(length, worker->length - from));
	} else if (kind < 8 && !worker->resizes) {
		/* Most of them to a few places, which are clean and mapped between two writes. */
		from = below(worker, 4) ? below(worker, 3) * 4 * PAGE_SIZE : from;
		map_some(worker, from, below(worker, 2));
	} else {
		sync_or_forget(worker);
	}
}

static void work(void *argument)
{
	struct worker *worker = argument;

	machine_enter(space);
	for (unsigned round = 0; round < ROUNDS; round++)
		work_once(worker);
	thread_set_pmap(NULL);
	workers_left--;
}

static void evict(void *argument)
{
	(void)argument;
	while (workers_left > 1) {
		page_cache_reclaim(1 + sim_random() % 40);
		thread_sleep_until(clock_deadline_after(sim_random() % (300 * NS_PER_MICROSECOND)));
	}
	workers_left--;
}

static void run_workers(unsigned count)
{
	workers_left = count + 1;
	for (unsigned i = 0; i < count; i++)
		EXPECT_EQUAL(thread_spawn("worker", work, &workers[i]), 0);
	EXPECT_EQUAL(thread_spawn("evictor", evict, NULL), 0);
	while (workers_left > 0)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}

static void begin(uint64_t seed)
{
	machine_start(3, 32 * MIB, seed);
	block_start();
	cache_start();
	schemes_start();
	space = aspace_create();
	EXPECT(space);
}

static void init_worker(unsigned i, uint64_t seed, struct slow_file *file, uint64_t start)
{
	workers[i] = (struct worker){
		.random = seed * WORKERS + i + 1,
		.file = file,
		.start = start,
		.length = PART,
		.model = kzalloc(PART),
	};
	EXPECT(workers[i].model);
}

/* One file for all. */
static void share(const void *argument)
{
	const uint64_t *seed = argument;
	static struct slow_file file;
	struct cache_backing *backing;
	size_t size = WORKERS * PART;

	begin(*seed);
	EXPECT_EQUAL(cache_backing_create("slow", &backing), 0);
	slow_file_begin(&file, backing, size);
	file.read_errors = *seed % 2 ? 20 : 0;
	EXPECT_EQUAL(aspace_map(space, &window, align_up(size, PAGE_SIZE),
				VM_RW | VM_SHARED | VM_MAY_WRITE, &file.cache.object, 0, NULL),
		     0);
	for (unsigned i = 0; i < WORKERS; i++)
		init_worker(i, *seed, &file, i * PART);
	run_workers(WORKERS);
	EXPECT_EQUAL(cache_file_sync(file.file), 0);
	EXPECT_EQUAL(file.cache.dirty_pages, 0);
	EXPECT_EQUAL(cache_dirty_pages, 0);
	EXPECT_EQUAL(cache_writing_pages, 0);
	for (unsigned i = 0; i < WORKERS; i++)
		EXPECT_BYTES(file.device + workers[i].start, workers[i].model, PART);
	aspace_put(space);
	slow_file_end(&file);
	cache_backing_destroy(backing);
}

/* A file for each, which grows and shrinks. */
static void separate(const void *argument)
{
	const uint64_t *seed = argument;
	static struct slow_file files[WORKERS];
	struct cache_backing *backing;

	begin(*seed);
	EXPECT_EQUAL(cache_backing_create("slow", &backing), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		slow_file_begin(&files[i], backing, 0);
		memset(files[i].device, 0x77, SLOW_PAGES * PAGE_SIZE);
		files[i].read_errors = *seed % 2 ? 20 : 0;
		init_worker(i, *seed, &files[i], 0);
		workers[i].length = 0;
		workers[i].resizes = true;
	}
	run_workers(WORKERS);
	EXPECT_EQUAL(cache_backing_sync(backing), 0);
	EXPECT_EQUAL(cache_dirty_pages, 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		EXPECT_EQUAL(files[i].cache.object.size, workers[i].length);
		EXPECT_BYTES(files[i].device, workers[i].model, workers[i].length);
		slow_file_end(&files[i]);
	}
	aspace_put(space);
	cache_backing_destroy(backing);
}

/* Whatever fails: nothing hangs, and nothing is left. */
static void fail(const void *argument)
{
	const uint64_t *seed = argument;
	static struct slow_file file;
	struct cache_backing *backing;
	uint64_t random = *seed;
	uint8_t bytes[100] = { 0 };
	unsigned failures = 0;

	begin(*seed);
	EXPECT_EQUAL(cache_backing_create("slow", &backing), 0);
	slow_file_begin(&file, backing, SLOW_PAGES * PAGE_SIZE);
	file.read_errors = 2;
	file.write_errors = 2;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t offset = unit_random_below(&random, SLOW_PAGES * PAGE_SIZE - 100);
		struct io io;

		io_init_kernel(&io, bytes, sizeof(bytes));
		if (file_write(file.file, &io, &offset) < 0)
			failures++;
		if (i % 10 == 0 && cache_file_sync(file.file) == -EIO)
			failures++;
		if (i % 7 == 0)
			page_cache_reclaim(10);
	}
	EXPECT(failures > 0);
	if (page_cache_sync(&file.cache, 0, UINT64_MAX) == -EIO)
		failures++;
	EXPECT_EQUAL(cache_dirty_pages, 0);
	slow_file_end(&file);
	aspace_put(space);
	cache_backing_destroy(backing);
}

static void run_seeds(void (*course)(const void *argument))
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		if (sim_process_run(course, &seed) != 0)
			unit_fail(__FILE__, __LINE__, "failed with seed %lu", seed);
	}
}

UNIT_TEST(cache, one_file_for_all)
{
	run_seeds(share);
}

UNIT_TEST(cache, files_grow_and_shrink)
{
	run_seeds(separate);
}

UNIT_TEST(cache, devices_fail)
{
	run_seeds(fail);
}
