/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <base/errno.h>
#include <core/panic.h>
#include <iommu/iommu.h>
#include <mm/phys/frame.h>

#define ENTRY_COUNT 512
#define INDEX_BITS  9
#define LEAF_LEVEL  1

#define ENTRY_READ    (1ull << 0)
#define ENTRY_WRITE   (1ull << 1)
#define ENTRY_ADDRESS 0x000ffffffffff000ull
#define COUNT_SHIFT   52 /* to bit 61, which hardware ignores */
#define COUNT_ONE     (1ull << COUNT_SHIFT)
#define COUNT_MASK    ((uint64_t)IOMMU_TABLE_COUNT_MAX << COUNT_SHIFT)

static unsigned index_of(phys_t address, unsigned level)
{
	return (unsigned)(address >> (PAGE_SHIFT + INDEX_BITS * (level - LEAF_LEVEL))) &
	       (ENTRY_COUNT - 1);
}

static uint64_t reach(const struct iommu_table *table)
{
	return 1ull << (PAGE_SHIFT + INDEX_BITS * table->levels);
}

static unsigned count_of(uint64_t entry)
{
	return (unsigned)((entry & COUNT_MASK) >> COUNT_SHIFT);
}

/* Hardware reads entries at any time: each changes at once. */
static void write_entry(const struct iommu_table *table, uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	if (!table->coherent)
		arch_cache_write_back(entry, sizeof(*entry));
}

static uint64_t *make_level(const struct iommu_table *table)
{
	phys_t physical = frame_allocate_page(FRAME_ZERO);

	if (!physical)
		return NULL;
	if (!table->coherent)
		arch_cache_write_back(phys_to_virt(physical), PAGE_SIZE);
	return phys_to_virt(physical);
}

int iommu_table_create(struct iommu_table *table, unsigned levels, uint64_t leaf_bits,
		       bool coherent)
{
	*table = (struct iommu_table){ NULL, levels, leaf_bits, coherent, 0 };
	table->root = make_level(table);
	return table->root ? 0 : -ENOMEM;
}

static void destroy_level(uint64_t *entries, unsigned level)
{
	for (unsigned i = 0; level > LEAF_LEVEL && i < ENTRY_COUNT; i++)
		if (entries[i])
			destroy_level(phys_to_virt(entries[i] & ENTRY_ADDRESS), level - 1);
	frame_put(frame_at(virt_to_phys(entries)));
}

void iommu_table_destroy(struct iommu_table *table)
{
	if (table->root)
		destroy_level(table->root, table->levels);
	table->root = NULL;
}

/* The entry of a page; NULL: no table has it (`make`: and there is no memory for one). */
static uint64_t *find_entry(const struct iommu_table *table, phys_t page, bool make)
{
	uint64_t *entries = table->root;

	for (unsigned level = table->levels; level > LEAF_LEVEL; level--) {
		uint64_t *entry = &entries[index_of(page, level)];

		if (*entry) {
			entries = phys_to_virt(*entry & ENTRY_ADDRESS);
			continue;
		}
		entries = make ? make_level(table) : NULL;
		if (!entries)
			return NULL;
		write_entry(table, entry, virt_to_phys(entries) | ENTRY_READ | ENTRY_WRITE);
	}
	return &entries[index_of(page, LEAF_LEVEL)];
}

/* The next page's entry where the same table has it. */
static uint64_t *next_entry(const struct iommu_table *table, uint64_t *entry, phys_t page)
{
	if (entry && index_of(page, LEAF_LEVEL) != 0)
		return entry + 1;
	return find_entry(table, page, false);
}

static uint64_t bits_of(unsigned access)
{
	return (access & IOMMU_READ ? ENTRY_READ : 0) | (access & IOMMU_WRITE ? ENTRY_WRITE : 0);
}

/* Sees to it that the pages can be mapped once more. */
static int prepare(const struct iommu_table *table, phys_t first, phys_t end)
{
	uint64_t *entry = NULL;

	for (phys_t page = first; page < end; page += PAGE_SIZE) {
		if (entry && index_of(page, LEAF_LEVEL) != 0)
			entry++;
		else
			entry = find_entry(table, page, true);
		if (!entry || count_of(*entry) == IOMMU_TABLE_COUNT_MAX)
			return -ENOMEM;
	}
	return 0;
}

int iommu_table_map(struct iommu_table *table, phys_t first, phys_t end, unsigned access)
{
	uint64_t *entry = NULL;

	if (first >= end)
		return first == end ? 0 : -ENOMEM;
	if (end > reach(table) || prepare(table, first, end))
		return -ENOMEM;
	for (phys_t page = first; page < end; page += PAGE_SIZE) {
		entry = next_entry(table, entry, page);
		if (!count_of(*entry))
			table->pages++;
		write_entry(table, entry,
			    (*entry + COUNT_ONE) | page | bits_of(access) | table->leaf_bits);
	}
	return 0;
}

bool iommu_table_unmap(struct iommu_table *table, phys_t first, phys_t end)
{
	uint64_t *entry = NULL;
	bool changed = false;

	if (end > reach(table))
		return false;
	for (phys_t page = first; page < end; page += PAGE_SIZE) {
		entry = next_entry(table, entry, page);
		debug_assert(entry && count_of(*entry) > 0);
		if (!entry || !count_of(*entry))
			continue;
		if (count_of(*entry) > 1) {
			write_entry(table, entry, *entry - COUNT_ONE);
			continue;
		}
		write_entry(table, entry, 0);
		table->pages--;
		changed = true;
	}
	return changed;
}

unsigned iommu_table_access(const struct iommu_table *table, phys_t first, phys_t end)
{
	uint64_t bits = ENTRY_READ | ENTRY_WRITE;
	uint64_t *entry = NULL;

	if (end > reach(table))
		return 0;
	for (phys_t page = first; page < end && bits; page += PAGE_SIZE) {
		entry = next_entry(table, entry, page);
		bits &= entry ? *entry : 0;
	}
	return (bits & ENTRY_READ ? (unsigned)IOMMU_READ : 0) |
	       (bits & ENTRY_WRITE ? (unsigned)IOMMU_WRITE : 0);
}

static bool visit_level(const uint64_t *entries, unsigned level,
			bool (*visit)(phys_t page, void *context), void *context)
{
	for (unsigned i = 0; i < ENTRY_COUNT; i++) {
		phys_t address = entries[i] & ENTRY_ADDRESS;

		if (!entries[i])
			continue;
		if (level == LEAF_LEVEL
			    ? !visit(address, context)
			    : !visit_level(phys_to_virt(address), level - 1, visit, context))
			return false;
	}
	return true;
}

void iommu_table_visit(const struct iommu_table *table, bool (*visit)(phys_t page, void *context),
		       void *context)
{
	(void)visit_level(table->root, table->levels, visit, context);
}
