/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file system "vfat"; docs/fat.md explains it.
 *
 *   boot.c        the boot sector and what it says, checked
 *   buffer.c      the sectors of FATs and directories in memory, written in phases
 *   table.c       entries of the FAT, free clusters
 *   chain.c       where the clusters of a file are, growing and cutting chains
 *   commit.c      what is written in which order; what is freed, and when
 *   name.c        long and short names; fold.c: upper case
 *   slot.c        entries of directories: reading, finding, writing
 *   directory.c, rename.c   operations of directories
 *   node.c        files and directories that are in use; attributes.c, time.c
 *   file.c        contents of files
 *   control.c     Linux's ioctls
 *   options.c, mount.c
 *
 * Locks: a directory's directory_lock and a file's node.lock come from the caller; fat.lock is
 * inside of both and held over reads and writes of metadata, never while the contents of files are
 * waited for, nor while user memory is touched.
 */
#pragma once

#include <base/radix.h>
#include <block/block.h>
#include <cache/page_cache.h>
#include <fs/file_system.h>
#include <sched/mutex.h>
#include <scheme/node.h>
#include <scheme/scheme.h>
#include <sync/spinlock.h>

#include "fat_format.h"

struct fat;
struct fat_node;

/* --- boot.c --- */

/* What the boot sector says. Sectors are of 512 bytes, from the start of the device. */
struct fat_geometry {
	unsigned bits; /* 12, 16, 32 */
	uint8_t media; /* the first byte of the FAT */
	uint32_t sector_size, cluster_size;
	unsigned cluster_shift;
	uint64_t total;      /* sectors, within the device */
	bool cut;            /* the boot sector says that there are more */
	uint64_t fat_start;  /* of the first copy */
	uint64_t fat_length; /* of each copy */
	unsigned fat_count, fat_active;
	bool mirrored;         /* all copies are kept, else the active one only */
	uint64_t root_start;   /* FAT12, FAT16 */
	uint32_t root_slots;   /* the same; 0 on FAT32 */
	uint32_t root_cluster; /* FAT32 */
	uint64_t data_start;   /* of cluster 2 */
	uint32_t cluster_end;  /* one more than the last cluster's number */
	uint64_t information;  /* sector, 0: none */
	uint64_t boot;         /* the boot sector's: not 0 if this is the backup */
	uint64_t backup;       /* 0: none */
	bool dirty;            /* was not unmounted */
	uint32_t id;
	char label[12]; /* terminated, blanks at the end cut; may be empty */
};

/* Checks the 512 bytes at sector `boot`. `sectors` is the size of the device. -EINVAL: no FAT;
 * -EUCLEAN: it is one, but makes no sense. Clusters that do not lie on the device are none. */
int must_check fat_boot_parse(const struct fat_boot_sector *boot, uint64_t sector, uint64_t sectors,
			      struct fat_geometry *geometry);
/* Reads and checks it, or the backup if it is damaged. Also -EIO and other errors of reading. */
int must_check fat_boot_read(struct block_device *device, struct fat_geometry *geometry);
/* Sets or clears the flag in the boot sector that says that it is in use. */
int must_check fat_boot_set_dirty(struct fat *fs, bool dirty);
/* file_system.probe */
int fat_probe(struct block_device *device, struct file_system_identity *identity);

/* --- options.c --- */

struct fat_options {
	uint32_t uid, gid;
	uint32_t file_mask, directory_mask; /* permissions that are not given */
	int32_t time_offset;                /* minutes that local time is ahead of UTC */
	bool quiet; /* changes of owner and mode that FAT cannot keep are ignored */
};

/* -EINVAL: one that it does not know. */
int must_check fat_options_parse(const char *text, struct fat_options *options);

/* --- buffer.c: all with fs->lock held --- */

#define FAT_BUFFER_SIZE    4096u
#define FAT_BUFFER_SECTORS (FAT_BUFFER_SIZE / SECTOR_SIZE)

/* In this order things are written. */
enum fat_phase {
	FAT_FRESH,   /* clusters that nothing on disk points to yet */
	FAT_TABLE,   /* the FAT, in all copies */
	FAT_ENTRIES, /* directories and FSInfo: what may point to the others */
	FAT_PHASES,
};

struct fat_buffer {
	uint64_t index; /* sector / FAT_BUFFER_SECTORS */
	struct frame *frame;
	uint8_t *bytes;
	uint8_t dirty[FAT_PHASES];   /* a bit for each sector */
	struct list_node lru_node;   /* in fs->buffer_lru; last: used last */
	struct list_node dirty_node; /* in fs->buffer_dirty, if any bit is set */
};

