/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The switch from one thread to the next, and what leads to it: blocking, yielding, the end of a
 * turn, a better thread. Whether and to whom to switch is decided in runq.c, turn.c and place.c; when
 * to look, in token.c.
 */
#include "sched_priv.h"

#include <arch/mmu.h>
#include <arch/trap.h>
#include <core/panic.h>
#include <sched/account.h>
#include <trace/trace.h>

/* True if the thread, about to give up the CPU, need not: it was woken, or a signal ends the
 * sleep that it was about to begin. Under the queue's lock, which orders this with wakers. */
static bool still_wanted(struct thread *thread)
{
	uint32_t state = atomic_load(&thread->state);

	if (state == THREAD_SLEEPING_INTERRUPTIBLE && thread->interrupted)
		(void)atomic_compare_exchange_strong(&thread->state, &state, THREAD_RUNNABLE);
	return atomic_load(&thread->state) == THREAD_RUNNABLE;
}

/* True if `thread`, which gives up the CPU but wants to run on, must leave for another one. */
static bool leaves(struct run_queue *queue, const struct thread *thread, bool turn_over,
		   enum switch_reason reason)
{
	if (!place_allows(thread, queue->cpu))
		return true;
	if (queue->waiting == 0)
		return false;
	if (turn_over && sched_by_tick)
		return place_lighter(queue, thread, 2) != CPU_MAX;
	return reason == SWITCH_PREEMPT && thread->class == THREAD_CLASS_REALTIME &&
	       place_refuge(queue, thread) != CPU_MAX;
}

/* Decides what becomes of the thread that ran: it waits on, moves to another CPU, or is left to
 * whoever wakes it. True if it waits because its turn is over. */
static bool put_previous(struct run_queue *queue, struct thread *thread, enum switch_reason reason,
			 uint64_t now)
{
	bool turn_over = turn_is_used(thread);

	if (thread == queue->idle)
		return false;
	if (reason == SWITCH_BLOCK && !still_wanted(thread)) {
		count_own_event(&thread->switches_voluntary);
		return false;
	}
	if (turn_over)
		thread->credit += turn_length(thread);
	if (leaves(queue, thread, turn_over, reason)) {
		thread->moving = true;
		return false;
	}
	runq_put_back(queue, thread, !turn_over && reason != SWITCH_YIELD, now);
	return turn_over;
}

/* Hands the thread that would come next to a CPU with fewer threads, be it but one. So those that
 * wait are others each lap, and not two of them share a CPU for ever. It may be the one that just
 * ran, which goes when it has left the CPU: finish_and_send_off(). */
static __attribute__((noinline)) void rotate(struct run_queue *queue, struct thread *previous,
					     const struct thread *next, uint64_t now)
{
	uint64_t since = next->woken_at != 0 ? next->woken_at : next->run_start;
	struct list_node *first = list_first(&queue->threads[previous->class]);
	struct thread *thread = first ? container_of(first, struct thread, run_node) : NULL;
	unsigned target;

	/* A CPU that is crowded for a moment, by a thread that woke, will have time by itself. */
	if (!thread || thread->woken_at != 0 || thread->class < THREAD_CLASS_NORMAL ||
	    now - since < sched_quantum / 2)
		return;
	target = place_lighter(queue, thread, 1);
	if (target == CPU_MAX)
		return;
	runq_remove(queue, thread, now);
	thread->moving = true;
	thread->cpu = target;
	queue->hand_target = target;
	trace_token(TRACE_TOKEN_DONATED, target, 0);
	count_own_event(&queue->statistics.token.donations);
	if (thread == previous)
		queue->handing_previous = true;
	else
		handoff_send(target, thread);
}

/* Loads the address space of `next`; a kernel thread takes what is there, but not the one of a
 * thread that has died. */
static void switch_address_space(const struct thread *previous, const struct thread *next)
{
	if (next->pmap && next->pmap != previous->pmap)
		arch_pmap_switch(next->pmap);
	else if (previous->pmap && previous->state == THREAD_DEAD)
		arch_pmap_switch(NULL);
}

/* The end of a switch that leaves something to do once the queue's lock is released: the thread
 * that ran goes elsewhere or is dead, the token waited, or an idle CPU could help. */
static __attribute__((noinline)) void finish_and_send_off(struct run_queue *queue,
							  struct thread *previous)
{
	bool gone = previous != queue->current;
	/* Once the lock is released, another CPU may run `previous`, or free it. */
	bool moving = gone && previous->moving;
	bool dead = gone && previous->state == THREAD_DEAD;
	bool handing = queue->handing_previous;
	unsigned target = queue->hand_target;
	unsigned helper = place_find_helper(queue);

