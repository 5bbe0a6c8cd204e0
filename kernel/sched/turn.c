/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Turns: how long a thread may run while others of its class wait, and who need not wait.
 *
 * Threads of one class share by credit. A turn adds to it, running uses it up, and a thread in
 * debt is passed over until its turns have paid for it. So the nice value, which makes turns
 * longer or shorter, counts although CPUs are looked at only once per quantum. What a thread runs
 * while nobody waits makes no debt.
 */
#include "sched_priv.h"

uint64_t sched_quantum = 10 * NS_PER_MILLISECOND;

/* A waker is left alone for so long before a thread that it woke on its own CPU preempts it:
 * mostly it is about to sleep, which saves a switch. */
#define WAKER_GRACE_NS (100 * NS_PER_MICROSECOND)

/* Nice 0 gets one quantum, -20 twice that, 19 a twentieth. */
int64_t turn_length(const struct thread *thread)
{
	if (thread->class == THREAD_CLASS_REALTIME)
		return (int64_t)sched_quantum;
	return (int64_t)sched_quantum * (20 - thread->nice) / 20;
}

bool turn_is_over(const struct run_queue *queue, uint64_t now)
{
	const struct thread *current = queue->current;
	const struct thread *next;
	bool due;
	unsigned class = runq_next_class(queue, now, &due);

	if (class == THREAD_CLASS_NONE)
		return false;
	if (current == queue->idle || due || class < current->class)
		return true;
	if (current->class == THREAD_CLASS_REALTIME && runq_realtime_spent(queue, now))
		return true;
	if (class > current->class)
		return current->class != THREAD_CLASS_REALTIME &&
		       now - queue->served[class] >= STARVED_NS;
	next = container_of(list_first(&queue->threads[class]), struct thread, run_node);
	if (next->priority != current->priority)
		return next->priority < current->priority;
	return turn_is_used(current);
}

bool turn_preempts(const struct run_queue *queue, uint64_t now)
{
	const struct thread *current = queue->current;
	bool by_itself = queue->cpu == cpu_id() && arch_this_cpu()->irq_depth == 0;

	if (current->class != THREAD_CLASS_NORMAL)
		return false;
	return !by_itself || now - current->turn_start >= WAKER_GRACE_NS;
}
