/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests inside the kernel, beside the code they test (kernel/<sub>/<sub>_ktest.c).
 *
 *     KTEST(sched, wakes_in_order)
 *     {
 *             ktest_expect(value == 3);
 *     }
 *
 * With `ktest` (or `ktest=sched`) on the command line, main runs them in a thread after boot,
 * prints "ktest: PASS sched.wakes_in_order" or "ktest: FAIL ..." for each, then
 * "ktest: N passed, N failed", and switches the machine off.
 */
#pragma once

#include <base/types.h>

struct ktest {
	const char *subsystem;
	const char *name;
	void (*run)(void);
};

/* The records are gathered at link time between these two. */
extern const struct ktest ktest_records_start[], ktest_records_end[];

#define KTEST(test_subsystem, test_name)                                                          \
	static void ktest_##test_subsystem##_##test_name(void);                                   \
	static const struct ktest ktest_record_##test_subsystem##_##test_name __attribute__((     \
		section(".ktest"), used, aligned(8))) = { #test_subsystem, #test_name,            \
							  ktest_##test_subsystem##_##test_name }; \
	static void ktest_##test_subsystem##_##test_name(void)

/* Records a failure with its place and goes on. */
#define ktest_expect(condition) ((condition) ? (void)0 : ktest_fail(__FILE__, __LINE__, #condition))

void ktest_fail(const char *file, int line, const char *condition);

/* Runs all tests, or those of one subsystem (NULL: all); returns the number that failed. After each
 * `check` looks whether the test left harm behind, which panics: the last one logged did it. */
unsigned ktest_run(const char *subsystem, void (*check)(void));
