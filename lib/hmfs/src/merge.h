/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which segments of a list are merged, and when. */
#pragma once

#include "map_priv.h"

struct hmfs_merge_range {
	unsigned first, count; /* of the list */
	uint64_t blocks;       /* of one copy of them */
};

/* The list is nearly as long as it can be, or space is short: the reserve may be used. */
bool hmfs_merge_is_urgent(const struct hmfs_map *map);
/* False if nothing is to be merged now. */
bool hmfs_merge_choose(struct hmfs_map *map, struct hmfs_merge_range *range);
/* A merge of this range could not be done: it is not tried again until the list is another one,
 * or, for want of space, smaller ones only until there is more. */
void hmfs_merge_failed(struct hmfs_map *map, const struct hmfs_merge_range *range);
