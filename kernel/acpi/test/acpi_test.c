/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table parser against sound, odd and damaged tables. "Physical memory" is an array here; a
 * table that is mapped is copied, so that the sanitizers see every access beyond its length.
 */
#include <arch/platform.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>

#include "../acpi_priv.h"
#include "../fadt.h"
#include "unit.h"

#define MEMORY_SIZE 0x20000
#define RSDP        0x100
#define RSDT        0x1000
#define XSDT        0x2000
#define MADT        0x3001 /* tables lie at any address */
#define FADT        0x4003
#define DSDT        0x5000
#define HPET        0x6000
#define MCFG        0x7000
#define ROUNDS      2000
#define MAPPED_MAX  128

static uint8_t memory[MEMORY_SIZE];
static void *mapped[MAPPED_MAX];
static unsigned mapped_count;

/* The C library's, by the names that base/ leaves free. */
void *malloc(size_t size);
void free(void *pointer);

void *kernel_map_device(phys_t physical, size_t length, unsigned flags)
{
	void *copy;

	(void)flags;
	if (length == 0 || physical > MEMORY_SIZE || length > MEMORY_SIZE - physical)
		return NULL;
	EXPECT(mapped_count < MAPPED_MAX);
	copy = malloc(length);
	memcpy(copy, memory + physical, length);
	mapped[mapped_count++] = copy;
	return copy;
}

void kernel_unmap_device(void *address, size_t length)
{
	(void)length;
	for (unsigned i = 0; i < mapped_count; i++) {
		if (mapped[i] != address)
			continue;
		mapped[i] = mapped[--mapped_count];
		free(address);
		return;
	}
	EXPECT(!"unmapped twice");
}

/* What the parser keeps mapped for ever. */
static void release_all(void)
{
	while (mapped_count > 0)
		free(mapped[--mapped_count]);
}

static void put(size_t at, uint64_t value, size_t size)
{
	memcpy(memory + at, &value, size);
}

/* Makes the bytes of a table add up to 0. */
static void seal(size_t at, size_t length, size_t checksum)
{
	uint8_t sum = 0;

	memory[at + checksum] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + memory[at + i]);
	memory[at + checksum] = (uint8_t)-sum;
}

static void finish_table(size_t at, const char *signature, size_t length)
{
	memcpy(memory + at, signature, 4);
	put(at + 4, length, 4);
	seal(at, length, 9);
}

static void make_madt(void)
{
	static const uint8_t entries[] = {
		0, 8,  0, 0,   1,  0, 0,    0,                              /* CPU 0 */
		0, 8,  1, 4,   1,  0, 0,    0,                              /* CPU 4 */
		0, 8,  2, 5,   0,  0, 0,    0,                              /* not enabled */
		9, 16, 0, 0,   4,  0, 0,    0,    1,   0, 0, 0, 1, 0, 0, 0, /* CPU 4 again */
		9, 16, 0, 0,   0,  1, 0,    0,    1,   0, 0, 0, 1, 0, 0, 0, /* CPU 256 */
		1, 12, 2, 0,   0,  0, 0xc0, 0xfe, 24,  0, 0, 0,             /* I/O APIC */
		2, 10, 0, 9,   20, 0, 0,    0,    0xf, 0,                   /* IRQ 9: low, level */
		2, 10, 0, 200, 20, 0, 0,    0,    0xf, 0,                   /* no such IRQ */
		5, 12, 0, 0,   0,  0, 0xe1, 0xfe, 1,   0, 0, 0,             /* local APICs */
		0, 3,  0,                                                   /* too short */
	};

	put(MADT + 0x24, 0xfee00000, 4);
	memcpy(memory + MADT + 0x2c, entries, sizeof(entries));
	finish_table(MADT, "APIC", 0x2c + sizeof(entries));
}

static void make_fadt(void)
{
	static const uint8_t soft_off[] = { 0x08, '_',  'S',  '5',  '_',  0x12, 0x06,
					    0x04, 0x0a, 0x05, 0x01, 0x00, 0x00 };

	put(FADT + 0x28, DSDT, 4);
	put(FADT + 0x30, 0xb2, 4);
	put(FADT + 0x34, 0xf0, 1);
	put(FADT + 0x40, 0x604, 4);
	put(FADT + 0x70, 1u << 8 | 1u << 10, 4);
	put(FADT + 0x74, 1, 1);
	put(FADT + 0x78, 0xcf9, 8);
	put(FADT + 0x80, 6, 1);
	put(FADT + 0xd0, 1, 1); /* the timer only in the wide field */
	put(FADT + 0xd4, 0x608, 8);
	finish_table(FADT, "FACP", 0xf4);
	memcpy(memory + DSDT + 0x24, soft_off, sizeof(soft_off));
	finish_table(DSDT, "DSDT", 0x24 + sizeof(soft_off));
}

static void make_others(void)
{
	put(HPET + 0x2c, 0xfed00000, 8);
	finish_table(HPET, "HPET", 0x38);
	put(MCFG + 0x2c, 0xa0000000, 8); /* another segment */
	put(MCFG + 0x34, 1, 2);
	put(MCFG + 0x3c, 0xb0000000, 8);
	memory[MCFG + 0x3c + 11] = 255;
	finish_table(MCFG, "MCFG", 0x4c);
}

