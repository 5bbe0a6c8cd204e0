/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Segments: immutable maps on disk, trees of nodes. Opening them, finding in them, going through
 * them.
 *
 * A segment is opened when it is first used. Its head stays in memory from then on, and so does its
 * filter, which is read at once, unless it is huge: a segment that has not what is looked for then
 * costs no reading. The last segment of a list mostly has what nobody before it had: its filter
 * comes into use when that has turned out otherwise some times.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

/* The part of the cache that a segment's filter may have for good, and how many nodes at most: those
 * of some six million entries. */
#define CACHE_PART    8u
#define CHILDREN_MOST 512u
#define MISSES_LEAST  4u
#define ROW           64u /* nodes of 16 KiB that one transfer reads */
#define AHEAD_FIRST   2u
#define AHEAD_MOST    16u

struct hmfs_segment *hmfs_segment_create(struct hmfs_context *context,
					 const struct hmfs_segment_pointer *pointer)
{
	struct hmfs_segment *segment = context->host->allocate(sizeof(*segment));

	if (segment)
		*segment = (struct hmfs_segment){ .pointer = *pointer };
	return segment;
}

void hmfs_segment_destroy(struct hmfs_context *context, struct hmfs_segment *segment)
{
	if (!segment)
		return;
	if (segment->children) {
		for (unsigned i = 0; i < segment->filter->count; i++)
			hmfs_node_put(segment->children[i]);
		context->host->release(segment->children);
	}
	hmfs_node_put(segment->filter);
	hmfs_node_put(segment->head);
	context->host->release(segment);
}

/* The child of a filter's index node, held; NULL if it cannot be read. */
static struct hmfs_node *filter_child(struct hmfs_context *context, struct hmfs_segment *segment,
				      const struct hmfs_node *node, unsigned position)
{
	const bool kept = node == segment->filter && segment->children;
	struct hmfs_node *child;

	if (kept && segment->children[position])
		return hmfs_node_hold(segment->children[position]);
	if (hmfs_node_child(context, node, position, &child) < 0)
		return NULL;
	if (child->header->kind == HMFS_NODE_LEAF) {
		hmfs_node_put(child);
		return NULL;
	}
	if (kept)
		segment->children[position] = hmfs_node_hold(child);
	return child;
}

/* The nodes below the filter's root stay, if they are not too many. */
static void keep_filter(struct hmfs_context *context, struct hmfs_segment *segment)
{
	struct hmfs_node *filter = segment->filter;
	const size_t most = hmfs_node_cache_limit(context) / HMFS_NODE_SIZE / CACHE_PART;
	const size_t bytes = filter->count * sizeof(*segment->children);

	if (filter->header->kind != HMFS_NODE_INDEX || filter->header->level != 1 ||
	    filter->count > min_size(most, CHILDREN_MOST))
		return;
	segment->children = context->host->allocate(bytes);
	if (!segment->children)
		return;
	memset(segment->children, 0, bytes);
	for (unsigned i = 0; i < filter->count; i++) {
		if (i % ROW == 0)
			hmfs_node_read_row(context, filter, i, ROW, false);
		hmfs_node_put(filter_child(context, segment, filter, i));
	}
}

/* The filter's root, and more. Without a filter that can be read, there is none. */
static void open_filter(struct hmfs_context *context, struct hmfs_segment *segment)
{
	const struct hmfs_index_node *head = (const void *)segment->head->header;
	struct hmfs_node *filter;

	segment->filter_opened = true;
	if (head->header.kind != HMFS_NODE_INDEX || !head->filter.blocks)
		return;
	if (hmfs_node_get(context, &head->filter, &filter) < 0)
		return;
	if (filter->header->kind == HMFS_NODE_LEAF) {
		hmfs_node_put(filter);
		return;
	}
	segment->filter = filter;
	keep_filter(context, segment);
}

static int segment_open(struct hmfs_context *context, struct hmfs_segment *segment)
{
	int error;

	if (segment->head)
		return 0;
	error = hmfs_node_get(context, &segment->pointer.head, &segment->head);
	if (error)
		return error;
	if (segment->head->header->kind == HMFS_NODE_FILTER) {
		hmfs_node_put(segment->head);
		segment->head = NULL;
		return -EIO;
	}
	return 0;
}

/* False if the segment surely has not got the key. What cannot be read does not say so. */
static bool filter_passes(struct hmfs_context *context, struct hmfs_segment *segment,
			  const struct hmfs_key *key, uint64_t hash)
{
	struct hmfs_node *node;
	bool passes;

	if (!segment->filter_opened)
		open_filter(context, segment);
	node = segment->filter;
	if (!node)
		return true;
	hmfs_node_hold(node);
	while (node->header->kind == HMFS_NODE_INDEX) {
		unsigned position = hmfs_node_search(node, key);
		struct hmfs_node *child =
			position ? filter_child(context, segment, node, position - 1) : NULL;

		hmfs_node_put(node);
		if (!child)
			return position != 0;
		node = child;
	}
	passes = hmfs_filter_has(node, hash);
	hmfs_node_put(node);
	return passes;
}

