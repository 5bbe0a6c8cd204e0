/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Space: which blocks are free, who else refers to those that are not, what becomes of the dead.
 *
 *   space.c      allocating and freeing runs of blocks
 *   find.c       looking for free runs
 *   group.c      groups' bit maps in memory: read on demand, forgotten again
 *   group_record.c  packed into records and back; summary.c: summaries of many groups
 *   space_commit.c  what a commit writes of it, and when the freed is free
 *   reserve.c    promises of space, and who may use how much
 *   unlogged.c   what the log wants to know
 *   shared.c     counts of further references (reflinks)
 *   dead.c       lists of the dead of datasets; inherit.c: what becomes of them
 *
 * A block that is freed is used again only when the commit that freed it is on disk.
 * A block that is allocated tentatively (data that no chunk refers to yet; a merge that is under
 * way) is free on disk until that is confirmed, so that nothing leaks when the power goes.
 *
 * A commit takes what is in use at seal(), and in addition what is allocated for metadata until
 * done(): its own segments, its log. What else is confirmed or freed meanwhile is the next
 * commit's. So no merge ends between the two, and what a commit does not need any more (a log that
 * moves) is freed before seal().
 *
 * Everything is under the volume's lock.
 */
#pragma once

#include <hmfs/format.h>

#include "map.h"

/* `map` is the volume's own. `blocks`, `free_blocks`: as the root record says. -ENOMEM. */
int must_check hmfs_space_create(struct hmfs_context *context, struct hmfs_map *map,
				 uint64_t blocks, uint64_t free_blocks, struct hmfs_space **space);
void hmfs_space_destroy(struct hmfs_space *space);

enum hmfs_use {
	HMFS_USE_DATA,     /* of files, tentative; leaves the reserve alone */
	HMFS_USE_METADATA, /* of commits and the log: may use the reserve */
	HMFS_USE_MERGE,    /* tentative; leaves half of the reserve alone */
	HMFS_USE_PROMISED, /* data that room was promised for (hmfs_space_unreserve() was called) */
	HMFS_USE_URGENT,   /* of merges that cannot wait: tentative; leaves little alone */
};
/* A run of 1 to `wanted` blocks near `hint` (0: anywhere): the longest that is found without much
 * looking, `least` or more (else -ENOSPC; if hmfs_space_free_after() says more than
 * hmfs_space_free_blocks(), a commit may help). -ENOMEM. */
int must_check hmfs_space_allocate(struct hmfs_space *space, enum hmfs_use use, uint64_t hint,
				   uint64_t least, uint64_t wanted, uint64_t *address,
				   uint64_t *got);
/* Frees; reusable after the next commit. Only fails with -EIO, -ENOMEM where the group's record
 * cannot be had: the blocks are lost until fsck then, and a line in the log says so. */
