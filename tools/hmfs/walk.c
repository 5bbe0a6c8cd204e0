/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going through a tree of the system's. Folders that are left to do are in a list, the one found last
 * first; those of one folder in the order of their names. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "walk.h"

struct folder {
	struct folder *next;
	uint64_t made;
	char path[];
};

struct names {
	char **names;
	size_t count, room;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted. A negative errno. */
static int read_names(const char *path, struct names *names)
{
	const struct dirent *entry;
	DIR *stream = opendir(path);
	int error;

	*names = (struct names){ .count = 0 };
	if (!stream)
		return -errno;
	while (errno = 0, (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (names->count == names->room) {
			names->room = names->room ? 2 * names->room : 64;
			names->names = realloc(names->names, names->room * sizeof(char *));
			if (!names->names)
				die("out of memory");
		}
		names->names[names->count++] = copy_text(entry->d_name);
	}
	error = -errno;
	closedir(stream);
	if (names->count)
		qsort(names->names, names->count, sizeof(char *), compare);
	return error;
}

static void free_names(struct names *names)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
}

static struct folder *new_folder(const char *path, uint64_t made)
{
	struct folder *folder = allocate(sizeof(*folder) + strlen(path) + 1);

	strcpy(folder->path, path);
	folder->made = made;
	return folder;
}

/* Visits the names of one folder; its folders come to the front of `todo`, in order. */
static int visit_folder(const struct folder *folder, struct folder **todo, walk_visitor *visit,
			void *context, uint64_t *failures)
{
	struct names names;
	size_t i;
	int error = read_names(folder->path, &names);

	if (error) {
		complain_of(error, "%s", folder->path);
		(*failures)++;
		error = 0;
	}
	for (i = 0; i < names.count && !error; i++) {
		struct walk_entry entry = { .name = names.names[i], .folder = folder->made };
		const char *slash = folder->path[strlen(folder->path) - 1] == '/' ? "" : "/";
		char *path = format_text("%s%s%s", folder->path, slash, entry.name);
		uint64_t made = 0;

		entry.path = path;
		if (lstat(path, &entry.status) < 0) {
			complain_of(-errno, "%s", path);
			(*failures)++;
		} else {
			error = visit(context, &entry, &made);
			if (!error && S_ISDIR(entry.status.st_mode) && made) {
				struct folder *below = new_folder(path, made);

				below->next = *todo;
				*todo = below;
				todo = &below->next;
			}
		}
		free(path);
	}
	free_names(&names);
	return error;
}

int walk_tree(const char *path, uint64_t first, walk_visitor *visit, void *context,
	      uint64_t *failures)
{
	struct folder *todo = new_folder(path, first);
	int error = 0;

	while (todo) {
		struct folder *folder = todo;

		todo = folder->next;
		if (!error)
			error = visit_folder(folder, &todo, visit, context, failures);
		free(folder);
	}
	return error;
}
