/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moves the kernel to its random place in the high half: applies the image's relocations and
 * builds the first page tables.
 *
 * Runs at the physical address of the image, before relocation: it uses no pointers from
 * static data and calls nothing outside this folder.
 */
#include "../cpuid.h"
#include "../page_table.h"
#include "boot.h"

#include <machine/layout.h>
#include <native/boot_info.h>

#define TWO_MIB             0x200000ull
#define ONE_GIB             0x40000000ull
#define TABLE_BELOW         0x100000000ull /* identity-mapped by every loader */
#define RELOCATION_RELATIVE 8

struct machine_boot_map machine_boot_map;

/* Page tables are taken from the end of a usable range. */
struct table_pool {
	uint64_t next, end;
};

static _Noreturn void halt(void)
{
	for (;;)
		asm volatile("cli; hlt");
}

static uint64_t *allocate_table(struct table_pool *pool)
{
	uint64_t *table = (uint64_t *)pool->next;

	if (pool->next >= pool->end)
		halt();
	pool->next += PAGE_SIZE;
	for (unsigned i = 0; i < 512; i++)
		table[i] = 0;
	return table;
}

static uint64_t *next_table(struct table_pool *pool, uint64_t *table, unsigned index)
{
	if (!(table[index] & PTE_PRESENT))
		table[index] = (uint64_t)allocate_table(pool) | PTE_PRESENT | PTE_WRITE;
	return (uint64_t *)(table[index] & PTE_ADDRESS);
}

static void map_page(struct table_pool *pool, uint64_t *root, uint64_t address, uint64_t entry)
{
	uint64_t *pointers = next_table(pool, root, address >> 39 & 511);
	uint64_t *directory = next_table(pool, pointers, address >> 30 & 511);
	uint64_t *table = next_table(pool, directory, address >> 21 & 511);

	table[address >> 12 & 511] = entry;
}

static void map_large(struct table_pool *pool, uint64_t *root, uint64_t address, uint64_t entry)
{
	uint64_t *pointers = next_table(pool, root, address >> 39 & 511);
	uint64_t *directory = next_table(pool, pointers, address >> 30 & 511);

	directory[address >> 21 & 511] = entry | PTE_LARGE;
}

static bool is_memory(uint32_t kind)
{
	return kind == BOOT_MEMORY_USABLE || kind == BOOT_MEMORY_LOADER ||
	       kind == BOOT_MEMORY_ACPI_RECLAIM || kind == BOOT_MEMORY_ACPI_NVS;
}

/* Whether memory of the map lies anywhere, or everywhere, in the range. */
static void range_coverage(const struct boot_info *info, uint64_t start, uint64_t end, bool *any,
			   bool *all)
{
	const struct boot_memory_range *map = (const void *)info->memory_map;
	uint64_t covered = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		uint64_t from = max_u64(map[i].base, start);
		uint64_t to = min_u64(map[i].base + map[i].length, end);

		if (is_memory(map[i].kind) && from < to)
			covered += to - from;
	}
	*any = covered > 0;
	*all = covered == end - start;
}

/* Maps one GiB of the direct map: one huge page where all of it is memory and the CPU can,
 * else 2 MiB pages where there is any. */
static void map_direct_gib(struct table_pool *pool, uint64_t *root, const struct boot_info *info,
			   uint64_t base, uint64_t no_execute)
{
	uint64_t flags = PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | no_execute;
	bool any, all;

	range_coverage(info, base, base + ONE_GIB, &any, &all);
	if (!any)
		return;
	if (all && cpuid_has(CPUID_HUGE_PAGES)) {
		uint64_t address = MACHINE_DIRECT_MAP_BASE + base;
		uint64_t *pointers = next_table(pool, root, address >> 39 & 511);

		pointers[address >> 30 & 511] = base | flags | PTE_LARGE;
		return;
	}
	for (uint64_t page = base; page < base + ONE_GIB; page += TWO_MIB) {
		range_coverage(info, page, page + TWO_MIB, &any, &all);
		if (any)
			map_large(pool, root, MACHINE_DIRECT_MAP_BASE + page, page | flags);
	}
}

static uint64_t memory_end(const struct boot_info *info)
{
	const struct boot_memory_range *map = (const void *)info->memory_map;
	uint64_t end = 0;

	for (uint32_t i = 0; i < info->memory_map_count; i++) {
		if (is_memory(map[i].kind))
			end = max_u64(end, map[i].base + map[i].length);
	}
	return min_u64(end, MACHINE_DIRECT_MAP_SIZE);
}

static void map_section(struct table_pool *pool, uint64_t *root, const char *start, const char *end,
			uint64_t offset, uint64_t flags)
{
	for (uint64_t page = (uint64_t)start; page < (uint64_t)end; page += PAGE_SIZE)
		map_page(pool, root, page + offset, page | flags);
}

static void relocate(uint64_t physical_base, uint64_t slide)
{
	const struct machine_relocation *relocation = machine_relocations_start;

	for (; relocation < machine_relocations_end; relocation++) {
		uint64_t place = physical_base + (relocation->offset - MACHINE_IMAGE_BASE);

		if ((uint32_t)relocation->info == RELOCATION_RELATIVE)
			*(uint64_t *)place = (uint64_t)relocation->addend + slide;
	}
}

static bool command_line_has_word(const struct boot_info *info, const char *word)
{
	const char *text = (const char *)info->command_line;

	for (uint64_t i = 0; i < info->command_line_size; i++) {
		uint64_t k = 0;

		if (i > 0 && text[i - 1] != ' ')
			continue;
		while (word[k] && i + k < info->command_line_size && text[i + k] == word[k])
			k++;
		if (!word[k] && (i + k == info->command_line_size || text[i + k] == ' '))
			return true;
	}
	return false;
}

