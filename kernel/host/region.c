/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers of a host's device in its address space. It sees whole pages, so those in which another device has something
 * are refused; and the pages with the device's messages for interrupts, through which it could send any, are
 * replaced by one that means nothing.
 */
#include "calls.h"
#include "memory.h"

#include <base/checked.h>
#include <base/errno.h>
#include <core/log.h>
#include <ddk/io.h>
#include <dev/device.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>

struct pages {
	phys_t start, end;
};

static bool has_range_in(const struct device *device, const struct pages *pages)
{
	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];

		if (range->kind == DEVICE_RANGE_MEMORY && range->base && range->base < pages->end &&
		    range->base + range->size > pages->start)
			return true;
	}
	return false;
}

/* True if nobody else has registers in these pages. */
static bool is_alone(const struct device *self, const struct pages *pages)
{
	struct device *device;
	bool alone = true;

	for (device = device_next(NULL); device; device = device_next(device))
		if (device != self && has_range_in(device, pages))
			alone = false;
	return alone;
}

static long map_pages(struct host *host, const uint64_t arguments[6], const struct pages *pages)
{
	const struct device_range *range = &host->device->ranges[arguments[0]];
	struct host_memory *memory;
	uintptr_t address;
	int error;

	memory = host_memory_create(host, HOST_MEMORY_REGION, arguments[2]);
	if (!memory)
		return -ENOMEM;
	memory->base = pages->start;
	memory->shift = (range->base + arguments[1]) % PAGE_SIZE;
	memory->mmu_flags =
		arguments[3] == DDK_REGION_WRITE_COMBINING ? MMU_WRITE_COMBINING : MMU_UNCACHED;
	memory->hidden_count =
		pci_find_messages(host->device, (unsigned)arguments[0], memory->hidden);
	error = host_memory_map(memory, pages->end - pages->start, &address);
	return error ? error : (long)address;
}

long host_call_region_map(struct host *host, const uint64_t arguments[6])
{
	uint64_t index = arguments[0], offset = arguments[1], length = arguments[2];
	const struct device_range *range;
	struct pages pages;

	range = index < DEVICE_RANGE_MAX ? &host->device->ranges[index] : NULL;
	if (!range || range->kind != DEVICE_RANGE_MEMORY || !range->base || !length ||
	    !range_within(offset, length, range->size)) {
		host_condemn(host, "wanted to map %#lx bytes at %#lx of region %lu", length, offset,
			     index);
		return -EPERM;
	}
	pages.start = align_down(range->base + offset, PAGE_SIZE);
	pages.end = align_up(range->base + offset + length, PAGE_SIZE);
	if (!is_alone(host->device, &pages)) {
		log_error("host",
			  "%s: region %lu shares a page with another device: %s may not have it",
			  host->device->name, index, host_driver_name(host));
		return -EPERM;
	}
	return map_pages(host, arguments, &pages);
}

long host_call_region_unmap(struct host *host, const uint64_t arguments[6])
{
	struct host_memory *memory = host_memory_take(host, 1u << HOST_MEMORY_REGION, arguments[0]);

	if (memory)
		return host_memory_unmap(memory);
	host_condemn(host, "unmapped no region at %#lx", arguments[0]);
	return -EPERM;
}
