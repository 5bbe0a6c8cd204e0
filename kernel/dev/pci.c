/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts PCI: a root bus for each segment, and what is on it and behind. */
#include "pci_bus.h"
#include "pci_priv.h"

#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <native/boot_info.h>

/* Set up by pci_start(). */
static struct pci_bus roots[PCI_SEGMENT_MAX];

static void start_segment(unsigned segment, const struct platform *platform,
			  const struct boot_info *boot)
{
	struct pci_bus *root = &roots[segment];

	root->segment = (uint16_t)segment;
	root->number = (uint8_t)pci_config_first_bus(segment);
	root->last = (uint8_t)pci_config_last_bus(segment);
	list_init(&root->functions);
	if (pci_config_map_bus(segment, root->number)) {
		log_error("pci", "no memory for the configuration of bus %u", root->number);
		return;
	}
	/* What segments share their addresses nobody tells: only the first may be given any. */
	if (segment == 0)
		root->window_count =
			pci_space_windows(phys_to_virt(boot->memory_map), boot->memory_map_count,
					  platform, root->windows);
	pci_scan_bus(root);
	pci_claim(root);
	pci_assign(root);
}

void pci_start(const struct platform *platform, const struct boot_info *boot)
{
	for (unsigned i = 0; i < pci_config_segment_count(); i++)
		start_segment(i, platform, boot);
	pci_pin_init();
	for (unsigned i = 0; i < pci_config_segment_count(); i++)
		pci_publish(&roots[i]);
	pci_hotplug_start();
}

struct pci_bus *pci_root(unsigned segment)
{
	return &roots[segment];
}

struct pci_bus *pci_root_of(const struct pci_bus *bus)
{
	return &roots[bus->segment];
}

void pci_set_bus_master(struct device *device, bool on)
{
	uint32_t command;

	mutex_lock(&device->lock);
	command = pci_read_config(&device->pci, PCI_COMMAND, 2) & ~PCI_COMMAND_MASTER;
	pci_write_config(&device->pci, PCI_COMMAND, 2, command | (on ? PCI_COMMAND_MASTER : 0));
	mutex_unlock(&device->lock);
}
