/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What inodes know of their objects, and changes of that. */
#include <base/errno.h>
#include <time/clock.h>

#include "hmfs_vfs.h"

#define SECTORS_OF_BLOCK (HMFS_BLOCK_SIZE / SECTOR_SIZE)

int hmfs_inode_check_writable(const struct hmfs_inode *inode)
{
	return inode->read_only || (inode->fs->scheme->flags & SCHEME_READ_ONLY) ? -EROFS : 0;
}

/* node.lock is held, or nobody else has it yet. */
static void take(struct hmfs_inode *inode, const struct hmfs_attributes *from, bool fresh)
{
	struct node *node = &inode->node;

	/* Those of forks are their file's: fork.c. */
	if (inode->kind != HMFS_INODE_FORK) {
		node->mode = from->mode;
		node->links = from->links;
		node->uid = from->uid;
		node->gid = from->gid;
	}
	node->raw_device = from->raw_device;
	node->blocks = from->blocks * SECTORS_OF_BLOCK;
	if (node_is(node, MODE_FILE) && !fresh) {
		node->times.change = max_u64(node->times.change, from->change);
		return;
	}
	node->size = from->size;
	node->times = (struct node_times){
		.access = from->access,
		.modify = from->modify,
		.change = from->change,
		.birth = from->birth,
	};
	if (fresh) {
		inode->disk_size = from->size;
		inode->disk_times = node->times;
	}
}

int hmfs_inode_load(struct hmfs_inode *inode, bool fresh)
{
	struct hmfs_attributes attributes;
	int error;

	inode->stale = false;
	error = hmfs_read_attributes(inode->fs->volume, inode->id, &attributes);
	if (error)
		return error;
	/* Whatever damage may have done to it: the operations are those of its type. */
	if (((attributes.mode ^ inode->node.mode) & MODE_TYPE))
		return -EIO;
	take(inode, &attributes, fresh);
	return 0;
}

void hmfs_op_refresh(struct node *node)
{
	struct hmfs_inode *inode = hmfs_inode_of(node);

	if (inode->kind == HMFS_INODE_FORKS || inode->kind == HMFS_INODE_SNAPSHOTS)
		return;
	if (!node_is(node, MODE_FILE) && !inode->stale)
		return;
	mutex_lock(&node->lock);
	if (hmfs_inode_load(inode, false))
		inode->stale = true;
	mutex_unlock(&node->lock);
}

int hmfs_inode_change(struct hmfs_inode *inode, const struct node_changes *changes)
{
	struct node *node = &inode->node;
	struct hmfs_attributes attributes = { 0 };
	unsigned which = HMFS_SET_CHANGE;
	int error;

	attributes.mode = changes->mode;
	attributes.uid = changes->uid;
	attributes.gid = changes->gid;
	attributes.access = changes->access;
	attributes.modify = changes->modify;
	attributes.change = clock_realtime_ns();
	which |= changes->which & CHANGE_MODE ? HMFS_SET_MODE : 0;
	which |= changes->which & CHANGE_UID ? HMFS_SET_UID : 0;
	which |= changes->which & CHANGE_GID ? HMFS_SET_GID : 0;
	which |= changes->which & CHANGE_ACCESS ? HMFS_SET_ACCESS : 0;
	which |= changes->which & CHANGE_MODIFY ? HMFS_SET_MODIFY : 0;
	error = hmfs_inode_check_writable(inode);
	if (error)
		return error;
	/* Who stores times that were read before would store them over these. */
	mutex_lock(&inode->size_lock);
	error = hmfs_set_attributes(inode->fs->volume, inode->id, which, &attributes);
	if (!error) {
		node_store_changes(node, changes);
		if (changes->which & CHANGE_ACCESS)
			inode->disk_times.access = changes->access;
		if (changes->which & CHANGE_MODIFY)
			inode->disk_times.modify = changes->modify;
	}
	mutex_unlock(&inode->size_lock);
	if (error)
		return error;
	if (changes->which & (CHANGE_MODE | CHANGE_UID | CHANGE_GID))
		hmfs_forks_note_change(inode);
	return 0;
}

int hmfs_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct hmfs_inode *inode = hmfs_inode_of(node);

	if (changes->which & CHANGE_SIZE)
		return node_is(node, MODE_DIRECTORY) ? -EISDIR : -EINVAL;
	if (inode->kind != HMFS_INODE_OBJECT)
		return -EPERM;
	return hmfs_inode_change(inode, changes);
}

int hmfs_op_open(struct node *node, struct file *file)
{
	return file->writable && !(file->flags & FILE_PATH)
		       ? hmfs_inode_check_writable(hmfs_inode_of(node))
		       : 0;
}
