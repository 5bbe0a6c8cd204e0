/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bridges: the numbers of the buses behind them, and the windows of addresses that they pass on
 * (PCI-to-PCI Bridge Architecture 1.2, 3.2.5).
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>

#define HOTPLUG_SPARE 3 /* bus numbers kept for what is plugged in later */
#define KIND          0xfu
#define KIND_WIDE     1u /* 64-bit addresses, or 32-bit ports */
#define PORTS_SHIFT   8  /* from bits of the register to those of the address */
#define MEMORY_SHIFT  16
#define PORTS_LOW     0x0fffull
#define MEMORY_LOW    0xfffffull

static bool numbers_overlap(const struct pci_bus *bus, unsigned first, unsigned last)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		const struct pci_bus *behind = device->pci.behind;

		if (behind && first <= behind->last && behind->number <= last)
			return true;
	}
	return false;
}

static uint64_t read_top(const struct pci_function *pci, unsigned offset, unsigned size)
{
	return pci_read_config(pci, offset, size);
}

/* True if the register of a window is there: one that is not cannot be written. */
static bool window_exists(const struct pci_function *pci, unsigned offset, unsigned size)
{
	uint32_t value = pci_read_config(pci, offset, size), written;
	uint32_t ones = size == 2 ? 0xf0f0 : 0xfff0fff0;

	if (value)
		return true;
	pci_write_config(pci, offset, size, ones);
	written = pci_read_config(pci, offset, size);
	pci_write_config(pci, offset, size, 0);
	return written != 0;
}

static void set_window(struct pci_window *window, uint64_t base, uint64_t limit)
{
	window->base = base <= limit ? base : 0;
	window->size = base <= limit ? limit - base + 1 : 0;
}

static void read_ports(const struct pci_function *pci, struct pci_window *window)
{
	uint32_t value = pci_read_config(pci, PCI_BRIDGE_PORTS, 2);
	uint64_t base = (uint64_t)(value & 0xf0) << PORTS_SHIFT;
	uint64_t limit = (uint64_t)(value >> 8 & 0xf0) << PORTS_SHIFT | PORTS_LOW;

	*window = (struct pci_window){ 0 };
	if (!window_exists(pci, PCI_BRIDGE_PORTS, 2))
		return;
	if ((value & KIND) == KIND_WIDE) {
		base |= read_top(pci, PCI_BRIDGE_PORTS_TOP, 2) << 16;
		limit |= read_top(pci, PCI_BRIDGE_PORTS_TOP + 2, 2) << 16;
	}
	window->kind = DEVICE_RANGE_PORTS;
	set_window(window, base, limit);
	if (base == 0)
		window->size = 0; /* after power-on */
}

static void read_memory(const struct pci_function *pci, struct pci_window *window, unsigned offset)
{
	uint32_t value = pci_read_config(pci, offset, 4);
	uint64_t base = (uint64_t)(value & 0xfff0) << MEMORY_SHIFT;
	uint64_t limit = (uint64_t)(value >> 16 & 0xfff0) << MEMORY_SHIFT | MEMORY_LOW;

	*window = (struct pci_window){ .kind = DEVICE_RANGE_MEMORY };
	if (offset == PCI_BRIDGE_PREFETCHABLE) {
		if (!window_exists(pci, offset, 4)) {
			window->kind = DEVICE_RANGE_NONE;
			return;
		}
		/* A register that was 0 shows its kind all the same. */
		window->wide = (value & KIND) == KIND_WIDE;
	}
	if (window->wide) {
		base |= read_top(pci, PCI_BRIDGE_PREFETCHABLE_BASE_TOP, 4) << 32;
		limit |= read_top(pci, PCI_BRIDGE_PREFETCHABLE_LIMIT_TOP, 4) << 32;
	}
	set_window(window, base, limit);
	if (base == 0)
		window->size = 0;
}

static void set_up_link(struct pci_bus *bus, const struct pci_function *pci)
{
	uint32_t flags, type;

	if (!pci->express)
		return;
	flags = pci_read_config(pci, pci->express + PCI_EXPRESS_FLAGS, 2);
	type = flags >> PCI_EXPRESS_TYPE_SHIFT & PCI_EXPRESS_TYPE_MASK;
	bus->express = type == PCI_EXPRESS_ROOT_PORT || type == PCI_EXPRESS_DOWNSTREAM;
	bus->hotplug = bus->express && (flags & PCI_EXPRESS_SLOT) &&
		       (pci_read_config(pci, pci->express + PCI_EXPRESS_SLOT_FEATURES, 4) &
			PCI_EXPRESS_SLOT_HOTPLUG);
}

