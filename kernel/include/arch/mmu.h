/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: address translation. Nothing above this knows page-table bits.
 *
 * A `struct pmap` is the hardware's view of an address space: a set of page tables. The
 * caller (mm/vm) serialises all changes to one pmap with the pmap's own lock, which the
 * functions below take themselves; they may be called under a mutex. Page tables are
 * allocated by the functions themselves, which is why some can fail with -ENOMEM.
 *
 * Reference counts: a pmap owns one reference of every frame that it maps with
 * MMU_COUNTED; arch_pmap_enter() takes it over from the caller, removal gives it back
 * (after the TLBs forgot the translation). Device memory has no frames and is mapped
 * without that flag.
 */
#pragma once

#include <base/types.h>
#include <machine/layout.h> /* PAGE_SIZE, PAGE_SHIFT, USER_MIN, USER_MAX, DIRECT_MAP... */

typedef uint64_t phys_t;
typedef uintptr_t vaddr_t;

enum mmu_flags {
	MMU_READ = 1 << 0,
	MMU_WRITE = 1 << 1,
	MMU_EXECUTE = 1 << 2,
	MMU_USER = 1 << 3,
	MMU_UNCACHED = 1 << 4,        /* device registers */
	MMU_WRITE_COMBINING = 1 << 5, /* frame buffers */
	MMU_COUNTED = 1 << 6,         /* holds a reference to its frame */
	MMU_DIRTY = 1 << 7,           /* only in results: was written since entered */
	MMU_ACCESSED = 1 << 8,        /* only in results */
	MMU_SHARED = 1 << 9,          /* fork shares it instead of copying on write */
};

struct pmap;

/* A new empty user address space that includes the kernel's half. NULL: out of memory. */
struct pmap *arch_pmap_create(void);
/* Frees all tables. Nothing may be mapped any more, and no thread has it (thread_set_pmap()).
 * CPUs on which it is still loaded, because kernel threads run on whatever is, load the
 * kernel's own first. Thread context. */
void arch_pmap_destroy(struct pmap *pmap);

/* Maps one page. Replaces nothing: returns -EEXIST if a page is there already, or -ENOMEM.
 * On success the reference to a counted frame is the pmap's. */
int must_check arch_pmap_enter(struct pmap *pmap, vaddr_t address, phys_t frame, unsigned flags);
/* Swaps the page at `address` (which must be mapped to `expected`) for another one, or for the
 * same with other flags, and drops the reference to the old after the shootdown. -EAGAIN if it
 * is not `expected`; the caller then keeps the reference to the new one. */
int must_check arch_pmap_replace(struct pmap *pmap, vaddr_t address, phys_t expected, phys_t frame,
				 unsigned flags);
/* Unmaps every page in [start, end), with one shootdown, after which it gives back the frames. */
void arch_pmap_remove(struct pmap *pmap, vaddr_t start, vaddr_t end);
/* Takes read, write and execute away from the pages present in the range where `flags` lack
 * them. Read and execute may be given too, but write stays off for pages that were not
 * writable (copy on write). Pages without rights stay mapped. Until arch_pmap_flush(), CPUs may
 * go on with the old rights. */
void arch_pmap_restrict(struct pmap *pmap, vaddr_t start, vaddr_t end, unsigned flags);
/* Makes the one page at `address` writable if it maps `expected`; -EAGAIN if not. */
int must_check arch_pmap_allow_write(struct pmap *pmap, vaddr_t address, phys_t expected);
/* True if a page is mapped; stores what and how. */
bool arch_pmap_query(struct pmap *pmap, vaddr_t address, phys_t *frame, unsigned *flags);
/* Moves *address up to the first mapped page in [*address, end). False: there is none. */
bool arch_pmap_next(struct pmap *pmap, vaddr_t *address, vaddr_t end);
/* Copies the translations of [start, end) from `from` to `to` (empty there), taking a
 * reference per counted frame; unless `shared`, write is removed on both sides, of which the
 * CPUs that run with `from` hear in arch_pmap_flush(from). -ENOMEM leaves a part copied, to be
 * removed by the caller. */
int must_check arch_pmap_copy(struct pmap *to, struct pmap *from, vaddr_t start, vaddr_t end,
			      bool shared);
/* Moves the translations of [from, from + length) to [to, ...), which is empty. -ENOMEM: none
 * has moved. */
int must_check arch_pmap_move(struct pmap *pmap, vaddr_t from, vaddr_t to, size_t length);
/* Tells the CPUs, once, of what all calls of arch_pmap_restrict() and arch_pmap_copy() since the
 * last flush took away. The caller sees to it that these three are called by one at a time for a
 * pmap, and nobody relies on the change before. */
void arch_pmap_flush(struct pmap *pmap);
/* The number of pages mapped with MMU_COUNTED (resident set). */
size_t arch_pmap_resident(const struct pmap *pmap);
/* Makes `pmap` (NULL: the kernel's own) the one that this CPU translates with. Called by the
 * context switch with interrupts off, for every switch to a thread with a pmap: it costs
 * nothing where that is loaded already. */
void arch_pmap_switch(struct pmap *pmap);

/* The kernel's half, shared by all pmaps; -ENOMEM. Frames are not counted there. */
int must_check arch_kernel_map(vaddr_t address, phys_t frame, unsigned flags);
/* Unmaps all pages of the ranges on all CPUs, with one shootdown; absent pages are skipped.
 * Interrupts are on. */
struct arch_kernel_range {
	vaddr_t address;
	size_t pages;
};
void arch_kernel_unmap(const struct arch_kernel_range *ranges, size_t count);
/* Gives all pages of the range, which are mapped, these rights instead (MMU_READ, with MMU_WRITE or MMU_EXECUTE),
 * on all CPUs, with one shootdown. Interrupts are on. */
void arch_kernel_protect(vaddr_t address, size_t pages, unsigned flags);
/* The first run of executable memory at or above run->address, of one page of whatever size, whose mapping is the
 * kernel's own. False: there is none. What is mapped meanwhile may be missed. */
struct arch_kernel_run {
	vaddr_t address;
	size_t length;
	bool writable;
};
bool arch_kernel_next_executable(struct arch_kernel_run *run);
/* The kernel's own code: whole pages. */
void arch_kernel_text(vaddr_t *start, vaddr_t *end);
/* The physical address of a mapped kernel address, outside the direct map too. */
bool arch_kernel_translate(vaddr_t address, phys_t *physical);

/* How many bits physical addresses have. */
unsigned arch_physical_bits(void);

/* A page, by its page-aligned address in the kernel: filled with zeros, or with another one's
 * bytes. */
void arch_clear_page(void *page);
void arch_copy_page(void *to, const void *from);

/* Sees to it that hardware which does not look into the CPUs' caches finds what was written there. */
void arch_cache_write_back(const void *address, size_t length);

/* Where all physical memory is mapped: the direct map. */
static inline void *phys_to_virt(phys_t physical)
{
	return (void *)(physical + arch_direct_map_base());
}

static inline phys_t virt_to_phys(const void *address)
{
	return (phys_t)(uintptr_t)address - arch_direct_map_base();
}
