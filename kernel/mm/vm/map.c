/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making and removing mappings, and the heap's end.
 */
#include <arch/trap.h>
#include <base/checked.h>

#include "vm_priv.h"

#define MAP_ONLY_FLAGS (VM_FIXED | VM_FIXED_NOREPLACE | VM_POPULATE | VM_BELOW_4G)

/* Checks what depends on the kind of memory, and completes the flags. */
static int map_check_kind(struct map_request *request)
{
	const struct vm_object *object = request->object;
	uint64_t end;

	if (request->flags & ~(AREA_FLAGS | MAP_ONLY_FLAGS))
		return -EINVAL;
	if (!(request->flags & VM_SHARED))
		request->flags |= VM_MAY_WRITE;
	if ((object || (request->flags & VM_SHARED)) &&
	    (request->flags & (VM_GROWS_DOWN | VM_WIPE_ON_FORK)))
		return -EINVAL;
	if (!object) {
		request->offset = 0;
		request->flags |= VM_MAY_WRITE;
		return 0;
	}
	if (!is_aligned(request->offset, PAGE_SIZE))
		return -EINVAL;
	if (!checked_add(request->offset, request->length, &end))
		return -EOVERFLOW;
	if (object->ops->device_page && !(request->flags & VM_SHARED))
		return -EINVAL;
	if ((request->flags & (VM_WRITE | VM_MAY_WRITE)) == VM_WRITE)
		return -EACCES;
	return 0;
}

int map_place(struct aspace *aspace, struct map_request *request)
{
	uintptr_t start = request->address;
	uintptr_t end;

	if (!(request->flags & (VM_FIXED | VM_FIXED_NOREPLACE))) {
		request->address = search_room(aspace, align_down(start, PAGE_SIZE),
					       request->length, request->flags & VM_BELOW_4G);
		return request->address ? 0 : -ENOMEM;
	}
	if (!is_aligned(start, PAGE_SIZE))
		return -EINVAL;
	if (start < USER_MIN)
		return -EPERM;
	if (!range_decode(start, request->length, &end))
		return -ENOMEM;
	if (request->flags & VM_FIXED_NOREPLACE) {
		const struct vm_area *above = area_find_from(aspace, start);

		if (above && above->start < end)
			return -EEXIST;
	}
	return 0;
}

/* How much of the range is mapped. */
static size_t map_replaced_bytes(const struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	const struct vm_area *area = area_find_from(aspace, start);
	size_t sum = 0;

	for (; area && area->start < end; area = area_next(area))
		sum += min_u64(area->end, end) - max_u64(area->start, start);
	return sum;
}

int map_make(struct aspace *aspace, struct map_request *request, struct list *dead)
{
	unsigned flags = request->flags & AREA_FLAGS;
	struct vm_area *area;
	uintptr_t start, end;
	int error;

	error = map_place(aspace, request);
	if (error)
		return error;
	start = request->address;
	end = start + request->length;
	error = limits_check(aspace, flags, request->length,
			     map_replaced_bytes(aspace, start, end));
	if (error)
		return error;
	area = area_create(aspace, start, end, flags, request->object, request->offset,
			   request->origin);
	if (!area)
		return -ENOMEM;
	error = areas_unmap(aspace, start, end, dead);
	if (error) {
		list_push_back(dead, &area->object_node);
		return error;
	}
	area_insert(area);
	areas_merge(aspace, start, end, dead);
	return 0;
}

int map_populate(struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	int error = 0;

	for (uintptr_t page = start; page < end && !error;) {
		const struct vm_area *area;
		struct fault_wait wait = { 0 };

		mutex_lock(&aspace->lock);
		area = area_find(aspace, page);
		if (!area)
			error = -ENOMEM;
		else if (area->flags & VM_PROTECTION)
			error = fault_serve(aspace, page,
					    area->flags & VM_WRITE ? FAULT_WRITE : FAULT_READ,
					    false, &wait);
		mutex_unlock(&aspace->lock);
		if (error == -EAGAIN)
			error = fault_wait(&wait);
		else
			page += PAGE_SIZE;
	}
	return error;
}

int aspace_map(struct aspace *aspace, uintptr_t *address, size_t length, unsigned flags,
	       struct vm_object *object, uint64_t offset, void *origin)
{
	struct map_request request = { *address, 0, flags, object, offset, origin };
	struct list dead = LIST_INIT(dead);
	struct vm_object *made = NULL;
	uint64_t rounded;
	bool grouped;
	int error;

