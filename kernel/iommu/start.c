/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Switching IOMMUs on, and around the machine's sleep. docs/iommu.md. */
#include "unit.h"

#include <arch/irq.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>

static bool on;

bool iommu_is_on(void)
{
	return on;
}

/* What firmware said is wanted before devices are looked for: of functions on a root bus. */
static void keep_reserved(const struct acpi_iommu_reserved *reserved)
{
	for (unsigned i = 0; i < reserved->scope_count; i++) {
		const struct acpi_iommu_scope *scope =
			&acpi_iommu()->scopes[reserved->first_scope + i];
		struct iommu_function function = {
			.requester = { reserved->segment, scope->bus, scope->path[0] },
			.depth = 1,
			.way = { { scope->bus, scope->path[0] } },
		};
		struct iommu_domain *domain;

		if (scope->kind != ACPI_SCOPE_FUNCTION || scope->path_length != 1)
			continue;
		/* The reference stays: the memory is to be reached also when no driver has the device. */
		if (iommu_domain_get(&function, &domain))
			log_warning("iommu", "no memory for what firmware reserves");
		else if (domain)
			vtd_domain_forget_device(domain);
	}
}

static void log_units(void)
{
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		const struct vtd_unit *unit = vtd_unit(i);

		log_info("iommu", "unit at %#lx: tables of %u levels%s%s%s",
			 (unsigned long)unit->firmware->base, unit->levels,
			 unit->queue ? ", queue" : "",
			 unit->remaps ? ", interrupts are remapped" : "",
			 unit->coherent ? "" : ", does not look into caches");
	}
}

void iommu_start(void)
{
	char word[8];

	if (command_line_get("iommu", word, sizeof(word)) && strcmp(word, "off") == 0) {
		if (acpi_iommu()->unit_count > 0)
			log_notice("iommu", "off: devices reach all memory");
		return;
	}
	vtd_units_start();
	if (vtd_unit_count() == 0)
		return;
	vtd_remap_start();
	for (unsigned i = 0; i < acpi_iommu()->reserved_count; i++)
		keep_reserved(&acpi_iommu()->reserved[i]);
	vtd_remap_controllers_begin();
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		vtd_unit_disable(vtd_unit(i));
		vtd_faults_start(vtd_unit(i));
		vtd_unit_enable(vtd_unit(i));
	}
	vtd_remap_controllers_end();
	on = true;
	log_units();
}

void iommu_suspend(void)
{
	for (unsigned i = 0; i < vtd_unit_count(); i++)
		vtd_flush_all(vtd_unit(i));
}

void iommu_resume(void)
{
	for (unsigned i = 0; i < vtd_unit_count(); i++) {
		struct vtd_unit *unit = vtd_unit(i);

		/* It did not sleep. */
		if (vtd_read32(unit, VTD_STATUS) & VTD_TRANSLATES)
			continue;
		vtd_unit_disable(unit);
		vtd_faults_resume(unit);
		vtd_unit_enable(unit);
	}
}
