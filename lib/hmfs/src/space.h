/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Space: which blocks are free, who else refers to those that are not, what becomes of the dead.
 *
 *   space.c      allocating and freeing runs of blocks
 *   group.c      a group's bit map: read on demand, packed into its record, written by commits
 *   reserve.c    promises of space
 *   shared.c     counts of further references (reflinks)
 *   dead.c       lists of the dead of datasets
 *
 * A block that is freed is used again only when the commit that freed it is on disk.
 * A block that is allocated tentatively (by a merge that is under way) is free on disk until that
 * is confirmed, so that nothing leaks when the power goes.
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
	HMFS_USE_DATA,     /* of files: leaves the reserve alone */
	HMFS_USE_METADATA, /* of commits and the log: may use the reserve */
	HMFS_USE_MERGE,    /* tentative; leaves half of the reserve alone */
};
/* A run of 1 to `wanted` blocks near `hint` (0: anywhere): the longest that is found without much
 * looking, `least` or more (else -ENOSPC). -EIO, -ENOMEM. */
int must_check hmfs_space_allocate(struct hmfs_space *space, enum hmfs_use use, uint64_t hint,
				   uint64_t least, uint64_t wanted, uint64_t *address,
				   uint64_t *got);
/* Frees; reusable after the next commit. Only fails with -EIO, -ENOMEM where the group's record
 * cannot be had: the blocks are lost until fsck then, and a line in the log says so. */
void hmfs_space_free(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* The blocks were never referred to by anything on disk: reusable at once. */
void hmfs_space_undo(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* Tentative ones are to stay. */
int must_check hmfs_space_confirm(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* Replay and fsck: marks these as used, whatever they were; -EUCLEAN where one was in use
 * already. */
int must_check hmfs_space_claim(struct hmfs_space *space, uint64_t address, uint64_t blocks);

/* A commit, in this order: seal() fixes what it frees; flush() puts the records of the groups
 * that changed since the last one into the map, as they are when that commit is on disk (after
 * that the commit allocates nothing but by hmfs_space_allocate() with the record updated again
 * by another flush()); done() makes the freed blocks reusable, or with `failed` keeps them for
 * the next. */
int must_check hmfs_space_seal(struct hmfs_space *space);
int must_check hmfs_space_flush(struct hmfs_space *space);
void hmfs_space_done(struct hmfs_space *space, bool failed);

/* Free now; what data may still use of it; blocks of the reserve. */
uint64_t hmfs_space_free_blocks(const struct hmfs_space *space);
uint64_t hmfs_space_available(const struct hmfs_space *space);
/* What root records say: free when the commit that was sealed is on disk. */
uint64_t hmfs_space_free_after(const struct hmfs_space *space);
/* Promises (hmfs_reserve()): -ENOSPC. An allocation with HMFS_USE_DATA that was promised is
 * preceded by hmfs_space_unreserve(). */
int must_check hmfs_space_reserve(struct hmfs_space *space, uint64_t blocks);
void hmfs_space_unreserve(struct hmfs_space *space, uint64_t blocks);
int must_check hmfs_space_grow(struct hmfs_space *space, uint64_t blocks);
/* The next run of at least `minimum` free (and committed so) blocks at or behind *address: for
 * TRIM and maps of use. -ENOENT. */
int must_check hmfs_space_next_free(struct hmfs_space *space, uint64_t *address, uint64_t minimum,
				    uint64_t *blocks);

/* The log wants to know what was allocated and freed since it last asked (or the last seal),
 * merged where that is easy. */
int must_check hmfs_space_take_unlogged(struct hmfs_space *space,
					int (*visit)(void *context, uint64_t address,
						     uint64_t blocks, bool freed),
					void *context);

/* --- shared.c --- */

/* One more reference to each block of the run. -ENOMEM, -EIO, -ENOSPC (too many). */
int must_check hmfs_shared_add(struct hmfs_space *space, uint64_t address, uint64_t blocks);
/* One reference less; blocks that had but one are freed. `flags`: of the run; without
 * HMFS_RUN_SHARED they are freed without looking. */
int must_check hmfs_shared_drop(struct hmfs_space *space, uint64_t address, uint64_t blocks,
				unsigned flags);

/* --- dead.c --- */

/* A dataset lets go of a run whose reference was born with commit `birth`: freed if the parent
 * cannot have it, else noted among the dead. */
int must_check hmfs_dead_run(struct hmfs_space *space, const struct hmfs_dataset_record *dataset,
			     uint32_t number, uint64_t address, uint64_t blocks, uint64_t birth,
			     unsigned flags);
int must_check hmfs_dead_segment(struct hmfs_space *space,
				 const struct hmfs_dataset_record *dataset, uint32_t number,
				 const struct hmfs_segment_pointer *segment);
/* A snapshot goes that exactly one dataset, `child`, comes from: of the child's dead those born
 * behind the snapshot's parent_commit are freed, the others stay; the snapshot's own become the
 * child's. At most `budget` entries at a time: 1 if there are more. */
int must_check hmfs_dead_inherit(struct hmfs_space *space, uint32_t snapshot,
				 uint64_t snapshot_parent_commit, uint32_t child, unsigned budget);
/* A dataset goes from which nothing comes: forgets its dead. `budget` as above. */
int must_check hmfs_dead_forget(struct hmfs_space *space, uint32_t dataset, unsigned budget);
