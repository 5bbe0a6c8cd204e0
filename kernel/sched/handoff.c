/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing threads from CPU to CPU, without the lock of the receiver: each CPU has a mailbox, a
 * stack to which anybody pushes with one compare-and-exchange, and which its owner empties with
 * one exchange when IPI_WAKE comes.
 *
 * A thread in a mailbox has `moving` set and `cpu` names the receiver, whose lock protects it from
 * then on: wakers and whoever changes its priority find it owned, and leave it where it is.
 */
#include "sched_priv.h"

#include <core/panic.h>

static struct mailbox {
	_Atomic(struct thread *) threads; /* the last sent first, by handed_next */
} __attribute__((aligned(64))) mailboxes[CPU_MAX];

void handoff_send(unsigned cpu, struct thread *thread)
{
	struct mailbox *mailbox = &mailboxes[cpu];
	struct thread *first = atomic_load_explicit(&mailbox->threads, memory_order_relaxed);

	debug_assert(thread->moving);
	do
		thread->handed_next = first;
	while (!atomic_compare_exchange_weak_explicit(&mailbox->threads, &first, thread,
						      memory_order_release, memory_order_relaxed));
}

/* Reverses the stack, so that who was sent first is queued first. */
static struct thread *in_order(struct thread *last)
{
	struct thread *first = NULL;

	while (last) {
		struct thread *previous = last->handed_next;

		last->handed_next = first;
		first = last;
		last = previous;
	}
	return first;
}

/* Under the lock: false if it must go elsewhere, as its affinity changed on the way or this CPU
 * goes offline. */
static bool accept(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	debug_assert(thread->moving && thread->cpu == queue->cpu);
	if (!place_allows(thread, queue->cpu))
		return false;
	thread->moving = false;
	runq_push_handed(queue, thread, now);
	count_own_event(&queue->statistics.migrations);
	return true;
}

void handoff_check(unsigned cpu)
{
	struct thread *thread;

	/* The push comes before this look, as the bit is cleared before the last look of the CPU
	 * that leaves: one of the two sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&place_online) & cpu_bit(cpu))
		return;
	/* Others' threads may be among them. */
	thread = in_order(atomic_exchange(&mailboxes[cpu].threads, NULL));
	while (thread) {
		struct thread *following = thread->handed_next;

		wake_moving(thread);
		thread = following;
	}
}

void handoff_receive(struct run_queue *queue)
{
	struct mailbox *mailbox = &mailboxes[queue->cpu];
	struct thread *thread;
	uint64_t now;

	if (!atomic_load_explicit(&mailbox->threads, memory_order_relaxed))
		return;
	thread = in_order(atomic_exchange_explicit(&mailbox->threads, NULL, memory_order_acquire));
	now = clock_monotonic_ns();
	while (thread) {
		struct thread *following = thread->handed_next;
		bool accepted, over;

		spin_lock(&queue->lock);
		accepted = accept(queue, thread, now);
		/* Among equals it waits for the next lap: else one lap would switch every CPU. */
		over = accepted && thread->priority < queue->current->priority;
		spin_unlock(&queue->lock);
		if (!accepted)
			wake_moving(thread);
		else if (over || queue->current == queue->idle)
			atomic_store(&arch_this_cpu()->need_resched, 1);
		thread = following;
	}
}
