/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening by path, by Linux's rules or Redox's. In Redox's, a file that is opened neither for
 * reading nor for writing may be anybody's and is open as a name only; O_CREAT opens a directory
 * that is there, and makes one with O_DIRECTORY, or a symbolic link with FILE_LINK.
 */
#include <base/errno.h>
#include <base/format.h>

#include "change_priv.h"
#include "dentry_priv.h"
#include "node_priv.h"
#include "opaque_priv.h"
#include "walk_priv.h"

struct opening {
	struct walk walk;
	unsigned flags; /* enum file_flags */
	uint32_t mode;  /* of a file that is made */
	bool made;
	struct dentry *found; /* a reference */
	struct file *opened;  /* a reference: it is open already, and `found` NULL */
};

static bool by_redox(const struct opening *opening)
{
	return opening->walk.walker->redox;
}

/* What the flags want of the file: bits as of node_permission(). */
static unsigned wanted_access(const struct opening *opening)
{
	unsigned flags = opening->flags, want = 0;

	switch (flags & FILE_ACCESS) {
	case FILE_READ_ONLY:
		want = 4;
		break;
	case FILE_WRITE_ONLY:
		want = 2;
		break;
	case FILE_READ_WRITE:
		want = 6;
		break;
	default: /* neither reading nor writing; Linux has it for ioctls, and asks for both */
		want = by_redox(opening) ? 0 : 6;
		break;
	}
	return flags & FILE_TRUNCATE ? want | 2 : want;
}

/* Drops what has no meaning together, and refuses what contradicts itself. */
static int check_flags(unsigned *flags, bool redox)
{
	if (*flags & FILE_PATH)
		*flags &= FILE_PATH | FILE_DIRECTORY | FILE_NO_FOLLOW | FILE_CLOSE_ON_EXEC;
	if (*flags & FILE_TEMPORARY) {
		if (!(*flags & FILE_DIRECTORY) || (*flags & FILE_CREATE) ||
		    (*flags & FILE_ACCESS) == FILE_READ_ONLY)
			return -EINVAL;
	} else if ((*flags & FILE_CREATE) && (*flags & FILE_DIRECTORY) && !redox) {
		return -EINVAL;
	}
	if (!redox)
		*flags &= ~(unsigned)FILE_LINK;
	return 0;
}

/* --- Finding or making. --- */

/* The type of a file that is made. */
static uint32_t wanted_type(const struct opening *opening)
{
	if (!by_redox(opening))
		return MODE_FILE;
	if (opening->flags & FILE_DIRECTORY)
		return MODE_DIRECTORY;
	return opening->flags & FILE_LINK ? MODE_SYMLINK : MODE_FILE;
}

static __attribute__((noinline)) int make_locked(struct opening *opening)
{
	struct walk *walk = &opening->walk;
	const struct credentials *credentials = walk->walker->credentials;
	const struct node_template like = {
		.mode = wanted_type(opening) | (opening->mode & MODE_PERMISSIONS),
		.target = "", /* of a link; it gets another when it is written to */
	};
	int error = dentry_look_up_locked(walk->at, walk->name, walk->length, &opening->found);

	if (error != -ENOENT)
		return error;
	if ((opening->flags & FILE_DIRECTORY) && (wanted_access(opening) & 2))
		return -EISDIR;
	error = directory_may_add(walk->at, credentials);
	if (error)
		return error;
	error = directory_make(walk->at, walk->name, walk->length, &like, credentials, -EACCES,
			       &opening->found);
	opening->made = !error;
	return error;
}

/* The last part with O_CREAT: what is there, or a new file. */
static int find_or_make(struct opening *opening)
{
	struct walk *walk = &opening->walk;
	int error;

	if (walk->slash)
		return -EISDIR;
	error = dentry_look_up(walk->at, walk->name, walk->length, &opening->found);
	if (error == -ENOENT) {
		directory_lock(walk->at->node);
		error = make_locked(opening);
		directory_unlock(walk->at->node);
	}
	return error ? error : walk_cross(walk, &opening->found);
}

static int find_last(struct opening *opening)
{
	if ((opening->flags & FILE_CREATE) && opening->walk.kind == LAST_NAME)
		return find_or_make(opening);
	return walk_last(&opening->walk, &opening->found);
}

/* In a scheme whose names are no tree: opening at once, without a look-up before. */
static bool opening_is_opaque(const struct opening *opening)
{
	return node_is_opaque(opening->walk.at->node) && opening->walk.kind == LAST_NAME &&
	       !(opening->flags & FILE_PATH);
}

static __attribute__((noinline)) int open_opaque(struct opening *opening)
{
	struct walk *walk = &opening->walk;
	unsigned flags = opening->flags | (walk->slash ? FILE_DIRECTORY : 0);
	int error;

	/* By itself it means something to devices only. */
	if (!(flags & (FILE_CREATE | FILE_TEMPORARY)))
		flags &= ~(unsigned)FILE_EXCLUSIVE;
	error = opaque_open(walk->at, walk->name, walk->length, walk->walker->credentials, flags,
			    opening->mode, &opening->opened);

	/* It is a link then, which is to be found for following. */
	return error == -EXDEV ? opaque_look_up(walk, &opening->found) : error;
}

