/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups in memory. One that differs from its record stays until a commit has written it; of the
 * others those that were not used for longest are forgotten when there are too many.
 */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

uint32_t hmfs_group_size(const struct hmfs_space *space, uint64_t number)
{
	return (uint32_t)min_u64(space->blocks - number * HMFS_GROUP_BLOCKS, HMFS_GROUP_BLOCKS);
}

static struct list *bucket_of(struct hmfs_space *space, uint64_t number)
{
	return &space->group_buckets[number % HMFS_SPACE_BUCKETS];
}

struct hmfs_group *hmfs_group_in_memory(struct hmfs_space *space, uint64_t number)
{
	struct list *bucket = bucket_of(space, number);
	struct list_node *node;

	if (space->last && space->last->number == number)
		return space->last;
	list_for_each (node, bucket) {
		struct hmfs_group *group = container_of(node, struct hmfs_group, hashed);

		if (group->number == number)
			return space->last = group;
	}
	return NULL;
}

static bool must_stay(const struct hmfs_group *group)
{
	for (unsigned state = 0; state < HMFS_STATES; state++) {
		if (group->count[state])
			return true;
	}
	return group->changed;
}

void hmfs_group_settle(struct hmfs_space *space, struct hmfs_group *group)
{
	list_remove(&group->listed);
	list_push_front(must_stay(group) ? &space->pinned : &space->groups, &group->listed);
}

static void group_destroy(struct hmfs_space *space, struct hmfs_group *group)
{
	const struct hmfs_host *host = space->context->host;

	if (space->last == group)
		space->last = NULL;
	list_remove(&group->hashed);
	list_remove(&group->listed);
	if (group->summary)
		group->summary->groups--;
	for (unsigned state = 0; state < HMFS_STATES; state++)
		host->release(group->state[state]);
	host->release(group);
	space->group_total--;
}

static void make_room(struct hmfs_space *space)
{
	struct list_node *oldest;

	while (space->group_total >= space->group_limit && (oldest = list_last(&space->groups)))
		group_destroy(space, container_of(oldest, struct hmfs_group, listed));
}

int hmfs_group_get(struct hmfs_space *space, uint64_t number, struct hmfs_group **found)
{
	struct hmfs_group *group = hmfs_group_in_memory(space, number);
	int error;

	if (group) {
		if (!must_stay(group))
			hmfs_group_settle(space, group);
		*found = group;
		return 0;
	}
	make_room(space);
	group = space->context->host->allocate(sizeof(*group));
	if (!group)
		return -ENOMEM;
	memset(group, 0, sizeof(*group));
	group->number = number;
	group->size = hmfs_group_size(space, number);
	list_push_front(bucket_of(space, number), &group->hashed);
	list_push_front(&space->groups, &group->listed);
	space->group_total++;
	error = hmfs_summary_get(space, number / HMFS_SUMMARY_GROUPS, &group->summary);
	if (!error) {
		group->summary->groups++;
		error = hmfs_group_load(space, group);
	}
	if (error) {
		group_destroy(space, group);
		return error;
	}
	space->last = *found = group;
	return 0;
}

void hmfs_groups_destroy(struct hmfs_space *space)
{
	struct list_node *node;

	while ((node = list_first(&space->groups)) || (node = list_first(&space->pinned)))
		group_destroy(space, container_of(node, struct hmfs_group, listed));
}

int hmfs_group_prepare(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state state)
{
	uint64_t *map;

	if (group->state[state])
		return 0;
	map = space->context->host->allocate(sizeof(group->used));
	if (!map)
		return -ENOMEM;
	memset(map, 0, sizeof(group->used));
	group->state[state] = map;
	return 0;
}

void hmfs_group_mark(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state state,
		     uint32_t first, uint32_t count)
{
	hmfs_bits_set(group->state[state], first, count);
	group->count[state] += count;
	space->count[state] += count;
}

uint32_t hmfs_group_marked(const struct hmfs_group *group, enum hmfs_state state, uint32_t first,
			   uint32_t count)
{
	return group->count[state] ? hmfs_bits_count(group->state[state], first, count) : 0;
}

void hmfs_group_unmark(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state state,
		       uint32_t first, uint32_t count)
{
	uint32_t marked = hmfs_group_marked(group, state, first, count);

	if (marked == 0)
		return;
	hmfs_bits_clear(group->state[state], first, count);
	group->count[state] -= marked;
	space->count[state] -= marked;
	if (group->count[state] == 0) {
		space->context->host->release(group->state[state]);
		group->state[state] = NULL;
	}
}

void hmfs_group_use(struct hmfs_space *space, struct hmfs_group *group, uint32_t first,
		    uint32_t count)
{
	uint32_t news = count - hmfs_bits_count(group->used, first, count);

	hmfs_bits_set(group->used, first, count);
	group->free -= news;
	space->free -= min_u64(space->free, news);
	hmfs_summary_note(group, 0);
}

void hmfs_group_unuse(struct hmfs_space *space, struct hmfs_group *group, uint32_t first,
		      uint32_t count)
{
	uint32_t gone = hmfs_bits_count(group->used, first, count);

	hmfs_bits_clear(group->used, first, count);
	group->free += gone;
	space->free += gone;
	hmfs_summary_note(group, count);
}
