/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables that describe the machine: affinity, distances, IOMMUs of both kinds, what is located. The input: a
 * byte that chooses, and the table behind its header; of affinity both tables, one after the other.
 */
#include <acpi/affinity.h>
#include <acpi/iommu.h>
#include <acpi/located.h>
#include <base/string.h>
#include <core/log.h>

#include <stdlib.h>

#include "../../kernel/acpi/acpi_priv.h"
#include "fuzz.h"

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	(void)level;
	(void)area;
	(void)format;
}

/* A table with these bytes behind the header, in memory of just its length. */
static struct acpi_header *make(const uint8_t *bytes, size_t size, uint8_t revision)
{
	struct acpi_header *table = calloc(1, sizeof(*table) + size);

	table->length = (uint32_t)(sizeof(*table) + size);
	table->revision = revision;
	memcpy(table + 1, bytes, size);
	return table;
}

static void read_affinity(const uint8_t *bytes, size_t size, uint8_t choice)
{
	size_t first = size / 4 * (choice >> 6);
	struct acpi_header *slit = make(bytes, first, 1);
	struct acpi_header *srat = make(bytes + first, size - first, choice >> 4 & 3);
	struct acpi_affinity affinity;

	acpi_affinity_parse(srat, slit, &affinity);
	FUZZ_CHECK(affinity.node_count >= 1 && affinity.node_count <= ACPI_NODE_MAX);
	for (unsigned i = 0; i < affinity.memory_count; i++) {
		const struct acpi_affinity_memory *memory = &affinity.memories[i];

		FUZZ_CHECK(memory->node < affinity.node_count && memory->length > 0);
		FUZZ_CHECK(i == 0 || memory[-1].base + memory[-1].length <= memory->base);
	}
	for (unsigned i = 0; i < affinity.node_count; i++)
		FUZZ_CHECK(affinity.distances[i][i] == ACPI_DISTANCE_LOCAL);
	free(srat);
	free(slit);
}

static void read_iommus(const struct acpi_header *table, bool intel)
{
	struct acpi_iommu iommu;

	acpi_iommu_parse(intel ? table : NULL, intel ? NULL : table, &iommu);
	FUZZ_CHECK(iommu.unit_count <= ACPI_IOMMU_UNITS);
	for (unsigned i = 0; i < iommu.unit_count; i++)
		FUZZ_CHECK(iommu.units[i].base &&
			   iommu.units[i].first_scope + iommu.units[i].scope_count <=
				   iommu.scope_count);
	for (unsigned i = 0; i < iommu.reserved_count; i++)
		FUZZ_CHECK(iommu.reserved[i].length > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acpi_located located;
	struct acpi_header *table;

	if (size < 1)
		return 0;
	table = make(data + 1, size - 1, 1);
	switch (data[0] & 3) {
	case 0:
		read_affinity(data + 1, size - 1, data[0]);
		break;
	case 1:
	case 2:
		read_iommus(table, (data[0] & 3) == 1);
		break;
	default:
		acpi_located_parse(table, table, table, &located);
		break;
	}
	free(table);
	return 0;
}
