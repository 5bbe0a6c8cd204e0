/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files as a whole: sizes, holes, clones, syncing. And links, FIFOs, devices, sockets. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <scheme/device.h>
#include <scheme/file.h>
#include <scheme/pipe.h>

#include "hmfs_vfs.h"

/* fallocate(2)'s mode. */
#define ALLOCATE_KEEP_SIZE  0x01u
#define ALLOCATE_PUNCH_HOLE 0x02u
#define ALLOCATE_ZERO_RANGE 0x10u

static int cache_op_sync(struct page_cache *cache)
{
	return hmfs_inode_sync(cache->private);
}

const struct page_cache_ops hmfs_cache_ops = {
	.read = hmfs_cache_op_read,
	.write = hmfs_cache_op_write,
	.prepare_write = hmfs_cache_op_prepare_write,
	.release = hmfs_cache_op_release,
	.sync = cache_op_sync,
};

static void set_node_size(struct hmfs_inode *inode, uint64_t size)
{
	__atomic_store_n(&inode->node.size, size, __ATOMIC_RELAXED);
}

/* --- Sizes; node.lock is held. --- */

/* The rest of the last page becomes zeros on disk too, by and by: nobody shall find there what was
 * cut off. */
static int clear_tail(struct hmfs_inode *inode, uint64_t size)
{
	struct frame *frame;
	int error;

	if (size % PAGE_SIZE == 0)
		return 0;
	error = hmfs_cache_op_prepare_write(&inode->cache, size, 1);
	if (!error)
		error = page_cache_page(&inode->cache, size >> PAGE_SHIFT, &frame);
	if (error)
		return error;
	memset((char *)frame_address(frame) + size % PAGE_SIZE, 0, PAGE_SIZE - size % PAGE_SIZE);
	error = page_cache_dirty(&inode->cache, size >> PAGE_SHIFT, frame, true);
	frame_put(frame);
	return error;
}

/* Of a file that was cut: somebody may be about to store the size that it had. */
static int store_size(struct hmfs_inode *inode, uint64_t size)
{
	uint64_t now = clock_realtime_ns();
	int error = 0;

	mutex_lock(&inode->size_lock);
	if (size < inode->disk_size) {
		error = hmfs_set_size(inode->fs->volume, inode->id, size, now, now);
		if (!error)
			inode->disk_size = size;
	}
	mutex_unlock(&inode->size_lock);
	inode->fs->freed = true;
	return error;
}

static int cut(struct hmfs_inode *inode, uint64_t size)
{
	int error = clear_tail(inode, size);

	/* A volume that is full is no reason not to make it less so. */
	if (error && error != -ENOSPC)
		return error;
	error = page_cache_resize(&inode->cache, size);
	if (error)
		return error;
	set_node_size(inode, size);
	error = store_size(inode, size);
	hmfs_file_settle(inode);
	return error;
}

static int extend(struct hmfs_inode *inode, uint64_t size)
{
	uint64_t old = inode->node.size;
	int error = 0;

	/* The page of the end is written anew, with zeros behind it. */
	if (old % PAGE_SIZE)
		error = hmfs_cache_op_prepare_write(&inode->cache, old, 1);
	if (!error)
		error = page_cache_resize(&inode->cache, size);
	if (!error)
		set_node_size(inode, size);
	return error;
}

static int resize(struct hmfs_inode *inode, uint64_t size)
{
	int error = hmfs_inode_check_writable(inode);

	if (error || size == inode->node.size)
		return error;
	error = size < inode->node.size ? cut(inode, size) : extend(inode, size);
	hmfs_inode_dirty(inode);
	return error;
}

