/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device, its registers and its configuration space. */
#include <ddk/device.h>

#include <ddk/io.h>
#include <ddk/pci.h>

#include "kit.h"

#define PORT_WINDOWS 16 /* mapped at a time: a region of ports names one of them */

#define PCI_STATUS              0x06
#define PCI_STATUS_CAPABILITIES 0x10
#define PCI_CAPABILITIES        0x34
#define PCI_HEADER_END          0x40
/* As many as fit into the 256 bytes (PCI Local Bus 3.0, 6.7); the list may be a ring. */
#define CAPABILITIES_MAX ((0x100 - PCI_HEADER_END) / 4)

struct port_window {
	uint64_t offset; /* of the region's range; immutable while used */
	uint32_t index;
	bool used; /* the lock */
};

static _Atomic uint32_t window_lock;
static struct port_window windows[PORT_WINDOWS];

const char *ddk_device_name(const struct device *device)
{
	return device->description.name;
}

void ddk_device_set_state(struct device *device, void *state)
{
	device->state = state;
}

void *ddk_device_state(const struct device *device)
{
	return device->state;
}

/* --- Registers ------------------------------------------------------------------------------- */

uint64_t ddk_region_size(const struct device *device, unsigned index)
{
	return index < HOST_RANGE_MAX ? device->description.ranges[index].size : 0;
}

/* -ENOMEM: too many are mapped. */
static int open_window(unsigned index, uint64_t offset, struct ddk_region *region)
{
	int error = -ENOMEM;

	word_acquire(&window_lock);
	for (unsigned i = 0; i < PORT_WINDOWS && error; i++) {
		if (windows[i].used)
			continue;
		windows[i] = (struct port_window){ .offset = offset, .index = index, .used = true };
		region->port = (uint16_t)i;
		error = 0;
	}
	word_release(&window_lock);
	return error;
}

int ddk_region_map(struct device *device, unsigned index, uint64_t offset, size_t length,
		   enum ddk_region_kind kind, struct ddk_region *region)
{
	uint64_t size = ddk_region_size(device, index);
	long address;

	if (size == 0)
		return -ENOENT;
	if (length == 0 && offset < size)
		length = size - offset;
	if (length == 0 || !range_within(offset, length, size))
		return -EINVAL;
	*region = (struct ddk_region){ .length = length };
	if (device->description.ranges[index].is_ports)
		return open_window(index, offset, region);
	address = kernel_call4(HOST_REGION_MAP, index, offset, length, kind);
	if (call_failed(address))
		return (int)address;
	region->memory = (volatile uint8_t *)(uintptr_t)address;
	return 0;
}

void ddk_region_unmap(struct ddk_region *region)
{
	if (region->memory) {
		(void)kernel_call2(HOST_REGION_UNMAP, address_of(region->memory), region->length);
	} else if (region->length && region->port < PORT_WINDOWS) {
		word_acquire(&window_lock);
		windows[region->port].used = false;
		word_release(&window_lock);
	}
	*region = (struct ddk_region){ 0 };
}

uint32_t ddk_port_read(const struct ddk_region *region, size_t offset, size_t size)
{
	const struct port_window *window = &windows[region->port % PORT_WINDOWS];
	long value = kernel_call3(HOST_PORT_READ, window->index, window->offset + offset, size);

	return value < 0 ? UINT32_MAX : (uint32_t)value;
}

void ddk_port_write(const struct ddk_region *region, size_t offset, size_t size, uint32_t value)
{
	const struct port_window *window = &windows[region->port % PORT_WINDOWS];

	(void)kernel_call4(HOST_PORT_WRITE, window->index, window->offset + offset, size, value);
}

/* --- PCI ------------------------------------------------------------------------------------- */

void ddk_pci_identify(const struct device *device, struct ddk_pci_identity *identity)
{
	const struct host_description *own = &device->description;

	*identity = (struct ddk_pci_identity){
		.vendor = own->vendor,
		.device = own->device,
		.subsystem_vendor = own->subsystem_vendor,
		.subsystem = own->subsystem,
		.class_code = own->class_code,
		.revision = own->revision,
		.bus = own->pci_bus,
		.slot = own->slot,
		.function = own->function,
	};
}

uint32_t ddk_pci_read_config(const struct device *device, unsigned offset, unsigned size)
{
	long value = kernel_call2(HOST_CONFIG_READ, offset, size);

	(void)device;
	return value < 0 ? UINT32_MAX : (uint32_t)value;
}

int ddk_pci_write_config(struct device *device, unsigned offset, unsigned size, uint32_t value)
{
	(void)device;
	return (int)kernel_call3(HOST_CONFIG_WRITE, offset, size, value);
}

static unsigned next_capability(const struct device *device, unsigned pointer)
{
	unsigned next = ddk_pci_read_config(device, pointer, 1) & 0xfc;

	return next >= PCI_HEADER_END ? next : 0;
}

unsigned ddk_pci_find_capability(const struct device *device, unsigned id, unsigned after)
{
	bool passed = after == 0;
	unsigned offset;

	if (!(ddk_pci_read_config(device, PCI_STATUS, 2) & PCI_STATUS_CAPABILITIES))
		return 0;
	offset = next_capability(device, PCI_CAPABILITIES);
	for (unsigned i = 0; i < CAPABILITIES_MAX && offset; i++) {
		if (passed && (ddk_pci_read_config(device, offset, 1) & 0xff) == id)
			return offset;
		passed = passed || offset == after;
		offset = next_capability(device, offset + 1);
	}
	return 0;
}

void ddk_pci_set_bus_master(struct device *device, bool on)
{
	(void)device;
	(void)kernel_call1(HOST_BUS_MASTER, on);
}

int ddk_pci_reset(struct device *device)
{
	(void)device;
	return (int)waiting_call(HOST_PCI_RESET, 0, 0, 0, 0);
}

bool ddk_pci_is_present(const struct device *device)
{
	(void)device;
	return kernel_call0(HOST_PCI_PRESENT) == 1;
}
