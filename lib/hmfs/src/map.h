/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Maps: linked lists of hash maps.
 *
 *   newest.c         the newest one, in memory, that takes all changes
 *   node.c           nodes on disk: read, checked, healed from their copies, kept in memory
 *   segment.c        immutable maps on disk: finding in them; segment_write.c: writing them
 *   filter.c         which keys a segment surely has not
 *   cursor.c         going through all of it in order
 *   map.c            the list: looking up, changing, freezing
 *   merge.c          two or more segments become one
 *
 * Everything is under the volume's lock but where noted.
 */
#pragma once

#include <base/list.h>
#include <base/rbtree.h>
#include <hmfs/format.h>
#include <hmfs/host.h>

struct hmfs_space;
struct hmfs_node_cache;
struct hmfs_map;
struct hmfs_newest;  /* a map in memory */
struct hmfs_segment; /* a map on disk, open */

static inline int hmfs_key_compare(const struct hmfs_key *a, const struct hmfs_key *b)
{
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return a->minor < b->minor ? -1 : a->minor > b->minor;
}

/* What all maps of a volume share. Immutable but for what the pointers lead to. */
struct hmfs_context {
	struct hmfs_device *device;
	const struct hmfs_host *host;
	uint32_t hash;
	struct hmfs_node_cache *cache;
	struct hmfs_space *space; /* where segments are allocated (space.h) */
	/* Told of damage: a node's copy was bad and was healed, or (healed false) both were:
	 * -EIO. */
	void (*damage)(void *volume, const struct hmfs_pointer *pointer, unsigned copy, bool healed,
		       const char *what);
	void *volume;
	bool no_healing; /* the volume is not to be written */
	_Atomic uint64_t node_reads, node_writes, merges;
};

/* --- node.c --- */

int must_check hmfs_node_cache_create(struct hmfs_context *context, size_t bytes);
void hmfs_node_cache_destroy(struct hmfs_context *context);
/* Frees clean nodes that nobody uses: how many bytes. */
size_t hmfs_node_cache_shrink(struct hmfs_context *context, size_t bytes);
/* The blocks were freed: what is kept of them is forgotten. */
void hmfs_node_forget(struct hmfs_context *context, uint64_t address, uint64_t blocks);

/* --- newest.c --- */

/* An entry's value. The bytes belong to the map and stay until it changes. */
struct hmfs_value {
	const uint8_t *bytes;
	uint32_t length;
	bool removed; /* a tombstone */
};

struct hmfs_newest *hmfs_newest_create(const struct hmfs_host *host);
void hmfs_newest_destroy(struct hmfs_newest *newest);
size_t hmfs_newest_bytes(const struct hmfs_newest *newest);
uint64_t hmfs_newest_count(const struct hmfs_newest *newest);

/* --- map.c --- */

struct hmfs_map {
	struct hmfs_context *context;
	/* The list, newest first. `frozen` is what a commit is writing; NULL: none. */
	struct hmfs_newest *newest, *frozen;
	bool redirected; /* hmfs_map_redirect() */
	unsigned count;
	struct hmfs_segment *segments[HMFS_LIST_MAX];
	uint64_t generation; /* counts all changes, for cursors */
	uint64_t shape;      /* counts changes of the list */
	/* Of entries not logged yet, in order of change: newest.c keeps it for the log. */
	uint64_t unlogged;
	/* A merge that is under way, or NULL (merge.c). */
	struct hmfs_merge *merge;
	/* Space is short: what is removed shall give back its own, whatever that costs. */
	bool urgent;
	/* The last one that failed (merge_choose.c): the list's shape, its blocks, what space there
	 * was. */
	uint64_t merge_failed, merge_limit, merge_room;
	/* Since when (host->now()) it has not changed from that generation. */
	uint64_t quiet_generation, quiet_since;
};

/* In caller's storage; of what `root` says, which may be empty (count 0). Reads nothing.
 * -ENOMEM, -EIO (nonsense in it). */
int must_check hmfs_map_open(struct hmfs_map *map, struct hmfs_context *context,
			     const struct hmfs_map_root *root);
/* Forgets everything, changes that were not committed too. */
void hmfs_map_close(struct hmfs_map *map);

/* The value, copied: its length, of which what fits is stored. -ENOENT, -EIO, -ENOMEM. */
ssize_t must_check hmfs_map_get(struct hmfs_map *map, const struct hmfs_key *key, void *value,
				size_t size);
/* Sets it. length <= HMFS_VALUE_MAX. -ENOMEM, with nothing changed. Reads nothing. */
int must_check hmfs_map_put(struct hmfs_map *map, const struct hmfs_key *key, const void *value,
			    size_t length);
