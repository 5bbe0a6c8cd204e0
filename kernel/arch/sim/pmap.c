/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address translation in software: a sparse array from pages to frames and flags.
 *
 * There is no hardware that reads it; user memory is accessed by look-ups (pmap.h) and faults.
 * Rights are only ever taken away by arch_pmap_restrict(), which the contract allows, so that
 * mm/vm's way of giving them back is exercised here.
 */
#include "pmap.h"

#include <base/errno.h>
#include <base/radix.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define FLAGS_MASK   ((uint64_t)PAGE_SIZE - 1)
#define RIGHTS       ((unsigned)(MMU_READ | MMU_WRITE | MMU_EXECUTE))
#define REMOVE_BATCH 64

/* Frames are given back in batches with the lock dropped, as on real machines. */
struct pmap {
	struct spinlock lock; /* RANK_PAGE_TABLE: all below */
	struct radix pages;   /* page number -> physical address | enum mmu_flags */
	size_t resident;      /* with MMU_COUNTED */
	bool stale;           /* what arch_pmap_flush() is to tell; nobody relies on it before */
};

static void (*pause_hook)(void);

void sim_pmap_set_pause(void (*pause)(void))
{
	pause_hook = pause;
}

static void pause_here(void)
{
	if (pause_hook)
		pause_hook();
}

static uint64_t entry_get(const struct pmap *pmap, vaddr_t address)
{
	return (uintptr_t)radix_get(&pmap->pages, address >> PAGE_SHIFT);
}

static int entry_set(struct pmap *pmap, vaddr_t address, uint64_t entry)
{
	return radix_set(&pmap->pages, address >> PAGE_SHIFT, (void *)(uintptr_t)entry);
}

/* Changes a present entry, which takes no memory. */
static void entry_change(struct pmap *pmap, vaddr_t address, uint64_t entry)
{
	int error = entry_set(pmap, address, entry);

	assert(error == 0);
}

/* The first entry in [*address, end), or 0. */
static uint64_t entry_next(const struct pmap *pmap, vaddr_t *address, vaddr_t end)
{
	uint64_t index = *address >> PAGE_SHIFT;
	uint64_t entry = (uintptr_t)radix_next(&pmap->pages, &index);

	*address = index << PAGE_SHIFT;
	return *address < end ? entry : 0;
}

static phys_t entry_physical(uint64_t entry)
{
	return entry & ~FLAGS_MASK;
}

static void entry_put_frame(uint64_t entry)
{
	if (entry & MMU_COUNTED)
		frame_put(frame_at(entry_physical(entry)));
}

struct pmap *arch_pmap_create(void)
{
	struct pmap *pmap = kzalloc(sizeof(*pmap));

	if (!pmap)
		return NULL;
	spinlock_init(&pmap->lock, RANK_PAGE_TABLE, "pmap");
	radix_init(&pmap->pages, kzalloc, kfree);
	return pmap;
}

void arch_pmap_destroy(struct pmap *pmap)
{
	assert(!pmap->pages.root && pmap->resident == 0 && !pmap->stale);
	kfree(pmap);
}

int arch_pmap_enter(struct pmap *pmap, vaddr_t address, phys_t frame, unsigned flags)
{
	int error = -EEXIST;

	assert(!pmap->stale);
	assert(((address | frame) & FLAGS_MASK) == 0 && (flags & MMU_USER) && flags <= FLAGS_MASK);
	spin_lock(&pmap->lock);
	if (!entry_get(pmap, address))
		error = entry_set(pmap, address, frame | flags);
	if (!error && (flags & MMU_COUNTED))
		pmap->resident++;
	spin_unlock(&pmap->lock);
	return error;
}

int arch_pmap_replace(struct pmap *pmap, vaddr_t address, phys_t expected, phys_t frame,
		      unsigned flags)
{
	uint64_t old;

	assert(!pmap->stale);
	spin_lock(&pmap->lock);
	old = entry_get(pmap, address);
	if (!old || entry_physical(old) != expected) {
		spin_unlock(&pmap->lock);
		return -EAGAIN;
	}
	entry_change(pmap, address, frame | flags);
	pmap->resident += !!(flags & MMU_COUNTED);
	pmap->resident -= !!(old & MMU_COUNTED);
	spin_unlock(&pmap->lock);
	entry_put_frame(old);
	return 0;
}

