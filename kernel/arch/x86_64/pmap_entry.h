/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User page tables from inside: what pmap.c and pmap_range.c share. */
#pragma once

#include "page_table.h"
#include "pmap.h"

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
 * where there is none. The pmap's lock is held. */
uint64_t *machine_pmap_find_entry(const struct pmap *pmap, vaddr_t address, bool create);
