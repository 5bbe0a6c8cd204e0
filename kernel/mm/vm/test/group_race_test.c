/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads on several CPUs that change the mappings of address spaces which share their memory:
 * members of a group come and go, are forked, and export memory, while the others map, unmap and
 * protect. Each thread has a part of the addresses to itself, where it knows what there must be, in
 * whichever member it looks; in the end all frames must be free again.
 */
#include "../vm_priv.h"

#include <base/string.h>
#include <mm/phys/frame.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "../vm_ktest.h"
#include "machine.h"
#include "pmap.h"
#include "sim_process.h"
#include "sim_test.h"

#define WORKERS     3
#define PART_PAGES  ((size_t)12)
#define PART_START  ((uintptr_t)0x20000000)
#define STACK_START ((uintptr_t)0x30000000)
#define STACK_PAGES 4
#define STACK_END   (STACK_START + STACK_PAGES * PAGE_SIZE)
#define FILE_PAGES  ((size_t)12)
#define ROUNDS      60
#define SEEDS       25

static struct aspace *first_space;
static struct vm_object *file;
static _Atomic unsigned workers_left;

struct worker {
	uint64_t random;
	uintptr_t start;       /* of its part */
	struct aspace *aspace; /* its own member of the group */
	uint32_t stack;        /* the first word of its stack */
	bool mapped[PART_PAGES];
	bool read_only[PART_PAGES];
	uint32_t words[PART_PAGES];
};

static struct worker workers[WORKERS];

static size_t below(struct worker *worker, size_t bound)
{
	return unit_random_below(&worker->random, bound);
}

static uintptr_t page_at(const struct worker *worker, size_t page)
{
	return worker->start + page * PAGE_SIZE;
}

/* The part as `aspace` sees it, which is a member or was copied from one. */
static void check_part(const struct worker *worker, struct aspace *aspace)
{
	for (size_t page = 0; page < PART_PAGES; page++) {
		uint32_t word = 0;
		int error = test_load(aspace, page_at(worker, page), &word);

		EXPECT_EQUAL(error, worker->mapped[page] ? 0 : -EFAULT);
		EXPECT_EQUAL(word, worker->mapped[page] ? worker->words[page] : 0);
	}
}

static void map_pages(struct worker *worker, size_t page, size_t count)
{
	bool of_file = below(worker, 2);
	uintptr_t address = page_at(worker, page);
	int error = aspace_map(worker->aspace, &address, count * PAGE_SIZE, VM_RW | VM_FIXED,
			       of_file ? file : NULL, page * PAGE_SIZE, NULL);

	EXPECT_EQUAL(error, 0);
	for (size_t i = page; i < page + count; i++) {
		worker->mapped[i] = true;
		worker->read_only[i] = false;
		worker->words[i] = of_file ? TEST_FILE_SEED + (uint32_t)i : 0;
	}
}

static void unmap_pages(struct worker *worker, size_t page, size_t count)
{
	EXPECT_EQUAL(aspace_unmap(worker->aspace, page_at(worker, page), count * PAGE_SIZE), 0);
	for (size_t i = page; i < page + count; i++) {
		worker->mapped[i] = false;
		worker->words[i] = 0;
	}
}

static void reduce_pages(struct worker *worker, size_t page, size_t count)
{
	int expected = 0;

	for (size_t i = page; i < page + count; i++) {
		if (!worker->mapped[i])
			expected = -EFAULT;
	}
	EXPECT_EQUAL(
		aspace_reduce(worker->aspace, page_at(worker, page), count * PAGE_SIZE, VM_READ),
		expected);
	for (size_t i = page; !expected && i < page + count; i++)
		worker->read_only[i] = true;
}

static void store(struct worker *worker, struct aspace *aspace, size_t page)
{
	uint32_t value = (uint32_t)unit_random(&worker->random);
	int error = test_store(aspace, page_at(worker, page), value);

	if (!worker->mapped[page]) {
		EXPECT_EQUAL(error, -EFAULT);
	} else if (worker->read_only[page]) {
		EXPECT_EQUAL(error, -EACCES);
	} else {
		EXPECT_EQUAL(error, 0);
		worker->words[page] = value;
	}
}

/* A copy, which changes no more. */
static void work_with_fork(struct worker *worker)
{
	struct aspace *fork = aspace_fork(worker->aspace);

	EXPECT(fork);
	check_part(worker, fork);
	for (size_t page = 0; page < PART_PAGES; page++) {
		if (worker->mapped[page] && !worker->read_only[page])
			EXPECT_EQUAL(test_store(fork, page_at(worker, page), 99), 0);
	}
	check_part(worker, worker->aspace);
	EXPECT_EQUAL(test_word(fork, STACK_START), worker->stack);
	aspace_put(fork);
}

