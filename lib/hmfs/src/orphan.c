/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects without names. Those that are held, or too large to be deleted at once, have an entry in
 * the list of orphans from the change that took their last name on, so that they are found whenever
 * the volume is mounted again. When nobody holds them any more, they are deleted: small ones at
 * once, others by hmfs_work().
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* Chunks that are deleted with the last name, or when somebody lets go of the object. */
#define AT_ONCE_CHUNKS 4u

static void orphan_key(uint64_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ HMFS_ORPHANS, HMFS_PLACE(HMFS_KIND_ORPHAN, number), 0 };
}

void hmfs_orphan_add(struct hmfs_dataset *dataset, uint64_t number)
{
	struct hmfs_key key;

	orphan_key(number, &key);
	hmfs_put_prepared(dataset, &key, "", 0);
	hmfs_held_orphan(hmfs_volume_of(dataset), (struct hmfs_id){ dataset->number, number });
}

void hmfs_orphan_take(struct hmfs_dataset *dataset, uint64_t number)
{
	struct hmfs_key key;

	orphan_key(number, &key);
	hmfs_remove_prepared(dataset, &key);
}

/* It may be deleted now: the next hmfs_orphans_reap() will see it. */
static void to_be_reaped(struct hmfs_dataset *dataset, uint64_t number)
{
	if (dataset->orphans_reaped || number < dataset->orphan_next)
		dataset->orphan_next = number;
	dataset->orphans_reaped = false;
}

/* Contents that lie in records as a whole: no blocks to be freed. */
static void remove_inline(struct hmfs_dataset *dataset, uint64_t number,
			  const struct hmfs_object_record *record)
{
	unsigned chunks = record->size > 0;

	if ((record->mode & HMFS_MODE_TYPE) == HMFS_MODE_LINK)
		chunks = record->size > HMFS_INLINE_MAX ? 2 : 1;
	else if ((record->mode & HMFS_MODE_TYPE) != HMFS_MODE_REGULAR)
		chunks = 0;
	for (unsigned chunk = 0; chunk < chunks; chunk++) {
		const struct hmfs_key key = { number, HMFS_PLACE(HMFS_KIND_CHUNK, chunk), 0 };

		hmfs_remove_prepared(dataset, &key);
	}
}

static void remove_record(struct hmfs_dataset *dataset, uint64_t number)
{
	struct hmfs_key key;

	hmfs_object_key(number, &key);
	hmfs_remove_prepared(dataset, &key);
	dataset->record.objects -= dataset->record.objects > 0;
	hmfs_dataset_changed(dataset);
}

void hmfs_object_drop(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
		      const struct hmfs_object *object)
{
	const struct hmfs_id id = { dataset->number, number };
	const bool held = hmfs_held(volume, id);

	if (!held && object->record.forks == 0) {
		if (object->record.blocks == 0) {
			remove_inline(dataset, number, &object->record);
			remove_record(dataset, number);
			return;
		}
		/* What this takes of the memory that was prepared leaves enough for the rest: the
		 * map gets memory in pieces that are far larger. After an error it is tried again,
		 * as an orphan. */
		if (hmfs_chunks_cut(volume, dataset, number, 0, AT_ONCE_CHUNKS) == 0) {
			remove_record(dataset, number);
			return;
		}
	}
	hmfs_store_prepared(dataset, number, object);
	hmfs_orphan_add(dataset, number);
	if (!held)
		to_be_reaped(dataset, number);
}

/* --- Deleting by and by --- */

/* 1: there are more forks. */
static int delete_forks(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
			struct hmfs_object *object, unsigned *budget)
{
	const struct hmfs_key from = { number, HMFS_PLACE(HMFS_KIND_FORK, 0), 0 };
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_name found;
	const char *text;
	size_t length;
	int error = hmfs_cursor_seek(&cursor, &dataset->map, &from);

