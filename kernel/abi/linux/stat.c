/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stat family. */
#include "linux.h"

#include <base/string.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/scheme.h>
#include <time/clock.h>

#define STATX_BASIC     0x7ff
#define STATX_BIRTH     0x800
#define STATFS_VALID    0x20
#define STATX_SYNC_TYPE 0x6000 /* how fresh: all is */
#define STATX_RESERVED  0x80000000u

static struct linux_timespec timespec_of(uint64_t ns)
{
	return (struct linux_timespec){ (int64_t)(ns / NS_PER_SECOND),
					(int64_t)(ns % NS_PER_SECOND) };
}

static void read_attributes(const struct node *node, struct node_attributes *attributes)
{
	/* Reading may refresh generated attributes, which are the provider's business. */
	node_read_attributes((struct node *)node, attributes);
}

int64_t linux_put_stat(const struct node *node, uint64_t to)
{
	struct node_attributes from;
	struct linux_stat stat;

	read_attributes(node, &from);
	memset(&stat, 0, sizeof(stat));
	stat.device = from.device;
	stat.inode = from.number;
	stat.links = from.links;
	stat.mode = from.mode;
	stat.uid = from.uid;
	stat.gid = from.gid;
	stat.raw_device = from.raw_device;
	stat.size = (int64_t)from.size;
	stat.block_size = (int64_t)from.block_size;
	stat.blocks = (int64_t)from.blocks;
	stat.access = timespec_of(from.times.access);
	stat.modify = timespec_of(from.times.modify);
	stat.change = timespec_of(from.times.change);
	return linux_put(to, &stat, sizeof(stat));
}

static int64_t stat_at(int fd, uint64_t path, unsigned flags, uint64_t to)
{
	struct dentry *dentry;
	int64_t result;

	if (flags &
	    ~(unsigned)(LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_NO_AUTOMOUNT | LINUX_AT_EMPTY_PATH))
		return -EINVAL;
	result = linux_at_walk(fd, path, flags, true, &dentry);
	if (result)
		return result;
	result = linux_put_stat(dentry->node, to);
	dentry_put(dentry);
	return result;
}

static int64_t stat_file(int fd, uint64_t to)
{
	struct fd_loan loan = fd_borrow(fd);
	int64_t result;

	if (!loan.file)
		return -EBADF;
	result = linux_put_stat(loan.file->node, to);
	fd_return(loan);
	return result;
}

int64_t linux_stat(const struct linux_call *call)
{
	return stat_at(LINUX_AT_CWD, call->argument[0], 0, call->argument[1]);
}

int64_t linux_lstat(const struct linux_call *call)
{
	return stat_at(LINUX_AT_CWD, call->argument[0], LINUX_AT_SYMLINK_NOFOLLOW,
		       call->argument[1]);
}

int64_t linux_fstat(const struct linux_call *call)
{
	return stat_file(linux_int(call, 0), call->argument[1]);
}

/* True if (fd, path, AT_EMPTY_PATH) names the descriptor itself, which may have no dentry. */
static bool names_descriptor(int fd, uint64_t path, unsigned flags)
{
	char first;

	return (flags & LINUX_AT_EMPTY_PATH) && fd >= 0 &&
	       (!path || (!linux_get(&first, path, 1) && first == '\0'));
}

int64_t linux_newfstatat(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 3);

	if (names_descriptor(linux_int(call, 0), call->argument[1], flags))
		return stat_file(linux_int(call, 0), call->argument[2]);
	return stat_at(linux_int(call, 0), call->argument[1], flags, call->argument[2]);
}

static struct linux_statx_time statx_time(uint64_t ns)
{
	return (struct linux_statx_time){ .seconds = (int64_t)(ns / NS_PER_SECOND),
					  .nanoseconds = (uint32_t)(ns % NS_PER_SECOND) };
}

static int64_t put_statx(const struct node *node, uint64_t to)
{
	struct node_attributes from;
	struct linux_statx statx;

	read_attributes(node, &from);
	memset(&statx, 0, sizeof(statx));
	statx.mask = STATX_BASIC | STATX_BIRTH;
	statx.block_size = (uint32_t)from.block_size;
	statx.links = from.links;
	statx.uid = from.uid;
	statx.gid = from.gid;
	statx.mode = (uint16_t)from.mode;
	statx.inode = from.number;
	statx.size = from.size;
	statx.blocks = from.blocks;
	statx.access = statx_time(from.times.access);
	statx.birth = statx_time(from.times.birth);
	statx.change = statx_time(from.times.change);
	statx.modify = statx_time(from.times.modify);
	statx.raw_device_major = node_device_major(from.raw_device);
	statx.raw_device_minor = node_device_minor(from.raw_device);
	statx.device_major = node_device_major(from.device);
	statx.device_minor = node_device_minor(from.device);
	return linux_put(to, &statx, sizeof(statx));
}

int64_t linux_statx(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 2);
	struct dentry *dentry;
	int64_t result;

	if ((flags & ~(unsigned)(LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_NO_AUTOMOUNT |
				 LINUX_AT_EMPTY_PATH | STATX_SYNC_TYPE)) ||
	    (flags & STATX_SYNC_TYPE) == STATX_SYNC_TYPE ||
	    (linux_unsigned(call, 3) & STATX_RESERVED))
		return -EINVAL;
	if (names_descriptor(linux_int(call, 0), call->argument[1], flags)) {
		struct file *file = fd_get_any(linux_int(call, 0));

		if (!file)
			return -EBADF;
		result = put_statx(file->node, call->argument[4]);
		file_put(file);
		return result;
	}
	result = linux_at_walk(linux_int(call, 0), call->argument[1], flags, true, &dentry);
	if (result)
		return result;
	result = put_statx(dentry->node, call->argument[4]);
	dentry_put(dentry);
	return result;
}

static int64_t put_statfs(struct scheme *scheme, uint64_t to)
{
	struct scheme_statistics from = { 0 };
	struct linux_statfs statfs;

	if (scheme && scheme->ops && scheme->ops->statistics)
		scheme->ops->statistics(scheme, &from);
	memset(&statfs, 0, sizeof(statfs));
	statfs.type = (int64_t)from.magic;
	statfs.block_size = from.block_size ? (int64_t)from.block_size : (int64_t)PAGE_SIZE;
	statfs.fragment_size = statfs.block_size;
	statfs.blocks = from.blocks;
	statfs.blocks_free = from.free_blocks;
	statfs.blocks_available = from.available_blocks;
	statfs.files = from.files;
	statfs.files_free = from.free_files;
	statfs.name_length = NAME_MAX_LENGTH;
	statfs.flags = STATFS_VALID;
	if (scheme) {
		statfs.flags |= linux_mount_flags(scheme->flags);
		statfs.id[0] = (int32_t)scheme->id;
	}
	return linux_put(to, &statfs, sizeof(statfs));
}

int64_t linux_statfs(const struct linux_call *call)
{
	struct dentry *dentry;
	int64_t result = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, true, &dentry);

	if (result)
		return result;
	result = put_statfs(dentry->node->scheme, call->argument[1]);
	dentry_put(dentry);
	return result;
}

int64_t linux_fstatfs(const struct linux_call *call)
{
	struct file *file = fd_get_any(linux_int(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	result = put_statfs(file->node->scheme, call->argument[1]);
	file_put(file);
	return result;
}
