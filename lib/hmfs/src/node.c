/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes on disk: read, verified, healed from their second copy; kept in memory.
 *
 * The cache finds nodes by the address of their first copy. One is only taken for the pointer's
 * if it has the pointer's checksum too, so that what was cached of blocks that were freed and
 * written again does no harm. Nodes that nobody holds go by a clock: the hand spares those that
 * were used since it last came by.
 */
#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <hmfs/volume.h>

#include "map_priv.h"

#define SUM_COMPARED 16u
#define TABLE_LEAST  64u
#define ROW_BLOCKS   256u

struct hmfs_node_cache {
	struct hmfs_node **table;
	uint64_t mask;
	struct list clock; /* all nodes; the hand is at the front */
	uint64_t count;
	size_t bytes, limit;
};

int hmfs_node_cache_create(struct hmfs_context *context, size_t bytes)
{
	struct hmfs_node_cache *cache = context->host->allocate(sizeof(*cache));
	uint64_t slots = TABLE_LEAST;

	if (!cache)
		return -ENOMEM;
	while (slots < bytes / HMFS_NODE_SIZE * 2)
		slots *= 2;
	*cache = (struct hmfs_node_cache){ .mask = slots - 1, .limit = bytes };
	list_init(&cache->clock);
	cache->table = context->host->allocate(slots * sizeof(*cache->table));
	if (!cache->table) {
		context->host->release(cache);
		return -ENOMEM;
	}
	memset(cache->table, 0, slots * sizeof(*cache->table));
	context->cache = cache;
	return 0;
}

static struct hmfs_node **slot_of(struct hmfs_node_cache *cache, uint64_t address)
{
	return &cache->table[(address * 0x9e3779b97f4a7c15u >> 20) & cache->mask];
}

static size_t node_bytes(const struct hmfs_node *node)
{
	return sizeof(*node) + node->pointer.blocks * (size_t)HMFS_BLOCK_SIZE;
}

static void node_free(const struct hmfs_host *host, struct hmfs_node *node)
{
	host->release((void *)(uintptr_t)node->header);
	host->release(node);
}

static void node_evict(struct hmfs_context *context, struct hmfs_node *node)
{
	struct hmfs_node_cache *cache = context->cache;
	struct hmfs_node **link = slot_of(cache, node->pointer.address[0]);

	while (*link != node)
		link = &(*link)->chain;
	*link = node->chain;
	list_remove(&node->clock);
	cache->count--;
	cache->bytes -= node_bytes(node);
	node_free(context->host, node);
}

/* Evicts until `bytes` were freed, or the hand has come by all nodes twice. */
static size_t cache_evict(struct hmfs_context *context, size_t bytes)
{
	struct hmfs_node_cache *cache = context->cache;
	uint64_t looks = cache->count * 2;
	size_t freed = 0;

	for (; looks && freed < bytes && !list_empty(&cache->clock); looks--) {
		struct hmfs_node *node =
			container_of(list_first(&cache->clock), struct hmfs_node, clock);

		if (!node->references && !node->used) {
			freed += node_bytes(node);
			node_evict(context, node);
			continue;
		}
		node->used = false;
		list_remove(&node->clock);
		list_push_back(&cache->clock, &node->clock);
	}
	return freed;
}

size_t hmfs_node_cache_shrink(struct hmfs_context *context, size_t bytes)
{
	return cache_evict(context, bytes);
}

size_t hmfs_node_cache_limit(const struct hmfs_context *context)
{
	return context->cache->limit;
}

void hmfs_node_cache_destroy(struct hmfs_context *context)
{
	struct hmfs_node_cache *cache = context->cache;

	if (!cache)
		return;
	cache_evict(context, SIZE_MAX);
	context->host->release(cache->table);
	context->host->release(cache);
	context->cache = NULL;
}

void hmfs_node_forget(struct hmfs_context *context, uint64_t address, uint64_t blocks)
{
	struct hmfs_node_cache *cache = context->cache;

	if (!cache || !cache->count)
		return;
	for (uint64_t i = address; i < address + blocks; i++) {
		struct hmfs_node *node = *slot_of(cache, i);

		while (node && node->pointer.address[0] != i)
			node = node->chain;
		if (node && !node->references)
			node_evict(context, node);
	}
}

static struct hmfs_node *cache_find(struct hmfs_node_cache *cache,
				    const struct hmfs_pointer *pointer)
{
	struct hmfs_node *node = *slot_of(cache, pointer->address[0]);

	for (; node; node = node->chain)
		if (node->pointer.address[0] == pointer->address[0] &&
		    node->pointer.blocks == pointer->blocks &&
		    memcmp(node->pointer.sum, pointer->sum, SUM_COMPARED) == 0)
			return node;
	return NULL;
}

