/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file system "hmfs": lib/hmfs under the VFS. docs/hmfs.md explains it ("In the kernel").
 *
 *   device.c     the volume's device over bios, and what else it stands on
 *   inode.c      files and directories that are in use
 *   attributes.c what they are, from the volume and back; flush.c: what is to be stored, and when
 *   directory.c  names
 *   fork.c       FILE/..namedfork/, extended attributes
 *   snapshots.c  .snapshots in the root
 *   file.c       sizes, holes, clones; read.c, write.c: pages
 *   control.c    ioctls
 *   options.c, mount.c
 *
 * Locks: a directory's directory_lock and a file's node.lock come from the caller; inside of them
 * is inode->size_lock, and inside of all the volume's lock, which lib/hmfs takes by itself.  Both
 * have RANK_FILE_SYSTEM.
 */
#pragma once

#include <block/block.h>
#include <cache/page_cache.h>
#include <fs/file_system.h>
#include <hmfs/check.h>
#include <hmfs/file.h>
#include <hmfs/object.h>
#include <hmfs/volume.h>
#include <sched/mutex.h>
#include <sched/wait.h>
#include <sched/work.h>
#include <scheme/node.h>
#include <scheme/scheme.h>
#include <sync/spinlock.h>

struct hmfs_inode;
struct hmfs_vfs;
struct hmfs_writing;

/* --- device.c --- */

struct hmfs_disk {
	struct hmfs_device device;
	struct block_device *block; /* a reference */
};

/* The parts of the disk that are not whole blocks of HMFS are left alone. */
void hmfs_disk_init(struct hmfs_disk *disk, struct block_device *block, bool read_only);
void hmfs_disk_fini(struct hmfs_disk *disk);
/* For looking at a device: memory, clock and randomness, no lock. */
extern const struct hmfs_host hmfs_plain_host;
/* The same with the volume's lock and its messages. */
void hmfs_host_init(struct hmfs_vfs *fs);

/* --- options.c --- */

struct hmfs_vfs_options {
	unsigned commit_seconds;
	char snapshot[256]; /* "" for the live file system */
};
/* -EINVAL: one that it does not know. */
int must_check hmfs_options_parse(const char *text, struct hmfs_vfs_options *options);

/* --- mount.c --- */

#define HMFS_BUCKETS 4096u

struct hmfs_vfs {
	/* Immutable. */
	struct hmfs_disk disk;
	struct hmfs_host host;
	struct hmfs_volume *volume;
	struct scheme *scheme;
	struct cache_backing *backing;
	struct hmfs_vfs_options options;
	uint32_t hash;           /* enum hmfs_hash_kind */
	size_t sum_size;         /* bytes of a checksum */
	struct hmfs_inode *root; /* a reference */

	struct mutex lock;             /* the volume's */
	struct wait_queue volume_wake; /* of those who wait for the volume, without its lock */

	/* RANK_LEAF: all up to the next heading. */
	struct spinlock table_lock;
	struct list table[HMFS_BUCKETS]; /* by number */
	struct list by_age;              /* of the table; used last: last */
	struct list dirty;               /* attributes are to be stored */
	struct list released;            /* nobody holds them: to be freed */
	unsigned inode_count;            /* in the table */
	unsigned live_count;             /* there are */
	unsigned fork_count;             /* forks in the table */
	bool stopping;

	/* Threads: one works, one ends transfers. */
	struct wait_queue wake, done_wake;
	_Atomic bool wanted;      /* there is work */
	_Atomic bool freed;       /* something was, since there last was too little room */
	_Atomic unsigned reaping; /* threads that are freeing inodes */
	_Atomic unsigned writing; /* runs of pages on their way */
	_Atomic unsigned live;    /* threads that have not ended */
	_Atomic unsigned waking;
	_Atomic(struct hmfs_transfer *) done; /* a stack of transfers to be ended in a thread */

	/* Memory for write-back (write.c): those not in use, and how many there are. */
	struct spinlock writing_lock; /* RANK_LEAF */
	struct list writings;
	unsigned writing_count;
	struct wait_queue writing_free;
};

/* Makes the scheme say so as well. */
void hmfs_vfs_set_read_only(struct hmfs_vfs *fs, bool read_only);
/* Wakes the thread that works. Any context but interrupts. */
void hmfs_vfs_wake(struct hmfs_vfs *fs);
/* Everything: pages, attributes, the volume. No lock is held. */
int must_check hmfs_vfs_sync(struct hmfs_vfs *fs);

