/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the kernel's self tests of the layers that are linked. */
#include "sim_test.h"

#include <base/string.h>
#include <core/ktest.h>

void ktest_fail(const char *file, int line, const char *condition)
{
	unit_fail(file, line, "not true: %s", condition);
}

static void run_subsystem(const char *subsystem)
{
	unsigned count = 0;

	sim_test_start(4, 64 * MIB);
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
	run_subsystem("sync");
}

UNIT_TEST(ktest, phys)
{
	run_subsystem("phys");
}
