/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neutral view of the trap frame (arch/thread.h) on x86_64. */
#pragma once

#include <machine/thread.h>

static inline uint64_t arch_syscall_number(const struct arch_registers *registers)
{
	return registers->rax;
}

static inline uint64_t arch_syscall_argument(const struct arch_registers *registers, unsigned index)
{
	switch (index) {
	case 0:
		return registers->rdi;
	case 1:
		return registers->rsi;
	case 2:
		return registers->rdx;
	case 3:
		return registers->r10;
	case 4:
		return registers->r8;
	default:
		return registers->r9;
	}
}

static inline void arch_set_argument(struct arch_registers *registers, unsigned index,
				     uint64_t value)
{
	uint64_t *const places[] = { &registers->rdi, &registers->rsi, &registers->rdx };

	*places[index] = value;
}

static inline void arch_set_result(struct arch_registers *registers, int64_t result)
{
	registers->rax = (uint64_t)result;
}

static inline int64_t arch_get_result(const struct arch_registers *registers)
{
	return (int64_t)registers->rax;
}

static inline uintptr_t arch_program_counter(const struct arch_registers *registers)
{
	return registers->rip;
}

static inline uintptr_t arch_stack_pointer(const struct arch_registers *registers)
{
	return registers->rsp;
}

/* The syscall instruction is two bytes long. */
static inline void arch_restart_syscall(struct arch_registers *registers, uint64_t number)
{
	registers->rip -= 2;
	registers->rax = number;
}

static inline void arch_set_single_step(struct arch_registers *registers, bool on)
{
	const uint64_t trap_flag = 0x100;

	registers->rflags = on ? registers->rflags | trap_flag : registers->rflags & ~trap_flag;
}

/* The instruction int3 is one byte long. */
static inline void arch_undo_breakpoint(struct arch_registers *registers)
{
	registers->rip--;
}