void fat_buffers_init(struct fat *fs);
/* Forgets all, also what is dirty. */
void fat_buffers_fini(struct fat *fs);
/* The bytes of `sector` and of those that follow in the same buffer: *left of them. They stay for
 * the next FAT_BUFFERS_HELD calls. -EIO and other errors of reading, -ENOMEM. */
#define FAT_BUFFERS_HELD 16u
int must_check fat_buffer_get(struct fat *fs, uint64_t sector, struct fat_buffer **buffer,
			      uint8_t **bytes);
/* That sector was changed. */
void fat_buffer_dirty(struct fat *fs, struct fat_buffer *buffer, uint64_t sector,
		      enum fat_phase phase);
/* Zeros sectors that are not in use; phase FRESH. */
int must_check fat_buffer_zero(struct fat *fs, uint64_t sector, uint64_t count);
/* Writes what is dirty of that phase, and waits. */
int must_check fat_buffers_write(struct fat *fs, enum fat_phase phase);
bool fat_buffers_dirty(struct fat *fs, enum fat_phase phase);
/* So many are dirty that they should be written. */
bool fat_buffers_crowded(const struct fat *fs);

/* --- table.c: all with fs->lock held --- */

static inline bool fat_cluster_valid(const struct fat_geometry *geometry, uint32_t cluster)
{
	return cluster >= FAT_CLUSTER_FIRST && cluster < geometry->cluster_end;
}

static inline uint64_t fat_cluster_sector(const struct fat_geometry *geometry, uint32_t cluster)
{
	return geometry->data_start + ((uint64_t)(cluster - FAT_CLUSTER_FIRST)
				       << (geometry->cluster_shift - SECTOR_SHIFT));
}

/* The entry, widened to 28 bits. */
int must_check fat_table_read(struct fat *fs, uint32_t cluster, uint32_t *value);
int must_check fat_table_write(struct fat *fs, uint32_t cluster, uint32_t value);
/* `cluster`, the last of a chain that is on disk, is followed by `next`, which is not yet: the FAT
 * says so when it is. For fat_table_read() that is so at once. -ENOMEM. */
int must_check fat_table_link(struct fat *fs, uint32_t cluster, uint32_t next);
/* Makes these links in the FAT. */
int must_check fat_table_make_links(struct fat *fs);
/* What follows `cluster` in its chain: 0 at its end. -EUCLEAN, noted, where that is no cluster. */
int must_check fat_table_next(struct fat *fs, uint32_t cluster, uint32_t *next);
/* Takes up to `wanted` free clusters that follow each other, best from `goal` on, chains them and
 * ends the chain. -ENOSPC, also where there are free ones that must be written first. */
int must_check fat_table_allocate(struct fat *fs, uint32_t goal, uint32_t wanted, uint32_t *first,
				  uint32_t *count);
/* Frees a chain. What is wrong in it is noted, and ends it. */
int must_check fat_table_free_chain(struct fat *fs, uint32_t first);
/* The number of free clusters, counted if it is not known. */
int must_check fat_table_count_free(struct fat *fs, uint32_t *count);

/* --- chain.c --- */

struct fat_run {
	uint32_t index;   /* cluster of the file */
	uint32_t cluster; /* on disk */
	uint32_t count;
};

/* What is known of where a chain leads: file clusters [base, known). */
struct fat_map {
	struct spinlock lock; /* RANK_LEAF; with fs->lock to change, either to read */
	struct fat_run *runs;
	uint32_t run_count, run_capacity;
	uint32_t base, known;
	bool complete; /* the chain ends at `known` */
	/* To find loops (Brent): a cluster seen, and how many since. fs->lock. */
	uint32_t seen, seen_steps, seen_limit;
};

void fat_map_init(struct fat_map *map);
/* Forgets all. */
void fat_map_reset(struct fat_map *map);
/* Where file cluster `index` is, and how many follow it there. Takes fs->lock where that is not
 * known yet; the second wants it held. 1; 0: the chain ends before; -EUCLEAN, -EIO, -ENOMEM. */
int must_check fat_chain_find(struct fat_node *node, uint32_t index, uint32_t *cluster,
			      uint32_t *count);
int must_check fat_chain_find_locked(struct fat_node *node, uint32_t index, uint32_t *cluster,
				     uint32_t *count);
/* True if file clusters up to `count` are known to be there. No lock is needed. */
bool fat_chain_covers(struct fat_node *node, uint32_t count);
/* The number of clusters. fs->lock is held. */
int must_check fat_chain_length(struct fat_node *node, uint32_t *length);
/* Makes the chain at least `length` clusters long, or leaves it as it was: -ENOSPC, -EIO,
 * -EUCLEAN, -ENOMEM. fs->lock is held. */
