/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The static ACPI tables. They are input from outside: every length and checksum is checked,
 * and what is not sound is skipped with a line in the log.
 */
#pragma once

#include <base/types.h>

struct platform;

/* Finds the tables (from the RSDP at physical address `rsdp`, or by search on PCs where it is 0)
 * and fills `platform` from MADT, FADT, HPET and MCFG. Needs the kernel heap and maps. */
void acpi_read_platform(uint64_t rsdp, struct platform *platform);

/* The table with the signature (its n-th instance), or NULL; the DSDT is one of them. Copies of what firmware
 * has, checked, which stay and never change. */
struct acpi_header;
const struct acpi_header *acpi_find_table(const char signature[4], unsigned instance);
/* Table `index`, from 0, in the order of the list; NULL: there are no more. */
const struct acpi_header *acpi_table_at(unsigned index);
/* What the table is called as a file, as on Linux: its signature, and a number from 1 where it has several. */
#define ACPI_TABLE_NAME_SIZE 12
void acpi_table_name(const struct acpi_header *table, char name[ACPI_TABLE_NAME_SIZE]);
/* The same of those that firmware's code loaded since. They stay when they are unloaded. */
const struct acpi_header *acpi_loaded_table_at(unsigned index);
void acpi_loaded_table_name(const struct acpi_header *table, char name[ACPI_TABLE_NAME_SIZE]);

/* Common header of all tables (ACPI 6.5, 5.2.6), which may lie at any address. */
struct acpi_header {
	/* 0x00 */ char signature[4];
	/* 0x04 */ uint32_t length;
	/* 0x08 */ uint8_t revision;
	/* 0x09 */ uint8_t checksum;
	/* 0x0a */ char oem_id[6];
	/* 0x10 */ char oem_table_id[8];
	/* 0x18 */ uint32_t oem_revision;
	/* 0x1c */ uint32_t creator_id;
	/* 0x20 */ uint32_t creator_revision;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_header) == 0x24, "table header");
