/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The image viewer: viewer [FILE|FOLDER]. Arrow keys go through the pictures of the folder.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <ui.h>
#include <unistd.h>
#include <window.h>

#include "decode.h"
#include "image.h"
#include "picture_view.h"

#define NAMES_MAX 100000
#define PICTURES  "/usr/share/pictures" /* what is shown at first */

struct viewer {
	struct ui *ui;
	struct ui_widget *view, *bar, *status;
	struct ui_widget *name_label, *size_label, *zoom_label, *place_label;
	struct ui_widget *previous_button, *next_button;
	struct decode decode;
	struct ui_watch *watch;
	char folder[PATH_MAX];
	char **names; /* of the pictures in the folder, sorted */
	size_t count, current;
	bool full_screen;
};

static void show_zoom(void *argument)
{
	struct viewer *viewer = argument;

	int zoom = picture_view_zoom(viewer->view);

	if (zoom > 0)
		ui_label_format(viewer->zoom_label, "%d %%", zoom);
	else
		ui_label_set_text(viewer->zoom_label, "");
}

static void end_decoding(struct viewer *viewer)
{
	ui_watch_remove(viewer->watch);
	viewer->watch = NULL;
}

static void decoded_some(void *argument, int fd, short events)
{
	struct viewer *viewer = argument;
	struct decode *decode = &viewer->decode;

	(void)fd, (void)events;
	switch (decode_continue(decode)) {
	case DECODE_RUNS:
		return;
	case DECODE_DONE:
		ui_label_format(viewer->size_label, "%d × %d", decode->width, decode->height);
		picture_view_set_picture(viewer->view, decode->pixels, decode->width,
					 decode->height, decode->has_alpha);
		decode->pixels = NULL; /* the view has them now */
		break;
	case DECODE_FAILED:
		picture_view_set_message(viewer->view, "This file is no picture, or it is damaged");
		break;
	}
	end_decoding(viewer);
}

static void show_current(struct viewer *viewer)
{
	const char *name = viewer->current < viewer->count ? viewer->names[viewer->current] : "";
	char path[PATH_MAX + NAME_MAX + 2], title[NAME_MAX + 32];

	end_decoding(viewer);
	picture_view_set_picture(viewer->view, NULL, 0, 0, false);
	ui_label_set_text(viewer->size_label, "");
	ui_label_set_text(viewer->name_label, name);
	ui_widget_enable(viewer->previous_button, viewer->count > 1);
	ui_widget_enable(viewer->next_button, viewer->count > 1);
	if (!name[0]) {
		ui_set_title(viewer->ui, "Images");
		picture_view_set_message(viewer->view, "Open a picture with Ctrl+O");
		ui_label_set_text(viewer->place_label, "");
		return;
	}
	snprintf(title, sizeof(title), "%s – Images", name);
	ui_set_title(viewer->ui, title);
	ui_label_format(viewer->place_label, "%zu of %zu", viewer->current + 1, viewer->count);
	picture_view_set_message(viewer->view, "");
	snprintf(path, sizeof(path), "%s/%s", viewer->folder, name);
	if (decode_start(&viewer->decode, path, ui_window(viewer->ui)->fd) < 0)
		picture_view_set_message(viewer->view, strerror(errno));
	else
		viewer->watch =
			ui_watch_add(viewer->ui, viewer->decode.fd, POLLIN, decoded_some, viewer);
}

