/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and sleeps. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>
#include <sched/wait.h>
#include <time/clock.h>

enum clock_id {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME = 2,
	CLOCK_THREAD_CPUTIME = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	CLOCK_TAI = 11,
};

#define TIMER_ABSOLUTE 1

static int decode_timespec(const struct linux_timespec *time, uint64_t *ns)
{
	if (time->seconds < 0 || time->nanoseconds < 0 ||
	    time->nanoseconds >= (int64_t)NS_PER_SECOND)
		return -EINVAL;
	/* 584 years are as good as for ever. */
	if ((uint64_t)time->seconds > UINT64_MAX / NS_PER_SECOND - 1)
		*ns = DEADLINE_NEVER;
	else
		*ns = (uint64_t)time->seconds * NS_PER_SECOND + (uint64_t)time->nanoseconds;
	return 0;
}

int linux_get_timespec(uint64_t from, uint64_t *ns)
{
	struct linux_timespec time;
	int error = linux_get(&time, from, sizeof(time));

	return error ? error : decode_timespec(&time, ns);
}

int linux_put_timespec(uint64_t to, uint64_t ns)
{
	struct linux_timespec time = { (int64_t)(ns / NS_PER_SECOND),
				       (int64_t)(ns % NS_PER_SECOND) };

	return linux_put(to, &time, sizeof(time));
}

int linux_get_itimerspec(uint64_t from, uint64_t *value, uint64_t *interval)
{
	struct linux_itimerspec times;
	int error = linux_get(&times, from, sizeof(times));

	if (!error)
		error = decode_timespec(&times.interval, interval);
	return error ? error : decode_timespec(&times.value, value);
}

int linux_put_itimerspec(uint64_t to, uint64_t value, uint64_t interval)
{
	int error = linux_put_timespec(to, interval);

	return error ? error : linux_put_timespec(to + sizeof(struct linux_timespec), value);
}

struct linux_timeval linux_timeval_of(uint64_t ns)
{
	return (struct linux_timeval){ (int64_t)(ns / NS_PER_SECOND),
				       (int64_t)(ns % NS_PER_SECOND / NS_PER_MICROSECOND) };
}

int linux_put_timeval(uint64_t to, uint64_t ns)
{
	struct linux_timeval time = linux_timeval_of(ns);

	return linux_put(to, &time, sizeof(time));
}

int linux_get_timeout(uint64_t from, uint64_t *deadline)
{
	uint64_t ns;
	int error;

	if (!from) {
		*deadline = DEADLINE_NEVER;
		return 0;
	}
	error = linux_get_timespec(from, &ns);
	if (!error)
		*deadline = clock_deadline_after(ns);
	return error;
}

/* Bits 0 and 1 of a processor clock's id: what is counted. */
enum cpu_clock_kind {
	CPU_CLOCK_ALL = 0,
	CPU_CLOCK_USER = 1,
	CPU_CLOCK_SCHEDULED = 2, /* the same as ALL here */
	CPU_CLOCK_KIND = 3,
};

/* A negative id names the processor clock of a process (bits 3 up: ~pid) or of a thread (bit 2),
 * which must be one of the caller's process. */
static int read_cpu_clock(int clock, uint64_t *ns)
{
	uint32_t id = ~(uint32_t)(clock >> 3);
	struct process_times times = { 0 };
	struct user_thread *thread;
	struct process *process;
	bool own;

	if ((clock & CPU_CLOCK_KIND) > CPU_CLOCK_SCHEDULED)
		return -EINVAL;
	if (clock & 4) {
		thread = user_thread_find(id ? id : user_thread_current()->id);
		if (!thread)
			return -EINVAL;
		own = thread->process == process_current();
		user_thread_read_times(thread, &times);
		user_thread_put(thread);
		if (!own)
			return -EINVAL;
	} else {
		process = process_find(id ? id : process_current()->pid);
		if (!process)
			return -EINVAL;
		process_read_times(process, &times);
		process_put(process);
	}
	*ns = times.user_ns + ((clock & CPU_CLOCK_KIND) == CPU_CLOCK_USER ? 0 : times.system_ns);
	return 0;
}

static int read_clock(int clock, uint64_t *ns)
{
	struct process_times times;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		*ns = clock_monotonic_ns();
		return 0;
	case CLOCK_BOOTTIME:
		*ns = clock_boottime_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME:
		process_read_times(process_current(), &times);
		*ns = times.user_ns + times.system_ns;
		return 0;
	case CLOCK_THREAD_CPUTIME:
		user_thread_read_times(user_thread_current(), &times);
		*ns = times.user_ns + times.system_ns;
		return 0;
	default:
		return clock < 0 ? read_cpu_clock(clock, ns) : -EINVAL;
	}
}

int64_t linux_clock_gettime(const struct linux_call *call)
{
	uint64_t ns;
	int error = read_clock(linux_int(call, 0), &ns);

	return error ? error : linux_put_timespec(call->argument[1], ns);
}

int64_t linux_clock_getres(const struct linux_call *call)
{
	uint64_t ns;
	int error = read_clock(linux_int(call, 0), &ns);

	if (error || !call->argument[1])
		return error;
	return linux_put_timespec(call->argument[1], 1);
}

static int64_t set_realtime(uint64_t ns)
{
	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	clock_set_realtime_ns(ns);
	return 0;
}

int64_t linux_clock_settime(const struct linux_call *call)
{
	uint64_t ns;
	int error;

	if (linux_int(call, 0) != CLOCK_REALTIME)
		return -EINVAL;
	error = linux_get_timespec(call->argument[1], &ns);
	return error ? error : set_realtime(ns);
}

