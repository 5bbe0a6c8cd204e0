/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole contents of forks at once, as extended attributes want it. Short ones are changed in their
 * record. Longer ones are written to an object without a name, which then takes the place of the
 * old fork, so that all of it or nothing is there after a crash.
 */
#include "fork_priv.h"

#include <base/errno.h>
#include <base/string.h>

enum fork_set_flags { SET_CREATE = 1, SET_REPLACE = 2 };

/* --- Getting --- */

static ssize_t get_computed(struct hmfs_fork *fork, void *value, size_t size)
{
	char text[HMFS_COMPUTED_MAX];
	const ssize_t length = hmfs_fork_compute(fork, text, NULL);

	if (length < 0)
		return length == -ENOENT ? -ENODATA : length;
	memcpy(value, text, min_size(size, (size_t)length));
	return length;
}

/* 1: it has to be read as a file is. */
static int get_inline(struct hmfs_fork *fork, void *value, size_t size)
{
	const size_t wanted = min_size(size, fork->object.record.size);
	struct hmfs_chunk *chunk;
	int error;

	if (fork->object.record.blocks > 0 || fork->object.record.size > HMFS_INLINE_MAX)
		return 1;
	chunk = fork->volume->host->allocate(sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	error = hmfs_chunk_load(fork->dataset, fork->entry.object, 0, chunk);
	if (!error && chunk->runs > 0)
		error = 1;
	if (!error) {
		const size_t stored = min_size(wanted, chunk->is_inline ? chunk->length : 0);

		memcpy(value, chunk->bytes, stored);
		memset((uint8_t *)value + stored, 0, wanted - stored);
	}
	fork->volume->host->release(chunk);
	return error;
}

static ssize_t get(struct hmfs_fork *fork, struct hmfs_id of, const char *name, size_t length,
		   uint8_t type, void *value, size_t size)
{
	struct hmfs_id id;
	uint64_t whole;
	ssize_t got;
	int error = hmfs_fork_find(fork, of, name, length, type);

	if (error)
		return error;
	if (hmfs_fork_is_computed(fork))
		return get_computed(fork, value, size);
	if (!fork->found)
		return -ENODATA;
	whole = fork->object.record.size;
	if (size == 0 || whole == 0)
		return (ssize_t)whole;
	error = get_inline(fork, value, size);
	if (error <= 0)
		return error ? error : (ssize_t)whole;
	id = (struct hmfs_id){ of.dataset, fork->entry.object };
	error = hmfs_held_take(fork->volume, id);
	if (error)
		return error;
	hmfs_unlock(fork->volume);
	got = hmfs_read(fork->volume, id, 0, value, min_size(size, whole));
	hmfs_lock(fork->volume);
	hmfs_held_drop(fork->volume, id);
	return got < 0 ? got : (ssize_t)whole;
}

ssize_t hmfs_fork_get(struct hmfs_volume *volume, struct hmfs_id of, const char *name,
		      size_t length, uint8_t type, void *value, size_t size)
{
	struct hmfs_fork *fork = volume->host->allocate(sizeof(*fork));
	ssize_t result;

	if (!fork)
		return -ENOMEM;
	fork->volume = volume;
	hmfs_lock(volume);
	result = hmfs_dataset_get(volume, of.dataset, &fork->dataset);
	if (!result)
		result = get(fork, of, name, length, type, value, size);
	hmfs_unlock(volume);
	volume->host->release(fork);
	return result;
}

/* --- Setting --- */

/* The fork as it is now, and whether it may be set so. */
static int find_to_set(struct hmfs_fork *fork, struct hmfs_id of, const char *name, size_t length,
		       uint8_t type, unsigned flags)
{
	int error = hmfs_dataset_get_to_change(fork->volume, of.dataset, &fork->dataset);

	if (!error)
		error = hmfs_fork_find(fork, of, name, length, type);
	if (error)
		return error;
	if (type == HMFS_FORK_COMPUTED)
		return -EPERM;
	if (flags & SET_CREATE && fork->found)
		return -EEXIST;
	return flags & SET_REPLACE && !fork->found ? -ENODATA : 0;
}

/* Contents that fit into a record. */
static int set_short(struct hmfs_fork *fork, const void *value, size_t size)
{
	bool in_place = false;
	int error = 0;

	if (fork->found && fork->entry.type == fork->type)
		error = hmfs_fork_is_inline(fork, &in_place);
	if (error)
		return error;
	if (in_place)
		return hmfs_fork_replace(fork, value, size);
	return hmfs_fork_make(fork, fork->type, value, size, false);
}

/* An object without a name that has the contents, held. */
static int write_aside(struct hmfs_volume *volume, struct hmfs_id of, const void *value,
		       size_t size, struct hmfs_id *aside)
{
	const struct hmfs_template like = { .mode = HMFS_MODE_REGULAR | 0600 };
	int error = hmfs_create_nameless(volume, of.dataset, &like, aside);
	ssize_t written;

	if (error)
		return error;
	written = hmfs_write(volume, *aside, 0, value, size);
	if (written >= 0)
		return 0;
	hmfs_object_let_go(volume, *aside);
	return (int)written;
}

static int set(struct hmfs_fork *fork, struct hmfs_id of, const char *name, size_t length,
	       uint8_t type, const void *value, size_t size, unsigned flags,
	       const struct hmfs_id *aside)
{
	int error = find_to_set(fork, of, name, length, type, flags);

	if (error)
		return error;
	if (!value)
		return fork->found ? hmfs_fork_remove_found(fork) : -ENODATA;
	return aside ? hmfs_fork_adopt(fork, aside->object) : set_short(fork, value, size);
}

int hmfs_fork_set(struct hmfs_volume *volume, struct hmfs_id of, const char *name, size_t length,
		  uint8_t type, const void *value, size_t size, unsigned flags)
{
	const bool is_long = value && size > HMFS_INLINE_MAX;
	bool tried = false;
	struct hmfs_fork *fork;
	struct hmfs_id aside;
	int error = hmfs_name_check(name, length);

	if (error)
		return error;
	if (value && size > HMFS_ATTRIBUTE_MAX)
		return -E2BIG;
	/* What is said of the contents has to be true. What they are is a matter of opinion. */
	if (value && type != HMFS_FORK_ATTRIBUTE && hmfs_computed_name(name, length) &&
	    !hmfs_computed_may_be_set(name, length))
		return -EPERM;
	fork = volume->host->allocate(sizeof(*fork));
	if (!fork)
		return -ENOMEM;
	fork->volume = volume;
	if (is_long)
		error = write_aside(volume, of, value, size, &aside);
	if (!error) {
		hmfs_lock(volume);
		do
			error = set(fork, of, name, length, type, value, size, flags,
				    is_long ? &aside : NULL);
		while (hmfs_try_again(volume, error, &tried));
		hmfs_unlock(volume);
		if (is_long)
			hmfs_object_let_go(volume, aside);
	}
	volume->host->release(fork);
	return error;
}
