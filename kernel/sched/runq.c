/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run queues: one list per class, and which thread of them runs next. */
#include "sched_priv.h"

#include <base/bits.h>
#include <core/panic.h>

/* So many woken threads go before one that they preempted. */
#define WOKEN_FIRST_MAX 8
/* So many places a thread that was handed on is moved up in the queue. */
#define HANDED_BACK_MAX 16
/* A thread never owes more than this. */
#define DEBT_QUANTA 4

struct run_queue run_queues[CPU_MAX];

void runq_init(struct run_queue *queue, unsigned cpu)
{
	spinlock_init(&queue->lock, RANK_RUN_QUEUE, "run queue");
	queue->cpu = cpu;
	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++)
		list_init(&queue->threads[class]);
	queue->hand_target = CPU_MAX;
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

void runq_lock_both(struct run_queue *a, struct run_queue *b)
{
	spin_lock(a->cpu < b->cpu ? &a->lock : &b->lock);
	spin_lock_nested(a->cpu < b->cpu ? &b->lock : &a->lock);
}

/* What a CPU shows of itself in the masks of place.c. */
enum shown {
	SHOWN_IDLE = 1 << 0,
	SHOWN_LOW = 1 << 1,
	SHOWN_URGENT = 1 << 2,
	SHOWN_CROWDED = 1 << 3,
};

static void show(struct run_queue *queue, unsigned shown)
{
	static _Atomic uint64_t *const masks[] = { &place_idle, &place_low, &place_urgent,
						   &place_crowded };

	for (unsigned i = 0; i < array_length(masks); i++) {
		if (!((shown ^ queue->shown) & 1u << i))
			continue;
		if (shown & 1u << i)
			atomic_fetch_or(masks[i], cpu_bit(queue->cpu));
		else
			atomic_fetch_and(masks[i], ~cpu_bit(queue->cpu));
	}
	/* When it is crowded again it must see to it anew that somebody looks. */
	if (queue->shown & ~shown & SHOWN_CROWDED && !sched_by_tick)
		queue->looked_after = false;
	queue->shown = shown;
}

static __attribute__((noinline)) void change_counts(struct run_queue *queue, unsigned runnable,
						    unsigned class, uint64_t now)
{
	unsigned old = atomic_load_explicit(&queue->runnable, memory_order_relaxed);
	/* That it was crowded stays shown until somebody looks (runq_show_uncrowded()): threads
	 * that wake each other come and go more often than the token. */
	unsigned shown = runnable > 1    ? SHOWN_CROWDED
			 : runnable == 0 ? SHOWN_IDLE
					 : queue->shown & SHOWN_CROWDED;

	if (class == THREAD_CLASS_IDLE)
		shown |= SHOWN_LOW;
	else if (class <= THREAD_CLASS_REALTIME)
		shown |= SHOWN_URGENT;
	load_update(&queue->load, old, now);
	atomic_store_explicit(&queue->runnable, runnable, memory_order_relaxed);
	if (shown != queue->shown)
		show(queue, shown);
	queue->shown_class = class;
}

bool runq_show_uncrowded(struct run_queue *queue)
{
	debug_assert(spin_is_held(&queue->lock));
	if (queue->runnable > 1 || !(queue->shown & SHOWN_CROWDED))
		return false;
	show(queue, queue->shown & ~(unsigned)SHOWN_CROWDED);
	return true;
}

