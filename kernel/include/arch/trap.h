/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: the upcalls. These functions are all that an architecture calls in the
 * kernel above it; who supplies each is noted.
 */
#pragma once

#include <base/types.h>

struct arch_registers;
struct thread;

enum fault_access {
	FAULT_READ = 0,
	FAULT_WRITE = 1 << 0,
	FAULT_EXECUTE = 1 << 1,
	FAULT_USER = 1 << 2,    /* the access came from user mode */
	FAULT_PRESENT = 1 << 3, /* a translation was there, but forbade it */
};

/* The faults of programs, neutral of the architecture. */
enum trap_kind {
	TRAP_DIVIDE,     /* SIGFPE, FPE_INTDIV */
	TRAP_FLOAT,      /* SIGFPE, floating point or SIMD */
	TRAP_OVERFLOW,   /* SIGSEGV */
	TRAP_BREAKPOINT, /* SIGTRAP */
	TRAP_STEP,       /* SIGTRAP */
	TRAP_INVALID,    /* SIGILL */
	TRAP_PROTECTION, /* SIGSEGV with no address */
	TRAP_STACK,      /* SIGBUS */
	TRAP_ALIGNMENT,  /* SIGBUS */
};

/* A page fault on a user address, from user mode or from a user copy; interrupts on, may
 * sleep. Returns 0 if the access may be tried again; else a negative errno (-EFAULT: not
 * mapped, -EACCES: mapping forbids it, -ENXIO: past the end of a file (SIGBUS), -ENOMEM).
 * For FAULT_USER it raises the signal itself and returns 0. Supplied by proc. */
int trap_page_fault(uintptr_t address, unsigned access);

/* Another exception in user mode; interrupts on. `address` is the program counter.
 * Supplied by proc. */
void trap_exception(enum trap_kind kind, uintptr_t address);

/* A system call; interrupts on. Supplied by proc. */
void trap_syscall(struct arch_registers *registers);

/* Just before user mode is entered, interrupts off, if the thread's user_work is set or a
 * reschedule is wanted (preempt_check() serves that); enables interrupts as it needs and returns
 * with them off. Supplied by proc. */
void trap_return_to_user(struct arch_registers *registers);

/* A device interrupt: `irq` as given to arch_irq_route(). Interrupts off. Supplied by irq. */
void trap_interrupt(unsigned irq);
/* The one-shot timer of this CPU. Interrupts off. Supplied by time. */
void trap_timer(void);
/* arch_send_wake() from another CPU. Interrupts off. Supplied by sched. */
void trap_wake(void);
/* Where a CPU was when something interrupted it. */
struct trap_place {
	uintptr_t program_counter, frame_pointer; /* of the kernel; 0: unknown */
	bool user;                                /* it was in a program */
	bool irq_enabled;
};
/* arch_send_nmi(), at any instruction, with a lock of any kind held perhaps: it writes only what
 * is its CPU's own. Supplied by sync. */
void trap_nmi(const struct trap_place *place);
/* Around every interrupt: depth accounting is the architecture's; on the way out of the
 * outermost one the architecture calls this with interrupts off if need_resched is set and
 * preempt_count is 0 and it returns to kernel mode. Supplied by sched. */
void trap_preempt(void);

/* The first thing that a new thread does: called from where its first arch_switch() lands, with
 * what that switch returned (the thread that ran before on this CPU), with interrupts off. The
 * architecture then enables interrupts, calls the thread's entry function and, should that
 * return, thread_exit(). Supplied by sched. */
void sched_thread_entered(struct thread *previous);
