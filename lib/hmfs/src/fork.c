/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forks: objects of their own, which an object has under names. They come and go with it: whoever
 * renames, links or snapshots the object has nothing to do for them.
 */
#include "fork_priv.h"

#include <base/errno.h>
#include <base/string.h>

void hmfs_fork_key(const struct hmfs_volume *volume, uint64_t object, uint8_t type,
		   const char *name, size_t length, struct hmfs_key *key)
{
	hmfs_name_key(volume, object, HMFS_KIND_FORK, name, length, key);
	/* So that a user's fork "security.capability" is not the attribute. */
	if (type == HMFS_FORK_ATTRIBUTE)
		key->minor ^= 1;
}

static int load(struct hmfs_fork *fork)
{
	int error = hmfs_object_load(fork->dataset, fork->entry.object, &fork->object);

	if (error == -ENOENT || (!error && !(fork->object.record.flags & HMFS_OBJECT_FORK)))
		return hmfs_complain(fork->volume, &fork->of, "its fork \"%.*s\" is none",
				     (int)fork->length, fork->name);
	fork->found = !error;
	return error;
}

int hmfs_fork_find(struct hmfs_fork *fork, struct hmfs_id of, const char *name, size_t length,
		   uint8_t type)
{
	int error = hmfs_name_check(name, length);

	if (!error && (type < HMFS_FORK_USER || type > HMFS_FORK_COMPUTED))
		error = -EINVAL;
	if (!error)
		error = hmfs_object_load(fork->dataset, of.object, &fork->owner);
	if (error)
		return error;
	if (fork->owner.record.flags & HMFS_OBJECT_FORK)
		return -EOPNOTSUPP;
	if (fork->owner.record.links == 0 && !hmfs_held(fork->volume, of))
		return -ENOENT;
	fork->of = of;
	fork->name = name;
	fork->length = length;
	fork->type = type;
	fork->found = false;
	fork->keeping = false;
	hmfs_fork_key(fork->volume, of.object, type, name, length, &fork->entry.key);
	error = hmfs_name_find(fork->dataset, name, length, &fork->entry);
	if (!error)
		error = load(fork);
	return error == -ENOENT ? 0 : error;
}

bool hmfs_fork_is_computed(const struct hmfs_fork *fork)
{
	if (fork->type == HMFS_FORK_ATTRIBUTE || !hmfs_computed_name(fork->name, fork->length))
		return false;
	return !fork->found || fork->entry.type == HMFS_FORK_COMPUTED;
}

/* A chunk's record for inline contents; NULL with *error 0: there are none. */
static uint8_t *inline_record(const struct hmfs_host *host, const void *bytes, size_t size,
			      int *error)
{
	const struct hmfs_chunk_record record = {
		.flags = HMFS_CHUNK_INLINE,
		.length = (uint16_t)size,
	};
	uint8_t *value;

	*error = 0;
	if (size == 0)
		return NULL;
	value = host->allocate(sizeof(record) + size);
	if (!value) {
		*error = -ENOMEM;
		return NULL;
	}
	memcpy(value, &record, sizeof(record));
	memcpy(value + sizeof(record), bytes, size);
	return value;
}

static void inline_put(struct hmfs_dataset *dataset, uint64_t number, const uint8_t *value,
		       size_t size)
{
	const struct hmfs_key key = { number, HMFS_PLACE(HMFS_KIND_CHUNK, 0), 0 };

	if (value)
		hmfs_put_prepared(dataset, &key, value, sizeof(struct hmfs_chunk_record) + size);
	else
		hmfs_remove_prepared(dataset, &key);
}

static void owner_put(struct hmfs_fork *fork, int more)
{
	struct hmfs_object_record *record = &fork->owner.record;

	if (more > 0 || record->forks > 0)
		record->forks += (uint32_t)more;
	if (!fork->keeping)
		record->change = fork->volume->host->now();
	hmfs_store_prepared(fork->dataset, fork->of.object, &fork->owner);
}

static void index_put(struct hmfs_fork *fork, const struct hmfs_object *object, bool there)
{
	struct hmfs_key key;

	if (!(object->record.flags & HMFS_OBJECT_INDEXED))
		return;
	hmfs_index_key(fork->volume, object->name, object->record.name_length,
		       object->record.raw_device, object->record.parent, &key);
	if (there)
		hmfs_put_prepared(fork->dataset, &key, "", 0);
	else
		hmfs_remove_prepared(fork->dataset, &key);
}

/* What remains of a fork that is no more: the last changes for which the map was prepared. */
static void forget(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t number,
		   struct hmfs_object *object)
{
	object->record.flags &= ~(uint32_t)HMFS_OBJECT_INDEXED;
	object->record.raw_device = 0;
	object->record.links = 0;
	hmfs_object_drop(volume, dataset, number, object);
}

/* --- Making --- */

