/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The newest map of a list, which takes all changes: a tree in memory.
 *
 * Entries and values are cut from chunks of memory and never given back one by one; what a value
 * outgrows is lost until the map goes, which a commit sees to. Values that grow get room to grow
 * on, so that no more is lost than is kept.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_MOST  ((size_t)64 << 10)
/* What an entry takes beside its value, rounding included. */
#define ENTRY_ROOM (sizeof(struct hmfs_entry) + 32)

struct hmfs_newest *hmfs_newest_create(const struct hmfs_host *host)
{
	struct hmfs_newest *newest = host->allocate(sizeof(*newest));

	if (!newest)
		return NULL;
	*newest = (struct hmfs_newest){ .host = host };
	list_init(&newest->unlogged);
	return newest;
}

void hmfs_newest_destroy(struct hmfs_newest *newest)
{
	if (!newest)
		return;
	while (newest->chunks) {
		struct hmfs_newest_chunk *chunk = newest->chunks;

		newest->chunks = chunk->next;
		newest->host->release(chunk);
	}
	newest->host->release(newest);
}

size_t hmfs_newest_bytes(const struct hmfs_newest *newest)
{
	return newest->bytes;
}

uint64_t hmfs_newest_count(const struct hmfs_newest *newest)
{
	return newest->count;
}

/* The newest chunk has `size` more bytes. */
static int chunk_reserve(struct hmfs_newest *newest, size_t size)
{
	struct hmfs_newest_chunk *chunk = newest->chunks;
	size_t wanted;

	if (chunk && chunk->size - newest->used >= size)
		return 0;
	wanted = chunk ? min_size(chunk->size * 2, CHUNK_MOST) : CHUNK_FIRST;
	if (wanted < size + sizeof(*chunk))
		wanted = align_up(size + sizeof(*chunk), CHUNK_FIRST);
	chunk = newest->host->allocate(wanted);
	if (!chunk)
		return -ENOMEM;
	chunk->size = wanted;
	chunk->next = newest->chunks;
	newest->chunks = chunk;
	newest->used = sizeof(*chunk);
	return 0;
}

/* `size` bytes, which chunk_reserve() found. */
static void *chunk_cut(struct hmfs_newest *newest, size_t size)
{
	void *memory = (uint8_t *)newest->chunks + newest->used;

	newest->used += size;
	newest->bytes += size;
	return memory;
}

/* The room that a value gets: a third more than it needs where it grew before. */
static size_t value_room(size_t length, bool grew)
{
	return align_up(length + (grew ? length / 3 : 0), 8);
}

int hmfs_newest_prepare(struct hmfs_newest *newest, unsigned entries, size_t bytes)
{
	return chunk_reserve(newest, entries * ENTRY_ROOM + bytes + bytes / 3);
}

static struct hmfs_entry *entry_of(const struct rbtree_node *node)
{
	return container_of(node, struct hmfs_entry, node);
}

static int entry_compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	return hmfs_key_compare(&entry_of(a)->key, &entry_of(b)->key);
}

static struct hmfs_entry *entry_find(struct hmfs_newest *newest, const struct hmfs_key *key)
{
	struct rbtree_node *node = newest->tree.root;

	if (newest->last && hmfs_key_compare(key, &newest->last->key) == 0)
		return newest->last;
	while (node) {
		int order = hmfs_key_compare(key, &entry_of(node)->key);

		if (order == 0) {
			newest->last = entry_of(node);
			return newest->last;
		}
		node = node->child[order > 0];
	}
	return NULL;
}

const struct hmfs_entry *hmfs_newest_find(struct hmfs_newest *newest, const struct hmfs_key *key)
{
	return entry_find(newest, key);
}

const struct hmfs_entry *hmfs_newest_seek(const struct hmfs_newest *newest,
					  const struct hmfs_key *from)
{
	const struct rbtree_node *node = newest->tree.root;
	const struct hmfs_entry *found = NULL;

	while (node) {
		bool before = hmfs_key_compare(&entry_of(node)->key, from) < 0;

		if (!before)
			found = entry_of(node);
		node = node->child[before];
	}
	return found;
}

const struct hmfs_entry *hmfs_newest_next(const struct hmfs_entry *entry)
{
	const struct rbtree_node *node = rbtree_next(&entry->node);

	return node ? entry_of(node) : NULL;
}

static void entry_changed(struct hmfs_newest *newest, struct hmfs_entry *entry)
{
	if (list_node_attached(&entry->unlogged))
		list_remove(&entry->unlogged);
	else
		newest->unlogged_count++;
	list_push_back(&newest->unlogged, &entry->unlogged);
}

static struct hmfs_entry *entry_create(struct hmfs_newest *newest, const struct hmfs_key *key)
{
	struct hmfs_entry *entry = chunk_cut(newest, sizeof(*entry));

	*entry = (struct hmfs_entry){ .key = *key };
	list_node_init(&entry->unlogged);
	rbtree_insert(&newest->tree, &entry->node, entry_compare);
	newest->count++;
	newest->last = entry;
	return entry;
}

int hmfs_newest_put(struct hmfs_newest *newest, const struct hmfs_key *key, const void *value,
		    size_t length, bool removed)
{
	struct hmfs_entry *entry = entry_find(newest, key);
	const bool fits = entry && length <= entry->capacity;
	const size_t room = value_room(length, entry && entry->capacity);

	if (!fits && chunk_reserve(newest, room + sizeof(*entry)) < 0)
		return -ENOMEM;
	if (!entry)
		entry = entry_create(newest, key);
	if (length > entry->capacity) {
		uint8_t *bytes = chunk_cut(newest, room);

		memcpy(bytes, value, length);
		entry->bytes = bytes;
		entry->capacity = (uint16_t)room;
	} else if (length) {
		/* The value may come from this very entry. */
		memmove(entry->bytes, value, length);
	}
	newest->value_bytes += length - entry->length;
	entry->length = (uint16_t)length;
	entry->removed = removed;
	entry_changed(newest, entry);
	return 0;
}

void hmfs_newest_logged(struct hmfs_newest *newest, struct hmfs_entry *entry)
{
	if (list_node_attached(&entry->unlogged))
		newest->unlogged_count--;
	list_remove(&entry->unlogged);
}

int hmfs_newest_fold(struct hmfs_newest *newest, struct hmfs_newest *older)
{
	struct rbtree_node *node = rbtree_first(&older->tree);

	for (; node; node = rbtree_next(node)) {
		struct hmfs_entry *entry = entry_of(node);

		if (entry_find(newest, &entry->key))
			continue;
		if (hmfs_newest_put(newest, &entry->key, entry->bytes, entry->length,
				    entry->removed) < 0)
			return -ENOMEM;
		if (!list_node_attached(&entry->unlogged))
			hmfs_newest_logged(newest, newest->last);
	}
	return 0;
}

void hmfs_newest_all_logged(struct hmfs_newest *newest)
{
	while (list_pop_front(&newest->unlogged))
		;
	newest->unlogged_count = 0;
}
