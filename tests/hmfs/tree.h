/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of files in memory, which volumes are compared with: what a dataset has, but times.
 *
 * A tree is changed by steps.c along with the volume, or loaded from it. Two trees are the same if
 * their digests are.
 */
#pragma once

#include <hmfs/file.h>
#include <hmfs/volume.h>

#define TREE_FORKS 6u

struct tree_fork {
	char name[32];
	uint8_t *bytes;
	size_t size;
};

struct tree_node;
struct tree_child {
	char *name;
	struct tree_node *node;
};

struct tree_node {
	struct tree_node *next; /* of the tree's nodes */
	struct hmfs_id id;
	uint32_t mode, uid, gid;
	unsigned names, holds; /* goes when both are 0 */
	uint8_t *bytes;        /* of files, targets of links */
	size_t size;
	struct tree_child *children; /* of directories */
	unsigned child_count, child_room;
	struct tree_fork forks[TREE_FORKS];
	unsigned fork_count;
};

struct tree {
	struct tree_node *root;
	struct tree_node *nodes;
	unsigned node_count;
	uint64_t bytes;
};

bool tree_is_directory(const struct tree_node *node);
bool tree_is_file(const struct tree_node *node);

/* The dataset as it is. On errors the tree is as far as it came (to be destroyed). */
int must_check tree_load(struct tree *tree, struct hmfs_volume *volume, uint32_t dataset);
void tree_destroy(struct tree *tree);
uint64_t tree_digest(const struct tree *tree);
/* Says what differs first, in words; false if nothing does. */
bool tree_differs(const struct tree *a, const struct tree *b, char *what, size_t size);

/* Changes. */
struct tree_node *tree_add_node(struct tree *tree, uint32_t mode);
struct tree_child *tree_find(struct tree_node *directory, const char *name);
void tree_link(struct tree_node *directory, const char *name, struct tree_node *node);
void tree_unlink(struct tree *tree, struct tree_node *directory, struct tree_child *child);
void tree_let_go(struct tree *tree, struct tree_node *node);
void tree_set_size(struct tree *tree, struct tree_node *node, size_t size);
void tree_write(struct tree *tree, struct tree_node *node, size_t offset, const void *bytes,
		size_t size);
/* `bytes` NULL: removes it. */
void tree_set_fork(struct tree_node *node, const char *name, const void *bytes, size_t size);
/* True if `node` is `below` or an ancestor of it. */
bool tree_is_above(const struct tree_node *node, const struct tree_node *below);
