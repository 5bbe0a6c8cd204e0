/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheduling as programs see it: policies, nice values, affinity, who may set them, and what they
 * do. The system calls themselves, since one C library has no more than their names.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RESET_ON_FORK 0x40000000
#define BATCH         3
#define IDLE          5
#define SOMEBODY      54321

/* struct sched_attr, with room behind what any kernel knows. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period, more[20];
};

static int set_policy(int pid, int policy, int priority)
{
	return (int)syscall(SYS_sched_setscheduler, pid, policy, &priority);
}

static int get_policy(int pid)
{
	return (int)syscall(SYS_sched_getscheduler, pid);
}

static int set_attributes(struct attributes *attributes)
{
	return (int)syscall(SYS_sched_setattr, 0, attributes, 0);
}

static void need_root(void)
{
	if (geteuid() != 0)
		test_skip("only root may");
}

static void need_realtime(void)
{
	if (set_policy(0, SCHED_FIFO, 1) < 0)
		test_skip("no privilege for real time");
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER, 0), 0);
}

/* A field of /proc/PID/stat or of a thread's; the first behind the name is number 3. */
static long stat_field(const char *path, unsigned number)
{
	char text[1024];
	FILE *file = fopen(path, "r");
	char *at;

	EXPECT(file != NULL && fgets(text, sizeof(text), file) != NULL);
	fclose(file);
	at = strrchr(text, ')') + 2;
	for (unsigned i = 3; i < number; i++)
		at = strchr(at, ' ') + 1;
	return strtol(at, NULL, 10);
}

static void expect_policy(int policy, int priority, int nice)
{
	struct attributes attributes;
	int found = -1;

	EXPECT_EQUAL(get_policy(0), policy);
	EXPECT_EQUAL(syscall(SYS_sched_getparam, 0, &found), 0);
	EXPECT_EQUAL(found, priority);
	EXPECT_EQUAL(syscall(SYS_sched_getattr, 0, &attributes, 48, 0), 0);
	EXPECT_EQUAL(attributes.size, 48);
	EXPECT_EQUAL(attributes.policy, policy);
	EXPECT_EQUAL(attributes.priority, priority);
	EXPECT_EQUAL(attributes.nice, priority ? 0 : nice);
	EXPECT_EQUAL(stat_field("/proc/self/stat", 18), priority ? -1 - priority : 20 + nice);
	EXPECT_EQUAL(stat_field("/proc/self/stat", 19), nice);
	EXPECT_EQUAL(stat_field("/proc/self/stat", 40), priority);
	EXPECT_EQUAL(stat_field("/proc/self/stat", 41), policy);
}

TEST(schedule, policies)
{
	struct timespec interval;
	int priority = 20;

	need_realtime();
	expect_policy(SCHED_OTHER, 0, 0);
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQUAL(set_policy(0, BATCH, 0), 0);
	expect_policy(BATCH, 0, 7);
	EXPECT_EQUAL(set_policy(0, SCHED_RR, 10), 0);
	expect_policy(SCHED_RR, 10, 7);
	EXPECT_EQUAL(syscall(SYS_sched_setparam, 0, &priority), 0);
	expect_policy(SCHED_RR, 20, 7);
	EXPECT_EQUAL(syscall(SYS_sched_rr_get_interval, 0, &interval), 0);
	EXPECT(interval.tv_sec == 0 && interval.tv_nsec > 0);
	EXPECT_EQUAL(set_policy(0, SCHED_FIFO, 99), 0);
	expect_policy(SCHED_FIFO, 99, 7);
	EXPECT_EQUAL(syscall(SYS_sched_rr_get_interval, 0, &interval), 0);
	EXPECT(interval.tv_sec == 0 && interval.tv_nsec == 0);
	EXPECT_EQUAL(set_policy(0, IDLE, 0), 0);
	expect_policy(IDLE, 0, 7);
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER, 0), 0);
	expect_policy(SCHED_OTHER, 0, 7);
}

