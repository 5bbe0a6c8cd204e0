/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets of symbolic links: inline in chunk 0, and what is longer than such a chunk in chunk 1. */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

static int read_target(struct hmfs_dataset *dataset, struct hmfs_id id, uint64_t size, char *buffer,
		       size_t room)
{
	const struct hmfs_host *host = dataset->map.context->host;
	struct hmfs_chunk *chunk = host->allocate(sizeof(*chunk));
	uint64_t done = 0;
	int error = chunk ? 0 : -ENOMEM;

	for (uint64_t number = 0; !error && done < size; number++) {
		const size_t length = min_size(size - done, HMFS_INLINE_MAX);

		error = hmfs_chunk_load(dataset, id.object, number, chunk);
		if (!error && (!chunk->is_inline || chunk->length != length))
			error = hmfs_complain(hmfs_volume_of(dataset), &id,
					      "the target of the link is nonsense");
		if (!error && done < room)
			memcpy(buffer + done, chunk->bytes, min_size(length, room - done));
		done += length;
	}
	host->release(chunk);
	return error;
}

static ssize_t read_link(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error = hmfs_dataset_get(volume, id.dataset, &dataset);

	if (!error)
		error = hmfs_object_load(dataset, id.object, &object);
	if (error)
		return error;
	if ((object.record.mode & HMFS_MODE_TYPE) != HMFS_MODE_LINK)
		return -EINVAL;
	error = read_target(dataset, id, object.record.size, buffer, size);
	return error ? error : (ssize_t)object.record.size;
}

ssize_t hmfs_read_link(struct hmfs_volume *volume, struct hmfs_id id, char *buffer, size_t size)
{
	ssize_t result;

	hmfs_lock(volume);
	result = read_link(volume, id, buffer, size);
	hmfs_unlock(volume);
	return result;
}
