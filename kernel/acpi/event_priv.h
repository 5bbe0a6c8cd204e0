/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files that serve events. */
#pragma once

#include "register.h"

#include <acpi/device.h>
#include <acpi/event.h>
#include <sync/spinlock.h>
#include <time/clock.h>

/* More events than that in a second are a storm. A method takes its time, so those that cannot be
 * appeased come less often than what a driver serves. */
#define ACPI_STORM_METHOD  1000
#define ACPI_STORM_HANDLER 20000

/* Counts what comes, to know a storm. Under event_lock. */
struct acpi_rate {
	uint64_t count; /* of all */
	uint64_t window_start;
	uint32_t window_count;
};

/* Counts one more; true: more than `limit` in a second. */
static inline bool acpi_rate_exceeds(struct acpi_rate *rate, uint32_t limit)
{
	uint64_t now = clock_monotonic_ns();

	rate->count++;
	if (now - rate->window_start >= NS_PER_SECOND) {
		rate->window_start = now;
		rate->window_count = 0;
	}
	return ++rate->window_count > limit;
}

/* Guards the states of all events and the enable registers. RANK_LEAF. */
extern struct spinlock acpi_event_lock;

/* GPEs (gpe.c): maps the blocks; disables and clears all. */
void acpi_gpe_map(void);
/* Serves what has come; false: nothing. Of the interrupt's handler. */
bool acpi_gpe_interrupt(void);
/* Has firmware's method for the event run when it comes; a second one is refused, with a line in the log.
 * True: it is kept, and must stay held until acpi_gpe_forget_method(), which is called in the thread only. */
bool acpi_gpe_set_method(unsigned gpe, bool edge, struct aml_node *method);
struct aml_node *acpi_gpe_method(unsigned gpe); /* NULL: none */
void acpi_gpe_forget_method(unsigned gpe);
/* The event can wake the machine from states up to `deepest`; `node` is told when it did. With `runtime`,
 * it is of use while the machine is awake, too. */
void acpi_gpe_set_wake(unsigned gpe, struct aml_node *node, unsigned deepest, bool runtime);
/* Enables the events that have methods and are not for waking only. */
void acpi_gpe_enable_methods(void);
/* The next event whose method is to run, with it; false: none. acpi_gpe_done() follows. */
bool acpi_gpe_take(unsigned *gpe, struct aml_node **method);
/* Only those that wake from the state stay enabled (0: as before). Those that had come by then, of the
 * devices that woke the machine, are counted and their devices told. */
void acpi_gpe_sleep(unsigned state);
void acpi_gpe_wake(void);

/* Fixed events (fixed.c). */
bool acpi_fixed_map(void);
bool acpi_fixed_interrupt(void);
void acpi_fixed_sleep(void);
void acpi_fixed_wake(void);
uint64_t acpi_fixed_count(unsigned event);

/* A wake event came while the machine was on its way to sleep. */
void acpi_events_set_woken(void);

/* Connects the interrupts of generic event devices (event_device.c). */
void acpi_event_devices_start(void);

/* The thread (event_thread.c). */
int must_check acpi_event_thread_start(void);
/* Something is to be done. Any context. */
void acpi_event_thread_wake(void);

/* Connects the event that says that the global lock came free (global_lock.c). */
void acpi_global_lock_start(void);
