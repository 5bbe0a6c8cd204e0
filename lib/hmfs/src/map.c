/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A map's list: looking up along it, changing its newest map.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

int hmfs_map_open(struct hmfs_map *map, struct hmfs_context *context,
		  const struct hmfs_map_root *root)
{
	*map = (struct hmfs_map){
		.context = context,
		.merge_failed = UINT64_MAX,
		.merge_limit = UINT64_MAX,
	};
	if (root->count > HMFS_LIST_MAX)
		return -EIO;
	map->newest = hmfs_newest_create(context->host);
	if (!map->newest)
		return -ENOMEM;
	for (; map->count < root->count; map->count++) {
		struct hmfs_segment *segment =
			hmfs_segment_create(context, &root->segments[map->count]);

		if (!segment) {
			hmfs_map_close(map);
			return -ENOMEM;
		}
		map->segments[map->count] = segment;
	}
	return 0;
}

void hmfs_map_close(struct hmfs_map *map)
{
	hmfs_map_merge_stop(map);
	hmfs_newest_destroy(map->newest);
	hmfs_newest_destroy(map->frozen);
	for (unsigned i = 0; i < map->count; i++)
		hmfs_segment_destroy(map->context, map->segments[i]);
	*map = (struct hmfs_map){ .context = map->context };
}

void hmfs_map_changed(struct hmfs_map *map)
{
	map->generation++;
	map->unlogged = map->newest->unlogged_count;
	if (map->frozen)
		map->unlogged += map->frozen->unlogged_count;
}

static ssize_t value_copy(const struct hmfs_value *found, void *value, size_t size)
{
	if (found->removed)
		return -ENOENT;
	if (found->length && size)
		memcpy(value, found->bytes, min_size(found->length, size));
	return found->length;
}

/* From the segments. */
static ssize_t get_on_disk(struct hmfs_map *map, const struct hmfs_key *key, void *value,
			   size_t size)
{
	const uint64_t hash = hmfs_filter_hash(key);

	for (unsigned i = 0; i < map->count; i++) {
		struct hmfs_value found;
		struct hmfs_node *node;
		ssize_t length = hmfs_segment_find(map->context, map->segments[i],
						   i + 1 == map->count, key, hash, &found, &node);

		if (length == -ENOENT)
			continue;
		if (length == 0) {
			length = value_copy(&found, value, size);
			hmfs_node_put(node);
		}
		return length;
	}
	return -ENOENT;
}

ssize_t hmfs_map_get(struct hmfs_map *map, const struct hmfs_key *key, void *value, size_t size)
{
	const struct hmfs_entry *entry = hmfs_newest_find(map->newest, key);
	struct hmfs_value found;

	if (!entry && map->frozen)
		entry = hmfs_newest_find(map->frozen, key);
	if (!entry)
		return get_on_disk(map, key, value, size);
	found = hmfs_entry_value(entry);
	return value_copy(&found, value, size);
}

static int map_change(struct hmfs_map *map, const struct hmfs_key *key, const void *value,
		      size_t length, bool removed)
{
	struct hmfs_newest *target = map->redirected ? map->frozen : map->newest;
	int error = hmfs_newest_put(target, key, value, length, removed);

	if (map->redirected && !error) {
		hmfs_newest_logged(target, target->last);
		map->shape++;
	}
	hmfs_map_changed(map);
	return error;
}

int hmfs_map_put(struct hmfs_map *map, const struct hmfs_key *key, const void *value, size_t length)
{
	return length > HMFS_VALUE_MAX ? -EINVAL : map_change(map, key, value, length, false);
}

int hmfs_map_remove(struct hmfs_map *map, const struct hmfs_key *key)
{
	return map_change(map, key, NULL, 0, true);
}

int hmfs_map_prepare(struct hmfs_map *map, unsigned entries, size_t bytes)
{
	return hmfs_newest_prepare(map->redirected ? map->frozen : map->newest, entries, bytes);
}

static int visit_unlogged(struct hmfs_newest *newest,
			  int (*visit)(void *context, const struct hmfs_key *key,
				       const struct hmfs_value *value),
			  void *context)
{
	struct list_node *node;

	list_for_each (node, &newest->unlogged) {
		struct hmfs_entry *entry = container_of(node, struct hmfs_entry, unlogged);
		struct hmfs_value value = hmfs_entry_value(entry);
		int error = visit(context, &entry->key, &value);

		if (error)
			return error;
	}
	return 0;
}

int hmfs_map_take_unlogged(struct hmfs_map *map,
			   int (*visit)(void *context, const struct hmfs_key *key,
					const struct hmfs_value *value),
			   void *context)
{
	/* A frozen map is one whose commit failed: its changes are still to be logged. */
	int error = map->frozen ? visit_unlogged(map->frozen, visit, context) : 0;

	if (!error)
		error = visit_unlogged(map->newest, visit, context);
	if (error)
		return error;
	if (map->frozen)
		hmfs_newest_all_logged(map->frozen);
	hmfs_newest_all_logged(map->newest);
	map->unlogged = 0;
	return 0;
}
