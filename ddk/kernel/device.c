/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit in the kernel: devices, their registers, interrupts and PCI. */
#include <arch/port.h>
#include <base/errno.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/pci.h>
#include <dev/device.h>
#include <driver/holding.h>
#include <mm/phys/kernel_map.h>
#include <sync/cpu.h>

const char *ddk_device_name(const struct device *device)
{
	return device->name;
}

void ddk_device_set_state(struct device *device, void *state)
{
	device->state = state;
}

void *ddk_device_state(const struct device *device)
{
	return device->state;
}

static const struct device_range *find_range(const struct device *device, unsigned index)
{
	const struct device_range *range = &device->ranges[index];

	if (index >= DEVICE_RANGE_MAX || range->kind == DEVICE_RANGE_NONE || !range->base)
		return NULL;
	return range;
}

uint64_t ddk_region_size(const struct device *device, unsigned index)
{
	const struct device_range *range = find_range(device, index);

	return range ? range->size : 0;
}

int ddk_region_map(struct device *device, unsigned index, uint64_t offset, size_t length,
		   enum ddk_region_kind kind, struct ddk_region *region)
{
	const struct device_range *range = find_range(device, index);
	unsigned flags = kind == DDK_REGION_WRITE_COMBINING ? MMU_WRITE_COMBINING : MMU_UNCACHED;

	if (!range)
		return -ENOENT;
	if (length == 0 && offset < range->size)
		length = range->size - offset;
	if (length == 0 || !range_within(offset, length, range->size))
		return -EINVAL;
	*region = (struct ddk_region){ .length = length };
	if (range->kind == DEVICE_RANGE_PORTS) {
		region->port = (uint16_t)(range->base + offset);
		return 0;
	}
	region->memory = kernel_map_device(range->base + offset, length, flags);
	if (region->memory && driver_hold(device, DRIVER_HOLDS_REGION, region->memory, length)) {
		kernel_unmap_device((void *)region->memory, length);
		region->memory = NULL;
	}
	return region->memory ? 0 : -ENOMEM;
}

void ddk_region_unmap(struct ddk_region *region)
{
	if (region->memory) {
		driver_unhold(DRIVER_HOLDS_REGION, region->memory);
		kernel_unmap_device((void *)region->memory, region->length);
	}
	*region = (struct ddk_region){ 0 };
}

uint32_t ddk_port_read(const struct ddk_region *region, size_t offset, size_t size)
{
	uint16_t port = (uint16_t)(region->port + offset);

	if (size == 1)
		return arch_port_read8(port);
	if (size == 2)
		return arch_port_read16(port);
	return arch_port_read32(port);
}

void ddk_port_write(const struct ddk_region *region, size_t offset, size_t size, uint32_t value)
{
	uint16_t port = (uint16_t)(region->port + offset);

	if (size == 1)
		arch_port_write8(port, (uint8_t)value);
	else if (size == 2)
		arch_port_write16(port, (uint16_t)value);
	else
		arch_port_write32(port, value);
}

unsigned ddk_irq_count(struct device *device)
{
	return device_irq_count(device);
}

int ddk_irq_connect(struct device *device, unsigned index, ddk_irq_handler *handle, void *context)
{
	return device_irq_connect(device, index, handle, context);
}

void ddk_irq_disconnect(struct device *device, unsigned index)
{
	device_irq_disconnect(device, index);
}

unsigned ddk_cpu_count(void)
{
	return cpu_count();
}

void ddk_irq_direct(struct device *device, unsigned index, unsigned cpu)
{
	device_irq_direct(device, index, cpu);
}

void ddk_pci_identify(const struct device *device, struct ddk_pci_identity *identity)
{
	const struct pci_function *pci = &device->pci;

	*identity = (struct ddk_pci_identity){
		.vendor = pci->vendor,
		.device = pci->device,
		.subsystem_vendor = pci->subsystem_vendor,
		.subsystem = pci->subsystem,
		.class_code = pci->class_code,
		.revision = pci->revision,
		.bus = pci->bus,
		.slot = pci->slot,
		.function = pci->function,
	};
}

uint32_t ddk_pci_read_config(const struct device *device, unsigned offset, unsigned size)
{
	return pci_read_config(&device->pci, offset, size);
}

int ddk_pci_write_config(struct device *device, unsigned offset, unsigned size, uint32_t value)
{
	if (!pci_config_is_drivers(&device->pci, offset, size))
		return -EPERM;
	pci_write_config(&device->pci, offset, size, value);
	return 0;
}

unsigned ddk_pci_find_capability(const struct device *device, unsigned id, unsigned after)
{
	return pci_find_capability(&device->pci, id, after);
}

void ddk_pci_set_bus_master(struct device *device, bool on)
{
	pci_set_bus_master(device, on);
}

int ddk_pci_reset(struct device *device)
{
	return pci_reset(device);
}

bool ddk_pci_is_present(const struct device *device)
{
	return pci_is_present(&device->pci);
}
