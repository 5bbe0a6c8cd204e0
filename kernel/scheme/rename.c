/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renaming. Two directories are locked the upper one first, or by address where neither is
 * above the other; which it is cannot change while rename_lock is held, as only renames move
 * directories. The victim, a child of the second directory, is locked last.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "change_priv.h"
#include "dentry_priv.h"
#include "node_priv.h"
#include "opaque_priv.h"
#include "walk_priv.h"

enum rename_flags {
	RENAME_NO_REPLACE = 1,
	RENAME_EXCHANGE = 2,
};

struct rename {
	struct walk from, to;
	unsigned flags;
	struct dentry *moved;    /* a reference */
	struct dentry *wanted;   /* that `moved` must be; NULL: whatever has the name */
	struct dentry *replaced; /* a reference, or NULL: there is nothing of the new name */
};

static struct mutex rename_lock; /* RANK_RENAME: moves from one directory to another */

void rename_init(void)
{
	mutex_init(&rename_lock, RANK_RENAME, "rename");
}

static void lock_directories(struct dentry *from, struct dentry *to)
{
	bool to_first;

	if (from->node == to->node) {
		directory_lock(from->node);
		return;
	}
	mutex_lock(&rename_lock);
	if (dentry_is_ancestor(to, from))
		to_first = true;
	else if (dentry_is_ancestor(from, to))
		to_first = false;
	else
		to_first = to->node < from->node;
	mutex_lock(to_first ? &to->node->directory_lock : &from->node->directory_lock);
	mutex_lock_nested(to_first ? &from->node->directory_lock : &to->node->directory_lock);
}

static void unlock_directories(struct dentry *from, struct dentry *to)
{
	if (from->node == to->node) {
		directory_unlock(from->node);
		return;
	}
	mutex_unlock(&to->node->directory_lock);
	mutex_unlock(&from->node->directory_lock);
	mutex_unlock(&rename_lock);
}

static int check_lasts(const struct rename *rename)
{
	if (rename->from.at->node->scheme != rename->to.at->node->scheme)
		return -EXDEV;
	if (rename->from.kind != LAST_NAME)
		return -EBUSY;
	if (rename->to.kind != LAST_NAME)
		return rename->flags & RENAME_NO_REPLACE ? -EEXIST : -EBUSY;
	return node_read_only(rename->from.at->node) ? -EROFS : 0;
}

/* The new name is the old one, which is spelt otherwise in the cache. */
static bool is_other_spelling(const struct rename *rename)
{
	const struct walk *to = &rename->to;

	return rename->to.at->node->ops->name_of && !(rename->flags & RENAME_EXCHANGE) &&
	       (rename->moved->name_length != to->length ||
		memcmp(rename->moved->name, to->name, to->length) != 0);
}

/* Finds what both names mean. */
static int look_up_both(struct rename *rename)
{
	struct walk *from = &rename->from, *to = &rename->to;
	int error = dentry_look_up_locked(from->at, from->name, from->length, &rename->moved);

	if (error)
		return error;
	if (rename->wanted && rename->wanted != rename->moved)
		return -ESTALE;
	error = dentry_look_up_locked(to->at, to->name, to->length, &rename->replaced);
	/* Another spelling of the same name replaces nothing. */
	if (!error && rename->replaced == rename->moved && is_other_spelling(rename)) {
		dentry_put(rename->replaced);
		rename->replaced = NULL;
	} else if (!error && (rename->flags & RENAME_NO_REPLACE)) {
		return -EEXIST;
	}
	if (error == -ENOENT && !(rename->flags & RENAME_EXCHANGE))
		return 0;
	return error;
}

