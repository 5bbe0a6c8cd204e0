/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page faults.
 *
 * Private memory shows a page of zeros, or the object's page, read-only until it is written;
 * then it gets a frame of its own. A frame that fork shared is copied by whoever writes first;
 * the last holder writes to the frame itself. Shared memory shows the object's pages.
 *
 * All is done with the aspace's lock held, for areas with an object also with the object's, so
 * that no truncation comes between finding a page and mapping it. Only that could change a
 * translation under us; where one is not as expected, the access is simply tried again.
 */
#include <arch/trap.h>
#include <core/panic.h>
#include <mm/phys/frame.h>

#include "vm_priv.h"

struct fault {
	struct vm_area *area;
	struct pmap *pmap;
	uintptr_t page;
	unsigned access; /* enum fault_access */
	bool forced;
};

static struct frame *zero_frame; /* immutable after boot; mapped without being counted */

void fault_init(void)
{
	zero_frame = frame_allocate(0, FRAME_ZERO);
	if (!zero_frame)
		panic("vm: no memory for the page of zeros");
}

bool fault_is_zero_page(phys_t physical)
{
	return physical == frame_physical(zero_frame);
}

unsigned area_mmu_flags(const struct vm_area *area, bool writable)
{
	unsigned flags = MMU_USER;

	/* Any access includes reading, as on all machines so far. */
	if (area->flags & VM_PROTECTION)
		flags |= MMU_READ;
	if (area->flags & VM_EXECUTE)
		flags |= MMU_EXECUTE;
	if ((area->flags & VM_WRITE) && writable)
		flags |= MMU_WRITE;
	if (area->flags & VM_SHARED)
		flags |= MMU_SHARED;
	return flags;
}

static bool fault_writes(const struct fault *fault)
{
	return fault->access & FAULT_WRITE;
}

/* Maps a frame of which the caller has a reference, which is used up. */
static int fault_enter(const struct fault *fault, uintptr_t page, struct frame *frame,
		       bool writable)
{
	int error = arch_pmap_enter(fault->pmap, page, frame_physical(frame),
				    area_mmu_flags(fault->area, writable) | MMU_COUNTED);

	if (error)
		frame_put(frame);
	return error;
}

/* Gives the present translation the rights that the area allows; of writing only if
 * `writable`, or if it has it already. */
static int fault_upgrade(const struct fault *fault, phys_t physical, unsigned present,
			 bool writable)
{
	unsigned wanted = area_mmu_flags(fault->area, writable || (present & MMU_WRITE));
	unsigned missing = wanted & ~present & (MMU_READ | MMU_WRITE | MMU_EXECUTE);
	struct frame *frame;
	int error;

	if (!missing)
		return 0; /* someone else was faster, or the CPU's memory of it was stale */
	if (missing == MMU_WRITE) {
		error = arch_pmap_allow_write(fault->pmap, fault->page, physical);
		return error == -EAGAIN ? 0 : error;
	}
	/* The same frame again, which the translation needs another reference for. */
	frame = present & MMU_COUNTED ? frame_at(physical) : NULL;
	if (frame)
		frame_get(frame);
	error = arch_pmap_replace(fault->pmap, fault->page, physical, physical,
				  wanted | (present & MMU_COUNTED));
	if (error && frame)
		frame_put(frame);
	return error == -EAGAIN ? 0 : error;
}

/* A new frame with the contents of `from`. */
static struct frame *frame_copy(const struct frame *from)
{
	struct frame *frame;

	if (from == zero_frame)
		return frame_allocate(0, FRAME_ZERO);
	frame = frame_allocate(0, 0);
	if (frame)
		arch_copy_page(frame_address(frame), frame_address(from));
	return frame;
}

/* Private memory whose page is mapped. */
static int fault_private_present(const struct fault *fault, phys_t physical, unsigned present)
{
	struct frame *frame = frame_at(physical);
	struct frame *copy;
	int error;

	if (!fault_writes(fault) || (present & MMU_WRITE))
		return fault_upgrade(fault, physical, present, false);
	/* A sole reference is this translation's: neither a fork nor an object has the frame. */
	if (frame != zero_frame && frame_references(frame) == 1)
		return fault_upgrade(fault, physical, present, true);
	copy = frame_copy(frame);
	if (!copy)
		return -ENOMEM;
	error = arch_pmap_replace(fault->pmap, fault->page, physical, frame_physical(copy),
				  area_mmu_flags(fault->area, true) | MMU_COUNTED);
	if (error) {
		frame_put(copy);
		return error == -EAGAIN ? 0 : error;
	}
	if (fault->area->object)
		fault->area->flags |= VM_OWN_PAGES;
	return 0;
}

