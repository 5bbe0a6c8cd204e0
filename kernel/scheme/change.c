/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding names and taking them away: mkdir, mknod, symlink, link, unlink, rmdir. */
#include "change_priv.h"

#include <base/errno.h>

#include "dentry_priv.h"
#include "node_priv.h"
#include "opaque_priv.h"
#include "walk_priv.h"

void directory_lock(struct node *directory)
{
	if (!(directory->flags & NODE_NO_CACHE))
		mutex_lock(&directory->directory_lock);
}

void directory_unlock(struct node *directory)
{
	if (!(directory->flags & NODE_NO_CACHE))
		mutex_unlock(&directory->directory_lock);
}

int directory_may_add(const struct dentry *directory, const struct credentials *credentials)
{
	if (directory->removed)
		return -ENOENT;
	return node_permission(directory->node, credentials, 3);
}

/* In a directory with the sticky bit only owners remove. */
static bool sticky_forbids(const struct node *directory, const struct node *victim,
			   const struct credentials *credentials)
{
	return (directory->mode & MODE_STICKY) && credentials->fsuid != victim->uid &&
	       credentials->fsuid != directory->uid && !credentials_privileged(credentials);
}

int directory_may_remove(const struct dentry *directory, const struct dentry *victim,
			 bool as_directory, const struct credentials *credentials)
{
	int error = node_permission(directory->node, credentials, 3);

	if (error)
		return error;
	if (sticky_forbids(directory->node, victim->node, credentials))
		return -EPERM;
	if (as_directory && !node_is(victim->node, MODE_DIRECTORY))
		return -ENOTDIR;
	if (!as_directory && node_is(victim->node, MODE_DIRECTORY))
		return -EISDIR;
	return directory->removed ? -ENOENT : 0;
}

struct node_template template_inherit(const struct node_template *like,
				      const struct node *directory,
				      const struct credentials *credentials)
{
	struct node_template result = *like;

	result.uid = credentials->fsuid;
	result.gid = credentials->fsgid;
	if (!(directory->mode & MODE_SETGID))
		return result;
	result.gid = directory->gid;
	if ((result.mode & MODE_TYPE) == MODE_DIRECTORY)
		result.mode |= MODE_SETGID;
	else if ((result.mode & 0010) && !credentials_privileged(credentials) &&
		 !credentials_in_group(credentials, result.gid))
		result.mode &= ~(uint32_t)MODE_SETGID;
	return result;
}

int directory_make(struct dentry *directory, const char *name, size_t length,
		   const struct node_template *like, const struct credentials *credentials,
		   int no_operation, struct dentry **made)
{
	struct node *parent = directory->node;
	struct node_template template = template_inherit(like, parent, credentials);
	struct dentry *dentry;
	struct node *node;
	int error;

	if (!parent->ops->create)
		return no_operation;
	dentry = dentry_allocate(name, length);
	if (!dentry)
		return -ENOMEM;
	error = parent->ops->create(parent, name, length, &template, &node);
	if (error) {
		dentry_discard(dentry);
		return error;
	}
	dentry_attach(dentry, directory, node, !(parent->flags & NODE_NO_CACHE));
	*made = dentry;
	return 0;
}

/* --- Making. --- */

/* Checks that the last part of `walk` can become a new name. The directory's lock is held. */
static int check_absent(struct walk *walk, bool makes_directory)
{
	struct dentry *existing;
	int error = dentry_look_up_locked(walk->at, walk->name, walk->length, &existing);

	if (!error) {
		dentry_put(existing);
		return -EEXIST;
	}
	if (error != -ENOENT)
		return error;
	return walk->slash && !makes_directory ? -ENOENT : 0;
}

static int check_kind(const struct node_template *like, const struct credentials *credentials)
{
	switch (like->mode & MODE_TYPE) {
	case MODE_CHARACTER:
	case MODE_BLOCK:
		return credentials_privileged(credentials) ? 0 : -EPERM;
	case MODE_SYMLINK:
		return like->target[0] ? 0 : -ENOENT;
	case MODE_FILE:
	case MODE_DIRECTORY:
	case MODE_FIFO:
	case MODE_SOCKET:
		return 0;
	default:
		return -EINVAL;
	}
}

static int make_last(struct walk *walk, const struct node_template *like)
{
	const struct credentials *credentials = walk->walker->credentials;
	bool makes_directory = (like->mode & MODE_TYPE) == MODE_DIRECTORY;
	struct dentry *made;
	int error;

	if (walk->kind != LAST_NAME)
		return -EEXIST;
	if (node_is_opaque(walk->at->node))
		return opaque_make(walk, like);
	directory_lock(walk->at->node);
	error = check_absent(walk, makes_directory);
	if (!error)
		error = directory_may_add(walk->at, credentials);
	if (!error)
		error = check_kind(like, credentials);
	if (!error)
		error = directory_make(walk->at, walk->name, walk->length, like, credentials,
				       -EPERM, &made);
	directory_unlock(walk->at->node);
	if (!error)
		dentry_put(made);
	return error;
}

