/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done in the background, a step at a time: commits when it is time, merges, what is left
 * of deleted files and datasets.
 */
#include <base/errno.h>

#include "volume_priv.h"

#define NS_PER_SECOND 1000000000ull
/* Per step: objects or entries. */
#define BUDGET 256u
/* As many times the period is a commit in any case. */
#define SYNCS_PER_COMMIT 12u
/* Of what may be in memory, what is little; of the volume, what should be free soon. */
#define LITTLE_SHARE 8u
#define FREED_SHARE  64u
/* No reason to worry. */
#define LITTLE_BLOCKS 16u

/* --- Merges --- */

struct merged {
	struct hmfs_volume *volume;
	struct hmfs_dataset *dataset; /* NULL: the volume's own map */
};

/* A segment was merged into another one. The log cannot tell that. */
static void let_go(void *context, const struct hmfs_segment_pointer *segment)
{
	const struct merged *merged = context;
	struct hmfs_volume *volume = merged->volume;
	struct hmfs_dataset *dataset = merged->dataset;
	const int error = hmfs_dead_segment(volume->space, dataset ? &dataset->record : NULL,
					    dataset ? dataset->number : 0, segment);

	if (error)
		hmfs_tell(volume, HMFS_LOG_WARNING,
			  "%llu blocks are lost until the next fsck (error %d)",
			  2 * (unsigned long long)segment->blocks, -error);
	if (dataset)
		hmfs_dataset_changed(dataset);
	volume->must_commit = true;
}

static int merge_map(struct hmfs_volume *volume, struct hmfs_map *map, struct hmfs_dataset *dataset)
{
	struct merged merged = { volume, dataset };

	return hmfs_map_merge_step(map, volume->commit, true, let_go, &merged);
}

static bool can_merge(const struct hmfs_dataset *dataset)
{
	return !dataset->gone && !dataset->pending &&
	       !(dataset->record.flags & (HMFS_DATASET_READ_ONLY | HMFS_DATASET_HIDDEN));
}

/* Until the list is shorter, or cannot be made so. */
static int shorten(struct hmfs_volume *volume, struct hmfs_map *map, struct hmfs_dataset *dataset,
		   unsigned full)
{
	int more = 1;

	while (more > 0 && map->count >= full)
		more = merge_map(volume, map, dataset);
	if (map->count < HMFS_LIST_MAX)
		return 0;
	return more < 0 ? more : -ENOSPC;
}

int hmfs_merge_room(struct hmfs_volume *volume, unsigned full)
{
	struct list_node *node;
	int error = shorten(volume, &volume->map, NULL, full);

	for (node = volume->datasets.head.next; !error && node != &volume->datasets.head;
	     node = node->next) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (can_merge(dataset))
			error = shorten(volume, &dataset->map, dataset, full);
	}
	return error;
}

static int merge_step(struct hmfs_volume *volume)
{
	struct list_node *node;
	int more = merge_map(volume, &volume->map, NULL);

	for (node = volume->datasets.head.next; !more && node != &volume->datasets.head;
	     node = node->next) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (can_merge(dataset))
			more = merge_map(volume, &dataset->map, dataset);
	}
	/* Where there is no room it stays as it is. */
	return more == -ENOSPC ? 0 : more;
}

/* --- When space is short --- */

bool hmfs_room_is_short(const struct hmfs_volume *volume)
{
	/* Both copies; what goes with a commit beside. */
	const uint64_t wanted = hmfs_newest_total(volume) / HMFS_BLOCK_SIZE * 2;

	return wanted > LITTLE_BLOCKS && wanted > hmfs_space_free_blocks(volume->space) / 4;
}

static int merge_urgently(struct hmfs_volume *volume, struct hmfs_map *map,
			  struct hmfs_dataset *dataset)
{
	int more = 0;

	map->urgent = true;
	/* Where there is no room for all of it, there may be for some. */
	for (unsigned attempt = 0; attempt < 2; attempt++) {
		do
			more = merge_map(volume, map, dataset);
		while (more > 0);
		if (more != -ENOSPC)
			break;
	}
	map->urgent = false;
	return more == -ENOSPC ? 0 : more;
}

static int merge_all_urgently(struct hmfs_volume *volume)
{
	struct list_node *node;
	int error = merge_urgently(volume, &volume->map, NULL);

	for (node = volume->datasets.head.next; !error && node != &volume->datasets.head;
	     node = node->next) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (can_merge(dataset))
			error = merge_urgently(volume, &dataset->map, dataset);
	}
	return error;
}

int hmfs_make_room(struct hmfs_volume *volume)
{
	int error = hmfs_commit_all(volume);

	if (error)
		return error;
	hmfs_busy_begin(volume);
	error = merge_all_urgently(volume);
	/* What the merges freed is free then. */
	if (!error && volume->must_commit)
		error = hmfs_commit_once(volume);
	hmfs_busy_end(volume);
	return error;
}

/* --- All of it --- */

enum due { NOTHING_DUE, SYNC_DUE, COMMIT_DUE };

/* Whether much of the volume waits for a commit to be free. */
static bool much_is_freed(const struct hmfs_volume *volume)
{
	const uint64_t now = hmfs_space_free_blocks(volume->space);
	const uint64_t after = hmfs_space_free_after(volume->space);

	return after > now && after - now > volume->blocks / FREED_SHARE;
}

/* Many small commits are many small segments, to be merged again and again: what is little is made
 * durable by the log for some time. */
static enum due what_is_due(struct hmfs_volume *volume, unsigned seconds)
{
	const uint64_t now = volume->host->now(), period = seconds * NS_PER_SECOND;
	const uint64_t passed = now - volume->last_commit_time;
	const size_t total = hmfs_newest_total(volume);

	if (!hmfs_anything_changed(volume)) {
		volume->last_commit_time = volume->last_sync_time = now;
		return NOTHING_DUE;
	}
	/* A clock that was set back says nothing. */
	if (total > volume->host->newest_bytes || passed >= period * SYNCS_PER_COMMIT ||
	    now < volume->last_sync_time)
		return COMMIT_DUE;
	if (now - volume->last_sync_time < period)
		return NOTHING_DUE;
	if (volume->must_commit || total > volume->host->newest_bytes / LITTLE_SHARE ||
	    much_is_freed(volume))
		return COMMIT_DUE;
	return SYNC_DUE;
}

static int do_what_is_due(struct hmfs_volume *volume, unsigned seconds)
{
	const enum due due = what_is_due(volume, seconds);

	if (due == NOTHING_DUE)
		return 0;
	volume->last_sync_time = volume->host->now();
	return due == COMMIT_DUE ? hmfs_commit_all(volume) : hmfs_sync_locked(volume);
}

static int busy_step(struct hmfs_volume *volume)
{
	int more, error;

	hmfs_busy_begin(volume);
	more = merge_step(volume);
	error = more < 0 ? more : hmfs_snapshots_reap(volume, BUDGET);
	hmfs_busy_end(volume);
	return error < 0 ? error : more || error;
}

int hmfs_work(struct hmfs_volume *volume, unsigned seconds)
{
	int error, more = 0, orphans = 0;

	hmfs_lock(volume);
	if (volume->read_only || volume->failed) {
		hmfs_unlock(volume);
		return 0;
	}
	error = do_what_is_due(volume, seconds);
	if (!error && !volume->failed)
		error = more = busy_step(volume);
	if (error >= 0 && !volume->failed)
		error = orphans = hmfs_orphans_reap(volume, BUDGET);
	hmfs_unlock(volume);
	return error < 0 ? error : more || orphans;
}
