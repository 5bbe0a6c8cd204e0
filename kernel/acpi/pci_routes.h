/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of kernel/acpi that are about PCI. */
#pragma once

#include "acpi_priv.h"

#include <acpi/pci.h>

/* pci_root.c */
bool acpi_is_root_bridge(const struct acpi_device *device);
/* The one whose own bus that is; NULL: none. */
const struct acpi_root_bridge *acpi_root_bridge_of(uint16_t segment, uint8_t bus);

/* pci_control.c: asks firmware (_OSC) for control of what the kernel serves; returns what it granted, bits of
 * enum acpi_pci_control. */
uint32_t acpi_pci_negotiate(struct acpi_device *bridge, bool segments, bool extended);

/* pci_link.c: before all else of it. */
void acpi_links_start(void);

/* What an interrupt is like at its I/O APIC. */
struct acpi_line {
	unsigned gsi;
	bool level, active_low;
};

/* The interrupt that the link device leads to, which is chosen and set if this is its first use. `index`: which
 * of the link's descriptors. Thread context. -ENODEV: it leads to none. */
int must_check acpi_link_connect(struct aml_node *name, unsigned index, struct acpi_line *line);
