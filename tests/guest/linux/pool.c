/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker pools through the library: what programs rely on. */
#include "../test.h"

#include <fcntl.h>
#include <pool.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct pool *open_pool(unsigned workers)
{
	struct pool *pool = pool_open(workers);

	if (!pool && errno == ENOENT)
		test_skip("no scheme pool");
	EXPECT(pool != NULL);
	return pool;
}

static _Atomic unsigned counter;

static void count(void *argument)
{
	counter += (unsigned)(uintptr_t)argument;
}

static void pass_time(unsigned milliseconds)
{
	struct timespec span = { 0, (long)milliseconds * 1000000 };

	syscall(SYS_nanosleep, &span, NULL);
}

TEST_SLOW(pool, does_what_is_submitted, 120)
{
	struct pool *pool = open_pool(0);
	struct pool_status status;

	EXPECT(pool_workers(pool) >= 1);
	for (unsigned i = 1; i <= 2000; i++)
		EXPECT_EQUAL(pool_submit(pool, count, (void *)(uintptr_t)i), 0);
	EXPECT_EQUAL(pool_wait(pool), 0);
	EXPECT_EQUAL(counter, 2000 * 2001 / 2);
	EXPECT_EQUAL(pool_read_status(pool, &status), 0);
	EXPECT_EQUAL(status.submitted, 2000);
	EXPECT_EQUAL(status.finished, 2000);
	EXPECT_EQUAL(status.queued, 0);
	EXPECT_EQUAL(status.busy, 0);
	EXPECT(status.peak >= 1 && status.peak <= status.workers);
	EXPECT_EQUAL(pool_wait(pool), 0);
	EXPECT_EQUAL(pool_close(pool), 0);
}

static _Atomic uint8_t visits[10000];

static void visit(uint64_t first, uint64_t end, void *argument)
{
	for (uint64_t i = first; i < end; i++)
		visits[i - *(uint64_t *)argument]++;
}

TEST(pool, loops_reach_each_number_once)
{
	static const struct {
		uint64_t begin, count, grain;
	} loops[] = {
		{ 0, 10000, 1 }, { 0, 10000, 7 },     { 5, 9999, 100 },
		{ 0, 1, 1 },     { 3, 10, 0 },        { UINT64_MAX - 1000, 1000, 3 },
		{ 0, 0, 1 },     { 100, 50, 100000 }, { 0, 10000, UINT64_MAX },
	};
	struct pool *pool = open_pool(0);

	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		uint64_t begin = loops[i].begin;

		memset((void *)visits, 0, sizeof(visits));
		EXPECT_EQUAL(pool_parallel_for(pool, begin, begin + loops[i].count, loops[i].grain,
					       visit, &begin),
			     0);
		for (size_t place = 0; place < sizeof(visits); place++)
			EXPECT_EQUAL(visits[place], place < loops[i].count);
	}
	EXPECT_EQUAL(pool_close(pool), 0);
}

static struct pool *shared;

static void inner(uint64_t first, uint64_t end, void *argument)
{
	(void)argument;
	counter += (unsigned)(end - first);
}

static void outer(uint64_t first, uint64_t end, void *argument)
{
	for (uint64_t i = first; i < end; i++) {
		if (pool_parallel_for(shared, 0, 100, 3, inner, argument) < 0)
			_exit(1);
	}
}

TEST(pool, loops_within_loops)
{
	shared = open_pool(0);
	EXPECT_EQUAL(pool_parallel_for(shared, 0, 200, 1, outer, NULL), 0);
	EXPECT_EQUAL(counter, 20000);
	EXPECT_EQUAL(pool_close(shared), 0);
}

static void submit_more(void *argument)
{
	uintptr_t levels = (uintptr_t)argument;

	counter++;
	if (levels == 0)
		return;
	/* At last more than the queue holds. */
	if (pool_submit(shared, submit_more, (void *)(levels - 1)) < 0 ||
	    pool_submit(shared, submit_more, (void *)(levels - 1)) < 0)
		_exit(1);
}

TEST_SLOW(pool, workers_submit, 120)
{
	shared = open_pool(0);
	EXPECT_EQUAL(pool_submit(shared, submit_more, (void *)11), 0);
	while (counter < (1 << 12) - 1)
		EXPECT_EQUAL(pool_wait(shared), 0);
	EXPECT_EQUAL(pool_close(shared), 0);
	EXPECT_EQUAL(counter, (1 << 12) - 1);
}

