/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of nodes, written from below.
 *
 * A level takes a long run of blocks at a time, so that its nodes lie in a row and are written
 * (and later read) many at a time. An index node is completed only when one more child comes than
 * it has room for: at the end the topmost level has one node, which is the head.
 */
#include <base/errno.h>
#include <base/string.h>
#include <hmfs/volume.h>

#include "segment_tree.h"

#define BUFFER_BLOCKS 256u
#define RUN_BLOCKS    2048u

struct hmfs_tree_index {
	unsigned count, limit; /* children; bytes */
	/* In bytes[]: keys, slots, checksums, each with room for `most`. */
	unsigned most;
	struct hmfs_key *keys;
	struct hmfs_index_slot *slots;
	uint8_t *sums;
	_Alignas(8) uint8_t bytes[HMFS_NODE_SIZE];
};

static size_t child_size(const struct hmfs_tree *tree)
{
	return sizeof(struct hmfs_key) + sizeof(struct hmfs_index_slot) +
	       hmfs_sum_size(tree->context->hash);
}

void hmfs_tree_init(struct hmfs_tree *tree, uint64_t blocks)
{
	for (unsigned level = 0; level < HMFS_LEVELS; level++) {
		tree->levels[level].expected = blocks;
		blocks = blocks / HMFS_NODE_BLOCKS * child_size(tree) / HMFS_BLOCK_SIZE + 1;
	}
}

void hmfs_tree_destroy(struct hmfs_tree *tree)
{
	const struct hmfs_host *host = tree->context->host;

	for (unsigned level = 0; level < HMFS_LEVELS; level++) {
		host->release(tree->levels[level].buffer);
		host->release(tree->levels[level].index);
	}
}

/* --- Runs and buffers --- */

static int level_flush(struct hmfs_tree *tree, struct hmfs_tree_level *level)
{
	struct hmfs_device *device = tree->context->device;
	const struct hmfs_host *host = tree->context->host;
	int error = 0;

	if (!level->buffered)
		return 0;
	if (tree->free_lock && host->unlock)
		host->unlock(host->context);
	for (unsigned copy = 0; copy < 2 && !error; copy++)
		error = device->ops->write(device, level->address[copy] - level->buffered,
					   level->buffered, level->buffer);
	if (tree->free_lock && host->lock)
		host->lock(host->context);
	tree->context->node_writes += 2u * level->buffered;
	level->buffered = 0;
	return error;
}

static void level_cut(struct hmfs_tree *tree, struct hmfs_tree_level *level)
{
	for (unsigned copy = 0; copy < 2 && level->room; copy++)
		hmfs_runs_cut(tree->runs, level->address[copy] + level->room, level->room);
	level->room = 0;
}

static int level_allocate(struct hmfs_tree *tree, struct hmfs_tree_level *level, unsigned least)
{
	const uint64_t wanted = min_u64(max_u64(level->expected, HMFS_NODE_BLOCKS), RUN_BLOCKS);
	uint64_t address[2], blocks;
	unsigned try = HMFS_NODE_BLOCKS;
	int error;

	do {
		error = hmfs_runs_allocate(tree->runs, try < least ? least : try, wanted, address,
					   &blocks);
		try /= 2;
	} while (error == -ENOSPC && try >= least && try);
	if (error)
		return error;
	if (address[0] != level->address[0] || address[1] != level->address[1]) {
		error = level_flush(tree, level);
		level->address[0] = address[0];
		level->address[1] = address[1];
	}
	level->room = blocks;
	level->fragmented = blocks < HMFS_NODE_BLOCKS;
	return error;
}

int hmfs_tree_begin(struct hmfs_tree *tree, unsigned number, unsigned least, unsigned *limit)
{
	struct hmfs_tree_level *level = &tree->levels[number];

	if (level->room < least || (level->room < HMFS_NODE_BLOCKS && !level->fragmented)) {
		int error;

		level_cut(tree, level);
		error = level_allocate(tree, level, least);
		if (error)
			return error;
	}
	*limit = (unsigned)min_u64(level->room, HMFS_NODE_BLOCKS);
	return 0;
}

static int level_buffer(struct hmfs_tree *tree, struct hmfs_tree_level *level)
{
	const uint64_t wanted = max_u64(level->expected, HMFS_NODE_BLOCKS);
	unsigned blocks = (unsigned)min_u64(align_up(wanted, HMFS_NODE_BLOCKS), BUFFER_BLOCKS);

	for (; blocks >= HMFS_NODE_BLOCKS; blocks /= 2) {
		level->buffer = tree->context->host->allocate(blocks * (size_t)HMFS_BLOCK_SIZE);
		if (level->buffer)
			break;
	}
	level->capacity = blocks;
	return level->buffer ? 0 : -ENOMEM;
}

int hmfs_tree_compose(struct hmfs_tree *tree, unsigned number, size_t used,
		      struct hmfs_node_header **node)
{
	struct hmfs_tree_level *level = &tree->levels[number];
	const unsigned blocks = (unsigned)((used + HMFS_BLOCK_SIZE - 1) / HMFS_BLOCK_SIZE);
	int error = level->buffer ? 0 : level_buffer(tree, level);

	if (!error && level->buffered + blocks > level->capacity)
		error = level_flush(tree, level);
	if (error)
		return error;
	*node = (void *)(level->buffer + level->buffered * (size_t)HMFS_BLOCK_SIZE);
	memset(*node, 0, blocks * (size_t)HMFS_BLOCK_SIZE);
	**node = (struct hmfs_node_header){
		.magic = HMFS_NODE_MAGIC,
		.level = (uint8_t)number,
		.used = (uint32_t)used,
		.blocks = blocks,
		.birth = tree->birth,
	};
	return 0;
}

