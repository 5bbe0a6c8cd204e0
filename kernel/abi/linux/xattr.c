/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Extended attributes. No file system in memory has any: there is none to get or list, and
 * setting one is refused. The arguments are checked all the same.
 */
#include "linux.h"

#include <proc/fd_table.h>
#include <scheme/file.h>

#define ATTRIBUTE_NAME_MAX 256

/* That the file exists and the name is one. */
static int64_t check(const struct linux_call *call, bool by_fd, bool follow, bool has_name)
{
	char name[ATTRIBUTE_NAME_MAX];
	struct dentry *dentry;
	struct file *file;
	int64_t result;

	if (has_name) {
		ssize_t length = copy_string_from_user(name, call->argument[1], sizeof(name));

		if (length == 0 || length == -ENAMETOOLONG)
			return -ERANGE;
		if (length < 0)
			return length;
	}
	if (by_fd) {
		file = fd_get(linux_int(call, 0));
		if (!file)
			return -EBADF;
		file_put(file);
		return 0;
	}
	result = linux_at_walk(LINUX_AT_CWD, call->argument[0], 0, follow, &dentry);
	if (!result)
		dentry_put(dentry);
	return result;
}

static int64_t absent(const struct linux_call *call, bool by_fd, bool follow, int error)
{
	int64_t result = check(call, by_fd, follow, true);

	return result ? result : error;
}

int64_t linux_getxattr(const struct linux_call *call)
{
	return absent(call, false, true, -ENODATA);
}

int64_t linux_lgetxattr(const struct linux_call *call)
{
	return absent(call, false, false, -ENODATA);
}

int64_t linux_fgetxattr(const struct linux_call *call)
{
	return absent(call, true, false, -ENODATA);
}

int64_t linux_setxattr(const struct linux_call *call)
{
	return absent(call, false, true, -EOPNOTSUPP);
}

int64_t linux_lsetxattr(const struct linux_call *call)
{
	return absent(call, false, false, -EOPNOTSUPP);
}

int64_t linux_fsetxattr(const struct linux_call *call)
{
	return absent(call, true, false, -EOPNOTSUPP);
}

/* An empty list. */
int64_t linux_listxattr(const struct linux_call *call)
{
	return check(call, false, true, false);
}

int64_t linux_llistxattr(const struct linux_call *call)
{
	return check(call, false, false, false);
}

int64_t linux_flistxattr(const struct linux_call *call)
{
	return check(call, true, false, false);
}
