/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page cache's self tests in the simulation, in several orders of events. */
#include "sim_test.h"

#include <base/string.h>
#include <cache/page_cache.h>
#include <core/ktest.h>

#include <block/disk.h>
#include <scheme/scheme.h>

static void run(uint64_t seed)
{
	unsigned count = 0;

	sim_test_start_scheduler(4, 64 * MIB, seed);
	block_start();
	cache_start();
	schemes_start();
	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (strcmp(test->subsystem, "cache") != 0)
			continue;
		test->run();
		count++;
	}
	EXPECT(count > 0);
}

UNIT_TEST(cache, self_tests_seed_1)
{
	run(1);
}

UNIT_TEST(cache, self_tests_seed_2)
{
	run(2);
}

UNIT_TEST(cache, self_tests_seed_3)
{
	run(3);
}
