/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the tests that are linked to it (redox_test.h).
 *
 *	redox-tests [--list] [--after TEST] [--alone] [AREA | AREA.NAME]...
 *
 * runs all tests or those named; with --after those that follow TEST, to go on behind one that took
 * the machine down; with --alone in one process, for debugging. Prints "RUN name" before and "PASS
 * name", "FAIL name: why" or "SKIP name: why" after each, and at last "N passed, N failed". Exit
 * status 1 if any failed.
 */
#include "redox_test.h"

/* How a test's process ends; apart from what tests use themselves. */
enum { STATUS_PASS = 0, STATUS_FAIL = 101, STATUS_SKIP = 102 };

/* With these a test's other processes end it; tests leave them alone. */
#define SIGNAL_FAIL 100
#define SIGNAL_SKIP 101

/* How long what a test has left running may need to end when it is killed. */
#define REAP_MILLISECONDS 2000

extern const struct test *const __start_redox_tests[], *const __stop_redox_tests[];
extern const struct test_helper *const __start_redox_helpers[] __attribute__((weak));
extern const struct test_helper *const __stop_redox_helpers[] __attribute__((weak));

static const struct test *running;
static int64_t running_process;
static char program_path[256];
static char scratch[64];

/* Ends the whole test from any of its processes. */
static _Noreturn void end_test(unsigned status)
{
	if (process_id() != running_process)
		signal_send(running_process, status == STATUS_SKIP ? SIGNAL_SKIP : SIGNAL_FAIL);
	process_exit(status);
}

static void print_verdict(const char *verdict, const char *place, const char *format,
			  va_list arguments) printf_like(3, 0);
static void print_verdict(const char *verdict, const char *place, const char *format,
			  va_list arguments)
{
	char text[384];

	vsnprintf(text, sizeof(text), format, arguments);
	print("%s %s.%s: %s%s\n", verdict, running->area, running->name, place, text);
}

