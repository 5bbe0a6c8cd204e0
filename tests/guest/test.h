/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The harness of the tests that run as user programs, on CryptOS and on Linux alike.
 *
 *	TEST(pipe, ends_with_its_writers)
 *	{
 *		...
 *		EXPECT(read(ends[0], &byte, 1) == 0);
 *		EXPECT_ERROR(write(ends[0], &byte, 1), EBADF);
 *	}
 *
 * defines and registers the test "pipe.ends_with_its_writers". All tests are linked into one
 * program (test.c has its main). Each runs in a process of its own, in an empty folder of its
 * own, for TEST_SECONDS at most; the first expectation that does not hold ends it.
 *
 * TEST_SLOW takes a longer time limit. TEST_GUEST is for what must not be done to a machine that
 * people use: it runs only with --guest.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TEST_SECONDS 30

struct test {
	const char *area;
	const char *name;
	void (*run)(void);
	unsigned seconds;
	bool guest_only;
	struct test *next;
};

/* Adds a test; only the macros below call it. */
void test_register(struct test *test);

/* Reports the running test as failed or skipped and ends it; in any of its processes and
 * threads. */
__attribute__((noreturn, format(printf, 3, 4))) void test_fail(const char *file, int line,
							       const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void test_skip(const char *format, ...);

/* For EXPECT_EQUAL and EXPECT_ERROR. */
void test_expect_equal(const char *file, int line, const char *text, long long got,
		       long long wanted);
void test_expect_error(const char *file, int line, const char *text, long long result, int wanted);

#define TEST_DEFINE(test_area, test_name, test_seconds, test_guest_only)                  \
	static void test_run_##test_area##_##test_name(void);                             \
	__attribute__((constructor)) static void test_add_##test_area##_##test_name(void) \
	{                                                                                 \
		static struct test test = {                                               \
			.area = #test_area,                                               \
			.name = #test_name,                                               \
			.run = test_run_##test_area##_##test_name,                        \
			.seconds = test_seconds,                                          \
			.guest_only = test_guest_only,                                    \
		};                                                                        \
		test_register(&test);                                                     \
	}                                                                                 \
	static void test_run_##test_area##_##test_name(void)

#define TEST(area, name)                TEST_DEFINE(area, name, TEST_SECONDS, false)
#define TEST_SLOW(area, name, seconds)  TEST_DEFINE(area, name, seconds, false)
#define TEST_GUEST(area, name, seconds) TEST_DEFINE(area, name, seconds, true)

#define EXPECT(condition) \
	((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s (errno %d)", #condition, errno))

/* Two integers. */
#define EXPECT_EQUAL(got, wanted) \
	test_expect_equal(__FILE__, __LINE__, #got, (long long)(got), (long long)(wanted))

/* A call that must fail with -1 and this errno. */
#define EXPECT_ERROR(call, wanted) \
	(errno = 0, test_expect_error(__FILE__, __LINE__, #call, (long long)(call), wanted))

/* --- what many tests need --------------------------------------------------------------- */

/* Forks; the child runs `run(argument)` and exits with its result. Returns the child. */
pid_t test_spawn(int (*run)(void *), void *argument);

/* Waits for a process, which must end; returns its wait status. */
int test_wait(pid_t pid);

/* Waits for any child; returns its wait status. */
int test_wait_any(void);

/* test_spawn() and test_wait(). */
int test_run_child(int (*run)(void *), void *argument);

/* Creates or replaces a file that holds `text`. */
void test_write_file(const char *path, const char *text);

/* True if the file holds exactly `text`. */
bool test_file_is(const char *path, const char *text);

/* Runs this program again, with --helper NAME ARGUMENTS..., in place of the calling process. */
_Noreturn void test_exec_helper(const char *name, const char *argument);

/* A part of the program that test_exec_helper() runs; registered like a test. */
struct test_helper {
	const char *name;
	int (*run)(const char *argument);
	struct test_helper *next;
};
void test_register_helper(struct test_helper *helper);

#define TEST_HELPER(helper_name)                                                              \
	static int test_helper_##helper_name(const char *argument);                           \
	__attribute__((constructor)) static void test_add_helper_##helper_name(void)          \
	{                                                                                     \
		static struct test_helper helper = { #helper_name, test_helper_##helper_name, \
						     NULL };                                  \
		test_register_helper(&helper);                                                \
	}                                                                                     \
	static int test_helper_##helper_name(const char *argument)

/* The path of this program. */
const char *test_program(void);

/* Sleeps for so many milliseconds, signals or not. */
void test_sleep(unsigned milliseconds);

/* Milliseconds on a clock that only goes forward. */
uint64_t test_milliseconds(void);

/* Waits until `process` is blocked in the kernel, as well as can be told: a while. */
void test_let_block(void);

/* Random numbers that are the same in every run; `state` is not 0. */
uint64_t test_random(uint64_t *state);
