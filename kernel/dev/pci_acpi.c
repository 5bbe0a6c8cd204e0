/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pci_acpi.h"
#include "pci_priv.h"

#include <acpi/device.h>
#include <base/errno.h>
#include <core/log.h>

#define SLOT_COUNT     32
#define FUNCTION_COUNT 8

bool pci_place_of(const struct pci_function *pci, struct acpi_pci_place *place,
		  uint8_t bridges[PCI_DEPTH_MAX + 1])
{
	const struct pci_bus *bus = pci->upstream;
	unsigned count = bus ? bus->depth : PCI_DEPTH_MAX + 2;

	if (count > PCI_DEPTH_MAX + 1)
		return false;
	*place = (struct acpi_pci_place){
		.segment = (uint16_t)pci_domain(pci),
		.bridges = bridges,
		.bridge_count = count,
		.slot = pci->slot,
		.function = pci->function,
	};
	for (; bus->bridge; bus = bus->bridge->pci.upstream) {
		if (count == 0)
			return false;
		bridges[--count] =
			(uint8_t)(bus->bridge->pci.slot << 3 | bus->bridge->pci.function);
	}
	place->root_bus = bus->number;
	return count == 0;
}

struct aml_node *pci_name_of(const struct pci_function *pci)
{
	uint8_t bridges[PCI_DEPTH_MAX + 1];
	struct acpi_pci_place place;

	return pci_place_of(pci, &place, bridges) ? acpi_pci_name(&place) : NULL;
}

/* The device of firmware's with this name, if it has an address. */
static bool read_address(struct aml_node *name, uint8_t *slot, uint8_t *function)
{
	const struct acpi_device *device = acpi_device_of(name);

	if (!device || !device->has_address || device->address >> 16 >= SLOT_COUNT)
		return false;
	*slot = (uint8_t)(device->address >> 16);
	/* All of them: the first. */
	*function = (device->address & 0xffff) < FUNCTION_COUNT ? (uint8_t)device->address : 0;
	return true;
}

static struct pci_bus *bus_behind(const struct pci_bus *bus, uint8_t slot, uint8_t function)
{
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		if (device->pci.slot == slot && device->pci.function == function)
			return device->pci.behind;
	return NULL;
}

static struct pci_bus *root_with_name(const struct aml_node *name)
{
	struct pci_bus *root;

	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++)
		if (root->name == name)
			return root;
	return NULL;
}

bool pci_find_name(struct aml_node *name, struct pci_bus **bus, uint8_t *slot, uint8_t *function)
{
	struct aml_node *way[PCI_DEPTH_MAX + 1];
	unsigned depth = 0;

	while (name && !(*bus = root_with_name(name))) {
		if (depth == array_length(way))
			return false;
		way[depth++] = name;
		name = aml_parent(name);
	}
	if (!name)
		return false;
	*slot = PCI_SLOT_NONE;
	for (bool first = true; depth > 0; first = false) {
		if (!first)
			*bus = bus_behind(*bus, *slot, *function);
		if (!*bus || !read_address(way[--depth], slot, function))
			return false;
	}
	return true;
}

/* Addresses that the bridge changes on the way are not supported. */
static unsigned take_windows(const struct acpi_root_bridge *bridge, struct pci_window *windows)
{
	unsigned count = 0;

	for (unsigned i = 0; i < bridge->window_count && count < PCI_WINDOW_MAX; i++) {
		const struct acpi_root_window *window = &bridge->windows[i];

		if (window->offset) {
			log_warning("pci", "bus %02x: addresses from %lx on are others there",
				    bridge->first_bus, (unsigned long)window->base);
			continue;
		}
		windows[count++] = (struct pci_window){
			.kind = window->kind == ACPI_WINDOW_PORTS ? DEVICE_RANGE_PORTS
								  : DEVICE_RANGE_MEMORY,
			.base = window->base,
			.size = window->size,
		};
	}
	return count;
}

int pci_root_from_acpi(struct pci_bus *root, const struct acpi_root_bridge *bridge,
		       const struct boot_memory_range *map, size_t map_count)
{
	int segment = pci_config_find_segment(bridge->segment);

	if (segment < 0 || bridge->first_bus < pci_config_first_bus((unsigned)segment) ||
	    bridge->first_bus > pci_config_last_bus((unsigned)segment)) {
		log_warning("pci", "bus %x:%02x cannot be reached", bridge->segment,
			    bridge->first_bus);
		return -ENODEV;
	}
	root->segment = (uint16_t)segment;
	root->number = bridge->first_bus;
	root->last = (uint8_t)min_u64(bridge->last_bus, pci_config_last_bus((unsigned)segment));
	root->name = bridge->name;
	root->native_hotplug = bridge->granted & ACPI_PCI_NATIVE_HOTPLUG;
	root->window_count = take_windows(bridge, root->windows);
	root->window_count = pci_space_trim(map, map_count, root->windows, root->window_count);
	return 0;
}

static void reserve(enum acpi_window_kind kind, uint64_t base, uint64_t size)
{
	pci_space_reserve(kind == ACPI_WINDOW_PORTS ? DEVICE_RANGE_PORTS : DEVICE_RANGE_MEMORY,
			  base, size);
}

void pci_acpi_start(void)
{
	static const struct pci_function first;

	acpi_pci_start(pci_config_segment_count() > 1,
		       pci_config_size(&first) == PCI_SPACE_EXTENDED);
	if (acpi_root_bridge(0))
		acpi_board_addresses(reserve);
}
