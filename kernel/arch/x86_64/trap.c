/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dispatches exceptions and interrupts, and decides what an exception in the kernel means: a
 * user copy that goes wrong continues at its fix-up, everything else is a panic.
 */
#include "apic.h"
#include "cpuid.h"
#include "idt.h"
#include "image.h"
#include "interrupts.h"
#include "machine_cpu.h"
#include "nmi.h"
#include "smp.h"

#include <arch/thread.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <core/log.h>
#include <core/panic.h>
#include <machine/layout.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>
#include <trace/trace.h>

#define RFLAGS_TRAP         0x100
#define RFLAGS_INTERRUPT    0x200
#define FAULT_CODE_PRESENT  1
#define FAULT_CODE_WRITE    2
#define FAULT_CODE_USER     4
#define FAULT_CODE_RESERVED 8 /* a bit of an entry that must be 0 */
#define FAULT_CODE_FETCH    16

void machine_trap(struct arch_registers *registers);
void machine_prepare_user(struct arch_registers *registers);

static bool from_user(const struct arch_registers *registers)
{
	return registers->cs & 3;
}

static void report_registers(const void *state)
{
	const struct arch_registers *r = state;

	log_error("trap", "rip %016lx  rsp %016lx  rflags %08lx  cs %lx", r->rip, r->rsp, r->rflags,
		  r->cs);
	log_error("trap", "rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx", r->rax, r->rbx, r->rcx,
		  r->rdx);
	log_error("trap", "rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx", r->rsi, r->rdi, r->rbp,
		  r->r8);
	log_error("trap", "r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx", r->r9, r->r10, r->r11,
		  r->r12);
	log_error("trap", "r13 %016lx  r14 %016lx  r15 %016lx  cr2 %016lx", r->r13, r->r14, r->r15,
		  cr2_read());
}

static _Noreturn void panic_on(const struct arch_registers *registers, const char *what)
{
	bool user = from_user(registers);
	const struct panic_origin origin = {
		.program_counter = registers->rip,
		.frame_pointer = user ? 0 : registers->rbp,
		.report = report_registers,
		.state = registers,
	};

	panic_at(&origin, "%s in %s (error code %lx, address %lx)", what,
		 user ? "a program" : "the kernel", registers->error_code, cr2_read());
}

/* Sends an exception in a user copy to its fix-up, with -EFAULT in rax. */
static bool fix_up(struct arch_registers *registers)
{
	const struct machine_exception *entry = machine_exceptions_start;

	for (; entry < machine_exceptions_end; entry++) {
		if ((uintptr_t)&entry->instruction + (uintptr_t)(intptr_t)entry->instruction ==
		    registers->rip) {
			registers->rip =
				(uintptr_t)&entry->fixup + (uintptr_t)(intptr_t)entry->fixup;
			registers->rax = (uint64_t)-EFAULT;
			return true;
		}
	}
	return false;
}

static bool has_fix_up(const struct arch_registers *registers)
{
	struct arch_registers copy = *registers;

	return fix_up(&copy);
}

static unsigned fault_access(uint64_t code)
{
	unsigned access = FAULT_READ;

	if (code & FAULT_CODE_WRITE)
		access |= FAULT_WRITE;
	if (code & FAULT_CODE_FETCH)
		access |= FAULT_EXECUTE;
	if (code & FAULT_CODE_USER)
		access |= FAULT_USER;
	if (code & FAULT_CODE_PRESENT)
		access |= FAULT_PRESENT;
	return access;
}

static void page_fault(struct arch_registers *registers)
{
	uintptr_t address = cr2_read();
	bool copying;

	if (registers->error_code & FAULT_CODE_RESERVED)
		panic_on(registers, "damaged page tables");
	if (from_user(registers)) {
		arch_irq_enable();
		/* An access that the processor makes as the kernel for an instruction of user mode
		 * (far returns, in QEMU) cannot be served: SMAP would forbid it again. */
		if (registers->error_code & FAULT_CODE_USER)
			(void)trap_page_fault(address, fault_access(registers->error_code));
		else
			trap_exception(TRAP_PROTECTION, registers->rip);
		arch_irq_disable();
		return;
	}
	copying = address < USER_MAX && has_fix_up(registers);
	if (copying && (registers->rflags & RFLAGS_INTERRUPT) && !in_atomic_context()) {
		int error;

		arch_irq_enable();
		error = trap_page_fault(address, fault_access(registers->error_code));
		arch_irq_disable();
		if (!error)
			return;
	}
	if (copying && fix_up(registers))
		return;
	panic_on(registers, "page fault");
}

/* A kernel stack that ran into its guard page leaves no room to push the page fault's frame: it
 * becomes a double fault, with the address in cr2 still. */
