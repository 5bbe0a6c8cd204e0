/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding objects by the index over their forks. */
#include <base/errno.h>
#include <base/string.h>

#include "fork_priv.h"

/* Candidates that are taken from the index at a time. */
#define BATCH 32u

struct query {
	struct hmfs_volume *volume;
	uint32_t number; /* of the dataset */
	const char *name;
	size_t length;
	const void *value; /* NULL: any */
	size_t size;
	bool (*found)(void *context, struct hmfs_id id);
	void *context;
	struct hmfs_key next; /* where the index goes on */
	unsigned count;
	uint64_t candidates[BATCH];
	uint8_t *contents; /* room for them */
};

/* The next candidates: 1 if there may be more behind them. */
static int collect(struct query *query, struct hmfs_dataset *dataset, bool any_hash)
{
	const struct hmfs_key first = query->next;
	struct hmfs_cursor cursor = { 0 };
	int error = hmfs_cursor_seek(&cursor, &dataset->map, &first);

	query->count = 0;
	while (!error && cursor.key.object == first.object &&
	       cursor.key.place >> 56 == HMFS_KIND_INDEX &&
	       (any_hash || cursor.key.place == first.place)) {
		query->next = cursor.key;
		if (query->count == BATCH) {
			error = 1;
			break;
		}
		query->candidates[query->count++] = cursor.key.minor;
		error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	return error == -ENOENT ? 0 : error;
}

/* The index tells where to look; what is there tells the truth. */
static int matches(struct query *query, struct hmfs_id id)
{
	ssize_t size;
	struct hmfs_fork *fork = query->volume->host->allocate(sizeof(*fork));
	int error;
	bool is_so;

	if (!fork)
		return -ENOMEM;
	fork->volume = query->volume;
	hmfs_lock(query->volume);
	error = hmfs_dataset_get(query->volume, id.dataset, &fork->dataset);
	if (!error)
		error = hmfs_fork_find(fork, id, query->name, query->length, HMFS_FORK_USER);
	is_so = !error && fork->found;
	if (is_so && fork->entry.type == HMFS_FORK_COMPUTED)
		is_so = hmfs_fork_is_up_to_date(fork);
	if (is_so && query->value && fork->object.record.size != query->size)
		is_so = false;
	hmfs_unlock(query->volume);
	query->volume->host->release(fork);
	if (!is_so || error)
		return error == -ENOENT ? 0 : error;
	if (!query->value || query->size == 0)
		return 1;
	size = hmfs_fork_get(query->volume, id, query->name, query->length, HMFS_FORK_USER,
			     query->contents, query->size);
	if (size < 0)
		return size == -ENODATA || size == -ENOENT ? 0 : (int)size;
	return (size_t)size == query->size &&
	       memcmp(query->contents, query->value, query->size) == 0;
}

/* 1: `found` wants no more. */
static int look_at(struct query *query)
{
	for (unsigned i = 0; i < query->count; i++) {
		const struct hmfs_id id = { query->number, query->candidates[i] };
		const int result = matches(query, id);

		if (result < 0)
			return result;
		if (result && !query->found(query->context, id))
			return 1;
	}
	return 0;
}

/* Those with the hash, or with any. 1: `found` wants no more. */
static int run(struct query *query, uint64_t hash, bool any_hash)
{
	int more = 1, result = 0;

	hmfs_index_key(query->volume, query->name, query->length, hash, 0, &query->next);
	while (more == 1 && !result) {
		struct hmfs_dataset *dataset;

		hmfs_lock(query->volume);
		more = hmfs_dataset_get(query->volume, query->number, &dataset);
		if (!more)
			more = collect(query, dataset, any_hash);
		hmfs_unlock(query->volume);
		result = more < 0 ? more : look_at(query);
	}
	return result;
}

static int find(struct query *query)
{
	int result;

	if (!query->value)
		return run(query, 0, true);
	result = 0;
	if (query->size <= HMFS_INLINE_MAX)
		result = run(query,
			     hmfs_index_hash(query->volume, query->size ? query->value : "",
					     query->size),
			     false);
	return result ? result : run(query, 0, false);
}

int hmfs_find(struct hmfs_volume *volume, uint32_t dataset, const char *name, size_t length,
	      const void *value, size_t size, bool (*found)(void *context, struct hmfs_id id),
	      void *context)
{
	struct query *query;
	int result = hmfs_name_check(name, length);

	if (result)
		return result;
	/* Longer ones are not looked into. */
	if (value && size > HMFS_ATTRIBUTE_MAX)
		return -E2BIG;
	query = volume->host->allocate(sizeof(*query) + (value ? size : 0));
	if (!query)
		return -ENOMEM;
	query->volume = volume;
	query->number = dataset;
	query->name = name;
	query->length = length;
	query->value = value;
	query->size = size;
	query->found = found;
	query->context = context;
	query->contents = (uint8_t *)(query + 1);
	result = find(query);
	volume->host->release(query);
	return result == 1 ? 0 : result;
}
