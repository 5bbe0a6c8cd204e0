/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open files of schemes whose names are no tree. */
#include <scheme/scheme_file.h>

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>

/* Freed as its node is, by kfree: the node comes first. */
struct named_node {
	struct node node;
	size_t length;
	char name[]; /* not terminated */
};

int scheme_file_create_named(struct scheme *scheme, const struct scheme_request *request,
			     const char *name, const struct node_ops *ops, uint32_t mode,
			     void *private, struct file **file)
{
	size_t length = strlen(name);
	struct named_node *named = kmalloc(sizeof(*named) + length);
	int error;

	if (!named)
		return -ENOMEM;
	node_init(&named->node, ops, scheme, scheme_next_number(scheme), mode);
	named->node.flags = NODE_STREAM;
	named->node.uid = request->credentials->fsuid;
	named->node.gid = request->credentials->fsgid;
	named->length = length;
	memcpy(named->name, name, length);
	error = file_create(&named->node, NULL, request->flags,
			    (struct credentials *)request->credentials, file);
	named->node.flags |= NODE_OPENED;
	if (!error) {
		(*file)->private = private;
		(*file)->readable = ops->read != NULL;
		(*file)->writable = ops->write != NULL;
	}
	node_put(&named->node);
	return error;
}

int scheme_file_create(struct scheme *scheme, const struct scheme_request *request,
		       const struct node_ops *ops, uint32_t mode, void *private, struct file **file)
{
	return scheme_file_create_named(scheme, request, request->path, ops, mode, private, file);
}

static size_t append(char *buffer, size_t size, size_t at, const char *text, size_t length)
{
	size_t count = min_size(length, size - at);

	memcpy(buffer + at, text, count);
	return at + count;
}

ssize_t scheme_file_name(struct file *file, char *buffer, size_t size)
{
	const struct named_node *named = container_of(file->node, struct named_node, node);
	const char *scheme = file->node->scheme->name;
	size_t at = append(buffer, size, 0, scheme, strlen(scheme));

	at = append(buffer, size, at, ":", 1);
	return (ssize_t)append(buffer, size, at, named->name, named->length);
}
