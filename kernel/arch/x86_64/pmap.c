/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User page tables: four levels of 512 entries (Intel SDM volume 3, 4.5). Tables are single
 * frames; only 4 KiB pages are used for user memory.
 *
 * CPUs set the accessed and dirty bits of entries at any time, so an entry that has been present
 * is changed with atomic operations only.
 */
#include "pmap.h"

#include "cpuid.h"
#include "machine_cpu.h"
#include "pmap_entry.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include <stdatomic.h>

static phys_t allocate_table(void)
{
	phys_t table = frame_allocate_page(FRAME_ZERO);

	if (table)
		frame_account(FRAME_USE_PAGE_TABLE, 1);
	return table;
}

static void free_table(phys_t table)
{
	frame_account(FRAME_USE_PAGE_TABLE, -1);
	frame_put(frame_at(table & PTE_ADDRESS));
}

uint64_t *machine_pmap_find_entry(const struct pmap *pmap, vaddr_t address, bool create)
{
	phys_t table = pmap->root;
	unsigned index;

	for (unsigned level = LEVELS - 1; level > 0; level--) {
		uint64_t *entry;

		index = address >> level_shift(level) & (ENTRIES - 1);
		entry = &table_at(table)[index];
		if (!(*entry & PTE_PRESENT)) {
			phys_t next = create ? allocate_table() : 0;

			if (!next)
				return NULL;
			table_mark(table, index);
			*entry = next | PTE_PRESENT | PTE_WRITE | PTE_USER;
		}
		table = *entry;
	}
	index = address >> PAGE_SHIFT & (ENTRIES - 1);
	if (create)
		table_mark(table, index);
	return &table_at(table)[index];
}

uint64_t machine_pmap_entry_bits(unsigned flags)
{
	uint64_t bits = 0;

	if (flags & (MMU_READ | MMU_WRITE | MMU_EXECUTE))
		bits |= PTE_PRESENT | PTE_USER;
	if (flags & MMU_WRITE)
		bits |= PTE_WRITE;
	if (!(flags & MMU_EXECUTE))
		bits |= machine_no_execute();
	if (flags & MMU_UNCACHED)
		bits |= PTE_CACHE_DISABLE | PTE_WRITE_THROUGH;
	else if (flags & MMU_WRITE_COMBINING)
		bits |= PTE_WRITE_THROUGH;
	if (flags & MMU_COUNTED)
		bits |= PTE_COUNTED;
	if (flags & MMU_SHARED)
		bits |= PTE_SHARED;
	return bits;
}

static unsigned entry_flags(uint64_t entry)
{
	unsigned flags = 0;

	if (entry & PTE_PRESENT)
		flags |= MMU_READ | MMU_USER;
	if (entry & PTE_WRITE)
		flags |= MMU_WRITE;
	if (!(entry & PTE_NO_EXECUTE) && (entry & PTE_PRESENT))
		flags |= MMU_EXECUTE;
	if (entry & PTE_COUNTED)
		flags |= MMU_COUNTED;
	if (entry & PTE_SHARED)
		flags |= MMU_SHARED;
	if (entry & PTE_DIRTY)
		flags |= MMU_DIRTY;
	if (entry & PTE_ACCESSED)
		flags |= MMU_ACCESSED;
	return flags;
}

/* What CPUs load to translate with the tables below `root`; 0 if there is no memory for it. */
static phys_t make_top(phys_t root)
{
	uint64_t *table;
	phys_t top;

	if (!machine_has_five_levels())
		return root;
	top = allocate_table();
	if (!top)
		return 0;
	table = table_at(top);
	table[0] = table[ENTRIES - 1] = root | PTE_PRESENT | PTE_WRITE | PTE_USER;
	return top;
}

struct pmap *arch_pmap_create(void)
{
	struct pmap *pmap = kzalloc(sizeof(*pmap));
	uint64_t *root, *kernel;

	if (!pmap)
		return NULL;
	pmap->root = allocate_table();
	pmap->top = pmap->root ? make_top(pmap->root) : 0;
	if (!pmap->top) {
		if (pmap->root)
			free_table(pmap->root);
		kfree(pmap);
		return NULL;
	}
	spinlock_init(&pmap->lock, RANK_PAGE_TABLE, "pmap");
	root = table_at(pmap->root);
	kernel = table_at(machine_kernel_root());
	memcpy(root + USER_ENTRIES, kernel + USER_ENTRIES,
	       (ENTRIES - USER_ENTRIES) * sizeof(*root));
	return pmap;
}

static void free_tables(phys_t table, unsigned level)
{
	const uint64_t *entries = table_at(table);
	unsigned count = level == LEVELS - 1 ? USER_ENTRIES : ENTRIES;

	if (level > 0) {
		for (unsigned i = table_next(table, 0); i < count; i = table_next(table, i + 1))
			if (entries[i] & PTE_PRESENT)
				free_tables(entries[i], level - 1);
	}
	free_table(table);
}

/* A CPU that runs kernel threads keeps the tables of the process before. */
static void leave_pmap(void *pmap)
{
	if (machine_this_cpu()->pmap == pmap)
		arch_pmap_switch(NULL);
}

