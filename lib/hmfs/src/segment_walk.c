/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All nodes of a segment, its filter's too: which blocks it has, and whether they are intact.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

#define UNKNOWN HMFS_LEVELS

/* A way through a tree of nodes; `node` is called for each of them, before those below it, with
 * its level: 0 for leaves and parts of the filter; with UNKNOWN for the head. */
struct walk {
	struct hmfs_context *context;
	int (*node)(struct walk *walk, const struct hmfs_pointer *pointer, unsigned level);
	bool go_on; /* behind index nodes that cannot be read */
	int result;
	unsigned depth;
	struct hmfs_node *nodes[HMFS_LEVELS];
	unsigned position[HMFS_LEVELS];
};

/* An index node is got, to go through its children. */
static int walk_push(struct walk *walk, const struct hmfs_pointer *pointer, unsigned level,
		     const struct hmfs_key *first)
{
	struct hmfs_node *node;
	int error = hmfs_node_get(walk->context, pointer, &node);

	if (error)
		return error;
	if (node->header->kind != HMFS_NODE_INDEX || node->header->level != level ||
	    (first && hmfs_key_compare(&node->keys[0], first) != 0)) {
		hmfs_node_put(node);
		return -EIO;
	}
	walk->position[walk->depth] = 0;
	walk->nodes[walk->depth++] = node;
	return 0;
}

/* What lies below the index nodes that are held. */
static int walk_children(struct walk *walk)
{
	while (walk->depth) {
		struct hmfs_node *node = walk->nodes[walk->depth - 1];
		const unsigned position = walk->position[walk->depth - 1]++;
		const unsigned level = node->header->level - 1u;
		struct hmfs_pointer pointer;
		int error;

		if (position == node->count) {
			hmfs_node_put(walk->nodes[--walk->depth]);
			continue;
		}
		hmfs_node_child_pointer(walk->context, node, position, &pointer);
		error = walk->node(walk, &pointer, level);
		if (error)
			return error;
		if (level == 0)
			continue;
		error = walk_push(walk, &pointer, level, &node->keys[position]);
		if (error == -EIO && walk->go_on)
			walk->result = error;
		else if (error)
			return error;
	}
	return 0;
}

static void walk_end(struct walk *walk)
{
	while (walk->depth)
		hmfs_node_put(walk->nodes[--walk->depth]);
}

/* The tree below `root`; *filter is what an index node that heads it has. */
static int walk_tree(struct walk *walk, const struct hmfs_pointer *root,
		     struct hmfs_pointer *filter)
{
	struct hmfs_node *head;
	unsigned level;
	int error = walk->node(walk, root, UNKNOWN);

	filter->blocks = 0;
	if (!error)
		error = hmfs_node_get(walk->context, root, &head);
	if (error) {
		if (error != -EIO || !walk->go_on)
			return error;
		walk->result = error;
		return 0;
	}
	level = head->header->level;
	if (head->header->kind == HMFS_NODE_INDEX)
		*filter = ((const struct hmfs_index_node *)head->header)->filter;
	hmfs_node_put(head);
	if (level)
		error = walk_push(walk, root, level, NULL);
	if (!error)
		error = walk_children(walk);
	walk_end(walk);
	return error;
}

static int walk_segment(struct walk *walk, const struct hmfs_segment_pointer *segment)
{
	struct hmfs_pointer filter, none;
	int error = walk_tree(walk, &segment->head, &filter);

	if (!error && filter.blocks)
		error = walk_tree(walk, &filter, &none);
	return error ? error : walk->result;
}

/* --- Blocks --- */

struct blocks_walk {
	struct walk walk;
	int (*visit)(void *argument, uint64_t address, uint64_t blocks);
	void *argument;
	struct hmfs_extent pending[2]; /* of each copy, to be joined with what follows */
};

static int blocks_node(struct walk *walk, const struct hmfs_pointer *pointer, unsigned level)
{
	struct blocks_walk *blocks = container_of(walk, struct blocks_walk, walk);

	(void)level;
	for (unsigned copy = 0; copy < 2; copy++) {
		struct hmfs_extent *pending = &blocks->pending[copy];
		int error = 0;

		if (pending->address + pending->blocks == pointer->address[copy]) {
			pending->blocks += pointer->blocks;
			continue;
		}
		if (pending->blocks)
			error = blocks->visit(blocks->argument, pending->address, pending->blocks);
		if (error)
			return error;
		*pending = (struct hmfs_extent){ pointer->address[copy], pointer->blocks };
	}
	return 0;
}

