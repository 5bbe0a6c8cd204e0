/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blocks that a segment being written has: runs allocated in pairs, one for each copy. */
#pragma once

#include "space.h"

struct hmfs_runs {
	struct hmfs_context *context;
	enum hmfs_use use;
	struct hmfs_extent *extents;
	unsigned count, room, pairs;
	uint64_t hint[2]; /* behind the last ones */
};

/* A run for each copy, of equal lengths: `wanted` blocks, or fewer, down to `least`. -ENOSPC,
 * -EIO, -ENOMEM. */
int must_check hmfs_runs_allocate(struct hmfs_runs *runs, uint64_t least, uint64_t wanted,
				  uint64_t address[2], uint64_t *blocks);
/* The last `blocks` blocks of runs that end at `end` were not needed. */
void hmfs_runs_cut(struct hmfs_runs *runs, uint64_t end, uint64_t blocks);
int must_check hmfs_runs_confirm(struct hmfs_runs *runs);
void hmfs_runs_undo(struct hmfs_runs *runs);
void hmfs_runs_destroy(struct hmfs_runs *runs);
