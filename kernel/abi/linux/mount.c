/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mount and umount: file systems on devices, and any scheme that is not mounted yet, by its name or
 * kind.
 */
#include "linux.h"

#include <base/string.h>
#include <block/block.h>
#include <fs/file_system.h>
#include <fs/mount.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/scheme.h>

#define TYPE_MAX    32
#define OPTIONS_MAX 4096

enum mount_flags {
	MOUNT_READ_ONLY = 1 << 0,
	MOUNT_NO_SET_ID = 1 << 1,
	MOUNT_NO_DEVICES = 1 << 2,
	MOUNT_NO_EXECUTE = 1 << 3,
	MOUNT_SYNCHRONOUS = 1 << 4,
	MOUNT_REMOUNT = 1 << 5,
	MOUNT_DIRECTORY_SYNCHRONOUS = 1 << 7,
	MOUNT_NO_ACCESS_TIME = 1 << 10,
	MOUNT_NO_DIRECTORY_ACCESS_TIME = 1 << 11, /* never kept anyway */
	MOUNT_BIND = 1 << 12,
	MOUNT_SILENT = 1 << 15,
	MOUNT_PRIVATE = 1 << 18,
	MOUNT_RELATIVE_ACCESS_TIME = 1 << 21, /* as it always is */
	MOUNT_LAZY_TIME = 1 << 25,
};

/* Of old, in the upper half: it is ignored. */
#define MOUNT_MAGIC      0xc0ed0000u
#define MOUNT_MAGIC_MASK 0xffff0000u

#define MOUNT_KNOWN                                                                               \
	(MOUNT_READ_ONLY | MOUNT_NO_SET_ID | MOUNT_NO_DEVICES | MOUNT_NO_EXECUTE |                \
	 MOUNT_SYNCHRONOUS | MOUNT_REMOUNT | MOUNT_DIRECTORY_SYNCHRONOUS | MOUNT_NO_ACCESS_TIME | \
	 MOUNT_NO_DIRECTORY_ACCESS_TIME | MOUNT_BIND | MOUNT_SILENT | MOUNT_PRIVATE |             \
	 MOUNT_RELATIVE_ACCESS_TIME | MOUNT_LAZY_TIME)

enum unmount_flags {
	UNMOUNT_FORCE = 1 << 0, /* devices that do not answer are given up anyway */
	UNMOUNT_DETACH = 1 << 1,
	UNMOUNT_NO_FOLLOW = 1 << 3,
};

static const struct {
	unsigned mount, scheme;
} flag_table[] = {
	{ MOUNT_READ_ONLY, SCHEME_READ_ONLY },     { MOUNT_NO_SET_ID, SCHEME_NO_SET_ID },
	{ MOUNT_NO_DEVICES, SCHEME_NO_DEVICES },   { MOUNT_NO_EXECUTE, SCHEME_NO_EXECUTE },
	{ MOUNT_SYNCHRONOUS, SCHEME_SYNCHRONOUS }, { MOUNT_NO_ACCESS_TIME, SCHEME_NO_ACCESS_TIME },
};

unsigned linux_mount_flags(unsigned scheme_flags)
{
	unsigned flags = 0;

	for (unsigned i = 0; i < array_length(flag_table); i++) {
		if (scheme_flags & flag_table[i].scheme)
			flags |= flag_table[i].mount;
	}
	return flags;
}

static unsigned scheme_flags_of(unsigned mount_flags)
{
	unsigned flags = 0;

	for (unsigned i = 0; i < array_length(flag_table); i++) {
		if (mount_flags & flag_table[i].mount)
			flags |= flag_table[i].scheme;
	}
	return flags;
}

/* --- Schemes that are there. --- */

struct scheme_search {
	const char *kind;
	struct scheme *found;
};

static bool is_unmounted_kind(struct scheme *scheme, void *argument)
{
	struct scheme_search *search = argument;

	if (strcmp(scheme->kind, search->kind) != 0 && strcmp(scheme->name, search->kind) != 0)
		return true;
	if (scheme->root->covers || (scheme->flags & SCHEME_ON_DEVICE))
		return true;
	scheme_get(scheme);
	search->found = scheme;
	return false;
}

static int mount_scheme(const char *kind, struct dentry *at)
{
	struct scheme_search search = { .kind = kind };
	int error;

	namespace_visit(namespace_current(), is_unmounted_kind, &search);
	if (!search.found)
		return -ENODEV;
	/* As if it had been found by its name. */
	if (search.found->ops->prepare)
		search.found->ops->prepare(search.found);
	error = node_is(at->node, MODE_DIRECTORY) ? path_mount(at, search.found->root) : -ENOTDIR;
	scheme_put(search.found);
	return error;
}

