/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on snapshots and clones. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "mounted.h"
#include "show.h"

static int make_dataset(const struct call *call, const char *of, const char *name, bool writable)
{
	struct hmfs_dataset_info info = { .number = HMFS_DATASET_LIVE };
	struct tool_volume volume;
	uint32_t number;
	int error = 0;

	if (is_mounted(call->operands[0]))
		return mounted_snapshot(call, of, name, writable);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	if (of)
		error = hmfs_dataset_find(volume.volume, of, &info);
	if (error)
		return finish(&volume, path_failed(&volume, of, error));
	error = hmfs_snapshot(volume.volume, info.number, name, writable, &number);
	return finish(&volume, error ? path_failed(&volume, name, error) : 0);
}

static int run_create(const struct call *call)
{
	const char *of = call_has(call, CALL_OF) ? call->values[CALL_OF] : NULL;

	return make_dataset(call, of, call->operands[1], false);
}

static int run_clone(const struct call *call)
{
	if (call->count == 3)
		return make_dataset(call, call->operands[1], call->operands[2], true);
	return make_dataset(call, NULL, call->operands[1], true);
}

static int run_list(const struct call *call)
{
	struct hmfs_dataset_info info = { .number = 0 };
	struct tool_volume volume;
	int error;

	if (is_mounted(call->operands[0]))
		return mounted_snapshot_list(call);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	while ((error = hmfs_dataset_next(volume.volume, info.number + 1, &info)) == 0)
		show_dataset(call, info.name, info.flags & HMFS_DATASET_READ_ONLY, info.created,
			     info.objects);
	return finish(&volume, error == -ENOENT ? 0 : path_failed(&volume, "snapshots", error));
}

static int run_delete(const struct call *call)
{
	struct hmfs_dataset_info info;
	struct tool_volume volume;
	int i, error, status = 0;

	if (is_mounted(call->operands[0]))
		return mounted_snapshot_delete(call);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	for (i = 1; i < call->count; i++) {
		error = *call->operands[i]
				? hmfs_dataset_find(volume.volume, call->operands[i], &info)
				: -ENOENT;
		if (!error)
			error = hmfs_snapshot_delete(volume.volume, info.number);
		if (error)
			status = path_failed(&volume, call->operands[i], error);
	}
	if (tool_volume_settle(&volume))
		status = 1;
	return finish(&volume, status);
}

const struct command dataset_commands[] = {
	{ "snapshot create", "VOLUME NAME", "* keeps all as it is now, as /.snapshots/NAME", 2, 2,
	  TAKES(CALL_OF), run_create },
	{ "snapshot list", "VOLUME", "* lists snapshots and clones", 1, 1, TAKES(CALL_LONG),
	  run_list },
	{ "snapshot delete", "VOLUME NAME...", "* deletes snapshots or clones", 2, -1, 0,
	  run_delete },
	{ "clone", "VOLUME [SNAPSHOT] NAME",
	  "* makes a copy that can be written, as /.snapshots/NAME", 2, 3, 0, run_clone },
	{ .name = NULL },
};
