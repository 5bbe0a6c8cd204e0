/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking what all names together say: each object is reached from the root as often as it says.
 * What is not is given a name in /lost+found.
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

static struct hmfs_key orphan_key(uint64_t number)
{
	return (struct hmfs_key){ .object = HMFS_ORPHANS,
				  .place = HMFS_PLACE(HMFS_KIND_ORPHAN, number) };
}

/* --- The root --- */

static int root(struct hmfs_check *check)
{
	const struct hmfs_check_object *object = hmfs_check_find(check, HMFS_ROOT_OBJECT);

	if (object && object->type == HMFS_TYPE_DIRECTORY && !object->is_fork)
		return 0;
	/* What else it is cannot be moved: everything under it is named by its number. */
	if (!hmfs_check_problem(check, !object && !check->incomplete,
				"dataset %u has no root directory", check->dataset->number))
		return HMFS_CHECK_END;
	return hmfs_check_make_root(check);
}

/* --- Objects without names --- */

static int nameless(struct hmfs_check *check, uint64_t number, bool is_fork)
{
	if (!hmfs_check_object_problem(check, number, !check->incomplete,
				       is_fork ? "a fork of nothing: moved to /lost+found"
					       : "it has no name: moved to /lost+found"))
		return 0;
	return hmfs_check_save(check, number);
}

static int named_orphan(struct hmfs_check *check, struct hmfs_check_object *object)
{
	const struct hmfs_key key = orphan_key(object->number);

	object->is_orphan = false;
	if (!hmfs_check_object_problem(check, object->number, true,
				       "it was to be deleted, but has a name"))
		return 0;
	return hmfs_check_remove(check, &check->dataset->map, &key);
}

static int find_nameless(struct hmfs_check *check)
{
	int error = 0;

	/* What is saved may add /lost+found to the table, in its place, which is the last. */
	for (size_t i = 0; !error && i < check->table.count; i++) {
		struct hmfs_check_object *object = &check->table.objects[i];

		if (object->is_orphan && object->names > 0)
			error = named_orphan(check, object);
		else if (object->names == 0 && !object->is_orphan &&
			 object->number != HMFS_ROOT_OBJECT)
			error = nameless(check, object->number, object->is_fork);
	}
	return error;
}

/* --- Rings of directories --- */

static int remove_name_of(struct hmfs_check *check, const struct hmfs_key *key,
			  const struct hmfs_value *value, void *argument)
{
	const uint64_t number = *(const uint64_t *)argument;
	uint64_t target;

	if (hmfs_check_kind(key) != HMFS_KIND_NAME)
		return hmfs_check_kind(key) > HMFS_KIND_NAME ? HMFS_CHECK_END : 0;
	if (value->length < sizeof(target))
		return 0;
	memcpy(&target, value->bytes, sizeof(target));
	if (target != number)
		return 0;
	return hmfs_check_remove(check, &check->dataset->map, key) ?: HMFS_CHECK_END;
}

/* The directory is above itself: its name is taken from it, and another given to it. */
static int cut_ring(struct hmfs_check *check, struct hmfs_check_object *object)
{
	const uint64_t number = object->number;
	const struct hmfs_key first = { object->parent, HMFS_PLACE(HMFS_KIND_NAME, 0), 0 };
	struct hmfs_check_object *parent = hmfs_check_find(check, object->parent);
	int error;

	if (!hmfs_check_problem(check, true,
				"directory %llu lies within itself: moved to /lost+found",
				(unsigned long long)number))
		return 0;
	error = hmfs_check_walk(check, &check->dataset->map, &first, remove_name_of,
				(void *)&number);
	if (error)
		return error;
	if (parent && parent->entries > 0)
		parent->entries--;
	return hmfs_check_save(check, number);
}

/* Goes up from a directory until one that is known to be reached, and marks those on the way. One
 * that is met twice closes a ring. */
static int go_up(struct hmfs_check *check, size_t start)
{
	struct hmfs_check_object *object = &check->table.objects[start], *met;

	while (object && !object->reached) {
		object->reached = true;
		object->visiting = true;
		object = object->parent ? hmfs_check_find(check, object->parent) : NULL;
	}
	met = object && object->visiting ? object : NULL;
	object = &check->table.objects[start];
	while (object && object->visiting) {
		object->visiting = false;
		object = object->parent ? hmfs_check_find(check, object->parent) : NULL;
	}
	return met ? cut_ring(check, met) : 0;
}

