/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A commit's part in space: seal, flush, done. */
#include <base/errno.h>
#include <base/string.h>

#include "space_priv.h"

static struct hmfs_group *group_of(struct list_node *node)
{
	return container_of(node, struct hmfs_group, listed);
}

/* What has one state has the other as well from now on. */
static void move_state(struct hmfs_space *space, struct hmfs_group *group, enum hmfs_state from,
		       enum hmfs_state to)
{
	uint64_t *map = group->state[from];
	uint32_t count = group->count[from];

	if (!map)
		return;
	group->state[from] = NULL;
	group->count[from] = 0;
	space->count[from] -= count;
	space->count[to] += count;
	group->count[to] += count;
	if (!group->state[to]) {
		group->state[to] = map;
		return;
	}
	for (unsigned word = 0; word < HMFS_GROUP_WORDS; word++)
		group->state[to][word] |= map[word];
	space->context->host->release(map);
}

int hmfs_space_seal(struct hmfs_space *space)
{
	struct list_node *node;
	int error = hmfs_space_free_postponed(space);

	if (error)
		return error;
	list_for_each (node, &space->pinned)
		move_state(space, group_of(node), HMFS_FREED, HMFS_SEALED);
	hmfs_unlogged_forget(space);
	space->phase = HMFS_COMMIT_SEALED;
	return 0;
}

int hmfs_space_flush(struct hmfs_space *space)
{
	struct list_node *node, *following;
	int error;

	list_for_each_safe (node, following, &space->pinned) {
		struct hmfs_group *group = group_of(node);

		/* What was late for the flush before this one is not for this one. */
		if (group->count[HMFS_LATE])
			group->changed = true;
		hmfs_group_unmark(space, group, HMFS_LATE, 0, group->size);
		error = group->changed ? hmfs_group_store(space, group) : 0;
		if (error)
			return error;
		hmfs_group_settle(space, group);
	}
	error = hmfs_summaries_store(space);
	if (!error)
		space->phase = HMFS_COMMIT_FLUSHED;
	return error;
}

unsigned hmfs_space_late(const struct hmfs_space *space, struct hmfs_extent *extents, unsigned max)
{
	const struct list_node *node;
	unsigned count = 0;

	list_for_each (node, &space->pinned) {
		const struct hmfs_group *group =
			container_of(node, const struct hmfs_group, listed);
		const uint64_t *late = group->state[HMFS_LATE];
		size_t first, end = 0;

		if (group->count[HMFS_LATE] == 0)
			continue;
		while ((first = bitmap_find_set(late, group->size, end)) < group->size) {
			end = bitmap_find_clear(late, group->size, first);
			if (count < max)
				extents[count] = (struct hmfs_extent){
					.address = group->number * HMFS_GROUP_BLOCKS + first,
					.blocks = end - first,
				};
			count++;
		}
	}
	return count;
}

/* The commit is on disk: what was freed before it can be had again. */
static void release_sealed(struct hmfs_space *space, struct hmfs_group *group)
{
	const uint64_t *sealed = group->state[HMFS_SEALED];
	uint32_t count = group->count[HMFS_SEALED];

	if (!sealed)
		return;
	for (unsigned word = 0; word < HMFS_GROUP_WORDS; word++)
		group->used[word] &= ~sealed[word];
	group->free += count;
	space->free += count;
	hmfs_group_unmark(space, group, HMFS_SEALED, 0, group->size);
	hmfs_summary_note(group, 0);
	hmfs_summary_set_longest(group, hmfs_bits_longest(group->used, group->size));
}

void hmfs_space_done(struct hmfs_space *space, bool failed)
{
	struct list_node *node, *following;

	list_for_each_safe (node, following, &space->pinned) {
		struct hmfs_group *group = group_of(node);

		if (group->count[HMFS_FREED] || group->count[HMFS_NEXT] ||
		    group->count[HMFS_LATE] || (failed && group->count[HMFS_SEALED]))
			group->changed = true;
		if (failed)
			move_state(space, group, HMFS_SEALED, HMFS_FREED);
		else
			release_sealed(space, group);
		hmfs_group_unmark(space, group, HMFS_NEXT, 0, group->size);
		hmfs_group_unmark(space, group, HMFS_LATE, 0, group->size);
		hmfs_group_settle(space, group);
	}
	space->phase = HMFS_COMMIT_NONE;
	/* The next commit's segments lie where those that it replaces were, not all over. */
	hmfs_space_rewind(space);
}

uint64_t hmfs_space_free_after(const struct hmfs_space *space)
{
	enum hmfs_state freed = space->phase == HMFS_COMMIT_NONE ? HMFS_FREED : HMFS_SEALED;

	return space->free + space->count[freed] + space->count[HMFS_TENTATIVE] +
	       space->count[HMFS_NEXT] + space->count[HMFS_LATE];
}
