/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities, affinity and scheduling policies. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>
#include <sched/statistics.h>
#include <sched/thread.h>

enum policy {
	POLICY_OTHER = 0,
	POLICY_FIFO = 1,
	POLICY_RR = 2,
	POLICY_BATCH = 3,
	POLICY_IDLE = 5,
};

#define POLICY_RESET_ON_FORK  0x40000000
#define REALTIME_PRIORITY_MAX 99
#define PRIORITY_PROCESS      0
#define PRIORITY_GROUP        1
#define PRIORITY_USER         2

int64_t linux_sched_yield(const struct linux_call *call)
{
	(void)call;
	thread_yield();
	return 0;
}

/* The thread with `id`, or the current one for 0; with a reference. */
static struct user_thread *find_thread(uint32_t id)
{
	return user_thread_find(id ? id : user_thread_current()->id);
}

static int64_t may_change(struct user_thread *thread)
{
	return process_may_inspect(thread->process) ? 0 : -EPERM;
}

int64_t linux_sched_setaffinity(const struct linux_call *call)
{
	struct user_thread *thread;
	uint64_t mask = 0;
	int64_t result;

	result = linux_get(&mask, call->argument[2], min_u64(linux_unsigned(call, 1), 8));
	if (result)
		return result;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	result = may_change(thread);
	if (!result)
		result = thread_set_affinity(&thread->thread, mask);
	user_thread_put(thread);
	return result;
}

