/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing a file or folder. See dialog.h. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <ui/table.h>
#include <unistd.h>

#include "dialog_priv.h"

#define ENTRIES_MAX 100000

struct entry {
	char *name;
	bool folder;
	unsigned mode;
	int64_t size;
	time_t time;
};

struct chooser {
	struct ui *ui;
	enum ui_choose kind;
	struct ui_widget *column, *path, *table, *name, *button;
	char folder[PATH_MAX];
	struct entry *entries;
	size_t count;
	char *result; /* NULL: nothing was chosen */
	void (*chosen)(void *argument, const char *path);
	void *argument;
};

static void free_entries(struct chooser *chooser)
{
	for (size_t i = 0; i < chooser->count; i++)
		free(chooser->entries[i].name);
	free(chooser->entries);
	chooser->entries = NULL;
	chooser->count = 0;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	if (left->folder != right->folder)
		return left->folder ? -1 : 1;
	return strcasecmp(left->name, right->name);
}

static void add_entry(struct chooser *chooser, int folder, const char *name, size_t *room)
{
	struct stat information;
	struct entry *entry;

	if (name[0] == '.' || fstatat(folder, name, &information, 0) < 0)
		return;
	if (chooser->kind == UI_CHOOSE_FOLDER && !S_ISDIR(information.st_mode))
		return;
	if (chooser->count == *room) {
		*room = *room ? 2 * *room : 64;
		chooser->entries =
			ui_reallocate(chooser->entries, *room * sizeof(*chooser->entries));
	}
	entry = &chooser->entries[chooser->count++];
	*entry = (struct entry){ .name = ui_copy_text(name),
				 .folder = S_ISDIR(information.st_mode),
				 .mode = information.st_mode,
				 .size = information.st_size,
				 .time = information.st_mtime };
}

static void read_folder(struct chooser *chooser)
{
	DIR *folder = opendir(chooser->folder);
	struct dirent *entry;
	size_t room = 0;

	free_entries(chooser);
	while (folder && chooser->count < ENTRIES_MAX && (entry = readdir(folder)))
		add_entry(chooser, dirfd(folder), entry->d_name, &room);
	ui_table_set_empty_text(chooser->table, folder ? "The folder is empty" : strerror(errno));
	if (folder)
		closedir(folder);
	if (chooser->count > 0)
		qsort(chooser->entries, chooser->count, sizeof(*chooser->entries), compare_entries);
	ui_table_set_rows(chooser->table, chooser->count, false);
	ui_label_set_text(chooser->path, chooser->folder);
}

static void enable_button(struct chooser *chooser)
{
	size_t row = ui_table_current(chooser->table);
	bool can = true;

	if (chooser->kind == UI_CHOOSE_SAVE)
		can = ui_text_field_text(chooser->name)[0] != '\0';
	else if (chooser->kind == UI_CHOOSE_OPEN)
		can = row != UI_TABLE_NONE;
	ui_widget_enable(chooser->button, can);
}

static void join(char *to, const char *folder, const char *name)
{
	char path[PATH_MAX];
	bool root = strcmp(folder, "/") == 0;

	snprintf(path, sizeof(path), "%.2000s/%.2000s", root ? "" : folder, name);
	strcpy(to, path);
}

static void enter_folder(struct chooser *chooser, const char *path)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		snprintf(real, sizeof(real), "%s", path);
	strcpy(chooser->folder, real);
	read_folder(chooser);
	enable_button(chooser);
}

static void go_up(void *argument)
{
	struct chooser *chooser = argument;
	char path[PATH_MAX];

	join(path, chooser->folder, "..");
	enter_folder(chooser, path);
}

static void go_home(void *argument)
{
	const char *home = getenv("HOME");

	enter_folder(argument, home ? home : "/");
}

static void finish(struct chooser *chooser, const char *name)
{
	char path[PATH_MAX];

	if (!name)
		strcpy(path, chooser->folder);
	else if (name[0] == '/')
		snprintf(path, sizeof(path), "%s", name);
	else
		join(path, chooser->folder, name);
	chooser->result = ui_copy_text(path);
	ui_dialog_close(chooser->column);
}

static void overwrite_answered(void *argument, int button)
{
	struct chooser *chooser = argument;

	if (button == 1)
		finish(chooser, ui_text_field_text(chooser->name));
}

static void save_chosen(struct chooser *chooser)
{
	static const char *const buttons[] = { "Cancel", "Replace" };
	const char *name = ui_text_field_text(chooser->name);
	char path[PATH_MAX], text[PATH_MAX];
	struct stat information;

	if (!name[0])
		return;
	if (name[0] == '/')
		snprintf(path, sizeof(path), "%s", name);
	else
		join(path, chooser->folder, name);
	if (stat(path, &information) < 0) {
		finish(chooser, name);
	} else if (S_ISDIR(information.st_mode)) {
		enter_folder(chooser, path);
	} else {
		snprintf(text, sizeof(text),
			 "%.200s is there already. What it holds would be lost.", name);
		ui_dialog_question(chooser->ui, UI_ICON_WARNING, "Replace the file?", text, buttons,
				   2, overwrite_answered, chooser);
	}
}

static void agree(void *argument)
{
	struct chooser *chooser = argument;
	size_t row = ui_table_current(chooser->table);
	const struct entry *entry = row < chooser->count ? &chooser->entries[row] : NULL;

	if (chooser->kind == UI_CHOOSE_SAVE)
		save_chosen(chooser);
	else if (chooser->kind == UI_CHOOSE_FOLDER)
		finish(chooser, entry ? entry->name : NULL);
	else if (entry && !entry->folder)
		finish(chooser, entry->name);
	else if (entry) {
		char path[PATH_MAX];

		join(path, chooser->folder, entry->name);
		enter_folder(chooser, path);
	}
}

