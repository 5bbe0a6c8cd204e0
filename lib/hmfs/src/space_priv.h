/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of space promise each other; space.h is for everybody else.
 *
 * A block's state is in bit maps of its group:
 *
 *     used       cannot be allocated. All below have it, too.
 *     freed      was freed, and the next commit says so
 *     sealed     was freed before the commit that is under way was sealed
 *     next       is in use, but is the next commit's to say so
 *     late       the same, though it is the one's that is under way (space.h)
 *     tentative  is in use, but no commit says so
 *
 * A commit's record has the blocks that are used, but not sealed, next, late or tentative.
 */
#pragma once

#include <base/bits.h>

#include "space.h"

enum hmfs_state {
	HMFS_FREED,
	HMFS_SEALED,
	HMFS_NEXT,
	HMFS_LATE,
	HMFS_TENTATIVE,
};
#define HMFS_STATES 5u

#define HMFS_GROUP_WORDS BITMAP_WORDS(HMFS_GROUP_BLOCKS)

struct hmfs_run_of_blocks {
	uint64_t address, blocks;
};

/* A group in memory. */
struct hmfs_group {
	struct list_node hashed;
	struct list_node listed; /* space->groups or space->pinned */
	struct hmfs_summary *summary;
	uint64_t number;
	uint32_t size; /* blocks; the last group may be shorter */
	uint32_t free; /* that are not used */
	bool changed;  /* the record in the map is not up to date */
	/* NULL where count is 0. */
	uint64_t *state[HMFS_STATES];
	uint32_t count[HMFS_STATES];
	uint64_t used[HMFS_GROUP_WORDS]; /* 0 behind `size` */
};

/* A summary in memory. */
struct hmfs_summary {
	struct list_node hashed;
	struct list_node listed; /* newest use first */
	uint64_t number;
	unsigned groups; /* in memory: it stays as long */
	bool changed;
	struct hmfs_summary_record recorded; /* what the groups' records say */
	struct hmfs_summary_record now; /* what is used now: the same for groups not in memory */
};

#define HMFS_SPACE_BUCKETS 512u
#define HMFS_POSTPONED     64u
#define HMFS_CURSORS       3u /* data, metadata, merges */

struct hmfs_unlogged {
	uint64_t address, blocks;
	bool freed;
};

enum hmfs_commit_phase {
	HMFS_COMMIT_NONE,
	HMFS_COMMIT_SEALED,
	HMFS_COMMIT_FLUSHED,
};

/* All under the volume's lock. */
struct hmfs_space {
	struct hmfs_context *context;
	struct hmfs_map *map;
	uint64_t blocks, group_count;
	uint64_t free; /* blocks that are not used */
	uint64_t count[HMFS_STATES];
	uint64_t promised;
	uint64_t metadata; /* hmfs_space_set_metadata() */
	enum hmfs_commit_phase phase;

	struct list group_buckets[HMFS_SPACE_BUCKETS];
	struct list groups; /* that can be forgotten, newest use first */
	struct list pinned; /* that cannot: changed, or blocks in some state */
	unsigned group_total, group_limit;
	struct hmfs_group *last; /* found last, often wanted next; or NULL */

	struct list summary_buckets[HMFS_SPACE_BUCKETS];
	struct list summaries;
	unsigned summary_total;

	uint64_t cursor[HMFS_CURSORS]; /* where to go on looking, by kind of use */

	/* Frees that memory was short for. */
	struct hmfs_run_of_blocks postponed[HMFS_POSTPONED];
	unsigned postponed_count;

	struct hmfs_unlogged *unlogged;
	size_t unlogged_count, unlogged_room;
	bool unlogged_lost; /* there were more */

	enum { HMFS_SHARED_UNKNOWN, HMFS_SHARED_NONE, HMFS_SHARED_SOME } shared;
	uint64_t dead_serial; /* of entries of lists of the dead */
	/* A segment of which memory was short to free all: so many runs of it are freed. */
	struct hmfs_burial {
		uint64_t address, birth, runs;
	} burial;
	struct hmfs_inherit {
		uint64_t snapshot, heir;
		struct hmfs_key position;
		bool heir_done;
	} inherit;

	/* A record being packed or unpacked. */
	struct hmfs_group_run runs[HMFS_GROUP_BITS];
	uint8_t buffer[sizeof(struct hmfs_group_record) + HMFS_GROUP_BLOCKS / 8];
};

/* --- Runs in bit maps (group_bits.c) --- */

