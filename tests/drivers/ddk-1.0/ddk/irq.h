/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts of a device, by index: entries of the MSI-X table, or the one MSI, or else the pin,
 * of a PCI device; the lines of a platform device.
 *
 * A handler does the least and defers the rest (work.h). It does not sleep; it may take a
 * ddk_lock. Handlers of one index never run twice at a time, those of different ones may.
 */
#pragma once

#include <ddk/device.h>

/* Returns true if the device had raised the interrupt (lines may be shared). */
typedef bool ddk_irq_handler(void *context);

/* How many interrupts the device can raise. */
unsigned ddk_irq_count(struct device *device);
/* Connects interrupt `index` and lets the device raise it. Thread context. -EINVAL (no such
 * index), -EBUSY (connected already), -ENOSPC, -ENOMEM, -ENODEV (the machine cannot route it). */
int must_check ddk_irq_connect(struct device *device, unsigned index, ddk_irq_handler *handle,
			       void *context);
/* On return the handler runs nowhere. Thread context; an index that is not connected is left
 * alone. */
void ddk_irq_disconnect(struct device *device, unsigned index);

/* How many CPUs there are at most: queues per CPU make no sense beyond. */
unsigned ddk_cpu_count(void);
/* From now on the connected interrupt goes to CPU `cpu` (modulo the count) if that is online and
 * the machine can; a hint. Thread context. */
void ddk_irq_direct(struct device *device, unsigned index, unsigned cpu);
