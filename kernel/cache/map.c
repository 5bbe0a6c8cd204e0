/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page caches as vm objects: page faults, and the end.
 */
#include "cache_priv.h"

#include <core/panic.h>
#include <time/clock.h>

#define AROUND 32 /* pages that a fault reads: aligned, 128 KiB */

/* Whatever is not there has to be waited for. */
static int object_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	(void)object;
	(void)index;
	(void)frame;
	return -EAGAIN;
}

/* Only dirty pages are writable. */
static int object_make_writable(struct vm_object *object, uint64_t index)
{
	const struct frame *frame = radix_get(&object->pages, index);

	return frame && (page_flags(frame) & PAGE_DIRTY) ? 0 : -EAGAIN;
}

static int prepare_write(struct page_cache *cache, uint64_t index, struct frame *frame)
{
	uint64_t offset = index << PAGE_SHIFT, size = cache_size(cache);
	int error = 0;

	if (offset >= size)
		return -ENXIO;
	if (cache->ops->prepare_write)
		error = cache->ops->prepare_write(cache, offset, min_u64(PAGE_SIZE, size - offset));
	if (error)
		return error == -ENOMEM ? error : -EIO;
	/* For msync(), which has no open file to remember what it was told. */
	if (!atomic_load_explicit(&cache->mapping_writes, memory_order_relaxed)) {
		cache->errors_told = cache->object.errors;
		cache->mapping_writes = true;
	}
	return page_cache_dirty(cache, index, frame, false);
}

static int object_prepare(struct vm_object *object, uint64_t index, bool write)
{
	struct page_cache *cache = page_cache_of(object);
	struct frame *frame = page_find(cache, index);
	int error = 0;

	if (frame)
		frame_put(frame);
	else
		error = cache_start_read(cache, align_down(index, AROUND), AROUND, UINT64_MAX,
					 BIO_URGENT);
	if (!error)
		error = page_cache_page(cache, index, &frame);
	if (error)
		return error == -ENOMEM || error == -ENXIO ? error : -EIO;
	if (write)
		error = prepare_write(cache, index, frame);
	frame_put(frame);
	return error;
}

static void object_leave(struct vm_object *object, uint64_t index, struct frame *frame)
{
	struct page_cache *cache = page_cache_of(object);

	page_clean_locked(cache, frame);
	if (cache->dirty.root)
		radix_remove(&cache->dirty, index);
}

static void object_release(struct vm_object *object)
{
	struct page_cache *cache = page_cache_of(object);
	struct block_device *device = cache->device;

	/* Pages on their way have references of their own; the last of them lets go of us. */
	while (atomic_load_explicit(&cache->busy_reads, memory_order_acquire) ||
	       atomic_load_explicit(&cache->busy_writes, memory_order_acquire))
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	reclaim_remove(cache);
	radix_clear(&cache->dirty);
	if (cache->ops->release)
		cache->ops->release(cache);
	if (device)
		block_device_put(device);
}

const struct vm_object_ops cache_object_ops = {
	.fill = object_fill,
	.make_writable = object_make_writable,
	.prepare = object_prepare,
	.fills_later = true,
	.leave = object_leave,
	.release = object_release,
};
