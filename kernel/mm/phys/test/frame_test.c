/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: random use against a model, merging, zones, caches, references. */
#include "sim_test.h"

#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <native/boot_info.h>

#define MEMORY   (64 * MIB)
#define PAGES    (MEMORY >> PAGE_SHIFT)
#define HELD_MAX 600

struct held {
	struct frame *frame;
	unsigned order;
};

/* Which pages are in use. */
static bool in_use[PAGES];

static void mark(const struct held *held, bool used)
{
	size_t page = frame_physical(held->frame) >> PAGE_SHIFT;

	EXPECT(is_aligned(page, 1ull << held->order));
	for (size_t i = 0; i < (size_t)1 << held->order; i++) {
		EXPECT(in_use[page + i] != used);
		in_use[page + i] = used;
	}
}

static uint64_t free_frames(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return statistics.free;
}

/* How many blocks of the largest order can be had: tells whether all was merged again. */
static unsigned largest_blocks(void)
{
	struct frame *blocks[PAGES >> FRAME_ORDER_MAX];
	unsigned count = 0;
	unsigned i;

	while ((blocks[count] = frame_allocate(FRAME_ORDER_MAX, 0)) != NULL)
		count++;
	for (i = 0; i < count; i++)
		frame_put(blocks[i]);
	return count;
}

static void random_use(unsigned cpus, unsigned rounds)
{
	static struct held held[HELD_MAX];
	uint64_t random = 99;
	uint64_t start_free, used = 0;
	unsigned start_blocks;
	size_t count = 0;

	sim_test_start(cpus, MEMORY);
	start_free = free_frames();
	start_blocks = largest_blocks();
	for (unsigned round = 0; round < rounds; round++) {
		sim_become_cpu((unsigned)unit_random_below(&random, cpus));
		if (count < HELD_MAX && unit_random_below(&random, 100) < 55) {
			unsigned order = (unsigned)unit_random_below(&random, 3) *
					 (unsigned)unit_random_below(&random, 5);

			held[count].frame = frame_allocate(order, 0);
			held[count].order = order;
			if (!held[count].frame)
				continue;
			mark(&held[count++], true);
			used += 1ull << order;
		} else if (count > 0) {
			size_t i = (size_t)unit_random_below(&random, count);

			mark(&held[i], false);
			used -= 1ull << held[i].order;
			frame_put(held[i].frame);
			held[i] = held[--count];
		}
		EXPECT_EQUAL(free_frames(), start_free - used);
	}
	while (count > 0)
		frame_put(held[--count].frame);
	EXPECT_EQUAL(free_frames(), start_free);
	EXPECT_EQUAL(largest_blocks(), start_blocks);
}

UNIT_TEST(frame, random)
{
	random_use(1, 20000);
}

UNIT_TEST(frame, random_on_four_cpus)
{
	random_use(4, 20000);
}

UNIT_TEST(frame, exhaustion)
{
	struct list list;
	struct list_node *node;
	uint64_t start_free, count = 0;
	struct frame *frame;

	sim_test_start(4, MEMORY);
	list_init(&list);
	start_free = free_frames();
	/* Leaves frames in the caches of all CPUs. */
	for (unsigned cpu = 0; cpu < 4; cpu++) {
		sim_become_cpu(cpu);
		frame_put(frame_allocate(0, 0));
	}
	while ((frame = frame_allocate(0, 0)) != NULL) {
		list_push_back(&list, &frame->node);
		count++;
	}
	EXPECT_EQUAL(count, start_free);
	EXPECT_EQUAL(free_frames(), 0);
	EXPECT(!frame_allocate(3, 0) && !frame_allocate_page(FRAME_DMA32));
	while ((node = list_pop_front(&list)) != NULL) {
		sim_become_cpu((unsigned)(count-- % 4));
		frame_put(container_of(node, struct frame, node));
	}
	EXPECT_EQUAL(free_frames(), start_free);
	EXPECT(frame_allocate(FRAME_ORDER_MAX, 0));
	EXPECT(!frame_allocate(FRAME_ORDER_MAX + 1, 0));
}

