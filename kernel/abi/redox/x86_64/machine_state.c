/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a thread's user mode on x86_64, whole: what the handler of a signal interrupts is
 * kept in the kernel, and sigreturn takes it from there.
 */
#include "../redox.h"

#include <arch/thread.h>
#include <base/string.h>
#include <core/panic.h>
#include <machine/features.h>
#include <machine/vector.h>
#include <sched/thread.h>

struct machine_state {
	struct arch_registers registers;
	uint64_t fs_base, gs_base;
	uint8_t vector[]; /* machine_vector_size() bytes */
};

#define RFLAGS_TRAP      0x100
#define RFLAGS_DIRECTION 0x400
#define RFLAGS_IOPL      0x3000
#define RFLAGS_IOPL_BIT  12

size_t redox_state_size(void)
{
	return sizeof(struct machine_state) + machine_vector_size();
}

void redox_state_save(void *memory, const struct arch_registers *registers)
{
	struct machine_state *state = memory;

	state->registers = *registers;
	machine_get_bases(thread_current(), &state->fs_base, &state->gs_base);
	memcpy(state->vector, machine_vector_current(), machine_vector_size());
}

void redox_state_load(const void *memory, struct arch_registers *registers)
{
	const struct machine_state *state = memory;
	int error = machine_set_bases(thread_current(), state->fs_base, state->gs_base);
	uint64_t iopl;

	debug_assert(!error); /* the CPU had them */
	(void)error;
	/* What the handler did about its right to input and output lasts. */
	iopl = registers->rflags & RFLAGS_IOPL;
	*registers = state->registers;
	registers->rflags = (registers->rflags & ~(uint64_t)RFLAGS_IOPL) | iopl;
	machine_vector_restore(state->vector, false);
}

int redox_enter_handler(struct arch_registers *registers, const struct signal_action *action,
			int signal, uintptr_t stack_top)
{
	uintptr_t stack_pointer = align_down(stack_top, 16) - sizeof(uint64_t);
	int error = write_user_u64(stack_pointer, action->restorer);
	uint64_t rflags = registers->rflags & ~(uint64_t)(RFLAGS_TRAP | RFLAGS_DIRECTION);

	if (error)
		return error;
	arch_registers_reset(registers, action->handler, stack_pointer);
	registers->rflags = rflags;
	registers->rdi = (uint64_t)signal;
	machine_vector_clear();
	return 0;
}

int64_t redox_iopl(const struct redox_call *call)
{
	uint64_t level = call->argument[0];

	if (!redox_is_root())
		return -EPERM;
	if (level > 3)
		return -EINVAL;
	call->registers->rflags &= ~(uint64_t)RFLAGS_IOPL;
	call->registers->rflags |= level << RFLAGS_IOPL_BIT;
	return 0;
}