void arch_pmap_destroy(struct pmap *pmap)
{
	unsigned long state;

	preempt_disable();
	state = arch_irq_save();
	leave_pmap(pmap);
	arch_irq_restore(state);
	arch_call_cpus(atomic_load(&pmap->cpus), leave_pmap, pmap);
	preempt_enable();
	if (pmap->top != pmap->root)
		free_table(pmap->top);
	free_tables(pmap->root, LEVELS - 1);
	kfree(pmap);
}

int arch_pmap_enter(struct pmap *pmap, vaddr_t address, phys_t frame, unsigned flags)
{
	uint64_t *entry;
	int error = 0;

	spin_lock(&pmap->lock);
	entry = machine_pmap_find_entry(pmap, address, true);
	if (!entry) {
		error = -ENOMEM;
	} else if (entry_used(*entry)) {
		error = -EEXIST;
	} else {
		*entry = frame | machine_pmap_entry_bits(flags);
		pmap->resident += (flags & MMU_COUNTED) != 0;
	}
	spin_unlock(&pmap->lock);
	return error;
}

int arch_pmap_replace(struct pmap *pmap, vaddr_t address, phys_t expected, phys_t frame,
		      unsigned flags)
{
	struct shootdown shootdown;
	uint64_t *entry;
	int error = -EAGAIN;

	machine_shootdown_begin(&shootdown, pmap);
	spin_lock(&pmap->lock);
	entry = machine_pmap_find_entry(pmap, address, false);
	if (entry && entry_used(*entry) && (*entry & PTE_ADDRESS) == expected) {
		uint64_t old = exchange_entry(entry, frame | machine_pmap_entry_bits(flags));

		pmap->resident += (flags & MMU_COUNTED) != 0;
		machine_shootdown_add(&shootdown, address);
		if (old & PTE_COUNTED) {
			pmap->resident--;
			machine_shootdown_release(&shootdown, expected);
		}
		error = 0;
	}
	spin_unlock(&pmap->lock);
	machine_shootdown_flush(&shootdown);
	return error;
}

int arch_pmap_allow_write(struct pmap *pmap, vaddr_t address, phys_t expected)
{
	uint64_t *entry;
	int error = -EAGAIN;

	spin_lock(&pmap->lock);
	entry = machine_pmap_find_entry(pmap, address, false);
	if (entry && (*entry & PTE_PRESENT) && (*entry & PTE_ADDRESS) == expected) {
		/* Other CPUs' stale entries fault once more and find this. */
		__atomic_fetch_or(entry, PTE_WRITE, __ATOMIC_SEQ_CST);
		asm volatile("invlpg (%0)" : : "r"(address) : "memory");
		error = 0;
	}
	spin_unlock(&pmap->lock);
	return error;
}

bool arch_pmap_query(struct pmap *pmap, vaddr_t address, phys_t *frame, unsigned *flags)
{
	const uint64_t *entry;
	bool found;

	spin_lock(&pmap->lock);
	entry = machine_pmap_find_entry(pmap, address, false);
	found = entry && entry_used(*entry);
	if (found) {
		*frame = *entry & PTE_ADDRESS;
		*flags = entry_flags(*entry);
	}
	spin_unlock(&pmap->lock);
	return found;
}

size_t arch_pmap_resident(const struct pmap *pmap)
{
	return pmap->resident;
}

void machine_pmap_rest(void)
{
	struct machine_cpu *cpu = machine_this_cpu();

	if (!cpu->pmap)
		return;
	cpu->pmap_rests = true;
	atomic_fetch_and(&cpu->pmap->active, ~(1ull << cpu->cpu.id));
}

/* Translations that changed while this CPU rested are in its TLB still. */
static void wake_pmap(struct machine_cpu *cpu)
{
	struct pmap *pmap = cpu->pmap;
	uint64_t generation;

	cpu->pmap_rests = false;
	atomic_fetch_or(&pmap->active, 1ull << cpu->cpu.id);
	generation = atomic_load(&pmap->generation);
	if (generation == cpu->pmap_generation)
		return;
	cr3_write(pmap->top);
	cpu->pmap_generation = generation;
}

static void change_pmap(struct machine_cpu *cpu, struct pmap *pmap)
{
	uint64_t self = 1ull << cpu->cpu.id;
	struct pmap *old = cpu->pmap;

	if (pmap) {
		atomic_fetch_or(&pmap->cpus, self);
		atomic_fetch_or(&pmap->active, self);
		cpu->pmap_generation = atomic_load(&pmap->generation);
	}
	cr3_write(pmap ? pmap->top : machine_kernel_top());
	cpu->pmap = pmap;
	cpu->pmap_rests = false;
	if (old) {
		atomic_fetch_and(&old->active, ~self);
		atomic_fetch_and(&old->cpus, ~self);
	}
}

/* Between threads of one process nothing is touched that other CPUs touch. */
void arch_pmap_switch(struct pmap *pmap)
{
	struct machine_cpu *cpu = machine_this_cpu();

	if (cpu->pmap != pmap)
		change_pmap(cpu, pmap);
	else if (cpu->pmap_rests)
		wake_pmap(cpu);
}
