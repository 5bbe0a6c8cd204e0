/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of regions: pages that were written, in a hash table by space and address. */
#include <stdlib.h>

#include "memory.h"
#include "program.h"

#define PAGE_SHIFT 8
#define PAGE_SIZE  (1u << PAGE_SHIFT)
#define BUCKETS    1024
/* A table that writes everywhere does not take the host's memory. */
#define PAGES_MAX 65536

struct page {
	struct page *next;
	unsigned space;
	uint64_t number;
	uint8_t bytes[PAGE_SIZE];
};

struct memory {
	struct page *buckets[BUCKETS];
	unsigned pages;
};

struct memory *memory_create(void)
{
	return allocate_zeroed(sizeof(struct memory));
}

void memory_destroy(struct memory *memory)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		while (memory->buckets[i]) {
			struct page *page = memory->buckets[i];

			memory->buckets[i] = page->next;
			free(page);
		}
	}
	free(memory);
}

static struct page **find_bucket(struct memory *memory, unsigned space, uint64_t number)
{
	uint64_t hash = (number ^ (uint64_t)space << 56) * 0x9e3779b97f4a7c15;

	return &memory->buckets[hash >> 54];
}

static struct page *find_page(struct memory *memory, unsigned space, uint64_t number, bool make)
{
	struct page **bucket = find_bucket(memory, space, number), *page;

	for (page = *bucket; page; page = page->next) {
		if (page->space == space && page->number == number)
			return page;
	}
	if (!make || memory->pages == PAGES_MAX)
		return NULL;
	page = allocate_zeroed(sizeof(*page));
	page->space = space;
	page->number = number;
	page->next = *bucket;
	*bucket = page;
	memory->pages++;
	return page;
}

bool memory_access(struct memory *memory, unsigned space, uint64_t address, unsigned bytes,
		   bool write, uint64_t *value)
{
	if (!write)
		*value = 0;
	for (unsigned i = 0; i < bytes; i++, address++) {
		struct page *page = find_page(memory, space, address >> PAGE_SHIFT, write);
		uint8_t *byte = page ? &page->bytes[address % PAGE_SIZE] : NULL;

		if (write && !byte)
			return false;
		if (write)
			*byte = (uint8_t)(*value >> 8 * i);
		else if (byte)
			*value |= (uint64_t)*byte << 8 * i;
	}
	return true;
}
