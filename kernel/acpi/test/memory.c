/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory.h"

#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#define BLOCK_MAX 1024

/* The C library's, by the names that base/ leaves free. */
void *malloc(size_t size);
void free(void *pointer);
_Noreturn void abort(void);

uint8_t test_memory[TEST_MEMORY_SIZE];
static void *mappings[BLOCK_MAX], *allocations[BLOCK_MAX];
static unsigned mapping_count, allocation_count;

static void add(void **blocks, unsigned *count, void *block)
{
	if (!block || *count == BLOCK_MAX)
		abort();
	blocks[(*count)++] = block;
}

static void remove(void **blocks, unsigned *count, void *block)
{
	unsigned at = 0;

	while (at < *count && blocks[at] != block)
		at++;
	if (at == *count)
		abort();
	blocks[at] = blocks[--*count];
	free(block);
}

void test_memory_reset(void)
{
	while (allocation_count > 0)
		free(allocations[--allocation_count]);
	memset(test_memory, 0, sizeof(test_memory));
}

unsigned test_memory_mapped(void)
{
	return mapping_count;
}

unsigned arch_physical_bits(void)
{
	return 40;
}

void *kernel_map_device(phys_t physical, size_t length, unsigned flags)
{
	void *copy;

	(void)flags;
	if (physical >>
	    arch_physical_bits()) /* in an entry of a page table, they mean other things */
		abort();
	if (length == 0 || physical > TEST_MEMORY_SIZE || length > TEST_MEMORY_SIZE - physical)
		return NULL;
	copy = malloc(length);
	memcpy(copy, test_memory + physical, length);
	add(mappings, &mapping_count, copy);
	return copy;
}

void kernel_unmap_device(void *address, size_t length)
{
	(void)length;
	remove(mappings, &mapping_count, address);
}

void *kmalloc(size_t size)
{
	void *block = malloc(size);

	add(allocations, &allocation_count, block);
	return block;
}

void kfree(void *memory)
{
	if (memory)
		remove(allocations, &allocation_count, memory);
}

bool frame_memory_within(phys_t base, uint64_t length)
{
	return base < TEST_KERNEL_END && base + length > TEST_KERNEL_START;
}
