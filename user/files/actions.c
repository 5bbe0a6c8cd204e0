/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to files. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "files.h"

#define CLIP_TEXT_MAX ((4u << 20) - 1) /* the clipboard's, less its kind */

static void show_error(struct files *files, const char *title, const char *path)
{
	char text[PATH_MAX + 128];

	snprintf(text, sizeof(text), "%s: %s.", last_part(path), strerror(errno));
	ui_dialog_message(files->ui, UI_ICON_ERROR, title, text);
}

/* --- What is selected. --- */

char **selected_paths(struct files *files, size_t *count)
{
	size_t wanted = ui_table_selected_count(files->table), used = 0;
	char **paths = wanted ? calloc(wanted, sizeof(*paths)) : NULL;
	char path[PATH_MAX];

	for (size_t row = 0; paths && row < files->folder.row_count && used < wanted; row++)
		if (ui_table_is_selected(files->table, row) &&
		    join_path(path, files->path, folder_entry(&files->folder, row)->name))
			paths[used++] = copy_text(path);
	*count = used;
	return paths;
}

void free_paths(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}

/* The path of the only one, or of the one that keys act on. False: there is none. */
static bool current_path(struct files *files, char path[PATH_MAX])
{
	size_t row = ui_table_current(files->table);

	return row < files->folder.row_count && ui_table_selected_count(files->table) > 0 &&
	       join_path(path, files->path, folder_entry(&files->folder, row)->name);
}

/* --- Opening. --- */

static void start(struct files *files, const char *program, const char *path)
{
	const char *const arguments[] = { program, path, NULL };

	if (ui_start_program(arguments) < 0)
		show_error(files, "The program cannot be started", program);
}

