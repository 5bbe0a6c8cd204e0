/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The virtual address space on x86_64 with four-level paging.
 *
 *   0000000000010000 - 00007ffffffff000  user
 *   ffff800000000000 - ffffbfffffffffff  the direct map of physical memory (64 TiB)
 *   ffffc00000000000 - ffffc0ffffffffff  kernel window: stacks, device registers, vmalloc
 *   ffffffff80000000 - ffffffffbfffffff  the kernel image, at a random 2 MiB step
 */
#pragma once

#include <base/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  ((size_t)1 << PAGE_SHIFT)

#define USER_MIN ((uintptr_t)0x10000)
#define USER_MAX ((uintptr_t)0x7ffffffff000)

#define MACHINE_DIRECT_MAP_BASE 0xffff800000000000ull
#define MACHINE_DIRECT_MAP_SIZE 0x0000400000000000ull
#define MACHINE_IMAGE_BASE      0xffffffff80000000ull
#define MACHINE_IMAGE_WINDOW    0x40000000ull

static inline uintptr_t arch_direct_map_base(void)
{
	return MACHINE_DIRECT_MAP_BASE;
}

/* Where kernel_map.h may place its areas. */
static inline uintptr_t arch_kernel_window_start(void)
{
	return 0xffffc00000000000ull;
}

static inline uintptr_t arch_kernel_window_end(void)
{
	return 0xffffc10000000000ull;
}
