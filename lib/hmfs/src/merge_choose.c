/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which segments are merged.
 *
 * A list may have so many segments. When it has more, its newest ones are merged: two, and each
 * next one that is not larger than those before it together. An entry is thus written M times more
 * by merges in the time of (K+M over M) commits: for K = 10, once in 11 of them, twice in 66, three
 * times in 286, which no other order betters; and the segments are in the order of their sizes.
 *
 * When nothing has changed for a while, a list that is not short already is merged to very few
 * segments, the older of them several times as large as the newer.
 *
 * A list in which many entries remove others is merged as a whole, so that what they remove
 * goes, and they with it.
 */
#include "merge.h"
#include "space.h"

/* A list of more segments than this is merged. */
#define LIST_WANTED 10u
/* Where this many were not merged because that failed, or for want of room, they are now: commits
 * wait for it. */
#define LIST_URGENT 12u
/* When all is quiet: how many are left alone, to how many others are merged, and how much larger
 * one that is left out of that is than those that are merged. */
#define QUIET_WANTED 4u
#define QUIET_LEFT   3u
#define QUIET_RATIO  4u
#define QUIET_TIME   ((uint64_t)2000000000) /* ns */
/* Merges of less than this go on when space is short. */
#define SMALL_BLOCKS 64u
/* What a segment takes beside, at most. */
#define SEGMENT_COST  16u
#define REMOVED_LEAST 1024u

bool hmfs_merge_is_urgent(const struct hmfs_map *map)
{
	return map->urgent || map->count >= LIST_URGENT;
}

/* A merge needs room for another of what it merges, twice. */
static bool has_room(const struct hmfs_map *map, uint64_t blocks)
{
	const bool urgent = hmfs_merge_is_urgent(map);
	const uint64_t room =
		hmfs_space_limit(map->context->space, urgent ? HMFS_USE_URGENT : HMFS_USE_MERGE);

	if (!urgent && blocks >= map->merge_limit && room < map->merge_room + 2 * blocks)
		return false;
	return (!urgent && blocks < SMALL_BLOCKS) || 2 * blocks + SEGMENT_COST <= room;
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

/* The newest `count` segments, or as many of them as there is room for. */
static bool choose_newest(const struct hmfs_map *map, unsigned count,
			  struct hmfs_merge_range *range)
{
	*range = (struct hmfs_merge_range){ .count = count };
	for (unsigned i = 0; i < count; i++)
		range->blocks += map->segments[i]->pointer.blocks;
	while (range->count > 1 && !has_room(map, range->blocks))
		range->blocks -= map->segments[--range->count]->pointer.blocks;
	return range->count > 1;
}

/* All of the list, if anything in it is removed; or where that failed, or nothing is, the newest
 * ones that are of a size: what they have of the same keys goes. Whether there is room shows. */
static bool choose_urgent(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	uint64_t removed = 0, blocks = 0;
	unsigned count = 0;

	*range = (struct hmfs_merge_range){ .count = map->count };
	for (unsigned i = 0; i < map->count; i++) {
		const struct hmfs_segment_pointer *pointer = &map->segments[i]->pointer;

		range->blocks += pointer->blocks;
		removed += pointer->removed;
		if (count == i && (i == 0 || pointer->blocks <= 2 * blocks)) {
			blocks += pointer->blocks;
			count++;
		}
	}
	if (removed && map->count > 1 && map->shape != map->merge_failed)
		return true;
	*range = (struct hmfs_merge_range){ .count = count, .blocks = blocks };
	return count > 1;
}

static bool choose_prefix(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	uint64_t blocks = map->segments[0]->pointer.blocks;
	unsigned count = 1;

	while (count < map->count && (count < 2 || map->segments[count]->pointer.blocks <= blocks))
		blocks += map->segments[count++]->pointer.blocks;
	return choose_newest(map, count, range);
}

/* The smallest two neighbours, where there is no room for more. */
static bool choose_pair(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	*range = (struct hmfs_merge_range){ .count = 2, .blocks = UINT64_MAX };
	for (unsigned first = 0; first + 1 < map->count; first++) {
		uint64_t blocks = map->segments[first]->pointer.blocks +
				  map->segments[first + 1]->pointer.blocks;

		if (blocks >= range->blocks)
			continue;
		range->first = first;
		range->blocks = blocks;
	}
	return has_room(map, range->blocks);
}

static bool is_quiet(struct hmfs_map *map)
{
	const uint64_t now = map->context->host->now();

	if (map->generation != map->quiet_generation || now < map->quiet_since) {
		map->quiet_generation = map->generation;
		map->quiet_since = now;
	}
	return now - map->quiet_since >= QUIET_TIME && !map->frozen &&
	       hmfs_newest_count(map->newest) == 0;
}

static bool choose_quiet(const struct hmfs_map *map, struct hmfs_merge_range *range)
{
	unsigned count = map->count - QUIET_LEFT + 1;
	uint64_t blocks = 0;

	for (unsigned i = 0; i < map->count; i++) {
		const uint64_t next = map->segments[i]->pointer.blocks;

		if (i >= count && next < blocks * QUIET_RATIO)
			count = i + 1;
		blocks += next;
	}
	return choose_newest(map, count, range);
}

bool hmfs_merge_choose(struct hmfs_map *map, struct hmfs_merge_range *range)
{
	const bool quiet = is_quiet(map);

	if (map->urgent)
		return choose_urgent(map, range);
	if (map->shape == map->merge_failed && map->count < LIST_URGENT)
		return false;
	if (choose_all(map, range))
		return true;
	if (map->count > LIST_WANTED)
		return choose_prefix(map, range) || choose_pair(map, range);
	return quiet && map->count > QUIET_WANTED && choose_quiet(map, range);
}

void hmfs_merge_failed(struct hmfs_map *map, const struct hmfs_merge_range *range)
{
	map->merge_failed = map->shape;
	map->merge_limit = range->blocks;
	map->merge_room = hmfs_space_limit(map->context->space, HMFS_USE_MERGE);
}
