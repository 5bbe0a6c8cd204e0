/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the tables: root pointer, root tables, and what they list (ACPI 6.5, 5.2.5 to 5.2.8). */
#include "acpi_priv.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#define ENTRY_MAX        1024                 /* of a root table; more are not looked at */
#define LISTED_MAX       (ACPI_TABLE_MAX - 1) /* one is kept for the DSDT */
#define BIOS_START       0xe0000
#define BIOS_END         0x100000
#define EXTENDED_POINTER 0x40e /* real-mode segment of the extended BIOS data area */
#define EXTENDED_START   0x80000
#define EXTENDED_END     0xa0000
#define EXTENDED_LOOK    1024 /* of it may hold the root pointer */
#define RSDP_STEP        16
#define FADT_DSDT        0x28
#define FADT_X_DSDT      0x8c

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
#define RSDP_MAX       256

/* Immutable after acpi_load(). The root table is not among them. */
static const struct acpi_header *tables[ACPI_TABLE_MAX];
static unsigned table_count;

/* --- Root pointer --- */

/* The wide part is good if it is there and sums up; otherwise the narrow one is all there is. */
static void check_wide(uint64_t physical, struct rsdp *rsdp)
{
	uint8_t bytes[RSDP_MAX];
	uint32_t length = rsdp->length;

	if (rsdp->revision >= 2 && length >= sizeof(*rsdp) && length <= sizeof(bytes) &&
	    acpi_read_physical(physical, bytes, length) && acpi_checksum_is_right(bytes, length)) {
		memcpy(rsdp, bytes, sizeof(*rsdp));
		return;
	}
	if (rsdp->revision >= 2)
		log_warning("acpi", "the root pointer's wide part is wrong: left out");
	rsdp->xsdt = 0;
}

/* Copies the root pointer if there is a sound one at `physical`. */
static bool read_rsdp(uint64_t physical, struct rsdp *rsdp)
{
	memset(rsdp, 0, sizeof(*rsdp));
	if (!acpi_read_physical(physical, rsdp, RSDP_V1_LENGTH) ||
	    memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) != 0 ||
	    !acpi_checksum_is_right(rsdp, RSDP_V1_LENGTH))
		return false;
	if (rsdp->revision >= 2 && !acpi_read_physical(physical, rsdp, sizeof(*rsdp)))
		rsdp->length = 0;
	check_wide(physical, rsdp);
	return true;
}

static bool search_range(uint64_t start, uint64_t end, struct rsdp *rsdp)
{
	const char *bytes = kernel_map_device(start, end - start, 0);
	bool found = false;

	if (!bytes)
		return false;
	for (uint64_t at = start; !found && at + RSDP_V1_LENGTH <= end; at += RSDP_STEP)
		if (!memcmp(bytes + (at - start), "RSD PTR ", sizeof(rsdp->signature)))
			found = read_rsdp(at, rsdp);
	kernel_unmap_device((void *)bytes, end - start);
	return found;
}

/* PC firmware without UEFI puts the pointer on a 16-byte step of its areas. */
static bool search_rsdp(struct rsdp *rsdp)
{
	const uint16_t *segment = kernel_map_device(EXTENDED_POINTER, sizeof(*segment), 0);
	uint64_t extended = segment ? (uint64_t)*segment << 4 : 0;

	if (segment)
		kernel_unmap_device((void *)segment, sizeof(*segment));
	if (extended >= EXTENDED_START && extended <= EXTENDED_END - EXTENDED_LOOK &&
	    search_range(extended, extended + EXTENDED_LOOK, rsdp))
		return true;
	return search_range(BIOS_START, BIOS_END, rsdp);
}

/* --- Lists --- */

/* Firmware may list the same table twice, at two places even. */
static bool is_listed(const struct acpi_header *table)
{
	for (unsigned i = 0; i < table_count; i++)
		if (tables[i]->length == table->length && !memcmp(tables[i], table, table->length))
			return true;
	return false;
}