TEST(schedule, attributes)
{
	struct attributes attributes = { .size = 48, .policy = SCHED_RR, .priority = 5 };

	need_realtime();
	EXPECT_EQUAL(set_attributes(&attributes), 0);
	expect_policy(SCHED_RR, 5, 0);
	attributes = (struct attributes){ .size = 48, .policy = BATCH, .nice = 100 };
	EXPECT_EQUAL(set_attributes(&attributes), 0); /* cut to what there is */
	expect_policy(BATCH, 0, 19);
	attributes = (struct attributes){ .size = 0, .policy = SCHED_OTHER, .nice = -3 };
	EXPECT_EQUAL(set_attributes(&attributes), 0);
	expect_policy(SCHED_OTHER, 0, -3);
	attributes = (struct attributes){ .size = 48, .flags = 8, .policy = 77, .nice = 4 };
	EXPECT_EQUAL(set_attributes(&attributes), 0); /* keeps the policy */
	expect_policy(SCHED_OTHER, 0, 4);
	attributes = (struct attributes){ .size = 48, .flags = 0x10, .policy = BATCH, .nice = 9 };
	EXPECT_EQUAL(set_attributes(&attributes), 0); /* keeps all */
	expect_policy(SCHED_OTHER, 0, 4);

	attributes = (struct attributes){ .size = sizeof(attributes) };
	EXPECT_EQUAL(set_attributes(&attributes), 0);
	attributes.more[19] = 1;
	EXPECT_ERROR(set_attributes(&attributes), E2BIG);
	EXPECT(attributes.size >= 48 && attributes.size < sizeof(attributes));
	attributes.size = 47;
	EXPECT_ERROR(set_attributes(&attributes), E2BIG);
	attributes.size = 4097;
	EXPECT_ERROR(set_attributes(&attributes), E2BIG);
	attributes = (struct attributes){ .size = 48, .flags = 1u << 20 };
	EXPECT_ERROR(set_attributes(&attributes), EINVAL);
	EXPECT_ERROR(set_attributes(NULL), EINVAL);
	EXPECT_ERROR(set_attributes((void *)4096), EFAULT);
	EXPECT_ERROR(syscall(SYS_sched_setattr, 0, &attributes, 1), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getattr, 0, &attributes, 47, 0), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getattr, 0, &attributes, 4097, 0), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getattr, 0, (void *)4096, 48, 0), EFAULT);
	EXPECT_EQUAL(syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0), 0);
}

TEST(schedule, bad_input)
{
	static const struct {
		int policy, priority;
	} bad[] = { { SCHED_FIFO, 0 },  { SCHED_FIFO, 100 }, { SCHED_FIFO, -1 },   { SCHED_RR, 0 },
		    { SCHED_OTHER, 1 }, { BATCH, 99 },       { IDLE, 1 },          { 4, 0 },
		    { 99, 0 },          { -1, 0 },           { SCHED_RR, 1 << 30 } };
	int none = 0x3ffffff0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_ERROR(set_policy(0, bad[i].policy, bad[i].priority), EINVAL);
	EXPECT_ERROR(set_policy(-1, SCHED_OTHER, 0), EINVAL);
	EXPECT_ERROR(set_policy(none, SCHED_OTHER, 0), ESRCH);
	EXPECT_ERROR(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, 4096), EFAULT);
	EXPECT_ERROR(get_policy(-1), EINVAL);
	EXPECT_ERROR(get_policy(none), ESRCH);
	EXPECT_ERROR(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getparam, 0, 4096), EFAULT);
	EXPECT_ERROR(syscall(SYS_sched_get_priority_max, 99), EINVAL);
	EXPECT_EQUAL(syscall(SYS_sched_get_priority_max, SCHED_FIFO), 99);
	EXPECT_EQUAL(syscall(SYS_sched_get_priority_min, SCHED_RR), 1);
	EXPECT_EQUAL(syscall(SYS_sched_get_priority_max, BATCH), 0);
	EXPECT_ERROR(setpriority(99, 0, 0), EINVAL);
	EXPECT_ERROR(setpriority(PRIO_PROCESS, (id_t)none, 0), ESRCH);
	EXPECT_ERROR(getpriority(PRIO_PROCESS, (id_t)none), ESRCH);
}

