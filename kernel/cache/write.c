/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * write(): copies into pages and makes them dirty.
 *
 * A page that is not there, and of which nothing old is to stay, is filled before others see it: the
 * writer's memory may be a mapping of this very page, whose fault must not wait for the writer. Of
 * other pages the old contents are read first.
 */
#include "cache_priv.h"

#include <base/string.h>
#include <block/block.h>

#define STRETCH (1u << 20) /* bytes that are prepared, and throttled, at a time */

/* A piece of a write, within one page. */
struct piece {
	struct page_cache *cache;
	struct node *node;
	uint64_t offset, index;
	size_t start, length; /* in the page */
};

static void set_size(struct node *node, uint64_t size)
{
	__atomic_store_n(&node->size, size, __ATOMIC_RELAXED);
}

void cache_grow(struct page_cache *cache, struct node *node, uint64_t size)
{
	mutex_lock(&cache->object.lock);
	vm_object_resize_locked(&cache->object, size);
	set_size(node, size);
	mutex_unlock(&cache->object.lock);
}

/* `count` bytes of the piece are in the page: it is dirty, and the file may have grown.
 * object.lock is held. */
static int note_written_locked(const struct piece *piece, struct frame *frame, size_t count)
{
	struct page_cache *cache = piece->cache;
	uint64_t end = piece->offset + count;
	int error = page_dirty_locked(cache, piece->index, frame);

	if (!error && end > cache->object.size) {
		vm_object_resize_locked(&cache->object, end);
		set_size(piece->node, end);
	}
	return error;
}

/* A page that others have: 0, or -EAGAIN if it is theirs no longer. */
static int note_written(const struct piece *piece, struct frame *frame, size_t count)
{
	struct page_cache *cache = piece->cache;
	int error = -EAGAIN;

	mutex_lock(&cache->object.lock);
	if (radix_get(&cache->object.pages, piece->index) == frame)
		error = note_written_locked(piece, frame, count);
	mutex_unlock(&cache->object.lock);
	return error;
}

/* Whether nothing of the page's old contents will be left, or there are none. */
static bool replaces_page(const struct piece *piece)
{
	uint64_t size = cache_size(piece->cache);

	return (piece->index << PAGE_SHIFT) >= size ||
	       (piece->start == 0 &&
		(piece->length == PAGE_SIZE || piece->offset + piece->length >= size));
}

/* Copies `length` bytes at the place of the piece to its page, which is read first. */
static int merge_copy(const struct piece *piece, const void *from, size_t length)
{
	struct frame *frame;
	int error;

	do {
		/* What is past the end has no old contents. */
		error = (piece->index << PAGE_SHIFT) >= cache_size(piece->cache)
				? page_cache_page_to_fill(piece->cache, piece->index, &frame)
				: page_cache_page(piece->cache, piece->index, &frame);
		if (error)
			return error;
		memcpy((char *)frame_address(frame) + piece->start, from, length);
		error = note_written(piece, frame, length);
		frame_put(frame);
	} while (error == -EAGAIN);
	return error;
}

/* Puts a page that is complete where there is none, or one that could not be read; -EEXIST: there
 * is. */
static int insert_written(const struct piece *piece, struct frame *frame, size_t count)
{
	struct page_cache *cache = piece->cache;
	const struct frame *old;
	int error = -EEXIST;

	mutex_lock(&cache->object.lock);
	old = radix_get(&cache->object.pages, piece->index);
	if (!old || !(page_flags(old) & (PAGE_READY | PAGE_READING))) {
		vm_object_remove_locked(&cache->object, piece->index);
		error = page_insert_locked(cache, piece->index, frame, PAGE_READY);
		if (!error)
			error = note_written_locked(piece, frame, count);
		if (error && radix_get(&cache->object.pages, piece->index) == frame)
			vm_object_remove_locked(&cache->object, piece->index);
	}
	mutex_unlock(&cache->object.lock);
	return error;
}

/* Writes to a page that is not there, or as good as that. */
static ssize_t write_new_page(const struct piece *piece, struct io *io)
{
	struct frame *frame = page_allocate(piece->length < PAGE_SIZE ? FRAME_ZERO : 0, true);
	char *bytes;
	ssize_t count;
	int error;

	if (!frame)
		return -ENOMEM;
	bytes = frame_address(frame);
	count = io_take(io, bytes + piece->start, piece->length);
	if (count > 0) {
		bool whole = (size_t)count == piece->length;

		error = whole ? insert_written(piece, frame, (size_t)count) : -EEXIST;
		if (error == -EEXIST) {
			error = merge_copy(piece, bytes + piece->start, (size_t)count);
			/* It was being read, in vain. */
			if (error && whole && insert_written(piece, frame, (size_t)count) == 0)
				error = 0;
		}
		count = error ? error : count;
	}
	frame_put(frame);
	return count;
}

