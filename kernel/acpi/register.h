/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chipset's registers, in whatever space they lie. */
#pragma once

#include "fadt.h"

struct acpi_register {
	enum {
		ACPI_REGISTER_NONE,
		ACPI_REGISTER_PORT,
		ACPI_REGISTER_MEMORY,
		ACPI_REGISTER_PCI
	} kind;
	unsigned size; /* bytes of the block */
	union {
		uint16_t port;
		volatile uint8_t *memory;
		struct {
			uint8_t slot, function;
			uint16_t offset;
		} pci;
	};
};

/* Makes the block of `size` bytes of memory or ports usable; false, with a line in the log: it is nowhere that a chipset's
 * registers may be. Thread context, or early boot. Without an address: false, and nothing is said. */
bool acpi_register_map(struct acpi_register *block, const struct acpi_address *address,
		       unsigned size, const char *what);
/* The same for the reset register, which alone may lie in PCI's configuration space, too. That takes locks:
 * it is not for what is used under one. */
bool acpi_register_map_reset(struct acpi_register *block, const struct acpi_address *address);
/* Any context; `bytes`: 1, 2 or 4, at `offset` in the block. Of a block that is none, reads give 0 and
 * writes do nothing. */
uint32_t acpi_register_read(const struct acpi_register *block, unsigned offset, unsigned bytes);
void acpi_register_write(const struct acpi_register *block, unsigned offset, unsigned bytes,
			 uint32_t value);
