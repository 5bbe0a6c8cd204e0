/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of the window that shows the text and lets it be changed: a widget with line numbers, the
 * cursor and what is selected. ui_on_action() is called when the text or the cursor changed.
 */
#pragma once

#include "history.h"
#include "text.h"

#include <ui.h>

#define VIEW_TAB        8           /* columns */
#define VIEW_LINE_MAX   (64u << 10) /* bytes of a line that are shown */
#define VIEW_WANTED_MAX 256

struct view {
	struct ui_widget widget;
	struct ui_widget *bar; /* scrolls it; may be NULL */
	struct text text;
	struct history history;
	size_t cursor, anchor; /* what lies between them is selected */
	size_t column;         /* that the cursor wants to keep when it goes up and down */
	size_t top, left;      /* the first line and column that are seen */
	bool colours;          /* of a configuration file */
	bool by_words;         /* the pointer selects whole words */
	/* Shown wherever it is found; empty: nothing. */
	char wanted[VIEW_WANTED_MAX];
	size_t wanted_length;
};

/* view.c: what is seen. */

struct view *view_create(struct ui_widget *parent);
/* The scroll bar that belongs to it. */
void view_set_bar(struct view *view, struct ui_widget *bar);
/* Another text, without a history. False: no memory; the text stays as it was. */
bool view_set_text(struct view *view, const char *bytes, size_t length);
/* Selects, with the cursor at `to`, and shows it. */
void view_select(struct view *view, size_t from, size_t to);
/* Shows all places of it; length 0: none. */
void view_set_wanted(struct view *view, const char *wanted, size_t length);
/* The column (from 0) of a position in its line, and the other way round. */
size_t view_column_of(const struct view *view, size_t position);
size_t view_position_of(const struct view *view, size_t line, size_t column);
size_t view_selection_start(const struct view *view);
size_t view_selection_end(const struct view *view);
/* The cursor moved there from what `before` was: draws what looks different, scrolls to it. */
void view_moved(struct view *view, size_t from_line);
/* The text changed from line `line` on; there were `lines` of them before. */
void view_changed(struct view *view, size_t line, size_t lines);
/* Scrolls so that `top` is the first line, or as near as that can be. */
void view_scroll(struct view *view, int64_t top);
/* Lines that are seen whole. */
size_t view_page(const struct view *view);
size_t view_hit(const struct view *view, int x, int y);

/* view_edit.c: changes. */

/* Puts bytes in the place of what is selected. */
void view_insert(struct view *view, const char *bytes, size_t length);
void view_erase(struct view *view, size_t from, size_t to);
void view_new_line(struct view *view);
void view_indent(struct view *view, bool more);
void view_copy(struct view *view, bool cut);
void view_paste(struct view *view);
void view_undo(struct view *view);
void view_redo(struct view *view);
/* Replaces all that is found; how many. */
size_t view_replace_all(struct view *view, const char *wanted, size_t length, const char *with,
			size_t with_length);

/* view_input.c */

bool view_event(struct ui_widget *widget, const struct ui_event *event);
