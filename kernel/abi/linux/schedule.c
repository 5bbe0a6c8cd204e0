/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scheduling policies and affinity. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>
#include <sched/hotplug.h>
#include <sched/statistics.h>
#include <sched/thread.h>

enum policy {
	POLICY_OTHER = 0,
	POLICY_FIFO = 1,
	POLICY_RR = 2,
	POLICY_BATCH = 3,
	POLICY_IDLE = 5,
};

/* With the number of a policy. */
#define POLICY_RESET_ON_FORK 0x40000000
/* In struct sched_attr. */
#define ATTRIBUTE_RESET_ON_FORK   0x01
#define ATTRIBUTE_KEEP_POLICY     0x08
#define ATTRIBUTE_KEEP_PARAMETERS 0x10
#define ATTRIBUTE_FLAGS \
	(ATTRIBUTE_RESET_ON_FORK | ATTRIBUTE_KEEP_POLICY | ATTRIBUTE_KEEP_PARAMETERS)
#define ATTRIBUTE_SIZE_FIRST 48 /* of the first version of the structure */

#define REALTIME_PRIORITY_MAX 99

int64_t linux_sched_yield(const struct linux_call *call)
{
	(void)call;
	thread_yield();
	return 0;
}

/* The thread with `id`, or the current one for 0; with a reference. -EINVAL, -ESRCH. */
static int find_thread(int id, struct user_thread **thread)
{
	if (id < 0)
		return -EINVAL;
	*thread = user_thread_find(id ? (uint32_t)id : user_thread_current()->id);
	return *thread ? 0 : -ESRCH;
}

int64_t linux_sched_setaffinity(const struct linux_call *call)
{
	struct user_thread *thread;
	uint64_t mask = 0;
	int error;

	error = linux_get(&mask, call->argument[2], min_u64(linux_unsigned(call, 1), sizeof(mask)));
	if (!error)
		error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return error == -EINVAL ? -ESRCH : error;
	error = linux_may_schedule(thread) ? thread_set_affinity(&thread->thread, mask) : -EPERM;
	user_thread_put(thread);
	return error;
}

