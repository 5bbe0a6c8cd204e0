/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's half of all address spaces. Its top-level tables exist from boot on, so that
 * all user roots share everything below them.
 */
#include "boot/boot.h"
#include "page_table.h"
#include "pmap.h"

#include <base/errno.h>
#include <mm/phys/frame.h>

#define ENTRIES 512

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

int arch_kernel_map(vaddr_t address, phys_t frame, unsigned flags)
{
	uint64_t bits = PTE_PRESENT | PTE_GLOBAL;
	uint64_t *entry;
	unsigned level;

	if (flags & MMU_WRITE)
		bits |= PTE_WRITE;
	if (!(flags & MMU_EXECUTE))
		bits |= machine_no_execute();
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
