/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts, as the rest of kernel/scheme sees them. */
#pragma once

#include <scheme/path.h>

/* Makes `root` the top of the Linux tree; takes over the reference. Called when it is built, and once
 * more if it gets another root, before the first process starts. */
void mount_set_tree_root(struct dentry *root);
/* The root of who may not see the tree: a directory with nothing but a link "scheme" to what is
 * mounted at /scheme. In use for ever. */
struct dentry *bare_root(void);
/* True for the scheme of that root, and for `scheme:`. */
bool bare_tree_has(const struct scheme *scheme);
/* The scheme of that root; NULL: there is no tree. */
const struct scheme *mount_tree_scheme(void);
bool mount_is_tree_root(const struct dentry *dentry);
/* Takes `root` from where it is mounted, whether it is in use or not. -EINVAL: nowhere. */
int must_check mount_detach_root(struct dentry *root);
