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
#include "page_table.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include <stdatomic.h>

#define ENTRIES      512
#define USER_ENTRIES 256 /* of the root */
#define LEVELS       4

static unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * level;
}

static uint64_t *table_at(phys_t table)
{
	return phys_to_virt(table & PTE_ADDRESS);
}

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

/* The entry of the last level for `address`, with tables made on the way if `create`; NULL
 * where there is none. */
static uint64_t *find_entry(const struct pmap *pmap, vaddr_t address, bool create)
{
	uint64_t *table = table_at(pmap->root);

	for (unsigned level = LEVELS - 1; level > 0; level--) {
		uint64_t *entry = &table[address >> level_shift(level) & (ENTRIES - 1)];

		if (!(*entry & PTE_PRESENT)) {
			phys_t next = create ? allocate_table() : 0;

			if (!next)
				return NULL;
			*entry = next | PTE_PRESENT | PTE_WRITE | PTE_USER;
		}
		table = table_at(*entry);
	}
	return &table[address >> PAGE_SHIFT & (ENTRIES - 1)];
}

static uint64_t entry_bits(unsigned flags)
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

/* An entry is in use if it has an address, even where no access is allowed (PROT_NONE). */
static bool entry_used(uint64_t entry)
{
	return entry & (PTE_PRESENT | PTE_COUNTED | PTE_ADDRESS);
}

