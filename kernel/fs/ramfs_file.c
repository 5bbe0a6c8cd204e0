/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular files of ramfs. Reading takes no lock for long: what is read while another thread
 * writes or truncates is old or new, page by page. Writers take node->lock; user memory that
 * they touch meanwhile may be a mapping of the same file, whose faults need the object's lock
 * only.
 */
#include <base/errno.h>
#include <fs/memory_file.h>
#include <mm/phys/frame.h>
#include <scheme/file.h>

#include "ramfs_priv.h"

#define SIZE_MAX_FILE ((uint64_t)INT64_MAX)

/* fallocate(2)'s mode. */
#define ALLOCATE_KEEP_SIZE  0x01
#define ALLOCATE_PUNCH_HOLE 0x02
#define ALLOCATE_ZERO_RANGE 0x10

static uint64_t size_of(const struct node *node)
{
	return __atomic_load_n(&node->size, __ATOMIC_RELAXED);
}

static void set_size(struct node *node, uint64_t size)
{
	__atomic_store_n(&node->size, size, __ATOMIC_RELAXED);
}

/* --- Reading. --- */

static ssize_t read_piece(struct ramfs_data *data, struct io *io, uint64_t offset, uint64_t limit)
{
	struct ramfs_piece piece;
	size_t length;
	ssize_t count;

	ramfs_data_find(data, offset, &piece);
	length = (size_t)min_u64(min_u64(piece.length, limit), io_remaining(io));
	if (piece.frame) {
		const char *bytes = frame_address(piece.frame);

		count = io_put(io, bytes + offset % PAGE_SIZE, length);
		frame_put(piece.frame);
	} else if (piece.archive) {
		count = io_put(io, piece.archive, length);
	} else {
		count = io_put_zeros(io, length);
	}
	return count >= 0 && (size_t)count < length ? -EFAULT : count;
}

static ssize_t file_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct ramfs_data *data = ramfs_data_of(file->node);
	size_t before = io_remaining(io);
	ssize_t count = 0;
	size_t done;

	while (io_remaining(io) && count >= 0) {
		uint64_t place = offset + (before - io_remaining(io));
		uint64_t size = size_of(file->node);

		if (place >= size)
			break;
		count = read_piece(data, io, place, size - place);
	}
	done = before - io_remaining(io);
	return done ? (ssize_t)done : count < 0 ? count : 0;
}

/* --- Writing. --- */

/* Writes within one page. */
static ssize_t write_page(struct ramfs_data *data, struct io *io, uint64_t offset)
{
	size_t start = offset % PAGE_SIZE;
	size_t length = min_size(io_remaining(io), PAGE_SIZE - start);
	struct frame *frame;
	ssize_t count;
	int error = ramfs_data_page(data, offset / PAGE_SIZE, &frame);

	if (error)
		return error;
	count = io_take(io, (char *)frame_address(frame) + start, length);
	frame_put(frame);
	return count >= 0 && (size_t)count < length ? -EFAULT : count;
}

/* Writes all there is, in an object that is large enough. node->lock is held. */
static ssize_t write_pages(struct node *node, struct io *io, uint64_t offset)
{
	struct ramfs_data *data = ramfs_data_of(node);
	size_t before = io_remaining(io);
	ssize_t count = 0;
	size_t done;

	while (io_remaining(io) && count >= 0) {
		count = write_page(data, io, offset + (before - io_remaining(io)));
		done = before - io_remaining(io);
		if (offset + done > node->size)
			set_size(node, offset + done);
	}
	done = before - io_remaining(io);
	return done ? (ssize_t)done : count;
}

/* May the contents change, or the size become that? node->lock is held. */
static bool seals_allow(struct node *node, bool contents, uint64_t size)
{
	unsigned seals = ramfs_node_of(node)->seals;

	return !(contents && (seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))) &&
	       !(size > node->size && (seals & SEAL_GROW));
}

