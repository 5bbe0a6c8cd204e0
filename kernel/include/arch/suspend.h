/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arch contract: a machine that sleeps with its memory kept (ACPI's S3), and wakes. */
#pragma once

#include <arch/mmu.h>

/* Before all below: has memory for what they keep, if they need any; and gives it back. -ENOMEM. Thread
 * context. */
int must_check arch_suspend_prepare(void);
void arch_suspend_finish(void);
/* Where firmware is to go on after waking: in memory below 1 MiB that is kept for it. */
phys_t arch_wake_address(void);
/* Saves this CPU's state and calls `enter`, which puts the machine to sleep. Returns 0 when it woke, with
 * the state restored, or what `enter` returned, if it did. Interrupts off, the other CPUs are offline; on
 * the boot CPU. */
int must_check arch_suspend(int (*enter)(void *argument), void *argument);
/* Writes back what this CPU's caches hold and leaves them empty: last thing before they lose power. */
void arch_flush_caches(void);
/* After waking, interrupts off: sets interrupt controllers, clocks and timers up as they were;
 * arch_clock_ns() goes on where it was. */
void arch_resume_platform(void);
