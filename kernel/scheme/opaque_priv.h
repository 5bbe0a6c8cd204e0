/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes whose names are no tree, as Linux's paths lead into them. A walk that has come to such a
 * scheme takes all that is left as one name: `walk->at` is the scheme's root then, and
 * `walk->name` the whole rest, canonical by its text.
 */
#pragma once

#include <scheme/scheme.h>

#include "walk_priv.h"

static inline bool node_is_opaque(const struct node *node)
{
	return node->flags & NODE_OPAQUE;
}

/* Takes "." and "..", and slashes too many, out of the text: "a/b". Returns its length. ".." does
 * not lead out of the scheme. */
size_t opaque_canonicalise(char *text);

/* What the name means, for looking at it; asks the scheme. A reference in *found. A link that
 * leads to another scheme is a symbolic link here. */
int must_check opaque_look_up(struct walk *walk, struct dentry **found);
/* Opens `name` in the scheme of `root`. -EXDEV: it is a link. */
int must_check opaque_open(struct dentry *root, const char *name, size_t length,
			   const struct credentials *credentials, unsigned flags, uint32_t mode,
			   struct file **file);
/* Opens what a walk found: the root itself, or a file that was looked up. */
int must_check opaque_open_dentry(struct dentry *dentry, const struct credentials *credentials,
				  unsigned flags, struct file **file);
int must_check opaque_make(struct walk *walk, const struct node_template *like);
int must_check opaque_remove(struct walk *walk, bool directory);
/* Both walks ended in the same scheme. */
int must_check opaque_rename(struct walk *from, struct walk *to);
