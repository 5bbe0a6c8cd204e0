/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel window: placement, guard pages, running out of either kind of memory. */
#include "sim_test.h"

#include <arch/mmu.h>
#include <arch/thread.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#define MEMORY   (64 * MIB)
#define HELD_MAX 100

struct held {
	uint8_t *memory;
	size_t size;
	uint8_t fill;
};

static uint64_t free_frames(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return statistics.free;
}

static void check_fill(const struct held *held)
{
	for (size_t i = 0; i < held->size; i += 97)
		EXPECT_EQUAL(held->memory[i], held->fill);
}

/* No two areas may come closer than a page. */
static void check_apart(const struct held *held, size_t count, const struct held *one)
{
	for (size_t i = 0; i < count; i++)
		EXPECT(&held[i] == one ||
		       held[i].memory + align_up(held[i].size, PAGE_SIZE) + PAGE_SIZE <=
			       one->memory ||
		       one->memory + align_up(one->size, PAGE_SIZE) + PAGE_SIZE <= held[i].memory);
}

UNIT_TEST(kernel_map, random)
{
	static struct held held[HELD_MAX];
	uint64_t random = 31337;
	uint64_t before;
	size_t count = 0;

	sim_test_start(1, MEMORY);
	before = free_frames();
	for (unsigned round = 0; round < 3000; round++) {
		if (count < HELD_MAX && unit_random_below(&random, 100) < 55) {
			struct held *one = &held[count];

			one->size = 1 + (size_t)unit_random_below(&random, 20 * PAGE_SIZE);
			one->memory = kernel_vmalloc(one->size);
			EXPECT(one->memory && is_aligned((uintptr_t)one->memory, PAGE_SIZE));
			check_apart(held, count++, one);
			one->fill = 0;
			check_fill(one);
			one->fill = (uint8_t)unit_random(&random);
			memset(one->memory, one->fill, one->size);
		} else if (count > 0) {
			size_t i = (size_t)unit_random_below(&random, count);

			check_fill(&held[i]);
			kernel_vfree(held[i].memory);
			held[i] = held[--count];
		}
	}
	/* First-fit keeps the areas together. */
	for (size_t i = 0; i < count; i++)
		EXPECT((uintptr_t)held[i].memory <
		       arch_kernel_window_start() + HELD_MAX * 22 * PAGE_SIZE * 3 / 2);
	while (count > 0)
		kernel_vfree(held[--count].memory);
	/* A few frames may be in empty slabs. */
	EXPECT(free_frames() + 16 >= before);
	EXPECT((uintptr_t)kernel_vmalloc(1) == arch_kernel_window_start() + PAGE_SIZE);
}

UNIT_TEST(kernel_map, guards)
{
	uint8_t *memory, *stack;

	sim_test_start(1, MEMORY);
	memory = kernel_vmalloc(3 * PAGE_SIZE);
	stack = kernel_stack_allocate();
	EXPECT_FAULT(memory - 1);
	EXPECT_FAULT(memory + 3 * PAGE_SIZE);
	EXPECT_FAULT(stack - 1);
	EXPECT_FAULT(stack + KERNEL_STACK_SIZE);
	memset(stack, 1, KERNEL_STACK_SIZE);
	EXPECT(kernel_stack_guard_hit((uintptr_t)stack - 1));
	EXPECT(kernel_stack_guard_hit((uintptr_t)stack - PAGE_SIZE));
	EXPECT(!kernel_stack_guard_hit((uintptr_t)stack - PAGE_SIZE - 1));
	EXPECT(!kernel_stack_guard_hit((uintptr_t)stack));
	EXPECT(!kernel_stack_guard_hit((uintptr_t)stack + KERNEL_STACK_SIZE));
	EXPECT(!kernel_stack_guard_hit((uintptr_t)memory - 1));
	EXPECT(!kernel_stack_guard_hit(0) && !kernel_stack_guard_hit(UINTPTR_MAX));
	kernel_vfree(memory);
	EXPECT_FAULT(memory);
	kernel_vfree(NULL);
}

UNIT_TEST(kernel_map, stacks)
{
	void *stacks[50];
	struct frame_statistics before, after;

	sim_test_start(2, MEMORY);
	frame_read_statistics(&before);
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < array_length(stacks); i++) {
			stacks[i] = kernel_stack_allocate();
			EXPECT(stacks[i]);
			memset(stacks[i], (int)i, KERNEL_STACK_SIZE);
		}
		frame_read_statistics(&after);
		/* CPU 1 may have kept some. */
		EXPECT(after.kernel_stacks - before.kernel_stacks - 50 * 4 <= 8 * 4);
		for (size_t i = 0; i < array_length(stacks); i++) {
			EXPECT_EQUAL(*(uint8_t *)stacks[i], i);
			sim_become_cpu(i % 2);
			kernel_stack_free(stacks[i]);
		}
		sim_become_cpu(0);
	}
	frame_read_statistics(&after);
	/* What the two CPUs keep. */
	EXPECT(after.kernel_stacks - before.kernel_stacks <= 2 * 8 * 4);
	EXPECT(free_frames() + 2 * 8 * 4 + 8 >= before.free);
}

