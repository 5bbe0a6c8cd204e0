/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of calls across CPUs (arch_call_cpus()) as the kernel's threads use them. */
#include "ktest_crew.h"

#include <arch/cpu.h>
#include <core/ktest.h>
#include <sync/cpu.h>

#include <stdatomic.h>

#define ROUNDS       25 /* each takes a turn of all CPUs, which may be more than the host has */
#define CLOSED_STEPS 5

static _Atomic unsigned answered, disturbed;
static _Atomic bool closed[CPU_MAX]; /* the CPU has interrupts off and waits for nobody */

static void answer(void *argument)
{
	(void)argument;
	atomic_fetch_add(&answered, 1);
	if (atomic_load(&closed[cpu_id()]))
		atomic_fetch_add(&disturbed, 1);
}

static void close_for_a_while(void)
{
	unsigned long state = arch_irq_save();

	atomic_store(&closed[cpu_id()], true);
	for (unsigned i = 0; i < CLOSED_STEPS; i++)
		arch_cpu_relax();
	atomic_store(&closed[cpu_id()], false);
	arch_irq_restore(state);
}

/* On each CPU at once: calls all, now and then with interrupts off. */
static void call_all(unsigned index, void *argument)
{
	uint64_t all = cpu_count() == 64 ? UINT64_MAX : (1ull << cpu_count()) - 1;

	(void)argument;
	if (thread_set_affinity(thread_current(), 1ull << index))
		ktest_fail(__FILE__, __LINE__, "affinity");
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned long state = 0;

		preempt_disable();
		close_for_a_while();
		if (i % 3 == 0)
			state = arch_irq_save();
		arch_call_cpus(all, answer, NULL);
		preempt_enable_no_check();
		if (i % 3 == 0)
			arch_irq_restore(state);
	}
}

KTEST(sched, calls_wait_for_interrupts)
{
	unsigned count = cpu_count();
	uint64_t before = arch_call_interrupts();
	uint64_t calls = (uint64_t)ROUNDS * count * (count - 1);
	struct crew crew;

	atomic_store(&answered, 0);
	atomic_store(&disturbed, 0);
	if (!crew_start(&crew, count, call_all, NULL))
		return;
	crew_join(&crew);
	ktest_expect(atomic_load(&answered) == calls);
	ktest_expect(atomic_load(&disturbed) == 0);
	ktest_expect(count == 1 || arch_call_interrupts() > before);
}
