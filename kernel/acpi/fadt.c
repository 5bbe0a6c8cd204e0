/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the fixed description table. Addresses are there twice since ACPI 2.0; the wide ones count
 * unless they are 0.
 */
#include "fadt.h"

#include <acpi/acpi.h>
#include <base/string.h>

enum fadt_field {
	FIRMWARE_CONTROL = 0x24,
	SCI = 0x2e,
	SMI_COMMAND = 0x30,
	ACPI_ENABLE = 0x34,
	PM1A_EVENT = 0x38,
	PM1B_EVENT = 0x3c,
	PM1A_CONTROL = 0x40,
	PM1B_CONTROL = 0x44,
	PM_TIMER = 0x4c,
	GPE0 = 0x50,
	GPE1 = 0x54,
	PM1_EVENT_LENGTH = 0x58,
	GPE0_LENGTH = 0x5c,
	GPE1_LENGTH = 0x5d,
	GPE1_BASE = 0x5e,
	FLAGS = 0x70,
	RESET = 0x74,
	RESET_VALUE = 0x80,
	X_FIRMWARE_CONTROL = 0x84,
	X_PM1A_EVENT = 0x94,
	X_PM1B_EVENT = 0xa0,
	X_PM1A_CONTROL = 0xac,
	X_PM1B_CONTROL = 0xb8,
	X_PM_TIMER = 0xd0,
	X_GPE0 = 0xdc,
	X_GPE1 = 0xe8,
	SLEEP_CONTROL = 0xf4,
	SLEEP_STATUS = 0x100,
};

#define ADDRESS_OFFSET 4 /* in a generic address: space, width, offset, access size, address */

static struct acpi_fadt found;

static uint64_t field(const struct acpi_header *table, size_t offset, size_t size)
{
	uint64_t value = 0;

	if (offset + size <= table->length)
		memcpy(&value, (const char *)table + offset, size);
	return value;
}

static struct acpi_address generic(const struct acpi_header *table, size_t offset)
{
	return (struct acpi_address){
		.space = (uint8_t)field(table, offset, 1),
		.address = field(table, offset + ADDRESS_OFFSET, 8),
	};
}

static struct acpi_address address(const struct acpi_header *table, size_t narrow, size_t wide)
{
	struct acpi_address result = generic(table, wide);

	if (!result.address)
		result = (struct acpi_address){ ACPI_SPACE_IO, field(table, narrow, 4) };
	return result;
}

static uint64_t physical(const struct acpi_header *table, size_t narrow, size_t wide)
{
	uint64_t result = field(table, wide, 8);

	return result ? result : field(table, narrow, 4);
}

static void decode_blocks(const struct acpi_header *table, struct acpi_fadt *fadt)
{
	fadt->pm1_event[0] = address(table, PM1A_EVENT, X_PM1A_EVENT);
	fadt->pm1_event[1] = address(table, PM1B_EVENT, X_PM1B_EVENT);
	fadt->pm1_control[0] = address(table, PM1A_CONTROL, X_PM1A_CONTROL);
	fadt->pm1_control[1] = address(table, PM1B_CONTROL, X_PM1B_CONTROL);
	fadt->pm_timer = address(table, PM_TIMER, X_PM_TIMER);
	fadt->gpe[0] = address(table, GPE0, X_GPE0);
	fadt->gpe[1] = address(table, GPE1, X_GPE1);
	fadt->pm1_event_length = (unsigned)field(table, PM1_EVENT_LENGTH, 1);
	fadt->gpe_length[0] = (unsigned)field(table, GPE0_LENGTH, 1);
	fadt->gpe_length[1] = (unsigned)field(table, GPE1_LENGTH, 1);
	fadt->gpe_base = (unsigned)field(table, GPE1_BASE, 1);
}

void acpi_decode_fadt(const struct acpi_header *table, struct acpi_fadt *fadt)
{
	memset(fadt, 0, sizeof(*fadt));
	if (!table)
		return;
	fadt->present = true;
	fadt->flags = (uint32_t)field(table, FLAGS, 4);
	fadt->sci = (uint16_t)field(table, SCI, 2);
	fadt->smi_command = (uint16_t)field(table, SMI_COMMAND, 4);
	fadt->acpi_enable = (uint8_t)field(table, ACPI_ENABLE, 1);
	decode_blocks(table, fadt);
	if (fadt->flags & ACPI_FADT_RESET) {
		fadt->reset = generic(table, RESET);
		fadt->reset_value = (uint8_t)field(table, RESET_VALUE, 1);
	}
	if (fadt->flags & ACPI_FADT_REDUCED) {
		fadt->sleep_control = generic(table, SLEEP_CONTROL);
		fadt->sleep_status = generic(table, SLEEP_STATUS);
	}
	fadt->facs = physical(table, FIRMWARE_CONTROL, X_FIRMWARE_CONTROL);
}

void acpi_read_fadt(void)
{
	acpi_decode_fadt(acpi_find_table("FACP", 0), &found);
}

const struct acpi_fadt *acpi_fadt(void)
{
	return &found;
}