/* Finds the file, following links in the last part as the flags say. */
static int find(struct opening *opening)
{
	struct walk *walk = &opening->walk;
	bool exclusive = (opening->flags & FILE_CREATE) && (opening->flags & FILE_EXCLUSIVE);
	bool follow = !(opening->flags & FILE_NO_FOLLOW) && !exclusive;

	for (;;) {
		int error = walk_parent(walk);

		if (!error && opening_is_opaque(opening))
			error = open_opaque(opening);
		else if (!error)
			error = find_last(opening);
		if (error || opening->opened)
			return error;
		if (exclusive && !opening->made)
			return -EEXIST;
		if (!walk_wants_follow(walk, opening->found, follow)) {
			walk->directory |= walk->kind == LAST_NAME && walk->slash;
			return 0;
		}
		error = walk_follow(walk, opening->found);
		opening->found = NULL;
		if (error < 0)
			return error;
		if (error == 1) {
			dentry_get(walk->at);
			opening->found = walk->at;
			return 0;
		}
	}
}

/* --- May it be opened? --- */

#define TYPE_WISHES (FILE_CREATE | FILE_DIRECTORY | FILE_LINK | FILE_PATH)

/* What the flags say about the type, apart from the rest, as most calls say nothing. */
static __attribute__((noinline)) int check_wishes(const struct opening *opening)
{
	const struct node *node = opening->found->node;

	if ((opening->flags & FILE_CREATE) && node_is(node, MODE_DIRECTORY) && !by_redox(opening))
		return -EISDIR;
	if ((opening->walk.directory || (opening->flags & FILE_DIRECTORY)) &&
	    !node_is(node, MODE_DIRECTORY))
		return -ENOTDIR;
	if ((opening->flags & FILE_LINK) && !node_is(node, MODE_SYMLINK))
		return -EINVAL;
	return 0;
}

static int check_type(const struct opening *opening, unsigned want)
{
	const struct node *node = opening->found->node;
	unsigned wishes = opening->flags & TYPE_WISHES;
	int error = 0;

	if (wishes || opening->walk.directory)
		error = check_wishes(opening);
	if (error || ((wishes & FILE_PATH) && !want))
		return error;
	if (node_is(node, MODE_SYMLINK) && !(wishes & FILE_LINK))
		return -ELOOP;
	return node_is(node, MODE_DIRECTORY) && (want & 2) ? -EISDIR : 0;
}

static int check_access(const struct opening *opening, unsigned want)
{
	const struct credentials *credentials = opening->walk.walker->credentials;
	const struct node *node = opening->found->node;
	int error;

	if ((opening->flags & FILE_PATH) && !want)
		return 0;
	error = node_permission(node, credentials, want);
	if (error)
		return error;
	if ((opening->flags & FILE_NO_ATIME) && credentials->fsuid != node->uid &&
	    !credentials_privileged(credentials))
		return -EPERM;
	return 0;
}

static int open_found(struct opening *opening, struct file **file)
{
	const struct credentials *credentials = opening->walk.walker->credentials;
	struct node *node = opening->found->node;
	unsigned want = 0;
	int error = 0;

	if (node_is_opaque(node) && !(opening->flags & FILE_PATH))
		return opaque_open_dentry(opening->found, credentials, opening->flags, file);
	if (!(opening->flags & FILE_PATH))
		want = wanted_access(opening);
	if (by_redox(opening) && (opening->flags & FILE_ACCESS) == FILE_ACCESS)
		opening->flags |= FILE_PATH;

	/* What was just made is open to its maker, whatever its permissions, and empty. */
	if (!opening->made)
		error = check_type(opening, want);
	if (!error && !opening->made)
		error = check_access(opening, want);
	if (error)
		return error;
	if (opening->made || !node_is(node, MODE_FILE))
		opening->flags &= ~(unsigned)FILE_TRUNCATE;
	error = file_create(node, opening->found, opening->flags, (struct credentials *)credentials,
			    file);
	if (!error && (opening->flags & FILE_TRUNCATE)) {
		error = node_truncate(node, credentials, 0);
		if (error)
			file_put(*file);
	}
	return error;
}

/* --- O_TMPFILE. --- */

static int make_temporary(struct opening *opening)
{
	const struct credentials *credentials = opening->walk.walker->credentials;
	struct dentry *directory = opening->found, *dentry;
	struct node_template like = {
		.mode = MODE_FILE | (opening->mode & MODE_PERMISSIONS),
		.linkable = !(opening->flags & FILE_EXCLUSIVE),
	};
	struct node *node;
	char name[24];
	int length, error;

	error = directory_may_add(directory, credentials);
	if (error)
		return error;
	if (!directory->node->ops->create_temporary)
		return -EOPNOTSUPP;
	like = template_inherit(&like, directory->node, credentials);
	error = directory->node->ops->create_temporary(directory->node, &like, &node);
	if (error)
		return error;
	length = snprintf(name, sizeof(name), "#%llu", (unsigned long long)node->number);
	dentry = dentry_allocate(name, (size_t)length);
	if (!dentry) {
		node_put(node);
		return -ENOMEM;
	}
	dentry_attach(dentry, directory, node, false);
	dentry->removed = true;
	dentry_put(directory);
	opening->found = dentry;
	opening->made = true;
	return 0;
}

static int open_temporary(struct opening *opening)
{
	int error = find(opening);

	if (error)
		return error;
	if (!node_is(opening->found->node, MODE_DIRECTORY))
		return -ENOTDIR;
	return make_temporary(opening);
}

int path_open(const struct walker *walker, struct dentry *start, const char *path,
	      unsigned file_flags, uint32_t mode, struct file **file)
{
	struct opening opening = { .flags = file_flags, .mode = mode };
	int error = check_flags(&opening.flags, walker->redox);

	if (!error)
		error = walk_start(&opening.walk, walker, start, path);
	if (error)
		return error;
	if (opening.flags & FILE_TEMPORARY)
		error = open_temporary(&opening);
	else
		error = find(&opening);
	*file = opening.opened;
	if (!error && !opening.opened)
		error = open_found(&opening, file);
	walk_end(&opening.walk);
	dentry_put(opening.found);
	return error;
}
