/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * O_DIRECT: transfers between the device and the program's own memory, past the cache but coherent
 * with it. What is dirty there is written back first; what a write overtakes is dropped.
 *
 * Places, lengths and memory are whole blocks of the device. The program's pages are held for as long
 * as a round of bios takes. What cannot be done so (pages of files that are mapped shared, providers
 * without extents) goes through the cache.
 */
#include "cache_priv.h"

#include <base/string.h>
#include <mm/phys/slab.h>

#define PAGES_SMALL 8   /* of a round whose frames are noted on the stack */
#define PAGES_MAX   512 /* of any round: 2 MiB */
#define SEGMENTS    128 /* of a bio */

/* A round: one piece of memory, and the bios for it. */
struct round {
	struct page_cache *cache;
	bool write;
	struct frame **frames;
	size_t capacity; /* frames */
	size_t in_page;  /* where the memory begins in the first */
	size_t length;   /* bytes */
	uint64_t offset; /* in the file */
	struct thread *thread;
	_Atomic int left; /* bios, and the maker until all are submitted */
	_Atomic int error;
};

static void round_put(struct round *round, int error)
{
	struct thread *thread = round->thread;
	int expected = 0;

	if (error)
		atomic_compare_exchange_strong(&round->error, &expected, error);
	/* The round is the waiter's as soon as nothing is left, and he may go. */
	thread_get(thread);
	if (--round->left == 0)
		thread_wake(thread);
	thread_put(thread);
}

static void complete(struct bio *bio)
{
	struct round *round = bio->private;
	int error = bio->error && bio->device->gone ? -ENODEV : bio->error;

	bio_free(bio);
	round_put(round, error);
}

static int round_wait(struct round *round)
{
	round_put(round, 0);
	for (;;) {
		thread_set_state(THREAD_SLEEPING);
		if (!round->left)
			break;
		thread_block(DEADLINE_NEVER);
	}
	thread_set_state(THREAD_RUNNABLE);
	return round->error;
}

/* Fills [from, from + length) of the round's memory, whose place in the file is a hole. */
static void clear_memory(const struct round *round, size_t from, size_t length)
{
	while (length > 0) {
		size_t at = round->in_page + from;
		size_t part = min_size(length, PAGE_SIZE - at % PAGE_SIZE);

		memset((char *)frame_address(round->frames[at / PAGE_SIZE]) + at % PAGE_SIZE, 0,
		       part);
		from += part;
		length -= part;
	}
}

/* Makes a bio of the round's memory from `from` on, at most `length` bytes, and says how many. */
static struct bio *make_bio(struct round *round, uint64_t sector, size_t from, size_t *length)
{
	size_t first = round->in_page + from;
	size_t pages = (first % PAGE_SIZE + *length + PAGE_SIZE - 1) / PAGE_SIZE;
	struct bio *bio = bio_create(round->cache->device, round->write ? BIO_WRITE : BIO_READ,
				     sector, (unsigned)min_size(pages, SEGMENTS), BIO_URGENT);
	size_t done = 0;

	if (!bio)
		return NULL;
	while (done < *length) {
		size_t at = first + done;
		size_t part = min_size(*length - done, PAGE_SIZE - at % PAGE_SIZE);

		if (!bio_add_frame(bio, round->frames[at / PAGE_SIZE], at % PAGE_SIZE,
				   (uint32_t)part))
			break;
		done += part;
	}
	*length = done;
	bio->complete = complete;
	bio->private = round;
	return bio;
}

/* Starts what lies together at `from` of the round; how many bytes, or an error. */
static ssize_t start_piece(struct round *round, struct bio_batch *batch, size_t from)
{
	struct page_cache *cache = round->cache;
	struct cache_extent extent = { 0 };
	int error = cache->ops->find(cache, round->offset + from, &extent);
	size_t length = (size_t)min_u64(round->length - from, extent.length);
	struct bio *bio;

	if (error || !length)
		return error ? error : -EIO;
	if (extent.sector == CACHE_HOLE) {
		if (round->write)
			return -EIO;
		clear_memory(round, from, length);
		return (ssize_t)length;
	}
	bio = make_bio(round, extent.sector, from, &length);
	if (!bio)
		return -ENOMEM;
	round->left++;
	bio_batch_add(batch, bio);
	return (ssize_t)length;
}

static int transfer_round(struct round *round)
{
	struct bio_batch batch;
	ssize_t part = 0;

	round->thread = thread_current();
	round->left = 1;
	round->error = 0;
	bio_batch_init(&batch);
	for (size_t from = 0; from < round->length; from += (size_t)part) {
		part = start_piece(round, &batch, from);
		if (part < 0) {
			round->error = (int)part;
			break;
		}
	}
	bio_batch_submit(&batch);
	return round_wait(round);
}