int64_t linux_gettimeofday(const struct linux_call *call)
{
	uint64_t zone = 0; /* minutes west, daylight saving: always 0 */
	int error = 0;

	if (call->argument[0])
		error = linux_put_timeval(call->argument[0], clock_realtime_ns());
	if (!error && call->argument[1])
		error = write_user_u64(call->argument[1], zone);
	return error;
}

int64_t linux_settimeofday(const struct linux_call *call)
{
	struct linux_timeval time;
	int error;

	if (!call->argument[0])
		return 0;
	error = linux_get(&time, call->argument[0], sizeof(time));
	if (error)
		return error;
	if (time.seconds < 0 || (uint64_t)time.microseconds >= 1000000)
		return -EINVAL;
	return set_realtime((uint64_t)time.seconds * NS_PER_SECOND +
			    (uint64_t)time.microseconds * NS_PER_MICROSECOND);
}

int64_t linux_time(const struct linux_call *call)
{
	uint64_t seconds = clock_realtime_ns() / NS_PER_SECOND;
	int error = call->argument[0] ? write_user_u64(call->argument[0], seconds) : 0;

	return error ? error : (int64_t)seconds;
}

int64_t linux_sleep_until(uint64_t deadline, uint64_t remaining_at)
{
	struct wait_queue nobody;
	struct waiter waiter;
	uint64_t now;
	int error;

	wait_queue_init(&nobody, "sleep");
	wait_begin(&nobody, &waiter);
	error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	wait_end(&waiter);
	if (error == -ETIMEDOUT)
		return 0;
	if (remaining_at) {
		now = clock_monotonic_ns();
		error = linux_put_timespec(remaining_at, deadline > now ? deadline - now : 0);
		if (error)
			return error;
	}
	return linux_restart_sleep(deadline, remaining_at);
}

int64_t linux_nanosleep(const struct linux_call *call)
{
	uint64_t ns;
	int error = linux_get_timespec(call->argument[0], &ns);

	return error ? error : linux_sleep_until(clock_deadline_after(ns), call->argument[1]);
}

/* Sleeps until an absolute time of a clock, which may be set meanwhile. -ERESTARTNOHAND: it is simply
 * asked for again. */
static int64_t sleep_on(enum clock_base base, uint64_t until)
{
	struct waiter waiter;
	int error;

	wait_begin(&wait_realtime_changed, &waiter);
	do
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, clock_to_monotonic(base, until));
	while (!error);
	wait_end(&waiter);
	return error == -ETIMEDOUT ? 0 : -ERESTARTNOHAND;
}

/* The time that the machine sleeps counts, unless the call is interrupted and goes on after that. */
static int64_t sleep_boottime(uint64_t ns, uint64_t remaining_at)
{
	uint64_t until = clock_after(CLOCK_BASE_BOOTTIME, ns);

	if (!sleep_on(CLOCK_BASE_BOOTTIME, until))
		return 0;
	return linux_sleep_until(clock_to_monotonic(CLOCK_BASE_BOOTTIME, until), remaining_at);
}

static enum clock_base base_of(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		return CLOCK_BASE_REALTIME;
	case CLOCK_BOOTTIME:
		return CLOCK_BASE_BOOTTIME;
	default:
		return CLOCK_BASE_MONOTONIC;
	}
}

int64_t linux_clock_nanosleep(const struct linux_call *call)
{
	int clock = linux_int(call, 0);
	bool absolute = linux_int(call, 1) & TIMER_ABSOLUTE;
	uint64_t ns, now;
	int64_t result = linux_get_timespec(call->argument[2], &ns);

	if (!result)
		result = read_clock(clock, &now);
	if (result)
		return result;
	if (clock < 0 || clock == CLOCK_PROCESS_CPUTIME || clock == CLOCK_THREAD_CPUTIME)
		return -EOPNOTSUPP;
	if (clock == CLOCK_BOOTTIME && !absolute)
		return sleep_boottime(ns, call->argument[3]);
	if (!absolute)
		return linux_sleep_until(clock_deadline_after(ns), call->argument[3]);
	return sleep_on(base_of(clock), ns);
}

#define ADJUST_MODE_QUERY     0
#define ADJUST_SINGLE_READ    0xa001 /* adjtime()'s question for what is left */
#define CLOCK_STATE_ERROR     5
#define STATUS_UNSYNCHRONIZED 0x40
#define NOMINAL_TICK          10000

/* The clock is not steered: it can be asked about, not adjusted. */
static int64_t read_adjustment(uint64_t at)
{
	uint64_t now = clock_realtime_ns();
	struct linux_timex timex;
	int error = linux_get(&timex, at, sizeof(timex));

	if (error)
		return error;
	if (timex.modes != ADJUST_MODE_QUERY && timex.modes != ADJUST_SINGLE_READ)
		return credentials_privileged(credentials_current()) ? -EINVAL : -EPERM;
	memset(&timex, 0, sizeof(timex));
	timex.status = STATUS_UNSYNCHRONIZED;
	timex.precision = 1;
	timex.tick = NOMINAL_TICK;
	timex.time = (struct linux_timeval){
		(int64_t)(now / NS_PER_SECOND),
		(int64_t)(now % NS_PER_SECOND / NS_PER_MICROSECOND),
	};
	error = linux_put(at, &timex, sizeof(timex));
	return error ? error : CLOCK_STATE_ERROR;
}

int64_t linux_adjtimex(const struct linux_call *call)
{
	return read_adjustment(call->argument[0]);
}

int64_t linux_clock_adjtime(const struct linux_call *call)
{
	if (linux_int(call, 0) != CLOCK_REALTIME)
		return -EOPNOTSUPP;
	return read_adjustment(call->argument[1]);
}
