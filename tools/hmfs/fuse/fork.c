/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes, which are forks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attribute.h"
#include "mount.h"

/* Access lists are not stored, and other prefixes mean nothing. */
static int name_to_fork(fuse_ino_t number, const char *name, const char **fork, uint8_t *type)
{
	if (node_of(number)->kind != NODE_OBJECT)
		return -EOPNOTSUPP;
	return attribute_fork(name, fork, type) ? 0 : -EOPNOTSUPP;
}

void op_setxattr(fuse_req_t request, fuse_ino_t number, const char *name, const char *value,
		 size_t size, int flags)
{
	const char *fork;
	uint8_t type;
	int error = name_to_fork(number, name, &fork, &type);

	if (!error)
		error = hmfs_fork_set(mount_state.hmfs, node_of(number)->id, fork, strlen(fork),
				      type, value, size, (unsigned)flags);
	reply_result(request, error);
}

void op_getxattr(fuse_req_t request, fuse_ino_t number, const char *name, size_t size)
{
	const char *fork;
	uint8_t type;
	ssize_t length = name_to_fork(number, name, &fork, &type);
	char *value = size ? malloc(size) : NULL;

	if (size && !value)
		length = -ENOMEM;
	if (!length)
		length = hmfs_fork_get(mount_state.hmfs, node_of(number)->id, fork, strlen(fork),
				       type, value, size);
	if (length == -ENOENT)
		length = -ENODATA;
	if (length > (ssize_t)size && size)
		length = -ERANGE;
	if (length < 0)
		reply_result(request, (int)length);
	else if (size == 0)
		fuse_reply_xattr(request, (size_t)length);
	else
		fuse_reply_buf(request, value, (size_t)length);
	free(value);
}

struct names {
	char *bytes;
	size_t used, size;
};

/* Called with the volume's lock held. */
static bool add_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		     uint64_t next_cookie)
{
	char fork[HMFS_NAME_MAX + 1], attribute[HMFS_NAME_MAX + 8];
	struct names *names = context;
	size_t size;

	(void)object;
	(void)next_cookie;
	if (length > HMFS_NAME_MAX)
		return true;
	memcpy(fork, name, length);
	fork[length] = 0;
	if (!fork_attribute(fork, type, attribute, sizeof(attribute)))
		return true;
	size = strlen(attribute) + 1;
	if (names->bytes && names->used + size <= names->size)
		memcpy(names->bytes + names->used, attribute, size);
	names->used += size;
	return true;
}

void op_listxattr(fuse_req_t request, fuse_ino_t number, size_t size)
{
	struct names names = { .bytes = size ? malloc(size) : NULL, .size = size };
	struct node *node = node_of(number);
	uint64_t cookie = 0;
	int error = 0;

	if (size && !names.bytes)
		error = -ENOMEM;
	if (!error && node->kind == NODE_OBJECT)
		error = hmfs_fork_list(mount_state.hmfs, node->id, &cookie, add_name, &names);
	if (error == -EOPNOTSUPP) /* a fork, which has none */
		error = 0;
	if (!error && size && names.used > size)
		error = -ERANGE;
	if (error)
		reply_result(request, error);
	else if (!size)
		fuse_reply_xattr(request, names.used);
	else
		fuse_reply_buf(request, names.bytes, names.used);
	free(names.bytes);
}

void op_removexattr(fuse_req_t request, fuse_ino_t number, const char *name)
{
	const char *fork;
	uint8_t type;
	int error = name_to_fork(number, name, &fork, &type);

	if (!error)
		error = hmfs_fork_set(mount_state.hmfs, node_of(number)->id, fork, strlen(fork),
				      type, NULL, 0, 0);
	if (error == -ENOENT)
		error = -ENODATA;
	reply_result(request, error);
}
