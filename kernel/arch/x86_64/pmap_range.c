/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes to ranges of a pmap. Each walks the range a table (2 MiB) at a time and drops the lock
 * between, so that nobody waits for long; the CPUs are told once, in the end.
 */
#include "pmap_entry.h"

#include <base/errno.h>
#include <mm/phys/frame.h>

#include <stdatomic.h>

struct walk;

/* What a walk does to each used entry. */
typedef void visit_entry(struct walk *walk, uint64_t *entry, vaddr_t address);

struct walk {
	struct pmap *pmap;
	visit_entry *visit;
	/* Of removals: */
	struct shootdown shootdown;
	bool drop_tables; /* those of which nothing is left */
	/* Of restrictions and copies: */
	unsigned flags; /* what stays allowed */
	struct pmap *to;
	bool shared;
	size_t copied; /* counted pages */
	/* Of moves: */
	vaddr_t distance; /* modulo 2^64 */
	bool failed;
};

/* Visits the used entries in [start, end), which lie in one table. */
static void walk_table(struct walk *walk, phys_t table, vaddr_t start, vaddr_t end)
{
	vaddr_t base = align_down(start, (vaddr_t)1 << level_shift(1));
	unsigned last = (unsigned)((end - 1 - base) >> PAGE_SHIFT);
	unsigned index = table_next(table, (unsigned)((start - base) >> PAGE_SHIFT));
	uint64_t *entries = table_at(table);

	while (index <= last) {
		if (entry_used(entries[index]))
			walk->visit(walk, &entries[index], base + ((vaddr_t)index << PAGE_SHIFT));
		index++;
		if (index % GROUP == 0)
			index = table_next(table, index);
	}
}

/* The entry that leads to the first table of the last level at or above *start, which it moves
 * there; NULL if there is none below `end`. Parts of the range without tables are skipped
 * whole. */
static uint64_t *next_table(const struct pmap *pmap, vaddr_t *start, vaddr_t end)
{
	while (*start < end) {
		phys_t table = pmap->root;
		unsigned level = LEVELS - 1, index;

		for (;; level--) {
			uint64_t *entry;

			index = *start >> level_shift(level) & (ENTRIES - 1);
			entry = &table_at(table)[index];
			if (!(*entry & PTE_PRESENT))
				break;
			if (level == 1)
				return entry;
			table = *entry;
		}
		/* On to the next one in this table, or to what is behind it. */
		index = table_next(table, index + 1);
		*start = align_down(*start, (vaddr_t)1 << level_shift(level + 1)) +
			 ((vaddr_t)index << level_shift(level));
	}
	return NULL;
}

/* The first used entry in [start, end), which lie in one table, by address; `end`: none. */
static vaddr_t first_used(phys_t table, vaddr_t start, vaddr_t end)
{
	vaddr_t base = align_down(start, (vaddr_t)1 << level_shift(1));
	unsigned last = (unsigned)((end - 1 - base) >> PAGE_SHIFT);
	unsigned index = table_next(table, (unsigned)((start - base) >> PAGE_SHIFT));
	const uint64_t *entries = table_at(table);

	while (index <= last && !entry_used(entries[index])) {
		index++;
		if (index % GROUP == 0)
			index = table_next(table, index);
	}
	return index <= last ? base + ((vaddr_t)index << PAGE_SHIFT) : end;
}

bool arch_pmap_next(struct pmap *pmap, vaddr_t *address, vaddr_t end)
{
	vaddr_t span = (vaddr_t)1 << level_shift(1);
	vaddr_t at = *address;
	bool found = false;

	while (!found && at < end) {
		uint64_t *entry;
		vaddr_t stop;

		spin_lock(&pmap->lock);
		entry = next_table(pmap, &at, end);
		if (entry) {
			stop = min_u64(align_down(at, span) + span, end);
			at = first_used(*entry, at, stop);
			found = at < stop;
		}
		spin_unlock(&pmap->lock);
		if (!entry)
			return false;
	}
	*address = at;
	return found;
}

/* Takes out a table of the last level that is empty. */
static void drop_table(struct walk *walk, uint64_t *entry, vaddr_t start)
{
	phys_t table = exchange_entry(entry, 0) & PTE_ADDRESS;

	/* One page is enough to make CPUs forget where the table was. */
	machine_shootdown_add(&walk->shootdown, start);
	machine_shootdown_release(&walk->shootdown, table);
	walk->shootdown.tables = true;
	frame_account(FRAME_USE_PAGE_TABLE, -1);
}

static void walk_range(struct walk *walk, vaddr_t start, vaddr_t end)
{
	vaddr_t span = (vaddr_t)1 << level_shift(1);

	for (;;) {
		uint64_t *entry;
		vaddr_t stop;

		spin_lock(&walk->pmap->lock);
		entry = next_table(walk->pmap, &start, end);
		if (!entry) {
			spin_unlock(&walk->pmap->lock);
			return;
		}
		stop = min_u64(align_down(start, span) + span, end);
		walk_table(walk, *entry, start, stop);
		if (walk->drop_tables && stop - start == span)
			drop_table(walk, entry, start);
		spin_unlock(&walk->pmap->lock);
		start = stop;
	}
}

