/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first C code in the high half, on the boot CPU; and the platform's set-up. */
#include "start.h"

#include "apic.h"
#include "boot/boot.h"
#include "idt.h"
#include "interrupts.h"
#include "machine_cpu.h"
#include "smp.h"
#include "timer.h"

#include <arch/boot.h>
#include <arch/mmu.h>
#include <arch/platform.h>

_Noreturn void machine_start(uint64_t boot_info_physical)
{
	machine_timer_set_epoch(machine_boot_map.entry_cycles);
	machine_serial_init();
	machine_idt_init();
	machine_cpu_setup(&machine_boot_cpu, 0);
	machine_suspend_init(phys_to_virt(boot_info_physical));
	kernel_main(phys_to_virt(boot_info_physical));
}

void arch_boot_layout(struct arch_boot_layout *layout)
{
	layout->image_base = machine_boot_map.physical_base;
	layout->image_size = (uint64_t)(kernel_image_end - kernel_image_start);
	layout->image_virtual = (uintptr_t)kernel_image_start;
	layout->tables_base = machine_boot_map.tables_base;
	layout->tables_size = machine_boot_map.tables_size;
	/* BIOS data, the trampoline of other CPUs, and where they may go astray. */
	layout->low_reserved = MACHINE_STRAY_PAGE + PAGE_SIZE;
	layout->boot_stack = boot_stack;
}

void arch_platform_init(const struct platform *platform)
{
	machine_apic_init(platform->local_controller_base);
	machine_interrupts_init(platform);
	machine_smp_init(platform);
	machine_timer_init(platform);
}
