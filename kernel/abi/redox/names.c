/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that take names: the working directory, permissions, removing. */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

/* What is behind the colon as the walker wants it: a scheme's root is a name, too. */
const char *redox_path_in_tree(const struct redox_path *path)
{
	return path->rest_length ? path->rest : "/";
}

static bool is_directory(struct file *file)
{
	struct node_attributes attributes;

	return file_read_attributes(file, &attributes) >= 0 &&
	       (attributes.mode & MODE_TYPE) == MODE_DIRECTORY;
}

/* Makes the directory `file`, of that name, the working directory. */
static int enter(struct redox_path *path, struct file *file)
{
	struct dentry *directory = path->scheme->ops->open ? NULL : file->dentry;
	char *name;

	if (!is_directory(file))
		return -ENOTDIR;
	/* Names relative to it, entered in turn, could grow for ever. */
	if (strlen(path->name) >= PATH_MAX_LENGTH)
		return -ENAMETOOLONG;
	name = kstrdup(path->name);
	if (!name)
		return -ENOMEM;
	if (directory)
		dentry_get(directory);
	file_context_set_working_name(name, directory);
	return 0;
}

int64_t redox_chdir(const struct redox_call *call)
{
	struct redox_path path;
	struct file *file;
	int error = redox_path_begin(&path, call->argument[0], call->argument[1]);

	if (error)
		return error;
	error = redox_open_path(&path, REDOX_O_RDONLY | REDOX_O_DIRECTORY, &file);
	if (!error) {
		error = enter(&path, file);
		file_put(file);
	}
	redox_path_end(&path);
	return error;
}

int64_t redox_getcwd(const struct redox_call *call)
{
	int64_t result = redox_check_user(call->argument[0], call->argument[1], true);
	char *name;
	size_t length;

	if (!result)
		result = redox_working_directory(&name);
	if (result)
		return result;
	length = min_size(strlen(name), call->argument[1]);
	result = redox_put(call->argument[0], name, length);
	kfree(name);
	return result ? result : (int64_t)length;
}

/* --- Permissions. --- */

static int change_mode(struct redox_path *path, uint32_t mode)
{
	const struct node_changes changes = { .which = CHANGE_MODE, .mode = mode };
	struct dentry *found;
	int error;

	if (path->scheme->ops->open) {
		const struct scheme_request request = {
			.path = path->rest,
			.length = path->rest_length,
			.credentials = path->walker.credentials,
			.mode = mode,
		};

		return path->scheme->ops->change_mode
			       ? path->scheme->ops->change_mode(path->scheme, &request)
			       : -ENOENT;
	}
	error = path_walk(&path->walker, NULL, redox_path_in_tree(path), WALK_FOLLOW, &found);
	if (error)
		return error;
	error = path_set_attributes(&path->walker, found, &changes);
	dentry_put(found);
	return error;
}

int64_t redox_chmod(const struct redox_call *call)
{
	struct redox_path path;
	int error = redox_path_begin(&path, call->argument[0], call->argument[1]);

	if (error)
		return error;
	error = change_mode(&path, (uint32_t)call->argument[2] & MODE_PERMISSIONS);
	redox_path_end(&path);
	return error;
}

/* --- Removing. --- */

int redox_remove_path(struct redox_path *path, bool directory)
{
	const struct scheme_request request = {
		.path = path->rest,
		.length = path->rest_length,
		.credentials = path->walker.credentials,
	};

	if (!path->scheme->ops->open)
		return path_unlink(&path->walker, NULL, redox_path_in_tree(path), directory);
	if (!path->scheme->ops->remove)
		return -ENOENT;
	return path->scheme->ops->remove(path->scheme, &request, directory);
}

static int64_t remove_named(const struct redox_call *call, bool directory)
{
	struct redox_path path;
	int error = redox_path_begin(&path, call->argument[0], call->argument[1]);

	if (error)
		return error;
	error = redox_remove_path(&path, directory);
	redox_path_end(&path);
	return error;
}

int64_t redox_rmdir(const struct redox_call *call)
{
	return remove_named(call, true);
}

int64_t redox_unlink(const struct redox_call *call)
{
	return remove_named(call, false);
}

/* --- Renaming. --- */

bool redox_scheme_has_tree(const struct scheme *scheme)
{
	return !scheme->ops->open && node_is(scheme->root->node, MODE_DIRECTORY);
}

/* Schemes with trees are one tree, which knows itself what lies in different file systems. */
static int rename_file(struct file *file, struct redox_path *path)
{
	const struct scheme *scheme = file->node->scheme;
	int error;

	if (!file->dentry || !redox_scheme_has_tree(scheme) ||
	    !redox_scheme_has_tree(path->scheme)) {
		return path->scheme == scheme
			       ? file_rename_open(file, path->rest, path->rest_length)
			       : -EXDEV;
	}
	error = path_rename_dentry(&path->walker, file->dentry, redox_path_in_tree(path));
	return error == -EISDIR ? -EACCES : error;
}

int64_t redox_serve_file_and_path(const struct redox_call *call,
				  int (*serve)(struct file *file, struct redox_path *path))
{
	struct file *file = fd_get_any(redox_fd(call, 0));
	struct redox_path path;
	int error;

	if (!file)
		return -EBADF;
	error = redox_path_begin(&path, call->argument[1], call->argument[2]);
	if (!error) {
		error = serve(file, &path);
		redox_path_end(&path);
	}
	file_put(file);
	return error;
}

int64_t redox_frename(const struct redox_call *call)
{
	return redox_serve_file_and_path(call, rename_file);
}

/* Redox has the number, but no scheme of its kernel ever served it. Linux's links are flink's. */
int64_t redox_link(const struct redox_call *call)
{
	(void)call;
	return -ENOSYS;
}