/* There is no room: has what was removed freed, and committed, so that it can be used again. False: there
 * is nothing of that kind. Takes the volume's lock. */
bool hmfs_vfs_make_room(struct hmfs_vfs *fs);

/* A transfer that a thread has to do something for. */
struct hmfs_transfer {
	struct hmfs_transfer *next;
	void (*end)(struct hmfs_transfer *transfer);
};
/* Has `end` called by the volume's thread. Any context. */
void hmfs_vfs_end_later(struct hmfs_vfs *fs, struct hmfs_transfer *transfer);

/* --- inode.c --- */

enum hmfs_inode_kind {
	HMFS_INODE_OBJECT,
	HMFS_INODE_FORK,      /* is a fork itself */
	HMFS_INODE_FORKS,     /* the directory FILE/..namedfork */
	HMFS_INODE_SNAPSHOTS, /* the directory .snapshots */
};

struct hmfs_inode {
	struct node node;
	struct hmfs_vfs *fs;
	struct page_cache cache;   /* of regular files */
	struct hmfs_id id;         /* FORKS: of the owner */
	enum hmfs_inode_kind kind; /* immutable */
	bool read_only;            /* of a snapshot that is; immutable */
	bool is_held;              /* hmfs_object_hold(); whoever frees it */
	bool is_private;           /* was made never to have a name; immutable */
	struct hmfs_inode *owner;  /* FORKS: a reference; immutable */
	_Atomic bool stale;        /* attributes have changed in the volume */
	_Atomic int64_t reserved;  /* blocks */
	struct mutex size_lock;    /* RANK_FILE_SYSTEM, before the volume's: the next two */
	uint64_t disk_size;        /* that the volume knows */
	struct node_times disk_times;
	/* fs->table_lock. */
	struct list_node table_node; /* attached: the table holds a reference */
	struct list_node age_node, dirty_node, released_node;
};

static inline struct hmfs_inode *hmfs_inode_of(const struct node *node)
{
	return container_of((struct node *)node, struct hmfs_inode, node);
}

static inline struct hmfs_volume *hmfs_volume_of(const struct node *node)
{
	return hmfs_inode_of(node)->fs->volume;
}

/* The number that stat(2) tells. */
static inline uint64_t hmfs_inode_number(struct hmfs_id id)
{
	return (uint64_t)id.dataset << 48 | id.object;
}
#define HMFS_NUMBER_FORKS     ((uint64_t)1 << 47) /* of FILE/..namedfork: with this bit */
#define HMFS_NUMBER_SNAPSHOTS 1u                  /* dataset 0 has no objects */

void hmfs_inodes_init(struct hmfs_vfs *fs);
/* The inode of an object, from the table or new, with a reference. -ENOENT, -EIO, -ENOMEM. */
int must_check hmfs_inode_get(struct hmfs_vfs *fs, struct hmfs_id id, struct hmfs_inode **inode);
/* The same of one that was just made, and is held for the caller, who gives up that hold whatever
 * happens. `listed`: in the table. */
int must_check hmfs_inode_adopt(struct hmfs_vfs *fs, struct hmfs_id id, bool listed,
				struct hmfs_inode **inode);
/* FILE/..namedfork, and .snapshots. */
int must_check hmfs_inode_get_forks(struct hmfs_inode *owner, struct hmfs_inode **inode);
int must_check hmfs_inode_get_snapshots(struct hmfs_vfs *fs, struct hmfs_inode **inode);
/* The one in the table, with a reference, or NULL. */
struct hmfs_inode *hmfs_inode_find(struct hmfs_vfs *fs, uint64_t number);
/* Its last name went: the table lets go of it. And the other way. */
void hmfs_inode_forget(struct hmfs_inode *inode);
void hmfs_inode_remember(struct hmfs_inode *inode);
/* node_ops.release, page_cache_ops.release. */
void hmfs_inode_op_release(struct node *node);
void hmfs_cache_op_release(struct page_cache *cache);
/* Frees what was released. Puts out of the table what nobody used lately, while there is too much;
 * with `all` everything. Of `dataset` only, if that is not 0. No lock is held. */
void hmfs_inodes_reap(struct hmfs_vfs *fs);
void hmfs_inodes_trim(struct hmfs_vfs *fs, bool all, uint32_t dataset);
/* Whether something of the dataset is in use; `but` (may be NULL) does not count where one name
 * alone has it. */
bool hmfs_inodes_use(struct hmfs_vfs *fs, uint32_t dataset, const struct hmfs_inode *but);