/* True if the launcher knows the program: it has a window of its own. */
static bool has_window(const char *path)
{
	glob_t found;
	char line[PATH_MAX], command[PATH_MAX];
	bool result = false;

	if (glob("/usr/share/applications/*.app", 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !result; i++) {
		FILE *file = fopen(found.gl_pathv[i], "r");

		while (file && !result && fgets(line, sizeof(line), file))
			result = sscanf(line, "command %s", command) == 1 &&
				 strcmp(last_part(command), last_part(path)) == 0;
		if (file)
			fclose(file);
	}
	globfree(&found);
	return result;
}

void open_path(struct files *files, const char *path)
{
	struct stat status;
	enum kind kind;

	if (stat(path, &status) < 0) {
		show_error(files, "It cannot be opened", path);
		return;
	}
	kind = kind_of(last_part(path), status.st_mode);
	if (kind == KIND_FOLDER)
		go_to(files, path);
	else if (kind == KIND_IMAGE)
		start(files, "viewer", path);
	else if (kind == KIND_TEXT ||
		 (kind != KIND_PROGRAM && S_ISREG(status.st_mode) && is_text(path)))
		start(files, "editor", path);
	else if (kind == KIND_PROGRAM && access(path, X_OK) == 0)
		start(files, has_window(path) ? path : "terminal", has_window(path) ? NULL : path);
	else
		ui_dialog_message(
			files->ui, UI_ICON_INFO, last_part(path),
			"There is no program for files of this kind. Properties shows what "
			"is known of it.");
}

void open_selected(void *argument)
{
	struct files *files = argument;
	char path[PATH_MAX];

	if (current_path(files, path))
		open_path(files, path);
}

void edit_selected(void *argument)
{
	struct files *files = argument;
	char path[PATH_MAX];

	if (current_path(files, path))
		start(files, "editor", path);
}

/* --- Names. --- */

static bool name_is_good(struct files *files, const char *name)
{
	if (name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    strlen(name) <= NAME_MAX)
		return true;
	ui_dialog_message(files->ui, UI_ICON_WARNING, "Not a name",
			  "A name has at least one character, and no slash.");
	return false;
}

static void make_folder(void *argument, const char *name)
{
	struct files *files = argument;
	char path[PATH_MAX];

	if (!name_is_good(files, name) || !join_path(path, files->path, name))
		return;
	if (mkdir(path, 0777) < 0)
		show_error(files, "The folder cannot be made", path);
	else
		read_again(files, name);
}

void new_folder(void *argument)
{
	struct files *files = argument;

	ui_dialog_text(files->ui, "New folder", "Name", "New folder", "Make", make_folder, files);
}

/* What is being renamed: the selection may change meanwhile. */
static char renamed[PATH_MAX];

static void rename_to(void *argument, const char *name)
{
	struct files *files = argument;
	char path[PATH_MAX];

	if (strcmp(name, last_part(renamed)) == 0 || !name_is_good(files, name) ||
	    !join_path(path, files->path, name))
		return;
	/* Nothing is replaced by a slip. */
	if (rename_new(renamed, path) == 0)
		read_again(files, name);
	else
		show_error(files, "It cannot be renamed", errno == EEXIST ? path : renamed);
}

void rename_selected(void *argument)
{
	struct files *files = argument;

	if (current_path(files, renamed))
		ui_dialog_text(files->ui, "Rename", "New name", last_part(renamed), "Rename",
			       rename_to, files);
}

/* --- Deleting. --- */

struct deletion {
	struct files *files;
	char **paths;
	size_t count;
};

static void delete_answered(void *argument, int button)
{
	struct deletion *deletion = argument;

	if (button == 1)
		task_start(deletion->files, TASK_DELETE, deletion->paths, deletion->count, NULL);
	else
		free_paths(deletion->paths, deletion->count);
	free(deletion);
}

static bool folder_is_selected(const struct files *files)
{
	for (size_t row = 0; row < files->folder.row_count; row++)
		if (ui_table_is_selected(files->table, row) &&
		    folder_entry(&files->folder, row)->kind == KIND_FOLDER)
			return true;
	return false;
}

void delete_selected(void *argument)
{
	static const char *const buttons[] = { "Keep", "Delete" };
	struct files *files = argument;
	struct deletion *deletion = calloc(1, sizeof(*deletion));
	char title[NAME_MAX + 32];

	if (!deletion)
		return;
	deletion->files = files;
	deletion->paths = selected_paths(files, &deletion->count);
	if (!deletion->paths) {
		free(deletion);
		return;
	}
	if (deletion->count == 1)
		snprintf(title, sizeof(title), "Delete \u201c%.60s\u201d?",
			 last_part(deletion->paths[0]));
	else
		snprintf(title, sizeof(title), "Delete %zu items?", deletion->count);
	ui_dialog_question(files->ui, UI_ICON_WARNING, title,
			   folder_is_selected(files)
				   ? "Folders go with all that is in them. This cannot be undone."
				   : "This cannot be undone.",
			   buttons, 2, delete_answered, deletion);
}

/* --- Copy and paste. --- */

static void forget_clip(struct files *files)
{
	free_paths(files->clip, files->clip ? files->clip_count : 0);
	free(files->clip_text);
	files->clip = NULL;
	files->clip_count = 0;
	files->clip_text = NULL;
}

/* The paths as lines, for other programs. A name with a line feed cannot be told from two, and more than
 * the clipboard holds is refused: then there is no text. */
static char *text_of_paths(char *const *paths, size_t count)
{
	size_t length = 0, at = 0;
	char *text;

	for (size_t i = 0; i < count; i++) {
		if (strchr(paths[i], '\n'))
			return copy_text("");
		length += strlen(paths[i]) + 1;
	}
	if (length > CLIP_TEXT_MAX)
		return copy_text("");
	text = malloc(length + 1);
	for (size_t i = 0; text && i < count; i++) {
		size_t size = strlen(paths[i]);

		memcpy(text + at, paths[i], size);
		at += size;
		text[at++] = '\n';
	}
	if (text)
		text[at ? at - 1 : 0] = '\0';
	return text;
}

static void put_into_clip(struct files *files, bool cut)
{
	size_t count;
	char **paths = selected_paths(files, &count);

	if (!paths)
		return;
	forget_clip(files);
	files->clip = paths;
	files->clip_count = count;
	files->clip_cut = cut;
	files->clip_text = text_of_paths(paths, count);
	if (files->clip_text)
		ui_clipboard_set(files->ui, files->clip_text, strlen(files->clip_text));
}

void cut_selected(void *files)
{
	put_into_clip(files, true);
}

void copy_selected(void *files)
{
	put_into_clip(files, false);
}

static void cut_slashes(char *path)
{
	for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
		path[--length] = '\0';
}

/* Paths that another program, perhaps this one in another window, left: a line each. */
static char **paths_of_text(const char *text, size_t *count)
{
	char **paths = NULL;

	*count = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		char path[PATH_MAX];
		char **grown;

		if (text[0] != '/' || length >= sizeof(path))
			break;
		snprintf(path, sizeof(path), "%.*s", (int)length, text);
		cut_slashes(path);
		grown = realloc(paths, (*count + 1) * sizeof(*paths));
		if (!grown)
			break;
		paths = grown;
		paths[(*count)++] = copy_text(path);
		text += length + (text[length] == '\n');
	}
	return paths;
}

/* What was cut or copied here: never by its text, which may not tell all. What was cut is taken over. */
static char **own_paths(struct files *files, size_t *count)
{
	char **paths = files->clip;

	*count = files->clip_count;
	if (files->clip_cut) {
		files->clip = NULL;
		forget_clip(files);
		return paths;
	}
	paths = calloc(*count, sizeof(*paths));
	for (size_t i = 0; paths && i < *count; i++)
		paths[i] = copy_text(files->clip[i]);
	return paths;
}

void paste(void *argument)
{
	struct files *files = argument;
	size_t length, count = 0;
	char *text = ui_clipboard_get(files->ui, &length);
	bool own = files->clip && (!text || (files->clip_text && !strcmp(text, files->clip_text)));
	bool cut = own && files->clip_cut;
	char **paths = NULL;

	if (own)
		paths = own_paths(files, &count);
	else if (text)
		paths = paths_of_text(text, &count);
	if (paths)
		task_start(files, cut ? TASK_MOVE : TASK_COPY, paths, count, files->path);
	free(text);
}
