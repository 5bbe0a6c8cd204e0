/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the tests that are linked to it (test.h).
 *
 *	program [--guest] [--list] [--after TEST] [AREA | AREA.NAME]...
 *
 * runs all tests or those named; with --after those that follow TEST, to go on behind one that
 * took the machine down. Prints "RUN name" before and "PASS name", "FAIL name: why" or "SKIP
 * name: why" after each, and at last "N passed, N failed". Exit status 1 if any failed.
 */
#include "test.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How a test's process ends; apart from what tests use themselves. */
enum { STATUS_PASS = 0, STATUS_FAIL = 101, STATUS_SKIP = 102 };

/* With these a test's other processes end it; tests leave them alone. */
#define SIGNAL_FAIL (SIGRTMAX - 1)
#define SIGNAL_SKIP SIGRTMAX

static struct test *tests;
static struct test_helper *helpers;
static const struct test *running;
static pid_t running_process;
static const char *program_path;
static char scratch[256];

void test_register(struct test *test)
{
	struct test **place = &tests;

	/* Sorted by area, and within it in the order of the source. */
	while (*place && strcmp((*place)->area, test->area) <= 0)
		place = &(*place)->next;
	test->next = *place;
	*place = test;
}

void test_register_helper(struct test_helper *helper)
{
	helper->next = helpers;
	helpers = helper;
}

/* Ends the whole test from any of its processes. */
static _Noreturn void end_test(int status)
{
	if (getpid() != running_process)
		kill(running_process, status == STATUS_SKIP ? SIGNAL_SKIP : SIGNAL_FAIL);
	_exit(status);
}

static _Noreturn void end_by_signal(int number)
{
	_exit(number == SIGNAL_SKIP ? STATUS_SKIP : STATUS_FAIL);
}

static void print_verdict(const char *verdict, const char *place, const char *format,
			  va_list arguments)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, arguments);
	dprintf(1, "%s %s.%s: %s%s\n", verdict, running->area, running->name, place, text);
}

void test_fail(const char *file, int line, const char *format, ...)
{
	const char *name = strrchr(file, '/');
	char place[128];
	va_list arguments;

	snprintf(place, sizeof(place), "%s:%d: ", name ? name + 1 : file, line);
	va_start(arguments, format);
	print_verdict("FAIL", place, format, arguments);
	va_end(arguments);
	end_test(STATUS_FAIL);
}

void test_skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_verdict("SKIP", "", format, arguments);
	va_end(arguments);
	end_test(STATUS_SKIP);
}

void test_expect_equal(const char *file, int line, const char *text, long long got,
		       long long wanted)
{
	if (got != wanted)
		test_fail(file, line, "%s is %lld (%#llx), not %lld (%#llx)", text, got, got,
			  wanted, wanted);
}

void test_expect_error(const char *file, int line, const char *text, long long result, int wanted)
{
	int error = errno;

	if (result != -1)
		test_fail(file, line, "%s is %lld, not error %d", text, result, wanted);
	if (error != wanted)
		test_fail(file, line, "%s fails with %d (%s), not %d", text, error, strerror(error),
			  wanted);
}

/* --- helpers of tests -------------------------------------------------------------------- */

pid_t test_spawn(int (*run)(void *), void *argument)
{
	pid_t pid = fork();

	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(run(argument));
	return pid;
}

int test_wait(pid_t pid)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	EXPECT(got == pid || (got > 0 && pid == -1));
	return status;
}

int test_wait_any(void)
{
	return test_wait(-1);
}

int test_run_child(int (*run)(void *), void *argument)
{
	return test_wait(test_spawn(run, argument));
}

void test_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, text, strlen(text)), strlen(text));
	EXPECT_EQUAL(close(fd), 0);
}

bool test_file_is(const char *path, const char *text)
{
	char content[4096];
	int fd = open(path, O_RDONLY);
	ssize_t count;

	if (fd < 0)
		return false;
	count = read(fd, content, sizeof(content));
	close(fd);
	return count == (ssize_t)strlen(text) && memcmp(content, text, strlen(text)) == 0;
}

const char *test_program(void)
{
	return program_path;
}

void test_exec_helper(const char *name, const char *argument)
{
	execl(program_path, program_path, "--helper", name, argument, (char *)NULL);
	test_fail(__FILE__, __LINE__, "exec of %s: errno %d", program_path, errno);
}

void test_sleep(unsigned milliseconds)
{
	struct timespec left = { milliseconds / 1000, (milliseconds % 1000) * 1000000L };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

uint64_t test_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void test_let_block(void)
{
	test_sleep(100);
}

uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* --- running ----------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *information, int kind,
			struct FTW *place)
{
	(void)information;
	(void)place;
	if (kind == FTW_DNR || kind == FTW_DP || kind == FTW_D)
		return rmdir(path);
	return unlink(path);
}

