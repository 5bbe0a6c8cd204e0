/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cursors: all entries of a list in order.
 *
 * Each map of the list is a source that stands at its next entry. The smallest key of them is the
 * next one; where several have it, the newest map's counts.
 */
#include <base/errno.h>
#include <base/string.h>

#include "map_priv.h"

struct source {
	const struct hmfs_newest *newest;
	const struct hmfs_entry *entry;
	/* What it stands at, if not at its end. */
	bool end;
	struct hmfs_key key;
	struct hmfs_value value;
};

struct state {
	uint64_t generation; /* of the map when the sources were placed */
	unsigned count;
	struct source sources[HMFS_LIST_MAX + 2]; /* newest first */
};

static void source_fill(struct source *source)
{
	source->end = source->entry == NULL;
	if (source->end)
		return;
	source->key = source->entry->key;
	source->value = hmfs_entry_value(source->entry);
}

static int source_next(struct source *source)
{
	source->entry = hmfs_newest_next(source->entry);
	source_fill(source);
	return 0;
}

static void place_newest(struct state *state, const struct hmfs_newest *newest,
			 const struct hmfs_key *from)
{
	struct source *source = &state->sources[state->count++];

	*source = (struct source){ .newest = newest, .entry = hmfs_newest_seek(newest, from) };
	source_fill(source);
}

/* The source with the smallest key, the newest of several; NULL at the end. */
static struct source *state_first(struct state *state)
{
	struct source *first = NULL;

	for (unsigned i = 0; i < state->count; i++) {
		struct source *source = &state->sources[i];

		if (source->end)
			continue;
		if (!first || hmfs_key_compare(&source->key, &first->key) < 0)
			first = source;
	}
	return first;
}

/* All sources that stand at `key` move on. */
static int state_skip(struct state *state, const struct hmfs_key *key)
{
	for (unsigned i = 0; i < state->count; i++) {
		struct source *source = &state->sources[i];
		int error;

		if (source->end || hmfs_key_compare(&source->key, key) != 0)
			continue;
		error = source_next(source);
		if (error)
			return error;
	}
	return 0;
}

/* To the first entry that is not removed, from where the sources stand. */
static int cursor_settle(struct hmfs_cursor *cursor)
{
	struct state *state = cursor->state;

	for (;;) {
		struct source *first = state_first(state);
		int error;

		if (!first)
			return -ENOENT;
		cursor->key = first->key;
		cursor->value = first->value;
		if (!first->value.removed)
			return 0;
		error = state_skip(state, &cursor->key);
		if (error)
			return error;
	}
}

int hmfs_cursor_seek(struct hmfs_cursor *cursor, struct hmfs_map *map, const struct hmfs_key *from)
{
	const struct hmfs_key start = *from; /* may be the cursor's own */
	struct state *state = cursor->state;

	cursor->map = map;
	if (!state) {
		state = map->context->host->allocate(sizeof(*state));
		if (!state)
			return -ENOMEM;
		cursor->state = state;
	}
	state->generation = map->generation;
	state->count = 0;
	place_newest(state, map->newest, &start);
	if (map->frozen)
		place_newest(state, map->frozen, &start);
	return cursor_settle(cursor);
}

/* The key behind `key`: false if there is none. */
static bool key_behind(struct hmfs_key *key)
{
	if (++key->minor)
		return true;
	if (++key->place)
		return true;
	return ++key->object != 0;
}

int hmfs_cursor_next(struct hmfs_cursor *cursor)
{
	struct state *state = cursor->state;
	int error;

	if (state->generation != cursor->map->generation) {
		struct hmfs_key from = cursor->key;

		return key_behind(&from) ? hmfs_cursor_seek(cursor, cursor->map, &from) : -ENOENT;
	}
	error = state_skip(state, &cursor->key);
	return error ? error : cursor_settle(cursor);
}

void hmfs_cursor_close(struct hmfs_cursor *cursor)
{
	if (cursor->state)
		cursor->map->context->host->release(cursor->state);
	cursor->state = NULL;
}