void hmfs_space_free(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* The same of blocks of segments: the log is not told. */
void hmfs_space_free_segment(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* The blocks were never referred to by anything on disk: reusable at once. */
void hmfs_space_undo(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* Tentative ones are to stay: a merge's, and data, of which the log is told. All or nothing:
 * -ENOMEM, -EINVAL (they are not tentative). */
int must_check hmfs_space_confirm(struct hmfs_space *space, uint64_t address, uint64_t blocks);
int must_check hmfs_space_confirm_data(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* Replay and fsck: marks these as used, whatever they were; -EUCLEAN where one was in use
 * already. */
int must_check hmfs_space_claim(struct hmfs_space *space, uint64_t address, uint64_t blocks);

/* A commit, in this order: seal() fixes what it frees; flush() puts the records of the groups
 * that changed since the last one into the map, as they are when that commit is on disk, and may
 * be repeated; done() makes the freed blocks reusable, or with `failed` keeps them for the next. */
int must_check hmfs_space_seal(struct hmfs_space *space);
int must_check hmfs_space_flush(struct hmfs_space *space);
void hmfs_space_done(struct hmfs_space *space, bool failed);
/* What the commit allocated for metadata since its last flush(), for the segment that has the
 * records of space in it: those records cannot tell, so the root record does. Runs, merged where
 * that is easy; how many there are, of which `max` are stored. The next commit's records have
 * them. */
unsigned hmfs_space_late(const struct hmfs_space *space, struct hmfs_extent *extents, unsigned max);

/* Free now; what data may still use of it. */
uint64_t hmfs_space_free_blocks(const struct hmfs_space *space);
uint64_t hmfs_space_available(const struct hmfs_space *space);
/* How much of what is free the use may have. */
uint64_t hmfs_space_limit(const struct hmfs_space *space, enum hmfs_use use);
/* What root records say: free when the commit that was sealed (or would be now) is on disk. That
 * is what its groups' records sum up to: late ones count as free. */
uint64_t hmfs_space_free_after(const struct hmfs_space *space);
/* Promises (hmfs_reserve()): -ENOSPC. An allocation that was promised is preceded by
 * hmfs_space_unreserve(), and is HMFS_USE_PROMISED. */
int must_check hmfs_space_reserve(struct hmfs_space *space, uint64_t blocks);
/* How many blocks all segments have that may be merged, which then needs as many again. */
void hmfs_space_set_metadata(struct hmfs_space *space, uint64_t blocks);
void hmfs_space_unreserve(struct hmfs_space *space, uint64_t blocks);
/* The volume has so many blocks now, not less than before. -EIO, -ENOMEM. */
int must_check hmfs_space_grow(struct hmfs_space *space, uint64_t blocks);
/* The next run of at least `minimum` free (and committed so) blocks at or behind *address, which
 * is set to its start: for TRIM and maps of use. Runs end with groups. -ENOENT, -EIO, -ENOMEM. */
int must_check hmfs_space_next_free(struct hmfs_space *space, uint64_t *address, uint64_t minimum,
				    uint64_t *blocks);

/* The log wants to know which data was allocated (confirmed, that is) and freed since it last
 * asked (or the last seal), merged where that is easy, in that order. An error of `visit` ends it,
 * and all is as before. -ENOSPC: too much to tell came together, it takes a commit. */
int must_check hmfs_space_take_unlogged(struct hmfs_space *space,
					int (*visit)(void *context, uint64_t address,
						     uint64_t blocks, bool freed),
					void *context);

/* --- shared.c --- */

/* One more reference to each block of the run, which has up to HMFS_CHUNK_BLOCKS; all or nothing.
 * -ENOMEM, -EIO, -ENOSPC (too many references), -EINVAL. */
int must_check hmfs_shared_add(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* One reference less; blocks that had but one are freed. All or nothing. The flag HMFS_RUN_SHARED
 * does not matter: a snapshot's reference may have been made a reflink of, and cannot tell. A
 * volume that has no counts at all is not searched for any. */
int must_check hmfs_shared_drop(struct hmfs_space *space, uint64_t address, uint64_t blocks);

/* Loads, and allocates, what dropping the run needs, or noting it as dead, so that it does not fail
 * if it comes soon. -ENOMEM, -EIO, -EINVAL. */
int must_check hmfs_shared_prepare_drop(struct hmfs_space *space, uint64_t address,
					uint64_t blocks);

/* --- dead.c --- */

/* A dataset lets go of a run whose reference was born with commit `birth`: freed if the parent
 * cannot have it, else noted in the dataset's list of the dead. All or nothing: -ENOMEM, -EIO. `number`
 * is the dataset's, for messages. */
int must_check hmfs_dead_run(struct hmfs_space *space, const struct hmfs_dataset_record *dataset,
			     uint32_t number, uint64_t address, uint64_t blocks, uint64_t birth,
			     unsigned flags);
/* The same of a segment; without `dataset`, of the volume's own map. The log is not told. On
 * errors blocks are lost until fsck; a line in the log says so. */
int must_check hmfs_dead_segment(struct hmfs_space *space,
				 const struct hmfs_dataset_record *dataset, uint32_t number,
				 const struct hmfs_segment_pointer *segment);
/* A snapshot goes that exactly one dataset, the heir, comes from (whose parent and parent_commit
 * were set to the snapshot's before): of the heir's dead those born behind `parent_commit` (the
 * snapshot's) are freed, the others stay; the snapshot's own become the heir's. Both are lists.
 * About `budget` entries at a time: 1 if there are more. Where it stands is in memory only: begun
 * again, it does no harm. */
int must_check hmfs_dead_inherit(struct hmfs_space *space, uint64_t snapshot,
				 uint64_t parent_commit, uint64_t heir, unsigned budget);
/* A dataset goes from which nothing comes: forgets its list. `budget` as above. */
int must_check hmfs_dead_forget(struct hmfs_space *space, uint64_t list, unsigned budget);
