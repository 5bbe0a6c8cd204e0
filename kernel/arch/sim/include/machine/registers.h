/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neutral view of the user registers (arch/thread.h) in the simulation. */
#pragma once

#include "thread.h"

static inline uint64_t arch_syscall_number(const struct arch_registers *registers)
{
	return registers->number;
}

static inline uint64_t arch_syscall_argument(const struct arch_registers *registers, unsigned index)
{
	return registers->arguments[index];
}

static inline void arch_set_argument(struct arch_registers *registers, unsigned index,
				     uint64_t value)
{
	registers->arguments[index] = value;
}

static inline void arch_set_result(struct arch_registers *registers, int64_t result)
{
	registers->result = result;
}

static inline int64_t arch_get_result(const struct arch_registers *registers)
{
	return registers->result;
}

static inline uintptr_t arch_program_counter(const struct arch_registers *registers)
{
	return registers->program_counter;
}

static inline uintptr_t arch_stack_pointer(const struct arch_registers *registers)
{
	return registers->stack_pointer;
}

static inline void arch_restart_syscall(struct arch_registers *registers, uint64_t number)
{
	registers->number = number;
}

/* Nothing runs in user mode here. */
static inline void arch_set_single_step(struct arch_registers *registers, bool on)
{
	(void)registers;
	(void)on;
}

static inline void arch_undo_breakpoint(struct arch_registers *registers)
{
	(void)registers;
}
