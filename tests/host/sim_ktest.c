/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the kernel's self tests of the layers that are linked. */
#include "sim_test.h"

#include <base/string.h>
#include <compositor/compositor.h>
#include <core/ktest.h>
#include <display/display.h>

void ktest_fail(const char *file, int line, const char *condition)
{
	unit_fail(file, line, "not true: %s", condition);
}

static void run_subsystem(const char *subsystem)
{
	unsigned count = 0;

	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (strcmp(test->subsystem, subsystem) != 0)
			continue;
		test->run();
		count++;
	}
	EXPECT(count > 0);
}

UNIT_TEST(ktest, sync)
{
	sim_test_start(4, 64 * MIB);
	run_subsystem("sync");
}

UNIT_TEST(ktest, phys)
{
	sim_test_start(4, 64 * MIB);
	run_subsystem("phys");
}

UNIT_TEST(ktest, compositor)
{
	sim_test_start_scheduler(1, 64 * MIB, 1);
	compositor_init();
	display_init();
	run_subsystem("compositor");
}
