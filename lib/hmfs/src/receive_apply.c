/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of a stream, done to the dataset that it becomes, by the same functions that others use:
 * whatever a stream says, the dataset stays one that makes sense. Objects have the numbers that
 * they have where the stream comes from.
 */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

struct number_name {
	char text[24];
	size_t length;
};

/* The name of an object in the staging directory. */
static struct number_name name_of_number(uint64_t number)
{
	struct number_name name;

	name.length =
		(size_t)snprintf(name.text, sizeof(name.text), "%llu", (unsigned long long)number);
	return name;
}

static struct hmfs_id id_of(const struct hmfs_receiving *receiving, uint64_t object)
{
	return (struct hmfs_id){ receiving->number, object };
}

/* --- Numbers. --- */

/* The next object that is made gets the number. */
static int claim_number(struct hmfs_receiving *receiving, uint64_t number)
{
	struct hmfs_volume *volume = receiving->volume;
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error;

	if (number < HMFS_FIRST_OBJECT || number >= receiving->begin.next_object)
		return -EBADMSG;
	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, receiving->number, &dataset);
	if (!error)
		error = hmfs_object_load(dataset, number, &object);
	if (error == -ENOENT) {
		dataset->receive_number = number;
		error = 0;
	} else if (!error) {
		error = -EBADMSG;
	}
	hmfs_unlock(volume);
	return error;
}

static void unclaim_number(struct hmfs_receiving *receiving)
{
	struct hmfs_dataset *dataset;

	hmfs_lock(receiving->volume);
	if (hmfs_dataset_get(receiving->volume, receiving->number, &dataset) == 0)
		dataset->receive_number = 0;
	hmfs_unlock(receiving->volume);
}

/* --- Objects. --- */

static bool mode_is_good(uint32_t mode)
{
	static const uint32_t types[] = { HMFS_MODE_FIFO,  HMFS_MODE_CHARACTER, HMFS_MODE_DIRECTORY,
					  HMFS_MODE_BLOCK, HMFS_MODE_REGULAR,   HMFS_MODE_LINK,
					  HMFS_MODE_SOCKET };

	for (unsigned i = 0; i < array_length(types); i++) {
		if ((mode & ~(uint32_t)HMFS_MODE_PERMISSIONS) == types[i])
			return true;
	}
	return false;
}

static int apply_create(struct hmfs_receiving *receiving, const uint8_t *payload, size_t length)
{
	struct hmfs_stream_object record;
	struct hmfs_template like = { 0 };
	struct number_name name;
	struct hmfs_id made;
	bool link;
	int error;

	if (length < sizeof(record))
		return -EBADMSG;
	memcpy(&record, payload, sizeof(record));
	link = (record.mode & HMFS_MODE_TYPE) == HMFS_MODE_LINK;
	length -= sizeof(record);
	if (!mode_is_good(record.mode) || (link ? length == 0 || length > HMFS_TARGET_MAX : length))
		return -EBADMSG;
	like.mode = record.mode;
	like.uid = record.uid;
	like.gid = record.gid;
	like.raw_device = record.raw_device;
	like.target = link ? (const char *)payload + sizeof(record) : NULL;
	if (link && strlen(like.target) != length)
		return -EBADMSG;
	error = claim_number(receiving, record.object);
	if (error)
		return error;
	name = name_of_number(record.object);
	error = hmfs_create(receiving->volume, receiving->staging, name.text, name.length, &like,
			    &made);
	if (error) {
		unclaim_number(receiving);
		return error;
	}
	hmfs_object_let_go(receiving->volume, made);
	return 0;
}

static int apply_attributes(struct hmfs_receiving *receiving, const uint8_t *payload, size_t length)
{
	struct hmfs_stream_attributes record;
	struct hmfs_attributes attributes = { 0 };
	int error;

	if (length != sizeof(record))
		return -EBADMSG;
	memcpy(&record, payload, sizeof(record));
	attributes.mode = record.mode & HMFS_MODE_PERMISSIONS;
	attributes.uid = record.uid;
	attributes.gid = record.gid;
	attributes.access = record.access;
	attributes.modify = record.modify;
	attributes.change = record.change;
	attributes.birth = record.birth;
	if (record.object == HMFS_ROOT_OBJECT) {
		receiving->root = attributes;
		return 0;
	}
	error = hmfs_set_attributes(receiving->volume, id_of(receiving, record.object),
				    HMFS_SET_ALL, &attributes);
	/* Forks have only times of their own. */
	if (error == -EPERM)
		error = hmfs_set_attributes(receiving->volume, id_of(receiving, record.object),
					    HMFS_SET_TIMES, &attributes);
	return error;
}

/* --- Names. --- */

/* The object comes out of the staging directory, or gets one more name. */
static int apply_name(struct hmfs_receiving *receiving, const struct hmfs_stream_name *record,
		      const char *text)
{
	const struct number_name name = name_of_number(record->object);
	const struct hmfs_id directory = id_of(receiving, record->of);
	struct hmfs_id found;
	int error;

	error = hmfs_lookup(receiving->volume, receiving->staging, name.text, name.length, &found,
			    NULL);
	if (error == -ENOENT)
		return hmfs_link(receiving->volume, directory, text, record->length,
				 id_of(receiving, record->object));
	if (error)
		return error;
	return hmfs_rename(receiving->volume, receiving->staging, name.text, name.length, directory,
			   text, record->length, HMFS_RENAME_NO_REPLACE);
}

/* The last name of an object, and that of a directory, leads to the staging directory: another one
 * may come. */
