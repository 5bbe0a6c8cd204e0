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
 *   record.c     object records; name.c: directories; list.c; symlink.c; rename.c;
 *   held.c, orphan.c; fork.c, attribute.c, computed.c, mime.c; index.c, query.c; describe.c
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
	/* Orphans from this number on may wait to be deleted, unless `orphans_reaped`
	 * (orphan.c). */
	uint64_t orphan_next;
	uint64_t receive_number; /* not 0: what hmfs_number_next() gives (receive.c) */
	bool orphans_reaped;
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
	uint64_t last_commit_time, last_sync_time;
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
/* Tells space how much may be merged; volume->next is not in use. */
void hmfs_count_metadata(struct hmfs_volume *volume);
/* False: a commit would make no difference. */
bool hmfs_anything_changed(const struct hmfs_volume *volume);
/* Bytes of all newest and frozen maps. */
size_t hmfs_newest_total(const struct hmfs_volume *volume);

/* --- work.c --- */

/* Merges until no list has `full` segments; the caller is busy. */
int must_check hmfs_merge_room(struct hmfs_volume *volume, unsigned full);
/* What changed in memory may soon be more than there is room for: time for hmfs_make_room(),
 * which commits, merges what was removed, and commits. Lets go of the lock. */
bool hmfs_room_is_short(const struct hmfs_volume *volume);
int must_check hmfs_make_room(struct hmfs_volume *volume);

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
/* A type that there is, and nothing beside it and permissions. */
bool hmfs_mode_valid(uint32_t mode);
/* -ENOENT, -EIO. */
int must_check hmfs_object_load(struct hmfs_dataset *dataset, uint64_t number,
				struct hmfs_object *object);
int must_check hmfs_object_store(struct hmfs_dataset *dataset, uint64_t number,
				 const struct hmfs_object *object);
/* After hmfs_map_prepare(), so that it cannot fail. */
void hmfs_put_prepared(struct hmfs_dataset *dataset, const struct hmfs_key *key, const void *value,
		       size_t length);
void hmfs_remove_prepared(struct hmfs_dataset *dataset, const struct hmfs_key *key);
void hmfs_store_prepared(struct hmfs_dataset *dataset, uint64_t number,
			 const struct hmfs_object *object);
void hmfs_object_key(uint64_t number, struct hmfs_key *key);
/* A new object's record, all times `time`. */
void hmfs_object_init(struct hmfs_object *object, uint32_t mode, uint64_t time);
void hmfs_object_set_name(struct hmfs_object *object, const char *name, size_t length);
/* A number for a new object, which hmfs_number_use() then takes. -ENOSPC: none is left, or there
 * is no room for more metadata. */
int must_check hmfs_number_next(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
				uint64_t *number);
void hmfs_number_use(struct hmfs_dataset *dataset);
/* -ENOSPC: no room for more metadata. What frees space does not ask. */
int must_check hmfs_room_check(struct hmfs_volume *volume);
/* After an operation that ended with `error`: true if it is worth another try, since there was no
 * room and a commit has made some, for which the lock was let go of. `tried`: false at first. */
bool must_check hmfs_try_again(struct hmfs_volume *volume, int error, bool *tried);
static inline struct hmfs_volume *hmfs_volume_of(const struct hmfs_dataset *dataset)
{
	return dataset->map.context->volume;
}

/* --- name.c, list.c --- */

/* What a key of a name leads to. */
struct hmfs_name {
	struct hmfs_key key;
	uint64_t object;
	uint8_t type;
};
#define HMFS_NAME_VALUE_MAX (HMFS_NAME_RECORD_SIZE + HMFS_NAME_MAX)
/* -EINVAL, -ENAMETOOLONG. */
int must_check hmfs_name_check(const char *name, size_t length);
/* Keys of names: two hashes of the name with the volume's seed. */
void hmfs_name_key(const struct hmfs_volume *volume, uint64_t object, enum hmfs_kind kind,
		   const char *name, size_t length, struct hmfs_key *key);
/* What is at found->key, which is set. -ENOENT; -ENOSPC: another name has that key; -EIO. */
int must_check hmfs_name_find(struct hmfs_dataset *dataset, const char *name, size_t length,
			      struct hmfs_name *found);
void hmfs_name_put_prepared(struct hmfs_dataset *dataset, const struct hmfs_name *name,
			    const char *text, size_t length);
/* Decodes a value; the name stays where it is. False: it is nonsense. */
bool hmfs_name_decode(const uint8_t *value, size_t length, struct hmfs_name *name,
		      const char **text, size_t *text_length);
/* The directory, which has names or may get some. -ENOENT, -ENOTDIR, -EIO. */
int must_check hmfs_directory_load(struct hmfs_dataset *dataset, uint64_t number,
				   struct hmfs_object *directory);
/* hmfs_list() of a kind of names of an object. */
int must_check hmfs_names_list(struct hmfs_dataset *dataset, uint64_t object, enum hmfs_kind kind,
			       uint64_t *cookie, hmfs_name_visitor *entry, void *context);

/* --- fork.c --- */

/* As hmfs_name_key(); another one for HMFS_FORK_ATTRIBUTE than for the other types. */
void hmfs_fork_key(const struct hmfs_volume *volume, uint64_t object, uint8_t type,
		   const char *name, size_t length, struct hmfs_key *key);
/* Removes a fork; `found`: of its owner, whose record stays as it is. Its contents go by and by if
 * they are large. -EIO, -ENOMEM. */
int must_check hmfs_fork_drop(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			      const struct hmfs_name *found);

