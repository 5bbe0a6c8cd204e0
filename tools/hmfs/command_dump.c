/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dump: what is on disk, for those who look for faults. */
#include <errno.h>
#include <hmfs/dump.h>

#include "command.h"

static void print_line(void *context, const char *line)
{
	(void)context;
	puts(line);
}

/* A volume that cannot be mounted still has superblocks. */
static int run_dump(const struct call *call)
{
	struct tool_volume volume = { .path = call->operands[0] };
	struct hmfs_super super;
	int error;

	file_device_open(&volume.device, volume.path, FILE_DEVICE_READ);
	error = hmfs_dump_device(&volume.device.device, program_host(volume.path), print_line,
				 NULL);
	if (error == -EINVAL)
		die("%s: too small for an HMFS volume", volume.path);
	if (!error)
		error = hmfs_probe(&volume.device.device, program_host(volume.path), &super);
	if (error == -EINVAL)
		die("%s: no HMFS volume", volume.path);
	if (error)
		die_of(error, "%s", volume.path);
	tool_volume_mount(&volume, FILE_DEVICE_READ);
	error = hmfs_dump_maps(volume.volume, call_has(call, CALL_ALL), print_line, NULL);
	return finish(&volume, error ? path_failed(&volume, "maps", error) : 0);
}

const struct command dump_commands[] = {
	{ "dump", "VOLUME",
	  "shows superblocks, root records and segments, with -a all records of all maps", 1, 1,
	  TAKES(CALL_ALL), run_dump },
	{ .name = NULL },
};
