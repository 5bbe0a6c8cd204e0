/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a host shares with others, as objects that it maps. Their pages stay as long as somebody maps or shows
 * them, whatever becomes of the host.
 */
#include "memory.h"

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>

static void memory_free(struct host_memory *memory)
{
	switch (memory->kind) {
	case HOST_MEMORY_CHANNEL:
	case HOST_MEMORY_BUFFER:
		kernel_vfree(memory->kernel);
		break;
	case HOST_MEMORY_DMA:
		if (memory->base)
			frame_put(frame_at(memory->base));
		break;
	case HOST_MEMORY_SHOWN:
		kernel_unmap_device(memory->kernel, memory->length);
		break;
	case HOST_MEMORY_REGION:
		break;
	}
	host_put(memory->host);
	kfree(memory);
}

void host_memory_put(struct host_memory *memory)
{
	if (refcount_put(&memory->references))
		memory_free(memory);
}

static bool is_hidden(const struct host_memory *memory, phys_t page)
{
	for (unsigned i = 0; i < memory->hidden_count; i++)
		if (page >= align_down(memory->hidden[i].start, PAGE_SIZE) &&
		    page < memory->hidden[i].end)
			return true;
	return false;
}

static phys_t page_of(const struct host_memory *memory, size_t index)
{
	phys_t physical;

	if (memory->kind == HOST_MEMORY_REGION || memory->kind == HOST_MEMORY_DMA)
		return memory->base + index * PAGE_SIZE;
	if (!arch_kernel_translate((vaddr_t)memory->kernel + index * PAGE_SIZE, &physical))
		panic("host: a page of its memory is not mapped");
	return physical;
}

static int device_page(struct vm_object *object, uint64_t index, phys_t *physical,
		       unsigned *mmu_flags)
{
	const struct host_memory *memory = object->provider;

	*physical = page_of(memory, index);
	*mmu_flags = memory->mmu_flags;
	if (is_hidden(memory, *physical)) {
		*physical = virt_to_phys(memory->host->dummy_page);
		*mmu_flags = 0;
	}
	return 0;
}

static void object_released(struct vm_object *object)
{
	host_memory_put(object->provider);
}

static const struct vm_object_ops object_ops = {
	.device_page = device_page,
	.release = object_released,
};

struct host_memory *host_memory_create(struct host *host, enum host_memory_kind kind, size_t length)
{
	struct host_memory *memory;

	if (host->memory_count >= HOST_PIECES_MAX)
		return NULL;
	memory = kzalloc(sizeof(*memory));
	if (!memory)
		return NULL;
	refcount_init(&memory->references, 1);
	host_get(host);
	memory->host = host;
	memory->kind = kind;
	memory->length = length;
	return memory;
}

static void list_add(struct host_memory *memory)
{
	struct host *host = memory->host;
	irq_state_t state = spin_lock_irqsave(&host->lock);

	list_push_back(&host->memories, &memory->node);
	host->memory_count++;
	spin_unlock_irqrestore(&host->lock, state);
}

int host_memory_map(struct host_memory *memory, size_t mapped, uintptr_t *address)
{
	uintptr_t start = 0;
	int error;

	/* The object's reference, which goes with the last mapping. */
	refcount_get(&memory->references);
	vm_object_init(&memory->object, &object_ops, mapped, memory);
	error = aspace_map(process_current()->aspace, &start, mapped,
			   VM_READ | VM_WRITE | VM_MAY_WRITE | VM_SHARED | VM_SEPARATE,
			   &memory->object, 0, NULL);
	vm_object_put(&memory->object);
	if (error) {
		host_memory_put(memory);
		return error;
	}
	memory->address = *address = start + memory->shift;
	list_add(memory);
	return 0;
}

/* Locked. */
static struct host_memory *find_locked(struct host *host, unsigned kinds, uintptr_t address,
				       size_t length)
{
	struct list_node *node;

	list_for_each (node, &host->memories) {
		struct host_memory *memory = container_of(node, struct host_memory, node);

		if (kinds >> memory->kind & 1 && address >= memory->address &&
		    address - memory->address < memory->length &&
		    length <= memory->length - (address - memory->address))
			return memory;
	}
	return NULL;
}