void hmfs_bits_set(uint64_t *map, uint32_t first, uint32_t count);
void hmfs_bits_clear(uint64_t *map, uint32_t first, uint32_t count);
uint32_t hmfs_bits_count(const uint64_t *map, uint32_t first, uint32_t count);
/* log2 of the longest clear run, rounded down; 0 if there is none. */
unsigned hmfs_bits_longest(const uint64_t *map, uint32_t size);

/* --- group.c --- */

/* The group, in memory until the next call: -EIO, -ENOMEM. */
int must_check hmfs_group_get(struct hmfs_space *space, uint64_t number, struct hmfs_group **group);
/* One that is in memory, or NULL. */
struct hmfs_group *hmfs_group_in_memory(struct hmfs_space *space, uint64_t number);
/* Memory for marking blocks with the state. -ENOMEM. */
int must_check hmfs_group_prepare(struct hmfs_space *space, struct hmfs_group *group,
				  enum hmfs_state state);
/* Marks blocks with the state (which was prepared), or takes it from those that have it; counted. */
void hmfs_group_mark(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state state,
		     uint32_t first, uint32_t count);
void hmfs_group_unmark(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state state,
		       uint32_t first, uint32_t count);
/* How many of them have it. */
uint32_t hmfs_group_marked(const struct hmfs_group *group, enum hmfs_state state, uint32_t first,
			   uint32_t count);
/* Sets blocks used or not; counted. */
void hmfs_group_use(struct hmfs_space *space, struct hmfs_group *group, uint32_t first,
		    uint32_t count);
void hmfs_group_unuse(struct hmfs_space *space, struct hmfs_group *group, uint32_t first,
		      uint32_t count);
/* After changes: into the list where it belongs. */
void hmfs_group_settle(struct hmfs_space *space, struct hmfs_group *group);
void hmfs_groups_destroy(struct hmfs_space *space);
uint32_t hmfs_group_size(const struct hmfs_space *space, uint64_t number);

/* --- group_record.c --- */

/* Reads the record into group->used and counts. -EIO. */
int must_check hmfs_group_load(struct hmfs_space *space, struct hmfs_group *group);
/* Puts the record of the commit that is under way, and the summary's part. */
int must_check hmfs_group_store(struct hmfs_space *space, struct hmfs_group *group);

/* --- summary.c --- */

/* In memory until the next call, or for as long as summary->groups is not 0. -EIO, -ENOMEM. */
int must_check hmfs_summary_get(struct hmfs_space *space, uint64_t number,
				struct hmfs_summary **summary);
int must_check hmfs_summaries_store(struct hmfs_space *space);
void hmfs_summaries_destroy(struct hmfs_space *space);
/* The group's part of `now` says how much is used, and that there is a run of `free` free blocks. */
void hmfs_summary_note(struct hmfs_group *group, uint32_t free);
/* log2 of the group's longest free run, about; -1: nothing is free in it. */
int hmfs_summary_longest(const struct hmfs_space *space, const struct hmfs_summary *summary,
			 uint64_t group);
void hmfs_summary_set_longest(struct hmfs_group *group, unsigned longest);

/* --- find.c --- */

/* A run of `least` to `wanted` free blocks: it lies in *group from *first on. `wanted` is at most
 * HMFS_GROUP_BLOCKS. -ENOSPC, -ENOMEM. */
int must_check hmfs_space_find(struct hmfs_space *space, uint64_t hint, uint32_t least,
			       uint32_t wanted, struct hmfs_group **group, uint32_t *first,
			       uint32_t *count);

/* --- space.c --- */

/* A run piece by piece, each within a group. */
struct hmfs_piece {
	uint64_t group, address, left; /* left: of the run, this piece included */
	uint32_t first, count;
};
void hmfs_piece_start(struct hmfs_piece *piece, uint64_t address, uint64_t blocks);
/* False behind the last one. */
bool hmfs_piece_next(struct hmfs_piece *piece);
/* Looks for metadata's place from its start again. */
void hmfs_space_rewind(struct hmfs_space *space);
/* Frees that were postponed, again: -ENOMEM. */
int must_check hmfs_space_free_postponed(struct hmfs_space *space);
/* A line in the log. */
void hmfs_space_say(struct hmfs_space *space, const char *format, ...) printf_like(2, 3);

/* --- unlogged.c --- */

void hmfs_unlogged_add(struct hmfs_space *space, uint64_t address, uint64_t blocks, bool freed);
void hmfs_unlogged_forget(struct hmfs_space *space);

/* --- dead.c --- */

/* -EIO: what of its blocks cannot be told is lost until fsck; the log says so. -ENOMEM: it can be
 * tried again, before any other segment. */
int must_check hmfs_dead_free_segment(struct hmfs_space *space,
				      const struct hmfs_segment_pointer *segment);
