/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of files and forks. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "mount.h"

#define COPY_SIZE ((size_t)1 << 20)

void set_open_flags(struct node *node, struct fuse_file_info *file)
{
	struct hmfs_attributes attributes;

	node->access_due = true;
	/* Nobody else changes files; but what is computed may be another the next time. */
	file->keep_cache = 1;
	if (hmfs_read_attributes(mount_state.hmfs, node->id, &attributes) == 0 &&
	    attributes.flags & HMFS_OBJECT_COMPUTED) {
		file->keep_cache = 0;
		file->direct_io = 1;
	}
}

void op_open(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	struct node *node = node_of(number);

	int error = node->kind == NODE_OBJECT ? 0 : -EISDIR;

	/* The kernel leaves it to this to cut the file off. */
	if (!error && file->flags & O_TRUNC)
		error = hmfs_resize(mount_state.hmfs, node->id, 0);
	if (error) {
		reply_result(request, error);
		return;
	}
	set_open_flags(node, file);
	fuse_reply_open(request, file);
}

void op_read(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
	     struct fuse_file_info *file)
{
	struct node *node = node_of(number);
	char *buffer = malloc(size);
	ssize_t got = -ENOMEM;

	(void)file;
	if (buffer)
		got = hmfs_read(mount_state.hmfs, node->id, (uint64_t)offset, buffer, size);
	if (got < 0)
		reply_result(request, (int)got);
	else
		fuse_reply_buf(request, buffer, (size_t)got);
	free(buffer);
	if (got >= 0 && node->access_due) {
		node->access_due = false;
		touch_access(node);
	}
}

void op_write(fuse_req_t request, fuse_ino_t number, const char *bytes, size_t size, off_t offset,
	      struct fuse_file_info *file)
{
	struct node *node = node_of(number);
	ssize_t put = hmfs_write(mount_state.hmfs, node->id, (uint64_t)offset, bytes, size);

	(void)file;
	if (made_room(put))
		put = hmfs_write(mount_state.hmfs, node->id, (uint64_t)offset, bytes, size);
	node->access_due = true;
	if (put < 0)
		reply_result(request, (int)put);
	else
		fuse_reply_write(request, (size_t)put);
}

void op_fsync(fuse_req_t request, fuse_ino_t number, int data_only, struct fuse_file_info *file)
{
	(void)number;
	(void)data_only;
	(void)file;
	reply_result(request, mount_state.read_only ? 0 : hmfs_sync(mount_state.hmfs));
}

static int allocate_range(struct hmfs_id id, int mode, uint64_t offset, uint64_t length)
{
	bool keep_size = mode & FALLOC_FL_KEEP_SIZE;
	int error;

	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case 0:
		return hmfs_allocate(mount_state.hmfs, id, offset, length, keep_size);
	case FALLOC_FL_PUNCH_HOLE:
		return keep_size ? hmfs_punch(mount_state.hmfs, id, offset, length) : -EOPNOTSUPP;
	case FALLOC_FL_ZERO_RANGE:
		error = hmfs_punch(mount_state.hmfs, id, offset, length);
		return error ? error
			     : hmfs_allocate(mount_state.hmfs, id, offset, length, keep_size);
	default:
		return -EOPNOTSUPP;
	}
}

void op_fallocate(fuse_req_t request, fuse_ino_t number, int mode, off_t offset, off_t length,
		  struct fuse_file_info *file)
{
	struct hmfs_id id = node_of(number)->id;
	int error = allocate_range(id, mode, (uint64_t)offset, (uint64_t)length);

	(void)file;
	if (made_room(error))
		error = allocate_range(id, mode, (uint64_t)offset, (uint64_t)length);
	reply_result(request, error);
}

void op_lseek(fuse_req_t request, fuse_ino_t number, off_t offset, int whence,
	      struct fuse_file_info *file)
{
	int64_t found;

	(void)file;
	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		found = -EINVAL;
	else
		found = hmfs_seek(mount_state.hmfs, node_of(number)->id, (uint64_t)offset,
				  whence == SEEK_HOLE);
	if (found < 0)
		reply_result(request, (int)found);
	else
		fuse_reply_lseek(request, (off_t)found);
}

/* --- copy_file_range: blocks are shared, what is no whole block is copied --- */

struct copy {
	struct hmfs_id from, to;
	uint64_t from_offset, to_offset, length;
};

/* How much of it can be shared: up to the last whole block, or the end of the source if that becomes
 * the target's end. */
static uint64_t length_to_share(const struct copy *copy, uint64_t source_size, uint64_t target_size)
{
	bool aligned = is_aligned(copy->from_offset, HMFS_BLOCK_SIZE) &&
		       is_aligned(copy->to_offset, HMFS_BLOCK_SIZE);

	if (!aligned)
		return 0;
	if (copy->from_offset + copy->length == source_size &&
	    copy->to_offset + copy->length >= target_size)
		return copy->length;
	return align_down(copy->length, HMFS_BLOCK_SIZE);
}

static ssize_t copy_bytes(const struct copy *copy)
{
	size_t size = min_size(copy->length, COPY_SIZE);
	char *buffer = malloc(size);
	ssize_t got = -ENOMEM;

	if (buffer)
		got = hmfs_read(mount_state.hmfs, copy->from, copy->from_offset, buffer, size);
	if (got > 0)
		got = hmfs_write(mount_state.hmfs, copy->to, copy->to_offset, buffer, (size_t)got);
	free(buffer);
	return got;
}

/* Bytes that were copied; fewer than wanted is fine, the caller asks again. */
static ssize_t copy_range(struct copy *copy)
{
	struct hmfs_attributes source, target;
	uint64_t share;
	int error = hmfs_read_attributes(mount_state.hmfs, copy->from, &source);

	if (!error)
		error = hmfs_read_attributes(mount_state.hmfs, copy->to, &target);
	if (error)
		return error;
	if (copy->from_offset >= source.size)
		return 0;
	copy->length = min_u64(copy->length, source.size - copy->from_offset);
	share = length_to_share(copy, source.size, target.size);
	if (!share)
		return copy_bytes(copy);
	error = hmfs_clone_range(mount_state.hmfs, copy->from, copy->from_offset, copy->to,
				 copy->to_offset, share);
	return error ? error : (ssize_t)share;
}

void op_copy_file_range(fuse_req_t request, fuse_ino_t from, off_t from_offset,
			struct fuse_file_info *from_file, fuse_ino_t to, off_t to_offset,
			struct fuse_file_info *to_file, size_t length, int flags)
{
	struct copy copy = { node_of(from)->id, node_of(to)->id, (uint64_t)from_offset,
			     (uint64_t)to_offset, length };
	ssize_t copied = flags ? -EINVAL : copy_range(&copy);

	(void)from_file;
	(void)to_file;
	node_of(to)->access_due = true;
	if (copied < 0)
		reply_result(request, (int)copied);
	else
		fuse_reply_write(request, (size_t)copied);
}