	if (length == 0)
		return -EINVAL;
	if (!checked_align_up(length, PAGE_SIZE, &rounded) || rounded > USER_MAX)
		return -ENOMEM;
	request.length = rounded;
	error = map_check_kind(&request);
	if (error)
		return error;
	if ((flags & VM_SHARED) && !object) {
		request.object = made = vm_object_create_anonymous(rounded);
		if (!made)
			return -ENOMEM;
	}

	mutex_lock(&aspace->lock);
	grouped = aspace->group;
	if (!grouped)
		error = map_make(aspace, &request, &dead);
	mutex_unlock(&aspace->lock);
	if (grouped)
		error = group_map(aspace, &request);

	areas_free(&dead);
	if (made)
		vm_object_put(made);
	if (error)
		return error;
	*address = request.address;
	if (flags & (VM_POPULATE | VM_LOCKED))
		map_populate(aspace, request.address, request.address + rounded);
	return 0;
}

int aspace_unmap(struct aspace *aspace, uintptr_t address, size_t length)
{
	struct list dead = LIST_INIT(dead);
	uintptr_t end;
	bool grouped;
	int error = 0;

	if (!range_decode(address, length, &end))
		return -EINVAL;
	mutex_lock(&aspace->lock);
	grouped = aspace->group;
	if (!grouped)
		error = areas_unmap(aspace, address, end, &dead);
	mutex_unlock(&aspace->lock);
	if (grouped)
		error = group_unmap(aspace, address, end, &dead);
	areas_free(&dead);
	return error;
}

int mapping_find(struct aspace *aspace, uintptr_t address, uintptr_t *start, uintptr_t *end)
{
	struct vm_area *first = area_find(aspace, address);
	struct vm_area *last = first, *other;

	if (!first)
		return -EFAULT;
	while (!(first->flags & VM_SEPARATE) && (other = area_previous(first)) &&
	       other->end == first->start)
		first = other;
	while ((other = area_next(last)) && other->start == last->end &&
	       !(other->flags & VM_SEPARATE))
		last = other;
	*start = first->start;
	*end = last->end;
	return 0;
}

int aspace_unmap_around(struct aspace *aspace, uintptr_t address)
{
	struct list dead = LIST_INIT(dead);
	uintptr_t start, end;
	bool grouped;
	int error = 0;

	mutex_lock(&aspace->lock);
	grouped = aspace->group;
	if (!grouped)
		error = mapping_find(aspace, address, &start, &end);
	if (!grouped && !error)
		error = areas_unmap(aspace, start, end, &dead);
	mutex_unlock(&aspace->lock);
	if (grouped)
		error = group_unmap_around(aspace, address, &dead);
	areas_free(&dead);
	return error;
}

/* Makes the heap's pages reach from `old` to `end` instead, both page-aligned. */
static int heap_resize(struct aspace *aspace, uintptr_t old, uintptr_t end, struct list *dead)
{
	struct map_request request = {
		.address = old,
		.length = end - old,
		.flags = VM_READ | VM_WRITE | VM_MAY_WRITE | VM_HEAP | VM_FIXED,
	};

	if (end <= old)
		return end < old ? areas_unmap(aspace, end, old, dead) : 0;
	/* A page stays free between the heap and what lies above. */
	if (end > USER_MAX - PAGE_SIZE || !search_is_free(aspace, old, end + PAGE_SIZE))
		return -ENOMEM;
	return map_make(aspace, &request, dead);
}

/* RLIMIT_DATA counts the program's own data with its heap. */
static bool heap_within_limit(const struct aspace *aspace, uintptr_t end)
{
	uint64_t data = aspace->data_end - aspace->data_start;
	uint64_t sum;

	return checked_add(end - aspace->heap_start, data, &sum) && sum <= aspace->data_limit;
}

uintptr_t aspace_set_heap_end(struct aspace *aspace, uintptr_t end)
{
	struct list dead = LIST_INIT(dead);
	uintptr_t result;

	mutex_lock(&aspace->lock);
	if (end >= aspace->heap_start && end < USER_MAX &&
	    (end <= aspace->heap_end || heap_within_limit(aspace, end)) &&
	    heap_resize(aspace, align_up(aspace->heap_end, PAGE_SIZE), align_up(end, PAGE_SIZE),
			&dead) == 0)
		aspace->heap_end = end;
	result = aspace->heap_end;
	mutex_unlock(&aspace->lock);
	areas_free(&dead);
	return result;
}
