/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Properties: what a file is, its forks, and its checksum, which HMFS computes when it is asked for, and
 * keeps (docs/hmfs-forks.md).
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "copy.h"
#include "files.h"
#include "worker.h"

#define FORK_PREFIX  "user."
#define FORKS_MAX    256
#define NAMES_MAX    65536
#define VALUE_SHOWN  200 /* bytes */
#define CHECKSUM_MAX 256
#define LABEL_WIDTH  96

struct fork {
	char name[128];
	char value[VALUE_SHOWN + 8];
	int64_t size; /* -1: it cannot be read */
};

/* What takes its time; lives until the worker is done, also if the dialog has gone by then. */
struct inquiry {
	struct properties *properties; /* NULL: the dialog has gone */
	char path[PATH_MAX];
	bool folder;
	struct progress progress;
	char checksum[CHECKSUM_MAX], mime[128];
	int checksum_error;
};

struct properties {
	struct ui_widget *dialog;
	char path[PATH_MAX];
	struct stat status;
	struct fork *forks;
	size_t fork_count;
	struct ui_widget *size, *type, *checksum;
	struct inquiry *inquiry; /* NULL: it is over */
};

/* --- What takes its time. --- */

/* An attribute as text, terminated. 0, or the errno. */
static int read_text(const char *path, const char *name, char *text, size_t size)
{
	ssize_t length = getxattr(path, name, text, size - 1);

	text[length > 0 ? length : 0] = '\0';
	return length < 0 ? errno : 0;
}

static void inquire(void *argument)
{
	struct inquiry *inquiry = argument;

	if (inquiry->folder) {
		count_tree(inquiry->path, &inquiry->progress);
		return;
	}
	read_text(inquiry->path, "user.mime", inquiry->mime, sizeof(inquiry->mime));
	inquiry->checksum_error = read_text(inquiry->path, "user.checksum", inquiry->checksum,
					    sizeof(inquiry->checksum));
}

static const char *checksum_text(const struct inquiry *inquiry)
{
	switch (inquiry->checksum_error) {
	case 0:
		return inquiry->checksum;
	case EOPNOTSUPP:
	case ENODATA:
		return "This file system keeps none";
	default:
		return strerror(inquiry->checksum_error);
	}
}

static void inquired(void *argument)
{
	struct inquiry *inquiry = argument;
	struct properties *properties = inquiry->properties;
	char size[FORMAT_MAX];

	if (properties && inquiry->folder) {
		format_size(inquiry->progress.bytes + inquiry->progress.total, size);
		ui_label_format(properties->size, "%s in %u items", size,
				inquiry->progress.items ? inquiry->progress.items - 1 : 0);
	} else if (properties) {
		ui_label_set_text(properties->checksum, checksum_text(inquiry));
		if (inquiry->mime[0])
			ui_label_set_text(properties->type, inquiry->mime);
	}
	if (properties)
		properties->inquiry = NULL;
	free(inquiry);
}

static void start_inquiry(struct files *files, struct properties *properties)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	if (!inquiry)
		return;
	inquiry->properties = properties;
	inquiry->folder = S_ISDIR(properties->status.st_mode);
	/* Of a link, what it leads to is counted: its status is shown too. */
	if (!realpath(properties->path, inquiry->path))
		snprintf(inquiry->path, sizeof(inquiry->path), "%s", properties->path);
	properties->inquiry = inquiry;
	if (!worker_start(files->ui, inquire, inquired, inquiry)) {
		properties->inquiry = NULL;
		free(inquiry);
	}
}

/* --- Forks. --- */

/* Bytes as one line of text. */
static void show_value(struct fork *fork, const char *bytes, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < VALUE_SHOWN; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		fork->value[used++] = byte < ' ' || byte == 0x7f ? ' ' : (char)byte;
	}
	fork->value[used] = '\0';
	if (length > VALUE_SHOWN)
		strcat(fork->value, "\u2026");
}

static void read_fork(struct properties *properties, const char *name)
{
	struct fork *fork = &properties->forks[properties->fork_count];
	char value[VALUE_SHOWN + 1], path[PATH_MAX];
	struct stat status;
	ssize_t length;

	if (properties->fork_count == FORKS_MAX || strncmp(name, FORK_PREFIX, strlen(FORK_PREFIX)))
		return;
	name += strlen(FORK_PREFIX);
	/* The computed ones have a place of their own. */
	if (strcmp(name, "checksum") == 0)
		return;
	*fork = (struct fork){ .size = -1 };
	snprintf(fork->name, sizeof(fork->name), "%s", name);
	properties->fork_count++;
	snprintf(path, sizeof(path), FORK_PREFIX "%s", name);
	fork->size = getxattr(properties->path, path, NULL, 0);
	length = getxattr(properties->path, path, value, sizeof(value));
	if (length >= 0)
		show_value(fork, value, (size_t)length);
	/* Too large to be an attribute: it is still a file. */
	if (fork->size < 0 &&
	    snprintf(path, sizeof(path), "%s/..namedfork/%s", properties->path, name) < PATH_MAX &&
	    stat(path, &status) == 0)
		fork->size = status.st_size;
}

static void read_forks(struct properties *properties)
{
	char *names = malloc(NAMES_MAX);
	ssize_t length = names ? listxattr(properties->path, names, NAMES_MAX) : -1;

	properties->forks = calloc(FORKS_MAX, sizeof(*properties->forks));
	for (ssize_t at = 0; properties->forks && at < length;
	     at += (ssize_t)strlen(names + at) + 1)
		read_fork(properties, names + at);
	free(names);
}

