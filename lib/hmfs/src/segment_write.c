/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing segments: leaves and filters, from entries in order. */
#include "segment_write.h"

#include <base/errno.h>
#include <base/string.h>

#include "segment_tree.h"

/* A filter node is not full before there is a second leaf: segments of one leaf have none. */
#define FILTER_LEAST (HMFS_LEAF_MOST + 1)

struct leaf {
	unsigned count;
	size_t bytes, limit; /* of values; of all of it */
	struct hmfs_key keys[HMFS_LEAF_MOST];
	struct hmfs_leaf_slot slots[HMFS_LEAF_MOST];
	uint8_t values[HMFS_NODE_SIZE];
};

struct hmfs_writer {
	struct hmfs_context *context;
	struct hmfs_writer_options options;
	struct hmfs_runs runs;
	uint64_t entries, removed;
	struct hmfs_tree tree, filters;
	struct leaf leaf;
	/* The next filter node: hashes of its keys. */
	struct hmfs_key filter_first;
	unsigned filter_count, filter_room;
	uint64_t hashes[];
};

int hmfs_writer_create(struct hmfs_context *context, const struct hmfs_writer_options *options,
		       struct hmfs_writer **made)
{
	const unsigned room =
		(unsigned)min_u64(max_u64(options->entries, FILTER_LEAST), HMFS_FILTER_KEYS);
	struct hmfs_writer *writer =
		context->host->allocate(sizeof(*writer) + room * sizeof(*writer->hashes));
	uint64_t blocks;

	if (!writer)
		return -ENOMEM;
	memset(writer, 0, offsetof(struct hmfs_writer, leaf));
	writer->leaf.count = 0;
	writer->leaf.bytes = 0;
	writer->filter_count = 0;
	writer->filter_room = room;
	writer->context = context;
	writer->options = *options;
	writer->runs = (struct hmfs_runs){ .context = context, .use = options->use };
	writer->tree = (struct hmfs_tree){
		.context = context,
		.runs = &writer->runs,
		.birth = options->birth,
		.free_lock = options->free_lock,
		.keep = options->keep,
	};
	writer->filters = writer->tree;
	blocks = (options->bytes + options->entries * HMFS_LEAF_ENTRY) / HMFS_BLOCK_SIZE;
	hmfs_tree_init(&writer->tree, blocks + blocks / 64 + 1);
	blocks = options->entries * HMFS_FILTER_BITS / 8 / HMFS_BLOCK_SIZE;
	hmfs_tree_init(&writer->filters, blocks + 1);
	*made = writer;
	return 0;
}

void hmfs_writer_destroy(struct hmfs_writer *writer)
{
	if (!writer)
		return;
	hmfs_tree_destroy(&writer->tree);
	hmfs_tree_destroy(&writer->filters);
	hmfs_runs_destroy(&writer->runs);
	writer->context->host->release(writer);
}

void hmfs_writer_undo(struct hmfs_writer *writer)
{
	hmfs_runs_undo(&writer->runs);
}

int hmfs_writer_confirm(struct hmfs_writer *writer)
{
	return hmfs_runs_confirm(&writer->runs);
}

static int leaf_complete(struct hmfs_writer *writer)
{
	struct leaf *leaf = &writer->leaf;
	const unsigned count = leaf->count;
	struct hmfs_node_header *node;
	uint8_t *to;
	int error = hmfs_tree_compose(&writer->tree, 0,
				      sizeof(*node) + count * HMFS_LEAF_ENTRY + leaf->bytes, &node);

	if (error)
		return error;
	node->kind = HMFS_NODE_LEAF;
	node->count = (uint16_t)count;
	to = (uint8_t *)(node + 1);
	memcpy(to, leaf->keys, count * sizeof(*leaf->keys));
	to += count * sizeof(*leaf->keys);
	memcpy(to, leaf->slots, count * sizeof(*leaf->slots));
	memcpy(to + count * sizeof(*leaf->slots), leaf->values, leaf->bytes);
	leaf->count = 0;
	leaf->bytes = 0;
	return hmfs_tree_place(&writer->tree, &leaf->keys[0], node);
}

