/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU times of threads: the total is exact, its division an estimate (account.h). */
#include "sched_priv.h"

#include <sched/account.h>

/* Entries that come at shorter intervals of CPU time than this are sampled. */
#define RARE_NS (20 * NS_PER_MICROSECOND)
/* One in so many: a prime, so that loops of a few calls do not show the same one each time. */
#define SAMPLE_WEIGHT 17

/* The CPU time of the current thread, without a lock. */
static uint64_t own_runtime(const struct thread *thread)
{
	uint64_t base, now;

	/* When the thread left the CPU in between, the base has changed. */
	do {
		base = atomic_load_explicit(&thread->runtime_base, memory_order_acquire);
		now = clock_monotonic_ns();
		atomic_signal_fence(memory_order_seq_cst);
	} while (base != atomic_load_explicit(&thread->runtime_base, memory_order_acquire));
	return now - base;
}

void account_measure_enter(struct thread *thread)
{
	thread->account_open = true;
	thread->account_start = own_runtime(thread);
}

void account_measure_leave(struct thread *thread)
{
	uint64_t now = own_runtime(thread);
	uint64_t spent = (now - thread->account_start) * thread->account_weight;
	/* The time in the program, over all entries since the last measured one. */
	uint64_t apart = thread->account_start - thread->account_end;
	bool rare = apart >= RARE_NS * thread->account_weight;

	atomic_fetch_add_explicit(&thread->system_ns, spent, memory_order_relaxed);
	thread->account_weight = rare ? 1 : SAMPLE_WEIGHT;
	thread->account_skip = thread->account_weight - 1;
	thread->account_end = now;
	thread->account_open = false;
}

uint64_t thread_runtime_locked(const struct run_queue *queue, const struct thread *thread)
{
	uint64_t runtime = atomic_load_explicit(&thread->runtime_ns, memory_order_relaxed);

	if (queue->current == thread)
		runtime += clock_monotonic_ns() - thread->run_start;
	return runtime;
}

uint64_t thread_runtime(struct thread *thread)
{
	unsigned long state = arch_irq_save();
	struct run_queue *queue = runq_lock_of(thread);
	uint64_t runtime = thread_runtime_locked(queue, thread);

	spin_unlock_irqrestore(&queue->lock, state);
	return runtime;
}

void thread_read_times(struct thread *thread, uint64_t *user_ns, uint64_t *system_ns)
{
	unsigned long state = arch_irq_save();
	struct run_queue *queue = runq_lock_of(thread);
	uint64_t runtime = thread_runtime_locked(queue, thread);
	uint64_t system = min_u64(thread->system_ns, runtime);

	/* The estimate may overtake the clock, and what is still open counts as the program's:
	 * neither part may be seen to shrink. The two parts shown last time fit into `runtime`. */
	system = max_u64(system, thread->shown_system_ns);
	if (runtime - system < thread->shown_user_ns)
		system = runtime - thread->shown_user_ns;
	thread->shown_system_ns = system;
	thread->shown_user_ns = runtime - system;
	*system_ns = system;
	*user_ns = runtime - system;
	spin_unlock_irqrestore(&queue->lock, state);
}