static bool is_aligned_to(const struct io *io, uint64_t offset, uint32_t block)
{
	uintptr_t address = 0;

	if (offset % block || io_remaining(io) % block)
		return false;
	if (io->count == 1)
		return io_piece(io, &address) == 0 || address % block == 0;
	for (size_t i = io->index; i < io->count; i++) {
		if (io->segments[i].address % block || io->segments[i].length % block)
			return false;
	}
	return true;
}

/* One piece of memory, at most `length` bytes. Bytes, or an error. */
static ssize_t transfer_piece(struct round *round, const struct io *io, size_t length)
{
	uint32_t block = round->cache->device->limits->block_size;
	ssize_t pinned =
		io_pin(io, length, !round->write, round->frames, round->capacity, &round->in_page);
	int error;

	if (pinned <= 0)
		return pinned;
	/* Whole blocks, though a page in the middle was bad. */
	round->length = (size_t)pinned - (size_t)pinned % block;
	error = round->length ? transfer_round(round) : -EFAULT;
	for (size_t i = 0; i * PAGE_SIZE < round->in_page + (size_t)pinned; i++)
		frame_put(round->frames[i]);
	return error ? error : (ssize_t)round->length;
}

/* Transfers `length` bytes, which are whole blocks. */
static ssize_t transfer(struct page_cache *cache, struct io *io, uint64_t offset, size_t length,
			bool write)
{
	struct frame *few[PAGES_SMALL];
	struct round round = {
		.cache = cache,
		.write = write,
		.frames = few,
		.capacity = PAGES_SMALL,
	};
	size_t done = 0;
	ssize_t count = 0;

	if (length > (PAGES_SMALL - 1) * PAGE_SIZE) {
		struct frame **many = kmalloc(PAGES_MAX * sizeof(struct frame *));

		if (many) {
			round.frames = many;
			round.capacity = PAGES_MAX;
		}
	}
	while (done < length) {
		round.offset = offset + done;
		count = transfer_piece(&round, io, length - done);
		if (count <= 0)
			break;
		io_skip(io, (size_t)count);
		done += (size_t)count;
	}
	if (round.frames != few)
		kfree(round.frames);
	return done ? (ssize_t)done : count;
}

static bool has_pages(const struct page_cache *cache)
{
	return __atomic_load_n(&cache->object.page_count, __ATOMIC_RELAXED);
}

ssize_t cache_direct_read(struct file *file, struct io *io, uint64_t offset)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	uint64_t size = cache_size(cache);
	uint32_t block;
	size_t length;
	ssize_t count;
	int error;

	if (!cache->ops->find || !cache->device)
		return cache_read_pages(file, io, offset);
	block = cache->device->limits->block_size;
	if (!is_aligned_to(io, offset, block))
		return -EINVAL;
	if (offset >= size || !io_remaining(io))
		return 0;
	length = (size_t)min_u64(io_remaining(io), align_up(size - offset, block));
	if (has_pages(cache)) {
		error = page_cache_sync(cache, offset, offset + length);
		if (error)
			return error;
	}
	count = transfer(cache, io, offset, length, false);
	if (count == -EOPNOTSUPP)
		return cache_read_pages(file, io, offset);
	return count > 0 ? (ssize_t)min_u64((uint64_t)count, size - offset) : count;
}

/* The pages in the way, before and after. */
static int step_aside(struct page_cache *cache, uint64_t offset, size_t length)
{
	int error;

	if (!has_pages(cache))
		return 0;
	error = page_cache_sync(cache, offset, offset + length);
	page_cache_drop(cache, offset, offset + length, false);
	return error;
}

static ssize_t write_stretch(struct file *file, struct io *io, uint64_t offset, size_t length)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	ssize_t count;
	int error = 0;

	if (cache->ops->prepare_write)
		error = cache->ops->prepare_write(cache, offset, length);
	if (!error)
		error = step_aside(cache, offset, length);
	if (error)
		return error;
	count = transfer(cache, io, offset, length, true);
	if (count > 0 && offset + (uint64_t)count > cache_size(cache))
		cache_grow(cache, file->node, offset + (uint64_t)count);
	/* Read meanwhile by others, it may be old. */
	if (has_pages(cache))
		page_cache_drop(cache, offset, offset + length, false);
	return count;
}

ssize_t cache_direct_write(struct file *file, struct io *io, uint64_t offset, size_t length)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	size_t done = 0;
	ssize_t count = 0;

	if (!cache->ops->find || !cache->device)
		return cache_write_pages(file, io, offset, length);
	if (!is_aligned_to(io, offset, cache->device->limits->block_size))
		return -EINVAL;
	while (done < length) {
		size_t stretch = min_size(length - done, (size_t)PAGES_MAX * PAGE_SIZE);

		count = write_stretch(file, io, offset + done, stretch);
		if (count == -EOPNOTSUPP)
			count = cache_write_pages(file, io, offset + done, stretch);
		if (count <= 0)
			break;
		done += (size_t)count;
		if ((size_t)count < stretch)
			break;
	}
	if (done < length && !cache->ops->fixed_size)
		cache_drop_past_end(cache);
	return done ? (ssize_t)done : count;
}
