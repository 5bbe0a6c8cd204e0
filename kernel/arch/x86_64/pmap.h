/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables: what the architecture's other files need of them. */
#pragma once

#include <arch/mmu.h>
#include <sync/spinlock.h>

struct pmap {
	struct spinlock lock;  /* RANK_PAGE_TABLE: the tables. Taken with interrupts on: holders
			       * may wait for other CPUs in shootdowns. */
	phys_t root;           /* immutable: the table of the fourth level */
	phys_t top;            /* immutable: what CPUs load; with four levels that is `root` */
	_Atomic uint64_t cpus; /* that have it loaded */
	/* Of these, the ones that must hear of changes at once. A CPU that runs a kernel thread
	 * or idles keeps the tables loaded, but looks at `generation` when it returns to them. */
	_Atomic uint64_t active;
	_Atomic uint64_t generation; /* grows with each shootdown */
	size_t resident;             /* counted pages */
	/* What arch_pmap_flush() is to tell: pages in [start, end). Whoever may call that. */
	size_t stale_count;
	vaddr_t stale_start, stale_end;
};

/* The kernel's own table of the fourth level, and the one that CPUs load. */
phys_t machine_kernel_root(void);
phys_t machine_kernel_top(void);
/* Whether CPUs run with a fifth level above, because firmware did. It is of no use to us: its
 * first and last entry lead to the same table, so that all addresses stay what they are. */
bool machine_has_five_levels(void);
/* The bit of entries that forbids to execute; 0 if the CPU has none. */
uint64_t machine_no_execute(void);
/* Whether the kernel's own tables map low memory at its own address as well, as CPUs that start need it. */
void machine_identity_map(bool there);

/* Translations that were removed from a pmap but may still be in TLBs: frames and tables are
 * given back only after the shootdown. That is one round of interrupts however much there is,
 * unless there is no memory to note all frames, or they are many (SHOOTDOWN_SPILL_MAX). */
#define SHOOTDOWN_PAGES     32 /* more than these are not flushed one by one but all at once */
#define SHOOTDOWN_RELEASES  64 /* frames that are noted here; further ones in pages of notes */
#define SHOOTDOWN_SPILL_MAX 64 /* such pages, of about 2 MiB each */
struct shootdown_spill;
struct shootdown {
	struct pmap *pmap;
	unsigned count; /* of addresses; more than SHOOTDOWN_PAGES: everything */
	unsigned release_count;
	unsigned spill_count;
	bool tables;         /* some of the frames were tables */
	uint64_t generation; /* of the pmap, that this one brings */
	struct shootdown_spill *spills;
	vaddr_t addresses[SHOOTDOWN_PAGES];
	phys_t releases[SHOOTDOWN_RELEASES];
};

void machine_shootdown_begin(struct shootdown *shootdown, struct pmap *pmap);
/* Notes that `address` no longer means what it did. */
void machine_shootdown_add(struct shootdown *shootdown, vaddr_t address);
/* Notes a frame to put afterwards. What it was mapped for was added before. */
void machine_shootdown_release(struct shootdown *shootdown, phys_t frame);
/* Tells all CPUs concerned, then puts the frames. The pmap's lock need not be held: until the
 * flush, others find the translations gone, but CPUs may still use them. */
void machine_shootdown_flush(struct shootdown *shootdown);
/* This CPU turns to a thread without user memory: it need not hear of changes until
 * arch_pmap_switch(). Interrupts off. */
void machine_pmap_rest(void);
/* Forgets all translations of this CPU, global ones too. */
void machine_flush_all(void);
/* A shootdown of these pages of the kernel's half, on all CPUs; NULL: of everything. */
void machine_flush_kernel(const struct arch_kernel_range *ranges, size_t count);
