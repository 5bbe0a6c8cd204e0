/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on contents: get, put, cat, cp. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "tree.h"

/* The last name of a path: *length of it; "" for "/". */
static const char *last_name(const char *path, size_t *length)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	*length = end - start;
	return path + start;
}

/* --- get, cat --- */

static int print_contents(struct tool_volume *volume, const char *path)
{
	struct export export;
	struct place place;
	int error = place_find(volume->volume, path, true, &place);

	if (!error && is_folder(&place))
		error = -EISDIR;
	if (!error && place.type != TYPE_FILE)
		error = -EINVAL;
	if (error)
		return path_failed(volume, path, error);
	export_begin(&export, volume);
	error = export_contents(&export, place.id, STDOUT_FILENO, false, path, "standard output");
	export_end(&export);
	return error || export.failures ? 1 : 0;
}

static int run_cat(const struct call *call)
{
	struct tool_volume volume;
	int i, status = 0;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	for (i = 1; i < call->count; i++)
		status |= print_contents(&volume, call->operands[i]);
	return finish(&volume, status);
}

/* Where `path` is to be written: in the folder `target`, or as it. */
static char *target_of(const char *path, const char *target)
{
	struct stat status;
	size_t length;
	const char *name = last_name(path, &length);

	if (length == 0 || stat(target, &status) < 0 || !S_ISDIR(status.st_mode))
		return copy_text(target);
	return format_text("%s/%.*s", target, (int)length, name);
}

static int get_one(struct tool_volume *volume, const char *path, const char *target)
{
	struct export export;
	struct place place;
	char *file;
	int error;

	if (strcmp(target, "-") == 0)
		return print_contents(volume, path);
	error = place_find(volume->volume, path, false, &place);
	if (!error && place.kind != PLACE_OBJECT)
		error = -EISDIR;
	if (error)
		return path_failed(volume, path, error);
	file = target_of(path, target);
	export_begin(&export, volume);
	error = export_tree(&export, &place, file);
	export_end(&export);
	free(file);
	return error || export.failures ? 1 : 0;
}

static int run_get(const struct call *call)
{
	const char *target = call->count > 2 ? call->operands[call->count - 1] : ".";
	int i, last = call->count > 2 ? call->count - 1 : call->count, status = 0;
	struct tool_volume volume;
	struct stat folder;

	if (call->count > 3 && strcmp(target, "-") != 0 &&
	    (stat(target, &folder) < 0 || !S_ISDIR(folder.st_mode)))
		die("%s: is no folder, as several files need one", target);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	for (i = 1; i < last; i++)
		status |= get_one(&volume, call->operands[i], target);
	return finish(&volume, status);
}

/* --- put --- */

/* Makes room for `name`: a file of that name goes, a folder does not. */
static int clear_name(struct tool_volume *volume, struct hmfs_id folder, const char *name,
		      size_t length)
{
	struct hmfs_id old;
	uint8_t type;
	int error = place_name_allowed(folder, name, length);

	if (error)
		return error;
	error = hmfs_lookup(volume->volume, folder, name, length, &old, &type);
	if (error)
		return error == -ENOENT ? 0 : error;
	if (type == TYPE_FOLDER)
		return -EISDIR;
	return hmfs_unlink(volume->volume, folder, name, length);
}

static int put_stream(struct import *import, struct hmfs_id folder, const char *name)
{
	struct hmfs_template like = { .mode = S_IFREG | 0644, .uid = getuid(), .gid = getgid() };
	struct hmfs_volume *volume = import->volume->volume;
	struct hmfs_id made;
	int error = hmfs_create(volume, folder, name, strlen(name), &like, &made);

	if (error)
		return error;
	error = import_stream(import, STDIN_FILENO, made);
	hmfs_object_let_go(volume, made);
	if (error)
		(void)!hmfs_unlink(volume, folder, name, strlen(name));
	return error;
}

/* Replaces the contents of a fork. */
static int put_fork(struct import *import, const char *source, struct hmfs_id of, const char *name)
{
	struct hmfs_volume *volume = import->volume->volume;
	FILE *stream = strcmp(source, "-") == 0 ? stdin : fopen(source, "re");
	struct hmfs_id fork;
	int error;

	if (!stream)
		return complain_of(-errno, "%s", printable(source));
	error = hmfs_fork_open(volume, of, name, strlen(name), HMFS_FORK_USER, true, &fork);
	if (error >= 0) {
		error = hmfs_resize(volume, fork, 0);
		if (!error)
			error = import_stream(import, fileno(stream), fork);
		hmfs_object_let_go(volume, fork);
	}
	if (stream != stdin)
		fclose(stream);
	if (error < 0)
		path_failed(import->volume, name, error);
	return error < 0 ? error : 0;
}

static int put_one(struct import *import, const char *source, const struct place *folder,
		   const char *new_name, size_t new_length)
{
	char *name = format_text("%.*s", (int)new_length, new_name);
	bool is_stream = strcmp(source, "-") == 0;
	int error;

	if (folder->kind == PLACE_FORKS) {
		error = put_fork(import, source, folder->id, name);
		free(name);
		return error ? 1 : 0;
	}
	error = folder->kind == PLACE_OBJECT
			? clear_name(import->volume, folder->id, name, new_length)
			: -EPERM;
	if (!error && is_stream)
		error = put_stream(import, folder->id, name);
	if (error)
		path_failed(import->volume, name, error);
	else if (!is_stream)
		error = import_tree(import, source, folder->id, name, false);
	free(name);
	return error ? 1 : 0;
}

