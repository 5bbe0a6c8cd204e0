/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Radix trees of pointers.
 *
 * A tree of height h holds the indices below 64^h; the nodes of level 0 hold the values,
 * those above hold nodes. No node is empty, and the root is needed: where it has but its
 * first slot, the tree is made lower.
 */
#include <base/bits.h>
#include <base/errno.h>
#include <base/radix.h>

#define SLOT_BITS  6
#define SLOTS      64
#define HEIGHT_MAX 11 /* 6 * 11 >= 64 */

struct radix_node {
	uint64_t present; /* bit n: slot n is not NULL */
	void *slots[SLOTS];
};

void radix_init(struct radix *radix, void *(*allocate)(size_t), void (*release)(void *))
{
	radix->root = NULL;
	radix->height = 0;
	radix->allocate = allocate;
	radix->release = release;
}

/* True if a tree of `height` can hold `index`. */
static bool height_suffices(unsigned height, uint64_t index)
{
	return height >= HEIGHT_MAX || index >> (SLOT_BITS * height) == 0;
}

static unsigned slot_of(uint64_t index, unsigned level)
{
	return index >> (SLOT_BITS * level) & (SLOTS - 1);
}

static void node_put(struct radix_node *node, unsigned slot, void *value)
{
	node->slots[slot] = value;
	node->present |= (uint64_t)1 << slot;
}

static void node_take(struct radix_node *node, unsigned slot)
{
	node->slots[slot] = NULL;
	node->present &= ~((uint64_t)1 << slot);
}

void *radix_get(const struct radix *radix, uint64_t index)
{
	struct radix_node *node = radix->root;

	if (!node || !height_suffices(radix->height, index))
		return NULL;
	for (unsigned level = radix->height - 1; level > 0 && node; level--)
		node = node->slots[slot_of(index, level)];
	return node ? node->slots[slot_of(index, 0)] : NULL;
}

/* Frees the nodes of levels `level` to 0 below and including `node`. */
static void radix_free(struct radix *radix, struct radix_node *node, unsigned level)
{
	while (level > 0 && node->present != 0) {
		unsigned slot = bit_lowest(node->present);

		radix_free(radix, node->slots[slot], level - 1);
		node_take(node, slot);
	}
	radix->release(node);
}

/* Makes a chain of nodes for levels 0 to `level` that holds `value` alone. */
static struct radix_node *radix_build(struct radix *radix, uint64_t index, unsigned level,
				      void *value)
{
	struct radix_node *below = NULL;

	for (unsigned at = 0; at <= level; at++) {
		struct radix_node *node = radix->allocate(sizeof(*node));

		if (!node) {
			if (below)
				radix_free(radix, below, at - 1);
			return NULL;
		}
		node_put(node, slot_of(index, at), below ? (void *)below : value);
		below = node;
	}
	return below;
}

/* Makes a tree that is not empty high enough for `index`. */
static int radix_grow(struct radix *radix, uint64_t index)
{
	while (!height_suffices(radix->height, index)) {
		struct radix_node *node = radix->allocate(sizeof(*node));

		if (!node)
			return -ENOMEM;
		node_put(node, 0, radix->root);
		radix->root = node;
		radix->height++;
	}
	return 0;
}

/* Makes the tree as low as it can be. */
static void radix_shrink(struct radix *radix)
{
	while (radix->height > 1 && radix->root->present == 1) {
		struct radix_node *root = radix->root;

		radix->root = root->slots[0];
		radix->height--;
		radix->release(root);
	}
}

static int radix_set_first(struct radix *radix, uint64_t index, void *value)
{
	unsigned height = 1;

	while (!height_suffices(height, index))
		height++;
	radix->root = radix_build(radix, index, height - 1, value);
	if (!radix->root)
		return -ENOMEM;
	radix->height = height;
	return 0;
}

int radix_set(struct radix *radix, uint64_t index, void *value)
{
	struct radix_node *node;

	if (!radix->root)
		return radix_set_first(radix, index, value);
	if (radix_grow(radix, index) < 0)
		goto err_shrink;
	node = radix->root;
	for (unsigned level = radix->height - 1; level > 0; level--) {
		unsigned slot = slot_of(index, level);

		if (!node->slots[slot]) {
			void *chain = radix_build(radix, index, level - 1, value);

			if (!chain)
				goto err_shrink;
			node_put(node, slot, chain);
			return 0;
		}
		node = node->slots[slot];
	}
	node_put(node, slot_of(index, 0), value);
	return 0;

err_shrink:
	radix_shrink(radix);
	return -ENOMEM;
}

void *radix_remove(struct radix *radix, uint64_t index)
{
	struct radix_node *path[HEIGHT_MAX];
	struct radix_node *node = radix->root;
	void *value;
	unsigned level;

	if (!node || !height_suffices(radix->height, index))
		return NULL;
	for (level = radix->height - 1; level > 0; level--) {
		path[level] = node;
		node = node->slots[slot_of(index, level)];
		if (!node)
			return NULL;
	}
	value = node->slots[slot_of(index, 0)];
	if (!value)
		return NULL;
	node_take(node, slot_of(index, 0));
	while (node->present == 0) {
		radix->release(node);
		if (++level == radix->height) {
			radix->root = NULL;
			radix->height = 0;
			return value;
		}
		node = path[level];
		node_take(node, slot_of(index, level));
	}
	radix_shrink(radix);
	return value;
}

/* Moves *index to the first index beyond the node of `level` that covers it. Returns false
 * where there is none. */
static bool index_leave_node(uint64_t *index, unsigned level)
{
	unsigned shift = SLOT_BITS * (level + 1);

	if (shift >= 64)
		return false;
	*index = ((*index >> shift) + 1) << shift;
	return *index != 0;
}

/* Looks below `node`, of `level`, from *index on. Returns NULL where nothing is left in the
 * node that was reached; *level is then that node's. */
static void *radix_descend(const struct radix_node *node, unsigned *level, uint64_t *index)
{
	for (;; --*level) {
		unsigned shift = SLOT_BITS * *level;
		unsigned slot = slot_of(*index, *level);
		uint64_t present = node->present & ~(uint64_t)0 << slot;
		unsigned first;

		if (present == 0)
			return NULL;
		first = bit_lowest(present);
		if (first != slot)
			*index = ((*index >> shift) - slot + first) << shift;
		if (*level == 0)
			return node->slots[first];
		node = node->slots[first];
	}
}

void *radix_next(const struct radix *radix, uint64_t *index)
{
	uint64_t at = *index;

	if (!radix->root)
		return NULL;
	while (height_suffices(radix->height, at)) {
		unsigned level = radix->height - 1;
		void *value = radix_descend(radix->root, &level, &at);

		if (value) {
			*index = at;
			return value;
		}
		if (!index_leave_node(&at, level))
			break;
	}
	return NULL;
}

void radix_clear(struct radix *radix)
{
	if (radix->root)
		radix_free(radix, radix->root, radix->height - 1);
	radix->root = NULL;
	radix->height = 0;
}
