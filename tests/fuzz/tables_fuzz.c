/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Static ACPI tables: a sound set (as the unit tests make it) is changed as the input says, with checksums
 * put right again or not, and read. What comes of it must keep to its bounds.
 *
 * The input: instructions of 4 bytes, of which the first chooses what the others are for.
 */
#include "../../kernel/acpi/acpi_priv.h"
#include "../../kernel/acpi/test/memory.h"

#include <arch/platform.h>
#include <base/string.h>
#include <core/log.h>

#include "fuzz.h"

#define INSTRUCTION 4
#define LOG_MAX     200

static unsigned lines;

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	(void)level;
	(void)area;
	(void)format;
	lines++;
}

/* Makes the table there sum up, if its length can be. */
static void repair(size_t at)
{
	uint32_t length;

	memcpy(&length, test_memory + at + 4, sizeof(length));
	if (length >= sizeof(struct acpi_header) && length <= TEST_MEMORY_SIZE - at)
		test_seal(at, length, 9);
}

static void change(const uint8_t *instruction)
{
	static const size_t places[] = { RSDT, XSDT, MADT, FADT, DSDT, HPET, MCFG, SPARE };
	size_t place = places[instruction[0] & 7];
	size_t at = place + (instruction[1] | (instruction[0] & 0x10u) << 4);

	switch (instruction[0] >> 5) {
	case 0:
		test_memory[at] = instruction[2];
		break;
	case 1:
		test_put(at, (uint64_t)instruction[2] << instruction[3] % 64, 8);
		break;
	case 2: /* another table's place */
		test_put(at, places[instruction[2] & 7] + (instruction[3] & 0x3f), 8);
		break;
	case 3:
		test_put(place + 4, instruction[1] | (uint64_t)instruction[2] << 8, 4);
		break;
	case 4:
		test_memory[RSDP + instruction[1] % 0x24] = instruction[2];
		test_seal(RSDP, 20, 8);
		test_seal(RSDP, 0x24, 0x20);
		break;
	case 5:
		memcpy(test_memory + place, test_memory + places[instruction[1] & 7], 0x100);
		break;
	case 6:
		repair(place);
		break;
	default:
		break;
	}
}

static void check(const struct platform *platform)
{
	FUZZ_CHECK(platform->cpu_count <= PLATFORM_CPU_MAX);
	FUZZ_CHECK(platform->controller_count >= 1 &&
		   platform->controller_count <= PLATFORM_CONTROLLER_MAX);
	FUZZ_CHECK(platform->ecam_count <= PLATFORM_ECAM_MAX);
	for (unsigned i = 0; i < platform->controller_count; i++)
		FUZZ_CHECK(acpi_memory_reachable(platform->controllers[i].base, 0x1000));
	for (unsigned i = 0; i < platform->ecam_count; i++)
		FUZZ_CHECK(platform->ecam[i].first_bus <= platform->ecam[i].last_bus);
	FUZZ_CHECK(!platform->hpet_base || acpi_memory_reachable(platform->hpet_base, 1024));
	FUZZ_CHECK(acpi_memory_reachable(platform->local_controller_base, 0x1000));
}

/* Every table is one, and all its bytes are there. */
static void check_tables(void)
{
	const struct acpi_header *table;

	for (unsigned i = 0; (table = acpi_table_at(i)) != NULL; i++) {
		FUZZ_CHECK(i < ACPI_TABLE_MAX && table->length >= sizeof(*table));
		FUZZ_CHECK(acpi_checksum_is_right(table, table->length));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct platform platform;

	lines = 0;
	test_make_tables();
	for (; size >= INSTRUCTION; data += INSTRUCTION, size -= INSTRUCTION)
		change(data);
	acpi_read_platform(RSDP, &platform);
	FUZZ_CHECK(test_memory_mapped() == 0);
	FUZZ_CHECK(lines < LOG_MAX);
	check(&platform);
	check_tables();
	return 0;
}
