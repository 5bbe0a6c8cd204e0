/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: their states, waiting for them, and getting them one by one. */
#include "cache_priv.h"

#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/slab.h>

#define QUEUES        64
#define RECLAIM_PIECE 32 /* pages */
#define ATTEMPTS      50 /* to get a page, or to read one */

/* Who waits for pages, by frame: not in the caches, which may go once their last page is done. */
static struct wait_queue queues[QUEUES];

void pages_start(void)
{
	for (unsigned i = 0; i < QUEUES; i++)
		wait_queue_init(&queues[i], "page");
}

static struct wait_queue *queue_of(const struct frame *frame)
{
	return &queues[(uintptr_t)frame / sizeof(struct frame) % QUEUES];
}

void page_wait(struct frame *frame, uint8_t bits)
{
	struct waiter waiter;

	if (!(page_flags(frame) & bits))
		return;
	wait_begin(queue_of(frame), &waiter);
	while (page_flags(frame) & bits)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void page_wake(struct frame *frame)
{
	wait_wake_all(queue_of(frame));
}

void page_note_use(struct frame *frame)
{
	uint8_t flags = page_flags(frame);

	if (!(flags & PAGE_REFERENCED))
		page_set(frame, PAGE_REFERENCED);
	else if (!(flags & PAGE_HOT))
		page_set(frame, PAGE_HOT);
}

struct frame *page_allocate(unsigned flags, bool wait)
{
	struct frame *frame = NULL;

	/* What is left is for those who cannot wait. */
	if (reclaim_leaves_enough() || page_cache_reclaim(RECLAIM_PIECE))
		frame = frame_allocate(0, flags);
	for (unsigned i = 0; !frame && wait && i < ATTEMPTS; i++) {
		if (!reclaim_wait(RECLAIM_PIECE))
			break;
		frame = frame_allocate(0, flags);
	}
	return frame ? frame : frame_allocate(0, flags);
}

struct frame *page_find(struct page_cache *cache, uint64_t index)
{
	struct frame *frame;

	mutex_lock(&cache->object.lock);
	frame = radix_get(&cache->object.pages, index);
	if (frame)
		frame_get(frame);
	mutex_unlock(&cache->object.lock);
	return frame;
}

int page_insert_locked(struct page_cache *cache, uint64_t index, struct frame *frame, uint8_t flags)
{
	int error;

	frame->owner = cache;
	frame->index = index;
	frame->flags = flags;
	error = vm_object_insert_locked(&cache->object, index, frame);
	if (!error)
		frame_get(frame);
	return error;
}

struct frame *cache_find_busy_locked(struct page_cache *cache, uint64_t first, uint64_t end,
				     uint8_t bits)
{
	/* Pages under write-back are all in `dirty`. */
	const struct radix *radix = bits == PAGE_WRITING ? &cache->dirty : &cache->object.pages;
	uint64_t index = first;
	struct frame *frame;

	if (!(bits & PAGE_READING ? cache->busy_reads : 0) &&
	    !(bits & PAGE_WRITING ? cache->busy_writes : 0))
		return NULL;
	while ((frame = radix_next(radix, &index)) && index < end) {
		if (page_flags(frame) & bits) {
			frame_get(frame);
			return frame;
		}
		index++;
	}
	return NULL;
}

void cache_wait_range(struct page_cache *cache, uint64_t first, uint64_t end, uint8_t bits)
{
	for (;;) {
		struct frame *frame;

		mutex_lock(&cache->object.lock);
		frame = cache_find_busy_locked(cache, first, end, bits);
		mutex_unlock(&cache->object.lock);
		if (!frame)
			return;
		first = frame->index;
		page_wait(frame, bits);
		frame_put(frame);
	}
}

/* Bytes past the end of the file are zeros, whatever the device has there. */
static void clear_past_end(struct page_cache *cache, struct frame *frame)
{
	uint64_t size = cache_size(cache), start = frame->index << PAGE_SHIFT;

	if (size < start + PAGE_SIZE) {
		size_t used = size > start ? (size_t)(size - start) : 0;

		memset((char *)frame_address(frame) + used, 0, PAGE_SIZE - used);
	}
}

void page_cache_read_done(struct page_cache *cache, struct frame *frame, int error)
{
	if (error) {
		cache->read_error = error;
		page_clear(frame, PAGE_READING | PAGE_AHEAD);
	} else {
		clear_past_end(cache, frame);
		page_set(frame, PAGE_READY);
		page_clear(frame, PAGE_READING);
	}
	page_wake(frame);
	frame_put(frame);
	/* The last access to the cache: it may go now. */
	atomic_fetch_sub_explicit(&cache->busy_reads, 1, memory_order_release);
}

/* Makes the caller the one who reads the page, unless somebody else does or it is ready. */
static bool claim_read(struct page_cache *cache, struct frame *frame)
{
	bool claimed;

	mutex_lock(&cache->object.lock);
	claimed = !(page_flags(frame) & (PAGE_READY | PAGE_READING));
	if (claimed) {
		page_set(frame, PAGE_READING);
		cache->busy_reads++;
		frame_get(frame);
	}
	mutex_unlock(&cache->object.lock);
	return claimed;
}

/* A page whose first reading failed is read again, by itself. */
static int read_again(struct page_cache *cache, struct frame *frame)
{
	struct cache_run run = { frame->index, 1, &frame, BIO_URGENT };

	if (claim_read(cache, frame)) {
		int error = cache->ops->read(cache, &run);

		if (error)
			page_cache_read_done(cache, frame, error);
	}
	page_wait(frame, PAGE_READING);
	if (page_flags(frame) & PAGE_READY)
		return 0;
	return cache->read_error ? cache->read_error : -EIO;
}

int page_cache_page_to_fill(struct page_cache *cache, uint64_t index, struct frame **result)
{
	struct frame *frame = page_find(cache, index), *made;
	int error = 0;

	if (!frame) {
		made = page_allocate(FRAME_ZERO, true);
		if (!made)
			return -ENOMEM;
		mutex_lock(&cache->object.lock);
		frame = radix_get(&cache->object.pages, index);
		if (frame)
			frame_get(frame);
		else
			error = page_insert_locked(cache, index, made, PAGE_READY);
		mutex_unlock(&cache->object.lock);
		if (!frame && !error) {
			*result = made;
			return 0;
		}
		frame_put(made);
		if (error)
			return error;
	}
	page_wait(frame, PAGE_READING);
	if (!(page_flags(frame) & PAGE_READY)) {
		memset(frame_address(frame), 0, PAGE_SIZE);
		page_set(frame, PAGE_READY);
	}
	*result = frame;
	return 0;
}

int page_cache_page(struct page_cache *cache, uint64_t index, struct frame **result)
{
	struct frame *frame;
	int error;

	for (;;) {
		if (index >= cache_page_limit(cache))
			return -ENXIO;
		frame = page_find(cache, index);
		if (frame)
			break;
		/* It may be evicted before we have it: then it is read again. */
		error = cache_start_read(cache, index, 1, UINT64_MAX, BIO_URGENT);
		if (error)
			return error;
	}
	page_wait(frame, PAGE_READING);
	error = page_flags(frame) & PAGE_READY ? 0 : read_again(cache, frame);
	for (unsigned i = 0; error == -ENOMEM && i < ATTEMPTS && reclaim_wait(RECLAIM_PIECE); i++)
		error = read_again(cache, frame);
	if (error) {
		frame_put(frame);
		return error;
	}
	page_note_use(frame);
	*result = frame;
	return 0;
}
