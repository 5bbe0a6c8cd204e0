/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's half of all address spaces. Its top-level tables exist from boot on, so that
 * all user roots share everything below them.
 */
#include "boot/boot.h"
#include "image.h"
#include "page_table.h"
#include "pmap.h"

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/frame.h>

#define ENTRIES      512
#define ADDRESS_MASK 0xffffffffffffull

/* Tables below the kernel window are only added, under this lock. Interrupts stay on. */
static struct spinlock lock = SPINLOCK_INIT(RANK_PAGE_TABLE, "kernel page tables");

phys_t machine_kernel_root(void)
{
	return machine_boot_map.root;
}

phys_t machine_kernel_top(void)
{
	return machine_boot_map.top;
}

bool machine_has_five_levels(void)
{
	return machine_boot_map.top != machine_boot_map.root;
}

uint64_t machine_no_execute(void)
{
	return machine_boot_map.no_execute;
}

/* The entry that maps `address`, of the level where the walk ends (huge pages); with `create`
 * tables are made. NULL: none. */
static uint64_t *find_entry(vaddr_t address, bool create, unsigned *level)
{
	uint64_t *table = phys_to_virt(machine_kernel_root());

	for (*level = 3; *level > 0; (*level)--) {
		uint64_t *entry = &table[address >> (PAGE_SHIFT + 9 * *level) & (ENTRIES - 1)];

		if (!(*entry & PTE_PRESENT)) {
			phys_t next = create ? frame_allocate_page(FRAME_ZERO) : 0;

			if (!next)
				return NULL;
			frame_account(FRAME_USE_PAGE_TABLE, 1);
			*entry = next | PTE_PRESENT | PTE_WRITE;
		} else if (*entry & PTE_LARGE) {
			return entry;
		}
		table = phys_to_virt(*entry & PTE_ADDRESS);
	}
	return &table[address >> PAGE_SHIFT & (ENTRIES - 1)];
}

static uint64_t rights_bits(unsigned flags)
{
	return PTE_PRESENT | PTE_GLOBAL | (flags & MMU_WRITE ? PTE_WRITE : 0) |
	       (flags & MMU_EXECUTE ? 0 : machine_no_execute());
}

int arch_kernel_map(vaddr_t address, phys_t frame, unsigned flags)
{
	uint64_t bits = rights_bits(flags);
	uint64_t *entry;
	unsigned level;

	if (flags & MMU_UNCACHED)
		bits |= PTE_CACHE_DISABLE | PTE_WRITE_THROUGH;
	else if (flags & MMU_WRITE_COMBINING)
		bits |= PTE_WRITE_THROUGH;
	spin_lock(&lock);
	entry = find_entry(address, true, &level);
	if (entry)
		*entry = frame | bits;
	spin_unlock(&lock);
	return entry ? 0 : -ENOMEM;
}

static void unmap_range(const struct arch_kernel_range *range)
{
	unsigned level;

	for (size_t i = 0; i < range->pages; i++) {
		uint64_t *entry = find_entry(range->address + i * PAGE_SIZE, false, &level);

		if (entry && level == 0)
			*entry = 0;
	}
}

void arch_kernel_unmap(const struct arch_kernel_range *ranges, size_t count)
{
	spin_lock(&lock);
	for (size_t i = 0; i < count; i++)
		unmap_range(&ranges[i]);
	spin_unlock(&lock);
	machine_flush_kernel(ranges, count);
}

void arch_kernel_protect(vaddr_t address, size_t pages, unsigned flags)
{
	const struct arch_kernel_range range = { address, pages };
	unsigned level;

	spin_lock(&lock);
	for (size_t i = 0; i < pages; i++) {
		uint64_t *entry = find_entry(address + i * PAGE_SIZE, false, &level);

		assert(entry && level == 0 && (*entry & PTE_PRESENT));
		*entry = (*entry & PTE_ADDRESS) | rights_bits(flags);
	}
	spin_unlock(&lock);
	machine_flush_kernel(&range, 1);
}

/* What maps the address without its sign, and the rights along the way. */
static uint64_t find_mapping(uint64_t linear, unsigned *level)
{
	phys_t table = machine_kernel_root();
	uint64_t rights = PTE_PRESENT | PTE_WRITE, denied = 0;

	for (*level = 3;; (*level)--) {
		const uint64_t *entries = phys_to_virt(table);
		uint64_t entry = entries[linear >> (PAGE_SHIFT + 9 * *level) & (ENTRIES - 1)];

		rights &= entry;
		denied |= entry & PTE_NO_EXECUTE;
		if (!(entry & PTE_PRESENT) || *level == 0 || entry & PTE_LARGE)
			return rights | denied;
		table = entry & PTE_ADDRESS;
	}
}

bool arch_kernel_next_executable(struct arch_kernel_run *run)
{
	uint64_t linear = run->address & ADDRESS_MASK;

	while (linear <= ADDRESS_MASK) {
		unsigned level;
		uint64_t rights = find_mapping(linear, &level);
		size_t size = PAGE_SIZE << 9 * level;

		linear = align_down(linear, size);
		if ((rights & PTE_PRESENT) && !(rights & PTE_NO_EXECUTE)) {
			/* Addresses of the upper half begin with ones. */
			run->address = (vaddr_t)((int64_t)(linear << 16) >> 16);
			run->length = size;
			run->writable = rights & PTE_WRITE;
			return true;
		}
		linear += size;
	}
	return false;
}

void arch_kernel_text(vaddr_t *start, vaddr_t *end)
{
	*start = (vaddr_t)kernel_text_start;
	*end = (vaddr_t)kernel_text_end;
}

bool arch_kernel_translate(vaddr_t address, phys_t *physical)
{
	unsigned level;
	const uint64_t *entry = find_entry(address, false, &level);
	uint64_t mask;

	if (!entry || !(*entry & PTE_PRESENT))
		return false;
	mask = (1ull << (PAGE_SHIFT + 9 * level)) - 1;
	*physical = (*entry & PTE_ADDRESS & ~mask) | (address & mask);
	return true;
}

void machine_identity_map(bool there)
{
	static uint64_t entry; /* of the boot code's tables; it is there at first */
	uint64_t *root = phys_to_virt(machine_kernel_root());

	if (there) {
		root[0] = root[0] ? root[0] : entry;
		return;
	}
	entry = root[0] ? root[0] : entry;
	root[0] = 0;
	machine_flush_kernel(NULL, 0);
}