static void make_tables(void)
{
	static const uint32_t list[] = { MADT, FADT, 0, HPET, MCFG, 0x7fffff00 };

	memset(memory, 0, sizeof(memory));
	make_madt();
	make_fadt();
	make_others();
	for (size_t i = 0; i < array_length(list); i++) {
		put(RSDT + 0x24 + 4 * i, list[i], 4);
		put(XSDT + 0x24 + 8 * i, list[i], 8);
	}
	finish_table(RSDT, "RSDT", 0x24 + 4 * array_length(list));
	finish_table(XSDT, "XSDT", 0x24 + 8 * array_length(list));
	memcpy(memory + RSDP, "RSD PTR ", 8);
	memory[RSDP + 0xf] = 2;
	put(RSDP + 0x10, RSDT, 4);
	put(RSDP + 0x14, 0x24, 4);
	put(RSDP + 0x18, XSDT, 8);
	seal(RSDP, 20, 8);
	seal(RSDP, 0x24, 0x20);
}

static void expect_sound(const struct platform *platform)
{
	EXPECT_EQUAL(platform->cpu_count, 3);
	EXPECT_EQUAL(platform->cpus[1].hardware_id, 4);
	EXPECT_EQUAL(platform->cpus[2].hardware_id, 256);
	EXPECT_EQUAL(platform->local_controller_base, 0x1fee10000);
	EXPECT_EQUAL(platform->controller_count, 1);
	EXPECT_EQUAL(platform->controllers[0].first_gsi, 24);
	EXPECT(platform->isa[9].present && platform->isa[9].level && platform->isa[9].active_low);
	EXPECT_EQUAL(platform->hpet_base, 0xfed00000);
	EXPECT_EQUAL(platform->pm_timer_port, 0x608);
	EXPECT(platform->pm_timer_32bit);
	EXPECT_EQUAL(acpi_fadt()->pm1_control[0].address, 0x604);
	EXPECT_EQUAL(acpi_fadt()->smi_command, 0xb2);
	EXPECT_EQUAL(acpi_fadt()->reset.address, 0xcf9);
	EXPECT_EQUAL(acpi_fadt()->reset_value, 6);
	EXPECT_EQUAL(platform->ecam_count, 2);
	EXPECT_EQUAL(platform->ecam[0].base, 0xa0000000);
	EXPECT_EQUAL(platform->ecam[0].segment, 1);
	EXPECT_EQUAL(platform->ecam[1].base, 0xb0000000);
	EXPECT_EQUAL(platform->ecam[1].last_bus, 255);
}

UNIT_TEST(acpi, reads_sound_tables)
{
	struct platform platform;

	make_tables();
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, falls_back_on_the_narrow_list)
{
	struct platform platform;

	make_tables();
	memory[XSDT + 9]++;
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, first_revision)
{
	struct platform platform;

	make_tables();
	memory[RSDP + 0xf] = 0;
	put(RSDP + 0x18, UINT64_MAX, 8);
	seal(RSDP, 20, 8);
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, starts_without_tables)
{
	struct platform platform;

	memset(memory, 0, sizeof(memory));
	acpi_read_platform(0, &platform);
	EXPECT_EQUAL(platform.cpu_count, 0);
	EXPECT_EQUAL(platform.local_controller_base, 0xfee00000);
	EXPECT_EQUAL(platform.controller_count, 1);
}

UNIT_TEST(acpi, skips_a_table_with_a_wrong_checksum)
{
	struct platform platform;

	make_tables();
	memory[HPET + 0x30]++;
	acpi_read_platform(RSDP, &platform);
	EXPECT_EQUAL(platform.hpet_base, 0);
	EXPECT_EQUAL(platform.cpu_count, 3);
}

UNIT_TEST(acpi, soft_off_at_the_very_end)
{
	uint8_t type_a, type_b;

	/* A package that claims more than the table holds. */
	for (size_t length = 0x24; length < 0x24 + 13; length++) {
		struct acpi_header *copy;

		make_tables();
		finish_table(DSDT, "DSDT", length);
		copy = kernel_map_device(DSDT, length, 0);
		EXPECT(!acpi_soft_off_types(copy, &type_a, &type_b) || length > 0x24 + 10);
		kernel_unmap_device(copy, length);
	}
}

/* Tables with random bytes changed, and checksums that are right nevertheless. */
UNIT_TEST(acpi, damaged_tables)
{
	static const size_t tables[] = { MADT, FADT, DSDT, HPET, MCFG, RSDT, XSDT };
	uint64_t state = 12345;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct platform platform;
		size_t at = tables[unit_random_below(&state, array_length(tables))];
		uint32_t length;

		make_tables();
		for (unsigned i = 0; i < 4; i++)
			memory[at + 4 + unit_random_below(&state, 0x60)] =
				(uint8_t)unit_random(&state);
		memcpy(&length, memory + at + 4, 4);
		if (length >= 0x24 && length <= MEMORY_SIZE - at)
			seal(at, length, 9);
		acpi_read_platform(RSDP, &platform);
		EXPECT(platform.cpu_count <= PLATFORM_CPU_MAX);
		EXPECT(platform.controller_count <= PLATFORM_CONTROLLER_MAX);
		EXPECT(platform.ecam_count <= PLATFORM_ECAM_MAX);
		for (unsigned i = 0; i < platform.ecam_count; i++)
			EXPECT(platform.ecam[i].first_bus <= platform.ecam[i].last_bus);
		release_all();
	}
}