	queue->handing_previous = false;
	queue->hand_target = CPU_MAX;
	if (queue->token_held != 0)
		(void)runq_show_uncrowded(queue);
	if (gone)
		atomic_store_explicit(&previous->on_cpu, false, memory_order_release);
	spin_unlock(&queue->lock);
	if (handing)
		handoff_send(target, previous);
	else if (moving)
		wake_moving(previous);
	if (target != CPU_MAX)
		handoff_check(target);
	if (queue->token_held != 0)
		token_release(queue, target);
	if (dead)
		thread_bury(previous);
	if (helper != CPU_MAX)
		place_kick(helper);
}

/* The end of every switch, in the thread that now runs: lets go of the queue, and of the thread
 * that ran before. Interrupts off. */
static void finish_switch(struct thread *previous)
{
	struct run_queue *queue = runq_this();

	if (previous == queue->current || previous->moving || previous->state == THREAD_DEAD ||
	    queue->token_held != 0 || place_idle != 0) {
		finish_and_send_off(queue, previous);
	} else {
		atomic_store_explicit(&previous->on_cpu, false, memory_order_release);
		spin_unlock(&queue->lock);
	}
	sched_ensure(queue);
	preempt_enable_no_check();
}

/* One decision, with interrupts off and preemption count 0; the same on return. */
static void switch_once(enum switch_reason reason)
{
	struct run_queue *queue;
	struct thread *previous, *next;
	uint64_t now;
	bool turn_over;

	preempt_disable();
	queue = runq_this();
	previous = queue->current;
	spin_lock(&queue->lock);
	atomic_store_explicit(&arch_this_cpu()->need_resched, 0, memory_order_relaxed);
	now = clock_monotonic_ns();
	runq_charge(queue, now);
	turn_over = put_previous(queue, previous, reason, now);
	next = runq_pick(queue, now);
	if (turn_over && queue->token_held != 0)
		rotate(queue, previous, next, now);
	runq_set_current(queue, next, now);
	if (next != previous) {
		count_own_event(&queue->statistics.switches);
		if (reason != SWITCH_BLOCK)
			count_own_event(&previous->switches_involuntary);
		trace_switch(next, (enum trace_switch_reason)reason);
		switch_address_space(previous, next);
		atomic_store_explicit(&next->on_cpu, true, memory_order_relaxed);
		previous = arch_switch(previous, next);
	}
	finish_switch(previous);
}

/* Makes `next` the thread of this CPU that comes after the current one, without queueing it; `sleeps`:
 * that one is to sleep. The lock of the CPU's queue stays held on success. Only where that is what the queues
 * would do. */
static bool take_over(struct run_queue *queue, struct thread *next, bool sleeps, uint64_t *now)
{
	struct thread *previous = queue->current;
	struct run_queue *source = &run_queues[next->cpu];
	bool taken;

	runq_lock_two(source, queue);
	taken = next->cpu == source->cpu && queue->waiting == 0 && queue->token_held == 0 &&
		previous->class == THREAD_CLASS_NORMAL && next->class == THREAD_CLASS_NORMAL &&
		/* An idle CPU would fetch the thread that stays runnable, and it may have to
		 * leave this one. */
		(sleeps || (place_idle == 0 && place_allows(previous, queue->cpu))) &&
		place_allows(next, queue->cpu) && !runq_owns(source, next) &&
		!(sleeps && still_wanted(previous)) && wake_take(next);
	if (!taken) {
		runq_unlock_two(source, queue);
		return false;
	}
	if (source != queue)
		spin_unlock(&source->lock);
	*now = clock_monotonic_ns();
	trace_wake(next, queue->cpu);
	if (next->cpu != queue->cpu)
		count_own_event(&queue->statistics.migrations);
	count_own_event(&queue->statistics.wakeups);
	next->cpu = queue->cpu;
	turn_refresh(next, *now);
	return true;
}

static bool switch_to(struct thread *next, bool sleeps)
{
	struct run_queue *queue;
	struct thread *previous;
	uint64_t now;

	preempt_disable();
	queue = runq_this();
	previous = queue->current;
	if (!take_over(queue, next, sleeps, &now)) {
		preempt_enable_no_check();
		return false;
	}
	runq_charge(queue, now);
	if (!sleeps)
		runq_put_back(queue, previous, true, now);
	count_own_event(&previous->switches_voluntary);
	count_own_event(&queue->statistics.switches);
	runq_set_current(queue, next, now);
	/* What waits here is shown before finish_switch() looks for idle CPUs, see enqueue(). */
	if (!sleeps)
		atomic_thread_fence(memory_order_seq_cst);
	trace_switch(next, (enum trace_switch_reason)(sleeps ? SWITCH_BLOCK : SWITCH_YIELD));
	switch_address_space(previous, next);
	atomic_store_explicit(&next->on_cpu, true, memory_order_relaxed);
	finish_switch(arch_switch(previous, next));
	return true;
}

