/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commits.
 *
 *   freeze   all newest maps become frozen, at one instant
 *   write    the datasets' frozen maps become segments; others change what is newest meanwhile
 *   record   records of the datasets and of space go into the volume's own frozen map, which is
 *            written too
 *   root     a flush, the root record, a flush
 *
 * What goes wrong before the root record is written is an error and no harm: the frozen maps stay,
 * and the next commit takes them up. Its number is another one, since what was changed meanwhile
 * carries the number after that of the commit that failed. If it cannot be known what is on the
 * disk (a write or a flush failed), the volume is not changed any more.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* Lists longer than this are merged before another segment comes. */
#define LIST_FULL (HMFS_LIST_MAX - 4)
/* How often the records of space are written again because of what that took. */
#define LATE_ROUNDS 4u

size_t hmfs_newest_total(const struct hmfs_volume *volume)
{
	const struct list_node *node;
	size_t total = hmfs_newest_bytes(volume->map.newest);

	if (volume->map.frozen)
		total += hmfs_newest_bytes(volume->map.frozen);
	list_for_each (node, &volume->datasets) {
		const struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		total += hmfs_newest_bytes(dataset->map.newest);
		if (dataset->map.frozen)
			total += hmfs_newest_bytes(dataset->map.frozen);
	}
	return total;
}

static bool map_changed(const struct hmfs_map *map)
{
	return map->frozen || hmfs_newest_count(map->newest);
}

bool hmfs_anything_changed(const struct hmfs_volume *volume)
{
	const struct list_node *node;

	if (volume->must_commit || map_changed(&volume->map))
		return true;
	list_for_each (node, &volume->datasets) {
		const struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (dataset->record_changed || map_changed(&dataset->map))
			return true;
	}
	return false;
}

/* --- Freezing --- */

/* Maps are frozen, and what else belongs to the commit is kept aside. If it fails some maps are
 * frozen, which does not matter: the next commit freezes what came on top, too. */
static int freeze_maps(struct hmfs_volume *volume)
{
	struct list_node *node;
	int error = hmfs_map_freeze(&volume->map);

	for (node = volume->datasets.head.next; !error && node != &volume->datasets.head;
	     node = node->next) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (!dataset->frozen)
			dataset->frozen = volume->host->allocate(sizeof(*dataset->frozen));
		error = dataset->frozen ? hmfs_map_freeze(&dataset->map) : -ENOMEM;
	}
	return error ? error : hmfs_space_seal(volume->space);
}

static void freeze_records(struct hmfs_volume *volume)
{
	struct list_node *node;

	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (dataset->gone || (!dataset->map.frozen && !dataset->record_changed)) {
			volume->host->release(dataset->frozen);
			dataset->frozen = NULL;
			continue;
		}
		/* One that was received is read-only before its last changes are on the disk. */
		if (dataset->map.frozen)
			dataset->record.changed = volume->commit;
		*dataset->frozen = dataset->record;
		dataset->record_changed = false;
		dataset->record_unlogged = false;
	}
}

static int freeze(struct hmfs_volume *volume)
{
	struct hmfs_root *next = &volume->next;
	const int error = freeze_maps(volume);

	/* What became frozen the log does not get to see. */
	volume->must_commit = error != 0;
	if (error)
		return error;
	hmfs_snapshot_frozen(volume);
	freeze_records(volume);
	hmfs_log_frozen(volume);
	*next = volume->root;
	next->commit = volume->commit;
	/* A volume that is being made shall be the same each time. */
	next->time = volume->root.commit ? volume->host->now() : volume->super.created;
	next->next_dataset = volume->next_dataset;
	volume->commit++;
	return 0;
}

/* --- Writing --- */

static int write_datasets(struct hmfs_volume *volume)
{
	struct list_node *node;

	/* Others may add datasets at the end of the list while the lock is free; none goes. */
	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (dataset->map.frozen && dataset->frozen) {
			const int error =
				hmfs_map_write_frozen(&dataset->map, volume->next.commit, true);

			if (error)
				return error;
		}
	}
	hmfs_snapshot_written(volume);
	return 0;
}

static int put_records(struct hmfs_volume *volume)
{
	struct list_node *node;
	struct hmfs_key key;

	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);
		int error;

		if (!dataset->frozen)
			continue;
		if (!dataset->pending)
			hmfs_map_root(&dataset->map, &dataset->frozen->map);
		hmfs_dataset_key(dataset->number, &key);
		error = hmfs_map_put(&volume->map, &key, dataset->frozen, sizeof(*dataset->frozen));
		if (error)
			return error;
	}
	return 0;
}

/* The volume's map: records go into what was frozen, since what others change of it meanwhile
 * belongs to the next commit. */
static int put_all(struct hmfs_volume *volume, bool first)
{
	int error = hmfs_map_redirect(&volume->map, true), ignored;

	if (error)
		return error;
	if (first) {
		error = put_records(volume);
		if (!error)
			error = hmfs_log_prepare(volume, &volume->next);
	}
	if (!error)
		error = hmfs_space_flush(volume->space);
	ignored = hmfs_map_redirect(&volume->map, false);
	(void)ignored; /* there is nothing to make */
	return error;
}