static void remove_entry(struct walk *walk, uint64_t *entry, vaddr_t address)
{
	uint64_t old = exchange_entry(entry, 0);

	/* Even if it was not present: another call may have taken that away, and not told yet. */
	machine_shootdown_add(&walk->shootdown, address);
	if (old & PTE_COUNTED) {
		walk->pmap->resident--;
		machine_shootdown_release(&walk->shootdown, old & PTE_ADDRESS);
	}
}

void arch_pmap_remove(struct pmap *pmap, vaddr_t start, vaddr_t end)
{
	struct walk walk = { .pmap = pmap, .visit = remove_entry };

	/* CPUs that rest would have to be told: rather leave them alone, and the tables. */
	walk.drop_tables = (atomic_load(&pmap->cpus) & ~atomic_load(&pmap->active)) == 0;
	machine_shootdown_begin(&walk.shootdown, pmap);
	walk_range(&walk, start, end);
	machine_shootdown_flush(&walk.shootdown);
}

/* Leaves it to arch_pmap_flush() to tell that the page lost rights. */
static void note_stale(struct pmap *pmap, vaddr_t address)
{
	if (pmap->stale_count++ == 0) {
		pmap->stale_start = address;
		pmap->stale_end = address + PAGE_SIZE;
	} else {
		pmap->stale_start = min_u64(pmap->stale_start, address);
		pmap->stale_end = max_u64(pmap->stale_end, address + PAGE_SIZE);
	}
}

static void restrict_entry(struct walk *walk, uint64_t *entry, vaddr_t address)
{
	uint64_t allowed = machine_pmap_entry_bits(walk->flags);
	uint64_t old = *entry, new;

	do {
		new = old & ~(PTE_PRESENT | PTE_NO_EXECUTE | PTE_USER);
		new |= allowed &(PTE_PRESENT | PTE_NO_EXECUTE | PTE_USER);
		if (!(allowed & PTE_WRITE))
			new &= ~PTE_WRITE;
		if (new == old)
			return;
	} while (!__atomic_compare_exchange_n(entry, &old, new, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (old & PTE_PRESENT)
		note_stale(walk->pmap, address);
}

void arch_pmap_restrict(struct pmap *pmap, vaddr_t start, vaddr_t end, unsigned flags)
{
	struct walk walk = { .pmap = pmap, .visit = restrict_entry, .flags = flags };

	walk_range(&walk, start, end);
}

static void copy_entry(struct walk *walk, uint64_t *entry, vaddr_t address)
{
	uint64_t *target = walk->failed ? NULL : machine_pmap_find_entry(walk->to, address, true);

	if (!target) {
		walk->failed = true;
		return;
	}
	if (!walk->shared && (*entry & PTE_WRITE)) {
		__atomic_fetch_and(entry, ~PTE_WRITE, __ATOMIC_SEQ_CST);
		note_stale(walk->pmap, address);
	}
	if (*entry & PTE_COUNTED) {
		frame_get(frame_at(*entry & PTE_ADDRESS));
		walk->copied++;
	}
	*target = *entry & ~(PTE_DIRTY | PTE_ACCESSED);
}

/* `to` is not in use yet: truncations may come to areas copied before, but nobody else makes
 * tables in it. */
int arch_pmap_copy(struct pmap *to, struct pmap *from, vaddr_t start, vaddr_t end, bool shared)
{
	struct walk walk = { .pmap = from, .visit = copy_entry, .to = to, .shared = shared };

	walk_range(&walk, start, end);
	spin_lock(&to->lock);
	to->resident += walk.copied;
	spin_unlock(&to->lock);
	return walk.failed ? -ENOMEM : 0;
}

/* Makes the tables that the entry will need where it goes. */
static void prepare_move(struct walk *walk, uint64_t *entry, vaddr_t address)
{
	(void)entry;
	if (!walk->failed && !machine_pmap_find_entry(walk->pmap, address + walk->distance, true))
		walk->failed = true;
}

static void move_entry(struct walk *walk, uint64_t *entry, vaddr_t address)
{
	uint64_t *target = machine_pmap_find_entry(walk->pmap, address + walk->distance, false);

	*target = exchange_entry(entry, 0);
	machine_shootdown_add(&walk->shootdown, address);
}

/* The address space's own lock keeps others from adding pages between the two walks. */
int arch_pmap_move(struct pmap *pmap, vaddr_t from, vaddr_t to, size_t length)
{
	struct walk walk = { .pmap = pmap, .visit = prepare_move, .distance = to - from };

	walk_range(&walk, from, from + length);
	if (walk.failed)
		return -ENOMEM;
	walk.visit = move_entry;
	walk.drop_tables = (atomic_load(&pmap->cpus) & ~atomic_load(&pmap->active)) == 0;
	machine_shootdown_begin(&walk.shootdown, pmap);
	walk_range(&walk, from, from + length);
	machine_shootdown_flush(&walk.shootdown);
	return 0;
}
