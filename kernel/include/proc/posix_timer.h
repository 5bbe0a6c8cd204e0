/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timers of timer_create(2): a process may have many; each sends a signal when it expires.
 * They end with the program.
 */
#pragma once

#include <base/types.h>
#include <time/clock.h>

struct process;
struct signal_info;

enum posix_timer_notify { /* Linux's SIGEV_* */
			  TIMER_NOTIFY_SIGNAL = 0,
			  TIMER_NOTIFY_NONE = 1,
			  TIMER_NOTIFY_THREAD_ID = 4,
};

struct posix_timer_options {
	enum clock_base base;
	int notify;
	int signal;
	uint64_t value;
	bool value_is_id; /* the value that comes with the signal is the timer's number */
	uint32_t thread;  /* with THREAD_ID: of the current process */
};

struct posix_timer_setting {
	uint64_t due_ns; /* relative, or absolute on the timer's clock; 0: disarmed */
	uint64_t interval_ns;
	bool absolute;
};

/* All of the current process. The id, or -EINVAL, -EAGAIN (too many), -ENOMEM. */
int posix_timer_create(const struct posix_timer_options *options);
/* -EINVAL: no such timer. `setting` NULL: only looks; `old` may be NULL. */
int posix_timer_set(int id, const struct posix_timer_setting *setting,
		    struct posix_timer_setting *old);
int posix_timer_delete(int id);
/* How often the timer expired beyond the signal that was last taken. */
int posix_timer_overrun(int id);