/* The node that was composed last is complete: gives its pointer. */
static void level_place(struct hmfs_tree *tree, struct hmfs_tree_level *level,
			const struct hmfs_node_header *node)
{
	struct hmfs_pointer *pointer = &level->last;

	*pointer = (struct hmfs_pointer){
		.address = { level->address[0], level->address[1] },
		.blocks = node->blocks,
	};
	hmfs_sum(tree->context->hash, node, node->blocks * (size_t)HMFS_BLOCK_SIZE, pointer->sum);
	if (tree->keep)
		hmfs_node_insert(tree->context, pointer, node);
	level->address[0] += node->blocks;
	level->address[1] += node->blocks;
	level->room -= node->blocks;
	level->expected -= min_u64(level->expected, node->blocks);
	level->buffered += node->blocks;
	level->nodes++;
	tree->blocks += node->blocks;
}

/* --- Index nodes --- */

static int index_create(struct hmfs_tree *tree, struct hmfs_tree_level *level)
{
	struct hmfs_tree_index *index = tree->context->host->allocate(sizeof(*index));

	if (!index)
		return -ENOMEM;
	index->count = 0;
	index->most =
		(unsigned)((HMFS_NODE_SIZE - sizeof(struct hmfs_index_node)) / child_size(tree));
	index->keys = (void *)index->bytes;
	index->slots = (void *)(index->keys + index->most);
	index->sums = (void *)(index->slots + index->most);
	level->index = index;
	return 0;
}

static void index_append(const struct hmfs_tree *tree, struct hmfs_tree_index *index,
			 const struct hmfs_key *first, const struct hmfs_pointer *pointer)
{
	const size_t size = hmfs_sum_size(tree->context->hash);

	index->keys[index->count] = *first;
	index->slots[index->count] = (struct hmfs_index_slot){
		{ pointer->address[0] | (uint64_t)pointer->blocks << 56, pointer->address[1] },
	};
	memcpy(index->sums + index->count * size, pointer->sum, size);
	index->count++;
}

/* The index node of this level is complete: level->last is it, *first its first key. */
static int index_complete(struct hmfs_tree *tree, unsigned number,
			  const struct hmfs_pointer *filter, struct hmfs_key *first)
{
	struct hmfs_tree_level *level = &tree->levels[number];
	struct hmfs_tree_index *index = level->index;
	const unsigned count = index->count;
	struct hmfs_node_header *header;
	struct hmfs_index_node *node;
	uint8_t *to;
	int error =
		hmfs_tree_compose(tree, number, sizeof(*node) + count * child_size(tree), &header);

	if (error)
		return error;
	header->kind = HMFS_NODE_INDEX;
	header->count = (uint16_t)count;
	node = (struct hmfs_index_node *)header;
	if (filter)
		node->filter = *filter;
	to = (uint8_t *)(node + 1);
	memcpy(to, index->keys, count * sizeof(*index->keys));
	to += count * sizeof(*index->keys);
	memcpy(to, index->slots, count * sizeof(*index->slots));
	to += count * sizeof(*index->slots);
	memcpy(to, index->sums, count * hmfs_sum_size(tree->context->hash));
	*first = index->keys[0];
	index->count = 0;
	level_place(tree, level, header);
	return 0;
}

/* The last node of level `number` gets its place in the level above, which may complete a node
 * there, and so on. */
static int tree_add(struct hmfs_tree *tree, unsigned number, struct hmfs_key first)
{
	for (; number + 1 < HMFS_LEVELS; number++) {
		struct hmfs_tree_level *above = &tree->levels[number + 1];
		struct hmfs_key completed;
		unsigned limit;
		bool full;
		int error = above->index ? 0 : index_create(tree, above);

		if (error)
			return error;
		full = above->index->count &&
		       sizeof(struct hmfs_index_node) +
				       (above->index->count + 1) * child_size(tree) >
			       above->index->limit;
		if (full)
			error = index_complete(tree, number + 1, NULL, &completed);
		if (!error && !above->index->count) {
			error = hmfs_tree_begin(tree, number + 1, 1, &limit);
			above->index->limit = limit * HMFS_BLOCK_SIZE;
		}
		if (error)
			return error;
		index_append(tree, above->index, &first, &tree->levels[number].last);
		if (!full)
			return 0;
		first = completed;
	}
	return -EFBIG;
}

int hmfs_tree_place(struct hmfs_tree *tree, const struct hmfs_key *first,
		    const struct hmfs_node_header *node)
{
	level_place(tree, &tree->levels[0], node);
	return tree_add(tree, 0, *first);
}

/* Completes what there is of each level, up to the one with a single node. */
static int tree_close(struct hmfs_tree *tree, const struct hmfs_pointer *filter, unsigned *top)
{
	unsigned number = 0;

	for (; tree->levels[number].nodes > 1; number++) {
		struct hmfs_tree_level *above = &tree->levels[number + 1];
		const bool head = above->nodes == 0;
		struct hmfs_key first;
		int error = index_complete(tree, number + 1, head ? filter : NULL, &first);

		if (!error && !head)
			error = tree_add(tree, number + 1, first);
		if (error)
			return error;
	}
	*top = number;
	return 0;
}

int hmfs_tree_finish(struct hmfs_tree *tree, const struct hmfs_pointer *filter,
		     struct hmfs_pointer *head)
{
	unsigned top = 0;
	int error = tree_close(tree, filter, &top);

	for (unsigned number = 0; number < HMFS_LEVELS && !error; number++)
		error = level_flush(tree, &tree->levels[number]);
	if (error)
		return error;
	for (unsigned number = 0; number < HMFS_LEVELS; number++)
		level_cut(tree, &tree->levels[number]);
	*head = tree->levels[top].last;
	return 0;
}
