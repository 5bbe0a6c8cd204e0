/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>

int sysfs_things_lookup(const struct sysfs_things *things, struct node *directory, const char *name,
			size_t length, struct node **found)
{
	struct proc_node *self = proc_node_of(directory), *created;
	struct sysfs_thing thing;
	int error;

	for (unsigned i = 0; i < things->limit; i++) {
		if (!things->describe(self->fd, i, &thing) || strlen(thing.name) != length ||
		    memcmp(thing.name, name, length) != 0)
			continue;
		error = proc_node_create(self, name, length, thing.entry, NULL, &created);
		if (error)
			return error;
		created->fd = thing.id;
		*found = &created->node;
		return 0;
	}
	return -ENOENT;
}

int sysfs_things_read(const struct sysfs_things *things, struct file *file, uint64_t *cookie,
		      struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	struct sysfs_thing thing;

	for (; *cookie < things->limit; ++*cookie) {
		if (!things->describe(self->fd, (unsigned)*cookie, &thing))
			continue;
		if (!sink->entry(sink, thing.name, strlen(thing.name),
				 proc_child_number(self, thing.name, strlen(thing.name)),
				 thing.entry->mode & MODE_TYPE, *cookie + 1))
			break;
	}
	return 0;
}
