/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enumerates the PCI buses: functions, their BARs, and the buses behind bridges, as firmware
 * has numbered them and given them addresses.
 */
#include "pci_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>

#define BUS_COUNT       256
#define SLOT_COUNT      32
#define FUNCTION_COUNT  8
#define BAR_COUNT       6
#define NO_VENDOR       0xffff
#define BAR_IO          (1u << 0)
#define BAR_IO_MASK     (~3u)
#define BAR_TYPE        (3u << 1)
#define BAR_TYPE_64BIT  (2u << 1)
#define BAR_PREFETCH    (1u << 3)
#define BAR_MEMORY_MASK (~15u)

/* The buses to be scanned; only pci_start() and below, in one thread. */
static uint64_t buses_found[BITMAP_WORDS(BUS_COUNT)];

static uint32_t probe_bar(const struct pci_function *pci, unsigned offset, uint32_t *mask)
{
	uint32_t value = pci_read_config(pci, offset, 4);

	pci_write_config(pci, offset, 4, UINT32_MAX);
	*mask = pci_read_config(pci, offset, 4);
	pci_write_config(pci, offset, 4, value);
	return value;
}

/* The size that writing ones to a BAR has shown; 0 where that is no power of two. */
static uint64_t size_of_mask(uint64_t mask)
{
	uint64_t size = mask & -mask;

	return is_power_of_two(size) && mask == -size ? size : 0;
}

/* Reads BAR `index` into `range`; returns the number of BARs that it takes up. */
static unsigned read_bar(const struct pci_function *pci, unsigned index, unsigned count,
			 struct device_range *range)
{
	unsigned offset = PCI_BAR + 4 * index;
	uint32_t mask, high_mask = UINT32_MAX;
	uint32_t low = probe_bar(pci, offset, &mask);
	bool wide = !(low & BAR_IO) && (low & BAR_TYPE) == BAR_TYPE_64BIT && index + 1 < count;
	uint64_t high = wide ? probe_bar(pci, offset + 4, &high_mask) : 0;

	if (low & BAR_IO) {
		/* The upper half need not be implemented. */
		range->size = size_of_mask((uint64_t)(int64_t)(int32_t)(mask & BAR_IO_MASK) |
					   ~(uint64_t)UINT16_MAX);
		range->base = low & BAR_IO_MASK;
		range->kind = mask & BAR_IO_MASK ? DEVICE_RANGE_PORTS : DEVICE_RANGE_NONE;
		if (range->base > UINT16_MAX)
			range->base = 0;
	} else {
		range->size = size_of_mask((uint64_t)high_mask << 32 | (mask & BAR_MEMORY_MASK));
		range->base = high << 32 | (low & BAR_MEMORY_MASK);
		range->kind = mask & BAR_MEMORY_MASK || (wide && high_mask) ? DEVICE_RANGE_MEMORY
									    : DEVICE_RANGE_NONE;
		range->prefetchable = low & BAR_PREFETCH;
	}
	if (range->size == 0)
		range->kind = DEVICE_RANGE_NONE;
	return wide ? 2 : 1;
}

static void read_bars(struct device *device, unsigned count)
{
	const struct pci_function *pci = &device->pci;
	uint32_t command = pci_read_config(pci, PCI_COMMAND, 2);
	uint32_t enable = 0;

	/* While sizes are being read the addresses are nonsense: nothing must be decoded. */
	pci_write_config(pci, PCI_COMMAND, 2, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (unsigned i = 0; i < count;)
		i += read_bar(pci, i, count, &device->ranges[i]);
	for (unsigned i = 0; i < count; i++) {
		const struct device_range *range = &device->ranges[i];

		if (range->kind == DEVICE_RANGE_NONE)
			continue;
		if (range->base == 0)
			log_warning("pci", "%s: BAR %u has no address", device->name, i);
		else
			enable |= range->kind == DEVICE_RANGE_PORTS ? PCI_COMMAND_IO
								    : PCI_COMMAND_MEMORY;
	}
	pci_write_config(pci, PCI_COMMAND, 2, command | enable);
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
}

static void add_function(const struct pci_function *place, unsigned header)
{
	struct device *device = device_create(DRIVER_BUS_PCI);

	if (!device) {
		log_error("pci", "no memory for a device");
		return;
	}
	device->pci = *place;
	snprintf(device->name, sizeof(device->name), "pci %02x:%02x.%u", place->bus, place->slot,
		 place->function);
	read_identity(&device->pci);
	log_info("pci", "%s: %04x:%04x class %06x", device->name, device->pci.vendor,
		 device->pci.device, device->pci.class_code);
	if (header == PCI_HEADER_DEVICE) {
		device->pci.subsystem_vendor =
			(uint16_t)pci_read_config(place, PCI_SUBSYSTEM_VENDOR, 2);
		device->pci.subsystem = (uint16_t)pci_read_config(place, PCI_SUBSYSTEM, 2);
		read_bars(device, BAR_COUNT);
	}
	device_add(device);
}

/* Looks at one function; true if there is one and its slot has several. */
static bool scan_function(const struct pci_function *place)
{
	unsigned type, header, behind;

	if (pci_read_config(place, PCI_VENDOR, 2) == NO_VENDOR)
		return false;
	type = pci_read_config(place, PCI_HEADER_TYPE, 1);
	header = type & PCI_HEADER_TYPE_MASK;
	if (header == PCI_HEADER_BRIDGE) {
		/* Numbers only grow away from the root, so the scan ends whatever they are. */
		behind = pci_read_config(place, PCI_SECONDARY_BUS, 1);
		if (behind > place->bus && behind <= pci_config_last_bus())
			bitmap_set(buses_found, behind);
	}
	add_function(place, header);
	return type & PCI_HEADER_MULTIPLE;
}

static void scan_bus(unsigned bus)
{
	for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
		struct pci_function place = { .bus = (uint8_t)bus, .slot = (uint8_t)slot };
		bool multiple = scan_function(&place);

		for (unsigned function = 1; multiple && function < FUNCTION_COUNT; function++) {
			place.function = (uint8_t)function;
			scan_function(&place);
		}
	}
}

void pci_start(const struct platform *platform)
{
	size_t bus;

	pci_config_init(platform);
	bus = pci_config_first_bus();
	bitmap_set(buses_found, bus);
	while ((bus = bitmap_find_set(buses_found, BUS_COUNT, bus)) < BUS_COUNT) {
		if (pci_config_map_bus((unsigned)bus))
			log_error("pci", "no memory for the configuration of bus %zu", bus);
		else
			scan_bus((unsigned)bus);
		bus++;
	}
}

void pci_set_bus_master(struct device *device, bool on)
{
	uint32_t command;

	mutex_lock(&device->lock);
	command = pci_read_config(&device->pci, PCI_COMMAND, 2) & ~PCI_COMMAND_MASTER;
	pci_write_config(&device->pci, PCI_COMMAND, 2, command | (on ? PCI_COMMAND_MASTER : 0));
	mutex_unlock(&device->lock);
}