int path_make(const struct walker *walker, struct dentry *start, const char *path,
	      const struct node_template *like)
{
	struct walk walk;
	int error = walk_start(&walk, walker, start, path);

	if (error)
		return error;
	error = walk_parent(&walk);
	if (!error)
		error = make_last(&walk, like);
	walk_end(&walk);
	return error;
}

static int link_locked(struct walk *walk, struct dentry *target)
{
	struct node *directory = walk->at->node;
	int error = directory_may_add(walk->at, walk->walker->credentials);
	struct dentry *dentry;

	if (error)
		return error;
	if (!directory->ops->link || node_is(target->node, MODE_DIRECTORY))
		return -EPERM;
	dentry = dentry_allocate(walk->name, walk->length);
	if (!dentry)
		return -ENOMEM;
	error = directory->ops->link(directory, walk->name, walk->length, target->node);
	if (error) {
		dentry_discard(dentry);
		return error;
	}
	node_get(target->node);
	dentry_attach(dentry, walk->at, target->node, !(directory->flags & NODE_NO_CACHE));
	dentry_put(dentry);
	return 0;
}

static int link_last(struct walk *walk, struct dentry *target)
{
	int error;

	if (walk->kind != LAST_NAME)
		return -EEXIST;
	if (node_is_opaque(walk->at->node))
		return walk->at->node->scheme == target->node->scheme ? -EPERM : -EXDEV;
	directory_lock(walk->at->node);
	error = check_absent(walk, false);
	if (!error && (walk->at->node->scheme != target->node->scheme || !target->node->scheme))
		error = -EXDEV;
	if (!error)
		error = link_locked(walk, target);
	directory_unlock(walk->at->node);
	return error;
}

int path_link(const struct walker *walker, struct dentry *target, struct dentry *start,
	      const char *path)
{
	struct walk walk;
	int error = walk_start(&walk, walker, start, path);

	if (error)
		return error;
	error = walk_parent(&walk);
	if (!error)
		error = link_last(&walk, target);
	walk_end(&walk);
	return error;
}

/* --- Removing. --- */

static int unlink_locked(struct walk *walk, struct dentry *victim, bool as_directory)
{
	struct node *directory = walk->at->node;
	int error = directory_may_remove(walk->at, victim, as_directory, walk->walker->credentials);

	if (error)
		return error;
	mutex_lock_nested(&victim->node->directory_lock);
	if (dentry_is_mount_point(victim))
		error = -EBUSY;
	else if (!directory->ops->unlink)
		error = -EPERM;
	else
		error = directory->ops->unlink(directory, walk->name, walk->length, victim->node);
	if (!error)
		dentry_remove(victim);
	mutex_unlock(&victim->node->directory_lock);
	return error;
}

/* Why the last part of a path cannot be removed, whatever is there. */
static int check_last(const struct walk *walk, bool as_directory)
{
	if (walk->kind != LAST_NAME && !as_directory)
		return -EISDIR;
	switch (walk->kind) {
	case LAST_DOT:
		return -EINVAL;
	case LAST_DOT_DOT:
		return -ENOTEMPTY;
	case LAST_ROOT:
		return -EBUSY;
	case LAST_NAME:
		break;
	}
	return node_read_only(walk->at->node) ? -EROFS : 0;
}

static int unlink_last(struct walk *walk, bool as_directory)
{
	struct node *directory = walk->at->node;
	struct dentry *victim = NULL;
	int error = check_last(walk, as_directory);

	if (error)
		return error;
	if (node_is_opaque(directory))
		return opaque_remove(walk, as_directory);
	directory_lock(directory);
	error = dentry_look_up_locked(walk->at, walk->name, walk->length, &victim);
	if (!error && walk->slash && !as_directory)
		error = node_is(victim->node, MODE_DIRECTORY) ? -EISDIR : -ENOTDIR;
	if (!error)
		error = unlink_locked(walk, victim, as_directory);
	directory_unlock(directory);
	dentry_put(victim);
	return error;
}

int path_unlink(const struct walker *walker, struct dentry *start, const char *path, bool directory)
{
	struct walk walk;
	int error = walk_start(&walk, walker, start, path);

	if (error)
		return error;
	error = walk_parent(&walk);
	if (!error)
		error = unlink_last(&walk, directory);
	walk_end(&walk);
	return error;
}