static int file_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct hmfs_inode *inode = hmfs_inode_of(node);
	struct node_changes others = *changes;
	int error = 0;

	/* Forks are their file's. */
	if (inode->kind == HMFS_INODE_FORK)
		others.which &= ~(unsigned)(CHANGE_MODE | CHANGE_UID | CHANGE_GID);
	if (changes->which & CHANGE_SIZE) {
		others.which &= ~(unsigned)CHANGE_SIZE;
		error = resize(inode, changes->size);
		/* Times are stored with the size. */
		if (!error && !(others.which & ~(unsigned)CHANGE_MODIFY)) {
			node_store_changes(node, &others);
			hmfs_inode_dirty(inode);
			return 0;
		}
	}
	return error ? error : hmfs_inode_change(inode, &others);
}

/* --- Reading and writing. --- */

/* A file that lies in its record and becomes longer than that: its first page goes to a block with the
 * others. node.lock is held. */
static int leave_record(struct hmfs_inode *inode, uint64_t offset)
{
	struct frame *frame;
	int error;

	if (!inode->node.size || inode->node.size > HMFS_INLINE_MAX || offset < PAGE_SIZE)
		return 0;
	error = hmfs_cache_op_prepare_write(&inode->cache, 0, 1);
	if (!error)
		error = page_cache_page(&inode->cache, 0, &frame);
	if (error)
		return error;
	error = page_cache_dirty(&inode->cache, 0, frame, true);
	frame_put(frame);
	return error;
}

static ssize_t write_locked(struct file *file, struct io *io, uint64_t *offset)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);
	uint64_t size = inode->node.size;
	uint64_t start = file->flags & FILE_APPEND ? size : *offset;
	ssize_t count;
	int error = leave_record(inode, start);

	/* The cache clears what is behind the end. */
	if (!error && start > size && size % PAGE_SIZE)
		error = hmfs_cache_op_prepare_write(&inode->cache, size, 1);
	if (error)
		return error;
	count = cache_file_write_locked(file, io, offset);
	if (count < 0 || io_remaining(io))
		hmfs_file_settle(inode);
	return count;
}

static ssize_t file_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);
	ssize_t count;
	int error = 0;

	if (!io_remaining(io))
		return 0;
	mutex_lock(&file->node->lock);
	count = write_locked(file, io, offset);
	mutex_unlock(&file->node->lock);
	if (count <= 0)
		return count;
	hmfs_inode_dirty(inode);
	/* Checksums are of whole blocks, so that it goes through the cache, but not into it only. */
	if (file->flags & FILE_DIRECT)
		error = page_cache_sync(&inode->cache, *offset, *offset + (uint64_t)count);
	return error ? error : count;
}

static int file_op_sync(struct file *file, bool data_only)
{
	int error = cache_file_sync(file), failed;

	(void)data_only; /* the size is among what data need */
	failed = hmfs_inode_sync(hmfs_inode_of(file->node));
	return error ? error : failed;
}

static void file_op_close(struct file *file)
{
	if (!file->writable)
		return;
	mutex_lock(&file->node->lock);
	hmfs_file_settle(hmfs_inode_of(file->node));
	mutex_unlock(&file->node->lock);
}

static int64_t file_op_seek_data(struct file *file, uint64_t offset, bool hole)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);
	uint64_t size = file->node->size;
	int64_t result;
	int error;

	if (offset >= size)
		return -ENXIO;
	error = hmfs_inode_check_writable(inode) ? 0 : hmfs_inode_write(inode);
	if (error)
		return error;
	result = hmfs_seek(inode->fs->volume, inode->id, offset, hole);
	if (result == -ENXIO && hole)
		return (int64_t)size;
	return hole && result > (int64_t)size ? (int64_t)size : result;
}

/* --- Holes; node.lock is held. --- */

/* Zeros within one page. */
static int clear_part(struct hmfs_inode *inode, uint64_t offset, uint64_t length)
{
	struct frame *frame;
	int error;

	if (!length || offset >= inode->node.size)
		return 0;
	error = hmfs_cache_op_prepare_write(&inode->cache, offset, length);
	if (!error)
		error = page_cache_page(&inode->cache, offset >> PAGE_SHIFT, &frame);
	if (error)
		return error;
	memset((char *)frame_address(frame) + offset % PAGE_SIZE, 0, (size_t)length);
	error = page_cache_dirty(&inode->cache, offset >> PAGE_SHIFT, frame, true);
	frame_put(frame);
	return error;
}

