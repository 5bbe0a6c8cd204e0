/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the self tests of schemes and file systems share: a tree to work in, and short names for
 * what they do in it. Paths are relative to the tree's root. */
#pragma once

#include <scheme/scheme.h>

struct ktest_tree {
	struct scheme *scheme;       /* a reference */
	struct credentials *root;    /* uid 0 */
	struct credentials *visitor; /* uid and gid 1000 */
	struct walker walker;        /* as root */
	struct walker visitor_walker;
};

/* Works in `scheme` (reference taken over), which has a root. False: failed, and noted so. */
bool ktest_tree_begin(struct ktest_tree *tree, struct scheme *scheme);
/* The same in scheme `tmp:`, which is left as it was found if the test removes what it made. */
bool ktest_tree_begin_tmp(struct ktest_tree *tree);
void ktest_tree_end(struct ktest_tree *tree);

/* As root; 0 or an error. */
int ktest_mkdir(struct ktest_tree *tree, const char *path);
int ktest_symlink(struct ktest_tree *tree, const char *target, const char *path);
int ktest_unlink(struct ktest_tree *tree, const char *path);
int ktest_rmdir(struct ktest_tree *tree, const char *path);
int ktest_rename(struct ktest_tree *tree, const char *from, const char *to, unsigned flags);
int ktest_open(struct ktest_tree *tree, const char *path, unsigned flags, struct file **file);
/* Opens and closes: 0 or the error. */
int ktest_try_open(struct ktest_tree *tree, const char *path, unsigned flags);
/* Walks, following links in the last part: 0 or the error. */
int ktest_walk(struct ktest_tree *tree, const char *path);
/* Makes or overwrites a file; 0 or an error. */
int ktest_write(struct ktest_tree *tree, const char *path, const char *text);
/* True if the file has exactly this content. */
bool ktest_has(struct ktest_tree *tree, const char *path, const char *text);
bool ktest_attributes(struct ktest_tree *tree, const char *path,
		      struct node_attributes *attributes);
/* The names in a directory without "." and "..", each followed by a blank, in order. */
const char *ktest_list(struct ktest_tree *tree, const char *path, char *buffer, size_t size);

/* Of open files, with kernel memory. */
ssize_t ktest_file_read(struct file *file, void *to, size_t length);
ssize_t ktest_file_write(struct file *file, const void *from, size_t length);
ssize_t ktest_file_write_at(struct file *file, const void *from, size_t length, uint64_t offset);
