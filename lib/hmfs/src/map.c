/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A map's list: looking up along it, changing its newest map, freezing that for a commit.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

int hmfs_map_open(struct hmfs_map *map, struct hmfs_context *context,
		  const struct hmfs_map_root *root)
{
	*map = (struct hmfs_map){ .context = context };
	if (root->count > HMFS_LIST_MAX)
		return -EIO;
	map->newest = hmfs_newest_create(context->host);
	if (!map->newest)
		return -ENOMEM;
	return 0;
}

void hmfs_map_close(struct hmfs_map *map)
{
	hmfs_newest_destroy(map->newest);
	hmfs_newest_destroy(map->frozen);
	*map = (struct hmfs_map){ .context = map->context };
}

static void map_changed(struct hmfs_map *map)
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
	memcpy(value, found->bytes, min_size(found->length, size));
	return found->length;
}

ssize_t hmfs_map_get(struct hmfs_map *map, const struct hmfs_key *key, void *value, size_t size)
{
	const struct hmfs_entry *entry = hmfs_newest_find(map->newest, key);
	struct hmfs_value found;

	if (!entry && map->frozen)
		entry = hmfs_newest_find(map->frozen, key);
	if (!entry)
		return -ENOENT;
	found = hmfs_entry_value(entry);
	return value_copy(&found, value, size);
}

int hmfs_map_put(struct hmfs_map *map, const struct hmfs_key *key, const void *value, size_t length)
{
	int error;

	if (length > HMFS_VALUE_MAX)
		return -EINVAL;
	error = hmfs_newest_put(map->newest, key, value, length, false);
	map_changed(map);
	return error;
}

int hmfs_map_remove(struct hmfs_map *map, const struct hmfs_key *key)
{
	int error = hmfs_newest_put(map->newest, key, NULL, 0, true);

	map_changed(map);
	return error;
}

int hmfs_map_prepare(struct hmfs_map *map, unsigned entries, size_t bytes)
{
	return hmfs_newest_prepare(map->newest, entries, bytes);
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
	}
	if (hmfs_newest_count(map->newest) == 0)
		return 0;
	empty = hmfs_newest_create(map->context->host);
	if (!empty)
		return -ENOMEM;
	map->frozen = map->newest;
	map->newest = empty;
	map_changed(map);
	return 0;
}
