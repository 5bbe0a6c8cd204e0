/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a host has mapped and others know of: its device's registers, what its device uses, the channel. */
#pragma once

#include "host_priv.h"

#include <dev/device.h>
#include <mm/vm/object.h>

enum host_memory_kind {
	HOST_MEMORY_CHANNEL,
	HOST_MEMORY_DMA,    /* one piece */
	HOST_MEMORY_BUFFER, /* pages */
	HOST_MEMORY_REGION, /* registers */
	HOST_MEMORY_SHOWN,  /* registers, for who shows them; the host does not have them by this */
};

#define HOST_MEMORY_FOR_DMA (1u << HOST_MEMORY_DMA | 1u << HOST_MEMORY_BUFFER)

struct host_memory {
	/* Who holds: the host's list until it is freed, the object (for all mappings), who shows it. */
	struct refcount references;
	/* Immutable once it is in the list. */
	struct host *host; /* a reference */
	enum host_memory_kind kind;
	uintptr_t address; /* where the host has it: the first byte */
	size_t length;
	size_t shift; /* of the first byte in its page */
	phys_t base;  /* of one piece, or of registers: their first page */
	void *kernel; /* NULL: of registers */
	unsigned mmu_flags;
	/* Registers that are not shown: the device's messages for interrupts. */
	struct device_place hidden[DEVICE_MESSAGE_PLACES];
	unsigned hidden_count;
	struct vm_object object;

	struct list_node node; /* host->lock */
};

/* Not mapped yet; the caller says where its bytes are, before host_memory_map(). NULL: out of memory, or the
 * host has too many. */
struct host_memory *host_memory_create(struct host *host, enum host_memory_kind kind,
				       size_t length);
/* Maps its `mapped` bytes of whole pages for the current thread's host, which has the caller's reference then, and may have given
 * it back already. -ENOMEM: the reference is gone. */
int must_check host_memory_map(struct host_memory *memory, size_t mapped, uintptr_t *address);
/* Takes the one that begins at `address`, of one of `kinds` (bits), out of the host's list, with its reference; NULL: there is
 * none. */
struct host_memory *host_memory_take(struct host *host, unsigned kinds, uintptr_t address);
/* The one that has the byte at `address`, with a reference, or NULL. */
struct host_memory *host_memory_find(struct host *host, unsigned kinds, uintptr_t address);
/* Unmaps what was taken, for the current thread's host, and gives it back. -ENOMEM: it stays mapped until the host ends. */
int host_memory_unmap(struct host_memory *memory);
/* Where the byte at `offset` is in memory, and how many bytes from there on are contiguous. */
phys_t host_memory_physical(const struct host_memory *memory, size_t offset, size_t *length);

/* dma.c: takes it from the device. */
void host_dma_release(struct host_memory *memory);
