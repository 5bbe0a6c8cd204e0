/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is on disk, as lines of text, for those who look for faults. docs/formats/hmfs.md explains
 * what they mean. */
#pragma once

#include <hmfs/volume.h>

typedef void hmfs_dump_line(void *context, const char *line);

/* Superblocks and root records, each copy, damaged or not; of anything at all. -EIO, -ENOMEM. */
int must_check hmfs_dump_device(struct hmfs_device *device, const struct hmfs_host *host,
				hmfs_dump_line *line, void *context);
/* The maps of a mounted volume: their lists of segments, and with `records` all that is in them.
 * The volume's lock is held from start to end. -EIO, -ENOMEM. */
int must_check hmfs_dump_maps(struct hmfs_volume *volume, bool records, hmfs_dump_line *line,
			      void *context);
