/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries of what groups' records say: a 16 TiB volume has 256 of them. */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

#define SUMMARIES_KEPT 256u

static void summary_key(uint64_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ .place = HMFS_PLACE(HMFS_KIND_SUMMARY, number) };
}

static struct list *bucket_of(struct hmfs_space *space, uint64_t number)
{
	return &space->summary_buckets[number % HMFS_SPACE_BUCKETS];
}

static void summary_destroy(struct hmfs_space *space, struct hmfs_summary *summary)
{
	list_remove(&summary->hashed);
	list_remove(&summary->listed);
	space->context->host->release(summary);
	space->summary_total--;
}

void hmfs_summaries_destroy(struct hmfs_space *space)
{
	struct list_node *node;

	while ((node = list_first(&space->summaries)))
		summary_destroy(space, container_of(node, struct hmfs_summary, listed));
}

static void make_room(struct hmfs_space *space)
{
	struct list_node *node = space->summaries.head.previous;

	while (space->summary_total >= SUMMARIES_KEPT && node != &space->summaries.head) {
		struct hmfs_summary *summary = container_of(node, struct hmfs_summary, listed);

		node = node->previous;
		if (summary->groups == 0 && !summary->changed)
			summary_destroy(space, summary);
	}
}

/* -EIO: it says what cannot be. */
static int summary_load(struct hmfs_space *space, struct hmfs_summary *summary)
{
	struct hmfs_summary_record *record = &summary->recorded;
	struct hmfs_key key;
	ssize_t length;

	summary_key(summary->number, &key);
	length = hmfs_map_get(space->map, &key, record, sizeof(*record));
	if (length < 0 && length != -ENOENT)
		return (int)length;
	if (length >= 0 && length != (ssize_t)sizeof(*record))
		return -EIO;
	for (unsigned i = 0; i < HMFS_SUMMARY_GROUPS; i++) {
		if (record->used[i] > HMFS_GROUP_BLOCKS)
			return -EIO;
	}
	summary->now = *record;
	return 0;
}

int hmfs_summary_get(struct hmfs_space *space, uint64_t number, struct hmfs_summary **found)
{
	struct list *bucket = bucket_of(space, number);
	struct hmfs_summary *summary;
	struct list_node *node;
	int error;

	list_for_each (node, bucket) {
		summary = container_of(node, struct hmfs_summary, hashed);
		if (summary->number == number) {
			list_remove(&summary->listed);
			list_push_front(&space->summaries, &summary->listed);
			*found = summary;
			return 0;
		}
	}
	make_room(space);
	summary = space->context->host->allocate(sizeof(*summary));
	if (!summary)
		return -ENOMEM;
	memset(summary, 0, sizeof(*summary));
	summary->number = number;
	list_push_front(bucket, &summary->hashed);
	list_push_front(&space->summaries, &summary->listed);
	space->summary_total++;
	error = summary_load(space, summary);
	if (error) {
		summary_destroy(space, summary);
		return error;
	}
	*found = summary;
	return 0;
}

int hmfs_summaries_store(struct hmfs_space *space)
{
	struct list_node *node;

	list_for_each (node, &space->summaries) {
		struct hmfs_summary *summary = container_of(node, struct hmfs_summary, listed);
		struct hmfs_key key;
		int error;

		if (!summary->changed)
			continue;
		summary_key(summary->number, &key);
		error = hmfs_map_put(space->map, &key, &summary->recorded,
				     sizeof(summary->recorded));
		if (error)
			return error;
		summary->changed = false;
	}
	return 0;
}

void hmfs_summary_set_longest(struct hmfs_group *group, unsigned longest)
{
	group->summary->now.longest[group->number % HMFS_SUMMARY_GROUPS] = (uint8_t)longest;
}

void hmfs_summary_note(struct hmfs_group *group, uint32_t free)
{
	struct hmfs_summary_record *now = &group->summary->now;
	unsigned i = group->number % HMFS_SUMMARY_GROUPS;

	/* What is left of a group that was all free is one run, or nearly. */
	if (now->used[i] == 0)
		free = group->free;
	now->used[i] = (uint16_t)(group->size - group->free);
	if (free && bit_highest(free) > now->longest[i])
		hmfs_summary_set_longest(group, bit_highest(free));
}

int hmfs_summary_longest(const struct hmfs_space *space, const struct hmfs_summary *summary,
			 uint64_t group)
{
	unsigned i = group % HMFS_SUMMARY_GROUPS;
	uint32_t used = summary->now.used[i];

	/* Most groups are whole ones: the size of others is looked at last. */
	if (used != 0 && used < HMFS_GROUP_BLOCKS && group + 1 < space->group_count)
		return summary->now.longest[i];
	if (used >= hmfs_group_size(space, group))
		return -1;
	return used == 0 ? (int)bit_highest(hmfs_group_size(space, group))
			 : summary->now.longest[i];
}
