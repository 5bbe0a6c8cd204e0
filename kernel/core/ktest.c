/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <core/ktest.h>

#include <base/string.h>
#include <core/log.h>

static bool failed;

void ktest_fail(const char *file, int line, const char *condition)
{
	failed = true;
	log_error("ktest", "%s:%d: %s", file, line, condition);
}

unsigned ktest_run(const char *subsystem, void (*check)(void))
{
	unsigned passes = 0, failures = 0;

	for (const struct ktest *test = ktest_records_start; test < ktest_records_end; test++) {
		if (subsystem && strcmp(subsystem, test->subsystem) != 0)
			continue;
		failed = false;
		test->run();
		log_notice("ktest", "%s %s.%s", failed ? "FAIL" : "PASS", test->subsystem,
			   test->name);
		check();
		failures += failed;
		passes += !failed;
	}
	log_notice("ktest", "%u passed, %u failed", passes, failures);
	return failures;
}
