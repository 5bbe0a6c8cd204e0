/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device tree: finds the machine's devices and gives each to the driver that matches it
 * (ddk/driver.h). docs/drivers.md shows how the parts fit.
 */
#pragma once

#include <base/types.h>

struct boot_info;
struct platform;

/* Makes PCI's configuration spaces accessible, also to firmware's code. Called once, before acpi_start(). */
void devices_prepare(const struct platform *platform);
/* Enumerates the buses that `platform` names and starts drivers, one after the other, in the
 * calling thread. Where no memory is by the map of `boot`, devices may be put. Called once, when
 * work and timers run and before the map is gone; nodes in /dev appear as they come. */
void devices_start(const struct platform *platform, const struct boot_info *boot);

/* Calls the function in the thread that adds and removes devices, which neither does meanwhile, nor has them sleep: what it
 * returns. While the machine boots, in the calling thread, which is that one then. */
int devices_call(int (*function)(void *argument), void *argument);

/* Suspends all devices, in the reverse of the order in which they came; those that nothing else needs
 * first. An error of one (returned) has those that were suspended resume. -EBUSY: somebody else has them
 * sleep. Thread context. */
int must_check devices_suspend(void);
/* After waking: configuration spaces and interrupts as they were, then the drivers. */
void devices_resume(void);
/* Before the machine is switched off or restarts: as devices_suspend(), but goes on behind errors. */
void devices_shut_down(void);

/* Tries that without sleeping: suspends all devices, takes their state from those where that can be done
 * (they are reset, and forget their addresses), and resumes. One at a time; -EBUSY. */
int must_check devices_test_suspend(void);

/* What the chipset itself must have before anything is asked of devices or of ACPI: notes it before the
 * machine sleeps, and sets it when it is awake. Interrupts off, no other CPU runs. */
void pci_wake_prepare(void);
void pci_wake(void);
