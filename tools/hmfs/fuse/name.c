/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: looked up, made, changed, removed. Linux looks nothing up below what is no folder, so the
 * forks of a file are in the folder FILE..namedfork beside it, those of a folder in it, too.
 */
#include <errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <string.h>

#include "mount.h"

static bool is_live_root(const struct node *node)
{
	return node->kind == NODE_OBJECT && node->id.dataset == HMFS_DATASET_LIVE &&
	       node->id.object == HMFS_ROOT_OBJECT;
}

int fill_entry(struct node *node, struct fuse_entry_param *entry)
{
	int error = node_stat(node, &entry->attr);

	if (error) {
		node_forget(node, 1);
		return error;
	}
	entry->ino = node_number(node);
	entry->attr_timeout = ATTRIBUTE_SECONDS;
	entry->entry_timeout = ENTRY_SECONDS;
	return 0;
}

static int get_entry(enum node_kind kind, struct hmfs_id id, bool held,
		     struct fuse_entry_param *entry)
{
	int error;
	struct node *node = node_get(kind, id, held, &error);

	return node ? fill_entry(node, entry) : error;
}

static int find_fork_entry(struct hmfs_id of, const char *name, struct fuse_entry_param *entry)
{
	struct hmfs_id fork;
	int error = place_find_fork(mount_state.hmfs, of, name, strlen(name), &fork);

	if (!error)
		error = get_entry(NODE_OBJECT, fork, false, entry);
	/* One that is computed may be another the next time. */
	if (!error)
		entry->entry_timeout = entry->attr_timeout = 0;
	return error;
}

static int find_snapshot_entry(const char *name, struct fuse_entry_param *entry)
{
	struct hmfs_dataset_info info;
	struct hmfs_id id = { 0, HMFS_ROOT_OBJECT };
	int error = hmfs_dataset_find(mount_state.hmfs, name, &info);

	if (error)
		return error;
	id.dataset = info.number;
	error = get_entry(NODE_OBJECT, id, false, entry);
	if (!error)
		entry->entry_timeout = 0;
	return error;
}

/* FILE..namedfork, where FILE is there. */
static int find_forks_beside(struct node *folder, const char *name, struct fuse_entry_param *entry)
{
	const size_t suffix = sizeof(FORKS_NAME) - 1;
	size_t length = strlen(name);
	struct hmfs_id id;
	int error;

	if (length <= suffix || strcmp(name + length - suffix, FORKS_NAME) != 0)
		return -ENOENT;
	error = hmfs_lookup(mount_state.hmfs, folder->id, name, length - suffix, &id, NULL);
	if (!error)
		error = get_entry(NODE_FORKS, id, false, entry);
	if (!error)
		entry->entry_timeout = 0;
	return error;
}

int find_entry(struct node *folder, const char *name, struct fuse_entry_param *entry)
{
	struct hmfs_id id = { 0, 0 };
	int error;

	memset(entry, 0, sizeof(*entry));
	if (folder->kind == NODE_FORKS)
		return find_fork_entry(folder->id, name, entry);
	if (folder->kind == NODE_SNAPSHOTS)
		return find_snapshot_entry(name, entry);
	if (strcmp(name, FORKS_NAME) == 0)
		return get_entry(NODE_FORKS, folder->id, false, entry);
	if (is_live_root(folder) && strcmp(name, SNAPSHOTS_NAME) == 0)
		return get_entry(NODE_SNAPSHOTS, id, false, entry);
	error = hmfs_lookup(mount_state.hmfs, folder->id, name, strlen(name), &id, NULL);
	if (!error)
		return get_entry(NODE_OBJECT, id, false, entry);
	if (error == -ENOENT)
		error = find_forks_beside(folder, name, entry);
	return error;
}

void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct node *folder = node_of(parent);
	struct fuse_entry_param entry;
	int error = find_entry(folder, name, &entry);

	if (error == -ENOENT && folder->kind == NODE_OBJECT) {
		/* The kernel may remember that, too. */
		memset(&entry, 0, sizeof(entry));
		entry.entry_timeout = ENTRY_SECONDS;
		error = 0;
	}
	if (error)
		reply_result(request, error);
	else
		fuse_reply_entry(request, &entry);
}