static _Noreturn void double_fault(const struct arch_registers *registers)
{
	panic_on(registers,
		 kernel_stack_guard_hit(cr2_read()) ? "kernel stack overflow" : "double fault");
}

static bool user_trap(unsigned vector, enum trap_kind *kind)
{
	switch (vector) {
	case VECTOR_DIVIDE:
		*kind = TRAP_DIVIDE;
		return true;
	case VECTOR_DEBUG:
		*kind = TRAP_STEP;
		return true;
	case VECTOR_BREAKPOINT:
		*kind = TRAP_BREAKPOINT;
		return true;
	case VECTOR_OVERFLOW:
	case VECTOR_BOUND:
		*kind = TRAP_OVERFLOW;
		return true;
	case VECTOR_INVALID:
		*kind = TRAP_INVALID;
		return true;
	case VECTOR_STACK:
		*kind = TRAP_STACK;
		return true;
	case VECTOR_PROTECTION:
		*kind = TRAP_PROTECTION;
		return true;
	case VECTOR_FLOAT:
	case VECTOR_SIMD:
		*kind = TRAP_FLOAT;
		return true;
	case VECTOR_ALIGNMENT:
		*kind = TRAP_ALIGNMENT;
		return true;
	default:
		return false;
	}
}

static void exception(struct arch_registers *registers)
{
	unsigned vector = (unsigned)registers->vector;
	enum trap_kind kind;

	if (vector == VECTOR_PAGE_FAULT) {
		page_fault(registers);
	} else if (vector == VECTOR_NMI) {
		machine_handle_nmi(registers);
	} else if (vector == VECTOR_DOUBLE_FAULT) {
		double_fault(registers);
	} else if (from_user(registers) && user_trap(vector, &kind)) {
		arch_irq_enable();
		trap_exception(kind, registers->rip);
		arch_irq_disable();
	} else if (vector == VECTOR_DEBUG) {
		/* A single step that a program left pending over its way into the kernel. */
		registers->rflags &= ~(uint64_t)RFLAGS_TRAP;
	} else if (from_user(registers) || !fix_up(registers)) {
		static const char *const names[VECTOR_EXCEPTIONS] = {
			[VECTOR_DIVIDE] = "division by zero",
			[VECTOR_DEBUG] = "debug exception",
			[VECTOR_INVALID] = "invalid instruction",
			[VECTOR_PROTECTION] = "protection fault",
			[VECTOR_STACK] = "stack fault",
			[VECTOR_MACHINE_CHECK] = "machine check",
		};

		panic_on(registers, names[vector] ? names[vector] : "exception");
	}
}

static void interrupt(unsigned vector)
{
	switch (vector) {
	case VECTOR_WAKE:
		machine_apic_end_of_interrupt();
		trace_ipi(TRACE_IPI_WAKE_RECEIVED, TRACE_CPU_UNKNOWN);
		trap_wake();
		break;
	case VECTOR_CALL:
		trace_ipi(TRACE_IPI_CALL_RECEIVED, TRACE_CPU_UNKNOWN);
		machine_handle_call();
		machine_apic_end_of_interrupt();
		break;
	case VECTOR_TIMER:
		machine_apic_end_of_interrupt();
		trap_timer();
		break;
	case VECTOR_SPURIOUS:
		break;
	default:
		machine_device_interrupt(vector);
		break;
	}
}

static void serve_interrupt(struct machine_cpu *cpu, const struct arch_registers *registers)
{
	const struct arch_registers *outer = cpu->interrupted;

	cpu->cpu.irq_depth++;
	cpu->interrupted = registers;
	interrupt((unsigned)registers->vector);
	cpu->interrupted = outer;
	cpu->cpu.irq_depth--;
}

/* From entry.S, interrupts off. */
void machine_trap(struct arch_registers *registers)
{
	struct cpu *cpu = arch_this_cpu();
	if (registers->vector < VECTOR_EXCEPTIONS) {
		exception(registers);
		return;
	}
	serve_interrupt(machine_this_cpu(), registers);
	if (!from_user(registers) && cpu->irq_depth == 0 && arch_preempt_wanted())
		trap_preempt();
}

/* From entry.S on every way to user mode, interrupts off. A program counter that is not
 * canonical would make iret fault in ring 0 with the user's gs base: it is the program's fault
 * here already. */
void machine_prepare_user(struct arch_registers *registers)
{
	for (;;) {
		while (thread_current()->user_work || arch_preempt_wanted())
			trap_return_to_user(registers);
		if (registers->rip < USER_MAX)
			return;
		arch_irq_enable();
		trap_exception(TRAP_PROTECTION, registers->rip);
		arch_irq_disable();
	}
}
