/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The running CPU on x86_64: the gs base points at its block, which begins with struct cpu
 * (sync/cpu.h checks the offsets used here).
 */
#pragma once

#include <base/types.h>

struct cpu;
struct thread;

static inline unsigned arch_cpu_id(void)
{
	uint32_t id;

	asm volatile("movl %%gs:0x18, %0" : "=r"(id));
	return id;
}

static inline struct cpu *arch_this_cpu(void)
{
	struct cpu *cpu;

	asm volatile("movq %%gs:0x00, %0" : "=r"(cpu));
	return cpu;
}

static inline struct thread *arch_current_thread(void)
{
	struct thread *thread;

	asm volatile("movq %%gs:0x08, %0" : "=r"(thread));
	return thread;
}

static inline void arch_preempt_add(int delta)
{
	asm volatile("addl %0, %%gs:0x10" : : "ri"(delta) : "memory", "cc");
}

static inline bool arch_preempt_wanted(void)
{
	uint32_t count, wanted;

	asm volatile("movl %%gs:0x10, %0" : "=r"(count) : : "memory");
	asm volatile("movl %%gs:0x14, %0" : "=r"(wanted) : : "memory");
	return count == 0 && wanted != 0;
}

#define MACHINE_FLAG_INTERRUPT 0x200ul

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags;

	asm volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
	return flags & MACHINE_FLAG_INTERRUPT;
}

static inline void arch_irq_enable(void)
{
	asm volatile("sti" : : : "memory");
}

static inline void arch_irq_disable(void)
{
	asm volatile("cli" : : : "memory");
}

static inline void arch_irq_restore(unsigned long state)
{
	if (state & MACHINE_FLAG_INTERRUPT)
		arch_irq_enable();
	else
		arch_irq_disable();
}

static inline bool arch_irq_enabled(void)
{
	unsigned long flags;

	asm volatile("pushfq; popq %0" : "=r"(flags));
	return flags & MACHINE_FLAG_INTERRUPT;
}

static inline void arch_cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}

/* sti takes effect after the next instruction, so no interrupt can come before hlt. */
static inline void arch_cpu_idle(void)
{
	asm volatile("sti; hlt" : : : "memory");
}

static inline uint64_t arch_cycles(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uintptr_t arch_frame_pointer(void)
{
	return (uintptr_t)__builtin_frame_address(0);
}
