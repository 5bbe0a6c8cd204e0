/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of the text in the editor's view. See view.h. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

/* Replaces, and leaves the cursor behind what is new. */
static bool change(struct view *view, size_t at, size_t removed, const char *bytes, size_t inserted)
{
	size_t line = text_line_at(&view->text, at), lines = text_line_count(&view->text);

	if (!history_change(&view->history, &view->text, at, removed, bytes, inserted))
		return false;
	view->cursor = view->anchor = at + inserted;
	view_changed(view, line, lines);
	return true;
}

void view_insert(struct view *view, const char *bytes, size_t length)
{
	size_t from = view_selection_start(view), to = view_selection_end(view);

	(void)change(view, from, to - from, bytes, length);
}

void view_erase(struct view *view, size_t from, size_t to)
{
	if (view->cursor != view->anchor) {
		from = view_selection_start(view);
		to = view_selection_end(view);
	}
	if (from != to)
		(void)change(view, from, to - from, "", 0);
}

/* Begins a line with the blanks that this one begins with. */
void view_new_line(struct view *view)
{
	size_t cursor = view_selection_start(view), length = 1;
	size_t at = text_line_start(&view->text, text_line_at(&view->text, cursor));
	char bytes[256] = "\n";

	while (at < cursor && length < sizeof(bytes)) {
		char byte = text_byte(&view->text, at++);

		if (byte != ' ' && byte != '\t')
			break;
		bytes[length++] = byte;
	}
	view_insert(view, bytes, length);
}

/* One step less: a tab, or blanks up to one. */
static size_t blanks_to_remove(const struct view *view, size_t line)
{
	size_t start = text_line_start(&view->text, line), end = text_line_end(&view->text, line);
	size_t count = 0;

	if (start < end && text_byte(&view->text, start) == '\t')
		return 1;
	while (start + count < end && count < VIEW_TAB &&
	       text_byte(&view->text, start + count) == ' ')
		count++;
	return count;
}

void view_indent(struct view *view, bool more)
{
	size_t from = view_selection_start(view), to = view_selection_end(view);
	size_t first = text_line_at(&view->text, from), last = text_line_at(&view->text, to);
	bool joined = false;

	/* The line behind the selection's last line feed is not in it. */
	if (last > first && to == text_line_start(&view->text, last))
		last--;
	history_pause(&view->history);
	for (size_t line = first; line <= last; line++) {
		size_t start = text_line_start(&view->text, line);
		size_t removed = more ? 0 : blanks_to_remove(view, line);
		bool empty = start == text_line_end(&view->text, line);

		if ((more && empty && first != last) || (!more && !removed))
			continue;
		if (!history_change(&view->history, &view->text, start, removed, "\t", more))
			break;
		if (joined)
			history_join(&view->history);
		history_pause(&view->history);
		joined = true;
	}
	view->anchor = text_line_start(&view->text, first);
	view->cursor = last + 1 < text_line_count(&view->text)
			       ? text_line_start(&view->text, last + 1)
			       : text_length(&view->text);
	view_changed(view, first, 0);
}

void view_copy(struct view *view, bool cut)
{
	size_t from = view_selection_start(view), length = view_selection_end(view) - from;
	char *bytes;
	bool copied;

	if (length == 0)
		return;
	bytes = malloc(length);
	if (!bytes)
		return;
	text_copy(&view->text, from, length, bytes);
	copied = ui_clipboard_set(view->widget.ui, bytes, length);
	free(bytes);
	if (cut && copied)
		view_erase(view, from, from + length);
}

/* The clipboard's lines may end as those of other systems do. */
static size_t drop_returns(char *bytes, size_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '\r')
			bytes[kept++] = bytes[i];
	return kept;
}

void view_paste(struct view *view)
{
	size_t length;
	char *bytes = ui_clipboard_get(view->widget.ui, &length);

	if (!bytes)
		return;
	history_pause(&view->history);
	view_insert(view, bytes, drop_returns(bytes, length));
	history_pause(&view->history);
	free(bytes);
}

void view_undo(struct view *view)
{
	size_t from, to;

	if (!history_undo(&view->history, &view->text, &from, &to))
		return;
	view->anchor = view->cursor = to;
	view_changed(view, 0, 0);
}

void view_redo(struct view *view)
{
	size_t from, to;

	if (!history_redo(&view->history, &view->text, &from, &to))
		return;
	view->anchor = view->cursor = to;
	view_changed(view, 0, 0);
}

size_t view_replace_all(struct view *view, const char *wanted, size_t length, const char *with,
			size_t with_length)
{
	size_t at = 0, found, count = 0;

	history_pause(&view->history);
	while (text_find(&view->text, at, wanted, length, true, true, &found)) {
		if (!history_change(&view->history, &view->text, found, length, with, with_length))
			break;
		if (count++)
			history_join(&view->history);
		history_pause(&view->history);
		at = found + with_length;
	}
	if (count) {
		view->cursor = view->anchor = at;
		view_changed(view, 0, 0);
	}
	return count;
}