/* A multiple of 2 MiB that keeps the image inside its window. */
static uint64_t choose_slide(const struct boot_info *info, uint64_t image_size)
{
	static const char no_kaslr[] = "nokaslr";
	uint64_t steps = (MACHINE_IMAGE_WINDOW - image_size) / TWO_MIB;
	uint64_t random = cpuid_entropy();

	if (command_line_has_word(info, no_kaslr))
		return 0;
	for (unsigned i = 0; i < sizeof(info->seed); i++)
		random = (random ^ info->seed[i]) * 0x100000001b3ull;
	return (random >> 20) % steps * TWO_MIB;
}

/* Finds room for `size` bytes of tables at the end of a usable range below 4 GiB that does not
 * hold anything the loader left there. */
static uint64_t find_table_memory(const struct boot_info *info, uint64_t size)
{
	const struct boot_memory_range *map = (const void *)info->memory_map;
	uint64_t kernel_end = info->kernel_base + info->kernel_size;
	uint64_t initramfs_end = info->initramfs + info->initramfs_size;

	for (uint32_t i = info->memory_map_count; i-- > 0;) {
		uint64_t end = min_u64(map[i].base + map[i].length, TABLE_BELOW);
		uint64_t low = map[i].base;

		if (map[i].kind != BOOT_MEMORY_USABLE || low >= end)
			continue;
		/* PVH loaders put kernel and archive into memory that is reported as usable: go
		 * below what ends last, or above it if there is room. */
		if (info->initramfs < end && initramfs_end > low) {
			if (end - min_u64(initramfs_end, end) >= size + PAGE_SIZE)
				low = align_up(initramfs_end, PAGE_SIZE);
			else
				end = align_down(info->initramfs, PAGE_SIZE);
		}
		if (info->kernel_base < end && kernel_end > low)
			low = align_up(kernel_end, PAGE_SIZE);
		if (end > low && end - low >= size)
			return end - size;
	}
	halt();
}

static void map_image(struct table_pool *pool, uint64_t *root, uint64_t offset, uint64_t no_execute)
{
	uint64_t base = PTE_PRESENT | PTE_GLOBAL;

	map_section(pool, root, kernel_text_start, kernel_text_end, offset, base);
	map_section(pool, root, kernel_rodata_start, kernel_rodata_end, offset, base | no_execute);
	map_section(pool, root, kernel_data_start, kernel_data_end, offset,
		    base | PTE_WRITE | no_execute);
	map_section(pool, root, kernel_data_end, kernel_image_end, offset, base | no_execute);
}

struct machine_boot_map *machine_map_kernel(struct boot_info *info)
{
	uint64_t physical = (uint64_t)kernel_image_start;
	uint64_t size = (uint64_t)(kernel_image_end - kernel_image_start);
	uint64_t no_execute = cpuid_enable_no_execute() ? PTE_NO_EXECUTE : 0;
	uint64_t entry_cycles = cpuid_cycles();
	uint64_t slide, end, *root;
	struct table_pool pool;

	if (!info || info->magic != BOOT_INFO_MAGIC || info->version != BOOT_INFO_VERSION ||
	    info->size < sizeof(*info) || info->memory_map_count == 0)
		halt();
	slide = choose_slide(info, size);
	relocate(physical, slide);
	end = memory_end(info);

	/* One directory per GiB, a pointer table per 512 GiB, and some for the image, identity
	 * map and kernel window. */
	machine_boot_map.tables_size = (end / ONE_GIB + end / ONE_GIB / 512 + 32) * PAGE_SIZE;
	machine_boot_map.tables_base = find_table_memory(info, machine_boot_map.tables_size);
	pool.next = machine_boot_map.tables_base;
	pool.end = pool.next + machine_boot_map.tables_size;

	root = allocate_table(&pool);
	for (uint64_t base = 0; base < end; base += ONE_GIB)
		map_direct_gib(&pool, root, info, base, no_execute);
	machine_boot_map.offset = MACHINE_IMAGE_BASE + slide - physical;
	map_image(&pool, root, machine_boot_map.offset, no_execute);

	/* Identity: the code that is running, and the first MiB for starting CPUs. */
	map_large(&pool, root, 0, PTE_PRESENT | PTE_WRITE);
	for (uint64_t page = align_down(physical, TWO_MIB); page < physical + size; page += TWO_MIB)
		map_large(&pool, root, page, page | PTE_PRESENT | PTE_WRITE);

	/* All address spaces share these tables, so they must exist from the start. */
	for (uint64_t address = arch_kernel_window_start(); address < arch_kernel_window_end();
	     address += 1ull << 39)
		next_table(&pool, root, address >> 39 & 511);
	machine_boot_map.root = (uint64_t)root;
	machine_boot_map.top = (uint64_t)root;
	if (cr4_read() & CR4_FIVE_LEVELS) {
		/* Firmware chose five levels, and long mode does not let go of them: both ends of the
		 * wider space are the same table. */
		uint64_t *top = allocate_table(&pool);

		top[0] = top[511] = (uint64_t)root | PTE_PRESENT | PTE_WRITE;
		machine_boot_map.top = (uint64_t)top;
	}
	machine_boot_map.physical_base = physical;
	machine_boot_map.no_execute = no_execute;
	machine_boot_map.entry_cycles = entry_cycles;
	return &machine_boot_map;
}
