/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a node's bytes are a node, and where things are in it. A checksum that is right says
 * only that these bytes were meant: nothing in them is trusted before it was looked at here, and
 * nothing is looked at again behind this.
 */
#include <base/errno.h>
#include <hmfs/volume.h>

#include "map_priv.h"

static bool keys_ascend(const struct hmfs_node *node)
{
	for (unsigned i = 1; i < node->count; i++)
		if (hmfs_key_compare(&node->keys[i - 1], &node->keys[i]) >= 0)
			return false;
	return true;
}

static bool check_leaf(struct hmfs_node *node)
{
	const struct hmfs_node_header *header = node->header;
	const size_t table = sizeof(*header) + node->count * HMFS_LEAF_ENTRY;
	const struct hmfs_leaf_slot *slots;

	if (header->level != 0 || table > header->used)
		return false;
	node->keys = (const void *)(header + 1);
	slots = (const void *)(node->keys + node->count);
	node->slots = slots;
	node->rest = (const void *)(slots + node->count);
	for (unsigned i = 0; i < node->count; i++) {
		const size_t length = slots[i].length & (HMFS_SLOT_REMOVED - 1);

		if (length > HMFS_VALUE_MAX || table + slots[i].start + length > header->used)
			return false;
	}
	return keys_ascend(node);
}

static bool check_index(struct hmfs_node *node, size_t sum_size)
{
	const struct hmfs_index_node *index = (const void *)node->header;
	const size_t child = sizeof(struct hmfs_key) + sizeof(struct hmfs_index_slot) + sum_size;
	const struct hmfs_index_slot *slots;

	if (index->header.level == 0 || index->header.level >= HMFS_LEVELS ||
	    sizeof(*index) + node->count * child != index->header.used)
		return false;
	node->keys = (const void *)(index + 1);
	slots = (const void *)(node->keys + node->count);
	node->slots = slots;
	node->rest = (const void *)(slots + node->count);
	return keys_ascend(node);
}

static bool check_filter(struct hmfs_node *node)
{
	const struct hmfs_filter_node *filter = (const void *)node->header;

	if (filter->header.level != 0 ||
	    sizeof(*filter) + (size_t)node->count * HMFS_FILTER_LINE != filter->header.used)
		return false;
	node->keys = &filter->first;
	node->rest = (const void *)(filter + 1);
	return true;
}

int hmfs_node_check(struct hmfs_context *context, struct hmfs_node *node)
{
	const struct hmfs_node_header *header = node->header;
	bool right;

	node->count = header->count;
	if (header->magic != HMFS_NODE_MAGIC || header->blocks != node->pointer.blocks ||
	    header->used < sizeof(*header) || header->used > header->blocks * HMFS_BLOCK_SIZE ||
	    !header->count)
		return -EIO;
	if (header->kind == HMFS_NODE_LEAF)
		right = check_leaf(node);
	else if (header->kind == HMFS_NODE_INDEX)
		right = check_index(node, hmfs_sum_size(context->hash));
	else
		right = header->kind == HMFS_NODE_FILTER && check_filter(node);
	return right ? 0 : -EIO;
}
