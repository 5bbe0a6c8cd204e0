/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which CPU: where a thread goes that becomes runnable, and what an idle CPU fetches. All of it
 * is decided on hints, without locks; whoever acts on an answer checks what must be right
 * (affinity, whether the thread is still there) under the locks of the queues.
 */
#include "sched_priv.h"

#include <base/bits.h>
#include <core/panic.h>

_Atomic uint64_t place_online, place_idle, place_low, place_urgent, place_crowded;

/* So many threads are looked at for one that may go elsewhere: interrupts are off. */
#define SURPLUS_LOOKS 8

static uint64_t hint(const _Atomic uint64_t *mask)
{
	return atomic_load_explicit(mask, memory_order_relaxed);
}

/* The CPU of the mask (not 0) that comes first from `start` on, going round. */
static unsigned nearest(uint64_t mask, unsigned start)
{
	uint64_t from_start = mask >> start << start;

	return bit_lowest(from_start ? from_start : mask);
}

static unsigned runnable_on(unsigned cpu)
{
	return atomic_load_explicit(&run_queues[cpu].runnable, memory_order_relaxed);
}

/* The CPU of the mask (not 0) with the fewest threads; of equals the first from `start` on. */
static unsigned least_loaded(uint64_t mask, unsigned start)
{
	unsigned best = nearest(mask, start);
	unsigned least = runnable_on(best);

	mask &= ~cpu_bit(best);
	while (mask != 0) {
		unsigned cpu = nearest(mask, start);

		if (runnable_on(cpu) < least) {
			best = cpu;
			least = runnable_on(cpu);
		}
		mask &= ~cpu_bit(cpu);
	}
	return best;
}

unsigned place_choose(const struct thread *thread, bool spread)
{
	uint64_t allowed = place_allowed_cpus(thread);
	uint64_t idle = allowed & hint(&place_idle);
	uint64_t low = allowed & hint(&place_low);
	unsigned last = thread->cpu;

	debug_assert(allowed != 0);
	if (idle)
		return nearest(idle, last);
	if (spread)
		return least_loaded(allowed, last);
	if (low && thread->class <= THREAD_CLASS_NORMAL)
		return nearest(low, last);
	if (thread->class == THREAD_CLASS_REALTIME && allowed & ~hint(&place_urgent))
		return nearest(allowed & ~hint(&place_urgent), last);
	if (allowed & cpu_bit(last))
		return last;
	return least_loaded(allowed, last);
}

unsigned place_lighter(const struct run_queue *queue, const struct thread *thread, unsigned less)
{
	uint64_t others = place_allowed_cpus(thread) & ~cpu_bit(queue->cpu);

	while (others != 0) {
		unsigned cpu = nearest(others, queue->cpu);

		if (runnable_on(cpu) + less <= queue->runnable)
			return cpu;
		others &= ~cpu_bit(cpu);
	}
	return CPU_MAX;
}

struct thread *place_find_surplus(const struct run_queue *queue, unsigned *target)
{
	unsigned looks = SURPLUS_LOOKS;

	/* From the end: those that would wait longest. Those that just woke are about to run. */
	for (unsigned class = THREAD_CLASS_COUNT; class -- > 0;) {
		const struct list *list = &queue->threads[class];

		for (struct list_node *node = list->head.previous; node != &list->head;
		     node = node->previous) {
			struct thread *thread = container_of(node, struct thread, run_node);

			if (looks-- == 0)
				return NULL;
			if (thread->woken_at != 0)
				continue;
			*target = place_lighter(queue, thread, 2);
			if (*target != CPU_MAX)
				return thread;
		}
	}
	return NULL;
}

unsigned place_refuge(const struct run_queue *queue, const struct thread *thread)
{
	uint64_t others = place_allowed_cpus(thread) & ~hint(&place_urgent) & ~cpu_bit(queue->cpu);

	return others ? nearest(others, queue->cpu) : CPU_MAX;
}

struct thread *place_find_movable(const struct run_queue *queue, unsigned cpu)
{
	struct list_node *node;

	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++) {
		list_for_each (node, &queue->threads[class]) {
			struct thread *thread = container_of(node, struct thread, run_node);

			if (place_allows(thread, cpu))
				return thread;
		}
	}
	return NULL;
}

static bool pull_from(struct run_queue *queue, struct run_queue *source)
{
	struct thread *thread;

	runq_lock_two(queue, source);
	thread = place_find_movable(source, queue->cpu);
	if (thread) {
		uint64_t now = clock_monotonic_ns();

		runq_remove(source, thread, now);
		runq_push(queue, thread, false, now);
		count_own_event(&queue->statistics.migrations);
	}
	runq_unlock_two(queue, source);
	return thread != NULL;
}

/* The CPU of the mask with most threads, if that is more than one, or CPU_MAX. */
static unsigned busiest(uint64_t mask)
{
	unsigned best = CPU_MAX;
	unsigned most = 1;

	for (; mask != 0; mask &= mask - 1) {
		unsigned cpu = bit_lowest(mask);

		if (runnable_on(cpu) > most) {
			best = cpu;
			most = runnable_on(cpu);
		}
	}
	return best;
}

bool place_pull(struct run_queue *queue)
{
	uint64_t others = hint(&place_online) & ~cpu_bit(queue->cpu);
	unsigned cpu;

	/* A busy CPU whose threads must all stay there does not hide the others. */
	while ((cpu = busiest(others)) != CPU_MAX) {
		if (pull_from(queue, &run_queues[cpu]))
			return true;
		others &= ~cpu_bit(cpu);
	}
	return false;
}

unsigned place_find_helper(const struct run_queue *queue)
{
	uint64_t idle = hint(&place_idle) & ~cpu_bit(queue->cpu);

	if (idle == 0 || queue->waiting == 0)
		return CPU_MAX;
	for (unsigned class = 0; class < THREAD_CLASS_COUNT; class ++) {
		const struct list_node *node = list_first(&queue->threads[class]);
		uint64_t able;

		if (!node)
			continue;
		able = place_allowed_cpus(container_of(node, struct thread, run_node)) & idle;
		if (able)
			return nearest(able, queue->cpu);
	}
	return CPU_MAX;
}

void place_kick(unsigned cpu)
{
	bool was_set = atomic_exchange(&cpu_get(cpu)->need_resched, 1);

	/* Whoever set it before has sent, or is about to send, the interrupt. */
	if (!was_set && cpu != cpu_id())
		arch_send_wake(cpu);
}
