/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that locate things, whole and cut short at each byte. */
#include <acpi/located.h>
#include <base/string.h>

#include "../acpi_priv.h"
#include "unit.h"

#include <stdlib.h>

static uint8_t bytes[0x60];

static void put(size_t at, uint64_t value, size_t size)
{
	memcpy(bytes + at, &value, size);
}

/* A copy of the first `length` bytes, as long as that. */
static struct acpi_header *make(uint32_t length)
{
	uint8_t *copy = malloc(length);

	put(4, length, 4);
	memcpy(copy, bytes, length);
	return (void *)copy;
}

UNIT_TEST(acpi_located, tables)
{
	struct acpi_header *bgrt, *hpet, *tpm2;
	struct acpi_located located;

	put(0x24, 1, 2);
	put(0x26, 1, 1);
	put(0x28, 0x7f000000, 8);
	put(0x30, 640, 4);
	put(0x34, 480, 4);
	bgrt = make(0x38);
	memset(bytes, 0, sizeof(bytes));
	put(0x24, 0x8086a201, 4);
	put(0x2c, 0xfed00000, 8);
	put(0x34, 2, 1);
	put(0x35, 100, 2);
	hpet = make(0x38);
	memset(bytes, 0, sizeof(bytes));
	put(0x24, 1, 2);
	put(0x28, 0xfed40040, 8);
	put(0x30, 7, 4);
	put(0x40, 0x10000, 4);
	put(0x44, 0x7e000000, 8);
	tpm2 = make(0x4c);
	acpi_located_parse(bgrt, hpet, tpm2, &located);
	EXPECT(located.picture.present && located.picture.address == 0x7f000000);
	EXPECT(located.picture.x == 640 && located.picture.y == 480 && located.picture.status == 1);
	EXPECT(located.hpet.present && located.hpet.base == 0xfed00000);
	EXPECT(located.hpet.number == 2 && located.hpet.minimum_tick == 100);
	EXPECT(located.security_module.start_method == 7 && located.security_module.log_length);
	EXPECT_EQUAL(located.security_module.control_area, 0xfed40040);
	EXPECT_EQUAL(located.security_module.log, 0x7e000000);
	free(bgrt);
	free(hpet);
	free(tpm2);
	for (uint32_t length = sizeof(struct acpi_header); length < 0x4c; length++) {
		struct acpi_header *table = make(length);

		acpi_located_parse(table, table, table, &located);
		EXPECT_EQUAL(located.picture.present, length >= 0x38);
		EXPECT_EQUAL(located.hpet.present, length >= 0x38);
		EXPECT_EQUAL(located.security_module.present, length >= 0x34);
		EXPECT_EQUAL(located.security_module.log, 0);
		free(table);
	}
	acpi_located_parse(NULL, NULL, NULL, &located);
	EXPECT(!located.picture.present && !located.hpet.present);
}
