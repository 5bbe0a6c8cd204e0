/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execve: collects the strings and hands over to proc. */
#include "linux.h"

#include <mm/phys/slab.h>
#include <proc/exec.h>
#include <proc/process.h>
#include <scheme/file.h>

/* Copies a NULL-terminated array of string pointers; a NULL array is empty. */
static int collect(uint64_t array, struct exec_strings *strings, char *buffer, size_t size)
{
	for (uint64_t at = array; array; at += sizeof(uint64_t)) {
		uint64_t pointer;
		ssize_t length;
		int error = read_user_u64(at, &pointer);

		if (error)
			return error;
		if (!pointer)
			return 0;
		length = copy_string_from_user(buffer, pointer, size);
		if (length == -ENAMETOOLONG)
			return -E2BIG;
		if (length < 0)
			return (int)length;
		error = exec_strings_add(strings, buffer, (size_t)length);
		if (error)
			return error;
	}
	return 0;
}

static int64_t run_exec(struct linux_at *at, unsigned walk_flags, uint64_t arguments,
			uint64_t environment)
{
	struct exec_strings argument_strings = { 0 }, environment_strings = { 0 };
	char *buffer = kmalloc(EXEC_STRING_MAX);
	struct file *file = NULL;
	int error = buffer ? 0 : -ENOMEM;

	if (!error)
		error = exec_open(&at->walker, at->start, at->path, walk_flags, &file);
	if (!error)
		error = collect(arguments, &argument_strings, buffer, EXEC_STRING_MAX);
	if (!error)
		error = collect(environment, &environment_strings, buffer, EXEC_STRING_MAX);
	/* A program without even a name gets an empty one. */
	if (!error && argument_strings.count == 0)
		error = exec_strings_add(&argument_strings, "", 0);
	kfree(buffer);
	if (error) {
		exec_strings_free(&argument_strings);
		exec_strings_free(&environment_strings);
	} else {
		error = process_exec(file, at->path, &argument_strings, &environment_strings, 0);
	}
	if (file)
		file_put(file);
	return error;
}

static int64_t exec_at(int fd, uint64_t path, uint64_t arguments, uint64_t environment,
		       unsigned flags)
{
	unsigned walk_flags = WALK_FOLLOW;
	struct linux_at at;
	int64_t result;

	if (flags & ~(unsigned)(LINUX_AT_SYMLINK_NOFOLLOW | LINUX_AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & LINUX_AT_SYMLINK_NOFOLLOW)
		walk_flags = 0;
	if (flags & LINUX_AT_EMPTY_PATH)
		walk_flags |= WALK_EMPTY;
	result = linux_at_begin(&at, fd, path);
	if (result)
		return result;
	result = run_exec(&at, walk_flags, arguments, environment);
	linux_at_end(&at);
	return result;
}

int64_t linux_execve(const struct linux_call *call)
{
	return exec_at(LINUX_AT_CWD, call->argument[0], call->argument[1], call->argument[2], 0);
}

int64_t linux_execveat(const struct linux_call *call)
{
	return exec_at(linux_int(call, 0), call->argument[1], call->argument[2], call->argument[3],
		       linux_unsigned(call, 4));
}
