/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMA memory: the kernel maps it for the device and for this program. */
#include <ddk/dma.h>

#include "kit.h"

int ddk_dma_allocate(struct device *device, size_t size, unsigned flags, struct ddk_dma *dma)
{
	struct host_dma made;
	long error;

	(void)device;
	if (size == 0 || size > DDK_DMA_SIZE_MAX)
		return -EINVAL;
	error = kernel_call3(HOST_DMA_ALLOCATE, size, flags, address_of(&made));
	if (error)
		return (int)error;
	*dma = (struct ddk_dma){
		.memory = (void *)(uintptr_t)made.address,
		.device_address = made.device_address,
		.size = size,
	};
	return 0;
}

void ddk_dma_free(struct ddk_dma *dma)
{
	if (dma->memory)
		(void)kernel_call1(HOST_DMA_FREE, address_of(dma->memory));
	*dma = (struct ddk_dma){ 0 };
}

int ddk_dma_buffer_allocate(struct device *device, size_t size, struct ddk_dma_buffer *buffer)
{
	struct host_dma made;
	long error;

	(void)device;
	if (size == 0 || size > DDK_DMA_BUFFER_MAX)
		return -EINVAL;
	error = kernel_call2(HOST_DMA_BUFFER, size, address_of(&made));
	if (error)
		return (int)error;
	buffer->memory = (void *)(uintptr_t)made.address;
	buffer->size = align_up(size, PAGE_SIZE);
	return 0;
}

void ddk_dma_buffer_free(struct ddk_dma_buffer *buffer)
{
	if (buffer->memory)
		(void)kernel_call1(HOST_DMA_FREE, address_of(buffer->memory));
	*buffer = (struct ddk_dma_buffer){ 0 };
}

uint64_t ddk_dma_buffer_address(const struct ddk_dma_buffer *buffer, size_t offset, size_t *length)
{
	uint64_t place[2];

	if (offset >= buffer->size ||
	    kernel_call2(HOST_DMA_ADDRESS, address_of(buffer->memory) + offset, address_of(place)))
		kit_fail("the driver asks where a buffer of %zu bytes is at %zu", buffer->size,
			 offset);
	if (length)
		*length = place[1];
	return place[0];
}
