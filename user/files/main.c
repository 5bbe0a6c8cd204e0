/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file manager: files [FOLDER]. A list of places at the left, the folder as a table or as icons,
 * a menu for the right button, and the usual keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define PLACES_WIDTH 168

char *copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		fprintf(stderr, "files: out of memory\n");
		exit(1);
	}
	return copy;
}

/* --- The table. --- */

enum column {
	COLUMN_NAME,
	COLUMN_SIZE,
	COLUMN_TIME,
	COLUMN_KIND,
	COLUMNS,
};

static const struct ui_column columns[COLUMNS] = {
	[COLUMN_NAME] = { .title = "Name", .sortable = true },
	[COLUMN_SIZE] = { .title = "Size", .width = 92, .align = UI_ALIGN_RIGHT, .sortable = true },
	[COLUMN_TIME] = { .title = "Changed", .width = 148, .sortable = true },
	[COLUMN_KIND] = { .title = "Kind", .width = 92, .sortable = true },
};

static enum ui_icon icon_of(const struct entry *entry)
{
	static const enum ui_icon icons[] = {
		[KIND_FOLDER] = UI_ICON_FOLDER,        [KIND_TEXT] = UI_ICON_TEXT_FILE,
		[KIND_IMAGE] = UI_ICON_IMAGE_FILE,     [KIND_PROGRAM] = UI_ICON_PROGRAM_FILE,
		[KIND_ARCHIVE] = UI_ICON_ARCHIVE_FILE, [KIND_FILE] = UI_ICON_FILE,
		[KIND_DEVICE] = UI_ICON_DEVICE_FILE,   [KIND_OTHER] = UI_ICON_DEVICE_FILE,
		[KIND_BROKEN] = UI_ICON_LINK_FILE,
	};

	if (entry->link && entry->kind != KIND_FOLDER)
		return UI_ICON_LINK_FILE;
	return icons[entry->kind];
}

