/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the registered tests.
 *
 *	unit [--list] [--no-fork] [SUITE | SUITE.TEST]...
 *
 * Prints a line for each test and a summary; the exit status is 1 if a test failed. With
 * --no-fork the tests run in this process, for a debugger. A test may take TEST_SECONDS.
 */
#include "unit.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_SECONDS 120

/* Exit status of a test's process that has reported its own failure; sanitizers use 1. */
enum {
	STATUS_FAILED = 101,
	STATUS_SKIPPED = 102,
};

static struct unit_test *tests;
static struct unit_test **tests_end = &tests;
static const struct unit_test *running;

void unit_register(struct unit_test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

__attribute__((noreturn)) static void test_end(int status)
{
	fflush(stdout);
	/* Nothing is torn down: leaks of a test that was cut short mean nothing. */
	_exit(status);
}

void unit_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	printf("FAIL %s.%s: %s:%d: ", running->suite, running->name, file, line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	test_end(STATUS_FAILED);
}

void unit_skip(const char *format, ...)
{
	va_list arguments;

	printf("SKIP %s.%s: ", running->suite, running->name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	test_end(STATUS_SKIPPED);
}

void unit_expect_equal(const char *file, int line, const char *text, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		unit_fail(file, line, "%s is %lld (0x%llx), not %lld (0x%llx)", text,
			  (long long)got, (unsigned long long)got, (long long)wanted,
			  (unsigned long long)wanted);
}

void unit_expect_string(const char *file, int line, const char *text, const char *got,
			const char *wanted)
{
	if (!got || strcmp(got, wanted) != 0)
		unit_fail(file, line, "%s is \"%s\", not \"%s\"", text, got ? got : "(null)",
			  wanted);
}

void unit_expect_bytes(const char *file, int line, const char *text, const void *got,
		       const void *wanted, size_t size)
{
	const uint8_t *a = got;
	const uint8_t *b = wanted;

	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			unit_fail(file, line, "%s: byte %zu is 0x%02x, not 0x%02x", text, i, a[i],
				  b[i]);
	}
}

uint64_t unit_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

uint64_t unit_random_below(uint64_t *state, uint64_t bound)
{
	return (unit_random(state) >> 16) % bound;
}

uint8_t *unit_read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	size_t used = 0;
	size_t capacity = 0;

	if (!file)
		unit_fail(__FILE__, __LINE__, "cannot open %s", path);
	for (;;) {
		size_t part;

		if (used == capacity) {
			capacity = capacity ? 2 * capacity : 65536;
			bytes = realloc(bytes, capacity);
			if (!bytes)
				unit_fail(__FILE__, __LINE__, "out of memory");
		}
		part = fread(bytes + used, 1, capacity - used, file);
		if (part == 0)
			break;
		used += part;
	}
	fclose(file);
	*size = used;
	return bytes;
}

/* Says what became of a test that did not report itself; returns its verdict. */
static int test_judge(const struct unit_test *test, int status)
{
	if (WIFEXITED(status)) {
		if (WEXITSTATUS(status) == 0)
			printf("PASS %s.%s\n", test->suite, test->name);
		else if (WEXITSTATUS(status) < STATUS_FAILED)
			printf("FAIL %s.%s: ended with status %d\n", test->suite, test->name,
			       WEXITSTATUS(status));
		return WEXITSTATUS(status);
	}
	printf("FAIL %s.%s: killed by signal %d (%s)\n", test->suite, test->name, WTERMSIG(status),
	       strsignal(WTERMSIG(status)));
	return STATUS_FAILED;
}

static int test_run(const struct unit_test *test, bool separate)
{
	pid_t child = 0;
	int status = 0;

	fflush(stdout);
	running = test;
	if (separate)
		child = fork();
	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (child == 0) {
		if (separate)
			alarm(TEST_SECONDS);
		test->run();
		if (separate)
			exit(0);
	} else if (waitpid(child, &status, 0) < 0) {
		perror("waitpid");
		exit(1);
	}
	return test_judge(test, status);
}

/* True if `test` is named, or if no test is. */
static bool test_selected(const struct unit_test *test, char **names, int count)
{
	size_t suite_length = strlen(test->suite);
	bool any = false;

	for (int i = 0; i < count; i++) {
		if (names[i][0] == '-')
			continue;
		any = true;
		if (strcmp(names[i], test->suite) == 0)
			return true;
		if (strncmp(names[i], test->suite, suite_length) == 0 &&
		    names[i][suite_length] == '.' &&
		    strcmp(names[i] + suite_length + 1, test->name) == 0)
			return true;
	}
	return !any;
}

int main(int argc, char **argv)
{
	bool separate = true;
	bool list = false;
	unsigned passed = 0;
	unsigned failed = 0;
	unsigned skipped = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--no-fork") == 0)
			separate = false;
		if (strcmp(argv[i], "--list") == 0)
			list = true;
	}
	for (const struct unit_test *test = tests; test; test = test->next) {
		int status;

		if (!test_selected(test, argv + 1, argc - 1))
			continue;
		if (list) {
			printf("%s.%s\n", test->suite, test->name);
			continue;
		}
		status = test_run(test, separate);
		passed += status == 0;
		skipped += status == STATUS_SKIPPED;
		failed += status != 0 && status != STATUS_SKIPPED;
	}
	if (skipped > 0)
		printf("%u skipped\n", skipped);
	if (!list)
		printf("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}
