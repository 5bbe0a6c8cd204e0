/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors: closing, duplicating, fcntl. */
#include "redox.h"

#include <mm/phys/slab.h>
#include <proc/process.h>

#define DUP_NAME_MAX 65536

int64_t redox_close(const struct redox_call *call)
{
	return fd_close(redox_fd(call, 0));
}

/* What a duplicate of `file` is: the same description, or without a reference to it one that its
 * scheme makes of the name in the arguments from `index` on. */
static int duplicate(const struct redox_call *call, unsigned index, struct file *file,
		     struct file **made)
{
	uint64_t length = call->argument[index + 1];
	char *name;
	int error;

	if (!length) {
		file_get(file);
		*made = file;
		return 0;
	}
	if (length > DUP_NAME_MAX)
		return -ENAMETOOLONG;
	name = kmalloc(length);
	if (!name)
		return -ENOMEM;
	error = redox_get(name, call->argument[index], length);
	if (!error)
		error = file_duplicate(file, name, length, made);
	kfree(name);
	return error;
}

/* The descriptor in argument 0 and the name from argument `index` on, checked. A reference. */
static int begin_duplicate(const struct redox_call *call, unsigned index, struct file **file)
{
	int error;

	*file = fd_get_any(redox_fd(call, 0));
	if (!*file)
		return -EBADF;
	error = redox_check_user(call->argument[index], call->argument[index + 1], false);
	if (error)
		file_put(*file);
	return error;
}

int64_t redox_dup(const struct redox_call *call)
{
	struct file *file, *made;
	int error = begin_duplicate(call, 1, &file);

	if (error)
		return error;
	error = duplicate(call, 1, file, &made);
	file_put(file);
	return error ? error : fd_add(made, false);
}

/* A duplicate at the number in argument `to`; its name is in the arguments from `name` on. */
static int64_t duplicate_to(const struct redox_call *call, unsigned to, unsigned name)
{
	struct file *file, *made;
	int error = begin_duplicate(call, name, &file);

	if (error)
		return error;
	if (call->argument[0] == call->argument[to]) {
		file_put(file);
		return redox_fd(call, to);
	}
	error = redox_fd(call, to) < 0 ? -EMFILE : 0;
	/* The provider may find that what was there is closed. */
	if (!error && call->argument[name + 1])
		(void)fd_close(redox_fd(call, to)); /* it need not have been open */
	if (!error)
		error = duplicate(call, name, file, &made);
	file_put(file);
	return error ? error : fd_replace(redox_fd(call, to), made, false);
}

int64_t redox_dup2(const struct redox_call *call)
{
	return duplicate_to(call, 1, 2);
}

int64_t redox_dup_into(const struct redox_call *call)
{
	return duplicate_to(call, 3, 1);
}

/* --- fcntl. --- */

static int64_t duplicate_from(struct file *file, uint64_t lowest)
{
	int fd = lowest < FD_TABLE_MAX ? fd_reserve((int)lowest) : -EMFILE;

	if (fd < 0)
		return fd;
	file_get(file);
	fd_install(fd, file, false);
	return fd;
}

static int64_t control_description(struct file *file, uint64_t command, uint64_t argument)
{
	int error = file_may_control(file, command, argument);

	if (error)
		return error;
	switch (command) {
	case REDOX_F_GETFL:
		return (int64_t)redox_flags_of_file(file);
	case REDOX_F_SETFL:
		redox_set_flags_of_file(file, argument);
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t redox_fcntl(const struct redox_call *call)
{
	uint64_t command = call->argument[1], argument = call->argument[2];
	int fd = redox_fd(call, 0);
	struct file *file = fd_get_any(fd);
	int64_t result;

	if (!file)
		return -EBADF;
	switch (command) {
	case REDOX_F_DUPFD:
		result = duplicate_from(file, argument);
		break;
	case REDOX_F_GETFD:
		result = fd_close_on_exec(fd);
		if (result > 0)
			result = REDOX_O_CLOEXEC;
		break;
	case REDOX_F_SETFD:
		result = fd_set_close_on_exec(fd, argument & REDOX_O_CLOEXEC);
		break;
	default:
		result = control_description(file, command, argument);
		break;
	}
	file_put(file);
	return result;
}
