/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which functions a unit, or reserved memory, is for: by the ways that firmware tells (VT-d 4.1, 8.3.1). */
#include "unit.h"

#include <base/errno.h>

/* Whether the way of the scope, from the bus where it begins, is one that leads to the function: to itself, or, of
 * a bridge, to one that it is behind of. */
static bool leads_there(const struct acpi_iommu_scope *scope, const struct iommu_function *function)
{
	unsigned first = 0;

	while (first < function->depth && function->way[first].bus != scope->bus)
		first++;
	if (scope->path_length == 0 || function->depth - first < scope->path_length)
		return false;
	for (unsigned i = 0; i < scope->path_length; i++)
		if (function->way[first + i].function != scope->path[i])
			return false;
	return scope->kind == ACPI_SCOPE_HIERARCHY ||
	       (scope->kind == ACPI_SCOPE_FUNCTION &&
		first + scope->path_length == function->depth);
}

bool vtd_scopes_hold(const struct acpi_iommu *iommu, unsigned first, unsigned count,
		     const struct iommu_function *function)
{
	for (unsigned i = 0; i < count; i++)
		if (leads_there(&iommu->scopes[first + i], function))
			return true;
	return false;
}

int vtd_find_unit(const struct acpi_iommu *iommu, const struct iommu_function *function)
{
	int all = -ENODEV;

	for (unsigned i = 0; i < iommu->unit_count; i++) {
		const struct acpi_iommu_unit *unit = &iommu->units[i];

		if (unit->kind != ACPI_IOMMU_INTEL || unit->segment != function->requester.segment)
			continue;
		if (vtd_scopes_hold(iommu, unit->first_scope, unit->scope_count, function))
			return (int)i;
		if (unit->all && all < 0)
			all = (int)i;
	}
	return all;
}
