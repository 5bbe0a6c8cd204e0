/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open files: positions, sizes, directories, ioctls, mapping. */
#include <base/errno.h>
#include <mm/vm/object.h>
#include <mm/vm/user.h>
#include <scheme/path.h>

#include "dentry_priv.h"
#include "file_priv.h"
#include "node_priv.h"

/* Linux's ioctls that every file knows. */
#define CONTROL_READABLE 0x541b /* FIONREAD */
#define CONTROL_NONBLOCK 0x5421 /* FIONBIO */

enum seek_whence {
	SEEK_FROM_START = 0,
	SEEK_FROM_CURRENT = 1,
	SEEK_FROM_END = 2,
	SEEK_DATA = 3,
	SEEK_HOLE = 4,
};

/* fallocate(2)'s mode. */
enum allocate_mode {
	ALLOCATE_KEEP_SIZE = 0x01,
	ALLOCATE_PUNCH_HOLE = 0x02,
	ALLOCATE_ZERO_RANGE = 0x10,
};

/* --- Positions. --- */

static int64_t seek_data(struct file *file, int64_t offset, bool hole)
{
	uint64_t size = file->node->size;

	if (node_is(file->node, MODE_DIRECTORY))
		return -EINVAL;
	if (offset < 0)
		return -ENXIO;
	if (file->ops->seek_data)
		return file->ops->seek_data(file, (uint64_t)offset, hole);
	if ((uint64_t)offset >= size)
		return -ENXIO;
	return hole ? (int64_t)size : offset;
}

static int64_t seek_end(struct file *file)
{
	if (node_is(file->node, MODE_DIRECTORY))
		return -EINVAL;
	if (file->ops->seek_end)
		return file->ops->seek_end(file);
	return (int64_t)file->node->size;
}

static int64_t seek_target(struct file *file, int64_t offset, int whence)
{
	int64_t base = 0, target;

	switch (whence) {
	case SEEK_FROM_START:
		break;
	case SEEK_FROM_CURRENT:
		base = (int64_t)file_position(file);
		break;
	case SEEK_FROM_END:
		base = seek_end(file);
		if (base < 0)
			return base;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		return seek_data(file, offset, whence == SEEK_HOLE);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &target))
		return -EOVERFLOW;
	return target < 0 ? -EINVAL : target;
}

int64_t file_seek(struct file *file, int64_t offset, int whence)
{
	int64_t target;

	if (file_is_path(file))
		return -EBADF;
	if (file->ops->seek)
		return file->ops->seek(file, offset, whence);
	if (file->node->flags & NODE_STREAM)
		return -ESPIPE;
	file_lock_position(file);
	target = seek_target(file, offset, whence);
	if (target >= 0)
		file_set_position(file, (uint64_t)target);
	file_unlock_position(file);
	return target;
}

/* --- Directories. ---
 *
 * Positions: 0 is before ".", 1 before "..", 2 + cookie before what the provider has. */

#define POSITION_ENTRIES 2

struct shifted_sink {
	struct directory_sink sink;
	struct directory_sink *caller;
};

static bool shifted_entry(struct directory_sink *sink, const char *name, size_t length,
			  uint64_t number, uint32_t mode_type, uint64_t next_cookie)
{
	struct directory_sink *caller = container_of(sink, struct shifted_sink, sink)->caller;

	return caller->entry(caller, name, length, number, mode_type,
			     next_cookie + POSITION_ENTRIES);
}

/* The number of the directory above, across mounts. */
static uint64_t parent_number(struct file *file)
{
	struct dentry *above;
	uint64_t number;

	if (!file->dentry)
		return file->node->number;
	dentry_get(file->dentry);
	above = dentry_step_up(file->dentry, NULL);
	number = above->node->number;
	dentry_put(above);
	return number;
}

/* Passes "." and ".." where they have not been yet. False: no room. */
static bool read_dots(struct file *file, struct directory_sink *sink)
{
	if (file_position(file) == 0) {
		if (!sink->entry(sink, ".", 1, file->node->number, MODE_DIRECTORY, 1))
			return false;
		file_set_position(file, 1);
	}
	if (file_position(file) == 1) {
		if (!sink->entry(sink, "..", 2, parent_number(file), MODE_DIRECTORY, 2))
			return false;
		file_set_position(file, POSITION_ENTRIES);
	}
	return true;
}

static int read_entries(struct file *file, struct directory_sink *sink)
{
	struct shifted_sink shifted = { .sink.entry = shifted_entry, .caller = sink };
	uint64_t cookie;
	int error;

	if (file->dentry && file->dentry->removed)
		return -ENOENT;
	if (!read_dots(file, sink))
		return 0;
	cookie = file_position(file) - POSITION_ENTRIES;
	error = file->ops->read_directory(file, &cookie, &shifted.sink);
	file_set_position(file, cookie + POSITION_ENTRIES);
	return error;
}

