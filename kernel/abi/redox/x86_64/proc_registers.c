/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registers of threads as `proc:` shows them on x86_64. What is written comes from a program,
 * and each value is made one that it could have set by itself. */
#include "../proc_scheme.h"
#include "../redox.h"

#include <arch/thread.h>
#include <machine/features.h>
#include <machine/vector.h>
#include <proc/process.h>

#define RFLAGS_CHANGEABLE 0x254dd5 /* arithmetic, trap, direction, overflow, alignment, id */

void redox_get_environment_registers(struct user_thread *thread,
				     struct redox_environment_registers *to)
{
	machine_get_bases(&thread->thread, &to->fs_base, &to->gs_base);
}

int redox_set_environment_registers(struct user_thread *thread,
				    const struct redox_environment_registers *from)
{
	return machine_set_bases(&thread->thread, from->fs_base, from->gs_base);
}

/* The result of a call that is to run again means nothing to others. */
static uint64_t visible_result(const struct user_thread *thread, uint64_t rax)
{
	int64_t result = (int64_t)rax;

	if (thread->in_syscall && result <= -ERESTART && result >= -ERESTART_LAST)
		return (uint64_t)-EINTR;
	return rax;
}

void redox_get_integer_registers(struct user_thread *thread, struct redox_integer_registers *to)
{
	const struct arch_registers *from = arch_user_registers(&thread->thread);

	*to = (struct redox_integer_registers){
		.r15 = from->r15,
		.r14 = from->r14,
		.r13 = from->r13,
		.r12 = from->r12,
		.rbp = from->rbp,
		.rbx = from->rbx,
		.r11 = from->r11,
		.r10 = from->r10,
		.r9 = from->r9,
		.r8 = from->r8,
		.rax = visible_result(thread, from->rax),
		.rcx = from->rcx,
		.rdx = from->rdx,
		.rsi = from->rsi,
		.rdi = from->rdi,
		.rip = from->rip,
		.cs = from->cs,
		.rflags = from->rflags,
		.rsp = from->rsp,
		.ss = from->ss,
	};
}

void redox_set_integer_registers(struct user_thread *thread,
				 const struct redox_integer_registers *from)
{
	struct arch_registers *to = arch_user_registers(&thread->thread);

	to->r15 = from->r15;
	to->r14 = from->r14;
	to->r13 = from->r13;
	to->r12 = from->r12;
	to->rbp = from->rbp;
	to->rbx = from->rbx;
	to->r11 = from->r11;
	to->r10 = from->r10;
	to->r9 = from->r9;
	to->r8 = from->r8;
	to->rax = from->rax;
	to->rcx = from->rcx;
	to->rdx = from->rdx;
	to->rsi = from->rsi;
	to->rdi = from->rdi;
	to->rip = from->rip;
	to->rflags =
		(to->rflags & ~(uint64_t)RFLAGS_CHANGEABLE) | (from->rflags & RFLAGS_CHANGEABLE);
	to->rsp = from->rsp;
	/* All of them are loaded on the way back, and no call is repeated. */
	to->vector = 0;
	thread->in_syscall = false;
}

void redox_get_float_registers(struct user_thread *thread, struct redox_float_registers *to)
{
	machine_vector_read_legacy(&thread->thread, to->bytes, sizeof(to->bytes));
}

void redox_set_float_registers(struct user_thread *thread, const struct redox_float_registers *from)
{
	machine_vector_write_legacy(&thread->thread, from->bytes, sizeof(from->bytes));
}
