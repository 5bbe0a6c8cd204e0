/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mount and umount: any scheme that is not mounted yet can be, by its name or kind. */
#include "linux.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/scheme.h>

struct scheme_search {
	const char *kind;
	struct scheme *found;
};

static bool is_unmounted_kind(struct scheme *scheme, void *argument)
{
	struct scheme_search *search = argument;

	if (strcmp(scheme->kind, search->kind) != 0 && strcmp(scheme->name, search->kind) != 0)
		return true;
	if (scheme->root->covers)
		return true;
	scheme_get(scheme);
	search->found = scheme;
	return false;
}

int64_t linux_mount(const struct linux_call *call)
{
	struct scheme_search search = { 0 };
	struct dentry *at;
	char kind[32];
	ssize_t length;
	int64_t result;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	length = copy_string_from_user(kind, call->argument[2], sizeof(kind));
	if (length < 0)
		return length == -ENAMETOOLONG ? -ENODEV : length;
	search.kind = kind;
	namespace_visit(namespace_current(), is_unmounted_kind, &search);
	if (!search.found)
		return -ENODEV;
	result = linux_at_walk(LINUX_AT_CWD, call->argument[1], 0, true, &at);
	if (!result) {
		result = node_is(at->node, MODE_DIRECTORY) ? path_mount(at, search.found->root)
							   : -ENOTDIR;
		dentry_put(at);
	}
	scheme_put(search.found);
	return result;
}

int64_t linux_umount2(const struct linux_call *call)
{
	struct dentry *root;
	int64_t result;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	result = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, true, &root);
	if (result)
		return result;
	result = path_unmount(root);
	dentry_put(root);
	return result;
}