static _Atomic int wait_error, close_error;

static void wait_for_itself(void *argument)
{
	(void)argument;
	wait_error = pool_wait(shared) < 0 ? errno : 0;
	close_error = pool_close(shared) < 0 ? errno : 0;
}

TEST(pool, workers_do_not_wait_for_themselves)
{
	shared = open_pool(0);
	EXPECT_EQUAL(pool_submit(shared, wait_for_itself, NULL), 0);
	EXPECT_EQUAL(pool_wait(shared), 0);
	EXPECT_EQUAL(wait_error, EDEADLK);
	EXPECT_EQUAL(close_error, EDEADLK);
	EXPECT_EQUAL(pool_close(shared), 0);
}

TEST_SLOW(pool, two_in_one_process, 120)
{
	struct pool *first = open_pool(0), *second = open_pool(0);

	for (unsigned i = 0; i < 1000; i++) {
		EXPECT_EQUAL(pool_submit(first, count, (void *)1), 0);
		EXPECT_EQUAL(pool_submit(second, count, (void *)1000), 0);
	}
	EXPECT_EQUAL(pool_wait(first), 0);
	EXPECT_EQUAL(counter % 1000, 0);
	EXPECT_EQUAL(pool_close(first), 0);
	EXPECT_EQUAL(pool_wait(second), 0);
	EXPECT_EQUAL(counter, 1000 * 1001);
	EXPECT_EQUAL(pool_close(second), 0);
}

static __thread int own_variable = 17;
static _Atomic unsigned wrong;

static void use_thread_variables(void *argument)
{
	static __thread bool seen;

	if (!seen && own_variable != 17)
		wrong++;
	seen = true;
	own_variable += 1;
	errno = 1234;
	syscall(SYS_close, -1);
	if (errno != EBADF || (uintptr_t)__builtin_frame_address(0) % 16 != 0)
		wrong++;
	(void)argument;
}

TEST(pool, workers_have_variables_of_their_own)
{
	struct pool *pool = open_pool(0);

	errno = 77;
	for (unsigned i = 0; i < 100; i++)
		EXPECT_EQUAL(pool_submit(pool, use_thread_variables, NULL), 0);
	EXPECT_EQUAL(pool_wait(pool), 0);
	EXPECT_EQUAL(errno, 77);
	EXPECT_EQUAL(wrong, 0);
	EXPECT_EQUAL(own_variable, 17);
	EXPECT_EQUAL(pool_close(pool), 0);
}

static void sleep_a_little(void *argument)
{
	(void)argument;
	pass_time(20);
	counter++;
}

TEST(pool, close_drops_what_is_queued)
{
	struct pool *pool = open_pool(1);

	for (unsigned i = 0; i < 200; i++)
		EXPECT_EQUAL(pool_submit(pool, sleep_a_little, NULL), 0);
	EXPECT_EQUAL(pool_close(pool), 0);
	EXPECT(counter < 200);
}

static int submit_in_child(void *argument)
{
	struct pool *own;

	if (pool_submit(argument, count, (void *)1) == 0 || errno != EPERM)
		return 1;
	own = pool_open(0);
	if (!own || pool_submit(own, count, (void *)1) < 0 || pool_wait(own) < 0 || counter != 1)
		return 2;
	return pool_close(own) < 0 ? 3 : 0;
}

TEST(pool, fork_leaves_the_workers_with_the_parent)
{
	struct pool *pool = open_pool(0);

	EXPECT_EQUAL(test_run_child(submit_in_child, pool), 0);
	EXPECT_EQUAL(pool_submit(pool, count, (void *)1), 0);
	EXPECT_EQUAL(pool_wait(pool), 0);
	EXPECT_EQUAL(counter, 1);
	EXPECT_EQUAL(pool_close(pool), 0);
}

static void hang(void *argument)
{
	counter++;
	for (;;)
		pass_time(argument ? 0 : 100);
}

static int exit_while_they_work(void *argument)
{
	struct pool *pool = pool_open(0);

	for (unsigned i = 0; i < 10; i++) {
		if (!pool || pool_submit(pool, hang, argument) < 0)
			return 1;
	}
	while (counter == 0)
		pass_time(1);
	return 7;
}

