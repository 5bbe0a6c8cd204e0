/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resource limits, usage and interval timers. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>
#include <time/clock.h>

#define TICKS_PER_SECOND 100
#define USAGE_SELF       0
#define USAGE_CHILDREN   (-1)
#define USAGE_THREAD     1

int64_t linux_getrlimit(const struct linux_call *call)
{
	struct resource_limit limit;

	if (linux_unsigned(call, 0) >= RESOURCE_COUNT)
		return -EINVAL;
	process_get_limit(process_current(), linux_unsigned(call, 0), &limit);
	return linux_put(call->argument[1], &limit, sizeof(limit));
}

int64_t linux_setrlimit(const struct linux_call *call)
{
	struct resource_limit limit;
	int error;

	_Static_assert(sizeof(limit) == sizeof(struct linux_rlimit), "the same layout");
	if (linux_unsigned(call, 0) >= RESOURCE_COUNT)
		return -EINVAL;
	error = linux_get(&limit, call->argument[1], sizeof(limit));
	return error ? error
		     : process_set_limit(process_current(), linux_unsigned(call, 0), &limit);
}

int64_t linux_prlimit64(const struct linux_call *call)
{
	uint32_t pid = linux_unsigned(call, 0);
	enum resource resource = linux_unsigned(call, 1);
	struct resource_limit old, new;
	struct process *process;
	int64_t result = 0;

	if (resource >= RESOURCE_COUNT)
		return -EINVAL;
	if (call->argument[2]) {
		result = linux_get(&new, call->argument[2], sizeof(new));
		if (result)
			return result;
	}
	process = process_find(pid ? pid : process_current()->pid);
	if (!process)
		return -ESRCH;
	process_get_limit(process, resource, &old);
	if (process != process_current() && !process_may_inspect(process))
		result = -EPERM;
	else if (call->argument[2])
		result = process_set_limit(process, resource, &new);
	process_put(process);
	if (!result && call->argument[3])
		result = linux_put(call->argument[3], &old, sizeof(old));
	return result;
}

int64_t linux_getrusage(const struct linux_call *call)
{
	struct thread *thread = thread_current();
	struct process *process = process_current();
	struct linux_rusage usage;
	struct process_times times;
	uint64_t faults = process->page_faults;

	memset(&usage, 0, sizeof(usage));
	switch (linux_int(call, 0)) {
	case USAGE_SELF:
		process_read_times(process, &times);
		break;
	case USAGE_THREAD:
		user_thread_read_times(user_thread_current(), &times);
		usage.voluntary_switches = (int64_t)thread->switches_voluntary;
		usage.involuntary_switches = (int64_t)thread->switches_involuntary;
		break;
	case USAGE_CHILDREN:
		process_read_children_times(process, &times, &faults);
		break;
	default:
		return -EINVAL;
	}
	usage.user = linux_timeval_of(times.user_ns);
	usage.system = linux_timeval_of(times.system_ns);
	usage.minor_faults = (int64_t)faults;
	if (linux_int(call, 0) != USAGE_CHILDREN)
		usage.max_resident = (int64_t)(aspace_resident(process->aspace) * PAGE_SIZE / 1024);
	return linux_put(call->argument[1], &usage, sizeof(usage));
}

static int64_t ticks_of(uint64_t ns)
{
	return (int64_t)(ns / (NS_PER_SECOND / TICKS_PER_SECOND));
}

int64_t linux_times(const struct linux_call *call)
{
	struct process_times own, children;
	struct linux_tms tms;
	uint64_t faults;

	process_read_times(process_current(), &own);
	process_read_children_times(process_current(), &children, &faults);
	tms = (struct linux_tms){ ticks_of(own.user_ns), ticks_of(own.system_ns),
				  ticks_of(children.user_ns), ticks_of(children.system_ns) };
	if (call->argument[0]) {
		int error = linux_put(call->argument[0], &tms, sizeof(tms));

		if (error)
			return error;
	}
	return ticks_of(clock_monotonic_ns());
}

static int get_timer_value(uint64_t from, struct interval_timer_value *value)
{
	struct linux_itimerval timer;
	int error = linux_get(&timer, from, sizeof(timer));

	if (error)
		return error;
	if (timer.value.seconds < 0 || timer.interval.seconds < 0 ||
	    (uint64_t)timer.value.microseconds >= 1000000 ||
	    (uint64_t)timer.interval.microseconds >= 1000000)
		return -EINVAL;
	value->remaining_ns = (uint64_t)timer.value.seconds * NS_PER_SECOND +
			      (uint64_t)timer.value.microseconds * NS_PER_MICROSECOND;
	value->interval_ns = (uint64_t)timer.interval.seconds * NS_PER_SECOND +
			     (uint64_t)timer.interval.microseconds * NS_PER_MICROSECOND;
	return 0;
}

static int put_timer_value(uint64_t to, const struct interval_timer_value *value)
{
	struct linux_itimerval timer = {
		.interval = linux_timeval_of(value->interval_ns),
		.value = linux_timeval_of(value->remaining_ns),
	};

	return linux_put(to, &timer, sizeof(timer));
}

int64_t linux_getitimer(const struct linux_call *call)
{
	struct interval_timer_value old;

	if (linux_unsigned(call, 0) >= INTERVAL_COUNT)
		return -EINVAL;
	interval_timer_set(linux_unsigned(call, 0), NULL, &old);
	return put_timer_value(call->argument[1], &old);
}

int64_t linux_setitimer(const struct linux_call *call)
{
	struct interval_timer_value new = { 0 }, old;
	int error = 0;

	if (linux_unsigned(call, 0) >= INTERVAL_COUNT)
		return -EINVAL;
	if (call->argument[1])
		error = get_timer_value(call->argument[1], &new);
	if (error)
		return error;
	interval_timer_set(linux_unsigned(call, 0), &new, &old);
	return call->argument[2] ? put_timer_value(call->argument[2], &old) : 0;
}

int64_t linux_alarm(const struct linux_call *call)
{
	struct interval_timer_value old, new = {
		.remaining_ns = linux_unsigned(call, 0) * NS_PER_SECOND,
	};

	interval_timer_set(INTERVAL_REAL, &new, &old);
	/* A timer that is about to expire does not count as none. */
	if (old.remaining_ns && old.remaining_ns < NS_PER_SECOND)
		return 1;
	return (int64_t)((old.remaining_ns + NS_PER_SECOND / 2) / NS_PER_SECOND);
}
