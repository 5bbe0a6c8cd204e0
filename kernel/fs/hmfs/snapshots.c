/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory .snapshots in the root of a mounted volume: all its datasets but the one that is
 * mounted, by name. It is not listed in the root. Making a directory in it makes a snapshot, and
 * removing one deletes that.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>

#include "hmfs_vfs.h"

#define ROUNDS 3

static int find(struct hmfs_vfs *fs, const char *name, size_t length,
		struct hmfs_dataset_info *info)
{
	char text[HMFS_NAME_MAX + 1];

	if (length > HMFS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(text, name, length);
	text[length] = '\0';
	return hmfs_dataset_find(fs->volume, text, info);
}

static int snapshots_op_lookup(struct node *node, const char *name, size_t length,
			       struct node **found)
{
	struct hmfs_vfs *fs = hmfs_inode_of(node)->fs;
	struct hmfs_dataset_info *info = kmalloc(sizeof(*info));
	struct hmfs_inode *root;
	int error;

	if (!info)
		return -ENOMEM;
	error = find(fs, name, length, info);
	if (!error) {
		const struct hmfs_id id = { info->number, HMFS_ROOT_OBJECT };

		error = hmfs_inode_get(fs, id, &root);
	}
	kfree(info);
	if (error)
		return error;
	if (node_is(&root->node, MODE_DIRECTORY)) {
		*found = &root->node;
		return 0;
	}
	node_put(&root->node);
	return -EIO;
}

int hmfs_snapshot_make(struct hmfs_vfs *fs, uint32_t of, const char *name, bool writable,
		       uint32_t *number)
{
	int error = hmfs_vfs_sync(fs);

	if (!error)
		error = hmfs_snapshot(fs->volume, of, name, writable, number);
	return error;
}

/* Names that were used lately keep what they mean: they go, and what nobody else uses. */
static int let_go_of(struct hmfs_vfs *fs, uint32_t number, struct hmfs_inode *root)
{
	dentry_forget_below(fs->scheme->root);
	/* Directories of forks hold what they are of, which goes when they are reaped. */
	for (unsigned i = 0; i < ROUNDS && hmfs_inodes_use(fs, number, root); i++) {
		hmfs_inodes_trim(fs, true, number);
		hmfs_inodes_reap(fs);
	}
	if (hmfs_inodes_use(fs, number, root))
		return -EBUSY;
	if (root) {
		hmfs_inode_forget(root);
		hmfs_object_let_go(fs->volume, root->id);
		root->is_held = false;
	}
	hmfs_inodes_reap(fs);
	return 0;
}

int hmfs_snapshot_remove(struct hmfs_vfs *fs, const char *name, struct hmfs_inode *root)
{
	struct hmfs_dataset_info *info = kmalloc(sizeof(*info));
	uint32_t number;
	int error;

	if (!info)
		return -ENOMEM;
	error = hmfs_dataset_find(fs->volume, name, info);
	number = info->number;
	kfree(info);
	if (error)
		return error;
	if (number == HMFS_DATASET_LIVE || number == fs->root->id.dataset)
		return -EBUSY;
	error = let_go_of(fs, number, root);
	if (!error)
		error = hmfs_snapshot_delete(fs->volume, number);
	fs->freed = true;
	hmfs_vfs_wake(fs);
	return error;
}

static int copy_name(char *text, const char *name, size_t length)
{
	if (length > HMFS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(text, name, length);
	text[length] = '\0';
	return 0;
}

static int snapshots_op_create(struct node *node, const char *name, size_t length,
			       const struct node_template *like, struct node **made)
{
	struct hmfs_vfs *fs = hmfs_inode_of(node)->fs;
	char text[HMFS_NAME_MAX + 1];
	uint32_t number;
	int error = copy_name(text, name, length);

	if ((like->mode & MODE_TYPE) != MODE_DIRECTORY)
		return -EPERM;
	if (!error)
		error = hmfs_snapshot_make(fs, fs->root->id.dataset, text, false, &number);
	return error ? error : snapshots_op_lookup(node, name, length, made);
}

static int snapshots_op_unlink(struct node *node, const char *name, size_t length,
			       struct node *target)
{
	struct hmfs_vfs *fs = hmfs_inode_of(node)->fs;
	char text[HMFS_NAME_MAX + 1];
	int error = copy_name(text, name, length);

	return error ? error : hmfs_snapshot_remove(fs, text, hmfs_inode_of(target));
}

static int snapshots_op_list(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct hmfs_vfs *fs = hmfs_inode_of(file->node)->fs;
	struct hmfs_dataset_info *info = kmalloc(sizeof(*info));
	int error = info ? 0 : -ENOMEM;

	while (!error && *cookie <= UINT32_MAX) {
		struct hmfs_id root = { 0, HMFS_ROOT_OBJECT };

		error = hmfs_dataset_next(fs->volume, (uint32_t)*cookie, info);
		if (error)
			break;
		root.dataset = info->number;
		if (info->name[0] && info->number != fs->root->id.dataset &&
		    !sink->entry(sink, info->name, strlen(info->name), hmfs_inode_number(root),
				 MODE_DIRECTORY, (uint64_t)info->number + 1))
			break;
		*cookie = (uint64_t)info->number + 1;
	}
	kfree(info);
	return error == -ENOENT ? 0 : error;
}

static int snapshots_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	(void)node;
	return changes->which & CHANGE_SIZE ? -EISDIR : -EPERM;
}

const struct node_ops hmfs_snapshots_ops = {
	.lookup = snapshots_op_lookup,
	.create = snapshots_op_create,
	.unlink = snapshots_op_unlink,
	.set_attributes = snapshots_op_set_attributes,
	.release = hmfs_inode_op_release,
	.read_directory = snapshots_op_list,
	.control = hmfs_op_control,
};
