/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The upcalls of the architecture (arch/trap.h) that concern programs. */
#include "trap.h"
#include "debugger.h"
#include "out_of_memory.h"
#include "process_private.h"

#include <arch/thread.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <proc/personality.h>
#include <proc/process.h>
#include <sched/account.h>
#include <trace/trace.h>

#define RECLAIM_FRAMES 64 /* taken from caches when a page fault finds no memory */

static void raise_fault(int signal, int code, uintptr_t address)
{
	struct signal_info info = { .signal = signal, .code = code, .address = address };

	signal_force(&info);
}

/* What Linux calls a bus error. */
static int memory_fault_signal(void)
{
	int signal = process_current()->personality->memory_fault;

	return signal ? signal : SIGBUS;
}

static void raise_page_fault(int error, uintptr_t address)
{
	struct process *process = process_current();

	switch (error) {
	case -EACCES:
		raise_fault(SIGSEGV, SIGNAL_SEGV_ACCESS, address);
		break;
	case -ENXIO:
	case -EIO:
		raise_fault(memory_fault_signal(), SIGNAL_BUS_ADDRESS, address);
		break;
	case -ENOMEM:
		log_warning("proc", "out of memory: %s[%u] is killed", process->name, process->pid);
		raise_fault(SIGKILL, SIGNAL_KERNEL, address);
		break;
	default:
		raise_fault(SIGSEGV, SIGNAL_SEGV_UNMAPPED, address);
		break;
	}
}

static int serve_page_fault(uintptr_t address, unsigned access)
{
	struct aspace *aspace = aspace_current();
	int error;

	if (!aspace)
		return -EFAULT;
	trace_fault_enter(address, access);
	do
		error = aspace_fault(aspace, address, access);
	while (error == -ENOMEM && frame_reclaim(RECLAIM_FRAMES));
	trace_fault_leave(address, error);
	if (!error) {
		process_current()->page_faults++;
		return 0;
	}
	if (!(access & FAULT_USER))
		return error;
	if (error == -ENOMEM && out_of_memory_relieve())
		return 0;
	raise_page_fault(error, address);
	return 0;
}

int trap_page_fault(uintptr_t address, unsigned access)
{
	int error;

	/* Those of the kernel's user copies are part of a system call's time. */
	if (!(access & FAULT_USER))
		return serve_page_fault(address, access);
	account_kernel_enter();
	error = serve_page_fault(address, access);
	account_kernel_leave();
	return error;
}

/* True: no fault of the program's. */
static bool is_for_debugger(struct user_thread *self, enum trap_kind kind)
{
	bool stepped = kind == TRAP_STEP && self->stepping;

	if (stepped) {
		self->stepping = false;
		arch_set_single_step(arch_user_registers(&self->thread), false);
	}
	/* A debugger that wanted a step may have left since. */
	return (process_is_debugged(self->process) && debugger_exception(self, kind)) || stepped;
}

void trap_exception(enum trap_kind kind, uintptr_t address)
{
	static const struct {
		int signal, code;
		bool has_address;
	} faults[] = {
		[TRAP_DIVIDE] = { SIGFPE, SIGNAL_FPE_DIVIDE, true },
		[TRAP_FLOAT] = { SIGFPE, SIGNAL_FPE_FLOAT, true },
		[TRAP_OVERFLOW] = { SIGSEGV, SIGNAL_KERNEL, false },
		[TRAP_BREAKPOINT] = { SIGTRAP, SIGNAL_KERNEL, false },
		[TRAP_STEP] = { SIGTRAP, SIGNAL_TRAP_STEP, true },
		[TRAP_INVALID] = { SIGILL, SIGNAL_ILL_OPCODE, true },
		[TRAP_PROTECTION] = { SIGSEGV, SIGNAL_KERNEL, false },
		[TRAP_STACK] = { 0, SIGNAL_KERNEL, false },
		[TRAP_ALIGNMENT] = { SIGBUS, SIGNAL_BUS_ALIGNMENT, false },
	};
	int signal = faults[kind].signal ? faults[kind].signal : memory_fault_signal();

	account_kernel_enter();
	if (!is_for_debugger(user_thread_current(), kind))
		raise_fault(signal, faults[kind].code, faults[kind].has_address ? address : 0);
	account_kernel_leave();
}

void trap_syscall(struct arch_registers *registers)
{
	struct user_thread *self = user_thread_current();

	credentials_refresh(self);
	self->syscall_number = arch_syscall_number(registers);
	self->in_syscall = true;
	account_kernel_enter();
	trace_syscall_enter(self->syscall_number);
	self->process->serve(registers);
	trace_syscall_leave(self->syscall_number, arch_get_result(registers));
	account_kernel_leave();
	if (self->in_syscall && !signal_is_restart(arch_get_result(registers)))
		self->in_syscall = false;
	/* A mask to be put back, or a call to be restarted, is work even without a signal. */
	if (self->in_syscall || self->restore_mask)
		thread_set_user_work(&self->thread);
}

void trap_return_to_user(struct arch_registers *registers)
{
	struct thread *thread = thread_current();

	while (thread->user_work || arch_preempt_wanted()) {
		arch_irq_enable();
		if (arch_preempt_wanted())
			preempt_check();
		if (thread->user_work) {
			thread->user_work = false;
			if (program_is_frozen() && !process_current()->service)
				program_freeze_here();
			signal_deliver(registers);
		}
		arch_irq_disable();
	}
}
