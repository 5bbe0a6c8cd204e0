/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What firmware gets wrong about its tables, one thing at a time: the rest must still be found. */
#include <acpi/located.h>
#include <arch/platform.h>
#include <base/string.h>

#include "../acpi_priv.h"
#include "memory.h"
#include "unit.h"

#define NOWHERE 0xffffffffff000ull /* beyond the address bits */
#define BIOS    0xe0000

static struct platform platform;

static void read_tables(void)
{
	acpi_read_platform(RSDP, &platform);
	EXPECT_EQUAL(test_memory_mapped(), 0);
}

/* Appends an entry to both lists. */
static void list_table(uint64_t at)
{
	uint32_t narrow, wide;

	memcpy(&narrow, test_memory + RSDT + 4, 4);
	memcpy(&wide, test_memory + XSDT + 4, 4);
	test_put(RSDT + narrow, at, 4);
	test_put(XSDT + wide, at, 8);
	test_finish_table(RSDT, "RSDT", narrow + 4);
	test_finish_table(XSDT, "XSDT", wide + 8);
}

static void make_spare(size_t at, const char *signature, size_t length, uint8_t content)
{
	memset(test_memory + at, content, length);
	test_finish_table(at, signature, length);
}

static void seal_rsdp(void)
{
	test_seal(RSDP, 20, 8);
	test_seal(RSDP, 0x24, 0x20);
}

static unsigned count_tables(const char *signature)
{
	unsigned count = 0;

	while (acpi_find_table(signature, count))
		count++;
	return count;
}

UNIT_TEST(acpi_tables, dsdt_by_the_fadt)
{
	test_make_tables();
	read_tables();
	EXPECT(acpi_find_table("DSDT", 0) != NULL);
	EXPECT_EQUAL(count_tables("DSDT"), 1);
}

UNIT_TEST(acpi_tables, dsdt_narrow_where_the_wide_is_wrong)
{
	static const uint64_t wrong[] = { NOWHERE, UINT64_MAX, TEST_KERNEL_START, HPET, 0x40 };

	for (size_t i = 0; i < array_length(wrong); i++) {
		test_make_tables();
		test_put(FADT + 0x8c, wrong[i], 8);
		test_finish_table(FADT, "FACP", 0xf4);
		read_tables();
		EXPECT_EQUAL(count_tables("DSDT"), 1);
		EXPECT_EQUAL(platform.cpu_count, 3);
	}
}

UNIT_TEST(acpi_tables, list_of_a_wrong_kind)
{
	test_make_tables();
	test_finish_table(XSDT, "XSDX", 0x24 + 48);
	read_tables();
	EXPECT_EQUAL(platform.cpu_count, 3);
	test_make_tables();
	test_put(RSDP + 0x18, MADT, 8);
	seal_rsdp();
	read_tables();
	EXPECT_EQUAL(platform.cpu_count, 3);
}

UNIT_TEST(acpi_tables, lists_that_lead_nowhere)
{
	static const uint64_t wrong[] = { NOWHERE, UINT64_MAX - 10, TEST_KERNEL_START, 0x100000,
					  TEST_MEMORY_SIZE - 8 };

	for (size_t i = 0; i < array_length(wrong); i++) {
		test_make_tables();
		test_put(RSDP + 0x18, wrong[i], 8);
		seal_rsdp();
		read_tables();
		EXPECT_EQUAL(platform.cpu_count, 3);
		test_put(RSDP + 0x10, wrong[i], 4);
		seal_rsdp();
		read_tables();
		EXPECT_EQUAL(platform.cpu_count, 0);
		EXPECT_EQUAL(platform.controller_count, 1);
	}
}

/* A list that is sound, but of nothing: the other one may have more. */
UNIT_TEST(acpi_tables, wide_list_of_nothing)
{
	test_make_tables();
	for (unsigned i = 0; i < 6; i++)
		test_put(XSDT + 0x24 + 8 * i, NOWHERE + i, 8);
	test_finish_table(XSDT, "XSDT", 0x24 + 48);
	read_tables();
	EXPECT_EQUAL(platform.cpu_count, 3);
}

