/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of a map promise each other; map.h is for everybody else.
 */
#pragma once

#include "map.h"
#include "node_format.h"

/* --- newest.c --- */

/* An entry in memory. It stays where it is as long as its map does: removing leaves a
 * tombstone. */
struct hmfs_entry {
	struct rbtree_node node;
	struct list_node unlogged; /* detached: it was logged */
	struct hmfs_key key;
	uint8_t *bytes;
	uint16_t length, capacity;
	bool removed;
};

/* The memory of a map in memory comes in chunks, which only ever go all together. */
struct hmfs_newest_chunk {
	struct hmfs_newest_chunk *next;
	size_t size; /* this header included */
};

struct hmfs_newest {
	const struct hmfs_host *host;
	struct rbtree tree;
	struct list unlogged; /* oldest change first */
	uint64_t count, unlogged_count;
	size_t value_bytes;               /* of all values */
	size_t bytes;                     /* handed out of the chunks */
	struct hmfs_newest_chunk *chunks; /* the one that is handed out first */
	size_t used;                      /* of that one */
	struct hmfs_entry *last;          /* found or put last, often wanted next; or NULL */
};

/* Sets it, or with `removed` makes it a tombstone. -ENOMEM, with nothing changed. */
int must_check hmfs_newest_put(struct hmfs_newest *newest, const struct hmfs_key *key,
			       const void *value, size_t length, bool removed);
/* The next `entries` changes of `bytes` bytes together do not fail. -ENOMEM. */
int must_check hmfs_newest_prepare(struct hmfs_newest *newest, unsigned entries, size_t bytes);
/* The entry of this key, or NULL. */
const struct hmfs_entry *hmfs_newest_find(struct hmfs_newest *newest, const struct hmfs_key *key);
/* The first entry at or behind `from`, and the one behind an entry; NULL: none. */
const struct hmfs_entry *hmfs_newest_seek(const struct hmfs_newest *newest,
					  const struct hmfs_key *from);
const struct hmfs_entry *hmfs_newest_next(const struct hmfs_entry *entry);
/* Puts those of `older` into `newest` that it has not, with what of them is unlogged. -ENOMEM:
 * some were; it can be done again. */
int must_check hmfs_newest_fold(struct hmfs_newest *newest, struct hmfs_newest *older);
/* It need not be logged any more. */
void hmfs_newest_logged(struct hmfs_newest *newest, struct hmfs_entry *entry);
/* Forgets which are unlogged. */
void hmfs_newest_all_logged(struct hmfs_newest *newest);

static inline struct hmfs_value hmfs_entry_value(const struct hmfs_entry *entry)
{
	return (struct hmfs_value){
		.bytes = entry->bytes,
		.length = entry->length,
		.removed = entry->removed,
	};
}

/* --- node.c --- */

/* A node in memory, immutable. Who holds it: cursors, segments (their head and filter), whoever
 * got it and has not put it yet. The cache itself does not count. */
struct hmfs_node {
	struct list_node clock;
	struct hmfs_node *chain; /* in the cache's table */
	struct hmfs_pointer pointer;
	unsigned references;
	bool used; /* since the clock's hand last came by */
	const struct hmfs_node_header *header;
	/* Where things are in it. */
	unsigned count;
	const struct hmfs_key *keys; /* of filters: one */
	const void *slots;
	const uint8_t *rest; /* values, checksums, lines */
};

/* The pointer's node, verified, held until it is put. The lock is held and stays so. -EIO,
 * -ENOMEM. */
int must_check hmfs_node_get(struct hmfs_context *context, const struct hmfs_pointer *pointer,
			     struct hmfs_node **node);
void hmfs_node_put(struct hmfs_node *node);
static inline struct hmfs_node *hmfs_node_hold(struct hmfs_node *node)
{
	node->references++;
	return node;
}
size_t hmfs_node_cache_limit(const struct hmfs_context *context);
/* A node that was just written comes into the cache, if there is memory for it. */
void hmfs_node_insert(struct hmfs_context *context, const struct hmfs_pointer *pointer,
		      const void *bytes);
/* Child `position` of an index node: of the level and the first key that it should have. */
int must_check hmfs_node_child(struct hmfs_context *context, const struct hmfs_node *node,
			       unsigned position, struct hmfs_node **child);
void hmfs_node_child_pointer(struct hmfs_context *context, const struct hmfs_node *node,
			     unsigned position, struct hmfs_pointer *pointer);
