/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Listing names, of directories and of forks.
 *
 * A cookie has the first 62 bits of a name's hash, so that it stays right whatever comes and goes.
 * Should two names have the same 62 bits, both are listed again when a listing that ended between
 * them goes on.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

#define MINOR_SHIFT 58u /* its upper 6 bits follow the 56 of the place */

static uint64_t cookie_of(const struct hmfs_key *key)
{
	return (key->place & HMFS_PLACE_MASK) << 6 | key->minor >> MINOR_SHIFT;
}

/* A name that waits for the key of the one behind it to be known. */
struct listing {
	uint64_t object;
	uint8_t type;
	uint8_t length;
	uint64_t cookie;
	char name[HMFS_NAME_MAX];
};

static int take(struct hmfs_dataset *dataset, const struct hmfs_cursor *cursor,
		struct listing *listing)
{
	struct hmfs_name name;
	const char *text;
	size_t length;

	if (!hmfs_name_decode(cursor->value.bytes, cursor->value.length, &name, &text, &length)) {
		const struct hmfs_id id = { dataset->number, cursor->key.object };

		return hmfs_complain(hmfs_volume_of(dataset), &id, "a name in it is nonsense");
	}
	memcpy(listing->name, text, length);
	listing->length = (uint8_t)length;
	listing->object = name.object;
	listing->type = name.type;
	listing->cookie = cookie_of(&cursor->key);
	return 0;
}

/* 0: it is at a name; -ENOENT: behind the last one. */
static int within(const struct hmfs_cursor *cursor, uint64_t object, enum hmfs_kind kind, int error)
{
	if (error)
		return error;
	return cursor->key.object == object && cursor->key.place >> 56 == kind ? 0 : -ENOENT;
}

static int walk(struct hmfs_cursor *cursor, struct hmfs_dataset *dataset,
		const struct hmfs_key *from, uint64_t *cookie, hmfs_name_visitor *entry,
		void *context)
{
	const enum hmfs_kind kind = (enum hmfs_kind)(from->place >> 56);
	struct listing listing;
	int error = hmfs_cursor_seek(cursor, &dataset->map, from);

	error = within(cursor, from->object, kind, error);
	while (!error) {
		uint64_t next;

		error = take(dataset, cursor, &listing);
		if (error)
			return error;
		error = within(cursor, from->object, kind, hmfs_cursor_next(cursor));
		if (error && error != -ENOENT)
			return error;
		next = listing.cookie + 1;
		if (!error && cookie_of(&cursor->key) == listing.cookie)
			next = listing.cookie;
		*cookie = listing.cookie;
		if (!entry(context, listing.name, listing.length, listing.object, listing.type,
			   next))
			return 0;
		*cookie = next;
	}
	return error == -ENOENT ? 0 : error;
}

int hmfs_names_list(struct hmfs_dataset *dataset, uint64_t object, enum hmfs_kind kind,
		    uint64_t *cookie, hmfs_name_visitor *entry, void *context)
{
	const struct hmfs_key from = {
		.object = object,
		.place = HMFS_PLACE(kind, *cookie >> 6),
		.minor = *cookie << MINOR_SHIFT,
	};
	struct hmfs_cursor cursor = { 0 };
	int error;

	/* Behind the last one that can be. */
	if (*cookie >> 62)
		return 0;
	error = walk(&cursor, dataset, &from, cookie, entry, context);
	hmfs_cursor_close(&cursor);
	return error;
}

static int list_directory(struct hmfs_volume *volume, struct hmfs_id directory, uint64_t *cookie,
			  hmfs_name_visitor *entry, void *context)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error = hmfs_dataset_get(volume, directory.dataset, &dataset);

	if (!error)
		error = hmfs_object_load(dataset, directory.object, &object);
	if (error)
		return error;
	if ((object.record.mode & HMFS_MODE_TYPE) != HMFS_MODE_DIRECTORY)
		return -ENOTDIR;
	if (object.record.size == 0)
		return 0;
	return hmfs_names_list(dataset, directory.object, HMFS_KIND_NAME, cookie, entry, context);
}

int hmfs_list(struct hmfs_volume *volume, struct hmfs_id directory, uint64_t *cookie,
	      hmfs_name_visitor *entry, void *context)
{
	int error;

	hmfs_lock(volume);
	error = list_directory(volume, directory, cookie, entry, context);
	hmfs_unlock(volume);
	return error;
}