struct host_memory *host_memory_take(struct host *host, unsigned kinds, uintptr_t address)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct host_memory *memory = find_locked(host, kinds, address, 1);

	if (memory && memory->address == address) {
		list_remove(&memory->node);
		host->memory_count--;
	} else {
		memory = NULL;
	}
	spin_unlock_irqrestore(&host->lock, state);
	return memory;
}

struct host_memory *host_memory_find(struct host *host, unsigned kinds, uintptr_t address)
{
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct host_memory *memory = find_locked(host, kinds, address, 1);

	if (memory)
		refcount_get(&memory->references);
	spin_unlock_irqrestore(&host->lock, state);
	return memory;
}

int host_memory_unmap(struct host_memory *memory)
{
	uintptr_t start = memory->address - memory->shift;
	int error = aspace_unmap(process_current()->aspace, start,
				 align_up(memory->shift + memory->length, PAGE_SIZE));

	if (HOST_MEMORY_FOR_DMA >> memory->kind & 1)
		host_dma_release(memory);
	host_memory_put(memory);
	return error;
}

void host_memory_free_all(struct host *host)
{
	struct host_memory *channel = host->channel_memory;
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct list_node *node;

	host->channel_memory = NULL;
	while ((node = list_pop_front(&host->memories))) {
		struct host_memory *memory = container_of(node, struct host_memory, node);

		host->memory_count--;
		spin_unlock_irqrestore(&host->lock, state);
		if (HOST_MEMORY_FOR_DMA >> memory->kind & 1)
			host_dma_release(memory);
		host_memory_put(memory);
		state = spin_lock_irqsave(&host->lock);
	}
	spin_unlock_irqrestore(&host->lock, state);
	if (channel)
		host_memory_put(channel);
}

phys_t host_memory_physical(const struct host_memory *memory, size_t offset, size_t *length)
{
	size_t index = offset / PAGE_SIZE;
	phys_t page = page_of(memory, index), physical = page + offset % PAGE_SIZE;
	size_t end = (index + 1) * PAGE_SIZE;

	while (end < memory->length && page_of(memory, end / PAGE_SIZE) == page + PAGE_SIZE) {
		page += PAGE_SIZE;
		end += PAGE_SIZE;
	}
	*length = min_size(end, memory->length) - offset;
	return physical;
}

/* --- For who shows it --------------------------------------------------------------------------- */

static bool shows_hidden(const struct host_memory *memory, phys_t start, size_t length)
{
	for (phys_t page = align_down(start, PAGE_SIZE); page < start + length; page += PAGE_SIZE)
		if (is_hidden(memory, page))
			return true;
	return false;
}

/* Registers, for the kernel: mapped once more. */
static void *show_registers(const struct host_memory *from, uintptr_t address, size_t length,
			    struct host_memory **shown)
{
	phys_t physical = from->base + from->shift + (address - from->address);
	struct host_memory *memory;

	if (shows_hidden(from, physical, length))
		return NULL;
	memory = host_memory_create(from->host, HOST_MEMORY_SHOWN, length);
	if (!memory)
		return NULL;
	memory->kernel = kernel_map_device(physical, length, from->mmu_flags);
	if (!memory->kernel) {
		host_put(memory->host);
		kfree(memory);
		return NULL;
	}
	*shown = memory;
	return memory->kernel;
}

void *host_memory_get(struct host *host, uintptr_t address, size_t length,
		      struct host_memory **memory)
{
	const unsigned kinds = HOST_MEMORY_FOR_DMA | 1u << HOST_MEMORY_REGION;
	irq_state_t state = spin_lock_irqsave(&host->lock);
	struct host_memory *found = length ? find_locked(host, kinds, address, length) : NULL;
	void *kernel;

	if (found)
		refcount_get(&found->references);
	spin_unlock_irqrestore(&host->lock, state);
	if (!found)
		return NULL;
	*memory = found;
	if (found->kind != HOST_MEMORY_REGION)
		return (char *)found->kernel + (address - found->address);
	kernel = show_registers(found, address, length, memory);
	host_memory_put(found);
	return kernel;
}