int must_check fat_chain_grow(struct fat_node *node, uint32_t length);
/* A new chain of one cluster. The same errors; fs->lock is held. */
int must_check fat_chain_start(struct fat *fs, uint32_t *cluster);
/* Cuts it to `length` clusters, which are freed when what is in the entry now is on disk. fs->lock
 * is held. */
int must_check fat_chain_cut(struct fat_node *node, uint32_t length);

/* --- commit.c --- */

/* Clusters that are freed when the entries that showed them are gone from disk. */
struct fat_deferred {
	struct list_node node;
	uint32_t end;   /* becomes the last of its chain; 0: none */
	uint32_t first; /* of those to be freed */
};

/* fs->lock is held. */
void fat_defer(struct fat *fs, struct fat_deferred *deferred, uint32_t end, uint32_t first);
/* Writes the metadata as it is in memory, in order, and frees what waited for that. */
int must_check fat_commit(struct fat *fs);
/* The same where there is no way back if it fails: that is logged, and told to who syncs. */
void fat_try_commit(struct fat *fs);
/* Writes contents, entries and metadata of all, or of one node. No lock is held. */
int must_check fat_sync(struct fat *fs);
int must_check fat_sync_node(struct fat_node *node);
/* The node's entry is to be written: soon, by the thread. Any lock may be held. */
void fat_note_dirty(struct fat_node *node);
/* Something else is to be written or freed. */
void fat_note_work(struct fat *fs);
int must_check fat_thread_start(struct fat *fs);
void fat_thread_stop(struct fat *fs);
/* Sets the bit of the FAT that says that it is in use, or clears it. fs->lock is held. */
int must_check fat_table_set_dirty(struct fat *fs, bool dirty);

/* --- name.c, fold.c --- */

struct fat_name {
	uint16_t units[FAT_NAME_UNITS];
	unsigned length;
};

/* How a name is kept in short form. */
struct fat_short {
	uint8_t name[11];
	uint8_t lower_case; /* FAT_LOWER_... */
	bool exact;         /* it says all: no long name is needed */
	bool whole;         /* all but upper and lower case */
};

uint16_t fat_fold(uint16_t unit);
/* UTF-8 to UTF-16. -EINVAL: not UTF-8; -ENAMETOOLONG. */
int must_check fat_name_from_text(const char *text, size_t length, struct fat_name *name);
/* The other way: the length, not terminated; 0: does not fit into `size`, or is no name. Halves of
 * pairs that stand alone become three bytes each, as they are read, too. */
size_t fat_name_to_text(const struct fat_name *name, char *text, size_t size);
/* May a file have that name? 0, -EINVAL. */
int must_check fat_name_check(const struct fat_name *name);
bool fat_names_equal(const struct fat_name *a, const struct fat_name *b);
/* The name that a short entry shows. */
void fat_name_from_short(const struct fat_entry *entry, struct fat_name *name);
uint8_t fat_short_checksum(const uint8_t name[11]);
/* The short form of a name, or (not `exact`) what its aliases begin with. */
void fat_short_from_name(const struct fat_name *name, struct fat_short *result);
/* Makes alias number `attempt` of the short form; false: there are no more. */
bool fat_short_alias(const struct fat_short *basis, const struct fat_name *name, unsigned attempt,
		     uint8_t alias[11]);

/* --- slot.c: all with fs->lock held --- */

/* An entry of a directory, with the long name before it. */
struct fat_found {
	uint32_t slot;  /* of the short entry */
	uint32_t first; /* of the first of its slots */
	uint64_t place; /* of the short entry: sector * 16 + slot in it */
	struct fat_entry entry;
	struct fat_name name; /* the long one if there is one */
	bool is_long;
};

/* The next entry from `slot` on that is a file or directory: 1, or 0 at the end; or an error. */
int must_check fat_slot_next(struct fat_node *directory, uint32_t slot, struct fat_found *found);
/* Finds by either name. -ENOENT. */
int must_check fat_slot_find(struct fat_node *directory, const struct fat_name *name,
			     struct fat_found *found);
/* -ENOTEMPTY if there is anything in it. */
int must_check fat_slot_check_empty(struct fat_node *directory);
/* Finds the place for a new name and its short form, growing the directory. `old` (may be NULL) is an
 * entry that is about to go, whose slots are used where they do. -ENOSPC, ... */
