/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sched=tick: the conventional way, to measure the token against. Each CPU that is not idle has
 * a periodic timer of its own, which looks whether the running thread's turn is over. Queues,
 * turns, wake-ups and the switch are the same.
 */
#include "sched_priv.h"

#include <core/panic.h>

static struct tick {
	/* Own CPU, interrupts off. */
	struct timer timer;
	uint64_t next; /* when it comes, while it is armed */
} __attribute__((aligned(64))) ticks[CPU_MAX];

static void arm(struct run_queue *queue, struct tick *tick, uint64_t deadline)
{
	queue->looked_after = true;
	tick->next = deadline;
	timer_arm(&tick->timer, deadline);
}

static void expire(struct timer *timer)
{
	struct tick *tick = container_of(timer, struct tick, timer);
	struct run_queue *queue = runq_this();
	uint64_t now = clock_monotonic_ns();
	bool idle, over;

	queue->looked_after = false;
	count_own_event(&queue->statistics.timer_decisions);
	spin_lock(&queue->lock);
	runq_charge(queue, now);
	over = turn_is_over(queue, now);
	idle = queue->current == queue->idle;
	spin_unlock(&queue->lock);
	if (over)
		atomic_store(&arch_this_cpu()->need_resched, 1);
	/* At the same distance whatever this took; but ticks that were missed are not made up. */
	if (!idle)
		arm(queue, tick, max_u64(tick->next, now - sched_quantum) + sched_quantum);
}

void tick_init(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
		timer_init(&ticks[cpu].timer, expire);
}

void tick_ensure(struct run_queue *queue)
{
	struct tick *tick = &ticks[queue->cpu];

	debug_assert(!arch_irq_enabled());
	if (queue->current != queue->idle)
		arm(queue, tick, clock_monotonic_ns() + sched_quantum);
}

void tick_leave(struct run_queue *queue)
{
	struct tick *tick = &ticks[queue->cpu];

	timer_cancel(&tick->timer);
	queue->looked_after = false;
}
