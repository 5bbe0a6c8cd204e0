/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Red-black trees.
 *
 * The rules that keep the height below 2 log2(n + 1): the root is black; a red node has
 * black children; every path from a node down to a missing child passes equally many black
 * nodes. `side` is 0 for "before" and 1 for "after" throughout, so that each case is
 * written once for both sides.
 */
#include <base/rbtree.h>

static bool node_red(const struct rbtree_node *node)
{
	return node && node->red;
}

/* Which child of `parent` `node` is. */
static unsigned node_side(const struct rbtree_node *parent, const struct rbtree_node *node)
{
	return parent->child[1] == node;
}

/* Puts `new` (or NULL) where `old` hangs below `parent`, or at the root. */
static void node_replace(struct rbtree *tree, struct rbtree_node *parent,
			 const struct rbtree_node *old, struct rbtree_node *new)
{
	if (parent)
		parent->child[node_side(parent, old)] = new;
	else
		tree->root = new;
	if (new)
		new->parent = parent;
}

/* Turns the edge between `node` and its child opposite `side`: that child comes to the top,
 * `node` becomes its child on `side`. */
static void node_rotate(struct rbtree *tree, struct rbtree_node *node, unsigned side)
{
	struct rbtree_node *top = node->child[!side];
	struct rbtree_node *moved = top->child[side];

	node_replace(tree, node->parent, node, top);
	top->child[side] = node;
	node->parent = top;
	node->child[!side] = moved;
	if (moved)
		moved->parent = node;
}

/* `node` is red and its parent may be. */
static void insert_repair(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *parent;

	while ((parent = node->parent) && parent->red) {
		struct rbtree_node *grandparent = parent->parent;
		unsigned side = node_side(grandparent, parent);
		struct rbtree_node *uncle = grandparent->child[!side];

		if (node_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grandparent->red = true;
			node = grandparent;
			continue;
		}
		if (node == parent->child[!side]) {
			node_rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		grandparent->red = true;
		node_rotate(tree, grandparent, !side);
		break;
	}
	tree->root->red = false;
}

void rbtree_insert(struct rbtree *tree, struct rbtree_node *node, rbtree_compare *compare)
{
	struct rbtree_node *parent = NULL;
	struct rbtree_node **link = &tree->root;

	while (*link) {
		parent = *link;
		link = &parent->child[compare(node, parent) >= 0];
	}
	node->parent = parent;
	node->child[0] = NULL;
	node->child[1] = NULL;
	node->red = true;
	*link = node;
	insert_repair(tree, node);
}

/* Paths through `parent`'s child on `side`, which is black or missing, lack a black node. */
static void remove_repair(struct rbtree *tree, struct rbtree_node *parent, unsigned side)
{
	while (parent) {
		struct rbtree_node *node = parent->child[side];
		struct rbtree_node *sibling = parent->child[!side];

		if (node_red(node)) {
			node->red = false;
			return;
		}
		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			node_rotate(tree, parent, side);
			sibling = parent->child[!side];
		}
		if (!node_red(sibling->child[0]) && !node_red(sibling->child[1])) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			if (node->red || !parent) {
				node->red = false;
				return;
			}
			side = node_side(parent, node);
			continue;
		}
		if (!node_red(sibling->child[!side])) {
			sibling->child[side]->red = false;
			sibling->red = true;
			node_rotate(tree, sibling, !side);
			sibling = parent->child[!side];
		}
		sibling->red = parent->red;
		parent->red = false;
		sibling->child[!side]->red = false;
		node_rotate(tree, parent, side);
		return;
	}
}

/* Gives the place, children and colour of `node` to `heir`, which is in no tree. */
static void node_inherit(struct rbtree *tree, struct rbtree_node *node, struct rbtree_node *heir)
{
	heir->red = node->red;
	node_replace(tree, node->parent, node, heir);
	for (unsigned side = 0; side < 2; side++) {
		heir->child[side] = node->child[side];
		if (heir->child[side])
			heir->child[side]->parent = heir;
	}
}

void rbtree_remove(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *victim = node; /* what leaves its place: has a child at most */
	struct rbtree_node *parent;
	struct rbtree_node *child;
	unsigned side;
	bool black;

	if (node->child[0] && node->child[1])
		victim = rbtree_next(node);
	parent = victim->parent;
	child = victim->child[0] ? victim->child[0] : victim->child[1];
	side = parent ? node_side(parent, victim) : 0;
	black = !victim->red;
	node_replace(tree, parent, victim, child);
	if (victim != node) {
		node_inherit(tree, node, victim);
		if (parent == node)
			parent = victim;
	}
	if (black && parent)
		remove_repair(tree, parent, side);
	else if (child && !parent)
		child->red = false;
}

/* The node at the end of `side` below `node`. */
static struct rbtree_node *node_outermost(struct rbtree_node *node, unsigned side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

struct rbtree_node *rbtree_first(const struct rbtree *tree)
{
	return node_outermost(tree->root, 0);
}

struct rbtree_node *rbtree_last(const struct rbtree *tree)
{
	return node_outermost(tree->root, 1);
}

static struct rbtree_node *node_neighbour(const struct rbtree_node *node, unsigned side)
{
	const struct rbtree_node *parent;

	if (node->child[side])
		return node_outermost(node->child[side], !side);
	while ((parent = node->parent) && parent->child[side] == node)
		node = parent;
	return (struct rbtree_node *)parent;
}

struct rbtree_node *rbtree_next(const struct rbtree_node *node)
{
	return node_neighbour(node, 1);
}

struct rbtree_node *rbtree_previous(const struct rbtree_node *node)
{
	return node_neighbour(node, 0);
}
