/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of kernel/cache share. */
#pragma once

#include <base/errno.h>
#include <cache/page_cache.h>
#include <mm/phys/frame.h>
#include <sched/thread.h>
#include <sched/wait.h>

/* What goes with the bounds on dirty memory in <cache/page_cache.h>. */
#define DIRTY_SHARE_PART 8                         /* of the hard one, that each backing may have */
#define DIRTY_AGE_NS     (30 * NS_PER_SECOND)      /* written back when so old */
#define DIRTY_CHECK_NS   (5 * NS_PER_SECOND)       /* how often that is looked at */
#define WRITING_MAX      (16u << 20 >> PAGE_SHIFT) /* pages under write-back of a backing */

struct cache_backing {
	char name[32];
	/* RANK_CACHE, cache_lock: the two lists. */
	struct list dirty;
	_Atomic uint64_t dirty_pages, writing_pages;
	_Atomic bool kicked; /* more is dirty than should be */
	_Atomic bool stop, ended;
	bool orphan;                     /* the thread's own: it frees the backing */
	_Atomic(struct thread *) thread; /* its thread, once that runs */
	struct wait_queue wake;          /* the thread */
};

/* --- page.c --- */

void pages_start(void);

static inline uint8_t page_flags(const struct frame *frame)
{
	return __atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE);
}

static inline void page_set(struct frame *frame, uint8_t bits)
{
	__atomic_fetch_or(&frame->flags, bits, __ATOMIC_ACQ_REL);
}

/* Returns what was. */
static inline uint8_t page_clear(struct frame *frame, uint8_t bits)
{
	return __atomic_fetch_and(&frame->flags, (uint8_t)~bits, __ATOMIC_ACQ_REL);
}

static inline uint64_t cache_size(const struct page_cache *cache)
{
	return __atomic_load_n(&cache->object.size, __ATOMIC_ACQUIRE);
}

static inline uint64_t cache_page_limit(const struct page_cache *cache)
{
	uint64_t size = cache_size(cache);

	return (size >> PAGE_SHIFT) + (size % PAGE_SIZE != 0);
}

/* Waits until none of the bits (PAGE_READING, PAGE_WRITING) is set. */
void page_wait(struct frame *frame, uint8_t bits);
/* The page was read or written: wakes who waits. Any context. */
void page_wake(struct frame *frame);
/* A frame for a page, for which others may have to go; with `wait`, as long as there is hope. NULL. No
 * lock of rank >= RANK_OBJECT is held. */
struct frame *page_allocate(unsigned flags, bool wait);
/* The page at `index` if it is in the tree, ready or not, with a reference. */
struct frame *page_find(struct page_cache *cache, uint64_t index);
/* Puts a new page into the tree, with flags; the caller keeps its reference. object.lock is held.
 * -ENOMEM. */
int must_check page_insert_locked(struct page_cache *cache, uint64_t index, struct frame *frame,
				  uint8_t flags);
/* Somebody uses it: for eviction. */
void page_note_use(struct frame *frame);
/* Waits for pages of [first, end) with one of the bits; none is, when this returns, unless new
 * ones came. */
void cache_wait_range(struct page_cache *cache, uint64_t first, uint64_t end, uint8_t bits);
/* The first such page, with a reference. object.lock is held. */
struct frame *cache_find_busy_locked(struct page_cache *cache, uint64_t first, uint64_t end,
				     uint8_t bits);

/* --- dirty.c --- */

void dirty_start(void);

extern struct spinlock cache_lock; /* RANK_CACHE: the list of all caches, those of dirty ones */
extern struct list all_caches;
extern _Atomic uint64_t cache_dirty_pages, cache_writing_pages;

/* Marks a page of the tree dirty; object.lock is held. -ENOMEM. */
int must_check page_dirty_locked(struct page_cache *cache, uint64_t index, struct frame *frame);
/* The page is not dirty any more. object.lock is held. */
void page_clean_locked(struct page_cache *cache, struct frame *frame);
/* A writer has dirtied pages: waits while there are too many. */
void cache_throttle(struct page_cache *cache);
bool cache_above_background(void);
/* Wakes the backing's thread. */
void backing_kick(struct cache_backing *backing);
/* Waits until no more pages of it than that are under write-back. */
void backing_wait_writing(struct cache_backing *backing, uint64_t limit);
/* One page no longer is. Any context. */
void backing_note_written(struct cache_backing *backing);

/* --- write_back.c --- */

enum write_back_mode {
	WRITE_BACK_START, /* what can be started now */
	WRITE_BACK_WAIT, /* what is dirty now, to the end; waits for pages that are being written */
};
/* Pages [first, end), at most `limit`; how many were started. */
size_t cache_write_back(struct page_cache *cache, uint64_t first, uint64_t end, size_t limit,
			enum write_back_mode mode);

/* --- read_ahead.c --- */

/* Starts reading pages [index, index + count) that are not there; those before the end of the file.
 * `mark`: the page that gets PAGE_AHEAD, or UINT64_MAX. -ENOMEM, or what the provider says, if
 * nothing was started. */
int cache_start_read(struct page_cache *cache, uint64_t index, uint64_t count, uint64_t mark,
		     unsigned bio_flags);
/* The page at `index` is not there: has it read, and what goes with it. */
int must_check cache_read_missing(struct file *file, struct page_cache *cache, uint64_t index,
				  uint64_t wanted);
/* The page at `index` has PAGE_AHEAD. */
void cache_read_marked(struct file *file, struct page_cache *cache, uint64_t index,
		       struct frame *frame);

/* --- resize.c --- */

/* Makes the bytes that the last page has past the end of the file zeros, before that moves. */
int must_check cache_clear_tail(struct page_cache *cache);
/* Drops pages that a write past the end was prepared for and did not reach. node->lock is held. */
void cache_drop_past_end(struct page_cache *cache);

/* --- map.c --- */

extern const struct vm_object_ops cache_object_ops;

/* --- read.c, write.c: through the cache --- */

ssize_t cache_read_pages(struct file *file, struct io *io, uint64_t offset);
/* node->lock is held. */
ssize_t cache_write_pages(struct file *file, struct io *io, uint64_t offset, size_t length);
/* The file ends later; node->lock is held. */
void cache_grow(struct page_cache *cache, struct node *node, uint64_t size);

/* --- direct.c --- */

ssize_t cache_direct_read(struct file *file, struct io *io, uint64_t offset);
/* At most `length` bytes; node->lock is held. */
ssize_t cache_direct_write(struct file *file, struct io *io, uint64_t offset, size_t length);

/* --- reclaim.c --- */

void reclaim_start(void);
/* A new cache, and one that goes. */
void reclaim_add(struct page_cache *cache);
void reclaim_remove(struct page_cache *cache);
/* Whether there is more free memory than others should find. */
bool reclaim_leaves_enough(void);
/* Frees pages, and where none can be freed waits a while for those that are being written or read.
 * False: there is nothing to hope for. As page_cache_reclaim(). */
bool reclaim_wait(size_t pages);

enum evict_mode {
	EVICT_COLD,   /* hot ones are let off */
	EVICT_ALL,    /* that nobody uses */
	EVICT_MAPPED, /* mapped ones too */
};
/* Evicts clean pages of [first, end), up to `limit`; how many. object.lock is held. */
size_t cache_evict_locked(struct page_cache *cache, uint64_t first, uint64_t end, size_t limit,
			  enum evict_mode mode);

/* --- device.c --- */

void device_caches_start(void);