static int compare_names(const void *a, const void *b)
{
	return strcasecmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(struct viewer *viewer, const char *name)
{
	char **larger = realloc(viewer->names, (viewer->count + 1) * sizeof(*larger));

	if (!larger)
		return;
	viewer->names = larger;
	larger[viewer->count] = strdup(name);
	if (larger[viewer->count])
		viewer->count++;
}

/* Lists the pictures of the folder, and `name`, whatever it is. */
static void read_folder(struct viewer *viewer, const char *name)
{
	DIR *folder = opendir(viewer->folder);
	struct dirent *entry;
	bool found = !name[0];

	while (viewer->count > 0)
		free(viewer->names[--viewer->count]);
	while (folder && viewer->count < NAMES_MAX && (entry = readdir(folder))) {
		bool wanted = strcmp(entry->d_name, name) == 0;

		if (wanted || (entry->d_name[0] != '.' && image_has_name(entry->d_name)))
			add_name(viewer, entry->d_name);
		found |= wanted;
	}
	if (folder)
		closedir(folder);
	if (!found)
		add_name(viewer, name);
	if (viewer->count > 0)
		qsort(viewer->names, viewer->count, sizeof(*viewer->names), compare_names);
	viewer->current = 0;
	for (size_t i = 0; i < viewer->count; i++)
		if (strcmp(viewer->names[i], name) == 0)
			viewer->current = i;
}

static void open_path(void *argument, const char *path)
{
	struct viewer *viewer = argument;
	struct stat information;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (stat(path, &information) == 0 && S_ISDIR(information.st_mode)) {
		snprintf(viewer->folder, sizeof(viewer->folder), "%s", path);
		name = "";
	} else if (slash) {
		snprintf(viewer->folder, sizeof(viewer->folder), "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	} else {
		strcpy(viewer->folder, ".");
	}
	read_folder(viewer, name);
	show_current(viewer);
}

static void ask_for_file(void *argument)
{
	struct viewer *viewer = argument;

	ui_dialog_choose(viewer->ui, UI_CHOOSE_OPEN, viewer->folder, open_path, viewer);
}

static void go_by(struct viewer *viewer, size_t by)
{
	if (viewer->count < 2)
		return;
	viewer->current = (viewer->current + by) % viewer->count;
	show_current(viewer);
}

static void go_next(void *argument)
{
	go_by(argument, 1);
}

static void go_previous(void *argument)
{
	go_by(argument, ((struct viewer *)argument)->count - 1);
}

static void zoom_in(void *argument)
{
	picture_view_zoom_by(((struct viewer *)argument)->view, 1);
}

static void zoom_out(void *argument)
{
	picture_view_zoom_by(((struct viewer *)argument)->view, -1);
}

static void zoom_fit(void *argument)
{
	picture_view_zoom_fit(((struct viewer *)argument)->view);
}

static void zoom_one(void *argument)
{
	picture_view_zoom_one(((struct viewer *)argument)->view);
}

static void turn(void *argument)
{
	picture_view_turn(((struct viewer *)argument)->view);
}

static void set_full_screen(struct viewer *viewer, bool on)
{
	viewer->full_screen = on;
	ui_widget_show(viewer->bar, !on);
	ui_widget_show(viewer->status, !on);
	ui_set_full_screen(viewer->ui, on);
}

static void toggle_full_screen(void *argument)
{
	struct viewer *viewer = argument;

	set_full_screen(viewer, !viewer->full_screen);
}

static void leave_full_screen(void *argument)
{
	struct viewer *viewer = argument;

	if (viewer->full_screen)
		set_full_screen(viewer, false);
}

static void quit(void *argument)
{
	ui_quit(((struct viewer *)argument)->ui, 0);
}

static struct ui_widget *add_button(struct viewer *viewer, enum ui_icon icon, const char *tip,
				    ui_action action)
{
	struct ui_widget *button = ui_icon_button(viewer->bar, icon, tip);

	ui_on_action(button, action, viewer);
	return button;
}

static void build_bar(struct viewer *viewer, struct ui_widget *root)
{
	viewer->bar = ui_tool_bar(root);
	add_button(viewer, UI_ICON_OPEN, "Open (Ctrl+O)", ask_for_file);
	ui_separator(viewer->bar);
	viewer->previous_button =
		add_button(viewer, UI_ICON_BACK, "Previous picture (Left)", go_previous);
	viewer->next_button = add_button(viewer, UI_ICON_FORWARD, "Next picture (Right)", go_next);
	ui_spacer(viewer->bar);
	add_button(viewer, UI_ICON_ZOOM_OUT, "Smaller (-)", zoom_out);
	add_button(viewer, UI_ICON_ZOOM_IN, "Larger (+)", zoom_in);
	add_button(viewer, UI_ICON_ZOOM_FIT, "Fit to the window (0)", zoom_fit);
	add_button(viewer, UI_ICON_ZOOM_ONE, "Real size (1)", zoom_one);
	ui_separator(viewer->bar);
	add_button(viewer, UI_ICON_ROTATE, "Turn (R)", turn);
	add_button(viewer, UI_ICON_FULL_SCREEN, "Full screen (F11)", toggle_full_screen);
}

static void build_status(struct viewer *viewer, struct ui_widget *root)
{
	struct ui_widget *labels[4];

	viewer->status = ui_status_bar(root);
	labels[0] = viewer->name_label = ui_label(viewer->status, "");
	ui_spacer(viewer->status);
	labels[1] = viewer->size_label = ui_label(viewer->status, "");
	labels[2] = viewer->zoom_label = ui_label(viewer->status, "");
	labels[3] = viewer->place_label = ui_label(viewer->status, "");
	for (int i = 1; i < 4; i++)
		ui_label_set_style(labels[i], UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_RIGHT);
}

static void add_shortcuts(struct viewer *viewer)
{
	static const struct {
		unsigned modifiers, key;
		ui_action action;
	} keys[] = {
		{ 0, ORBITAL_KEY_LEFT, go_previous },
		{ 0, ORBITAL_KEY_PAGE_UP, go_previous },
		{ 0, ORBITAL_KEY_BACKSPACE, go_previous },
		{ 0, ORBITAL_KEY_RIGHT, go_next },
		{ 0, ORBITAL_KEY_PAGE_DOWN, go_next },
		{ 0, ORBITAL_KEY_SPACE, go_next },
		{ 0, ORBITAL_KEY_PAD_PLUS, zoom_in },
		{ 0, ORBITAL_KEY_EQUALS, zoom_in },
		{ UI_SHIFT, ORBITAL_KEY_EQUALS, zoom_in },
		{ 0, ORBITAL_KEY_PAD_MINUS, zoom_out },
		{ 0, ORBITAL_KEY_MINUS, zoom_out },
		{ 0, ORBITAL_KEY_0, zoom_fit },
		{ 0, ORBITAL_KEY_1, zoom_one },
		{ 0, ORBITAL_KEY_F11, toggle_full_screen },
		{ 0, ORBITAL_KEY_ESCAPE, leave_full_screen },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		ui_shortcut(viewer->ui, keys[i].modifiers, keys[i].key, keys[i].action, viewer);
	ui_shortcut_letter(viewer->ui, 0, 'r', turn, viewer);
	ui_shortcut_letter(viewer->ui, 0, 'f', toggle_full_screen, viewer);
	ui_shortcut_letter(viewer->ui, UI_CONTROL, 'o', ask_for_file, viewer);
	ui_shortcut_letter(viewer->ui, UI_CONTROL, 'q', quit, viewer);
}

int main(int count, char **arguments)
{
	struct viewer viewer = { 0 };
	struct ui_widget *root;
	int status;

	viewer.ui = ui_open(&(struct ui_options){ .title = "Images", .width = 800, .height = 600 });
	root = ui_root(viewer.ui);
	build_bar(&viewer, root);
	viewer.view = picture_view_create(root);
	build_status(&viewer, root);
	ui_on_action(viewer.view, show_zoom, &viewer);
	add_shortcuts(&viewer);
	ui_widget_focus(viewer.view);
	if (count > 1)
		open_path(&viewer, arguments[1]);
	else
		open_path(&viewer, access(PICTURES, F_OK) == 0 ? PICTURES : "/");
	status = ui_run(viewer.ui);
	decode_stop(&viewer.decode);
	while (viewer.count > 0)
		free(viewer.names[--viewer.count]);
	free(viewer.names);
	ui_close(viewer.ui);
	return status;
}
