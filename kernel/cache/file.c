/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What open files ask for besides reading and writing: syncing, advice.
 */
#include "cache_priv.h"

#define EXPECTED_PART 8 /* 1 / so much of memory: the most that one piece of advice has read */

/* posix_fadvise(), Linux's numbers. */
enum advice {
	ADVICE_NORMAL,
	ADVICE_RANDOM,
	ADVICE_SEQUENTIAL,
	ADVICE_WILL_NEED,
	ADVICE_DONT_NEED,
	ADVICE_NO_REUSE,
};

bool cache_has_file(const struct file *file)
{
	return file->node->object && file->node->object->ops == &cache_object_ops;
}

/* The error of write-back that this description has not heard of, if there was one. */
static int new_error(struct file *file, struct page_cache *cache)
{
	uint32_t errors = cache->object.errors;

	if (atomic_exchange(&file->errors_seen, errors) == errors)
		return 0;
	return cache->last_error;
}

int cache_file_sync(struct file *file)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	int error = page_cache_sync(cache, 0, UINT64_MAX);
	int seen = new_error(file, cache);

	return seen ? seen : error;
}

/* The error of write-back that no msync() has told, since somebody wrote through a mapping. */
static int mapping_error(struct page_cache *cache)
{
	uint32_t errors = cache->object.errors;
	bool told = atomic_exchange(&cache->errors_told, errors) == errors;
	bool written = cache->mapping_writes;

	if (!cache->dirty_pages && !cache->busy_writes)
		cache->mapping_writes = false;
	return written && !told ? cache->last_error : 0;
}

int cache_sync_object(struct vm_object *object, uint64_t start, uint64_t end, bool wait)
{
	struct page_cache *cache = page_cache_of(object);
	int error, seen, failed = 0;

	/* Without waiting nothing has to be done: it is dirty, and will be written back. */
	if (object->ops != &cache_object_ops || !wait)
		return 0;
	error = page_cache_sync(cache, start, end);
	seen = mapping_error(cache);
	if (cache->ops->sync)
		failed = cache->ops->sync(cache);
	else if (cache->device)
		failed = block_flush(cache->device);
	if (seen)
		return seen;
	return error ? error : failed;
}

int cache_file_sync_range(struct file *file, uint64_t start, uint64_t end, unsigned flags)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	uint64_t first = start >> PAGE_SHIFT;
	uint64_t last = (end >> PAGE_SHIFT) + (end % PAGE_SIZE != 0);

	if (flags & CACHE_SYNC_WAIT_BEFORE)
		cache_wait_range(cache, first, last, PAGE_WRITING);
	if (flags & CACHE_SYNC_WRITE)
		cache_write_back(cache, first, last, SIZE_MAX,
				 flags & CACHE_SYNC_WAIT_BEFORE ? WRITE_BACK_WAIT
								: WRITE_BACK_START);
	if (flags & CACHE_SYNC_WAIT_AFTER)
		cache_wait_range(cache, first, last, PAGE_WRITING);
	return flags & (CACHE_SYNC_WAIT_BEFORE | CACHE_SYNC_WAIT_AFTER) ? new_error(file, cache)
									: 0;
}

/* Drops the whole pages of the range that nobody uses; what is dirty is written back first. */
static void forget(struct page_cache *cache, uint64_t start, uint64_t end)
{
	uint64_t first = (start >> PAGE_SHIFT) + (start % PAGE_SIZE != 0);
	uint64_t last = end >= cache_size(cache) ? UINT64_MAX : end >> PAGE_SHIFT;

	if (first >= last)
		return;
	/* Who asks for that has nothing to hear: fsync tells. */
	cache_write_back(cache, first, last, SIZE_MAX, WRITE_BACK_START);
	cache_wait_range(cache, first, last, PAGE_WRITING | PAGE_READING);
	mutex_lock(&cache->object.lock);
	cache_evict_locked(cache, first, last, SIZE_MAX, EVICT_ALL);
	mutex_unlock(&cache->object.lock);
}

/* Starts reading the range, or so much of it that others keep their pages: whole disks are meant,
 * too. */
static int expect(struct page_cache *cache, uint64_t start, uint64_t end)
{
	uint64_t first = start >> PAGE_SHIFT;
	uint64_t count = ((end - 1) >> PAGE_SHIFT) - first + 1;
	int error = cache_start_read(cache, first, min_u64(count, frame_total() / EXPECTED_PART),
				     UINT64_MAX, BIO_BACKGROUND);

	return error == -ENOMEM ? error : 0;
}

int cache_file_advise(struct file *file, uint64_t start, uint64_t end, int advice)
{
	struct page_cache *cache = page_cache_of(file->node->object);

	switch (advice) {
	case ADVICE_NORMAL:
	case ADVICE_RANDOM:
	case ADVICE_SEQUENTIAL:
	case ADVICE_NO_REUSE:
		file->reading.advice = (uint8_t)advice;
		return 0;
	case ADVICE_WILL_NEED:
		return start < end ? expect(cache, start, end) : 0;
	case ADVICE_DONT_NEED:
		forget(cache, start, end);
		return 0;
	default:
		return -EINVAL;
	}
}
