/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a thread is scheduled by: what somebody asked for, what it inherits from those that wait
 * for it, and the better of the two, which counts.
 */
#include "sched_priv.h"

#include <core/panic.h>

static uint8_t base_priority(const struct thread_scheduling *scheduling)
{
	switch (scheduling->policy) {
	case THREAD_POLICY_HIGH:
		return THREAD_PRIORITY_HIGH;
	case THREAD_POLICY_FIFO:
	case THREAD_POLICY_ROUND_ROBIN:
		debug_assert(scheduling->realtime_priority >= 1 &&
			     scheduling->realtime_priority <= 99);
		return (uint8_t)(THREAD_PRIORITY_NORMAL - scheduling->realtime_priority);
	case THREAD_POLICY_IDLE:
		return THREAD_PRIORITY_IDLE;
	default:
		return THREAD_PRIORITY_NORMAL;
	}
}

/* Brings what counts in line with what was asked for and lent. */
static void derive(struct thread *thread)
{
	uint8_t base = thread->base_priority, inherited = thread->inherited;

	thread->priority = base < inherited ? base : inherited;
	thread->class = (uint8_t)thread_priority_class(thread->priority);
}

static void take(struct thread *thread, const struct thread_scheduling *scheduling)
{
	thread->policy = (uint8_t)scheduling->policy;
	thread->nice = scheduling->nice;
	thread->realtime_priority = scheduling->realtime_priority;
	thread->reset_on_fork = scheduling->reset_on_fork;
	thread->base_priority = base_priority(scheduling);
	derive(thread);
	thread->credit = turn_length(thread);
}

void priority_init(struct thread *thread, const struct thread_scheduling *scheduling)
{
	thread->inherited = THREAD_PRIORITY_NONE;
	take(thread, scheduling);
}

struct thread_scheduling thread_get_scheduling(const struct thread *thread)
{
	return (struct thread_scheduling){
		.policy = thread->policy,
		.realtime_priority = thread->realtime_priority,
		.nice = thread->nice,
		.reset_on_fork = thread->reset_on_fork,
	};
}

struct thread_scheduling priority_for_child(const struct thread *parent)
{
	struct thread_scheduling scheduling = thread_get_scheduling(parent);

	if (!scheduling.reset_on_fork)
		return scheduling;
	scheduling.reset_on_fork = false;
	if (scheduling.realtime_priority)
		return (struct thread_scheduling){ .policy = THREAD_POLICY_NORMAL };
	if (scheduling.nice < 0)
		scheduling.nice = 0;
	return scheduling;
}

/* Changes `thread` by `change`, out of its queue, and has its CPU decide anew. */
static void change_queued(struct thread *thread,
			  void (*change)(struct thread *thread, const void *argument),
			  const void *argument)
{
	unsigned long state = arch_irq_save();
	struct run_queue *queue;
	uint64_t now;
	bool waits, runs;

	preempt_disable();
	queue = runq_lock_of(thread);
	now = clock_monotonic_ns();
	waits = list_node_attached(&thread->run_node) && thread->state != THREAD_DEAD;
	runs = queue->current == thread;
	if (runs)
		runq_charge(queue, now);
	if (waits)
		runq_remove(queue, thread, now);
	change(thread, argument);
	if (waits)
		runq_push(queue, thread, false, now);
	if (runs)
		runq_set_current(queue, thread, now);
	spin_unlock(&queue->lock);
	/* Whoever should run now is found by deciding anew. */
	if (waits || runs)
		place_kick(queue->cpu);
	arch_irq_restore(state);
	preempt_enable();
}

static void change_scheduling(struct thread *thread, const void *argument)
{
	take(thread, argument);
}

void thread_set_scheduling(struct thread *thread, const struct thread_scheduling *scheduling)
{
	change_queued(thread, change_scheduling, scheduling);
	inherit_base_changed(thread);
}

static void change_inherited(struct thread *thread, const void *argument)
{
	thread->inherited = *(const uint8_t *)argument;
	derive(thread);
}

void thread_set_inherited(struct thread *thread, unsigned priority)
{
	uint8_t inherited = (uint8_t)priority;

	if (thread->inherited != inherited)
		change_queued(thread, change_inherited, &inherited);
}
