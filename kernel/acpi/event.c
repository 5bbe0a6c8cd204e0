/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system control interrupt, by which the chipset tells of all events, and their start. */
#include "event_priv.h"

#include "acpi_priv.h"
#include "control.h"

#include <acpi/namespace.h>
#include <arch/irq.h>
#include <core/log.h>
#include <irq/irq.h>

#include <stdatomic.h>

#define ISA_LINES 16

static _Atomic bool woken_early; /* a wake event came since acpi_events_prepare_sleep() */

static bool serve_interrupt(struct irq_handler *handler)
{
	bool fixed = acpi_fixed_interrupt(), general = acpi_gpe_interrupt();

	(void)handler;
	return fixed || general;
}

static struct irq_handler interrupt = { .handle = serve_interrupt, .name = "acpi" };

/* It is level-triggered and low unless an override says otherwise (ACPI 6.5, 5.2.9, SCI_INT). */
static int connect_interrupt(unsigned line)
{
	bool level = true, active_low = true;
	unsigned gsi = line;

	if (line < ISA_LINES) {
		arch_irq_isa(line, &gsi, &level, &active_low);
		if (!level)
			active_low = true;
	}
	return irq_request(&interrupt, gsi, true, active_low);
}

static void start_chipset(void)
{
	int error;

	if (!acpi_control_take_over()) {
		log_warning("acpi", "firmware does not hand the chipset over: no events");
		return;
	}
	acpi_gpe_map();
	if (!acpi_fixed_map())
		log_info("acpi", "the chipset has no fixed events");
	error = connect_interrupt(acpi_fadt()->sci);
	if (error)
		log_warning("acpi", "interrupt %u cannot be used (error %d): no events",
			    acpi_fadt()->sci, -error);
}

void acpi_events_start(void)
{
	if (!acpi_fadt()->present || !acpi_aml())
		return;
	if (acpi_event_thread_start()) {
		log_error("acpi", "no memory for events");
		return;
	}
	if (!(acpi_fadt()->flags & ACPI_FADT_REDUCED)) {
		start_chipset();
		acpi_global_lock_start();
		acpi_events_rescan();
	}
	acpi_event_devices_start();
}

void acpi_events_set_woken(void)
{
	atomic_store(&woken_early, true);
}

bool acpi_events_woken(void)
{
	return atomic_load(&woken_early);
}

void acpi_events_prepare_sleep(unsigned state)
{
	atomic_store(&woken_early, false);
	acpi_fixed_sleep();
	acpi_gpe_sleep(state);
}

void acpi_events_resume(void)
{
	if (!(acpi_fadt()->flags & ACPI_FADT_REDUCED))
		(void)acpi_control_take_over();
	acpi_fixed_wake();
	acpi_gpe_wake();
}