static void fill_cell(void *context, size_t row, unsigned column, struct ui_cell *cell)
{
	const struct files *files = context;
	const struct entry *entry = folder_entry(&files->folder, row);
	char text[FORMAT_MAX] = "";

	if (column != COLUMN_NAME)
		cell->colour = UI_COLOUR_TEXT_DIM;
	switch (column) {
	case COLUMN_NAME:
		snprintf(cell->text, sizeof(cell->text), "%s", entry->name);
		cell->icon = icon_of(entry);
		if (entry->kind == KIND_BROKEN || entry->name[0] == '.')
			cell->colour = UI_COLOUR_TEXT_DIM;
		return;
	case COLUMN_SIZE:
		if (S_ISREG(entry->status.st_mode))
			format_size((uint64_t)entry->status.st_size, text);
		break;
	case COLUMN_TIME:
		format_time(entry->status.st_mtime, text);
		break;
	default:
		snprintf(text, sizeof(text), "%s%s", kind_name(entry->kind),
			 entry->link && entry->kind != KIND_BROKEN ? ", link" : "");
	}
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static void sort_by(void *context, unsigned column, bool descending)
{
	static const enum order orders[COLUMNS] = { ORDER_NAME, ORDER_SIZE, ORDER_TIME,
						    ORDER_KIND };
	struct files *files = context;

	files->order = orders[column];
	files->descending = descending;
	ui_table_set_sorted(files->table, column, descending);
	arrange(files);
}

static void activate(void *context, size_t row)
{
	(void)row;
	open_selected(context);
}

static void selection_changed(void *context)
{
	update_status(context);
}

/* --- The menu. --- */

static void toggle_hidden(void *argument)
{
	struct files *files = argument;

	files->hidden = !files->hidden;
	arrange(files);
}

static void toggle_icons(void *argument)
{
	struct files *files = argument;

	files->icons = !files->icons;
	ui_table_show_icons(files->table, files->icons);
	ui_button_set(files->view_button, "", files->icons ? UI_ICON_LIST : UI_ICON_GRID);
	ui_widget_set_tip(files->view_button, files->icons ? "Show as a list" : "Show as icons");
}

static void select_all(void *argument)
{
	struct files *files = argument;

	ui_table_select_all(files->table);
	update_status(files);
}

static void new_window(void *argument)
{
	struct files *files = argument;
	const char *const arguments[] = { "files", files->path, NULL };

	(void)ui_start_program(arguments);
}

#define ITEM(item_text, item_icon, item_keys, item_action)                         \
	{                                                                          \
		.text = (item_text), .icon = (item_icon), .shortcut = (item_keys), \
		.action = (item_action),                                           \
	}
#define SEPARATOR \
	{         \
		0 \
	}

static void show_entry_menu(struct files *files, int x, int y)
{
	static const struct ui_menu_item items[] = {
		ITEM("Open", UI_ICON_OPEN, "Enter", open_selected),
		ITEM("Open in the editor", UI_ICON_NONE, NULL, edit_selected),
		SEPARATOR,
		ITEM("Cut", UI_ICON_CUT, "Ctrl+X", cut_selected),
		ITEM("Copy", UI_ICON_COPY, "Ctrl+C", copy_selected),
		ITEM("Paste", UI_ICON_PASTE, "Ctrl+V", paste),
		SEPARATOR,
		ITEM("Rename\u2026", UI_ICON_RENAME, "F2", rename_selected),
		ITEM("Delete\u2026", UI_ICON_DELETE, "Delete", delete_selected),
		SEPARATOR,
		ITEM("Properties", UI_ICON_INFO, "Alt+Enter", show_properties),
	};

	ui_menu_show(files->ui, x, y, items, sizeof(items) / sizeof(items[0]), files);
}

static void show_folder_menu(struct files *files, int x, int y)
{
	const struct ui_menu_item items[] = {
		ITEM("New folder\u2026", UI_ICON_NEW_FOLDER, "Ctrl+Shift+N", new_folder),
		ITEM("Paste", UI_ICON_PASTE, "Ctrl+V", paste),
		SEPARATOR,
		ITEM("Select all", UI_ICON_NONE, "Ctrl+A", select_all),
		{ .text = "Show hidden files",
		  .shortcut = "Ctrl+H",
		  .action = toggle_hidden,
		  .checked = files->hidden },
		ITEM("Refresh", UI_ICON_REFRESH, "F5", refresh),
		SEPARATOR,
		ITEM("New window", UI_ICON_NONE, "Ctrl+N", new_window),
		ITEM("Properties", UI_ICON_INFO, NULL, show_properties),
	};

	ui_menu_show(files->ui, x, y, items, sizeof(items) / sizeof(items[0]), files);
}

static void show_menu(void *context, size_t row, int x, int y)
{
	if (row == UI_TABLE_NONE)
		show_folder_menu(context, x, y);
	else
		show_entry_menu(context, x, y);
}

static void show_main_menu(void *argument)
{
	struct files *files = argument;
	const struct blend_rectangle *at = &files->view_button->area;

	show_folder_menu(files, at->right, at->bottom + ui_pixels(files->ui, 4));
}

static const struct ui_table_model model = {
	.cell = fill_cell,
	.sort = sort_by,
	.activate = activate,
	.select = selection_changed,
	.menu = show_menu,
};

/* --- Keys that are the folder's: what its table leaves comes here. --- */

struct view {
	struct ui_widget widget;
	struct files *files;
};

static void view_layout(struct ui_widget *widget)
{
	ui_widget_place(widget->first, widget->area);
}

static bool view_event(struct ui_widget *widget, const struct ui_event *event)
{
	static const struct {
		unsigned modifiers, key;
		uint32_t character;
		ui_action action;
	} keys[] = {
		{ UI_CONTROL, 0, 'x', cut_selected },
		{ UI_CONTROL, 0, 'c', copy_selected },
		{ UI_CONTROL, 0, 'v', paste },
		{ 0, ORBITAL_KEY_DELETE, 0, delete_selected },
		{ 0, ORBITAL_KEY_BACKSPACE, 0, go_up },
		{ 0, ORBITAL_KEY_F2, 0, rename_selected },
		{ UI_ALT, ORBITAL_KEY_ENTER, 0, show_properties },
	};
	struct files *files = ((struct view *)widget)->files;

	if (event->type != UI_EVENT_KEY)
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].modifiers == event->modifiers &&
		    (keys[i].character ? keys[i].character == event->character
				       : keys[i].key == event->key)) {
			keys[i].action(files);
			return true;
		}
	return false;
}

static const struct ui_class view_class = {
	.name = "folder",
	.layout = view_layout,
	.event = view_event,
};

/* --- The window. --- */

static void enter_path(void *argument)
{
	struct files *files = argument;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", ui_text_field_text(files->path_field));
	go_to(files, path);
}

static void leave_path(void *argument)
{
	struct files *files = argument;

	ui_widget_show(files->path_field, false);
	ui_widget_show(files->crumbs, true);
	ui_widget_focus(files->table);
}

static void search_changed(void *argument)
{
	arrange(argument);
}

static void search_left(void *argument)
{
	struct files *files = argument;

	ui_text_field_set_text(files->search, "");
	arrange(files);
	ui_widget_focus(files->table);
}

static void search_entered(void *argument)
{
	struct files *files = argument;

	ui_widget_focus(files->table);
	if (files->folder.row_count > 0)
		ui_table_select(files->table, 0);
	update_status(files);
}

static void focus_search(void *argument)
{
	ui_widget_focus(((struct files *)argument)->search);
}

static struct ui_widget *add_tool(struct files *files, struct ui_widget *bar, enum ui_icon icon,
				  const char *tip, ui_action action)
{
	struct ui_widget *button = ui_icon_button(bar, icon, tip);

	ui_on_action(button, action, files);
	return button;
}

