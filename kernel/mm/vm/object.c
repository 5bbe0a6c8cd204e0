/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VM objects: trees of pages that providers fill on demand, and truncation.
 */
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

void vm_object_init(struct vm_object *object, const struct vm_object_ops *ops, uint64_t size,
		    void *provider)
{
	object->ops = ops;
	refcount_init(&object->references, 1);
	mutex_init(&object->lock, RANK_OBJECT, "vm object");
	radix_init(&object->pages, kzalloc, kfree);
	object->size = size;
	object->page_count = 0;
	list_init(&object->mappings);
	object->provider = provider;
	object->behind = NULL;
	object->errors = 0;
}

static void anonymous_release(struct vm_object *object)
{
	kfree(object);
}

static const struct vm_object_ops anonymous_ops = {
	.release = anonymous_release,
};

struct vm_object *vm_object_create_anonymous(uint64_t size)
{
	struct vm_object *object = kmalloc(sizeof(*object));

	if (object)
		vm_object_init(object, &anonymous_ops, size, NULL);
	return object;
}

uint64_t object_page_limit(const struct vm_object *object)
{
	return (object->size >> PAGE_SHIFT) + !is_aligned(object->size, PAGE_SIZE);
}

/* What the object's pages count as in the statistics. */
static enum frame_use object_use(const struct vm_object *object)
{
	/* Another object counts them already. */
	if (object_is_window(object))
		return FRAME_USE_OTHER;
	return object->ops->fill ? FRAME_USE_FILE : FRAME_USE_ANONYMOUS;
}

static void object_take_page(struct vm_object *object, uint64_t index, struct frame *frame)
{
	if (object->ops->leave)
		object->ops->leave(object, index, frame);
	radix_remove(&object->pages, index);
	object->page_count--;
	frame_account(object_use(object), -1);
	frame_put(frame);
}

/* Frees the pages in [first, end). */
static void object_free_pages(struct vm_object *object, uint64_t first, uint64_t end)
{
	uint64_t index = first;
	struct frame *frame;

	while ((frame = radix_next(&object->pages, &index)) && index < end) {
		object_take_page(object, index, frame);
		if (++index == 0)
			break;
	}
}

void vm_object_get(struct vm_object *object)
{
	refcount_get(&object->references);
}

void vm_object_put(struct vm_object *object)
{
	/* A loop, as there may be long chains of views behind views. */
	while (object && refcount_put(&object->references)) {
		struct vm_object *behind = object->behind;

		debug_assert(list_empty(&object->mappings));
		object_free_pages(object, 0, UINT64_MAX);
		radix_clear(&object->pages);
		if (object->ops->release)
			object->ops->release(object);
		object = behind;
	}
}

int vm_object_insert_locked(struct vm_object *object, uint64_t index, struct frame *frame)
{
	int error = radix_set(&object->pages, index, frame);

	if (error)
		return error;
	object->page_count++;
	frame_account(object_use(object), 1);
	return 0;
}

int object_adopt(struct vm_object *object, uint64_t index, struct frame *frame)
{
	int error = vm_object_insert_locked(object, index, frame);

	if (error)
		frame_put(frame);
	return error;
}

struct frame *object_ready_page(const struct vm_object *object, uint64_t index)
{
	struct frame *frame = radix_get(&object->pages, index);

	return frame && object_page_is_ready(object, frame) ? frame : NULL;
}

static int object_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	if (object->ops->fill)
		return object->ops->fill(object, index, frame);
	*frame = frame_allocate(0, FRAME_ZERO);
	return *frame ? 0 : -ENOMEM;
}

int object_page_locked(struct vm_object *object, uint64_t index, struct frame **frame)
{
	int error;

	if (object->ops->device_page || index >= object_page_limit(object))
		return -ENXIO;
	*frame = radix_get(&object->pages, index);
	if (*frame)
		return object_page_is_ready(object, *frame) ? 0 : -EAGAIN;
	error = object_fill(object, index, frame);
	if (error)
		return error;
	return object_adopt(object, index, *frame);
}

int object_page_at_hand(struct vm_object *object, uint64_t index, struct frame **frame)
{
	int error;

	mutex_lock(&object->lock);
	error = object_page_locked(object, index, frame);
	if (!error)
		frame_get(*frame);
	mutex_unlock(&object->lock);
	return error;
}

int vm_object_page(struct vm_object *object, uint64_t index, struct frame **frame)
{
	int error;

	do
		error = object_page_at_hand(object, index, frame);
	while (error == -EAGAIN && (error = object->ops->prepare(object, index, false)) == 0);
	return error;
}

struct frame *vm_object_find(struct vm_object *object, uint64_t index)
{
	struct frame *frame;

	mutex_lock(&object->lock);
	frame = object_ready_page(object, index);
	if (frame)
		frame_get(frame);
	mutex_unlock(&object->lock);
	return frame;
}

/* Where the pages [first, end) lie in the area. False: nowhere. */
static bool area_overlap(const struct vm_area *area, uint64_t first, uint64_t end,
			 uintptr_t *overlap_start, uintptr_t *overlap_end)
{
	uint64_t area_first = area->offset >> PAGE_SHIFT;
	uint64_t area_end = area_first + (area_size(area) >> PAGE_SHIFT);
	uint64_t from = max_u64(first, area_first);
	uint64_t to = min_u64(end, area_end);

	if (from >= to)
		return false;
	*overlap_start = area->start + ((from - area_first) << PAGE_SHIFT);
	*overlap_end = area->start + ((to - area_first) << PAGE_SHIFT);
	return true;
}

