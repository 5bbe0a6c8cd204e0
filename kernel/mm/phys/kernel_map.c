/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel window: areas, device mappings and vmalloc.
 *
 * Areas are kept in order of address and placed first-fit, which keeps them, and so the page
 * tables, together. The lock covers only the bookkeeping: pages are mapped and unmapped
 * outside of it, while the area is in the tree and belongs to its caller alone.
 */
#include "kernel_map_priv.h"

#include <base/checked.h>
#include <base/errno.h>
#include <base/list.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

/* The tree, and the hint below. */
static struct spinlock map_lock = SPINLOCK_INIT(RANK_KERNEL_MAP, "kernel map");
static struct rbtree areas;
/* Below this address there is no gap that holds a page and its guard; 0: not set yet. */
static vaddr_t first_gap;

static struct kernel_area *area_of(const struct rbtree_node *node)
{
	return container_of(node, struct kernel_area, node);
}

static int area_compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	vaddr_t start_a = area_of(a)->start;
	vaddr_t start_b = area_of(b)->start;

	return start_a < start_b ? -1 : start_a > start_b;
}

/* The first area that ends above `address`, or NULL. Locked. */
static struct kernel_area *area_above(vaddr_t address)
{
	struct rbtree_node *node = areas.root;
	struct kernel_area *found = NULL;

	while (node) {
		struct kernel_area *area = area_of(node);

		if (area->end > address) {
			found = area;
			node = node->child[0];
		} else {
			node = node->child[1];
		}
	}
	return found;
}

/* Finds room for `size` bytes, guard page included: its address, or 0. Locked. */
static vaddr_t gap_find(size_t size)
{
	vaddr_t start = first_gap ? first_gap : arch_kernel_window_start();
	vaddr_t limit = arch_kernel_window_end() - PAGE_SIZE;
	const struct kernel_area *area = area_above(start);
	bool lowest = true;

	while (area) {
		vaddr_t gap_end = area->start - PAGE_SIZE;
		const struct rbtree_node *next = rbtree_next(&area->node);

		if (gap_end > start && gap_end - start >= size)
			break;
		/* Gaps too small for anyone are passed over only once. */
		lowest = lowest && gap_end < start + 2 * PAGE_SIZE;
		start = area->end;
		if (lowest)
			first_gap = start;
		area = next ? area_of(next) : NULL;
	}
	if (!area && (start >= limit || limit - start < size))
		return 0;
	if (lowest)
		first_gap = start + size;
	return start;
}

struct kernel_area *kernel_area_create(size_t pages, enum kernel_area_kind kind)
{
	size_t window = arch_kernel_window_end() - arch_kernel_window_start();
	struct kernel_area *area;
	irq_state_t state;
	vaddr_t gap;

	if (pages == 0 || pages >= window >> PAGE_SHIFT)
		return NULL;
	area = kmalloc(sizeof(*area));
	if (!area)
		return NULL;
	area->kind = kind;
	state = spin_lock_irqsave(&map_lock);
	gap = gap_find((pages + 1) << PAGE_SHIFT);
	if (gap) {
		area->start = gap + PAGE_SIZE;
		area->end = area->start + (pages << PAGE_SHIFT);
		rbtree_insert(&areas, &area->node, area_compare);
	}
	spin_unlock_irqrestore(&map_lock, state);
	if (!gap) {
		kfree(area);
		return NULL;
	}
	return area;
}

struct kernel_area *kernel_area_find(vaddr_t start, enum kernel_area_kind kind)
{
	irq_state_t state = spin_lock_irqsave(&map_lock);
	struct kernel_area *area = area_above(start);

	spin_unlock_irqrestore(&map_lock, state);
	if (!area || area->start != start || area->kind != kind)
		panic("kernel map: %p is not the start of such an area", (void *)start);
	return area;
}

int kernel_area_fill(struct kernel_area *area, unsigned frame_flags)
{
	for (vaddr_t page = area->start; page < area->end; page += PAGE_SIZE) {
		struct frame *frame = frame_allocate(0, frame_flags);
		int error;

		if (!frame)
			return -ENOMEM;
		error = arch_kernel_map(page, frame_physical(frame), MMU_READ | MMU_WRITE);
		if (error) {
			frame_put(frame);
			return error;
		}
	}
	return 0;
}

