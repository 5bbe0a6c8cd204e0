/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes: made, mounted, committed; their snapshots; what they are.  All functions return 0
 * (or what they say) or a negative errno, take the volume's lock themselves, and may wait for
 * the device. Damage is -EIO after a line in the log that names volume, file, fork and offset;
 * it never is wrong data. */
#pragma once

#include <hmfs/format.h>
#include <hmfs/host.h>

struct hmfs_volume;

struct hmfs_make_options {
	uint8_t uuid[16]; /* all zeros: random */
	const char *label;
	uint32_t hash; /* enum hmfs_hash_kind; 0: XXH3 */
	bool data_twice;
	/* Of creation; 0: now. With uuid, time and name_seed given, all is reproducible. */
	uint64_t time;
	uint64_t name_seed; /* 0: random, or made from the uuid if that is given */
};
/* Writes an empty volume. -ENOSPC (too small), -EINVAL, -EIO, -ENOMEM. */
int must_check hmfs_make(struct hmfs_device *device, const struct hmfs_host *host,
			 const struct hmfs_make_options *options);

/* Reads and checks a superblock: 0, -EINVAL (no HMFS), -EIO, -EUCLEAN (damaged, both),
 * -EOPNOTSUPP (a feature or version that this does not know). For blkid and mount. */
int must_check hmfs_probe(struct hmfs_device *device, const struct hmfs_host *host,
			  struct hmfs_super *super);

struct hmfs_mount_options {
	bool read_only;
	uint32_t dataset; /* 0: HMFS_DATASET_LIVE */
};
/* Finds the newest root record, replays the log, and commits that (in memory only, if read_only).
 * `device` and `host` are kept. -EROFS, and hmfs_probe()'s errors. */
int must_check hmfs_mount(struct hmfs_device *device, const struct hmfs_host *host,
			  const struct hmfs_mount_options *options, struct hmfs_volume **volume);
/* Commits, and frees it whatever that gives. */
int hmfs_unmount(struct hmfs_volume *volume);
/* Frees it as if the power had gone. */
void hmfs_abandon(struct hmfs_volume *volume);

/* Makes all that was done before durable: by the log if that is possible, which costs a flush,
 * else by a commit. What file contents the embedder has must have been given to the volume
 * before. */
int must_check hmfs_sync(struct hmfs_volume *volume);
/* Writes the newest maps out and links them in, and a root record. The lock is free meanwhile. */
int must_check hmfs_commit(struct hmfs_volume *volume);
/* Should be called from time to time: commits when enough has come together, makes what there is
 * durable when `seconds` have passed since that was done, merges segments, deletes orphans; each in
 * steps, between which others get the lock. Returns 1 if there is more to do now. */
int must_check hmfs_work(struct hmfs_volume *volume, unsigned seconds);

struct hmfs_statistics {
	uint64_t blocks, free_blocks, available_blocks; /* without what commits need */
	uint64_t objects;
	uint64_t commits, log_batches, merges;             /* since it was mounted */
	uint64_t node_reads, node_writes, healed, damaged; /* blocks; copies; nodes and blocks */
	bool data_twice;                                   /* copies=2 */
};
void hmfs_read_statistics(struct hmfs_volume *volume, struct hmfs_statistics *statistics);
const struct hmfs_super *hmfs_super_of(const struct hmfs_volume *volume);
bool hmfs_is_read_only(const struct hmfs_volume *volume);
int must_check hmfs_set_read_only(struct hmfs_volume *volume, bool read_only);
int must_check hmfs_set_label(struct hmfs_volume *volume, const char *label);
/* The device has grown: uses all of it. */
int must_check hmfs_grow(struct hmfs_volume *volume);
/* Trims free space, runs of at least `minimum` blocks; how many blocks were. */
int must_check hmfs_trim(struct hmfs_volume *volume, uint64_t minimum, uint64_t *trimmed);
/* Gives back memory of clean nodes, up to `bytes`; how much it was. */
size_t hmfs_shrink(struct hmfs_volume *volume, size_t bytes);

/* --- Datasets: the live file system, its snapshots, clones of those. --- */

struct hmfs_dataset_info {
	uint32_t number;
	uint32_t flags; /* enum hmfs_dataset_flags */
	uint32_t parent;
	uint64_t created, objects, commit;
	char name[256];
};
/* The next dataset with a number of at least `number` that is not hidden. -ENOENT. */
int must_check hmfs_dataset_next(struct hmfs_volume *volume, uint32_t number,
				 struct hmfs_dataset_info *info);
/* -ENOENT. */
int must_check hmfs_dataset_find(struct hmfs_volume *volume, const char *name,
				 struct hmfs_dataset_info *info);
/* Makes dataset `name` of what `of` is now, in O(1) beside a commit. `writable`: a clone. -EEXIST,
 * -EINVAL (a bad name: empty, with '/', "." or ".."), -ENAMETOOLONG, -ENOSPC. */
int must_check hmfs_snapshot(struct hmfs_volume *volume, uint32_t of, const char *name,
			     bool writable, uint32_t *number);
/* Deletes one; its space comes back by and by (hmfs_work()). -EBUSY: the live one; -ENOENT. */
int must_check hmfs_snapshot_delete(struct hmfs_volume *volume, uint32_t number);

/* --- Checksums of the volume's kind --- */

/* Bytes that a checksum has: 16, 32 or 64. */
size_t hmfs_sum_size(uint32_t hash);
void hmfs_sum(uint32_t hash, const void *bytes, size_t length, uint8_t sum[HMFS_SUM_MAX]);
