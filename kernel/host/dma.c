/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a host's device uses. Its device address is its physical address; others the device does not reach. */
#include "calls.h"
#include "memory.h"

#include <base/errno.h>
#include <ddk/dma.h>
#include <iommu/iommu.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/vm/user.h>

/* Counts against the host's limit. */
static bool charge(struct host *host, size_t length)
{
	if (atomic_fetch_add(&host->dma_bytes, length) + length <= HOST_DMA_MAX)
		return true;
	atomic_fetch_sub(&host->dma_bytes, length);
	return false;
}

static size_t charged(const struct host_memory *memory)
{
	return align_up(memory->length, PAGE_SIZE);
}

/* Takes what lies before `end` from the device, piece by piece as it was given. */
static void unmap_pieces(const struct host_memory *memory, size_t end)
{
	struct iommu_domain *domain = memory->host->device->domain;
	size_t length;

	for (size_t offset = 0; offset < end; offset += length) {
		phys_t physical = host_memory_physical(memory, offset, &length);

		iommu_unmap(domain, physical, length);
	}
	iommu_flush(domain);
}

/* Gives it to the device. */
static int map_pieces(const struct host_memory *memory)
{
	struct iommu_domain *domain = memory->host->device->domain;
	size_t length;

	for (size_t offset = 0; offset < memory->length; offset += length) {
		phys_t physical = host_memory_physical(memory, offset, &length);
		int error = iommu_map(domain, physical, length, IOMMU_READ | IOMMU_WRITE);

		if (error) {
			unmap_pieces(memory, offset);
			return error;
		}
	}
	return 0;
}

void host_dma_release(struct host_memory *memory)
{
	unmap_pieces(memory, memory->length);
	atomic_fetch_sub(&memory->host->dma_bytes, charged(memory));
}

/* One block of frames. */
static bool get_piece(struct host_memory *memory, unsigned flags)
{
	struct frame *frame;
	unsigned order = 0;

	while (((size_t)PAGE_SIZE << order) < memory->length)
		order++;
	frame = frame_allocate(order, FRAME_ZERO | (flags & DDK_DMA_32BIT ? FRAME_DMA32 : 0));
	if (!frame)
		return false;
	memory->base = frame_physical(frame);
	memory->kernel = frame_address(frame);
	return true;
}

static bool get_pages(struct host_memory *memory)
{
	memory->kernel = kernel_vmalloc(align_up(memory->length, PAGE_SIZE));
	return memory->kernel;
}

static int tell(const struct host_memory *memory, uintptr_t address, uint64_t out)
{
	struct host_dma dma = { .address = address, .length = memory->length };
	size_t length;

	dma.device_address = host_memory_physical(memory, 0, &length);
	return copy_to_user(user_out(out, sizeof(dma)), &dma);
}

/* The host may have freed it already when this returns: it knows the address once it is told. */
static int make(struct host *host, enum host_memory_kind kind, size_t length, unsigned flags,
		uint64_t out)
{
	struct host_memory *memory = host_memory_create(host, kind, length);
	uintptr_t address;
	bool got;
	int error = -ENOMEM;

	if (!memory)
		return -ENOMEM;
	got = kind == HOST_MEMORY_DMA ? get_piece(memory, flags) : get_pages(memory);
	if (got)
		error = map_pieces(memory);
	if (error) {
		host_memory_put(memory);
		return error;
	}
	refcount_get(&memory->references);
	error = host_memory_map(memory, align_up(length, PAGE_SIZE), &address);
	if (error)
		unmap_pieces(memory, memory->length);
	else
		error = tell(memory, address, out);
	host_memory_put(memory);
	return error;
}

static long allocate(struct host *host, enum host_memory_kind kind, size_t length, unsigned flags,
		     uint64_t out)
{
	size_t size = align_up(length, PAGE_SIZE);
	int error;

	if (!charge(host, size))
		return -ENOMEM;
	error = make(host, kind, length, flags, out);
	/* After a bad address it is in the list, and goes with the host, which does not live long. */
	if (error && error != -EFAULT)
		atomic_fetch_sub(&host->dma_bytes, size);
	return error;
}

long host_call_dma_allocate(struct host *host, const uint64_t arguments[6])
{
	if (!arguments[0] || arguments[0] > DDK_DMA_SIZE_MAX || arguments[1] & ~1ull)
		return -EINVAL;
	return allocate(host, HOST_MEMORY_DMA, arguments[0], (unsigned)arguments[1], arguments[2]);
}

long host_call_dma_buffer(struct host *host, const uint64_t arguments[6])
{
	if (!arguments[0] || arguments[0] > DDK_DMA_BUFFER_MAX)
		return -EINVAL;
	return allocate(host, HOST_MEMORY_BUFFER, align_up(arguments[0], PAGE_SIZE), 0,
			arguments[1]);
}

long host_call_dma_address(struct host *host, const uint64_t arguments[6])
{
	struct host_memory *memory = host_memory_find(host, HOST_MEMORY_FOR_DMA, arguments[0]);
	uint64_t answer[2];
	size_t length;

	if (!memory) {
		host_condemn(host, "asked where %#lx is, which is no memory for its device",
			     arguments[0]);
		return -EPERM;
	}
	answer[0] = host_memory_physical(memory, arguments[0] - memory->address, &length);
	answer[1] = length;
	host_memory_put(memory);
	return copy_to_user(user_out(arguments[1], sizeof(answer)), answer);
}

long host_call_dma_free(struct host *host, const uint64_t arguments[6])
{
	struct host_memory *memory = host_memory_take(host, HOST_MEMORY_FOR_DMA, arguments[0]);

	if (memory)
		return host_memory_unmap(memory);
	host_condemn(host, "freed memory for its device at %#lx, where there is none",
		     arguments[0]);
	return -EPERM;
}