/* --- computed.c --- */

#define HMFS_COMPUTED_MAX 256u /* bytes of one */
/* Whether forks of that name are computed. */
bool hmfs_computed_name(const char *name, size_t length);
/* Whether users may set it, which is what it then is. */
bool hmfs_computed_may_be_set(const char *name, size_t length);
/* What tells if the computed fork of an object is up to date, beside the object's version: its
 * record's `generation`. */
uint32_t hmfs_computed_mark(const char *name, size_t length, const struct hmfs_object *of);
/* Computes it: its length. The lock is not held. `of`: the object's record; the object is held.
 * -ENOENT (none for this kind of object), -EFBIG, errors of reading. */
ssize_t must_check hmfs_compute(struct hmfs_volume *volume, struct hmfs_id id,
				const struct hmfs_object *of, const char *name, size_t length,
				char text[HMFS_COMPUTED_MAX]);

struct hmfs_chunk;

/* --- index.c --- */

/* The entry of a fork `name` of `object`, whose contents have the hash `hash`. */
void hmfs_index_key(const struct hmfs_volume *volume, const char *name, size_t length,
		    uint64_t hash, uint64_t object, struct hmfs_key *key);
/* Not 0; of HMFS_INLINE_MAX bytes or fewer. */
uint64_t hmfs_index_hash(const struct hmfs_volume *volume, const void *bytes, size_t length);
/* Of the contents of an object with HMFS_OBJECT_INDEXED, `chunk` being its chunk 0 as it will be,
 * `fork` its record, which is stored afterwards. Two changes of the map, for which
 * hmfs_map_prepare() was called. Does nothing to other objects. */
void hmfs_index_update(struct hmfs_dataset *dataset, struct hmfs_object *fork,
		       const struct hmfs_chunk *chunk);
/* The same with the hash, 0 for contents that are not inline. */
void hmfs_index_move(struct hmfs_dataset *dataset, struct hmfs_object *fork, uint64_t hash);

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

/* Changes of the map that hmfs_object_drop() makes. */
#define HMFS_DROP_ENTRIES 8u
#define HMFS_DROP_BYTES   HMFS_OBJECT_VALUE_MAX
/* The object has no name any more: deleted at once if nobody holds it and it is small, else an
 * orphan, deleted by and by. hmfs_map_prepare() was called with the above, and nothing more is
 * done of what it was called for; the object's links are 0 and its record is not stored yet. */
void hmfs_object_drop(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
		      const struct hmfs_object *object);
/* An object without names is made: it is in the list of orphans. One entry. */
void hmfs_orphan_add(struct hmfs_dataset *dataset, uint64_t number);
void hmfs_orphan_take(struct hmfs_dataset *dataset, uint64_t number); /* it got a name */
/* Holds an object that is known to exist, or is about to. -ENOMEM. */
int must_check hmfs_held_add(struct hmfs_volume *volume, struct hmfs_id id);
bool hmfs_held(const struct hmfs_volume *volume, struct hmfs_id id);
/* hmfs_object_hold() and hmfs_object_let_go(). */
int must_check hmfs_held_take(struct hmfs_volume *volume, struct hmfs_id id);
void hmfs_held_drop(struct hmfs_volume *volume, struct hmfs_id id);
/* For hmfs_work(): deletes what is left of orphans: 1 if there is more. */
int must_check hmfs_orphans_reap(struct hmfs_volume *volume, unsigned budget);

/* --- held.c --- */

/* If it is held: it has no name. */
void hmfs_held_orphan(struct hmfs_volume *volume, struct hmfs_id id);
/* True if that was the last hold of an object without a name. */
bool hmfs_held_remove(struct hmfs_volume *volume, struct hmfs_id id);
/* Forgets all. */
void hmfs_held_end(struct hmfs_volume *volume);

/* --- log.c, replay.c --- */

int must_check hmfs_log_create(struct hmfs_volume *volume);
void hmfs_log_destroy(struct hmfs_volume *volume);
/* Writes what is unlogged as a batch and flushes; lets go of the lock meanwhile; the caller is
 * busy. -ENOSPC: it does not fit, commit instead. */
int must_check hmfs_log_write(struct hmfs_volume *volume);
/* hmfs_sync(). */
int must_check hmfs_sync_locked(struct hmfs_volume *volume);
/* In a commit, before its records are flushed: the log that will follow it, in `root`. */
int must_check hmfs_log_prepare(struct hmfs_volume *volume, struct hmfs_root *root);
void hmfs_log_switch(struct hmfs_volume *volume); /* the commit is on disk */
void hmfs_log_cancel(struct hmfs_volume *volume); /* it failed */
void hmfs_log_frozen(struct hmfs_volume *volume); /* the commit will have all up to now */
/* Does again what the log tells; a commit should follow if that was anything. Where the device
 * cannot read it: -EIO if it must be `all`, else what can be read. -EIO, -ENOMEM. */
int must_check hmfs_log_replay(struct hmfs_volume *volume, bool all, bool *replayed);

/* --- snapshot.c, reap.c --- */

/* In a commit: all maps were just frozen, and the lock was not let go of since. */
void hmfs_snapshot_frozen(struct hmfs_volume *volume);
/* In a commit: the datasets' maps are written: the new ones get their lists. */
void hmfs_snapshot_written(struct hmfs_volume *volume);
/* For hmfs_work(): goes on deleting datasets: 1 if there is more. */
int must_check hmfs_snapshots_reap(struct hmfs_volume *volume, unsigned budget);
