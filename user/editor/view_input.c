/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys and the pointer do in the editor's view. See view.h. */
#include "view.h"

#include <font/utf8.h>

#define WHEEL_LINES 3

static void move_to(struct view *view, size_t position, bool select, bool keep_column)
{
	size_t line = text_line_at(&view->text, view->cursor);

	if (!select && view->anchor != view->cursor)
		ui_widget_damage(&view->widget);
	view->cursor = position;
	if (!select)
		view->anchor = position;
	if (!keep_column)
		view->column = view_column_of(view, position);
	history_pause(&view->history);
	view_moved(view, line);
}

static void move_lines(struct view *view, int64_t lines, bool select)
{
	int64_t line = (int64_t)text_line_at(&view->text, view->cursor) + lines;
	int64_t last = (int64_t)text_line_count(&view->text) - 1;

	if (line < 0)
		move_to(view, 0, select, false);
	else if (line > last)
		move_to(view, text_length(&view->text), select, false);
	else
		move_to(view, view_position_of(view, (size_t)line, view->column), select, true);
}

/* To the first character of the line that is no blank, or before the blanks if it is there. */
static size_t line_home(const struct view *view)
{
	size_t line = text_line_at(&view->text, view->cursor);
	size_t start = text_line_start(&view->text, line), end = text_line_end(&view->text, line);
	size_t at = start;

	while (at < end &&
	       (text_byte(&view->text, at) == ' ' || text_byte(&view->text, at) == '\t'))
		at++;
	return view->cursor == at ? start : at;
}

/* The end of the word, and of the blanks behind it. */
static size_t next_word(const struct view *view, bool forwards)
{
	size_t at = view->cursor, edge = text_word_edge(&view->text, at, forwards);
	size_t probe = forwards ? edge : at - (at > 0);
	char byte;

	if (edge == at || probe >= text_length(&view->text))
		return edge;
	byte = text_byte(&view->text, probe);
	if (byte == ' ' || byte == '\t')
		edge = text_word_edge(&view->text, edge, forwards);
	return edge;
}

static bool move_key(struct view *view, const struct ui_event *event)
{
	bool select = event->modifiers & UI_SHIFT, control = event->modifiers & UI_CONTROL;
	int64_t page = (int64_t)view_page(view) - 1;
	size_t line = text_line_at(&view->text, view->cursor);

	switch (event->key) {
	case ORBITAL_KEY_LEFT:
		if (!select && !control && view->cursor != view->anchor)
			move_to(view, view_selection_start(view), false, false);
		else
			move_to(view,
				control ? next_word(view, false)
					: text_previous(&view->text, view->cursor),
				select, false);
		return true;
	case ORBITAL_KEY_RIGHT:
		if (!select && !control && view->cursor != view->anchor)
			move_to(view, view_selection_end(view), false, false);
		else
			move_to(view,
				control ? next_word(view, true)
					: text_next(&view->text, view->cursor),
				select, false);
		return true;
	case ORBITAL_KEY_UP:
	case ORBITAL_KEY_DOWN:
		if (control)
			view_scroll(view,
				    (int64_t)view->top + (event->key == ORBITAL_KEY_UP ? -1 : 1));
		else
			move_lines(view, event->key == ORBITAL_KEY_UP ? -1 : 1, select);
		return true;
	case ORBITAL_KEY_PAGE_UP:
	case ORBITAL_KEY_PAGE_DOWN:
		page = event->key == ORBITAL_KEY_PAGE_UP ? -page : page;
		view_scroll(view, (int64_t)view->top + page);
		move_lines(view, page, select);
		return true;
	case ORBITAL_KEY_HOME:
		move_to(view, control ? 0 : line_home(view), select, false);
		return true;
	case ORBITAL_KEY_END:
		move_to(view, control ? text_length(&view->text) : text_line_end(&view->text, line),
			select, false);
		return true;
	}
	return false;
}

static bool change_key(struct view *view, const struct ui_event *event)
{
	bool control = event->modifiers & UI_CONTROL, shift = event->modifiers & UI_SHIFT;
	size_t at = view->cursor;

	switch (event->key) {
	case ORBITAL_KEY_BACKSPACE:
		view_erase(view, control ? next_word(view, false) : text_previous(&view->text, at),
			   at);
		return true;
	case ORBITAL_KEY_DELETE:
		view_erase(view, at, control ? next_word(view, true) : text_next(&view->text, at));
		return true;
	case ORBITAL_KEY_ENTER:
	case ORBITAL_KEY_PAD_ENTER:
		view_new_line(view);
		return true;
	case ORBITAL_KEY_TAB:
		if (control)
			return false;
		if (shift || text_line_at(&view->text, view_selection_start(view)) !=
				     text_line_at(&view->text, view_selection_end(view)))
			view_indent(view, !shift);
		else
			view_insert(view, "\t", 1);
		return true;
	}
	return false;
}

