/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AC adapters (ACPI 6.5, 10.3). */
#include <acpi/namespace.h>
#include <base/errno.h>

#include "supply_priv.h"

static int adapter_refresh(struct supply *supply)
{
	uint64_t online = 0;
	int error = acpi_integer(supply->device->name, "_PSR", &online);

	if (error) {
		supply_note_error(supply, "_PSR", error);
		return error;
	}
	supply->reading.present = true;
	supply->reading.online = online == 1;
	return 0;
}

static const struct supply_ops adapter_ops = { .refresh = adapter_refresh };

static int adapter_attach(struct acpi_device *device)
{
	device->state = supply_add(device, SUPPLY_MAINS, false, &adapter_ops);
	if (!device->state)
		return -ENOSPC;
	supply_changed(device->state, false);
	return 0;
}

static void adapter_detach(struct acpi_device *device)
{
	supply_remove(device->state);
}

static void adapter_notify(struct acpi_device *device, uint64_t value)
{
	(void)value;
	supply_changed(device->state, false);
}

static void adapter_resume(struct acpi_device *device)
{
	supply_changed(device->state, false);
}

static const char *const ids[] = { "ACPI0003", NULL };

ACPI_DRIVER(adapter) = {
	.name = "AC adapter",
	.ids = ids,
	.attach = adapter_attach,
	.detach = adapter_detach,
	.notify = adapter_notify,
	.resume = adapter_resume,
};
