/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the early boot code shares: it runs at physical addresses, before relocation. */
#pragma once

#include "../image.h"

#include <base/types.h>

struct boot_info;
struct pvh_start_info;

/* Result of machine_map_kernel(), known to pvh.S. */
struct machine_boot_map {
	/* 0x00 */ uint64_t top;    /* physical address of the first page table */
	/* 0x08 */ uint64_t offset; /* from physical image addresses to virtual ones */
	/* 0x10 */ uint64_t tables_base, tables_size; /* memory taken for page tables */
	/* 0x20 */ uint64_t physical_base;            /* of the image */
	/* 0x28 */ uint64_t no_execute;               /* PTE_NO_EXECUTE if the CPU knows it */
	/* 0x30 */ uint64_t entry_cycles; /* the time stamp counter when the kernel was entered */
	/* 0x38 */ uint64_t root; /* the table of the fourth level: `top`, or what it points to */
};

extern struct machine_boot_map machine_boot_map;
extern char boot_stack[], boot_stack_end[];

struct boot_info *pvh_fill_boot_info(const struct pvh_start_info *start);

/* Chooses the random slide, relocates the image, and builds the kernel's page tables: direct
 * map, image with its permissions, identity map of low memory and image for the jump. Halts
 * if `info` is not sound: there is no console yet. */
struct machine_boot_map *machine_map_kernel(struct boot_info *info);

/* In the high half, on the boot stack: sets up the boot CPU and calls kernel_main(). */
_Noreturn void machine_start(uint64_t boot_info_physical);
