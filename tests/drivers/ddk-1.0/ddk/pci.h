/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is particular to PCI devices: identity, configuration space, capabilities, bus
 * mastering. BARs are the device's regions (io.h), MSI-X and MSI its interrupts (irq.h).
 *
 * All functions are for devices matched by MATCH_PCI or MATCH_PCI_CLASS.
 */
#pragma once

#include <ddk/device.h>

struct ddk_pci_identity {
	uint16_t vendor, device;
	uint16_t subsystem_vendor, subsystem;
	uint32_t class_code; /* class, subclass, interface: 0x00CCSSII */
	uint8_t revision;
	uint8_t bus, slot, function;
};

enum ddk_pci_capability {
	DDK_PCI_CAPABILITY_POWER = 0x01,
	DDK_PCI_CAPABILITY_MSI = 0x05,
	DDK_PCI_CAPABILITY_VENDOR = 0x09,
	DDK_PCI_CAPABILITY_EXPRESS = 0x10,
	DDK_PCI_CAPABILITY_MSIX = 0x11,
};

void ddk_pci_identify(const struct device *device, struct ddk_pci_identity *identity);

/* Configuration space. `size` is 1, 2 or 4 and `offset` a multiple of it. Reads outside of the
 * space give all ones. Writes to what the bus itself looks after (command, BARs, interrupt
 * capabilities) are refused with -EPERM. */
uint32_t ddk_pci_read_config(const struct device *device, unsigned offset, unsigned size);
int must_check ddk_pci_write_config(struct device *device, unsigned offset, unsigned size,
				    uint32_t value);

/* The offset of the first capability `id` behind the one at `after` (0: the first of all), or 0
 * if there is none. A damaged list ends early, or may be a ring: who walks it bounds its steps. */
unsigned ddk_pci_find_capability(const struct device *device, unsigned id, unsigned after);

/* Lets the device read and write memory by itself, or not. Off before a driver is asked and
 * after it gave the device back. */
void ddk_pci_set_bus_master(struct device *device, bool on);

/* Puts the function back into the state it has after power-on, by a function-level reset or what
 * else it knows, with its configuration as it was, bus mastering off. Thread context. -EBUSY (an
 * interrupt is connected), -EOPNOTSUPP (it cannot), -ENODEV (it is gone), -ETIMEDOUT (it does not
 * come back). */
int must_check ddk_pci_reset(struct device *device);
/* False if the device does not answer any more: it was pulled out. Any context. */
bool ddk_pci_is_present(const struct device *device);