static bool control_key(struct view *view, const struct ui_event *event)
{
	switch (event->character) {
	case 'a':
		view_select(view, 0, text_length(&view->text));
		return true;
	case 'c':
	case 'x':
		view_copy(view, event->character == 'x');
		return true;
	case 'v':
		view_paste(view);
		return true;
	}
	return false;
}

/* --- The pointer. --- */

static void undo_chosen(void *argument)
{
	view_undo(argument);
}

static void redo_chosen(void *argument)
{
	view_redo(argument);
}

static void cut_chosen(void *argument)
{
	view_copy(argument, true);
}

static void copy_chosen(void *argument)
{
	view_copy(argument, false);
}

static void paste_chosen(void *argument)
{
	view_paste(argument);
}

static void all_chosen(void *argument)
{
	struct view *view = argument;

	view_select(view, 0, text_length(&view->text));
}

static void show_menu(struct view *view, int x, int y)
{
	bool none = view->cursor == view->anchor;
	const struct ui_menu_item items[] = {
		{ "Undo", UI_ICON_UNDO, "Ctrl+Z", undo_chosen, !history_can_undo(&view->history),
		  false },
		{ "Redo", UI_ICON_REDO, "Ctrl+Y", redo_chosen, !history_can_redo(&view->history),
		  false },
		{ 0 },
		{ "Cut", UI_ICON_CUT, "Ctrl+X", cut_chosen, none, false },
		{ "Copy", UI_ICON_COPY, "Ctrl+C", copy_chosen, none, false },
		{ "Paste", UI_ICON_PASTE, "Ctrl+V", paste_chosen, false, false },
		{ 0 },
		{ "Select all", UI_ICON_NONE, "Ctrl+A", all_chosen, false, false },
	};

	ui_menu_show(view->widget.ui, x, y, items, sizeof(items) / sizeof(items[0]), view);
}

static void select_word(struct view *view, size_t position)
{
	size_t line = text_line_at(&view->text, position);

	if (position == text_line_end(&view->text, line) &&
	    position > text_line_start(&view->text, line))
		position = text_previous(&view->text, position);
	if (position == text_line_end(&view->text, line))
		return;
	view->anchor = text_word_edge(&view->text, position + 1, false);
	move_to(view, text_word_edge(&view->text, position, true), true, false);
}

static void press(struct view *view, const struct ui_event *event)
{
	size_t position = view_hit(view, event->x, event->y);
	size_t line = text_line_at(&view->text, position);

	if (event->button == UI_BUTTON_RIGHT) {
		if (position < view_selection_start(view) || position > view_selection_end(view))
			move_to(view, position, false, false);
		show_menu(view, event->x, event->y);
	} else if (event->button == UI_BUTTON_MIDDLE) {
		move_to(view, position, false, false);
		view_paste(view);
	} else if (event->clicks == 2) {
		select_word(view, position);
	} else if (event->clicks >= 3) {
		view->anchor = text_line_start(&view->text, line);
		move_to(view,
			line + 1 < text_line_count(&view->text)
				? text_line_start(&view->text, line + 1)
				: text_length(&view->text),
			true, false);
	} else {
		move_to(view, position, event->modifiers & UI_SHIFT, false);
	}
	view->by_words = event->clicks > 1;
}

static void wheel(struct view *view, const struct ui_event *event)
{
	int64_t left = (int64_t)view->left;
	int across = event->dx;

	if (event->modifiers & UI_SHIFT)
		across += event->dy;
	else
		view_scroll(view, (int64_t)view->top + event->dy * WHEEL_LINES);
	if (!across)
		return;
	left += across * WHEEL_LINES;
	view->left = left > 0 ? (size_t)left : 0;
	ui_widget_damage(&view->widget);
}

bool view_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct view *view = (struct view *)widget;
	char bytes[UTF8_BYTES_MAX];

	switch (event->type) {
	case UI_EVENT_KEY:
		if (event->modifiers & (UI_ALT | UI_SUPER))
			return false;
		return move_key(view, event) || change_key(view, event) ||
		       ((event->modifiers & UI_CONTROL) && control_key(view, event));
	case UI_EVENT_TEXT:
		view_insert(view, bytes, utf8_encode(bytes, event->character));
		return true;
	case UI_EVENT_PRESS:
		press(view, event);
		return true;
	case UI_EVENT_MOVE:
		if (widget->pressed && (event->held & UI_BUTTON_LEFT) && !view->by_words)
			move_to(view, view_hit(view, event->x, event->y), true, false);
		return true;
	case UI_EVENT_WHEEL:
		wheel(view, event);
		return true;
	case UI_EVENT_FOCUS:
	case UI_EVENT_BLUR:
		ui_widget_damage(widget);
		return true;
	default:
		return false;
	}
}
