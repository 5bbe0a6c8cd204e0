/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list at the left: folders that people go to, and disks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

static void add_place(struct files *files, const char *name, const char *path, enum ui_icon icon)
{
	struct place *place = &files->places[files->place_count];

	if (files->place_count == PLACES_MAX || access(path, R_OK | X_OK) < 0)
		return;
	snprintf(place->name, sizeof(place->name), "%s", name);
	snprintf(place->path, sizeof(place->path), "%s", path);
	place->icon = icon;
	files->place_count++;
}

/* Blanks in paths are written as \040 there. */
static void decode(char *path)
{
	char *to = path;

	for (const char *from = path; *from; from++) {
		unsigned byte;

		if (*from == '\\' && sscanf(from + 1, "%3o", &byte) == 1) {
			*to++ = (char)byte;
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

static void add_disks(struct files *files)
{
	FILE *mounts = fopen("/proc/mounts", "r");
	char line[2 * PATH_MAX], device[256], path[1024];

	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%255s %1023s", device, path) != 2 || device[0] != '/' ||
		    strcmp(path, "/") == 0)
			continue;
		decode(path);
		add_place(files, last_part(path), path, UI_ICON_DISK);
	}
	if (mounts)
		fclose(mounts);
}

void read_places(struct files *files)
{
	const char *home = getenv("HOME");

	files->place_count = 0;
	if (home && strcmp(home, "/") != 0)
		add_place(files, "Home", home, UI_ICON_HOME);
	add_place(files, "Computer", "/", UI_ICON_DISK);
	add_place(files, "Programs", "/usr/bin", UI_ICON_FOLDER);
	add_place(files, "Shared", "/usr/share", UI_ICON_FOLDER);
	add_place(files, "Settings", "/etc", UI_ICON_SETTINGS);
	add_place(files, "Temporary", "/tmp", UI_ICON_CLOCK);
	add_disks(files);
	ui_table_set_rows(files->places_table, files->place_count, false);
	show_place(files);
}

/* The number of the place that is shown, or place_count. */
static size_t find_place(const struct files *files)
{
	size_t row = 0;

	while (row < files->place_count && strcmp(files->places[row].path, files->path) != 0)
		row++;
	return row;
}

void show_place(struct files *files)
{
	size_t row = find_place(files);

	ui_table_select(files->places_table, row < files->place_count ? row : UI_TABLE_NONE);
}

const char *place_name(const struct files *files)
{
	size_t row = find_place(files);

	return row < files->place_count ? files->places[row].name : last_part(files->path);
}
