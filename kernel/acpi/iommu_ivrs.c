/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AMD's table (5.2.1 to 5.2.2): blocks for units, each told up to three times for systems of different age,
 * and blocks of memory.
 */
#include "iommu_priv.h"

#define FIRST            0x30
#define INFO             0x24
#define INFO_WIDTH_SHIFT 8
#define INFO_WIDTH       0x7fu /* of physical addresses */

#define UNIT_OLD        0x10
#define UNIT_MIDDLE     0x11
#define UNIT_NEW        0x40
#define MEMORY_ALL      0x20
#define MEMORY_ONE      0x21
#define MEMORY_RANGE    0x22
#define UNIT_OLD_LENGTH 24
#define UNIT_LENGTH     40
#define MEMORY_LENGTH   32
#define MEMORY_EXCLUDED (1u << 3)

enum entry {
	ENTRY_ALL = 1,
	ENTRY_ONE = 2,
	ENTRY_FIRST = 3,
	ENTRY_LAST = 4,
	ENTRY_ALIAS = 66,
	ENTRY_ALIAS_FIRST = 67,
	ENTRY_EXTENDED = 70,
	ENTRY_EXTENDED_FIRST = 71,
	ENTRY_SPECIAL = 72,
	ENTRY_NAMED = 240,
};

#define SPECIAL_IO_APIC 1
#define SPECIAL_HPET    2
#define NAMED_LENGTH    22

/* A range whose end is to come. */
struct pending {
	bool open;
	uint16_t first, alias;
	bool aliased;
};

/* How long an entry is, of which `room` bytes are there; 0: it makes no sense. */
static size_t entry_length(const uint8_t *entry, size_t room)
{
	size_t length = entry[0] < 64 ? 4 : entry[0] < 128 ? 8 : entry[0] < 192 ? 16 : 32;

	if (entry[0] == ENTRY_NAMED)
		length = room >= NAMED_LENGTH ? NAMED_LENGTH + (size_t)entry[21] : 0;
	return length <= room ? length : 0;
}

static struct acpi_iommu_scope *add_range(struct acpi_iommu *iommu, struct acpi_iommu_unit *unit,
					  uint16_t first, uint16_t last)
{
	struct acpi_iommu_scope *scope;

	if (last < first)
		return NULL;
	scope = iommu_add_scope(iommu, &unit->scope_count);
	if (scope)
		*scope = (struct acpi_iommu_scope){
			.kind = ACPI_SCOPE_RANGE,
			.first = first,
			.last = last,
			.alias = first,
		};
	return scope;
}

/* An I/O APIC or a timer, which looks like a PCI function to the unit. */
static void read_special(const uint8_t *entry, struct acpi_iommu *iommu,
			 struct acpi_iommu_unit *unit)
{
	struct acpi_iommu_scope *scope;

	if (entry[7] != SPECIAL_IO_APIC && entry[7] != SPECIAL_HPET)
		return;
	scope = iommu_add_scope(iommu, &unit->scope_count);
	if (!scope)
		return;
	*scope = (struct acpi_iommu_scope){
		.kind = entry[7] == SPECIAL_HPET ? ACPI_SCOPE_HPET : ACPI_SCOPE_IO_APIC,
		.id = entry[4],
		.first = (uint16_t)iommu_field(entry + 5, 2),
	};
	scope->last = scope->alias = scope->first;
	scope->bus = (uint8_t)(scope->first >> 8);
	scope->path[0] = (uint8_t)scope->first;
	scope->path_length = 1;
}

static void read_entry(const uint8_t *entry, struct acpi_iommu *iommu, struct acpi_iommu_unit *unit,
		       struct pending *pending)
{
	uint16_t requester = (uint16_t)iommu_field(entry + 1, 2);
	struct acpi_iommu_scope *scope = NULL;

	switch (entry[0]) {
	case ENTRY_ALL:
		unit->all = true;
		break;
	case ENTRY_ONE:
	case ENTRY_EXTENDED:
	case ENTRY_NAMED:
		(void)add_range(iommu, unit, requester, requester);
		break;
	case ENTRY_ALIAS:
		scope = add_range(iommu, unit, requester, requester);
		if (scope)
			scope->alias = (uint16_t)iommu_field(entry + 5, 2);
		break;
	case ENTRY_FIRST:
	case ENTRY_EXTENDED_FIRST:
		*pending = (struct pending){ .open = true, .first = requester };
		break;
	case ENTRY_ALIAS_FIRST:
		*pending = (struct pending){ true, requester, (uint16_t)iommu_field(entry + 5, 2),
					     true };
		break;
	case ENTRY_LAST:
		if (pending->open)
			scope = add_range(iommu, unit, pending->first, requester);
		if (scope && pending->aliased)
			scope->alias = pending->alias;
		pending->open = false;
		break;
	case ENTRY_SPECIAL:
		read_special(entry, iommu, unit);
		break;
	default:
		break;
	}
}

