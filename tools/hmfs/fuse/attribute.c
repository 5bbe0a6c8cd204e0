/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stat(2) says, and what changes it. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "mount.h"

#define DAY ((uint64_t)86400 * 1000000000)

uint64_t time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void to_timespec(struct timespec *time, uint64_t nanoseconds)
{
	time->tv_sec = (time_t)(nanoseconds / 1000000000);
	time->tv_nsec = (long)(nanoseconds % 1000000000);
}

static uint64_t from_timespec(const struct timespec *time)
{
	return time->tv_sec < 0 ? 0 : (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

/* Objects of the live file system have their own numbers; others have their dataset's above them. */
uint64_t inode_number(enum node_kind kind, struct hmfs_id id)
{
	uint64_t number = id.object;

	if (id.dataset != HMFS_DATASET_LIVE)
		number ^= (uint64_t)id.dataset << 40;
	if (kind == NODE_FORKS)
		number |= (uint64_t)1 << 62;
	else if (kind == NODE_SNAPSHOTS)
		number = (uint64_t)3 << 61;
	return number;
}

static void folder_stat(const struct node *node, struct stat *status)
{
	/* Who may read a file may look through its forks. */
	if (node->kind == NODE_FORKS)
		status->st_mode =
			S_IFDIR | (status->st_mode & 0777) | (status->st_mode & 0444) >> 2;
	else
		status->st_mode = S_IFDIR | 0755;
	status->st_nlink = 2;
	status->st_size = 0;
	status->st_blocks = 0;
	status->st_rdev = 0;
}

int node_stat(const struct node *node, struct stat *status)
{
	struct hmfs_attributes attributes;
	struct hmfs_id id = node->id;
	int error;

	if (node->kind == NODE_SNAPSHOTS)
		id = (struct hmfs_id){ HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
	error = hmfs_read_attributes(mount_state.hmfs, id, &attributes);
	if (error)
		return error;
	memset(status, 0, sizeof(*status));
	status->st_ino = inode_number(node->kind, node->id);
	status->st_mode = attributes.mode;
	status->st_nlink = attributes.links;
	status->st_uid = attributes.uid;
	status->st_gid = attributes.gid;
	status->st_rdev = attributes.raw_device;
	status->st_size = (off_t)attributes.size;
	status->st_blocks = (blkcnt_t)(attributes.blocks * (HMFS_BLOCK_SIZE / 512));
	status->st_blksize = HMFS_BLOCK_SIZE;
	to_timespec(&status->st_atim, attributes.access);
	to_timespec(&status->st_mtim, attributes.modify);
	to_timespec(&status->st_ctim, attributes.change);
	if (node->kind != NODE_OBJECT)
		folder_stat(node, status);
	return 0;
}

void touch_access(struct node *node)
{
	struct hmfs_attributes attributes;
	uint64_t now = time_now();

	if (mount_state.no_access_times || mount_state.read_only || node->kind != NODE_OBJECT)
		return;
	if (hmfs_read_attributes(mount_state.hmfs, node->id, &attributes))
		return;
	if (attributes.access > attributes.modify && attributes.access > attributes.change &&
	    now < attributes.access + DAY)
		return;
	attributes.access = now;
	/* A snapshot's cannot be set, and need not. */
	(void)!hmfs_set_attributes(mount_state.hmfs, node->id, HMFS_SET_ACCESS, &attributes);
}

void op_getattr(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	struct stat status;
	int error = node_stat(node_of(number), &status);

	(void)file;
	if (error)
		reply_result(request, error);
	else
		fuse_reply_attr(request, &status, ATTRIBUTE_SECONDS);
}

static unsigned gather_changes(const struct stat *status, int which,
			       struct hmfs_attributes *attributes)
{
	unsigned set = 0;

	if (which & FUSE_SET_ATTR_MODE)
		set |= HMFS_SET_MODE;
	if (which & FUSE_SET_ATTR_UID)
		set |= HMFS_SET_UID;
	if (which & FUSE_SET_ATTR_GID)
		set |= HMFS_SET_GID;
	if (which & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW))
		set |= HMFS_SET_ACCESS;
	if (which & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW))
		set |= HMFS_SET_MODIFY;
	attributes->mode = status->st_mode & 07777;
	attributes->uid = status->st_uid;
	attributes->gid = status->st_gid;
	attributes->change = time_now();
	attributes->access = which & FUSE_SET_ATTR_ATIME_NOW ? attributes->change
							     : from_timespec(&status->st_atim);
	attributes->modify = which & FUSE_SET_ATTR_MTIME_NOW ? attributes->change
							     : from_timespec(&status->st_mtim);
	return set ? set | HMFS_SET_CHANGE : 0;
}

void op_setattr(fuse_req_t request, fuse_ino_t number, struct stat *status, int which,
		struct fuse_file_info *file)
{
	struct node *node = node_of(number);
	struct hmfs_attributes attributes = { 0 };
	unsigned set = gather_changes(status, which, &attributes);
	struct stat result;
	int error = 0;

	(void)file;
	if (node->kind != NODE_OBJECT)
		error = -EPERM;
	if (!error && which & FUSE_SET_ATTR_SIZE)
		error = hmfs_resize(mount_state.hmfs, node->id, (uint64_t)status->st_size);
	if (!error && set)
		error = hmfs_set_attributes(mount_state.hmfs, node->id, set, &attributes);
	if (!error)
		error = node_stat(node, &result);
	if (error)
		reply_result(request, error);
	else
		fuse_reply_attr(request, &result, ATTRIBUTE_SECONDS);
}

void op_statfs(fuse_req_t request, fuse_ino_t number)
{
	struct hmfs_statistics statistics;
	struct statvfs status = { .f_bsize = HMFS_BLOCK_SIZE, .f_frsize = HMFS_BLOCK_SIZE };

	(void)number;
	hmfs_read_statistics(mount_state.hmfs, &statistics);
	status.f_blocks = statistics.blocks;
	status.f_bfree = statistics.free_blocks;
	status.f_bavail = statistics.available_blocks;
	status.f_ffree = status.f_favail = statistics.available_blocks;
	status.f_files = statistics.objects + statistics.available_blocks;
	status.f_namemax = HMFS_NAME_MAX;
	fuse_reply_statfs(request, &status);
}
