/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commits of a map: its newest map is frozen, written as a segment, and heads the list. */
#include <base/errno.h>
#include <base/string.h>

#include "segment_write.h"

int hmfs_map_freeze(struct hmfs_map *map)
{
	struct hmfs_newest *empty;

	/* Of a commit that failed: what it would have written is part of this one. */
	if (map->frozen) {
		int error = hmfs_newest_fold(map->newest, map->frozen);

		map->generation++;
		if (error)
			return error;
		hmfs_newest_destroy(map->frozen);
		map->frozen = NULL;
		map->shape++;
	}
	hmfs_map_changed(map);
	if (hmfs_newest_count(map->newest) == 0)
		return 0;
	empty = hmfs_newest_create(map->context->host);
	if (!empty)
		return -ENOMEM;
	map->frozen = map->newest;
	map->newest = empty;
	map->shape++;
	return 0;
}

int hmfs_map_redirect(struct hmfs_map *map, bool to_frozen)
{
	if (to_frozen && !map->frozen) {
		map->frozen = hmfs_newest_create(map->context->host);
		if (!map->frozen)
			return -ENOMEM;
		map->shape++;
	}
	map->redirected = to_frozen;
	return 0;
}

/* All of it but, in a list without segments, the tombstones. */
static int write_entries(struct hmfs_writer *writer, const struct hmfs_newest *frozen, bool last)
{
	static const struct hmfs_key first;
	const struct hmfs_entry *entry = hmfs_newest_seek(frozen, &first);

	for (; entry; entry = hmfs_newest_next(entry)) {
		struct hmfs_value value = hmfs_entry_value(entry);
		int error =
			value.removed && last ? 0 : hmfs_writer_add(writer, &entry->key, &value);

		if (error)
			return error;
	}
	return 0;
}

static void list_push(struct hmfs_map *map, struct hmfs_segment *segment)
{
	memmove(&map->segments[1], &map->segments[0], map->count * sizeof(segment));
	map->segments[0] = segment;
	map->count++;
}

int hmfs_map_write_frozen(struct hmfs_map *map, uint64_t birth, bool free_lock)
{
	struct hmfs_newest *frozen = map->frozen;
	struct hmfs_segment_pointer pointer;
	struct hmfs_segment *segment = NULL;
	struct hmfs_writer *writer;
	int error;

	if (!frozen)
		return 0;
	if (map->count == HMFS_LIST_MAX)
		return -EAGAIN;
	error = hmfs_writer_create(map->context,
				   &(struct hmfs_writer_options){
					   .use = HMFS_USE_METADATA,
					   .birth = birth,
					   .entries = hmfs_newest_count(frozen),
					   .bytes = frozen->value_bytes,
					   .free_lock = free_lock,
					   .keep = true,
				   },
				   &writer);
	if (error)
		return error;
	error = write_entries(writer, frozen, map->count == 0);
	if (!error)
		error = hmfs_writer_finish(writer, &pointer);
	if (!error && pointer.entries) {
		segment = hmfs_segment_create(map->context, &pointer);
		error = segment ? 0 : -ENOMEM;
	}
	if (error) {
		hmfs_writer_undo(writer);
	} else {
		if (segment)
			list_push(map, segment);
		hmfs_newest_destroy(frozen);
		map->frozen = NULL;
		map->shape++;
		hmfs_map_changed(map);
	}
	hmfs_writer_destroy(writer);
	return error;
}

void hmfs_map_root(const struct hmfs_map *map, struct hmfs_map_root *root)
{
	memset(root, 0, sizeof(*root));
	root->count = map->count;
	for (unsigned i = 0; i < map->count; i++)
		root->segments[i] = map->segments[i]->pointer;
}