/* Writes to a page that is there, or whose old contents matter. */
static ssize_t write_old_page(const struct piece *piece, struct io *io, struct frame *frame)
{
	ssize_t count = io_take(io, (char *)frame_address(frame) + piece->start, piece->length);
	int error;

	if (count <= 0)
		return count;
	error = note_written(piece, frame, (size_t)count);
	if (error == -EAGAIN)
		error = merge_copy(piece, (char *)frame_address(frame) + piece->start,
				   (size_t)count);
	return error ? error : count;
}

static ssize_t write_piece(const struct piece *piece, struct io *io)
{
	struct frame *frame = page_find(piece->cache, piece->index);
	ssize_t count;

	if (!frame || !(page_flags(frame) & PAGE_READY)) {
		int error;

		if (frame)
			frame_put(frame);
		if (replaces_page(piece))
			return write_new_page(piece, io);
		error = page_cache_page(piece->cache, piece->index, &frame);
		if (error)
			return error;
	}
	page_note_use(frame);
	count = write_old_page(piece, io, frame);
	frame_put(frame);
	return count;
}

/* Writes up to `length` bytes, for which there is room. Bytes or an error. */
static ssize_t write_stretch(struct page_cache *cache, struct node *node, struct io *io,
			     uint64_t offset, size_t length)
{
	size_t done = 0;

	while (done < length) {
		uint64_t place = offset + done;
		size_t start = place % PAGE_SIZE;
		struct piece piece = {
			.cache = cache,
			.node = node,
			.offset = place,
			.index = place >> PAGE_SHIFT,
			.start = start,
			.length = min_size(length - done, PAGE_SIZE - start),
		};
		ssize_t count;

		count = write_piece(&piece, io);
		if (count <= 0)
			return done ? (ssize_t)done : count;
		done += (size_t)count;
		if ((size_t)count < piece.length)
			break;
	}
	return (ssize_t)done;
}

/* Has the provider make room for [offset, offset + *length), or for as much of it as there is. */
static int make_room(struct page_cache *cache, uint64_t offset, size_t *length)
{
	int error = 0;

	if (!cache->ops->prepare_write)
		return 0;
	while ((error = cache->ops->prepare_write(cache, offset, *length)) == -ENOSPC &&
	       *length > SECTOR_SIZE)
		*length = align_up(*length / 2, SECTOR_SIZE);
	return error;
}

ssize_t cache_write_pages(struct file *file, struct io *io, uint64_t offset, size_t length)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	size_t done = 0;
	ssize_t count = 0;

	while (done < length) {
		size_t stretch = min_size(length - done, STRETCH - (offset + done) % STRETCH);
		int error = make_room(cache, offset + done, &stretch);

		count = error ? error
			      : write_stretch(cache, file->node, io, offset + done, stretch);
		if (count <= 0)
			break;
		done += (size_t)count;
		cache_throttle(cache);
		if ((size_t)count < stretch)
			break;
	}
	if (done < length && !cache->ops->fixed_size)
		cache_drop_past_end(cache);
	return done ? (ssize_t)done : count;
}

/* How much of the write there may be. 0: all is done; or an error. */
static ssize_t check_write(const struct page_cache *cache, uint64_t offset, size_t length)
{
	uint64_t size = cache_size(cache), max_size = cache->ops->max_size;

	if (max_size && offset >= max_size)
		return -EFBIG;
	if (max_size)
		return (ssize_t)min_u64(length, max_size - offset);
	if (!cache->ops->fixed_size)
		return offset > INT64_MAX || length > INT64_MAX - offset ? -EFBIG : (ssize_t)length;
	if (offset >= size)
		return length ? -ENOSPC : 0;
	return (ssize_t)min_u64(length, size - offset);
}

ssize_t cache_file_write_locked(struct file *file, struct io *io, uint64_t *offset)
{
	struct page_cache *cache = page_cache_of(file->node->object);
	struct node *node = file->node;
	ssize_t count;

	if (io_remaining(io) == 0)
		return 0;
	if (file->flags & FILE_APPEND)
		*offset = node->size;
	count = check_write(cache, *offset, io_remaining(io));
	if (count > 0 && *offset > cache_size(cache)) {
		int error = cache_clear_tail(cache);

		count = error ? error : count;
	}
	if (count > 0)
		count = file->flags & FILE_DIRECT
				? cache_direct_write(file, io, *offset, (size_t)count)
				: cache_write_pages(file, io, *offset, (size_t)count);
	if (count > 0)
		node_touch_locked(node, CHANGE_MODIFY);
	return count;
}

ssize_t cache_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	ssize_t count;

	mutex_lock(&file->node->lock);
	count = cache_file_write_locked(file, io, offset);
	mutex_unlock(&file->node->lock);
	return count;
}
