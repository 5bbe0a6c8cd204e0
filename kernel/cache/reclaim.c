/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Eviction: clean pages are given back when memory runs low, by a thread of its own that keeps some
 * memory free, or by who needs memory at once.
 *
 * A hand goes round each cache, the caches take turns. A page that was used again since it was read
 * (PAGE_HOT) is let off once; those that were used once, as by who reads a large file from end to
 * end, go the first time. Pages in use by somebody, mapped ones among them, have more references
 * than the tree's: they are unmapped and go only if not enough others do.
 */
#include "cache_priv.h"

#include <sched/work.h>
#include <time/clock.h>

#define SCAN_PIECE  256  /* pages that are looked at under one lock */
#define LOW_PART    26   /* 1 / so much of memory: below that the thread begins */
#define HIGH_PART   20   /* and up to that it goes on */
#define LOW_MAX     5120 /* frames */
#define HIGH_MAX    6656
#define RETRY_NS    (10 * NS_PER_MILLISECOND)
#define RETRIES     200
#define DROP_ROUNDS 10

static struct wait_queue wake;
static _Atomic bool wanted;
/* Caches whose last reference eviction was left with: the thread puts it. Under cache_lock. */
static struct list left_caches = LIST_INIT(left_caches);
static bool thread_runs; /* set once, at boot */
static struct work wake_work;

void reclaim_add(struct page_cache *cache)
{
	spin_lock(&cache_lock);
	list_push_back(&all_caches, &cache->all_node);
	spin_unlock(&cache_lock);
}

void reclaim_remove(struct page_cache *cache)
{
	spin_lock(&cache_lock);
	list_remove(&cache->all_node);
	spin_unlock(&cache_lock);
}

/* Whether the page goes. object.lock is held, so that nobody finds it meanwhile. */
static bool may_evict(struct frame *frame, enum evict_mode mode)
{
	uint8_t flags = page_flags(frame);

	if (flags & (PAGE_DIRTY | PAGE_WRITING | PAGE_READING))
		return false;
	if (mode == EVICT_COLD && (flags & PAGE_HOT)) {
		page_clear(frame, PAGE_HOT | PAGE_REFERENCED);
		return false;
	}
	return true;
}

size_t cache_evict_locked(struct page_cache *cache, uint64_t first, uint64_t end, size_t limit,
			  enum evict_mode mode)
{
	struct frame *frame;
	uint64_t index = first;
	size_t freed = 0;

	for (; freed < limit && (frame = radix_next(&cache->object.pages, &index)) && index < end;
	     index++) {
		if (!may_evict(frame, mode))
			continue;
		if (frame_references(frame) > 1 && mode == EVICT_MAPPED &&
		    !vm_object_page_is_kept_locked(&cache->object, index))
			vm_object_unmap_locked(&cache->object, index, index + 1);
		if (frame_references(frame) > 1)
			continue;
		vm_object_remove_locked(&cache->object, index);
		freed++;
	}
	return freed;
}

/* Moves the hand of one cache on. */
static size_t sweep(struct page_cache *cache, size_t limit, enum evict_mode mode)
{
	uint64_t index, end;
	size_t freed = 0;

	if (!cache->object.page_count)
		return 0;
	mutex_lock(&cache->object.lock);
	index = cache->hand;
	if (!radix_next(&cache->object.pages, &index))
		index = 0;
	end = index + SCAN_PIECE;
	freed = cache_evict_locked(cache, index, end, limit, mode);
	cache->hand = end;
	mutex_unlock(&cache->object.lock);
	return freed;
}

/* The next cache in turn that has pages, with a reference. */
static struct page_cache *next_cache(void)
{
	struct page_cache *found = NULL;
	struct list_node *node;

	spin_lock(&cache_lock);
	list_for_each (node, &all_caches) {
		struct page_cache *cache = container_of(node, struct page_cache, all_node);

		if (cache->object.page_count && refcount_try_get(&cache->object.references)) {
			found = cache;
			list_remove(node);
			list_push_back(&all_caches, node);
			break;
		}
	}
	spin_unlock(&cache_lock);
	return found;
}