static void make_tool_bar(struct files *files)
{
	struct ui_widget *bar = ui_tool_bar(ui_root(files->ui));

	files->back_button = add_tool(files, bar, UI_ICON_BACK, "Back", go_back);
	files->forward_button = add_tool(files, bar, UI_ICON_FORWARD, "Forward", go_forward);
	files->up_button = add_tool(files, bar, UI_ICON_UP, "Up", go_up);
	files->path_stack = ui_stack(bar);
	ui_widget_set_grow(files->path_stack, 1);
	files->crumbs = ui_row(files->path_stack);
	files->path_field = ui_text_field(files->path_stack, "");
	ui_widget_show(files->path_field, false);
	ui_text_field_on_enter(files->path_field, enter_path, files);
	ui_text_field_on_escape(files->path_field, leave_path, files);
	files->search = ui_text_field(bar, "");
	ui_widget_set_minimum(files->search, 150, 0);
	ui_text_field_set_hint(files->search, "Filter");
	ui_on_action(files->search, search_changed, files);
	ui_text_field_on_escape(files->search, search_left, files);
	ui_text_field_on_enter(files->search, search_entered, files);
	add_tool(files, bar, UI_ICON_NEW_FOLDER, "New folder", new_folder);
	files->view_button = add_tool(files, bar, UI_ICON_GRID, "Show as icons", toggle_icons);
	add_tool(files, bar, UI_ICON_MENU, "Menu", show_main_menu);
}

static void fill_place(void *context, size_t row, unsigned column, struct ui_cell *cell)
{
	const struct files *files = context;

	(void)column;
	snprintf(cell->text, sizeof(cell->text), "%s", files->places[row].name);
	cell->icon = files->places[row].icon;
}

static void place_selected(void *context)
{
	struct files *files = context;
	size_t row = ui_table_current(files->places_table);

	if (row < files->place_count && ui_table_selected_count(files->places_table) > 0)
		go_to(files, files->places[row].path);
	show_place(files);
}

/* A line between the two. */
static void edge_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 1);
	*height = 0;
}

static void edge_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	ui_paint_fill(painter, widget->area, ui_colour(widget->ui, UI_COLOUR_BORDER));
}

static const struct ui_class edge_class = {
	.name = "edge",
	.measure = edge_measure,
	.draw = edge_draw,
};

static void make_content(struct files *files)
{
	static const struct ui_column place_columns[] = { { .title = "" } };
	static const struct ui_table_model place_model = {
		.cell = fill_place,
		.select = place_selected,
	};
	struct ui_widget *row = ui_row(ui_root(files->ui));
	struct view *view;

	ui_box_set_spacing(row, 0);
	ui_widget_set_grow(row, 1);
	files->places_table = ui_table(row, place_columns, 1, &place_model, files);
	ui_widget_set_minimum(files->places_table, PLACES_WIDTH, 0);
	ui_widget_set_grow(files->places_table, 0);
	ui_widget_create(row, &edge_class, sizeof(struct ui_widget));
	view = (struct view *)ui_widget_create(row, &view_class, sizeof(*view));
	view->files = files;
	ui_widget_set_grow(&view->widget, 1);
	files->table = ui_table(&view->widget, columns, COLUMNS, &model, files);
	ui_table_set_multiple(files->table, true);
	ui_table_set_sorted(files->table, COLUMN_NAME, false);
}

static void make_status_bar(struct files *files)
{
	struct ui_widget *bar = ui_status_bar(ui_root(files->ui));

	files->status = ui_label(bar, "");
	ui_spacer(bar);
	files->room = ui_label(bar, "");
	ui_label_set_style(files->room, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_RIGHT);
}

static void add_shortcuts(struct files *files)
{
	struct ui *ui = files->ui;

	ui_shortcut(ui, UI_ALT, ORBITAL_KEY_LEFT, go_back, files);
	ui_shortcut(ui, UI_ALT, ORBITAL_KEY_RIGHT, go_forward, files);
	ui_shortcut(ui, UI_ALT, ORBITAL_KEY_UP, go_up, files);
	ui_shortcut(ui, UI_ALT, ORBITAL_KEY_HOME, go_home, files);
	ui_shortcut(ui, 0, ORBITAL_KEY_F5, refresh, files);
	ui_shortcut_letter(ui, UI_CONTROL, 'h', toggle_hidden, files);
	ui_shortcut_letter(ui, UI_CONTROL, 'l', show_path_field, files);
	ui_shortcut_letter(ui, UI_CONTROL, 'f', focus_search, files);
	ui_shortcut_letter(ui, UI_CONTROL, 'n', new_window, files);
	ui_shortcut_letter(ui, UI_CONTROL | UI_SHIFT, 'n', new_folder, files);
}

/* Half a file would be left, with the name of a whole one: the work ends first, or is stopped by its
 * dialog. */
static bool may_close(void *argument)
{
	return ((struct files *)argument)->tasks == 0;
}

int main(int argument_count, char **arguments)
{
	static struct files files;
	int status;

	files.ui = ui_open(&(struct ui_options){
		.title = "Files",
		.width = 820,
		.height = 520,
		.minimum_width = 560,
		.minimum_height = 320,
	});
	make_tool_bar(&files);
	make_content(&files);
	make_status_bar(&files);
	add_shortcuts(&files);
	ui_on_close(files.ui, may_close, &files);
	read_places(&files);
	if (argument_count > 1)
		go_to(&files, arguments[1]);
	if (!files.path[0])
		go_home(&files);
	status = ui_run(files.ui);
	ui_close(files.ui);
	return status;
}
