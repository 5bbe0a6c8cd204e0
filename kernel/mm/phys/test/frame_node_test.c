/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes: their memory, and who gets it. */
#include "sim_test.h"

#include "../frame_priv.h"

#include <native/boot_info.h>

#define NODES 3
#define PARTS 3
#define BATCH 64 /* more than a CPU has at hand */

static const uint8_t distances[FRAME_NODE_MAX][FRAME_NODE_MAX] = {
	{ 10, 30, 20 },
	{ 30, 10, 20 },
	{ 20, 15, 10 },
};

/* Nodes 0 and 1 meet below 4 GiB, not at a boundary of large blocks; 2 lies above, and nobody speaks of what
 * is behind it. */
static const struct frame_node_range ranges[PARTS] = {
	{ 0, 101 * MIB, 0 },
	{ 101 * MIB, 100 * MIB, 1 },
	{ 4096 * MIB, 64 * MIB, 2 },
};

static uint64_t node_free(unsigned node)
{
	uint64_t total, free;

	frame_read_node(node, &total, &free);
	EXPECT(free <= total);
	return free;
}

static void start(void)
{
	static const struct boot_memory_range map[] = {
		{ MIB, 199 * MIB, BOOT_MEMORY_USABLE, 0 },
		{ 4096 * MIB, 80 * MIB, BOOT_MEMORY_USABLE, 0 },
	};

	sim_start(&(struct sim_configuration){ .cpus = 4, .memory = 8192 * MIB });
	frame_init(map, array_length(map), NULL, 0);
}

static void set_nodes(void)
{
	frame_set_nodes(ranges, PARTS, NODES, distances);
	for (unsigned cpu = 0; cpu < 4; cpu++)
		frame_set_cpu_node(cpu, cpu);
}

static void put_all(struct list *all)
{
	struct list_node *node;

	while ((node = list_pop_front(all)) != NULL)
		frame_put(container_of(node, struct frame, node));
}

UNIT_TEST(frame_node, memory_is_divided)
{
	struct frame_statistics before, after;
	struct frame *used[3], *frame;

	start();
	EXPECT_EQUAL(frame_node_count(), 1);
	for (unsigned i = 0; i < 3; i++)
		used[i] = frame_allocate(i, FRAME_DMA32);
	frame_read_statistics(&before);
	set_nodes();
	frame_read_statistics(&after);
	EXPECT_EQUAL(frame_node_count(), NODES);
	EXPECT(before.total == after.total && before.free == after.free);
	/* The frame array lies somewhere, and a large block on the wrong side of the boundary. */
	EXPECT(node_free(0) > 90 * MIB / PAGE_SIZE && node_free(0) <= 120 * MIB / PAGE_SIZE);
	EXPECT(node_free(1) > 90 * MIB / PAGE_SIZE && node_free(1) <= 104 * MIB / PAGE_SIZE);
	EXPECT_EQUAL(frame_node(frame_at(50 * MIB)), 0);
	EXPECT_EQUAL(frame_node(frame_at(150 * MIB)), 1);
	EXPECT_EQUAL(frame_node(frame_at(4100 * MIB)), 2);
	EXPECT_EQUAL(frame_node(frame_at(4162 * MIB)), 0);
	for (unsigned i = 0; i < 3; i++)
		frame_put(used[i]);
	/* All there is can be had, and given back. */
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order += FRAME_ORDER_MAX) {
		struct list all = LIST_INIT(all);
		uint64_t count = 0;

		while ((frame = frame_allocate(order, 0)) ||
		       (frame = frame_allocate(order, FRAME_DMA32))) {
			list_push_back(&all, &frame->node);
			count += 1ull << order;
		}
		EXPECT(order > 0 || count == after.total);
		put_all(&all);
	}
	frame_read_statistics(&after);
	EXPECT_EQUAL(after.free, after.total);
}

UNIT_TEST(frame_node, its_own_comes_first)
{
	static const unsigned orders[NODES][NODES] = { { 0, 2, 1 }, { 1, 2, 0 }, { 2, 1, 0 } };

	start();
	set_nodes();
	frame_init_caches();
	for (unsigned cpu = 0; cpu < NODES; cpu++) {
		struct list all = LIST_INIT(all);
		unsigned place = 0;
		struct frame *frame;

		sim_become_cpu(cpu);
		for (unsigned i = 0; i < BATCH; i++) {
			frame = frame_allocate(0, 0);
			EXPECT_EQUAL(frame_node(frame), cpu);
			list_push_back(&all, &frame->node);
		}
		while ((frame = frame_allocate(5, 0)) != NULL) {
			while (place < NODES && frame_node(frame) != orders[cpu][place])
				place++;
			EXPECT(place < NODES);
			list_push_back(&all, &frame->node);
		}
		EXPECT_EQUAL(place, NODES - 1);
		put_all(&all);
		frame_cpu_drain(cpu);
	}
	/* A CPU of a node that there is not. */
	EXPECT_EQUAL(frame_cpu_node(3), 0);
}

UNIT_TEST(frame_node, devices_of_32_bits)
{
	struct frame *frame;

	start();
	set_nodes();
	sim_become_cpu(1);
	sim_become_cpu(2);
	/* None of its node is low enough: the nearest. */
	frame = frame_allocate(0, FRAME_DMA32);
	EXPECT_EQUAL(frame_node(frame), 1);
	frame_put(frame);
}

UNIT_TEST(frame_node, one_node_is_none)
{
	uint64_t free;

	start();
	free = node_free(0);
	frame_set_nodes(ranges, PARTS, 1, distances);
	frame_set_nodes(ranges, PARTS, FRAME_NODE_MAX + 1, distances);
	EXPECT(frame_node_count() == 1 && node_free(0) == free);
}

/* More boundaries than there is room for spans. */
UNIT_TEST(frame_node, scattered)
{
	static struct frame_node_range many[120];
	struct frame_statistics before, after;

	for (unsigned i = 0; i < array_length(many); i++)
		many[i] = (struct frame_node_range){ i * 4 * MIB, 4 * MIB, i % 2 };
	start();
	frame_read_statistics(&before);
	frame_set_nodes(many, array_length(many), 2, distances);
	frame_read_statistics(&after);
	EXPECT(before.total == after.total && before.free == after.free);
}
