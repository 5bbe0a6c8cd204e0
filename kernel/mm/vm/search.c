/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Room for mappings, and the limits on them.
 *
 * The search goes from map_top down and takes the highest gap that fits, at its upper end, as
 * programs expect. So that it need not pass all areas each time, it remembers how far down it
 * came (search_hint) and the largest gap that it passed over (search_hole): what is larger than
 * that is only found below the hint. Making room above moves the hint up again.
 */
#include <base/checked.h>
#include <mm/phys/frame.h>

#include "vm_priv.h"

/* Where MAP_32BIT looks. */
#define LOW_MIN ((uintptr_t)0x40000000)
#define LOW_MAX ((uintptr_t)0x80000000)

bool range_decode(uintptr_t address, size_t length, uintptr_t *end)
{
	uint64_t rounded;

	if (!is_aligned(address, PAGE_SIZE) || length == 0)
		return false;
	if (!checked_align_up(length, PAGE_SIZE, &rounded))
		return false;
	if (address >= USER_MAX || rounded > USER_MAX - address)
		return false;
	*end = address + rounded;
	return true;
}

bool search_is_free(const struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	const struct vm_area *above = area_find_from(aspace, start);

	return !above || area_gap_end(above) >= end;
}

/* Where the gap that reaches up to `limit` ends above. */
static uintptr_t gap_limit(const struct aspace *aspace, uintptr_t limit)
{
	const struct vm_area *above = area_find_from(aspace, limit);

	if (!above || above->start < limit)
		return limit;
	return min_u64(limit, area_gap_end(above));
}

/* The highest place for `length` bytes in [low, high), or 0. Raises *hole to the largest gap
 * passed over. */
static uintptr_t search_down(const struct aspace *aspace, uintptr_t low, uintptr_t high,
			     size_t length, size_t *hole)
{
	uintptr_t limit = gap_limit(aspace, high);
	const struct vm_area *area = area_find_below(aspace, limit);

	while (limit > low) {
		uintptr_t bottom = area ? max_u64(area->end, low) : low;
		size_t gap = limit > bottom ? limit - bottom : 0;

		if (gap >= length)
			return limit - length;
		if (gap > *hole)
			*hole = gap;
		if (!area)
			break;
		limit = min_u64(limit, area_gap_end(area));
		area = area_previous(area);
	}
	return 0;
}

/* The highest place below map_top. */
static uintptr_t search_below_top(struct aspace *aspace, size_t length)
{
	uintptr_t found;

	if (aspace->search_base != aspace->map_top || length <= aspace->search_hole) {
		aspace->search_base = aspace->map_top;
		aspace->search_hint = aspace->map_top;
		aspace->search_hole = 0;
	}
	found = search_down(aspace, USER_MIN, aspace->search_hint, length, &aspace->search_hole);
	/* The gap that was found may stay free, if mapping fails. After a failure here the largest
	 * gap of all is known: nothing larger need be looked for. */
	aspace->search_hint = found ? found + length : USER_MIN;
	return found;
}

uintptr_t search_room(struct aspace *aspace, uintptr_t hint, size_t length, bool low)
{
	size_t hole = 0;
	uintptr_t found;

	if (length == 0 || length > USER_MAX - USER_MIN)
		return 0;
	if (hint >= USER_MIN && hint <= USER_MAX - length && (!low || hint + length <= LOW_MAX) &&
	    search_is_free(aspace, hint, hint + length))
		return hint;
	if (low)
		return search_down(aspace, LOW_MIN, LOW_MAX, length, &hole);
	found = search_below_top(aspace, length);
	if (!found)
		found = search_down(aspace, aspace->map_top, USER_MAX, length, &hole);
	return found;
}

void search_note_free(struct aspace *aspace, uintptr_t start, uintptr_t end)
{
	const struct vm_area *above = area_find_from(aspace, start);
	uintptr_t top = above ? max_u64(area_gap_end(above), end) : USER_MAX;

	top = min_u64(top, aspace->search_base);
	if (top > aspace->search_hint)
		aspace->search_hint = top;
}

/* Private memory that may be written is a promise of frames, unless nobody asked for one. */
static bool flags_promise(unsigned flags)
{
	return (flags & VM_WRITE) && !(flags & (VM_SHARED | VM_NO_RESERVE));
}

/* What RLIMIT_DATA limits. */
static bool flags_are_data(unsigned flags)
{
	return (flags & VM_WRITE) && !(flags & (VM_SHARED | VM_GROWS_DOWN));
}

/* The sum is only needed where there is a limit, which is rare: it is not kept. */
static size_t data_bytes(const struct aspace *aspace)
{
	const struct vm_area *area = area_find_from(aspace, 0);
	size_t sum = 0;

	for (; area; area = area_next(area)) {
		if (flags_are_data(area->flags))
			sum += area_size(area);
	}
	return sum;
}

int limits_check(struct aspace *aspace, unsigned flags, size_t length, size_t replaced)
{
	uint64_t wanted;

	if (length > replaced && (!checked_add(aspace->mapped_bytes, length - replaced, &wanted) ||
				  wanted > aspace->address_limit))
		return -ENOMEM;
	if (flags_are_data(flags) && aspace->data_limit != UINT64_MAX &&
	    (length > aspace->data_limit || data_bytes(aspace) > aspace->data_limit - length))
		return -ENOMEM;
	return flags_promise(flags) && length >> PAGE_SHIFT > frame_total() ? -ENOMEM : 0;
}