	while (!error && cursor.key.object == number && cursor.key.place >> 56 == HMFS_KIND_FORK) {
		if (*budget == 0) {
			error = 1;
			break;
		}
		--*budget;
		found.key = cursor.key;
		if (hmfs_name_decode(cursor.value.bytes, cursor.value.length, &found, &text,
				     &length)) {
			error = hmfs_fork_drop(volume, dataset, &found);
		} else {
			error = hmfs_map_remove(&dataset->map, &found.key);
		}
		object->record.forks -= !error && object->record.forks > 0;
		if (!error)
			error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	return error == -ENOENT ? 0 : error;
}

/* Goes on deleting what nobody holds: 0 when it is gone, 1 if there is more. */
static int delete_orphan(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
			 unsigned *budget)
{
	struct hmfs_object object;
	int error = hmfs_object_load(dataset, number, &object);
	bool exists = !error && object.record.links == 0;

	if (error && error != -ENOENT)
		return error;
	error = 0;
	if (exists && object.record.blocks > 0) {
		error = hmfs_chunks_cut(volume, dataset, number, 0, *budget);
		*budget -= *budget < AT_ONCE_CHUNKS ? *budget : AT_ONCE_CHUNKS;
	}
	if (exists && !error && object.record.forks > 0)
		error = delete_forks(volume, dataset, number, &object, budget);
	if (error == 1 && object.record.forks > 0) {
		const int stored = hmfs_object_store(dataset, number, &object);

		return stored ? stored : 1;
	}
	if (!error)
		error = hmfs_map_prepare(&dataset->map, 4, 0);
	if (error)
		return error;
	if (exists) {
		if (object.record.blocks == 0)
			remove_inline(dataset, number, &object.record);
		remove_record(dataset, number);
	}
	hmfs_orphan_take(dataset, number);
	return 0;
}

/* Of a dataset that is deleted reap.c frees everything, orphans too. */
static bool may_reap(const struct hmfs_volume *volume, const struct hmfs_dataset *dataset)
{
	return !volume->read_only && !volume->failed && !dataset->gone && !dataset->pending &&
	       !(dataset->record.flags & (HMFS_DATASET_READ_ONLY | HMFS_DATASET_HIDDEN));
}

/* The next orphan, from dataset->orphan_next on. -ENOENT. */
static int next_orphan(struct hmfs_dataset *dataset, uint64_t *number)
{
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_key from;
	int error;

	orphan_key(dataset->orphan_next, &from);
	error = hmfs_cursor_seek(&cursor, &dataset->map, &from);
	if (!error &&
	    (cursor.key.object != HMFS_ORPHANS || cursor.key.place >> 56 != HMFS_KIND_ORPHAN))
		error = -ENOENT;
	*number = cursor.key.place & HMFS_PLACE_MASK;
	hmfs_cursor_close(&cursor);
	return error;
}

static int reap(struct hmfs_volume *volume, struct hmfs_dataset *dataset, unsigned *budget)
{
	while (!dataset->orphans_reaped) {
		struct hmfs_id id = { dataset->number, 0 };
		int error;

		if (*budget == 0)
			return 1;
		--*budget;
		error = next_orphan(dataset, &id.object);
		/* Behind what cannot be read none is found, until the next mount. */
		if (error == -ENOENT || error == -EIO) {
			dataset->orphans_reaped = true;
			dataset->orphan_next = 0;
			return 0;
		}
		if (!error && !hmfs_held(volume, id)) {
			dataset->orphan_next = id.object;
			error = delete_orphan(volume, dataset, id.object, budget);
		}
		if (error == 1)
			return 1;
		/* What cannot be read stays, until the next mount. */
		if (error && error != -EIO)
			return error;
		dataset->orphan_next = id.object + 1;
	}
	return 0;
}

int hmfs_orphans_reap(struct hmfs_volume *volume, unsigned budget)
{
	struct list_node *node;

	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);
		int more;

		if (!may_reap(volume, dataset))
			continue;
		more = reap(volume, dataset, &budget);
		if (more)
			return more;
	}
	return 0;
}

/* --- Holding --- */

int hmfs_held_take(struct hmfs_volume *volume, struct hmfs_id id)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error;

	if (hmfs_held(volume, id))
		return hmfs_held_add(volume, id);
	error = hmfs_dataset_get(volume, id.dataset, &dataset);
	if (!error)
		error = hmfs_object_load(dataset, id.object, &object);
	/* What is being deleted does not come back. */
	if (!error && object.record.links == 0)
		error = -ENOENT;
	return error ? error : hmfs_held_add(volume, id);
}

int hmfs_object_hold(struct hmfs_volume *volume, struct hmfs_id id)
{
	int error;

	hmfs_lock(volume);
	error = hmfs_held_take(volume, id);
	hmfs_unlock(volume);
	return error;
}

void hmfs_held_drop(struct hmfs_volume *volume, struct hmfs_id id)
{
	unsigned budget = AT_ONCE_CHUNKS;
	struct hmfs_dataset *dataset;
	struct hmfs_object object;

	if (!hmfs_held_remove(volume, id))
		return;
	dataset = hmfs_dataset_open_one(volume, id.dataset);
	if (!dataset || !may_reap(volume, dataset) ||
	    hmfs_object_load(dataset, id.object, &object) || object.record.links > 0)
		return;
	if (delete_orphan(volume, dataset, id.object, &budget) != 0)
		to_be_reaped(dataset, id.object);
}

void hmfs_object_let_go(struct hmfs_volume *volume, struct hmfs_id id)
{
	hmfs_lock(volume);
	hmfs_held_drop(volume, id);
	hmfs_unlock(volume);
}
