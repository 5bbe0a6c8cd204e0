/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping with memory kept (ACPI 6.5, 16.3): firmware starts the boot CPU as at reset, and jumps to the
 * wake vector in real mode. There is the trampoline of starting CPUs, which comes back to the stack of
 * arch_suspend(). What devices were told they have to be told again.
 *
 * Where QEMU loaded the kernel, it does so again when it resets the machine in order to wake it: the image
 * in memory is as on the day it was built then. So it is copied to somewhere else last thing before the
 * machine sleeps, and the trampoline, which lies elsewhere as well as the page tables, copies it back.
 */
#include <arch/suspend.h>

#include "apic.h"
#include "boot/boot.h"
#include "context.h"
#include "image.h"
#include "interrupts.h"
#include "machine_cpu.h"
#include "pmap.h"
#include "smp.h"
#include "start.h"
#include "timer.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/kernel_map.h>
#include <native/boot_info.h>
#include <sync/cpu.h>

/* The boot CPU's, while it sleeps. */
static uint64_t saved_stack;
static bool woken; /* by way of the trampoline */
static bool image_is_loaded_again;
static void *image_copy; /* NULL: none is needed */

void machine_suspend_init(const struct boot_info *info)
{
	image_is_loaded_again = !memcmp(info->loader, "pvh", sizeof("pvh"));
}

static size_t image_size(void)
{
	return align_up((size_t)(kernel_image_end - kernel_image_start), PAGE_SIZE);
}

int arch_suspend_prepare(void)
{
	if (!image_is_loaded_again)
		return 0;
	image_copy = kernel_vmalloc(image_size());
	return image_copy ? 0 : -ENOMEM;
}

void arch_suspend_finish(void)
{
	kernel_vfree(image_copy);
	image_copy = NULL;
}

phys_t arch_wake_address(void)
{
	return MACHINE_TRAMPOLINE_PAGE;
}

/* The first C code after waking. */
static void wake(void *argument)
{
	woken = true;
	machine_cpu_load(argument);
	machine_flush_all();
	machine_context_resume(saved_stack);
}

struct entry {
	int (*enter)(void *argument);
	void *argument;
};

/* A CPU that goes there halts until it is started in earnest. */
static void catch_strays(void)
{
	static const uint8_t code[] = { 0xfa, 0xf4, 0xeb, 0xfd }; /* cli; hlt; jmp to the hlt */

	memcpy(phys_to_virt(MACHINE_STRAY_PAGE), code, sizeof(code));
}

/* Below machine_context_call(), so that the stack pointer is known. */
static int enter(void *argument)
{
	const struct entry *entry = argument;

	catch_strays();
	machine_trampoline_prepare(machine_context_stack(saved_stack), wake, machine_this_cpu());
	if (image_copy) {
		void *image = phys_to_virt(machine_boot_map.physical_base);

		machine_trampoline_copy(image, image_copy, image_size());
		memcpy(image_copy, image, image_size());
	}
	return entry->enter(entry->argument);
}

/* Whatever the FADT's flags say of it: all processors of this architecture have it. */
void arch_flush_caches(void)
{
	asm volatile("wbinvd" : : : "memory");
}

/* They are offline, but the last of them may be on its way to where it halts. */
static void wait_for_others(void)
{
	for (unsigned id = 1; id < cpu_count(); id++) {
		while (!machine_cpu_has_parked(id))
			arch_cpu_relax();
	}
}

int arch_suspend(int (*enter_function)(void *argument), void *argument)
{
	struct entry entry = { enter_function, argument };
	int error;

	debug_assert(!arch_irq_enabled() && cpu_id() == 0);
	woken = false;
	wait_for_others();
	machine_thread_put_away();
	machine_interrupts_save();
	machine_timer_suspend();
	error = machine_context_call(&saved_stack, enter, &entry);
	if (woken)
		machine_timer_resume();
	machine_trampoline_done();
	machine_thread_bring_back();
	return error;
}

void arch_resume_platform(void)
{
	if (woken) {
		machine_serial_init();
		machine_apic_enable();
		machine_timer_start_cpu();
		machine_interrupts_restore();
		for (unsigned id = 1; id < cpu_count(); id++)
			arch_cpu_lost(id);
	}
	/* What is due by now sees to what is next. */
	arch_timer_arm(0);
}
