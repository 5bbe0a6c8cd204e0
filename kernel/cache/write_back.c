/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Write-back: dirty pages go to the provider in runs, clean and read-only in all mappings, so that
 * who changes them meanwhile makes them dirty again.
 */
#include "cache_priv.h"

void page_cache_write_done(struct page_cache *cache, struct frame *frame, int error)
{
	if (error) {
		cache->last_error = error;
		cache->object.errors++;
	}
	page_clear(frame, PAGE_WRITING);
	page_wake(frame);
	backing_note_written(cache->backing);
	frame_put(frame);
	/* The last access to the cache: it may go now. */
	atomic_fetch_sub_explicit(&cache->busy_writes, 1, memory_order_release);
}

/* Takes a dirty page into the run. object.lock is held. */
static void add_page(struct page_cache *cache, struct cache_run *run, uint64_t index,
		     struct frame *frame)
{
	if (run->count == 0)
		run->index = index;
	run->frames[run->count++] = frame;
	/* Nobody but the tree has it: no window either. */
	if (frame_references(frame) == 1)
		page_clear(frame, PAGE_SHOWN);
	frame_get(frame);
	page_set(frame, PAGE_WRITING);
	if (!(page_flags(frame) & PAGE_SHOWN))
		page_clean_locked(cache, frame);
	cache->busy_writes++;
	cache->backing->writing_pages++;
	cache_writing_pages++;
}

/* Pages past the end wait there for a write that is on its way to them. */
static uint64_t write_limit(const struct page_cache *cache, uint64_t end)
{
	return min_u64(cache_page_limit(cache), end);
}

/* Gathers the first run of dirty pages in [first, end). *busy: instead of a run, a page with a
 * reference that is still being written from an earlier time. object.lock is held. */
static void gather_run(struct page_cache *cache, uint64_t first, uint64_t end, unsigned limit,
		       struct cache_run *run, struct frame **busy)
{
	uint64_t index = first;
	struct frame *frame;

	end = write_limit(cache, end);
	for (; (frame = radix_next(&cache->dirty, &index)) && index < end; index++) {
		uint8_t flags = page_flags(frame);

		if (run->count == limit || (run->count && index != run->index + run->count))
			return;
		if (!(flags & (PAGE_DIRTY | PAGE_WRITING))) {
			radix_remove(&cache->dirty, index);
		} else if (!(flags & PAGE_WRITING)) {
			add_page(cache, run, index, frame);
		} else if (flags & PAGE_DIRTY) {
			if (run->count == 0 && busy) {
				*busy = frame;
				frame_get(frame);
				return;
			}
		}
	}
}

/* Starts one run; how many pages. *first moves on behind them. */
static unsigned start_run(struct page_cache *cache, uint64_t *first, uint64_t end, size_t limit,
			  enum write_back_mode mode)
{
	struct frame *frames[CACHE_RUN_MAX], *busy = NULL;
	struct cache_run run = { *first, 0, frames, BIO_RESERVE };
	int error;

	if (mode == WRITE_BACK_START)
		run.bio_flags |= BIO_BACKGROUND;
	mutex_lock(&cache->object.lock);
	gather_run(cache, *first, end, (unsigned)min_u64(limit, CACHE_RUN_MAX), &run,
		   mode == WRITE_BACK_WAIT ? &busy : NULL);
	if (run.count && !list_empty(&cache->object.mappings))
		vm_object_protect_locked(&cache->object, run.index, run.index + run.count);
	mutex_unlock(&cache->object.lock);
	if (busy) {
		*first = busy->index;
		page_wait(busy, PAGE_WRITING);
		frame_put(busy);
		return 1;
	}
	if (!run.count)
		return 0;
	*first = run.index + run.count;
	error = cache->ops->write(cache, &run);
	for (unsigned i = 0; error && i < run.count; i++)
		page_cache_write_done(cache, frames[i], error);
	return run.count;
}

size_t cache_write_back(struct page_cache *cache, uint64_t first, uint64_t end, size_t limit,
			enum write_back_mode mode)
{
	size_t started = 0;

	while (started < limit && first < end) {
		unsigned count;

		backing_wait_writing(cache->backing, WRITING_MAX);
		count = start_run(cache, &first, end, limit - started, mode);
		if (!count)
			break;
		started += count;
	}
	return started;
}

int page_cache_sync(struct page_cache *cache, uint64_t start, uint64_t end)
{
	uint64_t first = start >> PAGE_SHIFT;
	uint64_t last = (end >> PAGE_SHIFT) + (end % PAGE_SIZE != 0);
	uint32_t before = cache->object.errors;

	cache_write_back(cache, first, last, SIZE_MAX, WRITE_BACK_WAIT);
	cache_wait_range(cache, first, last, PAGE_WRITING);
	return cache->object.errors == before ? 0 : cache->last_error;
}