struct fat_room {
	uint32_t first; /* slot */
	unsigned count; /* of slots, the short entry included */
	uint64_t place; /* of the short entry */
	bool at_end;    /* nothing was there yet, nor is behind */
	struct fat_short alias;
};
int must_check fat_slot_make_room(struct fat_node *directory, const struct fat_name *name,
				  const struct fat_found *old, struct fat_room *room);
/* Writes the name there; of `entry` all but the name is used. */
int must_check fat_slot_write(struct fat_node *directory, const struct fat_room *room,
			      const struct fat_name *name, const struct fat_entry *entry);
/* Frees the slots: all, or those before slot `end`. */
int must_check fat_slot_remove(struct fat_node *directory, const struct fat_found *found);
int must_check fat_slot_remove_before(struct fat_node *directory, const struct fat_found *found,
				      uint32_t end);
/* The name as it is shown, terminated, in text[NAME_MAX_LENGTH + 1]: the long one, or the short one
 * where that is no name or too long. Its length; 0: neither can be shown. */
size_t fat_found_text(const struct fat_found *found, char *text);
/* Reads and changes short entries by their place. */
int must_check fat_entry_read(struct fat *fs, uint64_t place, struct fat_entry *entry);
int must_check fat_entry_write(struct fat *fs, uint64_t place, const struct fat_entry *entry);
/* Fills a new directory's first cluster. */
int must_check fat_slot_fill_directory(struct fat *fs, uint32_t cluster, uint32_t parent,
				       const struct fat_entry *like);

void fat_entry_set_cluster(const struct fat *fs, struct fat_entry *entry, uint32_t cluster);

/* --- node.c --- */

struct fat_node {
	struct node node;
	struct fat *fs;
	struct page_cache cache; /* of files */
	struct fat_map map;
	uint64_t place;     /* of the entry; 0: the root. fs->lock and fs->table_lock */
	uint32_t start;     /* the first cluster; 0: none. fs->lock */
	uint8_t attributes; /* enum fat_attribute; fs->lock */
	bool removed;       /* has no entry any more; fs->lock */
	uint32_t linked_at; /* fs->writes_of_table when its chain got a link; fs->lock */
	uint32_t cut_at;    /* fs->generation when its chain was cut; fs->lock */
	char *name;         /* as stored; the directory's directory_lock */
	struct fat_deferred *last_deferred; /* kept for when it is freed; fs->lock */
	/* fs->table_lock. */
	struct list_node table_node;     /* attached: the table holds a reference */
	struct list_node start_node;     /* of directories: by their first cluster */
	struct list_node displaced_node; /* its number is the place of another entry, or of none */
	struct list_node age_node;       /* in fs->nodes_by_age, with the one before */
	struct list_node dirty_node;
	struct list_node released_node;
};

static inline struct fat_node *fat_node_of(struct node *node)
{
	return container_of(node, struct fat_node, node);
}

/* The node of an entry, from the table or new, with a reference. -EUCLEAN: the entry makes no sense,
 * or its clusters are those of a file or directory in use. fs->lock is held. */
int must_check fat_node_get(struct fat *fs, const struct fat_found *found, struct fat_node **node);
int must_check fat_node_create_root(struct fat *fs, struct fat_node **root);
/* The name went: the table lets go of it. fs->lock is held; put the reference without it. */
void fat_node_forget(struct fat_node *node, bool *was_held);
/* It has another entry now. */
void fat_node_move(struct fat_node *node, uint64_t place);
/* The number that the node of that entry has, or would have. */
uint64_t fat_node_number(struct fat *fs, uint64_t place);
/* Writes into the entry what the node has, the size at most `size`. fs->lock is held. */
int must_check fat_node_store(struct fat_node *node, uint64_t size);
/* The same for a copy of the entry. */
void fat_node_fill_entry(const struct fat_node *node, struct fat_entry *entry);
/* --- attributes.c --- */

/* Takes times, owner and mode from an entry; sets attributes, and the mode that follows. */
void fat_node_load(struct fat_node *node, const struct fat_entry *entry);
void fat_node_set_attributes(struct fat_node *node, uint8_t attributes);
/* node_ops.set_attributes without CHANGE_SIZE: checks what FAT cannot keep, then notes. */
int must_check fat_node_change(struct node *node, const struct node_changes *changes);
/* Puts nodes that nobody used lately out of the table, while there are too many. No lock is held. */
void fat_nodes_trim(struct fat *fs, bool all);
/* Frees what was released, deferring its clusters. fs->lock is held. */
void fat_nodes_reap(struct fat *fs);
/* Sets the modification time of a directory whose names changed. */
void fat_node_touch(struct fat_node *node);
void fat_nodes_init(struct fat *fs);
/* The name of the node becomes that. -ENOMEM, without change. */
int must_check fat_node_set_name(struct fat_node *node, const char *name, size_t length);
void fat_node_op_release(struct node *node);
void fat_cache_op_release(struct page_cache *cache);

