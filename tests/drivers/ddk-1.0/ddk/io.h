/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Device registers, in memory or in I/O ports, through one kind of handle.
 *
 *     struct ddk_region registers;
 *     error = ddk_region_map(device, 0, 0, 0, DDK_REGION_UNCACHED, &registers);
 *     status = ddk_read32(&registers, STATUS);
 *
 * Regions are numbered as the bus does: a PCI device's by BAR, a platform device's from 0 up.
 * Accesses have exactly the width asked for and happen in program order. Those that lie
 * outside of the region read as all ones and write nothing.
 */
#pragma once

#include <base/checked.h>
#include <ddk/device.h>

enum ddk_region_kind {
	DDK_REGION_UNCACHED,       /* registers */
	DDK_REGION_WRITE_COMBINING /* frame buffers */
};

/* Immutable after mapping. */
struct ddk_region {
	volatile uint8_t *memory; /* NULL: I/O ports */
	uint16_t port;
	size_t length;
};

/* Maps [offset, offset + length) of the device's region `index`; length 0: all from `offset`
 * on. -ENOENT (no such region, or it has no address), -EINVAL (outside of it), -ENOMEM. */
int must_check ddk_region_map(struct device *device, unsigned index, uint64_t offset, size_t length,
			      enum ddk_region_kind kind, struct ddk_region *region);
void ddk_region_unmap(struct ddk_region *region);
/* The size of region `index`; 0 if there is none. */
uint64_t ddk_region_size(const struct device *device, unsigned index);

/* The way to I/O ports: called by the functions below only. `size` is 1, 2 or 4. */
uint32_t ddk_port_read(const struct ddk_region *region, size_t offset, size_t size);
void ddk_port_write(const struct ddk_region *region, size_t offset, size_t size, uint32_t value);

static inline uint8_t ddk_read8(const struct ddk_region *region, size_t offset)
{
	if (!range_within(offset, 1, region->length))
		return UINT8_MAX;
	if (!region->memory)
		return (uint8_t)ddk_port_read(region, offset, 1);
	return region->memory[offset];
}

static inline uint16_t ddk_read16(const struct ddk_region *region, size_t offset)
{
	if (!range_within(offset, 2, region->length))
		return UINT16_MAX;
	if (!region->memory)
		return (uint16_t)ddk_port_read(region, offset, 2);
	return *(volatile uint16_t *)(region->memory + offset);
}

static inline uint32_t ddk_read32(const struct ddk_region *region, size_t offset)
{
	if (!range_within(offset, 4, region->length))
		return UINT32_MAX;
	if (!region->memory)
		return ddk_port_read(region, offset, 4);
	return *(volatile uint32_t *)(region->memory + offset);
}

static inline void ddk_write8(const struct ddk_region *region, size_t offset, uint8_t value)
{
	if (!range_within(offset, 1, region->length))
		return;
	if (!region->memory)
		ddk_port_write(region, offset, 1, value);
	else
		region->memory[offset] = value;
}

static inline void ddk_write16(const struct ddk_region *region, size_t offset, uint16_t value)
{
	if (!range_within(offset, 2, region->length))
		return;
	if (!region->memory)
		ddk_port_write(region, offset, 2, value);
	else
		*(volatile uint16_t *)(region->memory + offset) = value;
}

static inline void ddk_write32(const struct ddk_region *region, size_t offset, uint32_t value)
{
	if (!range_within(offset, 4, region->length))
		return;
	if (!region->memory)
		ddk_port_write(region, offset, 4, value);
	else
		*(volatile uint32_t *)(region->memory + offset) = value;
}