void op_forget(fuse_req_t request, fuse_ino_t number, uint64_t lookups)
{
	node_forget(node_of(number), lookups);
	fuse_reply_none(request);
}

void op_forget_multi(fuse_req_t request, size_t count, struct fuse_forget_data *forgets)
{
	size_t i;

	for (i = 0; i < count; i++)
		node_forget(node_of(forgets[i].ino), forgets[i].nlookup);
	fuse_reply_none(request);
}

/* --- making --- */

/* A folder's group goes to what is made in it, if its mode says so. */
static int inherit_group(const struct node *folder, struct hmfs_template *like)
{
	struct hmfs_attributes attributes;
	int error = hmfs_read_attributes(mount_state.hmfs, folder->id, &attributes);

	if (error || !(attributes.mode & S_ISGID))
		return error;
	like->gid = attributes.gid;
	if (S_ISDIR(like->mode))
		like->mode |= S_ISGID;
	return 0;
}

static int make_fork(struct node *folder, const char *name, const struct hmfs_template *like,
		     struct hmfs_id *made)
{
	int result;

	if (!S_ISREG(like->mode))
		return -EPERM;
	result = hmfs_fork_open(mount_state.hmfs, folder->id, name, strlen(name), HMFS_FORK_USER,
				true, made);
	return result < 0 ? result : 0;
}

/* mkdir makes a snapshot. */
static int make_snapshot(const char *name, mode_t mode, struct fuse_entry_param *entry)
{
	uint32_t number;
	int error;

	if (!S_ISDIR(mode))
		return -EPERM;
	error = hmfs_snapshot(mount_state.hmfs, HMFS_DATASET_LIVE, name, false, &number);
	return error ? error : find_snapshot_entry(name, entry);
}

static int make_entry(fuse_req_t request, fuse_ino_t parent, const char *name,
		      struct hmfs_template *like, struct fuse_entry_param *entry)
{
	const struct fuse_ctx *context = fuse_req_ctx(request);
	struct node *folder = node_of(parent);
	struct hmfs_id made;
	int error;

	memset(entry, 0, sizeof(*entry));
	if (folder->kind == NODE_SNAPSHOTS)
		return make_snapshot(name, like->mode, entry);
	like->uid = context->uid;
	like->gid = context->gid;
	if (folder->kind == NODE_FORKS) {
		error = make_fork(folder, name, like, &made);
	} else {
		error = place_name_allowed(folder->id, name, strlen(name));
		if (!error)
			error = inherit_group(folder, like);
		if (!error)
			error = hmfs_create(mount_state.hmfs, folder->id, name, strlen(name), like,
					    &made);
	}
	return error ? error : get_entry(NODE_OBJECT, made, true, entry);
}

static void make_and_reply(fuse_req_t request, fuse_ino_t parent, const char *name,
			   struct hmfs_template *like)
{
	struct fuse_entry_param entry;
	int error = make_entry(request, parent, name, like, &entry);

	if (made_room(error))
		error = make_entry(request, parent, name, like, &entry);
	if (error)
		reply_result(request, error);
	else
		fuse_reply_entry(request, &entry);
}

void op_mknod(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	struct hmfs_template like = { .mode = mode };

	if (S_ISCHR(mode) || S_ISBLK(mode))
		like.raw_device = device;
	make_and_reply(request, parent, name, &like);
}

void op_mkdir(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct hmfs_template like = { .mode = S_IFDIR | (mode & 07777) };

	make_and_reply(request, parent, name, &like);
}

void op_symlink(fuse_req_t request, const char *target, fuse_ino_t parent, const char *name)
{
	struct hmfs_template like = { .mode = S_IFLNK | 0777, .target = target };

	make_and_reply(request, parent, name, &like);
}

/* What was there already, when it is opened as new. */
static int truncate_made(struct fuse_entry_param *entry)
{
	struct node *node = node_of(entry->ino);
	int error = hmfs_resize(mount_state.hmfs, node->id, 0);

	if (!error)
		return fill_entry(node, entry);
	node_forget(node, 1);
	return error;
}

void op_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
	       struct fuse_file_info *file)
{
	struct hmfs_template like = { .mode = S_IFREG | (mode & 07777) };
	struct fuse_entry_param entry;
	int error = make_entry(request, parent, name, &like, &entry);