static uint64_t exchange_entry(uint64_t *entry, uint64_t new)
{
	return __atomic_exchange_n(entry, new, __ATOMIC_SEQ_CST);
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

	for (unsigned i = 0; level > 0 && i < count; i++) {
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
	entry = find_entry(pmap, address, true);
	if (!entry) {
		error = -ENOMEM;
	} else if (entry_used(*entry)) {
		error = -EEXIST;
	} else {
		*entry = frame | entry_bits(flags);
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
	entry = find_entry(pmap, address, false);
	if (entry && entry_used(*entry) && (*entry & PTE_ADDRESS) == expected) {
		uint64_t old = exchange_entry(entry, frame | entry_bits(flags));

		pmap->resident += (flags & MMU_COUNTED) != 0;
		machine_shootdown_add(&shootdown, address);
		if (old & PTE_COUNTED) {
			pmap->resident--;
			machine_shootdown_release(&shootdown, expected);
		}
		machine_shootdown_flush(&shootdown);
		error = 0;
	}
	spin_unlock(&pmap->lock);
	return error;
}

int arch_pmap_allow_write(struct pmap *pmap, vaddr_t address, phys_t expected)
{
	uint64_t *entry;
	int error = -EAGAIN;

	spin_lock(&pmap->lock);
	entry = find_entry(pmap, address, false);
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
	entry = find_entry(pmap, address, false);
	found = entry && entry_used(*entry);
	if (found) {
		*frame = *entry & PTE_ADDRESS;
		*flags = entry_flags(*entry);
	}
	spin_unlock(&pmap->lock);
	return found;
}

/* What a walk does to each used entry. */
typedef void visit_entry(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
			 void *argument);

/* Visits the used entries in [start, end), skipping absent tables whole. */
static void walk(struct shootdown *shootdown, vaddr_t start, vaddr_t end, visit_entry *visit,
		 void *argument)
{
	const struct pmap *pmap = shootdown->pmap;
	vaddr_t span = (vaddr_t)1 << level_shift(1);

	while (start < end) {
		vaddr_t stop = min_u64(align_down(start, span) + span, end);
		uint64_t *entry = find_entry(pmap, start, false);

		for (; entry && start < stop; start += PAGE_SIZE, entry++) {
			if (entry_used(*entry))
				visit(shootdown, entry, start, argument);
		}
		start = stop;
	}
}

/* Skips quickly over the parts of the range that have no tables at all. */
static bool next_table(const struct pmap *pmap, vaddr_t *start, vaddr_t end)
{
	while (*start < end) {
		const uint64_t *table = table_at(pmap->root);
		unsigned level = LEVELS - 1;

		for (; level > 0; level--) {
			uint64_t entry = table[*start >> level_shift(level) & (ENTRIES - 1)];

			if (!(entry & PTE_PRESENT))
				break;
			table = table_at(entry);
		}
		if (level == 0)
			return true;
		*start = align_down(*start, (vaddr_t)1 << level_shift(level)) +
			 ((vaddr_t)1 << level_shift(level));
	}
	return false;
}

/* Walks the range a table (2 MiB) at a time, dropping the lock between so that nobody waits
 * for long. */
static void walk_range(struct pmap *pmap, vaddr_t start, vaddr_t end, visit_entry *visit,
		       void *argument)
{
	vaddr_t span = (vaddr_t)1 << level_shift(1);
	struct shootdown shootdown;

	machine_shootdown_begin(&shootdown, pmap);
	for (;;) {
		vaddr_t stop;

		spin_lock(&pmap->lock);
		if (!next_table(pmap, &start, end)) {
			spin_unlock(&pmap->lock);
			return;
		}
		stop = min_u64(align_down(start, span) + span, end);
		walk(&shootdown, start, stop, visit, argument);
		machine_shootdown_flush(&shootdown);
		spin_unlock(&pmap->lock);
		start = stop;
	}
}

static void remove_entry(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
			 void *argument)
{
	uint64_t old = exchange_entry(entry, 0);

	(void)argument;
	if (old & PTE_PRESENT)
		machine_shootdown_add(shootdown, address);
	if (old & PTE_COUNTED) {
		shootdown->pmap->resident--;
		machine_shootdown_release(shootdown, old & PTE_ADDRESS);
	}
}

void arch_pmap_remove(struct pmap *pmap, vaddr_t start, vaddr_t end)
{
	walk_range(pmap, start, end, remove_entry, NULL);
}

static void restrict_entry(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
			   void *argument)
{
	uint64_t allowed = entry_bits(*(const unsigned *)argument);
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
		machine_shootdown_add(shootdown, address);
}

void arch_pmap_restrict(struct pmap *pmap, vaddr_t start, vaddr_t end, unsigned flags)
{
	walk_range(pmap, start, end, restrict_entry, &flags);
}

struct copy {
	struct pmap *to;
	bool shared;
	bool failed;
};

static void copy_entry(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
		       void *argument)
{
	struct copy *copy = argument;
	uint64_t *target = copy->failed ? NULL : find_entry(copy->to, address, true);

	if (!target) {
		copy->failed = true;
		return;
	}
	if (!copy->shared && (*entry & PTE_WRITE)) {
		__atomic_fetch_and(entry, ~PTE_WRITE, __ATOMIC_SEQ_CST);
		machine_shootdown_add(shootdown, address);
	}
	if (*entry & PTE_COUNTED) {
		frame_get(frame_at(*entry & PTE_ADDRESS));
		copy->to->resident++;
	}
	*target = *entry & ~(PTE_DIRTY | PTE_ACCESSED);
}

/* `to` is not in use yet: only the lock of `from` is needed. */
int arch_pmap_copy(struct pmap *to, struct pmap *from, vaddr_t start, vaddr_t end, bool shared)
{
	struct copy copy = { .to = to, .shared = shared };

	walk_range(from, start, end, copy_entry, &copy);
	return copy.failed ? -ENOMEM : 0;
}

struct move {
	vaddr_t distance; /* modulo 2^64 */
	bool failed;
};

/* Makes the tables that the entry will need where it goes. */
static void prepare_move(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
			 void *argument)
{
	struct move *move = argument;

	(void)entry;
	if (!move->failed && !find_entry(shootdown->pmap, address + move->distance, true))
		move->failed = true;
}

static void move_entry(struct shootdown *shootdown, uint64_t *entry, vaddr_t address,
		       void *argument)
{
	const struct move *move = argument;
	uint64_t *target = find_entry(shootdown->pmap, address + move->distance, false);

	*target = exchange_entry(entry, 0);
	machine_shootdown_add(shootdown, address);
}

/* The address space's own lock keeps others from adding pages between the two walks. */
int arch_pmap_move(struct pmap *pmap, vaddr_t from, vaddr_t to, size_t length)
{
	struct move move = { .distance = to - from };

	walk_range(pmap, from, from + length, prepare_move, &move);
	if (move.failed)
		return -ENOMEM;
	walk_range(pmap, from, from + length, move_entry, &move);
	return 0;
}

size_t arch_pmap_resident(const struct pmap *pmap)
{
	return pmap->resident;
}

void machine_pmap_rest(void)
{
	struct machine_cpu *cpu = machine_this_cpu();

	if (cpu->pmap)
		atomic_fetch_and(&cpu->pmap->active, ~(1ull << cpu->cpu.id));
}

/* Translations that changed while this CPU rested are in its TLB still. */
static void wake_pmap(struct machine_cpu *cpu)
{
	struct pmap *pmap = cpu->pmap;
	uint64_t generation;

	if (atomic_fetch_or(&pmap->active, 1ull << cpu->cpu.id) & 1ull << cpu->cpu.id)
		return;
	generation = atomic_load(&pmap->generation);
	if (generation == cpu->pmap_generation)
		return;
	cr3_write(pmap->top);
	cpu->pmap_generation = generation;
}

void arch_pmap_switch(struct pmap *pmap)
{
	struct machine_cpu *cpu = machine_this_cpu();
	uint64_t self = 1ull << cpu->cpu.id;
	struct pmap *old = cpu->pmap;

	if (old == pmap) {
		if (pmap)
			wake_pmap(cpu);
		return;
	}
	if (pmap) {
		atomic_fetch_or(&pmap->cpus, self);
		atomic_fetch_or(&pmap->active, self);
		cpu->pmap_generation = atomic_load(&pmap->generation);
	}
	cr3_write(pmap ? pmap->top : machine_kernel_top());
	cpu->pmap = pmap;
	if (old) {
		atomic_fetch_and(&old->active, ~self);
		atomic_fetch_and(&old->cpus, ~self);
	}
}
