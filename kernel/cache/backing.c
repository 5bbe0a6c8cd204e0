/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Backings: what caches on one device share, and the thread that writes back what is old or too
 * much.
 */
#include "cache_priv.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <time/clock.h>

#define PIECE (4u << 20 >> PAGE_SHIFT) /* pages of one cache, before it is the next one's turn */

/* Who waits for a thread to end. */
static struct wait_queue endings;

void cache_start(void)
{
	wait_queue_init(&endings, "write-back thread");
	pages_start();
	dirty_start();
	reclaim_start();
	device_caches_start();
}

/* The next dirty cache in turn, with a reference; NULL: none. */
static struct page_cache *next_dirty(struct cache_backing *backing)
{
	struct page_cache *cache = NULL;
	struct list_node *node;

	spin_lock(&cache_lock);
	list_for_each (node, &backing->dirty) {
		struct page_cache *candidate = container_of(node, struct page_cache, node);

		if (refcount_try_get(&candidate->object.references)) {
			cache = candidate;
			list_remove(node);
			list_push_back(&backing->dirty, node);
			break;
		}
	}
	spin_unlock(&cache_lock);
	return cache;
}

static unsigned count_dirty(struct cache_backing *backing)
{
	unsigned count = 0;
	struct list_node *node;

	spin_lock(&cache_lock);
	list_for_each (node, &backing->dirty)
		count++;
	spin_unlock(&cache_lock);
	return count;
}

static bool is_old(const struct page_cache *cache)
{
	return clock_monotonic_ns() - cache->dirty_since >= DIRTY_AGE_NS;
}

/* One round through the caches: how many pages were started. */
static size_t write_round(struct cache_backing *backing)
{
	unsigned count = count_dirty(backing);
	size_t started = 0;

	while (count-- > 0) {
		struct page_cache *cache = next_dirty(backing);
		bool old;

		if (!cache)
			break;
		old = is_old(cache);
		if (old)
			started +=
				cache_write_back(cache, 0, UINT64_MAX, SIZE_MAX, WRITE_BACK_START);
		else if (cache_above_background())
			started += cache_write_back(cache, 0, UINT64_MAX, PIECE, WRITE_BACK_START);
		if (old && cache->dirty_pages)
			cache->dirty_since = clock_monotonic_ns();
		vm_object_put(&cache->object);
	}
	return started;
}

static void backing_thread(void *argument)
{
	struct cache_backing *backing = argument;
	struct waiter waiter;

	backing->thread = thread_current();
	wait_begin(&backing->wake, &waiter);
	while (!backing->stop) {
		/* Woken or not: there is something to look at. */
		if (!backing->kicked &&
		    wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, clock_deadline_after(DIRTY_CHECK_NS)))
			backing->kicked = true;
		if (!atomic_exchange(&backing->kicked, false))
			continue;
		while (write_round(backing) && cache_above_background())
			;
	}
	wait_end(&waiter);
	if (backing->orphan) {
		kfree(backing);
		return;
	}
	backing->ended = true;
	wait_wake_all(&endings);
}

int cache_backing_create(const char *name, struct cache_backing **result)
{
	struct cache_backing *backing = kzalloc(sizeof(*backing));
	int error;

	if (!backing)
		return -ENOMEM;
	string_copy(backing->name, name, sizeof(backing->name));
	list_init(&backing->dirty);
	wait_queue_init(&backing->wake, "write-back");
	error = thread_spawn(backing->name, backing_thread, backing);
	if (error) {
		kfree(backing);
		return error;
	}
	*result = backing;
	return 0;
}

/* Whether somebody (eviction, a sync) still holds a cache of it. */
static bool has_caches(const struct cache_backing *backing)
{
	struct list_node *node;
	bool found = false;

	spin_lock(&cache_lock);
	list_for_each (node, &all_caches)
		found |= container_of(node, struct page_cache, all_node)->backing == backing;
	spin_unlock(&cache_lock);
	return found;
}

void cache_backing_destroy(struct cache_backing *backing)
{
	struct waiter waiter;

	while (has_caches(backing))
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	/* It was the thread that let go of the last cache: it cannot wait for itself. */
	if (backing->thread == thread_current()) {
		backing->orphan = true;
		backing->stop = true;
		return;
	}
	backing->stop = true;
	wait_wake_all(&backing->wake);
	wait_begin(&endings, &waiter);
	while (!backing->ended)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	kfree(backing);
}

/* A cache of the backing that has something to write, or is writing, and has not been seen in this
 * round; with a reference. */
static struct page_cache *next_unsynced(struct cache_backing *backing, uint64_t round)
{
	struct page_cache *found = NULL;
	struct list_node *node;

	spin_lock(&cache_lock);
	list_for_each (node, &all_caches) {
		struct page_cache *cache = container_of(node, struct page_cache, all_node);

		if (cache->backing != backing || cache->synced >= round ||
		    (!cache->dirty_pages && !cache->busy_writes) ||
		    !refcount_try_get(&cache->object.references))
			continue;
		cache->synced = round;
		found = cache;
		break;
	}
	spin_unlock(&cache_lock);
	return found;
}

int cache_backing_sync(struct cache_backing *backing)
{
	static _Atomic uint64_t rounds;
	uint64_t round = ++rounds;
	struct page_cache *cache;
	int error = 0;

	while ((cache = next_unsynced(backing, round))) {
		int failed = page_cache_sync(cache, 0, UINT64_MAX);

		error = error ? error : failed;
		vm_object_put(&cache->object);
	}
	return error;
}
