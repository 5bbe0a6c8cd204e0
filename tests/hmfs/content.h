/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A volume with a bit of everything in it: directories, files small and large, with holes, reflinks,
 * forks, links, a snapshot, a clone, what was deleted. What a file's bytes are follows from its
 * number and version, so what is read can be judged without a copy.
 */
#pragma once

#include <hmfs/file.h>
#include <hmfs/object.h>
#include <hmfs/volume.h>

#include "memory_volume.h"

struct content_options {
	uint64_t blocks;
	uint32_t hash;
	bool data_twice;
	unsigned files;
	bool leave_log; /* ends with what only the log has */
};

/* Makes the device and the volume, fills it and leaves it unmounted, cleanly or as if the power had
 * gone. Aborts if anything fails. */
void content_make(struct memory_volume *volume, const struct content_options *options);

struct content_result {
	uint64_t right, lost; /* files and names that were read right; errors -EIO */
	uint64_t wrong;       /* anything else: wrong bytes, names missing or too many */
	char first[256];      /* what was wrong first */
};
/* Looks up and reads everything, in the live file system, the snapshot and the clone. */
void content_verify(struct hmfs_volume *volume, unsigned files, struct content_result *result);
/* Reads everything that is there, whatever it is, up to a limit; for volumes that were repaired,
 * or made up. */
void content_walk(struct hmfs_volume *volume);
/* Works on it: creates, writes, renames, deletes, snapshots. Errors are of no interest. */
void content_use(struct hmfs_volume *volume, uint32_t seed);
