/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: the cache of directory entries, path walking, and the operations that take paths.
 *
 * A dentry is a name in a directory and the node it means. The dentries in use form one tree
 * per scheme; a dentry may be covered by the root dentry of another scheme (a mount). Walks
 * follow Linux's rules: symbolic links (40 at most, -ELOOP), "." and "..", trailing slashes,
 * search permission on every directory.
 *
 * Redox paths (`scheme:rest`) are split by the ABI and walked from the scheme's root.
 */
#pragma once

#include <base/list.h>
#include <scheme/credentials.h>
#include <scheme/file.h>
#include <scheme/node.h>

struct dentry {
	/* Who holds: child dentries, open files, working directories, mounts, walks. */
	struct refcount references;
	struct node *node; /* a reference; immutable (no negative dentries) */
	/* Under the name cache's lock. */
	struct dentry *parent;  /* a reference; NULL for roots */
	struct dentry *mounted; /* root dentry that covers this one; a reference */
	struct dentry *covers;  /* of a root dentry: where it is mounted; a reference */
	struct list_node hash_node;
	bool removed; /* the name is gone: unlinked or replaced */
	size_t name_length;
	char *name; /* owned */
};

void dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);
/* Writes the path from `root` (of the walk; NULL: the tree's) terminated; returns its length,
 * -ERANGE where it does not fit, -ENOENT for a removed name. Removed names get " (deleted)"
 * where `mark_removed`. */
ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_removed);
/* A root dentry for `node`, which it takes over. NULL: out of memory. */
struct dentry *dentry_create_root(struct node *node);

/* Whose walk it is. Pointers are borrowed for the time of the call. */
struct walker {
	struct dentry *root;
	struct dentry *working_directory;
	const struct credentials *credentials;
};

enum walk_flags {
	WALK_FOLLOW = 1 << 0,    /* follow a symbolic link in the last part */
	WALK_DIRECTORY = 1 << 1, /* the result must be a directory: -ENOTDIR */
	WALK_EMPTY = 1 << 2,     /* an empty path means the start */
	WALK_NO_MAGIC = 1 << 3,
};

/* Finds `path` (terminated), relative to `start` (NULL: the working directory). A reference
 * in *found. -ENOENT also for the empty path. */
int must_check path_walk(const struct walker *walker, struct dentry *start, const char *path,
			 unsigned flags, struct dentry **found);

/* Operations with their Linux meanings and errors; `start` as in path_walk(). */
int must_check path_open(const struct walker *walker, struct dentry *start, const char *path,
			 unsigned file_flags, uint32_t mode, struct file **file);
int path_make(const struct walker *walker, struct dentry *start, const char *path,
	      const struct node_template *like); /* mkdir, mknod, symlink */
int path_link(const struct walker *walker, struct dentry *target, struct dentry *start,
	      const char *path);
int path_unlink(const struct walker *walker, struct dentry *start, const char *path,
		bool directory);
/* flags: 1 NOREPLACE, 2 EXCHANGE */
int path_rename(const struct walker *walker, struct dentry *from_start, const char *from,
		struct dentry *to_start, const char *to, unsigned flags);
ssize_t path_read_link(struct dentry *dentry, char *buffer, size_t size);
int path_set_attributes(const struct walker *walker, struct dentry *dentry,
			const struct node_changes *changes);

/* want: 4 read, 2 write, 1 execute (search). 0 or -EACCES; -EROFS for writing a file of a
 * read-only scheme. */
int must_check node_permission(const struct node *node, const struct credentials *credentials,
			       unsigned want);

/* Mounts: `root` covers `at`. -EBUSY where `at` is covered already or `root` is mounted. */
int must_check path_mount(struct dentry *at, struct dentry *root);
int path_unmount(struct dentry *root);
