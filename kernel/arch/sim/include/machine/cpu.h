/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The running CPU in the simulation: one host thread runs them all in turn (sim.h), so "this
 * CPU" is a variable. Places where a real CPU could be interrupted, or where others could get
 * ahead of it, call sim_step().
 */
#pragma once

#include <base/types.h>

struct cpu;
struct thread;

/* The simulated CPU that runs at the moment; never NULL. */
struct cpu *sim_this_cpu(void);

unsigned arch_cpu_id(void);
struct thread *arch_current_thread(void);
void arch_preempt_add(int delta);
bool arch_preempt_wanted(void);
unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long state);
bool arch_irq_enabled(void);
void arch_irq_enable(void);
void arch_irq_disable(void);
void arch_cpu_relax(void);
void arch_cpu_idle(void);
uint64_t arch_cycles(void);

static inline struct cpu *arch_this_cpu(void)
{
	return sim_this_cpu();
}

static inline uintptr_t arch_frame_pointer(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}
