/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, linking, renaming and removing names. */
#include "linux.h"

#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/node.h>

static int64_t make_at(int fd, uint64_t path, uint32_t mode, uint64_t device, const char *target)
{
	const struct credentials *credentials = credentials_current();
	struct node_template like = {
		.mode = mode,
		.uid = credentials->fsuid,
		.gid = credentials->fsgid,
		.raw_device = device,
		.target = target,
	};
	struct linux_at at;
	int64_t result = linux_at_begin(&at, fd, path);

	if (result)
		return result;
	result = path_make(&at.walker, at.start, at.path, &like);
	linux_at_end(&at);
	return result;
}

static int64_t make_directory(int fd, uint64_t path, uint32_t mode)
{
	mode = mode & (MODE_PERMISSIONS & ~(MODE_SETUID | MODE_SETGID)) & ~file_context_umask();
	return make_at(fd, path, MODE_DIRECTORY | mode, 0, NULL);
}

int64_t linux_mkdir(const struct linux_call *call)
{
	return make_directory(LINUX_AT_CWD, call->argument[0], linux_unsigned(call, 1));
}

int64_t linux_mkdirat(const struct linux_call *call)
{
	return make_directory(linux_int(call, 0), call->argument[1], linux_unsigned(call, 2));
}

/* Linux's new device numbers, as programs encode them in mknod's argument. */
static int64_t make_node(int fd, uint64_t path, uint32_t mode, uint64_t device)
{
	uint32_t type = mode & MODE_TYPE;

	if (type == 0)
		type = MODE_FILE;
	if (type == MODE_DIRECTORY)
		return -EPERM;
	if (type == MODE_SYMLINK)
		return -EINVAL;
	if ((type == MODE_CHARACTER || type == MODE_BLOCK) &&
	    !credentials_privileged(credentials_current()))
		return -EPERM;
	mode = mode & MODE_PERMISSIONS & ~file_context_umask();
	return make_at(fd, path, type | mode, device, NULL);
}

int64_t linux_mknod(const struct linux_call *call)
{
	return make_node(LINUX_AT_CWD, call->argument[0], linux_unsigned(call, 1),
			 call->argument[2]);
}

int64_t linux_mknodat(const struct linux_call *call)
{
	return make_node(linux_int(call, 0), call->argument[1], linux_unsigned(call, 2),
			 call->argument[3]);
}

static int64_t make_symlink(uint64_t target, int fd, uint64_t path)
{
	char *copy = kmalloc(PATH_MAX_LENGTH);
	int64_t result;

	if (!copy)
		return -ENOMEM;
	result = copy_string_from_user(copy, target, PATH_MAX_LENGTH);
	if (result == 0)
		result = -ENOENT;
	if (result > 0)
		result = make_at(fd, path, MODE_SYMLINK | 0777, 0, copy);
	kfree(copy);
	return result;
}

int64_t linux_symlink(const struct linux_call *call)
{
	return make_symlink(call->argument[0], LINUX_AT_CWD, call->argument[1]);
}

int64_t linux_symlinkat(const struct linux_call *call)
{
	return make_symlink(call->argument[0], linux_int(call, 1), call->argument[2]);
}

static int64_t link_at(int from_fd, uint64_t from, int fd, uint64_t path, unsigned flags)
{
	struct dentry *target;
	struct linux_at at;
	int64_t result;

	if (flags & ~(unsigned)(LINUX_AT_SYMLINK_FOLLOW | LINUX_AT_EMPTY_PATH))
		return -EINVAL;
	result = linux_at_walk(from_fd, from, flags, false, &target);
	if (result)
		return result;
	result = linux_at_begin(&at, fd, path);
	if (!result) {
		result = path_link(&at.walker, target, at.start, at.path);
		linux_at_end(&at);
	}
	dentry_put(target);
	return result;
}

int64_t linux_link(const struct linux_call *call)
{
	return link_at(LINUX_AT_CWD, call->argument[0], LINUX_AT_CWD, call->argument[1], 0);
}

int64_t linux_linkat(const struct linux_call *call)
{
	return link_at(linux_int(call, 0), call->argument[1], linux_int(call, 2), call->argument[3],
		       linux_unsigned(call, 4));
}

static int64_t remove_at(int fd, uint64_t path, bool directory)
{
	struct linux_at at;
	int64_t result = linux_at_begin(&at, fd, path);

	if (result)
		return result;
	result = path_unlink(&at.walker, at.start, at.path, directory);
	linux_at_end(&at);
	return result;
}

int64_t linux_unlink(const struct linux_call *call)
{
	return remove_at(LINUX_AT_CWD, call->argument[0], false);
}

int64_t linux_rmdir(const struct linux_call *call)
{
	return remove_at(LINUX_AT_CWD, call->argument[0], true);
}

int64_t linux_unlinkat(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 2);

	if (flags & ~(unsigned)LINUX_AT_REMOVEDIR)
		return -EINVAL;
	return remove_at(linux_int(call, 0), call->argument[1], flags & LINUX_AT_REMOVEDIR);
}

static int64_t rename_at(int from_fd, uint64_t from, int to_fd, uint64_t to, unsigned flags)
{
	struct linux_at source, target;
	int64_t result;

	if (flags & ~3u || flags == 3)
		return -EINVAL;
	result = linux_at_begin(&source, from_fd, from);
	if (result)
		return result;
	result = linux_at_begin(&target, to_fd, to);
	if (!result) {
		result = path_rename(&source.walker, source.start, source.path, target.start,
				     target.path, flags);
		linux_at_end(&target);
	}
	linux_at_end(&source);
	return result;
}

int64_t linux_rename(const struct linux_call *call)
{
	return rename_at(LINUX_AT_CWD, call->argument[0], LINUX_AT_CWD, call->argument[1], 0);
}

int64_t linux_renameat(const struct linux_call *call)
{
	return rename_at(linux_int(call, 0), call->argument[1], linux_int(call, 2),
			 call->argument[3], 0);
}

int64_t linux_renameat2(const struct linux_call *call)
{
	return rename_at(linux_int(call, 0), call->argument[1], linux_int(call, 2),
			 call->argument[3], linux_unsigned(call, 4));
}

static int64_t read_link_at(int fd, uint64_t path, uint64_t to, int64_t size)
{
	struct dentry *dentry;
	char *buffer;
	int64_t result;

	if (size <= 0)
		return -EINVAL;
	result = linux_at_walk(fd, path, fd >= 0 ? LINUX_AT_EMPTY_PATH : 0, false, &dentry);
	if (result)
		return result;
	buffer = kmalloc(PATH_MAX_LENGTH);
	result = buffer ? path_read_link(dentry, buffer, PATH_MAX_LENGTH) : -ENOMEM;
	if (result >= 0) {
		int error;

		result = (int64_t)min_u64((uint64_t)result, (uint64_t)size);
		error = linux_put(to, buffer, (size_t)result);
		if (error)
			result = error;
	}
	kfree(buffer);
	dentry_put(dentry);
	return result;
}

int64_t linux_readlink(const struct linux_call *call)
{
	return read_link_at(LINUX_AT_CWD, call->argument[0], call->argument[1], linux_int(call, 2));
}

int64_t linux_readlinkat(const struct linux_call *call)
{
	return read_link_at(linux_int(call, 0), call->argument[1], call->argument[2],
			    linux_int(call, 3));
}
