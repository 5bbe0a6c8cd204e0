/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scrub.c (maps) and scrub_data.c (contents of files) share. The lock is held. */
#pragma once

#include <hmfs/check.h>

#include "map_priv.h"
#include "volume_priv.h"

struct hmfs_scrub {
	struct hmfs_volume *volume;
	struct hmfs_scrub_position *position;
	const struct hmfs_report *report;
	struct hmfs_chunk *chunk;
	uint8_t *buffer; /* of HMFS_CHUNK_SIZE bytes */
};

void hmfs_scrub_say(struct hmfs_scrub *scrub, bool healed, const char *format, ...)
	printf_like(3, 4);
/* Verifies what was born in the dataset of the chunk in scrub->chunk, which is the one at `key`.
 * Lets go of the lock meanwhile. -ENOMEM. */
int must_check hmfs_scrub_data(struct hmfs_scrub *scrub, struct hmfs_dataset *dataset,
			       const struct hmfs_key *key);