UNIT_TEST(acpi_tables, root_pointer_of_odd_lengths)
{
	static const uint32_t lengths[] = { 0, 20, 0x23, 0x25, 0x40, 257, UINT32_MAX };

	for (size_t i = 0; i < array_length(lengths); i++) {
		test_make_tables();
		test_put(RSDP + 0x14, lengths[i], 4);
		test_seal(RSDP, 20, 8);
		if (lengths[i] >= 0x24 && lengths[i] < 0x100)
			test_seal(RSDP, lengths[i], 0x20);
		read_tables();
		EXPECT_EQUAL(platform.cpu_count, 3);
	}
}

UNIT_TEST(acpi_tables, table_in_the_kernels_memory)
{
	test_make_tables();
	make_spare(TEST_KERNEL_START + 0x100, "SSDT", 100, 1);
	make_spare(TEST_KERNEL_START - 50, "SSDT", 100, 2);
	make_spare(TEST_KERNEL_END, "SSDT", 100, 3);
	list_table(TEST_KERNEL_START + 0x100);
	list_table(TEST_KERNEL_END);
	list_table(TEST_KERNEL_START - 50);
	read_tables();
	/* What lies lowest can be read, but no table reaches into what is the kernel's. */
	EXPECT_EQUAL(count_tables("SSDT"), 1);
	EXPECT_EQUAL(platform.cpu_count, 3);
}

UNIT_TEST(acpi_tables, wrong_lengths)
{
	static const uint32_t lengths[] = { 0, 1, 0x23, TEST_MEMORY_SIZE, 4u << 20, UINT32_MAX };

	for (size_t i = 0; i < array_length(lengths); i++) {
		test_make_tables();
		make_spare(SPARE, "SSDT", 0x40, 1);
		make_spare(SPARE + 0x100, "SSDT", 0x40, 2);
		test_put(SPARE + 4, lengths[i], 4);
		list_table(SPARE);
		list_table(SPARE + 0x100);
		read_tables();
		EXPECT_EQUAL(count_tables("SSDT"), 1);
	}
}

UNIT_TEST(acpi_tables, overlapping)
{
	test_make_tables();
	/* A sound table inside of another sound one. */
	make_spare(SPARE, "SSDT", 0x200, 1);
	make_spare(SPARE + 0x80, "SSDT", 0x40, 2);
	test_seal(SPARE, 0x200, 9);
	make_spare(SPARE + 0x200, "SSDT", 0x40, 3);
	list_table(SPARE);
	list_table(SPARE + 0x80);
	list_table(SPARE + 0x200);
	read_tables();
	EXPECT_EQUAL(count_tables("SSDT"), 2);
	EXPECT_EQUAL(acpi_find_table("SSDT", 0)->length, 0x200);
}

UNIT_TEST(acpi_tables, the_same_twice)
{
	test_make_tables();
	make_spare(SPARE, "SSDT", 0x40, 1);
	make_spare(SPARE + 0x100, "SSDT", 0x40, 1);
	make_spare(SPARE + 0x200, "SSDT", 0x40, 2);
	list_table(SPARE);
	list_table(SPARE);
	list_table(SPARE + 0x100);
	list_table(SPARE + 0x200);
	read_tables();
	EXPECT_EQUAL(count_tables("SSDT"), 2);
}

/* Where the firmware's picture is: only what the processor can address, and is not the kernel's, is looked at. */
UNIT_TEST(acpi_tables, picture_in_odd_places)
{
	static const uint64_t image = SPARE + 0x1000;
	static const uint64_t wrong[] = { 0,          1ull << 40, 1ull << 47,
					  1ull << 52, 1ull << 63, UINT64_MAX };
	char bytes[8];

	for (size_t i = 0; i <= array_length(wrong); i++) {
		uint64_t address = i == array_length(wrong) ? image : image | wrong[i];

		test_make_tables();
		memcpy(test_memory + image, "BM\x40\0\0\0", 6);
		make_spare(SPARE, "BGRT", 0x38, 0);
		test_put(SPARE + 0x28, address, 8);
		test_finish_table(SPARE, "BGRT", 0x38);
		list_table(SPARE);
		read_tables();
		acpi_locate();
		EXPECT(acpi_located()->picture.present);
		EXPECT_EQUAL(acpi_located()->picture.length, address == image ? 0x40 : 0);
		EXPECT_EQUAL(acpi_read_boot_picture(bytes, sizeof(bytes), 0),
			     address == image ? sizeof(bytes) : 0);
	}
}