TEST(pool, exit_ends_the_workers)
{
	EXPECT_EQUAL(pool_close(open_pool(0)), 0);
	EXPECT_EQUAL(test_run_child(exit_while_they_work, NULL), 7 << 8);
	EXPECT_EQUAL(test_run_child(exit_while_they_work, ""), 7 << 8);
}

/* The number of threads that /proc shows. */
static unsigned count_threads(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t length = read(fd, text, sizeof(text) - 1);
	const char *line;

	close(fd);
	text[length > 0 ? length : 0] = '\0';
	line = strstr(text, "Threads:");
	return line ? (unsigned)atoi(line + strlen("Threads:")) : 0;
}

TEST_HELPER(pool_is_over)
{
	(void)argument;
	return count_threads() == 1 ? 9 : 8;
}

static int exec_while_they_work(void *argument)
{
	struct pool *pool = pool_open(0);

	if (!pool || pool_submit(pool, hang, argument) < 0)
		return 1;
	while (counter == 0)
		pass_time(1);
	if (count_threads() != pool_workers(pool) + 1)
		return 2;
	test_exec_helper("pool_is_over", "");
}

static void exec_here(void *argument)
{
	(void)argument;
	test_exec_helper("pool_is_over", "");
}

static int exec_in_a_worker(void *argument)
{
	struct pool *pool = pool_open(0);

	(void)argument;
	if (!pool || pool_submit(pool, exec_here, NULL) < 0)
		return 1;
	pause();
	return 1;
}

TEST(pool, exec_ends_the_workers)
{
	EXPECT_EQUAL(pool_close(open_pool(0)), 0);
	EXPECT_EQUAL(test_run_child(exec_while_they_work, NULL), 9 << 8);
	EXPECT_EQUAL(test_run_child(exec_in_a_worker, NULL), 9 << 8);
}

static volatile sig_atomic_t handled_by;

static void note_thread(int number)
{
	(void)number;
	handled_by = (int)syscall(SYS_gettid);
}

TEST(pool, signals_go_to_the_programs_own_threads)
{
	struct pool *pool = open_pool(0);

	signal(SIGUSR1, note_thread);
	for (unsigned i = 0; i < 20; i++) {
		EXPECT_EQUAL(pool_submit(pool, sleep_a_little, NULL), 0);
		handled_by = 0;
		EXPECT_EQUAL(kill(getpid(), SIGUSR1), 0);
		EXPECT_EQUAL(handled_by, getpid());
	}
	while (pool_wait(pool) < 0)
		EXPECT_EQUAL(errno, EINTR);
	EXPECT_EQUAL(counter, 20);
	EXPECT_EQUAL(pool_close(pool), 0);
}

static int work_for_a_while(void *argument)
{
	struct pool *pool = pool_open(0);

	(void)argument;
	for (unsigned i = 0; i < 40; i++) {
		if (!pool || pool_submit(pool, sleep_a_little, NULL) < 0)
			return 1;
	}
	if (pool_wait(pool) < 0 || counter != 40)
		return 2;
	return pool_close(pool) < 0 ? 3 : 0;
}

TEST(pool, stops_and_goes_on)
{
	int status;
	pid_t pid;

	EXPECT_EQUAL(pool_close(open_pool(0)), 0);
	pid = test_spawn(work_for_a_while, NULL);
	for (unsigned i = 0; i < 5; i++) {
		test_sleep(15);
		EXPECT_EQUAL(kill(pid, SIGSTOP), 0);
		EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
		if (!WIFSTOPPED(status)) { /* it was done already */
			EXPECT_EQUAL(status, 0);
			return;
		}
		EXPECT_EQUAL(kill(pid, SIGCONT), 0);
	}
	EXPECT_EQUAL(test_wait(pid), 0);
}

static void spin(void *argument)
{
	uint64_t end = test_milliseconds() + (uintptr_t)argument;

	while (test_milliseconds() < end)
		;
	counter++;
}

static int hog(void *argument)
{
	(void)argument;
	while (counter < UINT32_MAX)
		;
	return 0;
}

static void wait_until_awake(const struct pool *pool, unsigned workers)
{
	struct pool_status status;

	do {
		test_sleep(2);
		EXPECT_EQUAL(pool_read_status(pool, &status), 0);
		EXPECT(status.queued > 0);
	} while (status.awake < workers);
}

