/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads: first entry, switching, fork, the thread pointer. */
#include <arch/thread.h>

#include "cpuid.h"
#include "machine_cpu.h"
#include "pmap.h"
#include "vector.h"

#include <machine/vector.h>

#include <arch/cpu.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>
#include <machine/features.h>
#include <machine/layout.h>
#include <sched/thread.h>

#define RFLAGS_INITIAL 0x202 /* interrupts on */

/* What machine_switch_stacks() pops. */
struct switch_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, return_address;
};

struct thread *machine_switch_stacks(uint64_t *save, uint64_t load, struct thread *from);
void machine_thread_start(void);
_Noreturn void machine_thread_begin(struct thread *previous, void (*entry)(void *), void *argument);
_Noreturn void machine_enter_user(struct arch_registers *registers);

struct arch_registers *arch_user_registers(struct thread *thread)
{
	return (struct arch_registers *)thread->arch.stack_top - 1;
}

int arch_thread_init(struct thread *thread, void *stack, void (*entry)(void *), void *argument,
		     bool user)
{
	struct switch_frame *frame;

	memset(&thread->arch, 0, sizeof(thread->arch));
	thread->arch.stack_top = (uint64_t)stack + KERNEL_STACK_SIZE;
	if (user) {
		int error = machine_vector_allocate(&thread->arch);

		if (error)
			return error;
	}
	frame = (struct switch_frame *)arch_user_registers(thread) - 1;
	memset(frame, 0, sizeof(*frame));
	memset(arch_user_registers(thread), 0, sizeof(struct arch_registers));
	frame->rbx = (uint64_t)entry;
	frame->r12 = (uint64_t)argument;
	frame->return_address = (uint64_t)machine_thread_start;
	thread->arch.stack_pointer = (uint64_t)frame;
	return 0;
}

void arch_thread_fini(struct thread *thread)
{
	machine_vector_free(&thread->arch);
}

/* From entry.S: the first moments of a thread, interrupts off. */
_Noreturn void machine_thread_begin(struct thread *previous, void (*entry)(void *), void *argument)
{
	sched_thread_entered(previous);
	arch_irq_enable();
	entry(argument);
	thread_exit();
}

static uint64_t read_fs_base(void)
{
	uint64_t value;

	if (!machine_has_base_instructions)
		return msr_read(MSR_FS_BASE);
	asm volatile("rdfsbase %0" : "=r"(value));
	return value;
}

static void write_fs_base(uint64_t value)
{
	if (machine_has_base_instructions)
		asm volatile("wrfsbase %0" : : "r"(value));
	else
		msr_write(MSR_FS_BASE, value);
}

/* Without these instructions programs cannot change it behind our back. Interrupts are off: for a
 * moment the user's base is in force. (Exceptions that come even then bring their own.) */
static uint64_t read_user_gs_base(const struct machine_cpu *cpu)
{
	uint64_t value;

	if (!machine_has_base_instructions)
		return cpu->user_gs_base;
	asm volatile("swapgs; rdgsbase %0; swapgs" : "=r"(value) : : "memory");
	return value;
}

static void write_user_gs_base(struct machine_cpu *cpu, uint64_t value)
{
	msr_write(MSR_KERNEL_GS_BASE, value);
	cpu->user_gs_base = value;
}

/* Interrupts are off, here and below. */
static void save_user_state(struct machine_cpu *cpu, struct arch_thread *from)
{
	machine_vector_save(from);
	from->fs_base = read_fs_base();
	from->gs_base = cpu->user_gs_base = read_user_gs_base(cpu);
}

static void load_user_state(struct machine_cpu *cpu, struct arch_thread *to)
{
	machine_vector_load(to);
	write_fs_base(to->fs_base);
	if (to->gs_base != cpu->user_gs_base)
		write_user_gs_base(cpu, to->gs_base);
	cpu->user_state = to;
	to->loaded_on = cpu->cpu.id + 1;
}

/* A thread that comes back, after kernel threads only, finds its registers as it left them. */
static bool holds_user_state(const struct machine_cpu *cpu, const struct arch_thread *thread)
{
	return cpu->user_state == thread && thread->loaded_on == cpu->cpu.id + 1;
}

void machine_thread_put_away(void)
{
	struct arch_thread *self = &thread_current()->arch;

	if (self->vector_state)
		save_user_state(machine_this_cpu(), self);
	arch_pmap_switch(NULL);
}

void machine_thread_bring_back(void)
{
	struct thread *self = thread_current();

	if (self->arch.vector_state)
		load_user_state(machine_this_cpu(), &self->arch);
	if (self->pmap)
		arch_pmap_switch(self->pmap);
}

struct thread *arch_switch(struct thread *from, struct thread *to)
{
	struct machine_cpu *cpu = machine_this_cpu();

