/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address space in the simulation: wherever the host has put it. */
#pragma once

#include <base/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  ((size_t)1 << PAGE_SHIFT)

#define USER_MIN ((uintptr_t)0x10000)
#define USER_MAX ((uintptr_t)0x7ffffffff000)

/* Set by sim_start(). */
extern uintptr_t sim_direct_map, sim_window_start, sim_window_end;

static inline uintptr_t arch_direct_map_base(void)
{
	return sim_direct_map;
}

static inline uintptr_t arch_kernel_window_start(void)
{
	return sim_window_start;
}

static inline uintptr_t arch_kernel_window_end(void)
{
	return sim_window_end;
}
