/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scheduler counts, for those who show it. */
#include "sched_priv.h"

#include <base/bits.h>
#include <sched/statistics.h>

const struct sched_statistics *sched_statistics(unsigned cpu)
{
	return &run_queues[cpu].statistics;
}

unsigned sched_runnable(unsigned cpu)
{
	return atomic_load_explicit(&run_queues[cpu].runnable, memory_order_relaxed);
}

unsigned sched_cpus_free(void)
{
	return bit_count(atomic_load_explicit(&place_idle, memory_order_relaxed) &
			 atomic_load_explicit(&place_online, memory_order_relaxed));
}

bool sched_is_by_tick(void)
{
	return sched_by_tick;
}

uint64_t sched_quantum_ns(void)
{
	return sched_quantum;
}

void sched_histogram_add(struct sched_histogram *histogram, uint64_t ns)
{
	unsigned bucket = ns < 2 ? 0 : bit_highest(ns);
	uint64_t sum = atomic_load_explicit(&histogram->sum_ns, memory_order_relaxed);

	if (bucket >= SCHED_HISTOGRAM_BUCKETS)
		bucket = SCHED_HISTOGRAM_BUCKETS - 1;
	count_own_event(&histogram->buckets[bucket]);
	count_own_event(&histogram->count);
	atomic_store_explicit(&histogram->sum_ns, sum + ns, memory_order_relaxed);
	if (ns > atomic_load_explicit(&histogram->longest_ns, memory_order_relaxed))
		atomic_store_explicit(&histogram->longest_ns, ns, memory_order_relaxed);
}

void sched_read_load(uint32_t averages[LOAD_AVERAGES])
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		averages[i] = 0;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct run_queue *queue = &run_queues[cpu];
		irq_state_t state = spin_lock_irqsave(&queue->lock);
		uint32_t of_cpu[LOAD_AVERAGES];

		load_update(&queue->load, queue->runnable, clock_monotonic_ns());
		load_read(&queue->load, of_cpu);
		spin_unlock_irqrestore(&queue->lock, state);
		for (unsigned i = 0; i < LOAD_AVERAGES; i++)
			averages[i] += of_cpu[i];
	}
}
