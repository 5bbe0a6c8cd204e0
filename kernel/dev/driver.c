/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings devices and drivers together. */
#include "dev_priv.h"
#include "pci_priv.h"
#include "pci_slot.h"

#include <arch/platform.h>
#include <base/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <driver/driver.h>
#include <driver/holding.h>

/* The driver has let go of the device, or failed to take it: releases what it ought to have released. */
static void release_left(struct device *device, struct driver_object *object)
{
	const char *name = object->driver.name;
	int index;

	while ((index = device_irq_first(device)) >= 0) {
		log_warning("dev", "%s: driver %s left interrupt %d connected", device->name, name,
			    index);
		device_irq_disconnect(device, (unsigned)index);
	}
	if (device->bus == DRIVER_BUS_PCI)
		pci_set_bus_master(device, false);
	if (driver_release_holdings(device, name) > 0)
		object->pinned = true;
	device_memory_close(device);
	device->driver = NULL;
	device->state = NULL;
	driver_object_put(object);
}

bool device_start_driver(struct device *device, struct driver_object *object)
{
	const struct driver *driver = &object->driver;
	int error = driver_object_prepare(object);

	if (error)
		return false;
	if (device->bus == DRIVER_BUS_PCI)
		pci_set_bus_master(device, false); /* firmware may have left it on */
	device_memory_open(device);
	driver_object_get(object);
	device->driver = driver;
	error = driver->probe(device);
	if (!error) {
		log_info("dev", "%s: driver %s %s (%s)%s", device->name, driver->name,
			 driver->version, driver->licence ? driver->licence : "no licence",
			 object->place == DRIVER_IN_HOST ? " in user mode" : "");
		return true;
	}
	if (error != -ENODEV) /* that one just means: not mine, or not there */
		log_warning("dev", "%s: driver %s failed: error %d", device->name, driver->name,
			    -error);
	release_left(device, object);
	return false;
}

void device_find_driver(struct device *device)
{
	struct driver_object *object;

	for (object = driver_object_next(NULL); object; object = driver_object_next(object))
		if (driver_object_matches(object, device) && device_start_driver(device, object))
			break;
	driver_object_put(object);
}

void device_add(struct device *device)
{
	device_memory_attach(device);
	device_list_add(device);
	device_find_driver(device);
}

void device_drop_driver(struct device *device)
{
	const struct driver *driver = device->driver;

	driver->remove(device);
	log_info("dev", "%s: driver %s let go of it", device->name, driver->name);
	release_left(device, driver_object_of(driver));
}

void device_remove(struct device *device)
{
	const struct driver *driver = device->driver;

	device_handover_end(device);
	if (driver && driver->remove) {
		device_drop_driver(device);
	} else if (driver) {
		log_warning("dev", "%s: driver %s does not let go of it", device->name,
			    driver->name);
		device_get(device);
	}
	if (device->bus == DRIVER_BUS_PCI && !device->driver)
		pci_set_bus_master(device, false);
	device_list_remove(device);
}

int devices_call(int (*function)(void *argument), void *argument)
{
	return pci_hotplug_is_on() ? pci_hotplug_call(function, argument) : function(argument);
}

static int start_platform(void *unused)
{
	(void)unused;
	platform_start();
	return 0;
}

void devices_start(const struct platform *platform, const struct boot_info *boot)
{
	/* Displays are on PCI, and whether there is one decides what the serial line is for. */
	drivers_start();
	pci_start(platform, boot);
	devices_call(start_platform, NULL);
	drivers_start_files();
}
