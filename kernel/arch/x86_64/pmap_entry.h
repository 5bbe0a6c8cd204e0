/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User page tables from inside: what pmap.c and pmap_range.c share. */
#pragma once

#include "page_table.h"
#include "pmap.h"

#include <mm/phys/frame.h>

#define ENTRIES      512
#define USER_ENTRIES 256 /* of the root */
#define LEVELS       4

static inline unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * level;
}

static inline uint64_t *table_at(phys_t table)
{
	return phys_to_virt(table & PTE_ADDRESS);
}

/*
 * Most entries of most tables are empty, and walks look at tables again and again. So the frame
 * of each table has, in `owner`, a bit for each GROUP entries that says whether one of them was
 * ever set. Under the pmap's lock.
 */
#define GROUP (ENTRIES / 64)

static inline void table_mark(phys_t table, unsigned index)
{
	struct frame *frame = frame_at(table & PTE_ADDRESS);

	frame->owner = (void *)((uintptr_t)frame->owner | 1ull << index / GROUP);
}

/* The first index from `index` up that may be in use; ENTRIES: none. */
static inline unsigned table_next(phys_t table, unsigned index)
{
	uint64_t groups;

	if (index >= ENTRIES)
		return ENTRIES;
	groups = (uintptr_t)frame_at(table & PTE_ADDRESS)->owner >> index / GROUP;
	if (groups & 1)
		return index;
	return groups ? (index / GROUP + (unsigned)__builtin_ctzll(groups)) * GROUP : ENTRIES;
}

/* An entry is in use if it has an address, even where no access is allowed (PROT_NONE). */
static inline bool entry_used(uint64_t entry)
{
	return entry & (PTE_PRESENT | PTE_COUNTED | PTE_ADDRESS);
}

static inline uint64_t exchange_entry(uint64_t *entry, uint64_t new)
{
	return __atomic_exchange_n(entry, new, __ATOMIC_SEQ_CST);
}

/* The bits of an entry that grants `flags` (enum mmu_flags). */
uint64_t machine_pmap_entry_bits(unsigned flags);
/* The entry of the last level for `address`, with tables made on the way if `create`; NULL
 * where there is none. With `create` the caller is about to set it. The pmap's lock is held. */
uint64_t *machine_pmap_find_entry(const struct pmap *pmap, vaddr_t address, bool create);
