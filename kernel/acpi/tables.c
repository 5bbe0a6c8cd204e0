/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding and checking tables (ACPI 6.5, 5.2.5 to 5.2.8). */
#include "acpi_priv.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>

#define TABLE_LIMIT      64
#define TABLE_LENGTH_MAX (16u << 20)
#define FADT_DSDT        0x28
#define FADT_X_DSDT      0x8c
#define BIOS_START       0xe0000
#define BIOS_END         0x100000

struct rsdp {
	/* 0x00 */ char signature[8];
	/* 0x08 */ uint8_t checksum;
	/* 0x09 */ char oem_id[6];
	/* 0x0f */ uint8_t revision;
	/* 0x10 */ uint32_t rsdt;
	/* 0x14 */ uint32_t length;
	/* 0x18 */ uint64_t xsdt;
	/* 0x20 */ uint8_t extended_checksum;
	/* 0x21 */ uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(sizeof(struct rsdp) == 0x24, "root pointer");
#define RSDP_V1_LENGTH 20

static const struct acpi_header *tables[TABLE_LIMIT];
static unsigned table_count;

static bool checksum_ok(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

const struct acpi_header *acpi_map_table(uint64_t physical)
{
	struct acpi_header *header = kernel_map_device(physical, sizeof(*header), 0);
	struct acpi_header *table;
	uint32_t length;

	if (!header)
		return NULL;
	length = header->length;
	kernel_unmap_device(header, sizeof(*header));
	if (length < sizeof(*header) || length > TABLE_LENGTH_MAX) {
		log_warning("acpi", "table at %lx has length %u: skipped", physical, length);
		return NULL;
	}
	table = kernel_map_device(physical, length, 0);
	if (!table)
		return NULL;
	if (table->length != length || !checksum_ok(table, length)) {
		log_warning("acpi", "table at %lx has a wrong checksum: skipped", physical);
		kernel_unmap_device(table, length);
		return NULL;
	}
	return table;
}

/* Copies the root pointer if there is a sound one at `physical`. */
static bool read_rsdp(uint64_t physical, struct rsdp *rsdp)
{
	struct rsdp *mapped = kernel_map_device(physical, sizeof(*mapped), 0);

	if (!mapped)
		return false;
	*rsdp = *mapped;
	kernel_unmap_device(mapped, sizeof(*mapped));
	if (memcmp(rsdp->signature, "RSD PTR ", 8) != 0 || !checksum_ok(rsdp, RSDP_V1_LENGTH))
		return false;
	if (rsdp->revision >= 2 && !checksum_ok(rsdp, sizeof(*rsdp)))
		rsdp->revision = 0;
	return true;
}

/* PC firmware without UEFI puts the pointer on a 16-byte step of the BIOS area. */
static bool search_rsdp(struct rsdp *rsdp)
{
	char *bios = kernel_map_device(BIOS_START, BIOS_END - BIOS_START, 0);
	bool found = false;

	if (!bios)
		return false;
	for (size_t i = 0; !found && i < BIOS_END - BIOS_START; i += 16) {
		if (!memcmp(bios + i, "RSD PTR ", 8))
			found = read_rsdp(BIOS_START + i, rsdp);
	}
	kernel_unmap_device(bios, BIOS_END - BIOS_START);
	return found;
}

/* The FADT tells where the DSDT is. */
static void add_dsdt(void)
{
	const struct acpi_header *fadt = acpi_find_table("FACP", 0), *dsdt = NULL;
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (!fadt || table_count == TABLE_LIMIT)
		return;
	if (fadt->length >= FADT_X_DSDT + sizeof(wide))
		memcpy(&wide, (const char *)fadt + FADT_X_DSDT, sizeof(wide));
	if (fadt->length >= FADT_DSDT + sizeof(narrow))
		memcpy(&narrow, (const char *)fadt + FADT_DSDT, sizeof(narrow));
	if (wide)
		dsdt = acpi_map_table(wide);
	if (!dsdt && narrow && narrow != wide)
		dsdt = acpi_map_table(narrow);
	if (dsdt)
		tables[table_count++] = dsdt;
}

bool acpi_load(uint64_t address)
{
	const struct acpi_header *root = NULL;
	size_t width = 8, count;
	struct rsdp rsdp;

	table_count = 0;
	if ((!address || !read_rsdp(address, &rsdp)) && !search_rsdp(&rsdp)) {
		log_error("acpi", "no root pointer");
		return false;
	}
	if (rsdp.revision >= 2 && rsdp.xsdt)
		root = acpi_map_table(rsdp.xsdt);
	if (!root && rsdp.rsdt) {
		width = 4;
		root = acpi_map_table(rsdp.rsdt);
	}
	if (!root)
		return false;
	count = (root->length - sizeof(*root)) / width;
	for (size_t i = 0; i < count && table_count < TABLE_LIMIT; i++) {
		const struct acpi_header *table;
		uint64_t physical = 0;

		memcpy(&physical, (const char *)(root + 1) + i * width, width);
		table = physical ? acpi_map_table(physical) : NULL;
		if (table)
			tables[table_count++] = table;
	}
	if (!acpi_find_table("DSDT", 0))
		add_dsdt();
	return true;
}

const struct acpi_header *acpi_find_table(const char signature[4], unsigned instance)
{
	for (unsigned i = 0; i < table_count; i++) {
		if (!memcmp(tables[i]->signature, signature, 4) && instance-- == 0)
			return tables[i];
	}
	return NULL;
}
