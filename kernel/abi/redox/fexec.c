/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fexec: the program is an open file; arguments and variables are slices, copied before anything
 * is lost. From the moment that the file is read its descriptor is gone, whatever comes of it.
 */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/exec.h>
#include <proc/process.h>
#include <scheme/credentials.h>

#define STRINGS_MAX 4095 /* arguments and variables */

/* One string; what follows a 0 in it no program would see. */
static int add_slice(struct exec_strings *strings, const struct redox_slice *slice)
{
	char *buffer;
	int error = redox_check_user(slice->address, slice->length, false);

	if (error)
		return error;
	if (slice->length >= EXEC_STRING_MAX)
		return -E2BIG;
	buffer = kmalloc(slice->length + 1);
	if (!buffer)
		return -ENOMEM;
	if (slice->length)
		error = redox_get(buffer, slice->address, slice->length);
	buffer[slice->length] = '\0';
	if (!error)
		error = exec_strings_add(strings, buffer, strlen(buffer));
	kfree(buffer);
	return error;
}

static int collect(uint64_t array, uint64_t count, struct exec_strings *strings)
{
	for (uint64_t i = 0; i < count; i++) {
		struct redox_slice slice;
		int error = redox_get(&slice, array + i * sizeof(slice), sizeof(slice));

		if (!error)
			error = add_slice(strings, &slice);
		if (error)
			return error;
	}
	return 0;
}

static int check_array(uint64_t array, uint64_t count)
{
	if (count > USER_MAX / sizeof(struct redox_slice))
		return -EFAULT;
	return redox_check_user(array, count * sizeof(struct redox_slice), false);
}

/* By the mode alone: everybody's bits, the owner's and the group's besides; root always may. */
static int check_permission(struct file *file)
{
	const struct credentials *own = credentials_current();
	struct node_attributes attributes;
	int error = file_read_attributes(file, &attributes);
	uint32_t permitted;

	if (error)
		return error;
	if ((attributes.mode & MODE_TYPE) != MODE_FILE)
		return -EACCES;
	permitted = attributes.mode;
	if (attributes.uid == own->euid)
		permitted |= attributes.mode >> 6;
	if (attributes.gid == own->egid)
		permitted |= attributes.mode >> 3;
	return own->euid == 0 || permitted & 1 ? 0 : -EACCES;
}

int redox_open_interpreter(const char *path, bool in_full, struct file **file)
{
	struct redox_path name;
	struct file *opened;
	int error;

	if (in_full && !scheme_name_end(path))
		return -EACCES;
	error = redox_path_begin_text(&name, path);
	if (error)
		return error;
	error = redox_open_path(&name, REDOX_O_RDONLY | REDOX_O_CLOEXEC, &opened);
	redox_path_end(&name);
	if (error)
		return error;
	error = check_permission(opened);
	if (!error)
		error = redox_program_file(opened, file);
	file_put(opened);
	return error;
}

/* The file's name, terminated, for kfree. */
static int get_name(struct file *file, char **name)
{
	ssize_t length;

	*name = kmalloc(PATH_MAX_LENGTH);
	if (!*name)
		return -ENOMEM;
	length = file_scheme_name(file, *name, PATH_MAX_LENGTH - 1);
	if (length < 0) {
		kfree(*name);
		return (int)length;
	}
	(*name)[length] = '\0';
	return 0;
}

/* Takes over the strings. */
static int run(struct file *file, struct exec_strings *arguments, struct exec_strings *variables)
{
	struct file *program;
	char *name = NULL;
	int error = redox_program_file(file, &program);

	if (error)
		goto err_strings;
	error = get_name(file, &name);
	if (error)
		goto err_program;
	error = process_exec(program, name, arguments, variables,
			     EXEC_PERMITTED | EXEC_NO_SCRIPTS | EXEC_RESET_IGNORED |
				     EXEC_PLAIN_SET_ID | EXEC_SCHEME_NAME);
	kfree(name);
	file_put(program);
	return error;

err_program:
	file_put(program);
err_strings:
	exec_strings_free(arguments);
	exec_strings_free(variables);
	return error;
}

static int64_t start(const struct redox_call *call, struct file *file)
{
	uint64_t argument_count = call->argument[2], variable_count = call->argument[4];
	struct exec_strings arguments = { 0 }, variables = { 0 };
	bool fits = argument_count + variable_count <= STRINGS_MAX;
	int error = check_array(call->argument[1], argument_count);

	if (!error)
		error = check_array(call->argument[3], variable_count);
	if (!error && fits)
		error = collect(call->argument[1], argument_count, &arguments);
	if (!error && fits)
		error = collect(call->argument[3], variable_count, &variables);
	if (!error)
		error = check_permission(file);
	if (!error && !file->readable)
		error = -EBADF;
	if (!error) {
		/* Another thread may have closed it meanwhile. */
		(void)fd_close(redox_fd(call, 0));
		if (fits)
			return run(file, &arguments, &variables);
		error = -E2BIG;
	}
	exec_strings_free(&arguments);
	exec_strings_free(&variables);
	return error;
}

int64_t redox_fexec(const struct redox_call *call)
{
	struct file *file = fd_get(redox_fd(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	result = start(call, file);
	file_put(file);
	return result;
}
