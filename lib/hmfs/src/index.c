/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The index over forks: an entry per fork of users and per computed one, by the fork's name and a
 * hash of its contents. Contents that do not lie in the fork's record as a whole have the hash 0,
 * so that they are found by looking at each of those. The fork's record has the hash that it is
 * found by, so that its entry can be taken out without reading what the contents were.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

void hmfs_index_key(const struct hmfs_volume *volume, const char *name, size_t length,
		    uint64_t hash, uint64_t object, struct hmfs_key *key)
{
	struct hmfs_key of_name;

	hmfs_name_key(volume, 0, HMFS_KIND_INDEX, name, length, &of_name);
	*key = (struct hmfs_key){ of_name.minor, HMFS_PLACE(HMFS_KIND_INDEX, hash), object };
}

uint64_t hmfs_index_hash(const struct hmfs_volume *volume, const void *bytes, size_t length)
{
	struct hmfs_key of_value;

	hmfs_name_key(volume, 0, HMFS_KIND_INDEX, bytes, length, &of_value);
	of_value.place &= HMFS_PLACE_MASK;
	return of_value.place ? of_value.place : 1;
}

void hmfs_index_move(struct hmfs_dataset *dataset, struct hmfs_object *fork, uint64_t hash)
{
	const struct hmfs_volume *volume = hmfs_volume_of(dataset);
	const struct hmfs_object_record *record = &fork->record;
	struct hmfs_key key;

	if (!(record->flags & HMFS_OBJECT_INDEXED) || record->raw_device == hash)
		return;
	hmfs_index_key(volume, fork->name, record->name_length, record->raw_device, record->parent,
		       &key);
	hmfs_remove_prepared(dataset, &key);
	hmfs_index_key(volume, fork->name, record->name_length, hash, record->parent, &key);
	hmfs_put_prepared(dataset, &key, "", 0);
	fork->record.raw_device = hash;
}

void hmfs_index_update(struct hmfs_dataset *dataset, struct hmfs_object *fork,
		       const struct hmfs_chunk *chunk)
{
	uint64_t hash = 0;

	if (!(fork->record.flags & HMFS_OBJECT_INDEXED))
		return;
	if (fork->record.size == 0)
		hash = hmfs_index_hash(hmfs_volume_of(dataset), "", 0);
	else if (chunk->is_inline && chunk->length == fork->record.size)
		hash = hmfs_index_hash(hmfs_volume_of(dataset), chunk->bytes, chunk->length);
	hmfs_index_move(dataset, fork, hash);
}