/* As a user with these limits. */
static int be_nobody(void *unused)
{
	(void)unused;
	EXPECT_EQUAL(setuid(SOMEBODY), 0);
	EXPECT_ERROR(set_policy(0, SCHED_FIFO, 1), EPERM);
	EXPECT_ERROR(set_policy(0, SCHED_RR, 1), EPERM);
	EXPECT_ERROR(setpriority(PRIO_PROCESS, 0, -1), EACCES);
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, 3), 0);
	EXPECT_ERROR(setpriority(PRIO_PROCESS, 0, 2), EACCES);
	EXPECT_ERROR(setpriority(PRIO_PROCESS, 1, 5), EPERM);
	EXPECT_ERROR(set_policy(1, SCHED_OTHER, 0), EPERM);
	EXPECT_ERROR(sched_setaffinity(1, sizeof(cpu_set_t), &(cpu_set_t){ { 1 } }), EPERM);
	EXPECT_EQUAL(set_policy(0, BATCH, 0), 0);
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER, 0), 0);
	EXPECT_EQUAL(set_policy(0, IDLE, 0), 0);
	EXPECT_ERROR(set_policy(0, SCHED_OTHER, 0), EPERM);
	EXPECT_ERROR(set_policy(0, BATCH, 0), EPERM);
	return 3;
}

static int be_somebody(void *unused)
{
	struct rlimit realtime = { 10, 10 }, nice = { 25, 25 };

	(void)unused;
	if (setrlimit(RLIMIT_RTPRIO, &realtime) < 0)
		test_skip("may not raise limits");
	EXPECT_EQUAL(setrlimit(RLIMIT_NICE, &nice), 0);
	EXPECT_EQUAL(setuid(SOMEBODY), 0);
	EXPECT_ERROR(set_policy(0, SCHED_FIFO, 11), EPERM);
	EXPECT_EQUAL(set_policy(0, SCHED_FIFO | RESET_ON_FORK, 10), 0);
	EXPECT_EQUAL(set_policy(0, SCHED_FIFO | RESET_ON_FORK, 4), 0);
	/* What was once promised is not taken back. */
	EXPECT_ERROR(set_policy(0, SCHED_FIFO, 4), EPERM);
	EXPECT_EQUAL(set_policy(0, IDLE | RESET_ON_FORK, 0), 0);
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER | RESET_ON_FORK, 0), 0);
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, -5), 0);
	EXPECT_ERROR(setpriority(PRIO_PROCESS, 0, -6), EACCES);
	return 4;
}

TEST(schedule, privilege)
{
	need_root();
	need_realtime();
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(be_nobody, NULL)), 3);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(be_somebody, NULL)), 4);
}

static int tell_policy(void *unused)
{
	(void)unused;
	return get_policy(0) == SCHED_OTHER ? 20 + getpriority(PRIO_PROCESS, 0) : 100;
}

TEST(schedule, reset_on_fork)
{
	need_realtime();
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, -4), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(tell_policy, NULL)), 16);
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER | RESET_ON_FORK, 0), 0);
	EXPECT_EQUAL(get_policy(0), SCHED_OTHER | RESET_ON_FORK);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(tell_policy, NULL)), 20);
	EXPECT_EQUAL(set_policy(0, SCHED_RR | RESET_ON_FORK, 3), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(tell_policy, NULL)), 20);
	EXPECT_EQUAL(set_policy(0, SCHED_RR, 3), 0);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(tell_policy, NULL)), 100);
}

TEST(schedule, nice_by_thread_and_group)
{
	pid_t pid;

	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, 2), 0);
	EXPECT_EQUAL(getpriority(PRIO_PROCESS, (id_t)getpid()), 2);
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, 100), 0);
	EXPECT_EQUAL(getpriority(PRIO_PROCESS, 0), 19);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		test_sleep(60000);
		_exit(0);
	}
	setpgid(pid, pid);
	EXPECT_EQUAL(setpriority(PRIO_PGRP, (id_t)pid, 19), 0);
	EXPECT_EQUAL(getpriority(PRIO_PGRP, (id_t)pid), 19);
	kill(pid, SIGKILL);
	test_wait(pid);
}

