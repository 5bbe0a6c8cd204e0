/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes that processes provide, by name: opening, removing, changing modes. */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <proc/process.h>

/* Linux's open flags as Redox's. */
static const struct {
	unsigned file;
	uint64_t redox;
} flag_pairs[] = {
	{ FILE_NONBLOCK, REDOX_O_NONBLOCK },  { FILE_APPEND, REDOX_O_APPEND },
	{ FILE_ASYNC, REDOX_O_ASYNC },        { FILE_DSYNC, REDOX_O_FSYNC },
	{ FILE_CREATE, REDOX_O_CREAT },       { FILE_TRUNCATE, REDOX_O_TRUNC },
	{ FILE_EXCLUSIVE, REDOX_O_EXCL },     { FILE_DIRECTORY, REDOX_O_DIRECTORY },
	{ FILE_NO_FOLLOW, REDOX_O_NOFOLLOW }, { FILE_CLOSE_ON_EXEC, REDOX_O_CLOEXEC },
};

static uint64_t open_flags(const struct scheme_request *request)
{
	static const uint64_t access[] = { REDOX_O_RDONLY, REDOX_O_WRONLY, REDOX_O_RDWR, 0 };
	uint64_t flags;

	if (request->redox_flags)
		return request->redox_flags;
	if (request->look_up)
		return REDOX_O_STAT | REDOX_O_NOFOLLOW | REDOX_O_CLOEXEC;
	if (request->link)
		return REDOX_O_RDONLY | REDOX_O_SYMLINK | REDOX_O_CLOEXEC;
	flags = access[request->flags & FILE_ACCESS];
	for (size_t i = 0; i < array_length(flag_pairs); i++) {
		if (request->flags & flag_pairs[i].file)
			flags |= flag_pairs[i].redox;
	}
	if (request->flags & FILE_CREATE)
		flags |= request->mode & MODE_PERMISSIONS;
	return flags;
}

/* Sends a call whose first argument is the path of `what`; as request_run(). */
static int path_call(struct scheme *scheme, const struct scheme_request *what,
		     struct request **request, uint64_t *value)
{
	struct io path;
	const struct request_data data = { .in = &path };

	(*request)->packet.c = what->length;
	(*request)->has_buffer = (*request)->path = true;
	io_init_kernel(&path, what->path, what->length);
	return request_run(scheme->private, request, &data, value);
}

static int user_scheme_open(struct scheme *scheme, const struct scheme_request *request,
			    struct file **file)
{
	struct user_file *made = user_file_prepare(scheme);
	uint64_t number;
	int error;

	if (!made)
		return -ENOMEM;
	/* What opens the file will close it. */
	made->closing->packet.a = CALL_OPEN;
	made->closing->packet.d = open_flags(request);
	error = path_call(scheme, request, &made->closing, &number);
	if (made->closing)
		buffer_release(scheme->private, &made->closing->buffer);
	if (error) {
		user_file_discard(made);
		return error;
	}
	made->looked_at = request->look_up;
	return user_file_open(made, number, request->flags, request->credentials, file);
}

/* The same where the answer is a small number. */
static int simple_path_call(struct scheme *scheme, const struct scheme_request *what, uint64_t call,
			    uint64_t argument)
{
	struct request *request = request_create(call, 0, 0, argument);
	uint64_t value;
	int error;

	if (!request)
		return -ENOMEM;
	error = path_call(scheme, what, &request, &value);
	if (request)
		request_free(scheme->private, request);
	if (error)
		return error;
	return value <= INT32_MAX ? (int)value : -EIO;
}

static int user_scheme_remove(struct scheme *scheme, const struct scheme_request *request,
			      bool directory)
{
	return simple_path_call(scheme, request, directory ? CALL_RMDIR : CALL_UNLINK, 0);
}

static int user_scheme_change_mode(struct scheme *scheme, const struct scheme_request *request)
{
	return simple_path_call(scheme, request, CALL_CHMOD, request->mode);
}

static void user_scheme_release(struct scheme *scheme)
{
	provider_put(scheme->private);
}

const struct scheme_ops user_scheme_ops = {
	.open = user_scheme_open,
	.remove = user_scheme_remove,
	.change_mode = user_scheme_change_mode,
	.release = user_scheme_release,
};
