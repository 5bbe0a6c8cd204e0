/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of IOMMUs: as firmware makes them, cut short, and of random bytes. */
#include <base/string.h>

#include "../acpi_priv.h"
#include "../iommu_priv.h"
#include "unit.h"

#include <stdlib.h>

#define TABLE_MAX 4096

static struct acpi_iommu iommu;
static uint8_t table[TABLE_MAX];
static uint32_t length;

static void begin(void)
{
	memset(table, 0, sizeof(table));
	length = 0x30;
}

static void put(uint64_t value, size_t size)
{
	memcpy(table + length, &value, size);
	length += (uint32_t)size;
}

/* As long as it says, so that the sanitizers see what lies beyond. */
static void parse(bool intel)
{
	uint8_t *copy;

	memcpy(table + 4, &length, 4);
	copy = malloc(length);
	memcpy(copy, table, length);
	acpi_iommu_parse(intel ? (void *)copy : NULL, intel ? NULL : (void *)copy, &iommu);
	free(copy);
}

static void add_intel_unit(uint8_t flags, uint64_t base, unsigned scope_bytes)
{
	put(0, 2);
	put(16 + scope_bytes, 2);
	put(flags, 1);
	put(0, 1);
	put(0, 2);
	put(base, 8);
}

static void add_scope(uint8_t kind, uint8_t id, uint8_t bus, unsigned steps)
{
	put(kind, 1);
	put(6 + 2 * steps, 1);
	put(0, 2);
	put(id, 1);
	put(bus, 1);
	for (unsigned i = 0; i < steps; i++)
		put(0x0102 + i, 2); /* slot 2 + i, function 1 */
}

UNIT_TEST(acpi_iommu, intel)
{
	begin();
	table[0x24] = 38;
	table[0x25] = 1;
	add_intel_unit(0, 0xfed90000, 8 + 10);
	add_scope(1, 0, 0, 1);
	add_scope(2, 0, 3, 2);
	add_intel_unit(1, 0xfed91000, 16);
	add_scope(3, 7, 0xf0, 1);
	add_scope(4, 0, 0xf0, 1);
	put(1, 2); /* reserved memory */
	put(24 + 8, 2);
	put(0, 4);
	put(0x7f000000, 8);
	put(0x7f0fffff, 8);
	add_scope(1, 0, 0, 1);
	put(3, 2); /* near to a node */
	put(20, 2);
	put(0, 4);
	put(0xfed91000, 8);
	put(5, 4);
	parse(true);
	EXPECT(iommu.address_width == 39 && iommu.remaps_interrupts && !iommu.no_x2apic);
	EXPECT(iommu.unit_count == 2 && iommu.reserved_count == 1 && iommu.scope_count == 5);
	EXPECT(!iommu.units[0].all && iommu.units[0].scope_count == 2);
	EXPECT_EQUAL(iommu.scopes[0].first, 0x0011);
	EXPECT(iommu.scopes[1].kind == ACPI_SCOPE_HIERARCHY && iommu.scopes[1].path_length == 2);
	EXPECT(iommu.scopes[1].path[1] == 0x19 && iommu.scopes[1].bus == 3);
	EXPECT(iommu.units[1].all && iommu.units[1].domain == 5);
	EXPECT(iommu.scopes[2].kind == ACPI_SCOPE_IO_APIC && iommu.scopes[2].id == 7);
	EXPECT(iommu.reserved[0].length == 0x100000 && iommu.reserved[0].first_scope == 4);
}

static void add_amd_unit(uint8_t kind, uint16_t requester, unsigned bytes)
{
	unsigned head = kind == 0x10 ? 24 : 40;

	put(kind, 1);
	put(0, 1);
	put(head + bytes, 2);
	put(requester, 2);
	put(0x40, 2);
	put(0xfeb80000, 8);
	put(0, 2);
	length += head - 18;
}

