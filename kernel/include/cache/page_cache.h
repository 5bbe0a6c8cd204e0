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

#include <block/block.h>
#include <mm/vm/object.h>
#include <scheme/file.h>

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
	 * room on the device, or reserves it; where a file has no holes, it also makes pages of
	 * zeros, dirty ones, between that of the end and that of `offset`. -ENOSPC, -EIO ... NULL: there always is. Called with
	 * node->lock held by write(), stretch by stretch, before pages are made; without any lock
	 * for mappings. */
	int (*prepare_write)(struct page_cache *cache, uint64_t offset, uint64_t length);
	/* The last reference went; no page is left. Frees the storage. What was still dirty is lost:
	 * a provider that wants it written calls page_cache_sync() before. Thread context, perhaps
	 * within eviction, which looks at caches whoever holds what: takes no sleeping lock of rank
	 * < RANK_OBJECT. */
	void (*release)(struct page_cache *cache);
	/* Writes what it takes to find the pages that were written back, and makes all durable.
	 * NULL: a flush of the device is enough. Thread context, no lock is held. */
	int (*sync)(struct page_cache *cache);
	/* The size never changes: writes end there, and past it are -ENOSPC. */
	bool fixed_size;
	/* What a file may have: writes end there, and past it are -EFBIG. 0: there is no limit. */
	uint64_t max_size;
};

/* Consecutive pages, given to `read` or `write`. */
struct cache_run {
	uint64_t index; /* of the first */
	unsigned count;
	struct frame **frames; /* borrowed from the cache, which keeps them while they are busy */
	unsigned bio_flags;    /* priority: BIO_URGENT, BIO_BACKGROUND, and BIO_RESERVE */
};
#define CACHE_RUN_MAX 128 /* pages */

/* Of a page, in frame->flags, changed atomically. frame->owner is the cache, frame->index where the
 * page is in it. */
enum page_state {
	PAGE_READY = VM_PAGE_READY,
	PAGE_READING = 1 << 1,    /* until it is ready, or failed */
	PAGE_DIRTY = 1 << 2,      /* changed with object.lock held; as is the next, but to clear */
	PAGE_WRITING = 1 << 3,    /* under write-back; may be dirty again */
	PAGE_REFERENCED = 1 << 4, /* used since it is here, or since eviction last came by */
	PAGE_HOT = 1 << 5,        /* used again then */
	PAGE_AHEAD = 1 << 6,      /* who gets here has the next pages read ahead */
	PAGE_SHOWN = VM_PAGE_SHOWN, /* written to unseen: stays dirty */
};

struct page_cache {
	struct vm_object object; /* pages, size; its lock guards what has no other */
	const struct page_cache_ops *ops;
	struct cache_backing *backing; /* immutable */
	struct block_device *device;   /* for extents; a reference or NULL; immutable */
	void *private;                 /* the provider's */
	/* index -> frame: pages that are dirty or under write-back, and some that no longer are;
	 * object.lock */
	struct radix dirty;
	uint64_t dirty_since;       /* monotonic ns of the oldest; object.lock */
	uint64_t dirty_pages;       /* object.lock */
	struct list_node node;      /* backing's list of dirty caches; its lock */
	struct list_node all_node;  /* the list that eviction walks; its lock */
	struct list_node left_node; /* what eviction leaves to its thread to put; the same lock */
	uint64_t counted;           /* the last round of counting that came by; the same lock */
	uint64_t synced;            /* the last round of syncing that came by; the same lock */
	uint64_t hand;              /* of eviction: the next index to look at; object.lock */
	_Atomic uint32_t busy_reads, busy_writes; /* pages */
	_Atomic int last_error;                   /* of write-back; object.errors counts them */
	_Atomic uint32_t errors_told;             /* of these, to msync() */
	_Atomic bool mapping_writes;              /* some may be for it */
	_Atomic int read_error;                   /* of the last read that failed */
};

/* What caches that share a device, and so a fate, have in common: a thread that writes back, and
 * its statistics. One per mounted file system and per disk. */
