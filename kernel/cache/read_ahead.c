/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading pages in, more than are asked for where a file is read in order.
 *
 * A description that reads on where it stopped has a window of pages read ahead, which doubles each
 * time up to WINDOW_MAX. The first page of each window is marked: who comes to it starts the next
 * one, so that the device is busy while the program works with what is there.
 */
#include "cache_priv.h"

#define WINDOW_FIRST 16  /* pages: 64 KiB */
#define WINDOW_MAX   256 /* 1 MiB */

enum advice {
	ADVICE_RANDOM = 1,
	ADVICE_SEQUENTIAL = 2,
};

/* How many pages from *index on, which moves up to the first of them, are not there. */
static uint64_t missing_pages(struct page_cache *cache, uint64_t *index, uint64_t end)
{
	uint64_t next;

	if (*index >= end)
		return 0;
	mutex_lock(&cache->object.lock);
	while (*index < end && radix_get(&cache->object.pages, *index))
		++*index;
	next = *index;
	if (!radix_next(&cache->object.pages, &next) || next > end)
		next = end;
	mutex_unlock(&cache->object.lock);
	return next - *index;
}

static unsigned allocate_pages(struct frame **frames, uint64_t count)
{
	unsigned made = 0;

	while (made < count) {
		/* The first one is wanted, the others are as good as memory is plenty. */
		frames[made] = page_allocate(0, made == 0);
		if (!frames[made])
			break;
		made++;
	}
	return made;
}

/* Puts new pages into the tree as far as there are none: how many. */
static unsigned insert_pages(struct page_cache *cache, uint64_t index, struct frame **frames,
			     unsigned count, uint64_t mark, int *error)
{
	unsigned done;

	mutex_lock(&cache->object.lock);
	for (done = 0; done < count; done++) {
		uint8_t flags = PAGE_READING | (index + done == mark ? PAGE_AHEAD : 0);

		if (index + done >= cache_page_limit(cache) ||
		    radix_get(&cache->object.pages, index + done))
			break;
		*error = page_insert_locked(cache, index + done, frames[done], flags);
		if (*error)
			break;
	}
	cache->busy_reads += done;
	mutex_unlock(&cache->object.lock);
	for (unsigned i = done; i < count; i++)
		frame_put(frames[i]);
	return done;
}

static int read_run(struct page_cache *cache, struct cache_run *run)
{
	int error = cache->ops->read(cache, run);

	for (unsigned i = 0; error && i < run->count; i++)
		page_cache_read_done(cache, run->frames[i], error);
	return error;
}

int cache_start_read(struct page_cache *cache, uint64_t index, uint64_t count, uint64_t mark,
		     unsigned bio_flags)
{
	uint64_t end = count > UINT64_MAX - index ? UINT64_MAX : index + count;
	struct frame *frames[CACHE_RUN_MAX];
	uint64_t first = index;
	int error = 0;

	while (!error) {
		/* The file may shrink meanwhile. */
		uint64_t missing =
			missing_pages(cache, &index, min_u64(end, cache_page_limit(cache)));
		struct cache_run run = { index, 0, frames, bio_flags };

		if (!missing)
			break;
		run.count = allocate_pages(frames, min_u64(missing, CACHE_RUN_MAX));
		if (!run.count)
			return index > first ? 0 : -ENOMEM;
		run.count = insert_pages(cache, index, frames, run.count, mark, &error);
		if (run.count)
			error = read_run(cache, &run);
		index += run.count;
	}
	return index > first ? 0 : error;
}

void page_cache_read_ahead(struct page_cache *cache, uint64_t index, unsigned count)
{
	/* What fails is read again by who wants it, and fails for him. */
	(void)cache_start_read(cache, index, count, UINT64_MAX, BIO_BACKGROUND);
}

static bool is_sequential(const struct file_reading *reading, uint64_t index)
{
	return reading->advice == ADVICE_SEQUENTIAL || index == reading->next ||
	       index + 1 == reading->next;
}

int cache_read_missing(struct file *file, struct page_cache *cache, uint64_t index, uint64_t wanted)
{
	struct file_reading *reading = &file->reading;
	uint64_t count = min_u64(wanted, WINDOW_MAX);
	uint64_t mark = UINT64_MAX;

	if (reading->advice == ADVICE_RANDOM || !is_sequential(reading, index)) {
		reading->window = 0;
	} else {
		uint64_t window = reading->window ? reading->window * 2ull : WINDOW_FIRST;

		if (reading->advice == ADVICE_SEQUENTIAL)
			window = WINDOW_MAX;
		window = min_u64(max_u64(window, count * 2), WINDOW_MAX);
		reading->window = (uint32_t)window;
		/* Who is half through it has the next one started. */
		count = max_u64(count, window);
		mark = index + count / 2;
	}
	reading->ahead = index + count;
	return cache_start_read(cache, index, count, mark, BIO_URGENT);
}

void cache_read_marked(struct file *file, struct page_cache *cache, uint64_t index,
		       struct frame *frame)
{
	struct file_reading *reading = &file->reading;
	uint64_t start = reading->ahead;

	page_clear(frame, PAGE_AHEAD);
	if (reading->advice == ADVICE_RANDOM)
		return;
	/* Another description may have read what is here. */
	if (start <= index || start > index + 2 * WINDOW_MAX)
		start = index + 1;
	reading->window = (uint32_t)min_u64(reading->window ? reading->window * 2ull : WINDOW_FIRST,
					    WINDOW_MAX);
	reading->ahead = start + reading->window;
	(void)cache_start_read(cache, start, reading->window, start, BIO_BACKGROUND);
}
