/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several files of /proc/PID tell of a process or thread, read at one time. */
#pragma once

#include "proc_fs.h"

struct proc_view {
	uint32_t id;
	char name[16];
	char state; /* R, S, D, T, Z, as Linux has them */
	unsigned thread_count;
	struct process_times times;
	int nice;
	int priority; /* as Linux counts: 20 + nice, or -1 - realtime_priority */
	unsigned realtime_priority;
	unsigned policy; /* Linux's SCHED_ number */
	unsigned cpu;
	uint64_t affinity;
	uint64_t switches_voluntary, switches_involuntary;
	signal_set_t thread_pending, process_pending, blocked, ignored, caught;
	uint64_t queued_signals; /* of the user */
};

/* -ESRCH: the thread has ended. */
int must_check proc_view_read(struct proc_node *node, struct proc_view *view);
