/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pci_slots.h"

#include "pci_acpi.h"
#include "pci_priv.h"

#include <acpi/device.h>
#include <acpi/namespace.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define SLOT_MAX     256
#define NUMBER_SHIFT 19 /* of the slot's features (PCI Express Base 5.0, 7.5.3.9) */
#define SUFFIX_MAX   64
#define SUN_LIMIT    100000

struct slots {
	unsigned count;
	struct pci_slot_info all[SLOT_MAX];
};

static struct spinlock slots_lock = SPINLOCK_INIT(RANK_LEAF, "pci slots");
static struct slots slots; /* slots_lock */

static bool has_name(const struct slots *found, const char *name)
{
	for (unsigned i = 0; i < found->count; i++)
		if (!strcmp(found->all[i].name, name))
			return true;
	return false;
}

static bool has_place(const struct slots *found, unsigned segment, unsigned bus, unsigned slot)
{
	for (unsigned i = 0; i < found->count; i++)
		if (found->all[i].segment == segment && found->all[i].bus == bus &&
		    found->all[i].slot == slot)
			return true;
	return false;
}

/* Several may say that they are number 1: the second is called 1-1. */
static void add_slot(struct slots *found, const struct pci_bus *bus, uint8_t slot, unsigned number,
		     struct aml_node *firmware)
{
	const struct pci_function place = { .segment = bus->segment };
	struct pci_slot_info *info = &found->all[found->count];

	if (found->count == SLOT_MAX || has_place(found, pci_domain(&place), bus->number, slot))
		return;
	*info = (struct pci_slot_info){
		.segment = (uint16_t)pci_domain(&place),
		.bus = bus->number,
		.slot = slot,
		.firmware = firmware,
	};
	snprintf(info->name, sizeof(info->name), "%u", number);
	for (unsigned i = 1; i < SUFFIX_MAX && has_name(found, info->name); i++)
		snprintf(info->name, sizeof(info->name), "%u-%u", number, i);
	if (!has_name(found, info->name))
		found->count++;
}

/* Names that can be ejected, on root buses or behind bridges. */
static void add_firmwares(struct slots *found, bool root)
{
	for (struct acpi_device *device = acpi_device_next(NULL); device;
	     device = acpi_device_next(device)) {
		struct pci_bus *bus;
		uint8_t slot, function;
		uint64_t number;

		if (device->gone || !acpi_find(device->name, "_EJ0") ||
		    !pci_find_name(device->name, &bus, &slot, &function) || slot == PCI_SLOT_NONE ||
		    (bus->depth == 0) != root || pci_root_of(bus)->native_hotplug)
			continue;
		if (acpi_integer(device->name, "_SUN", &number) || number >= SUN_LIMIT)
			number = slot;
		add_slot(found, bus, slot, (unsigned)number, device->name);
	}
}

/* Ports with a slot, on the bus and behind it. */
static void add_native(struct slots *found, const struct pci_bus *bus)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		const struct pci_function *pci = &device->pci;

		if (!pci->behind)
			continue;
		if (pci->behind->hotplug && pci_root_of(bus)->native_hotplug)
			add_slot(
				found, pci->behind, 0,
				pci_read_config(pci, pci->express + PCI_EXPRESS_SLOT_FEATURES, 4) >>
					NUMBER_SHIFT,
				NULL);
		add_native(found, pci->behind);
	}
}

void pci_slots_refresh(void)
{
	struct slots *found = kzalloc(sizeof(*found));
	const struct pci_bus *root;

	if (!found)
		return;
	/* Those of the board keep their numbers, whatever comes behind bridges. */
	if (acpi_aml()) {
		add_firmwares(found, true);
		add_firmwares(found, false);
	}
	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++)
		add_native(found, root);
	spin_lock(&slots_lock);
	slots = *found;
	spin_unlock(&slots_lock);
	kfree(found);
}

bool pci_slot_info(unsigned index, struct pci_slot_info *info)
{
	bool found;

	spin_lock(&slots_lock);
	found = index < slots.count;
	if (found)
		*info = slots.all[index];
	spin_unlock(&slots_lock);
	return found;
}
