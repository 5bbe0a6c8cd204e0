/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking for free runs: first behind the hint, then in groups that have one long enough as their
 * summaries say, at last wherever there is one of the least length.
 */
#include <base/errno.h>

#include "space_priv.h"

/* How much looking is not much: runs in a group, and groups whose summaries are looked at. */
#define RUNS_LOOKED_AT   256u
#define GROUPS_LOOKED_AT 1024u

struct search {
	struct hmfs_space *space;
	uint32_t least, wanted;
	/* The best so far; count 0: none. */
	uint64_t group;
	uint32_t first, count;
};

static bool satisfied(const struct search *search)
{
	return search->count >= search->wanted;
}

static unsigned log2_up(uint32_t value)
{
	return value == 1 ? 0 : bit_highest(value - 1) + 1;
}

/* Looks at the runs that begin in [from, to). False: there were too many. */
static bool look_between(struct search *search, const struct hmfs_group *group, uint32_t from,
			 uint32_t to, unsigned *runs)
{
	for (size_t at = from; at < to; (*runs)++) {
		size_t first = bitmap_find_clear(group->used, group->size, at);

		if (first >= to)
			return true;
		/* More than is wanted is not looked at. */
		at = bitmap_find_set(group->used, min_size(group->size, first + search->wanted),
				     first);
		if (at - first > search->count) {
			search->group = group->number;
			search->first = (uint32_t)first;
			search->count = (uint32_t)(at - first);
			if (satisfied(search))
				return true;
		}
		if (*runs >= RUNS_LOOKED_AT && search->count >= search->least)
			return false;
	}
	return true;
}

/* Looks in the group, first behind `from`. */
static int look_in_group(struct search *search, uint64_t number, uint32_t from)
{
	struct hmfs_group *group;
	uint32_t before = search->count;
	unsigned runs = 0;
	bool all;
	int error = hmfs_group_get(search->space, number, &group);

	/* One that cannot be read is left alone: its blocks are not lost yet. */
	if (error)
		return error == -EIO ? 0 : error;
	all = look_between(search, group, from, group->size, &runs);
	if (all && !satisfied(search))
		all = look_between(search, group, 0, from, &runs);
	if (all && !satisfied(search) && before == 0 && search->count)
		hmfs_summary_set_longest(group, bit_highest(search->count));
	return 0;
}

/* Looks in groups from `start` on, `groups` of them, that may have a run of 2^longest. */
static int look_in_groups(struct search *search, uint64_t start, uint64_t groups, int longest)
{
	struct hmfs_space *space = search->space;

	for (uint64_t i = 0; i < groups && !satisfied(search); i++) {
		uint64_t number = (start + i) % space->group_count;
		struct hmfs_summary *summary;
		int error = hmfs_summary_get(space, number / HMFS_SUMMARY_GROUPS, &summary);

		if (error == -EIO)
			continue;
		if (!error && hmfs_summary_longest(space, summary, number) >= longest)
			error = look_in_group(search, number, 0);
		if (error)
			return error;
		if (longest <= (int)bit_highest(search->least) && search->count >= search->least)
			return 0;
	}
	return 0;
}

int hmfs_space_find(struct hmfs_space *space, uint64_t hint, uint32_t least, uint32_t wanted,
		    struct hmfs_group **group, uint32_t *first, uint32_t *count)
{
	struct search search = { .space = space, .least = least, .wanted = wanted };
	uint64_t start = hint / HMFS_GROUP_BLOCKS;
	struct hmfs_summary *summary;
	int error = hmfs_summary_get(space, start / HMFS_SUMMARY_GROUPS, &summary);

	if (!error && hmfs_summary_longest(space, summary, start) >= (int)bit_highest(least))
		error = look_in_group(&search, start, hint % HMFS_GROUP_BLOCKS);
	if (!error || error == -EIO)
		error = look_in_groups(&search, start + 1,
				       min_u64(space->group_count, GROUPS_LOOKED_AT),
				       (int)log2_up(wanted));
	if (!error && search.count < least)
		error = look_in_groups(&search, start, space->group_count, (int)bit_highest(least));
	if (error)
		return error;
	if (search.count < least || search.count == 0)
		return -ENOSPC;
	*first = search.first;
	*count = search.count;
	return hmfs_group_get(space, search.group, group);
}