/* Into the folder that the last operand names, or as that. */
static int put_all(struct import *import, const struct call *call)
{
	const char *target = call->operands[call->count - 1], *name;
	struct hmfs_volume *volume = import->volume->volume;
	size_t length;
	struct place place;
	int error = place_find(volume, target, true, &place), i, status = 0;
	bool into = !error && is_folder(&place);

	if (!into && call->count > 3)
		return path_failed(import->volume, target, error ? error : -ENOTDIR);
	if (!into) {
		error = place_find_parent(volume, target, &place, &name, &length);
		if (error)
			return path_failed(import->volume, target, error);
		return put_one(import, call->operands[1], &place, name, length);
	}
	for (i = 1; i < call->count - 1; i++) {
		struct stat status_of;
		char *path = NULL;

		name = last_name(call->operands[i], &length);
		/* "." and ".." are folders with a name elsewhere. */
		if ((length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) &&
		    stat(call->operands[i], &status_of) == 0) {
			path = realpath(call->operands[i], NULL);
			name = last_name(path ? path : "", &length);
		}
		if (length == 0 || (strcmp(name, "-") == 0 && length == 1)) {
			complain("%s: which name it gets in %s must be said", call->operands[i],
				 printable(target));
			status = 1;
		} else {
			status |= put_one(import, call->operands[i], &place, name, length);
		}
		free(path);
	}
	return status;
}

static int run_put(const struct call *call)
{
	struct tool_volume volume;
	struct import import;
	int i, status;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	import_begin(&import, &volume);
	for (i = 1; i < call->count - 1; i++) {
		struct stat source;
		struct tree_size size;

		if (stat(call->operands[i], &source) < 0 || !isatty(STDERR_FILENO))
			continue;
		if (!S_ISDIR(source.st_mode))
			import.total += (uint64_t)source.st_size;
		else if (tree_measure(call->operands[i], import.skip_device, import.skip_inode,
				      &size) == 0)
			import.total += size.bytes + size.names;
	}
	status = put_all(&import, call);
	import_end(&import);
	/* What was replaced, or did not fit. */
	if (import.failures || tool_volume_settle(&volume))
		status = 1;
	return finish(&volume, status);
}

/* --- cp: shares blocks --- */

static int clone_forks(struct tool_volume *volume, struct hmfs_id from, struct hmfs_id to)
{
	struct name_list forks;
	struct hmfs_attributes attributes;
	size_t i;
	int error = name_list_read(volume->volume, from, true, &forks);

	for (i = 0; !error && i < forks.count; i++) {
		const struct name_entry *fork = &forks.entries[i];
		struct hmfs_id old = { from.dataset, fork->object }, new;

		if (fork->type == HMFS_FORK_COMPUTED)
			continue;
		error = hmfs_fork_open(volume->volume, to, fork->name, strlen(fork->name),
				       fork->type, true, &new);
		if (error < 0)
			break;
		error = hmfs_read_attributes(volume->volume, old, &attributes);
		if (!error && attributes.size)
			error = hmfs_clone_range(volume->volume, old, 0, new, 0, attributes.size);
		hmfs_object_let_go(volume->volume, new);
	}
	name_list_free(&forks);
	return error < 0 ? error : 0;
}

static int clone_file(struct tool_volume *volume, struct hmfs_id from, struct hmfs_id folder,
		      const char *name, size_t length)
{
	struct hmfs_attributes attributes;
	struct hmfs_template like;
	struct hmfs_id made;
	int error = hmfs_read_attributes(volume->volume, from, &attributes);

	if (error)
		return error;
	if (!S_ISREG(attributes.mode))
		return -EINVAL;
	like = (struct hmfs_template){ .mode = attributes.mode,
				       .uid = attributes.uid,
				       .gid = attributes.gid };
	error = clear_name(volume, folder, name, length);
	if (!error)
		error = hmfs_create(volume->volume, folder, name, length, &like, &made);
	if (error)
		return error;
	if (attributes.size)
		error = hmfs_clone_range(volume->volume, from, 0, made, 0, attributes.size);
	if (!error)
		error = clone_forks(volume, from, made);
	if (!error)
		error = hmfs_set_attributes(volume->volume, made, HMFS_SET_ACCESS | HMFS_SET_MODIFY,
					    &attributes);
	hmfs_object_let_go(volume->volume, made);
	if (error)
		(void)!hmfs_unlink(volume->volume, folder, name, length);
	return error;
}

static int run_cp(const struct call *call)
{
	const char *source = call->operands[1], *target = call->operands[2], *name;
	struct tool_volume volume;
	struct place from, to;
	size_t length;
	int error;

	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	error = place_find(volume.volume, source, true, &from);
	if (!error && is_folder(&from))
		error = -EISDIR;
	if (error)
		return finish(&volume, path_failed(&volume, source, error));
	error = place_find(volume.volume, target, true, &to);
	if (!error && to.kind == PLACE_OBJECT && is_folder(&to))
		name = last_name(source, &length);
	else
		error = place_find_parent(volume.volume, target, &to, &name, &length);
	if (!error && to.kind != PLACE_OBJECT)
		error = -EPERM;
	if (!error)
		error = clone_file(&volume, from.id, to.id, name, length);
	return finish(&volume, error ? path_failed(&volume, target, error) : 0);
}

const struct command copy_commands[] = {
	{ "get", "VOLUME PATH... [TARGET]",
	  "copies files and whole folders out, with all they have; TARGET - is standard output", 2,
	  -1, 0, run_get },
	{ "put", "VOLUME SOURCE... PATH",
	  "copies files and whole folders in, with all they have; SOURCE - is standard input", 3,
	  -1, 0, run_put },
	{ "cat", "VOLUME PATH...", "prints contents", 2, -1, 0, run_cat },
	{ "cp", "VOLUME PATH NEW", "copies a file with its forks; the copy shares its blocks", 3, 3,
	  0, run_cp },
	{ .name = NULL },
};
