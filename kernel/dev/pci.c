/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts PCI: the root buses, and what is on them and behind. Firmware tells which there are; where it does not,
 * each segment has one, the first that can be reached.
 */
#include "pci_acpi.h"
#include "pci_priv.h"

#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <native/boot_info.h>

/* Set up by pci_start(). */
static struct pci_bus roots[PCI_ROOT_MAX];
static unsigned root_count;

struct pci_bus *pci_root(unsigned index)
{
	return index < root_count ? &roots[index] : NULL;
}

struct pci_bus *pci_root_of(const struct pci_bus *bus)
{
	while (bus->bridge)
		bus = bus->bridge->pci.upstream;
	return (struct pci_bus *)bus;
}

/* The next root bus is what it is now. */
static void add_root(void)
{
	struct pci_bus *root = &roots[root_count];

	list_init(&root->functions);
	if (pci_config_map_bus(root->segment, root->number))
		log_error("pci", "no memory for the configuration of bus %u", root->number);
	else
		root_count++;
}

/* The bus is one that was found already, or passed on by it. */
static bool is_known(unsigned segment, unsigned number)
{
	for (unsigned i = 0; i < root_count; i++)
		if (roots[i].segment == segment && number >= roots[i].number &&
		    number <= roots[i].last)
			return true;
	return false;
}

static void add_roots_from_acpi(const struct boot_memory_range *map, size_t map_count)
{
	const struct acpi_root_bridge *bridge;

	for (unsigned i = 0; (bridge = acpi_root_bridge(i)) != NULL; i++)
		if (root_count < PCI_ROOT_MAX &&
		    !pci_root_from_acpi(&roots[root_count], bridge, map, map_count))
			add_root();
}

/* The first bus of a segment, as far as there is no other root. */
static void add_first_root(unsigned segment)
{
	struct pci_bus *root = &roots[root_count];
	unsigned number = pci_config_first_bus(segment), last = number;

	if (root_count == PCI_ROOT_MAX || is_known(segment, number))
		return;
	while (last < pci_config_last_bus(segment) && !is_known(segment, last + 1))
		last++;
	*root = (struct pci_bus){
		.segment = (uint16_t)segment,
		.number = (uint8_t)number,
		.last = (uint8_t)last,
		.native_hotplug = true,
	};
	add_root();
}

static bool has_memory(const struct pci_bus *root)
{
	for (unsigned i = 0; i < root->window_count; i++)
		if (root->windows[i].kind == DEVICE_RANGE_MEMORY && root->windows[i].size)
			return true;
	return false;
}

/* What segments share their addresses nobody tells: only the first may be given any, and of several roots only
 * one. */
static void assume_windows(const struct boot_memory_range *map, size_t map_count)
{
	for (unsigned i = 0; i < root_count; i++)
		if (has_memory(&roots[i]))
			return;
	for (unsigned i = 0; i < root_count; i++)
		if (roots[i].segment == 0 && roots[i].number == pci_config_first_bus(0))
			roots[i].window_count = pci_space_windows(map, map_count, roots[i].windows);
}

void pci_start(const struct platform *platform, const struct boot_info *boot)
{
	const struct boot_memory_range *map = phys_to_virt(boot->memory_map);

	pci_space_init(platform);
	pci_acpi_start();
	add_roots_from_acpi(map, boot->memory_map_count);
	for (unsigned i = 0; i < pci_config_segment_count(); i++)
		add_first_root(i);
	assume_windows(map, boot->memory_map_count);
	for (unsigned i = 0; i < root_count; i++) {
		pci_scan_bus(&roots[i]);
		pci_claim(&roots[i]);
		pci_assign(&roots[i]);
	}
	pci_pin_init();
	for (unsigned i = 0; i < root_count; i++)
		pci_publish(&roots[i]);
	pci_hotplug_start();
	pci_acpi_slots_start();
}

void pci_set_bus_master(struct device *device, bool on)
{
	mutex_lock(&device->lock);
	pci_change_command(&device->pci, on ? 0 : PCI_COMMAND_MASTER, on ? PCI_COMMAND_MASTER : 0);
	mutex_unlock(&device->lock);
}
