/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read(): copies from pages to the reader. Those that are there cost one short lock for several of
 * them; the others are waited for one by one.
 */
#include "cache_priv.h"

#define BATCH 16 /* pages that are found under one lock */

/* Finds ready pages from `index` on, with references: how many. */
static unsigned find_pages(struct page_cache *cache, uint64_t index, unsigned count,
			   struct frame **frames)
{
	unsigned found = 0;

	mutex_lock(&cache->object.lock);
	while (found < count) {
		struct frame *frame = radix_get(&cache->object.pages, index + found);

		if (!frame || !(page_flags(frame) & PAGE_READY))
			break;
		frame_get(frame);
		frames[found++] = frame;
	}
	mutex_unlock(&cache->object.lock);
	return found;
}

/* The page at `index`, which was not ready, waited for. `wanted` pages will be read. */
static int get_page(struct file *file, struct page_cache *cache, uint64_t index, uint64_t wanted,
		    struct frame **frame)
{
	int error = 0;

	*frame = page_find(cache, index);
	if (*frame)
		frame_put(*frame);
	else
		error = cache_read_missing(file, cache, index, wanted);
	return error ? error : page_cache_page(cache, index, frame);
}

/* Copies from one page, up to `size`, the file's. Bytes, or -EFAULT. */
static ssize_t put_page(struct io *io, const struct frame *frame, uint64_t offset, uint64_t size)
{
	size_t start = offset % PAGE_SIZE;
	size_t length =
		(size_t)min_u64(min_u64(PAGE_SIZE - start, size - offset), io_remaining(io));
	ssize_t count = io_put(io, (const char *)frame_address(frame) + start, length);

	return count >= 0 && (size_t)count < length ? -EFAULT : count;
}

static void note_read(struct file *file, struct page_cache *cache, uint64_t index,
		      struct frame *frame)
{
	if (page_flags(frame) & PAGE_AHEAD)
		cache_read_marked(file, cache, index, frame);
	/* Small pieces of one page, read one after the other, are one use. */
	if (file->reading.next != index + 1) {
		page_note_use(frame);
		file->reading.next = index + 1;
	}
}

/* Reads from the pages that are found with one look; bytes go by io. 0, or an error. */
static ssize_t read_some(struct file *file, struct page_cache *cache, struct io *io,
			 uint64_t offset, uint64_t size)
{
	uint64_t index = offset >> PAGE_SHIFT;
	uint64_t end = min_u64(size, offset + io_remaining(io));
	uint64_t wanted = ((end - 1) >> PAGE_SHIFT) - index + 1;
	struct frame *frames[BATCH];
	unsigned found = find_pages(cache, index, (unsigned)min_u64(wanted, BATCH), frames);
	ssize_t count = 0;

	if (!found) {
		count = get_page(file, cache, index, wanted, &frames[0]);
		/* The file may have shrunk. */
		if (count)
			return count;
		found = 1;
	}
	for (unsigned i = 0; i < found; i++) {
		if (count >= 0) {
			note_read(file, cache, index + i, frames[i]);
			count = put_page(io, frames[i], offset, size);
			offset += count > 0 ? (uint64_t)count : 0;
		}
		frame_put(frames[i]);
	}
	return count < 0 ? count : 0;
}

ssize_t cache_read_pages(struct file *file, struct io *io, uint64_t offset)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	size_t before = io_remaining(io), done;
	ssize_t error = 0;

	while (io_remaining(io) && !error) {
		uint64_t place = offset + (before - io_remaining(io));
		uint64_t size = cache_size(cache);

		if (place >= size)
			break;
		error = read_some(file, cache, io, place, size);
	}
	done = before - io_remaining(io);
	/* Past the end, after all. */
	if (error == -ENXIO)
		error = 0;
	return done ? (ssize_t)done : error;
}

ssize_t cache_file_read(struct file *file, struct io *io, uint64_t offset)
{
	if (file->flags & FILE_DIRECT)
		return cache_direct_read(file, io, offset);
	return cache_read_pages(file, io, offset);
}
