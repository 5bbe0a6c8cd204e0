/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap: random use on several CPUs, memory given back, running out. */
#include "sim_test.h"

#include "../slab_priv.h"

#include <base/bits.h>
#include <base/string.h>
#include <core/panic.h>

#define MEMORY   (64 * MIB)
#define HELD_MAX 2000

struct held {
	uint8_t *memory;
	size_t size;
	uint8_t fill;
};

static void check_fill(const struct held *held)
{
	for (size_t i = 0; i < held->size; i++)
		EXPECT_EQUAL(held->memory[i], held->fill);
}

static uint64_t slab_frames(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return statistics.slabs;
}

static size_t random_size(uint64_t *random)
{
	return (size_t)unit_random_below(random, 1ull << (1 + unit_random_below(random, 14)));
}

static void random_use(unsigned cpus, unsigned rounds)
{
	static struct held held[HELD_MAX];
	uint64_t random = 4711;
	size_t count = 0;

	for (unsigned round = 0; round < rounds; round++) {
		struct held *one = &held[unit_random_below(&random, count + 1)];

		sim_become_cpu((unsigned)unit_random_below(&random, cpus));
		if (count < HELD_MAX && unit_random_below(&random, 100) < 55) {
			one = &held[count++];
			one->size = random_size(&random);
			one->memory = kmalloc(one->size);
			EXPECT(one->memory && is_aligned((uintptr_t)one->memory, 16));
		} else if (one < &held[count]) {
			check_fill(one);
			if (unit_random(&random) & 1) {
				kfree(one->memory);
				*one = held[--count];
				continue;
			}
			size_t size = random_size(&random);

			one->memory = krealloc(one->memory, size);
			EXPECT(one->memory);
			one->size = min_size(one->size, size);
			check_fill(one);
			one->size = size;
		} else {
			continue;
		}
		one->fill = (uint8_t)unit_random(&random);
		memset(one->memory, one->fill, one->size);
	}
	while (count > 0) {
		check_fill(&held[--count]);
		kfree(held[count].memory);
	}
}

UNIT_TEST(slab, random)
{
	uint64_t before;

	sim_test_start(1, MEMORY);
	before = slab_frames();
	random_use(1, 20000);
	/* Magazines, quarantines and reserves hold back a part of it. */
	EXPECT(slab_frames() < before + (CONFIG_DEBUG ? 700 : 120));
}

UNIT_TEST(slab, random_on_four_cpus)
{
	sim_test_start(4, MEMORY);
	random_use(4, 20000);
}

UNIT_TEST(slab, before_magazines)
{
	sim_test_start_bare(MEMORY);
	random_use(1, 3000);
	slab_init_magazines();
	random_use(1, 3000);
}

UNIT_TEST(slab, alignment)
{
	sim_test_start(1, MEMORY);
	for (size_t size = 1; size <= 4 * PAGE_SIZE; size *= 2)
		for (int i = 0; i < 40; i++)
			EXPECT(is_aligned((uintptr_t)kmalloc(size), min_size(size, PAGE_SIZE)));
	for (size_t alignment = 1; alignment <= PAGE_SIZE; alignment *= 2) {
		struct slab_cache *cache = slab_cache_create("aligned", 40, alignment);

		for (int i = 0; i < 40; i++)
			EXPECT(is_aligned((uintptr_t)slab_allocate(cache), alignment));
	}
}

/* Objects of one cache do not overlap, whatever their size. */
UNIT_TEST(slab, object_sizes)
{
	static const size_t sizes[] = { 1,    8,    24,   40,   100,  333,   1000,
					1400, 2100, 4000, 5000, 9000, 16384, 40000 };

	sim_test_start(1, MEMORY);
	for (size_t i = 0; i < array_length(sizes); i++) {
		struct slab_cache *cache = slab_cache_create("sized", sizes[i], 0);
		uint8_t *objects[50];

		for (size_t j = 0; j < array_length(objects); j++) {
			objects[j] = slab_allocate(cache);
			EXPECT(objects[j]);
			memset(objects[j], (int)j, sizes[i]);
		}
		for (size_t j = 0; j < array_length(objects); j++) {
			EXPECT_EQUAL(objects[j][0], j);
			EXPECT_EQUAL(objects[j][sizes[i] - 1], j);
			slab_free(cache, objects[j]);
		}
	}
}

