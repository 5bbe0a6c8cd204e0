/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads on several CPUs that allocate, and free what others allocated, with interrupts and
 * changes of CPU wherever they can be.
 */
#include "sim_test.h"

#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#include <stdatomic.h>

#define WORKERS  7
#define ROUNDS   5000
#define EXCHANGE 40

enum block_kind {
	BLOCK_HEAP,
	BLOCK_FRAMES,
	BLOCK_MAPPED,
	BLOCK_KINDS,
};

/* At the start of each allocation; the rest of it is filled. */
struct block {
	enum block_kind kind;
	size_t size;
	uint8_t fill;
};

/* Through these, allocations get from thread to thread. */
static _Atomic(struct block *) exchange[EXCHANGE];
static _Atomic unsigned finished;

static void *memory_allocate(enum block_kind kind, size_t size)
{
	struct frame *frame;

	switch (kind) {
	case BLOCK_HEAP:
		return kmalloc(size);
	case BLOCK_FRAMES:
		frame = frame_allocate(size > PAGE_SIZE ? 2 : 0, 0);
		return frame ? frame_address(frame) : NULL;
	default:
		return kernel_vmalloc(size);
	}
}

static struct block *block_create(uint64_t *random)
{
	enum block_kind kind = (enum block_kind)unit_random_below(random, BLOCK_KINDS);
	size_t size = sizeof(struct block) +
		      (size_t)unit_random_below(random, 1ull << unit_random_below(random, 14));
	struct block *block = memory_allocate(kind, size);

	EXPECT(block);
	block->kind = kind;
	block->size = size;
	block->fill = (uint8_t)unit_random(random);
	memset(block + 1, block->fill, size - sizeof(*block));
	return block;
}

static void block_destroy(struct block *block)
{
	const uint8_t *bytes = (const uint8_t *)block;

	for (size_t i = sizeof(*block); i < block->size; i++)
		EXPECT_EQUAL(bytes[i], block->fill);
	switch (block->kind) {
	case BLOCK_HEAP:
		kfree(block);
		break;
	case BLOCK_FRAMES:
		frame_put(frame_at(virt_to_phys(block)));
		break;
	default:
		kernel_vfree(block);
	}
}

static void work(void *argument)
{
	uint64_t random = 1000 + (uintptr_t)argument;

	for (unsigned round = 0; round < ROUNDS; round++) {
		_Atomic(struct block *) *place = &exchange[unit_random_below(&random, EXCHANGE)];
		struct block *block = atomic_exchange(place, block_create(&random));

		if (block)
			block_destroy(block);
		if (unit_random_below(&random, 10) == 0)
			thread_yield();
	}
	atomic_fetch_add(&finished, 1);
}

static void run(unsigned cpus, uint64_t seed)
{
	struct frame_statistics before, after;

	sim_test_start_scheduler(cpus, 64 * MIB, seed);
	frame_read_statistics(&before);
	for (uintptr_t i = 0; i < WORKERS; i++)
		EXPECT_EQUAL(thread_spawn("worker", work, (void *)i), 0);
	while (finished < WORKERS)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	for (size_t i = 0; i < EXCHANGE; i++)
		if (exchange[i])
			block_destroy(exchange[i]);
	frame_read_statistics(&after);
	/* Caches, quarantines and the workers' stacks. */
	EXPECT(after.free + (CONFIG_DEBUG ? 1500 : 500) > before.free);
}

UNIT_TEST(stress, one_cpu)
{
	run(1, 11);
}

UNIT_TEST(stress, two_cpus)
{
	run(2, 12);
}

UNIT_TEST(stress, four_cpus)
{
	run(4, 13);
}

UNIT_TEST(stress, eight_cpus)
{
	run(8, 14);
}
