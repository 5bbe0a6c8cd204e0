/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads on several CPUs that change the same address spaces and truncate what is mapped
 * there, with many courses of events. Each thread has a part of the addresses to itself, where
 * it knows what there must be; in the end no translation may be left that truncation missed,
 * and all frames must be free again.
 */
#include "../vm_priv.h"

#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/vm/user.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "../vm_ktest.h"
#include "machine.h"
#include "pmap.h"
#include "sim_process.h"
#include "sim_test.h"

#define WORKERS     4
#define PART_PAGES  ((size_t)24)
#define MOVED_PAGES ((size_t)6)
#define PART_START  ((uintptr_t)0x20000000)
#define FILE_PAGES  ((size_t)16)
#define ROUNDS      300
#define SEEDS       30

static struct aspace *shared_space;
static struct vm_object *file;
static _Atomic unsigned workers_left;

struct worker {
	uint64_t random;
	uintptr_t start;            /* of its part */
	uint32_t words[PART_PAGES]; /* of its private anonymous pages; 0 as well where not mapped */
};

static struct worker workers[WORKERS];

static size_t below(struct worker *worker, size_t bound)
{
	return unit_random_below(&worker->random, bound);
}

/* The first half of a part is private anonymous memory. */
static void work_on_memory(struct worker *worker)
{
	size_t page = below(worker, PART_PAGES / 2);
	uintptr_t address = worker->start + page * PAGE_SIZE;
	uint32_t value = (uint32_t)unit_random(&worker->random);

	switch (below(worker, 4)) {
	case 0:
		EXPECT_EQUAL(aspace_discard(shared_space, address, PAGE_SIZE), 0);
		worker->words[page] = 0;
		break;
	case 1:
		EXPECT_EQUAL(aspace_protect(shared_space, address, PAGE_SIZE, VM_READ), 0);
		EXPECT_EQUAL(test_store(shared_space, address, value), -EACCES);
		EXPECT_EQUAL(aspace_protect(shared_space, address, PAGE_SIZE, VM_RW), 0);
		break;
	default:
		EXPECT_EQUAL(test_store(shared_space, address, value), 0);
		worker->words[page] = value;
	}
	EXPECT_EQUAL(test_word(shared_space, address), worker->words[page]);
}

/* The rest, two halves between which areas are moved, is for the file, mapped in ever new ways.
 * Whether its pages are there depends on the others. */
static void work_on_file(struct worker *worker)
{
	size_t page = below(worker, MOVED_PAGES);
	size_t length = (1 + below(worker, MOVED_PAGES - page)) * PAGE_SIZE;
	uintptr_t half = worker->start + (PART_PAGES - 2 * MOVED_PAGES) * PAGE_SIZE;
	uintptr_t address = half + page * PAGE_SIZE;
	uintptr_t moved = address + MOVED_PAGES * PAGE_SIZE;
	unsigned flags = VM_RW | VM_FIXED | VM_POPULATE;
	uint32_t value = 1;
	int error;

	flags |= below(worker, 2) ? VM_SHARED | VM_MAY_WRITE : 0;
	error = aspace_map(shared_space, &address, length, flags, file,
			   below(worker, FILE_PAGES / 2) * PAGE_SIZE, NULL);
	EXPECT_EQUAL(error, 0);
	switch (below(worker, 4)) {
	case 0:
		EXPECT_EQUAL(aspace_unmap(shared_space, address, PAGE_SIZE), 0);
		break;
	case 1:
		error = write_user_u32(address, value);
		EXPECT(error == 0 || error == -EFAULT);
		break;
	default:
		error = aspace_remap(shared_space, address, length, length, true, true, &moved);
		EXPECT_EQUAL(error, 0);
		error = read_user_u32(moved, &value);
		EXPECT(error == 0 || error == -EFAULT);
	}
}

/* Whatever shows the file shows pages that it has, or copies of ones below its end. */
static bool check_area(const struct vm_area *area, void *argument)
{
	(void)argument;
	if (!area->object)
		return true;
	mutex_lock(&file->lock);
	for (uintptr_t page = area->start; page < area->end; page += PAGE_SIZE) {
		uint64_t index = area_page_index(area, page);
		unsigned flags;
		phys_t physical;

		if (!arch_pmap_query(area->aspace->pmap, page, &physical, &flags))
			continue;
		EXPECT(index < object_page_limit(file));
		if ((area->flags & VM_SHARED) || !(area->flags & VM_OWN_PAGES))
			EXPECT(radix_get(&file->pages, index) == frame_at(physical));
	}
	mutex_unlock(&file->lock);
	return true;
}

