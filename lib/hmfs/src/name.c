/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: keys and records of theirs; looking up, creating, linking, unlinking. */
#include <base/errno.h>
#include <base/string.h>
#include <hash/xxh3.h>

#include "volume_priv.h"

int hmfs_name_check(const char *name, size_t length)
{
	if (length == 0)
		return -EINVAL;
	if (length > HMFS_NAME_MAX)
		return -ENAMETOOLONG;
	if (memchr(name, '/', length) || memchr(name, '\0', length))
		return -EINVAL;
	if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
		return -EINVAL;
	return 0;
}

static uint64_t big_endian(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sizeof(value); i++)
		value = value << 8 | bytes[i];
	return value;
}

void hmfs_name_key(const struct hmfs_volume *volume, uint64_t object, enum hmfs_kind kind,
		   const char *name, size_t length, struct hmfs_key *key)
{
	uint8_t hash[XXH3_128_SIZE];

	xxh3_128(name, length, volume->super.name_seed, hash);
	key->object = object;
	key->place = HMFS_PLACE(kind, big_endian(hash));
	key->minor = big_endian(hash + 8);
}

bool hmfs_name_decode(const uint8_t *value, size_t length, struct hmfs_name *name,
		      const char **text, size_t *text_length)
{
	if (length <= HMFS_NAME_RECORD_SIZE || length > HMFS_NAME_VALUE_MAX ||
	    length != HMFS_NAME_RECORD_SIZE + (size_t)value[9])
		return false;
	memcpy(&name->object, value, sizeof(name->object));
	name->type = value[8];
	*text = (const char *)value + HMFS_NAME_RECORD_SIZE;
	*text_length = value[9];
	return hmfs_name_check(*text, *text_length) == 0;
}

int hmfs_name_find(struct hmfs_dataset *dataset, const char *name, size_t length,
		   struct hmfs_name *found)
{
	const struct hmfs_id id = { dataset->number, found->key.object };
	uint8_t value[HMFS_NAME_VALUE_MAX];
	const char *text;
	size_t text_length;
	ssize_t got = hmfs_map_get(&dataset->map, &found->key, value, sizeof(value));

	if (got < 0)
		return (int)got;
	if (!hmfs_name_decode(value, (size_t)got, found, &text, &text_length))
		return hmfs_complain(hmfs_volume_of(dataset), &id, "a name in it is nonsense");
	if (text_length != length || memcmp(text, name, length) != 0)
		return -ENOSPC;
	return 0;
}

void hmfs_name_put_prepared(struct hmfs_dataset *dataset, const struct hmfs_name *name,
			    const char *text, size_t length)
{
	uint8_t value[HMFS_NAME_VALUE_MAX];

	memcpy(value, &name->object, sizeof(name->object));
	value[8] = name->type;
	value[9] = (uint8_t)length;
	memcpy(value + HMFS_NAME_RECORD_SIZE, text, length);
	hmfs_put_prepared(dataset, &name->key, value, HMFS_NAME_RECORD_SIZE + length);
}

int hmfs_directory_load(struct hmfs_dataset *dataset, uint64_t number,
			struct hmfs_object *directory)
{
	int error = hmfs_object_load(dataset, number, directory);

	if (error)
		return error;
	if ((directory->record.mode & HMFS_MODE_TYPE) != HMFS_MODE_DIRECTORY)
		return -ENOTDIR;
	return directory->record.links == 0 ? -ENOENT : 0;
}

/* --- Looking up --- */

static int lookup(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		  size_t length, struct hmfs_name *found)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error = hmfs_dataset_get(volume, directory.dataset, &dataset);

	if (error)
		return error;
	if (length > HMFS_NAME_MAX)
		return -ENAMETOOLONG;
	hmfs_name_key(volume, directory.object, HMFS_KIND_NAME, name, length, &found->key);
	error = hmfs_name_find(dataset, name, length, found);
	if (error != -ENOENT && error != -ENOSPC)
		return error;
	/* Only what is not found costs a look at the directory itself. */
	error = hmfs_directory_load(dataset, directory.object, &object);
	return error ? error : -ENOENT;
}