/* The whole blocks of the range go, the rest becomes zeros. */
static int punch(struct hmfs_inode *inode, uint64_t offset, uint64_t length)
{
	uint64_t end = offset + length, size = align_up(inode->node.size, PAGE_SIZE);
	uint64_t first = align_up(offset, PAGE_SIZE), last = align_down(end, PAGE_SIZE);
	int error;

	if (first > last)
		return clear_part(inode, offset, length);
	error = clear_part(inode, offset, first - offset);
	if (!error)
		error = clear_part(inode, last, end - last);
	if (error || first == last)
		return error;
	/* Small files have no blocks. */
	if (first == 0 && inode->node.size <= HMFS_INLINE_MAX && inode->node.size)
		return clear_part(inode, 0, inode->node.size);
	if (first < size)
		page_cache_drop(&inode->cache, first, last, true);
	error = hmfs_punch(inode->fs->volume, inode->id, first, last - first);
	inode->fs->freed = true;
	/* Somebody may have read meanwhile what is no more. */
	page_cache_drop(&inode->cache, first, last, false);
	return error;
}

static int allocate_locked(struct hmfs_inode *inode, unsigned mode, uint64_t offset,
			   uint64_t length)
{
	bool keep_size = mode & ALLOCATE_KEEP_SIZE;
	uint64_t end = offset + length;
	int error = hmfs_inode_check_writable(inode);

	if (!error)
		error = leave_record(inode, end);
	/* What lies in memory only has its place then. */
	if (!error)
		error = page_cache_sync(&inode->cache, 0, UINT64_MAX);
	if (!error && (mode & (ALLOCATE_PUNCH_HOLE | ALLOCATE_ZERO_RANGE)))
		error = punch(inode, offset, length);
	if (error || (mode & ALLOCATE_PUNCH_HOLE))
		return error;
	if (end > inode->node.size && !keep_size) {
		error = resize(inode, end);
		if (error)
			return error;
	}
	error = hmfs_allocate(inode->fs->volume, inode->id, offset, length, true);
	if (error == -ENOSPC && hmfs_vfs_make_room(inode->fs))
		error = hmfs_allocate(inode->fs->volume, inode->id, offset, length, true);
	return error;
}

static int file_op_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t length)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);
	uint64_t old;
	int error;

	mutex_lock(&file->node->lock);
	old = file->node->size;
	error = allocate_locked(inode, mode, offset, length);
	/* All or nothing. */
	if (error && file->node->size > old && resize(inode, old))
		error = -EIO;
	if (!error)
		node_touch_locked(file->node, CHANGE_MODIFY);
	hmfs_file_settle(inode);
	mutex_unlock(&file->node->lock);
	hmfs_inode_dirty(inode);
	return error;
}

/* --- Clones. --- */

static int clone_locked(struct hmfs_inode *from, uint64_t from_offset, struct hmfs_inode *to,
			uint64_t to_offset, uint64_t length)
{
	uint64_t end = to_offset + length;
	int error = leave_record(to, end);

	/* What the pages have is to be in the file, so that all of it can be taken over. */
	if (!error)
		error = page_cache_sync(&to->cache, 0, UINT64_MAX);
	if (!error)
		error = hmfs_inode_store(to, to->node.size);
	if (!error && end > to->node.size)
		error = extend(to, end);
	if (!error)
		error = page_cache_sync(&to->cache, 0, UINT64_MAX);
	if (!error)
		error = hmfs_inode_store(to, to->node.size);
	if (error)
		return error;
	page_cache_drop(&to->cache, to_offset, end, true);
	error = hmfs_clone_range(to->fs->volume, from->id, from_offset, to->id, to_offset, length);
	page_cache_drop(&to->cache, to_offset, end, false);
	node_touch_locked(&to->node, CHANGE_MODIFY);
	return error;
}

