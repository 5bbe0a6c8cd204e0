/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep states as firmware knows them (ACPI 6.5, 7.4 and 16.1): which there are, and the last steps into
 * them. Who wants to switch off or suspend the machine calls power/power.h.
 */
#pragma once

#include <base/types.h>

/* Finds the registers and what switches off, when the tables are listed (acpi_read_platform()). Called once. */
void acpi_power_init(void);
/* Asks the interpreter, if there is one, for the states that there are. Called once, by acpi_start(). */
void acpi_sleep_start(void);

/* True if firmware has the state: S1, S3, S4 or S5, by its _Sx package. */
bool acpi_has_sleep_state(unsigned state);
/* _TTS and _PTS, then wake events are set up. Thread context; devices are suspended after it. */
int must_check acpi_sleep_prepare(unsigned state);
/* Writes the sleep registers. Interrupts are off, only this CPU runs. Returns 0 from S1; -EINTR: a wake event
 * came first; -EIO: the chipset does not do it. */
int acpi_sleep_enter(unsigned state);
/* After waking: _WAK, _TTS, events. Thread context. Called too when the state was not entered. */
void acpi_sleep_leave(unsigned state);
/* Where firmware goes on after S3, for it to find in the FACS: a physical address below 1 MiB; 0: none.
 * -ENODEV: there is no FACS. */
int must_check acpi_set_wake_vector(uint32_t physical);

/* Resets the machine by the FADT's register, which may lie in I/O, memory or PCI configuration space;
 * returns if that is not possible. Any context. */
void acpi_reset(void);
/* Soft-off without evaluating anything, from what acpi_start() read (_S5): for panics and machines whose
 * interpreter hangs. Returns if that is not possible. Any context. */
void acpi_soft_off(void);
