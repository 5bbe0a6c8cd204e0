/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects' records: read, checked, changed; attributes. */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* A change of metadata may need room in new nodes of every level, twice. */
#define ROOM_BLOCKS 16u

void hmfs_object_key(uint64_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ number, HMFS_PLACE(HMFS_KIND_OBJECT, 0), 0 };
}

bool hmfs_mode_valid(uint32_t mode)
{
	switch (mode & HMFS_MODE_TYPE) {
	case HMFS_MODE_FIFO:
	case HMFS_MODE_CHARACTER:
	case HMFS_MODE_DIRECTORY:
	case HMFS_MODE_BLOCK:
	case HMFS_MODE_REGULAR:
	case HMFS_MODE_LINK:
	case HMFS_MODE_SOCKET:
		return (mode & ~(uint32_t)(HMFS_MODE_TYPE | HMFS_MODE_PERMISSIONS)) == 0;
	default:
		return false;
	}
}

static bool record_valid(const struct hmfs_object_record *record, size_t length)
{
	if (length < sizeof(*record) || record->name_length > HMFS_NAME_MAX ||
	    length != sizeof(*record) + record->name_length)
		return false;
	if ((record->mode & HMFS_MODE_TYPE) == HMFS_MODE_LINK && record->size > HMFS_TARGET_MAX)
		return false;
	return hmfs_mode_valid(record->mode) && record->size <= HMFS_SIZE_MAX;
}

int hmfs_object_load(struct hmfs_dataset *dataset, uint64_t number, struct hmfs_object *object)
{
	struct hmfs_key key;
	ssize_t length;

	_Static_assert(offsetof(struct hmfs_object, name) == sizeof(object->record),
		       "the name follows at once");
	if (number == HMFS_ORPHANS)
		return -ENOENT;
	hmfs_object_key(number, &key);
	length = hmfs_map_get(&dataset->map, &key, object, HMFS_OBJECT_VALUE_MAX);
	if (length < 0)
		return (int)length;
	if (length > (ssize_t)HMFS_OBJECT_VALUE_MAX ||
	    !record_valid(&object->record, (size_t)length))
		return hmfs_complain(hmfs_volume_of(dataset), NULL,
				     "the record of object %llu of dataset %u is nonsense",
				     (unsigned long long)number, dataset->number);
	object->name[object->record.name_length] = '\0';
	return 0;
}

int hmfs_object_store(struct hmfs_dataset *dataset, uint64_t number,
		      const struct hmfs_object *object)
{
	struct hmfs_key key;

	hmfs_object_key(number, &key);
	return hmfs_map_put(&dataset->map, &key, object,
			    sizeof(object->record) + object->record.name_length);
}

/* Memory was reserved. Should that ever be untrue the change must not become durable by half. */
static void unprepared(struct hmfs_dataset *dataset, int error)
{
	struct hmfs_volume *volume = hmfs_volume_of(dataset);

	if (!error)
		return;
	volume->failed = true;
	(void)hmfs_complain(volume, NULL, "a change could not be finished: error %d", -error);
}

void hmfs_put_prepared(struct hmfs_dataset *dataset, const struct hmfs_key *key, const void *value,
		       size_t length)
{
	unprepared(dataset, hmfs_map_put(&dataset->map, key, value, length));
}

void hmfs_remove_prepared(struct hmfs_dataset *dataset, const struct hmfs_key *key)
{
	unprepared(dataset, hmfs_map_remove(&dataset->map, key));
}

void hmfs_store_prepared(struct hmfs_dataset *dataset, uint64_t number,
			 const struct hmfs_object *object)
{
	unprepared(dataset, hmfs_object_store(dataset, number, object));
}

void hmfs_object_init(struct hmfs_object *object, uint32_t mode, uint64_t time)
{
	memset(&object->record, 0, sizeof(object->record));
	object->name[0] = '\0';
	object->record.mode = mode;
	object->record.access = time;
	object->record.modify = time;
	object->record.change = time;
	object->record.birth = time;
}

void hmfs_object_set_name(struct hmfs_object *object, const char *name, size_t length)
{
	memcpy(object->name, name, length);
	object->name[length] = '\0';
	object->record.name_length = (uint16_t)length;
}

int hmfs_room_check(struct hmfs_volume *volume)
{
	const uint64_t available = hmfs_space_available(volume->space);
	/* Both copies, and what nodes have beside their entries. */
	const uint64_t pending = hmfs_newest_total(volume) / HMFS_BLOCK_SIZE * 2;

	return available < pending + ROOM_BLOCKS ? -ENOSPC : 0;
}