/* --- attributes.c --- */

/* Takes over what the volume says; of files that are in use all but size and times of contents,
 * which the node knows better (`fresh`: everything). */
int must_check hmfs_inode_load(struct hmfs_inode *inode, bool fresh);
void hmfs_op_refresh(struct node *node);
/* Of all that are not regular files. */
int must_check hmfs_op_set_attributes(struct node *node, const struct node_changes *changes);
/* Stores all but the size; node.lock is held. */
int must_check hmfs_inode_change(struct hmfs_inode *inode, const struct node_changes *changes);
/* -EROFS. */
int must_check hmfs_inode_check_writable(const struct hmfs_inode *inode);
int hmfs_op_open(struct node *node, struct file *file);

/* --- flush.c --- */

/* Size and times are to be stored, by and by. */
void hmfs_inode_dirty(struct hmfs_inode *inode);
/* Stores times, and a size that grew up to `size`. node.lock is not held. */
int must_check hmfs_inode_store(struct hmfs_inode *inode, uint64_t size);
/* Writes pages and stores attributes: all that hmfs_sync() needs. No lock is held. */
int must_check hmfs_inode_write(struct hmfs_inode *inode);
/* fsync(2) and msync(2). */
int must_check hmfs_inode_sync(struct hmfs_inode *inode);
/* Stores the attributes of all that are dirty; `with_contents` writes pages before. */
int must_check hmfs_inodes_flush(struct hmfs_vfs *fs, bool with_contents);
int must_check hmfs_threads_start(struct hmfs_vfs *fs);
void hmfs_threads_stop(struct hmfs_vfs *fs);

/* --- directory.c --- */

extern const struct node_ops hmfs_directory_ops;
/* A path component that leads to forks, and the one in the root that leads to snapshots. */
#define HMFS_FORKS_NAME     "..namedfork"
#define HMFS_SNAPSHOTS_NAME ".snapshots"
bool hmfs_name_is(const char *name, size_t length, const char *other);
/* Lists by hmfs_list() or hmfs_fork_list(). */
typedef int hmfs_lister(struct hmfs_volume *volume, struct hmfs_id id, uint64_t *cookie,
			hmfs_name_visitor *entry, void *context);
int must_check hmfs_list_names(struct hmfs_inode *directory, hmfs_lister *lister, bool forks,
			       uint64_t *cookie, struct directory_sink *sink);

/* --- fork.c --- */

extern const struct node_ops hmfs_forks_ops;
/* node_ops.lookup of all that is no directory: forks. */
int hmfs_op_lookup_fork(struct node *node, const char *name, size_t length, struct node **found);
ssize_t hmfs_op_get_extended(struct node *node, const char *name, void *value, size_t size);
int hmfs_op_set_extended(struct node *node, const char *name, const void *value, size_t size,
			 unsigned flags);
ssize_t hmfs_op_list_extended(struct node *node, char *names, size_t size);
/* Forks follow the owner and the permissions of their file. */
void hmfs_forks_note_change(struct hmfs_inode *inode);

/* --- snapshots.c --- */

extern const struct node_ops hmfs_snapshots_ops;
/* Writes what is in memory of the dataset and makes it. */
int must_check hmfs_snapshot_make(struct hmfs_vfs *fs, uint32_t of, const char *name, bool writable,
				  uint32_t *number);
/* -EBUSY: something in it is in use. `root`: its root, which the caller has, or NULL. */
int must_check hmfs_snapshot_remove(struct hmfs_vfs *fs, const char *name, struct hmfs_inode *root);

/* --- file.c, read.c, write.c --- */

extern const struct node_ops hmfs_file_ops, hmfs_link_ops, hmfs_fifo_ops, hmfs_device_ops,
	hmfs_socket_ops;
extern const struct page_cache_ops hmfs_cache_ops;
/* Reservations that no dirty page needs are given back. node.lock is held. */
void hmfs_file_settle(struct hmfs_inode *inode);
int hmfs_cache_op_read(struct page_cache *cache, struct cache_run *run);
int hmfs_cache_op_write(struct page_cache *cache, struct cache_run *run);
int hmfs_cache_op_prepare_write(struct page_cache *cache, uint64_t offset, uint64_t length);
/* Memory for write-back. */
int must_check hmfs_writings_create(struct hmfs_vfs *fs);
void hmfs_writings_destroy(struct hmfs_vfs *fs);

/* --- control.c --- */

long hmfs_op_control(struct file *file, unsigned request, uintptr_t argument);