	if (made_room(error))
		error = make_entry(request, parent, name, &like, &entry);
	/* Somebody else was first. */
	if (error == -EEXIST && !(file->flags & O_EXCL))
		error = find_entry(node_of(parent), name, &entry);
	if (!error && file->flags & O_TRUNC && entry.attr.st_size)
		error = truncate_made(&entry);
	if (error) {
		reply_result(request, error);
		return;
	}
	set_open_flags(node_of(entry.ino), file);
	fuse_reply_create(request, &entry, file);
}

void op_readlink(fuse_req_t request, fuse_ino_t number)
{
	char target[PATH_MAX];
	ssize_t length =
		hmfs_read_link(mount_state.hmfs, node_of(number)->id, target, sizeof(target) - 1);

	if (length < 0 || length >= (ssize_t)sizeof(target)) {
		reply_result(request, length < 0 ? (int)length : -ENAMETOOLONG);
		return;
	}
	target[length] = 0;
	touch_access(node_of(number));
	fuse_reply_readlink(request, target);
}

/* --- changing --- */

void op_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t parent, const char *name)
{
	struct node *node = node_of(number), *folder = node_of(parent);
	struct fuse_entry_param entry;
	int error = 0;

	memset(&entry, 0, sizeof(entry));
	if (node->kind != NODE_OBJECT || folder->kind != NODE_OBJECT)
		error = -EPERM;
	if (!error)
		error = place_name_allowed(folder->id, name, strlen(name));
	if (!error)
		error = hmfs_link(mount_state.hmfs, folder->id, name, strlen(name), node->id);
	if (!error)
		error = get_entry(NODE_OBJECT, node->id, false, &entry);
	if (error)
		reply_result(request, error);
	else
		fuse_reply_entry(request, &entry);
}

static int remove_fork(struct node *forks, const char *name)
{
	int error =
		hmfs_fork_remove(mount_state.hmfs, forks->id, name, strlen(name), HMFS_FORK_USER);

	if (error == -ENOENT)
		error = hmfs_fork_remove(mount_state.hmfs, forks->id, name, strlen(name),
					 HMFS_FORK_ATTRIBUTE);
	return error;
}

void op_unlink(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct node *folder = node_of(parent);
	int error = -EPERM;

	if (folder->kind == NODE_FORKS)
		error = remove_fork(folder, name);
	else if (folder->kind == NODE_OBJECT)
		error = hmfs_unlink(mount_state.hmfs, folder->id, name, strlen(name));
	if (made_room(error) && folder->kind == NODE_OBJECT)
		error = hmfs_unlink(mount_state.hmfs, folder->id, name, strlen(name));
	reply_result(request, error);
}

void op_rmdir(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct node *folder = node_of(parent);
	struct hmfs_dataset_info info;
	int error = -EPERM;

	if (folder->kind == NODE_SNAPSHOTS) {
		error = hmfs_dataset_find(mount_state.hmfs, name, &info);
		if (!error)
			error = hmfs_snapshot_delete(mount_state.hmfs, info.number);
	} else if (folder->kind == NODE_OBJECT) {
		error = hmfs_unlink(mount_state.hmfs, folder->id, name, strlen(name));
		/* The folder of forks, or of snapshots. */
		if (error == -ENOENT && place_name_allowed(folder->id, name, strlen(name)))
			error = -EBUSY;
	}
	reply_result(request, error);
}

void op_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	       const char *new_name, unsigned flags)
{
	struct node *from = node_of(parent), *to = node_of(new_parent);
	unsigned hmfs_flags = 0;
	int error = 0;

	if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE))
		error = -EINVAL;
	else if (from->kind != NODE_OBJECT || to->kind != NODE_OBJECT)
		error = -EPERM;
	else
		error = place_name_allowed(to->id, new_name, strlen(new_name));
	if (flags & RENAME_NOREPLACE)
		hmfs_flags |= HMFS_RENAME_NO_REPLACE;
	if (flags & RENAME_EXCHANGE)
		hmfs_flags |= HMFS_RENAME_EXCHANGE;
	if (!error)
		error = hmfs_rename(mount_state.hmfs, from->id, name, strlen(name), to->id,
				    new_name, strlen(new_name), hmfs_flags);
	reply_result(request, error);
}
