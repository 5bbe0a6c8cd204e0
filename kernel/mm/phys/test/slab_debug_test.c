/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the checks of debug builds find in the heap. */
#include "sim_test.h"

#include <base/string.h>
#include <core/command_line.h>
#include <core/panic.h>
#include <mm/phys/slab.h>

#define MEMORY (64 * MIB)

static void start(void)
{
	sim_test_start(2, MEMORY);
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
}

static void overrun_by_one(void)
{
	uint8_t *memory = kmalloc(20);

	memory[20] = 0;
	kfree(memory);
}

static void overrun_far(void)
{
	uint8_t *memory = kmalloc(64);

	memset(memory, 0, 64 + 40);
	kfree(memory);
}

static void write_to_nothing(void)
{
	uint8_t *memory = kmalloc(0);

	memory[0] = 1;
	kfree(memory);
}

static void overrun_object(void)
{
	struct slab_cache *cache = slab_cache_create("object", 30, 0);
	uint8_t *object = slab_allocate(cache);

	object[30] = 0;
	slab_free(cache, object);
}

UNIT_TEST(slab_debug, overrun)
{
	start();
	EXPECT_PANIC(overrun_by_one, "slab kmalloc-32: written to past its end");
	EXPECT_PANIC(overrun_by_one, "of 20 bytes");
	EXPECT_PANIC(overrun_far, "slab kmalloc-64: written to far past its end");
	EXPECT_PANIC(write_to_nothing, "slab kmalloc-16: written to past its end");
	EXPECT_PANIC(overrun_object, "slab object: written to past its end");
}

static void free_twice(void)
{
	void *memory = kmalloc(100);

	kfree(memory);
	kfree(memory);
}

/* With many others freed between. */
static void free_twice_late(void)
{
	void *memory = kmalloc(100);

	kfree(memory);
	for (int i = 0; i < 200; i++) {
		void *keep = kmalloc(100);

		kfree(kmalloc(100));
		sim_become_cpu((unsigned)i % 2);
		EXPECT(keep);
	}
	memory = kmalloc(100);
	kfree(memory);
	sim_become_cpu(1);
	kfree(memory);
}

UNIT_TEST(slab_debug, freed_twice)
{
	start();
	EXPECT_PANIC(free_twice, "slab kmalloc-128: freed twice");
	EXPECT_PANIC(free_twice_late, "slab kmalloc-128: freed twice");
}

static void write_after_free(void)
{
	uint8_t *memory = kmalloc(200);

	kfree(memory);
	memory[100] = 1;
	for (int i = 0; i < 1000; i++)
		kfree(kmalloc(200));
}

/* Nobody allocates: it is found by looking. */
static void write_and_look(void)
{
	uint8_t *memory = kmalloc(200);

	kfree(memory);
	slab_check_freed();
	memory[199] = 0x5a;
	slab_check_freed();
}

static void write_after_trailer(void)
{
	uint8_t *memory = kmalloc(32);

	kfree(memory);
	memset(memory + 32, 0, 40);
	for (int i = 0; i < 1000; i++)
		kfree(kmalloc(32));
}

UNIT_TEST(slab_debug, write_after_free)
{
	start();
	EXPECT_PANIC(write_after_free, "slab kmalloc-256: written to after it was freed");
	EXPECT_PANIC(write_after_free, "freed, at offset 100: 01 db db");
	EXPECT_PANIC(write_and_look, "freed, at offset 199: 5a db");
	EXPECT_PANIC(write_after_trailer, "the end of a free object was written to");
}

static void free_to_other_cache(void)
{
	struct slab_cache *one = slab_cache_create("one", 50, 0);
	struct slab_cache *other = slab_cache_create("other", 50, 0);

	slab_free(other, slab_allocate(one));
}

static void free_inside(void)
{
	kfree((uint8_t *)kmalloc(100) + 16);
}

UNIT_TEST(slab_debug, wrong_address)
{
	start();
	EXPECT_PANIC(free_to_other_cache, "slab other: freed");
	EXPECT_PANIC(free_inside, "which is inside an object");
}

/* New memory is not what it was when it was freed, nor zeros. */
UNIT_TEST(slab_debug, poison)
{
	uint8_t *memory;

	start();
	for (int i = 0; i < 100; i++) {
		memory = kmalloc(40);
		for (int j = 0; j < 40; j++)
			EXPECT_EQUAL(memory[j], 0xa7);
		memset(memory, 0, 40);
		kfree(memory);
		EXPECT_EQUAL(memory[0], 0xdb);
	}
}

UNIT_TEST(slab_debug, leak_report)
{
	start();
	/* Shows what it finds in the log only; here it must get through alive. */
	slab_report_leaks();
	command_line_set("memory=leaks", strlen("memory=leaks"));
	for (int i = 0; i < 100; i++) {
		EXPECT(kmalloc(100) && kmalloc(10000));
		kfree(kmalloc(50));
	}
	slab_report_leaks();
	slab_report_leaks();
}
