/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copying, moving and deleting, with a dialog that shows how far it is and can stop it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "files.h"
#include "worker.h"

#define SHOW_AFTER_MS 250 /* what is over by then gets no dialog */
#define UPDATE_MS     100
#define NUMBERS_MAX   10000

struct task {
	struct files *files;
	enum task_kind kind;
	char **paths;
	size_t count;
	char to[PATH_MAX];
	struct progress progress;
	char made[NAME_MAX + 1]; /* the first that was made, to be selected */
	struct ui_timer *timer;
	/* NULL: not shown (yet). */
	struct ui_widget *dialog, *bar, *label;
};

static const char *const titles[] = {
	[TASK_COPY] = "Copying",
	[TASK_MOVE] = "Moving",
	[TASK_DELETE] = "Deleting",
};

/* --- In the thread. --- */

static bool is_there(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A path in the folder `to` that is free: NAME, or "NAME (2).png". */
static bool free_path(const char *to, const char *name, char path[PATH_MAX])
{
	const char *dot = strrchr(name, '.');
	int stem = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
	char numbered[NAME_MAX + 1];

	if (!join_path(path, to, name))
		return false;
	for (unsigned i = 2; is_there(path); i++) {
		if (i > NUMBERS_MAX ||
		    snprintf(numbered, sizeof(numbered), "%.*s (%u)%s", stem, name, i,
			     name + stem) >= (int)sizeof(numbered) ||
		    !join_path(path, to, numbered))
			return false;
	}
	return true;
}

/* True if `folder` is one of those that `path` is in, or itself: by what they are, as names say little
 * (links, slashes at the end). */
static bool is_below(const char *path, const char *folder)
{
	char at[PATH_MAX];
	struct stat status, above;

	if (lstat(folder, &status) < 0 || !S_ISDIR(status.st_mode) || !realpath(path, at))
		return false;
	for (;;) {
		char *slash = strrchr(at, '/');

		if (stat(at, &above) == 0 && above.st_dev == status.st_dev &&
		    above.st_ino == status.st_ino)
			return true;
		if (!slash || !slash[1])
			return false;
		slash[slash == at] = '\0';
	}
}

static void fail(struct task *task, const char *path, int error)
{
	if (task->progress.error)
		return;
	task->progress.error = error;
	snprintf(task->progress.failed, PATH_MAX, "%s", path);
}

static void put_into(struct task *task, const char *from)
{
	char path[PATH_MAX], same[PATH_MAX];

	/* A folder cannot go into itself, and what is moved to where it is stays. */
	if (is_below(task->to, from)) {
		fail(task, from, EINVAL);
		return;
	}
	if (task->kind == TASK_MOVE && join_path(same, task->to, last_part(from)) &&
	    strcmp(same, from) == 0)
		return;
	if (!free_path(task->to, last_part(from), path)) {
		fail(task, from, ENAMETOOLONG);
		return;
	}
	if (!task->made[0])
		snprintf(task->made, sizeof(task->made), "%s", last_part(path));
	if (task->kind == TASK_COPY)
		copy_tree(from, path, &task->progress);
	else
		move_tree(from, path, &task->progress);
}

static void run(void *argument)
{
	struct task *task = argument;

	for (size_t i = 0; task->kind != TASK_DELETE && i < task->count; i++)
		count_tree(task->paths[i], &task->progress);
	task->progress.items = 0;
	for (size_t i = 0; i < task->count && !task->progress.cancelled; i++) {
		if (task->kind == TASK_DELETE)
			remove_tree(task->paths[i], &task->progress);
		else
			put_into(task, task->paths[i]);
	}
}

/* --- In the window. --- */

static void update(struct task *task)
{
	uint64_t bytes = task->progress.bytes, total = task->progress.total;
	char done[FORMAT_MAX], all[FORMAT_MAX];

	if (!task->dialog)
		return;
	if (task->kind == TASK_DELETE || !total) {
		ui_progress_set(task->bar, -1);
		ui_label_format(task->label, "%u items", task->progress.items);
		return;
	}
	format_size(bytes, done);
	format_size(total, all);
	ui_progress_set(task->bar, bytes >= total ? 1000 : (int)(bytes * 1000.0 / total));
	ui_label_format(task->label, "%s of %s", done, all);
}

static void cancel(void *argument)
{
	struct task *task = argument;

	task->progress.cancelled = true;
	ui_label_set_text(task->label, "Stopping\u2026");
}

/* Escape: the dialog goes, and the work stops. */
static void dialog_closed(void *argument)
{
	struct task *task = argument;

	task->dialog = NULL;
	task->progress.cancelled = true;
}

static void show(struct task *task)
{
	struct ui_widget *row, *button;

	task->dialog =
		ui_dialog_open(task->files->ui, titles[task->kind], 380, 0, dialog_closed, task);
	task->label = ui_label(task->dialog, "");
	ui_label_set_style(task->label, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_LEFT);
	task->bar = ui_progress(task->dialog);
	row = ui_row(task->dialog);
	ui_spacer(row);
	button = ui_button(row, "Cancel", UI_ICON_NONE);
	ui_on_action(button, cancel, task);
	update(task);
}

static void tick(void *argument)
{
	struct task *task = argument;

	if (!task->dialog && !task->progress.cancelled)
		show(task);
	else
		update(task);
	ui_timer_stop(task->timer);
	task->timer = ui_timer_start(task->files->ui, UPDATE_MS, true, tick, task);
}

static void done(void *argument)
{
	struct task *task = argument;
	struct files *files = task->files;
	char text[PATH_MAX + 128];
	int error = task->progress.error;

	files->tasks--;
	ui_timer_stop(task->timer);
	if (task->dialog)
		ui_dialog_close(task->dialog);
	read_again(files, task->made[0] && strcmp(task->to, files->path) == 0 ? task->made : NULL);
	if (error) {
		snprintf(text, sizeof(text), "%s: %s.", last_part(task->progress.failed),
			 error == EINVAL && task->kind != TASK_DELETE
				 ? "a folder cannot be put into itself"
				 : strerror(error));
		ui_dialog_message(files->ui, UI_ICON_ERROR, "Not everything could be done", text);
	}
	free_paths(task->paths, task->count);
	free(task);
}

void task_start(struct files *files, enum task_kind kind, char **paths, size_t count,
		const char *to)
{
	struct task *task = calloc(1, sizeof(*task));

	if (task) {
		*task = (struct task){
			.files = files, .kind = kind, .paths = paths, .count = count
		};
		snprintf(task->to, sizeof(task->to), "%s", to ? to : "");
		if (worker_start(files->ui, run, done, task)) {
			files->tasks++;
			task->timer = ui_timer_start(files->ui, SHOW_AFTER_MS, true, tick, task);
			return;
		}
	}
	ui_dialog_message(files->ui, UI_ICON_ERROR, titles[kind], strerror(errno));
	free_paths(paths, count);
	free(task);
}
