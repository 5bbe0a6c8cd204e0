/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dirty pages: counting them, and making writers wait while there are too many.
 */
#include "cache_priv.h"

#include <time/clock.h>

#define WAIT_NS (100 * NS_PER_MILLISECOND) /* after which a writer looks again */

struct spinlock cache_lock = SPINLOCK_INIT(RANK_CACHE, "page caches");
struct list all_caches = LIST_INIT(all_caches);
_Atomic uint64_t cache_dirty_pages, cache_writing_pages;

/* Writers that wait for pages to be written back. */
static struct wait_queue progress;

void dirty_start(void)
{
	wait_queue_init(&progress, "write-back");
}

static uint64_t background_bound(void)
{
	return frame_total() / CACHE_DIRTY_BACKGROUND_PART;
}

static uint64_t hard_bound(void)
{
	return frame_total() / CACHE_DIRTY_HARD_PART;
}

bool cache_above_background(void)
{
	return cache_dirty_pages > background_bound();
}

void backing_kick(struct cache_backing *backing)
{
	if (atomic_exchange(&backing->kicked, true))
		return;
	wait_wake(&backing->wake);
}

int page_dirty_locked(struct page_cache *cache, uint64_t index, struct frame *frame)
{
	int error;

	if (page_flags(frame) & PAGE_DIRTY)
		return 0;
	error = radix_set(&cache->dirty, index, frame);
	if (error)
		return error;
	page_set(frame, PAGE_DIRTY);
	cache_dirty_pages++;
	cache->backing->dirty_pages++;
	if (cache->dirty_pages++ == 0) {
		cache->dirty_since = clock_monotonic_ns();
		spin_lock(&cache_lock);
		list_push_back(&cache->backing->dirty, &cache->node);
		spin_unlock(&cache_lock);
	}
	return 0;
}

void page_clean_locked(struct page_cache *cache, struct frame *frame)
{
	if (!(page_clear(frame, PAGE_DIRTY) & PAGE_DIRTY))
		return;
	cache_dirty_pages--;
	cache->backing->dirty_pages--;
	if (--cache->dirty_pages == 0) {
		spin_lock(&cache_lock);
		list_remove(&cache->node);
		spin_unlock(&cache_lock);
	}
}

/* Whether writers to the backing have to wait: its share is its own, whatever others do. */
static bool too_much(const struct cache_backing *backing)
{
	return cache_dirty_pages + cache_writing_pages > hard_bound() &&
	       backing->dirty_pages + backing->writing_pages > hard_bound() / DIRTY_SHARE_PART;
}

void cache_throttle(struct page_cache *cache)
{
	struct cache_backing *backing = cache->backing;
	struct waiter waiter;

	if (!cache_above_background())
		return;
	backing_kick(backing);
	if (!too_much(backing))
		return;
	wait_begin(&progress, &waiter);
	while (too_much(backing)) {
		backing_kick(backing);
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, clock_deadline_after(WAIT_NS)))
			continue;
	}
	wait_end(&waiter);
}

void backing_wait_writing(struct cache_backing *backing, uint64_t limit)
{
	struct waiter waiter;

	if (backing->writing_pages <= limit)
		return;
	wait_begin(&progress, &waiter);
	while (backing->writing_pages > limit)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void backing_note_written(struct cache_backing *backing)
{
	cache_writing_pages--;
	backing->writing_pages--;
	if (!wait_queue_empty(&progress))
		wait_wake_all(&progress);
}

int page_cache_dirty(struct page_cache *cache, uint64_t index, struct frame *frame, bool no_wait)
{
	int error = 0;

	mutex_lock(&cache->object.lock);
	/* What was dropped meanwhile is not missed. */
	if (radix_get(&cache->object.pages, index) == frame)
		error = page_dirty_locked(cache, index, frame);
	mutex_unlock(&cache->object.lock);
	if (!error && !no_wait)
		cache_throttle(cache);
	return error;
}
