/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on forks: fork list, get, set, rm; find. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "mounted.h"
#include "tree.h"

/* Opens the volume and finds the object of the first two operands: 0, or 1 after a message. */
static int open_object(const struct call *call, enum file_device_access access,
		       struct tool_volume *volume, struct hmfs_id *id)
{
	struct place place;
	int error;

	tool_volume_open(volume, call->operands[0], access);
	error = place_find(volume->volume, call->operands[1], false, &place);
	if (!error && (place.kind != PLACE_OBJECT || place.is_fork))
		error = -EOPNOTSUPP;
	if (error)
		return path_failed(volume, call->operands[1], error);
	*id = place.id;
	return 0;
}

static int fork_failed(const struct tool_volume *volume, const struct call *call, int error)
{
	complain_of(error, "%s: %s: fork %s", volume->path, printable(call->operands[1]),
		    printable(call->operands[2]));
	return 1;
}

static const char *type_text(uint8_t type)
{
	static const char *const texts[] = { "?", "user", "attribute", "computed" };

	return texts[type < array_length(texts) ? type : 0];
}

static int print_fork(struct tool_volume *volume, const struct call *call, struct hmfs_id of,
		      const struct name_entry *fork)
{
	struct hmfs_id id = { of.dataset, fork->object };
	struct hmfs_attributes attributes;
	int error;

	if (!call_has(call, CALL_LONG)) {
		puts(printable(fork->name));
		return 0;
	}
	error = hmfs_read_attributes(volume->volume, id, &attributes);
	if (error)
		return path_failed(volume, fork->name, error);
	printf("%-9s %10ju %s %s\n", type_text(fork->type), (uintmax_t)attributes.size,
	       time_text(attributes.modify), printable(fork->name));
	return 0;
}

static int run_list(const struct call *call)
{
	struct tool_volume volume;
	struct name_list forks;
	struct hmfs_id id;
	size_t i;
	int status = open_object(call, FILE_DEVICE_READ, &volume, &id), error;

	if (status)
		return finish(&volume, status);
	error = name_list_read(volume.volume, id, true, &forks);
	if (error)
		return finish(&volume, path_failed(&volume, call->operands[1], error));
	for (i = 0; i < forks.count; i++)
		status |= print_fork(&volume, call, id, &forks.entries[i]);
	name_list_free(&forks);
	return finish(&volume, status);
}

/* Forks that are computed on demand are stored then: the volume is opened again to be written. */
static int find_computed(const struct call *call, struct tool_volume *volume, struct hmfs_id *id,
			 struct hmfs_id *fork)
{
	const char *name = call->operands[2];
	int status = tool_volume_close(volume);

	if (status)
		return status;
	if (open_object(call, FILE_DEVICE_WRITE, volume, id))
		return -ENOENT;
	return place_find_fork(volume->volume, *id, name, strlen(name), fork);
}

static int run_get(const struct call *call)
{
	const char *name = call->operands[2];
	struct tool_volume volume;
	struct export export;
	struct hmfs_id id, fork;
	int status = open_object(call, FILE_DEVICE_READ, &volume, &id), error;

	if (status)
		return finish(&volume, status);
	error = place_find_fork(volume.volume, id, name, strlen(name), &fork);
	if (error == -EROFS)
		error = find_computed(call, &volume, &id, &fork);
	if (error)
		return finish(&volume, fork_failed(&volume, call, error));
	export_begin(&export, &volume);
	error = export_contents(&export, fork, STDOUT_FILENO, false, name, "standard output");
	status = error || export.failures ? 1 : 0;
	export_end(&export);
	return finish(&volume, status);
}

static int run_set(const struct call *call)
{
	const char *name = call->operands[2];
	struct tool_volume volume;
	struct import import;
	struct hmfs_id id, fork;
	int status = open_object(call, FILE_DEVICE_WRITE, &volume, &id), error;

	if (status)
		return finish(&volume, status);
	if (call->count > 3) {
		error = hmfs_fork_set(volume.volume, id, name, strlen(name), HMFS_FORK_USER,
				      call->operands[3], strlen(call->operands[3]), 0);
		return finish(&volume, error ? fork_failed(&volume, call, error) : 0);
	}
	error = hmfs_fork_open(volume.volume, id, name, strlen(name), HMFS_FORK_USER, true, &fork);
	if (error >= 0) {
		import_begin(&import, &volume);
		error = hmfs_resize(volume.volume, fork, 0);
		if (!error)
			error = import_stream(&import, STDIN_FILENO, fork);
		import_end(&import);
		hmfs_object_let_go(volume.volume, fork);
	}
	return finish(&volume, error ? fork_failed(&volume, call, error) : 0);
}

static int run_rm(const struct call *call)
{
	const char *name = call->operands[2];
	struct tool_volume volume;
	struct hmfs_id id;
	int status = open_object(call, FILE_DEVICE_WRITE, &volume, &id), error;

	if (status)
		return finish(&volume, status);
	error = hmfs_fork_remove(volume.volume, id, name, strlen(name), HMFS_FORK_USER);
	if (error == -ENOENT)
		error = hmfs_fork_remove(volume.volume, id, name, strlen(name),
					 HMFS_FORK_ATTRIBUTE);
	return finish(&volume, error ? fork_failed(&volume, call, error) : 0);
}

/* --- find --- */

static bool print_found(void *context, struct hmfs_id id)
{
	struct tool_volume *volume = context;
	char path[4096];

	hmfs_describe(volume->volume, id, path, sizeof(path));
	puts(printable(path));
	return true;
}

static int run_find(const struct call *call)
{
	char *name = copy_text(call->operands[1]), *value = strchr(name, '=');
	struct tool_volume volume;
	int error, status;

	if (value)
		*value++ = 0;
	if (is_mounted(call->operands[0])) {
		status = mounted_find(call, name, value);
		free(name);
		return status;
	}
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	error = hmfs_find(volume.volume, HMFS_DATASET_LIVE, name, strlen(name), value,
			  value ? strlen(value) : 0, print_found, &volume);
	status = error ? path_failed(&volume, name, error) : 0;
	free(name);
	return finish(&volume, status);
}

const struct command fork_commands[] = {
	{ "fork list", "VOLUME PATH", "lists the forks of a file or folder", 2, 2, TAKES(CALL_LONG),
	  run_list },
	{ "fork get", "VOLUME PATH NAME", "prints a fork; mime and checksum are made on demand", 3,
	  3, 0, run_get },
	{ "fork set", "VOLUME PATH NAME [VALUE]", "stores a fork, of VALUE or of standard input", 3,
	  4, 0, run_set },
	{ "fork rm", "VOLUME PATH NAME", "removes a fork", 3, 3, 0, run_rm },
	{ "find", "VOLUME NAME[=VALUE]", "* finds what has such a fork, by the index", 2, 2, 0,
	  run_find },
	{ .name = NULL },
};