/* Collects the frames that are mapped in the area. */
static void area_list_frames(const struct kernel_area *area, struct list *frames)
{
	for (vaddr_t page = area->start; page < area->end; page += PAGE_SIZE) {
		phys_t physical;

		if (arch_kernel_translate(page, &physical))
			list_push_back(frames, &frame_at(physical)->node);
	}
}

/* Gives up the room. Locked. */
static void area_unlink(struct kernel_area *area)
{
	rbtree_remove(&areas, &area->node);
	if (area->start - PAGE_SIZE < first_gap)
		first_gap = area->start - PAGE_SIZE;
}

void kernel_areas_destroy(struct kernel_area *const *dead, size_t count)
{
	struct arch_kernel_range ranges[KERNEL_AREA_BATCH] = { 0 };
	struct list frames;
	struct list_node *node;
	irq_state_t state;

	assert(count <= KERNEL_AREA_BATCH);
	list_init(&frames);
	for (size_t i = 0; i < count; i++) {
		ranges[i].address = dead[i]->start;
		ranges[i].pages = (dead[i]->end - dead[i]->start) >> PAGE_SHIFT;
		if (dead[i]->kind != KERNEL_AREA_DEVICE)
			area_list_frames(dead[i], &frames);
	}
	/* No CPU can reach the frames any more when they are freed, ... */
	arch_kernel_unmap(ranges, count);
	while ((node = list_pop_front(&frames)) != NULL)
		frame_put(container_of(node, struct frame, node));
	/* ... nor the addresses when they are given out again. */
	state = spin_lock_irqsave(&map_lock);
	for (size_t i = 0; i < count; i++)
		area_unlink(dead[i]);
	spin_unlock_irqrestore(&map_lock, state);
	for (size_t i = 0; i < count; i++)
		kfree(dead[i]);
}

void kernel_area_destroy(struct kernel_area *area)
{
	kernel_areas_destroy(&area, 1);
}

void *kernel_map_device(phys_t physical, size_t length, unsigned flags)
{
	size_t offset = physical & (PAGE_SIZE - 1);
	struct kernel_area *area;
	uint64_t size;

	if (length == 0 || length > UINT64_MAX - physical ||
	    !checked_align_up((uint64_t)offset + length, PAGE_SIZE, &size))
		return NULL;
	area = kernel_area_create(size >> PAGE_SHIFT, KERNEL_AREA_DEVICE);
	if (!area)
		return NULL;
	for (vaddr_t page = area->start; page < area->end; page += PAGE_SIZE) {
		phys_t frame = physical - offset + (page - area->start);

		if (arch_kernel_map(page, frame, flags | MMU_READ | MMU_WRITE) != 0) {
			kernel_area_destroy(area);
			return NULL;
		}
	}
	return (void *)(area->start + offset);
}

void kernel_unmap_device(void *address, size_t length)
{
	vaddr_t start = align_down((vaddr_t)address, PAGE_SIZE);
	struct kernel_area *area = kernel_area_find(start, KERNEL_AREA_DEVICE);

	assert(align_up((vaddr_t)address + length, PAGE_SIZE) == area->end);
	kernel_area_destroy(area);
}

void *kernel_vmalloc(size_t size)
{
	struct kernel_area *area;
	uint64_t rounded;

	if (!checked_align_up(size, PAGE_SIZE, &rounded))
		return NULL;
	area = kernel_area_create(rounded >> PAGE_SHIFT, KERNEL_AREA_MEMORY);
	if (!area)
		return NULL;
	if (kernel_area_fill(area, FRAME_ZERO) != 0) {
		kernel_area_destroy(area);
		return NULL;
	}
	return (void *)area->start;
}

void kernel_vfree(void *memory)
{
	if (memory)
		kernel_area_destroy(kernel_area_find((vaddr_t)memory, KERNEL_AREA_MEMORY));
}

bool kernel_stack_guard_hit(uintptr_t address)
{
	const struct kernel_area *area;
	bool hit;

	/* Asked by a CPU that faulted, perhaps while it held the lock. */
	if (!spin_trylock(&map_lock))
		return false;
	area = area_above(address);
	hit = area && area->kind == KERNEL_AREA_STACK && address < area->start &&
	      area->start - address <= PAGE_SIZE;
	spin_unlock(&map_lock);
	return hit;
}
