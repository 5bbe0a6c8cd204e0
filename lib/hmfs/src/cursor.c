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
	const struct hmfs_entry *entry; /* of maps in memory */
	bool on_disk;
	struct hmfs_segment_cursor segment; /* of segments */
	/* What it stands at, if not at its end. */
	bool end;
	struct hmfs_key key;
	struct hmfs_value value;
};

struct state {
	uint64_t generation, shape; /* of the map when the sources were placed */
	unsigned count;
	struct source sources[HMFS_LIST_MAX + 2]; /* newest first */
};

static void source_fill(struct source *source)
{
	if (source->on_disk) {
		source->end = source->segment.depth == 0;
		if (source->end)
			return;
		source->key = *hmfs_segment_cursor_key(&source->segment);
		source->value = hmfs_segment_cursor_value(&source->segment);
		return;
	}
	source->end = source->entry == NULL;
	if (source->end)
		return;
	source->key = source->entry->key;
	source->value = hmfs_entry_value(source->entry);
}

static int source_next(struct source *source)
{
	int error = 0;

	if (source->on_disk)
		error = hmfs_segment_cursor_next(&source->segment);
	else
		source->entry = hmfs_newest_next(source->entry);
	if (!error)
		source_fill(source);
	return error;
}

static void state_clear(struct state *state)
{
	for (unsigned i = 0; i < state->count; i++)
		if (state->sources[i].on_disk)
			hmfs_segment_cursor_close(&state->sources[i].segment);
	state->count = 0;
}

static void place_newest(struct state *state, const struct hmfs_newest *newest,
			 const struct hmfs_key *from)
{
	struct source *source = &state->sources[state->count++];

	source->on_disk = false;
	source->entry = hmfs_newest_seek(newest, from);
	source_fill(source);
}

static int place_segment(struct state *state, struct hmfs_context *context,
			 struct hmfs_segment *segment, const struct hmfs_key *from)
{
	struct source *source = &state->sources[state->count++];
	int error;

	source->on_disk = true;
	source->segment = (struct hmfs_segment_cursor){ 0 };
	error = hmfs_segment_cursor_seek(&source->segment, context, segment, from);
	if (!error)
		source_fill(source);
	return error;
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

/* All sources of the map, at their first entries at or behind `from`. */
static int state_place(struct state *state, struct hmfs_map *map, const struct hmfs_key *from)
{
	int error = 0;

	state_clear(state);
	place_newest(state, map->newest, from);
	if (map->frozen)
		place_newest(state, map->frozen, from);
	for (unsigned i = 0; i < map->count && !error; i++)
		error = place_segment(state, map->context, map->segments[i], from);
	state->generation = map->generation;
	state->shape = map->shape;
	return error;
}

/* An error leaves the sources nowhere: the next step seeks anew. */
static int cursor_result(struct hmfs_cursor *cursor, int error)
{
	struct state *state = cursor->state;

	if (!error)
		error = cursor_settle(cursor);
	if (error && error != -ENOENT)
		state->shape = UINT64_MAX;
	return error;
}

int hmfs_cursor_seek(struct hmfs_cursor *cursor, struct hmfs_map *map, const struct hmfs_key *from)
{
	const struct hmfs_key start = *from; /* may be the cursor's own */
	struct state *state = cursor->state;

	cursor->map = map;
	cursor->key = start;
	if (!state) {
		state = map->context->host->allocate(sizeof(*state));
		if (!state)
			return -ENOMEM;
		state->count = 0;
		cursor->state = state;
	}
	return cursor_result(cursor, state_place(state, map, &start));
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
	struct hmfs_map *map = cursor->map;
	struct state *state = cursor->state;
	struct hmfs_key from = cursor->key;
	int error;

	if (!key_behind(&from))
		return -ENOENT;
	if (state->shape != map->shape)
		return hmfs_cursor_seek(cursor, map, &from);
	error = state_skip(state, &cursor->key);
	if (state->generation != map->generation) {
		/* Only the newest map can have changed. */
		state->sources[0].entry = hmfs_newest_seek(map->newest, &from);
		source_fill(&state->sources[0]);
		state->generation = map->generation;
	}
	return cursor_result(cursor, error);
}

void hmfs_cursor_close(struct hmfs_cursor *cursor)
{
	if (!cursor->state)
		return;
	state_clear(cursor->state);
	cursor->map->context->host->release(cursor->state);
	cursor->state = NULL;
}
