/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was changed in a text, to be undone and done again. */
#pragma once

#include "text.h"

/* What is kept of all changes: older ones are forgotten. */
#define HISTORY_BYTES_MAX (64u << 20)

struct history_change {
	size_t at, removed_length, inserted_length;
	char *removed, *inserted;
	bool joined; /* with the one before: both are undone at once */
};

struct history {
	struct history_change *changes;
	size_t count, capacity;
	size_t done;    /* so many of them are done, the others were undone */
	size_t bytes;   /* of memory, about */
	size_t saved;   /* `done` when it was saved; SIZE_MAX: no way leads back there */
	bool may_go_on; /* the next change may continue the last one */
};

void history_free(struct history *history);
/* Changes the text as text_replace() does, and remembers it. False: no memory; the text is as
 * it was, and its history is forgotten. */
bool history_change(struct history *history, struct text *text, size_t at, size_t removed,
		    const char *bytes, size_t inserted);
/* The last change becomes one with the one before it. */
void history_join(struct history *history);
/* What is typed from now on is a change of its own. */
void history_pause(struct history *history);
/* False: there is nothing to undo, or to do again. *from and *to are what changed: to be selected. */
bool history_undo(struct history *history, struct text *text, size_t *from, size_t *to);
bool history_redo(struct history *history, struct text *text, size_t *from, size_t *to);
bool history_can_undo(const struct history *history);
bool history_can_redo(const struct history *history);
/* The text is as it is on disk. */
void history_mark_saved(struct history *history);
bool history_is_saved(const struct history *history);
