/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events of the chipset (ACPI 6.5, 4.8.4 and 5.6): the system control interrupt, fixed events, and general
 * purpose events with firmware's methods _Lxx and _Exx or a handler of the kernel's.
 */
#pragma once

#include <base/types.h>

enum acpi_fixed_event { /* bits of the PM1 status register */
			ACPI_EVENT_TIMER = 0,
			ACPI_EVENT_GLOBAL_LOCK = 5,
			ACPI_EVENT_POWER_BUTTON = 8,
			ACPI_EVENT_SLEEP_BUTTON = 9,
			ACPI_EVENT_CLOCK_ALARM = 10,
};

/* Looks for methods and wake events again, after a table was loaded. Thread context. */
void acpi_events_rescan(void);

/* The global lock, which keeps firmware out of what it shares with the system: true if it is held now.
 * Within the system any number may hold it, each to release it once: among themselves they have locks of
 * their own. Any context. */
bool acpi_global_lock(bool acquire);

/* Takes the chipset over from firmware (SMI_CMD), disables and clears all events, connects the interrupt,
 * and enables the events that have methods and are not for waking only. Called by acpi_start(), after
 * names are initialised. */
void acpi_events_start(void);

/* Has `handle` called in interrupt context when the fixed event comes, and enables it; NULL: disables it.
 * -ENODEV: this machine has it not (hardware-reduced, or flagged as a control-method button). */
int must_check acpi_fixed_event_connect(enum acpi_fixed_event event, void (*handle)(void *argument),
					void *argument);

/* Takes general purpose event `gpe` from firmware's method. `handle` runs in interrupt context with the
 * event masked; acpi_gpe_done() unmasks it, in any context. -ENODEV (no such event), -EBUSY. */
int must_check acpi_gpe_connect(unsigned gpe, bool edge, void (*handle)(void *argument),
				void *argument);
void acpi_gpe_done(unsigned gpe);
void acpi_gpe_disconnect(unsigned gpe);
/* How often event `gpe` came; fixed events count from ACPI_GPE_MAX up. */
#define ACPI_GPE_MAX 256
uint64_t acpi_event_count(unsigned event);

/* Has `function` run in the thread that runs firmware's methods for events, "acpi events" (an embedded
 * controller's _Qxx). As acpi_job_queue(), any context. */
struct acpi_job;
void acpi_event_job_queue(struct acpi_job *job);

/* For sleep states: leaves enabled only what wakes from state `state` (by _PRW, and the buttons), and
 * clears what is pending; puts all back as it was. */
void acpi_events_prepare_sleep(unsigned state);
void acpi_events_resume(void);
/* True if a wake event came since acpi_events_prepare_sleep(): the machine should not sleep now. */
bool acpi_events_woken(void);
/* True while the chipset holds a wake status (WAK_STS); clears it. */
bool acpi_events_take_wake_status(void);