/* Shrinks, grows and punches. */
static void work_on_object(struct worker *worker)
{
	size_t page = FILE_PAGES / 2 + below(worker, FILE_PAGES / 2);

	if (below(worker, 3) == 0)
		vm_object_drop(file, page - FILE_PAGES / 2, page);
	else
		vm_object_resize(file, page * PAGE_SIZE);
	if (below(worker, 8) == 0)
		aspace_visit(shared_space, check_area, NULL);
}

/* A child must see what the parent had. */
static void work_with_child(struct worker *worker)
{
	struct aspace *child = aspace_fork(shared_space);

	EXPECT(child);
	for (size_t page = 0; page < PART_PAGES / 2; page++) {
		uintptr_t address = worker->start + page * PAGE_SIZE;

		EXPECT_EQUAL(test_word(child, address), worker->words[page]);
		if (below(worker, 3) == 0)
			EXPECT_EQUAL(test_store(child, address, 99), 0);
		if (below(worker, 3) == 0)
			EXPECT_EQUAL(test_word(shared_space, address), worker->words[page]);
	}
	aspace_visit(child, check_area, NULL);
	aspace_put(child);
}

/* Every other worker only truncates. */
static void work_once(struct worker *worker, bool truncates)
{
	if (truncates) {
		work_on_object(worker);
		return;
	}
	switch (below(worker, 4)) {
	case 0:
		work_with_child(worker);
		break;
	case 1:
		work_on_memory(worker);
		break;
	default:
		work_on_file(worker);
	}
}

static void work(void *argument)
{
	struct worker *worker = argument;

	machine_enter(shared_space);
	for (unsigned round = 0; round < ROUNDS; round++)
		work_once(worker, (worker - workers) % 2);
	thread_set_pmap(NULL);
	workers_left--;
}

static void start_workers(uint64_t seed)
{
	workers_left = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *worker = &workers[i];
		int error;

		*worker = (struct worker){
			.random = seed * WORKERS + i + 1,
			.start = PART_START + i * PART_PAGES * PAGE_SIZE,
		};
		error = aspace_map(shared_space, &worker->start, PART_PAGES / 2 * PAGE_SIZE,
				   VM_RW | VM_FIXED, NULL, 0, NULL);
		EXPECT_EQUAL(error, 0);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		EXPECT_EQUAL(thread_spawn("worker", work, &workers[i]), 0);
}

/* Lets the others get ahead now and then. */
static void dawdle(void)
{
	if (!in_atomic_context() && sim_random() % 4 == 0)
		thread_sleep_until(clock_deadline_after(sim_random() % (20 * NS_PER_MICROSECOND)));
}

/* One course of events, in a process of its own. */
static void race(const void *argument)
{
	const uint64_t *seed = argument;

	machine_start(3, 32 * MIB, *seed);
	shared_space = aspace_create();
	file = test_file_create(FILE_PAGES * PAGE_SIZE);
	EXPECT(shared_space && file);
	sim_pmap_set_pause(dawdle);
	start_workers(*seed);
	while (workers_left > 0)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	aspace_visit(shared_space, check_area, NULL);
	aspace_put(shared_space);
	EXPECT(list_empty(&file->mappings));
	EXPECT_EQUAL(refcount_read(&file->references), 1);
	for (uint64_t index = 0; index < FILE_PAGES; index++) {
		struct frame *frame = radix_get(&file->pages, index);

		EXPECT(!frame || frame_references(frame) == 1);
	}
	vm_object_put(file);
}

UNIT_TEST(vm, races)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		if (sim_process_run(race, &seed) != 0)
			unit_fail(__FILE__, __LINE__, "failed with seed %lu", seed);
	}
}

static void run_self_tests(const void *argument)
{
	(void)argument;
	machine_start(2, 64 * MIB, 1);
	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (strcmp(test->subsystem, "vm") == 0)
			test->run();
	}
}

UNIT_TEST(vm, self_tests)
{
	EXPECT_EQUAL(sim_process_run(run_self_tests, NULL), 0);
}