/* In the child: the test itself. */
static _Noreturn void run_test(const struct test *test)
{
	running_process = getpid();
	setpgid(0, 0);
	signal(SIGNAL_FAIL, end_by_signal);
	signal(SIGNAL_SKIP, end_by_signal);
	umask(022);
	if (chdir(scratch) < 0)
		test_fail(__FILE__, __LINE__, "no folder %s", scratch);
	test->run();
	_exit(STATUS_PASS);
}

/* Waits for the test for as long as it may take; returns false if it took longer. */
static bool wait_for_test(pid_t pid, unsigned seconds, int *status)
{
	uint64_t end = test_milliseconds() + (uint64_t)seconds * 1000;
	unsigned pause_time = 1;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (test_milliseconds() >= end) {
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			return false;
		}
		test_sleep(pause_time);
		if (pause_time < 50)
			pause_time *= 2;
	}
	return true;
}

static int start_and_wait(const struct test *test, bool *in_time)
{
	int status = STATUS_FAIL << 8;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_test(test);
	if (pid < 0) {
		dprintf(1, "FAIL %s.%s: fork: errno %d\n", test->area, test->name, errno);
		return status;
	}
	*in_time = wait_for_test(pid, test->seconds, &status);
	/* What the test left running: its group, and those who became our children. */
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return status;
}

/* Returns whether the test passed, was skipped (-1) or failed. */
static int judge_test(const struct test *test)
{
	bool in_time = true;
	int status;

	running = test;
	dprintf(1, "RUN %s.%s\n", test->area, test->name);
	snprintf(scratch, sizeof(scratch), "%s/test.XXXXXX", getenv("TMPDIR") ?: "/tmp");
	if (!mkdtemp(scratch)) {
		dprintf(1, "FAIL %s.%s: no folder %s: errno %d\n", test->area, test->name, scratch,
			errno);
		return 0;
	}
	chmod(scratch, 0755);
	status = start_and_wait(test, &in_time);
	nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_PASS) {
		dprintf(1, "PASS %s.%s\n", test->area, test->name);
		return 1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIP)
		return -1;
	if (!in_time)
		dprintf(1, "FAIL %s.%s: not done in %u seconds\n", test->area, test->name,
			test->seconds);
	else if (WIFSIGNALED(status))
		dprintf(1, "FAIL %s.%s: ended by signal %d\n", test->area, test->name,
			WTERMSIG(status));
	else if (WEXITSTATUS(status) != STATUS_FAIL)
		dprintf(1, "FAIL %s.%s: ended with status %d\n", test->area, test->name,
			WEXITSTATUS(status));
	return 0;
}

static bool is_named(const struct test *test, const char *name)
{
	size_t length = strlen(test->area);

	if (strncmp(name, test->area, length) != 0)
		return false;
	return name[length] == '\0' ||
	       (name[length] == '.' && strcmp(name + length + 1, test->name) == 0);
}

static bool is_wanted(const struct test *test, char **names, bool guest)
{
	if (test->guest_only && !guest)
		return false;
	if (!*names)
		return true;
	for (; *names; names++)
		if (is_named(test, *names))
			return true;
	return false;
}

static int run_helper(char **arguments)
{
	for (struct test_helper *helper = helpers; helper; helper = helper->next)
		if (arguments[0] && strcmp(helper->name, arguments[0]) == 0)
			return helper->run(arguments[1]);
	return STATUS_FAIL; /* no such helper */
}

static int run_all(char **names, const char *after, bool guest)
{
	unsigned passed = 0, failed = 0;

	for (const struct test *test = tests; test; test = test->next) {
		int verdict;

		if (after) {
			if (is_named(test, after))
				after = NULL;
			continue;
		}
		if (!is_wanted(test, names, guest))
			continue;
		verdict = judge_test(test);
		passed += verdict == 1;
		failed += verdict == 0;
	}
	dprintf(1, "%u passed, %u failed\n", passed, failed);
	return failed > 0;
}

int main(int count, char **arguments)
{
	const char *after = NULL;
	bool guest = false;

	(void)count;
	program_path = realpath(*arguments++, NULL) ?: "/proc/self/exe";
	for (; *arguments && **arguments == '-'; arguments++) {
		if (strcmp(*arguments, "--helper") == 0)
			return run_helper(arguments + 1);
		if (strcmp(*arguments, "--guest") == 0)
			guest = true;
		else if (strcmp(*arguments, "--after") == 0 && arguments[1])
			after = *++arguments;
		else if (strcmp(*arguments, "--list") == 0) {
			for (const struct test *test = tests; test; test = test->next)
				printf("%s.%s\n", test->area, test->name);
			return 0;
		} else {
			dprintf(2, "unknown option %s\n", *arguments);
			return 2;
		}
	}
	/* Orphans of tests become ours, to be ended with them. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return run_all(arguments, after, guest);
}
