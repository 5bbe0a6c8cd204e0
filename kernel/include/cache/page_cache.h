/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page cache: the pages of files and of block devices, for read, write and mmap alike.
 *
 * A page cache is a vm object whose pages come from a provider (a file system, a block device)
 * that reads and writes them in runs, asynchronously. Pages are clean or dirty; dirty ones are
 * written back by the thread of the cache's backing, when they are old or many, or when somebody
 * asks (page_cache_sync()). A page that is being read or written is busy: it stays where it is.
 *
 * Rules
 * - No I/O is waited for with a lock of vm held: page faults let go of theirs, wait and try again
 *   (vm_object_ops.prepare).
 * - Writers hold node->lock, so sizes and contents change by one at a time; readers take no lock.
 * - The provider's operations are called in thread context, with at most node->lock held, and may
 *   take locks of rank RANK_FILE_SYSTEM and above. They never wait for pages of this cache.
 * - Errors of write-back are kept: each open description hears of each once, at fsync or close.
 */
#pragma once

#include <mm/vm/object.h>
#include <scheme/file.h>

struct block_device;
struct cache_backing;
struct cache_run;
struct frame;
struct page_cache;

/* Where a part of a file is. */
struct cache_extent {
	uint64_t sector; /* on the device; CACHE_HOLE: nowhere, it reads as zeros */
	uint64_t length; /* bytes that lie there together, from the place asked for on; > 0 */
};
#define CACHE_HOLE UINT64_MAX

struct page_cache_ops {
	/* Starts reading the run's pages, which are busy; page_cache_read_done() ends each. An
	 * error: nothing was started, and it is that of all pages. */
	int (*read)(struct page_cache *cache, struct cache_run *run);
	/* Starts writing them back; page_cache_write_done() ends each. */
	int (*write)(struct page_cache *cache, struct cache_run *run);
	/* For cache_read_extents() and cache_write_extents(), which can stand for the two above
	 * where pages lie on the device as they are: where the bytes from `offset` on are. */
	int (*find)(struct page_cache *cache, uint64_t offset, struct cache_extent *extent);
	/* [offset, offset + length) is about to be written, by write() or through a mapping: makes
	 * room on the device, or reserves it. -ENOSPC, -EIO ... NULL: there always is. Called with
	 * node->lock held by write(), without any lock for mappings. */
	int (*prepare_write)(struct page_cache *cache, uint64_t offset, uint64_t length);
	/* The last reference went; no page is left. Frees the storage. */
	void (*release)(struct page_cache *cache);
};

/* Consecutive pages, given to `read` or `write`. */
struct cache_run {
	uint64_t index; /* of the first */
	unsigned count;
	struct frame **frames; /* borrowed from the cache, which keeps them while they are busy */
	unsigned bio_flags;    /* priority: BIO_URGENT, BIO_BACKGROUND, and BIO_RESERVE */
};

struct page_cache {
	struct vm_object object; /* pages, size; its lock guards what has no other */
	const struct page_cache_ops *ops;
	struct cache_backing *backing; /* immutable */
	struct block_device *device;   /* for extents; a reference or NULL; immutable */
	void *private;                 /* the provider's */
	struct radix dirty;            /* index -> frame; object.lock */
	uint64_t dirty_since;          /* monotonic ns of the oldest; object.lock */
	struct list_node node;         /* backing's list of dirty caches; its lock */
	struct list_node all_node;     /* the list that eviction walks; its lock */
	uint64_t hand;                 /* of eviction: the next index to look at */
	struct wait_queue waiters;     /* for pages that are busy */
	_Atomic uint32_t busy_reads, busy_writes;
	_Atomic uint32_t errors; /* counts failed write-backs; files compare with what they saw */
	_Atomic int last_error;
};

/* What caches that share a device, and so a fate, have in common: a thread that writes back, and
 * its statistics. One per mounted file system and per disk. */
int must_check cache_backing_create(const char *name, struct cache_backing **backing);
/* All caches of it are gone. Ends the thread. */
void cache_backing_destroy(struct cache_backing *backing);
/* Writes back what is dirty in all its caches, and waits. The first error. */
int must_check cache_backing_sync(struct cache_backing *backing);

/* In caller's storage, with one reference to the object (object.references). `device` may be NULL
 * where ops->read and write are the provider's own. */
void page_cache_init(struct page_cache *cache, const struct page_cache_ops *ops,
		     struct cache_backing *backing, struct block_device *device, uint64_t size,
		     void *private);
static inline struct page_cache *page_cache_of(struct vm_object *object)
{
	return container_of(object, struct page_cache, object);
}
/* The cache of a block device's own bytes, with a reference to its object. -ENOMEM. */
int must_check block_device_cache(struct block_device *device, struct page_cache **cache);

/* --- Operations of files whose node->object is a cache's: fit into node_ops. --- */

ssize_t must_check cache_file_read(struct file *file, struct io *io, uint64_t offset);
/* With O_APPEND at the end. Grows node->size as bytes arrive. O_DIRECT and O_DSYNC are obeyed. */
ssize_t must_check cache_file_write(struct file *file, struct io *io, uint64_t *offset);
/* fsync: writes back and waits, and reports errors that this description has not heard of. The
 * provider's own metadata and the device's flush come after. */
int must_check cache_file_sync(struct file *file);

/* --- For providers. --- */

/* Sets the size; pages past it go, dirty or not; busy ones are waited for. node->lock is held. */
void page_cache_resize(struct page_cache *cache, uint64_t size);
/* Writes back what is dirty in [start, end) and waits. The first error of this time. */
int must_check page_cache_sync(struct page_cache *cache, uint64_t start, uint64_t end);
/* Drops pages in [start, end), with `discard` even dirty ones; busy ones are waited for. */
void page_cache_drop(struct page_cache *cache, uint64_t start, uint64_t end, bool discard);
/* The page at `index`, read if need be, with a reference for the caller. -EIO, -ENOMEM, -ENXIO past
 * the end. Thread context, may wait for the device. */
int must_check page_cache_page(struct page_cache *cache, uint64_t index, struct frame **frame);
/* The same, but its contents will be overwritten as a whole: not read. */
int must_check page_cache_page_to_fill(struct page_cache *cache, uint64_t index,
				       struct frame **frame);
/* The caller has changed the page: it is to be written back. May wait while too much is dirty,
 * unless `no_wait` (metadata, under locks). -ENOMEM: nothing is marked. */
int must_check page_cache_dirty(struct page_cache *cache, uint64_t index, struct frame *frame,
				bool no_wait);
/* Starts reading [index, index + count) where it is not there. */
void page_cache_read_ahead(struct page_cache *cache, uint64_t index, unsigned count);
/* The end of a page's transfer. Any context. */
void page_cache_read_done(struct page_cache *cache, struct frame *frame, int error);
void page_cache_write_done(struct page_cache *cache, struct frame *frame, int error);
/* ops->read and ops->write over ops->find. */
int cache_read_extents(struct page_cache *cache, struct cache_run *run);
int cache_write_extents(struct page_cache *cache, struct cache_run *run);

/* --- Memory. --- */

/* Evicts up to `pages` clean pages, starting write-back where there are too few; the number freed.
 * Thread context; no lock of rank >= RANK_OBJECT held. */
size_t page_cache_reclaim(size_t pages);
/* For /proc/meminfo: pages. */
struct page_cache_statistics {
	uint64_t cached, dirty, under_write_back, mapped;
};
void page_cache_read_statistics(struct page_cache_statistics *statistics);
