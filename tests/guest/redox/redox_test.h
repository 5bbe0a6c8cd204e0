/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The harness of the tests of the Redox ABI: native programs over user/libcryptos.
 *
 *	TEST(pipe, ends_with_its_writers)
 *	{
 *		...
 *		EXPECT_EQUAL(file_read(ends[0], &byte, 1), 0);
 *		EXPECT_ERROR(file_write(ends[0], &byte, 1), EBADF);
 *	}
 *
 * defines the test "pipe.ends_with_its_writers". All are linked into one program, redox-tests
 * (redox_test.c has its main). Each runs in a process of its own, as root, in an empty directory
 * of its own, for TEST_SECONDS at most; the first expectation that does not hold ends it, in
 * whichever of its processes. A new file of tests is one more name in tests/rules.mk.
 */
#pragma once

#include <base/string.h>
#include <cryptos/event.h>
#include <cryptos/file.h>
#include <cryptos/memory.h>
#include <cryptos/print.h>
#include <cryptos/process.h>
#include <cryptos/signal.h>
#include <cryptos/time.h>

#define TEST_SECONDS 30

struct test {
	const char *area;
	const char *name;
	void (*run)(void);
	unsigned seconds;
};

/* The linker gathers pointers to all tests, in the order of the files. */
#define TEST_SLOW(test_area, test_name, test_seconds)                                              \
	static void test_run_##test_area##_##test_name(void);                                      \
	static const struct test test_##test_area##_##test_name = {                                \
		#test_area, #test_name, test_run_##test_area##_##test_name, test_seconds           \
	};                                                                                         \
	__attribute__((section("redox_tests"),                                                     \
		       used)) static const struct test *const test_add_##test_area##_##test_name = \
		&test_##test_area##_##test_name;                                                   \
	static void test_run_##test_area##_##test_name(void)

#define TEST(area, name) TEST_SLOW(area, name, TEST_SECONDS)

/* Reports the running test as failed or skipped and ends it; in any of its processes and
 * threads. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...) printf_like(3, 4);
_Noreturn void test_skip(const char *format, ...) printf_like(1, 2);

/* For the macros below. */
void test_expect_equal(const char *file, int line, const char *text, int64_t got, int64_t wanted);
void test_expect_error(const char *file, int line, const char *text, int64_t result, int wanted);
int64_t test_expect_success(const char *file, int line, const char *text, int64_t result);

#define EXPECT(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #condition))

/* Two integers. */
#define EXPECT_EQUAL(got, wanted) \
	test_expect_equal(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(wanted))

/* A call that must fail with this errno: EXPECT_ERROR(file_close(7), EBADF). */
#define EXPECT_ERROR(call, wanted) \
	test_expect_error(__FILE__, __LINE__, #call, (int64_t)(call), wanted)

/* A call that must not fail; its value is the result. */
#define EXPECT_SUCCESS(call) test_expect_success(__FILE__, __LINE__, #call, (int64_t)(call))

/* --- what many tests need --------------------------------------------------------------- */

/* Clones without sharing; the child runs `run(argument)` and exits with its result. Returns the
 * child. */
int64_t test_spawn(unsigned (*run)(void *), void *argument);

/* Waits for a process, which must end; returns its wait status. */
uint64_t test_wait(int64_t pid);

/* test_spawn() and test_wait(). */
uint64_t test_run_child(unsigned (*run)(void *), void *argument);

/* Creates or replaces a file that holds `text`. */
void test_write_file(const char *path, const char *text);

/* True if the file holds exactly `text`. */
bool test_file_is(const char *path, const char *text);

/* From now on the process is user and group `id`, for good. */
void test_become_user(uint32_t id);

/* The path of this program ("file:/..."). */
const char *test_program(void);

/* Starts this program again as `redox-tests --helper NAME ARGUMENT`, in place of the calling
 * process, for tests of fexec. TEST_HELPER(name) defines what it runs there; its result is the
 * exit status. */
_Noreturn void test_exec_helper(const char *name, const char *argument);

struct test_helper {
	const char *name;
	unsigned (*run)(const char *argument);
};

#define TEST_HELPER(helper_name)                                                              \
	static unsigned test_helper_##helper_name(const char *argument);                      \
	static const struct test_helper test_helper_record_##helper_name = {                  \
		#helper_name, test_helper_##helper_name                                       \
	};                                                                                    \
	__attribute__((                                                                       \
		section("redox_helpers"),                                                     \
		used)) static const struct test_helper *const test_helper_add_##helper_name = \
		&test_helper_record_##helper_name;                                            \
	static unsigned test_helper_##helper_name(const char *argument)

/* Gives others time to block in the kernel. */
void test_let_block(void);

/* Random numbers that are the same in every run; `state` is not 0. */
uint64_t test_random(uint64_t *state);
