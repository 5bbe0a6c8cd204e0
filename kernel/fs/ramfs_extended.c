/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes of ramfs: a list at the node, whose names fill at most what a listing
 * may return. node->lock is held by the callers. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/extended.h>

#include "ramfs_priv.h"

struct ramfs_extended {
	struct list_node node;
	size_t size;
	char *name; /* behind the value */
	uint8_t value[];
};

static struct ramfs_extended *extended_of(struct list_node *node)
{
	return container_of(node, struct ramfs_extended, node);
}

static struct ramfs_extended *find(struct node *node, const char *name)
{
	struct list_node *each;

	list_for_each (each, &ramfs_node_of(node)->extended) {
		if (strcmp(extended_of(each)->name, name) == 0)
			return extended_of(each);
	}
	return NULL;
}

ssize_t ramfs_op_get_extended(struct node *node, const char *name, void *value, size_t size)
{
	struct ramfs_extended *found = find(node, name);

	if (!found)
		return -ENODATA;
	memcpy(value, found->value, min_size(size, found->size));
	return (ssize_t)found->size;
}

static size_t names_length(struct node *node)
{
	struct list_node *each;
	size_t length = 0;

	list_for_each (each, &ramfs_node_of(node)->extended)
		length += strlen(extended_of(each)->name) + 1;
	return length;
}

static struct ramfs_extended *create(const char *name, const void *value, size_t size)
{
	struct ramfs_extended *made = kmalloc(sizeof(*made) + size + strlen(name) + 1);

	if (!made)
		return NULL;
	made->size = size;
	made->name = (char *)made->value + size;
	memcpy(made->value, value, size);
	memcpy(made->name, name, strlen(name) + 1);
	return made;
}

int ramfs_op_set_extended(struct node *node, const char *name, const void *value, size_t size,
			  unsigned flags)
{
	struct ramfs_extended *old = find(node, name), *made = NULL;

	if (old && (flags & EXTENDED_CREATE))
		return -EEXIST;
	if (!old && (!value || (flags & EXTENDED_REPLACE)))
		return -ENODATA;
	if (value) {
		if (!old && names_length(node) + strlen(name) + 1 > EXTENDED_VALUE_MAX)
			return -ENOSPC;
		made = create(name, value, size);
		if (!made)
			return -ENOMEM;
		list_push_back(&ramfs_node_of(node)->extended, &made->node);
	}
	if (old) {
		list_remove(&old->node);
		kfree(old);
	}
	return 0;
}

ssize_t ramfs_op_list_extended(struct node *node, char *names, size_t size)
{
	struct list_node *each;
	size_t length = 0;

	list_for_each (each, &ramfs_node_of(node)->extended) {
		size_t next = strlen(extended_of(each)->name) + 1;

		if (next > size - length)
			return -ERANGE;
		memcpy(names + length, extended_of(each)->name, next);
		length += next;
	}
	return (ssize_t)length;
}

void ramfs_extended_release(struct ramfs_node *node)
{
	struct list_node *each;

	while ((each = list_pop_front(&node->extended)))
		kfree(extended_of(each));
}