/* What is changed where a new fork takes its place, and the old one goes. */
#define INSTALL_ENTRIES (6u + HMFS_DROP_ENTRIES)
#define INSTALL_BYTES   (2 * HMFS_OBJECT_VALUE_MAX + HMFS_NAME_VALUE_MAX + HMFS_DROP_BYTES)

static void install(struct hmfs_fork *fork, uint64_t number, const struct hmfs_object *object,
		    uint8_t type)
{
	struct hmfs_object old = fork->object;
	const uint64_t old_number = fork->entry.object;
	const bool replaces = fork->found;

	if (replaces)
		index_put(fork, &old, false);
	fork->entry.object = number;
	fork->entry.type = type;
	fork->object = *object;
	fork->found = true;
	hmfs_name_put_prepared(fork->dataset, &fork->entry, fork->name, fork->length);
	hmfs_store_prepared(fork->dataset, number, object);
	index_put(fork, object, true);
	owner_put(fork, !replaces);
	if (replaces)
		forget(fork->volume, fork->dataset, old_number, &old);
}

static void init(const struct hmfs_fork *fork, struct hmfs_object *object, uint8_t type,
		 size_t size, uint64_t hash)
{
	struct hmfs_object_record *record = &object->record;

	hmfs_object_init(object, HMFS_MODE_REGULAR | 0600, fork->volume->host->now());
	hmfs_object_set_name(object, fork->name, fork->length);
	record->flags = HMFS_OBJECT_FORK;
	record->links = 1;
	record->size = size;
	record->parent = fork->of.object;
	if (type == HMFS_FORK_COMPUTED)
		record->flags |= HMFS_OBJECT_COMPUTED;
	if (type != HMFS_FORK_ATTRIBUTE) {
		record->flags |= HMFS_OBJECT_INDEXED;
		record->raw_device = hash;
	}
	if (fork->keeping) {
		record->version = fork->version;
		record->generation = fork->mark;
	}
}

int hmfs_fork_make(struct hmfs_fork *fork, uint8_t type, const void *bytes, size_t size, bool held)
{
	struct hmfs_id id = { fork->dataset->number, 0 };
	struct hmfs_object object;
	uint8_t *value;
	int error = hmfs_number_next(fork->volume, fork->dataset, &id.object);

	if (error)
		return error;
	value = inline_record(fork->volume->host, bytes, size, &error);
	if (!error)
		error = hmfs_map_prepare(&fork->dataset->map, 1 + INSTALL_ENTRIES,
					 INSTALL_BYTES + sizeof(struct hmfs_chunk_record) + size);
	if (!error && held)
		error = hmfs_held_add(fork->volume, id);
	if (!error) {
		init(fork, &object, type, size,
		     hmfs_index_hash(fork->volume, size ? bytes : "", size));
		if (value)
			inline_put(fork->dataset, id.object, value, size);
		hmfs_number_use(fork->dataset);
		install(fork, id.object, &object, type);
	}
	fork->volume->host->release(value);
	return error;
}

int hmfs_fork_adopt(struct hmfs_fork *fork, uint64_t number)
{
	struct hmfs_object aside, object;
	int error = hmfs_object_load(fork->dataset, number, &aside);

	if (!error)
		error = hmfs_map_prepare(&fork->dataset->map, 1 + INSTALL_ENTRIES, INSTALL_BYTES);
	if (error)
		return error;
	init(fork, &object, fork->type, aside.record.size, 0);
	object.record.flags |= aside.record.flags;
	object.record.blocks = aside.record.blocks;
	object.record.version = aside.record.version;
	hmfs_orphan_take(fork->dataset, number);
	install(fork, number, &object, fork->type);
	return 0;
}

/* --- Changing --- */

