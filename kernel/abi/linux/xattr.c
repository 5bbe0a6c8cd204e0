/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes. Of paths, of paths whose last link is not followed, of descriptors. */
#include "linux.h"

#include <mm/phys/slab.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/extended.h>
#include <scheme/file.h>

enum target_kind {
	BY_PATH,
	BY_LINK,
	BY_FD,
};

/* The node that the first argument names, with a reference. */
static int find_node(const struct linux_call *call, enum target_kind kind, struct node **node)
{
	struct dentry *dentry;
	struct file *file;
	int error;

	if (kind == BY_FD) {
		file = fd_get(linux_int(call, 0));
		if (!file)
			return -EBADF;
		*node = file->node;
		node_get(*node);
		file_put(file);
		return 0;
	}
	error = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, kind == BY_PATH, &dentry);
	if (error)
		return error;
	*node = dentry->node;
	node_get(*node);
	dentry_put(dentry);
	return 0;
}

static int get_name(uint64_t from, char name[EXTENDED_NAME_MAX + 1])
{
	ssize_t length = copy_string_from_user(name, from, EXTENDED_NAME_MAX + 1);

	if (length == 0 || length == -ENAMETOOLONG)
		return -ERANGE;
	return length < 0 ? (int)length : 0;
}

/* The name (NULL: a listing of them) as value to `to`, as it fits. */
static int64_t read_extended(const struct linux_call *call, enum target_kind kind, const char *name,
			     uint64_t to, uint64_t room)
{
	size_t size = min_u64(room, EXTENDED_VALUE_MAX);
	struct node *node;
	char *buffer;
	int64_t result = find_node(call, kind, &node);

	if (result)
		return result;
	buffer = kmalloc(size);
	if (!buffer)
		result = -ENOMEM;
	else if (name)
		result = extended_get(node, credentials_current(), name, buffer, size);
	else
		result = extended_list(node, credentials_current(), buffer, size);
	node_put(node);
	if (result > 0 && size) {
		int error = linux_put(to, buffer, (size_t)result);

		result = error ? error : result;
	}
	kfree(buffer);
	return result;
}

static int64_t get_extended(const struct linux_call *call, enum target_kind kind)
{
	char name[EXTENDED_NAME_MAX + 1];
	int error = get_name(call->argument[1], name);

	return error ? error
		     : read_extended(call, kind, name, call->argument[2], call->argument[3]);
}

static int64_t list_extended(const struct linux_call *call, enum target_kind kind)
{
	return read_extended(call, kind, NULL, call->argument[1], call->argument[2]);
}

static int64_t set_extended(const struct linux_call *call, enum target_kind kind)
{
	unsigned flags = linux_unsigned(call, 4);
	size_t size = call->argument[3];
	char name[EXTENDED_NAME_MAX + 1];
	struct node *node;
	void *value;
	int64_t result;

	if (flags & ~(unsigned)(EXTENDED_CREATE | EXTENDED_REPLACE))
		return -EINVAL;
	result = get_name(call->argument[1], name);
	if (result)
		return result;
	if (size > EXTENDED_VALUE_MAX)
		return -E2BIG;
	value = kmalloc(size);
	result = value ? linux_get(value, call->argument[2], size) : -ENOMEM;
	if (!result)
		result = find_node(call, kind, &node);
	if (!result) {
		result = extended_set(node, credentials_current(), name, value, size, flags);
		node_put(node);
	}
	kfree(value);
	return result;
}

static int64_t remove_extended(const struct linux_call *call, enum target_kind kind)
{
	char name[EXTENDED_NAME_MAX + 1];
	struct node *node;
	int64_t result = get_name(call->argument[1], name);

	if (!result)
		result = find_node(call, kind, &node);
	if (result)
		return result;
	result = extended_set(node, credentials_current(), name, NULL, 0, 0);
	node_put(node);
	return result;
}

int64_t linux_getxattr(const struct linux_call *call)
{
	return get_extended(call, BY_PATH);
}

int64_t linux_lgetxattr(const struct linux_call *call)
{
	return get_extended(call, BY_LINK);
}

int64_t linux_fgetxattr(const struct linux_call *call)
{
	return get_extended(call, BY_FD);
}

int64_t linux_setxattr(const struct linux_call *call)
{
	return set_extended(call, BY_PATH);
}

int64_t linux_lsetxattr(const struct linux_call *call)
{
	return set_extended(call, BY_LINK);
}

int64_t linux_fsetxattr(const struct linux_call *call)
{
	return set_extended(call, BY_FD);
}

int64_t linux_listxattr(const struct linux_call *call)
{
	return list_extended(call, BY_PATH);
}

int64_t linux_llistxattr(const struct linux_call *call)
{
	return list_extended(call, BY_LINK);
}

int64_t linux_flistxattr(const struct linux_call *call)
{
	return list_extended(call, BY_FD);
}

int64_t linux_removexattr(const struct linux_call *call)
{
	return remove_extended(call, BY_PATH);
}

int64_t linux_lremovexattr(const struct linux_call *call)
{
	return remove_extended(call, BY_LINK);
}

int64_t linux_fremovexattr(const struct linux_call *call)
{
	return remove_extended(call, BY_FD);
}
