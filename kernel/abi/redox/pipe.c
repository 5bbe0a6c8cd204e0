/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pipes. Scheme `pipe:` is only there by name: its files are made by pipe2. */
#include "redox.h"

#include <proc/process.h>
#include <scheme/pipe.h>

#define PIPE_PERMISSIONS 0666

/* Puts both into the table, or neither; takes over the references. */
static int64_t add_ends(struct file *reader, struct file *writer, bool close_on_exec, uint64_t to)
{
	uint64_t ends[2];
	int first = fd_reserve(0), second, error;

	second = first < 0 ? first : fd_reserve(0);
	if (second < 0) {
		error = second;
		goto err_first;
	}
	ends[0] = (uint64_t)first;
	ends[1] = (uint64_t)second;
	error = redox_put(to, ends, sizeof(ends));
	if (error)
		goto err_second;
	fd_install(first, reader, close_on_exec);
	fd_install(second, writer, close_on_exec);
	return 0;

err_second:
	fd_cancel(second);
err_first:
	if (first >= 0)
		fd_cancel(first);
	file_put(reader);
	file_put(writer);
	return error;
}

int64_t redox_pipe2(const struct redox_call *call)
{
	uint64_t to = call->argument[0], flags = call->argument[1];
	struct credentials *credentials = user_thread_current()->credentials;
	struct file *reader, *writer;
	int error = redox_check_user(to, 2 * sizeof(uint64_t), true);

	if (!error)
		error = pipe_create(flags & REDOX_O_NONBLOCK ? FILE_NONBLOCK : 0, credentials,
				    &reader, &writer);
	if (error)
		return error;
	/* Nobody sees the node yet. */
	reader->node->mode = MODE_FIFO | PIPE_PERMISSIONS;
	return add_ends(reader, writer, flags & REDOX_O_CLOEXEC, to);
}

static int pipe_scheme_open(struct scheme *scheme, const struct scheme_request *request,
			    struct file **file)
{
	(void)scheme;
	(void)request;
	(void)file;
	return -ENOENT;
}

static int pipe_start(void)
{
	static const struct scheme_ops ops = { .open = pipe_scheme_open };

	return scheme_start_opaque("pipe", &ops, 0);
}

SCHEME(pipe) = { .name = "pipe", .level = 20, .start = pipe_start };
