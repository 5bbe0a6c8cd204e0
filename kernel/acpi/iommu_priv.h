/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the readers of the two kinds of IOMMU tables. */
#pragma once

#include <acpi/iommu.h>

/* A field of `size` bytes; the caller has seen to it that it is there. */
static inline uint64_t iommu_field(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

/* A new one, cleared but for its scopes, which begin where there are none yet; NULL: there is no room. */
struct acpi_iommu_unit *iommu_add_unit(struct acpi_iommu *iommu);
struct acpi_iommu_reserved *iommu_add_reserved(struct acpi_iommu *iommu, uint64_t base,
					       uint64_t length);
struct acpi_iommu_scope *iommu_add_scope(struct acpi_iommu *iommu, unsigned *count);

void iommu_read_dmar(const uint8_t *table, size_t length, struct acpi_iommu *iommu);
void iommu_read_ivrs(const uint8_t *table, size_t length, struct acpi_iommu *iommu);