static int check_clone(const struct hmfs_inode *from, uint64_t from_offset,
		       const struct hmfs_inode *to, uint64_t to_offset, uint64_t length)
{
	uint64_t from_size = from->node.size;

	if (from->fs != to->fs)
		return -EXDEV;
	if (from_offset > from_size || length > from_size - from_offset ||
	    length > INT64_MAX - to_offset)
		return -EINVAL;
	if (from_offset % PAGE_SIZE || to_offset % PAGE_SIZE)
		return -EINVAL;
	/* A block that is not whole must be the last of both. */
	if (length % PAGE_SIZE &&
	    (from_offset + length != from_size || to_offset + length < to->node.size))
		return -EINVAL;
	if (from == to && from_offset < to_offset + length && to_offset < from_offset + length)
		return -EINVAL;
	return hmfs_inode_check_writable(to);
}

static int file_op_clone(struct file *from_file, uint64_t from_offset, struct file *to_file,
			 uint64_t to_offset, uint64_t length)
{
	struct hmfs_inode *from = hmfs_inode_of(from_file->node);
	struct hmfs_inode *to = hmfs_inode_of(to_file->node);
	int error;

	if (from_file->node->ops != &hmfs_file_ops)
		return -EXDEV;
	if (!length)
		length = from->node.size > from_offset ? from->node.size - from_offset : 0;
	error = check_clone(from, from_offset, to, to_offset, length);
	if (!error && !hmfs_inode_check_writable(from))
		error = hmfs_inode_write(from);
	if (error || !length)
		return error;
	mutex_lock(&to->node.lock);
	error = check_clone(from, from_offset, to, to_offset, length);
	if (!error)
		error = clone_locked(from, from_offset, to, to_offset, length);
	hmfs_file_settle(to);
	mutex_unlock(&to->node.lock);
	hmfs_inode_dirty(to);
	return error;
}

const struct node_ops hmfs_file_ops = {
	.lookup = hmfs_op_lookup_fork,
	.refresh = hmfs_op_refresh,
	.set_attributes = file_op_set_attributes,
	.get_extended = hmfs_op_get_extended,
	.set_extended = hmfs_op_set_extended,
	.list_extended = hmfs_op_list_extended,
	.release = hmfs_inode_op_release,
	.open = hmfs_op_open,
	.close = file_op_close,
	.read = cache_file_read,
	.write = file_op_write,
	.seek_data = file_op_seek_data,
	.control = hmfs_op_control,
	.sync = file_op_sync,
	.allocate = file_op_allocate,
	.clone = file_op_clone,
};

/* --- What has no contents. --- */

static ssize_t op_read_link(struct node *node, char *buffer, size_t size)
{
	return hmfs_read_link(hmfs_volume_of(node), hmfs_inode_of(node)->id, buffer, size);
}

static int op_open_socket(struct node *node, struct file *file)
{
	(void)node;
	return file->flags & FILE_PATH ? 0 : -ENXIO;
}

#define COMMON_OPS                                                                  \
	.refresh = hmfs_op_refresh, .set_attributes = hmfs_op_set_attributes,       \
	.get_extended = hmfs_op_get_extended, .set_extended = hmfs_op_set_extended, \
	.list_extended = hmfs_op_list_extended, .release = hmfs_inode_op_release

const struct node_ops hmfs_link_ops = { COMMON_OPS, .read_link = op_read_link };
const struct node_ops hmfs_fifo_ops = { COMMON_OPS, .open = fifo_open };
const struct node_ops hmfs_device_ops = { COMMON_OPS, .open = device_open };
const struct node_ops hmfs_socket_ops = { COMMON_OPS, .open = op_open_socket };
