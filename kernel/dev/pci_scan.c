/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the functions of a bus and the buses behind its bridges, depth first. Bridges that firmware
 * has numbered soundly come before those that it has not, since they keep their numbers.
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>
#include <mm/phys/slab.h>

#define SLOT_COUNT       32
#define FUNCTION_COUNT   8
#define BAR_COUNT        6
#define BRIDGE_BAR_COUNT 2

struct device *pci_bus_next(const struct pci_bus *bus, const struct device *previous)
{
	struct list_node *node = previous ? list_next(&bus->functions, &previous->pci.node)
					  : list_first(&bus->functions);

	return node ? container_of(node, struct device, pci.node) : NULL;
}

static void read_identity(struct pci_function *pci)
{
	uint32_t class_and_revision = pci_read_config(pci, PCI_REVISION, 4);

	pci->vendor = (uint16_t)pci_read_config(pci, PCI_VENDOR, 2);
	pci->device = (uint16_t)pci_read_config(pci, PCI_DEVICE, 2);
	pci->class_code = class_and_revision >> 8;
	pci->revision = (uint8_t)class_and_revision;
	pci->msi = (uint8_t)pci_find_capability(pci, PCI_CAPABILITY_MSI, 0);
	pci->msix = (uint8_t)pci_find_capability(pci, PCI_CAPABILITY_MSIX, 0);
	pci->express = (uint8_t)pci_find_capability(pci, PCI_CAPABILITY_EXPRESS, 0);
	pci->pin = (uint8_t)pci_read_config(pci, PCI_INTERRUPT_PIN, 1);
	if (pci->pin > 4)
		pci->pin = 0;
	if (pci->header == PCI_HEADER_DEVICE) {
		pci->subsystem_vendor = (uint16_t)pci_read_config(pci, PCI_SUBSYSTEM_VENDOR, 2);
		pci->subsystem = (uint16_t)pci_read_config(pci, PCI_SUBSYSTEM, 2);
	}
}

static void name_device(struct device *device)
{
	const struct pci_function *pci = &device->pci;

	if (pci->segment == 0)
		snprintf(device->name, sizeof(device->name), "pci %02x:%02x.%u", pci->bus,
			 pci->slot, pci->function);
	else
		snprintf(device->name, sizeof(device->name), "pci %04x:%02x:%02x.%u",
			 pci_domain(pci), pci->bus, pci->slot, pci->function);
}

static void add_function(struct pci_bus *bus, const struct pci_function *place)
{
	struct device *device = device_create(DRIVER_BUS_PCI);

	if (!device) {
		log_error("pci", "no memory for a device");
		return;
	}
	device->pci = *place;
	device->pci.upstream = bus;
	if (bus->bridge)
		device_get(bus->bridge);
	list_push_back(&bus->functions, &device->pci.node);
	name_device(device);
	read_identity(&device->pci);
	log_info("pci", "%s: %04x:%04x class %06x", device->name, device->pci.vendor,
		 device->pci.device, device->pci.class_code);
	pci_irq_silence(&device->pci);
	if (place->header == PCI_HEADER_DEVICE)
		pci_bars_read(device, BAR_COUNT);
	else if (place->header == PCI_HEADER_BRIDGE)
		pci_bars_read(device, BRIDGE_BAR_COUNT);
}

static bool is_known(const struct pci_bus *bus, const struct pci_function *place)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (device->pci.slot == place->slot && device->pci.function == place->function)
			return true;
	return false;
}

/* Looks at one function; *multiple: there is one, and its slot has several. */
static void scan_function(struct pci_bus *bus, struct pci_function *place, bool *multiple)
{
	uint32_t vendor = pci_read_config(place, PCI_VENDOR, 2);
	uint32_t type;

	if (vendor == PCI_NO_VENDOR || vendor == 0)
		return;
	type = pci_read_config(place, PCI_HEADER_TYPE, 1);
	place->header = type & PCI_HEADER_TYPE_MASK;
	*multiple = type & PCI_HEADER_MULTIPLE;
	if (!is_known(bus, place))
		add_function(bus, place);
}

static void find_functions(struct pci_bus *bus, unsigned slot)
{
	struct pci_function place = {
		.segment = bus->segment,
		.bus = bus->number,
		.slot = (uint8_t)slot,
	};
	bool multiple = false, ignored;

	scan_function(bus, &place, &multiple);
	for (unsigned function = 1; multiple && function < FUNCTION_COUNT; function++) {
		place.function = (uint8_t)function;
		scan_function(bus, &place, &ignored);
	}
}

static bool is_unseen_bridge(const struct device *device)
{
	return device->pci.header == PCI_HEADER_BRIDGE && !device->pci.behind;
}

static void report_bridge(const struct device *device, int error)
{
	const struct pci_bus *bus = device->pci.behind;

	if (error)
		log_warning("pci", "%s: nothing is found behind this bridge: error %d",
			    device->name, -error);
	else
		log_info("pci", "%s: bridge to bus %02x, last %02x", device->name, bus->number,
			 bus->last);
}

static void adopt(struct device *device)
{
	if (device->pci.upstream->depth < PCI_DEPTH_MAX && pci_bridge_adopt(device) == 0)
		report_bridge(device, 0);
	else
		pci_bridge_close(device);
}

/* Buses behind the bridges of `bus` that have not been looked behind yet. */
static void scan_behind(struct pci_bus *bus)
{
	int error;

	/* None may answer for another's buses while those are looked at. */
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (is_unseen_bridge(device))
			adopt(device);
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		if (device->pci.behind)
			pci_scan_bus(device->pci.behind);
	}
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		if (!is_unseen_bridge(device))
			continue;
		error = bus->depth < PCI_DEPTH_MAX ? pci_bridge_number(device) : -ENOSPC;
		if (error == 0) {
			pci_scan_bus(device->pci.behind);
			pci_bridge_trim(device);
		}
		report_bridge(device, error);
	}
}

void pci_scan_bus(struct pci_bus *bus)
{
	for (unsigned slot = 0; slot < (bus->express ? 1 : SLOT_COUNT); slot++)
		find_functions(bus, slot);
	scan_behind(bus);
}

void pci_publish(struct pci_bus *bus)
{
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (!device->id)
			device_add(device);
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (device->pci.behind)
			pci_publish(device->pci.behind);
}

void pci_withdraw_function(struct device *device)
{
	if (device->pci.behind)
		pci_withdraw(device->pci.behind);
	list_remove(&device->pci.node);
	log_info("pci", "%s: gone", device->name);
	device_remove(device);
}

void pci_withdraw(struct pci_bus *bus)
{
	struct list_node *node;

	while ((node = list_last(&bus->functions)) != NULL)
		pci_withdraw_function(container_of(node, struct device, pci.node));
}

void pci_function_release(struct device *device)
{
	pci_irq_forget(device);
	kfree(device->pci.behind);
	if (device->pci.upstream && device->pci.upstream->bridge)
		device_put(device->pci.upstream->bridge);
}
