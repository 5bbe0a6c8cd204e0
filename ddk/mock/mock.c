/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: the device, its registers, configuration space and interrupts. */
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/io.h>
#include <ddk/log.h>
#include <unit.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAPPING_MAX 16

/* A mapped region; its handle's port is its number. */
struct mapping {
	bool used;
	unsigned bar;
	size_t offset;
};

static struct device *the_device;
static struct mapping mappings[MAPPING_MAX];
static bool handling[MOCK_IRQ_COUNT]; /* its handler runs */

void mock_start(struct device *device)
{
	the_device = device;
	list_init(&mock_streams);
	memset(mappings, 0, sizeof(mappings));
	memset(handling, 0, sizeof(handling));
	mock_start_memory();
	mock_start_time();
	mock_start_disks();
	mock_start_displays();
	mock_start_nets();
}

struct device *mock_device(void)
{
	return the_device;
}

void mock_finish(void)
{
	mock_finish_disks();
	mock_finish_displays();
	mock_finish_nets();
	mock_finish_time();
	mock_finish_memory();
	for (unsigned i = 0; i < MAPPING_MAX; i++)
		EXPECT(!mappings[i].used);
	EXPECT(list_empty(&mock_streams));
	EXPECT(!the_device->bus_master);
	for (unsigned i = 0; i < MOCK_IRQ_COUNT; i++)
		EXPECT(!the_device->handlers[i]);
}

const char *ddk_device_name(const struct device *device)
{
	(void)device;
	return "mock";
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
	return index < MOCK_BAR_COUNT ? device->bar_sizes[index] : 0;
}

int ddk_region_map(struct device *device, unsigned index, uint64_t offset, size_t length,
		   enum ddk_region_kind kind, struct ddk_region *region)
{
	uint64_t size = ddk_region_size(device, index);
	unsigned slot = 0;

	(void)kind;
	if (size == 0)
		return -ENOENT;
	if (length == 0 && offset < size)
		length = size - offset;
	if (length == 0 || !range_within(offset, length, size))
		return -EINVAL;
	if (mock_allocation_fails())
		return -ENOMEM;
	while (slot < MAPPING_MAX && mappings[slot].used)
		slot++;
	EXPECT(slot < MAPPING_MAX);
	mappings[slot] = (struct mapping){ true, index, offset };
	*region = (struct ddk_region){ .port = (uint16_t)slot, .length = length };
	return 0;
}

void ddk_region_unmap(struct ddk_region *region)
{
	if (region->length) {
		EXPECT(mappings[region->port].used);
		mappings[region->port].used = false;
	}
	*region = (struct ddk_region){ 0 };
}

uint32_t ddk_port_read(const struct ddk_region *region, size_t offset, size_t size)
{
	const struct mapping *mapping = &mappings[region->port];

	EXPECT(mapping->used);
	mock_preempt();
	the_device->register_reads++;
	return the_device->read(the_device, mapping->bar, mapping->offset + offset, size);
}

void ddk_port_write(const struct ddk_region *region, size_t offset, size_t size, uint32_t value)
{
	const struct mapping *mapping = &mappings[region->port];

	EXPECT(mapping->used);
	mock_preempt();
	the_device->register_writes++;
	the_device->write(the_device, mapping->bar, mapping->offset + offset, size, value);
}

/* --- PCI ------------------------------------------------------------------------------------- */

uint32_t ddk_pci_read_config(const struct device *device, unsigned offset, unsigned size)
{
	uint32_t value = UINT32_MAX;

	if (!device->gone && range_within(offset, size, sizeof(device->config))) {
		value = 0;
		memcpy(&value, device->config + offset, size);
	}
	return value;
}

unsigned ddk_pci_find_capability(const struct device *device, unsigned id, unsigned after)
{
	unsigned at = device->config[after ? after + 1 : 0x34] & ~3u;

	for (unsigned i = 0; i < 48 && at >= 0x40; i++) {
		if (device->config[at] == id)
			return at;
		at = device->config[at + 1] & ~3u;
	}
	return 0;
}

void ddk_pci_set_bus_master(struct device *device, bool on)
{
	device->bus_master = on;
}

/* --- Interrupts ------------------------------------------------------------------------------ */

int ddk_irq_connect(struct device *device, unsigned index, ddk_irq_handler *handle, void *context)
{
	if (index >= ddk_irq_count(device))
		return -EINVAL;
	if (device->handlers[index])
		return -EBUSY;
	if (mock_allocation_fails())
		return -ENOMEM;
	device->handlers[index] = handle;
	device->handler_contexts[index] = context;
	device->irq_cpus[index] = 0;
	return 0;
}

void ddk_irq_disconnect(struct device *device, unsigned index)
{
	if (index >= MOCK_IRQ_COUNT)
		return;
	EXPECT(!handling[index]);
	device->handlers[index] = NULL;
	device->raised[index] = false;
}

void mock_raise(unsigned irq)
{
	EXPECT(irq < MOCK_IRQ_COUNT);
	the_device->raised[irq] = true;
}

bool mock_deliver_one(void)
{
	for (unsigned i = 0; i < MOCK_IRQ_COUNT; i++) {
		if (!the_device->raised[i] || !the_device->handlers[i] || handling[i])
			continue;
		the_device->raised[i] = false;
		the_device->irqs_delivered++;
		handling[i] = true;
		the_device->handlers[i](the_device->handler_contexts[i]);
		handling[i] = false;
		EXPECT_EQUAL(mock_locks_held, 0);
		return true;
	}
	return false;
}

/* With MOCK_LOG in the environment, for a person. */
void ddk_log(const struct device *device, enum ddk_log_level level, const char *format, ...)
{
	va_list arguments;

	(void)device;
	if (!getenv("MOCK_LOG"))
		return;
	fprintf(stderr, "<%d> ", (int)level);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}
