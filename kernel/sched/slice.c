/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Turns. There is no tick: the slice timer of a CPU is armed only while another thread waits for
 * the running one's turn to end. It is not disarmed when that changes, because it mostly changes
 * back at once, but at the latest when the CPU goes idle.
 */
#include "sched_priv.h"

#include <core/panic.h>

/* Nice 0 gets SLICE_NS, -20 twice that, 19 the least. */
uint64_t slice_length(const struct thread *thread)
{
	uint64_t length = SLICE_NS * (uint64_t)(20 - thread->nice) / 20;

	return max_u64(length, SLICE_MIN_NS);
}

uint64_t slice_end(const struct run_queue *queue)
{
	const struct thread *current = queue->current;
	uint64_t end = DEADLINE_NEVER;

	if (current == queue->idle || queue->waiting == 0)
		return DEADLINE_NEVER;
	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++) {
		if (list_empty(&queue->threads[class]))
			continue;
		if (class <= current->class)
			end = min_u64(end, current->run_start + current->slice_left);
		else
			end = min_u64(end, queue->served[class] + STARVED_NS);
	}
	return end;
}

uint64_t slice_decide(struct run_queue *queue)
{
	if (queue->current == queue->idle)
		queue->slice_deadline = DEADLINE_NEVER;
	else
		queue->slice_deadline = min_u64(queue->slice_deadline, slice_end(queue));
	return queue->slice_deadline;
}

void slice_apply(struct run_queue *queue, uint64_t deadline)
{
	debug_assert(!arch_irq_enabled());
	if (deadline == DEADLINE_NEVER && queue->slice_armed != DEADLINE_NEVER) {
		timer_cancel(&queue->slice_timer);
		queue->slice_armed = DEADLINE_NEVER;
	} else if (deadline < queue->slice_armed) {
		queue->slice_armed = deadline;
		timer_arm(&queue->slice_timer, deadline);
	}
}

void slice_refresh(struct run_queue *queue)
{
	uint64_t deadline;

	spin_lock(&queue->lock);
	deadline = slice_decide(queue);
	spin_unlock(&queue->lock);
	slice_apply(queue, deadline);
}

static void slice_expired(struct timer *timer)
{
	struct run_queue *queue = container_of(timer, struct run_queue, slice_timer);
	uint64_t now = clock_monotonic_ns();
	uint64_t deadline = DEADLINE_NEVER;

	spin_lock(&queue->lock);
	queue->slice_armed = DEADLINE_NEVER;
	queue->slice_deadline = DEADLINE_NEVER;
	runq_charge(queue, now);
	/* When the turn is over the switch, on the way out of this interrupt or as soon as
	 * preemption is allowed, arms the timer for the next thread. */
	if (slice_end(queue) <= now)
		atomic_store(&arch_this_cpu()->need_resched, 1);
	else
		deadline = slice_decide(queue);
	spin_unlock(&queue->lock);
	slice_apply(queue, deadline);
}

void slice_init(struct run_queue *queue)
{
	queue->slice_deadline = DEADLINE_NEVER;
	queue->slice_armed = DEADLINE_NEVER;
	timer_init(&queue->slice_timer, slice_expired);
}
