/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a volume's checksums reach, to be changed behind their back: the root record, nodes of maps,
 * batches of the log. After a change the checksums on the way up are made right again. */
#pragma once

#include <hmfs/volume.h>

#include "memory_volume.h"

/* A node, a batch of the log, or the root record. */
struct piece {
	uint64_t address[2]; /* the copies; [1] 0: none */
	uint32_t blocks;
	uint32_t used;   /* bytes that mean something */
	uint32_t own;    /* where its own checksum is in it; 0: others have it */
	uint8_t *bytes;  /* as it was made */
	uint8_t *now;    /* as the input wants it */
	bool is_changed; /* since the original */
};

/* A checksum of `child` that is in `parent`. */
struct reference {
	unsigned child, parent, offset;
};

#define PIECES_MAX 512u

struct pieces {
	uint32_t hash;
	struct hmfs_super super;
	struct piece list[PIECES_MAX]; /* the root record first */
	struct reference references[2 * PIECES_MAX];
	unsigned count, reference_count;
};

/* Of an unmounted volume. */
void pieces_gather(struct pieces *pieces, struct memory_device *device);
/* All as it was made. */
void pieces_reset(struct pieces *pieces);
/* Makes checksums right; writes what changed, with `one_copy` one copy of nodes only. */
void pieces_write(struct pieces *pieces, struct memory_device *device, bool one_copy);
