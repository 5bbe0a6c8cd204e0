/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Areas of the kernel window. Each is a run of pages with an unmapped guard page below it;
 * above it follows the guard page of the next area, or a page that is never given out.
 */
#pragma once

#include <arch/mmu.h>
#include <base/rbtree.h>

enum kernel_area_kind {
	KERNEL_AREA_DEVICE, /* physical address space, without frames */
	KERNEL_AREA_MEMORY, /* frames of its own */
	KERNEL_AREA_STACK,  /* the same, a kernel stack */
};

struct kernel_area {
	struct rbtree_node node; /* by start; the lock of the map */
	vaddr_t start, end;      /* without the guard page; immutable */
	enum kernel_area_kind kind;
};

/* Sets aside room for `pages` pages, in which nothing is mapped yet. NULL: no room. */
struct kernel_area *kernel_area_create(size_t pages, enum kernel_area_kind kind);
/* The area that starts at `start`; panics if there is none of this kind. */
struct kernel_area *kernel_area_find(vaddr_t start, enum kernel_area_kind kind);
/* Unmaps all of the area, frees its frames unless it is a device's, and gives up the room. */
void kernel_area_destroy(struct kernel_area *area);
/* The same for up to KERNEL_AREA_BATCH areas, which interrupts the other CPUs only once. */
#define KERNEL_AREA_BATCH 8
void kernel_areas_destroy(struct kernel_area *const *dead, size_t count);
/* Maps new frames throughout the area. -ENOMEM: some are mapped, for kernel_area_destroy(). */
int must_check kernel_area_fill(struct kernel_area *area, unsigned frame_flags);