/* Removes it, whether it is there or not (a tombstone, if there are segments). -ENOMEM. */
int must_check hmfs_map_remove(struct hmfs_map *map, const struct hmfs_key *key);
/* Reserves memory so that the next `entries` changes of `bytes` bytes of values together cannot
 * fail: operations that make several changes call it first, and are atomic thereby. -ENOMEM. */
int must_check hmfs_map_prepare(struct hmfs_map *map, unsigned entries, size_t bytes);

/* Visits unlogged entries (put or removed since the last call or freeze), oldest change first;
 * then none is unlogged. `visit` returns an error to stop: then all are as before. */
int must_check hmfs_map_take_unlogged(struct hmfs_map *map,
				      int (*visit)(void *context, const struct hmfs_key *key,
						   const struct hmfs_value *value),
				      void *context);

/* --- cursor.c: entries in order, across the whole list, tombstones and what they hide left
 * out. --- */

struct hmfs_cursor {
	struct hmfs_map *map;
	struct hmfs_key key;     /* of the entry it is at */
	struct hmfs_value value; /* valid until the lock is let go of or the map changes */
	void *state;
};
/* A cursor is all zeros before its first use.
 *
 * To the first entry at or behind `from`: 0, -ENOENT (none), -EIO, -ENOMEM. Call
 * hmfs_cursor_close() whatever it returns. May be called again on the same cursor. */
int must_check hmfs_cursor_seek(struct hmfs_cursor *cursor, struct hmfs_map *map,
				const struct hmfs_key *from);
/* To the next. The map may have changed since, and the lock been free: it then seeks anew by
 * itself. */
int must_check hmfs_cursor_next(struct hmfs_cursor *cursor);
void hmfs_cursor_close(struct hmfs_cursor *cursor);

/* --- Commits --- */

/* What was newest becomes frozen, and an empty one the newest. No commit is under way. If
 * nothing changed, none becomes frozen. -ENOMEM: nothing is frozen but what was. */
int must_check hmfs_map_freeze(struct hmfs_map *map);
/* Until it is called with false, changes go into the frozen map, which is made if there is none,
 * and are not noted as unlogged: for what a commit itself has to say. -ENOMEM. */
int must_check hmfs_map_redirect(struct hmfs_map *map, bool to_frozen);
/* Writes the frozen map as a segment of commit `birth`. Lets go of the lock (host->unlock)
 * while it writes, if `free_lock`. Afterwards the segment heads the list in place of the frozen
 * map. On errors the frozen map stays: the next hmfs_map_freeze() makes it part of what that freezes; its blocks
 * are free again. -EAGAIN: the list is full, merge first. */
int must_check hmfs_map_write_frozen(struct hmfs_map *map, uint64_t birth, bool free_lock);
/* What the list on disk is now (frozen and newest are not in it). */
void hmfs_map_root(const struct hmfs_map *map, struct hmfs_map_root *root);

/* --- merge.c --- */

/* One step of merging, if the list wants it: some ms at most, with the lock held but let go of
 * while blocks are transferred (if `free_lock`). 1: there is more to do; 0: nothing to do. When
 * a merge ends, the new segment takes the place of its sources in the list, and `dead` is
 * called for each of them: it frees them, now or with the snapshot that still has them.
 * `birth`: of the new one, the last step's counts. An error ends the merge, without damage; want
 * of space is none, but the merge is put off. */
int must_check hmfs_map_merge_step(struct hmfs_map *map, uint64_t birth, bool free_lock,
				   void (*dead)(void *context,
						const struct hmfs_segment_pointer *segment),
				   void *context_of_dead);
/* Gives up a merge that is under way and frees its blocks. */
void hmfs_map_merge_stop(struct hmfs_map *map);

/* --- segment.c --- */

/* Calls `visit` for all runs of blocks that a segment has, both copies. Reads its index. An
 * error of `visit` ends it. */
int must_check hmfs_segment_visit_blocks(
	struct hmfs_context *context, const struct hmfs_segment_pointer *segment,
	int (*visit)(void *argument, uint64_t address, uint64_t blocks), void *argument);
/* For checking: reads and verifies every node of it, both copies if `both`, and calls `entry`
 * (may be NULL) for each entry in order, and `node` (may be NULL) for each copy of a node that
 * was bad. */
int must_check hmfs_segment_verify(
	struct hmfs_context *context, const struct hmfs_segment_pointer *segment, bool both,
	int (*entry)(void *argument, const struct hmfs_key *key, const struct hmfs_value *value),
	int (*node)(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error),
	void *argument);