/* Workers sleep when others come for the cores, and are back when these are free again. */
TEST_SLOW(pool, gives_way_to_others, 120)
{
	struct pool *pool = open_pool(0);
	struct pool_status status;
	unsigned workers = pool_workers(pool);
	pid_t hogs[8];

	if (workers < 2 || workers > 8)
		test_skip("%u workers", workers);
	for (unsigned i = 0; i < 900; i++)
		EXPECT_EQUAL(pool_submit(pool, spin, (void *)4), 0);
	wait_until_awake(pool, workers);
	for (unsigned i = 0; i < workers; i++)
		hogs[i] = test_spawn(hog, NULL);
	do {
		test_sleep(2);
		EXPECT_EQUAL(pool_read_status(pool, &status), 0);
		EXPECT(status.queued > 0);
	} while (status.awake > 1);
	EXPECT(status.yielded >= workers - 1);
	for (unsigned i = 0; i < workers; i++) {
		kill(hogs[i], SIGKILL);
		test_wait(hogs[i]);
	}
	wait_until_awake(pool, workers);
	EXPECT_EQUAL(pool_wait(pool), 0);
	EXPECT_EQUAL(counter, 900);
	EXPECT_EQUAL(pool_close(pool), 0);
}

/* The pool that came later gets its half of the cores, although the other one always has work. */
TEST_SLOW(pool, pools_share_the_cores, 120)
{
	struct pool *first = open_pool(0), *second = open_pool(0);
	struct pool_status one = { 0 }, two = { 0 };
	unsigned workers = pool_workers(first);

	if (workers < 4)
		test_skip("%u workers", workers);
	for (unsigned i = 0; i < 800; i++)
		EXPECT_EQUAL(pool_submit(first, spin, (void *)4), 0);
	test_sleep(50);
	for (unsigned i = 0; i < 400; i++)
		EXPECT_EQUAL(pool_submit(second, spin, (void *)4), 0);
	for (unsigned i = 0; i < 500; i++) {
		EXPECT_EQUAL(pool_read_status(first, &one), 0);
		EXPECT_EQUAL(pool_read_status(second, &two), 0);
		if (two.awake + 1 >= one.awake && one.yielded > 0)
			break;
		test_sleep(2);
	}
	EXPECT(two.awake + 1 >= one.awake);
	EXPECT(one.yielded > 0);
	EXPECT_EQUAL(pool_wait(second), 0);
	EXPECT_EQUAL(pool_wait(first), 0);
	EXPECT_EQUAL(pool_close(first), 0);
	EXPECT_EQUAL(pool_close(second), 0);
}

static int with_few_threads(void *argument)
{
	struct rlimit limit = { 3, 3 };
	struct pool *pool;

	(void)argument;
	if (setrlimit(RLIMIT_NPROC, &limit) < 0 || setresuid(4711, 4711, 4711) < 0)
		return 1;
	pool = pool_open(0);
	if (!pool || pool_workers(pool) > 2)
		return 2;
	if (pool_submit(pool, count, (void *)1) < 0 || pool_wait(pool) < 0 || counter != 1)
		return 3;
	if (pool_close(pool) < 0)
		return 4;
	limit.rlim_cur = 1;
	if (setrlimit(RLIMIT_NPROC, &limit) < 0)
		return 5;
	return pool_open(0) || errno != EAGAIN ? 6 : 0;
}

TEST(pool, holds_the_limit_of_threads)
{
	EXPECT_EQUAL(pool_close(open_pool(0)), 0);
	if (getuid() != 0)
		test_skip("not root");
	EXPECT_EQUAL(test_run_child(with_few_threads, NULL), 0);
}

static long free_kilobytes(void)
{
	char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t length = read(fd, text, sizeof(text) - 1);
	const char *line;

	EXPECT(length > 0);
	close(fd);
	text[length] = '\0';
	line = strstr(text, "MemFree:");
	EXPECT(line != NULL);
	return atol(line + strlen("MemFree:"));
}

static void open_and_close(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		struct pool *pool = open_pool(0);

		EXPECT_EQUAL(pool_submit(pool, count, (void *)1), 0);
		EXPECT_EQUAL(pool_close(pool), 0);
	}
}

TEST_SLOW(pool, leaves_nothing_behind, 120)
{
	long before, after;

	open_and_close(20);
	test_sleep(200);
	before = free_kilobytes();
	open_and_close(100);
	test_sleep(200);
	after = free_kilobytes();
	/* A queue alone is 24 KiB, a kernel stack 16. */
	EXPECT(before - after < 1000);
}
