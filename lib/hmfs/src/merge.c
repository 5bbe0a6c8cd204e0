/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merging: neighbours of a list become one segment.
 *
 * A merge goes on in steps, between which the map is used and committed. Its blocks are tentative
 * until its end, when the new segment takes the place of its sources: until then nothing on disk
 * has changed. merge_choose.c says what is merged and when.
 */
#include "merge.h"

#include <base/errno.h>
#include <base/string.h>

#include "segment_write.h"

/* What a step writes, about. */
#define STEP_BYTES   ((size_t)512 << 10)
#define STEP_ENTRIES 8192u
#define AHEAD_MOST   64u

struct hmfs_merge {
	struct hmfs_writer *writer;
	struct hmfs_merge_range range;
	bool last; /* there is nothing behind the sources: tombstones go */
	/* The sources, newest first. They stay in the list, where newer ones may come before. */
	struct hmfs_segment *sources[HMFS_LIST_MAX];
	struct hmfs_segment_cursor cursors[HMFS_LIST_MAX];
};

static void merge_end(struct hmfs_map *map)
{
	struct hmfs_merge *merge = map->merge;

	for (unsigned i = 0; i < merge->range.count; i++)
		hmfs_segment_cursor_close(&merge->cursors[i]);
	hmfs_writer_destroy(merge->writer);
	map->context->host->release(merge);
	map->merge = NULL;
}

void hmfs_map_merge_stop(struct hmfs_map *map)
{
	if (!map->merge)
		return;
	if (map->merge->writer)
		hmfs_writer_undo(map->merge->writer);
	merge_end(map);
}

static int merge_start(struct hmfs_map *map, const struct hmfs_merge_range *range, uint64_t birth,
		       bool free_lock)
{
	static const struct hmfs_key first;
	struct hmfs_context *context = map->context;
	const size_t cache = hmfs_node_cache_limit(context);
	struct hmfs_merge *merge = context->host->allocate(sizeof(*merge));
	struct hmfs_writer_options options = {
		.use = hmfs_merge_is_urgent(map) ? HMFS_USE_URGENT : HMFS_USE_MERGE,
		.birth = birth,
		.free_lock = free_lock,
		.keep = range->blocks * HMFS_BLOCK_SIZE <= cache / 4,
	};
	int error = 0;

	if (!merge)
		return -ENOMEM;
	memset(merge, 0, sizeof(*merge));
	merge->range = *range;
	merge->last = range->first + range->count == map->count;
	map->merge = merge;
	for (unsigned i = 0; i < range->count && !error; i++) {
		struct hmfs_segment_cursor *cursor = &merge->cursors[i];

		merge->sources[i] = map->segments[range->first + i];
		options.entries += merge->sources[i]->pointer.entries;
		cursor->free_lock = free_lock;
		cursor->most = (unsigned)min_u64(
			max_u64(cache / HMFS_NODE_SIZE / 2 / range->count, 2), AHEAD_MOST);
		error = hmfs_segment_cursor_seek(cursor, context, merge->sources[i], &first);
	}
	/* Nodes, but for what the table of a leaf takes. */
	options.bytes = range->blocks * HMFS_BLOCK_SIZE;
	options.bytes -= min_u64(options.bytes, options.entries * HMFS_LEAF_ENTRY);
	if (!error)
		error = hmfs_writer_create(context, &options, &merge->writer);
	return error;
}

/* The source with the smallest key, the newest of several; all others that have it move on. */
static int merge_next(struct hmfs_merge *merge, struct hmfs_segment_cursor **next)
{
	struct hmfs_segment_cursor *first = NULL;

	for (unsigned i = 0; i < merge->range.count; i++) {
		struct hmfs_segment_cursor *cursor = &merge->cursors[i];
		int order = -1;

		if (!cursor->depth)
			continue;
		if (first)
			order = hmfs_key_compare(hmfs_segment_cursor_key(cursor),
						 hmfs_segment_cursor_key(first));
		if (order < 0) {
			first = cursor;
		} else if (order == 0) {
			int error = hmfs_segment_cursor_next(cursor);

			if (error)
				return error;
		}
	}
	*next = first;
	return 0;
}

/* Writes entries until it has been enough: 1, or 0 at the end. */
static int merge_some(struct hmfs_merge *merge)
{
	size_t bytes = 0;

	for (unsigned entries = 0; bytes < STEP_BYTES && entries < STEP_ENTRIES; entries++) {
		struct hmfs_segment_cursor *cursor;
		struct hmfs_value value;
		int error = merge_next(merge, &cursor);

		if (error)
			return error;
		if (!cursor)
			return 0;
		value = hmfs_segment_cursor_value(cursor);
		bytes += value.length + HMFS_LEAF_ENTRY;
		if (!value.removed || !merge->last)
			error = hmfs_writer_add(merge->writer, hmfs_segment_cursor_key(cursor),
						&value);
		if (!error)
			error = hmfs_segment_cursor_next(cursor);
		if (error)
			return error;
	}
	return 1;
}

/* In the list, `segment` (NULL: nothing) stands for the sources. */
static void list_replace(struct hmfs_map *map, struct hmfs_segment *segment)
{
	struct hmfs_merge *merge = map->merge;
	unsigned first = 0, behind;

	while (map->segments[first] != merge->sources[0])
		first++;
	behind = first + merge->range.count;
	if (segment)
		map->segments[first++] = segment;
	memmove(&map->segments[first], &map->segments[behind],
		(map->count - behind) * sizeof(segment));
	map->count -= behind - first;
	/* The entries are what they were: cursors alone have to know. */
	map->shape++;
}

static int merge_finish(struct hmfs_map *map, uint64_t birth,
			void (*dead)(void *context, const struct hmfs_segment_pointer *segment),
			void *context_of_dead)
{
	struct hmfs_merge *merge = map->merge;
	struct hmfs_segment_pointer pointer;
	struct hmfs_segment *segment = NULL;
	int error = hmfs_writer_finish(merge->writer, &pointer);

	if (error)
		return error;
	pointer.birth = birth;
	if (pointer.entries) {
		segment = hmfs_segment_create(map->context, &pointer);
		error = segment ? hmfs_writer_confirm(merge->writer) : -ENOMEM;
	}
	if (error) {
		hmfs_segment_destroy(map->context, segment);
		return error;
	}
	list_replace(map, segment);
	map->context->merges++;
	for (unsigned i = 0; i < merge->range.count; i++) {
		dead(context_of_dead, &merge->sources[i]->pointer);
		hmfs_segment_destroy(map->context, merge->sources[i]);
	}
	merge_end(map);
	return 0;
}

int hmfs_map_merge_step(struct hmfs_map *map, uint64_t birth, bool free_lock,
			void (*dead)(void *context, const struct hmfs_segment_pointer *segment),
			void *context_of_dead)
{
	struct hmfs_merge_range range;
	int error;

	if (map->merge) {
		error = merge_some(map->merge);
		if (error == 0)
			error = merge_finish(map, birth, dead, context_of_dead);
		else if (error > 0)
			error = 0;
	} else {
		if (!hmfs_merge_choose(map, &range))
			return 0;
		error = merge_start(map, &range, birth, free_lock);
	}
	if (!error)
		return 1;
	if (map->merge) {
		range = map->merge->range;
		hmfs_merge_failed(map, &range);
	}
	hmfs_map_merge_stop(map);
	return error == -ENOSPC ? 0 : error;
}
