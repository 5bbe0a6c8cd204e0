/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chains of clusters. What was walked once is remembered as runs, so that neither reading nor
 * writing looks at the FAT again; of a chain with very many runs only a part is remembered.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "fat_priv.h"

#define RUNS_FIRST 4u
#define RUNS_MAX   65536u

void fat_map_init(struct fat_map *map)
{
	*map = (struct fat_map){ 0 };
	spinlock_init(&map->lock, RANK_LEAF, "fat map");
}

void fat_map_reset(struct fat_map *map)
{
	struct fat_run *runs;

	spin_lock(&map->lock);
	runs = map->runs;
	map->runs = NULL;
	map->run_count = map->run_capacity = 0;
	map->base = map->known = 0;
	map->complete = false;
	spin_unlock(&map->lock);
	map->seen = map->seen_steps = map->seen_limit = 0;
	kfree(runs);
}

/* --- Looking. --- */

/* 1: found; 0: not there; -EAGAIN: not known. */
static int look_up(struct fat_map *map, uint32_t index, uint32_t *cluster, uint32_t *count)
{
	uint32_t low = 0, high;
	int result;

	spin_lock(&map->lock);
	high = map->run_count;
	result = map->complete && index >= map->known ? 0 : -EAGAIN;
	if (index >= map->base && index < map->known) {
		const struct fat_run *run;

		while (high - low > 1) {
			uint32_t middle = low + (high - low) / 2;

			if (map->runs[middle].index <= index)
				low = middle;
			else
				high = middle;
		}
		run = &map->runs[low];
		*cluster = run->cluster + (index - run->index);
		*count = run->count - (index - run->index);
		result = 1;
	}
	spin_unlock(&map->lock);
	return result;
}

bool fat_chain_covers(struct fat_node *node, uint32_t count)
{
	return __atomic_load_n(&node->map.known, __ATOMIC_RELAXED) >= count;
}

/* --- Growing what is known; fs->lock is held. --- */

/* Makes room for one more run. What is full and cannot grow is forgotten, but for its end. */
static int reserve_run(struct fat_map *map)
{
	uint32_t capacity = map->run_capacity ? 2 * map->run_capacity : RUNS_FIRST;
	struct fat_run *runs, *old;

	if (map->run_count < map->run_capacity)
		return 0;
	runs = capacity <= RUNS_MAX ? kmalloc(capacity * sizeof(*runs)) : NULL;
	if (!runs && !map->run_count)
		return -ENOMEM;
	spin_lock(&map->lock);
	old = map->runs;
	if (runs) {
		if (map->run_count)
			memcpy(runs, old, map->run_count * sizeof(*runs));
		map->runs = runs;
		map->run_capacity = capacity;
	} else {
		old = NULL;
		map->run_count = 0;
		map->base = map->known;
	}
	spin_unlock(&map->lock);
	kfree(old);
	return 0;
}

/* Adds clusters at the end of what is known. */
static int append(struct fat_map *map, uint32_t cluster, uint32_t count)
{
	struct fat_run *last = map->run_count ? &map->runs[map->run_count - 1] : NULL;
	int error;

	if (!last || last->cluster + last->count != cluster) {
		error = reserve_run(map);
		if (error)
			return error;
		last = NULL;
	}
	spin_lock(&map->lock);
	if (last)
		last->count += count;
	else
		map->runs[map->run_count++] =
			(struct fat_run){ .index = map->known, .cluster = cluster, .count = count };
	__atomic_store_n(&map->known, map->known + count, __ATOMIC_RELAXED);
	spin_unlock(&map->lock);
	return 0;
}

/* The last cluster that is known. */
static uint32_t last_known(const struct fat_map *map)
{
	const struct fat_run *last = map->run_count ? &map->runs[map->run_count - 1] : NULL;

	return last ? last->cluster + last->count - 1 : 0;
}

/* True if the chain has come back to where it was: Brent's way, without memory. */
static bool is_loop(struct fat_map *map, uint32_t cluster)
{
	if (map->seen_steps == map->seen_limit) {
		map->seen = cluster;
		map->seen_steps = 0;
		map->seen_limit = map->seen_limit ? 2 * map->seen_limit : 1;
		return false;
	}
	map->seen_steps++;
	return cluster == map->seen;
}

/* One more cluster of the chain becomes known, or its end. */
static int step(struct fat_node *node)
{
	struct fat_map *map = &node->map;
	uint32_t next = node->start;
	int error = 0;

	if (map->known)
		error = fat_table_next(node->fs, last_known(map), &next);
	if (error)
		return error;
	if (!next) {
		spin_lock(&map->lock);
		map->complete = true;
		spin_unlock(&map->lock);
		return 0;
	}
	if (!fat_cluster_valid(&node->fs->geometry, next))
		return fat_complain(node->fs, "a file begins at %#x, which is no cluster", next);
	if (is_loop(map, next) || map->known >= node->fs->geometry.cluster_end)
		return fat_complain(node->fs, "the chain from cluster %#x is a loop", node->start);
	return append(map, next, 1);
}