UNIT_TEST(slab, cleared)
{
	struct slab_cache *cache;
	uint8_t *object;

	sim_test_start(1, MEMORY);
	cache = slab_cache_create("cleared", 72, 0);
	for (int i = 0; i < 100; i++) {
		object = slab_allocate(cache);
		memset(object, 0xff, 72);
		slab_free(cache, object);
		object = slab_allocate_zeroed(cache);
		for (int j = 0; j < 72; j++)
			EXPECT_EQUAL(object[j], 0);
		slab_free(cache, object);
	}
}

UNIT_TEST(slab, extremes)
{
	volatile size_t huge = SIZE_MAX;
	void *memory;

	sim_test_start(1, MEMORY);
	memory = kmalloc(0);
	EXPECT(memory);
	EXPECT(kmalloc(0) != memory);
	memory = krealloc(memory, 100);
	EXPECT(memory);
	memory = krealloc(memory, 0);
	kfree(memory);
	kfree(NULL);
	EXPECT(!kcalloc(huge, 2) && !kcalloc(2, huge) && !kcalloc(huge / 2 + 1, 4));
	EXPECT(!kmalloc(huge) && !kmalloc(4 * MIB + 1));
	memory = kcalloc(0, huge);
	EXPECT(memory);
	kfree(memory);
	memory = kzalloc(4 * MIB);
	EXPECT(memory);
	EXPECT(!krealloc(memory, huge));
	EXPECT_EQUAL(((uint8_t *)memory)[4 * MIB - 1], 0);
	kfree(memory);
}

/* Empty slabs go back to the frame allocator. */
UNIT_TEST(slab, shrinks)
{
	static void *objects[20000];
	struct slab_cache *cache;
	uint64_t before;

	sim_test_start(1, MEMORY);
	cache = slab_cache_create("shrinking", 256, 0);
	before = slab_frames();
	for (size_t i = 0; i < array_length(objects); i++)
		objects[i] = slab_allocate(cache);
	EXPECT(slab_frames() > before + 1200);
	for (size_t i = 0; i < array_length(objects); i++)
		slab_free(cache, objects[i]);
	EXPECT(slab_frames() < before + 40);
}

UNIT_TEST(slab, out_of_memory)
{
	static uint8_t *objects[100000];
	struct frame_statistics statistics;
	size_t count = 0;

	sim_test_start(1, 16 * MIB);
	while ((objects[count] = kmalloc(700)) != NULL)
		count++;
	EXPECT(count > 8000);
	EXPECT(!kmalloc(4096) && !kzalloc(10000));
	EXPECT(!krealloc(objects[0], 8000));
	frame_read_statistics(&statistics);
	EXPECT(statistics.free < 8);
	while (count > 0)
		kfree(objects[--count]);
	frame_read_statistics(&statistics);
	EXPECT(statistics.free > statistics.total * 9 / 10);
	EXPECT(kmalloc(100000));
}

static void visit(const struct slab_statistics *statistics, void *argument)
{
	EXPECT(statistics->objects_used <= statistics->objects_total);
	if (strcmp(statistics->name, "counted") == 0)
		*(uint64_t *)argument = statistics->objects_used;
}

UNIT_TEST(slab, statistics)
{
	struct slab_cache *cache;
	void *objects[100];
	uint64_t used;

	sim_test_start(2, MEMORY);
	cache = slab_cache_create("counted", 64, 0);
	for (size_t i = 0; i < array_length(objects); i++)
		objects[i] = slab_allocate(cache);
	slab_visit(visit, &used);
	EXPECT_EQUAL(used, 100);
	for (size_t i = 0; i < 70; i++) {
		sim_become_cpu(i % 2);
		slab_free(cache, objects[i]);
	}
	slab_visit(visit, &used);
	EXPECT_EQUAL(used, 30);
}

/* Found in all builds, once the object is back in its slab. */
static void free_twice_without_magazine(void)
{
	struct slab_cache *cache = slab_cache_create("large", 6000, 0);
	void *object = slab_allocate(cache);

	slab_allocate(cache);
	slab_free(cache, object);
	slab_free(cache, object);
}

static void free_block_twice(void)
{
	void *memory = kmalloc(20000);

	kfree(memory);
	kfree(memory);
}

static void free_no_heap(void)
{
	int variable;

	kfree(&variable);
}

static void free_inside_block(void)
{
	kfree((uint8_t *)kmalloc(20000) + 4096);
}

UNIT_TEST(slab, misuse)
{
	sim_test_start(1, MEMORY);
	EXPECT_PANIC(free_twice_without_magazine, "twice");
	EXPECT_PANIC(free_block_twice, "which is not allocated");
	EXPECT_PANIC(free_no_heap, "which is not allocated");
	EXPECT_PANIC(free_inside_block, "which is not allocated");
}