int hmfs_lookup(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		size_t length, struct hmfs_id *found, uint8_t *type)
{
	struct hmfs_name result;
	int error;

	hmfs_lock(volume);
	error = lookup(volume, directory, name, length, &result);
	hmfs_unlock(volume);
	if (error)
		return error;
	*found = (struct hmfs_id){ directory.dataset, result.object };
	if (type)
		*type = result.type;
	return 0;
}

/* --- Creating --- */

/* An object that is being made, without a name or with one. */
struct making {
	struct hmfs_volume *volume;
	struct hmfs_dataset *dataset;
	const struct hmfs_template *like;
	uint64_t time;
	size_t target_length;
	uint8_t *target; /* a record of a chunk, for a part of it */
	uint64_t number;
	struct hmfs_object object;
};

static int target_prepare(struct making *making)
{
	const char *target = making->like->target;

	if ((making->like->mode & HMFS_MODE_TYPE) != HMFS_MODE_LINK)
		return 0;
	making->target_length = target ? strlen(target) : 0;
	if (making->target_length == 0)
		return -ENOENT;
	if (making->target_length > HMFS_TARGET_MAX)
		return -ENAMETOOLONG;
	making->target =
		making->volume->host->allocate(sizeof(struct hmfs_chunk_record) +
					       min_size(making->target_length, HMFS_INLINE_MAX));
	return making->target ? 0 : -ENOMEM;
}

static void target_put(struct making *making)
{
	size_t done = 0;

	for (uint64_t chunk = 0; done < making->target_length; chunk++) {
		const size_t length = min_size(making->target_length - done, HMFS_INLINE_MAX);
		const struct hmfs_chunk_record record = {
			.flags = HMFS_CHUNK_INLINE,
			.length = (uint16_t)length,
		};
		const struct hmfs_key key = { making->number, HMFS_PLACE(HMFS_KIND_CHUNK, chunk),
					      0 };

		memcpy(making->target, &record, sizeof(record));
		memcpy(making->target + sizeof(record), making->like->target + done, length);
		hmfs_put_prepared(making->dataset, &key, making->target, sizeof(record) + length);
		done += length;
	}
}

/* All that can fail; afterwards making_end() frees what there is. The map gets room for `entries`
 * more. */
static int making_prepare(struct making *making, unsigned entries, size_t bytes)
{
	const struct hmfs_template *like = making->like;
	struct hmfs_id id = { making->dataset->number, 0 };
	int error = hmfs_number_next(making->volume, making->dataset, &making->number);

	if (!error)
		error = target_prepare(making);
	if (!error)
		error = hmfs_map_prepare(&making->dataset->map, entries + 3,
					 bytes + HMFS_OBJECT_VALUE_MAX + making->target_length +
						 2 * sizeof(struct hmfs_chunk_record));
	if (error)
		return error;
	hmfs_object_init(&making->object, like->mode, making->time);
	making->object.record.uid = like->uid;
	making->object.record.gid = like->gid;
	making->object.record.size = making->target_length;
	switch (like->mode & HMFS_MODE_TYPE) {
	case HMFS_MODE_CHARACTER:
	case HMFS_MODE_BLOCK:
		making->object.record.raw_device = like->raw_device;
		break;
	default:
		break;
	}
	id.object = making->number;
	return hmfs_held_add(making->volume, id);
}

static void making_finish(struct making *making, struct hmfs_id *made)
{
	target_put(making);
	hmfs_store_prepared(making->dataset, making->number, &making->object);
	hmfs_number_use(making->dataset);
	*made = (struct hmfs_id){ making->dataset->number, making->number };
}

static int making_begin(struct making *making, struct hmfs_volume *volume,
			struct hmfs_dataset *dataset, const struct hmfs_template *like)
{
	making->volume = volume;
	making->dataset = dataset;
	making->like = like;
	making->time = like->time ? like->time : volume->host->now();
	making->target_length = 0;
	making->target = NULL;
	switch (like->mode & HMFS_MODE_TYPE) {
	case HMFS_MODE_FIFO:
	case HMFS_MODE_CHARACTER:
	case HMFS_MODE_DIRECTORY:
	case HMFS_MODE_BLOCK:
	case HMFS_MODE_REGULAR:
	case HMFS_MODE_LINK:
	case HMFS_MODE_SOCKET:
		return like->mode & ~(uint32_t)(HMFS_MODE_TYPE | HMFS_MODE_PERMISSIONS) ? -EINVAL
											: 0;
	default:
		return -EINVAL;
	}
}

