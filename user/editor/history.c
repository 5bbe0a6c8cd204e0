/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undo and redo. See history.h. */
#include "history.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a change costs besides its bytes: two blocks of memory come with it. */
#define CHANGE_BYTES (sizeof(struct history_change) + 64)

static void forget(struct history *history, struct history_change *change)
{
	history->bytes -= change->removed_length + change->inserted_length + CHANGE_BYTES;
	free(change->removed);
	free(change->inserted);
}

void history_free(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		forget(history, &history->changes[i]);
	free(history->changes);
	*history = (struct history){ 0 };
}

/* What was undone cannot be done again when something else was done. */
static void forget_undone(struct history *history)
{
	while (history->count > history->done)
		forget(history, &history->changes[--history->count]);
	if (history->saved > history->done)
		history->saved = SIZE_MAX;
}

static void forget_oldest(struct history *history)
{
	size_t gone = 0;

	if (history->bytes <= HISTORY_BYTES_MAX)
		return;
	/* Some more than necessary, as the others are moved. */
	while (history->bytes > HISTORY_BYTES_MAX / 4 * 3 && gone + 1 < history->count)
		forget(history, &history->changes[gone++]);
	if (!gone)
		return;
	history->count -= gone;
	history->done -= gone;
	memmove(history->changes, history->changes + gone,
		history->count * sizeof(*history->changes));
	history->changes[0].joined = false;
	if (history->saved != SIZE_MAX)
		history->saved = history->saved >= gone ? history->saved - gone : SIZE_MAX;
}

static char *copy_of(const struct text *text, size_t at, size_t length)
{
	char *bytes = malloc(length + 1);

	if (bytes)
		text_copy(text, at, length, bytes);
	return bytes;
}

/* Typing goes on where it stopped, within a line. */
static bool continues_typing(const struct history_change *last, size_t at, size_t removed,
			     const char *bytes, size_t inserted)
{
	return removed == 0 && last->removed_length == 0 && inserted > 0 &&
	       at == last->at + last->inserted_length && !memchr(bytes, '\n', inserted) &&
	       last->inserted[last->inserted_length - 1] != '\n';
}

/* So does erasing, in either direction. */
static bool continues_erasing(const struct history_change *last, size_t at, size_t removed,
			      size_t inserted)
{
	return inserted == 0 && last->inserted_length == 0 && removed > 0 && removed <= 4 &&
	       (at + removed == last->at || at == last->at);
}

static bool append(char **bytes, size_t *length, size_t at, const char *more, size_t count)
{
	char *grown = realloc(*bytes, *length + count + 1);

	if (!grown)
		return false;
	memmove(grown + at + count, grown + at, *length - at);
	memcpy(grown + at, more, count);
	*bytes = grown;
	*length += count;
	return true;
}

/* Makes it part of the last change, if it continues that one. */
static bool go_on(struct history *history, const struct text *text, size_t at, size_t removed,
		  const char *bytes, size_t inserted)
{
	struct history_change *last;
	char erased[4];

	if (!history->may_go_on || history->done == 0 || history->saved == history->done)
		return false;
	last = &history->changes[history->done - 1];
	if (continues_typing(last, at, removed, bytes, inserted)) {
		if (!append(&last->inserted, &last->inserted_length, last->inserted_length, bytes,
			    inserted))
			return false;
		history->bytes += inserted;
		return true;
	}
	if (!continues_erasing(last, at, removed, inserted))
		return false;
	text_copy(text, at, removed, erased);
	if (!append(&last->removed, &last->removed_length,
		    at == last->at ? last->removed_length : 0, erased, removed))
		return false;
	history->bytes += removed;
	last->at = at;
	return true;
}

static bool add(struct history *history, const struct text *text, size_t at, size_t removed,
		const char *bytes, size_t inserted)
{
	struct history_change change = {
		.at = at,
		.removed_length = removed,
		.inserted_length = inserted,
		.removed = copy_of(text, at, removed),
		.inserted = malloc(inserted + 1),
	};

	if (history->count == history->capacity) {
		size_t capacity = history->capacity * 2 + 64;
		struct history_change *changes =
			realloc(history->changes, capacity * sizeof(*changes));

		if (changes) {
			history->changes = changes;
			history->capacity = capacity;
		}
	}
	if (!change.removed || !change.inserted || history->count == history->capacity) {
		free(change.removed);
		free(change.inserted);
		return false;
	}
	memcpy(change.inserted, bytes, inserted);
	history->changes[history->count++] = change;
	history->done = history->count;
	history->bytes += removed + inserted + CHANGE_BYTES;
	return true;
}

bool history_change(struct history *history, struct text *text, size_t at, size_t removed,
		    const char *bytes, size_t inserted)
{
	forget_undone(history);
	if (!go_on(history, text, at, removed, bytes, inserted) &&
	    !add(history, text, at, removed, bytes, inserted))
		return false;
	if (!text_replace(text, at, removed, bytes, inserted)) {
		/* What is remembered is not what was done any more. */
		history_free(history);
		history->saved = SIZE_MAX;
		return false;
	}
	history->may_go_on = true;
	forget_oldest(history);
	return true;
}

void history_join(struct history *history)
{
	if (history->done > 1)
		history->changes[history->done - 1].joined = true;
	history->may_go_on = false;
}

void history_pause(struct history *history)
{
	history->may_go_on = false;
}

bool history_can_undo(const struct history *history)
{
	return history->done > 0;
}

bool history_can_redo(const struct history *history)
{
	return history->done < history->count;
}

bool history_undo(struct history *history, struct text *text, size_t *from, size_t *to)
{
	struct history_change *change;

	if (!history_can_undo(history))
		return false;
	history->may_go_on = false;
	do {
		change = &history->changes[history->done - 1];
		if (!text_replace(text, change->at, change->inserted_length, change->removed,
				  change->removed_length))
			return false;
		history->done--;
		*from = change->at;
		*to = change->at + change->removed_length;
	} while (change->joined && history->done > 0);
	return true;
}

bool history_redo(struct history *history, struct text *text, size_t *from, size_t *to)
{
	struct history_change *change;

	if (!history_can_redo(history))
		return false;
	history->may_go_on = false;
	do {
		change = &history->changes[history->done];
		if (!text_replace(text, change->at, change->removed_length, change->inserted,
				  change->inserted_length))
			return false;
		history->done++;
		*from = change->at;
		*to = change->at + change->inserted_length;
	} while (history->done < history->count && history->changes[history->done].joined);
	return true;
}

void history_mark_saved(struct history *history)
{
	history->saved = history->done;
	history->may_go_on = false;
}

bool history_is_saved(const struct history *history)
{
	return history->saved == history->done;
}
