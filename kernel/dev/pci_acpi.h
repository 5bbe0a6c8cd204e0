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
/* The other way round: the place that firmware calls `name`, and the bus that it is on. slot 0xff: it is that
 * of a root bus. False: it is no place, or not on a bus that is known. In the thread that adds and removes
 * devices. */
#define PCI_SLOT_NONE 0xff
bool pci_find_name(struct aml_node *name, struct pci_bus **bus, uint8_t *slot, uint8_t *function);

/* pci_power.c: has firmware switch the function, or the place it calls `name` (may be NULL), where it can. Thread
 * context, no mutex of rank >= RANK_DEVICE. */
void pci_set_power(const struct pci_function *pci, bool on);
void pci_name_set_power(struct aml_node *name, bool on);

/* pci_acpi_slot.c: has cards come and go as firmware tells. Behind pci_hotplug_start(). */
void pci_acpi_slots_start(void);
/* Takes all functions of the slot out of service and has firmware eject it. In the thread of hotplug. -EBUSY (a
 * driver cannot let go), -EIO (it is still there), -ENODEV. */
int must_check pci_acpi_eject(struct aml_node *name);
/* Looks what came to the slot and what went. In that thread. */
void pci_acpi_check(struct aml_node *name);

/* Finds out what firmware knows: root bridges, and what the board takes up. */
void pci_acpi_start(void);
