/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The harness of the tests that run on the host (`make unit`).
 *
 *	UNIT_TEST(ring, wraps)
 *	{
 *		...
 *		EXPECT(ring_used(&ring) == 0);
 *		EXPECT_EQUAL(ring_put(&ring, "abc", 3), 3);
 *	}
 *
 * defines and registers the test "ring.wraps". Every test runs in a process of its own, so
 * that a crash or a sanitizer's report ends that test alone. The first expectation that
 * does not hold ends the test. Test files are listed in unit-sources by the rules.mk of
 * what they test. base/ headers come before those of the C library.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct unit_test {
	const char *suite;
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

/* Adds a test to those that main() runs; only UNIT_TEST() calls it. */
void unit_register(struct unit_test *test);

/* Reports the running test as failed or skipped, with a reason, and ends it. */
__attribute__((noreturn, format(printf, 3, 4))) void unit_fail(const char *file, int line,
							       const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void unit_skip(const char *format, ...);

void unit_expect_equal(const char *file, int line, const char *text, uint64_t got, uint64_t wanted);
void unit_expect_string(const char *file, int line, const char *text, const char *got,
			const char *wanted);
void unit_expect_bytes(const char *file, int line, const char *text, const void *got,
		       const void *wanted, size_t size);

/* Random numbers (xorshift64*) that are the same in every run; `state` is not 0. */
uint64_t unit_random(uint64_t *state);
/* A number below `bound`, which is not 0. */
uint64_t unit_random_below(uint64_t *state, uint64_t bound);

/* The contents of a file, which the caller frees; the test fails if it cannot be read. */
uint8_t *unit_read_file(const char *path, size_t *size);

#define UNIT_TEST(suite_name, test_name)                                                      \
	static void unit_run_##suite_name##_##test_name(void);                                \
	__attribute__((constructor)) static void unit_add_##suite_name##_##test_name(void)    \
	{                                                                                     \
		static struct unit_test test = { #suite_name, #test_name,                     \
						 unit_run_##suite_name##_##test_name, NULL }; \
		unit_register(&test);                                                         \
	}                                                                                     \
	static void unit_run_##suite_name##_##test_name(void)

#define EXPECT(condition) \
	((condition) ? (void)0 : unit_fail(__FILE__, __LINE__, "not true: %s", #condition))

/* Integers of any type; they are compared as 64-bit numbers. */
#define EXPECT_EQUAL(got, wanted) \
	unit_expect_equal(__FILE__, __LINE__, #got, (uint64_t)(got), (uint64_t)(wanted))

#define EXPECT_STRING(got, wanted) unit_expect_string(__FILE__, __LINE__, #got, got, wanted)

#define EXPECT_BYTES(got, wanted, size) \
	unit_expect_bytes(__FILE__, __LINE__, #got, got, wanted, size)