static struct vm_area *mapping_of(struct list_node *node)
{
	return container_of(node, struct vm_area, object_node);
}

void vm_object_resize_locked(struct vm_object *object, uint64_t size)
{
	bool shrinks = size < object->size;
	struct list_node *node;
	struct frame *last;

	__atomic_store_n(&object->size, size, __ATOMIC_RELEASE);
	if (!shrinks)
		return;
	/* Private copies go as well: what is past the end is SIGBUS for all. */
	list_for_each (node, &object->mappings) {
		struct vm_area *area = mapping_of(node);
		uintptr_t start, end;

		if (area_overlap(area, object_page_limit(object), UINT64_MAX, &start, &end))
			arch_pmap_remove(area->aspace->pmap, start, end);
	}
	object_free_pages(object, object_page_limit(object), UINT64_MAX);
	last = radix_get(&object->pages, size >> PAGE_SHIFT);
	if (last) {
		size_t used = size & (PAGE_SIZE - 1);

		memset((char *)frame_address(last) + used, 0, PAGE_SIZE - used);
	}
}

void vm_object_resize(struct vm_object *object, uint64_t size)
{
	mutex_lock(&object->lock);
	vm_object_resize_locked(object, size);
	mutex_unlock(&object->lock);
}

/* Unmaps the object's pages [first, end) from a private area, but not its own copies. */
static void area_drop_shown(struct vm_area *area, uint64_t first, uint64_t end)
{
	struct pmap *pmap = area->aspace->pmap;
	uint64_t area_first = area->offset >> PAGE_SHIFT;
	uint64_t index = first;
	struct frame *frame;

	while ((frame = radix_next(&area->object->pages, &index)) && index < end) {
		uintptr_t page = area->start + ((index - area_first) << PAGE_SHIFT);
		unsigned present;
		phys_t physical;

		if (arch_pmap_query(pmap, page, &physical, &present) &&
		    physical == frame_physical(frame))
			arch_pmap_remove(pmap, page, page + PAGE_SIZE);
		index++;
	}
}

void vm_object_unmap_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index)
{
	struct list_node *node;

	list_for_each (node, &object->mappings) {
		struct vm_area *area = mapping_of(node);
		uint64_t area_first = area->offset >> PAGE_SHIFT;
		uintptr_t start, end;

		if (!area_overlap(area, start_index, end_index, &start, &end))
			continue;
		if (area->flags & VM_SHARED)
			arch_pmap_remove(area->aspace->pmap, start, end);
		else
			area_drop_shown(area, area_first + ((start - area->start) >> PAGE_SHIFT),
					area_first + ((end - area->start) >> PAGE_SHIFT));
	}
}

bool vm_object_page_is_kept_locked(const struct vm_object *object, uint64_t index)
{
	const struct list_node *node;

	list_for_each (node, &object->mappings) {
		const struct vm_area *area = container_of(node, struct vm_area, object_node);
		uintptr_t start, end;

		/* The flag may just be changing: then either is right. */
		if ((area->flags & VM_LOCKED) && area_overlap(area, index, index + 1, &start, &end))
			return true;
	}
	return false;
}

void vm_object_drop_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index)
{
	vm_object_unmap_locked(object, start_index, end_index);
	object_free_pages(object, start_index, end_index);
}

void vm_object_drop(struct vm_object *object, uint64_t start_index, uint64_t end_index)
{
	mutex_lock(&object->lock);
	vm_object_drop_locked(object, start_index, end_index);
	mutex_unlock(&object->lock);
}

void vm_object_remove_locked(struct vm_object *object, uint64_t index)
{
	struct frame *frame = radix_get(&object->pages, index);

	if (frame)
		object_take_page(object, index, frame);
}

/* The mapping's rights stay as they are otherwise; who holds the object's lock is the only one to
 * take rights of its pages away by this way, and flushes at once. */
static void area_protect_page(struct vm_area *area, uintptr_t page)
{
	struct pmap *pmap = area->aspace->pmap;
	unsigned present;
	phys_t physical;
	struct frame *frame;

	if (!arch_pmap_query(pmap, page, &physical, &present) || !(present & MMU_WRITE))
		return;
	frame = present & MMU_COUNTED ? frame_at(physical) : NULL;
	if (frame)
		frame_get(frame);
	if (arch_pmap_replace(pmap, page, physical, physical,
			      (present & ~(unsigned)(MMU_WRITE | MMU_DIRTY | MMU_ACCESSED))) &&
	    frame)
		frame_put(frame);
}

void vm_object_protect_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index)
{
	struct list_node *node;

	list_for_each (node, &object->mappings) {
		struct vm_area *area = mapping_of(node);
		uintptr_t start, end;

		if (!(area->flags & VM_SHARED) ||
		    !area_overlap(area, start_index, end_index, &start, &end))
			continue;
		for (uintptr_t page = start;
		     page < end && arch_pmap_next(area->aspace->pmap, &page, end);
		     page += PAGE_SIZE)
			area_protect_page(area, page);
	}
}
