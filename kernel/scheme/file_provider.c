/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a provider may decide about open files, and what holds where it does not care: names,
 * further descriptions, attributes, readiness.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/poll.h>
#include <scheme/scheme.h>

#include "file_priv.h"
#include "node_priv.h"

int file_duplicate(struct file *file, const char *name, size_t length, struct file **made)
{
	return file->ops->duplicate ? file->ops->duplicate(file, name, length, made) : -EBADF;
}

int file_may_control(struct file *file, uint64_t command, uint64_t argument)
{
	return file->ops->may_control ? file->ops->may_control(file, command, argument) : 0;
}

int file_watch(struct file *file, unsigned wanted)
{
	if (file->ops->watch)
		return file->ops->watch(file, wanted);
	return (int)(file_poll(file, NULL) & wanted);
}

int file_statistics(struct file *file, struct scheme_statistics *statistics)
{
	struct scheme *scheme = file->node->scheme;

	if (file->ops->file_statistics)
		return file->ops->file_statistics(file, statistics);
	*statistics = (struct scheme_statistics){ 0 };
	if (!scheme)
		return -EBADF;
	if (scheme->ops->statistics)
		scheme->ops->statistics(scheme, statistics);
	return 0;
}

int file_read_attributes(struct file *file, struct node_attributes *attributes)
{
	if (file->ops->read_attributes)
		return file->ops->read_attributes(file, attributes);
	node_read_attributes(file->node, attributes);
	return 0;
}

int file_change_attributes(struct file *file, const struct credentials *credentials,
			   const struct node_changes *changes)
{
	struct node_changes rest = *changes;
	int error = 0;

	if (file->ops->change_attributes)
		return file->ops->change_attributes(file, changes);
	if (rest.which & CHANGE_SIZE) {
		error = file->writable ? node_truncate(file->node, credentials, rest.size) : -EBADF;
		rest.which &= ~(unsigned)CHANGE_SIZE;
	}
	if (!error && rest.which)
		error = node_set_attributes(file->node, credentials, &rest);
	return error;
}

ssize_t file_scheme_name(struct file *file, char *buffer, size_t size)
{
	char *name;
	size_t length;
	int error;

	if (file->ops->name)
		return file->ops->name(file, buffer, size);
	if (!file->dentry || !file->node->scheme)
		return -EBADF;
	error = dentry_scheme_name(file->dentry, &name);
	if (error)
		return error;
	length = min_size(strlen(name), size);
	memcpy(buffer, name, length);
	kfree(name);
	return (ssize_t)length;
}

int file_rename_open(struct file *file, const char *path, size_t length)
{
	return file->ops->rename_open ? file->ops->rename_open(file, path, length) : -EBADF;
}
