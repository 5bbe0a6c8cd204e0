/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which folder is shown, and what of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "files.h"

#define CRUMBS_MAX 6 /* parts of the path that have buttons; the first of more are left out */

/* --- The path as buttons. --- */

struct crumb {
	struct files *files;
	char path[PATH_MAX];
};

static struct crumb crumbs[CRUMBS_MAX + 1];

static void press_crumb(void *argument)
{
	struct crumb *crumb = argument;
	char path[PATH_MAX];

	/* The button goes while it is pressed. */
	snprintf(path, sizeof(path), "%s", crumb->path);
	go_to(crumb->files, path);
}

static void add_crumb(struct files *files, unsigned index, const char *name, size_t length)
{
	struct crumb *crumb = &crumbs[index];
	char text[NAME_MAX + 1];
	struct ui_widget *button;

	crumb->files = files;
	snprintf(crumb->path, sizeof(crumb->path), "%.*s", length ? (int)length : 1, files->path);
	snprintf(text, sizeof(text), "%.40s%s", name, strlen(name) > 40 ? "\u2026" : "");
	button = ui_icon_button(files->crumbs, index == 0 ? UI_ICON_HOME : UI_ICON_NONE, NULL);
	if (index == 0)
		ui_button_set(button, "", UI_ICON_DISK);
	else
		ui_button_set(button, text, UI_ICON_NONE);
	ui_on_action(button, press_crumb, crumb);
}

static void show_crumbs(struct files *files)
{
	const char *path = files->path;
	unsigned parts = 0, left_out, index = 0;

	while (files->crumbs->first)
		ui_widget_destroy(files->crumbs->first);
	for (const char *at = path; *at; at++)
		parts += at[0] == '/' && at[1] != '\0';
	left_out = parts > CRUMBS_MAX ? parts - CRUMBS_MAX : 0;
	add_crumb(files, index++, "/", 0);
	for (size_t at = 1, part = 0; path[at]; part++) {
		size_t end = at + strcspn(path + at, "/");
		char name[NAME_MAX + 1];

		snprintf(name, sizeof(name), "%.*s", (int)(end - at), path + at);
		if (part >= left_out) {
			struct ui_widget *arrow = ui_label(files->crumbs, "\u203a");

			ui_label_set_style(arrow, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM,
					   UI_ALIGN_CENTRE);
			add_crumb(files, index++, name, end);
		}
		at = path[end] ? end + 1 : end;
	}
	ui_widget_show(files->path_field, false);
	ui_widget_show(files->crumbs, true);
}

void show_path_field(void *argument)
{
	struct files *files = argument;

	ui_text_field_set_text(files->path_field, files->path);
	ui_widget_show(files->crumbs, false);
	ui_widget_show(files->path_field, true);
	ui_widget_focus(files->path_field);
	ui_text_field_select(files->path_field, 0, strlen(files->path));
}

/* --- Its content. --- */

void update_status(struct files *files)
{
	size_t selected = 0, folders = 0;
	uint64_t bytes = 0;
	char size[FORMAT_MAX];
	struct statvfs room;

	for (size_t row = 0; row < files->folder.row_count; row++) {
		const struct entry *entry = folder_entry(&files->folder, row);

		if (!ui_table_is_selected(files->table, row))
			continue;
		selected++;
		folders += entry->kind == KIND_FOLDER;
		bytes += entry->kind == KIND_FOLDER ? 0 : (uint64_t)entry->status.st_size;
	}
	format_size(bytes, size);
	if (selected == 0)
		ui_label_format(files->status, "%zu item%s", files->folder.row_count,
				files->folder.row_count == 1 ? "" : "s");
	else if (selected == folders)
		ui_label_format(files->status, "%zu of %zu selected", selected,
				files->folder.row_count);
	else
		ui_label_format(files->status, "%zu of %zu selected, %s", selected,
				files->folder.row_count, size);
	ui_label_set_text(files->room, "");
	if (statvfs(files->path, &room) == 0 && room.f_blocks > 0) {
		format_size((uint64_t)room.f_bavail * room.f_frsize, size);
		ui_label_format(files->room, "%s free", size);
	}
}

void arrange(struct files *files)
{
	folder_arrange(&files->folder, files->hidden, ui_text_field_text(files->search),
		       files->order, files->descending);
	ui_table_set_empty_text(files->table, files->folder.entry_count
						      ? "Nothing here that is to be shown"
						      : "The folder is empty");
	ui_table_set_rows(files->table, files->folder.row_count, false);
	update_status(files);
}