/* Makes the bus behind, with numbers that are free. */
static int make_bus(struct device *device, unsigned number, unsigned last)
{
	struct pci_function *pci = &device->pci;
	struct pci_bus *bus = kzalloc(sizeof(*bus));

	if (!bus)
		return -ENOMEM;
	bus->segment = pci->segment;
	bus->number = (uint8_t)number;
	bus->last = (uint8_t)last;
	bus->depth = (uint8_t)(pci->upstream->depth + 1);
	bus->bridge = device;
	list_init(&bus->functions);
	bus->window_count = PCI_WINDOW_COUNT;
	set_up_link(bus, pci);
	read_ports(pci, &bus->windows[PCI_WINDOW_PORTS]);
	read_memory(pci, &bus->windows[PCI_WINDOW_MEMORY], PCI_BRIDGE_MEMORY);
	read_memory(pci, &bus->windows[PCI_WINDOW_PREFETCHABLE], PCI_BRIDGE_PREFETCHABLE);
	if (pci_config_map_bus(bus->segment, number)) {
		kfree(bus);
		return -ENOMEM;
	}
	pci->behind = bus;
	return 0;
}

int pci_bridge_adopt(struct device *device)
{
	const struct pci_function *pci = &device->pci;
	const struct pci_bus *bus = pci->upstream;
	unsigned primary = pci_read_config(pci, PCI_PRIMARY_BUS, 1);
	unsigned number = pci_read_config(pci, PCI_SECONDARY_BUS, 1);
	unsigned last = pci_read_config(pci, PCI_SUBORDINATE_BUS, 1);

	/* Numbers only grow away from the root, so the scan ends. */
	if (primary != bus->number || number <= bus->number || last < number || last > bus->last ||
	    numbers_overlap(bus, number, last))
		return -EINVAL;
	return make_bus(device, number, last);
}

void pci_bridge_close(const struct device *device)
{
	pci_write_config(&device->pci, PCI_SUBORDINATE_BUS, 1, 0);
	pci_write_config(&device->pci, PCI_SECONDARY_BUS, 1, 0);
}

static void write_numbers(const struct device *device)
{
	const struct pci_function *pci = &device->pci;

	pci_write_config(pci, PCI_PRIMARY_BUS, 1, pci->upstream->number);
	pci_write_config(pci, PCI_SECONDARY_BUS, 1, pci->behind->number);
	pci_write_config(pci, PCI_SUBORDINATE_BUS, 1, pci->behind->last);
}

/* Behind what the bridges before have: as far as there is nothing else. */
int pci_bridge_number(struct device *device)
{
	const struct pci_bus *bus = device->pci.upstream;
	unsigned number = bus->number + 1u, last;
	int error;

	while (number <= bus->last && numbers_overlap(bus, number, number))
		number++;
	if (number > bus->last)
		return -ENOSPC;
	last = number;
	while (last < bus->last && !numbers_overlap(bus, last + 1, last + 1))
		last++;
	error = make_bus(device, number, last);
	if (!error)
		write_numbers(device);
	return error;
}

void pci_bridge_trim(struct device *device)
{
	struct pci_bus *bus = device->pci.behind;
	unsigned needed = bus->number;

	for (const struct device *below = pci_bus_next(bus, NULL); below;
	     below = pci_bus_next(bus, below))
		if (below->pci.behind && below->pci.behind->last > needed)
			needed = below->pci.behind->last;
	needed += bus->hotplug ? HOTPLUG_SPARE : 0;
	if (needed >= bus->last)
		return;
	bus->last = (uint8_t)needed;
	write_numbers(device);
}

void pci_bridge_write_window(const struct device *device, enum pci_bridge_window which)
{
	const struct pci_function *pci = &device->pci;
	const struct pci_window *window = &pci->behind->windows[which];
	/* Closed: the limit lies below the base. */
	uint64_t base = window->size ? window->base : MEMORY_LOW + 1;
	uint64_t limit = window->size ? window->base + window->size - 1 : 0;
	unsigned offset = which == PCI_WINDOW_MEMORY ? PCI_BRIDGE_MEMORY : PCI_BRIDGE_PREFETCHABLE;

	if (window->kind == DEVICE_RANGE_NONE)
		return;
	if (which == PCI_WINDOW_PORTS) {
		base = window->size ? window->base : 0xf000;
		pci_write_config(pci, PCI_BRIDGE_PORTS, 2,
				 (uint32_t)(base >> PORTS_SHIFT & 0xf0) |
					 (uint32_t)(limit >> PORTS_SHIFT & 0xf0) << 8);
		pci_write_config(pci, PCI_BRIDGE_PORTS_TOP, 4,
				 (uint32_t)(base >> 16 | limit >> 16 << 16));
		return;
	}
	/* Never open further than before or after. */
	pci_write_config(pci, offset, 4, 0x0000fff0);
	if (window->wide) {
		pci_write_config(pci, PCI_BRIDGE_PREFETCHABLE_BASE_TOP, 4, (uint32_t)(base >> 32));
		pci_write_config(pci, PCI_BRIDGE_PREFETCHABLE_LIMIT_TOP, 4,
				 (uint32_t)(limit >> 32));
	}
	pci_write_config(pci, offset, 4,
			 (uint32_t)(base >> MEMORY_SHIFT & 0xfff0) |
				 (uint32_t)(limit >> MEMORY_SHIFT & 0xfff0) << 16);
}
