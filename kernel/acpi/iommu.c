/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of both kinds of IOMMUs come to. */
#include "acpi_priv.h"
#include "iommu_priv.h"

#include <base/string.h>
#include <core/log.h>

#define ADDRESS_END (1ull << 52)
#define PAGE        4096

static struct acpi_iommu machine;

struct acpi_iommu_unit *iommu_add_unit(struct acpi_iommu *iommu)
{
	struct acpi_iommu_unit *unit = &iommu->units[iommu->unit_count];

	if (iommu->unit_count == ACPI_IOMMU_UNITS)
		return NULL;
	iommu->unit_count++;
	*unit = (struct acpi_iommu_unit){ .first_scope = iommu->scope_count, .domain = UINT32_MAX };
	return unit;
}

struct acpi_iommu_reserved *iommu_add_reserved(struct acpi_iommu *iommu, uint64_t base,
					       uint64_t length)
{
	struct acpi_iommu_reserved *reserved = &iommu->reserved[iommu->reserved_count];

	if (iommu->reserved_count == ACPI_IOMMU_RESERVED || length == 0 || base % PAGE != 0 ||
	    base >= ADDRESS_END || length > ADDRESS_END - base)
		return NULL;
	iommu->reserved_count++;
	*reserved = (struct acpi_iommu_reserved){
		.base = base,
		.length = length,
		.first_scope = iommu->scope_count,
	};
	return reserved;
}

struct acpi_iommu_scope *iommu_add_scope(struct acpi_iommu *iommu, unsigned *count)
{
	if (iommu->scope_count == ACPI_IOMMU_SCOPES)
		return NULL;
	++*count;
	return &iommu->scopes[iommu->scope_count++];
}

void acpi_iommu_parse(const struct acpi_header *dmar, const struct acpi_header *ivrs,
		      struct acpi_iommu *iommu)
{
	memset(iommu, 0, sizeof(*iommu));
	if (dmar)
		iommu_read_dmar((const uint8_t *)dmar, dmar->length, iommu);
	if (ivrs)
		iommu_read_ivrs((const uint8_t *)ivrs, ivrs->length, iommu);
}

void acpi_read_iommu(void)
{
	acpi_iommu_parse(acpi_find_table("DMAR", 0), acpi_find_table("IVRS", 0), &machine);
	if (machine.unit_count > 0)
		log_info("acpi", "%u IOMMUs, %u pieces of memory reserved for devices",
			 machine.unit_count, machine.reserved_count);
}

const struct acpi_iommu *acpi_iommu(void)
{
	return &machine;
}
