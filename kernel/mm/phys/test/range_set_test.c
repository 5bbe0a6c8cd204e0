/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of ranges, against a map of single bytes. */
#include "sim_test.h"

#include "../range_set.h"

#include <base/string.h>

#define LIMIT 256

/* The set must be sorted, disjoint and not adjacent, and hold just what the model does. */
static void check(const struct range_set *set, const bool *model)
{
	uint64_t position = 0;

	for (size_t i = 0; i < set->count; i++) {
		EXPECT(set->ranges[i].start < set->ranges[i].end);
		EXPECT(i == 0 || set->ranges[i].start > set->ranges[i - 1].end);
		for (; position < set->ranges[i].start; position++)
			EXPECT(!model[position]);
		for (; position < set->ranges[i].end; position++)
			EXPECT(model[position]);
	}
	for (; position < LIMIT; position++)
		EXPECT(!model[position]);
}

UNIT_TEST(range_set, random)
{
	struct range storage[LIMIT];
	uint64_t random = 12345;

	for (unsigned round = 0; round < 200; round++) {
		struct range_set set;
		bool model[LIMIT] = { 0 };

		range_set_init(&set, storage, LIMIT);
		for (unsigned i = 0; i < 40; i++) {
			uint64_t start = unit_random_below(&random, LIMIT);
			uint64_t end = start + unit_random_below(&random, LIMIT - start + 1);
			bool add = unit_random(&random) & 1;

			if (add)
				EXPECT(range_set_add(&set, start, end, 0));
			else
				range_set_remove(&set, start, end);
			for (uint64_t j = start; j < end; j++)
				model[j] = add;
			check(&set, model);
		}
	}
}

UNIT_TEST(range_set, gaps)
{
	struct range storage[8];
	struct range_set set;

	range_set_init(&set, storage, 8);
	EXPECT(range_set_add(&set, 100, 110, 5));
	EXPECT(range_set_add(&set, 116, 120, 5));
	EXPECT_EQUAL(set.count, 2);
	EXPECT(range_set_add(&set, 90, 95, 5));
	EXPECT_EQUAL(set.count, 2);
	EXPECT_EQUAL(set.ranges[0].start, 90);
	EXPECT(range_set_add(&set, 112, 113, 5));
	EXPECT_EQUAL(set.count, 1);
	EXPECT_EQUAL(set.ranges[0].start, 90);
	EXPECT_EQUAL(set.ranges[0].end, 120);
	EXPECT(range_set_add(&set, UINT64_MAX - 4, UINT64_MAX, UINT64_MAX));
	EXPECT_EQUAL(set.count, 1);
}

UNIT_TEST(range_set, full)
{
	struct range storage[2];
	struct range_set set;

	range_set_init(&set, storage, 2);
	EXPECT(range_set_add(&set, 0, 10, 0));
	EXPECT(range_set_add(&set, 20, 60, 0));
	EXPECT(!range_set_add(&set, 70, 80, 0));
	EXPECT(range_set_add(&set, 60, 70, 0));
	/* The smaller part, above, is lost. */
	range_set_remove(&set, 50, 55);
	EXPECT_EQUAL(set.count, 2);
	EXPECT_EQUAL(set.ranges[1].start, 20);
	EXPECT_EQUAL(set.ranges[1].end, 50);
	range_set_remove(&set, 22, 24);
	EXPECT_EQUAL(set.ranges[1].start, 24);
	EXPECT_EQUAL(range_set_longest(&set)->start, 24);
	EXPECT_EQUAL(range_set_shortest(&set)->start, 0);
	range_set_remove(&set, 0, UINT64_MAX);
	EXPECT_EQUAL(set.count, 0);
	EXPECT(!range_set_longest(&set));
}
