/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DMA memory: contiguous and coherent memory that driver and device share. The device may
 * change it at any time: what is read from it is copied first, then checked, then used.
 */
#pragma once

#include <ddk/device.h>

#define DDK_DMA_SIZE_MAX (4u << 20)

enum ddk_dma_flags {
	DDK_DMA_32BIT = 1 << 0, /* with a device address below 4 GiB */
};

struct ddk_dma {
	void *memory;            /* NULL: none */
	uint64_t device_address; /* the same memory as the device sees it */
	size_t size;
};

/* Cleared memory, aligned to a page, or to the size where that is a larger power of two.
 * -ENOMEM; -EINVAL (size 0 or above DDK_DMA_SIZE_MAX). */
int must_check ddk_dma_allocate(struct device *device, size_t size, unsigned flags,
				struct ddk_dma *dma);
/* The device no longer uses it. Memory that was never allocated (all zero) is allowed. */
void ddk_dma_free(struct ddk_dma *dma);

/*
 * Large buffers: contiguous for the driver, in pieces of whole pages for the device.
 */
#define DDK_DMA_BUFFER_MAX (256u << 20)

struct ddk_dma_buffer {
	void *memory; /* NULL: none */
	size_t size;  /* whole pages */
};

/* Cleared memory of at least `size` bytes. Thread context. -ENOMEM; -EINVAL (0, or above
 * DDK_DMA_BUFFER_MAX). */
int must_check ddk_dma_buffer_allocate(struct device *device, size_t size,
				       struct ddk_dma_buffer *buffer);
/* The device no longer uses it. Thread context; a buffer that is all zero is allowed. */
void ddk_dma_buffer_free(struct ddk_dma_buffer *buffer);
/* Where the device sees what lies at `offset`, and how many bytes from there on are contiguous, at
 * least one (NULL: does not matter). */
uint64_t ddk_dma_buffer_address(const struct ddk_dma_buffer *buffer, size_t offset, size_t *length);

/* Ordering of accesses to DMA memory, as the device sees them: reads before the barrier come
 * before reads after it; writes likewise; all before all. Accesses to registers are ordered
 * after writes to DMA memory by themselves. */
static inline void ddk_dma_read_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void ddk_dma_write_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void ddk_dma_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
