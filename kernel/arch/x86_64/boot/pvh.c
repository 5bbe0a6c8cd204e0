/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Translates Xen's PVH start info, which QEMU's -kernel supplies, into the boot contract.
 *
 * Runs at the physical address of the image, before relocation: no pointers in static data.
 */
#include "boot.h"

#include <native/boot_info.h>

#define PVH_MAGIC   0x336ec578
#define RANGE_LIMIT 128

/* xen/include/public/arch-x86/hvm/start_info.h describes these. */
struct pvh_start_info {
	/* 0x00 */ uint32_t magic;
	/* 0x04 */ uint32_t version;
	/* 0x08 */ uint32_t flags;
	/* 0x0c */ uint32_t module_count;
	/* 0x10 */ uint64_t modules;
	/* 0x18 */ uint64_t command_line;
	/* 0x20 */ uint64_t rsdp;
	/* 0x28 */ uint64_t memory_map;
	/* 0x30 */ uint32_t memory_map_count;
	/* 0x34 */ uint32_t reserved;
};

struct pvh_module {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint64_t size;
	/* 0x10 */ uint64_t command_line;
	/* 0x18 */ uint64_t reserved;
};

struct pvh_memory_range {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint64_t size;
	/* 0x10 */ uint32_t type; /* as in BIOS's E820 */
	/* 0x14 */ uint32_t reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 0x38, "start info");
_Static_assert(sizeof(struct pvh_module) == 0x20, "module");
_Static_assert(sizeof(struct pvh_memory_range) == 0x18, "memory map entry");

static struct boot_info pvh_boot_info;
static struct boot_memory_range pvh_ranges[RANGE_LIMIT];

static uint32_t memory_kind(uint32_t e820_type)
{
	switch (e820_type) {
	case 1:
		return BOOT_MEMORY_USABLE;
	case 3:
		return BOOT_MEMORY_ACPI_RECLAIM;
	case 4:
		return BOOT_MEMORY_ACPI_NVS;
	default:
		return BOOT_MEMORY_RESERVED;
	}
}

/* Copies the map, rounding inwards to pages and dropping what is empty. */
static void fill_memory_map(struct boot_info *info, const struct pvh_start_info *start)
{
	const struct pvh_memory_range *from = (const void *)start->memory_map;

	info->memory_map = (uintptr_t)pvh_ranges;
	for (uint32_t i = 0; i < start->memory_map_count; i++) {
		uint64_t base = (from[i].address + 4095) & ~4095ull;
		uint64_t end = (from[i].address + from[i].size) & ~4095ull;

		if (end <= base || info->memory_map_count == RANGE_LIMIT)
			continue;
		pvh_ranges[info->memory_map_count++] = (struct boot_memory_range){
			.base = base,
			.length = end - base,
			.kind = memory_kind(from[i].type),
		};
	}
}

static uint64_t text_length(const char *text)
{
	uint64_t length = 0;

	while (text[length])
		length++;
	return length;
}

/* QEMU gives no seed; what the CPU has is mixed in later (machine_map_kernel). */
struct boot_info *pvh_fill_boot_info(const struct pvh_start_info *start)
{
	struct boot_info *info = &pvh_boot_info;

	if (start->magic != PVH_MAGIC)
		return NULL;
	info->magic = BOOT_INFO_MAGIC;
	info->version = BOOT_INFO_VERSION;
	info->size = sizeof(*info);
	info->kernel_base = (uintptr_t)kernel_image_start;
	info->kernel_size = (uint64_t)(kernel_image_end - kernel_image_start);
	info->rsdp = start->rsdp;
	if (start->version >= 1)
		fill_memory_map(info, start);
	if (start->module_count > 0) {
		const struct pvh_module *module = (const void *)start->modules;

		info->initramfs = module->address;
		info->initramfs_size = module->size;
	}
	if (start->command_line) {
		info->command_line = start->command_line;
		info->command_line_size = text_length((const char *)start->command_line);
	}
	info->loader[0] = 'p';
	info->loader[1] = 'v';
	info->loader[2] = 'h';
	return info;
}
