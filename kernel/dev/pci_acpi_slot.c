/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cards that come and go behind firmware's back: on machines whose slots are firmware's, its methods notify the
 * names of slots and buses (ACPI 6.5, 5.6.6 and 6.3). What is told comes in the thread of notifications, and is
 * done in that of hotplug.
 */
#include "pci_acpi.h"
#include "pci_priv.h"
#include "pci_slot.h"

#include <acpi/device.h>
#include <acpi/namespace.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/slab.h>

#define VALUE_BUS_CHECK    0
#define VALUE_DEVICE_CHECK 1
#define VALUE_EJECT        3
#define EVENT_MAX          64 /* that wait */

struct event {
	struct pci_job job;
	struct aml_node *name; /* held */
	uint64_t value;
};

static _Atomic unsigned event_count;
static _Atomic bool lost; /* logged once */

/* --- What came and what went --- */

/* The next function of the slot (PCI_SLOT_NONE: of the bus) behind `previous` that is, or is not, there. */
static struct device *find_function(const struct pci_bus *bus, const struct device *previous,
				    uint8_t slot, bool there)
{
	struct device *device = pci_bus_next(bus, previous);

	while (device && ((slot != PCI_SLOT_NONE && device->pci.slot != slot) ||
			  pci_is_same_function(device) != there))
		device = pci_bus_next(bus, device);
	return device;
}

/* Those that are gone, or are others now, go out of service. */
static void drop_absent(struct pci_bus *bus, uint8_t slot)
{
	struct device *device = find_function(bus, NULL, slot, false);

	while (device) {
		struct device *next = find_function(bus, device, slot, false);

		log_info("pci", "%s: firmware has taken it out", device->name);
		if (pci_function_depart(device) == -EBUSY)
			log_warning("pci", "%s: its driver does not let go of it", device->name);
		device = next;
	}
}

void pci_acpi_check(struct aml_node *name)
{
	struct pci_bus *bus;
	uint8_t slot, function;

	if (!pci_find_name(name, &bus, &slot, &function))
		return;
	pci_name_set_power(name, true);
	drop_absent(bus, slot);
	(void)pci_bus_arrive(bus);
}

/* The bus behind the name, where it is a bridge's. */
static void check_bus(struct aml_node *name)
{
	struct pci_bus *bus;
	uint8_t slot, function;

	if (!pci_find_name(name, &bus, &slot, &function))
		return;
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (device->pci.slot == slot && device->pci.behind)
			drop_absent(device->pci.behind, PCI_SLOT_NONE);
	drop_absent(bus, slot);
	/* What is behind, too. */
	(void)pci_bus_arrive(bus);
}

/* --- Out --- */

static struct device *first_of_slot(const struct pci_bus *bus, uint8_t slot)
{
	struct device *device = pci_bus_next(bus, NULL);

	while (device && device->pci.slot != slot)
		device = pci_bus_next(bus, device);
	return device;
}

int pci_acpi_eject(struct aml_node *name)
{
	static const uint64_t yes = 1;
	struct pci_function place = { 0 };
	struct device *device;
	struct pci_bus *bus;
	uint8_t slot, function;
	int error;

	if (!pci_find_name(name, &bus, &slot, &function) || slot == PCI_SLOT_NONE)
		return -ENODEV;
	while ((device = first_of_slot(bus, slot)) != NULL) {
		error = pci_function_depart(device);
		if (error) {
			log_warning("pci", "%s: its driver does not let go of it", device->name);
			return error;
		}
	}
	pci_name_set_power(name, false);
	error = acpi_call(name, "_EJ0", &yes, 1, NULL);
	place.segment = bus->segment;
	place.bus = bus->number;
	place.slot = slot;
	place.function = function;
	if (!error && pci_is_present(&place))
		error = -EIO;
	if (error) { /* it stays: back into service */
		pci_name_set_power(name, true);
		(void)pci_bus_arrive(bus);
	}
	return error == -ENOENT ? -ENODEV : error;
}

/* --- Events --- */

static void serve(struct pci_job *job)
{
	struct event *event = container_of(job, struct event, job);
	char path[ACPI_PATH_MAX];
	int error = 0;

	atomic_fetch_sub(&event_count, 1);
	if (event->value == VALUE_BUS_CHECK)
		check_bus(event->name);
	else if (event->value == VALUE_DEVICE_CHECK)
		pci_acpi_check(event->name);
	else if (event->value == VALUE_EJECT)
		error = pci_acpi_eject(event->name);
	aml_node_path(event->name, path, sizeof(path));
	if (error)
		log_warning("pci", "%s: not ejected: error %d", path, -error);
	aml_node_release(acpi_aml(), event->name);
	kfree(event);
}

/* In the thread of notifications, which does not wait: the other one may be held. */
static void note(struct aml_node *name, uint64_t value, void *root)
{
	bool crowded = atomic_fetch_add(&event_count, 1) >= EVENT_MAX;
	struct event *event = crowded ? NULL : kzalloc(sizeof(*event));

	(void)root;
	if (!event) {
		atomic_fetch_sub(&event_count, 1);
		if (!atomic_exchange(&lost, true))
			log_warning("pci", "slots change faster than can be seen to");
		return;
	}
	aml_node_hold(acpi_aml(), name);
	event->job.function = serve;
	event->name = name;
	event->value = value;
	pci_job_queue(&event->job);
}

void pci_acpi_slots_start(void)
{
	const struct pci_bus *root;

	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++) {
		int error = root->name ? acpi_set_check(root->name, note, NULL) : 0;

		if (error)
			log_warning("pci", "bus %02x: changes are not noticed: error %d",
				    root->number, -error);
	}
}
