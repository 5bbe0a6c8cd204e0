/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BARs: the address ranges at which a function answers (PCI Local Bus 3.0, 6.2.5.1). What writing
 * ones leaves standing of them tells their sizes.
 */
#include "pci_bus.h"
#include "pci_priv.h"

#include <base/bits.h>

#define BAR_IO          (1u << 0)
#define BAR_IO_MASK     (~3u)
#define BAR_TYPE        (3u << 1)
#define BAR_TYPE_64BIT  (2u << 1)
#define BAR_PREFETCH    (1u << 3)
#define BAR_MEMORY_MASK (~15u)

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

static void read_ports(uint32_t low, uint32_t mask, struct device_range *range)
{
	/* The upper half need not be implemented. */
	range->size = size_of_mask((uint64_t)(int64_t)(int32_t)(mask & BAR_IO_MASK) |
				   ~(uint64_t)UINT16_MAX);
	range->base = low & BAR_IO_MASK;
	range->kind = mask & BAR_IO_MASK ? DEVICE_RANGE_PORTS : DEVICE_RANGE_NONE;
	if (range->base > UINT16_MAX)
		range->base = 0;
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

	*range = (struct device_range){ 0 };
	if (low & BAR_IO) {
		read_ports(low, mask, range);
	} else {
		range->size = size_of_mask((uint64_t)high_mask << 32 | (mask & BAR_MEMORY_MASK));
		range->base = high << 32 | (low & BAR_MEMORY_MASK);
		range->kind = mask & BAR_MEMORY_MASK || (wide && high_mask) ? DEVICE_RANGE_MEMORY
									    : DEVICE_RANGE_NONE;
		range->prefetchable = low & BAR_PREFETCH;
		range->wide = wide;
	}
	if (range->size == 0 || range->kind == DEVICE_RANGE_NONE)
		*range = (struct device_range){ 0 };
	return wide ? 2 : 1;
}

void pci_bars_read(struct device *device, unsigned count)
{
	const struct pci_function *pci = &device->pci;
	uint32_t command = pci_read_config(pci, PCI_COMMAND, 2);

	/* While sizes are being read the addresses are nonsense: nothing must be decoded. */
	pci_write_config(pci, PCI_COMMAND, 2, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (unsigned i = 0; i < count;)
		i += read_bar(pci, i, count, &device->ranges[i]);
	pci_write_config(pci, PCI_COMMAND, 2, command);
}

void pci_bar_write(const struct device *device, unsigned index)
{
	const struct pci_function *pci = &device->pci;
	const struct device_range *range = &device->ranges[index];
	unsigned offset = PCI_BAR + 4 * index;
	uint32_t command = pci_read_config(pci, PCI_COMMAND, 2);

	pci_write_config(pci, PCI_COMMAND, 2, command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	pci_write_config(pci, offset, 4, (uint32_t)range->base);
	if (range->wide)
		pci_write_config(pci, offset + 4, 4, (uint32_t)(range->base >> 32));
	pci_write_config(pci, PCI_COMMAND, 2, command);
}

void pci_bars_enable(const struct device *device)
{
	uint32_t command = pci_read_config(&device->pci, PCI_COMMAND, 2);

	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];

		if (range->kind != DEVICE_RANGE_NONE && range->base)
			command |= range->kind == DEVICE_RANGE_PORTS ? PCI_COMMAND_IO
								     : PCI_COMMAND_MEMORY;
	}
	/* A bridge passes on what is for the bus behind it, and what comes from there. */
	if (device->pci.behind)
		command |= PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	pci_write_config(&device->pci, PCI_COMMAND, 2, command);
}
