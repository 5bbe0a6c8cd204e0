/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path arguments: copying them, and finding where they start. */
#include "linux.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

static int copy_path(uint64_t from, char **path)
{
	char *copy = kmalloc(PATH_MAX_LENGTH);
	ssize_t length;

	if (!copy)
		return -ENOMEM;
	length = copy_string_from_user(copy, from, PATH_MAX_LENGTH);
	if (length < 0) {
		kfree(copy);
		return (int)length;
	}
	*path = copy;
	return 0;
}

/* The directory of a descriptor, with a reference. */
static int start_of(int fd, struct dentry **start)
{
	struct file *file = fd_get_any(fd);
	int error = 0;

	if (!file)
		return -EBADF;
	if (!file->dentry) {
		error = -ENOTDIR;
	} else {
		*start = file->dentry;
		dentry_get(*start);
	}
	file_put(file);
	return error;
}

int linux_at_begin(struct linux_at *at, int fd, uint64_t path)
{
	int error = copy_path(path, &at->path);

	if (error)
		return error;
	at->start = NULL;
	if (fd != LINUX_AT_CWD && at->path[0] != '/') {
		error = start_of(fd, &at->start);
		if (error) {
			kfree(at->path);
			return error;
		}
	}
	walker_get(&at->walker);
	return 0;
}

void linux_at_end(struct linux_at *at)
{
	walker_put(&at->walker);
	if (at->start)
		dentry_put(at->start);
	kfree(at->path);
}

int linux_at_walk(int fd, uint64_t path, unsigned flags, bool follow, struct dentry **found)
{
	unsigned walk_flags = 0;
	struct linux_at at;
	int error;

	if (flags & LINUX_AT_SYMLINK_NOFOLLOW)
		follow = false;
	if (flags & LINUX_AT_SYMLINK_FOLLOW)
		follow = true;
	if (follow)
		walk_flags |= WALK_FOLLOW;
	if (flags & LINUX_AT_EMPTY_PATH)
		walk_flags |= WALK_EMPTY;
	error = linux_at_begin(&at, fd, path);
	if (error)
		return error;
	error = path_walk(&at.walker, at.start, at.path, walk_flags, found);
	linux_at_end(&at);
	return error;
}
