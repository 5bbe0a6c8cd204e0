/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes of several chunks of an object that happen all or not at all: what can fail is done
 * before the first record is stored. What comes of that is in memory only until a commit.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

static size_t values_size(const struct hmfs_volume *volume)
{
	const size_t runs =
		sizeof(struct hmfs_chunk_record) +
		HMFS_CHUNK_BLOCKS * (sizeof(struct hmfs_run) + hmfs_sum_size(volume->super.hash));

	/* One chunk, the first, may be inline. */
	return HMFS_EDIT_CHUNKS * runs + HMFS_CHUNK_VALUE_MAX;
}

static struct hmfs_edit *edit_allocate(struct hmfs_volume *volume)
{
	struct hmfs_contents *contents;
	struct hmfs_edit *edit;
	const size_t size = values_size(volume);

	if (hmfs_contents_get(volume, &contents) != 0)
		return NULL;
	edit = contents->spare;
	contents->spare = NULL;
	if (edit)
		return edit;
	edit = volume->host->allocate(sizeof(*edit) + size);
	if (!edit)
		return NULL;
	edit->values = (uint8_t *)(edit + 1);
	edit->values_size = size;
	return edit;
}

int hmfs_edit_begin(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
		    bool quiet, struct hmfs_edit **edit)
{
	struct hmfs_edit *made = edit_allocate(volume);
	int error;

	*edit = NULL;
	if (!made)
		return -ENOMEM;
	made->volume = volume;
	made->dataset = dataset;
	made->number = number;
	made->chunks = made->taken = made->placed = 0;
	made->values_used = 0;
	made->quiet = quiet;
	memset(&made->object, 0, sizeof(made->object));
	error = quiet ? 0 : hmfs_object_load(dataset, number, &made->object);
	if (!error && hmfs_is_directory(&made->object.record))
		error = -EISDIR;
	else if (!error && made->object.record.flags & HMFS_OBJECT_COMPUTED)
		error = -EPERM;
	if (error) {
		hmfs_edit_end(made);
		return error;
	}
	*edit = made;
	return 0;
}

void hmfs_edit_end(struct hmfs_edit *edit)
{
	struct hmfs_contents *contents;

	if (!edit)
		return;
	for (unsigned i = 0; i < edit->placed; i++)
		hmfs_give_back(edit->volume, edit->place[i].address, edit->place[i].count);
	contents = edit->volume->contents;
	if (contents->spare)
		edit->volume->host->release(edit);
	else
		contents->spare = edit;
}

int hmfs_edit_load(struct hmfs_edit *edit, uint64_t chunk_number)
{
	int error;

	edit->chunk_number = chunk_number;
	/* One that was changed before by the same edit. */
	for (unsigned i = edit->chunks; i-- > 0;) {
		if (edit->saved[i].number != chunk_number)
			continue;
		edit->chunk.runs = 0;
		edit->chunk.is_inline = false;
		if (edit->saved[i].length == 0)
			return 0;
		return hmfs_chunk_decode(edit->volume->super.hash,
					 edit->values + edit->saved[i].offset,
					 edit->saved[i].length, &edit->chunk);
	}
	error = hmfs_chunk_load(edit->dataset, edit->number, chunk_number, &edit->chunk);
	/* Symbolic links have two such chunks, which nobody edits, but which are cut off. */
	if (!error && edit->chunk.is_inline && chunk_number != 0 && !edit->quiet)
		error = hmfs_complain_of_inline(edit->dataset, edit->number);
	return error;
}

void hmfs_edit_clear(struct hmfs_edit *edit, unsigned first, unsigned blocks)
{
	struct hmfs_object_record *record = &edit->object.record;
	struct hmfs_run *taken = edit->runs + edit->taken;
	const unsigned count = hmfs_chunk_clear(&edit->chunk, first, blocks, taken);

	edit->taken += count;
	for (unsigned i = 0; i < count; i++)
		record->blocks -= min_u64(record->blocks, taken[i].blocks);
}

void hmfs_edit_insert(struct hmfs_edit *edit, const struct hmfs_run *run,
		      const uint8_t (*sums)[HMFS_SUM_MAX])
{
	if (!(run->flags & HMFS_RUN_UNWRITTEN))
		memcpy(edit->chunk.sums[run->first], sums, run->blocks * sizeof(sums[0]));
	hmfs_chunk_insert(&edit->chunk, run);
	edit->object.record.blocks += run->blocks;
}

void hmfs_edit_save(struct hmfs_edit *edit)
{
	uint8_t *value = edit->values + edit->values_used;
	size_t length = 0;

	if (edit->chunk.runs || edit->chunk.is_inline)
		length = hmfs_chunk_encode(edit->volume->super.hash, &edit->chunk, value);
	edit->saved[edit->chunks].number = edit->chunk_number;
	edit->saved[edit->chunks].offset = (uint32_t)edit->values_used;
	edit->saved[edit->chunks].length = (uint32_t)length;
	edit->values_used += length;
	edit->chunks++;
}

