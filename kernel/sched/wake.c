/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Into the queues: threads that are woken, new, or on their way to another CPU, and changes of
 * what decides where they go.
 */
#include "sched_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/panic.h>

/* What CPUs must be told after a thread was queued, when the locks are free. */
struct notice {
	bool resched;    /* the queue's: switch as soon as possible */
	bool slice;      /* the queue's: the turn of the running thread now has an end */
	unsigned helper; /* this one: fetch a thread from the queue; CPU_MAX: none */
};

static const struct notice no_notice = { .helper = CPU_MAX };

/* Chooses where `thread` goes, and locks its queue and that one. Interrupts off. */
static struct run_queue *lock_place(struct thread *thread, bool spread, struct run_queue **target)
{
	for (;;) {
		unsigned cpu = thread->cpu;
		struct run_queue *source = &run_queues[cpu];

		*target = &run_queues[place_choose(thread, spread)];
		runq_lock_two(source, *target);
		if (thread->cpu == cpu && (thread->affinity & cpu_bit((*target)->cpu)))
			return source;
		runq_unlock_two(source, *target);
	}
}

/* What the CPU of `queue` must know after `thread` was put in. Under the lock. */
static void notify(struct run_queue *queue, const struct thread *thread, uint64_t now,
		   struct notice *notice)
{
	uint64_t end = slice_end(queue);
	bool here = queue->cpu == cpu_id();

	if (thread->class < queue->current->class || end <= now) {
		notice->resched = true;
		/* This CPU serves it when preemption is next allowed. With interrupts off nobody
		 * looks when they are enabled again, so the slice timer must in the end. */
		end = here && end != DEADLINE_NEVER ? max_u64(end, now + SLICE_NS) : DEADLINE_NEVER;
	}
	if (end < queue->slice_deadline) {
		queue->slice_deadline = end; /* so that only one interrupt is sent for it */
		notice->slice = true;
	}
}

/* Queues `thread`, which waits nowhere. Both queues are locked; send_notice() follows when they
 * no longer are. */
static void enqueue(struct run_queue *target, struct thread *thread, struct notice *notice)
{
	uint64_t now = clock_monotonic_ns();

	if (thread->cpu != target->cpu)
		count_event(&target->migrations);
	if (thread->slice_left == 0)
		thread->slice_left = slice_length(thread);
	runq_push(target, thread, false, now);
	notify(target, thread, now, notice);
	if (target->runnable > 1) {
		/* A CPU that goes idle shows it before it looks for threads to fetch, and here
		 * the thread is shown before the look for idle CPUs: one sees the other. */
		atomic_thread_fence(memory_order_seq_cst);
		notice->helper = place_find_helper(target);
	}
}

static void send_notice(struct run_queue *queue, const struct notice *notice)
{
	if (notice->resched)
		place_kick(queue->cpu);
	if (notice->slice && queue->cpu == cpu_id())
		slice_refresh(queue);
	else if (notice->slice)
		arch_send_resched(queue->cpu);
	if (notice->helper != CPU_MAX)
		place_kick(notice->helper);
}

/* Moves the state of `thread` to RUNNABLE if it is one of `states` (bits). The owner changes it
 * without the lock, hence the exchange. */
static bool take_state(struct thread *thread, uint32_t states)
{
	uint32_t state = atomic_load(&thread->state);

	while (1u << state & states) {
		if (atomic_compare_exchange_weak(&thread->state, &state, THREAD_RUNNABLE))
			return true;
	}
	return false;
}