/* How many looks go once round all pages. */
static size_t looks_of_a_round(void)
{
	struct list_node *node;
	size_t looks = 0;

	spin_lock(&cache_lock);
	list_for_each (node, &all_caches) {
		const struct page_cache *cache = container_of(node, struct page_cache, all_node);

		if (cache->object.page_count)
			looks += (size_t)(cache->object.page_count / SCAN_PIECE) + 2;
	}
	spin_unlock(&cache_lock);
	return looks;
}

/* Puts a reference of next_cache(). The last put waits for pages that are being written, and these
 * may need what the caller has locked: so that one is the thread's. */
static void put_cache(struct page_cache *cache)
{
	if (!thread_runs) {
		vm_object_put(&cache->object);
		return;
	}
	if (refcount_put_if_not_last(&cache->object.references))
		return;
	spin_lock(&cache_lock);
	list_push_back(&left_caches, &cache->left_node);
	spin_unlock(&cache_lock);
	wait_wake(&wake);
}

static void put_left_caches(void)
{
	for (;;) {
		struct list_node *link;

		spin_lock(&cache_lock);
		link = list_pop_front(&left_caches);
		spin_unlock(&cache_lock);
		if (!link)
			return;
		vm_object_put(&container_of(link, struct page_cache, left_node)->object);
	}
}

static size_t reclaim_round(size_t pages, enum evict_mode mode)
{
	size_t looks = looks_of_a_round(), freed = 0;

	while (freed < pages && looks-- > 0) {
		struct page_cache *cache = next_cache();

		if (!cache)
			break;
		freed += sweep(cache, pages - freed, mode);
		if (cache->dirty_pages && mode != EVICT_COLD)
			backing_kick(cache->backing);
		put_cache(cache);
	}
	return freed;
}

size_t page_cache_reclaim(size_t pages)
{
	size_t freed = reclaim_round(pages, EVICT_COLD);

	if (freed < pages)
		freed += reclaim_round(pages - freed, EVICT_ALL);
	if (!freed)
		freed = reclaim_round(pages, EVICT_MAPPED);
	return freed;
}

static uint64_t low_mark(void)
{
	return min_u64(frame_total() / LOW_PART, LOW_MAX);
}

static uint64_t high_mark(void)
{
	return min_u64(frame_total() / HIGH_PART, HIGH_MAX);
}

bool reclaim_leaves_enough(void)
{
	return frame_free_at_least(low_mark() / 2);
}

static bool is_io_under_way(void)
{
	return cache_dirty_pages || cache_writing_pages;
}

bool reclaim_wait(size_t pages)
{
	if (page_cache_reclaim(pages))
		return true;
	if (!is_io_under_way())
		return false;
	thread_sleep_until(clock_deadline_after(RETRY_NS));
	return true;
}

/* For page faults and forks: not in vain while pages are being written back. */
static size_t reclaim_for_others(size_t count)
{
	size_t freed = page_cache_reclaim(count);

	for (unsigned i = 0; !freed && i < RETRIES && is_io_under_way(); i++) {
		thread_sleep_until(clock_deadline_after(RETRY_NS));
		freed = page_cache_reclaim(count);
	}
	return freed;
}

static void reclaim_thread(void *argument)
{
	struct waiter waiter;

	(void)argument;
	wait_begin(&wake, &waiter);
	for (;;) {
		while (!wanted && list_empty(&left_caches))
			wait_sleep_until_woken(&waiter);
		put_left_caches();
		while (!frame_free_at_least(high_mark())) {
			if (page_cache_reclaim(SCAN_PIECE))
				continue;
			/* All that is left is dirty or in use. */
			thread_sleep_until(clock_deadline_after(RETRY_NS));
			break;
		}
		wanted = false;
	}
}

static void wake_thread(struct work *work)
{
	(void)work;
	wait_wake(&wake);
}

/* Under any lock. */
static void memory_is_low(void)
{
	if (!atomic_exchange(&wanted, true))
		work_raise(&wake_work);
}

void reclaim_start(void)
{
	wait_queue_init(&wake, "reclaim");
	work_init(&wake_work, wake_thread);
	if (thread_spawn("reclaim", reclaim_thread, NULL))
		return;
	thread_runs = true;
	frame_set_reclaim(reclaim_for_others, memory_is_low, low_mark());
}

void page_cache_drop_all(void)
{
	/* Others may read as fast as this forgets. */
	for (unsigned i = 0; i < DROP_ROUNDS && reclaim_round(SIZE_MAX, EVICT_ALL); i++)
		;
}