void thread_block_for(struct thread *next)
{
	unsigned long state;

	assert_may_sleep();
	state = arch_irq_save();
	if (!switch_to(next, true)) {
		thread_wake_here(next);
		switch_once(SWITCH_BLOCK);
	}
	while (arch_preempt_wanted())
		switch_once(SWITCH_PREEMPT);
	arch_irq_restore(state);
}

void thread_yield_to(struct thread *next)
{
	unsigned long state;

	assert_may_sleep();
	state = arch_irq_save();
	if (!switch_to(next, false))
		thread_wake_here(next);
	while (arch_preempt_wanted())
		switch_once(SWITCH_PREEMPT);
	arch_irq_restore(state);
}

void sched_thread_entered(struct thread *previous)
{
	finish_switch(previous);
	arch_irq_enable();
	/* What set need_resched while there was nobody to see it. */
	if (arch_preempt_wanted())
		preempt_check();
}

void sched_switch(enum switch_reason reason)
{
	unsigned long state = arch_irq_save();

	debug_assert(arch_this_cpu()->preempt_count == 0);
	switch_once(reason);
	while (arch_preempt_wanted())
		switch_once(SWITCH_PREEMPT);
	arch_irq_restore(state);
}

void preempt_check(void)
{
	unsigned long state = arch_irq_save();

	while (arch_preempt_wanted() && arch_this_cpu()->irq_depth == 0)
		switch_once(SWITCH_PREEMPT);
	arch_irq_restore(state);
}

void trap_preempt(void)
{
	while (arch_preempt_wanted())
		switch_once(SWITCH_PREEMPT);
}

void trap_wake(void)
{
	struct run_queue *queue = runq_this();

	/* Whoever sent it may want no more than that the running thread passes through the way
	 * back to user mode, which it does now. */
	count_own_event(&queue->statistics.wake_interrupts);
	timers_adopt();
	work_collect_raised();
	token_receive(queue);
	sched_ensure(queue);
}

void thread_set_state(enum thread_state state)
{
	/* Sequentially consistent: the caller's look at its condition comes after this. */
	atomic_store(&thread_current()->state, state);
}

struct block_timer {
	struct timer timer;
	struct thread *thread;
	bool ended; /* it was the timer that woke the thread */
};

static void block_timer_expired(struct timer *timer)
{
	struct block_timer *block = container_of(timer, struct block_timer, timer);

	block->ended = thread_wake(block->thread);
}

bool thread_block(uint64_t deadline_ns)
{
	struct block_timer block = { .thread = thread_current() };

	assert_may_sleep();
	if (deadline_ns == DEADLINE_NEVER) {
		sched_switch(SWITCH_BLOCK);
		return true;
	}
	if (deadline_ns <= clock_monotonic_ns())
		return atomic_exchange(&block.thread->state, THREAD_RUNNABLE) == THREAD_RUNNABLE;
	timer_init(&block.timer, block_timer_expired);
	timer_arm(&block.timer, deadline_ns);
	sched_switch(SWITCH_BLOCK);
	timer_cancel_sync(&block.timer);
	return !block.ended;
}

void thread_yield(void)
{
	assert_may_sleep();
	sched_switch(SWITCH_YIELD);
}

void thread_sleep_until(uint64_t deadline_ns)
{
	do
		thread_set_state(THREAD_SLEEPING);
	while (thread_block(deadline_ns));
}

void thread_exit(void)
{
	struct thread *thread = thread_current();

	debug_assert(!in_atomic_context());
	debug_assert(thread->lock_depth == 0);
	account_finish();
	/* From here on it must not be preempted: that would put it into a queue once more. */
	arch_irq_disable();
	atomic_store(&thread->state, THREAD_DEAD);
	sched_switch(SWITCH_BLOCK);
	panic("thread %s runs after its death", thread->name);
}

void thread_set_pmap(struct pmap *pmap)
{
	unsigned long state = arch_irq_save();

	thread_current()->pmap = pmap;
	arch_pmap_switch(pmap);
	arch_irq_restore(state);
}
