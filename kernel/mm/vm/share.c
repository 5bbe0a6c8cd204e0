/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of a program's own that others are to see too.
 *
 * The frames of private memory are known to page tables alone. To be shared they move into an
 * object, and the area becomes a shared mapping of it, with VM_COPY_ON_FORK: for its program the
 * memory is what it was before. Frames that a fork relative has as well are copied first. The
 * translations go, and come back by faults.
 */
#include <base/checked.h>
#include <mm/phys/frame.h>

#include "vm_priv.h"

/* Larger areas are shared in pieces of this size, lest a call take too long. */
#define EXPORT_PIECE ((size_t)16 << 20)

/* Whether the object has the frame as the page that the area shows at `page`. Its lock is held. */
static bool shows_object(const struct vm_area *area, uintptr_t page, const struct frame *frame)
{
	return area->object &&
	       radix_get(&area->object->pages, area_page_index(area, page)) == frame;
}

/* Gives `object` the page at `page`, unless that looks so anyway. */
static int take_page(const struct vm_area *area, uintptr_t page, struct vm_object *object,
		     uint64_t index)
{
	struct frame *frame, *copy;
	unsigned present;
	phys_t physical;

	if (!arch_pmap_query(area->aspace->pmap, page, &physical, &present) ||
	    !(present & MMU_COUNTED))
		return 0;
	frame = frame_at(physical);
	if (shows_object(area, page, frame))
		return 0;
	if (frame_references(frame) == 1) {
		frame_get(frame);
		return object_adopt(object, index, frame);
	}
	copy = frame_allocate(0, 0);
	if (!copy)
		return -ENOMEM;
	arch_copy_page(frame_address(copy), frame_address(frame));
	return object_adopt(object, index, copy);
}

/* All pages that the area has for itself. They stay mapped. */
static int take_pages(const struct vm_area *area, struct vm_object *object, uint64_t offset)
{
	uintptr_t page = area->start;
	int error = 0;

	/* A truncation would take what is mapped away. */
	if (area->object)
		mutex_lock(&area->object->lock);
	while (!error && arch_pmap_next(area->aspace->pmap, &page, area->end)) {
		error = take_page(area, page, object,
				  (offset + (page - area->start)) >> PAGE_SHIFT);
		page += PAGE_SIZE;
	}
	if (area->object)
		mutex_unlock(&area->object->lock);
	return error;
}

/* An object with what the private area shows, and where that is in it. */
static struct vm_object *object_of_private(const struct vm_area *area, uint64_t *offset)
{
	uint64_t size;

	*offset = area->object ? area->offset : 0;
	if (!checked_add(*offset, area_size(area), &size))
		return NULL;
	return area->object ? object_create_copy(area->object, size)
			    : vm_object_create_anonymous(size);
}

bool area_is_private(const struct vm_area *area)
{
	if (area->flags & VM_SHARED)
		return false;
	/* A file that is only read, and never was written to, looks the same to all. */
	return !area->object || (area->flags & (VM_WRITE | VM_OWN_PAGES));
}

int area_share(struct vm_area *area, struct vm_area **shared, struct list *dead)
{
	struct aspace *aspace = area->aspace;
	unsigned flags = area->flags & ~(VM_OWN_PAGES | VM_WIPE_ON_FORK | VM_GROWS_DOWN);
	struct futex_key from = { (uintptr_t)aspace, area->start }, to;
	struct vm_object *object;
	struct vm_area *made;
	uint64_t offset;
	int error;

	object = object_of_private(area, &offset);
	if (!object)
		return -ENOMEM;
	made = area_create(aspace, area->start, area->end,
			   flags | VM_SHARED | VM_MAY_WRITE | VM_COPY_ON_FORK, object, offset,
			   area->origin);
	error = made ? take_pages(area, object, offset) : -ENOMEM;
	if (error) {
		if (made)
			list_push_back(dead, &made->object_node);
		vm_object_put(object);
		return error;
	}
	arch_pmap_remove(aspace->pmap, area->start, area->end);
	area_remove(area, dead);
	area_insert(made);
	/* Who waits for words there waits for those of the object from now on. */
	to = (struct futex_key){ (uintptr_t)object, offset };
	atomic_fetch_add(&aspace->key_changes, 1);
	futex_move(&from, area_size(made), &to);
	vm_object_put(object);
	*shared = made;
	return 0;
}

/* --- Forks. --- */

/* Where a copy of the area finds pages that nobody has written to. */
static struct vm_object *copied_object(const struct vm_area *area)
{
	return object_copied(area->object);
}

unsigned area_fork_flags(const struct vm_area *area)
{
	unsigned flags = area->flags & ~VM_LOCKED;

	if (!(flags & VM_COPY_ON_FORK))
		return flags;
	flags &= ~(VM_COPY_ON_FORK | VM_SHARED);
	return copied_object(area) ? flags | VM_OWN_PAGES : flags;
}

struct vm_object *area_fork_object(const struct vm_area *area)
{
	return area->flags & VM_COPY_ON_FORK ? copied_object(area) : area->object;
}