static int fault_anonymous(const struct fault *fault)
{
	unsigned present;
	phys_t physical;
	struct frame *frame;
	int error;

	if (arch_pmap_query(fault->pmap, fault->page, &physical, &present))
		return fault_private_present(fault, physical, present);
	if (!fault_writes(fault)) {
		error = arch_pmap_enter(fault->pmap, fault->page, frame_physical(zero_frame),
					area_mmu_flags(fault->area, false));
	} else {
		frame = frame_allocate(0, FRAME_ZERO);
		if (!frame)
			return -ENOMEM;
		error = fault_enter(fault, fault->page, frame, true);
	}
	return error == -EEXIST ? 0 : error;
}

/* Whether pages of the object may be mapped writable without having been asked for it. */
static bool write_is_free(const struct vm_area *area)
{
	return (area->flags & VM_SHARED) && !area->object->ops->make_writable;
}

/* Maps the neighbours that are at hand in the object, to save their faults. What cannot be
 * mapped is left to them. */
static void fault_around(const struct fault *fault)
{
	struct vm_area *area = fault->area;
	uint64_t limit = object_page_limit(area->object);
	uintptr_t page = max_u64(area->start, align_down(fault->page, FAULT_AROUND));
	uintptr_t end = min_u64(area->end, align_down(fault->page, FAULT_AROUND) + FAULT_AROUND);

	for (; page < end; page += PAGE_SIZE) {
		uint64_t index = area_page_index(area, page);
		struct frame *frame;

		if (page == fault->page)
			continue;
		if (index >= limit)
			break;
		frame = object_ready_page(area->object, index);
		if (!frame)
			continue;
		frame_get(frame);
		if (fault_enter(fault, page, frame, write_is_free(area)) == -ENOMEM)
			break;
	}
}

/* The object's page; it must be there now. */
static int fault_find_page(const struct fault *fault, struct frame **frame)
{
	return object_page_locked(fault->area->object, area_page_index(fault->area, fault->page),
				  frame);
}

/* Whether a page that is not in the object is to be made up of zeros. */
static bool fault_is_past_end(const struct fault *fault, int error)
{
	return error == -ENXIO && (fault->area->flags & VM_ZEROS_PAST_END);
}

/* A frame that only these page tables know, and that goes with the translation. */
static int fault_past_end(const struct fault *fault)
{
	struct frame *frame = frame_allocate(0, FRAME_ZERO);

	if (!frame)
		return -ENOMEM;
	return fault_enter(fault, fault->page, frame, true);
}

static int fault_private_file(const struct fault *fault)
{
	unsigned present;
	phys_t physical;
	struct frame *frame;
	int error;

	if (arch_pmap_query(fault->pmap, fault->page, &physical, &present))
		return fault_private_present(fault, physical, present);
	error = fault_find_page(fault, &frame);
	if (fault_is_past_end(fault, error)) {
		fault->area->flags |= VM_OWN_PAGES;
		return fault_past_end(fault);
	}
	if (error)
		return error;
	if (fault_writes(fault)) {
		frame = frame_copy(frame);
		if (!frame)
			return -ENOMEM;
		fault->area->flags |= VM_OWN_PAGES;
	} else {
		frame_get(frame);
	}
	error = fault_enter(fault, fault->page, frame, fault_writes(fault));
	if (!error && !fault_writes(fault))
		fault_around(fault);
	return error == -EEXIST ? 0 : error;
}

/* Asks the provider before a shared page becomes writable. */
static int fault_make_writable(const struct fault *fault)
{
	struct vm_object *object = fault->area->object;

	if (!object->ops->make_writable)
		return 0;
	return object->ops->make_writable(object, area_page_index(fault->area, fault->page));
}

static int fault_shared(const struct fault *fault)
{
	bool writes = fault_writes(fault);
	unsigned present;
	phys_t physical;
	struct frame *frame;
	int error;

	if (arch_pmap_query(fault->pmap, fault->page, &physical, &present)) {
		error = writes && !(present & MMU_WRITE) ? fault_make_writable(fault) : 0;
		return error ? error : fault_upgrade(fault, physical, present, writes);
	}
	error = fault_find_page(fault, &frame);
	if (fault_is_past_end(fault, error))
		return fault_past_end(fault);
	if (!error && writes)
		error = fault_make_writable(fault);
	if (error)
		return error;
	frame_get(frame);
	error = fault_enter(fault, fault->page, frame, writes || write_is_free(fault->area));
	if (!error)
		fault_around(fault);
	return error == -EEXIST ? 0 : error;
}

/* The device's page for `page`, and how it is to be mapped. */
static int device_find(const struct fault *fault, uintptr_t page, phys_t *physical, unsigned *flags)
{
	struct vm_object *object = fault->area->object;
	uint64_t index = area_page_index(fault->area, page);
	unsigned memory_type = 0;
	int error;

	if (index >= object_page_limit(object))
		return -ENXIO;
	error = object->ops->device_page(object, index, physical, &memory_type);
	*flags = area_mmu_flags(fault->area, !object->ops->make_writable) |
		 (memory_type & (MMU_UNCACHED | MMU_WRITE_COMBINING));
	return error;
}