/* --- Devices. --- */

/* The device that the node at a user's path is, a reference, and the path for kfree. */
static int find_device(uint64_t path, struct block_device **device, char **source)
{
	struct linux_at at;
	struct dentry *found;
	int error = linux_at_begin(&at, LINUX_AT_CWD, path);

	if (error)
		return error;
	error = path_walk(&at.walker, at.start, at.path, WALK_FOLLOW, &found);
	*source = error ? NULL : kstrdup(at.path);
	linux_at_end(&at);
	if (error)
		return error;
	*device = NULL;
	if (!*source)
		error = -ENOMEM;
	else if (!node_is(found->node, MODE_BLOCK))
		error = -ENOTBLK;
	else if (found->node->scheme && (found->node->scheme->flags & SCHEME_NO_DEVICES))
		error = -EACCES;
	else
		*device = block_device_find_number(node_device_major(found->node->raw_device),
						   node_device_minor(found->node->raw_device));
	dentry_put(found);
	if (!error && !*device)
		error = -ENXIO;
	if (error)
		kfree(*source);
	return error;
}

static int mount_device(const struct linux_call *call, const char *type, unsigned flags,
			const char *options, struct dentry *at)
{
	struct file_system_request request = {
		.type = type,
		.options = options,
		.flags = scheme_flags_of(flags),
	};
	char *source;
	int error = find_device(call->argument[0], &request.device, &source);

	if (error)
		return error;
	request.source = source;
	error = file_system_mount(&request, at);
	block_device_put(request.device);
	kfree(source);
	return error;
}

/* --- mount. --- */

static int mount_at(const struct linux_call *call, const char *type, const char *options,
		    struct dentry *at)
{
	unsigned flags = linux_unsigned(call, 3);

	if ((flags & MOUNT_MAGIC_MASK) == MOUNT_MAGIC)
		flags &= ~MOUNT_MAGIC_MASK;
	if (flags & ~(unsigned)MOUNT_KNOWN)
		return -EINVAL;
	if (flags & MOUNT_REMOUNT)
		return file_system_remount(at, scheme_flags_of(flags), options);
	/* Every mount is private. */
	if (flags & MOUNT_PRIVATE)
		return at->covers ? 0 : -EINVAL;
	if (flags & MOUNT_BIND)
		return -EINVAL;
	if (!*type || strcmp(type, "auto") == 0)
		return mount_device(call, NULL, flags, options, at);
	if (file_system_find(type))
		return mount_device(call, type, flags, options, at);
	return mount_scheme(type, at);
}

/* A string that may be left out: "" then. */
static int get_string(char *to, uint64_t from, size_t size, int too_long)
{
	ssize_t length = 0;

	to[0] = '\0';
	if (from)
		length = copy_string_from_user(to, from, size);
	if (length == -ENAMETOOLONG)
		return too_long;
	return length < 0 ? (int)length : 0;
}

int64_t linux_mount(const struct linux_call *call)
{
	struct dentry *at;
	char type[TYPE_MAX];
	char *options;
	int error;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	options = kmalloc(OPTIONS_MAX);
	if (!options)
		return -ENOMEM;
	error = get_string(type, call->argument[2], sizeof(type), -ENODEV);
	if (!error)
		error = get_string(options, call->argument[4], OPTIONS_MAX, -EINVAL);
	if (!error)
		error = (int)linux_at_walk(LINUX_AT_CWD, call->argument[1], 0, true, &at);
	if (!error) {
		error = mount_at(call, type, options, at);
		dentry_put(at);
	}
	kfree(options);
	return error;
}

int64_t linux_umount2(const struct linux_call *call)
{
	const unsigned flags = linux_unsigned(call, 1);
	const unsigned known = UNMOUNT_FORCE | UNMOUNT_DETACH | UNMOUNT_NO_FOLLOW;
	struct dentry *root;
	int64_t result;

	if (flags & ~known)
		return -EINVAL;
	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	result = linux_at_walk(LINUX_AT_CWD, call->argument[0],
			       flags & UNMOUNT_NO_FOLLOW ? LINUX_AT_SYMLINK_NOFOLLOW : 0, true,
			       &root);
	return result ? result : file_system_unmount(root, flags & UNMOUNT_DETACH);
}
