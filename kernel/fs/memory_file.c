/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in memory without a name: nodes of a ramfs that nobody can walk to. */
#include <fs/memory_file.h>

#include <base/errno.h>
#include <mm/vm/aspace.h>
#include <scheme/credentials.h>
#include <scheme/path.h>

#include "ramfs_priv.h"

static struct scheme *memory_scheme;

static int memory_start(void)
{
	const struct ramfs_options options = { .mode = 0700 };

	return ramfs_create("memfd", "tmpfs", 0, &options, &memory_scheme);
}

SCHEME(memfd) = { .name = "memfd", .level = 0, .start = memory_start };

int memory_file_create(const struct credentials *credentials, bool sealable, struct file **file)
{
	const struct node_template like = {
		.mode = MODE_FILE | 0777,
		.uid = credentials->fsuid,
		.gid = credentials->fsgid,
	};
	struct ramfs_node *node;
	struct dentry *dentry;
	int error;

	if (!memory_scheme)
		return -ENOMEM;
	error = ramfs_node_create(memory_scheme->private, memory_scheme, &like, 0, &node);
	if (error)
		return error;
	node->seals = sealable ? 0 : SEAL_SEAL;
	dentry = dentry_create_root(&node->node);
	if (!dentry) {
		node_put(&node->node);
		return -ENOMEM;
	}
	error = file_create(&node->node, dentry, FILE_READ_WRITE | FILE_LARGE,
			    (struct credentials *)credentials, file);
	dentry_put(dentry);
	return error;
}

static bool is_memory_file(const struct file *file)
{
	return file->node->ops == &ramfs_file_ops;
}

int memory_file_seals(const struct file *file)
{
	if (!is_memory_file(file))
		return -EINVAL;
	/* Files of the tree cannot be sealed. */
	if (file->node->scheme != memory_scheme)
		return SEAL_SEAL;
	return (int)ramfs_node_of(file->node)->seals;
}

static bool is_mapped_for_writing(struct vm_object *object)
{
	struct list_node *node;
	bool found = false;

	mutex_lock(&object->lock);
	list_for_each (node, &object->mappings) {
		const struct vm_area *area = container_of(node, struct vm_area, object_node);

		found |= (area->flags & VM_SHARED) && (area->flags & VM_MAY_WRITE);
	}
	mutex_unlock(&object->lock);
	return found;
}

int memory_file_add_seals(struct file *file, unsigned seals)
{
	struct node *node = file->node;
	int error = 0;

	if (!is_memory_file(file) || (seals & ~(unsigned)SEAL_ALL))
		return -EINVAL;
	if (!file->writable || node->scheme != memory_scheme)
		return -EPERM;
	mutex_lock(&node->lock);
	if (ramfs_node_of(node)->seals & SEAL_SEAL)
		error = -EPERM;
	else if ((seals & SEAL_WRITE) && is_mapped_for_writing(node->object))
		error = -EBUSY;
	else
		ramfs_node_of(node)->seals |= seals;
	mutex_unlock(&node->lock);
	return error;
}
