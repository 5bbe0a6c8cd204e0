/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making caches, sizes, and dropping pages.
 */
#include "cache_priv.h"

#include <base/string.h>
#include <mm/phys/slab.h>

#define STRETCH (1ull << 20) /* bytes by which a file grows before others may write back */

void page_cache_init(struct page_cache *cache, const struct page_cache_ops *ops,
		     struct cache_backing *backing, struct block_device *device, uint64_t size,
		     void *private)
{
	memset(cache, 0, sizeof(*cache));
	vm_object_init(&cache->object, &cache_object_ops, size, cache);
	cache->ops = ops;
	cache->backing = backing;
	cache->device = device;
	if (device)
		block_device_get(device);
	cache->private = private;
	radix_init(&cache->dirty, kzalloc, kfree);
	list_node_init(&cache->node);
	list_node_init(&cache->left_node);
	reclaim_add(cache);
}

int cache_clear_tail(struct page_cache *cache)
{
	uint64_t size = cache_size(cache);
	size_t used = size % PAGE_SIZE;
	struct frame *frame;
	int error;

	if (!used)
		return 0;
	error = page_cache_page(cache, size >> PAGE_SHIFT, &frame);
	if (error)
		return error;
	/* A mapping may have written there; what is on the device is anybody's. */
	memset((char *)frame_address(frame) + used, 0, PAGE_SIZE - used);
	error = page_cache_dirty(cache, size >> PAGE_SHIFT, frame, true);
	frame_put(frame);
	return error;
}

/* Calls for object.lock with no page of [first, end) being read or written. */
static void lock_idle(struct page_cache *cache, uint64_t first, uint64_t end)
{
	for (;;) {
		struct frame *busy;

		mutex_lock(&cache->object.lock);
		busy = cache_find_busy_locked(cache, first, end, PAGE_READING | PAGE_WRITING);
		if (!busy)
			return;
		mutex_unlock(&cache->object.lock);
		page_wait(busy, PAGE_READING | PAGE_WRITING);
		frame_put(busy);
	}
}

void cache_drop_past_end(struct page_cache *cache)
{
	uint64_t first = cache_page_limit(cache);

	lock_idle(cache, first, UINT64_MAX);
	vm_object_drop_locked(&cache->object, first, UINT64_MAX);
	mutex_unlock(&cache->object.lock);
}

int page_cache_resize(struct page_cache *cache, uint64_t size)
{
	int error = size > cache_size(cache) ? cache_clear_tail(cache) : 0;

	if (error)
		return error;
	if (size < cache_size(cache))
		lock_idle(cache, size >> PAGE_SHIFT, UINT64_MAX);
	else
		mutex_lock(&cache->object.lock);
	vm_object_resize_locked(&cache->object, size);
	mutex_unlock(&cache->object.lock);
	return 0;
}

/* Drops what is not dirty. object.lock is held, and nothing is busy. */
static void drop_clean(struct page_cache *cache, uint64_t first, uint64_t end)
{
	struct frame *frame;
	uint64_t index = first;

	for (; (frame = radix_next(&cache->object.pages, &index)) && index < end; index++) {
		if (!(page_flags(frame) & PAGE_DIRTY))
			vm_object_drop_locked(&cache->object, index, index + 1);
	}
}

void page_cache_drop(struct page_cache *cache, uint64_t start, uint64_t end, bool discard)
{
	uint64_t first = start >> PAGE_SHIFT;
	uint64_t last = (end >> PAGE_SHIFT) + (end % PAGE_SIZE != 0);

	if (!cache->object.page_count)
		return;
	lock_idle(cache, first, last);
	if (discard)
		vm_object_drop_locked(&cache->object, first, last);
	else
		drop_clean(cache, first, last);
	mutex_unlock(&cache->object.lock);
}

/* Dirty pages of zeros from the end up to `end`; there are none yet. */
static int fill_past_end(struct page_cache *cache, uint64_t end)
{
	uint64_t limit = (end >> PAGE_SHIFT) + (end % PAGE_SIZE != 0);
	int error = 0;

	for (uint64_t index = cache_page_limit(cache); index < limit && !error; index++) {
		struct frame *frame;

		error = page_cache_page_to_fill(cache, index, &frame);
		if (error)
			break;
		error = page_cache_dirty(cache, index, frame, true);
		frame_put(frame);
	}
	return error;
}

int page_cache_extend(struct page_cache *cache, uint64_t size)
{
	uint64_t old = cache_size(cache);
	int error = cache_clear_tail(cache);

	/* Nobody reads there before it is zeros: the device still has something else. */
	while (!error && cache_size(cache) < size) {
		uint64_t next = min_u64(size, align_up(cache_size(cache) + 1, STRETCH));

		error = fill_past_end(cache, next);
		if (!error)
			error = page_cache_resize(cache, next);
		cache_throttle(cache);
	}
	if (error) {
		cache_drop_past_end(cache);
		if (cache_size(cache) > old && page_cache_resize(cache, old))
			return -EIO;
	}
	return error;
}