static void cache_add(struct hmfs_context *context, struct hmfs_node *node)
{
	struct hmfs_node_cache *cache = context->cache;
	struct hmfs_node **slot = slot_of(cache, node->pointer.address[0]);

	node->chain = *slot;
	*slot = node;
	list_push_back(&cache->clock, &node->clock);
	cache->count++;
	cache->bytes += node_bytes(node);
	if (cache->bytes > cache->limit)
		cache_evict(context, cache->bytes - cache->limit);
}

static void *allocate(struct hmfs_context *context, size_t size)
{
	void *memory = context->host->allocate(size);

	if (!memory && cache_evict(context, SIZE_MAX))
		memory = context->host->allocate(size);
	return memory;
}

/* A node for the pointer with room for its bytes, which nobody else knows. */
static struct hmfs_node *node_create(struct hmfs_context *context,
				     const struct hmfs_pointer *pointer)
{
	struct hmfs_node *node = allocate(context, sizeof(*node));

	if (!node)
		return NULL;
	*node = (struct hmfs_node){ .pointer = *pointer };
	list_node_init(&node->clock);
	node->header = allocate(context, pointer->blocks * (size_t)HMFS_BLOCK_SIZE);
	if (node->header)
		return node;
	context->host->release(node);
	return NULL;
}

static bool sum_matches(struct hmfs_context *context, const struct hmfs_pointer *pointer,
			const void *bytes)
{
	uint8_t sum[HMFS_SUM_MAX];

	hmfs_sum(context->hash, bytes, pointer->blocks * (size_t)HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, pointer->sum, hmfs_sum_size(context->hash)) == 0;
}

static bool pointer_valid(struct hmfs_context *context, const struct hmfs_pointer *pointer)
{
	const uint64_t blocks = context->device->blocks;

	if (pointer->blocks == 0 || pointer->blocks > HMFS_NODE_BLOCKS)
		return false;
	for (unsigned copy = 0; copy < 2; copy++)
		if (pointer->address[copy] == 0 || pointer->address[copy] >= blocks ||
		    blocks - pointer->address[copy] < pointer->blocks)
			return false;
	return true;
}

int hmfs_node_read_copy(struct hmfs_context *context, const struct hmfs_pointer *pointer,
			unsigned copy, void *buffer)
{
	struct hmfs_device *device = context->device;
	int error;

	if (!pointer_valid(context, pointer))
		return -EIO;
	context->node_reads++;
	error = device->ops->read(device, pointer->address[copy], pointer->blocks, buffer);
	if (error)
		return error == -ENOMEM ? error : -EIO;
	return sum_matches(context, pointer, buffer) ? 0 : -EIO;
}

static void damage(struct hmfs_context *context, const struct hmfs_pointer *pointer, unsigned copy,
		   bool healed, const char *what)
{
	if (context->damage)
		context->damage(context->volume, pointer, copy, healed, what);
}

/* The first copy was bad: from the second, which it is then healed from. */
static int node_read_second(struct hmfs_context *context, const struct hmfs_pointer *pointer,
			    void *buffer)
{
	struct hmfs_device *device = context->device;
	const bool may_heal = !device->read_only && !context->no_healing;
	int error = hmfs_node_read_copy(context, pointer, 1, buffer);

	if (error == -ENOMEM)
		return error;
	if (error) {
		damage(context, pointer, 0, false, "both copies of a node are damaged");
		return -EIO;
	}
	if (may_heal)
		error = device->ops->write(device, pointer->address[0], pointer->blocks, buffer);
	damage(context, pointer, 0, true,
	       error || !may_heal
		       ? "a copy of a node is damaged, and the other one was used"
		       : "a copy of a node was damaged, and is healed from the other one");
	return 0;
}

static int node_read(struct hmfs_context *context, const struct hmfs_pointer *pointer,
		     struct hmfs_node **made)
{
	struct hmfs_node *node;
	void *bytes;
	int error;

	if (!pointer_valid(context, pointer))
		return -EIO;
	node = node_create(context, pointer);
	if (!node)
		return -ENOMEM;
	bytes = (void *)(uintptr_t)node->header;
	error = hmfs_node_read_copy(context, pointer, 0, bytes);
	if (error == -EIO)
		error = node_read_second(context, pointer, bytes);
	if (!error) {
		error = hmfs_node_check(context, node);
		if (error)
			damage(context, pointer, 0, false, "a node makes no sense");
	}
	if (error) {
		node_free(context->host, node);
		return error;
	}
	*made = node;
	return 0;
}