static int apply_unname(struct hmfs_receiving *receiving, const struct hmfs_stream_name *record,
			const char *text)
{
	const struct number_name name = name_of_number(record->object);
	const struct hmfs_id directory = id_of(receiving, record->of);
	struct hmfs_volume *volume = receiving->volume;
	struct hmfs_attributes attributes;
	struct hmfs_id found;
	int error = hmfs_lookup(volume, directory, text, record->length, &found, NULL);

	if (!error && found.object != record->object)
		error = -EBADMSG;
	if (!error)
		error = hmfs_read_attributes(volume, found, &attributes);
	if (error)
		return error;
	if ((attributes.mode & HMFS_MODE_TYPE) != HMFS_MODE_DIRECTORY && attributes.links > 1)
		return hmfs_unlink(volume, directory, text, record->length);
	return hmfs_rename(volume, directory, text, record->length, receiving->staging, name.text,
			   name.length, HMFS_RENAME_NO_REPLACE);
}

/* --- Forks. --- */

static int make_fork(struct hmfs_receiving *receiving, const struct hmfs_stream_name *record,
		     const char *text)
{
	const struct hmfs_id of = id_of(receiving, record->of);
	struct hmfs_volume *volume = receiving->volume;
	struct hmfs_id fork;
	int result;

	/* One that could be computed was set by somebody. */
	if (hmfs_computed_name(text, record->length))
		return hmfs_fork_set(volume, of, text, record->length, record->type, "", 0, 1);
	result = hmfs_fork_open(volume, of, text, record->length, record->type, true, &fork);
	if (result < 0)
		return result;
	hmfs_object_let_go(volume, fork);
	return result == 1 ? 0 : -EBADMSG;
}

static int apply_fork_create(struct hmfs_receiving *receiving,
			     const struct hmfs_stream_name *record, const char *text)
{
	int error = claim_number(receiving, record->object);

	if (!error)
		error = make_fork(receiving, record, text);
	unclaim_number(receiving);
	return error;
}

static int apply_named(struct hmfs_receiving *receiving, uint32_t kind, const uint8_t *payload,
		       size_t length)
{
	const char *text = (const char *)payload + sizeof(struct hmfs_stream_name);
	struct hmfs_stream_name record;

	if (length < sizeof(record))
		return -EBADMSG;
	memcpy(&record, payload, sizeof(record));
	if (record.length != length - sizeof(record))
		return -EBADMSG;
	if (kind == HMFS_STREAM_NAME || kind == HMFS_STREAM_UNNAME)
		return kind == HMFS_STREAM_NAME ? apply_name(receiving, &record, text)
						: apply_unname(receiving, &record, text);
	if (record.type != HMFS_FORK_USER && record.type != HMFS_FORK_ATTRIBUTE)
		return -EBADMSG;
	if (kind == HMFS_STREAM_FORK_CREATE)
		return apply_fork_create(receiving, &record, text);
	return hmfs_fork_remove(receiving->volume, id_of(receiving, record.of), text, record.length,
				record.type);
}

/* --- Contents. --- */

static int check_file(struct hmfs_receiving *receiving, uint64_t object)
{
	struct hmfs_attributes attributes;
	int error;

	if (object == receiving->file)
		return 0;
	error = hmfs_read_attributes(receiving->volume, id_of(receiving, object), &attributes);
	if (!error && (attributes.mode & HMFS_MODE_TYPE) != HMFS_MODE_REGULAR)
		error = -EBADMSG;
	if (!error)
		receiving->file = object;
	return error;
}

static int apply_range(struct hmfs_receiving *receiving, uint32_t kind, const uint8_t *payload,
		       size_t length)
{
	struct hmfs_stream_range range;
	struct hmfs_id id;
	ssize_t written;
	int error;

	if (length < sizeof(range))
		return -EBADMSG;
	memcpy(&range, payload, sizeof(range));
	length -= sizeof(range);
	if (kind == HMFS_STREAM_DATA ? range.length != length || length == 0 : length != 0)
		return -EBADMSG;
	error = check_file(receiving, range.object);
	if (error)
		return error;
	id = id_of(receiving, range.object);
	if (kind == HMFS_STREAM_SIZE)
		return hmfs_resize(receiving->volume, id, range.offset);
	if (kind == HMFS_STREAM_HOLE)
		return hmfs_punch(receiving->volume, id, range.offset, range.length);
	written = hmfs_write(receiving->volume, id, range.offset, payload + sizeof(range), length);
	return written < 0 ? (int)written : 0;
}

/* --- All of them. --- */

static int apply(struct hmfs_receiving *receiving, uint32_t kind, const uint8_t *payload,
		 size_t length)
{
	switch (kind) {
	case HMFS_STREAM_CREATE:
		return apply_create(receiving, payload, length);
	case HMFS_STREAM_UNNAME:
	case HMFS_STREAM_NAME:
	case HMFS_STREAM_FORK_CREATE:
	case HMFS_STREAM_FORK_REMOVE:
		return apply_named(receiving, kind, payload, length);
	case HMFS_STREAM_SIZE:
	case HMFS_STREAM_DATA:
	case HMFS_STREAM_HOLE:
		return apply_range(receiving, kind, payload, length);
	case HMFS_STREAM_ATTRIBUTES:
		return apply_attributes(receiving, payload, length);
	default:
		return -EBADMSG;
	}
}

int hmfs_receive_apply(struct hmfs_receiving *receiving, uint32_t kind, const uint8_t *payload,
		       size_t length)
{
	const int error = apply(receiving, kind, payload, length);

	switch (error) {
	case 0:
	case -EIO:
	case -ENOMEM:
	case -ENOSPC:
	case -EROFS:
		return error;
	default:
		/* It asks for what cannot be. */
		return -EBADMSG;
	}
}
