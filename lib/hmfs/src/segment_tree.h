/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tree of nodes being written, from below: whoever has nodes of level 0 places them in order,
 * and index nodes come about above them. Each level writes to runs of its own, through a buffer.
 */
#pragma once

#include "map_priv.h"
#include "segment_runs.h"

struct hmfs_tree_index; /* an index node that is being filled */

struct hmfs_tree_level {
	/* Where the next node goes, both copies, and how many blocks there are. */
	uint64_t address[2], room;
	uint64_t expected; /* blocks that it will still want, about */
	bool fragmented;   /* there are no runs that a whole node fits in */
	/* Nodes that were not written yet: those before the addresses above. */
	uint8_t *buffer;
	unsigned buffered, capacity; /* blocks */
	uint64_t nodes;              /* placed */
	struct hmfs_pointer last;    /* of them */
	struct hmfs_tree_index *index;
};

struct hmfs_tree {
	struct hmfs_context *context;
	struct hmfs_runs *runs;
	uint64_t birth;
	bool free_lock, keep;
	uint64_t blocks; /* of one copy of its nodes */
	struct hmfs_tree_level levels[HMFS_LEVELS];
};

/* `blocks`: about how many level 0 will have. */
void hmfs_tree_init(struct hmfs_tree *tree, uint64_t blocks);
/* A node of this level is begun: of at least `least` blocks, at most *limit. */
int must_check hmfs_tree_begin(struct hmfs_tree *tree, unsigned level, unsigned least,
			       unsigned *limit);
/* Where the node that was begun is composed: zeros, its header with what all have. */
int must_check hmfs_tree_compose(struct hmfs_tree *tree, unsigned level, size_t used,
				 struct hmfs_node_header **node);
/* It is composed, its first key being `first`. */
int must_check hmfs_tree_place(struct hmfs_tree *tree, const struct hmfs_key *first,
			       const struct hmfs_node_header *node);
/* All of level 0 is placed, one node or more: writes everything. `filter` (may be NULL) comes into
 * the head, if it is an index node. */
int must_check hmfs_tree_finish(struct hmfs_tree *tree, const struct hmfs_pointer *filter,
				struct hmfs_pointer *head);
void hmfs_tree_destroy(struct hmfs_tree *tree);
