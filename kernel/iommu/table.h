/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table by which an IOMMU translates a domain's addresses, in the second-level format (VT-d 4.1, 9.8): of three to
 * five levels, with pages of 4 KiB, each mapped to itself.
 *
 * How often a page is mapped is kept in the bits of its entry that hardware ignores. What a page may be accessed for is all that it
 * was mapped for since it was last not mapped. Tables that were made stay until the end, so that an IOMMU
 * need not be told of them; they are at most 1/512 of the memory that was ever mapped.
 *
 * One at a time calls these: the domain's lock.
 */
#pragma once

#include <arch/mmu.h>
#include <base/types.h>

#define IOMMU_TABLE_COUNT_MAX 1023 /* a page is mapped at most so often */

struct iommu_table {
	/* Immutable. */
	uint64_t *root;
	unsigned levels;
	uint64_t leaf_bits; /* in each entry of a page, such as that accesses snoop the caches */
	bool coherent;      /* hardware looks into the caches */
	/* The domain's lock. */
	size_t pages; /* that are mapped */
};

int must_check iommu_table_create(struct iommu_table *table, unsigned levels, uint64_t leaf_bits,
				  bool coherent);
void iommu_table_destroy(struct iommu_table *table);

/* `first` and `end` are whole pages. -ENOMEM: also where a page is mapped too often, and beyond what the table
 * reaches; nothing is mapped then. */
int must_check iommu_table_map(struct iommu_table *table, phys_t first, phys_t end,
			       unsigned access);
/* True if the device could reach one of the pages that it no longer may. Pages that are not mapped are left so. */
bool iommu_table_unmap(struct iommu_table *table, phys_t first, phys_t end);
/* What can be done with all pages of the range. */
unsigned iommu_table_access(const struct iommu_table *table, phys_t first, phys_t end);
/* Calls `visit` with each mapped page, in order, until it returns false. */
void iommu_table_visit(const struct iommu_table *table, bool (*visit)(phys_t page, void *context),
		       void *context);