/* What path and place of the two forbid, whoever asks. */
static int check_places(const struct rename *rename)
{
	bool exchange = rename->flags & RENAME_EXCHANGE;

	if (exchange && !node_is(rename->replaced->node, MODE_DIRECTORY) && rename->to.slash)
		return -ENOTDIR;
	if (!node_is(rename->moved->node, MODE_DIRECTORY) &&
	    (rename->from.slash || (!exchange && rename->to.slash)))
		return -ENOTDIR;
	/* A directory cannot move into itself, nor take the place of one that it is in. */
	if (dentry_is_ancestor(rename->moved, rename->to.at))
		return -EINVAL;
	if (rename->replaced && dentry_is_ancestor(rename->replaced, rename->from.at))
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* Directories carry the name of the one above: moving them changes them. */
static int check_moved_directory(const struct dentry *moved, const struct credentials *credentials)
{
	return node_is(moved->node, MODE_DIRECTORY) ? node_permission(moved->node, credentials, 2)
						    : 0;
}

static int check_permissions(const struct rename *rename)
{
	const struct credentials *credentials = rename->from.walker->credentials;
	const struct dentry *from = rename->from.at, *to = rename->to.at;
	const struct dentry *moved = rename->moved, *replaced = rename->replaced;
	bool is_directory = node_is(moved->node, MODE_DIRECTORY);
	bool exchange = rename->flags & RENAME_EXCHANGE;
	int error = directory_may_remove(from, moved, is_directory, credentials);

	if (error)
		return error;
	if (!replaced)
		error = directory_may_add(to, credentials);
	else if (exchange)
		error = directory_may_remove(to, replaced, node_is(replaced->node, MODE_DIRECTORY),
					     credentials);
	else
		error = directory_may_remove(to, replaced, is_directory, credentials);
	if (!error && from->node != to->node)
		error = check_moved_directory(moved, credentials);
	if (!error && from->node != to->node && exchange)
		error = check_moved_directory(replaced, credentials);
	return error;
}

/* Has the provider do it, and follows with the dentries. The victim's lock is held. */
static int commit(struct rename *rename)
{
	struct walk *from = &rename->from, *to = &rename->to;
	struct node *replaced = rename->replaced ? rename->replaced->node : NULL;
	bool exchange = rename->flags & RENAME_EXCHANGE;
	/* A name that is replaced stays as it is spelt. */
	const char *new_name = rename->replaced ? rename->replaced->name : to->name;
	size_t length = rename->replaced ? rename->replaced->name_length : to->length;
	char *name = NULL;
	int error;

	if (!from->at->node->ops->rename)
		return -EPERM;
	if (!exchange) {
		name = kmalloc(length + 1);
		if (!name)
			return -ENOMEM;
		memcpy(name, new_name, length);
		name[length] = '\0';
	}
	error = from->at->node->ops->rename(from->at->node, from->name, from->length,
					    rename->moved->node, to->at->node, to->name, to->length,
					    replaced, exchange);
	if (!error && exchange)
		dentry_exchange(rename->moved, rename->replaced);
	else if (!error)
		name = dentry_move(rename->moved, to->at, name, length, rename->replaced);
	kfree(name);
	return error;
}

static int commit_locked(struct rename *rename)
{
	struct dentry *replaced = rename->replaced;
	int error;

	if (dentry_is_mount_point(rename->moved))
		return -EBUSY;
	if (!replaced)
		return commit(rename);
	mutex_lock_nested(&replaced->node->directory_lock);
	error = dentry_is_mount_point(replaced) ? -EBUSY : commit(rename);
	mutex_unlock(&replaced->node->directory_lock);
	return error;
}

static int rename_locked(struct rename *rename)
{
	int error = look_up_both(rename);

	if (!error)
		error = check_places(rename);
	if (error)
		return error;
	/* Two names of one file: nothing is to be done, says POSIX. */
	if (rename->replaced && rename->replaced->node == rename->moved->node)
		return 0;
	error = check_permissions(rename);
	return error ? error : commit_locked(rename);
}

/* `from` was walked already. */
static int rename_to_walk(struct rename *rename)
{
	struct dentry *from, *to;
	int error = walk_parent(&rename->to);

	if (!error)
		error = check_lasts(rename);
	if (error)
		return error;
	if (node_is_opaque(rename->from.at->node))
		return rename->flags ? -EINVAL : opaque_rename(&rename->from, &rename->to);
	from = rename->from.at;
	to = rename->to.at;
	lock_directories(from, to);
	error = rename_locked(rename);
	unlock_directories(from, to);
	dentry_put(rename->moved);
	dentry_put(rename->replaced);
	return error;
}

int path_rename(const struct walker *walker, struct dentry *from_start, const char *from,
		struct dentry *to_start, const char *to, unsigned flags)
{
	struct rename rename = { .flags = flags };
	int error;

	if ((flags & ~(unsigned)(RENAME_NO_REPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NO_REPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	error = walk_start(&rename.from, walker, from_start, from);
	if (error)
		return error;
	error = walk_start(&rename.to, walker, to_start, to);
	if (!error) {
		error = walk_parent(&rename.from);
		if (!error)
			error = rename_to_walk(&rename);
		walk_end(&rename.to);
	}
	walk_end(&rename.from);
	return error;
}

/* Tries it with the name that the dentry has now. -ESTALE: it got another meanwhile. */
static int rename_named(const struct walker *walker, struct dentry *moved, const char *to)
{
	struct rename rename = { .wanted = moved };
	struct walk *from = &rename.from;
	char *name;
	int error;

	*from = (struct walk){ .walker = walker, .kind = LAST_NAME, .at_counted = true };
	error = dentry_copy_place(moved, &from->at, &name, &from->length);
	if (error)
		return error;
	/* Names that are made up on the fly are never found again as the same ones. */
	if (from->at->node->flags & NODE_NO_CACHE) {
		walk_end(from);
		kfree(name);
		return -EPERM;
	}
	from->name = name;
	error = walk_start(&rename.to, walker, NULL, to);
	if (!error) {
		error = rename_to_walk(&rename);
		walk_end(&rename.to);
	}
	walk_end(from);
	kfree(name);
	return error;
}

int path_rename_dentry(const struct walker *walker, struct dentry *moved, const char *to)
{
	int error;

	do
		error = rename_named(walker, moved, to);
	while (error == -ESTALE);
	return error;
}
