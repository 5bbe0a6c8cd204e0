/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renaming. All of it is one change: names, both directories, the object, and what the new name
 * meant.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* One of the two places. */
struct place {
	struct hmfs_object *directory; /* the same for both, if it is */
	uint64_t number;               /* of the directory */
	const char *name;
	size_t length;
	struct hmfs_name entry;
	struct hmfs_object object; /* what the name means; if `found` */
	bool found, is_directory;
};

struct renaming {
	struct hmfs_volume *volume;
	struct hmfs_dataset *dataset;
	unsigned flags;
	struct hmfs_object directories[2];
	struct place from, to;
};

static int place_find(struct renaming *renaming, struct place *place)
{
	int error;

	hmfs_name_key(renaming->volume, place->number, HMFS_KIND_NAME, place->name, place->length,
		      &place->entry.key);
	error = hmfs_name_find(renaming->dataset, place->name, place->length, &place->entry);
	/* Another name that has the same key is in the way of a new name only. */
	if (error == -ENOENT || (error == -ENOSPC && place == &renaming->from))
		return 0;
	if (!error)
		error = hmfs_object_load(renaming->dataset, place->entry.object, &place->object);
	if (error)
		return error == -ENOENT ? -EIO : error;
	place->found = true;
	place->is_directory = (place->object.record.mode & HMFS_MODE_TYPE) == HMFS_MODE_DIRECTORY;
	return 0;
}

/* Whether `directory` is `above` or below it. On a damaged volume its parents may go in circles:
 * one of them is kept in mind, twice as far away each time. */
static int is_within(struct renaming *renaming, uint64_t directory, uint64_t above, bool *within)
{
	uint64_t seen = 0, steps = 0, limit = 16;
	struct hmfs_object object;

	for (*within = false; directory != HMFS_ROOT_OBJECT; directory = object.record.parent) {
		int error;

		if (directory == above) {
			*within = true;
			return 0;
		}
		error = directory == seen ? -ENOENT
					  : hmfs_object_load(renaming->dataset, directory, &object);
		if (error == -ENOENT)
			return hmfs_complain(renaming->volume, NULL,
					     "directory %llu of dataset %u is not below the root",
					     (unsigned long long)directory,
					     renaming->dataset->number);
		if (error)
			return error;
		if (++steps == limit) {
			seen = directory;
			limit *= 2;
		}
	}
	*within = above == HMFS_ROOT_OBJECT;
	return 0;
}

/* A directory does not go below itself. */
static int check_loops(struct renaming *renaming)
{
	const struct place *from = &renaming->from, *to = &renaming->to;
	bool within = false;
	int error = 0;

	if (from->number == to->number)
		return 0;
	if (from->is_directory)
		error = is_within(renaming, to->number, from->entry.object, &within);
	if (!error && within)
		return -EINVAL;
	if (!error && to->found && to->is_directory)
		error = is_within(renaming, from->number, to->entry.object, &within);
	if (!error && within)
		return renaming->flags & HMFS_RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return error;
}

static int check_replaced(const struct place *from, const struct place *to)
{
	if (from->is_directory && !to->is_directory)
		return -ENOTDIR;
	if (!from->is_directory && to->is_directory)
		return -EISDIR;
	return to->is_directory && to->object.record.size > 0 ? -ENOTEMPTY : 0;
}

/* Directories that `place` gets beside those it has. */
static int check_links(const struct renaming *renaming, const struct place *place, int more)
{
	if (renaming->from.number == renaming->to.number || more <= 0)
		return 0;
	return place->directory->record.links >= HMFS_LINK_MAX ? -EMLINK : 0;
}

static int check(struct renaming *renaming)
{
	struct place *from = &renaming->from, *to = &renaming->to;
	const bool exchange = renaming->flags & HMFS_RENAME_EXCHANGE;
	int error;

	if (!from->found || (exchange && !to->found))
		return -ENOENT;
	if (to->found && renaming->flags & HMFS_RENAME_NO_REPLACE)
		return -EEXIST;
	error = check_loops(renaming);
	if (!error && to->found && !exchange && from->entry.object != to->entry.object)
		error = check_replaced(from, to);
	if (!error)
		error = check_links(renaming, to, from->is_directory - to->is_directory);
	if (!error && exchange)
		error = check_links(renaming, from, to->is_directory - from->is_directory);
	return error;
}

static void count_directory(struct place *place, int more)
{
	struct hmfs_object_record *record = &place->directory->record;

	if (more > 0 || record->links > 2)
		record->links += (uint32_t)more;
}

