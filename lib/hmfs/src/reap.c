/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deleting datasets, by and by: one at a time, in steps, of which any commit may come between.
 *
 * One that is hidden goes when at most one other comes off it. If one does, it takes the place of
 * the one that goes at once; then, of its dead, what only the one that goes had is freed, and it
 * takes over the dead of that one. If none does, all that was born in it is freed: the runs of all
 * its files, then its segments.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* Behind all keys: `place` counts segments. */
#define ALL_OBJECTS UINT64_MAX

/* What comes off dataset `number`: how many, and one of them. */
static int count_children(struct hmfs_volume *volume, uint32_t number,
			  struct hmfs_dataset_record *record, uint32_t *child)
{
	int count = 0, error;

	for (uint32_t at = 0;; at++) {
		error = hmfs_dataset_walk(volume, &at, record);
		if (error || at == UINT32_MAX)
			return !error || error == -ENOENT ? count : error;
		if (record->parent != number || record->flags & HMFS_DATASET_DYING)
			continue;
		*child = at;
		count++;
	}
}

/* Sets one on its way out. What it has in memory only is on the disk before. */
static int begin(struct hmfs_volume *volume, uint32_t number, uint32_t child)
{
	struct hmfs_dataset *dataset, *heir = NULL;
	int error = hmfs_dataset_get_any(volume, number, &dataset);

	if (!error && child)
		error = hmfs_dataset_get_any(volume, child, &heir);
	if (!error && (dataset->map.frozen || hmfs_newest_count(dataset->map.newest)))
		error = hmfs_commit_once(volume);
	if (error)
		return error;
	hmfs_map_merge_stop(&dataset->map);
	if (heir) {
		heir->record.parent = dataset->record.parent;
		heir->record.parent_commit = dataset->record.parent_commit;
		dataset->record.heir = heir->record.dead;
		hmfs_dataset_changed(heir);
	}
	dataset->record.flags |= HMFS_DATASET_DYING;
	memset(&dataset->record.reaped, 0, sizeof(dataset->record.reaped));
	hmfs_dataset_changed(dataset);
	volume->must_commit = true;
	return 0;
}

/* The next one to go, first of all one that is on its way: volume->reaping. */
static int choose(struct hmfs_volume *volume, struct hmfs_dataset_record *record)
{
	uint32_t candidate = 0, candidate_child = 0;
	int error;

	for (uint32_t at = 0;; at++) {
		uint32_t number = at, child = 0;

		error = hmfs_dataset_walk(volume, &number, record);
		if (error)
			break;
		at = number;
		if (record->flags & HMFS_DATASET_DYING) {
			volume->reaping = number;
			return 0;
		}
		if (!candidate && record->flags & HMFS_DATASET_HIDDEN) {
			const int count = count_children(volume, number, record, &child);

			if (count < 0)
				return count;
			if (count < 2) {
				candidate = number;
				candidate_child = child;
			}
		}
		if (at == UINT32_MAX)
			break;
	}
	if (error && error != -ENOENT)
		return error;
	if (!candidate) {
		volume->reap_idle = true;
		return 0;
	}
	error = begin(volume, candidate, candidate_child);
	if (!error)
		volume->reaping = candidate;
	return error;
}

/* --- Contents that nobody else has --- */

static int free_run(struct hmfs_volume *volume, const struct hmfs_dataset *dataset,
		    const struct hmfs_run *run)
{
	/* That another dataset shares it only that one's record may tell. */
	const unsigned flags = run->flags | HMFS_RUN_SHARED;
	int error;

	if (run->birth <= dataset->record.parent_commit)
		return 0;
	error = hmfs_dead_run(volume->space, &dataset->record, dataset->number, run->address,
			      run->blocks, run->birth, flags);
	if (!error && run->mirror)
		error = hmfs_dead_run(volume->space, &dataset->record, dataset->number, run->mirror,
				      run->blocks, run->birth, flags);
	return error;
}

static int free_chunk(struct hmfs_volume *volume, const struct hmfs_dataset *dataset,
		      const struct hmfs_value *value, struct hmfs_chunk *chunk)
{
	int error = hmfs_chunk_decode(volume->super.hash, value->bytes, value->length, chunk);

	if (error)
		return hmfs_complain(volume, NULL, "a file of dataset %u has nonsense in it",
				     dataset->number);
	for (unsigned i = 0; !error && i < chunk->runs; i++)
		error = free_run(volume, dataset, &chunk->run[i]);
	return error;
}

