/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Priorities, affinity and scheduling policies. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>
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
#define RR_INTERVAL_NS        10000000
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
		thread_set_priority(&thread->thread,
				    query->nice > 0 ? THREAD_CLASS_BATCH : THREAD_CLASS_NORMAL,
				    query->nice);
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

static int policy_of(const struct thread *thread)
{
	return thread->class == THREAD_CLASS_IDLE ? POLICY_IDLE : POLICY_OTHER;
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

/* The real-time policies do not exist yet: asking for one is refused, not ignored. */
int64_t linux_sched_setscheduler(const struct linux_call *call)
{
	int policy = linux_int(call, 1) & ~POLICY_RESET_ON_FORK;
	struct user_thread *thread;
	enum thread_class class;
	int32_t priority;
	int64_t result;

	result = linux_get(&priority, call->argument[2], sizeof(priority));
	if (result)
		return result;
	if (policy == POLICY_FIFO || policy == POLICY_RR)
		return priority < 1 || priority > REALTIME_PRIORITY_MAX ? -EINVAL : -EPERM;
	if ((policy != POLICY_OTHER && policy != POLICY_BATCH && policy != POLICY_IDLE) ||
	    priority != 0)
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	class = policy == POLICY_IDLE    ? THREAD_CLASS_IDLE
		: policy == POLICY_BATCH ? THREAD_CLASS_BATCH
					 : THREAD_CLASS_NORMAL;
	result = may_change(thread);
	if (!result)
		thread_set_priority(&thread->thread, class, thread->thread.nice);
	user_thread_put(thread);
	return result;
}

int64_t linux_sched_getparam(const struct linux_call *call)
{
	struct user_thread *thread = find_thread(linux_unsigned(call, 0));

	if (!thread)
		return -ESRCH;
	user_thread_put(thread);
	return write_user_u32(call->argument[1], 0);
}

int64_t linux_sched_setparam(const struct linux_call *call)
{
	struct user_thread *thread = find_thread(linux_unsigned(call, 0));
	uint32_t priority;
	int error;

	if (!thread)
		return -ESRCH;
	user_thread_put(thread);
	error = read_user_u32(call->argument[1], &priority);
	return error ? error : priority ? -EINVAL : 0;
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

	if (!thread)
		return -ESRCH;
	user_thread_put(thread);
	return linux_put_timespec(call->argument[1], RR_INTERVAL_NS);
}

static int class_of(uint32_t policy)
{
	switch (policy) {
	case POLICY_OTHER:
		return THREAD_CLASS_NORMAL;
	case POLICY_BATCH:
		return THREAD_CLASS_BATCH;
	case POLICY_IDLE:
		return THREAD_CLASS_IDLE;
	default:
		return -EINVAL;
	}
}

int64_t linux_sched_setattr(const struct linux_call *call)
{
	struct linux_sched_attr attr;
	struct user_thread *thread;
	int64_t result;
	int class;

	if (linux_unsigned(call, 2))
		return -EINVAL;
	result = linux_get(&attr, call->argument[1], sizeof(attr));
	if (result)
		return result;
	if (attr.size > sizeof(attr))
		return -E2BIG;
	if (attr.policy == POLICY_FIFO || attr.policy == POLICY_RR)
		return -EPERM;
	class = class_of(attr.policy);
	if (class < 0 || attr.flags || attr.priority || attr.nice < -20 || attr.nice > 19)
		return -EINVAL;
	thread = find_thread(linux_unsigned(call, 0));
	if (!thread)
		return -ESRCH;
	result = may_change(thread);
	if (!result && attr.nice < thread->thread.nice &&
	    !credentials_privileged(credentials_current()))
		result = -EPERM;
	if (!result)
		thread_set_priority(&thread->thread, (enum thread_class) class, attr.nice);
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