static void update_buttons(struct files *files)
{
	ui_widget_enable(files->back_button, files->back_count > 0);
	ui_widget_enable(files->forward_button, files->forward_count > 0);
	ui_widget_enable(files->up_button, strcmp(files->path, "/") != 0);
}

void read_again(struct files *files, const char *select)
{
	size_t current = ui_table_current(files->table), row;
	char name[NAME_MAX + 1] = "";
	int error;

	if (select)
		snprintf(name, sizeof(name), "%s", select);
	else if (current < files->folder.row_count)
		snprintf(name, sizeof(name), "%s", folder_entry(&files->folder, current)->name);
	error = folder_read(&files->folder, files->path);
	arrange(files);
	if (error)
		ui_table_set_empty_text(files->table, strerror(error));
	row = name[0] ? folder_find(&files->folder, name) : SIZE_MAX;
	if (row != SIZE_MAX)
		ui_table_select(files->table, row);
	update_status(files);
}

void refresh(void *argument)
{
	struct files *files = argument;

	read_places(files);
	read_again(files, NULL);
}

/* --- From one to the other. --- */

static bool show_folder(struct files *files, const char *path)
{
	struct folder folder = { 0 };
	char real[PATH_MAX], left[NAME_MAX + 1], title[NAME_MAX + 16];
	int error = realpath(path, real) ? folder_read(&folder, real) : errno;

	if (error) {
		char text[PATH_MAX + 128];

		snprintf(text, sizeof(text), "%s: %s.", path, strerror(error));
		ui_dialog_message(files->ui, UI_ICON_ERROR, "The folder cannot be shown", text);
		return false;
	}
	/* Where it came from is what is selected, on the way up. */
	snprintf(left, sizeof(left), "%.*s", NAME_MAX, last_part(files->path));
	folder_free(&files->folder);
	files->folder = folder;
	snprintf(files->path, sizeof(files->path), "%s", real);
	ui_text_field_set_text(files->search, "");
	arrange(files);
	if (folder_find(&files->folder, left) != SIZE_MAX)
		ui_table_select(files->table, folder_find(&files->folder, left));
	show_crumbs(files);
	show_place(files);
	/* By the last word the panel finds the icon. */
	snprintf(title, sizeof(title), "%s \u2013 Files", place_name(files));
	ui_set_title(files->ui, title);
	update_status(files);
	ui_widget_focus(files->table);
	return true;
}

static void push(char **list, unsigned *count, const char *path)
{
	if (*count == HISTORY_MAX) {
		free(list[0]);
		memmove(list, list + 1, (HISTORY_MAX - 1) * sizeof(*list));
		--*count;
	}
	list[(*count)++] = copy_text(path);
}

void go_to(struct files *files, const char *path)
{
	char before[PATH_MAX];

	snprintf(before, sizeof(before), "%s", files->path);
	if (!show_folder(files, path))
		return;
	if (before[0] && strcmp(before, files->path) != 0) {
		push(files->back, &files->back_count, before);
		while (files->forward_count > 0)
			free(files->forward[--files->forward_count]);
	}
	update_buttons(files);
}

/* The last of one list becomes the folder, and the folder the last of the other. */
static void step(struct files *files, char **from, unsigned *from_count, char **to,
		 unsigned *to_count)
{
	char before[PATH_MAX], *path;

	if (*from_count == 0)
		return;
	path = from[--*from_count];
	snprintf(before, sizeof(before), "%s", files->path);
	if (show_folder(files, path))
		push(to, to_count, before);
	free(path);
	update_buttons(files);
}

void go_back(void *argument)
{
	struct files *files = argument;

	step(files, files->back, &files->back_count, files->forward, &files->forward_count);
}

void go_forward(void *argument)
{
	struct files *files = argument;

	step(files, files->forward, &files->forward_count, files->back, &files->back_count);
}

void go_up(void *argument)
{
	struct files *files = argument;
	char path[PATH_MAX];
	struct stat status;

	if (strcmp(files->path, "/") == 0)
		return;
	/* The folder, and what it was in, may have been deleted: up to what is there. */
	snprintf(path, sizeof(path), "%s", files->path);
	do {
		char *slash = strrchr(path, '/');

		slash[slash == path] = '\0';
	} while (path[1] && (stat(path, &status) < 0 && (errno == ENOENT || errno == ENOTDIR)));
	go_to(files, path);
}

void go_home(void *argument)
{
	const char *home = getenv("HOME");

	go_to(argument, home && access(home, X_OK) == 0 ? home : "/");
}