static void fill_fork(void *context, size_t row, unsigned column, struct ui_cell *cell)
{
	const struct properties *properties = context;
	const struct fork *fork = &properties->forks[row];
	char size[FORMAT_MAX] = "";

	if (column == 0) {
		snprintf(cell->text, sizeof(cell->text), "%s", fork->name);
	} else if (column == 1) {
		snprintf(cell->text, sizeof(cell->text), "%s", fork->value);
	} else {
		if (fork->size >= 0)
			format_size((uint64_t)fork->size, size);
		snprintf(cell->text, sizeof(cell->text), "%s", size);
		cell->colour = UI_COLOUR_TEXT_DIM;
	}
}

static void make_fork_page(struct properties *properties, struct ui_widget *page)
{
	static const struct ui_column columns[] = {
		{ .title = "Fork", .width = 120 },
		{ .title = "Content" },
		{ .title = "Size", .width = 84, .align = UI_ALIGN_RIGHT },
	};
	static const struct ui_table_model model = { .cell = fill_fork };
	struct ui_widget *table = ui_table(page, columns, 3, &model, properties);

	ui_widget_set_grow(table, 1);
	ui_widget_set_minimum(table, 0, 180);
	ui_table_set_empty_text(table, "No forks");
	ui_table_set_rows(table, properties->fork_count, false);
}

/* --- The page of what everything has. --- */

static struct ui_widget *add_line(struct ui_widget *page, const char *name, const char *value)
{
	struct ui_widget *row = ui_row(page), *label = ui_label(row, name);

	ui_label_set_style(label, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_RIGHT);
	ui_widget_set_minimum(label, LABEL_WIDTH, 0);
	ui_box_set_spacing(row, 12);
	label = ui_label(row, value);
	ui_widget_set_grow(label, 1);
	return label;
}

static void add_owner(struct ui_widget *page, const struct stat *status)
{
	const struct passwd *user = getpwuid(status->st_uid);
	const struct group *group = getgrgid(status->st_gid);
	char text[128], rights[FORMAT_MAX];

	snprintf(text, sizeof(text), "%.40s (%u), group %.40s (%u)", user ? user->pw_name : "user",
		 status->st_uid, group ? group->gr_name : "group", status->st_gid);
	add_line(page, "Owner", text);
	format_rights(status->st_mode, rights);
	snprintf(text, sizeof(text), "%s  (%04o)", rights, status->st_mode & 07777);
	add_line(page, "Rights", text);
}

static void make_general_page(struct properties *properties, struct ui_widget *page)
{
	const struct stat *status = &properties->status;
	char text[FORMAT_MAX], folder[PATH_MAX], target[PATH_MAX];
	ssize_t length = readlink(properties->path, target, sizeof(target) - 1);
	char *slash;

	ui_box_set_spacing(page, 8);
	ui_box_set_padding(page, 0, 12);
	snprintf(folder, sizeof(folder), "%s", properties->path);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0';
	add_line(page, "Name", last_part(properties->path));
	add_line(page, "In", folder);
	if (length > 0) {
		target[length] = '\0';
		add_line(page, "Leads to", target);
	}
	properties->type =
		add_line(page, "Kind", kind_name(kind_of(properties->path, status->st_mode)));
	format_exact_size((uint64_t)status->st_size, text);
	properties->size =
		add_line(page, "Size", S_ISDIR(status->st_mode) ? "Counting\u2026" : text);
	format_time(status->st_mtime, text);
	add_line(page, "Changed", text);
	format_time(status->st_atime, text);
	add_line(page, "Opened", text);
	add_owner(page, status);
	if (S_ISREG(status->st_mode)) {
		properties->checksum = add_line(page, "Checksum", "Computing\u2026");
		ui_label_set_style(properties->checksum, UI_FONT_MONO, UI_COLOUR_TEXT,
				   UI_ALIGN_LEFT);
	}
}

/* --- The dialog. --- */

static void closed(void *argument)
{
	struct properties *properties = argument;

	if (properties->inquiry) {
		properties->inquiry->properties = NULL;
		properties->inquiry->progress.cancelled = true;
	}
	free(properties->forks);
	free(properties);
}

static void close_dialog(void *argument)
{
	ui_dialog_close(((struct properties *)argument)->dialog);
}

static bool find_subject(struct files *files, char path[PATH_MAX])
{
	size_t row = ui_table_current(files->table);

	if (row < files->folder.row_count && ui_table_selected_count(files->table) > 0)
		return join_path(path, files->path, folder_entry(&files->folder, row)->name);
	snprintf(path, PATH_MAX, "%s", files->path);
	return true;
}

void show_properties(void *argument)
{
	struct files *files = argument;
	struct properties *properties = calloc(1, sizeof(*properties));
	struct ui_widget *tabs, *row, *button;
	char title[NAME_MAX + 32];

	if (!properties || !find_subject(files, properties->path) ||
	    (stat(properties->path, &properties->status) < 0 &&
	     lstat(properties->path, &properties->status) < 0)) {
		free(properties);
		return;
	}
	read_forks(properties);
	snprintf(title, sizeof(title), "%.60s", last_part(properties->path));
	properties->dialog = ui_dialog_open(files->ui, title, 480, 0, closed, properties);
	tabs = ui_tabs(properties->dialog);
	make_general_page(properties, ui_tabs_add(tabs, "General"));
	make_fork_page(properties, ui_tabs_add(tabs, "Forks"));
	row = ui_row(properties->dialog);
	ui_spacer(row);
	button = ui_button(row, "Close", UI_ICON_NONE);
	ui_button_set_primary(button, true);
	ui_on_action(button, close_dialog, properties);
	if (S_ISDIR(properties->status.st_mode) || S_ISREG(properties->status.st_mode))
		start_inquiry(files, properties);
}
