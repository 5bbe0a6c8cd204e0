/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power states of devices (ACPI 6.5, 7.3): D0 is on, D3 is off. A device is switched by its methods _PS0
 * to _PS3, and by power resources that several devices may share: one is on as long as anybody needs it.
 */
#pragma once

#include <acpi/device.h>

#define ACPI_D0 0
#define ACPI_D3 3

/* True if the device has a method or resources for it. Thread context. */
bool acpi_device_has_power(const struct acpi_device *device);
/* Brings it into state D`state`. -ENODEV (it has no such methods or resources), -ENOSPC (of its resources
 * more are needed than are kept track of), errors of methods: resources that it held it then still
 * holds. Thread context, no mutex of rank >= RANK_DEVICE. */
int must_check acpi_device_set_power(struct acpi_device *device, unsigned state);

/* The machine slept: resources that are needed are switched on again. Of acpi_sleep_leave(), before any driver
 * resumes. */
void acpi_power_resume(void);