int hmfs_fork_is_inline(struct hmfs_fork *fork, bool *is_inline)
{
	const struct hmfs_object_record *record = &fork->object.record;
	struct hmfs_chunk *chunk;
	int error;

	*is_inline = false;
	if (record->blocks > 0 || record->size > HMFS_INLINE_MAX)
		return 0;
	chunk = fork->volume->host->allocate(sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	error = hmfs_chunk_load(fork->dataset, fork->entry.object, 0, chunk);
	*is_inline = !error && chunk->runs == 0;
	fork->volume->host->release(chunk);
	return error;
}

int hmfs_fork_replace(struct hmfs_fork *fork, const void *bytes, size_t size)
{
	struct hmfs_object_record *record = &fork->object.record;
	uint8_t *value;
	int error;

	value = inline_record(fork->volume->host, bytes, size, &error);
	if (!error)
		error = hmfs_map_prepare(&fork->dataset->map, 5,
					 2 * HMFS_OBJECT_VALUE_MAX +
						 sizeof(struct hmfs_chunk_record) + size);
	if (!error) {
		inline_put(fork->dataset, fork->entry.object, value, size);
		record->size = size;
		record->version = fork->keeping ? fork->version : record->version + 1;
		record->generation = fork->keeping ? fork->mark : 0;
		record->modify = fork->volume->host->now();
		record->change = record->modify;
		hmfs_index_move(fork->dataset, &fork->object,
				hmfs_index_hash(fork->volume, size ? bytes : "", size));
		hmfs_store_prepared(fork->dataset, fork->entry.object, &fork->object);
		owner_put(fork, 0);
	}
	fork->volume->host->release(value);
	return error;
}

int hmfs_fork_drop(struct hmfs_volume *volume, struct hmfs_dataset *dataset,
		   const struct hmfs_name *found)
{
	struct hmfs_object object;
	struct hmfs_key index;
	int error = hmfs_object_load(dataset, found->object, &object);

	/* On a damaged volume it may lead anywhere: then only the name goes. */
	if (error == -ENOENT) {
		object.record.flags = 0;
		error = 0;
	}
	if (!error)
		error = hmfs_map_prepare(&dataset->map, 2 + HMFS_DROP_ENTRIES, HMFS_DROP_BYTES);
	if (error)
		return error;
	hmfs_remove_prepared(dataset, &found->key);
	if (!(object.record.flags & HMFS_OBJECT_FORK))
		return 0;
	if (object.record.flags & HMFS_OBJECT_INDEXED) {
		hmfs_index_key(volume, object.name, object.record.name_length,
			       object.record.raw_device, object.record.parent, &index);
		hmfs_remove_prepared(dataset, &index);
	}
	forget(volume, dataset, found->object, &object);
	return 0;
}

int hmfs_fork_remove_found(struct hmfs_fork *fork)
{
	int error = hmfs_map_prepare(&fork->dataset->map, 3 + HMFS_DROP_ENTRIES,
				     HMFS_DROP_BYTES + HMFS_OBJECT_VALUE_MAX);

	if (error)
		return error;
	hmfs_remove_prepared(fork->dataset, &fork->entry.key);
	index_put(fork, &fork->object, false);
	owner_put(fork, -1);
	forget(fork->volume, fork->dataset, fork->entry.object, &fork->object);
	return 0;
}

/* --- Opening --- */

static int fork_open(struct hmfs_fork *fork, struct hmfs_id of, const char *name, size_t length,
		     uint8_t type, bool create, struct hmfs_id *id)
{
	char text[HMFS_COMPUTED_MAX];
	int error = hmfs_fork_find(fork, of, name, length, type);

	if (error)
		return error;
	if (hmfs_fork_is_computed(fork)) {
		const ssize_t result = hmfs_fork_compute(fork, text, id);

		return result < 0 ? (int)result : 0;
	}
	if (!fork->found) {
		if (!create || type == HMFS_FORK_COMPUTED)
			return -ENOENT;
		error = hmfs_dataset_get_to_change(fork->volume, of.dataset, &fork->dataset);
		/* That may have let go of the lock. */
		if (!error)
			error = hmfs_fork_find(fork, of, name, length, type);
		if (!error && !fork->found) {
			error = hmfs_fork_make(fork, type, NULL, 0, true);
			*id = (struct hmfs_id){ of.dataset, fork->entry.object };
			return error ? error : 1;
		}
	}
	*id = (struct hmfs_id){ of.dataset, fork->entry.object };
	return error ? error : hmfs_held_take(fork->volume, *id);
}

int hmfs_fork_open(struct hmfs_volume *volume, struct hmfs_id of, const char *name, size_t length,
		   uint8_t type, bool create, struct hmfs_id *id)
{
	struct hmfs_fork *fork = volume->host->allocate(sizeof(*fork));
	bool tried = false;
	int error;

	if (!fork)
		return -ENOMEM;
	fork->volume = volume;
	hmfs_lock(volume);
	do {
		error = hmfs_dataset_get(volume, of.dataset, &fork->dataset);
		if (!error)
			error = fork_open(fork, of, name, length, type, create, id);
	} while (hmfs_try_again(volume, error, &tried));
	hmfs_unlock(volume);
	volume->host->release(fork);
	return error;
}

int hmfs_fork_remove(struct hmfs_volume *volume, struct hmfs_id of, const char *name, size_t length,
		     uint8_t type)
{
	const int error = hmfs_fork_set(volume, of, name, length, type, NULL, 0, 0);

	return error == -ENODATA ? -ENOENT : error;
}

int hmfs_fork_list(struct hmfs_volume *volume, struct hmfs_id of, uint64_t *cookie,
		   hmfs_name_visitor *entry, void *context)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object owner;
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get(volume, of.dataset, &dataset);
	if (!error)
		error = hmfs_object_load(dataset, of.object, &owner);
	if (!error && owner.record.forks > 0)
		error = hmfs_names_list(dataset, of.object, HMFS_KIND_FORK, cookie, entry, context);
	hmfs_unlock(volume);
	return error;
}