int file_read_directory(struct file *file, struct directory_sink *sink)
{
	bool unlocked = file->node->flags & NODE_NO_CACHE;
	int error;

	if (!file->readable)
		return -EBADF;
	if (!node_is(file->node, MODE_DIRECTORY) || !file->ops->read_directory)
		return -ENOTDIR;
	if (!unlocked) {
		mutex_lock(&file->node->directory_lock);
		mutex_lock(&file->position_lock);
	}
	error = read_entries(file, sink);
	if (!unlocked) {
		mutex_unlock(&file->position_lock);
		mutex_unlock(&file->node->directory_lock);
	}
	if (!error && !(file->flags & FILE_NO_ATIME) && !unlocked)
		node_note_access(file->node);
	return error;
}

/* --- The rest. --- */

int file_truncate(struct file *file, uint64_t size)
{
	if (file_is_path(file))
		return -EBADF;
	if (!file->writable)
		return -EINVAL;
	return node_truncate(file->node, file->credentials, size);
}

static long set_nonblock(struct file *file, uintptr_t argument)
{
	uint32_t value;
	int error = read_user_u32(argument, &value);

	if (error)
		return error;
	if (value)
		file->flags |= FILE_NONBLOCK;
	else
		file->flags &= ~(unsigned)FILE_NONBLOCK;
	return 0;
}

static long tell_readable(const struct file *file, uintptr_t argument)
{
	uint64_t size = file->node->size, position = file_position(file);
	uint64_t left = size > position ? size - position : 0;

	return write_user_u32(argument, (uint32_t)min_u64(left, INT32_MAX));
}

long file_control(struct file *file, unsigned request, uintptr_t argument)
{
	if (file_is_path(file))
		return -EBADF;
	if (request == CONTROL_NONBLOCK)
		return set_nonblock(file, argument);
	if (request == CONTROL_READABLE && node_is(file->node, MODE_FILE))
		return tell_readable(file, argument);
	return file->ops->control ? file->ops->control(file, request, argument) : -ENOTTY;
}

int file_sync(struct file *file, bool data_only)
{
	if (file_is_path(file))
		return -EBADF;
	if (file->ops->sync)
		return file->ops->sync(file, data_only);
	return file->node->flags & NODE_STREAM ? -EINVAL : 0;
}

static int check_allocate(const struct file *file, unsigned mode, uint64_t offset, uint64_t length)
{
	if (!file->writable)
		return -EBADF;
	if (length == 0 || offset > INT64_MAX || length > INT64_MAX)
		return -EINVAL;
	if (mode & ~(unsigned)(ALLOCATE_KEEP_SIZE | ALLOCATE_PUNCH_HOLE | ALLOCATE_ZERO_RANGE))
		return -EOPNOTSUPP;
	if ((mode & ALLOCATE_PUNCH_HOLE) && mode != (ALLOCATE_PUNCH_HOLE | ALLOCATE_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (file->node->flags & NODE_STREAM)
		return -ESPIPE;
	if (!node_is(file->node, MODE_FILE))
		return -ENODEV;
	if (offset + length > INT64_MAX)
		return -EFBIG;
	return file->ops->allocate ? 0 : -EOPNOTSUPP;
}

int file_allocate(struct file *file, unsigned mode, uint64_t offset, uint64_t length)
{
	int error = check_allocate(file, mode, offset, length);

	if (error)
		return error;
	node_drop_set_id(file->node, file->credentials);
	return file->ops->allocate(file, mode, offset, length);
}

int file_clone(struct file *from, uint64_t from_offset, struct file *to, uint64_t to_offset,
	       uint64_t length)
{
	if (file_is_path(from) || file_is_path(to) || !from->readable || !to->writable ||
	    (to->flags & FILE_APPEND))
		return -EBADF;
	if (from->node->scheme != to->node->scheme || !to->node->scheme)
		return -EXDEV;
	if (node_is(from->node, MODE_DIRECTORY) || node_is(to->node, MODE_DIRECTORY))
		return -EISDIR;
	if (!node_is(from->node, MODE_FILE) || !node_is(to->node, MODE_FILE))
		return -EINVAL;
	if (!to->ops->clone)
		return -EOPNOTSUPP;
	if (from_offset > INT64_MAX || to_offset > INT64_MAX || length > INT64_MAX)
		return -EINVAL;
	node_drop_set_id(to->node, to->credentials);
	return to->ops->clone(from, from_offset, to, to_offset, length);
}

int file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
	     struct vm_object **object)
{
	if (file_is_path(file))
		return -EBADF;
	if (file->ops->map)
		return file->ops->map(file, offset, length, vm_flags, object);
	if (!file->node->object)
		return -ENODEV;
	vm_object_get(file->node->object);
	*object = file->node->object;
	return 0;
}
