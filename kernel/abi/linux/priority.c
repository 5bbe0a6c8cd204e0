/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nice values, and the priorities of input and output. */
#include "linux.h"

#include <proc/process.h>
#include <sched/thread.h>

#define PRIORITY_PROCESS 0
#define PRIORITY_GROUP   1
#define PRIORITY_USER    2

bool linux_may_schedule(struct user_thread *thread)
{
	const struct credentials *own = credentials_current();
	struct credentials *other;
	bool allowed;

	if (thread->process == process_current() || credentials_privileged(own))
		return true;
	other = process_credentials(thread->process);
	allowed = own->euid == other->euid || own->euid == other->uid;
	credentials_put(other);
	return allowed;
}

bool linux_may_be_nice(struct user_thread *thread, int nice)
{
	struct resource_limit limit;

	process_get_limit(thread->process, RESOURCE_NICE, &limit);
	return (uint64_t)(20 - nice) <= limit.current ||
	       credentials_privileged(credentials_current());
}

/* Linux returns 20 - nice, so that results are positive. */
struct priority_query {
	int which;
	uint32_t who;
	bool set;
	int nice;
	bool found;
	int best;
	int64_t error;
};

static bool concerns(const struct priority_query *query, struct process *process)
{
	struct credentials *credentials;
	bool same;

	if (query->which == PRIORITY_GROUP)
		return process->group == query->who;
	credentials = process_credentials(process);
	same = credentials->uid == query->who;
	credentials_put(credentials);
	return same;
}

static void set_nice(struct thread *thread, int nice)
{
	struct thread_scheduling scheduling = thread_get_scheduling(thread);

	scheduling.nice = (int8_t)nice;
	thread_set_scheduling(thread, &scheduling);
}

static void apply(struct priority_query *query, struct user_thread *thread)
{
	int nice = thread->thread.nice;

	query->found = true;
	if (20 - nice > query->best)
		query->best = 20 - nice;
	if (!query->set)
		return;
	if (!linux_may_schedule(thread))
		query->error = -EPERM;
	else if (query->nice < nice && !linux_may_be_nice(thread, query->nice))
		query->error = -EACCES;
	else
		set_nice(&thread->thread, query->nice);
}

static bool visit_process(struct process *process, void *argument)
{
	struct priority_query *query = argument;
	struct user_thread *thread;
	uint32_t id = 0;

	while (concerns(query, process) && (thread = process_next_thread(process, id))) {
		id = thread->id + 1;
		apply(query, thread);
		user_thread_put(thread);
	}
	return true;
}

/* The id of a process names its first thread alone, as in Linux. */
static void query_thread(struct priority_query *query)
{
	struct user_thread *thread =
		user_thread_find(query->who ? query->who : user_thread_current()->id);

	if (!thread)
		return;
	apply(query, thread);
	user_thread_put(thread);
}

static void run_query(struct priority_query *query)
{
	if (query->which == PRIORITY_PROCESS) {
		query_thread(query);
		return;
	}
	if (!query->who && query->which == PRIORITY_GROUP)
		query->who = process_current()->group;
	else if (!query->who)
		query->who = credentials_current()->uid;
	process_visit(visit_process, query);
}

int64_t linux_getpriority(const struct linux_call *call)
{
	struct priority_query query = { .which = linux_int(call, 0),
					.who = linux_unsigned(call, 1) };

	if (query.which < PRIORITY_PROCESS || query.which > PRIORITY_USER)
		return -EINVAL;
	run_query(&query);
	return query.found ? query.best : -ESRCH;
}

int64_t linux_setpriority(const struct linux_call *call)
{
	struct priority_query query = { .which = linux_int(call, 0),
					.who = linux_unsigned(call, 1),
					.set = true,
					.nice = linux_int(call, 2) };

	if (query.which < PRIORITY_PROCESS || query.which > PRIORITY_USER)
		return -EINVAL;
	if (query.nice < -20)
		query.nice = -20;
	if (query.nice > 19)
		query.nice = 19;
	run_query(&query);
	return query.error ? query.error : query.found ? 0 : -ESRCH;
}

#define IO_PRIORITY_WHO_MAX     3
#define IO_PRIORITY_CLASS_SHIFT 13
#define IO_PRIORITY_BEST_EFFORT (2 << IO_PRIORITY_CLASS_SHIFT | 4)

/* Disks serve in order of arrival: every priority is the middle one. */
int64_t linux_ioprio_get(const struct linux_call *call)
{
	int which = linux_int(call, 0);

	return which < 1 || which > IO_PRIORITY_WHO_MAX ? -EINVAL : IO_PRIORITY_BEST_EFFORT;
}

int64_t linux_ioprio_set(const struct linux_call *call)
{
	int which = linux_int(call, 0), priority = linux_int(call, 2);

	if (which < 1 || which > IO_PRIORITY_WHO_MAX || priority < 0 ||
	    priority >> IO_PRIORITY_CLASS_SHIFT > 3)
		return -EINVAL;
	return priority == IO_PRIORITY_BEST_EFFORT || priority >> IO_PRIORITY_CLASS_SHIFT == 0
		       ? 0
		       : -EOPNOTSUPP;
}
