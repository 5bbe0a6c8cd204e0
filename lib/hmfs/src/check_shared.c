/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking the counts of further references to blocks, against those that were found. */
#include <base/errno.h>
#include <base/rbtree.h>
#include <base/string.h>

#include "check_priv.h"

#define UNIT_BLOCKS 16u

/* The references to the blocks of a record, as they were found. */
struct unit {
	struct rbtree_node node;
	uint64_t number;
	uint32_t references[UNIT_BLOCKS];
	bool seen; /* it has a record */
};

static int compare(const struct rbtree_node *a, const struct rbtree_node *b)
{
	const uint64_t first = container_of(a, struct unit, node)->number;
	const uint64_t second = container_of(b, struct unit, node)->number;

	return first < second ? -1 : first > second;
}

static struct unit *find(struct hmfs_check *check, uint64_t number)
{
	struct rbtree_node *node = check->shared.root;

	while (node) {
		struct unit *unit = container_of(node, struct unit, node);

		if (unit->number == number)
			return unit;
		node = node->child[number > unit->number];
	}
	return NULL;
}

int hmfs_check_shared_count(struct hmfs_check *check, uint64_t block)
{
	struct unit *unit = find(check, block / UNIT_BLOCKS);

	if (!unit) {
		unit = hmfs_check_allocate(check, 1, sizeof(*unit));
		if (!unit)
			return -ENOMEM;
		unit->number = block / UNIT_BLOCKS;
		rbtree_insert(&check->shared, &unit->node, compare);
	}
	unit->references[block % UNIT_BLOCKS]++;
	return 0;
}

void hmfs_check_shared_end(struct hmfs_check *check)
{
	struct rbtree_node *node;

	while ((node = rbtree_first(&check->shared))) {
		rbtree_remove(&check->shared, node);
		check->host->release(container_of(node, struct unit, node));
	}
}

/* What the record should be: false if it need not be there. */
static bool wanted(const struct unit *unit, uint32_t counts[UNIT_BLOCKS])
{
	bool any = false;

	for (unsigned i = 0; i < UNIT_BLOCKS; i++) {
		counts[i] = unit && unit->references[i] > 1 ? unit->references[i] - 1 : 0;
		any |= counts[i] != 0;
	}
	return any;
}

static int put(struct hmfs_check *check, uint64_t number, const uint32_t counts[UNIT_BLOCKS])
{
	const struct hmfs_key key = { .place = HMFS_PLACE(HMFS_KIND_SHARED, number) };

	return hmfs_check_put(check, &check->volume->map, &key, counts,
			      UNIT_BLOCKS * sizeof(*counts));
}

static int see(struct hmfs_check *check, const struct hmfs_key *key, const struct hmfs_value *value,
	       void *argument)
{
	const uint64_t number = key->place & HMFS_PLACE_MASK;
	uint32_t right[UNIT_BLOCKS], there[UNIT_BLOCKS] = { 0 };
	struct unit *unit = find(check, number);
	const bool any = wanted(unit, right);

	(void)argument;
	if (key->object != 0 || hmfs_check_kind(key) > HMFS_KIND_SHARED)
		return HMFS_CHECK_END;
	if (hmfs_check_kind(key) != HMFS_KIND_SHARED)
		return 0;
	if (unit)
		unit->seen = true;
	if (value->length == sizeof(there))
		memcpy(there, value->bytes, sizeof(there));
	if (value->length == sizeof(there) && memcmp(there, right, sizeof(there)) == 0)
		return 0;
	for (unsigned i = 0; i < UNIT_BLOCKS; i++) {
		if (there[i] != right[i] &&
		    !hmfs_check_problem(
			    check, !check->incomplete,
			    "block %llu says that it has %u more references, but has %u",
			    (unsigned long long)(number * UNIT_BLOCKS + i), there[i], right[i]))
			return 0;
	}
	return any ? put(check, number, right) : hmfs_check_remove(check, &check->volume->map, key);
}

/* Blocks that are shared without a count. */
static int add_missing(struct hmfs_check *check)
{
	struct rbtree_node *node = rbtree_first(&check->shared);
	uint32_t right[UNIT_BLOCKS];
	int error = 0;

	for (; !error && node; node = rbtree_next(node)) {
		const struct unit *unit = container_of(node, struct unit, node);

		if (unit->seen || !wanted(unit, right))
			continue;
		if (hmfs_check_problem(check, !check->incomplete,
				       "blocks from %llu on are used more than once, which nothing "
				       "says",
				       (unsigned long long)unit->number * UNIT_BLOCKS))
			error = put(check, unit->number, right);
	}
	return error;
}

int hmfs_check_shared(struct hmfs_check *check)
{
	const struct hmfs_key first = { .place = HMFS_PLACE(HMFS_KIND_SHARED, 0) };
	const int error = hmfs_check_walk(check, &check->volume->map, &first, see, NULL);

	return error ? error : add_missing(check);
}
