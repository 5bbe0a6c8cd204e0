/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clocks, sleeping and the accounting of time.
 */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	EXPECT_EQUAL(clock_gettime(clock, &now), 0);
	EXPECT(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void burn(unsigned milliseconds)
{
	uint64_t start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);

	while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start < milliseconds * 1000000ull)
		for (volatile int i = 0; i < 10000; i++)
			;
}

TEST(time, monotonic_goes_forward)
{
	uint64_t last = nanoseconds(CLOCK_MONOTONIC), first = last;

	for (int i = 0; i < 20000; i++) {
		uint64_t now = nanoseconds(CLOCK_MONOTONIC);

		EXPECT(now >= last);
		last = now;
	}
	EXPECT(last > first);
}

TEST(time, monotonic_across_processors)
{
	/* Sleeping may bring the thread to another CPU; the clock must not go back there. */
	uint64_t last = nanoseconds(CLOCK_MONOTONIC);

	for (int i = 0; i < 100; i++) {
		test_sleep(1);
		for (int j = 0; j < 10; j++) {
			uint64_t now = nanoseconds(CLOCK_MONOTONIC);

			EXPECT(now >= last);
			last = now;
		}
	}
}

TEST(time, wall_clock_is_plausible)
{
	struct timeval now;
	struct timespec fine;
	time_t seconds = time(NULL);

	EXPECT(seconds > 1700000000 && seconds < 5000000000);
	EXPECT_EQUAL(gettimeofday(&now, NULL), 0);
	EXPECT(now.tv_sec - seconds >= 0 && now.tv_sec - seconds <= 2);
	EXPECT(now.tv_usec >= 0 && now.tv_usec < 1000000);
	EXPECT_EQUAL(clock_gettime(CLOCK_REALTIME, &fine), 0);
	EXPECT(fine.tv_sec - now.tv_sec >= 0 && fine.tv_sec - now.tv_sec <= 2);
}

TEST(time, clocks_are_known)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME,           CLOCK_MONOTONIC,
					    CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
					    CLOCK_MONOTONIC_RAW,      CLOCK_REALTIME_COARSE,
					    CLOCK_MONOTONIC_COARSE,   CLOCK_BOOTTIME };
	struct timespec resolution;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		nanoseconds(clocks[i]);
		EXPECT_EQUAL(clock_getres(clocks[i], &resolution), 0);
		EXPECT(resolution.tv_sec == 0 && resolution.tv_nsec > 0);
	}
	EXPECT_ERROR(clock_gettime(99, &resolution), EINVAL);
	EXPECT_ERROR(clock_getres(99, &resolution), EINVAL);
}

TEST(time, sleep_is_long_enough_and_not_much_longer)
{
	for (unsigned milliseconds = 1; milliseconds <= 256; milliseconds *= 4) {
		uint64_t start = nanoseconds(CLOCK_MONOTONIC), taken;

		test_sleep(milliseconds);
		taken = nanoseconds(CLOCK_MONOTONIC) - start;
		EXPECT(taken >= milliseconds * 1000000ull);
		EXPECT(taken < milliseconds * 1000000ull + 500000000);
	}
}

TEST(time, bad_sleeps_are_refused)
{
	struct timespec bad = { 0, 1000000000 };

	EXPECT_ERROR(nanosleep(&bad, NULL), EINVAL);
	bad.tv_nsec = -1;
	EXPECT_ERROR(nanosleep(&bad, NULL), EINVAL);
	bad.tv_nsec = 0;
	bad.tv_sec = -1;
	EXPECT_ERROR(nanosleep(&bad, NULL), EINVAL);
	EXPECT_EQUAL(clock_nanosleep(99, 0, &bad, NULL), EINVAL);
}

TEST(time, sleep_until)
{
	struct timespec until;
	uint64_t start = nanoseconds(CLOCK_MONOTONIC), end = start + 120000000;

	until.tv_sec = (time_t)(end / 1000000000);
	until.tv_nsec = (long)(end % 1000000000);
	EXPECT_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	EXPECT(nanoseconds(CLOCK_MONOTONIC) >= end);
	EXPECT_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
}

static void ignore_call(int number)
{
	(void)number;
}

TEST(time, interrupted_sleep_tells_what_is_left)
{
	struct itimerval timer = { { 0, 0 }, { 0, 200000 } };
	struct timespec long_time = { 20, 0 }, left = { 0, 0 };

	signal(SIGALRM, ignore_call);
	setitimer(ITIMER_REAL, &timer, NULL);
	EXPECT_ERROR(nanosleep(&long_time, &left), EINTR);
	EXPECT(left.tv_sec == 19);
}

TEST(time, cpu_time_counts_work_not_sleep)
{
	uint64_t start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
	struct rusage before, after;
	struct tms ticks;

	EXPECT_EQUAL(getrusage(RUSAGE_SELF, &before), 0);
	test_sleep(300);
	EXPECT(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start < 150000000);
	burn(200);
	EXPECT(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start >= 200000000);
	EXPECT(nanoseconds(CLOCK_THREAD_CPUTIME_ID) >= 200000000);
	EXPECT_EQUAL(getrusage(RUSAGE_SELF, &after), 0);
	EXPECT((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec -
		       before.ru_utime.tv_usec +
		       (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 +
		       after.ru_stime.tv_usec - before.ru_stime.tv_usec >=
	       150000);
	EXPECT(times(&ticks) != (clock_t)-1);
	EXPECT(ticks.tms_utime + ticks.tms_stime >= 10);
}

TEST(time, children_are_charged_to_their_parent)
{
	struct rusage usage;
	pid_t pid = fork();

	if (pid == 0) {
		burn(200);
		_exit(0);
	}
	EXPECT_EQUAL(getrusage(RUSAGE_CHILDREN, &usage), 0);
	EXPECT_EQUAL(usage.ru_utime.tv_sec + usage.ru_utime.tv_usec, 0);
	EXPECT_EQUAL(test_wait(pid), 0);
	EXPECT_EQUAL(getrusage(RUSAGE_CHILDREN, &usage), 0);
	EXPECT(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec + usage.ru_utime.tv_sec * 1000000 >=
	       150000);
	EXPECT_ERROR(getrusage(77, &usage), EINVAL);
}

TEST(time, ticking_does_not_stop_busy_programs)
{
	/* Two that never yield and one that sleeps: all must go on. */
	pid_t busy[3];
	uint64_t start;

	for (int i = 0; i < 3; i++) {
		busy[i] = fork();
		if (busy[i] == 0)
			for (volatile unsigned j = 0;; j++)
				;
	}
	start = nanoseconds(CLOCK_MONOTONIC);
	for (int i = 0; i < 10; i++)
		test_sleep(10);
	EXPECT(nanoseconds(CLOCK_MONOTONIC) - start < 5000000000);
	for (int i = 0; i < 3; i++) {
		kill(busy[i], SIGKILL);
		test_wait(busy[i]);
	}
}
