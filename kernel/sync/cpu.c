/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of CPUs, filled while they come up, at boot or later. */
#include <core/backtrace.h>
#include <core/log.h>
#include <core/panic.h>
#include <sync/cpu.h>

#include <stdatomic.h>

/* Written once per CPU before `registered` counts it, then constant. */
static struct cpu *cpus[CPU_MAX];
static _Atomic unsigned registered;
static _Atomic unsigned most; /* cpu_set_limit() */

unsigned cpu_count(void)
{
	unsigned count = atomic_load_explicit(&registered, memory_order_acquire);

	return count > 0 ? count : 1;
}

unsigned cpu_limit(void)
{
	unsigned limit = atomic_load_explicit(&most, memory_order_relaxed);

	return limit > cpu_count() ? limit : cpu_count();
}

void cpu_set_limit(unsigned limit)
{
	atomic_store_explicit(&most, limit < CPU_MAX ? limit : CPU_MAX, memory_order_relaxed);
}

void cpu_register(struct cpu *cpu)
{
	unsigned id = atomic_load_explicit(&registered, memory_order_relaxed);

	assert(id < CPU_MAX && cpu->id == id);
	cpus[id] = cpu;
	atomic_store_explicit(&registered, id + 1, memory_order_release);
}

struct cpu *cpu_get(unsigned id)
{
	debug_assert(id < cpu_count());
	return cpus[id];
}

bool in_atomic_context(void)
{
	/* Without interrupts the thread cannot move to another CPU between the loads. */
	unsigned long state = arch_irq_save();
	const struct cpu *cpu = arch_this_cpu();
	bool atomic = cpu->preempt_count != 0 || cpu->irq_depth != 0;

	arch_irq_restore(state);
	return atomic;
}

void cpu_check_may_sleep(void)
{
	unsigned long state = arch_irq_save();
	const struct cpu *cpu = arch_this_cpu();
	uint32_t preempt_count = cpu->preempt_count, irq_depth = cpu->irq_depth;
	struct address_name caller;

	arch_irq_restore(state);
	/* What a panic calls must not end in another one. */
	if ((state && preempt_count == 0 && irq_depth == 0) || log_in_panic())
		return;
	panic("sleep in atomic context: %s may sleep; interrupts %s, preemption count %u%s",
	      backtrace_name(caller_address(), &caller), state ? "on" : "off", preempt_count,
	      irq_depth ? ", in an interrupt handler" : "");
}