static int find_rings(struct hmfs_check *check)
{
	int error = 0;

	for (size_t i = 0; !error && i < check->table.count; i++) {
		if (check->table.objects[i].type == HMFS_TYPE_DIRECTORY)
			error = go_up(check, i);
	}
	return error;
}

/* --- What objects say of themselves --- */

static uint32_t links_wanted(const struct hmfs_check_object *object)
{
	if (object->type == HMFS_TYPE_DIRECTORY)
		return object->is_orphan ? 0 : 2 + object->directories;
	return object->names;
}

/* What is being deleted loses its blocks by and by. */
static bool blocks_right(const struct hmfs_check_object *object)
{
	return object->blocks == object->blocks_found || object->is_orphan;
}

static bool record_right(const struct hmfs_check_object *object)
{
	return object->links == links_wanted(object) && object->forks == object->forks_found &&
	       blocks_right(object) &&
	       (object->type != HMFS_TYPE_DIRECTORY || object->size == object->entries);
}

static bool complain(struct hmfs_check *check, const struct hmfs_check_object *object)
{
	bool repair = false;

	if (object->links != links_wanted(object))
		repair |= hmfs_check_object_problem(check, object->number, true,
						    "it says that it has %u links, but has %u",
						    object->links, links_wanted(object));
	if (object->forks != object->forks_found)
		repair |= hmfs_check_object_problem(check, object->number, true,
						    "it says that it has %u forks, but has %u",
						    object->forks, object->forks_found);
	if (!blocks_right(object))
		repair |= hmfs_check_object_problem(check, object->number, true,
						    "it says that it has %llu blocks, but has %llu",
						    (unsigned long long)object->blocks,
						    (unsigned long long)object->blocks_found);
	if (object->type == HMFS_TYPE_DIRECTORY && object->size != object->entries)
		repair |= hmfs_check_object_problem(
			check, object->number, true, "it says that it has %llu names, but has %llu",
			(unsigned long long)object->size, (unsigned long long)object->entries);
	return repair;
}

static int put_right(struct hmfs_check *check, const struct hmfs_check_object *seen)
{
	struct hmfs_object *object;
	int error;

	if (record_right(seen) || !complain(check, seen))
		return 0;
	object = hmfs_check_allocate(check, 1, sizeof(*object));
	if (!object)
		return -ENOMEM;
	error = hmfs_object_load(check->dataset, seen->number, object);
	if (!error) {
		object->record.links = links_wanted(seen);
		object->record.forks = seen->forks_found;
		object->record.blocks = seen->blocks_found;
		if (seen->type == HMFS_TYPE_DIRECTORY) {
			object->record.size = seen->entries;
			object->record.parent = seen->parent ? seen->parent : HMFS_ROOT_OBJECT;
		}
		check->changed = true;
		error = hmfs_object_store(check->dataset, seen->number, object);
	}
	check->host->release(object);
	return error;
}

/* Directories count those in them. */
static void count_directories(struct hmfs_check *check)
{
	for (size_t i = 0; i < check->table.count; i++) {
		const struct hmfs_check_object *object = &check->table.objects[i];
		struct hmfs_check_object *parent;

		if (object->type != HMFS_TYPE_DIRECTORY || object->names == 0)
			continue;
		parent = hmfs_check_find(check, object->parent);
		if (parent)
			parent->directories++;
	}
}

static int count_objects(struct hmfs_check *check)
{
	struct hmfs_dataset_record *record = &check->dataset->record;

	if (record->objects == check->table.count ||
	    !hmfs_check_problem(check, true,
				"dataset %u says that it has %llu objects, but has %llu",
				check->dataset->number, (unsigned long long)record->objects,
				(unsigned long long)check->table.count))
		return 0;
	record->objects = check->table.count;
	hmfs_dataset_changed(check->dataset);
	check->changed = true;
	return 0;
}

int hmfs_check_tree(struct hmfs_check *check)
{
	int error = root(check);

	if (error == HMFS_CHECK_END)
		return 0;
	if (!error)
		error = find_nameless(check);
	if (!error)
		error = find_rings(check);
	count_directories(check);
	for (size_t i = 0; !error && i < check->table.count; i++)
		error = put_right(check, &check->table.objects[i]);
	return error ? error : count_objects(check);
}
