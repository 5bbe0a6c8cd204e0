/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of blocks for checking: bit maps, a group of blocks at a time, made where one is. */
#include <base/bits.h>
#include <base/errno.h>

#include "check_priv.h"

#define GROUP_WORDS BITMAP_WORDS(HMFS_GROUP_BLOCKS)

static uint64_t set_groups(const struct hmfs_check_set *set)
{
	return set->blocks / HMFS_GROUP_BLOCKS + 1;
}

int hmfs_set_create(struct hmfs_check *check, struct hmfs_check_set *set)
{
	set->blocks = check->volume->root.blocks;
	set->groups = hmfs_check_allocate(check, set_groups(set), sizeof(*set->groups));
	return set->groups ? 0 : -ENOMEM;
}

void hmfs_set_destroy(struct hmfs_check *check, struct hmfs_check_set *set)
{
	if (!set->groups)
		return;
	for (uint64_t i = 0; i < set_groups(set); i++)
		check->host->release(set->groups[i]);
	check->host->release(set->groups);
	set->groups = NULL;
}

bool hmfs_set_has(const struct hmfs_check_set *set, uint64_t block)
{
	const uint64_t *group;

	if (block >= set->blocks)
		return false;
	group = set->groups[block / HMFS_GROUP_BLOCKS];
	return group && bitmap_test(group, block % HMFS_GROUP_BLOCKS);
}

int hmfs_set_add(struct hmfs_check *check, struct hmfs_check_set *set, uint64_t block)
{
	uint64_t **group = &set->groups[block / HMFS_GROUP_BLOCKS];

	if (!*group)
		*group = hmfs_check_allocate(check, GROUP_WORDS, sizeof(uint64_t));
	if (!*group)
		return -ENOMEM;
	bitmap_set(*group, block % HMFS_GROUP_BLOCKS);
	return 0;
}

uint64_t hmfs_set_next(const struct hmfs_check_set *set, uint64_t from, bool in)
{
	while (from < set->blocks) {
		const uint64_t *group = set->groups[from / HMFS_GROUP_BLOCKS];
		const uint64_t start = from - from % HMFS_GROUP_BLOCKS;
		size_t at = in ? HMFS_GROUP_BLOCKS : from - start;

		if (group && in)
			at = bitmap_find_set(group, HMFS_GROUP_BLOCKS, from - start);
		else if (group)
			at = bitmap_find_clear(group, HMFS_GROUP_BLOCKS, from - start);
		from = start + at;
		if (at < HMFS_GROUP_BLOCKS)
			break;
	}
	return min_u64(from, set->blocks);
}

bool hmfs_set_has_any(const struct hmfs_check_set *set, uint64_t address, uint64_t blocks)
{
	return hmfs_set_next(set, address, true) < address + blocks;
}

uint64_t hmfs_set_count(const struct hmfs_check_set *set)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < set_groups(set); i++) {
		for (size_t word = 0; set->groups[i] && word < GROUP_WORDS; word++)
			count += bit_count(set->groups[i][word]);
	}
	return count;
}
