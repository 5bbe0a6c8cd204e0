/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forks: FILE/..namedfork is a directory that has those of a file or directory, each a file of its
 * own. The attribute user.NAME is the fork NAME.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/extended.h>
#include <scheme/file.h>

#include "hmfs_vfs.h"

#define USER_PREFIX "user."
#define PREFIX_SIZE 5u

/* --- Permissions: those of the file. --- */

/* Of directories in which all may write, only the owner changes forks, as with attributes. */
static uint32_t mode_of_fork(const struct node *owner)
{
	uint32_t mode = owner->mode & 0666;

	if (node_is(owner, MODE_DIRECTORY) && (owner->mode & MODE_STICKY))
		mode &= ~(uint32_t)0022;
	return mode;
}

/* Who may read the file may search its forks. */
static uint32_t mode_of_forks(uint32_t mode)
{
	return MODE_DIRECTORY | mode | (mode & 0444) >> 2;
}

static void take_owner(struct hmfs_inode *to, const struct node *from)
{
	to->node.uid = from->uid;
	to->node.gid = from->gid;
	to->node.mode = to->kind == HMFS_INODE_FORKS ? mode_of_forks(mode_of_fork(from))
						     : MODE_FILE | mode_of_fork(from);
}

void hmfs_forks_note_change(struct hmfs_inode *inode)
{
	struct hmfs_inode *forks;

	if (inode->kind != HMFS_INODE_OBJECT)
		return;
	forks = hmfs_inode_find(inode->fs, inode->node.number | HMFS_NUMBER_FORKS);
	if (!forks)
		return;
	take_owner(forks, &inode->node);
	node_put(&forks->node);
}

/* --- FILE/..namedfork --- */

int hmfs_op_lookup_fork(struct node *node, const char *name, size_t length, struct node **found)
{
	struct hmfs_inode *inode = hmfs_inode_of(node), *forks;
	int error;

	if (inode->kind != HMFS_INODE_OBJECT)
		return -ENOTDIR;
	if (!hmfs_name_is(name, length, HMFS_FORKS_NAME))
		return -ENOENT;
	error = hmfs_inode_get_forks(inode, &forks);
	if (!error)
		*found = &forks->node;
	return error;
}

/* Those that the volume makes of the contents when they are asked for. */
static bool is_computed(const char *name, size_t length)
{
	return hmfs_name_is(name, length, "mime") || hmfs_name_is(name, length, "checksum");
}

/* What a computed fork is about to tell of must be written. */
static int prepare_computed(struct hmfs_inode *owner, const char *name, size_t length)
{
	if (!is_computed(name, length) || hmfs_inode_check_writable(owner))
		return 0;
	return hmfs_inode_write(owner);
}

/* The fork has other contents now, of which the pages know nothing. */
static void forget_contents(struct hmfs_inode *fork)
{
	struct hmfs_attributes attributes;

	mutex_lock_nested(&fork->node.lock);
	page_cache_drop(&fork->cache, 0, UINT64_MAX, true);
	if (!hmfs_read_attributes(fork->fs->volume, fork->id, &attributes) &&
	    !page_cache_resize(&fork->cache, attributes.size)) {
		__atomic_store_n(&fork->node.size, attributes.size, __ATOMIC_RELAXED);
		mutex_lock(&fork->size_lock);
		fork->disk_size = attributes.size;
		mutex_unlock(&fork->size_lock);
		page_cache_drop(&fork->cache, 0, UINT64_MAX, true);
	}
	hmfs_file_settle(fork);
	mutex_unlock(&fork->node.lock);
}

static int open_fork(struct hmfs_inode *owner, const char *name, size_t length, bool create,
		     struct hmfs_inode **result)
{
	struct hmfs_volume *volume = owner->fs->volume;
	struct hmfs_id id;
	int error = prepare_computed(owner, name, length);

	if (!error)
		error = hmfs_fork_open(volume, owner->id, name, length, HMFS_FORK_USER, create,
				       &id);
	if (error < 0)
		return error;
	if (error == 1)
		owner->stale = true;
	error = hmfs_inode_adopt(owner->fs, id, true, result);
	if (error)
		return error;
	if ((*result)->kind != HMFS_INODE_FORK || !(*result)->node.object) {
		node_put(&(*result)->node);
		return -EIO;
	}
	take_owner(*result, &owner->node);
	if (is_computed(name, length))
		forget_contents(*result);
	return 0;
}

static int forks_op_lookup(struct node *node, const char *name, size_t length, struct node **found)
{
	struct hmfs_inode *fork;
	int error = open_fork(hmfs_inode_of(node)->owner, name, length, false, &fork);

	if (!error)
		*found = &fork->node;
	return error;
}

static int forks_op_create(struct node *node, const char *name, size_t length,
			   const struct node_template *like, struct node **made)
{
	struct hmfs_inode *forks = hmfs_inode_of(node), *fork;
	int error = hmfs_inode_check_writable(forks);

	if ((like->mode & MODE_TYPE) != MODE_FILE)
		return -EPERM;
	if (!error)
		error = open_fork(forks->owner, name, length, true, &fork);
	if (!error)
		*made = &fork->node;
	return error;
}

