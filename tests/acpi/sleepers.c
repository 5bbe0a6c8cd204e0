/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that wait while the machine sleeps: each kind of waiting in a thread of its own. Says "waiting",
 * and when all waits have ended what was wrong with any, or "fine". No wait may end early, or by an error.
 *
 *	sleepers SECONDS
 *	sleepers		says what the monotonic clock, boot time and real time are, ns
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ll

static int seconds;

static int64_t now(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return at.tv_sec * NS_PER_S + at.tv_nsec;
}

static struct timespec after(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	at.tv_sec += seconds;
	return at;
}

/* Each returns 0, or an error. */

static int wait_nanosleep(clockid_t clock)
{
	struct timespec time = { .tv_sec = seconds };

	(void)clock;
	return nanosleep(&time, NULL) ? errno : 0;
}

static int wait_clock(clockid_t clock)
{
	struct timespec until = after(clock);

	return clock_nanosleep(clock, TIMER_ABSTIME, &until, NULL);
}

static int wait_clock_relative(clockid_t clock)
{
	struct timespec time = { .tv_sec = seconds };

	return clock_nanosleep(clock, 0, &time, NULL);
}

static int wait_poll(clockid_t clock)
{
	struct pollfd never = { .fd = eventfd(0, 0), .events = POLLIN };
	int result = poll(&never, 1, seconds * 1000);

	(void)clock;
	return result < 0 ? errno : result;
}

static int wait_select(clockid_t clock)
{
	struct timeval time = { .tv_sec = seconds };
	int result = select(0, NULL, NULL, NULL, &time);

	(void)clock;
	return result < 0 ? errno : result;
}

static int wait_epoll(clockid_t clock)
{
	struct epoll_event event;
	int result = epoll_wait(epoll_create1(0), &event, 1, seconds * 1000);

	(void)clock;
	return result < 0 ? errno : result;
}

static int wait_timerfd(clockid_t clock)
{
	struct itimerspec timer = { .it_value = after(clock) };
	int fd = timerfd_create(clock, 0);
	uint64_t count;

	if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL))
		return errno;
	return read(fd, &count, sizeof(count)) < 0 ? errno : 0;
}

static int wait_signal(clockid_t clock)
{
	struct timespec time = { .tv_sec = seconds };
	sigset_t set;

	(void)clock;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &time) < 0 && errno != EAGAIN ? errno : 0;
}

static int wait_futex(clockid_t clock)
{
	struct timespec time = { .tv_sec = seconds };
	static uint32_t word;

	(void)clock;
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time) && errno != ETIMEDOUT ? errno
											     : 0;
}

/* Never sleeps at all. */
static int wait_busy(clockid_t clock)
{
	int64_t end = now(clock) + seconds * NS_PER_S;

	while (now(clock) < end)
		;
	return 0;
}

static const struct kind {
	const char *name;
	int (*wait)(clockid_t clock);
	clockid_t clock;
} kinds[] = {
	{ "nanosleep", wait_nanosleep, CLOCK_MONOTONIC },
	{ "sleep until a monotonic time", wait_clock, CLOCK_MONOTONIC },
	{ "sleep until a real time", wait_clock, CLOCK_REALTIME },
	{ "sleep until a boot time", wait_clock, CLOCK_BOOTTIME },
	{ "sleep for boot time", wait_clock_relative, CLOCK_BOOTTIME },
	{ "poll", wait_poll, CLOCK_MONOTONIC },
	{ "select", wait_select, CLOCK_MONOTONIC },
	{ "epoll", wait_epoll, CLOCK_MONOTONIC },
	{ "monotonic timerfd", wait_timerfd, CLOCK_MONOTONIC },
	{ "real timerfd", wait_timerfd, CLOCK_REALTIME },
	{ "boot timerfd", wait_timerfd, CLOCK_BOOTTIME },
	{ "sigtimedwait", wait_signal, CLOCK_MONOTONIC },
	{ "futex", wait_futex, CLOCK_MONOTONIC },
	{ "busy", wait_busy, CLOCK_MONOTONIC },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool failed;

static void *run(void *argument)
{
	const struct kind *kind = argument;
	int64_t begin = now(kind->clock);
	int error = kind->wait(kind->clock);
	int64_t took = now(kind->clock) - begin;

	/* The clocks' own steps: real time is set by a clock of seconds. */
	if (!error && took >= seconds * NS_PER_S - (kind->clock == CLOCK_REALTIME ? NS_PER_S : 0))
		return NULL;
	printf("%s: %s after %lld ms\n", kind->name, strerror(error), (long long)(took / 1000000));
	failed = true;
	return NULL;
}

int main(int count, char **arguments)
{
	pthread_t threads[KINDS];

	if (count == 1) {
		printf("%lld %lld %lld\n", (long long)now(CLOCK_MONOTONIC),
		       (long long)now(CLOCK_BOOTTIME), (long long)now(CLOCK_REALTIME));
		return 0;
	}
	seconds = atoi(arguments[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < KINDS; i++)
		pthread_create(&threads[i], NULL, run, (void *)&kinds[i]);
	puts("waiting");
	for (size_t i = 0; i < KINDS; i++)
		pthread_join(threads[i], NULL);
	puts(failed ? "failed" : "fine");
	return failed;
}