UNIT_TEST(acpi_iommu, amd)
{
	begin();
	table[0x25] = 48;
	add_amd_unit(0x10, 2, 4);
	put(0x00000001, 4); /* everything, as old systems are told */
	add_amd_unit(0x11, 2, 8 + 8 + 8 + 8);
	put(3 | 0x0100 << 8, 4); /* from 01:00.0 */
	put(4 | 0x01ff << 8, 4); /* to 01:1f.7 */
	put(66 | 0x0200 << 8, 4);
	put(0x0300 << 8, 4);
	put(72, 4);
	put(9 | 0x00a0 << 8 | 1u << 24, 4);
	put(72, 4);
	put(0 | 0x00a1 << 8 | 2u << 24, 4);
	put(0x22, 1); /* memory of a range of devices */
	put(8, 1);
	put(32, 2);
	put(0x100, 2);
	put(0x108, 2);
	put(0, 8);
	put(0x80000000, 8);
	put(0x2000, 8);
	parse(false);
	EXPECT(iommu.unit_count == 1 && iommu.units[0].requester == 2);
	EXPECT(!iommu.units[0].all && iommu.units[0].scope_count == 4);
	EXPECT(iommu.scopes[0].first == 0x100 && iommu.scopes[0].last == 0x1ff);
	EXPECT(iommu.scopes[1].first == 0x200 && iommu.scopes[1].alias == 0x300);
	EXPECT(iommu.scopes[2].kind == ACPI_SCOPE_IO_APIC && iommu.scopes[2].id == 9 &&
	       iommu.scopes[2].first == 0xa0);
	EXPECT_EQUAL(iommu.scopes[3].kind, ACPI_SCOPE_HPET);
	EXPECT(iommu.reserved[0].excluded && iommu.reserved[0].length == 0x2000);
	EXPECT_EQUAL(iommu.scopes[4].last, 0x108);
}

UNIT_TEST(acpi_iommu, nonsense)
{
	acpi_iommu_parse(NULL, NULL, &iommu);
	EXPECT_EQUAL(iommu.unit_count, 0);
	begin();
	add_intel_unit(0, 0, 0);
	add_intel_unit(0, 0x1234, 0);
	add_intel_unit(0, 0xfed90000, 6); /* its scope has no path */
	add_scope(1, 0, 0, 0);
	put(1, 2); /* memory that ends before it begins */
	put(24, 2);
	put(0, 4);
	put(0x2000, 8);
	put(0x1000, 8);
	put(0, 2); /* longer than the table */
	put(1000, 2);
	parse(true);
	EXPECT(iommu.unit_count == 1 && iommu.scope_count == 0 && iommu.reserved_count == 0);
	for (unsigned i = 0; i < 40; i++) {
		if (i == 0)
			begin();
		add_intel_unit(0, 0x1000ull * (i + 1), 8);
		add_scope(1, 0, 0, 1);
	}
	parse(true);
	EXPECT_EQUAL(iommu.unit_count, ACPI_IOMMU_UNITS);
}

UNIT_TEST(acpi_iommu, random_bytes)
{
	uint64_t random = 9;

	for (int round = 0; round < 6000; round++) {
		begin();
		length = (uint32_t)(0x24 + unit_random_below(&random, 600));
		for (uint32_t i = 8; i < length; i++)
			table[i] = unit_random_below(&random, 4)
					   ? (uint8_t)(unit_random_below(&random, 2) * 16)
					   : (uint8_t)unit_random(&random);
		parse(round & 1);
		EXPECT(iommu.unit_count <= ACPI_IOMMU_UNITS);
		for (unsigned i = 0; i < iommu.unit_count; i++)
			EXPECT(iommu.units[i].first_scope + iommu.units[i].scope_count <=
			       iommu.scope_count);
		for (unsigned i = 0; i < iommu.scope_count; i++)
			EXPECT(iommu.scopes[i].path_length <= ACPI_IOMMU_PATH_MAX);
	}
}