/* After every change of `current` or of the number waiting. */
static inline void update_counts(struct run_queue *queue, uint64_t now)
{
	unsigned runnable = queue->waiting + (queue->current != queue->idle);
	unsigned class = queue->current->class;

	if (runnable != atomic_load_explicit(&queue->runnable, memory_order_relaxed) ||
	    class != queue->shown_class)
		change_counts(queue, runnable, class, now);
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

/* First, but a thread that ran lets those go before it that woke and preempted it. */
static void push_front(struct list *list, struct thread *thread)
{
	struct list_node *node = list->head.next;

	for (unsigned i = 0; i < WOKEN_FIRST_MAX && thread->woken_at == 0 && node != &list->head &&
			     container_of(node, struct thread, run_node)->woken_at != 0;
	     i++)
		node = node->next;
	list_insert_before(&thread->run_node, node);
}

void runq_put_back(struct run_queue *queue, struct thread *thread, bool front, uint64_t now)
{
	unsigned class = thread->class;
	struct list *list = &queue->threads[class];

	debug_assert(spin_is_held(&queue->lock));
	debug_assert(thread != queue->idle && !list_node_attached(&thread->run_node));
	if (!(queue->waiting_classes & 1u << class))
		queue->served[class] = now;
	queue->waiting_classes |= 1u << class;
	if (class == THREAD_CLASS_REALTIME)
		push_by_priority(list, thread, front);
	else if (front)
		push_front(list, thread);
	else
		list_push_back(list, &thread->run_node);
	queue->waiting++;
}

void runq_push(struct run_queue *queue, struct thread *thread, bool front, uint64_t now)
{
	/* What the running thread had while it was alone makes no debt. */
	if (queue->waiting == 0 && queue->current != queue->idle)
		runq_charge(queue, now);
	runq_put_back(queue, thread, front, now);
	thread->cpu = queue->cpu;
	update_counts(queue, now);
}

void runq_push_handed(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	struct list *list = &queue->threads[thread->class];
	struct list_node *after = list->head.previous;

	runq_push(queue, thread, false, now);
	if (thread->class == THREAD_CLASS_REALTIME)
		return;
	for (unsigned i = 0; i < HANDED_BACK_MAX && after != &list->head; i++) {
		const struct thread *other = container_of(after, struct thread, run_node);

		if (other->woken_at != 0 || other->run_start <= thread->run_start)
			break;
		after = after->previous;
	}
	list_remove(&thread->run_node);
	list_insert_after(&thread->run_node, after);
}

/* After a thread of the class was taken out. */
static void count_taken(struct run_queue *queue, unsigned class)
{
	queue->waiting--;
	if (list_empty(&queue->threads[class]))
		queue->waiting_classes &= ~(1u << class);
}

void runq_remove(struct run_queue *queue, struct thread *thread, uint64_t now)
{
	debug_assert(spin_is_held(&queue->lock));
	debug_assert(list_node_attached(&thread->run_node) && queue->waiting > 0);
	list_remove(&thread->run_node);
	count_taken(queue, thread->class);
	update_counts(queue, now);
}

bool runq_realtime_spent(const struct run_queue *queue, uint64_t now)
{
	return now - queue->realtime_period < REALTIME_PERIOD_NS &&
	       queue->realtime_used >= REALTIME_SHARE_NS;
}

/* Several classes wait: the best, unless another is due. */
static unsigned choose_class(const struct run_queue *queue, uint64_t now, bool *due)
{
	unsigned best = bit_lowest(queue->waiting_classes);

	for (unsigned class = best + 1; class < THREAD_CLASS_COUNT; class ++) {
		if (!(queue->waiting_classes & 1u << class))
			continue;
		/* The share of real-time threads sees to it that others are not starved. */
		if (best == THREAD_CLASS_REALTIME)
			return runq_realtime_spent(queue, now) ? class : best;
		if (now - queue->served[class] >= STARVED_NS) {
			*due = true;
			return class;
		}
	}
	return best;
}

unsigned runq_next_class(const struct run_queue *queue, uint64_t now, bool *due)
{
	unsigned classes = queue->waiting_classes;

	*due = false;
	if (classes == 0)
		return THREAD_CLASS_NONE;
	return classes & (classes - 1) ? choose_class(queue, now, due) : bit_lowest(classes);
}

/* Of a list that is not empty. */
static struct thread *first_of(const struct list *list)
{
	return container_of(list->head.next, struct thread, run_node);
}

/* Passes over those in debt, whose turn pays off some of it. Each turn of a debtor was paid for
 * by the quantum that it ran too long, so the rounds are few. */
static __attribute__((noinline)) void pass_over_debtors(struct list *list)
{
	for (;;) {
		struct thread *thread = first_of(list);

		if (thread->credit > 0 || list_last(list) == &thread->run_node)
			return;
		thread->credit += max_i64(turn_length(thread), 1);
		list_remove(&thread->run_node);
		list_push_back(list, &thread->run_node);
	}
}

struct thread *runq_pick(struct run_queue *queue, uint64_t now)
{
	bool due;
	unsigned class = runq_next_class(queue, now, &due);
	struct thread *thread;

	if (class == THREAD_CLASS_NONE)
		return queue->idle;
	queue->served[class] = now;
	thread = first_of(&queue->threads[class]);
	if (thread->credit <= 0 && class != THREAD_CLASS_REALTIME) {
		pass_over_debtors(&queue->threads[class]);
		thread = first_of(&queue->threads[class]);
	}
	list_remove(&thread->run_node);
	count_taken(queue, class);
	return thread;
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

static __attribute__((noinline)) void charge_realtime(struct run_queue *queue, uint64_t ran,
						      uint64_t now)
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
				 queue->waiting == 0 ? 0 : -DEBT_QUANTA * (int64_t)sched_quantum);
	if (thread->class == THREAD_CLASS_REALTIME)
		charge_realtime(queue, ran, now);
	thread->run_start = now;
}