int64_t linux_sched_getaffinity(const struct linux_call *call)
{
	uint64_t all = cpu_count() == 64 ? UINT64_MAX : (1ull << cpu_count()) - 1;
	struct user_thread *thread;
	uint64_t mask;
	int error;

	if (linux_unsigned(call, 1) < sizeof(mask) || linux_unsigned(call, 1) % sizeof(mask))
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	mask = thread->thread.affinity & all;
	user_thread_put(thread);
	error = linux_put(call->argument[2], &mask, sizeof(mask));
	return error ? error : (int64_t)sizeof(mask);
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

	if (query->which == PRIORITY_PROCESS)
		return process->pid == query->who;
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
	if (may_change(thread) ||
	    (query->nice < nice && !credentials_privileged(credentials_current())))
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

static void run_query(struct priority_query *query)
{
	if (!query->who && query->which == PRIORITY_PROCESS)
		query->who = process_current()->pid;
	else if (!query->who && query->which == PRIORITY_GROUP)
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

/* What Linux calls the policies, and what they are here. */
static const struct {
	int number;
	enum thread_policy policy;
} policies[] = {
	{ POLICY_OTHER, THREAD_POLICY_NORMAL },   { POLICY_FIFO, THREAD_POLICY_FIFO },
	{ POLICY_RR, THREAD_POLICY_ROUND_ROBIN }, { POLICY_BATCH, THREAD_POLICY_BATCH },
	{ POLICY_IDLE, THREAD_POLICY_IDLE },
};

static int policy_of(const struct thread *thread)
{
	for (unsigned i = 0; i < array_length(policies); i++) {
		if (policies[i].policy == thread->policy)
			return policies[i].number;
	}
	return POLICY_OTHER;
}

static bool is_realtime(int policy)
{
	return policy == POLICY_FIFO || policy == POLICY_RR;
}

/* Translates, with the nice value left alone. -EINVAL. */
static int64_t make_scheduling(int policy, int64_t priority, struct thread_scheduling *scheduling)
{
	int64_t lowest = is_realtime(policy) ? 1 : 0;
	int64_t highest = is_realtime(policy) ? REALTIME_PRIORITY_MAX : 0;

	if (priority < lowest || priority > highest)
		return -EINVAL;
	for (unsigned i = 0; i < array_length(policies); i++) {
		if (policies[i].number != policy)
			continue;
		scheduling->policy = policies[i].policy;
		scheduling->realtime_priority = (uint8_t)priority;
		return 0;
	}
	return -EINVAL;
}

/* Whoever may not is not given more than it has: real-time priority, or a better nice value. */
static int64_t set_scheduling(struct user_thread *thread,
			      const struct thread_scheduling *scheduling)
{
	struct thread_scheduling old = thread_get_scheduling(&thread->thread);
	bool more = scheduling->realtime_priority > old.realtime_priority ||
		    scheduling->nice < old.nice;
	int64_t result = may_change(thread);

	if (!result && more && !credentials_privileged(credentials_current()))
		result = -EPERM;
	if (!result)
		thread_set_scheduling(&thread->thread, scheduling);
	return result;
}

int64_t linux_sched_getscheduler(const struct linux_call *call)
{
	struct user_thread *thread;
	int policy;

	if (linux_int(call, 0) < 0)
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	policy = policy_of(&thread->thread);
	user_thread_put(thread);
	return policy;
}

int64_t linux_sched_setscheduler(const struct linux_call *call)
{
	int policy = linux_int(call, 1) & ~POLICY_RESET_ON_FORK;
	struct thread_scheduling scheduling;
	struct user_thread *thread;
	int32_t priority;
	int64_t result;

	result = linux_get(&priority, call->argument[2], sizeof(priority));
	if (result)
		return result;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	scheduling = thread_get_scheduling(&thread->thread);
	result = make_scheduling(policy, priority, &scheduling);
	if (!result)
		result = set_scheduling(thread, &scheduling);
	user_thread_put(thread);
	return result;
}

int64_t linux_sched_getparam(const struct linux_call *call)
{
	struct user_thread *thread = find_thread(linux_unsigned(call, 0));
	uint32_t priority;

	if (!thread)
		return -ESRCH;
	priority = thread->thread.realtime_priority;
	user_thread_put(thread);
	return write_user_u32(call->argument[1], priority);
}

int64_t linux_sched_setparam(const struct linux_call *call)
{
	struct user_thread *thread = find_thread(linux_unsigned(call, 0));
	struct thread_scheduling scheduling;
	uint32_t priority;
	int64_t result;

	if (!thread)
		return -ESRCH;
	result = read_user_u32(call->argument[1], &priority);
	scheduling = thread_get_scheduling(&thread->thread);
	if (!result)
		result =
			make_scheduling(policy_of(&thread->thread), (int32_t)priority, &scheduling);
	if (!result)
		result = set_scheduling(thread, &scheduling);
	user_thread_put(thread);
	return result;
}

int64_t linux_sched_get_priority_max(const struct linux_call *call)
{
	int policy = linux_int(call, 0);

	if (policy == POLICY_FIFO || policy == POLICY_RR)
		return REALTIME_PRIORITY_MAX;
	return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_IDLE ? 0
											 : -EINVAL;
}

int64_t linux_sched_get_priority_min(const struct linux_call *call)
{
	int policy = linux_int(call, 0);

	if (policy == POLICY_FIFO || policy == POLICY_RR)
		return 1;
	return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_IDLE ? 0
											 : -EINVAL;
}

int64_t linux_sched_rr_get_interval(const struct linux_call *call)
{
	struct user_thread *thread = find_thread(linux_unsigned(call, 0));
	bool runs_on;

	if (!thread)
		return -ESRCH;
	runs_on = thread->thread.policy == THREAD_POLICY_FIFO;
	user_thread_put(thread);
	return linux_put_timespec(call->argument[1], runs_on ? 0 : sched_quantum_ns());
}

int64_t linux_sched_setattr(const struct linux_call *call)
{
	struct linux_sched_attr attr = { 0 };
	struct thread_scheduling scheduling;
	struct user_thread *thread;
	int64_t result;

	if (linux_unsigned(call, 2))
		return -EINVAL;
	result = linux_get(&attr, call->argument[1], sizeof(attr));
	if (result)
		return result;
	if (attr.size > sizeof(attr))
		return -E2BIG;
	if (attr.flags || attr.nice < -20 || attr.nice > 19)
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	scheduling = thread_get_scheduling(&thread->thread);
	if (!is_realtime((int)attr.policy))
		scheduling.nice = (int8_t)attr.nice;
	result = make_scheduling((int)attr.policy, attr.priority, &scheduling);
	if (!result)
		result = set_scheduling(thread, &scheduling);
	user_thread_put(thread);
	return result;
}

int64_t linux_sched_getattr(const struct linux_call *call)
{
	struct linux_sched_attr attr = { .size = sizeof(attr) };
	struct user_thread *thread;

	if (linux_unsigned(call, 2) < sizeof(attr) || linux_unsigned(call, 2) > PAGE_SIZE ||
	    linux_unsigned(call, 3))
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	attr.policy = (uint32_t)policy_of(&thread->thread);
	attr.priority = thread->thread.realtime_priority;
	attr.nice = thread->thread.nice;
	user_thread_put(thread);
	return linux_put(call->argument[1], &attr, sizeof(attr));
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
