/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Red-black trees, compared with a sorted array. */
#include <base/rbtree.h>

#include "unit.h"

#include <string.h>

#define ITEMS 512

struct item {
	struct rbtree_node node;
	unsigned key;
	unsigned serial; /* items of one key are kept in order of insertion */
	bool present;
};

static int compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	unsigned left = container_of(a, struct item, node)->key;
	unsigned right = container_of(b, struct item, node)->key;

	return left < right ? -1 : left > right;
}

static bool goes_before(const struct item *a, const struct item *b)
{
	return a->key < b->key || (a->key == b->key && a->serial < b->serial);
}

/* Checks links and colours below `node`; returns the number of black nodes on each path. */
static unsigned check_node(const struct rbtree_node *node, const struct rbtree_node *parent,
			   unsigned *count)
{
	unsigned before;
	unsigned after;

	if (!node)
		return 0;
	++*count;
	EXPECT(node->parent == parent);
	EXPECT(!node->red || (parent && !parent->red));
	before = check_node(node->child[0], node, count);
	after = check_node(node->child[1], node, count);
	EXPECT_EQUAL(before, after);
	return before + !node->red;
}

static void check_tree(const struct rbtree *tree, unsigned wanted)
{
	const struct rbtree_node *node;
	const struct rbtree_node *previous = NULL;
	unsigned count = 0;
	unsigned walked = 0;

	check_node(tree->root, NULL, &count);
	EXPECT_EQUAL(count, wanted);
	for (node = rbtree_first(tree); node; node = rbtree_next(node)) {
		EXPECT(rbtree_previous(node) == previous);
		if (previous)
			EXPECT(goes_before(container_of(previous, struct item, node),
					   container_of(node, struct item, node)));
		previous = node;
		walked++;
	}
	EXPECT(rbtree_last(tree) == previous);
	EXPECT_EQUAL(walked, wanted);
}

static void random_run(unsigned items_used, unsigned keys, unsigned rounds, uint64_t seed)
{
	static struct item items[ITEMS];
	struct rbtree tree = { NULL };
	unsigned serial = 0;
	unsigned present = 0;

	memset(items, 0, sizeof(items));
	for (unsigned round = 0; round < rounds; round++) {
		struct item *item = &items[unit_random_below(&seed, items_used)];

		if (item->present) {
			rbtree_remove(&tree, &item->node);
			/* A removed node is the caller's again. */
			memset(&item->node, 0xa5, sizeof(item->node));
			present--;
		} else {
			item->key = (unsigned)unit_random_below(&seed, keys);
			item->serial = serial++;
			rbtree_insert(&tree, &item->node, compare);
			present++;
		}
		item->present = !item->present;
		if (items_used < 20 || round % 16 == 0)
			check_tree(&tree, present);
	}
	for (unsigned i = 0; i < items_used; i++) {
		if (!items[i].present)
			continue;
		rbtree_remove(&tree, &items[i].node);
		check_tree(&tree, --present);
	}
	EXPECT(!tree.root && !rbtree_first(&tree) && !rbtree_last(&tree));
}

UNIT_TEST(rbtree, random_small)
{
	for (unsigned size = 1; size < 16; size++)
		random_run(size, size, 3000, size);
}

UNIT_TEST(rbtree, random_large)
{
	random_run(ITEMS, 1000000, 20000, 7);
}

UNIT_TEST(rbtree, equal_keys)
{
	random_run(64, 3, 5000, 9);
}

UNIT_TEST(rbtree, ascending_and_descending)
{
	static struct item items[ITEMS];
	struct rbtree tree = { NULL };

	for (unsigned i = 0; i < ITEMS; i++) {
		items[i].key = i < ITEMS / 2 ? i : 2 * ITEMS - i;
		items[i].serial = i;
		rbtree_insert(&tree, &items[i].node, compare);
	}
	check_tree(&tree, ITEMS);
	for (unsigned left = ITEMS; left > 0; left--) {
		rbtree_remove(&tree, rbtree_first(&tree));
		check_tree(&tree, left - 1);
	}
}
