/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of kernel/dev share. */
#pragma once

#include <arch/device.h>
#include <dev/device.h>

/* Asks each driver that matches and may run here, until one takes the device. */
void device_find_driver(struct device *device);

/* device_memory.c: a PCI function gets its domain, before it is in the list, and loses it when it is freed; a driver gets the
 * device, and lets go of it: what the device reaches is between the two. Thread context. */
void device_memory_attach(struct device *device);
void device_memory_detach(struct device *device);
void device_memory_open(struct device *device);
void device_memory_close(struct device *device);

/* The list: the device comes to its end, or leaves it (and the list's reference goes). */
void device_list_add(struct device *device);
void device_list_remove(struct device *device);

/* The last device of the list whose id is smaller than that of `following` (NULL: of all), with a
 * reference, or NULL; the reference to `following` goes. */
struct device *device_previous(struct device *following);

/* The index of an interrupt that is connected; -1: none is. */
int device_irq_first(struct device *device);

/* Adds the devices that the architecture knows of, and firmware. */
void platform_start(void);
/* platform_acpi.c: all serial ports of the kind of `known`, which is the first; *all is static. Returns how
 * many. */
unsigned platform_find_uarts(const struct arch_device *known, const struct arch_device **all);
/* Where the keyboard's controller is, and how it and the mouse interrupt, as far as firmware tells. */
void platform_find_keyboard(struct arch_device *controller);