/* Pages of a device have no frames, and nobody copies them. */
static int fault_device(const struct fault *fault)
{
	uintptr_t end =
		min_u64(fault->area->end, align_down(fault->page, FAULT_AROUND) + FAULT_AROUND);
	unsigned present, flags;
	phys_t mapped, physical;
	int error;

	error = device_find(fault, fault->page, &physical, &flags);
	if (!error && fault_writes(fault))
		error = fault_make_writable(fault);
	if (error)
		return error;
	if (arch_pmap_query(fault->pmap, fault->page, &mapped, &present)) {
		error = arch_pmap_replace(fault->pmap, fault->page, mapped, physical, flags);
		return error == -EAGAIN ? 0 : error;
	}
	error = arch_pmap_enter(fault->pmap, fault->page, physical, flags);
	if (error)
		return error;
	for (uintptr_t page = fault->page + PAGE_SIZE; page < end; page += PAGE_SIZE) {
		if (device_find(fault, page, &physical, &flags) ||
		    arch_pmap_enter(fault->pmap, page, physical, flags))
			break;
	}
	return 0;
}

static int fault_object(const struct fault *fault)
{
	struct vm_object *object = fault->area->object;
	int error;

	mutex_lock(&object->lock);
	if (object->ops->device_page)
		error = fault_device(fault);
	else if (fault->area->flags & VM_SHARED)
		error = fault_shared(fault);
	else
		error = fault_private_file(fault);
	mutex_unlock(&object->lock);
	return error;
}

/* Extends the stack above `page` down to it, where the limits and the area below allow. */
static struct vm_area *fault_grow_stack(struct aspace *aspace, uintptr_t page)
{
	struct vm_area *area = area_find_from(aspace, page);
	struct vm_area *below;

	if (!area || !(area->flags & VM_GROWS_DOWN))
		return NULL;
	if (page < USER_MIN + STACK_GUARD_GAP || area->end - page > aspace->stack_limit)
		return NULL;
	below = area_previous(area);
	if (below && page - below->end < STACK_GUARD_GAP)
		return NULL;
	if (limits_check(aspace, area->flags, area->start - page, 0))
		return NULL;
	area_set_bounds(area, page, area->end);
	return area;
}

static bool fault_allowed(const struct fault *fault)
{
	unsigned flags = fault->area->flags;

	if (fault->forced)
		return !fault_writes(fault) || (flags & (VM_WRITE | VM_COPY_ON_FORK)) ||
		       !(flags & VM_SHARED);
	if (fault_writes(fault))
		return flags & VM_WRITE;
	if (fault->access & FAULT_EXECUTE)
		return flags & VM_EXECUTE;
	return flags & VM_PROTECTION;
}

/* The provider would have waited, with our locks held. */
static void fault_wait_begin(const struct fault *fault, struct fault_wait *wait)
{
	wait->object = fault->area->object;
	wait->index = area_page_index(fault->area, fault->page);
	wait->write = fault_writes(fault) && (fault->area->flags & VM_SHARED);
	vm_object_get(wait->object);
}

int fault_serve(struct aspace *aspace, uintptr_t address, unsigned access, bool forced,
		struct fault_wait *wait)
{
	struct fault fault = {
		.pmap = aspace->pmap,
		.page = align_down(address, PAGE_SIZE),
		.access = access,
		.forced = forced,
	};
	int error;

	if (fault.page < USER_MIN || fault.page >= USER_MAX)
		return -EFAULT;
	fault.area = area_find(aspace, fault.page);
	if (!fault.area && !forced)
		fault.area = fault_grow_stack(aspace, fault.page);
	if (!fault.area)
		return -EFAULT;
	if (!fault_allowed(&fault))
		return -EACCES;
	if (!fault.area->object)
		return fault_anonymous(&fault);
	error = fault_object(&fault);
	if (error == -EAGAIN)
		fault_wait_begin(&fault, wait);
	return error;
}

int fault_wait(struct fault_wait *wait)
{
	int error = wait->object->ops->prepare(wait->object, wait->index, wait->write);

	vm_object_put(wait->object);
	return error;
}

int aspace_fault(struct aspace *aspace, uintptr_t address, unsigned access)
{
	struct fault_wait wait = { 0 };
	int error;

	do {
		mutex_lock(&aspace->lock);
		error = fault_serve(aspace, address, access, false, &wait);
		mutex_unlock(&aspace->lock);
	} while (error == -EAGAIN && (error = fault_wait(&wait)) == 0);
	return error;
}
