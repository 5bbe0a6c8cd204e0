/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Into the queues: threads that are woken, new, or on their way to another CPU, and changes of
 * what decides where they go.
 */
#include "sched_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/panic.h>
#include <sched/hotplug.h>
#include <trace/trace.h>

/* What CPUs must be told after a thread was queued, when the locks are free. */
struct notice {
	bool resched;    /* the queue's: switch as soon as possible */
	bool crowded;    /* the queue's: it now has something to decide */
	unsigned helper; /* this one: fetch a thread from the queue; CPU_MAX: none */
};

#define SLEEPING_STATES (1u << THREAD_SLEEPING | 1u << THREAD_SLEEPING_INTERRUPTIBLE)

static const struct notice no_notice = { .helper = CPU_MAX };

enum place {
	PLACE_LAST,   /* where it was, or where there is nothing to do */
	PLACE_SPREAD, /* where there is least to do */
	PLACE_HERE,   /* on this CPU, which is about to become free */
};

/* Chooses where `thread` goes, and locks its queue and that one. Interrupts off. */
static struct run_queue *lock_place(struct thread *thread, enum place place,
				    struct run_queue **target)
{
	for (;;) {
		unsigned cpu = thread->cpu;
		struct run_queue *source = &run_queues[cpu];
		unsigned chosen = cpu_id();

		if (place != PLACE_HERE || !place_allows(thread, chosen))
			chosen = place_stays(thread) && place != PLACE_SPREAD
					 ? cpu
					 : place_choose(thread, place == PLACE_SPREAD);

		*target = &run_queues[chosen];
		runq_lock_two(source, *target);
		if (thread->cpu == cpu && place_allows(thread, chosen))
			return source;
		runq_unlock_two(source, *target);
	}
}

/* True if `thread`, just queued, should run before the running one has its turn. Under the lock.
 * `first`: it goes first among its equals. */
static bool must_switch(const struct run_queue *queue, const struct thread *thread, bool first,
			uint64_t now)
{
	const struct thread *current = queue->current;

	if (thread->priority != current->priority)
		return thread->priority < current->priority;
	return turn_is_used(current) || (first && turn_preempts(queue, now));
}

/* Queues `thread`, which waits nowhere; `woken`: it slept. Both queues are locked; send_notice()
 * follows when they no longer are. */
static void enqueue(struct run_queue *target, struct thread *thread, bool woken,
		    struct notice *notice)
{
	uint64_t now = clock_monotonic_ns();
	bool was_crowded = target->runnable > 1;
	bool first = false;

	if (thread->cpu != target->cpu)
		count_own_event(&target->statistics.migrations);
	if (woken) {
		count_own_event(&target->statistics.wakeups);
		turn_refresh(thread, now);
		thread->woken_at = now;
		first = turn_goes_first(thread);
	}
	runq_push(target, thread, first, now);
	notice->resched = must_switch(target, thread, first, now);
	notice->crowded = !was_crowded && target->runnable > 1;
	if (target->runnable <= 1)
		return;
	/* A CPU that goes idle shows it before it looks for threads to fetch, and here the thread
	 * is shown before the look for idle CPUs: one sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	if (place_idle != 0)
		notice->helper = place_find_helper(target);
}

static void send_notice(struct run_queue *queue, const struct notice *notice)
{
	if (queue->cpu != cpu_id() && (notice->crowded || notice->resched))
		lockup_watch(queue);
	if (notice->resched)
		place_kick(queue->cpu);
	/* Its CPU must see to it that somebody looks; place_kick() makes it, too. */
	if (notice->crowded && queue->cpu == cpu_id())
		sched_ensure(queue);
	else if (notice->crowded && !notice->resched)
		arch_send_wake(queue->cpu);
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

static bool wake_from(struct thread *thread, uint32_t states, enum place place)
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
	source = lock_place(thread, place, &target);
	woken = take_state(thread, states);
	if (woken)
		trace_wake(thread, target->cpu);
	if (woken && !runq_owns(source, thread))
		enqueue(target, thread, !(states & 1u << THREAD_NEW), &notice);
	runq_unlock_two(source, target);
	if (place == PLACE_HERE && target->cpu == cpu_id())
		notice.helper = CPU_MAX;
	send_notice(target, &notice);
	arch_irq_restore(irq_state);
	preempt_enable();
	return woken;
}

bool thread_wake(struct thread *thread)
{
	return wake_from(thread, SLEEPING_STATES, PLACE_LAST);
}

bool thread_wake_here(struct thread *thread)
{
	return wake_from(thread, SLEEPING_STATES, PLACE_HERE);
}

void thread_offer_waiting(void)
{
	unsigned helper = CPU_MAX;
	struct run_queue *queue;
	unsigned long state;

	if (place_idle == 0)
		return;
	state = arch_irq_save();
	queue = runq_this();
	spin_lock(&queue->lock);
	helper = place_find_helper(queue);
	spin_unlock(&queue->lock);
	if (helper != CPU_MAX)
		place_kick(helper);
	arch_irq_restore(state);
}

bool wake_take(struct thread *thread)
{
	return take_state(thread, SLEEPING_STATES);
}

bool thread_continue(struct thread *thread)
{
	return wake_from(thread, 1u << THREAD_STOPPED, PLACE_LAST);
}

void wake_new(struct thread *thread)
{
	bool woken = wake_from(thread, 1u << THREAD_NEW, PLACE_SPREAD);

	assert(woken); /* else it was started twice */
}

void wake_moving(struct thread *thread)
{
	struct run_queue *target;
	struct run_queue *source = lock_place(thread, PLACE_SPREAD, &target);
	struct notice notice = no_notice;

	thread->moving = false;
	enqueue(target, thread, false, &notice);
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
		arch_send_wake(queue->cpu);
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
	if (!wake_from(thread, 1u << THREAD_SLEEPING_INTERRUPTIBLE, PLACE_LAST) &&
	    thread != thread_current())
		interrupt_cpu_of(thread);
}

bool thread_is_stopped(const struct thread *thread)
{
	uint32_t state = atomic_load(&thread->state);

	/* A thread sets the state before it leaves the CPU. */
	return (state == THREAD_STOPPED || state == THREAD_DEAD) && !atomic_load(&thread->on_cpu);
}

void wake_replace(struct thread *thread)
{
	struct run_queue *source, *target;
	struct notice notice = no_notice;
	unsigned long state;
	bool must_leave;

	state = arch_irq_save();
	preempt_disable();
	source = lock_place(thread, PLACE_LAST, &target);
	must_leave = !place_allows(thread, source->cpu);
	if (must_leave && list_node_attached(&thread->run_node) && thread->state != THREAD_DEAD) {
		runq_remove(source, thread, clock_monotonic_ns());
		enqueue(target, thread, false, &notice);
	}
	must_leave = must_leave && source->current == thread;
	runq_unlock_two(source, target);
	send_notice(target, &notice);
	if (must_leave)
		place_kick(source->cpu);
	arch_irq_restore(state);
	preempt_enable();
}

int thread_set_affinity(struct thread *thread, uint64_t mask)
{
	struct run_queue *queue;
	unsigned long state;

	/* CPUs that are offline count again when they are back, and those that are not there when they come. */
	mask &= sched_cpus_possible();
	if (!(mask & place_online))
		return -EINVAL;
	state = arch_irq_save();
	/* Set first, so that the place is chosen by it. */
	queue = runq_lock_of(thread);
	thread->affinity = mask;
	spin_unlock_irqrestore(&queue->lock, state);
	wake_replace(thread);
	return 0;
}