/* A new name in a directory: 0 if it is free. */
static int name_vacant(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t directory,
		       const char *name, size_t length, struct hmfs_name *free)
{
	int error;

	hmfs_name_key(volume, directory, HMFS_KIND_NAME, name, length, &free->key);
	error = hmfs_name_find(dataset, name, length, free);
	if (error == -ENOENT)
		return 0;
	return error ? error : -EEXIST;
}

static int create(struct making *making, struct hmfs_id directory, const char *name, size_t length,
		  struct hmfs_id *made)
{
	const bool is_directory = (making->like->mode & HMFS_MODE_TYPE) == HMFS_MODE_DIRECTORY;
	struct hmfs_object parent;
	struct hmfs_name entry;
	int error = hmfs_directory_load(making->dataset, directory.object, &parent);

	if (!error)
		error = name_vacant(making->volume, making->dataset, directory.object, name, length,
				    &entry);
	if (!error && is_directory && parent.record.links >= HMFS_LINK_MAX)
		error = -EMLINK;
	if (!error)
		error = making_prepare(making, 2, HMFS_OBJECT_VALUE_MAX + HMFS_NAME_VALUE_MAX);
	if (error)
		return error;
	entry.object = making->number;
	entry.type = (uint8_t)(making->like->mode >> 12);
	hmfs_name_put_prepared(making->dataset, &entry, name, length);
	making->object.record.links = is_directory ? 2 : 1;
	making->object.record.parent = directory.object;
	hmfs_object_set_name(&making->object, name, length);
	parent.record.size++;
	parent.record.links += is_directory;
	parent.record.modify = making->time;
	parent.record.change = making->time;
	hmfs_store_prepared(making->dataset, directory.object, &parent);
	making_finish(making, made);
	return 0;
}

static int create_nameless(struct making *making, struct hmfs_id *made)
{
	int error;

	/* Directories always have a name. */
	if ((making->like->mode & HMFS_MODE_TYPE) == HMFS_MODE_DIRECTORY)
		return -EINVAL;
	error = making_prepare(making, 1, 0);
	if (error)
		return error;
	hmfs_orphan_add(making->dataset, making->number);
	making_finish(making, made);
	return 0;
}

/* Without a name if `name` is NULL. */
static int make(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		size_t length, const struct hmfs_template *like, struct hmfs_id *made)
{
	struct making making;
	struct hmfs_dataset *dataset;
	int error = hmfs_dataset_get_to_change(volume, directory.dataset, &dataset);

	if (!error)
		error = making_begin(&making, volume, dataset, like);
	if (error)
		return error;
	if (name)
		error = create(&making, directory, name, length, made);
	else
		error = create_nameless(&making, made);
	volume->host->release(making.target);
	return error;
}

int hmfs_create(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		size_t length, const struct hmfs_template *like, struct hmfs_id *made)
{
	bool tried = false;
	int error = hmfs_name_check(name, length);

	if (error)
		return error;
	hmfs_lock(volume);
	do
		error = make(volume, directory, name, length, like, made);
	while (hmfs_try_again(volume, error, &tried));
	hmfs_unlock(volume);
	return error;
}

int hmfs_create_nameless(struct hmfs_volume *volume, uint32_t number,
			 const struct hmfs_template *like, struct hmfs_id *made)
{
	const struct hmfs_id nowhere = { number, 0 };
	bool tried = false;
	int error;

	hmfs_lock(volume);
	do
		error = make(volume, nowhere, NULL, 0, like, made);
	while (hmfs_try_again(volume, error, &tried));
	hmfs_unlock(volume);
	return error;
}

/* --- Linking --- */

/* What may get a further name: it has one, or is used by somebody. */
static int link_target(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
		       struct hmfs_id target, struct hmfs_object *object)
{
	int error = hmfs_object_load(dataset, target.object, object);

