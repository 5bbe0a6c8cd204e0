/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking volumes: offline, all of it, and repairing (fsck); online, all checksums (scrub).
 */
#pragma once

#include <hmfs/volume.h>

/* Something that was found, in one line for people: what it is, which file, what is done about
 * it. */
struct hmfs_report {
	/* `repaired`: it was mended, or could be (without `repair`). */
	void (*problem)(void *context, const char *line, bool repaired);
	/* done of total, blocks. May be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

struct hmfs_check_options {
	bool repair;
	bool data; /* verify the contents of files too */
};
struct hmfs_check_result {
	uint64_t objects, directories, data_blocks, metadata_blocks, snapshots;
	uint64_t problems, repaired;
};
/* The volume is not mounted. Everything is looked at: both superblocks and rings, each copy of
 * each node, every entry, links against names, sizes against contents, blocks in use against
 * the bit maps (leaked, used twice), references, the dead, the index. 0 whatever was found (see
 * the result); -EINVAL (no HMFS at all), -EIO (the device), -ENOMEM. */
int must_check hmfs_check(struct hmfs_device *device, const struct hmfs_host *host,
			  const struct hmfs_check_options *options,
			  const struct hmfs_report *report, struct hmfs_check_result *result);

/* Reads and verifies all that the mounted volume has, heals what it can, in steps of some ms,
 * while it is used. Keeps its place in *position (zeros: the start). 1: there is more. */
struct hmfs_scrub_position {
	uint64_t dataset, segment, done, total;
	struct hmfs_key key;
};
int must_check hmfs_scrub_step(struct hmfs_volume *volume, struct hmfs_scrub_position *position,
			       const struct hmfs_report *report);