UNIT_TEST(kernel_map, devices)
{
	volatile size_t huge = SIZE_MAX;
	uint8_t *registers, *again;
	struct frame *frame;
	phys_t physical;

	sim_test_start(1, MEMORY);
	frame = frame_allocate(2, FRAME_ZERO);
	physical = frame_physical(frame);
	registers = kernel_map_device(physical + 4000, 200, MMU_UNCACHED);
	EXPECT(registers && ((uintptr_t)registers & (PAGE_SIZE - 1)) == 4000);
	registers[0] = 11;
	registers[199] = 22;
	EXPECT_EQUAL(((uint8_t *)frame_address(frame))[4000], 11);
	EXPECT_EQUAL(((uint8_t *)frame_address(frame))[4199], 22);
	/* Twice, differently. */
	again = kernel_map_device(physical, 4 * PAGE_SIZE, MMU_WRITE_COMBINING);
	EXPECT_EQUAL(again[4199], 22);
	EXPECT_FAULT(again + 4 * PAGE_SIZE);
	kernel_unmap_device(registers, 200);
	EXPECT_FAULT(registers);
	kernel_unmap_device(again, 4 * PAGE_SIZE);
	EXPECT_EQUAL(frame_references(frame), 1);
	EXPECT(!kernel_map_device(physical, 0, 0));
	EXPECT(!kernel_map_device(physical, huge, 0));
	EXPECT(!kernel_map_device(physical + 5, huge - 6, 0));
	EXPECT(!kernel_map_device(UINT64_MAX - 5, 100, 0));
	EXPECT(!kernel_map_device(physical, 65 * MIB, 0));
}

UNIT_TEST(kernel_map, out_of_memory)
{
	volatile size_t huge = SIZE_MAX;
	uint64_t before;
	void *first;

	sim_test_start(1, MEMORY);
	first = kernel_vmalloc(1);
	before = free_frames();
	EXPECT(!kernel_vmalloc(0) && !kernel_vmalloc(huge) && !kernel_vmalloc(huge / 2));
	/* More than there is memory, but not than there is room. */
	EXPECT(!kernel_vmalloc(64 * MIB - 16 * PAGE_SIZE));
	EXPECT_EQUAL(free_frames(), before);
	/* No page tables. */
	for (uint64_t successes = 0; successes < 4; successes++) {
		sim_fail_map_after(successes);
		EXPECT(!kernel_vmalloc(4 * PAGE_SIZE));
		EXPECT(!kernel_stack_allocate());
		EXPECT(!kernel_map_device(0x5000, 4 * PAGE_SIZE, MMU_UNCACHED));
		EXPECT_EQUAL(free_frames(), before);
	}
	sim_fail_map_after(UINT64_MAX);
	EXPECT(kernel_vmalloc(4 * PAGE_SIZE) == (uint8_t *)first + 2 * PAGE_SIZE);
}

/* The whole window, in pieces and as one. */
UNIT_TEST(kernel_map, window_full)
{
	static void *areas[64 * MIB / PAGE_SIZE];
	size_t count = 0;
	size_t all = 64 * MIB - 2 * PAGE_SIZE;

	sim_test_start(1, 32 * MIB);
	while ((areas[count] = kernel_map_device(0x1000, 7 * PAGE_SIZE, 0)) != NULL)
		count++;
	EXPECT_EQUAL(count, (64 * MIB / PAGE_SIZE - 1) / 8);
	kernel_unmap_device(areas[count / 2], 7 * PAGE_SIZE);
	EXPECT(!kernel_map_device(0x1000, 8 * PAGE_SIZE, 0));
	EXPECT(kernel_map_device(0x1000, 3 * PAGE_SIZE, 0) == areas[count / 2]);
	count--;
	areas[(count + 1) / 2] = areas[count];
	while (count > 0)
		kernel_unmap_device(areas[--count], 7 * PAGE_SIZE);
	EXPECT(!kernel_map_device(0x1000, all, 0));
}

static void free_inside(void)
{
	kernel_vfree((uint8_t *)kernel_vmalloc(2 * PAGE_SIZE) + PAGE_SIZE);
}

static void free_twice(void)
{
	void *memory = kernel_vmalloc(1);

	kernel_vfree(memory);
	kernel_vfree(memory);
}

static void free_other_kind(void)
{
	kernel_vfree(kernel_stack_allocate());
}

UNIT_TEST(kernel_map, misuse)
{
	sim_test_start(1, MEMORY);
	EXPECT_PANIC(free_inside, "is not the start of such an area");
	EXPECT_PANIC(free_twice, "is not the start of such an area");
	EXPECT_PANIC(free_other_kind, "is not the start of such an area");
}
