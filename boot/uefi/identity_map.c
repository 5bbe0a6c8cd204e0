/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables under which the kernel starts (identity_map.h; Intel SDM volume 3, 4.5). */
#include "identity_map.h"

#define TABLE_ENTRIES  512
#define PAGE_SIZE      4096ull
#define LARGE_PAGE     (2ull << 20)
#define GIB            (1ull << 30)
#define GIB_MIN        4
#define GIB_MAX        (64ull << 10) /* 64 TiB: no machine's memory, half of what 4 levels map */
#define ENTRY_PRESENT  (1ull << 0)
#define ENTRY_WRITABLE (1ull << 1)
#define ENTRY_LARGE    (1ull << 7)

typedef uint64_t page_table_t[TABLE_ENTRIES];

uint64_t identity_map_gib(uint64_t end)
{
	uint64_t gib = end / GIB + (end % GIB != 0);

	return min_u64(max_u64(gib, GIB_MIN), GIB_MAX);
}

static uint64_t count_second_level(uint64_t gib)
{
	return (gib + TABLE_ENTRIES - 1) / TABLE_ENTRIES;
}

uint64_t identity_map_size(uint64_t gib, unsigned levels)
{
	return (gib + count_second_level(gib) + (levels - 3)) * PAGE_SIZE;
}

/* Points the entries from `entry` on at `count` tables from `target` on; the tables that hold
 * the entries follow one another, so that one may run on into the next. */
static void link_tables(uint64_t *entry, page_table_t *target, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		entry[i] = (uint64_t)(uintptr_t)target[i] | ENTRY_PRESENT | ENTRY_WRITABLE;
}

/* The memory holds a table per GiB, then those that point at them, and so on to the root. */
uint64_t identity_map_build(void *tables, uint64_t gib, unsigned levels)
{
	page_table_t *leaves = tables;
	page_table_t *middle = leaves + gib;
	page_table_t *root = middle + count_second_level(gib);
	uint64_t *entry = leaves[0];

	for (uint64_t i = 0; i < gib * TABLE_ENTRIES; i++)
		entry[i] = i * LARGE_PAGE | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_LARGE;
	link_tables(middle[0], leaves, gib);
	link_tables(root[0], middle, count_second_level(gib));
	if (levels == 5) {
		link_tables(root[1], root, 1);
		root++;
	}
	return (uintptr_t)root;
}
