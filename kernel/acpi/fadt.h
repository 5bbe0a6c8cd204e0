/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fixed description table (ACPI 6.5, 5.2.9): which registers the chipset has, and where.
 */
#pragma once

#include <base/types.h>

enum acpi_fadt_flag {
	ACPI_FADT_POWER_BUTTON = 1u << 4, /* is a device of the name space, or there is none */
	ACPI_FADT_SLEEP_BUTTON = 1u << 5, /* the same */
	ACPI_FADT_CLOCK_NOT_FIXED = 1u << 6,
	ACPI_FADT_TIMER_32BIT = 1u << 8,
	ACPI_FADT_RESET = 1u << 10,
	ACPI_FADT_REDUCED = 1u << 20, /* no fixed registers, no SCI */
};

/* Spaces of generic addresses (table 5.1). */
enum acpi_space {
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_IO = 1,
	ACPI_SPACE_PCI = 2, /* address: 0 | device | function | offset, 16 bits each; bus 0 */
};

/* A register; `address` 0: there is none. */
struct acpi_address {
	uint8_t space;
	uint64_t address;
};

/* Chipsets may spread the first two blocks over two chips (a and b); a write goes to both. */
struct acpi_fadt {
	bool present;
	uint32_t flags; /* enum acpi_fadt_flag */
	uint16_t sci;
	uint16_t smi_command; /* port: takes the next, by which firmware hands registers over */
	uint8_t acpi_enable;
	struct acpi_address pm1_event[2]; /* status, then as many bytes of enable */
	struct acpi_address pm1_control[2];
	struct acpi_address pm_timer;
	struct acpi_address gpe[2]; /* the same */
	unsigned pm1_event_length;  /* bytes of both parts */
	unsigned gpe_length[2];     /* the same */
	unsigned gpe_base;          /* number of the first event of block 1 */
	struct acpi_address reset;
	uint8_t reset_value;
	struct acpi_address sleep_control, sleep_status; /* of reduced machines */
	uint64_t facs;                                   /* physical; 0: none */
};

struct acpi_header;

/* Takes the table apart; fields beyond its end are 0. NULL: all are. */
void acpi_decode_fadt(const struct acpi_header *table, struct acpi_fadt *fadt);
/* Reads the machine's. Called once, when the tables are listed. */
void acpi_read_fadt(void);
/* What that found. */
const struct acpi_fadt *acpi_fadt(void);