/* Leaves the group for a new member made of the old. */
static void change_member(struct worker *worker)
{
	struct aspace *next = aspace_clone_shared(worker->aspace, STACK_START, STACK_END);

	EXPECT(next);
	EXPECT_EQUAL(test_word(next, STACK_START), worker->stack);
	aspace_put(worker->aspace);
	worker->aspace = next;
	worker->stack = (uint32_t)unit_random(&worker->random);
	EXPECT_EQUAL(test_store(next, STACK_START, worker->stack), 0);
}

static void work_with_export(struct worker *worker)
{
	size_t page = below(worker, PART_PAGES - 1);
	struct vm_object *object;
	uint64_t offset;
	struct aspace *other;
	uintptr_t there = 0;
	bool all = worker->mapped[page] && worker->mapped[page + 1];
	int error = aspace_export(worker->aspace, page_at(worker, page), 2 * PAGE_SIZE, VM_READ,
				  &object, &offset);

	EXPECT_EQUAL(error, all ? 0 : -EFAULT);
	if (error)
		return;
	other = aspace_create();
	EXPECT(other);
	error = aspace_map(other, &there, 2 * PAGE_SIZE, VM_READ | VM_SHARED, object, offset, NULL);
	EXPECT_EQUAL(error, 0);
	vm_object_put(object);
	store(worker, worker->aspace, page);
	EXPECT_EQUAL(test_word(other, there), worker->words[page]);
	EXPECT_EQUAL(test_word(other, there + PAGE_SIZE), worker->words[page + 1]);
	aspace_put(other);
}

static void work_once(struct worker *worker)
{
	size_t page = below(worker, PART_PAGES);
	size_t count = 1 + below(worker, PART_PAGES - page);

	switch (below(worker, 9)) {
	case 0:
	case 1:
		map_pages(worker, page, count);
		break;
	case 2:
		unmap_pages(worker, page, count);
		break;
	case 3:
		reduce_pages(worker, page, count);
		break;
	case 4:
		work_with_fork(worker);
		break;
	case 5:
		change_member(worker);
		break;
	case 6:
		work_with_export(worker);
		break;
	default:
		store(worker, worker->aspace, page);
	}
	check_part(worker, worker->aspace);
	check_part(worker, first_space);
	EXPECT_EQUAL(test_word(worker->aspace, STACK_START), worker->stack);
}

static void work(void *argument)
{
	struct worker *worker = argument;

	for (unsigned round = 0; round < ROUNDS; round++)
		work_once(worker);
	aspace_put(worker->aspace);
	workers_left--;
}

static void start_workers(uint64_t seed)
{
	workers_left = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){
			.random = seed * WORKERS + i + 1,
			.start = PART_START + i * PART_PAGES * PAGE_SIZE,
			.aspace = aspace_clone_shared(first_space, STACK_START, STACK_END),
			.stack = 1,
		};
		EXPECT(workers[i].aspace);
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

/* But those of the heap and of threads, which are kept for others. */
static uint64_t frames_of_programs(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return statistics.total - statistics.free - statistics.slabs - statistics.kernel_stacks;
}

/* One course of events, in a process of its own. */
static void race(const void *argument)
{
	const uint64_t *seed = argument;
	uintptr_t stack = STACK_START;
	uint64_t before;

	machine_start(3, 32 * MIB, *seed);
	file = test_file_create(FILE_PAGES * PAGE_SIZE);
	first_space = aspace_create();
	EXPECT(first_space && file);
	EXPECT_EQUAL(aspace_map(first_space, &stack, STACK_PAGES * PAGE_SIZE,
				VM_RW | VM_STACK | VM_FIXED, NULL, 0, NULL),
		     0);
	before = frames_of_programs();
	EXPECT_EQUAL(test_store(first_space, STACK_START, 1), 0);
	sim_pmap_set_pause(dawdle);
	start_workers(*seed);
	while (workers_left > 0)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	EXPECT_EQUAL(test_word(first_space, STACK_START), 1);
	aspace_put(first_space);
	EXPECT(list_empty(&file->mappings));
	EXPECT_EQUAL(refcount_read(&file->references), 1);
	vm_object_put(file);
	EXPECT_EQUAL(frames_of_programs(), before);
}

UNIT_TEST(vm, races_in_groups)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		if (sim_process_run(race, &seed) != 0)
			unit_fail(__FILE__, __LINE__, "failed with seed %lu", seed);
	}
}