static int filter_complete(struct hmfs_writer *writer)
{
	struct hmfs_node_header *header;
	struct hmfs_filter_node *node;
	unsigned limit, lines;
	int error;

	/* Where space is in crumbs, fewer lines than these keys want: more of them seem to be
	 * there. */
	error = hmfs_tree_begin(&writer->filters, 0, 1, &limit);
	lines = error ? 0
		      : (unsigned)min_size(hmfs_filter_lines(writer->filter_count),
					   (limit * HMFS_BLOCK_SIZE - sizeof(*node)) /
						   HMFS_FILTER_LINE);
	if (!error)
		error = hmfs_tree_compose(&writer->filters, 0,
					  sizeof(*node) + lines * HMFS_FILTER_LINE, &header);
	if (error)
		return error;
	header->kind = HMFS_NODE_FILTER;
	header->count = (uint16_t)lines;
	node = (struct hmfs_filter_node *)header;
	node->first = writer->filter_first;
	hmfs_filter_make(writer->hashes, writer->filter_count, lines, (uint8_t *)(node + 1));
	writer->filter_count = 0;
	return hmfs_tree_place(&writer->filters, &node->first, header);
}

static int filter_add(struct hmfs_writer *writer, const struct hmfs_key *key)
{
	if (writer->filter_count == writer->filter_room) {
		int error = filter_complete(writer);

		if (error)
			return error;
	}
	if (!writer->filter_count)
		writer->filter_first = *key;
	writer->hashes[writer->filter_count++] = hmfs_filter_hash(key);
	return 0;
}

int hmfs_writer_add(struct hmfs_writer *writer, const struct hmfs_key *key,
		    const struct hmfs_value *value)
{
	struct leaf *leaf = &writer->leaf;
	const size_t header = sizeof(struct hmfs_node_header);
	int error = 0;

	if (leaf->count &&
	    header + (leaf->count + 1) * HMFS_LEAF_ENTRY + leaf->bytes + value->length >
		    leaf->limit)
		error = leaf_complete(writer);
	if (!error && !leaf->count) {
		const size_t least = header + HMFS_LEAF_ENTRY + value->length;
		unsigned limit;

		error = hmfs_tree_begin(&writer->tree, 0,
					(unsigned)((least + HMFS_BLOCK_SIZE - 1) / HMFS_BLOCK_SIZE),
					&limit);
		leaf->limit = error ? 0 : (size_t)limit * HMFS_BLOCK_SIZE;
	}
	if (!error)
		error = filter_add(writer, key);
	if (error)
		return error;
	leaf->keys[leaf->count] = *key;
	leaf->slots[leaf->count++] = (struct hmfs_leaf_slot){
		.start = (uint16_t)leaf->bytes,
		.length = (uint16_t)(value->length | (value->removed ? HMFS_SLOT_REMOVED : 0)),
	};
	if (value->length)
		memcpy(leaf->values + leaf->bytes, value->bytes, value->length);
	leaf->bytes += value->length;
	writer->entries++;
	writer->removed += value->removed;
	return 0;
}

int hmfs_writer_finish(struct hmfs_writer *writer, struct hmfs_segment_pointer *pointer)
{
	struct hmfs_pointer filter;
	bool filtered;
	int error = 0;

	*pointer = (struct hmfs_segment_pointer){ .birth = writer->options.birth };
	if (!writer->entries)
		return 0;
	if (writer->leaf.count)
		error = leaf_complete(writer);
	filtered = writer->tree.levels[0].nodes > 1;
	if (!error && filtered && writer->filter_count)
		error = filter_complete(writer);
	if (!error && filtered)
		error = hmfs_tree_finish(&writer->filters, NULL, &filter);
	if (!error)
		error = hmfs_tree_finish(&writer->tree, filtered ? &filter : NULL, &pointer->head);
	pointer->entries = error ? 0 : writer->entries;
	pointer->removed = writer->removed;
	pointer->blocks = writer->tree.blocks + writer->filters.blocks;
	return error;
}