TEST(schedule, affinity)
{
	unsigned long mask[16] = { 0 }, all;
	long size = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	EXPECT(size > 0 && size % (long)sizeof(long) == 0 && mask[0] != 0);
	all = mask[0];
	EXPECT_ERROR(syscall(SYS_sched_getaffinity, 0, 0, mask), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getaffinity, 0, sizeof(mask) + 1, mask), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_getaffinity, 0x3ffffff0, sizeof(mask), mask), ESRCH);
	EXPECT_ERROR(syscall(SYS_sched_getaffinity, 0, sizeof(mask), 4096), EFAULT);
	/* CPUs that do not exist are passed over, unless no other is named. */
	memset(mask, 0, sizeof(mask));
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), EINVAL);
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0, 0, mask), EINVAL);
	mask[0] = 1ul << 63;
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0, 8, mask), EINVAL);
	mask[0] = 0;
	mask[15] = ~0ul;
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), EINVAL);
	mask[0] = 1ul << 63 | (all & -all);
	EXPECT_EQUAL(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), 0);
	EXPECT(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) > 0);
	EXPECT_EQUAL(mask[0], all & -all);
	EXPECT_EQUAL(1ul << sched_getcpu(), all & -all);
	mask[0] = all;
	EXPECT_EQUAL(syscall(SYS_sched_setaffinity, 0, 1, mask), 0); /* a byte */
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0, sizeof(mask), 4096), EFAULT);
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, 0x3ffffff0, sizeof(mask), mask), ESRCH);
	EXPECT_ERROR(syscall(SYS_sched_setaffinity, -1, sizeof(mask), mask), ESRCH);
}

/* --- processor time ------------------------------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	EXPECT_EQUAL(clock_gettime(clock, &time), 0);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static volatile bool stop;
static volatile int thread_id;

static void *use_time(void *argument)
{
	uint64_t amount = (uint64_t)(uintptr_t)argument * 1000000;

	thread_id = (int)syscall(SYS_gettid);
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < amount)
		continue;
	while (!stop)
		test_sleep(1);
	return NULL;
}

TEST(schedule, time_of_each_thread)
{
	uint64_t spent = 0;
	struct rusage usage;
	clockid_t clock;
	pthread_t thread;
	char path[64];
	long ticks;

	EXPECT_EQUAL(pthread_create(&thread, NULL, use_time, (void *)300), 0);
	EXPECT_EQUAL(pthread_getcpuclockid(thread, &clock), 0);
	while (spent < 300000000) {
		test_sleep(5);
		spent = clock_ns(clock);
	}
	EXPECT(spent < 500000000);
	EXPECT(clock_ns(CLOCK_THREAD_CPUTIME_ID) < 150000000);
	EXPECT(clock_ns(CLOCK_PROCESS_CPUTIME_ID) >= spent);
	EXPECT_EQUAL(getrusage(RUSAGE_THREAD, &usage), 0);
	EXPECT(usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 150000);
	EXPECT(usage.ru_nvcsw > 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread_id);
	ticks = stat_field(path, 14) + stat_field(path, 15);
	EXPECT(ticks >= 28 && ticks < 50);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	EXPECT(stat_field(path, 14) + stat_field(path, 15) < 15);
	EXPECT(stat_field("/proc/self/stat", 14) + stat_field("/proc/self/stat", 15) >= 28);
	stop = true;
	pthread_join(thread, NULL);
}

TEST(schedule, clocks_of_others)
{
	struct timespec time;
	clockid_t clock;
	pid_t pid = fork();

	if (pid == 0) {
		test_sleep(60000);
		_exit(0);
	}
	EXPECT_EQUAL(clock_getcpuclockid(pid, &clock), 0);
	EXPECT_EQUAL(clock_gettime(clock, &time), 0);
	EXPECT_ERROR(syscall(SYS_clock_gettime, clock | 4, &time), EINVAL); /* as a thread's */
	EXPECT_ERROR(syscall(SYS_clock_gettime, clock | 3, &time), EINVAL);
	kill(pid, SIGKILL);
	test_wait(pid);
	EXPECT(syscall(SYS_clock_gettime, clock, &time) < 0);
}

/* --- what it does ------------------------------------------------------------------------------ */

static void pin(void)
{
	EXPECT_EQUAL(sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){ { 1 } }), 0);
}

/* Threads that spin on CPU 0, each by a policy, and how long they ran. */
struct spinner {
	int policy, priority, nice;
	volatile bool started;
	uint64_t ns;
	pthread_t thread;
};

static uint64_t spin_end;

static void *spin(void *argument)
{
	struct spinner *spinner = argument;
	uint64_t begin;

	pin();
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), spinner->nice), 0);
	EXPECT_EQUAL(set_policy(0, spinner->policy, spinner->priority), 0);
	spinner->started = true;
	while (!__atomic_load_n(&spin_end, __ATOMIC_RELAXED))
		test_sleep(1);
	begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	while (clock_ns(CLOCK_MONOTONIC) < spin_end)
		continue;
	spinner->ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
	return NULL;
}

