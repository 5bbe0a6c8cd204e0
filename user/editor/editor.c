/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text editor:
 *
 *	editor [FILE]
 *
 * One window, one file. What is on disk is replaced as a whole when it is saved.
 */
#include "editor.h"

#include "highlight.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *name_of(const struct editor *editor)
{
	const char *slash = strrchr(editor->path, '/');

	if (!editor->path[0])
		return "Untitled";
	return slash ? slash + 1 : editor->path;
}

void editor_say(struct editor *editor, const char *format, ...)
{
	char text[PATH_MAX + 128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	ui_label_set_text(editor->message, text);
}

/* The title, the buttons and the status bar. Of `view`: its action. */
static void show_state(void *argument)
{
	struct editor *editor = argument;
	struct view *view = editor->view;
	bool saved = history_is_saved(&view->history);
	size_t line = text_line_at(&view->text, view->cursor);
	size_t selected = view_selection_end(view) - view_selection_start(view);
	char title[PATH_MAX + 32];

	snprintf(title, sizeof(title), "%s%s \xe2\x80\x93 Text editor",
		 saved ? "" : "\xe2\x80\xa2 ", name_of(editor));
	ui_set_title(editor->ui, title);
	ui_widget_enable(editor->undo, history_can_undo(&view->history));
	ui_widget_enable(editor->redo, history_can_redo(&view->history));
	if (selected)
		ui_label_format(editor->place, "%zu %s selected", selected,
				selected == 1 ? "byte" : "bytes");
	else
		ui_label_format(editor->place, "Line %zu, column %zu", line + 1,
				view_column_of(view, view->cursor) + 1);
	ui_label_format(editor->kind, "%s   %s", editor->state.is_text ? "UTF-8" : "Binary",
			editor->state.carriage_returns ? "CR LF" : "LF");
}

/* --- Opening. --- */

static void forget_file(struct editor *editor)
{
	editor->path[0] = '\0';
	editor->state = (struct file_state){ .is_text = true };
	editor->view->colours = false;
	(void)view_set_text(editor->view, "", 0); /* takes no memory */
	history_mark_saved(&editor->view->history);
	editor_say(editor, "New file");
	show_state(editor);
}

/* As they are counted elsewhere: what follows the last line feed is one if it is not empty. */
static void say_lines(struct editor *editor)
{
	const struct text *text = &editor->view->text;
	size_t lines = text_line_count(text), length = text_length(text);

	if (lines > 1 && text_byte(text, length - 1) == '\n')
		lines--;
	editor_say(editor, "%zu %s", length ? lines : 0, length && lines == 1 ? "line" : "lines");
}

static void open_path(struct editor *editor, const char *path)
{
	struct file_state state;
	char text[PATH_MAX + 128], *bytes;
	size_t length;
	int error = file_load(path, &bytes, &length, &state);

	if (!error && !view_set_text(editor->view, bytes ? bytes : "", length)) {
		free(bytes);
		error = ENOMEM;
	}
	if (error) {
		snprintf(text, sizeof(text), "%s: %s", path,
			 error == EFBIG ? "Larger than 64 MiB" : strerror(error));
		ui_dialog_message(editor->ui, UI_ICON_ERROR, "Cannot open", text);
		return;
	}
	snprintf(editor->path, sizeof(editor->path), "%s", path);
	editor->state = state;
	editor->view->colours = highlight_is_for(path);
	free(bytes);
	history_mark_saved(&editor->view->history);
	if (state.exists)
		say_lines(editor);
	else
		editor_say(editor, "New file");
	show_state(editor);
}

/* --- Saving. --- */

static bool save(struct editor *editor)
{
	int error = file_save(editor->path, &editor->view->text, &editor->state);
	char text[PATH_MAX + 128];

	if (error) {
		snprintf(text, sizeof(text), "%s: %s", editor->path, strerror(error));
		ui_dialog_message(editor->ui, UI_ICON_ERROR, "Cannot save", text);
		return false;
	}
	history_mark_saved(&editor->view->history);
	editor_say(editor, "Saved, %zu bytes", text_length(&editor->view->text));
	show_state(editor);
	return true;
}

/* What was to happen once it is saved. */
static void go_on(struct editor *editor)
{
	void (*then)(struct editor * editor) = editor->then;

	editor->then = NULL;
	if (then)
		then(editor);
}

static void save_name_chosen(void *argument, const char *path)
{
	struct editor *editor = argument;

	snprintf(editor->path, sizeof(editor->path), "%s", path);
	editor->view->colours = highlight_is_for(path);
	ui_widget_damage(&editor->view->widget);
	if (save(editor))
		go_on(editor);
}

static void choose_and_save(struct editor *editor)
{
	ui_dialog_choose(editor->ui, UI_CHOOSE_SAVE,
			 editor->path[0] ? editor->path : "/root/untitled.txt", save_name_chosen,
			 editor);
}

static void overwrite_answered(void *argument, int button)
{
	struct editor *editor = argument;

	if (button == 1 && save(editor))
		go_on(editor);
	else
		editor->then = NULL;
}

static void save_or_ask(struct editor *editor)
{
	static const char *const buttons[] = { "Cancel", "Overwrite" };

	if (!editor->path[0])
		choose_and_save(editor);
	else if (file_has_changed(editor->path, &editor->state))
		ui_dialog_question(editor->ui, UI_ICON_WARNING, "The file has changed on disk",
				   "Another program has written it since it was opened here.",
				   buttons, 2, overwrite_answered, editor);
	else if (save(editor))
		go_on(editor);
}

static void leave_answered(void *argument, int button)
{
	struct editor *editor = argument;

	if (button == 2)
		save_or_ask(editor);
	else if (button == 1)
		go_on(editor);
	else
		editor->then = NULL;
}

/* Does something that loses the text, once the user agrees. */
static void leave(struct editor *editor, void (*then)(struct editor *editor))
{
	static const char *const buttons[] = { "Cancel", "Discard", "Save" };
	char text[PATH_MAX + 64];

	if (history_is_saved(&editor->view->history)) {
		then(editor);
		return;
	}
	editor->then = then;
	snprintf(text, sizeof(text), "%s has changes that are not saved.", name_of(editor));
	ui_dialog_question(editor->ui, UI_ICON_QUESTION, "Save the changes?", text, buttons, 3,
			   leave_answered, editor);
}

/* --- What the user asks for. --- */

static void save_asked(void *argument)
{
	((struct editor *)argument)->then = NULL;
	save_or_ask(argument);
}

static void save_as_asked(void *argument)
{
	((struct editor *)argument)->then = NULL;
	choose_and_save(argument);
}

static void new_asked(void *argument)
{
	leave(argument, forget_file);
}

static void open_next(struct editor *editor)
{
	open_path(editor, editor->next);
}

static void open_chosen(void *argument, const char *path)
{
	struct editor *editor = argument;

	snprintf(editor->next, sizeof(editor->next), "%s", path);
	leave(editor, open_next);
}

static void open_asked(void *argument)
{
	struct editor *editor = argument;

	ui_dialog_choose(editor->ui, UI_CHOOSE_OPEN, editor->path[0] ? editor->path : "/etc",
			 open_chosen, editor);
}

static void quit(struct editor *editor)
{
	ui_quit(editor->ui, 0);
}

static void quit_asked(void *argument)
{
	leave(argument, quit);
}

static bool may_close(void *argument)
{
	quit_asked(argument);
	return false;
}

static void undo_asked(void *argument)
{
	view_undo(((struct editor *)argument)->view);
}

static void redo_asked(void *argument)
{
	view_redo(((struct editor *)argument)->view);
}

static void line_chosen(void *argument, const char *text)
{
	struct view *view = ((struct editor *)argument)->view;
	size_t line = strtoul(text, NULL, 10), lines = text_line_count(&view->text), at;

	line = line > lines ? lines : line;
	at = text_line_start(&view->text, line ? line - 1 : 0);
	view_select(view, at, at);
	ui_widget_focus(&view->widget);
}

static void line_asked(void *argument)
{
	struct editor *editor = argument;
	char text[24];

	snprintf(text, sizeof(text), "%zu",
		 text_line_at(&editor->view->text, editor->view->cursor) + 1);
	ui_dialog_text(editor->ui, "Go to line", "Line", text, "Go", line_chosen, editor);
}

/* --- The window. --- */

static struct ui_widget *add_button(struct editor *editor, struct ui_widget *bar, enum ui_icon icon,
				    const char *tip, ui_action action)
{
	struct ui_widget *button = ui_icon_button(bar, icon, tip);

	ui_on_action(button, action, editor);
	return button;
}

static void make_tool_bar(struct editor *editor, struct ui_widget *root)
{
	struct ui_widget *bar = ui_tool_bar(root);

	add_button(editor, bar, UI_ICON_NEW, "New (Ctrl+N)", new_asked);
	add_button(editor, bar, UI_ICON_OPEN, "Open (Ctrl+O)", open_asked);
	add_button(editor, bar, UI_ICON_SAVE, "Save (Ctrl+S)", save_asked);
	ui_separator(bar);
	editor->undo = add_button(editor, bar, UI_ICON_UNDO, "Undo (Ctrl+Z)", undo_asked);
	editor->redo = add_button(editor, bar, UI_ICON_REDO, "Redo (Ctrl+Y)", redo_asked);
	ui_spacer(bar);
	add_button(editor, bar, UI_ICON_SEARCH, "Find and replace (Ctrl+F)", bar_open);
}

static void make_view(struct editor *editor, struct ui_widget *root)
{
	struct ui_widget *row = ui_row(root);

	ui_box_set_spacing(row, 0);
	ui_widget_set_grow(row, 1);
	editor->view = view_create(row);
	view_set_bar(editor->view, ui_scroll_bar(row, false));
}

static void make_status_bar(struct editor *editor, struct ui_widget *root)
{
	struct ui_widget *bar = ui_status_bar(root);

	editor->message = ui_label(bar, "");
	ui_widget_set_grow(editor->message, 1);
	editor->place = ui_label(bar, "");
	ui_widget_set_minimum(editor->place, 150, 0);
	ui_label_set_style(editor->place, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_RIGHT);
	editor->kind = ui_label(bar, "");
	ui_widget_set_minimum(editor->kind, 90, 0);
	ui_label_set_style(editor->kind, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_RIGHT);
}

static void add_shortcuts(struct editor *editor)
{
	static const struct {
		unsigned modifiers;
		char letter;
		ui_action action;
	} letters[] = {
		{ UI_CONTROL, 'n', new_asked },
		{ UI_CONTROL, 'o', open_asked },
		{ UI_CONTROL, 's', save_asked },
		{ UI_CONTROL | UI_SHIFT, 's', save_as_asked },
		{ UI_CONTROL, 'q', quit_asked },
		{ UI_CONTROL, 'w', quit_asked },
		{ UI_CONTROL, 'z', undo_asked },
		{ UI_CONTROL, 'y', redo_asked },
		{ UI_CONTROL | UI_SHIFT, 'z', redo_asked },
		{ UI_CONTROL, 'f', bar_open },
		{ UI_CONTROL, 'h', bar_open },
		{ UI_CONTROL, 'g', line_asked },
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		ui_shortcut_letter(editor->ui, letters[i].modifiers, letters[i].letter,
				   letters[i].action, editor);
	ui_shortcut(editor->ui, 0, ORBITAL_KEY_F3, bar_next, editor);
	ui_shortcut(editor->ui, UI_SHIFT, ORBITAL_KEY_F3, bar_previous, editor);
}

int main(int argc, char **argv)
{
	static struct editor editor;
	struct ui_widget *root;
	int status;

	if (argc > 2) {
		fprintf(stderr, "usage: editor [FILE]\n");
		return 2;
	}
	editor.ui = ui_open(&(struct ui_options){
		.title = "Text editor",
		.width = 760,
		.height = 560,
		.minimum_width = 420,
		.minimum_height = 240,
	});
	root = ui_root(editor.ui);
	make_tool_bar(&editor, root);
	bar_create(&editor, root);
	make_view(&editor, root);
	make_status_bar(&editor, root);
	add_shortcuts(&editor);
	ui_on_close(editor.ui, may_close, &editor);
	forget_file(&editor);
	ui_on_action(&editor.view->widget, show_state, &editor);
	ui_widget_focus(&editor.view->widget);
	if (argc == 2)
		open_path(&editor, argv[1]);
	status = ui_run(editor.ui);
	ui_close(editor.ui);
	return status;
}
