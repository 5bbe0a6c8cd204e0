/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of objects, for messages: from the names and parents that their records have, as far as
 * those still are true. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include "volume_priv.h"

/* A damaged volume's parents may go in circles. */
#define DEPTH_MAX 64u

static const char fork_folder[] = "/..namedfork";

/* Text that grows at its front; what does not fit is left out, which "..." tells. */
struct front {
	char *buffer;
	size_t start; /* of the text; it ends with the buffer */
	bool cut;
};

static void prepend(struct front *front, const char *text, size_t length)
{
	const size_t fits = min_size(front->start, length);

	front->cut |= fits < length;
	front->start -= fits;
	memcpy(front->buffer + front->start, text + length - fits, fits);
}

/* Whether the record's name still leads to the object. */
static bool is_named(struct hmfs_dataset *dataset, uint64_t number,
		     const struct hmfs_object *object)
{
	const bool fork = object->record.flags & HMFS_OBJECT_FORK;
	const size_t length = object->record.name_length;
	struct hmfs_name found;

	if (object->record.links == 0 || hmfs_name_check(object->name, length))
		return false;
	hmfs_name_key(hmfs_volume_of(dataset), object->record.parent,
		      fork ? HMFS_KIND_FORK : HMFS_KIND_NAME, object->name, length, &found.key);
	if (hmfs_name_find(dataset, object->name, length, &found) == 0 && found.object == number)
		return true;
	if (!fork)
		return false;
	hmfs_fork_key(hmfs_volume_of(dataset), object->record.parent, HMFS_FORK_ATTRIBUTE,
		      object->name, length, &found.key);
	return hmfs_name_find(dataset, object->name, length, &found) == 0 && found.object == number;
}

static bool walk(struct hmfs_dataset *dataset, uint64_t number, struct front *front)
{
	struct hmfs_object object;

	for (unsigned depth = 0; number != HMFS_ROOT_OBJECT; depth++) {
		if (depth == DEPTH_MAX) {
			front->cut = true;
			return true;
		}
		if (hmfs_object_load(dataset, number, &object) ||
		    !is_named(dataset, number, &object))
			return false;
		prepend(front, object.name, object.record.name_length);
		prepend(front, "/", 1);
		if (object.record.flags & HMFS_OBJECT_FORK)
			prepend(front, fork_folder, sizeof(fork_folder) - 1);
		number = object.record.parent;
	}
	return true;
}

void hmfs_describe_locked(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size)
{
	struct hmfs_dataset *dataset;
	struct front front = { buffer, size - 1, false };

	if (size == 0)
		return;
	buffer[size - 1] = '\0';
	if (hmfs_dataset_get(volume, id.dataset, &dataset) || !walk(dataset, id.object, &front)) {
		snprintf(buffer, size, "object %llu", (unsigned long long)id.object);
		return;
	}
	if (id.object == HMFS_ROOT_OBJECT)
		prepend(&front, "/", 1);
	memmove(buffer, buffer + front.start, size - front.start);
	if (front.cut && size > 4)
		memcpy(buffer, "...", 3);
}

void hmfs_describe(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size)
{
	hmfs_lock(volume);
	hmfs_describe_locked(volume, id, buffer, size);
	hmfs_unlock(volume);
}