/* Runs them for so long; returns the time of all. */
static uint64_t spin_together(struct spinner *spinners, int count, unsigned milliseconds)
{
	uint64_t sum = 0;

	spin_end = 0;
	EXPECT_EQUAL(set_policy(0, SCHED_FIFO, 90), 0);
	for (int i = 0; i < count; i++)
		EXPECT_EQUAL(pthread_create(&spinners[i].thread, NULL, spin, &spinners[i]), 0);
	for (int i = 0; i < count; i++) {
		while (!spinners[i].started)
			test_sleep(1);
	}
	__atomic_store_n(&spin_end, clock_ns(CLOCK_MONOTONIC) + milliseconds * 1000000ull,
			 __ATOMIC_RELAXED);
	for (int i = 0; i < count; i++) {
		pthread_join(spinners[i].thread, NULL);
		sum += spinners[i].ns;
	}
	EXPECT_EQUAL(set_policy(0, SCHED_OTHER, 0), 0);
	return sum;
}

TEST_GUEST(schedule, real_time_leaves_five_percent, 60)
{
	/* Virtual CPUs may be off their CPU themselves, so one of three times will do. */
	for (int i = 0; i < 3; i++) {
		struct spinner spinners[2] = { { .policy = SCHED_FIFO, .priority = 50 },
					       { .policy = SCHED_OTHER } };
		uint64_t sum = spin_together(spinners, 2, 3000);

		if (spinners[1].ns * 100 > sum * 3 && spinners[1].ns * 100 < sum * 8)
			return;
	}
	test_fail(__FILE__, __LINE__, "others did not get their 5 %%");
}

TEST_GUEST(schedule, real_time_by_priority, 60)
{
	struct spinner spinners[3] = { { .policy = SCHED_RR, .priority = 50 },
				       { .policy = SCHED_RR, .priority = 50 },
				       { .policy = SCHED_FIFO, .priority = 40 } };
	uint64_t sum = spin_together(spinners, 3, 800);

	/* The two share, the third comes last. */
	EXPECT(spinners[0].ns * 3 > sum && spinners[1].ns * 3 > sum);
	EXPECT(spinners[2].ns * 8 < sum);
}

TEST_GUEST(schedule, nice_values_share, 60)
{
	struct spinner spinners[3] = { { .nice = 0 }, { .nice = 10 }, { .nice = -20 } };
	uint64_t sum = spin_together(spinners, 3, 3000);

	/* 2 : 1 : 4 */
	EXPECT(spinners[0].ns * 100 > sum * 22 && spinners[0].ns * 100 < sum * 35);
	EXPECT(spinners[1].ns * 100 > sum * 9 && spinners[1].ns * 100 < sum * 20);
	EXPECT(spinners[2].ns * 100 > sum * 48 && spinners[2].ns * 100 < sum * 66);
}

/* --- many ------------------------------------------------------------------------------------- */

#define MANY 10000

static volatile unsigned running;

static void *sleep_among_many(void *unused)
{
	__atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	while (!stop)
		syscall(SYS_futex, &stop, 128 /* wait, private */, 0, NULL, NULL, 0);
	(void)unused;
	return NULL;
}

static int make_many(void *unused)
{
	static pthread_t threads[MANY];
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	pthread_attr_t attributes;
	int count = 0, error = 0;

	(void)unused;
	setrlimit(RLIMIT_NPROC, &limit);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	while (count < MANY && !error) {
		error = pthread_create(&threads[count], &attributes, sleep_among_many, NULL);
		count += !error;
	}
	while (running < (unsigned)count)
		test_sleep(10);
	stop = true;
	syscall(SYS_futex, &stop, 129, 0x7fffffff, NULL, NULL, 0);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return (error == 0 || error == EAGAIN) && count > 500 ? 5 : 6;
}

static int answer(void *unused)
{
	(void)unused;
	return 11;
}

TEST_GUEST(schedule, ten_thousand_threads, 240)
{
	for (int round = 0; round < 2; round++) {
		int status = test_run_child(make_many, NULL);

		/* All of them, or as many as there is memory for; or too much was asked for. */
		EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL
					   : WEXITSTATUS(status) == 5);
		for (int i = 0; i < 20; i++)
			EXPECT_EQUAL(WEXITSTATUS(test_run_child(answer, NULL)), 11);
	}
}
