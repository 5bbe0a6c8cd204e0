/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Platform devices: those that no bus announces. The architecture knows of those that every machine may have;
 * firmware tells of more, and corrects where they are.
 */
#include "dev_priv.h"

#include <arch/device.h>
#include <base/string.h>
#include <core/log.h>

static void add_platform_device(const struct arch_device *known)
{
	struct device *device = device_create(DRIVER_BUS_PLATFORM);

	if (!device) {
		log_error("dev", "no memory for device %s", known->name);
		return;
	}
	string_copy(device->name, known->name, sizeof(device->name));
	device->platform_name = known->driver;
	for (unsigned i = 0; i < known->port_range_count; i++)
		device->ranges[i] = (struct device_range){
			.kind = DEVICE_RANGE_PORTS,
			.base = known->port_ranges[i].first,
			.size = known->port_ranges[i].count,
		};
	device->line_count = known->line_count;
	memcpy(device->lines, known->lines, sizeof(device->lines));
	device_add(device);
}

void platform_start(void)
{
	size_t count;
	const struct arch_device *known = arch_devices(&count);

	for (size_t i = 0; i < count; i++) {
		struct arch_device device = known[i];
		const struct arch_device *all = &device;
		unsigned number = 1;

		if (!strcmp(device.driver, "ns16550"))
			number = platform_find_uarts(&known[i], &all);
		else if (!strcmp(device.driver, "i8042"))
			platform_find_keyboard(&device);
		for (unsigned k = 0; k < number; k++)
			add_platform_device(&all[k]);
	}
}
