/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page tables under which the kernel starts, walked as the processor would. */
#include "../identity_map.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define GIB        (1ull << 30)
#define PRESENT    1ull
#define WRITABLE   2ull
#define LARGE      0x80ull
#define ADDRESS    0x000ffffffffff000ull
#define NO_EXECUTE (1ull << 63)

/* Where `address` is mapped to; the tables must lie within `size` bytes at `tables`. */
static uint64_t walk(const uint8_t *tables, uint64_t size, uint64_t root, unsigned levels,
		     uint64_t address)
{
	uint64_t table = root;
	uint64_t entry = 0;

	for (unsigned level = levels; level >= 2; level--) {
		EXPECT(table >= (uintptr_t)tables && table + 4096 <= (uintptr_t)tables + size);
		entry = ((uint64_t *)(uintptr_t)table)[address >> (12 + 9 * (level - 1)) & 511];
		if (!(entry & PRESENT))
			return UINT64_MAX;
		EXPECT((entry & WRITABLE) && !(entry & NO_EXECUTE));
		EXPECT_EQUAL(!!(entry & LARGE), level == 2);
		table = entry & ADDRESS;
	}
	return table + address % (2 << 20);
}

static void expect_map(uint64_t gib, unsigned levels)
{
	uint64_t size = identity_map_size(gib, levels);
	uint8_t *tables = aligned_alloc(4096, size);
	uint64_t state = 1;
	uint64_t root;

	EXPECT(tables != NULL);
	memset(tables, 0, size);
	root = identity_map_build(tables, gib, levels);
	EXPECT_EQUAL(root, (uintptr_t)tables + size - 4096);
	EXPECT_EQUAL(walk(tables, size, root, levels, 0), 0);
	EXPECT_EQUAL(walk(tables, size, root, levels, gib * GIB - 1), gib * GIB - 1);
	EXPECT_EQUAL(walk(tables, size, root, levels, gib * GIB), UINT64_MAX);
	for (int i = 0; i < 1000; i++) {
		uint64_t address = unit_random_below(&state, gib * GIB);

		EXPECT_EQUAL(walk(tables, size, root, levels, address), address);
	}
	free(tables);
}

UNIT_TEST(loader_identity_map, walks)
{
	expect_map(4, 4);
	expect_map(4, 5);
	expect_map(512, 4);
	expect_map(513, 4);
	expect_map(1300, 5);
}

UNIT_TEST(loader_identity_map, extent)
{
	EXPECT_EQUAL(identity_map_gib(0), 4);
	EXPECT_EQUAL(identity_map_gib(4 * GIB), 4);
	EXPECT_EQUAL(identity_map_gib(4 * GIB + 1), 5);
	EXPECT_EQUAL(identity_map_gib(UINT64_MAX), 64 << 10);
}