/* Adds the table, if it is sound and new. */
static void add_table(uint64_t physical)
{
	const struct acpi_header *table;

	if (table_count == LISTED_MAX)
		return;
	table = acpi_read_table(physical);
	if (!table)
		return;
	if (is_listed(table)) {
		acpi_complain_of_table(physical, "is there already");
		kfree((void *)table);
		return;
	}
	tables[table_count++] = table;
}

static uint64_t entry_at(const struct acpi_header *root, size_t width, size_t index)
{
	uint64_t physical = 0;

	memcpy(&physical, (const char *)(root + 1) + index * width, width);
	return physical;
}

static bool is_repeated(const struct acpi_header *root, size_t width, size_t index)
{
	uint64_t physical = entry_at(root, width, index);

	for (size_t i = 0; i < index; i++)
		if (entry_at(root, width, i) == physical)
			return true;
	return false;
}

/* Reads what a root table lists; true if some of that is good. */
static bool read_list(uint64_t physical, const char *signature, size_t width)
{
	const struct acpi_header *root = physical ? acpi_read_table(physical) : NULL;
	size_t count;

	if (!root)
		return false;
	if (memcmp(root->signature, signature, sizeof(root->signature)) != 0) {
		acpi_complain_of_table(physical, "is no list of tables");
		acpi_drop_table(root);
		return false;
	}
	count = (root->length - sizeof(*root)) / width;
	if (count > ENTRY_MAX) {
		log_warning("acpi", "%.4s has %lu entries: %u are looked at", root->signature,
			    count, ENTRY_MAX);
		count = ENTRY_MAX;
	}
	for (size_t i = 0; i < count; i++)
		if (entry_at(root, width, i) && !is_repeated(root, width, i))
			add_table(entry_at(root, width, i));
	kfree((void *)root);
	return table_count > 0;
}

static bool is_dsdt(const struct acpi_header *table)
{
	return table && !memcmp(table->signature, "DSDT", sizeof(table->signature));
}

/* The FADT tells where the DSDT is, which no list should have. The wide address goes before the narrow. */
static void add_dsdt(void)
{
	const struct acpi_header *fadt = acpi_find_table("FACP", 0), *dsdt = NULL;
	uint64_t places[2] = { 0 };

	if (!fadt || acpi_find_table("DSDT", 0))
		return;
	if (fadt->length >= FADT_X_DSDT + 8)
		memcpy(&places[0], (const char *)fadt + FADT_X_DSDT, 8);
	if (fadt->length >= FADT_DSDT + 4)
		memcpy(&places[1], (const char *)fadt + FADT_DSDT, 4);
	for (unsigned i = 0; i < 2 && !dsdt; i++) {
		if (!places[i] || (i == 1 && places[1] == places[0]))
			continue;
		dsdt = acpi_read_table(places[i]);
		if (dsdt && !is_dsdt(dsdt)) {
			acpi_complain_of_table(places[i], "is no DSDT");
			acpi_drop_table(dsdt);
			dsdt = NULL;
		}
	}
	if (dsdt)
		tables[table_count++] = dsdt;
}

bool acpi_load(uint64_t address)
{
	struct rsdp rsdp;

	table_count = 0;
	acpi_table_read_init();
	if ((!address || !read_rsdp(address, &rsdp)) && !search_rsdp(&rsdp)) {
		log_error("acpi", "no root pointer");
		return false;
	}
	if (!read_list(rsdp.xsdt, "XSDT", 8) && !read_list(rsdp.rsdt, "RSDT", 4))
		return false;
	add_dsdt();
	return true;
}

const struct acpi_header *acpi_table_at(unsigned index)
{
	return index < table_count ? tables[index] : NULL;
}

const struct acpi_header *acpi_find_table(const char signature[4], unsigned instance)
{
	for (unsigned i = 0; i < table_count; i++) {
		if (!memcmp(tables[i]->signature, signature, 4) && instance-- == 0)
			return tables[i];
	}
	return NULL;
}
