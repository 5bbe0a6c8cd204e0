/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resource limits, processor time and interval timers of processes.
 */
#pragma once

#include <base/types.h>

struct process;
struct user_thread;

enum resource { /* Linux's RLIMIT_* */
		RESOURCE_CPU,
		RESOURCE_FILE_SIZE,
		RESOURCE_DATA,
		RESOURCE_STACK,
		RESOURCE_CORE,
		RESOURCE_RSS,
		RESOURCE_PROCESSES,
		RESOURCE_FILES,
		RESOURCE_LOCKED,
		RESOURCE_ADDRESS_SPACE,
		RESOURCE_LOCKS,
		RESOURCE_SIGNALS,
		RESOURCE_QUEUES,
		RESOURCE_NICE,
		RESOURCE_REALTIME,
		RESOURCE_REALTIME_TIME,
		RESOURCE_COUNT,
};

#define RESOURCE_INFINITY UINT64_MAX

struct resource_limit {
	uint64_t current, maximum;
};

/* The current limit of the current process. */
uint64_t process_limit(enum resource resource);
/* Both limits of any process. */
void process_get_limit(struct process *process, enum resource resource,
		       struct resource_limit *limit);
/* Sets both and makes them effective. -EINVAL (current > maximum), -EPERM (raising the
 * maximum needs root). That the caller may touch `process` was checked. */
int process_set_limit(struct process *process, enum resource resource,
		      const struct resource_limit *limit);

struct process_times {
	uint64_t user_ns, system_ns;
};

/* Of all threads, those that ended included; or of one thread. */
void process_read_times(struct process *process, struct process_times *times);
void user_thread_read_times(struct user_thread *thread, struct process_times *times);
/* Of the children that were waited for. */
void process_read_children_times(struct process *process, struct process_times *times,
				 uint64_t *faults);

/* The timers of setitimer(2), with Linux's numbers. */
enum interval_timer_kind {
	INTERVAL_REAL,    /* SIGALRM; wall time */
	INTERVAL_VIRTUAL, /* SIGVTALRM; time in user mode */
	INTERVAL_PROFILE, /* SIGPROF; processor time */
	INTERVAL_COUNT,
};

/* `remaining`: until the next signal, 0: disarmed. */
struct interval_timer_value {
	uint64_t remaining_ns, interval_ns;
};

/* Of the current process. Sets `value` (NULL: none), returns the old one in `old` (may be
 * NULL). */
void interval_timer_set(enum interval_timer_kind kind, const struct interval_timer_value *value,
			struct interval_timer_value *old);
