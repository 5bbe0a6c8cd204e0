/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing. */
#include "linux.h"

#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/file.h>
#include <scheme/pipe.h>

#define OPEN_PERMISSIONS 07777

static int64_t open_at(int fd, uint64_t path, unsigned flags, uint32_t mode)
{
	struct linux_at at;
	struct file *file;
	int64_t result = linux_at_begin(&at, fd, path);

	if (result)
		return result;
	result = path_open(&at.walker, at.start, at.path, flags | FILE_LARGE,
			   mode & OPEN_PERMISSIONS & ~file_context_umask(), &file);
	linux_at_end(&at);
	if (result)
		return result;
	return fd_add(file, flags & FILE_CLOSE_ON_EXEC);
}

int64_t linux_open(const struct linux_call *call)
{
	return open_at(LINUX_AT_CWD, call->argument[0], linux_unsigned(call, 1),
		       linux_unsigned(call, 2));
}

int64_t linux_openat(const struct linux_call *call)
{
	return open_at(linux_int(call, 0), call->argument[1], linux_unsigned(call, 2),
		       linux_unsigned(call, 3));
}

int64_t linux_creat(const struct linux_call *call)
{
	return open_at(LINUX_AT_CWD, call->argument[0],
		       FILE_CREATE | FILE_WRITE_ONLY | FILE_TRUNCATE, linux_unsigned(call, 1));
}

/* openat2 with resolve flags would promise more than the walk does: refused. */
int64_t linux_openat2(const struct linux_call *call)
{
	struct linux_open_how how;
	int error;

	if (call->argument[3] < sizeof(how))
		return -EINVAL;
	if (call->argument[3] > sizeof(how))
		return -E2BIG;
	error = linux_get(&how, call->argument[2], sizeof(how));
	if (error)
		return error;
	if (how.resolve || how.flags > UINT32_MAX || how.mode & ~(uint64_t)OPEN_PERMISSIONS)
		return -EINVAL;
	return open_at(linux_int(call, 0), call->argument[1], (unsigned)how.flags,
		       (uint32_t)how.mode);
}

int64_t linux_close(const struct linux_call *call)
{
	return fd_close(linux_int(call, 0));
}

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

int64_t linux_close_range(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 2);

	if (linux_unsigned(call, 0) > linux_unsigned(call, 1) ||
	    (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		int error = process_unshare(true, false);

		if (error)
			return error;
	}
	fd_close_range(linux_unsigned(call, 0), linux_unsigned(call, 1),
		       flags & CLOSE_RANGE_CLOEXEC);
	return 0;
}

static int64_t make_pipe(uint64_t to, unsigned flags)
{
	struct file *reader, *writer;
	int fds[2] = { -1, -1 };
	int error;

	if (flags & ~(unsigned)(FILE_CLOSE_ON_EXEC | FILE_NONBLOCK | FILE_DIRECT))
		return -EINVAL;
	fds[0] = fd_reserve(0);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = fd_reserve(0);
	if (fds[1] < 0) {
		error = fds[1];
		goto err_first;
	}
	error = linux_put(to, fds, sizeof(fds));
	if (error)
		goto err_both;
	error = pipe_create(flags & (FILE_NONBLOCK | FILE_DIRECT),
			    (struct credentials *)credentials_current(), &reader, &writer);
	if (error)
		goto err_both;
	fd_install(fds[0], reader, flags & FILE_CLOSE_ON_EXEC);
	fd_install(fds[1], writer, flags & FILE_CLOSE_ON_EXEC);
	return 0;

err_both:
	fd_cancel(fds[1]);
err_first:
	fd_cancel(fds[0]);
	return error;
}

int64_t linux_pipe(const struct linux_call *call)
{
	return make_pipe(call->argument[0], 0);
}

int64_t linux_pipe2(const struct linux_call *call)
{
	return make_pipe(call->argument[0], linux_unsigned(call, 1));
}
