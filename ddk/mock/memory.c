/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit on the host: memory. Device addresses are not those of the host: memory that
 * was not asked for below 4 GiB lies above, so that addresses that are cut off are noticed, and
 * behind every block is a hole.
 */
#include "mock_private.h"

#include <base/checked.h>
#include <base/errno.h>
#include <ddk/memory.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

#define PAGE       4096ull
#define LOW_START  (256ull << 20)
#define LOW_END    (4000ull << 20)
#define HIGH_START (5ull << 30)

/* A block of DMA memory. */
struct block {
	struct block *next;
	uint64_t address; /* as the device sees it */
	uint8_t *memory;
	size_t size;
	bool tests; /* not the driver's */
};

static struct block *blocks;
static uint64_t next_low, next_high;
unsigned mock_allocations;

void mock_start_memory(void)
{
	mock_allocations = 0;
	next_low = LOW_START;
	next_high = HIGH_START;
}

void mock_finish_memory(void)
{
	EXPECT_EQUAL(mock_allocations, 0);
	for (const struct block *block = blocks; block; block = block->next)
		EXPECT(block->tests);
}

bool mock_allocation_fails(void)
{
	if (mock_device()->fail_after < 0)
		return false;
	return mock_device()->fail_after-- == 0;
}

struct ddk_module {
	unsigned unused;
};

struct ddk_module ddk_module;

void *ddk_module_allocate(struct ddk_module *module, size_t count, size_t size)
{
	(void)module;
	if (mock_allocation_fails())
		return NULL;
	mock_allocations++;
	return calloc(count, size);
}

void ddk_free(void *memory)
{
	mock_allocations -= memory != NULL;
	free(memory);
}

/* The next free address that is a multiple of the size rounded up to a power of two. */
static uint64_t take_address(size_t size, bool low)
{
	uint64_t *next = low ? &next_low : &next_high;
	uint64_t alignment = PAGE, address;

	while (alignment < size)
		alignment *= 2;
	address = align_up(*next, alignment);
	/* What was there then has been freed long since. */
	if (low && address + size > LOW_END)
		address = LOW_START;
	*next = address + align_up(size, PAGE) + PAGE;
	return address;
}

static void make_block(size_t size, bool low, bool tests, struct ddk_dma *dma)
{
	struct block *block = malloc(sizeof(*block));

	/* Not rounded up, so that the sanitizer sees what goes too far. */
	EXPECT(posix_memalign(&dma->memory, PAGE, size) == 0);
	memset(dma->memory, 0, size);
	dma->size = size;
	dma->device_address = take_address(size, low);
	*block = (struct block){ blocks, dma->device_address, dma->memory, size, tests };
	blocks = block;
}

int ddk_dma_allocate(struct device *device, size_t size, unsigned flags, struct ddk_dma *dma)
{
	(void)device;
	if (size == 0 || size > DDK_DMA_SIZE_MAX)
		return -EINVAL;
	if (mock_allocation_fails())
		return -ENOMEM;
	make_block(size, flags & DDK_DMA_32BIT, false, dma);
	return 0;
}

void mock_dma_allocate(size_t size, bool low, struct ddk_dma *dma)
{
	make_block(size, low, true, dma);
}

void ddk_dma_free(struct ddk_dma *dma)
{
	struct block **link = &blocks;

	while (dma->memory && *link && (*link)->address != dma->device_address)
		link = &(*link)->next;
	if (dma->memory) {
		struct block *block = *link;

		EXPECT(block != NULL);
		*link = block->next;
		free(block->memory);
		free(block);
	}
	*dma = (struct ddk_dma){ 0 };
}

/* Each page is a block of its own, so that nobody takes two of them for contiguous. */
int ddk_dma_buffer_allocate(struct device *device, size_t size, struct ddk_dma_buffer *buffer)
{
	(void)device;
	if (size == 0 || size > DDK_DMA_BUFFER_MAX)
		return -EINVAL;
	if (mock_allocation_fails())
		return -ENOMEM;
	buffer->size = align_up(size, PAGE);
	EXPECT(posix_memalign(&buffer->memory, PAGE, buffer->size) == 0);
	memset(buffer->memory, 0, buffer->size);
	for (size_t at = 0; at < buffer->size; at += PAGE) {
		struct block *block = malloc(sizeof(*block));

		*block = (struct block){ blocks, take_address(PAGE, false),
					 (uint8_t *)buffer->memory + at, PAGE, false };
		blocks = block;
	}
	return 0;
}

static struct block **find_page(const struct ddk_dma_buffer *buffer, size_t offset)
{
	const uint8_t *page = (uint8_t *)buffer->memory + align_down(offset, PAGE);
	struct block **link = &blocks;

	while (*link && (*link)->memory != page)
		link = &(*link)->next;
	EXPECT(*link != NULL);
	return link;
}

void ddk_dma_buffer_free(struct ddk_dma_buffer *buffer)
{
	for (size_t at = 0; buffer->memory && at < buffer->size; at += PAGE) {
		struct block **link = find_page(buffer, at);
		struct block *block = *link;

		*link = block->next;
		free(block);
	}
	free(buffer->memory);
	*buffer = (struct ddk_dma_buffer){ 0 };
}

uint64_t ddk_dma_buffer_address(const struct ddk_dma_buffer *buffer, size_t offset, size_t *length)
{
	const struct block *block = *find_page(buffer, offset);
	size_t inside = offset % PAGE;

	if (length)
		*length = PAGE - inside;
	return block->address + inside;
}

static const struct block *find_block(uint64_t address, size_t length)
{
	for (const struct block *block = blocks; block; block = block->next)
		if (address >= block->address &&
		    range_within(address - block->address, length, block->size))
			return block;
	return NULL;
}

bool mock_dma_is_valid(uint64_t address, size_t length)
{
	return find_block(address, length) != NULL;
}

void *mock_dma(uint64_t address, size_t length)
{
	const struct block *block = find_block(address, length);

	EXPECT(block != NULL);
	return block->memory + (address - block->address);
}