bool hmfs_try_again(struct hmfs_volume *volume, int error, bool *tried)
{
	const struct hmfs_space *space = volume->space;

	if (error != -ENOSPC || *tried)
		return false;
	*tried = true;
	if (hmfs_space_free_after(space) <= hmfs_space_free_blocks(space) &&
	    hmfs_newest_total(volume) == 0)
		return false;
	return hmfs_make_room(volume) == 0;
}

int hmfs_number_next(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t *number)
{
	const uint64_t next =
		dataset->receive_number ? dataset->receive_number : dataset->record.next_object;

	/* It has to fit into the keys of orphans. */
	if (next < HMFS_FIRST_OBJECT || next > HMFS_PLACE_MASK)
		return -ENOSPC;
	*number = next;
	return hmfs_room_check(volume);
}

void hmfs_number_use(struct hmfs_dataset *dataset)
{
	if (dataset->receive_number)
		dataset->receive_number = 0;
	else
		dataset->record.next_object++;
	dataset->record.objects++;
	hmfs_dataset_changed(dataset);
}

/* --- Attributes --- */

/* Forks have what they are of decide who may do what. */
static void inherit(struct hmfs_dataset *dataset, const struct hmfs_object *fork,
		    struct hmfs_attributes *attributes)
{
	struct hmfs_object owner;

	if (hmfs_object_load(dataset, fork->record.parent, &owner))
		return;
	attributes->mode = HMFS_MODE_REGULAR | (owner.record.mode & 0666);
	attributes->uid = owner.record.uid;
	attributes->gid = owner.record.gid;
}

static int read_attributes(struct hmfs_volume *volume, struct hmfs_id id,
			   struct hmfs_attributes *attributes)
{
	const struct hmfs_object_record *record;
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error = hmfs_dataset_get(volume, id.dataset, &dataset);

	if (!error)
		error = hmfs_object_load(dataset, id.object, &object);
	if (error)
		return error;
	record = &object.record;
	*attributes = (struct hmfs_attributes){
		.mode = record->mode,
		.links = record->links,
		.uid = record->uid,
		.gid = record->gid,
		.flags = record->flags,
		.generation = record->generation,
		.forks = record->forks,
		.size = record->size,
		.blocks = record->blocks,
		.access = record->access,
		.modify = record->modify,
		.change = record->change,
		.birth = record->birth,
		.raw_device = record->raw_device,
		.version = record->version,
	};
	if (record->flags & HMFS_OBJECT_FORK) {
		attributes->raw_device = 0;
		inherit(dataset, &object, attributes);
	}
	return 0;
}

int hmfs_read_attributes(struct hmfs_volume *volume, struct hmfs_id id,
			 struct hmfs_attributes *attributes)
{
	int error;

	hmfs_lock(volume);
	error = read_attributes(volume, id, attributes);
	hmfs_unlock(volume);
	return error;
}

static void set_fields(struct hmfs_object_record *record, unsigned which,
		       const struct hmfs_attributes *attributes)
{
	if (which & HMFS_SET_MODE)
		record->mode = (record->mode & HMFS_MODE_TYPE) |
			       (attributes->mode & HMFS_MODE_PERMISSIONS);
	if (which & HMFS_SET_UID)
		record->uid = attributes->uid;
	if (which & HMFS_SET_GID)
		record->gid = attributes->gid;
	if (which & HMFS_SET_ACCESS)
		record->access = attributes->access;
	if (which & HMFS_SET_MODIFY)
		record->modify = attributes->modify;
	if (which & HMFS_SET_CHANGE)
		record->change = attributes->change;
	if (which & HMFS_SET_BIRTH)
		record->birth = attributes->birth;
}

static int set_attributes(struct hmfs_volume *volume, struct hmfs_id id, unsigned which,
			  const struct hmfs_attributes *attributes)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);

	if (!error)
		error = hmfs_object_load(dataset, id.object, &object);
	if (error)
		return error;
	if (object.record.flags & HMFS_OBJECT_FORK &&
	    which & (HMFS_SET_MODE | HMFS_SET_UID | HMFS_SET_GID))
		return -EPERM;
	set_fields(&object.record, which, attributes);
	return hmfs_object_store(dataset, id.object, &object);
}

int hmfs_set_attributes(struct hmfs_volume *volume, struct hmfs_id id, unsigned which,
			const struct hmfs_attributes *attributes)
{
	int error;

	hmfs_lock(volume);
	error = set_attributes(volume, id, which, attributes);
	hmfs_unlock(volume);
	return error;
}
