/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PCI functions and buses by firmware's names for them. */
#pragma once

#include "pci_bus.h"

#include <acpi/pci.h>

/* Where the function is, for acpi/pci.h; `bridges` is the storage of the way there. False: too far down. */
bool pci_place_of(const struct pci_function *pci, struct acpi_pci_place *place,
		  uint8_t bridges[PCI_DEPTH_MAX + 1]);
/* What firmware calls the function; NULL: nothing. Thread context. */
struct aml_node *pci_name_of(const struct pci_function *pci);

/* Fills the root bus's name, numbers and windows from `bridge`. -ENODEV: its buses cannot be reached. */
struct boot_memory_range;
int must_check pci_root_from_acpi(struct pci_bus *root, const struct acpi_root_bridge *bridge,
				  const struct boot_memory_range *map, size_t map_count);
/* Finds out what firmware knows: root bridges, and what the board takes up. */
void pci_acpi_start(void);