void arch_pmap_remove(struct pmap *pmap, vaddr_t start, vaddr_t end)
{
	uint64_t removed[REMOVE_BATCH];
	unsigned count;

	pause_here();
	do {
		uint64_t entry;

		spin_lock(&pmap->lock);
		for (count = 0; count < REMOVE_BATCH; count++) {
			entry = entry_next(pmap, &start, end);
			if (!entry)
				break;
			radix_remove(&pmap->pages, start >> PAGE_SHIFT);
			pmap->resident -= !!(entry & MMU_COUNTED);
			removed[count] = entry;
		}
		spin_unlock(&pmap->lock);
		for (unsigned i = 0; i < count; i++)
			entry_put_frame(removed[i]);
	} while (count == REMOVE_BATCH);
	pause_here();
}

void arch_pmap_restrict(struct pmap *pmap, vaddr_t start, vaddr_t end, unsigned flags)
{
	uint64_t entry;

	pause_here();
	spin_lock(&pmap->lock);
	while ((entry = entry_next(pmap, &start, end))) {
		entry_change(pmap, start, entry & ~(uint64_t)(RIGHTS & ~flags));
		start += PAGE_SIZE;
		pmap->stale = true;
	}
	spin_unlock(&pmap->lock);
	pause_here();
}

int arch_pmap_allow_write(struct pmap *pmap, vaddr_t address, phys_t expected)
{
	uint64_t entry;
	int error = -EAGAIN;

	assert(!pmap->stale);
	spin_lock(&pmap->lock);
	entry = entry_get(pmap, address);
	if (entry && entry_physical(entry) == expected) {
		entry_change(pmap, address, entry | MMU_WRITE);
		error = 0;
	}
	spin_unlock(&pmap->lock);
	return error;
}

bool arch_pmap_query(struct pmap *pmap, vaddr_t address, phys_t *frame, unsigned *flags)
{
	uint64_t entry;

	spin_lock(&pmap->lock);
	entry = entry_get(pmap, address);
	spin_unlock(&pmap->lock);
	if (!entry)
		return false;
	*frame = entry_physical(entry);
	*flags = entry & FLAGS_MASK;
	return true;
}

bool arch_pmap_next(struct pmap *pmap, vaddr_t *address, vaddr_t end)
{
	bool found;

	spin_lock(&pmap->lock);
	found = entry_next(pmap, address, end) != 0;
	spin_unlock(&pmap->lock);
	return found;
}

char *sim_pmap_pin(struct pmap *pmap, vaddr_t address, unsigned wanted)
{
	uint64_t entry;

	spin_lock(&pmap->lock);
	entry = entry_get(pmap, address);
	if ((entry & wanted) == wanted)
		return (char *)phys_to_virt(entry_physical(entry)) + (address & FLAGS_MASK);
	spin_unlock(&pmap->lock);
	return NULL;
}

void sim_pmap_unpin(struct pmap *pmap)
{
	spin_unlock(&pmap->lock);
}

int arch_pmap_copy(struct pmap *to, struct pmap *from, vaddr_t start, vaddr_t end, bool shared)
{
	uint64_t entry;
	int error = 0;

	pause_here();
	spin_lock(&from->lock);
	spin_lock_nested(&to->lock);
	for (; !error && (entry = entry_next(from, &start, end)); start += PAGE_SIZE) {
		if (!shared)
			entry &= ~(uint64_t)MMU_WRITE;
		error = entry_set(to, start, entry);
		if (error)
			break;
		entry_change(from, start, entry);
		from->stale = true;
		if (entry & MMU_COUNTED) {
			frame_get(frame_at(entry_physical(entry)));
			to->resident++;
		}
	}
	spin_unlock(&to->lock);
	spin_unlock(&from->lock);
	pause_here();
	return error;
}

int arch_pmap_move(struct pmap *pmap, vaddr_t from, vaddr_t to, size_t length)
{
	vaddr_t end = from + length;
	vaddr_t at = from;
	uint64_t entry;
	int error = 0;

	/* First all at the new place, which may fail; then nothing at the old, which may not. On
	 * failure the other way round. */
	pause_here();
	spin_lock(&pmap->lock);
	for (; (entry = entry_next(pmap, &at, end)); at += PAGE_SIZE) {
		error = entry_set(pmap, at - from + to, entry);
		if (error)
			break;
	}
	at = error ? to : from;
	end = at + length;
	while ((entry = entry_next(pmap, &at, end)))
		radix_remove(&pmap->pages, at >> PAGE_SHIFT);
	spin_unlock(&pmap->lock);
	pause_here();
	return error;
}

void arch_pmap_flush(struct pmap *pmap)
{
	pause_here();
	pmap->stale = false;
}

size_t arch_pmap_resident(const struct pmap *pmap)
{
	return __atomic_load_n(&pmap->resident, __ATOMIC_RELAXED);
}

void arch_pmap_switch(struct pmap *pmap)
{
	/* Nothing translates by itself: whoever accesses user memory names the pmap. */
	(void)pmap;
}
