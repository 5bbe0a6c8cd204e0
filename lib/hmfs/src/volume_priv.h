/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The volume, for the files of this folder.
 *
 *   make.c       empty volumes
 *   super.c      superblocks and root records
 *   mount.c      finding the newest root, ending
 *   commit.c     commits; work.c: what is done in the background
 *   log.c        the log: batches written; replay.c: read after a crash
 *   dataset.c    datasets in memory and in their records; snapshot.c: making and deleting them
 *   damage.c     messages; sum.c: checksums
 *
 *   record.c     object records; name.c: directories; rename.c; orphan.c; fork.c; index.c
 *   chunk.c      chunk records; read.c, write.c, punch.c, clone.c, place.c, seek.c: contents
 */
#pragma once

#include <base/list.h>
#include <hmfs/file.h>
#include <hmfs/object.h>
#include <hmfs/volume.h>

#include "map.h"
#include "space.h"

/* A dataset that is in use. */
struct hmfs_dataset {
	struct list_node node;
	uint32_t number;
	struct hmfs_dataset_record record; /* as it will be committed, but `map` */
	bool record_changed;
	struct hmfs_map map;
	uint64_t last_objects; /* for the owner's use */
};

struct hmfs_volume {
	struct hmfs_device *device;
	const struct hmfs_host *host;
	struct hmfs_super super;
	struct hmfs_root root; /* the one on disk that is the volume */
	bool read_only;
	bool failed; /* a commit could not be written: nothing is changed any more */
	struct hmfs_context context;
	struct hmfs_map map; /* the volume's own */
	struct hmfs_space *space;
	struct list datasets;
	struct list held; /* objects that are held (orphan.c) */
	/* The one that changes made now will belong to: root.commit + 1; + 2 while one is under
	 * way. */
	uint64_t commit;
	bool committing;
	uint64_t last_commit_time;
	uint64_t healed, damaged, log_batches;
	struct hmfs_log *log;
	struct hmfs_held_table *held_table;       /* orphan.c's */
	struct hmfs_snapshot_work *snapshot_work; /* snapshot.c's */
};

static inline void hmfs_lock(struct hmfs_volume *volume)
{
	if (volume->host->lock)
		volume->host->lock(volume->host->context);
}

static inline void hmfs_unlock(struct hmfs_volume *volume)
{
	if (volume->host->unlock)
		volume->host->unlock(volume->host->context);
}

/* All below: the lock is held. */

/* --- dataset.c --- */

/* The dataset, opened if need be; stays open until unmount. -ENOENT, -EIO, -ENOMEM. */
int must_check hmfs_dataset_get(struct hmfs_volume *volume, uint32_t number,
				struct hmfs_dataset **dataset);
/* The same for changing: -EROFS, and -EIO after a failed commit. Waits while the newest maps
 * are far beyond host->newest_bytes and a commit is under way, with the lock let go of: callers
 * get it first of all. */
int must_check hmfs_dataset_get_to_change(struct hmfs_volume *volume, uint32_t number,
					  struct hmfs_dataset **dataset);
/* The record changed (objects, next_object). */
void hmfs_dataset_changed(struct hmfs_dataset *dataset);

/* --- damage.c --- */

/* A line in the log and a count; returns -EIO. `id` may be NULL: metadata. */
int hmfs_complain(struct hmfs_volume *volume, const struct hmfs_id *id, const char *format, ...)
	printf_like(3, 4);

/* --- record.c --- */

#define HMFS_OBJECT_VALUE_MAX (sizeof(struct hmfs_object_record) + HMFS_NAME_MAX)
struct hmfs_object {
	struct hmfs_object_record record;
	char name[HMFS_NAME_MAX + 1];
};
/* -ENOENT, -EIO. */
int must_check hmfs_object_load(struct hmfs_dataset *dataset, uint64_t number,
				struct hmfs_object *object);
int must_check hmfs_object_store(struct hmfs_dataset *dataset, uint64_t number,
				 const struct hmfs_object *object);
/* Keys of names: two hashes of the name with the volume's seed. */
void hmfs_name_key(const struct hmfs_volume *volume, uint64_t object, enum hmfs_kind kind,
		   const char *name, size_t length, struct hmfs_key *key);

/* --- chunk.c --- */

struct hmfs_chunk {
	unsigned runs;
	bool is_inline;
	uint16_t length; /* inline */
	struct hmfs_run run[HMFS_CHUNK_BLOCKS];
	uint8_t sums[HMFS_CHUNK_BLOCKS][HMFS_SUM_MAX]; /* by block of the chunk */
	uint8_t bytes[HMFS_INLINE_MAX];
};
/* An absent record is an empty chunk (no runs). -EIO. */
int must_check hmfs_chunk_load(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
			       struct hmfs_chunk *chunk);
int must_check hmfs_chunk_store(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
				const struct hmfs_chunk *chunk);
/* Decodes and checks a value; -EUCLEAN. For fsck and send, too. */
int must_check hmfs_chunk_decode(uint32_t hash, const void *value, size_t length,
				 struct hmfs_chunk *chunk);
/* Frees (or notes as dead) all contents of an object behind `size` bytes, at most `budget`
 * chunks: 1 if there are more. Does not change the object's record. */
int must_check hmfs_chunks_cut(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			       uint64_t object, uint64_t size, unsigned budget);

/* --- orphan.c --- */

/* The object has no name any more: an orphan, deleted at once if nobody holds it and it is
 * small, else by and by. */
int must_check hmfs_object_drop(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
				uint64_t number, struct hmfs_object *object);
/* For hmfs_work(): deletes what is left of orphans: 1 if there is more. */
int must_check hmfs_orphans_reap(struct hmfs_volume *volume, unsigned budget);
void hmfs_held_end(struct hmfs_volume *volume);

/* --- log.c, replay.c --- */

int must_check hmfs_log_create(struct hmfs_volume *volume);
void hmfs_log_destroy(struct hmfs_volume *volume);
/* Writes what is unlogged as a batch and flushes; lets go of the lock meanwhile. -ENOSPC: it
 * does not fit, commit instead. */
int must_check hmfs_log_write(struct hmfs_volume *volume);
/* In a commit, before its records are flushed: the log that will follow it, in `root`. */
int must_check hmfs_log_prepare(struct hmfs_volume *volume, struct hmfs_root *root);
void hmfs_log_switch(struct hmfs_volume *volume); /* the commit is on disk */
int must_check hmfs_log_replay(struct hmfs_volume *volume, bool *replayed);

/* --- snapshot.c --- */

/* For hmfs_work(): goes on deleting datasets: 1 if there is more. */
int must_check hmfs_snapshots_reap(struct hmfs_volume *volume, unsigned budget);