static void cancel(void *argument)
{
	ui_dialog_close(((struct chooser *)argument)->column);
}

static void format_size(char *text, size_t room, int64_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;
	double value = (double)size;

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	snprintf(text, room, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void cell(void *context, size_t row, unsigned column, struct ui_cell *to)
{
	struct chooser *chooser = context;
	const struct entry *entry = &chooser->entries[row];
	struct tm *local;

	if (column == 0) {
		snprintf(to->text, sizeof(to->text), "%s", entry->name);
		to->icon = ui_icon_of_file(entry->name, entry->mode);
		return;
	}
	to->colour = UI_COLOUR_TEXT_DIM;
	if (column == 1 && !entry->folder)
		format_size(to->text, sizeof(to->text), entry->size);
	else if (column == 2 && (local = localtime(&entry->time)))
		strftime(to->text, sizeof(to->text), "%Y-%m-%d %H:%M", local);
}

static void activate(void *context, size_t row)
{
	struct chooser *chooser = context;
	const struct entry *entry = &chooser->entries[row];
	char path[PATH_MAX];

	if (!entry->folder) {
		agree(chooser);
		return;
	}
	join(path, chooser->folder, entry->name);
	enter_folder(chooser, path);
}

static void selected(void *context)
{
	struct chooser *chooser = context;
	size_t row = ui_table_current(chooser->table);

	if (chooser->kind == UI_CHOOSE_SAVE && row < chooser->count &&
	    !chooser->entries[row].folder)
		ui_text_field_set_text(chooser->name, chooser->entries[row].name);
	enable_button(chooser);
}

static void name_changed(void *argument)
{
	enable_button(argument);
}

static void chooser_closed(void *argument)
{
	struct chooser *chooser = argument;

	if (chooser->result)
		chooser->chosen(chooser->argument, chooser->result);
	free_entries(chooser);
	free(chooser->result);
	free(chooser);
}

/* The folder and the name that the dialog begins with. */
static const char *split_path(struct chooser *chooser, const char *path)
{
	struct stat information;
	const char *slash;
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path && path[0] ? path : ".");
	if (stat(copy, &information) == 0 && S_ISDIR(information.st_mode)) {
		enter_folder(chooser, copy);
		return "";
	}
	slash = strrchr(path, '/');
	if (!slash) {
		enter_folder(chooser, ".");
		return path;
	}
	copy[slash == path ? 1 : slash - path] = '\0';
	enter_folder(chooser, copy);
	return slash + 1;
}

static void build(struct chooser *chooser)
{
	static const struct ui_column columns[] = {
		{ "Name", 0, UI_ALIGN_LEFT, false },
		{ "Size", 90, UI_ALIGN_RIGHT, false },
		{ "Changed", 140, UI_ALIGN_LEFT, false },
	};
	static const struct ui_table_model model = { .cell = cell,
						     .activate = activate,
						     .select = selected };
	static const char *const verbs[] = { "Open", "Save", "Choose" };
	struct ui_widget *row = ui_row(chooser->column);

	ui_on_action(ui_icon_button(row, UI_ICON_UP, "The folder above"), go_up, chooser);
	ui_on_action(ui_icon_button(row, UI_ICON_HOME, "Home"), go_home, chooser);
	chooser->path = ui_label(row, "");
	ui_widget_set_grow(chooser->path, 1);
	chooser->table = ui_table(chooser->column, columns, 3, &model, chooser);
	if (chooser->kind == UI_CHOOSE_SAVE) {
		row = ui_row(chooser->column);
		ui_label(row, "Name");
		chooser->name = ui_text_field(row, "");
		ui_widget_set_grow(chooser->name, 1);
		ui_on_action(chooser->name, name_changed, chooser);
		ui_text_field_on_enter(chooser->name, agree, chooser);
	}
	row = dialog_buttons(chooser->column);
	ui_on_action(ui_button(row, "Cancel", UI_ICON_NONE), cancel, chooser);
	chooser->button = ui_button(row, verbs[chooser->kind], UI_ICON_NONE);
	ui_button_set_primary(chooser->button, true);
	ui_on_action(chooser->button, agree, chooser);
}

void ui_dialog_choose(struct ui *ui, enum ui_choose kind, const char *path,
		      void (*chosen)(void *argument, const char *path), void *argument)
{
	static const char *const titles[] = { "Open a file", "Save as", "Choose a folder" };
	struct chooser *chooser = ui_allocate(sizeof(*chooser));
	const char *name;

	chooser->ui = ui;
	chooser->kind = kind;
	chooser->chosen = chosen;
	chooser->argument = argument;
	chooser->column = ui_dialog_open(ui, titles[kind], 600, 440, chooser_closed, chooser);
	build(chooser);
	name = split_path(chooser, path);
	if (kind == UI_CHOOSE_SAVE) {
		const char *dot = strrchr(name, '.');

		ui_text_field_set_text(chooser->name, name);
		ui_text_field_select(chooser->name, 0,
				     dot > name ? (size_t)(dot - name) : strlen(name));
		ui_widget_focus(chooser->name);
	} else {
		ui_widget_focus(chooser->table);
	}
	enable_button(chooser);
}
