/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radix trees, compared with an array; allocation fails at will and is counted. */
#include <base/errno.h>
#include <base/radix.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES 300

static unsigned nodes;            /* allocated now */
static unsigned nodes_left = ~0u; /* allocations that succeed before one fails */

static void *allocate(size_t size)
{
	if (nodes_left == 0)
		return NULL;
	nodes_left--;
	nodes++;
	return calloc(1, size);
}

static void release(void *memory)
{
	nodes--;
	free(memory);
}

struct entry {
	uint64_t index;
	char value; /* its address is what is stored */
	bool present;
};

/* Indices that are dense, spread, at both ends, and around powers of 64. */
static uint64_t interesting_index(unsigned i, uint64_t *seed)
{
	switch (i % 4) {
	case 0:
		return i;
	case 1:
		return UINT64_MAX - i;
	case 2:
		return ((uint64_t)1 << (6 * (i / 4 % 11))) - (i / 44) + 2;
	default:
		return unit_random(seed) >> unit_random_below(seed, 64);
	}
}

static unsigned entries_make(struct entry *entries, uint64_t *seed)
{
	unsigned count = 0;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t index = interesting_index(i, seed);
		bool known = false;

		for (unsigned k = 0; k < count; k++)
			known |= entries[k].index == index;
		if (!known)
			entries[count++] = (struct entry){ .index = index };
	}
	return count;
}

/* The present entry of the lowest index at or after `from`. */
static struct entry *entries_next(struct entry *entries, unsigned count, uint64_t from)
{
	struct entry *best = NULL;

	for (unsigned i = 0; i < count; i++) {
		if (entries[i].present && entries[i].index >= from &&
		    (!best || entries[i].index < best->index))
			best = &entries[i];
	}
	return best;
}

static void check_next(const struct radix *radix, struct entry *entries, unsigned count,
		       uint64_t from)
{
	struct entry *wanted = entries_next(entries, count, from);
	uint64_t index = from;
	void *value = radix_next(radix, &index);

	EXPECT(value == (wanted ? &wanted->value : NULL));
	EXPECT_EQUAL(index, wanted ? wanted->index : from);
}

UNIT_TEST(radix, random)
{
	static struct entry entries[ENTRIES];
	uint64_t seed = 1;
	unsigned count = entries_make(entries, &seed);
	struct radix radix;

	radix_init(&radix, allocate, release);
	for (unsigned round = 0; round < 60000; round++) {
		struct entry *entry = &entries[unit_random_below(&seed, count)];
		bool filling = round / 2000 % 2 == 0;
		uint64_t near = entry->index + unit_random_below(&seed, 3) - 1;

		if (entry->present && !filling) {
			EXPECT(radix_remove(&radix, entry->index) == &entry->value);
			entry->present = false;
		} else if (filling) {
			EXPECT_EQUAL(radix_set(&radix, entry->index, &entry->value), 0);
			entry->present = true;
		} else {
			EXPECT(!radix_remove(&radix, entry->index));
		}
		EXPECT(radix_get(&radix, entry->index) == (entry->present ? &entry->value : NULL));
		check_next(&radix, entries, count, near);
	}
	radix_clear(&radix);
	EXPECT_EQUAL(nodes, 0);
	EXPECT(!radix_get(&radix, 0));
}

UNIT_TEST(radix, emptying_frees_all_nodes)
{
	struct radix radix;
	char value;

	radix_init(&radix, allocate, release);
	for (unsigned shift = 0; shift < 64; shift++) {
		EXPECT_EQUAL(radix_set(&radix, (uint64_t)1 << shift, &value), 0);
		EXPECT_EQUAL(radix_set(&radix, 5, &value), 0);
		EXPECT(radix_remove(&radix, (uint64_t)1 << shift) == &value);
		EXPECT_EQUAL(nodes, shift == 2 ? 1 : nodes);
		EXPECT_EQUAL(radix.height, 1);
		EXPECT(radix_remove(&radix, 5) == &value);
		EXPECT_EQUAL(nodes, 0);
	}
}

UNIT_TEST(radix, replaces)
{
	struct radix radix;
	char a;
	char b;
	uint64_t index = 0;

	radix_init(&radix, allocate, release);
	EXPECT(!radix_next(&radix, &index));
	EXPECT_EQUAL(radix_set(&radix, 77, &a), 0);
	EXPECT_EQUAL(radix_set(&radix, 77, &b), 0);
	EXPECT(radix_next(&radix, &index) == &b && index == 77);
	index = 78;
	EXPECT(!radix_next(&radix, &index));
	radix_clear(&radix);
}

/* Every allocation of a call fails once; the tree must be as it was. */
UNIT_TEST(radix, out_of_memory)
{
	struct radix radix;
	char value[2];

	for (unsigned first = 0; first < 2; first++) {
		for (unsigned shift = 0; shift < 64; shift++) {
			uint64_t index = (uint64_t)1 << shift;
			unsigned before;
			int result;

			radix_init(&radix, allocate, release);
			if (first)
				EXPECT_EQUAL(radix_set(&radix, 70, &value[0]), 0);
			before = nodes;
			for (unsigned allowed = 0;; allowed++) {
				nodes_left = allowed;
				result = radix_set(&radix, index, &value[1]);
				nodes_left = ~0u;
				if (result == 0)
					break;
				EXPECT_EQUAL(result, -ENOMEM);
				EXPECT_EQUAL(nodes, before);
				EXPECT(!radix_get(&radix, index));
				EXPECT(radix_get(&radix, 70) == (first ? &value[0] : NULL));
			}
			EXPECT(radix_get(&radix, index) == &value[1]);
			radix_clear(&radix);
			EXPECT_EQUAL(nodes, 0);
		}
	}
}
