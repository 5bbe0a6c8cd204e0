/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files without names. */
#include <scheme/anonymous.h>

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>

int anonymous_file_create(const struct node_ops *ops, uint32_t mode, unsigned flags,
			  const struct credentials *credentials, void *private, struct file **file)
{
	static _Atomic uint64_t next_number = 1;
	struct node *node = kmalloc(sizeof(*node));
	int error;

	if (!node)
		return -ENOMEM;
	node_init(node, ops, NULL, next_number++, mode);
	node->flags = NODE_STREAM;
	node->uid = credentials->fsuid;
	node->gid = credentials->fsgid;
	error = file_create(node, NULL, FILE_READ_WRITE | flags, (struct credentials *)credentials,
			    file);
	if (!error)
		(*file)->private = private;
	node->flags |= NODE_OPENED;
	node_put(node);
	return error;
}
