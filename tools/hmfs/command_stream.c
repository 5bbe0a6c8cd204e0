/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send and receive. */
#include <errno.h>
#include <fcntl.h>
#include <hmfs/stream.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "mounted.h"
#include "stream_file.h"

static int send_stream(const struct call *call, int file, const char *target)
{
	struct hmfs_dataset_info dataset, base = { .number = 0 };
	struct stream_file stream = { .file = file };
	struct tool_volume volume;
	int error;

	if (is_mounted(call->operands[0]))
		return mounted_send(call, file);
	/* Sending a stream of a volume that only is read needs no lock of its own. */
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_READ);
	error = hmfs_dataset_find(volume.volume, call->operands[1], &dataset);
	if (error)
		return finish(&volume, path_failed(&volume, call->operands[1], error));
	if (call_has(call, CALL_BASE))
		error = hmfs_dataset_find(volume.volume, call->values[CALL_BASE], &base);
	if (error)
		return finish(&volume, path_failed(&volume, call->values[CALL_BASE], error));
	error = hmfs_send(volume.volume, base.number, dataset.number, stream_file_write, &stream);
	progress_end();
	if (stream.failed)
		complain("%s: %s", target, strerror(-error));
	else if (error)
		path_failed(&volume, call->operands[1], error);
	return finish(&volume, error ? 1 : 0);
}

static int run_send(const struct call *call)
{
	const char *target = call->count > 2 ? call->operands[2] : "-";
	int file = STDOUT_FILENO, status;

	if (strcmp(target, "-") == 0)
		target = "standard output";
	else
		file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file < 0)
		die("%s: %s", target, strerror(errno));
	if (isatty(file))
		die("a stream is nothing for a terminal: name a file, or a pipe");
	status = send_stream(call, file, target);
	if (file != STDOUT_FILENO && close(file) < 0) {
		complain("%s: %s", target, strerror(errno));
		status = 1;
	}
	if (status && file != STDOUT_FILENO)
		unlink(target);
	return status;
}

static int receive_stream(const struct call *call, int file, const char *source)
{
	const char *name = call_has(call, CALL_NAME) ? call->values[CALL_NAME] : NULL;
	struct stream_file stream = { .file = file };
	struct tool_volume volume;
	struct stat status;
	int error;

	if (is_mounted(call->operands[0]))
		return mounted_receive(call, file);
	if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
		stream.total = (uint64_t)status.st_size;
	tool_volume_open(&volume, call->operands[0], FILE_DEVICE_WRITE);
	error = hmfs_receive(volume.volume, name, stream_file_read, &stream);
	progress_end();
	if (stream.failed)
		complain("%s: %s", source, strerror(-error));
	else if (error == -ENOENT)
		complain("%s: the snapshot that the stream builds on is not there", volume.path);
	else if (error == -EEXIST)
		complain("%s: there is a snapshot of that name (see --name)", volume.path);
	else if (error)
		complain_of(error, "%s: from %s", volume.path, source);
	return finish(&volume, error ? 1 : 0);
}

static int run_receive(const struct call *call)
{
	const char *source = call->count > 1 ? call->operands[1] : "-";
	int file = STDIN_FILENO, status;

	if (strcmp(source, "-") == 0)
		source = "standard input";
	else
		file = open(source, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		die("%s: %s", source, strerror(errno));
	if (isatty(file))
		die("a stream does not come from a terminal: name a file, or a pipe");
	status = receive_stream(call, file, source);
	if (file != STDIN_FILENO)
		close(file);
	return status;
}

const struct command stream_commands[] = {
	{ "send", "VOLUME SNAPSHOT [FILE]",
	  "* writes a snapshot as a stream, to standard output or FILE", 2, 3, TAKES(CALL_BASE),
	  run_send },
	{ "receive", "VOLUME [FILE]", "* makes a snapshot of a stream", 1, 2, TAKES(CALL_NAME),
	  run_receive },
	{ .name = NULL },
};
