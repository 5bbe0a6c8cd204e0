/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices sleep and wake (dev/dev.h). What is found later needs what was found before it, a card the
 * bridge it is behind: so devices fall asleep in the reverse of the order of the list, and wake in it.
 *
 * Configuration spaces and interrupts of all come first when waking, then the drivers. Meanwhile no
 * device comes or goes: the thread that sees to that is held.
 */
#include "dev_priv.h"
#include "pci_acpi.h"
#include "pci_priv.h"
#include "pci_state.h"

#include <acpi/pci.h>
#include <base/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#include <stdatomic.h>

#define CLASS_DISPLAY 0x03 /* the uppermost of the three bytes of a class code */

#define DOWN_PATIENCE (10 * NS_PER_SECOND)
#define DOWN_INTERVAL (10 * NS_PER_MILLISECOND)

/* Who has devices sleep, one at a time: the machine, a test, or the one that goes down. */
static _Atomic bool taken;

/* --- Falling asleep -------------------------------------------------------------------------- */

/* 0, or what the driver says. */
static int suspend_driver(struct device *device)
{
	const struct driver *driver = device->driver;
	int error = 0;

	device->sleep = DEVICE_SLEEP_IDLE;
	if (driver && driver->suspend) {
		error = driver->suspend(device);
		if (error)
			log_warning("dev", "%s: driver %s does not let it sleep: error %d",
				    device->name, driver->name, -error);
		else
			device->sleep = DEVICE_SLEEP_SUSPENDED;
	} else if (driver && driver->remove) {
		device_drop_driver(device);
		device->sleep = DEVICE_SLEEP_DROPPED;
	}
	return error;
}

static int suspend_device(struct device *device)
{
	int error;

	if (device->bus == DRIVER_BUS_PCI) {
		device->saved = kzalloc(sizeof(*device->saved));
		if (!device->saved)
			return -ENOMEM;
	}
	error = suspend_driver(device);
	if (error) {
		kfree(device->saved);
		device->saved = NULL;
		return error;
	}
	/* What others that share its line raise is not for it: what it would read is not its own. */
	device->asleep = true;
	if (device->saved) {
		pci_state_save(&device->pci, device->saved);
		pci_irq_suspend(device);
		/* What has a driver that knows nothing of sleep is left as it is. */
		if (!device->driver || device->sleep != DEVICE_SLEEP_IDLE)
			pci_set_power(&device->pci, false);
	}
	return 0;
}

/* --- Waking ---------------------------------------------------------------------------------- */

static void resume_bus(struct device *device)
{
	if (device->saved) {
		pci_set_power(&device->pci, true);
		if (pci_state_fits(&device->pci, device->saved)) {
			pci_state_restore(&device->pci, device->saved,
					  device->saved->header[PCI_COMMAND / 4] & UINT16_MAX);
			pci_irq_resume(device);
		} else {
			log_warning("dev", "%s: is not there any more", device->name);
			device->sleep = device->driver ? DEVICE_SLEEP_LOST : DEVICE_SLEEP_IDLE;
		}
		kfree(device->saved);
		device->saved = NULL;
	}
	device->asleep = false;
}

static void resume_driver(struct device *device)
{
	const struct driver *driver = device->driver;
	int error = 0;

	switch (device->sleep) {
	case DEVICE_SLEEP_DROPPED:
		device_find_driver(device);
		break;
	case DEVICE_SLEEP_SUSPENDED:
		error = driver->resume ? driver->resume(device) : 0;
		break;
	case DEVICE_SLEEP_LOST:
		error = -ENODEV;
		break;
	default:
		break;
	}
	device->sleep = DEVICE_SLEEP_NONE;
	if (!error)
		return;
	log_error("dev", "%s: driver %s cannot go on with it: error %d", device->name, driver->name,
		  -error);
	if (driver->remove)
		device_drop_driver(device);
}

/* All that fell asleep; the thread of hotplug is held. */
static void resume_all(void)
{
	struct device *device;

	for (device = device_next(NULL); device; device = device_next(device))
		if (device->sleep != DEVICE_SLEEP_NONE)
			resume_bus(device);
	/* Before drivers get interrupts by pins. */
	acpi_links_resume();
	for (device = device_next(NULL); device; device = device_next(device))
		if (device->sleep != DEVICE_SLEEP_NONE)
			resume_driver(device);
}

/* --- All of them ----------------------------------------------------------------------------- */

int devices_suspend(void)
{
	struct device *device;
	int error = 0;

	if (atomic_exchange(&taken, true))
		return -EBUSY;
	pci_hotplug_hold();
	for (device = device_previous(NULL); device; device = device_previous(device)) {
		error = suspend_device(device);
		if (error)
			break;
	}
	if (error) {
		device->sleep = DEVICE_SLEEP_NONE;
		device_put(device);
		resume_all();
		pci_hotplug_go_on();
		atomic_store(&taken, false);
	}
	return error;
}

void devices_resume(void)
{
	acpi_links_resume();
	resume_all();
	pci_hotplug_go_on();
	atomic_store(&taken, false);
}

/* What people look at until the end, and what holds nothing that could be lost. */
static bool stays_until_the_end(const struct device *device)
{
	return device->bus != DRIVER_BUS_PCI || device->pci.class_code >> 16 == CLASS_DISPLAY;
}

void devices_shut_down(void)
{
	uint64_t deadline = clock_deadline_after(DOWN_PATIENCE);
	struct device *device;

	while (atomic_exchange(&taken, true) && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(DOWN_INTERVAL));
	pci_hotplug_hold();
	for (device = device_previous(NULL); device; device = device_previous(device)) {
		if (stays_until_the_end(device))
			continue;
		(void)!suspend_driver(device);
		/* Memory is somebody else's after a restart. Bridges pass on what displays read. */
		if (!device->pci.behind)
			pci_set_bus_master(device, false);
	}
}