UNIT_TEST(frame, cleared)
{
	struct frame *frame;

	sim_test_start(1, MEMORY);
	frame = frame_allocate(2, 0);
	memset(frame_address(frame), 0xee, 4 * PAGE_SIZE);
	frame_put(frame);
	frame = frame_allocate(2, FRAME_ZERO);
	for (size_t i = 0; i < 4 * PAGE_SIZE; i++)
		EXPECT_EQUAL(((uint8_t *)frame_address(frame))[i], 0);
	EXPECT(frame_at(frame_physical(frame)) == frame);
	EXPECT(frame_at(frame_physical(frame) + PAGE_SIZE + 5) == frame + 1);
}

/* 32-bit devices find memory although others have taken all they could get. */
UNIT_TEST(frame, zones)
{
	const struct boot_memory_range map[] = {
		{ 16 * MIB, 32 * MIB, BOOT_MEMORY_USABLE, 0 },
		{ 4096 * MIB, 16 * MIB, BOOT_MEMORY_USABLE, 0 },
	};
	unsigned low = 0, kept = 0;
	phys_t physical;

	sim_start(&(struct sim_configuration){ .cpus = 1, .memory = 4112 * MIB });
	frame_init(map, array_length(map), NULL, 0);
	frame_init_caches();
	EXPECT(frame_allocate_page(0) >= 4096 * MIB);
	EXPECT(frame_allocate_page(FRAME_DMA32) < 4096 * MIB);
	while ((physical = frame_allocate_page(0)) != 0)
		low += physical < 4096 * MIB;
	EXPECT(low > 7000);
	while ((physical = frame_allocate_page(FRAME_DMA32)) != 0) {
		EXPECT(physical < 4096 * MIB);
		kept++;
	}
	EXPECT(kept >= 200 && kept <= 32 * 256 / 32);
}

UNIT_TEST(frame, references)
{
	struct frame *frame;
	uint64_t start_free;

	sim_test_start(1, MEMORY);
	start_free = free_frames();
	frame = frame_allocate(1, 0);
	EXPECT_EQUAL(frame_references(frame), 1);
	frame_get(frame);
	frame_put(frame);
	EXPECT_EQUAL(free_frames(), start_free - 2);
	frame_put(frame);
	EXPECT_EQUAL(free_frames(), start_free);
	/* A count that cannot go on leaks the frame. */
	frame = frame_allocate(0, 0);
	frame->references = UINT32_MAX / 2;
	frame_get(frame);
	frame_get(frame);
	for (int i = 0; i < 10; i++)
		frame_put(frame);
	EXPECT(frame_references(frame) > UINT32_MAX / 2);
}

UNIT_TEST(frame, accounting)
{
	struct frame_statistics before, after;

	sim_test_start(2, MEMORY);
	frame_read_statistics(&before);
	frame_account(FRAME_USE_ANONYMOUS, 10);
	sim_become_cpu(1);
	frame_account(FRAME_USE_ANONYMOUS, -4);
	frame_account(FRAME_USE_PAGE_TABLE, 2);
	frame_read_statistics(&after);
	EXPECT_EQUAL(after.anonymous - before.anonymous, 6);
	EXPECT_EQUAL(after.page_tables - before.page_tables, 2);
	EXPECT_EQUAL(after.slabs, before.slabs);
}

static void put_twice(void)
{
	struct frame *frame = frame_allocate(0, 0);

	frame_put(frame);
	frame_put(frame);
}

static void put_block_twice(void)
{
	struct frame *frame = frame_allocate(4, 0);

	frame_put(frame);
	frame_put(frame);
}

UNIT_TEST(frame, freed_twice)
{
	sim_test_start(1, MEMORY);
	EXPECT_PANIC(put_twice, "frame->state == FRAME_USED");
	EXPECT_PANIC(put_block_twice, "frame->state == FRAME_USED");
}