static int forks_op_unlink(struct node *node, const char *name, size_t length, struct node *target)
{
	struct hmfs_inode *forks = hmfs_inode_of(node), *fork = hmfs_inode_of(target);
	struct hmfs_volume *volume = forks->fs->volume;
	int error = hmfs_inode_check_writable(forks);

	if (error)
		return error;
	error = hmfs_fork_remove(volume, forks->id, name, length, HMFS_FORK_USER);
	if (error)
		return error;
	forks->owner->stale = true;
	forks->fs->freed = true;
	target->links = 0;
	hmfs_inode_forget(fork);
	return 0;
}

static int forks_op_list(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	return hmfs_list_names(hmfs_inode_of(file->node), hmfs_fork_list, true, cookie, sink);
}

static int forks_op_sync(struct file *file, bool data_only)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);

	(void)data_only;
	return hmfs_inode_check_writable(inode) ? 0 : hmfs_sync(inode->fs->volume);
}

static int forks_op_set_attributes(struct node *node, const struct node_changes *changes)
{
	(void)node;
	return changes->which & CHANGE_SIZE ? -EISDIR : -EPERM;
}

const struct node_ops hmfs_forks_ops = {
	.lookup = forks_op_lookup,
	.create = forks_op_create,
	.unlink = forks_op_unlink,
	.set_attributes = forks_op_set_attributes,
	.release = hmfs_inode_op_release,
	.read_directory = forks_op_list,
	.control = hmfs_op_control,
	.sync = forks_op_sync,
};

/* --- Extended attributes. --- */

/* Which fork an attribute is; *name becomes that. */
static uint8_t fork_of_attribute(const char **name)
{
	if (strncmp(*name, USER_PREFIX, PREFIX_SIZE) != 0)
		return HMFS_FORK_ATTRIBUTE;
	*name += PREFIX_SIZE;
	return HMFS_FORK_USER;
}

/* The inode of a fork that somebody used as a file, with a reference, or NULL. */
static struct hmfs_inode *find_used(struct hmfs_inode *owner, const char *name, uint8_t type)
{
	struct hmfs_inode *fork;
	struct hmfs_id id;

	if (type != HMFS_FORK_USER || !owner->fs->fork_count)
		return NULL;
	if (hmfs_fork_open(owner->fs->volume, owner->id, name, strlen(name), type, false, &id) < 0)
		return NULL;
	fork = hmfs_inode_find(owner->fs, hmfs_inode_number(id));
	hmfs_object_let_go(owner->fs->volume, id);
	return fork;
}

ssize_t hmfs_op_get_extended(struct node *node, const char *name, void *value, size_t size)
{
	struct hmfs_inode *inode = hmfs_inode_of(node), *fork;
	uint8_t type = fork_of_attribute(&name);

	if (inode->kind != HMFS_INODE_OBJECT)
		return -ENODATA;
	/* node.lock is held, which writing pages does not take. */
	if (type == HMFS_FORK_USER) {
		int error = prepare_computed(inode, name, strlen(name));

		if (error)
			return error;
	}
	fork = find_used(inode, name, type);
	if (fork) {
		int error = hmfs_inode_check_writable(fork) ? 0 : hmfs_inode_write(fork);

		node_put(&fork->node);
		if (error)
			return error;
	}
	return hmfs_fork_get(inode->fs->volume, inode->id, name, strlen(name), type, value, size);
}

int hmfs_op_set_extended(struct node *node, const char *name, const void *value, size_t size,
			 unsigned flags)
{
	struct hmfs_inode *inode = hmfs_inode_of(node), *fork;
	uint8_t type = fork_of_attribute(&name);
	int error = hmfs_inode_check_writable(inode);

	if (inode->kind != HMFS_INODE_OBJECT)
		return -EOPNOTSUPP;
	if (error)
		return error;
	fork = find_used(inode, name, type);
	/* What is on its way there must not come after the new value. */
	if (fork)
		error = hmfs_inode_write(fork);
	if (!error)
		error = hmfs_fork_set(inode->fs->volume, inode->id, name, strlen(name), type, value,
				      size, flags);
	if (error == -ENOSPC && hmfs_vfs_make_room(inode->fs))
		error = hmfs_fork_set(inode->fs->volume, inode->id, name, strlen(name), type, value,
				      size, flags);
	if (fork) {
		if (!error && value)
			forget_contents(fork);
		else if (!error)
			hmfs_inode_forget(fork);
		node_put(&fork->node);
	}
	return error;
}

/* Names for listxattr(2), as far as there is room. */
struct names {
	char *to;
	size_t size, used;
};

static bool add_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		     uint64_t next_cookie)
{
	struct names *names = context;
	size_t prefix = type == HMFS_FORK_USER ? PREFIX_SIZE : 0;

	(void)object;
	(void)next_cookie;
	if (type != HMFS_FORK_USER && type != HMFS_FORK_ATTRIBUTE)
		return true;
	if (names->size - names->used < prefix + length + 1)
		return false;
	memcpy(names->to + names->used, USER_PREFIX, prefix);
	memcpy(names->to + names->used + prefix, name, length);
	names->used += prefix + length;
	names->to[names->used++] = '\0';
	return true;
}

ssize_t hmfs_op_list_extended(struct node *node, char *buffer, size_t size)
{
	struct hmfs_inode *inode = hmfs_inode_of(node);
	struct names names = { .to = buffer, .size = size };
	uint64_t cookie = 0;
	int error;

	if (inode->kind != HMFS_INODE_OBJECT)
		return 0;
	error = hmfs_fork_list(inode->fs->volume, inode->id, &cookie, add_name, &names);
	return error ? error : (ssize_t)names.used;
}