/* The contents of up to `budget` entries. 0: that was all. */
static int free_contents(struct hmfs_volume *volume, struct hmfs_dataset *dataset, unsigned budget)
{
	struct hmfs_chunk *chunk = volume->host->allocate(sizeof(*chunk));
	struct hmfs_key *reaped = &dataset->record.reaped;
	struct hmfs_cursor cursor = { 0 };
	int error;

	if (!chunk)
		return -ENOMEM;
	error = hmfs_cursor_seek(&cursor, &dataset->map, reaped);
	while (!error && budget) {
		if (cursor.key.place >> 56 == HMFS_KIND_CHUNK)
			error = free_chunk(volume, dataset, &cursor.value, chunk);
		if (error)
			break;
		/* The key behind it; no entry's key is the last there is. */
		*reaped = cursor.key;
		if (++reaped->minor == 0 && ++reaped->place == 0)
			reaped->object++;
		budget--;
		error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	volume->host->release(chunk);
	hmfs_dataset_changed(dataset);
	if (error == -ENOENT)
		*reaped = (struct hmfs_key){ .object = ALL_OBJECTS };
	return !error || error == -ENOENT ? 1 : error;
}

/* One of its segments. 0: there are no more. */
static int free_segment(struct hmfs_volume *volume, struct hmfs_dataset *dataset)
{
	struct hmfs_map_root *root = volume->host->allocate(sizeof(*root));
	struct hmfs_key *reaped = &dataset->record.reaped;
	int error = 0;

	if (!root)
		return -ENOMEM;
	hmfs_map_root(&dataset->map, root);
	while (!error && reaped->place < root->count) {
		const struct hmfs_segment_pointer *segment = &root->segments[reaped->place++];

		hmfs_dataset_changed(dataset);
		if (segment->birth <= dataset->record.parent_commit)
			continue;
		error = hmfs_dead_segment(volume->space, &dataset->record, dataset->number,
					  segment);
		if (!error)
			error = 1;
	}
	volume->host->release(root);
	return error;
}

/* 0: all that there is to do is done. */
static int step(struct hmfs_volume *volume, struct hmfs_dataset *dataset, unsigned budget)
{
	const struct hmfs_dataset_record *record = &dataset->record;

	if (record->heir)
		return hmfs_dead_inherit(volume->space, (uint32_t)record->dead,
					 record->parent_commit, (uint32_t)record->heir, budget);
	if (record->reaped.object != ALL_OBJECTS)
		return free_contents(volume, dataset, budget);
	if (record->reaped.place < dataset->map.count) {
		const int more = free_segment(volume, dataset);

		if (more)
			return more;
	}
	return hmfs_dead_forget(volume->space, (uint32_t)record->dead, budget);
}

static int remove(struct hmfs_volume *volume, struct hmfs_dataset *dataset)
{
	struct hmfs_key key;
	int error;

	hmfs_dataset_key(dataset->number, &key);
	error = hmfs_map_remove(&volume->map, &key);
	if (error)
		return error;
	dataset->gone = true;
	dataset->record_changed = false;
	dataset->record_unlogged = false;
	volume->reaping = 0;
	return 0;
}

int hmfs_snapshots_reap(struct hmfs_volume *volume, unsigned budget)
{
	struct hmfs_dataset_record *record;
	struct hmfs_dataset *dataset;
	int error = 0;

	if (volume->reap_idle || volume->read_only || volume->failed)
		return 0;
	if (!volume->reaping) {
		record = volume->host->allocate(sizeof(*record));
		if (!record)
			return -ENOMEM;
		error = choose(volume, record);
		volume->host->release(record);
		if (error == -EIO)
			volume->reap_idle = true;
		if (error || volume->reap_idle)
			return error;
	}
	error = hmfs_dataset_get_any(volume, volume->reaping, &dataset);
	if (!error) {
		volume->must_commit = true;
		error = step(volume, dataset, budget);
	}
	if (!error)
		error = remove(volume, dataset);
	/* What is damaged stays until it is repaired. */
	if (error == -EIO)
		volume->reap_idle = true;
	return error < 0 ? error : 1;
}