	if (from->arch.vector_state)
		save_user_state(cpu, &from->arch);
	if (to->arch.vector_state && !holds_user_state(cpu, &to->arch))
		load_user_state(cpu, &to->arch);
	if (!to->pmap && !cpu->pmap_rests)
		machine_pmap_rest();
	cpu->kernel_stack = to->arch.stack_top;
	cpu->task.stack[0] = to->arch.stack_top;
	cpu->cpu.current = to;
	return machine_switch_stacks(&from->arch.stack_pointer, to->arch.stack_pointer, from);
}

void arch_thread_place(const struct thread *thread, struct trap_place *place)
{
	const struct switch_frame *frame = (const void *)thread->arch.stack_pointer;

	*place = (struct trap_place){ .irq_enabled = true };
	/* A thread that was adopted has none before it first leaves its CPU. */
	if (!frame)
		return;
	*place = (struct trap_place){
		.program_counter = frame->return_address,
		.frame_pointer = frame->rbp,
		.irq_enabled = true,
	};
}

_Noreturn void arch_enter_user(struct arch_registers *registers)
{
	struct arch_registers *own = arch_user_registers(thread_current());

	if (registers != own)
		*own = *registers;
	machine_enter_user(own);
}

void arch_registers_reset(struct arch_registers *registers, uintptr_t program_counter,
			  uintptr_t stack_pointer)
{
	*registers = (struct arch_registers){
		.rip = program_counter,
		.rsp = stack_pointer,
		.cs = SELECTOR_USER_CODE,
		.ss = SELECTOR_USER_DATA,
		.rflags = RFLAGS_INITIAL,
	};
}

void arch_thread_fork(struct thread *child, const struct arch_registers *registers,
		      uintptr_t stack_pointer)
{
	struct arch_registers *copy = arch_user_registers(child);
	struct arch_thread *self = &thread_current()->arch;
	unsigned long state;

	*copy = *registers;
	copy->rax = 0;
	copy->rsp = stack_pointer;
	state = arch_irq_save();
	save_user_state(machine_this_cpu(), self);
	arch_irq_restore(state);
	memcpy(child->arch.vector_state, self->vector_state, machine_vector_size());
	child->arch.fs_base = self->fs_base;
	child->arch.gs_base = self->gs_base;
}

void arch_thread_reset(struct thread *thread)
{
	unsigned long state = arch_irq_save();

	machine_vector_reset(&thread->arch);
	thread->arch.fs_base = 0;
	thread->arch.gs_base = 0;
	thread->arch.loaded_on = 0;
	if (thread == thread_current())
		load_user_state(machine_this_cpu(), &thread->arch);
	arch_irq_restore(state);
}

int arch_thread_use_vectors(struct thread *thread)
{
	int error;

	if (thread->arch.vector_state)
		return 0;
	error = machine_vector_allocate(&thread->arch);
	if (error)
		return error;
	/* Until here the registers are of the program that ran before, and a switch would have put
	 * those into the new state. */
	arch_thread_reset(thread);
	return 0;
}

int arch_set_thread_pointer(struct thread *thread, uintptr_t value)
{
	if (value >= USER_MAX)
		return -EPERM;
	preempt_disable();
	thread->arch.fs_base = value;
	if (thread == thread_current())
		write_fs_base(value);
	else
		thread->arch.loaded_on = 0;
	preempt_enable();
	return 0;
}

uintptr_t arch_get_thread_pointer(struct thread *thread)
{
	if (thread == thread_current())
		return read_fs_base();
	return thread->arch.fs_base;
}

int machine_set_gs_base(uintptr_t value)
{
	if (value >= USER_MAX)
		return -EPERM;
	preempt_disable();
	thread_current()->arch.gs_base = value;
	write_user_gs_base(machine_this_cpu(), value);
	preempt_enable();
	return 0;
}

uintptr_t machine_get_gs_base(void)
{
	return msr_read(MSR_KERNEL_GS_BASE);
}

static bool is_canonical(uint64_t address)
{
	return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

int machine_set_bases(struct thread *thread, uint64_t fs_base, uint64_t gs_base)
{
	unsigned long state;

	if (!is_canonical(fs_base) || !is_canonical(gs_base))
		return -EINVAL;
	state = arch_irq_save();
	thread->arch.fs_base = fs_base;
	thread->arch.gs_base = gs_base;
	thread->arch.loaded_on = 0;
	if (thread == thread_current()) {
		write_fs_base(fs_base);
		write_user_gs_base(machine_this_cpu(), gs_base);
	}
	arch_irq_restore(state);
	return 0;
}

void machine_get_bases(struct thread *thread, uint64_t *fs_base, uint64_t *gs_base)
{
	unsigned long state = arch_irq_save();
	bool current = thread == thread_current();

	*fs_base = current ? read_fs_base() : thread->arch.fs_base;
	*gs_base = current ? read_user_gs_base(machine_this_cpu()) : thread->arch.gs_base;
	arch_irq_restore(state);
}