static bool is_known(const struct acpi_iommu *iommu, uint16_t requester, uint16_t segment)
{
	for (unsigned i = 0; i < iommu->unit_count; i++) {
		const struct acpi_iommu_unit *unit = &iommu->units[i];

		if (unit->kind == ACPI_IOMMU_AMD && unit->requester == requester &&
		    unit->segment == segment)
			return true;
	}
	return false;
}

static void read_unit(const uint8_t *block, size_t length, size_t head, struct acpi_iommu *iommu)
{
	uint16_t requester = (uint16_t)iommu_field(block + 4, 2);
	uint16_t segment = (uint16_t)iommu_field(block + 16, 2);
	uint64_t base = iommu_field(block + 8, 8);
	struct pending pending = { 0 };
	struct acpi_iommu_unit *unit;
	size_t size;

	if (base == 0 || base % 4096 != 0 || is_known(iommu, requester, segment))
		return;
	unit = iommu_add_unit(iommu);
	if (!unit)
		return;
	unit->kind = ACPI_IOMMU_AMD;
	unit->base = base;
	unit->segment = segment;
	unit->requester = requester;
	unit->capability = (uint16_t)iommu_field(block + 6, 2);
	for (size_t at = head; length - at >= 4; at += size) {
		size = entry_length(block + at, length - at);
		if (size == 0)
			break;
		read_entry(block + at, iommu, unit, &pending);
	}
}

static void read_memory(const uint8_t *block, struct acpi_iommu *iommu)
{
	uint16_t first = (uint16_t)iommu_field(block + 4, 2);
	uint16_t last = block[0] == MEMORY_RANGE ? (uint16_t)iommu_field(block + 6, 2) : first;
	struct acpi_iommu_reserved *reserved;
	struct acpi_iommu_scope *scope;

	if (last < first)
		return;
	reserved =
		iommu_add_reserved(iommu, iommu_field(block + 16, 8), iommu_field(block + 24, 8));
	if (!reserved)
		return;
	reserved->excluded = block[1] & MEMORY_EXCLUDED;
	reserved->all = block[0] == MEMORY_ALL;
	if (reserved->all)
		return;
	scope = iommu_add_scope(iommu, &reserved->scope_count);
	if (scope)
		*scope = (struct acpi_iommu_scope){
			.kind = ACPI_SCOPE_RANGE,
			.first = first,
			.last = last,
			.alias = first,
		};
}

/* Reads blocks of one kind: the newest that tell of a unit go before the others. */
static void read_blocks(const uint8_t *table, size_t length, uint8_t kind, struct acpi_iommu *iommu)
{
	for (size_t at = FIRST; length - at >= 4;) {
		const uint8_t *block = table + at;
		size_t size = (size_t)iommu_field(block + 2, 2);
		size_t head = kind == UNIT_OLD ? UNIT_OLD_LENGTH : UNIT_LENGTH;

		if (size < 4 || size > length - at)
			break;
		if (block[0] == kind && kind >= MEMORY_ALL && kind <= MEMORY_RANGE) {
			if (size >= MEMORY_LENGTH)
				read_memory(block, iommu);
		} else if (block[0] == kind && size >= head) {
			read_unit(block, size, head, iommu);
		}
		at += size;
	}
}

void iommu_read_ivrs(const uint8_t *table, size_t length, struct acpi_iommu *iommu)
{
	static const uint8_t kinds[] = { UNIT_NEW,   UNIT_MIDDLE, UNIT_OLD,
					 MEMORY_ALL, MEMORY_ONE,  MEMORY_RANGE };

	if (length < FIRST)
		return;
	iommu->address_width =
		(unsigned)(iommu_field(table + INFO, 4) >> INFO_WIDTH_SHIFT & INFO_WIDTH);
	iommu->remaps_interrupts = true;
	for (size_t i = 0; i < array_length(kinds); i++)
		read_blocks(table, length, kinds[i], iommu);
}
