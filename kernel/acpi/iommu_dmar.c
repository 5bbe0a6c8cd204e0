/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intel's table: remapping units, reserved memory, and where units are near to (VT-d 4.1, 8.1 to 8.5). */
#include "iommu_priv.h"

#define FIRST         0x30
#define ADDRESS_WIDTH 0x24
#define FLAGS         0x25
#define REMAPS        (1u << 0)
#define NO_X2APIC     (1u << 1)

enum structure {
	STRUCTURE_UNIT = 0,
	STRUCTURE_RESERVED = 1,
	STRUCTURE_NEAR = 3,
};

#define UNIT_LENGTH     16
#define RESERVED_LENGTH 24
#define NEAR_LENGTH     20
#define INCLUDE_ALL     (1u << 0)
#define SCOPE_LENGTH    6
#define SCOPE_STEP      2

/* The kind of a scope of the table; false: it is none that we know. */
static bool scope_kind(uint8_t number, enum acpi_iommu_scope_kind *kind)
{
	static const enum acpi_iommu_scope_kind kinds[] = {
		ACPI_SCOPE_FUNCTION, ACPI_SCOPE_HIERARCHY, ACPI_SCOPE_IO_APIC,
		ACPI_SCOPE_HPET,     ACPI_SCOPE_NAMED,
	};

	if (number < 1 || number > array_length(kinds))
		return false;
	*kind = kinds[number - 1];
	return true;
}

static void read_scope(const uint8_t *entry, size_t length, struct acpi_iommu *iommu,
		       unsigned *count)
{
	size_t steps = (length - SCOPE_LENGTH) / SCOPE_STEP;
	enum acpi_iommu_scope_kind kind;
	struct acpi_iommu_scope *scope;

	if (!scope_kind(entry[0], &kind) || steps == 0 || steps > ACPI_IOMMU_PATH_MAX)
		return;
	scope = iommu_add_scope(iommu, count);
	if (!scope)
		return;
	*scope = (struct acpi_iommu_scope){
		.kind = kind,
		.id = entry[4],
		.bus = entry[5],
		.path_length = (uint8_t)steps,
	};
	for (size_t i = 0; i < steps; i++)
		scope->path[i] = (uint8_t)(entry[SCOPE_LENGTH + SCOPE_STEP * i] << 3 |
					   (entry[SCOPE_LENGTH + SCOPE_STEP * i + 1] & 7));
	/* What is on the bus itself is known by that. */
	if (steps == 1)
		scope->first = scope->last = (uint16_t)(scope->bus << 8 | scope->path[0]);
	scope->alias = scope->first;
}

static void read_scopes(const uint8_t *entry, const uint8_t *end, struct acpi_iommu *iommu,
			unsigned *count)
{
	while (end - entry >= SCOPE_LENGTH && entry[1] >= SCOPE_LENGTH && entry[1] <= end - entry) {
		read_scope(entry, entry[1], iommu, count);
		entry += entry[1];
	}
}

static void read_unit(const uint8_t *entry, size_t length, struct acpi_iommu *iommu)
{
	uint64_t base = iommu_field(entry + 8, 8);
	struct acpi_iommu_unit *unit;

	if (base == 0 || base % 4096 != 0)
		return;
	unit = iommu_add_unit(iommu);
	if (!unit)
		return;
	unit->kind = ACPI_IOMMU_INTEL;
	unit->base = base;
	unit->all = entry[4] & INCLUDE_ALL;
	unit->segment = (uint16_t)iommu_field(entry + 6, 2);
	read_scopes(entry + UNIT_LENGTH, entry + length, iommu, &unit->scope_count);
}

static void read_reserved(const uint8_t *entry, size_t length, struct acpi_iommu *iommu)
{
	uint64_t base = iommu_field(entry + 8, 8), limit = iommu_field(entry + 16, 8);
	struct acpi_iommu_reserved *reserved;

	if (limit < base)
		return;
	reserved = iommu_add_reserved(iommu, base, limit - base + 1);
	if (!reserved)
		return;
	reserved->segment = (uint16_t)iommu_field(entry + 6, 2);
	read_scopes(entry + RESERVED_LENGTH, entry + length, iommu, &reserved->scope_count);
}

static void read_near(const uint8_t *entry, struct acpi_iommu *iommu)
{
	uint64_t base = iommu_field(entry + 8, 8);

	for (unsigned i = 0; i < iommu->unit_count; i++)
		if (iommu->units[i].base == base)
			iommu->units[i].domain = (uint32_t)iommu_field(entry + 16, 4);
}

static void read_structure(const uint8_t *entry, size_t length, struct acpi_iommu *iommu)
{
	switch (iommu_field(entry, 2)) {
	case STRUCTURE_UNIT:
		if (length >= UNIT_LENGTH)
			read_unit(entry, length, iommu);
		break;
	case STRUCTURE_RESERVED:
		if (length >= RESERVED_LENGTH)
			read_reserved(entry, length, iommu);
		break;
	case STRUCTURE_NEAR:
		if (length >= NEAR_LENGTH)
			read_near(entry, iommu);
		break;
	default:
		break;
	}
}

void iommu_read_dmar(const uint8_t *table, size_t length, struct acpi_iommu *iommu)
{
	if (length < FIRST)
		return;
	iommu->address_width = table[ADDRESS_WIDTH] + 1u;
	iommu->remaps_interrupts = table[FLAGS] & REMAPS;
	iommu->no_x2apic = table[FLAGS] & NO_X2APIC;
	for (size_t at = FIRST; length - at >= 4;) {
		size_t size = (size_t)iommu_field(table + at + 2, 2);

		if (size < 4 || size > length - at)
			break;
		read_structure(table + at, size, iommu);
		at += size;
	}
}
