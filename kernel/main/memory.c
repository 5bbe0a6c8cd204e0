/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory.h"

#include <arch/boot.h>
#include <arch/mmu.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <native/boot_info.h>

#define RESERVED_MAX 8

struct reserved {
	struct boot_memory_range ranges[RESERVED_MAX];
	size_t count;
};

/* Inserts a range, rounded outwards to pages, keeping the list sorted. */
static void reserve(struct reserved *reserved, uint64_t base, uint64_t length)
{
	uint64_t start = align_down(base, PAGE_SIZE);
	size_t i = reserved->count;

	if (length == 0)
		return;
	while (i > 0 && reserved->ranges[i - 1].base > start) {
		reserved->ranges[i] = reserved->ranges[i - 1];
		i--;
	}
	reserved->ranges[i] = (struct boot_memory_range){
		.base = start,
		.length = align_up(base + length, PAGE_SIZE) - start,
		.kind = BOOT_MEMORY_LOADER,
	};
	reserved->count++;
}

static void collect_reserved(const struct boot_info *info, struct reserved *reserved)
{
	struct arch_boot_layout layout;

	arch_boot_layout(&layout);
	reserved->count = 0;
	reserve(reserved, 0, layout.low_reserved);
	reserve(reserved, layout.image_base, layout.image_size);
	reserve(reserved, layout.tables_base, layout.tables_size);
	reserve(reserved, info->initramfs, info->initramfs_size);
}

void boot_memory_init(const struct boot_info *info)
{
	const struct boot_memory_range *map = phys_to_virt(info->memory_map);
	struct reserved reserved;

	collect_reserved(info, &reserved);
	frame_init(map, info->memory_map_count, reserved.ranges, reserved.count);
}

/* Adds the part of [base, end) that no reserved range holds. */
static void add_free_parts(uint64_t base, uint64_t end, const struct reserved *reserved)
{
	for (size_t i = 0; i < reserved->count && base < end; i++) {
		uint64_t start = reserved->ranges[i].base;
		uint64_t stop = start + reserved->ranges[i].length;

		if (stop <= base || start >= end)
			continue;
		if (start > base)
			frame_add(base, start - base);
		base = stop;
	}
	if (base < end)
		frame_add(base, end - base);
}

void boot_memory_reclaim(const struct boot_info *info)
{
	const struct boot_memory_range *map = phys_to_virt(info->memory_map);
	struct reserved reserved;

	collect_reserved(info, &reserved);
	/* The map itself and boot_info may lie in a range that is given away: the range is only
	 * overwritten when the frame is used, so the one that holds the map comes last. */
	for (unsigned pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < info->memory_map_count; i++) {
			uint64_t base = map[i].base, end = base + map[i].length;
			bool holds_map = info->memory_map >= base && info->memory_map < end;

			if (map[i].kind == BOOT_MEMORY_LOADER && holds_map == (pass == 1))
				add_free_parts(base, end, &reserved);
		}
	}
}
