/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table parser against sound, odd and damaged tables. */
#include <arch/platform.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "../acpi_priv.h"
#include "../fadt.h"
#include "memory.h"
#include "unit.h"

#define ROUNDS 2000

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

	test_make_tables();
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, falls_back_on_the_narrow_list)
{
	struct platform platform;

	test_make_tables();
	test_memory[XSDT + 9]++;
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, first_revision)
{
	struct platform platform;

	test_make_tables();
	test_memory[RSDP + 0xf] = 0;
	test_put(RSDP + 0x18, UINT64_MAX, 8);
	test_seal(RSDP, 20, 8);
	acpi_read_platform(RSDP, &platform);
	expect_sound(&platform);
}

UNIT_TEST(acpi, starts_without_tables)
{
	struct platform platform;

	test_memory_reset();
	acpi_read_platform(0, &platform);
	EXPECT_EQUAL(platform.cpu_count, 0);
	EXPECT_EQUAL(platform.local_controller_base, 0xfee00000);
	EXPECT_EQUAL(platform.controller_count, 1);
}

UNIT_TEST(acpi, skips_a_table_with_a_wrong_checksum)
{
	struct platform platform;

	test_make_tables();
	test_memory[HPET + 0x30]++;
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

		test_make_tables();
		test_finish_table(DSDT, "DSDT", length);
		copy = kmalloc(length);
		memcpy(copy, test_memory + DSDT, length);
		EXPECT(!acpi_soft_off_types(copy, &type_a, &type_b) || length > 0x24 + 10);
		kfree(copy);
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

		test_make_tables();
		for (unsigned i = 0; i < 4; i++)
			test_memory[at + 4 + unit_random_below(&state, 0x60)] =
				(uint8_t)unit_random(&state);
		memcpy(&length, test_memory + at + 4, 4);
		if (length >= 0x24 && length <= TEST_MEMORY_SIZE - at)
			test_seal(at, length, 9);
		acpi_read_platform(RSDP, &platform);
		EXPECT(platform.cpu_count <= PLATFORM_CPU_MAX);
		EXPECT(platform.controller_count <= PLATFORM_CONTROLLER_MAX);
		EXPECT(platform.ecam_count <= PLATFORM_ECAM_MAX);
		for (unsigned i = 0; i < platform.ecam_count; i++)
			EXPECT(platform.ecam[i].first_bus <= platform.ecam[i].last_bus);
		EXPECT_EQUAL(test_memory_mapped(), 0);
	}
}
