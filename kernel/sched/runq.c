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
	slice_init(queue);
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

	load_update(&queue->load, queue->runnable, now);
	atomic_store_explicit(&queue->runnable, runnable, memory_order_relaxed);
	mark(&place_idle, queue->cpu, runnable == 0);
	mark(&place_low, queue->cpu, !idle && queue->current->class >= THREAD_CLASS_BATCH);
}

void runq_push(struct run_queue *queue, struct thread *thread, bool front, uint64_t now)
{
	struct list *list = &queue->threads[thread->class];

	debug_assert(spin_is_held(&queue->lock));
	debug_assert(thread != queue->idle && !list_node_attached(&thread->run_node));
	if (list_empty(list))
		queue->served[thread->class] = now;
	if (front)
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

/* The class whose turn it is: the best one that waits, unless a worse one is starving. */
static unsigned choose_class(const struct run_queue *queue, uint64_t now)
{
	unsigned best = THREAD_CLASS_NONE;

	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++) {
		if (list_empty(&queue->threads[class]))
			continue;
		if (best == THREAD_CLASS_NONE)
			best = class;
		else if (now - queue->served[class] >= STARVED_NS)
			return class;
	}
	return best;
}

struct thread *runq_pick(struct run_queue *queue, uint64_t now)
{
	unsigned class = choose_class(queue, now);

	if (class == THREAD_CLASS_NONE)
		return queue->idle;
	queue->served[class] = now;
	queue->waiting--;
	return container_of(list_pop_front(&queue->threads[class]), struct thread, run_node);
}

void runq_set_current(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	uint64_t runtime = atomic_load_explicit(&thread->runtime_ns, memory_order_relaxed);

	thread->run_start = now;
	atomic_store_explicit(&thread->runtime_base, now - runtime, memory_order_relaxed);
	queue->current = thread;
	update_counts(queue, now);
}

void runq_charge(struct run_queue *queue, uint64_t now)
{
	struct thread *thread = queue->current;
	uint64_t ran = now - thread->run_start;
	uint64_t runtime = atomic_load_explicit(&thread->runtime_ns, memory_order_relaxed);

	atomic_store_explicit(&thread->runtime_ns, runtime + ran, memory_order_relaxed);
	thread->slice_left -= min_u64(ran, thread->slice_left);
	thread->run_start = now;
}