int fat_chain_find_locked(struct fat_node *node, uint32_t index, uint32_t *cluster, uint32_t *count)
{
	int result = look_up(&node->map, index, cluster, count);

	/* What is before the part that is known is walked to anew. */
	if (result == -EAGAIN && index < node->map.base)
		fat_map_reset(&node->map);
	while (result == -EAGAIN) {
		int error = step(node);

		if (error)
			return error;
		if (node->map.complete || node->map.known > index)
			result = look_up(&node->map, index, cluster, count);
	}
	return result;
}

int fat_chain_find(struct fat_node *node, uint32_t index, uint32_t *cluster, uint32_t *count)
{
	int result = look_up(&node->map, index, cluster, count);

	if (result != -EAGAIN)
		return result;
	mutex_lock(&node->fs->lock);
	result = fat_chain_find_locked(node, index, cluster, count);
	mutex_unlock(&node->fs->lock);
	return result;
}

int fat_chain_length(struct fat_node *node, uint32_t *length)
{
	while (!node->map.complete) {
		int error = step(node);

		if (error)
			return error;
	}
	*length = node->map.known;
	return 0;
}

/* --- Changing chains; fs->lock is held. --- */

/* Forgets what is known from `length` on, where the chain now ends. */
static void forget_from(struct fat_map *map, uint32_t length)
{
	if (length < map->base) {
		fat_map_reset(map);
		return;
	}
	spin_lock(&map->lock);
	while (map->run_count && map->runs[map->run_count - 1].index >= length)
		map->run_count--;
	if (map->run_count) {
		struct fat_run *last = &map->runs[map->run_count - 1];

		last->count = (uint32_t)min_u64(last->count, length - last->index);
	}
	__atomic_store_n(&map->known, length, __ATOMIC_RELAXED);
	if (!map->run_count)
		map->base = map->known = 0;
	map->complete = map->run_count || length == 0;
	spin_unlock(&map->lock);
	map->seen = map->seen_steps = map->seen_limit = 0;
}

/* Takes back what fat_chain_grow() added past `length`: nobody has seen it. */
static void shrink_back(struct fat_node *node, uint32_t length, uint32_t last, uint32_t added)
{
	if (added && fat_table_free_chain(node->fs, added))
		return; /* noted; clusters may be lost */
	if (last) {
		if (fat_table_write(node->fs, last, FAT_CLUSTER_END))
			return;
	} else {
		node->start = 0;
	}
	node->linked_at = 0;
	forget_from(&node->map, length);
}

/* Adds one run to the end of the chain, `last` (0: there is none yet). */
static int add_run(struct fat_node *node, uint32_t last, uint32_t wanted, uint32_t *first)
{
	struct fat *fs = node->fs;
	uint32_t count;
	int error;

	*first = 0;
	error = fat_table_allocate(fs, last ? last + 1 : 0, wanted, first, &count);

	if (error)
		return error;
	if (!last) {
		node->start = *first;
		node->linked_at = fs->writes_of_table;
	} else if (node->linked_at == fs->writes_of_table) {
		error = fat_table_write(fs, last, *first);
	} else {
		/* What is on disk must not lead to what is not. */
		error = fat_table_link(fs, last, *first);
		node->linked_at = fs->writes_of_table;
	}
	if (!error)
		error = append(&node->map, *first, count);
	return error;
}

/* The clusters that would be free if all was on disk that is to be. */
static int retry_with_freed(struct fat *fs)
{
	fat_nodes_reap(fs);
	return list_empty(&fs->deferred) ? -ENOSPC : fat_commit(fs);
}

int fat_chain_start(struct fat *fs, uint32_t *cluster)
{
	uint32_t count;
	int error = fat_table_allocate(fs, 0, 1, cluster, &count);

	if (error == -ENOSPC)
		error = retry_with_freed(fs);
	else
		return error;
	return error ? error : fat_table_allocate(fs, 0, 1, cluster, &count);
}

int fat_chain_grow(struct fat_node *node, uint32_t length)
{
	uint32_t before = 0, last, first, added = 0;
	struct fat *fs = node->fs;
	int error = 0;

	if (node->map.complete && node->map.known >= length)
		return 0;
	/* A chain that was cut still is whole in the FAT until the next commit. */
	if (node->cut_at == fs->generation)
		error = fat_commit(fs);
	if (!error)
		error = fat_chain_length(node, &before);
	if (error || before >= length)
		return error;
	last = last_known(&node->map);
	while (!error && node->map.known < length) {
		error = add_run(node, last_known(&node->map), length - node->map.known, &first);
		if (!added)
			added = first;
		if (error == -ENOSPC)
			error = retry_with_freed(fs);
	}
	if (error)
		shrink_back(node, before, last, added);
	return error;
}

int fat_chain_cut(struct fat_node *node, uint32_t length)
{
	struct fat_deferred *deferred;
	uint32_t first, last = 0, count;
	int found;

	found = fat_chain_find_locked(node, length, &first, &count);
	if (found <= 0)
		return found;
	if (length) {
		found = fat_chain_find_locked(node, length - 1, &last, &count);
		if (found <= 0)
			return found ? found : -EUCLEAN;
	}
	deferred = kmalloc(sizeof(*deferred));
	if (!deferred)
		return -ENOMEM;
	fat_defer(node->fs, deferred, last, first);
	if (length)
		node->cut_at = node->fs->generation;
	else
		node->start = 0;
	forget_from(&node->map, length);
	return 0;
}
