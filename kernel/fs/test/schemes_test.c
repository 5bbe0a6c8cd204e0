/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the self tests of schemes and file systems in the simulation, under its sanitizers and
 * under several orders of events: those that start threads find other interleavings with each
 * seed. More seeds: FS_SEED=N in the environment shifts them.
 */
#include "sim_test.h"

#include <base/string.h>
#include <block/disk.h>
#include <cache/page_cache.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/vm/aspace.h>
#include <scheme/random.h>
#include <scheme/scheme.h>

#define SEEDS 4

/* The C library's. */
char *getenv(const char *name);

/* The simulation keeps no log: its end is always near. */
size_t log_read(uint64_t *position, char *buffer, size_t size)
{
	(void)position;
	(void)buffer;
	(void)size;
	return 0;
}

uint64_t log_end(void)
{
	return 0;
}

void log_set_notify(void (*notify)(void))
{
	(void)notify;
}

static uint64_t seed_of(uint64_t number)
{
	const char *text = getenv("FS_SEED");
	uint64_t shift;

	return text && string_to_u64(text, &shift) == 0 ? number + SEEDS * shift : number;
}

static bool can_run(const struct ktest *test, const char *subsystem)
{
	return strcmp(test->subsystem, subsystem) == 0 &&
	       strcmp(test->name, "the_log_can_be_read_and_written") != 0;
}

static void run(const char *subsystem, uint64_t number)
{
	unsigned count = 0;

	sim_test_start_scheduler(4, 64 * MIB, seed_of(number));
	aspace_init();
	random_init("seed", 4);
	block_start();
	cache_start();
	schemes_start();
	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (!can_run(test, subsystem))
			continue;
		test->run();
		count++;
	}
	EXPECT(count > 0);
}

UNIT_TEST(schemes, self_tests_seed_1)
{
	run("scheme", 1);
}

UNIT_TEST(schemes, self_tests_seed_2)
{
	run("scheme", 2);
}

UNIT_TEST(schemes, self_tests_seed_3)
{
	run("scheme", 3);
}

UNIT_TEST(schemes, self_tests_seed_4)
{
	run("scheme", 4);
}

UNIT_TEST(schemes, trace_seed_1)
{
	run("trace", 1);
}

UNIT_TEST(schemes, trace_seed_2)
{
	run("trace", 2);
}

UNIT_TEST(schemes, file_systems)
{
	run("fs", 1);
}
