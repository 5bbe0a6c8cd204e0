/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding names to directories and taking them away: what the path operations share. */
#pragma once

#include <scheme/path.h>

/* Takes and releases a directory's lock, unless it goes without one (NODE_NO_CACHE). */
void directory_lock(struct node *directory);
void directory_unlock(struct node *directory);

/* May the walker add a name? The directory's lock is held. -ENOENT: it was removed itself. */
int must_check directory_may_add(const struct dentry *directory,
				 const struct credentials *credentials);
/* May the walker remove `victim` from it, as a directory or as something else? */
int must_check directory_may_remove(const struct dentry *directory, const struct dentry *victim,
				    bool as_directory, const struct credentials *credentials);

/* Makes a file that is not there, owned by the walker; a reference in *made. The directory's
 * lock is held; permission was checked. `no_operation` is the error where the provider makes
 * none. */
int must_check directory_make(struct dentry *directory, const char *name, size_t length,
			      const struct node_template *like,
			      const struct credentials *credentials, int no_operation,
			      struct dentry **made);

/* `like` as it becomes in the directory: owner, and what a set-group directory passes on. */
struct node_template template_inherit(const struct node_template *like,
				      const struct node *directory,
				      const struct credentials *credentials);

/* Once, before the first path_rename(). */
void rename_init(void);