int area_copy_pages(const struct vm_area *area, struct vm_area *to)
{
	uint64_t first = area_page_index(area, area->start), index = first;
	uint64_t end = first + (area_size(area) >> PAGE_SHIFT);
	struct frame *frame;
	int error = 0;

	mutex_lock(&area->object->lock);
	while (!error && (frame = radix_next(&area->object->pages, &index)) && index < end) {
		uintptr_t page = area->start + ((index - first) << PAGE_SHIFT);
		struct frame *copy = frame_allocate(0, 0);

		if (!copy) {
			error = -ENOMEM;
			break;
		}
		arch_copy_page(frame_address(copy), frame_address(frame));
		error = arch_pmap_enter(to->aspace->pmap, page, frame_physical(copy),
					area_mmu_flags(to, true) | MMU_COUNTED);
		if (error)
			frame_put(copy);
		index++;
	}
	mutex_unlock(&area->object->lock);
	return error;
}

/* --- Exports. --- */

/* The part of an area that is shared so that [start, end) is: all of it, unless it is large or a
 * stack, which is to go on growing. */
static void choose_piece(const struct vm_area *area, uintptr_t *start, uintptr_t *end)
{
	uintptr_t low = max_u64(*start, area->start), high = min_u64(*end, area->end);

	if (area_size(area) <= EXPORT_PIECE && !(area->flags & VM_GROWS_DOWN)) {
		*start = area->start;
		*end = area->end;
	} else if (area->flags & VM_GROWS_DOWN) {
		*start = low;
		*end = high;
	} else {
		*start = max_u64(align_down(low, EXPORT_PIECE), area->start);
		*end = min_u64(align_down(high - 1, EXPORT_PIECE) + EXPORT_PIECE, area->end);
	}
}

/* Makes all private memory in the range shared. */
static int share_range(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead)
{
	uintptr_t at = start;
	int error = 0;

	while (!error && at < end) {
		struct vm_area *area = area_find(aspace, at);
		uintptr_t low = at, high = end;

		if (!area_is_private(area)) {
			at = area->end;
			continue;
		}
		choose_piece(area, &low, &high);
		error = areas_split(aspace, low, high, dead);
		if (!error)
			error = area_share(area_find(aspace, low), &area, dead);
		if (!error)
			at = area->end;
		else
			areas_merge(aspace, low, high, dead);
	}
	return error;
}

/* Adds the pages of one area, from `index` on, to an object that gathers those of several. */
static int gather_area(struct vm_object *to, uint64_t index, const struct vm_area *area,
		       uintptr_t start, uintptr_t end)
{
	for (uintptr_t page = start; page < end; page += PAGE_SIZE) {
		struct frame *frame;
		int error = object_page_at_hand(area->object, area_page_index(area, page), &frame);

		if (!error)
			error = object_adopt(to, index++, frame);
		if (error)
			return error;
	}
	return 0;
}

/* The range lies in several areas, which show objects: one object with all their pages. */
static int gather(struct aspace *aspace, uintptr_t start, uintptr_t end, struct vm_object **object)
{
	struct vm_object *whole = vm_object_create_anonymous(end - start);
	struct vm_area *area = area_find(aspace, start);
	int error = whole ? 0 : -ENOMEM;

	for (; !error && area && area->start < end; area = area_next(area)) {
		uintptr_t from = max_u64(area->start, start);

		if (area->object->ops->device_page)
			error = -EINVAL;
		else
			error = gather_area(whole, (from - start) >> PAGE_SHIFT, area, from,
					    min_u64(area->end, end));
	}
	if (error && whole)
		vm_object_put(whole);
	if (!error)
		*object = whole;
	return error == -ENXIO ? -EFAULT : error;
}

static int export_locked(struct aspace *from, uintptr_t start, uintptr_t end,
			 struct vm_object **object, uint64_t *offset, struct list *dead)
{
	int error = share_range(from, start, end, dead);
	const struct vm_area *area;

	if (error)
		return error;
	area = area_find(from, start);
	if (area->end < end) {
		*offset = 0;
		return gather(from, start, end, object);
	}
	*object = area->object;
	vm_object_get(*object);
	*offset = area->offset + (start - area->start);
	return 0;
}

int aspace_export(struct aspace *from, uintptr_t address, size_t length, unsigned wanted,
		  struct vm_object **object, uint64_t *offset)
{
	struct list dead = LIST_INIT(dead);
	uintptr_t end;
	int error;

	if (!is_aligned(length, PAGE_SIZE) || !range_decode(address, length, &end))
		return -EINVAL;
	/* Pages that would have to be waited for are faulted in, and so stay. */
	do {
		mutex_lock(&from->lock);
		error = areas_allow(from, address, end, wanted | VM_READ) ? 0 : -EFAULT;
		if (!error)
			error = export_locked(from, address, end, object, offset, &dead);
		mutex_unlock(&from->lock);
	} while (error == -EAGAIN && (error = map_populate(from, address, end)) == 0);
	areas_free(&dead);
	return error;
}
