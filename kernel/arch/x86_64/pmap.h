/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables: what the architecture's other files need of them. */
#pragma once

#include <arch/mmu.h>
#include <sync/spinlock.h>

struct pmap {
	struct spinlock lock;  /* RANK_PAGE_TABLE: the tables. Taken with interrupts on: holders
			       * wait for other CPUs in shootdowns. */
	phys_t root;           /* immutable: the table of the fourth level */
	phys_t top;            /* immutable: what CPUs load; with four levels that is `root` */
	_Atomic uint64_t cpus; /* that have it loaded */
	/* Of these, the ones that must hear of changes at once. A CPU that runs a kernel thread
	 * or idles keeps the tables loaded, but looks at `generation` when it returns to them. */
	_Atomic uint64_t active;
	_Atomic uint64_t generation; /* changes with each shootdown, under the lock */
	size_t resident;             /* counted pages */
};

/* The kernel's own table of the fourth level, and the one that CPUs load. */
phys_t machine_kernel_root(void);
phys_t machine_kernel_top(void);
/* Whether CPUs run with a fifth level above, because firmware did. It is of no use to us: its
 * first and last entry lead to the same table, so that all addresses stay what they are. */
bool machine_has_five_levels(void);
/* The bit of entries that forbids to execute; 0 if the CPU has none. */
uint64_t machine_no_execute(void);
/* Forgets the identity map of low memory, when all CPUs run in the high half. */
void machine_drop_identity_map(void);

/* Translations that were removed from a pmap but may still be in TLBs: frames and tables are
 * given back only after the shootdown. */
#define SHOOTDOWN_BATCH 64
struct shootdown {
	struct pmap *pmap;
	unsigned count; /* of addresses; more than the batch: everything */
	unsigned release_count;
	uint64_t generation; /* of the pmap, that this one brings */
	vaddr_t addresses[SHOOTDOWN_BATCH];
	phys_t releases[SHOOTDOWN_BATCH];
};

void machine_shootdown_begin(struct shootdown *shootdown, struct pmap *pmap);
/* Notes that `address` no longer means what it did. */
void machine_shootdown_add(struct shootdown *shootdown, vaddr_t address);
/* Notes a frame to put afterwards; flushes first if the batch is full. */
void machine_shootdown_release(struct shootdown *shootdown, phys_t frame);
/* Tells all CPUs concerned, then puts the frames. */
void machine_shootdown_flush(struct shootdown *shootdown);
/* This CPU turns to a thread without user memory: it need not hear of changes until
 * arch_pmap_switch(). Interrupts off. */
void machine_pmap_rest(void);
/* A shootdown of `count` pages of the kernel's half, on all CPUs. */
void machine_flush_kernel(vaddr_t address, size_t count);
