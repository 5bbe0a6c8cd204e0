/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes to mapped ranges that leave the mappings where they are: protection, advice, and
 * dropping pages.
 */
#include <mm/phys/frame.h>
#include <mm/vm/user.h>

#include "vm_priv.h"

int protect_check(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned protection)
{
	struct vm_area *area;

	if (!areas_cover(aspace, start, end))
		return -ENOMEM;
	if (!(protection & VM_WRITE))
		return 0;
	for (area = area_find(aspace, start); area && area->start < end; area = area_next(area)) {
		size_t length = min_u64(area->end, end) - max_u64(area->start, start);
		int error;

		if (!(area->flags & VM_MAY_WRITE))
			return -EACCES;
		if (area->flags & VM_WRITE)
			continue;
		error = limits_check(aspace, area->flags | VM_WRITE, length, length);
		if (error)
			return error;
	}
	return 0;
}

int reduce_check(struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	/* What cannot be read is no memory of the program's, but a guard. */
	return areas_allow(aspace, start, end, VM_READ) ? 0 : -EFAULT;
}

static void area_protect(struct vm_area *area, unsigned protection)
{
	unsigned before = area->flags & VM_PROTECTION;

	if (before == protection)
		return;
	area_set_flags(area, (area->flags & ~VM_PROTECTION) | protection);
	/* What is only allowed anew, the faults put into the translations one by one. */
	if (before & ~protection)
		arch_pmap_restrict(area->aspace->pmap, area->start, area->end,
				   area_mmu_flags(area, true));
}

int areas_protect(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned protection,
		  bool reduce, struct list *dead)
{
	struct vm_area *area;
	int error = areas_split(aspace, start, end, dead);

	if (error)
		return error;
	area = area_find(aspace, start);
	for (; area && area->start < end; area = area_next(area))
		area_protect(area, reduce ? protection & (area->flags | ~VM_WRITE) : protection);
	arch_pmap_flush(aspace->pmap);
	areas_merge(aspace, start, end, dead);
	return 0;
}

static int protect(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned protection,
		   bool reduce)
{
	struct list dead = LIST_INIT(dead);
	bool grouped;
	int error = 0;

	mutex_lock(&aspace->lock);
	grouped = aspace->group;
	if (!grouped)
		error = reduce ? reduce_check(aspace, start, end)
			       : protect_check(aspace, start, end, protection);
	if (!grouped && !error)
		error = areas_protect(aspace, start, end, protection, reduce, &dead);
	mutex_unlock(&aspace->lock);
	if (grouped)
		error = group_protect(aspace, start, end, protection, reduce, &dead);
	areas_free(&dead);
	return error;
}

int aspace_protect(struct aspace *aspace, uintptr_t address, size_t length, unsigned protection)
{
	uintptr_t end;

	if (!is_aligned(address, PAGE_SIZE) || (protection & ~VM_PROTECTION))
		return -EINVAL;
	if (length == 0)
		return 0;
	if (!range_decode(address, length, &end))
		return -ENOMEM;
	return protect(aspace, address, end, protection, false);
}

int aspace_reduce(struct aspace *aspace, uintptr_t address, size_t length, unsigned protection)
{
	uintptr_t start = align_down(address, PAGE_SIZE);
	uintptr_t end;

	if (length == 0 || !user_range_valid(address, length) ||
	    !range_decode(start, address + length - start, &end))
		return -EFAULT;
	return protect(aspace, start, end, protection & VM_PROTECTION, true);
}

#define ADVICE_FLAGS (VM_DONT_FORK | VM_WIPE_ON_FORK | VM_LOCKED)

static int advise_check(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned set)
{
	struct vm_area *area;

	if (!areas_cover(aspace, start, end))
		return -ENOMEM;
	if (!(set & VM_WIPE_ON_FORK))
		return 0;
	for (area = area_find(aspace, start); area && area->start < end; area = area_next(area)) {
		if (area->object)
			return -EINVAL;
	}
	return 0;
}

int aspace_advise(struct aspace *aspace, uintptr_t address, size_t length, unsigned set,
		  unsigned clear)
{
	struct list dead = LIST_INIT(dead);
	struct vm_area *area;
	uintptr_t end;
	int error;

	if (!is_aligned(address, PAGE_SIZE) || ((set | clear) & ~ADVICE_FLAGS))
		return -EINVAL;
	if (length == 0)
		return 0;
	if (!range_decode(address, length, &end))
		return -ENOMEM;

	mutex_lock(&aspace->lock);
	error = advise_check(aspace, address, end, set);
	if (!error)
		error = areas_split(aspace, address, end, &dead);
	if (!error) {
		area = area_find(aspace, address);
		for (; area && area->start < end; area = area_next(area))
			area_set_flags(area, (area->flags & ~clear) | set);
		areas_merge(aspace, address, end, &dead);
	}
	mutex_unlock(&aspace->lock);
	areas_free(&dead);
	if (!error && (set & VM_LOCKED))
		error = map_populate(aspace, address, end) ? -ENOMEM : 0;
	return error;
}

/* Where dropping the pages of the range stops: at its end, or at an area that is locked. Linux
 * goes on behind a gap and reports it in the end. */
static int discard_check(const struct aspace *aspace, uintptr_t start, uintptr_t *end)
{
	const struct vm_area *area = area_find_from(aspace, start);
	uintptr_t position = start;
	int error = 0;

	for (; area && area->start < *end; area = area_next(area)) {
		if (area->flags & VM_LOCKED) {
			*end = max_u64(area->start, start);
			return -EINVAL;
		}
		if (area->start > position)
			error = -ENOMEM;
		position = area->end;
	}
	return position < *end ? -ENOMEM : error;
}

int aspace_discard(struct aspace *aspace, uintptr_t address, size_t length)
{
	uintptr_t end;
	int error;

	if (!is_aligned(address, PAGE_SIZE))
		return -EINVAL;
	if (length == 0)
		return 0;
	if (!range_decode(address, length, &end))
		return -ENOMEM;

	mutex_lock(&aspace->lock);
	error = discard_check(aspace, address, &end);
	arch_pmap_remove(aspace->pmap, address, end);
	mutex_unlock(&aspace->lock);
	return error;
}

/* Whether a page of the area is resident: mapped, or at hand in its object. */
static bool page_resident(struct vm_area *area, uintptr_t page)
{
	struct vm_object *object = area->object;
	unsigned flags;
	phys_t physical;
	bool resident;

	if (arch_pmap_query(area->aspace->pmap, page, &physical, &flags))
		return true;
	if (!object)
		return false;
	mutex_lock(&object->lock);
	resident = object_ready_page(object, area_page_index(area, page)) != NULL;
	mutex_unlock(&object->lock);
	return resident;
}

int aspace_residency(struct aspace *aspace, uintptr_t address, size_t pages, uint8_t *resident)
{
	struct vm_area *area;
	uintptr_t end;
	int error = 0;

	if (!is_aligned(address, PAGE_SIZE))
		return -EINVAL;
	if (pages == 0)
		return 0;
	if (pages > USER_MAX >> PAGE_SHIFT || !range_decode(address, pages << PAGE_SHIFT, &end))
		return -ENOMEM;

	mutex_lock(&aspace->lock);
	if (!areas_cover(aspace, address, end)) {
		error = -ENOMEM;
		goto out;
	}
	area = area_find(aspace, address);
	for (size_t i = 0; i < pages; i++) {
		uintptr_t page = address + (i << PAGE_SHIFT);

		if (page >= area->end)
			area = area_next(area);
		resident[i] = page_resident(area, page);
	}
out:
	mutex_unlock(&aspace->lock);
	return error;
}
