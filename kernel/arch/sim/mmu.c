/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated memory: the direct map, and the kernel window, whose pages the host maps. */
#include "host.h"
#include "sim_priv.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>

/* The physical address of each page of the window plus 1; 0: not mapped. All can be written. */
#define WINDOW_PAGES_MAX (1u << 20)
static uint64_t window_pages[WINDOW_PAGES_MAX];
static uint64_t memory_size;
static uint64_t maps_left = UINT64_MAX;

uintptr_t sim_direct_map, sim_window_start, sim_window_end;

void sim_memory_init(uint64_t memory, uint64_t window)
{
	assert(window >> PAGE_SHIFT <= WINDOW_PAGES_MAX);
	memory_size = memory;
	host_memory_create(memory, window, &sim_direct_map, &sim_window_start);
	sim_window_end = sim_window_start + window;
}

void sim_after_fork(void)
{
	size_t pages = (sim_window_end - sim_window_start) >> PAGE_SHIFT;

	host_memory_copy(memory_size, sim_direct_map);
	for (size_t i = 0; i < pages; i++)
		if (window_pages[i])
			host_memory_map(sim_window_start + (i << PAGE_SHIFT), window_pages[i] - 1);
}

void sim_fail_map_after(uint64_t count)
{
	maps_left = count;
}

unsigned arch_physical_bits(void)
{
	return 40;
}

static uint64_t *window_page(vaddr_t address)
{
	assert(address >= sim_window_start && address < sim_window_end);
	return &window_pages[(address - sim_window_start) >> PAGE_SHIFT];
}

int arch_kernel_map(vaddr_t address, phys_t frame, unsigned flags)
{
	uint64_t *page = window_page(address);

	assert(is_aligned(address, PAGE_SIZE) && is_aligned(frame, PAGE_SIZE));
	assert(flags & MMU_WRITE);
	if (*page)
		return -EEXIST;
	if (maps_left == 0)
		return -ENOMEM;
	if (maps_left != UINT64_MAX)
		maps_left--;
	*page = frame + 1;
	host_memory_map(address, frame);
	return 0;
}

static void unmap_range(vaddr_t address, size_t pages)
{
	for (size_t i = 0; i < pages; i++, address += PAGE_SIZE) {
		uint64_t *page = window_page(address);

		if (*page)
			host_memory_unmap(address);
		*page = 0;
	}
}

void arch_kernel_unmap(const struct arch_kernel_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		unmap_range(ranges[i].address, ranges[i].pages);
}

void arch_clear_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void arch_copy_page(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

bool arch_kernel_translate(vaddr_t address, phys_t *physical)
{
	uint64_t page = *window_page(address);

	if (!page)
		return false;
	*physical = page - 1 + (address & (PAGE_SIZE - 1));
	return true;
}

/* There is no such hardware. */
void arch_cache_write_back(const void *address, size_t length)
{
	(void)address;
	(void)length;
}
