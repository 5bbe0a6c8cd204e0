/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on volumes as a whole: info, df, label, scrub, grow, trim. */
#include <errno.h>
#include <hmfs/check.h>
#include <string.h>

#include "command.h"
#include "mounted.h"
#include "show.h"

static int run_info(const struct call *call)
{
	struct tool_volume volume;
	struct hmfs_ioctl_info info;

	if (is_mounted(call->operands[0]))
		return mounted_info(call);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	gather_info(&volume, &info);
	show_info(call->operands[0], &info);
	return finish(&volume, 0);
}

static int run_df(const struct call *call)
{
	struct tool_volume volume;
	struct hmfs_ioctl_info info;

	if (is_mounted(call->operands[0]))
		return mounted_df(call);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	gather_info(&volume, &info);
	show_space(call, &info);
	return finish(&volume, 0);
}

static int run_label(const struct call *call)
{
	struct tool_volume volume;
	struct hmfs_ioctl_info info;
	int error;

	if (is_mounted(call->operands[0]))
		return mounted_label(call);
	tool_volume_open(&volume, call->operands[0],
			 call->count > 1 ? FILE_DEVICE_WRITE : FILE_DEVICE_READ);
	if (call->count == 1) {
		gather_info(&volume, &info);
		puts(printable(info.label));
		return finish(&volume, 0);
	}
	if (strlen(call->operands[1]) >= sizeof(info.label))
		error = -ENAMETOOLONG;
	else
		error = hmfs_set_label(volume.volume, call->operands[1]);
	return finish(&volume, error ? path_failed(&volume, "label", error) : 0);
}

/* What a scrub found. */
struct scrub_count {
	const char *path;
	uint64_t problems, healed;
};

static void print_problem(void *context, const char *line, bool repaired)
{
	struct scrub_count *count = context;

	progress_end();
	printf("%s: %s%s\n", count->path, line, repaired ? " (healed)" : "");
	count->problems++;
	count->healed += repaired;
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	progress("scrubbing", done, total);
}

static int run_scrub(const struct call *call)
{
	struct scrub_count count = { .path = call->operands[0] };
	struct hmfs_report report = { print_problem, show_progress, &count };
	struct hmfs_scrub_position position = { .dataset = 0 };
	struct tool_volume volume;
	int error;

	if (is_mounted(call->operands[0]))
		return mounted_scrub(call);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	while ((error = hmfs_scrub_step(volume.volume, &position, &report)) == 1)
		progress("scrubbing", position.done, position.total);
	progress_end();
	if (error)
		return finish(&volume, path_failed(&volume, "scrub", error));
	show_scrub(call->operands[0], position.done, count.problems, count.healed);
	return finish(&volume, count.problems > count.healed);
}

/* A file grows first, if a size is given; a disk or partition has grown already. */
static int run_grow(const struct call *call)
{
	struct tool_volume volume;
	struct hmfs_ioctl_info info;
	uint64_t bytes = 0;
	int error = 0;

	if (is_mounted(call->operands[0]))
		return mounted_grow(call);
	if (call->count > 1 && !parse_size(call->operands[1], &bytes))
		die_of_usage("\"%s\" is no size", call->operands[1]);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	if (bytes && volume.device.is_block)
		error = -EOPNOTSUPP;
	else if (bytes && bytes < hmfs_super_of(volume.volume)->blocks * HMFS_BLOCK_SIZE)
		error = -ERANGE; /* volumes do not shrink */
	else if (bytes && bytes > volume.device.bytes)
		error = file_device_resize(&volume.device, bytes);
	if (error == -ERANGE)
		complain("%s: has %s already; volumes do not shrink", volume.path,
			 size_text(hmfs_super_of(volume.volume)->blocks * HMFS_BLOCK_SIZE));
	else if (error)
		path_failed(&volume, call->operands[1], error);
	if (error)
		return finish(&volume, 1);
	error = hmfs_grow(volume.volume);
	if (error)
		return finish(&volume, path_failed(&volume, "grow", error));
	gather_info(&volume, &info);
	printf("%s: %s\n", volume.path, size_text(info.blocks * HMFS_BLOCK_SIZE));
	return finish(&volume, 0);
}

static int run_trim(const struct call *call)
{
	struct tool_volume volume;
	uint64_t minimum = HMFS_BLOCK_SIZE, trimmed = 0;
	int error;

	if (call_has(call, CALL_MINIMUM) && !parse_size(call->values[CALL_MINIMUM], &minimum))
		die_of_usage("--minimum: \"%s\" is no size", call->values[CALL_MINIMUM]);
	if (is_mounted(call->operands[0]))
		return mounted_trim(call, minimum);
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	error = hmfs_trim(volume.volume, max_u64(minimum / HMFS_BLOCK_SIZE, 1), &trimmed);
	if (error)
		return finish(&volume, path_failed(&volume, "trim", error));
	printf("%s: %s trimmed\n", volume.path, size_text(trimmed * HMFS_BLOCK_SIZE));
	return finish(&volume, 0);
}

const struct command volume_commands[] = {
	{ "info", "VOLUME", "* tells what the volume is", 1, 1, 0, run_info },
	{ "df", "VOLUME", "* tells its space", 1, 1, TAKES(CALL_BYTES), run_df },
	{ "label", "VOLUME [TEXT]", "* shows or sets the label", 1, 2, 0, run_label },
	{ "scrub", "VOLUME", "* reads and verifies all there is, heals what it can", 1, 1, 0,
	  run_scrub },
	{ "grow", "VOLUME [SIZE]", "* uses all of the disk, or makes the image SIZE large", 1, 2, 0,
	  run_grow },
	{ "trim", "VOLUME", "* gives free space back to the disk, or makes holes of it", 1, 1,
	  TAKES(CALL_MINIMUM), run_trim },
	{ .name = NULL },
};
