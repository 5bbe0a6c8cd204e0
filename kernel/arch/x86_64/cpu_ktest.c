/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of what CPUs do with each other: clocks, calls; and of the vector state. */
#include "machine_cpu.h"
#include "vector.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/thread.h>
#include <core/ktest.h>
#include <sched/thread.h>
#include <sync/cpu.h>

#include <stdatomic.h>

#define CLOCK_ROUNDS 500
#define CALL_ROUNDS  20 /* each takes a turn of all CPUs, which may be more than the host has */

static uint64_t all_cpus(void)
{
	return cpu_count() == 64 ? UINT64_MAX : (1ull << cpu_count()) - 1;
}

static void read_clock(void *argument)
{
	*(uint64_t *)argument = arch_clock_ns();
}

KTEST(arch, clock_is_one_for_all_cpus)
{
	uint64_t last = arch_clock_ns();
	unsigned backwards = 0;

	for (unsigned i = 0; i < CLOCK_ROUNDS; i++) {
		unsigned cpu = i % cpu_count();
		uint64_t there = 0, here;

		preempt_disable();
		if (cpu == cpu_id())
			read_clock(&there);
		else
			arch_call_cpus(1ull << cpu, read_clock, &there);
		here = arch_clock_ns();
		preempt_enable();
		backwards += there < last || here < there;
		last = here;
	}
	ktest_expect(backwards == 0);
}

struct callers {
	_Atomic unsigned started, finished, calls;
};

static void count_call(void *argument)
{
	atomic_fetch_add((_Atomic unsigned *)argument, 1);
}

/* On each CPU at once: calls all others, half the time with interrupts off. */
static void call_others(void *argument)
{
	struct callers *callers = argument;
	unsigned number = atomic_fetch_add(&callers->started, 1);

	if (thread_set_affinity(thread_current(), 1ull << number))
		ktest_fail(__FILE__, __LINE__, "affinity");
	for (unsigned i = 0; i < CALL_ROUNDS; i++) {
		unsigned long state = i % 2 ? arch_irq_save() : 0;

		preempt_disable();
		arch_call_cpus(all_cpus(), count_call, &callers->calls);
		preempt_enable_no_check();
		if (i % 2)
			arch_irq_restore(state);
	}
	atomic_fetch_add(&callers->finished, 1);
}

KTEST(arch, cpus_call_each_other)
{
	static struct callers callers;
	unsigned count = cpu_count();

	for (unsigned i = 0; i < count; i++) {
		if (thread_spawn("caller", call_others, &callers)) {
			ktest_fail(__FILE__, __LINE__, "no memory for a thread");
			return;
		}
	}
	while (atomic_load(&callers.finished) < count)
		thread_yield();
	ktest_expect(atomic_load(&callers.calls) == CALL_ROUNDS * count * (count - 1));
}

static uint64_t read_xmm3(void)
{
	uint64_t value;

	asm volatile("movq %%xmm3, %0" : "=r"(value));
	return value;
}

KTEST(arch, vector_state_is_saved_and_loaded)
{
	struct arch_thread one = { 0 }, other = { 0 };

	if (machine_vector_allocate(&one) || machine_vector_allocate(&other)) {
		ktest_fail(__FILE__, __LINE__, "no memory");
		machine_vector_free(&one);
		return;
	}
	/* A kernel thread's vector registers are nobody's until the next switch, or those of the user
	 * thread before, which has to load them again. */
	preempt_disable();
	machine_this_cpu()->user_state = NULL;
	machine_vector_load(&one);
	ktest_expect(read_xmm3() == 0);
	asm volatile("movq %0, %%xmm3" : : "r"(0x0123456789abcdefull));
	machine_vector_save(&one);
	machine_vector_load(&other);
	ktest_expect(read_xmm3() == 0);
	machine_vector_load(&one);
	ktest_expect(read_xmm3() == 0x0123456789abcdefull);
	machine_vector_reset(&one);
	machine_vector_load(&one);
	ktest_expect(read_xmm3() == 0);
	preempt_enable();
	machine_vector_free(&one);
	machine_vector_free(&other);
}
