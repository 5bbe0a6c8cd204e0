/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical memory: page frames from a buddy allocator with per-CPU caches and two zones.
 *
 * Every usable frame has a `struct frame` in one array. A block of 2^order frames is
 * represented by its first frame. Allocation never waits; out of memory is NULL and an error
 * for the caller. Callable with interrupts off, not from within the allocator's own locks.
 */
#pragma once

#include <arch/mmu.h>
#include <base/list.h>
#include <base/types.h>

struct boot_memory_range;

#define FRAME_ORDER_MAX 10 /* 4 MiB */

enum frame_flags {
	FRAME_ZERO = 1 << 0,  /* cleared */
	FRAME_DMA32 = 1 << 1, /* below 4 GiB */
};

enum frame_state {
	FRAME_RESERVED = 0, /* not RAM, the kernel's image, firmware's */
	FRAME_FREE,         /* in a buddy list */
	FRAME_CACHED,       /* in a CPU's cache */
	FRAME_USED,
	FRAME_TAIL, /* inside a block of order > 0, free or used */
};

struct frame {
	/* In buddy lists by the zone; while used, free for the owner (slab lists, caches). */
	union {
		struct list_node node;
		uint64_t index; /* of a page cache's page in its file */
	};
	/* While used: the owner's (slab descriptor, page-table count, page cache). */
	void *owner;
	/* Holders: the allocating code, each pmap that maps it, each object that lists it. */
	_Atomic uint32_t references;
	uint8_t state; /* enum frame_state; by the allocator */
	uint8_t order; /* of the block; by the allocator */
	uint8_t span;  /* which part of the frame array; immutable */
	uint8_t flags; /* while used: the owner's; 0 at first */
};

_Static_assert(sizeof(struct frame) == 32, "0.8 % of memory");

struct frame_statistics {
	uint64_t total; /* frames managed */
	uint64_t free;  /* those in the caches of CPUs too */
	uint64_t page_tables, slabs, kernel_stacks, anonymous, file; /* by use, of those used */
};

/* What a frame is used for, for the statistics only; see frame_account(). */
enum frame_use {
	FRAME_USE_OTHER,
	FRAME_USE_PAGE_TABLE,
	FRAME_USE_SLAB,
	FRAME_USE_STACK,
	FRAME_USE_ANONYMOUS,
	FRAME_USE_FILE,
	FRAME_USE_COUNT,
};

/* Takes over the memory of kind BOOT_MEMORY_USABLE in the map, keeping out `reserved` (kernel
 * image, initramfs, boot data); the frame array itself is put into the largest range. All of
 * the map's memory is in the direct map already. Ranges may be unsorted, overlapping or
 * unaligned: what is not usable in one of them is not used. */
void frame_init(const struct boot_memory_range *map, size_t count,
		const struct boot_memory_range *reserved, size_t reserved_count);
/* Starts the per-CPU caches, when the number of CPUs is known. */
void frame_init_caches(void);
/*
 * Nodes: memory that is nearer to some CPUs than to others. Allocations take from the node of the CPU first,
 * then from the nearest.
 */
#define FRAME_NODE_MAX 8

struct frame_node_range {
	phys_t base;
	uint64_t length;
	unsigned node;
};

/* Tells the nodes of memory (0 where nothing is said), and how far apart they are. Once, after frame_init(),
 * while only one CPU runs. Nothing happens for a single node. */
void frame_set_nodes(const struct frame_node_range *ranges, size_t count, unsigned node_count,
		     const uint8_t distances[FRAME_NODE_MAX][FRAME_NODE_MAX]);
/* The node that a CPU is near to; 0 at first. */
void frame_set_cpu_node(unsigned cpu, unsigned node);
unsigned frame_cpu_node(unsigned cpu);
unsigned frame_node_count(void);
/* The node that the frame is on. */
unsigned frame_node(const struct frame *frame);
/* How many frames a node has, and how many of them are free (those at hand for CPUs are not). */
void frame_read_node(unsigned node, uint64_t *total, uint64_t *free);

/* Frames that can be had back: caches that can do without them. `reclaim` frees up to so many
 * and tells how many, in thread context, with no lock of rank >= RANK_OBJECT held; `low` is called,
 * under any lock, now and then while fewer than `watermark` frames are free. Set once. */
void frame_set_reclaim(size_t (*reclaim)(size_t count), void (*low)(void), uint64_t watermark);
/* Asks for `count` frames back; how many came. Thread context, as above. */
size_t frame_reclaim(size_t count);
/* Gives back what CPU `cpu`, which is offline, had at hand. */
void frame_cpu_drain(unsigned cpu);
/* How much that is. */
unsigned frame_cpu_held(unsigned cpu);
/* Hands page-aligned memory to the allocator later (loader data, ACPI tables). What is no
 * memory by the map, or is the allocator's already, is left alone. */
void frame_add(phys_t base, uint64_t length);

/* A block of 2^order frames, naturally aligned, with one reference. NULL: none left. */
struct frame *frame_allocate(unsigned order, unsigned flags);
/* The physical address of one new frame, or 0. */
phys_t frame_allocate_page(unsigned flags);

/* Makes single frames, with one reference each, of a block that is the caller's alone. */
void frame_split(struct frame *first);

/* References. The last put frees the block (of its order). */
void frame_get(struct frame *frame);
void frame_put(struct frame *frame);
static inline uint32_t frame_references(const struct frame *frame)
{
	return __atomic_load_n((const uint32_t *)&frame->references, __ATOMIC_ACQUIRE);
}

phys_t frame_physical(const struct frame *frame);
/* The frame at a physical address, or NULL where there is no managed memory (devices, what
 * firmware and the kernel's image occupy). */
struct frame *frame_at(phys_t physical);
/* True if some of the range is memory for use, the kernel's image and what it booted with included:
 * what is not is a device's, firmware's, or nothing. */
bool frame_memory_within(phys_t base, uint64_t length);
/* Where the frame's bytes are in the direct map. */
void *frame_address(const struct frame *frame);

/* Adds `count` frames to the statistics of `use` (negative: takes away). */
void frame_account(enum frame_use use, long count);
void frame_read_statistics(struct frame_statistics *statistics);
/* Parts of that for those who ask often: the number of frames managed; whether `count` are free,
 * which looks at what other CPUs keep only if memory is short. */
uint64_t frame_total(void);
bool frame_free_at_least(uint64_t count);
/* Logs the free lists (for out-of-memory reports). */
void frame_report(void);