/* Reads up to `count` children from `position` on in one transfer, as far as they lie in a row,
 * into the cache. Errors show when a child is got. Lets go of the lock while it reads, if
 * `free_lock`: the node is held. */
void hmfs_node_read_row(struct hmfs_context *context, const struct hmfs_node *node,
			unsigned position, unsigned count, bool free_lock);
/* Reads one copy of a node past the cache and verifies it, in `buffer` of HMFS_NODE_SIZE. */
int must_check hmfs_node_read_copy(struct hmfs_context *context, const struct hmfs_pointer *pointer,
				   unsigned copy, void *buffer);
/* How many of the keys are less than, or equal to, `key`. */
unsigned hmfs_node_search(const struct hmfs_node *node, const struct hmfs_key *key);

static inline struct hmfs_value hmfs_leaf_value(const struct hmfs_node *node, unsigned position)
{
	const struct hmfs_leaf_slot *slot = (const struct hmfs_leaf_slot *)node->slots + position;

	return (struct hmfs_value){
		.bytes = node->rest + slot->start,
		.length = slot->length & (HMFS_SLOT_REMOVED - 1),
		.removed = slot->length & HMFS_SLOT_REMOVED,
	};
}

/* --- node_check.c --- */

/* Looks at the bytes of a node (header and pointer are set), and says where things are in it.
 * -EIO. */
int must_check hmfs_node_check(struct hmfs_context *context, struct hmfs_node *node);

/* --- filter.c --- */

uint64_t hmfs_filter_hash(const struct hmfs_key *key);
/* How many lines `count` keys want; sets their bits in lines of zeros. */
unsigned hmfs_filter_lines(unsigned count);
void hmfs_filter_make(const uint64_t *hashes, unsigned count, unsigned made, uint8_t *lines);
bool hmfs_filter_has(const struct hmfs_node *node, uint64_t hash);

/* --- segment.c --- */

struct hmfs_segment {
	struct hmfs_segment_pointer pointer;
	/* Held from the first use on. */
	struct hmfs_node *head;
	bool filter_opened;
	struct hmfs_node *filter;    /* its root; NULL: none */
	struct hmfs_node **children; /* of that, or NULL; one that was not read is NULL */
	uint64_t misses;             /* look-ups that had to read to find nothing */
};

struct hmfs_segment *hmfs_segment_create(struct hmfs_context *context,
					 const struct hmfs_segment_pointer *pointer);
void hmfs_segment_destroy(struct hmfs_context *context, struct hmfs_segment *segment);
/* Finds an entry, a tombstone too; its bytes are in *node, which is to be put. `last`: it is the
 * last of its list. `hash`: of the key. -ENOENT, -EIO, -ENOMEM. */
int must_check hmfs_segment_find(struct hmfs_context *context, struct hmfs_segment *segment,
				 bool last, const struct hmfs_key *key, uint64_t hash,
				 struct hmfs_value *value, struct hmfs_node **node);

/* Goes through a segment's entries, and holds the nodes that it stands in: the segment itself may
 * go. */
struct hmfs_segment_cursor {
	struct hmfs_context *context;
	bool free_lock;   /* while it reads ahead */
	unsigned ahead;   /* how many children to read at a time, */
	unsigned most;    /* and at most */
	unsigned fetched; /* children of the last index node that were read ahead */
	unsigned depth;   /* nodes that it holds; 0: at the end */
	struct hmfs_node *node[HMFS_LEVELS];
	unsigned position[HMFS_LEVELS];
};
/* To the first entry at or behind `from`. The cursor is all zeros, but for free_lock and most, or
 * was closed. */
int must_check hmfs_segment_cursor_seek(struct hmfs_segment_cursor *cursor,
					struct hmfs_context *context, struct hmfs_segment *segment,
					const struct hmfs_key *from);
int must_check hmfs_segment_cursor_next(struct hmfs_segment_cursor *cursor);
void hmfs_segment_cursor_close(struct hmfs_segment_cursor *cursor);

static inline const struct hmfs_key *hmfs_segment_cursor_key(
	const struct hmfs_segment_cursor *cursor)
{
	return &cursor->node[cursor->depth - 1]->keys[cursor->position[cursor->depth - 1]];
}

static inline struct hmfs_value hmfs_segment_cursor_value(const struct hmfs_segment_cursor *cursor)
{
	return hmfs_leaf_value(cursor->node[cursor->depth - 1],
			       cursor->position[cursor->depth - 1]);
}

/* --- map.c --- */

/* Its newest map changed. */
void hmfs_map_changed(struct hmfs_map *map);
