/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reserve, which keeps a full volume going, and promises of space.
 *
 * In addition twice as much is kept as there are metadata, so that all of them can be changed, and
 * merged with what they were: what is deleted or changed gives its space back only then. In a volume
 * full of data that is little; one that is full of metadata, of small files that is, keeps half.
 *
 * Freed blocks are free after the next commit only, so that deleting needs space: for the segment
 * of what was removed, the records of the groups, the log, all twice. The reserve is for that. It
 * grows with the volume because merging needs space, too: metadata are about 1.5 % of a volume full
 * of data (a checksum of 16 bytes for each block, twice), and as long as half of 1/32 is left to
 * merges all of them go on. There it ends at 4 GiB: of larger volumes only the largest segments
 * wait for space with merging, and the lists stay short without them. A small volume, where 64
 * blocks are more than that, still has enough for the few blocks of a commit and its log.
 */
#include <base/errno.h>

#include "space_priv.h"

#define RESERVE_SHARE 32u
#define RESERVE_LEAST 64u
#define RESERVE_MOST  ((uint64_t)1 << 20)

/* What commits may use. */
static uint64_t share_of(const struct hmfs_space *space)
{
	const uint64_t share = max_u64(space->blocks / RESERVE_SHARE, RESERVE_LEAST);

	return min_u64(share, RESERVE_MOST);
}

static uint64_t reserve_of(const struct hmfs_space *space)
{
	return share_of(space) + min_u64(2 * space->metadata, space->blocks / 2);
}

void hmfs_space_set_metadata(struct hmfs_space *space, uint64_t blocks)
{
	space->metadata = blocks;
}

/* Promised data needs metadata, in proportion. */
static uint64_t promised(const struct hmfs_space *space)
{
	return space->promised + space->promised / RESERVE_SHARE;
}

static uint64_t beyond(uint64_t blocks, uint64_t kept)
{
	return blocks > kept ? blocks - kept : 0;
}

uint64_t hmfs_space_limit(const struct hmfs_space *space, enum hmfs_use use)
{
	switch (use) {
	case HMFS_USE_DATA:
		return beyond(space->free, reserve_of(space) + promised(space));
	case HMFS_USE_PROMISED:
		/* What was promised was there without the reserve, most of which commits may have
		 * used since. */
		return beyond(space->free, share_of(space) / 4);
	case HMFS_USE_MERGE:
		return beyond(space->free, share_of(space) / 2 + promised(space));
	case HMFS_USE_URGENT:
		/* Without it there are no more commits, nor promises to be kept. */
		return beyond(space->free, share_of(space) / 4);
	case HMFS_USE_METADATA:
		break;
	}
	return space->free;
}

uint64_t hmfs_space_available(const struct hmfs_space *space)
{
	return hmfs_space_limit(space, HMFS_USE_DATA);
}

int hmfs_space_reserve(struct hmfs_space *space, uint64_t blocks)
{
	if (blocks > hmfs_space_available(space))
		return -ENOSPC;
	space->promised += blocks;
	return 0;
}

void hmfs_space_unreserve(struct hmfs_space *space, uint64_t blocks)
{
	space->promised -= min_u64(space->promised, blocks);
}
