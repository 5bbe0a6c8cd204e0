/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intrusive red-black trees.
 *
 * The tree orders nodes by a comparison that the caller gives; nodes that compare equal are
 * kept in order of insertion. Look-ups are written by the caller as a walk from
 * tree->root over node->child[0] (before) and node->child[1] (after).
 */
#pragma once

#include <base/types.h>

struct rbtree_node {
	struct rbtree_node *parent;
	struct rbtree_node *child[2];
	bool red;
};

struct rbtree {
	struct rbtree_node *root;
};

/* Less than 0 if `a` goes before `b`, 0 if equal, more than 0 if after. */
typedef int rbtree_compare(const struct rbtree_node *a, const struct rbtree_node *b);

void rbtree_insert(struct rbtree *tree, struct rbtree_node *node, rbtree_compare *compare);
void rbtree_remove(struct rbtree *tree, struct rbtree_node *node);

/* The first and last node in order, or NULL. */
struct rbtree_node *rbtree_first(const struct rbtree *tree);
struct rbtree_node *rbtree_last(const struct rbtree *tree);
/* The neighbours in order, or NULL at the ends. */
struct rbtree_node *rbtree_next(const struct rbtree_node *node);
struct rbtree_node *rbtree_previous(const struct rbtree_node *node);
