/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mounts, as the rest of kernel/scheme sees them. */
#pragma once

#include <scheme/path.h>

/* Makes `root` the top of the Linux tree; takes over the reference. Called once. */
void mount_set_tree_root(struct dentry *root);
bool mount_is_tree_root(const struct dentry *dentry);