int hmfs_segment_visit_blocks(struct hmfs_context *context,
			      const struct hmfs_segment_pointer *segment,
			      int (*visit)(void *argument, uint64_t address, uint64_t blocks),
			      void *argument)
{
	struct blocks_walk blocks = {
		.walk = { .context = context, .node = blocks_node },
		.visit = visit,
		.argument = argument,
	};
	int error = walk_segment(&blocks.walk, segment);

	for (unsigned copy = 0; copy < 2 && !error; copy++)
		if (blocks.pending[copy].blocks)
			error = visit(argument, blocks.pending[copy].address,
				      blocks.pending[copy].blocks);
	return error;
}

/* --- Verifying --- */

struct verify_walk {
	struct walk walk;
	bool both;
	int (*entry)(void *argument, const struct hmfs_key *key, const struct hmfs_value *value);
	int (*bad)(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error);
	void *argument;
	struct hmfs_key last;
	bool any; /* entries so far */
	uint8_t *buffer;
};

static int verify_entries(struct verify_walk *verify, const struct hmfs_node *node)
{
	for (unsigned i = 0; i < node->count; i++) {
		struct hmfs_value value = hmfs_leaf_value(node, i);
		int error;

		if (verify->any && hmfs_key_compare(&verify->last, &node->keys[i]) >= 0)
			return -EUCLEAN;
		verify->any = true;
		verify->last = node->keys[i];
		error = verify->entry ? verify->entry(verify->argument, &node->keys[i], &value) : 0;
		if (error)
			return error;
	}
	return 0;
}

/* Reads the copies: 0 with the node in the buffer, if one of them is intact. Heals the other. */
static int verify_copies(struct verify_walk *verify, const struct hmfs_pointer *pointer)
{
	struct hmfs_context *context = verify->walk.context;
	struct hmfs_device *device = context->device;
	int errors[2] = { 0, 0 };
	unsigned intact = 2;

	for (unsigned copy = 0; copy < 2; copy++) {
		if (copy && !verify->both && intact == 0)
			break;
		errors[copy] = hmfs_node_read_copy(context, pointer, copy, verify->buffer);
		if (!errors[copy])
			intact = copy;
		else if (errors[copy] != -EIO)
			return errors[copy];
	}
	/* What the second copy's bytes overwrote. */
	if (errors[1] && intact == 0 &&
	    hmfs_node_read_copy(context, pointer, 0, verify->buffer) < 0)
		return -EIO;
	for (unsigned copy = 0; copy < 2; copy++) {
		int error = 0;

		if (!errors[copy])
			continue;
		if (verify->bad)
			error = verify->bad(verify->argument, pointer, copy, errors[copy]);
		if (error)
			return error;
		if (intact == 2 || device->read_only || context->no_healing)
			continue;
		if (device->ops->write(device, pointer->address[copy], pointer->blocks,
				       verify->buffer) == 0 &&
		    context->damage)
			context->damage(context->volume, pointer, copy, true,
					"a copy of a node was damaged, and is healed from the "
					"other one");
	}
	return intact < 2 ? 0 : -EIO;
}

static int verify_node(struct walk *walk, const struct hmfs_pointer *pointer, unsigned level)
{
	struct verify_walk *verify = container_of(walk, struct verify_walk, walk);
	struct hmfs_node node = {
		.pointer = *pointer,
		.header = (const struct hmfs_node_header *)verify->buffer,
	};
	int error = verify_copies(verify, pointer);

	if (error == -EIO) {
		walk->result = -EIO;
		return 0;
	}
	if (!error)
		error = hmfs_node_check(walk->context, &node);
	if (!error && level != UNKNOWN && node.header->level != level)
		error = -EIO;
	if (!error && node.header->kind == HMFS_NODE_LEAF)
		error = verify_entries(verify, &node);
	if (error != -EIO && error != -EUCLEAN)
		return error;
	walk->result = -EIO;
	return verify->bad ? verify->bad(verify->argument, pointer, 0, -EUCLEAN) : 0;
}

int hmfs_segment_verify(
	struct hmfs_context *context, const struct hmfs_segment_pointer *segment, bool both,
	int (*entry)(void *argument, const struct hmfs_key *key, const struct hmfs_value *value),
	int (*node)(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error),
	void *argument)
{
	struct verify_walk verify = {
		.walk = { .context = context, .node = verify_node, .go_on = true },
		.both = both,
		.entry = entry,
		.bad = node,
		.argument = argument,
	};
	int error;

	verify.buffer = context->host->allocate(HMFS_NODE_SIZE);
	if (!verify.buffer)
		return -ENOMEM;
	error = walk_segment(&verify.walk, segment);
	context->host->release(verify.buffer);
	return error;
}