	if (error)
		return error;
	if ((object->record.mode & HMFS_MODE_TYPE) == HMFS_MODE_DIRECTORY ||
	    object->record.flags & HMFS_OBJECT_FORK)
		return -EPERM;
	if (object->record.links == 0 && !hmfs_held(volume, target))
		return -ENOENT;
	return object->record.links >= HMFS_LINK_MAX ? -EMLINK : 0;
}

static int link_name(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		     size_t length, struct hmfs_id target)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object parent, object;
	struct hmfs_name entry;
	uint64_t now;
	int error = hmfs_dataset_get_to_change(volume, directory.dataset, &dataset);

	if (!error)
		error = hmfs_directory_load(dataset, directory.object, &parent);
	if (!error)
		error = link_target(volume, dataset, target, &object);
	if (!error)
		error = name_vacant(volume, dataset, directory.object, name, length, &entry);
	if (!error)
		error = hmfs_room_check(volume);
	if (!error)
		error = hmfs_map_prepare(&dataset->map, 4,
					 2 * HMFS_OBJECT_VALUE_MAX + HMFS_NAME_VALUE_MAX);
	if (error)
		return error;
	now = volume->host->now();
	entry.object = target.object;
	entry.type = (uint8_t)(object.record.mode >> 12);
	hmfs_name_put_prepared(dataset, &entry, name, length);
	if (object.record.links == 0)
		hmfs_orphan_take(dataset, target.object);
	object.record.links++;
	object.record.change = now;
	object.record.parent = directory.object;
	hmfs_object_set_name(&object, name, length);
	hmfs_store_prepared(dataset, target.object, &object);
	parent.record.size++;
	parent.record.modify = now;
	parent.record.change = now;
	hmfs_store_prepared(dataset, directory.object, &parent);
	return 0;
}

int hmfs_link(struct hmfs_volume *volume, struct hmfs_id directory, const char *name, size_t length,
	      struct hmfs_id target)
{
	bool tried = false;
	int error = hmfs_name_check(name, length);

	if (error)
		return error;
	if (directory.dataset != target.dataset)
		return -EXDEV;
	hmfs_lock(volume);
	do
		error = link_name(volume, directory, name, length, target);
	while (hmfs_try_again(volume, error, &tried));
	hmfs_unlock(volume);
	return error;
}

/* --- Unlinking --- */

static int unlink_name(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		       size_t length)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object parent, object;
	struct hmfs_name entry;
	bool is_directory;
	int error = hmfs_dataset_get_to_change(volume, directory.dataset, &dataset);

	if (!error)
		error = hmfs_directory_load(dataset, directory.object, &parent);
	if (error)
		return error;
	hmfs_name_key(volume, directory.object, HMFS_KIND_NAME, name, length, &entry.key);
	error = hmfs_name_find(dataset, name, length, &entry);
	if (error)
		return error == -ENOSPC ? -ENOENT : error;
	error = hmfs_object_load(dataset, entry.object, &object);
	if (error)
		return error;
	is_directory = (object.record.mode & HMFS_MODE_TYPE) == HMFS_MODE_DIRECTORY;
	if (is_directory && object.record.size > 0)
		return -ENOTEMPTY;
	error = hmfs_map_prepare(&dataset->map, 2 + HMFS_DROP_ENTRIES,
				 HMFS_OBJECT_VALUE_MAX + HMFS_DROP_BYTES);
	if (error)
		return error;
	hmfs_remove_prepared(dataset, &entry.key);
	parent.record.size -= parent.record.size > 0;
	parent.record.links -= is_directory && parent.record.links > 2;
	parent.record.modify = volume->host->now();
	parent.record.change = parent.record.modify;
	hmfs_store_prepared(dataset, directory.object, &parent);
	object.record.change = parent.record.modify;
	object.record.links -= object.record.links > 0;
	if (is_directory)
		object.record.links = 0;
	if (object.record.links > 0)
		hmfs_store_prepared(dataset, entry.object, &object);
	else
		hmfs_object_drop(volume, dataset, entry.object, &object);
	return 0;
}

int hmfs_unlink(struct hmfs_volume *volume, struct hmfs_id directory, const char *name,
		size_t length)
{
	int error = hmfs_name_check(name, length);

	if (error)
		return error;
	hmfs_lock(volume);
	error = unlink_name(volume, directory, name, length);
	hmfs_unlock(volume);
	return error;
}
