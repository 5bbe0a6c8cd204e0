/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time base of the machine: set-up; the clock itself is in arch/irq.h. */
#pragma once

#include <base/types.h>

struct platform;

/* The first thing at boot: time counts from here, roughly until machine_timer_init(). */
void machine_timer_set_epoch(uint64_t cycles);
/* Calibrates the clocks; panics if there is nothing to measure them with. */
void machine_timer_init(const struct platform *platform);
/* On each further CPU. */
void machine_timer_start_cpu(void);
uint64_t machine_tsc_frequency(void);
/* The machine goes to sleep; it slept, and the counter may have stood still, gone on or begun anew: time
 * goes on where it was at the first of the two. Interrupts off, no other CPU runs. */
void machine_timer_suspend(void);
void machine_timer_resume(void);