/* `object`, which was found at `at`, gets the name of `place`. */
static void move(struct renaming *renaming, const struct place *at, struct place *place,
		 uint64_t now)
{
	struct hmfs_name entry = at->entry;
	struct hmfs_object *object = (struct hmfs_object *)&at->object;

	entry.key = place->entry.key;
	hmfs_name_put_prepared(renaming->dataset, &entry, place->name, place->length);
	object->record.parent = place->number;
	object->record.change = now;
	hmfs_object_set_name(object, place->name, place->length);
	hmfs_store_prepared(renaming->dataset, at->entry.object, object);
}

/* What the new name meant has one name less. */
static void drop(struct renaming *renaming, uint64_t now)
{
	struct place *to = &renaming->to;
	struct hmfs_object_record *record = &to->object.record;

	record->change = now;
	record->links -= record->links > 0;
	if (to->is_directory)
		record->links = 0;
	if (record->links > 0)
		hmfs_store_prepared(renaming->dataset, to->entry.object, &to->object);
	else
		hmfs_object_drop(renaming->volume, renaming->dataset, to->entry.object,
				 &to->object);
}

/* Nothing fails any more. */
static void apply(struct renaming *renaming)
{
	struct place *from = &renaming->from, *to = &renaming->to;
	const uint64_t now = renaming->volume->host->now();
	const bool exchange = renaming->flags & HMFS_RENAME_EXCHANGE;

	if (exchange) {
		move(renaming, to, from, now);
		count_directory(to, -to->is_directory);
		count_directory(from, to->is_directory);
	} else {
		hmfs_remove_prepared(renaming->dataset, &from->entry.key);
		from->directory->record.size -= from->directory->record.size > 0;
		if (!to->found)
			to->directory->record.size++;
		else if (to->is_directory)
			count_directory(to, -1);
	}
	move(renaming, from, to, now);
	count_directory(from, -from->is_directory);
	count_directory(to, from->is_directory);
	from->directory->record.modify = now;
	from->directory->record.change = now;
	to->directory->record.modify = now;
	to->directory->record.change = now;
	hmfs_store_prepared(renaming->dataset, from->number, from->directory);
	if (to->number != from->number)
		hmfs_store_prepared(renaming->dataset, to->number, to->directory);
	if (to->found && !exchange)
		drop(renaming, now);
}

static int rename_names(struct renaming *renaming, struct hmfs_id from, struct hmfs_id to)
{
	int error = hmfs_dataset_get_to_change(renaming->volume, from.dataset, &renaming->dataset);

	if (!error)
		error = hmfs_directory_load(renaming->dataset, from.object,
					    &renaming->directories[0]);
	if (!error && to.object != from.object) {
		renaming->to.directory = &renaming->directories[1];
		error = hmfs_directory_load(renaming->dataset, to.object,
					    &renaming->directories[1]);
	}
	if (!error)
		error = place_find(renaming, &renaming->from);
	if (!error)
		error = place_find(renaming, &renaming->to);
	if (!error)
		error = check(renaming);
	/* Two names of one object: POSIX wants nothing to be done. */
	if (error ||
	    (renaming->to.found && renaming->from.entry.object == renaming->to.entry.object))
		return error;
	error = hmfs_map_prepare(&renaming->dataset->map, 6 + HMFS_DROP_ENTRIES,
				 4 * HMFS_OBJECT_VALUE_MAX + 2 * HMFS_NAME_VALUE_MAX +
					 HMFS_DROP_BYTES);
	if (!error)
		apply(renaming);
	return error;
}

int hmfs_rename(struct hmfs_volume *volume, struct hmfs_id from, const char *name, size_t length,
		struct hmfs_id to, const char *new_name, size_t new_length, unsigned flags)
{
	struct renaming *renaming;
	int error = hmfs_name_check(name, length);

	if (!error)
		error = hmfs_name_check(new_name, new_length);
	if (error)
		return error;
	if (from.dataset != to.dataset)
		return -EXDEV;
	if (flags & ~(unsigned)(HMFS_RENAME_NO_REPLACE | HMFS_RENAME_EXCHANGE) ||
	    flags == (HMFS_RENAME_NO_REPLACE | HMFS_RENAME_EXCHANGE))
		return -EINVAL;
	renaming = volume->host->allocate(sizeof(*renaming));
	if (!renaming)
		return -ENOMEM;
	renaming->volume = volume;
	renaming->flags = flags;
	renaming->from = (struct place){ .directory = &renaming->directories[0],
					 .number = from.object,
					 .name = name,
					 .length = length };
	renaming->to = (struct place){ .directory = &renaming->directories[0],
				       .number = to.object,
				       .name = new_name,
				       .length = new_length };
	hmfs_lock(volume);
	error = rename_names(renaming, from, to);
	hmfs_unlock(volume);
	volume->host->release(renaming);
	return error;
}
