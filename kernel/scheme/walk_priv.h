/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks: from a path to the directory that holds its last part, and from there on.
 *
 *     struct walk walk;
 *     error = walk_start(&walk, walker, start, path);
 *     if (!error)
 *             error = walk_parent(&walk);
 *     // walk.at is the directory, walk.kind, .name, .length and .slash the last part
 *     walk_end(&walk);
 *
 * Where the last part is a symbolic link that is to be followed, walk_follow() and then
 * walk_parent() again lead to the last part of its target.
 */
#pragma once

#include <base/errno.h>
#include <scheme/path.h>

#include "dentry_priv.h"

#define LINKS_MAX 40 /* followed in one walk */

enum last_kind {
	LAST_NAME,
	LAST_DOT,
	LAST_DOT_DOT,
	LAST_ROOT, /* there is none: "/" */
};

struct link_text;

struct walk {
	const struct walker *walker;
	struct dentry *at; /* where it has got to; a reference if at_counted, else the caller's */
	bool at_counted;
	const char *rest;        /* of the innermost text */
	struct link_text *texts; /* targets of links, innermost first; below is the path itself */
	unsigned links;          /* followed so far */
	/* The scheme that the namespace was last asked for, which has it; only ever compared. */
	const struct scheme *admitted;
	bool no_magic;
	bool directory; /* a slash at an end asked for a directory */
	/* The last part, after walk_parent(); the name lies in the innermost text. */
	enum last_kind kind;
	const char *name;
	size_t length;
	bool slash; /* one follows the name */
};

/* -ENOENT for the empty path, -ENAMETOOLONG, -ENOTDIR. On failure there is nothing to end. */
int must_check walk_start(struct walk *walk, const struct walker *walker, struct dentry *start,
			  const char *path);
void walk_end(struct walk *walk);

/* Walks all parts but the last. The directory it comes to may be searched by the walker. */
int must_check walk_parent(struct walk *walk);

/* True for what the walker's namespace has; the second one, for walkers that are confined. */
__attribute__((cold, noinline)) bool walk_admits_confined(struct walk *walk,
							  const struct dentry *dentry);
static inline bool walk_admits(struct walk *walk, const struct dentry *dentry)
{
	return !walk->walker->space || walk_admits_confined(walk, dentry);
}

/* Takes over the reference to *dentry for one to what is mounted there in the end. -ENOENT: the
 * walker's namespace does not have that; *dentry is NULL then. */
static inline int must_check walk_cross(struct walk *walk, struct dentry **dentry)
{
	if (dentry_is_mount_point(*dentry))
		*dentry = dentry_cross(*dentry);
	if (walk_admits(walk, *dentry))
		return 0;
	dentry_put(*dentry);
	*dentry = NULL;
	return -ENOENT;
}

/* What the last part means, with a reference; mounts are crossed, links not followed. */
int must_check walk_last(struct walk *walk, struct dentry **found);

/* Follows `link`, the last part, whose reference it takes over. Returns 0 where walk_parent()
 * is to go on with its target, or 1 where the link was magic: walk->at is the result. */
int must_check walk_follow(struct walk *walk, struct dentry *link);

/* True for a link in the last part that is to be followed, given WALK_FOLLOW or a slash. */
static inline bool walk_wants_follow(const struct walk *walk, const struct dentry *dentry,
				     bool follow)
{
	return node_is(dentry->node, MODE_SYMLINK) && (follow || walk->slash);
}
