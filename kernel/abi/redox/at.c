/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls of later crates that take names relative to an open directory. A name without a scheme is
 * joined to the directory's own, so it is looked up in the caller's namespace like any other: a
 * directory that was handed on opens nothing that its new owner could not open by name.
 */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/credentials.h>

/* The canonical name of an open file, terminated, for kfree. */
static int name_of(struct file *file, char **result)
{
	char *name = kmalloc(REDOX_NAME_MAX + 1);
	ssize_t length = name ? file_scheme_name(file, name, REDOX_NAME_MAX) : -ENOMEM;

	if (length < 0) {
		kfree(name);
		return (int)length;
	}
	name[length] = '\0';
	*result = name;
	/* What a provider calls a name need not be one. */
	if (strlen(name) == (size_t)length && scheme_name_end(name))
		return 0;
	kfree(name);
	return -EINVAL;
}

static int join(struct file *directory, const char *text, char **name)
{
	char *above = NULL;
	int error = name_of(directory, &above);

	if (error)
		return error;
	*name = redox_canonical_name(above, text);
	kfree(above);
	return *name ? 0 : -ENOMEM;
}

/* redox_path_begin() for the name in arguments 1 and 2, relative to descriptor 0. */
static int begin_at(const struct redox_call *call, struct redox_path *path)
{
	struct file *directory = fd_get_any(redox_fd(call, 0));
	char *text, *name = NULL;
	int error;

	if (!directory)
		return -EBADF;
	error = redox_copy_text(call->argument[1], call->argument[2], &text);
	if (!error) {
		if (!scheme_name_end(text))
			error = join(directory, text, &name);
		if (!error)
			error = redox_path_begin_text(path, name ? name : text);
		kfree(name);
		kfree(text);
	}
	file_put(directory);
	return error;
}

/* Credentials of the ids in arguments `index` and after, which the caller must be allowed to
 * take. A reference. */
static int filter(const struct redox_call *call, unsigned index, struct credentials **made)
{
	const struct credentials *own = credentials_current();
	uint32_t uid = (uint32_t)call->argument[index], gid = (uint32_t)call->argument[index + 1];

	if (!redox_is_root() && (uid != own->euid || gid != own->egid))
		return -EPERM;
	*made = credentials_create(own);
	if (!*made)
		return -ENOMEM;
	(*made)->euid = (*made)->fsuid = uid;
	(*made)->egid = (*made)->fsgid = gid;
	return 0;
}

static int open_at(const struct redox_call *call, const struct credentials *credentials,
		   struct file **file)
{
	struct redox_path path;
	int error = begin_at(call, &path);

	if (error)
		return error;
	if (credentials)
		path.walker.credentials = credentials;
	error = redox_open_file(&path, call->argument[3], file);
	redox_path_end(&path);
	return error;
}

int64_t redox_openat(const struct redox_call *call)
{
	struct file *file;
	int error = open_at(call, NULL, &file);

	return error ? error : fd_add(file, call->argument[3] & REDOX_O_CLOEXEC);
}

int64_t redox_openat_with_filter(const struct redox_call *call)
{
	struct credentials *credentials;
	struct file *file;
	int error = filter(call, 4, &credentials);

	if (error)
		return error;
	error = open_at(call, credentials, &file);
	credentials_put(credentials);
	return error ? error : fd_add(file, call->argument[3] & REDOX_O_CLOEXEC);
}

int64_t redox_openat_into(const struct redox_call *call)
{
	struct file *file;
	int error = redox_fd(call, 5) < 0 ? -EMFILE : open_at(call, NULL, &file);

	if (error)
		return error;
	return fd_replace(redox_fd(call, 5), file, call->argument[3] & REDOX_O_CLOEXEC);
}

static int64_t remove_at(const struct redox_call *call, const struct credentials *credentials)
{
	struct redox_path path;
	int error = begin_at(call, &path);

	if (error)
		return error;
	if (credentials)
		path.walker.credentials = credentials;
	if (call->argument[3] & ~(uint64_t)REDOX_AT_REMOVEDIR)
		error = -EINVAL;
	else
		error = redox_remove_path(&path, call->argument[3] & REDOX_AT_REMOVEDIR);
	redox_path_end(&path);
	return error;
}

int64_t redox_unlinkat(const struct redox_call *call)
{
	return remove_at(call, NULL);
}

int64_t redox_unlinkat_with_filter(const struct redox_call *call)
{
	struct credentials *credentials;
	int64_t result = filter(call, 4, &credentials);

	if (result)
		return result;
	result = remove_at(call, credentials);
	credentials_put(credentials);
	return result;
}
