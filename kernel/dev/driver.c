/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings devices and drivers together. */
#include "dev_priv.h"
#include "pci_priv.h"

#include <arch/platform.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <dev/dev.h>
#include <driver/holding.h>
#include <drv/licence.h>

static bool matches_pci(const struct driver_match *match, const struct pci_function *pci)
{
	return (match->vendor == MATCH_ANY || match->vendor == pci->vendor) &&
	       (match->device == MATCH_ANY || match->device == pci->device) &&
	       (pci->class_code & match->class_mask) == (match->class_code & match->class_mask);
}

bool driver_matches(const struct driver *driver, const struct device *device)
{
	for (size_t i = 0; i < driver->match_count; i++) {
		const struct driver_match *match = &driver->matches[i];

		if (match->bus != device->bus)
			continue;
		if (match->bus == DRIVER_BUS_PCI ? matches_pci(match, &device->pci)
						 : strcmp(match->name, device->platform_name) == 0)
			return true;
	}
	return false;
}

/* A driver has let go of the device, or failed to take it: what it ought to have released. Number of what
 * cannot be. */
static unsigned release_left(struct device *device, const struct driver *driver)
{
	int index;

	while ((index = device_irq_first(device)) >= 0) {
		log_warning("dev", "%s: driver %s left interrupt %d connected", device->name,
			    driver->name, index);
		device_irq_disconnect(device, (unsigned)index);
	}
	if (device->bus == DRIVER_BUS_PCI)
		pci_set_bus_master(device, false);
	return driver_release_holdings(device, driver->name);
}

static bool start_driver(struct device *device, const struct driver *driver)
{
	char reason[LICENCE_REASON_MAX];
	int error;

	if (!licence_allows_kernel(driver->licence, reason)) {
		log_warning("dev", "%s: driver %s may not run in the kernel: %s", device->name,
			    driver->name, reason);
		return false;
	}
	if (device->bus == DRIVER_BUS_PCI)
		pci_set_bus_master(device, false); /* firmware may have left it on */
	device_memory_open(device);
	device->driver = driver;
	error = driver->probe(device);
	if (!error) {
		log_info("dev", "%s: driver %s %s (%s)", device->name, driver->name,
			 driver->version, driver->licence);
		return true;
	}
	release_left(device, driver);
	device_memory_close(device);
	device->driver = NULL;
	device->state = NULL;
	if (error != -ENODEV) /* that one just means: not mine, or not there */
		log_warning("dev", "%s: driver %s failed: error %d", device->name, driver->name,
			    -error);
	return false;
}

void device_find_driver(struct device *device)
{
	for (const struct driver *driver = driver_records_start; driver < driver_records_end;
	     driver++)
		if (driver_matches(driver, device) && start_driver(device, driver))
			return;
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
	release_left(device, driver);
	device_memory_close(device);
	device->driver = NULL;
	device->state = NULL;
	log_info("dev", "%s: driver %s let go of it", device->name, driver->name);
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

void devices_start(const struct platform *platform, const struct boot_info *boot)
{
	/* Displays are on PCI, and whether there is one decides what the serial line is for. */
	pci_start(platform, boot);
	platform_start();
}
