/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The volume, for the files of this folder.
 *
 *   make.c       empty volumes
 *   super.c      superblocks and root records
 *   mount.c      finding the newest root, ending
 *   commit.c     commits; work.c: what is done in the background; resize.c: growing, trimming
 *   info.c       figures, label
 *   log.c        the log: batches written; replay.c: read after a crash
 *   dataset.c    datasets in memory and in their records
 *   snapshot.c   making snapshots and clones; reap.c: deleting them
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
	struct hmfs_dataset_record record; /* as it is now, but `map` */
	bool record_changed;               /* since the last commit froze it */
	bool record_unlogged;              /* since the log had it */
	bool pending;                      /* a snapshot that is not on disk yet: nobody sees it */
	bool gone;                         /* deleted; stays since somebody may still know it */
	struct hmfs_map map;
	struct hmfs_dataset_record *frozen; /* what the commit under way writes; NULL: nothing */
	uint64_t last_objects;              /* for the owner's use */
};

struct hmfs_volume {
	struct hmfs_device *device;
	const struct hmfs_host *host;
	struct hmfs_super super;
	struct hmfs_root root; /* the one on disk that is the volume */
	struct hmfs_root next; /* the one that a commit makes */
	bool read_only;
	bool failed; /* a commit could not be written: nothing is changed any more */
	struct hmfs_context context;
	struct hmfs_map map; /* the volume's own */
	struct hmfs_space *space;
	uint64_t blocks;       /* that `space` is of */
	uint64_t next_dataset; /* of datasets and lists of the dead; the root's next one */
	struct list datasets;
	struct list held; /* objects that are held (orphan.c) */
	/* The one that changes made now will belong to: root.commit + 1; + 2 while one is under
	 * way, and another one more after each that failed. */
	uint64_t commit;
	/* A commit, a batch of the log, or a step of a merge is under way, which lets go of the
	 * lock: one at a time (hmfs_busy_begin()). */
	bool busy;
	bool committing;
	/* The log cannot tell what changed (the list of a map, or a batch was lost): syncs
	 * commit. */
	bool must_commit;
	bool one_ring;    /* only one has the newest root record */
	bool reap_idle;   /* no dataset waits to be deleted */
	uint32_t reaping; /* the one that is being deleted; 0: to be found */
	uint64_t nonce;   /* random, of this mount: log_nonce is made of it */
	uint64_t last_commit_time;
	uint64_t commits, healed, damaged, log_batches;
	struct hmfs_log *log;
	struct hmfs_held_table *held_table;       /* orphan.c's */
	struct hmfs_snapshot_work *snapshot_work; /* snapshot.c's: one that a commit shall make */
	struct hmfs_contents *contents;           /* contents.h; made when it is first needed */
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

/* Waits, with the lock let go of, until somebody calls hmfs_wake(), or for nothing. */
static inline void hmfs_wait(struct hmfs_volume *volume)
{
	if (volume->host->wait) {
		volume->host->wait(volume->host->context);
		return;
	}
	hmfs_unlock(volume);
	hmfs_lock(volume);
}

static inline void hmfs_wake(struct hmfs_volume *volume)
{
	if (volume->host->wake)
		volume->host->wake(volume->host->context);
}

static inline void hmfs_busy_begin(struct hmfs_volume *volume)
{
	while (volume->busy)
		hmfs_wait(volume);
	volume->busy = true;
}

static inline void hmfs_busy_end(struct hmfs_volume *volume)
{
	volume->busy = false;
	hmfs_wake(volume);
}

/* --- super.c: no lock is needed --- */

/* The first block of the second superblock, and of the second ring, of a volume of so many
 * blocks. */
#define HMFS_END_BLOCKS (HMFS_RING_SLOTS + 1)
static inline uint64_t hmfs_second_super(uint64_t blocks)
{
	return blocks - HMFS_END_BLOCKS;
}
static inline uint64_t hmfs_second_ring(uint64_t blocks)
{
	return blocks - HMFS_RING_SLOTS;
}

/* Puts the checksum into a superblock or root record, or tells whether it is right. */
void hmfs_super_seal(struct hmfs_super *super);
bool hmfs_super_intact(const struct hmfs_super *super);
void hmfs_root_seal(uint32_t hash, struct hmfs_root *root);
bool hmfs_root_intact(uint32_t hash, const struct hmfs_root *root);
/* Writes the superblock to its two places, one after the other, so that one is whole. */
int must_check hmfs_super_write(struct hmfs_volume *volume, const struct hmfs_super *super);
/* Writes the root record into both rings and flushes. */
int must_check hmfs_root_write(struct hmfs_volume *volume, const struct hmfs_root *root);
/* The newest intact root record of both rings; `both`: they both have it. -EUCLEAN: none; -EIO,
 * -ENOMEM. */
int must_check hmfs_root_find(struct hmfs_device *device, const struct hmfs_host *host,
			      const struct hmfs_super *super, struct hmfs_root *root, bool *both);

/* --- mount.c --- */

/* In memory, of volume->super and volume->root, which are set; nothing is read. Frees all if
 * that fails. `volume` is zeroed but for those, device and host. */
int must_check hmfs_volume_open(struct hmfs_volume *volume);
/* What was mounted to be read is written from now on. */
int must_check hmfs_start_writing(struct hmfs_volume *volume);
void hmfs_volume_free(struct hmfs_volume *volume);

/* --- commit.c --- */

/* hmfs_commit() with the lock held: all that was changed before is durable afterwards. */
int must_check hmfs_commit_all(struct hmfs_volume *volume);
/* One commit, whether anything changed or not; the caller is busy. */
int must_check hmfs_commit_once(struct hmfs_volume *volume);
/* False: a commit would make no difference. */
bool hmfs_anything_changed(const struct hmfs_volume *volume);
/* Bytes of all newest and frozen maps. */
size_t hmfs_newest_total(const struct hmfs_volume *volume);

/* --- work.c --- */

/* Merges until no list has `full` segments; the caller is busy. */
int must_check hmfs_merge_room(struct hmfs_volume *volume, unsigned full);

/* --- resize.c --- */

/* Uses the blocks up to the end that the superblock tells, after a growth that was cut short, too:
 * in memory; a commit should follow. */
int must_check hmfs_grow_finish(struct hmfs_volume *volume);

/* --- dataset.c --- */

/* One that is in memory, or NULL. */
struct hmfs_dataset *hmfs_dataset_open_one(struct hmfs_volume *volume, uint32_t number);
/* Adds one to those in memory; its map is empty. NULL: out of memory. */
struct hmfs_dataset *hmfs_dataset_add(struct hmfs_volume *volume, uint32_t number,
				      const struct hmfs_dataset_record *record);
void hmfs_dataset_forget(struct hmfs_volume *volume, struct hmfs_dataset *dataset);
/* hmfs_dataset_get() of hidden ones, too. */
int must_check hmfs_dataset_get_any(struct hmfs_volume *volume, uint32_t number,
				    struct hmfs_dataset **dataset);
/* The next one's number and record, of all that there are, those in memory as they are now. */
int must_check hmfs_dataset_walk(struct hmfs_volume *volume, uint32_t *number,
				 struct hmfs_dataset_record *record);
void hmfs_dataset_key(uint32_t number, struct hmfs_key *key);
/* hmfs_dataset_find(). */
int must_check hmfs_dataset_find_locked(struct hmfs_volume *volume, const char *name,
					struct hmfs_dataset_info *info);

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
/* The same of what was mended: a warning, counted as healed. */
void hmfs_note_healed(struct hmfs_volume *volume, const struct hmfs_id *id, const char *format, ...)
	printf_like(3, 4);
/* A line without any count. */
void hmfs_tell(struct hmfs_volume *volume, enum hmfs_log_level level, const char *format, ...)
	printf_like(3, 4);
/* hmfs_context.damage. */
void hmfs_node_damage(void *volume, const struct hmfs_pointer *pointer, unsigned copy, bool healed,
		      const char *what);

/* --- describe.c --- */

void hmfs_describe_locked(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size);

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

#define HMFS_CHUNK_VALUE_MAX (sizeof(struct hmfs_chunk_record) + HMFS_INLINE_MAX)

struct hmfs_chunk {
	unsigned runs;
	bool is_inline;
	uint16_t length; /* inline */
	struct hmfs_run run[HMFS_CHUNK_BLOCKS];
	uint8_t sums[HMFS_CHUNK_BLOCKS][HMFS_SUM_MAX]; /* by block of the chunk */
	union {
		uint8_t value[HMFS_CHUNK_VALUE_MAX]; /* room to read and write the record in */
		struct {
			struct hmfs_chunk_record record;
			uint8_t bytes[HMFS_INLINE_MAX];
		};
	};
};
/* An absent record is an empty chunk (no runs). -EIO: it is nonsense, or cannot be read. */
int must_check hmfs_chunk_load(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
			       struct hmfs_chunk *chunk);
/* An empty chunk's record is removed. Writes into chunk->value. */
int must_check hmfs_chunk_store(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
				struct hmfs_chunk *chunk);
/* Decodes and checks a value, which may be chunk->value; -EUCLEAN. For fsck and send, too. */
int must_check hmfs_chunk_decode(uint32_t hash, const void *value, size_t length,
				 struct hmfs_chunk *chunk);
/* Whether all its runs are on a volume of `blocks` blocks, and none is from the future. */
bool hmfs_chunk_is_placed(const struct hmfs_chunk *chunk, uint64_t blocks, uint64_t commit);
/* The value, of up to HMFS_CHUNK_VALUE_MAX bytes (may be chunk->value): its length. */
size_t hmfs_chunk_encode(uint32_t hash, const struct hmfs_chunk *chunk, uint8_t *value);
/* Frees (or notes as dead) all contents of an object behind `size` bytes, at most `budget`
 * chunks: 1 if there are more. Does not change the object's record. */
int must_check hmfs_chunks_cut(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			       uint64_t object, uint64_t size, unsigned budget);
/* The volume ends: its hints and spare memory are freed. */
void hmfs_contents_end(struct hmfs_volume *volume);

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
/* Writes what is unlogged as a batch and flushes; lets go of the lock meanwhile; the caller is
 * busy. -ENOSPC: it does not fit, commit instead. */
int must_check hmfs_log_write(struct hmfs_volume *volume);
/* In a commit, before its records are flushed: the log that will follow it, in `root`. */
int must_check hmfs_log_prepare(struct hmfs_volume *volume, struct hmfs_root *root);
void hmfs_log_switch(struct hmfs_volume *volume); /* the commit is on disk */
void hmfs_log_cancel(struct hmfs_volume *volume); /* it failed */
void hmfs_log_frozen(struct hmfs_volume *volume); /* the commit will have all up to now */
/* Does again what the log tells; a commit should follow if that was anything. -EIO, -ENOMEM. */
int must_check hmfs_log_replay(struct hmfs_volume *volume, bool *replayed);

/* --- snapshot.c, reap.c --- */

/* In a commit: all maps were just frozen, and the lock was not let go of since. */
void hmfs_snapshot_frozen(struct hmfs_volume *volume);
/* In a commit: the datasets' maps are written: the new ones get their lists. */
void hmfs_snapshot_written(struct hmfs_volume *volume);
/* For hmfs_work(): goes on deleting datasets: 1 if there is more. */
int must_check hmfs_snapshots_reap(struct hmfs_volume *volume, unsigned budget);