/* The leaf where the key belongs, and its place in it, counted from 1; 0: before all. */
static int find_leaf(struct hmfs_context *context, struct hmfs_segment *segment,
		     const struct hmfs_key *key, struct hmfs_node **leaf, unsigned *place)
{
	struct hmfs_node *node = hmfs_node_hold(segment->head);

	for (;;) {
		struct hmfs_node *child;
		int error;

		*place = hmfs_node_search(node, key);
		*leaf = node;
		if (!*place || node->header->kind != HMFS_NODE_INDEX)
			return 0;
		error = hmfs_node_child(context, node, *place - 1, &child);
		hmfs_node_put(node);
		if (error)
			return error;
		node = child;
	}
}

int hmfs_segment_find(struct hmfs_context *context, struct hmfs_segment *segment, bool last,
		      const struct hmfs_key *key, uint64_t hash, struct hmfs_value *value,
		      struct hmfs_node **found)
{
	struct hmfs_node *node;
	unsigned place;
	int error = segment_open(context, segment);

	if (error)
		return error;
	if ((!last || segment->misses >= MISSES_LEAST) &&
	    !filter_passes(context, segment, key, hash))
		return -ENOENT;
	error = find_leaf(context, segment, key, &node, &place);
	if (error)
		return error;
	if (!place || node->header->kind != HMFS_NODE_LEAF ||
	    hmfs_key_compare(&node->keys[place - 1], key) != 0) {
		hmfs_node_put(node);
		segment->misses++;
		return -ENOENT;
	}
	*value = hmfs_leaf_value(node, place - 1);
	*found = node;
	return 0;
}

/* --- Cursors --- */

void hmfs_segment_cursor_close(struct hmfs_segment_cursor *cursor)
{
	while (cursor->depth)
		hmfs_node_put(cursor->node[--cursor->depth]);
}

static int cursor_push(struct hmfs_segment_cursor *cursor, struct hmfs_node *node)
{
	if (cursor->depth == HMFS_LEVELS || node->header->kind == HMFS_NODE_FILTER) {
		hmfs_node_put(node);
		return -EIO;
	}
	if (node->header->level == 1)
		cursor->fetched = 0;
	cursor->node[cursor->depth] = node;
	cursor->position[cursor->depth++] = 0;
	return 0;
}

/* Down to a leaf: to the first one below, or to the one where `from` belongs. */
static int cursor_descend(struct hmfs_segment_cursor *cursor, const struct hmfs_key *from)
{
	for (;;) {
		struct hmfs_node *node = cursor->node[cursor->depth - 1];
		unsigned *position = &cursor->position[cursor->depth - 1];
		struct hmfs_node *child;
		int error;

		if (node->header->kind == HMFS_NODE_LEAF)
			return 0;
		if (from) {
			*position = hmfs_node_search(node, from);
			*position -= *position != 0;
		}
		error = hmfs_node_child(cursor->context, node, *position, &child);
		if (!error)
			error = cursor_push(cursor, child);
		if (error)
			return error;
	}
}

/* From the end of a leaf to the next one. */
static int cursor_next_leaf(struct hmfs_segment_cursor *cursor)
{
	while (cursor->depth) {
		struct hmfs_node *node;
		unsigned *position;

		hmfs_node_put(cursor->node[--cursor->depth]);
		if (!cursor->depth)
			break;
		node = cursor->node[cursor->depth - 1];
		position = &cursor->position[cursor->depth - 1];
		if (++*position >= node->count)
			continue;
		if (node->header->level == 1 && *position >= cursor->fetched) {
			hmfs_node_read_row(cursor->context, node, *position, cursor->ahead,
					   cursor->free_lock);
			cursor->fetched = *position + cursor->ahead;
			cursor->ahead = (unsigned)min_u64(cursor->ahead * 2u, cursor->most);
		}
		return cursor_descend(cursor, NULL);
	}
	return 0;
}

int hmfs_segment_cursor_seek(struct hmfs_segment_cursor *cursor, struct hmfs_context *context,
			     struct hmfs_segment *segment, const struct hmfs_key *from)
{
	struct hmfs_node *leaf;
	unsigned position;
	int error = segment_open(context, segment);

	if (error)
		return error;
	hmfs_segment_cursor_close(cursor);
	cursor->context = context;
	if (!cursor->most)
		cursor->most = AHEAD_MOST;
	cursor->ahead = AHEAD_FIRST;
	error = cursor_push(cursor, hmfs_node_hold(segment->head));
	if (!error)
		error = cursor_descend(cursor, from);
	if (error)
		return error;
	leaf = cursor->node[cursor->depth - 1];
	position = hmfs_node_search(leaf, from);
	if (position && hmfs_key_compare(&leaf->keys[position - 1], from) == 0)
		position--;
	cursor->position[cursor->depth - 1] = position;
	return position < leaf->count ? 0 : cursor_next_leaf(cursor);
}

int hmfs_segment_cursor_next(struct hmfs_segment_cursor *cursor)
{
	const unsigned top = cursor->depth - 1;

	if (++cursor->position[top] < cursor->node[top]->count)
		return 0;
	return cursor_next_leaf(cursor);
}
