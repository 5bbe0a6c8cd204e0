/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Areas: their life, their tree, splitting and merging.
 *
 * Splitting is the one step that needs memory. Callers split at the bounds of their range
 * first; what follows cannot fail. So a call that runs out of memory has changed nothing.
 */
#include <core/panic.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

static struct slab_cache *area_cache;
static const struct vm_origin_ops *origin_ops; /* immutable after boot */

void vm_set_origin_ops(const struct vm_origin_ops *ops)
{
	origin_ops = ops;
}

void area_init(void)
{
	area_cache = slab_cache_create("vm_area", sizeof(struct vm_area), 0);
}

struct vm_area *area_create(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned flags,
			    struct vm_object *object, uint64_t offset, void *origin)
{
	struct vm_area *area;

	if (aspace->area_count >= AREA_COUNT_MAX)
		return NULL;
	area = slab_allocate_zeroed(area_cache);
	if (!area)
		return NULL;
	area->aspace = aspace;
	area->start = start;
	area->end = end;
	area->flags = flags;
	area->object = object;
	area->offset = offset;
	area->origin = origin;
	list_node_init(&area->object_node);
	if (object)
		vm_object_get(object);
	if (origin && origin_ops)
		origin_ops->get(origin);
	return area;
}

void areas_free(struct list *dead)
{
	struct list_node *node;

	while ((node = list_pop_front(dead))) {
		struct vm_area *area = container_of(node, struct vm_area, object_node);

		if (area->object)
			vm_object_put(area->object);
		if (area->origin && origin_ops)
			origin_ops->put(area->origin);
		slab_free(area_cache, area);
	}
}

static struct vm_area *area_of(struct rbtree_node *node)
{
	return node ? container_of(node, struct vm_area, node) : NULL;
}

static int area_compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	uintptr_t a_start = container_of(a, struct vm_area, node)->start;
	uintptr_t b_start = container_of(b, struct vm_area, node)->start;

	return a_start < b_start ? -1 : a_start > b_start;
}

struct vm_area *area_find_from(const struct aspace *aspace, uintptr_t address)
{
	struct rbtree_node *node = aspace->areas.root;
	struct vm_area *found = NULL;

	while (node) {
		struct vm_area *area = area_of(node);

		if (area->end > address) {
			found = area;
			node = node->child[0];
		} else {
			node = node->child[1];
		}
	}
	return found;
}

struct vm_area *area_find_below(const struct aspace *aspace, uintptr_t address)
{
	struct rbtree_node *node = aspace->areas.root;
	struct vm_area *found = NULL;

	while (node) {
		struct vm_area *area = area_of(node);

		if (area->start < address) {
			found = area;
			node = node->child[1];
		} else {
			node = node->child[0];
		}
	}
	return found;
}

struct vm_area *area_find(const struct aspace *aspace, uintptr_t address)
{
	struct vm_area *area = area_find_from(aspace, address);

	return area && area->start <= address ? area : NULL;
}

struct vm_area *area_next(const struct vm_area *area)
{
	return area_of(rbtree_next(&area->node));
}

struct vm_area *area_previous(const struct vm_area *area)
{
	return area_of(rbtree_previous(&area->node));
}

bool areas_allow(const struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned wanted)
{
	const struct vm_area *area = area_find(aspace, start);

	while (area && (area->flags & wanted) == wanted && area->end < end) {
		const struct vm_area *next = area_next(area);

		area = next && next->start == area->end ? next : NULL;
	}
	return area && (area->flags & wanted) == wanted;
}

bool areas_cover(const struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	return areas_allow(aspace, start, end, 0);
}

static void area_account(struct vm_area *area, size_t added, size_t removed)
{
	struct aspace *aspace = area->aspace;

	aspace->mapped_bytes += added - removed;
	if (area->flags & VM_LOCKED)
		aspace->locked_bytes += added - removed;
}

void area_insert(struct vm_area *area)
{
	struct aspace *aspace = area->aspace;

	rbtree_insert(&aspace->areas, &area->node, area_compare);
	aspace->area_count++;
	area_account(area, area_size(area), 0);
	if (!area->object)
		return;
	mutex_lock(&area->object->lock);
	list_push_back(&area->object->mappings, &area->object_node);
	mutex_unlock(&area->object->lock);
}

void area_remove(struct vm_area *area, struct list *dead)
{
	struct aspace *aspace = area->aspace;

	rbtree_remove(&aspace->areas, &area->node);
	aspace->area_count--;
	area_account(area, 0, area_size(area));
	if (area->object) {
		mutex_lock(&area->object->lock);
		list_remove(&area->object_node);
		mutex_unlock(&area->object->lock);
	}
	if (dead)
		list_push_back(dead, &area->object_node);
}