/* Sound tables, more than are taken, then what is nothing. */
UNIT_TEST(acpi_tables, thousands_of_entries)
{
	const size_t list = TEST_KERNEL_END, count = 2500, sound = 800, size = 0x28;

	test_make_tables();
	memcpy(test_memory + list, test_memory + XSDT, 0x24 + 8 * 6);
	for (size_t i = 6; i < count; i++)
		test_put(list + 0x24 + 8 * i, i < sound ? SPARE + i * size : i << 24, 8);
	for (size_t i = 6; i < sound; i++) {
		test_put(SPARE + i * size + 0x24, i, 4);
		test_finish_table(SPARE + i * size, "OEMX", size);
	}
	test_finish_table(list, "XSDT", 0x24 + 8 * count);
	test_put(RSDP + 0x18, list, 8);
	seal_rsdp();
	read_tables();
	EXPECT_EQUAL(count_tables("OEMX"), ACPI_TABLE_MAX - 5);
	EXPECT_EQUAL(platform.cpu_count, 3);
	EXPECT_EQUAL(count_tables("DSDT"), 1);
}

UNIT_TEST(acpi_tables, changed_while_it_is_read)
{
	test_make_tables();
	memcpy(test_memory + HPET, "\1\2\3\4", 4);
	test_seal(HPET, 0x38, 9);
	read_tables();
	EXPECT_EQUAL(platform.hpet_base, 0);
	EXPECT_EQUAL(platform.cpu_count, 3);
}

UNIT_TEST(acpi_tables, registers_that_cannot_be)
{
	test_make_tables();
	test_put(HPET + 0x2c, TEST_KERNEL_START, 8);
	test_finish_table(HPET, "HPET", 0x38);
	test_put(MCFG + 0x2c, NOWHERE, 8);
	test_put(MCFG + 0x3c, TEST_KERNEL_START & ~0xfffull, 8);
	test_finish_table(MCFG, "MCFG", 0x4c);
	test_put(MADT + 0x24, TEST_KERNEL_START, 4);
	read_tables();
	EXPECT_EQUAL(platform.hpet_base, 0);
	EXPECT_EQUAL(platform.ecam_count, 0);
}

UNIT_TEST(acpi_tables, controllers_in_memory_and_twice)
{
	static const uint8_t entries[] = {
		1, 12, 0, 0, 0, 0x80, 1, 0,    0,  0, 0, 0, /* at TEST_KERNEL_START */
		1, 12, 1, 0, 0, 0,    0, 0,    0,  0, 0, 0, /* at 0 */
		1, 12, 2, 0, 0, 0,    0, 0xfe, 24, 0, 0, 0, /* good */
		1, 12, 3, 0, 0, 0,    0, 0xfe, 48, 0, 0, 0, /* there already */
		1, 12, 4, 0, 0, 0x10, 0, 0xfe, 24, 0, 0, 0, /* the same numbers */
		1, 12, 5, 0, 0, 0x10, 0, 0xfe, 48, 0, 0, 0, /* good */
	};

	test_make_tables();
	memcpy(test_memory + MADT + 0x2c, entries, sizeof(entries));
	test_put(MADT + 0x24, TEST_KERNEL_START, 4);
	test_finish_table(MADT, "APIC", 0x2c + sizeof(entries));
	read_tables();
	EXPECT_EQUAL(platform.controller_count, 2);
	EXPECT_EQUAL(platform.controllers[0].id, 2);
	EXPECT_EQUAL(platform.controllers[1].id, 5);
	EXPECT_EQUAL(platform.local_controller_base, 0xfee00000);
}

/* A list of entries that ends in one of length 0, or in half of one. */
UNIT_TEST(acpi_tables, madt_entries_that_end_badly)
{
	for (unsigned length = 0x2c; length < 0x2c + 70; length++) {
		test_make_tables();
		test_finish_table(MADT, "APIC", length);
		read_tables();
		EXPECT(platform.cpu_count <= 3);
		EXPECT(platform.controller_count >= 1);
	}
	test_make_tables();
	test_memory[MADT + 0x2c + 8 + 1] = 0;
	test_finish_table(MADT, "APIC", 0x2c + 70);
	read_tables();
	EXPECT_EQUAL(platform.cpu_count, 1);
}
