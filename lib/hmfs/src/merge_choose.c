/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which segments are merged.
 *
 * A list may have so many segments. When it has more, those neighbours are merged that cost least
 * for each segment that the list loses by it, in blocks written. With a list of K segments, an
 * entry is thus written M times more by merges in the time of (K+M over M) commits: for K = 10,
 * once in 11 of them, twice in 66, three times in 286, six times in 8008.
 *
 * A list in which most entries remove others is merged as a whole, so that what they remove
 * goes, and they with it.
 */
#include "merge.h"
#include "space.h"

/* A list of more segments than this is merged. */
#define LIST_WANTED 10u
/* Where this many were not merged because that failed, it is tried again. */
#define LIST_URGENT 13u
/* What a segment costs beside its nodes, in blocks. */
#define SEGMENT_COST 4u
/* Merges of less than this go on when space is short. */
#define SMALL_BLOCKS  64u
#define REMOVED_LEAST 1024u

/* A merge needs room for another of what it merges, twice, and leaves others as much. */
static bool has_room(const struct hmfs_map *map, uint64_t blocks)
{
	const uint64_t available = hmfs_space_available(map->context->space);

	if (blocks >= map->merge_limit && available < map->merge_available + 2 * blocks)
		return false;
	return blocks < SMALL_BLOCKS || 4 * blocks <= available;
}

static bool choose_all(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	uint64_t entries = 0, removed = 0;

	*range = (struct hmfs_merge_range){ .count = map->count };
	for (unsigned i = 0; i < map->count; i++) {
		const struct hmfs_segment_pointer *pointer = &map->segments[i]->pointer;

		range->blocks += pointer->blocks;
		entries += pointer->entries;
		removed += pointer->removed;
	}
	return map->count > 1 && removed >= REMOVED_LEAST && removed > entries / 3 &&
	       has_room(map, range->blocks);
}

static bool choose_cheapest(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	uint64_t least = UINT64_MAX;

	for (unsigned first = 0; first + 1 < map->count; first++) {
		uint64_t blocks = map->segments[first]->pointer.blocks;

		for (unsigned end = first + 1; end < map->count; end++) {
			uint64_t cost;

			blocks += map->segments[end]->pointer.blocks;
			cost = (blocks + (end - first + 1) * SEGMENT_COST) * 64 / (end - first);
			if (cost >= least || !has_room(map, blocks))
				continue;
			least = cost;
			*range = (struct hmfs_merge_range){
				.first = first,
				.count = end - first + 1,
				.blocks = blocks,
			};
		}
	}
	return least != UINT64_MAX;
}

/* All of the list, if anything in it is removed. */
static bool choose_urgent(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	uint64_t removed = 0;

	*range = (struct hmfs_merge_range){ .count = map->count };
	for (unsigned i = 0; i < map->count; i++) {
		range->blocks += map->segments[i]->pointer.blocks;
		removed += map->segments[i]->pointer.removed;
	}
	return map->count > 1 && removed;
}

bool hmfs_merge_choose(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	if (map->urgent)
		return choose_urgent(map, range);
	if (map->shape == map->merge_failed && map->count < LIST_URGENT)
		return false;
	if (choose_all(map, range))
		return true;
	return map->count > LIST_WANTED && choose_cheapest(map, range);
}

void hmfs_merge_failed(struct hmfs_map *map, const struct hmfs_merge_range *range)
{
	map->merge_failed = map->shape;
	map->merge_limit = range->blocks;
	map->merge_available = hmfs_space_available(map->context->space);
}