int hmfs_edit_place(struct hmfs_edit *edit, enum hmfs_use use, uint64_t first, unsigned count,
		    uint64_t address[2], unsigned *got)
{
	const struct hmfs_id id = { edit->dataset->number, edit->number };
	int error;

	if (edit->placed == HMFS_EDIT_PLACES)
		return -ENOSPC;
	error = hmfs_place_new(edit->volume, use, id, first, count, address, got);
	if (error)
		return error;
	edit->place[edit->placed].address[0] = address[0];
	edit->place[edit->placed].address[1] = address[1];
	edit->place[edit->placed].count = *got;
	edit->placed++;
	return 0;
}

void hmfs_edit_touch(struct hmfs_edit *edit)
{
	const uint64_t now = edit->volume->host->now();

	edit->object.record.modify = now;
	edit->object.record.change = now;
}

/* --- All of it. --- */

static bool may_be_dead(const struct hmfs_edit *edit, const struct hmfs_run *run)
{
	return run->flags & HMFS_RUN_SHARED || run->birth <= edit->dataset->record.parent_commit;
}

/* Whatever letting go of what was taken out needs. */
static int prepare_release(struct hmfs_edit *edit)
{
	/* A run may lie across two records of counts, in each of its copies. */
	const unsigned records = 4;
	const size_t value = sizeof(uint32_t) * 16;
	unsigned count = 0;

	for (unsigned i = 0; i < edit->taken; i++) {
		const struct hmfs_run *run = &edit->runs[i];
		struct hmfs_space *space = edit->volume->space;
		int error = hmfs_shared_prepare_drop(space, run->address, run->blocks);

		if (!error && run->mirror)
			error = hmfs_shared_prepare_drop(space, run->mirror, run->blocks);
		if (error)
			return error;
		count += may_be_dead(edit, run) ? records : 0;
	}
	return count ? hmfs_map_prepare(&edit->volume->map, count, count * value) : 0;
}

int hmfs_edit_prepare(struct hmfs_edit *edit)
{
	int error;

	/* The record of the object, and a fork's place in the index. */
	error = hmfs_map_prepare(&edit->dataset->map, edit->chunks + 3,
				 edit->values_used + HMFS_OBJECT_VALUE_MAX);
	/* The first chunk as it will be. */
	if (!error && edit->object.record.flags & HMFS_OBJECT_INDEXED)
		error = hmfs_edit_load(edit, 0);
	if (!error)
		error = prepare_release(edit);
	for (unsigned i = 0; !error && i < edit->placed; i++)
		error = hmfs_confirm(edit->volume, edit->place[i].address, edit->place[i].count);
	return error;
}

static void check_stored(struct hmfs_edit *edit, int error)
{
	const struct hmfs_id id = { edit->dataset->number, edit->number };

	if (error)
		hmfs_complain(edit->volume, &id, "a change was lost: error %d", -error);
}

void hmfs_edit_apply(struct hmfs_edit *edit)
{
	struct hmfs_map *map = &edit->dataset->map;

	for (unsigned i = 0; i < edit->chunks; i++) {
		const struct hmfs_key key = hmfs_chunk_key(edit->number, edit->saved[i].number);
		const uint32_t length = edit->saved[i].length;

		check_stored(edit,
			     length ? hmfs_map_put(map, &key, edit->values + edit->saved[i].offset,
						   length)
				    : hmfs_map_remove(map, &key));
	}
	if (!edit->quiet) {
		edit->object.record.version++;
		hmfs_index_update(edit->dataset, &edit->object, &edit->chunk);
		check_stored(edit, hmfs_object_store(edit->dataset, edit->number, &edit->object));
	}
	for (unsigned i = 0; i < edit->taken; i++)
		hmfs_run_release(edit->volume, edit->dataset, &edit->runs[i]);
	edit->chunks = edit->taken = edit->placed = 0;
	edit->values_used = 0;
}

int hmfs_edit_commit(struct hmfs_edit *edit)
{
	const int error = hmfs_edit_prepare(edit);

	if (!error)
		hmfs_edit_apply(edit);
	return error;
}

/* --- What is let go of. --- */

static void release_copy(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
			 const struct hmfs_run *run, uint64_t address)
{
	unsigned flags = run->flags;
	int error;

	/* Others of the tree may have made a reflink of it, which this record does not know. */
	if (run->birth <= dataset->record.parent_commit)
		flags |= HMFS_RUN_SHARED;
	error = hmfs_dead_run(volume->space, &dataset->record, dataset->number, address,
			      run->blocks, run->birth, flags);
	if (error)
		hmfs_complain(volume, NULL, "blocks %llu+%u are lost until fsck: error %d",
			      (unsigned long long)address, run->blocks, -error);
}

void hmfs_run_release(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
		      const struct hmfs_run *run)
{
	struct hmfs_run left[HMFS_CHUNK_BLOCKS];
	unsigned count = 1;

	left[0] = *run;
	if (run->flags & HMFS_RUN_UNWRITTEN)
		count = hmfs_lent_release(volume, run, left);
	for (unsigned i = 0; i < count; i++) {
		release_copy(volume, dataset, &left[i], left[i].address);
		if (left[i].mirror)
			release_copy(volume, dataset, &left[i], left[i].mirror);
	}
}
