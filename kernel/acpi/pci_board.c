/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What devices of the board take up: those with a name of their own (_HID), which are on no bus. Cards must not
 * be put there, though root bridges pass it on.
 */
#include "pci_routes.h"

#include <base/checked.h>
#include <base/errno.h>

#define PORTS_END  0x10000ull
#define MEMORY_END (1ull << 52)

struct listener {
	void (*each)(enum acpi_window_kind kind, uint64_t base, uint64_t size);
};

static void tell(const struct listener *listener, enum acpi_window_kind kind, uint64_t base,
		 uint64_t size)
{
	if (size && range_within(base, size, kind == ACPI_WINDOW_PORTS ? PORTS_END : MEMORY_END))
		listener->each(kind, base, size);
}

static int tell_resource(const struct aml_resource *resource, void *argument)
{
	switch (resource->type) {
	case AML_RESOURCE_IO:
		tell(argument, ACPI_WINDOW_PORTS, resource->io.minimum, resource->io.length);
		break;
	case AML_RESOURCE_MEMORY:
		tell(argument, ACPI_WINDOW_MEMORY, resource->memory.minimum,
		     resource->memory.length);
		break;
	case AML_RESOURCE_ADDRESS:
		if (resource->address.kind <= AML_ADDRESS_IO && resource->consumer)
			tell(argument,
			     resource->address.kind == AML_ADDRESS_IO ? ACPI_WINDOW_PORTS
								      : ACPI_WINDOW_MEMORY,
			     resource->address.minimum, resource->address.length);
		break;
	default:
		break;
	}
	return 0;
}

void acpi_board_addresses(void (*each)(enum acpi_window_kind kind, uint64_t base, uint64_t size))
{
	struct listener listener = { each };

	for (struct acpi_device *device = acpi_device_next(NULL); device;
	     device = acpi_device_next(device)) {
		int error;

		if (device->type != AML_DEVICE || !device->ids[0][0] ||
		    !(device->status & ACPI_STATUS_PRESENT) || acpi_is_root_bridge(device))
			continue;
		/* Whose list breaks off was told of so far; most have none. */
		error = acpi_resources(device->name, "_CRS", tell_resource, &listener);
		if (error && error != -ENOENT)
			continue;
	}
}
