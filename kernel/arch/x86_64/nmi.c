/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Non-maskable interrupts: they ask CPUs what they do, and stop them.
 *
 * The handler may come between any two instructions of the kernel: it takes no lock and touches
 * nothing that could fault, for the return from an exception inside it would let a second NMI in,
 * onto the same stack. The CPU keeps others back until it returns (Intel SDM volume 3, 6.7.1).
 */
#include "nmi.h"

#include "apic.h"
#include "machine_cpu.h"
#include "smp.h"

#include <arch/cpu.h>
#include <arch/thread.h>
#include <arch/trap.h>

#include <stdatomic.h>

static _Atomic bool stopping;

static struct trap_place place_of(const struct arch_registers *registers)
{
	bool user = registers->cs & 3;

	return (struct trap_place){
		.program_counter = user ? 0 : registers->rip,
		.frame_pointer = user ? 0 : registers->rbp,
		.user = user,
		.irq_enabled = registers->rflags & MACHINE_FLAG_INTERRUPT,
	};
}

bool arch_interrupted_place(struct trap_place *place)
{
	const struct arch_registers *registers = machine_this_cpu()->interrupted;

	if (!registers)
		return false;
	*place = place_of(registers);
	return true;
}

void arch_halt(void)
{
	for (;;)
		asm volatile("cli; hlt");
}

void machine_handle_nmi(const struct arch_registers *registers)
{
	struct trap_place place = place_of(registers);

	trap_nmi(&place);
	if (atomic_load(&stopping))
		arch_halt();
}

void arch_send_nmi(unsigned id)
{
	machine_apic_send_nmi(machine_apic_id_of(id));
}

void arch_stop_other_cpus(void)
{
	unsigned self = cpu_id();

	if (atomic_exchange(&stopping, true))
		return;
	for (unsigned id = 0; id < cpu_count(); id++) {
		if (id != self)
			arch_send_nmi(id);
	}
}
