/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <acpi/processor.h>

#include <acpi/acpi.h>

#define KIND_LOCAL_APIC   0
#define KIND_X2APIC       9
#define APIC_NONE         0xff
#define X2APIC_NONE       UINT32_MAX
#define FLAG_ENABLED      1
#define FLAG_MAY_COME     2
#define MADT_FIRST        0x2c
#define REVISION_MAY_COME 5 /* from here on the flag means something (ACPI 6.3) */

struct madt_local_apic {
	uint8_t kind, length, processor, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_x2apic {
	uint8_t kind, length;
	uint16_t reserved;
	uint32_t apic_id;
	uint32_t flags;
	uint32_t processor;
} __attribute__((packed));

_Static_assert(sizeof(struct madt_local_apic) == 8, "MADT");
_Static_assert(sizeof(struct madt_x2apic) == 16, "MADT");

static void set_flags(struct acpi_processor_entry *entry, uint32_t flags)
{
	const struct acpi_header *madt = acpi_find_table("APIC", 0);
	bool flagged = madt && madt->revision >= REVISION_MAY_COME;

	entry->enabled = flags & FLAG_ENABLED;
	entry->may_come = !entry->enabled && (!flagged || flags & FLAG_MAY_COME);
}

bool acpi_processor_parse(const uint8_t *entry, size_t size, struct acpi_processor_entry *result)
{
	const struct madt_local_apic *apic = (const void *)entry;
	const struct madt_x2apic *x2apic = (const void *)entry;

	if (size >= sizeof(*apic) && apic->kind == KIND_LOCAL_APIC && apic->apic_id != APIC_NONE) {
		result->unique_id = apic->processor;
		result->hardware_id = apic->apic_id;
		set_flags(result, apic->flags);
		return true;
	}
	if (size >= sizeof(*x2apic) && x2apic->kind == KIND_X2APIC &&
	    x2apic->apic_id != X2APIC_NONE) {
		result->unique_id = x2apic->processor;
		result->hardware_id = x2apic->apic_id;
		set_flags(result, x2apic->flags);
		return true;
	}
	return false;
}

bool acpi_processor_find(uint32_t unique_id, struct acpi_processor_entry *result)
{
	const struct acpi_header *madt = acpi_find_table("APIC", 0);
	const uint8_t *entry, *end;

	if (!madt || madt->length < MADT_FIRST)
		return false;
	entry = (const uint8_t *)madt + MADT_FIRST;
	end = (const uint8_t *)madt + madt->length;
	while (end - entry >= 2 && entry[1] >= 2 && entry[1] <= end - entry) {
		if (acpi_processor_parse(entry, entry[1], result) && result->unique_id == unique_id)
			return true;
		entry += entry[1];
	}
	return false;
}
