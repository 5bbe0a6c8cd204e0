/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the FACS, which has no checksum and is written to: it must be where no memory of the
 * kernel's is. */
#include "facs.h"

#include "acpi_priv.h"
#include "fadt.h"

#include <base/string.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>

#define ALIGNMENT 64

/* Immutable once acpi_facs_map() has run. */
static struct acpi_facs *mapped;

void acpi_facs_map(void)
{
	uint64_t physical = acpi_fadt()->facs;
	struct acpi_facs *facs;

	if (!physical)
		return;
	if (physical % ALIGNMENT != 0 || !acpi_memory_reachable(physical, sizeof(*facs))) {
		log_warning("acpi", "there cannot be a FACS at %lx: not used", physical);
		return;
	}
	facs = kernel_map_device(physical, sizeof(*facs), 0);
	if (!facs)
		return;
	if (memcmp(facs->signature, "FACS", 4) != 0 || facs->length < sizeof(*facs)) {
		log_warning("acpi", "there is no FACS at %lx", physical);
		kernel_unmap_device(facs, sizeof(*facs));
		return;
	}
	mapped = facs;
}

struct acpi_facs *acpi_facs(void)
{
	return mapped;
}
