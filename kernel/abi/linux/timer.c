/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POSIX timers. */
#include "linux.h"

#include <proc/posix_timer.h>
#include <proc/process.h>
#include <proc/signal.h>

enum timer_clock {
	TIMER_REALTIME = 0,
	TIMER_MONOTONIC = 1,
	TIMER_PROCESS_CPUTIME = 2,
	TIMER_THREAD_CPUTIME = 3,
	TIMER_BOOTTIME = 7,
	TIMER_REALTIME_ALARM = 8,
	TIMER_BOOTTIME_ALARM = 9,
	TIMER_TAI = 11,
};

#define TIMER_ABSOLUTE 1

/* Timers on processor time are not offered. */
static int decode_clock(int clock, enum clock_base *base)
{
	switch (clock) {
	case TIMER_REALTIME:
	case TIMER_TAI:
	case TIMER_REALTIME_ALARM:
		*base = CLOCK_BASE_REALTIME;
		return 0;
	case TIMER_MONOTONIC:
		*base = CLOCK_BASE_MONOTONIC;
		return 0;
	case TIMER_BOOTTIME:
	case TIMER_BOOTTIME_ALARM:
		*base = CLOCK_BASE_BOOTTIME;
		return 0;
	case TIMER_PROCESS_CPUTIME:
	case TIMER_THREAD_CPUTIME:
		return -EOPNOTSUPP;
	default:
		return clock < 0 ? -EOPNOTSUPP : -EINVAL;
	}
}

int64_t linux_timer_create(const struct linux_call *call)
{
	struct posix_timer_options options = { .signal = SIGALRM, .value_is_id = true };
	struct linux_sigevent event;
	int id, error = 0;

	if (call->argument[1]) {
		error = linux_get(&event, call->argument[1], sizeof(event));
		options.value_is_id = false;
		options.notify = event.notify;
		options.signal = event.signal;
		options.value = event.value;
		options.thread = (uint32_t)event.thread;
		if (!error && options.notify != TIMER_NOTIFY_NONE &&
		    options.signal > LINUX_SIGNAL_MAX)
			return -EINVAL;
	}
	if (!error)
		error = decode_clock(linux_int(call, 0), &options.base);
	if (error)
		return error;
	id = posix_timer_create(&options);
	if (id < 0)
		return id;
	error = write_user_u32(call->argument[2], (uint32_t)id);
	if (error)
		(void)posix_timer_delete(id); /* it is there: it was just made */
	return error;
}

static int64_t put_setting(uint64_t to, const struct posix_timer_setting *setting)
{
	return linux_put_itimerspec(to, setting->due_ns, setting->interval_ns);
}

int64_t linux_timer_settime(const struct linux_call *call)
{
	struct posix_timer_setting setting = {
		.absolute = linux_int(call, 1) & TIMER_ABSOLUTE,
	};
	struct posix_timer_setting old;
	int64_t result =
		linux_get_itimerspec(call->argument[2], &setting.due_ns, &setting.interval_ns);

	if (!result)
		result = posix_timer_set(linux_int(call, 0), &setting, &old);
	if (!result && call->argument[3])
		result = put_setting(call->argument[3], &old);
	return result;
}

int64_t linux_timer_gettime(const struct linux_call *call)
{
	struct posix_timer_setting now;
	int error = posix_timer_set(linux_int(call, 0), NULL, &now);

	return error ? error : put_setting(call->argument[1], &now);
}

int64_t linux_timer_getoverrun(const struct linux_call *call)
{
	return posix_timer_overrun(linux_int(call, 0));
}

int64_t linux_timer_delete(const struct linux_call *call)
{
	return posix_timer_delete(linux_int(call, 0));
}
