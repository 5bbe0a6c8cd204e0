/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts, as the rest of kernel/scheme sees them. */
#pragma once

#include <scheme/path.h>

/* Makes `root` the top of the Linux tree; takes over the reference. Called once. */
void mount_set_tree_root(struct dentry *root);
/* The root of who may not see the tree: a directory with nothing but a link "scheme" to what is
 * mounted at /scheme. In use for ever. */
struct dentry *bare_root(void);
/* True for the scheme of that root, and for `scheme:`. */
bool bare_tree_has(const struct scheme *scheme);
/* The scheme of that root; NULL: there is no tree. */
const struct scheme *mount_tree_scheme(void);
bool mount_is_tree_root(const struct dentry *dentry);
