/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices, as drivers see them: handles. Registers (io.h), interrupts (irq.h), DMA memory
 * (dma.h) and bus-specific things (pci.h) are asked for by device and index.
 */
#pragma once

#include <base/types.h>

struct device;

/* The device's place, such as "pci 00:03.0"; valid as long as the device. */
const char *ddk_device_name(const struct device *device);
/* What the driver keeps for the device; NULL at first. */
void ddk_device_set_state(struct device *device, void *state);
void *ddk_device_state(const struct device *device);