int64_t linux_sched_getaffinity(const struct linux_call *call)
{
	uint64_t online = sched_cpus_online();
	struct user_thread *thread;
	uint64_t mask;
	int error;

	if (linux_unsigned(call, 1) < sizeof(mask) || linux_unsigned(call, 1) % sizeof(mask))
		return -EINVAL;
	error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return -ESRCH;
	mask = thread->thread.affinity & online;
	if (mask == 0)
		mask = online; /* all its CPUs are offline, so it runs on any */
	user_thread_put(thread);
	error = linux_put(call->argument[2], &mask, sizeof(mask));
	return error ? error : (int64_t)sizeof(mask);
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

/* Translates, with all else left alone. -EINVAL. */
static int make_scheduling(int policy, int64_t priority, struct thread_scheduling *scheduling)
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

/* Real-time priority: what RLIMIT_RTPRIO allows, and never more than there was. */
static bool may_be_realtime(struct user_thread *thread, const struct thread_scheduling *old,
			    const struct thread_scheduling *new)
{
	struct resource_limit limit;

	process_get_limit(thread->process, RESOURCE_REALTIME, &limit);
	if (new->policy != old->policy && limit.current == 0)
		return false;
	return new->realtime_priority <= old->realtime_priority ||
	       new->realtime_priority <= limit.current;
}

/* What needs no privilege. */
static bool may_change(struct user_thread *thread, const struct thread_scheduling *old,
		       const struct thread_scheduling *new)
{
	bool leaves_idle = old->policy == THREAD_POLICY_IDLE && new->policy != old->policy;

	if (!linux_may_schedule(thread) || (old->reset_on_fork && !new->reset_on_fork))
		return false;
	if (leaves_idle && !linux_may_be_nice(thread, old->nice))
		return false;
	if (new->realtime_priority)
		return may_be_realtime(thread, old, new);
	return new->nice >= old->nice || linux_may_be_nice(thread, new->nice);
}

static int set_scheduling(struct user_thread *thread, const struct thread_scheduling *scheduling)
{
	struct thread_scheduling old = thread_get_scheduling(&thread->thread);

	if (!credentials_privileged(credentials_current()) && !may_change(thread, &old, scheduling))
		return -EPERM;
	thread_set_scheduling(&thread->thread, scheduling);
	return 0;
}

int64_t linux_sched_getscheduler(const struct linux_call *call)
{
	struct user_thread *thread;
	int error = find_thread(linux_int(call, 0), &thread);
	int policy;

	if (error)
		return error;
	policy = policy_of(&thread->thread);
	if (thread->thread.reset_on_fork)
		policy |= POLICY_RESET_ON_FORK;
	user_thread_put(thread);
	return policy;
}

/* `policy` < 0: the one that it has. */
static int64_t set_policy(const struct linux_call *call, int policy, uint64_t parameter)
{
	struct thread_scheduling scheduling;
	struct user_thread *thread;
	int32_t priority;
	int error;

	if (!parameter || linux_int(call, 0) < 0)
		return -EINVAL;
	error = linux_get(&priority, parameter, sizeof(priority));
	if (!error)
		error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return error;
	scheduling = thread_get_scheduling(&thread->thread);
	if (policy < 0)
		policy = policy_of(&thread->thread);
	else
		scheduling.reset_on_fork = policy & POLICY_RESET_ON_FORK;
	error = make_scheduling(policy & ~POLICY_RESET_ON_FORK, priority, &scheduling);
	if (!error)
		error = set_scheduling(thread, &scheduling);
	user_thread_put(thread);
	return error;
}

int64_t linux_sched_setscheduler(const struct linux_call *call)
{
	int policy = linux_int(call, 1);

	return policy < 0 ? -EINVAL : set_policy(call, policy, call->argument[2]);
}

int64_t linux_sched_setparam(const struct linux_call *call)
{
	return set_policy(call, -1, call->argument[1]);
}

int64_t linux_sched_getparam(const struct linux_call *call)
{
	struct user_thread *thread;
	uint32_t priority;
	int error;

	if (!call->argument[1])
		return -EINVAL;
	error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return error;
	priority = thread->thread.realtime_priority;
	user_thread_put(thread);
	return write_user_u32(call->argument[1], priority);
}

static int64_t priority_limit(int policy, int64_t realtime)
{
	if (is_realtime(policy))
		return realtime;
	return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_IDLE ? 0
											 : -EINVAL;
}

int64_t linux_sched_get_priority_max(const struct linux_call *call)
{
	return priority_limit(linux_int(call, 0), REALTIME_PRIORITY_MAX);
}

int64_t linux_sched_get_priority_min(const struct linux_call *call)
{
	return priority_limit(linux_int(call, 0), 1);
}

int64_t linux_sched_rr_get_interval(const struct linux_call *call)
{
	struct user_thread *thread;
	int error = find_thread(linux_int(call, 0), &thread);
	bool runs_on;

	if (error)
		return error;
	runs_on = thread->thread.policy == THREAD_POLICY_FIFO;
	user_thread_put(thread);
	return linux_put_timespec(call->argument[1], runs_on ? 0 : sched_quantum_ns());
}

/* Whatever is beyond the structure that is known here must be 0. */
static int check_zero(uint64_t from, size_t size)
{
	uint8_t bytes[64];

	while (size > 0) {
		size_t part = min_u64(size, sizeof(bytes));
		int error = linux_get(bytes, from, part);

		if (error)
			return error;
		for (size_t i = 0; i < part; i++) {
			if (bytes[i])
				return -E2BIG;
		}
		from += part;
		size -= part;
	}
	return 0;
}

static int get_attributes(uint64_t from, struct linux_sched_attr *attr)
{
	int error = linux_get(&attr->size, from, sizeof(attr->size));
	size_t size = attr->size ? attr->size : ATTRIBUTE_SIZE_FIRST;

	if (error)
		return error;
	if (size < ATTRIBUTE_SIZE_FIRST || size > PAGE_SIZE) {
		error = -E2BIG;
	} else {
		error = check_zero(from + sizeof(*attr), size - ATTRIBUTE_SIZE_FIRST);
		if (!error)
			return linux_get(attr, from, sizeof(*attr));
	}
	/* Says how much it could have been. */
	if (error == -E2BIG && write_user_u32(from, sizeof(*attr)))
		error = -EFAULT;
	return error;
}

/* Translates for a thread that is scheduled by `scheduling` until now. What keeps the parameters
 * keeps the policy, too, as in Linux. */
static int make_by_attributes(const struct linux_sched_attr *attr, int old_policy,
			      struct thread_scheduling *scheduling)
{
	bool keep = attr->flags & ATTRIBUTE_KEEP_PARAMETERS;
	bool keep_policy = attr->flags & ATTRIBUTE_KEEP_POLICY;
	int policy = keep || keep_policy ? old_policy : (int)attr->policy;
	int nice = attr->nice < -20 ? -20 : attr->nice > 19 ? 19 : attr->nice;

	if (attr->flags & ~(uint64_t)ATTRIBUTE_FLAGS)
		return -EINVAL;
	if (!keep_policy)
		scheduling->reset_on_fork = attr->flags & ATTRIBUTE_RESET_ON_FORK;
	if (keep)
		return 0;
	if (!is_realtime(policy))
		scheduling->nice = (int8_t)nice;
	return make_scheduling(policy, attr->priority, scheduling);
}

int64_t linux_sched_setattr(const struct linux_call *call)
{
	struct linux_sched_attr attr = { 0 };
	struct thread_scheduling scheduling;
	struct user_thread *thread;
	int error;

	if (!call->argument[1] || linux_int(call, 0) < 0 || linux_unsigned(call, 2))
		return -EINVAL;
	error = get_attributes(call->argument[1], &attr);
	if (!error && (int32_t)attr.policy < 0)
		error = -EINVAL;
	if (!error)
		error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return error;
	scheduling = thread_get_scheduling(&thread->thread);
	error = make_by_attributes(&attr, policy_of(&thread->thread), &scheduling);
	if (!error)
		error = set_scheduling(thread, &scheduling);
	user_thread_put(thread);
	return error;
}

int64_t linux_sched_getattr(const struct linux_call *call)
{
	struct linux_sched_attr attr = { .size = sizeof(attr) };
	struct user_thread *thread;
	int error;

	if (!call->argument[1] || linux_unsigned(call, 2) < ATTRIBUTE_SIZE_FIRST ||
	    linux_unsigned(call, 2) > PAGE_SIZE || linux_unsigned(call, 3))
		return -EINVAL;
	error = find_thread(linux_int(call, 0), &thread);
	if (error)
		return error;
	attr.policy = (uint32_t)policy_of(&thread->thread);
	attr.flags = thread->thread.reset_on_fork ? ATTRIBUTE_RESET_ON_FORK : 0;
	attr.priority = thread->thread.realtime_priority;
	attr.nice = attr.priority ? 0 : thread->thread.nice;
	user_thread_put(thread);
	return linux_put(call->argument[1], &attr, sizeof(attr));
}
