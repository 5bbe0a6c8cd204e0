/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of a map promise each other; map.h is for everybody else.
 */
#pragma once

#include "map.h"

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
	size_t bytes;                     /* handed out of the chunks */
	struct hmfs_newest_chunk *chunks; /* the one that is handed out first */
	size_t used;                      /* of that one */
	struct hmfs_entry *last;          /* found last, often wanted next; or NULL */
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