/* --- time.c --- */

struct fat_time {
	uint16_t date, time;
	uint8_t fine; /* units of 10 ms, 0-199 */
};
void fat_time_from_ns(const struct fat *fs, uint64_t ns, struct fat_time *time);
uint64_t fat_time_to_ns(const struct fat *fs, const struct fat_time *time);

/* --- directory.c, rename.c, file.c, control.c --- */

extern const struct node_ops fat_directory_ops, fat_file_ops;
extern const struct page_cache_ops fat_cache_ops;
int fat_directory_op_rename(struct node *from, const char *from_name, size_t from_length,
			    struct node *moved, struct node *to, const char *to_name,
			    size_t to_length, struct node *replaced, bool exchange);
/* The names in a directory changed: its times and size. No lock but directory_lock is held. */
void fat_directory_note_change(struct fat_node *directory);
/* The node has no name any more; `held`: as fat_node_forget() said. No fs->lock is held. */
void fat_node_unlinked(struct fat_node *node, bool held);
/* What is needed to free the clusters later. fs->lock is held. -ENOMEM. */
int must_check fat_node_prepare_unlink(struct fat_node *node);
long fat_op_control(struct file *file, unsigned request, uintptr_t argument);
/* Frees clusters past the size. node.lock is held. */
void fat_file_trim(struct fat_node *file);

/* --- mount.c --- */

#define FAT_NODES_MAX     4096u /* kept without being in use */
#define FAT_TABLE_BUCKETS 1024u
#define FAT_SMALL_BUCKETS 64u

struct fat {
	/* Immutable. */
	struct block_device *device; /* a reference */
	struct scheme *scheme;
	struct cache_backing *backing;
	struct fat_geometry geometry;
	struct fat_options options;
	bool was_dirty;        /* when it was mounted */
	bool writing;          /* is mounted for that; who mounts and unmounts */
	struct fat_node *root; /* a reference */

	_Atomic bool read_only, damaged; /* read-only by wish, or by damage */
	_Atomic unsigned complaints;     /* lines logged */
	_Atomic uint64_t complaints_since;

	/* RANK_FILE_SYSTEM: all up to the next heading, and the metadata on disk. */
	struct mutex lock;
	struct radix buffers; /* by index */
	struct list buffer_lru, buffer_dirty;
	unsigned buffer_count, buffer_limit, buffer_dirty_count;
	uint32_t next_free;     /* where to look first */
	uint32_t free_clusters; /* if free_known */
	bool free_known;
	bool information_stale; /* FSInfo says something else */
	struct list deferred;
	uint32_t generation;             /* counts commits that free something */
	struct radix links;              /* fat_table_link() */
	uint32_t writes_of_table;        /* counts */
	struct wait_queue write_waiters; /* for: */
	_Atomic unsigned writes_left, writes_ending;
	_Atomic int write_error;

	/* RANK_LEAF: nodes by place, and lists of them. */
	struct spinlock table_lock;
	struct list table[FAT_TABLE_BUCKETS];       /* by place */
	struct list directories[FAT_SMALL_BUCKETS]; /* by first cluster */
	struct list displaced[FAT_SMALL_BUCKETS];   /* by number */
	struct list nodes_by_age;                   /* of the table; used last: last */
	unsigned node_count;                        /* in the table */
	unsigned live_count;                        /* not freed yet */
	struct list dirty_nodes, released_nodes;
	uint64_t next_number; /* for those whose place is another's number */
	bool work, stopping, stopped, syncing;
	struct wait_queue waiters; /* for the changes of these, and of live_count */
	_Atomic unsigned waking;   /* who is about to wake them */
};

static inline uint32_t fat_entry_cluster(const struct fat *fs, const struct fat_entry *entry)
{
	uint32_t high = fs->geometry.bits == 32 ? entry->cluster_high : 0;

	return (high << 16 | entry->cluster_low) & FAT32_MASK;
}

/* Notes damage in the log (not too often), after which nothing is changed any more: -EUCLEAN. */
int fat_complain(struct fat *fs, const char *format, ...) printf_like(2, 3);
/* True if another line may go to the log. */
bool must_check fat_may_log(struct fat *fs);
/* -EROFS, or 0 where things may change. */
int must_check fat_check_writable(const struct fat *fs);
