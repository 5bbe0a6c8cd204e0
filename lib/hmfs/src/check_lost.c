/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /lost+found: where objects go that have lost their name, with their number for one.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include "check_priv.h"

#define MODE_DIRECTORY 0040700u
#define LAST_TRY       1000u

static int put_name(struct hmfs_check *check, const struct hmfs_key *key, uint64_t object,
		    uint16_t type, const char *text)
{
	uint8_t value[HMFS_NAME_RECORD_SIZE + HMFS_NAME_MAX];
	const size_t length = strlen(text);

	memcpy(value, &object, sizeof(object));
	value[8] = (uint8_t)type;
	value[9] = (uint8_t)length;
	memcpy(value + HMFS_NAME_RECORD_SIZE, text, length);
	return hmfs_check_put(check, &check->dataset->map, key, value,
			      HMFS_NAME_RECORD_SIZE + length);
}

/* What the name means in the directory: 0: nothing. -EIO. */
static int look_up(struct hmfs_check *check, uint64_t directory, const char *text,
		   struct hmfs_key *key, uint64_t *object)
{
	uint8_t value[HMFS_NAME_RECORD_SIZE + HMFS_NAME_MAX];
	ssize_t length;

	hmfs_name_key(check->volume, directory, HMFS_KIND_NAME, text, strlen(text), key);
	length = hmfs_map_get(&check->dataset->map, key, value, sizeof(value));
	*object = 0;
	if (length == -ENOENT)
		return 0;
	if (length < 0)
		return (int)length;
	memcpy(object, value, sizeof(*object));
	return 0;
}

/* A name that nobody has in the directory: "BASE", "BASE.1"... */
static int free_name(struct hmfs_check *check, uint64_t directory, const char *base, char *text,
		     size_t size, struct hmfs_key *key)
{
	for (unsigned attempt = 0; attempt < LAST_TRY; attempt++) {
		uint64_t object;
		int error;

		if (attempt == 0)
			snprintf(text, size, "%s", base);
		else
			snprintf(text, size, "%s.%u", base, attempt);
		error = look_up(check, directory, text, key, &object);
		if (error || object == 0)
			return error;
	}
	return -EEXIST;
}

/* --- Making directories --- */

static int make_directory(struct hmfs_check *check, uint64_t number, uint64_t parent,
			  const char *name)
{
	const uint64_t now = check->host->now();
	struct hmfs_object *object = hmfs_check_allocate(check, 1, sizeof(*object));
	int error;

	if (!object)
		return -ENOMEM;
	object->record = (struct hmfs_object_record){
		.mode = MODE_DIRECTORY,
		.access = now,
		.modify = now,
		.change = now,
		.birth = now,
		.parent = parent,
		.name_length = (uint16_t)strlen(name),
	};
	memcpy(object->name, name, strlen(name));
	check->changed = true;
	error = hmfs_object_store(check->dataset, number, object);
	check->host->release(object);
	if (error)
		return error;
	return hmfs_check_add(check, &(struct hmfs_check_object){
					     .number = number,
					     .type = HMFS_TYPE_DIRECTORY,
					     .parent = number == HMFS_ROOT_OBJECT ? 0 : parent,
				     });
}

int hmfs_check_make_root(struct hmfs_check *check)
{
	return make_directory(check, HMFS_ROOT_OBJECT, HMFS_ROOT_OBJECT, "");
}

static int find_or_make(struct hmfs_check *check)
{
	struct hmfs_dataset_record *record = &check->dataset->record;
	const struct hmfs_check_object *there;
	char text[64];
	struct hmfs_key key;
	uint64_t number;
	int error = look_up(check, HMFS_ROOT_OBJECT, "lost+found", &key, &number);

	if (error)
		return error;
	there = number ? hmfs_check_find(check, number) : NULL;
	if (there && there->type == HMFS_TYPE_DIRECTORY) {
		check->lost_and_found = number;
		return 0;
	}
	error = free_name(check, HMFS_ROOT_OBJECT, "lost+found", text, sizeof(text), &key);
	if (error)
		return error;
	number = record->next_object++;
	hmfs_dataset_changed(check->dataset);
	error = make_directory(check, number, HMFS_ROOT_OBJECT, text);
	if (!error)
		error = put_name(check, &key, number, HMFS_TYPE_DIRECTORY, text);
	if (error)
		return error;
	hmfs_check_find(check, number)->names = 1;
	hmfs_check_find(check, HMFS_ROOT_OBJECT)->entries++;
	check->lost_and_found = number;
	return 0;
}

/* --- Saving an object --- */

/* Its record learns of the name. */
static int tell_object(struct hmfs_check *check, uint64_t number, const char *text)
{
	struct hmfs_object *object = hmfs_check_allocate(check, 1, sizeof(*object));
	int error;

	if (!object)
		return -ENOMEM;
	error = hmfs_object_load(check->dataset, number, object);
	if (!error) {
		object->record.parent = check->lost_and_found;
		object->record.flags &=
			~(uint32_t)(HMFS_OBJECT_FORK | HMFS_OBJECT_COMPUTED | HMFS_OBJECT_INDEXED);
		object->record.name_length = (uint16_t)strlen(text);
		memcpy(object->name, text, strlen(text) + 1);
		check->changed = true;
		error = hmfs_object_store(check->dataset, number, object);
	}
	check->host->release(object);
	return error;
}

int hmfs_check_save(struct hmfs_check *check, uint64_t number)
{
	struct hmfs_check_object *object;
	char base[32], text[64];
	struct hmfs_key key;
	int error = check->lost_and_found ? 0 : find_or_make(check);

	if (error)
		return error;
	snprintf(base, sizeof(base), "#%llu", (unsigned long long)number);
	error = free_name(check, check->lost_and_found, base, text, sizeof(text), &key);
	if (!error)
		error = tell_object(check, number, text);
	if (error)
		return error;
	object = hmfs_check_find(check, number);
	error = put_name(check, &key, number, object->type, text);
	if (error)
		return error;
	object->names = 1;
	object->is_fork = false;
	object->is_indexed = false;
	object->parent = check->lost_and_found;
	hmfs_check_find(check, check->lost_and_found)->entries++;
	return 0;
}
