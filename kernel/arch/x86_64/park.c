/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs that are out of service: they halt with interrupts off, in the kernel's own tables, and
 * an NMI ends that. It does on every PC, needs nothing from firmware, and unlike INIT leaves the
 * CPU's state alone; an interrupt that still comes waits in the local APIC.
 *
 * A CPU may lose its state meanwhile: it is taken out of the machine and put back, or the machine
 * sleeps. What it needs to go on is on its stack, and the trampoline brings it back to that.
 *
 * A parked CPU serves no calls, and others do not wait for it: whoever called it just before it
 * said that it parks finds that out while he waits. What the calls were about, stale
 * translations, is gone when it returns: it flushes them all, after others call it again.
 */
#include "apic.h"
#include "context.h"
#include "machine_cpu.h"
#include "pmap.h"
#include "smp.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/suspend.h>
#include <core/panic.h>

#include <stdatomic.h>

/* CPUs, a bit each. */
static _Atomic uint64_t
	parked; /* each sets and clears its own; others set it of one that is to come */
static _Atomic uint64_t halted; /* parked, with their context saved; each sets and clears its own */
static _Atomic uint64_t unparked; /* told to come back; each clears its own */
static _Atomic uint64_t lost;     /* must be started anew for that; whoever unparks clears it */

uint64_t machine_cpus_parked(void)
{
	return atomic_load(&parked);
}

bool arch_irq_pending(void)
{
	return machine_apic_interrupt_requested();
}

/* An NMI keeps others out until the next iret, which need not have come yet if it hit a program
 * whose thread then lost the CPU. So this is one, to the next instruction. */
static void allow_nmis(void)
{
	asm volatile("movq %%rsp, %%rax\n\t"
		     "pushq %0\n\t"
		     "pushq %%rax\n\t"
		     "pushfq\n\t"
		     "pushq %1\n\t"
		     "leaq 1f(%%rip), %%rax\n\t"
		     "pushq %%rax\n\t"
		     "iretq\n"
		     "1:"
		     :
		     : "i"(SELECTOR_KERNEL_DATA), "i"(SELECTOR_KERNEL_CODE)
		     : "rax", "memory");
}

/* An NMI between the look and the halt ends nothing, but there is another one soon. */
static int halt_until_wanted(void *unused)
{
	uint64_t self = 1ull << cpu_id();

	(void)unused;
	allow_nmis();
	/* A call that is left over from last time ends this before it is a rest. */
	while (!(atomic_load(&unparked) & self)) {
		/* It may lose power from here on. */
		arch_flush_caches();
		atomic_fetch_or(&halted, self);
		asm volatile("hlt" : : : "memory");
	}
	return 0;
}

bool machine_cpu_has_parked(unsigned id)
{
	/* A write, which takes the line out of the cache of the one that halts. */
	return atomic_fetch_or(&halted, 0) >> id & 1;
}

void machine_park_set(unsigned id)
{
	atomic_fetch_or(&parked, 1ull << id);
}

void machine_park_leave(void)
{
	uint64_t self = 1ull << cpu_id();

	atomic_fetch_and(&unparked, ~self);
	atomic_fetch_and(&halted, ~self);
	atomic_fetch_and(&parked, ~self);
	machine_forget_calls();
	machine_flush_all();
}

void arch_cpu_park(void)
{
	arch_pmap_switch(NULL);
	arch_timer_arm(UINT64_MAX);
	machine_park_set(cpu_id());
	machine_forget_calls();
	(void)machine_context_call(&machine_this_cpu()->parked_context, halt_until_wanted, NULL);
	machine_park_leave();
}

bool arch_cpu_has_parked(unsigned id)
{
	return machine_cpu_has_parked(id);
}

void arch_cpu_lost(unsigned id)
{
	/* INIT sends the boot CPU to the firmware. */
	assert(id != 0 && machine_cpu_has_parked(id));
	atomic_fetch_or(&lost, 1ull << id);
}

/* From the trampoline, on the stack that the CPU parked on. */
static void come_back(void *argument)
{
	struct machine_cpu *cpu = argument;

	machine_smp_arrived();
	machine_cpu_load(cpu);
	machine_smp_started();
	machine_context_resume(cpu->parked_context);
}

static void start_anew(unsigned id)
{
	struct machine_cpu *cpu = container_of(cpu_get(id), struct machine_cpu, cpu);

	if (machine_smp_restart(id, machine_context_stack(cpu->parked_context), come_back, cpu))
		atomic_fetch_and(&lost, ~(1ull << id));
}

void arch_cpu_unpark(unsigned id)
{
	atomic_fetch_or(&unparked, 1ull << id);
	if (atomic_load(&lost) >> id & 1)
		start_anew(id);
	else
		machine_apic_send_nmi(machine_apic_id_of(id));
}