int must_check cache_backing_create(const char *name, struct cache_backing **backing);
/* The provider has let go of all caches of it. Ends the thread, when the last one is gone. */
void cache_backing_destroy(struct cache_backing *backing);
/* Writes back what is dirty in all its caches, and waits. The first error. */
int must_check cache_backing_sync(struct cache_backing *backing);

/* Once at boot, when threads can be made and before the first cache. */
void cache_start(void);
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
/* The same with node->lock held. */
ssize_t must_check cache_file_write_locked(struct file *file, struct io *io, uint64_t *offset);
/* fsync: writes back and waits, and reports errors that this description has not heard of. The
 * provider's own metadata and the device's flush come after. */
int must_check cache_file_sync(struct file *file);
/* sync_file_range(2): [start, end); flags of enum cache_sync_range. */
enum cache_sync_range {
	CACHE_SYNC_WAIT_BEFORE = 1,
	CACHE_SYNC_WRITE = 2,
	CACHE_SYNC_WAIT_AFTER = 4,
};
int must_check cache_file_sync_range(struct file *file, uint64_t start, uint64_t end,
				     unsigned flags);
/* posix_fadvise(2), with Linux's numbers; a range without end: UINT64_MAX. -EINVAL. */
int must_check cache_file_advise(struct file *file, uint64_t start, uint64_t end, int advice);
/* msync(2) of what is mapped shared: writes [start, end) of the object back; with `wait` to the end,
 * and durably. Nothing, for other objects. The first error. */
int must_check cache_sync_object(struct vm_object *object, uint64_t start, uint64_t end, bool wait);
/* Whether the file is one of a page cache, so that the functions above are for it. */
bool cache_has_file(const struct file *file);

/* --- For providers. --- */

/* Sets the size; pages past it go, dirty or not; busy ones are waited for. What the last page has
 * past the old end becomes zeros, for which it may have to be read: -EIO, -ENOMEM, with the size
 * unchanged; never when it shrinks. node->lock is held; node->size is the caller's. */
int page_cache_resize(struct page_cache *cache, uint64_t size);
/* Makes it longer, by zeros that are to be written, for files without holes; throttled. node->lock is
 * held. -EIO, -ENOMEM, with the size unchanged. */
int must_check page_cache_extend(struct page_cache *cache, uint64_t size);
/* Writes back what is dirty in [start, end) and waits. The first error of this time. */
int must_check page_cache_sync(struct page_cache *cache, uint64_t start, uint64_t end);
/* Drops pages in [start, end), with `discard` even dirty ones; busy ones are waited for. */
void page_cache_drop(struct page_cache *cache, uint64_t start, uint64_t end, bool discard);
/* The page at `index`, read if need be, with a reference for the caller. -EIO, -ENOMEM, -ENXIO past
 * the end. Thread context, may wait for the device. */
int must_check page_cache_page(struct page_cache *cache, uint64_t index, struct frame **frame);
/* The same, but its contents will be overwritten as a whole: not read; zeros, if it was not there.
 * page_cache_dirty() has to follow, or page_cache_drop(). May be past the end. */
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
/* ops->read and ops->write over ops->find. The part of a page that find() says is a hole, behind one
 * that is not, is not written. */
int cache_read_extents(struct page_cache *cache, struct cache_run *run);
int cache_write_extents(struct page_cache *cache, struct cache_run *run);

/* --- Memory. --- */

/* Bounds on dirty pages and those under write-back, as parts of all memory. */
#define CACHE_DIRTY_BACKGROUND_PART 10 /* from here on they are written back */
#define CACHE_DIRTY_HARD_PART       5  /* from here on writers wait */

/* Evicts up to `pages` clean pages, starting write-back where there are too few; the number freed.
 * Thread context; no lock of rank >= RANK_OBJECT held. */
size_t page_cache_reclaim(size_t pages);
/* Evicts all that can be (/proc/sys/vm/drop_caches). */
void page_cache_drop_all(void);
/* For /proc/meminfo: pages. */
struct page_cache_statistics {
	uint64_t cached, dirty, under_write_back, mapped;
	uint64_t buffers; /* of `cached`, those of block devices */
};
void page_cache_read_statistics(struct page_cache_statistics *statistics);
