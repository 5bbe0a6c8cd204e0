/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar above the text that finds and replaces. See editor.h. */
#include "editor.h"

#include <string.h>

static size_t wanted_length(const struct editor *editor)
{
	return strlen(ui_text_field_text(editor->wanted));
}

static void say_found(struct editor *editor, bool found, bool again)
{
	const char *text = "";

	if (!found && wanted_length(editor))
		text = "Not found";
	else if (again)
		text = "From the other end";
	ui_label_set_text(editor->found, text);
	ui_label_set_style(editor->found, UI_FONT_NORMAL,
			   found ? UI_COLOUR_TEXT_DIM : UI_COLOUR_RED, UI_ALIGN_LEFT);
}

/* Selects the next match, and begins at the other end if there is none up to this one. */
static void find(struct editor *editor, size_t from, bool forwards)
{
	const char *wanted = ui_text_field_text(editor->wanted);
	const struct text *text = &editor->view->text;
	size_t length = wanted_length(editor), at;
	bool found = text_find(text, from, wanted, length, forwards, true, &at), again = false;

	if (!found)
		again = found = text_find(text, forwards ? 0 : text_length(text), wanted, length,
					  forwards, true, &at);
	if (found)
		view_select(editor->view, at, at + length);
	say_found(editor, found, again);
}

void bar_next(void *argument)
{
	struct editor *editor = argument;

	if (editor->bar->hidden)
		bar_open(editor);
	else
		find(editor, view_selection_end(editor->view), true);
}

void bar_previous(void *argument)
{
	struct editor *editor = argument;

	if (editor->bar->hidden)
		bar_open(editor);
	else
		find(editor, view_selection_start(editor->view), false);
}

/* While it is being typed the match stays where it is, if it still is one. */
static void wanted_changed(void *argument)
{
	struct editor *editor = argument;

	view_set_wanted(editor->view, ui_text_field_text(editor->wanted), wanted_length(editor));
	find(editor, view_selection_start(editor->view), true);
}

static bool is_match(const struct editor *editor)
{
	size_t start = view_selection_start(editor->view), at;

	return view_selection_end(editor->view) - start == wanted_length(editor) &&
	       text_find(&editor->view->text, start, ui_text_field_text(editor->wanted),
			 wanted_length(editor), true, true, &at) &&
	       at == start;
}

static void replace(void *argument)
{
	struct editor *editor = argument;
	const char *with = ui_text_field_text(editor->with);

	if (wanted_length(editor) && is_match(editor)) {
		history_pause(&editor->view->history);
		view_insert(editor->view, with, strlen(with));
	}
	bar_next(editor);
}

static void replace_all(void *argument)
{
	struct editor *editor = argument;
	const char *with = ui_text_field_text(editor->with);
	size_t count;

	if (!wanted_length(editor))
		return;
	count = view_replace_all(editor->view, ui_text_field_text(editor->wanted),
				 wanted_length(editor), with, strlen(with));
	ui_label_format(editor->found, "%zu replaced", count);
	ui_label_set_style(editor->found, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_LEFT);
}

static void close_bar(void *argument)
{
	struct editor *editor = argument;

	ui_widget_show(editor->bar, false);
	view_set_wanted(editor->view, "", 0);
	ui_widget_focus(&editor->view->widget);
}

void bar_open(void *argument)
{
	struct editor *editor = argument;
	size_t from = view_selection_start(editor->view);
	size_t length = view_selection_end(editor->view) - from;
	char selected[VIEW_WANTED_MAX];

	ui_widget_show(editor->bar, true);
	if (length > 0 && length < sizeof(selected)) {
		text_copy(&editor->view->text, from, length, selected);
		selected[length] = '\0';
		if (!memchr(selected, '\n', length))
			ui_text_field_set_text(editor->wanted, selected);
	}
	ui_text_field_select(editor->wanted, 0, wanted_length(editor));
	view_set_wanted(editor->view, ui_text_field_text(editor->wanted), wanted_length(editor));
	ui_label_set_text(editor->found, "");
	ui_widget_focus(editor->wanted);
}

void bar_create(struct editor *editor, struct ui_widget *parent)
{
	struct ui_widget *bar = ui_tool_bar(parent);

	editor->bar = bar;
	editor->wanted = ui_text_field(bar, "");
	ui_text_field_set_hint(editor->wanted, "Find");
	ui_widget_set_minimum(editor->wanted, 180, 0);
	ui_on_action(editor->wanted, wanted_changed, editor);
	ui_text_field_on_enter(editor->wanted, bar_next, editor);
	ui_text_field_on_escape(editor->wanted, close_bar, editor);
	ui_on_action(ui_icon_button(bar, UI_ICON_CHEVRON_UP, "Previous (Shift+F3)"), bar_previous,
		     editor);
	ui_on_action(ui_icon_button(bar, UI_ICON_CHEVRON_DOWN, "Next (F3)"), bar_next, editor);
	editor->with = ui_text_field(bar, "");
	ui_text_field_set_hint(editor->with, "Replace with");
	ui_widget_set_minimum(editor->with, 150, 0);
	ui_text_field_on_enter(editor->with, replace, editor);
	ui_text_field_on_escape(editor->with, close_bar, editor);
	ui_on_action(ui_button(bar, "Replace", UI_ICON_NONE), replace, editor);
	ui_on_action(ui_button(bar, "All", UI_ICON_NONE), replace_all, editor);
	editor->found = ui_label(bar, "");
	ui_widget_set_grow(editor->found, 1);
	ui_on_action(ui_icon_button(bar, UI_ICON_CLOSE, "Close (Escape)"), close_bar, editor);
	ui_widget_show(bar, false);
}