/* Writing the volume's map takes blocks that the records in it do not tell. The root record
 * tells them; where space is in so many pieces that it cannot, a further small segment has
 * records of what the one before took. */
static int write_own_map(struct hmfs_volume *volume)
{
	struct hmfs_root *next = &volume->next;
	int error;

	for (unsigned round = 0;; round++) {
		unsigned late;

		error = put_all(volume, round == 0);
		if (!error && volume->map.frozen)
			error = hmfs_map_write_frozen(&volume->map, next->commit, true);
		if (error)
			return error;
		memset(next->late, 0, sizeof(next->late));
		late = hmfs_space_late(volume->space, next->late, HMFS_LATE_EXTENTS);
		if (late <= HMFS_LATE_EXTENTS)
			break;
		if (round == LATE_ROUNDS || volume->map.count + 2 > HMFS_LIST_MAX)
			return -ENOSPC;
	}
	hmfs_map_root(&volume->map, &next->map);
	next->blocks = volume->blocks;
	next->free_blocks = hmfs_space_free_after(volume->space);
	return 0;
}

static int write_root(struct hmfs_volume *volume)
{
	struct hmfs_device *device = volume->device;
	int error;

	/* It differs from that of any root record that ever had this log. */
	volume->next.log_nonce = volume->nonce;
	hmfs_root_seal(volume->super.hash, &volume->next);
	memcpy(&volume->next.log_nonce, volume->next.sum, sizeof(volume->next.log_nonce));
	hmfs_root_seal(volume->super.hash, &volume->next);
	hmfs_unlock(volume);
	error = device->ops->flush(device);
	if (!error)
		error = hmfs_root_write(volume, &volume->next);
	hmfs_lock(volume);
	return error;
}

/* --- Ending --- */

static void end_frozen(struct hmfs_volume *volume, bool failed)
{
	struct list_node *node;

	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (!dataset->frozen)
			continue;
		if (failed)
			hmfs_dataset_changed(dataset);
		volume->host->release(dataset->frozen);
		dataset->frozen = NULL;
	}
}

static uint64_t list_blocks(const struct hmfs_map *map, struct hmfs_map_root *root)
{
	uint64_t blocks = 0;

	hmfs_map_root(map, root);
	for (unsigned i = 0; i < root->count; i++)
		blocks += 2 * root->segments[i].blocks;
	return blocks;
}

/* How much may be merged: `next` is of no more use, and lends its room. */
void hmfs_count_metadata(struct hmfs_volume *volume)
{
	struct hmfs_map_root *root = &volume->next.map;
	uint64_t blocks = list_blocks(&volume->map, root);
	const struct list_node *node;

	list_for_each (node, &volume->datasets) {
		const struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (!dataset->gone && !(dataset->record.flags & HMFS_DATASET_READ_ONLY))
			blocks += list_blocks(&dataset->map, root);
	}
	hmfs_space_set_metadata(volume->space, blocks);
}

static int end_commit(struct hmfs_volume *volume, int error, bool lost)
{
	end_frozen(volume, error != 0);
	hmfs_space_done(volume->space, error != 0);
	volume->committing = false;
	if (error) {
		volume->must_commit = true;
		hmfs_log_cancel(volume);
		/* What a device refused to write it may have forgotten as well. */
		if (lost || error == -EIO) {
			volume->failed = true;
			hmfs_tell(volume, HMFS_LOG_ERROR,
				  "commit %llu could not be written (error %d): read-only from now "
				  "on",
				  (unsigned long long)volume->next.commit, -error);
		}
		return error;
	}
	volume->root = volume->next;
	volume->last_commit_time = volume->last_sync_time = volume->host->now();
	volume->commits++;
	hmfs_log_switch(volume);
	hmfs_count_metadata(volume);
	return 0;
}

/* --- The commit --- */

int hmfs_commit_once(struct hmfs_volume *volume)
{
	bool lost = false;
	int error;

	if (volume->failed)
		return -EIO;
	if (volume->read_only)
		return -EROFS;
	error = hmfs_merge_room(volume, LIST_FULL);
	if (!error)
		error = freeze(volume);
	if (error)
		return error;
	volume->committing = true;
	error = write_datasets(volume);
	if (!error)
		error = write_own_map(volume);
	if (!error) {
		error = write_root(volume);
		lost = error != 0;
	}
	return end_commit(volume, error, lost);
}

int hmfs_commit_all(struct hmfs_volume *volume)
{
	/* What was changed before belongs to this one at the latest. */
	const uint64_t target = volume->commit;

	while (volume->root.commit < target) {
		int error;

		if (volume->busy) {
			hmfs_wait(volume);
			continue;
		}
		if (!hmfs_anything_changed(volume))
			return 0;
		volume->busy = true;
		error = hmfs_commit_once(volume);
		hmfs_busy_end(volume);
		if (error)
			return error;
	}
	return 0;
}

int hmfs_commit(struct hmfs_volume *volume)
{
	int error;

	hmfs_lock(volume);
	error = hmfs_commit_all(volume);
	hmfs_unlock(volume);
	return error;
}