static bool wake_from(struct thread *thread, uint32_t states)
{
	struct run_queue *source, *target;
	struct notice notice = no_notice;
	unsigned long irq_state;
	bool woken;

	/* What the caller made true comes before this look, as in the thread its new state comes
	 * before its look at that: one of the two sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!(1u << atomic_load_explicit(&thread->state, memory_order_relaxed) & states))
		return false;
	irq_state = arch_irq_save();
	preempt_disable();
	source = lock_place(thread, states & 1u << THREAD_NEW, &target);
	woken = take_state(thread, states);
	if (woken)
		count_event(&target->wakeups);
	if (woken && !runq_owns(source, thread))
		enqueue(target, thread, &notice);
	runq_unlock_two(source, target);
	send_notice(target, &notice);
	arch_irq_restore(irq_state);
	preempt_enable();
	return woken;
}

bool thread_wake(struct thread *thread)
{
	return wake_from(thread, 1u << THREAD_SLEEPING | 1u << THREAD_SLEEPING_INTERRUPTIBLE);
}

bool thread_continue(struct thread *thread)
{
	return wake_from(thread, 1u << THREAD_STOPPED);
}

void wake_new(struct thread *thread)
{
	bool woken = wake_from(thread, 1u << THREAD_NEW);

	assert(woken); /* else it was started twice */
}

void wake_moving(struct thread *thread)
{
	struct run_queue *target;
	struct run_queue *source = lock_place(thread, true, &target);
	struct notice notice = no_notice;

	thread->moving = false;
	enqueue(target, thread, &notice);
	runq_unlock_two(source, target);
	send_notice(target, &notice);
}

/* Makes the CPU that runs `thread`, if another one does, pass through the kernel. */
static void interrupt_cpu_of(struct thread *thread)
{
	unsigned long state = arch_irq_save();
	struct run_queue *queue = runq_lock_of(thread);
	bool elsewhere = queue->current == thread && queue->cpu != cpu_id();

	spin_unlock(&queue->lock);
	if (elsewhere)
		arch_send_resched(queue->cpu);
	arch_irq_restore(state);
}

void thread_set_user_work(struct thread *thread)
{
	atomic_store(&thread->user_work, true);
	if (thread != thread_current())
		interrupt_cpu_of(thread);
}

void thread_interrupt(struct thread *thread)
{
	atomic_store(&thread->interrupted, true);
	atomic_store(&thread->user_work, true);
	if (!wake_from(thread, 1u << THREAD_SLEEPING_INTERRUPTIBLE) && thread != thread_current())
		interrupt_cpu_of(thread);
}

bool thread_is_stopped(const struct thread *thread)
{
	uint32_t state = atomic_load(&thread->state);

	/* A thread sets the state before it leaves the CPU. */
	return (state == THREAD_STOPPED || state == THREAD_DEAD) && !atomic_load(&thread->on_cpu);
}

void thread_set_priority(struct thread *thread, enum thread_class class, int nice)
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
	if (waits)
		runq_remove(queue, thread, now);
	thread->class = (uint8_t) class;
	thread->nice = (int8_t)nice;
	thread->slice_left = min_u64(thread->slice_left, slice_length(thread));
	if (waits)
		runq_push(queue, thread, false, now);
	if (runs) {
		runq_charge(queue, now);
		runq_set_current(queue, thread, now);
	}
	spin_unlock(&queue->lock);
	/* Whoever should run now is found by deciding anew. */
	if (waits || runs)
		place_kick(queue->cpu);
	arch_irq_restore(state);
	preempt_enable();
}

int thread_set_affinity(struct thread *thread, uint64_t mask)
{
	struct run_queue *source, *target;
	struct notice notice = no_notice;
	unsigned long state;
	bool must_leave;

	mask &= place_online;
	if (mask == 0)
		return -EINVAL;
	state = arch_irq_save();
	preempt_disable();
	/* Set first, so that the place is chosen by it. */
	source = runq_lock_of(thread);
	thread->affinity = mask;
	spin_unlock(&source->lock);
	source = lock_place(thread, false, &target);
	must_leave = !(thread->affinity & cpu_bit(source->cpu));
	if (must_leave && list_node_attached(&thread->run_node) && thread->state != THREAD_DEAD) {
		runq_remove(source, thread, clock_monotonic_ns());
		enqueue(target, thread, &notice);
	}
	must_leave = must_leave && source->current == thread;
	runq_unlock_two(source, target);
	send_notice(target, &notice);
	if (must_leave)
		place_kick(source->cpu);
	arch_irq_restore(state);
	preempt_enable();
	return 0;
}
