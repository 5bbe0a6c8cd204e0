/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run queues: one list per class, and which thread of them runs next. */
#include "sched_priv.h"

#include <core/panic.h>

struct run_queue run_queues[CPU_MAX];

void runq_init(struct run_queue *queue, unsigned cpu)
{
	spinlock_init(&queue->lock, RANK_RUN_QUEUE, "run queue");
	queue->cpu = cpu;
	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++)
		list_init(&queue->threads[class]);
	queue->hand_target = CPU_MAX;
}

struct run_queue *runq_this(void)
{
	return &run_queues[cpu_id()];
}

struct run_queue *runq_lock_of(struct thread *thread)
{
	for (;;) {
		unsigned cpu = thread->cpu;
		struct run_queue *queue = &run_queues[cpu];

		spin_lock(&queue->lock);
		if (thread->cpu == cpu)
			return queue;
		spin_unlock(&queue->lock);
	}
}

void runq_lock_two(struct run_queue *a, struct run_queue *b)
{
	spin_lock(a->cpu < b->cpu ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_nested(a->cpu < b->cpu ? &b->lock : &a->lock);
}

void runq_unlock_two(struct run_queue *a, struct run_queue *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

bool runq_owns(const struct run_queue *queue, const struct thread *thread)
{
	return queue->current == thread || thread->moving || list_node_attached(&thread->run_node);
}

static void mark(_Atomic uint64_t *mask, unsigned cpu, bool set)
{
	uint64_t bit = cpu_bit(cpu);

	/* Looked at first, since the line is shared by all CPUs. */
	if (set == !!(atomic_load_explicit(mask, memory_order_relaxed) & bit))
		return;
	if (set)
		atomic_fetch_or(mask, bit);
	else
		atomic_fetch_and(mask, ~bit);
}

/* After every change of `current` or of the number waiting. */
static void update_counts(struct run_queue *queue, uint64_t now)
{
	bool idle = queue->current == queue->idle;
	unsigned runnable = queue->waiting + (idle ? 0 : 1);
	unsigned class = queue->current->class;

	load_update(&queue->load, queue->runnable, now);
	atomic_store_explicit(&queue->runnable, runnable, memory_order_relaxed);
	mark(&place_idle, queue->cpu, runnable == 0);
	mark(&place_crowded, queue->cpu, runnable > 1);
	mark(&place_low, queue->cpu, class == THREAD_CLASS_IDLE);
	mark(&place_urgent, queue->cpu, class <= THREAD_CLASS_REALTIME);
}

/* Before or after its equals in the list of real-time threads, which is ordered by priority. */
static void push_by_priority(struct list *list, struct thread *thread, bool front)
{
	struct list_node *node;

	list_for_each (node, list) {
		const struct thread *other = container_of(node, struct thread, run_node);

		if (other->priority > thread->priority ||
		    (front && other->priority == thread->priority)) {
			list_insert_before(&thread->run_node, node);
			return;
		}
	}
	list_push_back(list, &thread->run_node);
}

void runq_push(struct run_queue *queue, struct thread *thread, bool front, uint64_t now)
{
	struct list *list = &queue->threads[thread->class];

	debug_assert(spin_is_held(&queue->lock));
	debug_assert(thread != queue->idle && !list_node_attached(&thread->run_node));
	/* What the running thread had while it was alone makes no debt. */
	if (queue->waiting == 0 && queue->current != queue->idle)
		runq_charge(queue, now);
	if (list_empty(list))
		queue->served[thread->class] = now;
	if (thread->class == THREAD_CLASS_REALTIME)
		push_by_priority(list, thread, front);
	else if (front)
		list_push_front(list, &thread->run_node);
	else
		list_push_back(list, &thread->run_node);
	thread->cpu = queue->cpu;
	queue->waiting++;
	update_counts(queue, now);
}

void runq_remove(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	debug_assert(spin_is_held(&queue->lock));
	debug_assert(list_node_attached(&thread->run_node) && queue->waiting > 0);
	list_remove(&thread->run_node);
	queue->waiting--;
	update_counts(queue, now);
}

bool runq_realtime_spent(const struct run_queue *queue, uint64_t now)
{
	return now - queue->realtime_period < REALTIME_PERIOD_NS &&
	       queue->realtime_used >= REALTIME_SHARE_NS;
}

unsigned runq_next_class(const struct run_queue *queue, uint64_t now, bool *due)
{
	unsigned best = THREAD_CLASS_NONE;

	*due = false;
	if (queue->waiting == 0)
		return THREAD_CLASS_NONE;
	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++) {
		if (list_empty(&queue->threads[class]))
			continue;
		if (best == THREAD_CLASS_NONE) {
			best = class;
		} else if (best == THREAD_CLASS_REALTIME) {
			/* Their share sees to it that others are not starved. */
			return runq_realtime_spent(queue, now) ? class : best;
		} else if (now - queue->served[class] >= STARVED_NS) {
			*due = true;
			return class;
		}
	}
	return best;
}

/* Passes over those in debt, whose turn pays off some of it. Each turn of a debtor was paid for
 * by the quantum that it ran too long, so the rounds are few. */
static struct thread *pop_next(struct list *list)
{
	for (;;) {
		struct thread *thread = container_of(list_pop_front(list), struct thread, run_node);

		if (thread->credit > 0 || list_empty(list) ||
		    thread->class == THREAD_CLASS_REALTIME)
			return thread;
		thread->credit += max_i64(turn_length(thread), 1);
		list_push_back(list, &thread->run_node);
	}
}

struct thread *runq_pick(struct run_queue *queue, uint64_t now)
{
	bool due;
	unsigned class = runq_next_class(queue, now, &due);

	if (class == THREAD_CLASS_NONE)
		return queue->idle;
	queue->served[class] = now;
	queue->waiting--;
	return pop_next(&queue->threads[class]);
}

void runq_set_current(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	uint64_t runtime = atomic_load_explicit(&thread->runtime_ns, memory_order_relaxed);

	if (thread->woken_at != 0) {
		sched_histogram_add(&queue->statistics.wake_latency, now - thread->woken_at);
		thread->woken_at = 0;
	}
	thread->run_start = now;
	thread->turn_start = now;
	atomic_store_explicit(&thread->runtime_base, now - runtime, memory_order_relaxed);
	queue->current = thread;
	update_counts(queue, now);
}

static void charge_realtime(struct run_queue *queue, uint64_t ran, uint64_t now)
{
	if (now - queue->realtime_period >= REALTIME_PERIOD_NS) {
		queue->realtime_period = now;
		queue->realtime_used = 0;
	}
	queue->realtime_used += ran;
}

void runq_charge(struct run_queue *queue, uint64_t now)
{
	struct thread *thread = queue->current;
	uint64_t ran = now - thread->run_start;
	uint64_t runtime = atomic_load_explicit(&thread->runtime_ns, memory_order_relaxed);

	atomic_store_explicit(&thread->runtime_ns, runtime + ran, memory_order_relaxed);
	thread->credit = max_i64(thread->credit - (int64_t)ran,
				 queue->waiting == 0 ? 0 : -turn_debt_limit());
	if (thread->class == THREAD_CLASS_REALTIME)
		charge_realtime(queue, ran, now);
	thread->run_start = now;
}