void test_fail(const char *file, int line, const char *format, ...)
{
	const char *name = strrchr(file, '/');
	char place[64];
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

void test_expect_equal(const char *file, int line, const char *text, int64_t got, int64_t wanted)
{
	if (got != wanted)
		test_fail(file, line, "%s is %ld (%#lx), not %ld (%#lx)", text, got, got, wanted,
			  wanted);
}

void test_expect_error(const char *file, int line, const char *text, int64_t result, int wanted)
{
	if (result >= 0 || result < -REDOX_ERROR_LAST)
		test_fail(file, line, "%s is %ld, not error %d", text, result, wanted);
	if (result != -wanted)
		test_fail(file, line, "%s fails with %ld (%s), not %d (%s)", text, -result,
			  error_name(result), wanted, error_name(wanted));
}

int64_t test_expect_success(const char *file, int line, const char *text, int64_t result)
{
	if (result < 0)
		test_fail(file, line, "%s fails with %ld (%s)", text, -result, error_name(result));
	return result;
}

/* --- helpers of tests -------------------------------------------------------------------- */

int64_t test_spawn(unsigned (*run)(void *), void *argument)
{
	int64_t pid = EXPECT_SUCCESS(process_clone(0));

	if (pid == 0)
		process_exit(run(argument));
	return pid;
}

uint64_t test_wait(int64_t pid)
{
	uint64_t status = 0;
	int64_t got;

	do {
		got = process_wait(pid, &status, 0);
	} while (got == -EINTR);
	EXPECT_EQUAL(got, pid);
	return status;
}

uint64_t test_run_child(unsigned (*run)(void *), void *argument)
{
	return test_wait(test_spawn(run, argument));
}

void test_write_file(const char *path, const char *text)
{
	int64_t fd = EXPECT_SUCCESS(
		file_open(path, REDOX_O_WRONLY | REDOX_O_CREAT | REDOX_O_TRUNC | 0644));

	EXPECT_EQUAL(file_write(fd, text, strlen(text)), strlen(text));
	EXPECT_EQUAL(file_close(fd), 0);
}

bool test_file_is(const char *path, const char *text)
{
	char content[4096];
	int64_t count, fd = file_open(path, REDOX_O_RDONLY);

	if (fd < 0)
		return false;
	count = file_read_whole(fd, content, sizeof(content));
	file_close(fd);
	return count == (int64_t)strlen(text) && memcmp(content, text, strlen(text)) == 0;
}

void test_become_user(uint32_t id)
{
	EXPECT_EQUAL(group_id_set(id, id), 0);
	EXPECT_EQUAL(user_id_set(id, id), 0);
}

const char *test_program(void)
{
	return program_path;
}

void test_exec_helper(const char *name, const char *argument)
{
	const char *const arguments[] = { program_path, "--helper", name, argument, NULL };
	int64_t error =
		process_execute(program_path, arguments, (const char *const *)program_environment);

	test_fail(__FILE__, __LINE__, "exec of %s: %s", program_path, error_name(error));
}

void test_let_block(void)
{
	sleep_milliseconds(50);
}

uint64_t test_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* --- directories of tests ---------------------------------------------------------------- */

/* Removes a directory and what is in it; links are not followed. */
static void remove_tree(const char *path)
{
	char names[4096], entry[512];
	int64_t length, fd = file_open(path, REDOX_O_RDONLY | REDOX_O_DIRECTORY);

	if (fd < 0)
		return;
	length = file_read_whole(fd, names, sizeof(names) - 1);
	file_close(fd);
	names[length < 0 ? 0 : length] = '\0';
	for (char *name = names; *name;) {
		char *end = strchr(name, '\n');

		if (end)
			*end = '\0';
		snprintf(entry, sizeof(entry), "%s/%s", path, name);
		if (path_unlink(entry) == -EISDIR)
			remove_tree(entry);
		name = end ? end + 1 : name + strlen(name);
	}
	path_remove_directory(path);
}

static int64_t make_scratch(void)
{
	static unsigned count;
	int64_t fd;

	snprintf(scratch, sizeof(scratch), "file:/tmp/redox-%ld.%u", process_id(), count++);
	fd = file_open(scratch, REDOX_O_RDONLY | REDOX_O_CREAT | REDOX_O_DIRECTORY | 0777);
	if (fd < 0)
		return fd;
	file_change_mode(fd, 0777);
	return file_close(fd);
}

/* --- running ----------------------------------------------------------------------------- */

/* In the child: the test itself. */
static _Noreturn void run_test(const struct test *test)
{
	running_process = process_id();
	process_set_group(0, 0);
	process_umask(022);
	EXPECT_EQUAL(working_directory_change(scratch), 0);
	test->run();
	process_exit(STATUS_PASS);
}

/* Waits for the process until the time is over; true if it has ended. */
static bool wait_until(int64_t pid, int64_t end, uint64_t *status)
{
	unsigned pause_time = 1;

	for (;;) {
		int64_t got = process_wait(pid, status, REDOX_WNOHANG);

		if (got != 0 && got != -EINTR)
			return true;
		if (clock_monotonic() >= end)
			return false;
		sleep_milliseconds(pause_time);
		if (pause_time < 50)
			pause_time *= 2;
	}
}

/* Ends the processes of the test's group, which became our children; true if they did end. */
static bool end_group(int64_t group)
{
	int64_t end = clock_monotonic() + REAP_MILLISECONDS * INT64_C(1000000);
	uint64_t status;

	signal_send(-group, SIGKILL);
	for (;;) {
		int64_t got = process_wait(-group, &status, REDOX_WNOHANG);

		if (got < 0 && got != -EINTR)
			return true;
		if (clock_monotonic() >= end)
			return false;
		if (got == 0)
			sleep_milliseconds(1);
	}
}

static void print_failure(const struct test *test, const char *text, uint64_t number)
{
	print("FAIL %s.%s: %s %lu\n", test->area, test->name, text, number);
}

/* Returns whether the test passed (1), was skipped (-1) or failed (0). */
static int judge_status(const struct test *test, bool in_time, bool reaped, uint64_t status)
{
	if (!in_time)
		print_failure(test, "not done within seconds:", test->seconds);
	else if (status == SIGNAL_SKIP || status == STATUS_SKIP << 8)
		return -1;
	else if (status_is_signal(status) && status != SIGNAL_FAIL)
		print_failure(test, "ended by signal", status_signal(status));
	else if (status != STATUS_PASS && status != STATUS_FAIL << 8 && status != SIGNAL_FAIL)
		print_failure(test, "ended with status", status_exit(status));
	else if (!reaped)
		print_failure(test, "a process of it does not end; group", 0);
	return in_time && reaped && status == STATUS_PASS;
}

static int run_and_judge(const struct test *test)
{
	bool in_time, reaped;
	uint64_t status = 0;
	int64_t pid, error;
	int verdict;

	running = test;
	print("RUN %s.%s\n", test->area, test->name);
	error = make_scratch();
	if (error < 0) {
		print("FAIL %s.%s: no directory %s: %s\n", test->area, test->name, scratch,
		      error_name(error));
		return 0;
	}
	pid = process_clone(0);
	if (pid == 0)
		run_test(test);
	if (pid < 0) {
		print("FAIL %s.%s: clone: %s\n", test->area, test->name, error_name(pid));
		return 0;
	}
	in_time = wait_until(
		pid, clock_monotonic() + (int64_t)test->seconds * NANOSECONDS_PER_SECOND, &status);
	if (!in_time) {
		signal_send(pid, SIGKILL);
		process_wait(pid, &status, 0);
	}
	reaped = end_group(pid);
	remove_tree(scratch);
	verdict = judge_status(test, in_time, reaped, status);
	if (verdict == 1)
		print("PASS %s.%s\n", test->area, test->name);
	return verdict;
}

static bool is_named(const struct test *test, const char *name)
{
	size_t length = strlen(test->area);

	if (strncmp(name, test->area, length) != 0)
		return false;
	return name[length] == '\0' ||
	       (name[length] == '.' && strcmp(name + length + 1, test->name) == 0);
}

static bool is_wanted(const struct test *test, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (is_named(test, *names))
			return true;
	return false;
}

static unsigned run_helper(char **arguments)
{
	for (const struct test_helper *const *helper = __start_redox_helpers;
	     helper < __stop_redox_helpers; helper++)
		if (arguments[0] && strcmp((*helper)->name, arguments[0]) == 0)
			return (*helper)->run(arguments[1]);
	return STATUS_FAIL; /* no such helper */
}

/* One after the other, in this process. */
static int run_alone(char **names)
{
	running_process = process_id();
	if (make_scratch() >= 0)
		working_directory_change(scratch);
	for (const struct test *const *test = __start_redox_tests; test < __stop_redox_tests;
	     test++) {
		if (!is_wanted(*test, names))
			continue;
		running = *test;
		print("RUN %s.%s\n", running->area, running->name);
		running->run();
		print("PASS %s.%s\n", running->area, running->name);
	}
	return 0;
}

static int run_all(char **names, const char *after)
{
	unsigned passed = 0, failed = 0;

	for (const struct test *const *test = __start_redox_tests; test < __stop_redox_tests;
	     test++) {
		int verdict;

		if (after) {
			if (is_named(*test, after))
				after = NULL;
			continue;
		}
		if (!is_wanted(*test, names))
			continue;
		verdict = run_and_judge(*test);
		passed += verdict == 1;
		failed += verdict == 0;
	}
	print("%u passed, %u failed\n", passed, failed);
	return failed > 0;
}

static int list_tests(void)
{
	for (const struct test *const *test = __start_redox_tests; test < __stop_redox_tests;
	     test++)
		print("%s.%s\n", (*test)->area, (*test)->name);
	return 0;
}

int main(int count, char **arguments)
{
	const char *after = NULL;
	bool alone = false;

	if (count < 1)
		return 2;
	snprintf(program_path, sizeof(program_path), "%s%s",
		 strchr(arguments[0], ':') ? "" : "file:", arguments[0]);
	for (arguments++; *arguments && **arguments == '-'; arguments++) {
		if (strcmp(*arguments, "--helper") == 0)
			return (int)run_helper(arguments + 1);
		if (strcmp(*arguments, "--list") == 0)
			return list_tests();
		if (strcmp(*arguments, "--alone") == 0) {
			alone = true;
		} else if (strcmp(*arguments, "--after") == 0 && arguments[1]) {
			after = *++arguments;
		} else {
			print_to(FD_ERROR, "unknown option %s\n", *arguments);
			return 2;
		}
	}
	return alone ? run_alone(arguments) : run_all(arguments, after);
}