static ssize_t write_locked(struct node *node, struct io *io, uint64_t offset)
{
	struct ramfs_data *data = ramfs_data_of(node);
	ssize_t count;

	if (offset > SIZE_MAX_FILE || io_remaining(io) > SIZE_MAX_FILE - offset)
		return -EFBIG;
	if (!seals_allow(node, true, offset + io_remaining(io)))
		return -EPERM;
	if (offset + io_remaining(io) > data->object.size)
		ramfs_data_resize(data, offset + io_remaining(io));
	count = write_pages(node, io, offset);
	/* What could not be written takes back its place. */
	ramfs_data_resize(data, node->size);
	if (count > 0)
		node_touch_locked(node, CHANGE_MODIFY);
	return count;
}

static ssize_t file_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct node *node = file->node;
	ssize_t count;

	if (io_remaining(io) == 0)
		return 0;
	mutex_lock(&node->lock);
	if (file->flags & FILE_APPEND)
		*offset = node->size;
	count = write_locked(node, io, *offset);
	mutex_unlock(&node->lock);
	return count;
}

/* --- Attributes and space. --- */

static int file_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	if (changes->which & CHANGE_SIZE) {
		if (!seals_allow(node, false, changes->size) ||
		    (changes->size < node->size && (ramfs_node_of(node)->seals & SEAL_SHRINK)))
			return -EPERM;
		ramfs_data_resize(ramfs_data_of(node), changes->size);
		set_size(node, changes->size);
	}
	node_store_changes(node, changes);
	return 0;
}

static void file_op_refresh(struct node *node)
{
	uint64_t pages = ramfs_data_pages(ramfs_data_of(node));

	mutex_lock(&node->lock);
	node->blocks = pages * (PAGE_SIZE / 512);
	mutex_unlock(&node->lock);
}

static int64_t file_op_seek_data(struct file *file, uint64_t offset, bool hole)
{
	uint64_t size = size_of(file->node), index;

	if (offset >= size)
		return -ENXIO;
	index = ramfs_data_seek(ramfs_data_of(file->node), offset / PAGE_SIZE, hole);
	offset = max_u64(offset, index * PAGE_SIZE);
	if (offset >= size && !hole)
		return -ENXIO;
	return (int64_t)min_u64(offset, size);
}

/* Makes the pages of [start, end). */
static int fill_pages(struct ramfs_data *data, uint64_t start, uint64_t end)
{
	for (uint64_t index = start / PAGE_SIZE; index * PAGE_SIZE < end; index++) {
		struct frame *frame;
		int error = ramfs_data_page(data, index, &frame);

		if (error)
			return error;
		frame_put(frame);
	}
	return 0;
}

static int allocate_locked(struct node *node, unsigned mode, uint64_t offset, uint64_t end)
{
	struct ramfs_data *data = ramfs_data_of(node);
	bool keep_size = mode & ALLOCATE_KEEP_SIZE;
	int error = 0;

	if (!seals_allow(node, mode & (ALLOCATE_PUNCH_HOLE | ALLOCATE_ZERO_RANGE),
			 keep_size ? 0 : end))
		return -EPERM;
	if (mode & (ALLOCATE_PUNCH_HOLE | ALLOCATE_ZERO_RANGE))
		error = ramfs_data_zero(data, offset, end);
	if (error || (mode & ALLOCATE_PUNCH_HOLE))
		return error;
	/* Space past the end of a file that keeps its size cannot be set aside. */
	if (keep_size)
		end = min_u64(end, node->size);
	if (offset < end && (end - offset) / PAGE_SIZE > data->fs->page_limit)
		return -ENOSPC;
	if (end > node->size)
		ramfs_data_resize(data, end);
	error = fill_pages(data, offset, end);
	if (!error && end > node->size)
		set_size(node, end);
	ramfs_data_resize(data, node->size);
	return error;
}

static int file_op_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t length)
{
	struct node *node = file->node;
	int error;

	mutex_lock(&node->lock);
	error = allocate_locked(node, mode, offset, offset + length);
	if (!error)
		node_touch_locked(node, CHANGE_MODIFY);
	mutex_unlock(&node->lock);
	return error;
}

const struct node_ops ramfs_file_ops = {
	.get_extended = ramfs_op_get_extended,
	.set_extended = ramfs_op_set_extended,
	.list_extended = ramfs_op_list_extended,
	.refresh = file_op_refresh,
	.set_attributes = file_op_set_attributes,
	.release = ramfs_node_release,
	.read = file_op_read,
	.write = file_op_write,
	.seek_data = file_op_seek_data,
	.allocate = file_op_allocate,
};