void area_set_bounds(struct vm_area *area, uintptr_t start, uintptr_t end)
{
	size_t before = area_size(area);

	if (area->object)
		mutex_lock(&area->object->lock);
	if (area->object)
		area->offset += start - area->start;
	area->start = start;
	area->end = end;
	if (area->object)
		mutex_unlock(&area->object->lock);
	area_account(area, area_size(area), before);
}

int area_move(struct vm_area *area, uintptr_t start, size_t length)
{
	struct aspace *aspace = area->aspace;
	size_t before = area_size(area);
	int error;

	/* All the while the area stays in its object's list, where truncation finds it, and moves
	 * in one hold of the lock. */
	rbtree_remove(&aspace->areas, &area->node);
	if (area->object)
		mutex_lock(&area->object->lock);
	error = arch_pmap_move(aspace->pmap, area->start, start, before);
	if (!error) {
		area->start = start;
		area->end = start + length;
	}
	if (area->object)
		mutex_unlock(&area->object->lock);
	rbtree_insert(&aspace->areas, &area->node, area_compare);
	area_account(area, area_size(area), before);
	return error;
}

void area_set_flags(struct vm_area *area, unsigned flags)
{
	struct aspace *aspace = area->aspace;

	if (area->flags & VM_LOCKED)
		aspace->locked_bytes -= area_size(area);
	if (flags & VM_LOCKED)
		aspace->locked_bytes += area_size(area);
	area->flags = flags;
}

/* Makes an area bound of `address`. */
static int area_split_at(struct aspace *aspace, uintptr_t address)
{
	struct vm_area *area = area_find(aspace, address);
	struct vm_area *upper;
	uint64_t offset;

	if (!area || area->start == address)
		return 0;
	offset = area->object ? area->offset + (address - area->start) : 0;
	upper = area_create(aspace, address, area->end, area->flags & ~VM_SEPARATE, area->object,
			    offset, area->origin);
	if (!upper)
		return -ENOMEM;
	/* In one hold of the object's lock, lest a truncation miss the upper part. */
	if (area->object) {
		mutex_lock(&area->object->lock);
		list_push_back(&area->object->mappings, &upper->object_node);
		area->end = address;
		mutex_unlock(&area->object->lock);
	} else {
		area->end = address;
	}
	rbtree_insert(&aspace->areas, &upper->node, area_compare);
	aspace->area_count++;
	return 0;
}

int areas_split(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead)
{
	int error = area_split_at(aspace, start);

	if (error)
		return error;
	error = area_split_at(aspace, end);
	if (error)
		areas_merge(aspace, start, start, dead);
	return error;
}

/* Flags in which areas may differ that are merged. */
#define UNLIKE_FLAGS (VM_OWN_PAGES | VM_SEPARATE)

static bool areas_alike(const struct vm_area *lower, const struct vm_area *upper)
{
	return lower->end == upper->start && !(upper->flags & VM_SEPARATE) &&
	       ((lower->flags ^ upper->flags) & ~UNLIKE_FLAGS) == 0 &&
	       lower->object == upper->object && lower->origin == upper->origin &&
	       (!lower->object || lower->offset + area_size(lower) == upper->offset);
}

/* Lets `lower` take over `upper`. */
static void area_absorb(struct vm_area *lower, struct vm_area *upper, struct list *dead)
{
	struct aspace *aspace = lower->aspace;

	rbtree_remove(&aspace->areas, &upper->node);
	aspace->area_count--;
	if (lower->object) {
		mutex_lock(&lower->object->lock);
		list_remove(&upper->object_node);
		lower->end = upper->end;
		mutex_unlock(&lower->object->lock);
	} else {
		lower->end = upper->end;
	}
	lower->flags |= upper->flags & VM_OWN_PAGES;
	list_push_back(dead, &upper->object_node);
}

void areas_merge(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead)
{
	struct vm_area *area = area_find_from(aspace, start - 1);

	while (area && area->end <= end) {
		struct vm_area *next = area_next(area);

		if (!next)
			break;
		if (areas_alike(area, next))
			area_absorb(area, next, dead);
		else
			area = next;
	}
}

int areas_unmap(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead)
{
	struct vm_area *area = area_find_from(aspace, start);
	int error;

	if (!area || area->start >= end)
		return 0;
	error = areas_split(aspace, start, end, dead);
	if (error)
		return error;
	/* Translations go first: once an area has left its object's list, truncation no longer
	 * unmaps the pages. */
	arch_pmap_remove(aspace->pmap, start, end);
	area = area_find_from(aspace, start);
	while (area && area->start < end) {
		struct vm_area *next = area_next(area);

		area_remove(area, dead);
		area = next;
	}
	search_note_free(aspace, start, end);
	return 0;
}
