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

struct namespace;

struct dentry {
	/* Who holds: child dentries, open files, working directories, mounts, mappings (as their
	 * vm_area's origin), walks, the list of recent names. */
	struct refcount references;
	struct node *node; /* a reference; immutable (no negative dentries) */
	_Atomic bool used; /* since it was last looked at for eviction */
	/* Under the name cache's lock (RANK_DENTRY); parent, name and hash_node change with the lock
	 * of their bucket held as well, mounted with that of its crossing (RANK_NAME). */
	struct dentry *parent;  /* a reference; NULL for roots */
	struct dentry *mounted; /* root dentry that covers this one; a reference */
	struct dentry *covers;  /* of a root dentry: where it is mounted; a reference */
	struct list_node hash_node;
	struct list_node recent_node; /* in the list of recent names, which keeps it alive */
	bool removed;                 /* the name is gone: unlinked or replaced */
	size_t name_length;
	char *name; /* owned; NULL for roots */
};

void dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);
/* Writes the path from `root` (of the walk; NULL: the tree's) terminated; returns its length,
 * -ERANGE where it does not fit, -ENOENT for a removed name. Removed names get " (deleted)"
 * where `mark_removed`. In a scheme that is mounted nowhere it begins with /scheme/NAME; what is
 * not below `root` begins with "(unreachable)"; files without a name are "pipe:[NUMBER]" and
 * the like. */
ssize_t dentry_path(struct dentry *dentry, struct dentry *root, char *buffer, size_t size,
		    bool mark_removed);
/* Its name as "SCHEME:/path", for kfree: what can be reached from the tree's root is in "file:",
 * the root itself "file:" alone; one that was removed keeps its last name. -ENAMETOOLONG, -ENOMEM. */
int must_check dentry_scheme_name(struct dentry *dentry, char **name);
/* Lets go of all names below `root`, the root of a scheme, that are only kept as they were used
 * lately. No lock is held. */
void dentry_forget_below(struct dentry *root);
/* A root dentry for `node`, which it takes over. NULL: out of memory. */
struct dentry *dentry_create_root(struct node *node);

/* Whose walk it is. Pointers are borrowed for the time of the call. */
struct walker {
	struct dentry *root;
	struct dentry *working_directory;
	const struct credentials *credentials;
	/* The walk is confined to the schemes of this namespace: what belongs to others is not there.
	 * NULL: the first one, which has all. */
	struct namespace *space;
	bool redox;   /* by Redox's rules: open.c; links may lead to "SCHEME:REST" */
	bool counted; /* walker_get()'s: it took references */
};

enum walk_flags {
	WALK_FOLLOW = 1 << 0,    /* follow a symbolic link in the last part */
	WALK_DIRECTORY = 1 << 1, /* the result must be a directory: -ENOTDIR */
	WALK_EMPTY = 1 << 2,     /* an empty path means the start */
	WALK_NO_MAGIC = 1 << 3,  /* magic links lead nowhere: -ELOOP */
};

/* Finds `path` (terminated), relative to `start` (NULL: the working directory). A reference
 * in *found. -ENOENT also for the empty path. */
int must_check path_walk(const struct walker *walker, struct dentry *start, const char *path,
			 unsigned flags, struct dentry **found);

/* Operations with their Linux meanings and errors; `start` as in path_walk(). `mode` and
 * like->mode have the umask applied; the owner of what is made comes from the walker. */
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
/* Renames what is at hand, whatever its name is by then. -ENOENT where it has none any more. */
int path_rename_dentry(const struct walker *walker, struct dentry *moved, const char *to);
/* The target, cut to size, not terminated: the number of bytes stored. -EINVAL: no link. */
ssize_t path_read_link(struct dentry *dentry, char *buffer, size_t size);
/* chmod, chown, utimensat, truncate. */
int path_set_attributes(const struct walker *walker, struct dentry *dentry,
			const struct node_changes *changes);
/* The same for a node at hand (fchmod and its like, of files that have no dentry too). */
int node_set_attributes(struct node *node, const struct credentials *credentials,
			const struct node_changes *changes);

/* want: 4 read, 2 write, 1 execute (search). 0 or -EACCES; -EROFS for writing a file of a
 * read-only scheme. */
int must_check node_permission(const struct node *node, const struct credentials *credentials,
			       unsigned want);

/* Mounts: `root`, the root of a scheme, covers `at`. -EBUSY where `at` is covered already or
 * `root` is mounted; -ENOTDIR where only one is a directory; -ENOENT, -ENOMEM. */
int must_check path_mount(struct dentry *at, struct dentry *root);
/* -EINVAL: not mounted; -EBUSY: something in it is in use. The caller holds one reference to
 * `root`, the result of a walk. */
int path_unmount(struct dentry *root);
/* The same whether it is in use or not: it stays for those who use it. What is mounted in it goes
 * too, and `detached` is called for the root of each of these. */
int path_detach(struct dentry *root, void (*detached)(struct dentry *root));
