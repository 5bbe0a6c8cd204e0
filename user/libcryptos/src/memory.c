/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The heap: blocks of powers of two from 32 bytes up to half a chunk, kept in a list per size and
 * cut from chunks that are mapped; larger ones are mappings of their own. Before each block stands
 * its size; chunks are never given back.
 */
#include <base/string.h>
#include <cryptos/memory.h>

#define CHUNK      (UINT64_C(64) << 10)
#define HEADER     16 /* keeps blocks 16-aligned */
#define FIRST_SIZE 32 /* with the header */
#define SIZES      11 /* 32 .. 32 KiB */

struct block {
	uint64_t size;      /* with the header */
	struct block *next; /* while it is free; then the program's memory begins here or behind */
};
_Static_assert(sizeof(struct block) == HEADER, "the header keeps the alignment");

static struct block *free_blocks[SIZES];
static char *chunk, *chunk_end;

static void *map_pages(uint64_t size)
{
	int64_t address = memory_map(FD_ANONYMOUS, 0, size,
				     REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0);

	return address < 0 ? NULL : (void *)address;
}

/* The place of the smallest size that holds `size` bytes; SIZES if none does. */
static unsigned size_index(uint64_t size)
{
	unsigned index = 0;

	while (index < SIZES && (UINT64_C(FIRST_SIZE) << index) < size)
		index++;
	return index;
}

static struct block *cut_block(uint64_t size)
{
	struct block *block;

	if ((uint64_t)(chunk_end - chunk) < size) {
		/* The rest of the old chunk is small; it is left. */
		chunk = map_pages(CHUNK);
		chunk_end = chunk ? chunk + CHUNK : NULL;
		if (!chunk)
			return NULL;
	}
	block = (struct block *)chunk;
	chunk += size;
	return block;
}

void *memory_allocate(size_t size)
{
	struct block *block;
	unsigned index;

	if (size > SIZE_MAX / 2)
		return NULL;
	index = size_index(size + HEADER);
	if (index == SIZES) {
		uint64_t pages = align_up(size + HEADER, PAGE_SIZE);

		block = map_pages(pages);
		if (!block)
			return NULL;
		block->size = pages;
		return (char *)block + HEADER;
	}
	block = free_blocks[index];
	if (block)
		free_blocks[index] = block->next;
	else
		block = cut_block(UINT64_C(FIRST_SIZE) << index);
	if (!block)
		return NULL;
	block->size = UINT64_C(FIRST_SIZE) << index;
	return (char *)block + HEADER;
}

void memory_free(void *memory)
{
	struct block *block;
	unsigned index;

	if (!memory)
		return;
	block = (struct block *)((char *)memory - HEADER);
	index = size_index(block->size);
	if (index == SIZES) {
		memory_unmap((uint64_t)block, block->size);
		return;
	}
	block->next = free_blocks[index];
	free_blocks[index] = block;
}

void *memory_reallocate(void *memory, size_t size)
{
	const struct block *block;
	void *larger;

	if (!memory)
		return memory_allocate(size);
	block = (struct block *)((char *)memory - HEADER);
	if (size <= block->size - HEADER)
		return memory;
	larger = memory_allocate(size);
	if (!larger)
		return NULL;
	memcpy(larger, memory, block->size - HEADER);
	memory_free(memory);
	return larger;
}