int hmfs_node_get(struct hmfs_context *context, const struct hmfs_pointer *pointer,
		  struct hmfs_node **got)
{
	struct hmfs_node *node = cache_find(context->cache, pointer);

	if (!node) {
		int error = node_read(context, pointer, &node);

		if (error)
			return error;
		node->references++;
		cache_add(context, node);
		*got = node;
		return 0;
	}
	node->used = true;
	node->references++;
	*got = node;
	return 0;
}

void hmfs_node_put(struct hmfs_node *node)
{
	if (node)
		node->references--;
}

void hmfs_node_insert(struct hmfs_context *context, const struct hmfs_pointer *pointer,
		      const void *bytes)
{
	struct hmfs_node *node;

	if (cache_find(context->cache, pointer))
		return;
	node = node_create(context, pointer);
	if (!node)
		return;
	memcpy((void *)(uintptr_t)node->header, bytes, pointer->blocks * (size_t)HMFS_BLOCK_SIZE);
	if (hmfs_node_check(context, node) < 0) {
		node_free(context->host, node);
		return;
	}
	cache_add(context, node);
}

void hmfs_node_child_pointer(struct hmfs_context *context, const struct hmfs_node *node,
			     unsigned position, struct hmfs_pointer *pointer)
{
	const struct hmfs_index_slot *slot = (const struct hmfs_index_slot *)node->slots + position;
	const size_t size = hmfs_sum_size(context->hash);

	*pointer = (struct hmfs_pointer){
		.address = { slot->address[0] & HMFS_SLOT_ADDRESS, slot->address[1] },
		.blocks = (uint32_t)(slot->address[0] >> 56),
	};
	memcpy(pointer->sum, node->rest + position * size, size);
}

int hmfs_node_child(struct hmfs_context *context, const struct hmfs_node *node, unsigned position,
		    struct hmfs_node **child)
{
	struct hmfs_pointer pointer;
	int error;

	hmfs_node_child_pointer(context, node, position, &pointer);
	error = hmfs_node_get(context, &pointer, child);
	if (error)
		return error;
	/* That levels fall bounds the depth; that first keys agree makes it a tree, in which no
	 * node is met twice. */
	if ((*child)->header->level + 1 == node->header->level &&
	    hmfs_key_compare(&(*child)->keys[0], &node->keys[position]) == 0)
		return 0;
	damage(context, &pointer, 0, false, "a node is not where it belongs");
	hmfs_node_put(*child);
	return -EIO;
}

/* How many children from `position` on lie in a row, and how many blocks they are. */
static unsigned row_length(struct hmfs_context *context, const struct hmfs_node *node,
			   unsigned position, unsigned count, struct hmfs_pointer *first,
			   uint64_t *blocks)
{
	unsigned found = 0;

	*blocks = 0;
	for (; found < count && position + found < node->count; found++) {
		struct hmfs_pointer pointer;

		hmfs_node_child_pointer(context, node, position + found, &pointer);
		if (!pointer_valid(context, &pointer) || *blocks + pointer.blocks > ROW_BLOCKS)
			break;
		if (!found)
			*first = pointer;
		else if (pointer.address[0] != first->address[0] + *blocks)
			break;
		*blocks += pointer.blocks;
	}
	return found;
}

void hmfs_node_read_row(struct hmfs_context *context, const struct hmfs_node *node,
			unsigned position, unsigned count, bool free_lock)
{
	const struct hmfs_host *host = context->host;
	struct hmfs_pointer pointer;
	uint64_t blocks;
	uint8_t *buffer, *bytes;
	int error;

	count = row_length(context, node, position, count, &pointer, &blocks);
	if (count < 2 || cache_find(context->cache, &pointer))
		return;
	buffer = host->allocate(blocks * HMFS_BLOCK_SIZE);
	if (!buffer)
		return;
	if (free_lock && host->unlock)
		host->unlock(host->context);
	context->node_reads++;
	error = context->device->ops->read(context->device, pointer.address[0], blocks, buffer);
	if (free_lock && host->lock)
		host->lock(host->context);
	for (bytes = buffer; !error && count; count--, position++) {
		hmfs_node_child_pointer(context, node, position, &pointer);
		if (sum_matches(context, &pointer, bytes))
			hmfs_node_insert(context, &pointer, bytes);
		bytes += pointer.blocks * (size_t)HMFS_BLOCK_SIZE;
	}
	host->release(buffer);
}

unsigned hmfs_node_search(const struct hmfs_node *node, const struct hmfs_key *key)
{
	const struct hmfs_key *keys = node->keys;
	unsigned low = 0, count = node->count;

	while (count) {
		unsigned half = count / 2;

		if (hmfs_key_compare(&keys[low + half], key) <= 0) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}
