/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What firmware tells of PCI: root bridges and what they pass on, where interrupt pins lead (_PRT), who
 * runs hotplug, power management and error reporting (_OSC).
 */
#pragma once

#include <aml/aml.h>

#define ACPI_ROOT_MAX        16
#define ACPI_ROOT_WINDOW_MAX 24

enum acpi_window_kind { ACPI_WINDOW_MEMORY, ACPI_WINDOW_PORTS };

struct acpi_root_window {
	enum acpi_window_kind kind;
	bool prefetchable;
	uint64_t base, size; /* as the CPU addresses it */
	uint64_t offset;     /* added to the CPU's address, it is the bus's */
};

/* PNP0A03 or PNP0A08. */
struct acpi_root_bridge {
	struct aml_node *name;
	uint16_t segment;
	uint8_t first_bus, last_bus;
	struct acpi_root_window windows[ACPI_ROOT_WINDOW_MAX];
	unsigned window_count;
	uint32_t granted; /* what _OSC let us control; see enum acpi_pci_control */
};

enum acpi_pci_control { /* bits of _OSC's third word (PCI Firmware 3.3, 4.5.1) */
			ACPI_PCI_NATIVE_HOTPLUG = 1 << 0,
			ACPI_PCI_SHPC = 1 << 1,
			ACPI_PCI_PME = 1 << 2,
			ACPI_PCI_AER = 1 << 3,
			ACPI_PCI_CAPABILITIES = 1 << 4,
};

/* Finds the root bridges, what they pass on and who controls what behind them. Called once, behind
 * acpi_start(), before PCI is scanned. Thread context. `segments`: whether there are several;
 * `extended`: whether all 4096 bytes of configuration spaces can be reached. */
void acpi_pci_start(bool segments, bool extended);

/* Bridge `index`, from 0; NULL: there are no more. Immutable after acpi_pci_start(). */
const struct acpi_root_bridge *acpi_root_bridge(unsigned index);

/* Where pin `pin` (1: INTA) of the function leads. `bridges` is the way there from the root bus: slot and
 * function of each bridge (slot << 3 | function), outermost first; a bridge without a _PRT of its own turns
 * the pins as PCI-to-PCI bridges do. Sets the link device that the route names, if any (_SRS). Thread
 * context. -ENODEV: firmware does not say, or says that it is not connected. */
struct acpi_pci_place {
	uint16_t segment;
	uint8_t root_bus;
	const uint8_t *bridges;
	unsigned bridge_count;
	uint8_t slot, function;
};
int must_check acpi_pci_route(const struct acpi_pci_place *place, unsigned pin, unsigned *gsi,
			      bool *level, bool *active_low);

/* After S3: links that routes use have forgotten what they were set to. Thread context, before devices
 * resume. */
void acpi_links_resume(void);

/* The name of the function there (by _ADR); NULL: none. */
struct aml_node *acpi_pci_name(const struct acpi_pci_place *place);

/* Calls `each` with the addresses that devices of the board take up, other than root bridges. They may lie
 * within what the root bridges pass on. Thread context. */
void acpi_board_addresses(void (*each)(enum acpi_window_kind kind, uint64_t base, uint64_t size));
