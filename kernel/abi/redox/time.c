/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and sleeps. */
#include "redox.h"

#include <sched/thread.h>
#include <sched/wait.h>
#include <time/clock.h>

int64_t redox_clock_gettime(const struct redox_call *call)
{
	uint64_t at = call->argument[1];

	if (redox_check_user(at, sizeof(struct redox_timespec), true))
		return -EFAULT;
	switch (call->argument[0]) {
	case REDOX_CLOCK_REALTIME:
		return redox_put_timespec(at, clock_realtime_ns());
	case REDOX_CLOCK_MONOTONIC:
		return redox_put_timespec(at, clock_monotonic_ns());
	default:
		return -EINVAL;
	}
}

int64_t redox_nanosleep(const struct redox_call *call)
{
	uint64_t remaining_at = call->argument[1], ns, now, deadline;
	struct wait_queue nobody;
	struct waiter waiter;
	int error = redox_get_timespec(call->argument[0], &ns);

	if (!error && remaining_at)
		error = redox_check_user(remaining_at, sizeof(struct redox_timespec), true);
	if (error)
		return error;
	deadline = clock_deadline_after(ns);
	wait_queue_init(&nobody, "sleep");
	wait_begin(&nobody, &waiter);
	error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	wait_end(&waiter);
	now = clock_monotonic_ns();
	if (remaining_at &&
	    redox_put_timespec(remaining_at,
			       error == -ETIMEDOUT || deadline < now ? 0 : deadline - now))
		return -EFAULT;
	return error == -ETIMEDOUT ? 0 : -EINTR;
}

int64_t redox_sched_yield(const struct redox_call *call)
{
	(void)call;
	thread_yield();
	return 0;
}
