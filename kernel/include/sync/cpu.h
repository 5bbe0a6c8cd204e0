/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel knows of each CPU, and preemption control.
 *
 * CPUs are numbered densely from 0 (the boot CPU). Other per-CPU data are arrays indexed by
 * that number, cpu_id(), which is stable only while preemption or interrupts are off.
 */
#pragma once

#include <arch/cpu.h>
#include <base/types.h>

#define CPU_MAX 64

struct thread;

/* At the start of the architecture's own per-CPU block; arch_this_cpu() finds it. All fields
 * belong to the CPU itself except where noted. */
struct cpu {
	/* 0x00 */ struct cpu *self;
	/* 0x08 */ struct thread *current;        /* the running thread */
	/* 0x10 */ uint32_t preempt_count;        /* not 0: do not switch threads */
	/* 0x14 */ _Atomic uint32_t need_resched; /* set by anyone through sched */
	/* 0x18 */ uint32_t id;
	/* 0x1c */ uint32_t irq_depth;    /* not 0: in an interrupt handler */
	/* 0x20 */ uintptr_t fault_fixup; /* the architecture's, in user copies */
};

_Static_assert(__builtin_offsetof(struct cpu, current) == 0x08, "known to assembly");
_Static_assert(__builtin_offsetof(struct cpu, preempt_count) == 0x10, "known to assembly");
_Static_assert(__builtin_offsetof(struct cpu, need_resched) == 0x14, "known to assembly");
_Static_assert(__builtin_offsetof(struct cpu, id) == 0x18, "known to assembly");

/* The number of CPUs that have a number (at least 1): they run, or did. It grows when a CPU comes for the first
 * time, up to cpu_limit(), and never shrinks. */
unsigned cpu_count(void);
/* What cpu_count() may become, for what is made once for all CPUs; fixed before the first other CPU starts. */
unsigned cpu_limit(void);
/* The architecture knows how many there may be: at most CPU_MAX are. */
void cpu_set_limit(unsigned limit);
/* The architecture registers each CPU when it comes up, in order of its id. */
void cpu_register(struct cpu *cpu);
/* The CPU with number `id` < cpu_count(). */
struct cpu *cpu_get(unsigned id);

/* See assert_may_sleep(). */
void cpu_check_may_sleep(void);

static inline unsigned cpu_id(void)
{
	return arch_cpu_id();
}

/* The running thread. Never NULL once the scheduler is up. */
static inline struct thread *thread_current(void)
{
	return arch_current_thread();
}

/* Between disable and enable the thread stays on its CPU and is not preempted; nests. */
static inline void preempt_disable(void)
{
	arch_preempt_add(1);
}

/* Supplied by sched: switches if need_resched is set. Called with preempt_count 0 and
 * interrupts on, thus never from an interrupt handler. */
void preempt_check(void);

/* Gives way to a better thread at once where that is possible. With interrupts off it is not:
 * then the next preempt_enable() or interrupt exit does it. */
static inline void preempt_enable(void)
{
	arch_preempt_add(-1);
	if (arch_preempt_wanted() && arch_irq_enabled())
		preempt_check();
}

/* The same without looking for a reason to switch (inside the scheduler, interrupt exit). */
static inline void preempt_enable_no_check(void)
{
	arch_preempt_add(-1);
}

/* True where sleeping is not allowed: in interrupts, under spinlocks, preemption off. */
bool in_atomic_context(void);

/* Panics in debug builds if the caller must not sleep, or has interrupts off. Stands at the
 * beginning of everything that may sleep, even if it rarely does. */
static inline void assert_may_sleep(void)
{
	if (CONFIG_DEBUG)
		cpu_check_may_sleep();
}
