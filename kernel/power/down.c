/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine goes down: programs stand still, file systems and devices write what they hold, firmware is
 * told, and then it is switched off or restarted. Nothing here waits for ever, and what does not do its
 * part is left behind.
 */
#include <power/power.h>

#include <acpi/sleep.h>
#include <arch/cpu.h>
#include <core/log.h>
#include <dev/dev.h>
#include <fs/mount.h>
#include <proc/freeze.h>
#include <sched/thread.h>
#include <sync/cpu.h>
#include <time/clock.h>

#include <stdatomic.h>

#define OFF_STATE          5 /* ACPI's S5 */
#define FREEZE_PATIENCE_NS (5 * NS_PER_SECOND)

static const char *const names[] = {
	[POWER_OFF] = "the machine is switched off",
	[POWER_RESTART] = "the machine restarts",
	[POWER_HALT] = "the machine is halted",
};

/* The last steps: nothing else runs any more. */
static _Noreturn void end(enum power_target target)
{
	preempt_disable();
	arch_stop_other_cpus();
	arch_irq_disable();
	if (target == POWER_OFF) {
		if (acpi_sleep_enter(OFF_STATE))
			arch_power_off();
	} else if (target == POWER_RESTART) {
		arch_reset();
	}
	if (target != POWER_HALT)
		log_error("power", "that is not possible: the machine is halted");
	arch_halt();
}

void power_down(enum power_target target)
{
	static _Atomic bool begun;

	while (atomic_exchange(&begun, true))
		thread_sleep_until(DEADLINE_NEVER);
	log_notice("power", "%s", names[target]);
	if (programs_freeze(clock_deadline_after(FREEZE_PATIENCE_NS)))
		log_warning("power", "some programs do not stand still");
	file_systems_end();
	devices_shut_down();
	if (target == POWER_OFF && acpi_sleep_prepare(OFF_STATE))
		log_info("power", "firmware is not told that the machine is switched off");
	end(target);
}
