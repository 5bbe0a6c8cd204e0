/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: the machine state of a thread.
 *
 * <machine/thread.h> defines `struct arch_thread`, embedded in struct thread as `arch`, and
 * `struct arch_registers`, the user-mode registers as saved at the top of the kernel stack on
 * entry (also called the trap frame). Only kernel/arch and the per-architecture folders of
 * the ABIs look inside either. It also defines ARCH_NAME, what uname calls the machine, and
 * ARCH_ELF_MACHINE, the machine in the ELF header of its programs.
 */
#pragma once

#include <base/types.h>
#include <machine/thread.h>

struct thread;
struct trap_place;

#define KERNEL_STACK_SIZE (16 * 1024)

/* Prepares a new thread so that the first switch to it calls entry(argument) with
 * interrupts on. `stack` is the lowest address of its KERNEL_STACK_SIZE bytes. `user` threads
 * get a vector state of their own. -ENOMEM. */
int must_check arch_thread_init(struct thread *thread, void *stack, void (*entry)(void *argument),
				void *argument, bool user);
/* Gives the current thread, a kernel thread, a vector state of its own too, in its initial state;
 * one that has some keeps it. -ENOMEM. */
int must_check arch_thread_use_vectors(struct thread *thread);
/* Gives back what arch_thread_init() and arch_thread_use_vectors() allocated. */
void arch_thread_fini(struct thread *thread);

/* Saves `from`, makes `to` the CPU's current thread and continues it; returns in `from` when
 * somebody switches back. Returns the thread that ran before on this CPU. Interrupts off. */
struct thread *arch_switch(struct thread *from, struct thread *to);

/* Where the kernel code of a thread goes on that is off its CPU. */
void arch_thread_place(const struct thread *thread, struct trap_place *place);

/* The user registers of a thread that has ever been in user mode; for the current thread, or
 * for one that is stopped or new. */
struct arch_registers *arch_user_registers(struct thread *thread);

/* Leaves for user mode for the first time, or with new registers (exec). Interrupts any. */
_Noreturn void arch_enter_user(struct arch_registers *registers);

/* Registers of a fresh program: everything 0, but counter and stack pointer. */
void arch_registers_reset(struct arch_registers *registers, uintptr_t program_counter,
			  uintptr_t stack_pointer);
/* Prepares `child` (fresh) to return to user mode with a copy of `registers`, in which the
 * system call returns 0 and the stack pointer is `stack_pointer`; copies the vector state and
 * thread pointers of the current thread. */
void arch_thread_fork(struct thread *child, const struct arch_registers *registers,
		      uintptr_t stack_pointer);
/* Resets the current thread's vector state and thread pointers (exec). */
void arch_thread_reset(struct thread *thread);

/* The thread pointer register (fs base on x86_64). -EINVAL for one that the CPU refuses. */
int must_check arch_set_thread_pointer(struct thread *thread, uintptr_t value);
uintptr_t arch_get_thread_pointer(struct thread *thread);

/* System call number, arguments and result in a trap frame. */
static inline uint64_t arch_syscall_number(const struct arch_registers *registers);
static inline uint64_t arch_syscall_argument(const struct arch_registers *registers,
					     unsigned index);
/* Sets what the function that fresh registers begin in gets as argument `index` (0 .. 2). */
static inline void arch_set_argument(struct arch_registers *registers, unsigned index,
				     uint64_t value);
static inline void arch_set_result(struct arch_registers *registers, int64_t result);
static inline int64_t arch_get_result(const struct arch_registers *registers);
static inline uintptr_t arch_program_counter(const struct arch_registers *registers);
static inline uintptr_t arch_stack_pointer(const struct arch_registers *registers);
/* Arranges that the system call instruction, whose number was `number`, runs again. */
static inline void arch_restart_syscall(struct arch_registers *registers, uint64_t number);

/* Whether user mode traps (TRAP_STEP) after each instruction. */
static inline void arch_set_single_step(struct arch_registers *registers, bool on);
/* After TRAP_BREAKPOINT: the program counter is that of the breakpoint again. */
static inline void arch_undo_breakpoint(struct arch_registers *registers);

#include <machine/registers.h>
