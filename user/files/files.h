/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file manager's parts and what they share. */
#pragma once

#include <limits.h>
#include <ui.h>

#include "folder.h"
#include "format.h"

#define HISTORY_MAX 64
#define PLACES_MAX  16

struct place {
	char name[64];
	char path[PATH_MAX];
	enum ui_icon icon;
};

struct files {
	struct ui *ui;
	char path[PATH_MAX]; /* of the folder that is shown */
	struct folder folder;
	enum order order;
	bool descending, hidden, icons;

	/* Folders that were left, by Back and by Forward: the last one left is at the end. */
	char *back[HISTORY_MAX], *forward[HISTORY_MAX];
	unsigned back_count, forward_count;

	struct place places[PLACES_MAX];
	unsigned place_count;

	/* What was cut or copied: paths. `clip_text` is what went to the clipboard. */
	char **clip;
	size_t clip_count;
	bool clip_cut;
	char *clip_text;

	unsigned tasks; /* that run */

	struct ui_widget *back_button, *forward_button, *up_button, *view_button;
	struct ui_widget *path_stack, *crumbs, *path_field, *search, *table, *places_table;
	struct ui_widget *status, *room;
};

/* Ends the program where there is no memory. */
char *copy_text(const char *text);

/* --- Going from folder to folder (navigate.c). --- */

/* Shows the folder `path`; stays where it is, with a message, if that cannot be read. */
void go_to(struct files *files, const char *path);
void go_back(void *files);
void go_forward(void *files);
void go_up(void *files);
void go_home(void *files);
/* Reads the folder again; the selection stays, by name, or is the entry `select` (may be NULL). */
void read_again(struct files *files, const char *select);
void refresh(void *files);
/* Sorts and filters again. */
void arrange(struct files *files);
void show_path_field(void *files);
/* The row at the bottom: what there is, and what is selected. */
void update_status(struct files *files);
void read_places(struct files *files);
/* Marks the place that is shown, if it is one. */
void show_place(struct files *files);
/* What the folder is called: as a place, or by its name. */
const char *place_name(const struct files *files);

/* --- What is done to files (actions.c). --- */

/* Shows a folder, or starts the program for a file. */
void open_path(struct files *files, const char *path);
void open_selected(void *files);
void edit_selected(void *files);
void new_folder(void *files);
void rename_selected(void *files);
void delete_selected(void *files);
void cut_selected(void *files);
void copy_selected(void *files);
void paste(void *files);
/* The paths of what is selected, to be freed by free_paths(); NULL: nothing is. */
char **selected_paths(struct files *files, size_t *count);
void free_paths(char **paths, size_t count);

/* --- Long work with its progress (task.c). --- */

enum task_kind {
	TASK_COPY,
	TASK_MOVE,
	TASK_DELETE,
};

/* Copies or moves `paths` (taken over) into the folder `to`, or deletes them. Names that are there
 * already get numbers. The folder is read again at the end. */
void task_start(struct files *files, enum task_kind kind, char **paths, size_t count,
		const char *to);

/* --- Properties (properties.c). --- */

/* Of what is selected, or of the folder itself. */
void show_properties(void *files);
