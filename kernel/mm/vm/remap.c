/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mremap: areas that shrink, grow in place, or move with their pages.
 */
#include <base/checked.h>

#include "vm_priv.h"

struct remap {
	struct aspace *aspace;
	uintptr_t old_start, old_end; /* page-aligned; equal: duplicate a shared area */
	size_t new_length;            /* page-aligned, not 0 */
	bool may_move, fixed;
	uintptr_t new_start; /* with `fixed` the place; the result */
	struct list *dead;
};

/* The checks on making the range of `area` longer. */
static int remap_check_growth(const struct remap *remap, const struct vm_area *area)
{
	size_t old_length = remap->old_end - remap->old_start;
	uint64_t end;

	if (remap->new_length <= old_length)
		return 0;
	/* Its object ends there, or shows other memory of the program further on. */
	if (area->flags & VM_COPY_ON_FORK)
		return -ENOMEM;
	if (area->object &&
	    !checked_add(area->offset + (remap->old_start - area->start), remap->new_length, &end))
		return -EINVAL;
	return limits_check(remap->aspace, area->flags, remap->new_length - old_length, 0);
}

/* Finds the new place, and clears it where it was given. */
static int remap_place(struct remap *remap)
{
	if (!remap->fixed) {
		remap->new_start = search_room(remap->aspace, 0, remap->new_length, false);
		return remap->new_start ? 0 : -ENOMEM;
	}
	return areas_unmap(remap->aspace, remap->new_start, remap->new_start + remap->new_length,
			   remap->dead);
}

/* Moves the old range, which lies in one area, to a new place. */
static int remap_move(struct remap *remap)
{
	struct aspace *aspace = remap->aspace;
	struct vm_area *area;
	int error;

	error = areas_split(aspace, remap->old_start, remap->old_end, remap->dead);
	if (error)
		return error;
	error = remap_place(remap);
	if (error)
		goto err_merge;
	area = area_find(aspace, remap->old_start);
	error = area_move(area, remap->new_start, remap->new_length);
	if (error)
		goto err_merge;
	search_note_free(aspace, remap->old_start, remap->old_end);
	areas_merge(aspace, remap->new_start, remap->new_start + remap->new_length, remap->dead);
	return 0;

err_merge:
	areas_merge(aspace, remap->old_start, remap->old_end, remap->dead);
	return error;
}

/* Maps the pages of a shared area a second time. */
static int remap_duplicate(struct remap *remap, const struct vm_area *area)
{
	struct map_request request = {
		.address = remap->new_start,
		.length = remap->new_length,
		.flags = area->flags | (remap->fixed ? VM_FIXED : 0),
		.object = area->object,
		.offset = area->offset + (remap->old_start - area->start),
		.origin = area->origin,
	};
	uint64_t end;
	int error;

	if (!(area->flags & VM_SHARED) || !remap->may_move ||
	    !checked_add(request.offset, request.length, &end))
		return -EINVAL;
	error = map_make(remap->aspace, &request, remap->dead);
	remap->new_start = request.address;
	return error;
}

/* True if the range can become longer where it is. */
static bool remap_fits(const struct remap *remap, const struct vm_area *area)
{
	uintptr_t end;

	return area->end == remap->old_end &&
	       range_decode(remap->old_start, remap->new_length, &end) &&
	       search_is_free(remap->aspace, remap->old_end, end);
}

/* Makes the range, which lies in one area, longer or moves it. */
static int remap_grow_or_move(struct remap *remap)
{
	struct vm_area *area = area_find(remap->aspace, remap->old_start);
	int error;

	error = remap_check_growth(remap, area);
	if (error)
		return error;
	if (!remap->fixed && remap_fits(remap, area)) {
		uintptr_t end = remap->old_start + remap->new_length;

		remap->new_start = remap->old_start;
		area_set_bounds(area, area->start, end);
		areas_merge(remap->aspace, end, end, remap->dead);
		return 0;
	}
	return remap->may_move ? remap_move(remap) : -ENOMEM;
}

static int remap_run(struct remap *remap)
{
	struct vm_area *area = area_find(remap->aspace, remap->old_start);
	uintptr_t new_end = remap->old_start + remap->new_length;
	bool shrinks = new_end < remap->old_end;
	int error;

	if (!area)
		return -EFAULT;
	if (remap->old_start == remap->old_end)
		return remap_duplicate(remap, area);
	/* What is only cut off may be several areas. */
	if ((remap->fixed || new_end > remap->old_end) &&
	    area->end < min_u64(remap->old_end, new_end))
		return -EFAULT;
	if (shrinks) {
		error = areas_unmap(remap->aspace, new_end, remap->old_end, remap->dead);
		if (error)
			return error;
		remap->old_end = new_end;
	}
	if (!remap->fixed && new_end == remap->old_end) {
		remap->new_start = remap->old_start;
		return 0;
	}
	return remap_grow_or_move(remap);
}

/* Checks the arguments and rounds them to pages. */
static int remap_decode(struct remap *remap, uintptr_t old_address, size_t old_length,
			size_t new_length)
{
	uintptr_t new_end;
	uint64_t rounded;

	remap->old_start = old_address;
	remap->old_end = old_address;
	if (!is_aligned(old_address, PAGE_SIZE) || old_address >= USER_MAX || new_length == 0)
		return -EINVAL;
	if (old_length != 0 && !range_decode(old_address, old_length, &remap->old_end))
		return -EINVAL;
	if (!checked_align_up(new_length, PAGE_SIZE, &rounded))
		return -EINVAL;
	if (rounded > USER_MAX)
		return remap->fixed ? -EINVAL : -ENOMEM;
	remap->new_length = rounded;
	if (!remap->fixed) {
		remap->new_start = 0;
		return 0;
	}
	if (!remap->may_move || remap->new_start < USER_MIN ||
	    !range_decode(remap->new_start, rounded, &new_end))
		return -EINVAL;
	if (remap->new_start < remap->old_end && remap->old_start < new_end)
		return -EINVAL;
	return 0;
}

int aspace_remap(struct aspace *aspace, uintptr_t old_address, size_t old_length, size_t new_length,
		 bool may_move, bool fixed, uintptr_t *new_address)
{
	struct list dead = LIST_INIT(dead);
	struct remap remap = {
		.aspace = aspace,
		.may_move = may_move,
		.fixed = fixed,
		.new_start = *new_address,
		.dead = &dead,
	};
	const struct vm_area *area;
	bool locked;
	int error;

	error = remap_decode(&remap, old_address, old_length, new_length);
	if (error)
		return error;
	mutex_lock(&aspace->lock);
	/* The other members would have to follow. */
	error = aspace->group ? -ENOMEM : remap_run(&remap);
	area = error ? NULL : area_find(aspace, remap.new_start);
	locked = area && (area->flags & VM_LOCKED);
	mutex_unlock(&aspace->lock);

	areas_free(&dead);
	if (error)
		return error;
	if (locked)
		map_populate(aspace, remap.new_start, remap.new_start + remap.new_length);
	*new_address = remap.new_start;
	return 0;
}
