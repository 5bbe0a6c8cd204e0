/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What memory devices reach (iommu/iommu.h): a domain for each PCI function, in which nothing is mapped while it has no
 * driver. Which functions an IOMMU can tell apart follows from the bridges on the way.
 */
#include "dev_priv.h"
#include "pci_bus.h"
#include "pci_priv.h"

#include <core/log.h>
#include <dev/pci.h>
#include <iommu/iommu.h>

static uint8_t number_of(const struct pci_function *pci)
{
	return (uint8_t)(pci->slot << 3 | pci->function);
}

static bool leads_to_conventional_bus(const struct pci_function *bridge)
{
	uint32_t flags = pci_read_config(bridge, bridge->express + PCI_EXPRESS_FLAGS, 2);

	return (flags >> PCI_EXPRESS_TYPE_SHIFT & PCI_EXPRESS_TYPE_MASK) == PCI_EXPRESS_TO_PCI;
}

/* Bridges to conventional PCI stand for all that is behind them: those of PCI Express as function 0 of the bus behind
 * (PCI Express to PCI Bridge 1.0, 2.3), others as themselves. */
static struct iommu_requester requester_of(const struct device *device)
{
	struct iommu_requester requester = {
		.segment = (uint16_t)pci_domain(&device->pci),
		.bus = device->pci.bus,
		.function = number_of(&device->pci),
	};

	for (const struct pci_bus *bus = device->pci.upstream; bus && bus->bridge;
	     bus = bus->bridge->pci.upstream) {
		const struct pci_function *bridge = &bus->bridge->pci;

		if (!bridge->express) {
			requester.bus = bridge->bus;
			requester.function = number_of(bridge);
		} else if (leads_to_conventional_bus(bridge)) {
			requester.bus = bus->number;
			requester.function = 0;
		}
	}
	return requester;
}

static void describe(const struct device *device, struct iommu_function *function)
{
	unsigned at = device->pci.upstream->depth;

	function->requester = requester_of(device);
	function->depth = at + 1;
	for (;;) {
		function->way[at].bus = device->pci.bus;
		function->way[at].function = number_of(&device->pci);
		if (at-- == 0)
			return;
		device = device->pci.upstream->bridge;
	}
}

_Static_assert(IOMMU_WAY_MAX > PCI_DEPTH_MAX, "the way to any function");

void device_memory_attach(struct device *device)
{
	struct iommu_function function;

	if (device->bus != DRIVER_BUS_PCI || !iommu_is_on())
		return;
	describe(device, &function);
	if (iommu_domain_get(&function, &device->domain))
		log_error("iommu", "%s: no memory for its domain: it reaches nothing",
			  device->name);
}

void device_memory_detach(struct device *device)
{
	iommu_domain_put(device->domain);
}

void device_memory_open(struct device *device)
{
	if (iommu_open(device->domain, IOMMU_MODE_MAPPED))
		log_error("iommu", "%s: reaches nothing", device->name);
}

void device_memory_close(struct device *device)
{
	iommu_close(device->domain);
}
