/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit in the kernel: DMA memory and the log. */
#include <arch/mmu.h>
#include <base/checked.h>
#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>
#include <core/panic.h>
#include <ddk/dma.h>
#include <ddk/log.h>
#include <dev/device.h>
#include <driver/holding.h>
#include <iommu/iommu.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>

#define LOG_LINE_MAX 256

_Static_assert(DDK_DMA_SIZE_MAX == (size_t)PAGE_SIZE << FRAME_ORDER_MAX, "the largest block");

int ddk_dma_allocate(struct device *device, size_t size, unsigned flags, struct ddk_dma *dma)
{
	struct frame *frame;
	unsigned order = 0;

	if (size == 0 || size > DDK_DMA_SIZE_MAX)
		return -EINVAL;
	while (((size_t)PAGE_SIZE << order) < size)
		order++;
	frame = frame_allocate(order,
			       FRAME_ZERO | (flags & DDK_DMA_32BIT ? (unsigned)FRAME_DMA32 : 0));
	if (!frame)
		return -ENOMEM;
	if (iommu_map(device->domain, frame_physical(frame), size, IOMMU_READ | IOMMU_WRITE))
		goto err_frame;
	if (driver_hold(device, DRIVER_HOLDS_DMA, frame_address(frame), size))
		goto err_map;
	/* Devices see the memory that is theirs at its physical address. */
	dma->memory = frame_address(frame);
	dma->device_address = frame_physical(frame);
	dma->size = size;
	return 0;

err_map:
	iommu_unmap(device->domain, frame_physical(frame), size);
	iommu_flush(device->domain);
err_frame:
	frame_put(frame);
	return -ENOMEM;
}

void ddk_dma_free(struct ddk_dma *dma)
{
	if (dma->memory) {
		struct device *device = driver_unhold(DRIVER_HOLDS_DMA, dma->memory);

		if (device) {
			iommu_unmap(device->domain, dma->device_address, dma->size);
			iommu_flush(device->domain);
		}
		frame_put(frame_at(dma->device_address));
	}
	*dma = (struct ddk_dma){ 0 };
}

static phys_t physical_of(const void *memory)
{
	phys_t physical;

	if (!arch_kernel_translate((vaddr_t)memory, &physical))
		panic("ddk: a buffer's page is not mapped");
	return physical;
}

static void unmap_buffer(struct device *device, const void *memory, size_t size)
{
	for (size_t offset = 0; offset < size; offset += PAGE_SIZE)
		iommu_unmap(device->domain, physical_of((const char *)memory + offset), PAGE_SIZE);
	iommu_flush(device->domain);
}

static int map_buffer(struct device *device, const void *memory, size_t size)
{
	for (size_t offset = 0; offset < size; offset += PAGE_SIZE) {
		if (!iommu_map(device->domain, physical_of((const char *)memory + offset),
			       PAGE_SIZE, IOMMU_READ | IOMMU_WRITE))
			continue;
		unmap_buffer(device, memory, offset);
		return -ENOMEM;
	}
	return 0;
}

int ddk_dma_buffer_allocate(struct device *device, size_t size, struct ddk_dma_buffer *buffer)
{
	if (size == 0 || size > DDK_DMA_BUFFER_MAX)
		return -EINVAL;
	buffer->size = align_up(size, PAGE_SIZE);
	buffer->memory = kernel_vmalloc(buffer->size);
	if (!buffer->memory)
		return -ENOMEM;
	if (map_buffer(device, buffer->memory, buffer->size))
		goto err_memory;
	if (driver_hold(device, DRIVER_HOLDS_DMA_BUFFER, buffer->memory, buffer->size))
		goto err_map;
	return 0;

err_map:
	unmap_buffer(device, buffer->memory, buffer->size);
err_memory:
	kernel_vfree(buffer->memory);
	buffer->memory = NULL;
	return -ENOMEM;
}

void ddk_dma_buffer_free(struct ddk_dma_buffer *buffer)
{
	struct device *device = NULL;

	if (buffer->memory)
		device = driver_unhold(DRIVER_HOLDS_DMA_BUFFER, buffer->memory);
	if (device)
		unmap_buffer(device, buffer->memory, buffer->size);
	kernel_vfree(buffer->memory);
	*buffer = (struct ddk_dma_buffer){ 0 };
}

uint64_t ddk_dma_buffer_address(const struct ddk_dma_buffer *buffer, size_t offset, size_t *length)
{
	phys_t address;
	size_t next = align_down(offset, PAGE_SIZE) + PAGE_SIZE;

	assert(offset < buffer->size);
	address = physical_of((const char *)buffer->memory + offset);
	if (!length)
		return address;
	while (next < buffer->size &&
	       physical_of((const char *)buffer->memory + next) == address + (next - offset))
		next += PAGE_SIZE;
	*length = next - offset;
	return address;
}

void ddk_log(const struct device *device, enum ddk_log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	log_write((enum log_level)level, device->driver ? device->driver->name : "ddk", "%s: %s",
		  device->name, line);
}
