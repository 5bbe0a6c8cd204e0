/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver's memory. Blocks of up to 16 KiB come in sizes of powers of two, each with a list of free ones that grows by
 * pieces of memory from the kernel; larger ones are mapped each. Before every block stands what is to be known of it.
 */
#include <base/checked.h>
#include <base/string.h>
#include <ddk/memory.h>

#include "kit.h"

#define CLASS_SMALLEST 5 /* 32 bytes, the header's 16 included */
#define CLASS_LARGEST  14
#define PIECE_SIZE     (64u << 10)
#define IN_USE         0x64656b6174ull /* "taken" */
#define FREE           0x65657266ull

struct ddk_module {
	unsigned unused;
};

struct ddk_module ddk_module;

struct block {
	uint64_t mark : 48, class : 16; /* class 0: mapped */
	union {
		struct block *next; /* free */
		uint64_t length;    /* mapped: of the whole */
	};
};

_Static_assert(sizeof(struct block) == 16, "what follows is aligned");

static struct {
	_Atomic uint32_t lock;
	/* Under the lock. */
	struct block *free[CLASS_LARGEST + 1];
	uint8_t *piece; /* what is left of the last */
	size_t left;
} heap;

static void *map(size_t length)
{
	long address = kernel_call1(HOST_MEMORY_MAP, length);

	return call_failed(address) ? NULL : (void *)(uintptr_t)address;
}

/* Under the lock. Memory that was never used is clear. */
static struct block *take_from_piece(size_t size)
{
	struct block *block;

	if (heap.left < size) {
		uint8_t *piece = map(PIECE_SIZE);

		if (!piece)
			return NULL;
		heap.piece = piece;
		heap.left = PIECE_SIZE;
	}
	block = (struct block *)heap.piece;
	heap.piece += size;
	heap.left -= size;
	return block;
}

static void *allocate_small(unsigned class)
{
	struct block *block;
	bool used;

	word_acquire(&heap.lock);
	block = heap.free[class];
	used = block != NULL;
	if (used)
		heap.free[class] = block->next;
	else
		block = take_from_piece((size_t)1 << class);
	if (block) {
		block->mark = IN_USE;
		block->class = class;
	}
	word_release(&heap.lock);
	if (!block)
		return NULL;
	if (used)
		memset(block + 1, 0, ((size_t)1 << class) - sizeof(*block));
	return block + 1;
}

static void *allocate_mapped(size_t size)
{
	size_t length = align_up(size, PAGE_SIZE);
	struct block *block = map(length);

	if (!block)
		return NULL;
	block->mark = IN_USE;
	block->class = 0;
	block->length = length;
	return block + 1;
}

void *ddk_module_allocate(struct ddk_module *module, size_t count, size_t size)
{
	uint64_t bytes;
	unsigned class = CLASS_SMALLEST;

	(void)module;
	if (!checked_mul(count, size, &bytes) || bytes > INT64_MAX)
		return NULL;
	bytes += sizeof(struct block);
	while (class <= CLASS_LARGEST && bytes > (uint64_t)1 << class)
		class ++;
	return class <= CLASS_LARGEST ? allocate_small(class) : allocate_mapped(bytes);
}

void ddk_free(void *memory)
{
	struct block *block = (struct block *)memory - 1;

	if (!memory)
		return;
	if (block->mark != IN_USE || block->class > CLASS_LARGEST)
		kit_fail("the driver frees what is not allocated");
	block->mark = FREE;
	if (block->class == 0) {
		(void)kernel_call2(HOST_MEMORY_UNMAP, address_of(block), block->length);
		return;
	}
	word_acquire(&heap.lock);
	block->next = heap.free[block->class];
	heap.free[block->class] = block;
	word_release(&heap.lock);
}
