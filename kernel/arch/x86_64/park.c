/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs that are out of service: they halt with interrupts off, in the kernel's own tables, and
 * an NMI ends that. It does on every PC, needs nothing from firmware, and unlike INIT leaves the
 * CPU's state alone; an interrupt that still comes waits in the local APIC.
 *
 * A parked CPU serves no calls, and others do not wait for it: whoever called it just before it
 * said that it parks finds that out while he waits. What the calls were about, stale
 * translations, is gone when it returns: it flushes them all, after others call it again.
 */
#include "apic.h"
#include "machine_cpu.h"
#include "pmap.h"
#include "smp.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>

#include <stdatomic.h>

/* CPUs, a bit each. */
static _Atomic uint64_t parked;   /* each sets and clears its own */
static _Atomic uint64_t unparked; /* told to come back; each clears its own */

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

void arch_cpu_park(void)
{
	uint64_t self = 1ull << cpu_id();

	arch_pmap_switch(NULL);
	arch_timer_arm(UINT64_MAX);
	atomic_fetch_or(&parked, self);
	machine_forget_calls();
	allow_nmis();
	/* An NMI between the look and the halt ends nothing, but there is another one soon. */
	while (!(atomic_load(&unparked) & self))
		asm volatile("hlt" : : : "memory");
	atomic_fetch_and(&unparked, ~self);
	atomic_fetch_and(&parked, ~self);
	machine_forget_calls();
	machine_flush_all();
}

void arch_cpu_unpark(unsigned id)
{
	atomic_fetch_or(&unparked, 1ull << id);
	machine_apic_send_nmi(machine_apic_id_of(id));
}
