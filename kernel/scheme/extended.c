/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes: who may do what; providers keep them. */
#include <scheme/extended.h>

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>

#include "node_priv.h"

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0 && name[strlen(prefix)];
}

/* `write`: for setting, else for getting. */
static int check(const struct node *node, const struct credentials *credentials, const char *name,
		 bool write)
{
	if (write && node_read_only(node))
		return -EROFS;
	if (begins_with(name, "trusted.")) {
		if (credentials_privileged(credentials))
			return 0;
		return write ? -EPERM : -ENODATA;
	}
	if (!begins_with(name, "user."))
		return -EOPNOTSUPP;
	if (!node_is(node, MODE_FILE) && !node_is(node, MODE_DIRECTORY))
		return write ? -EPERM : -ENODATA;
	/* In directories that all may write, only their owner leaves attributes. */
	if (write && node_is(node, MODE_DIRECTORY) && (node->mode & MODE_STICKY) &&
	    credentials->fsuid != node->uid && !credentials_privileged(credentials))
		return -EPERM;
	return node_permission(node, credentials, write ? 2 : 4);
}

ssize_t extended_get(struct node *node, const struct credentials *credentials, const char *name,
		     void *value, size_t size)
{
	ssize_t result = check(node, credentials, name, false);

	if (result)
		return result;
	if (!node->ops->get_extended)
		return -EOPNOTSUPP;
	mutex_lock(&node->lock);
	result = node->ops->get_extended(node, name, value, size);
	mutex_unlock(&node->lock);
	return result > 0 && size && (size_t)result > size ? -ERANGE : result;
}

int extended_set(struct node *node, const struct credentials *credentials, const char *name,
		 const void *value, size_t size, unsigned flags)
{
	int error = check(node, credentials, name, true);

	if (error)
		return error;
	if (!node->ops->set_extended)
		return -EOPNOTSUPP;
	mutex_lock(&node->lock);
	error = node->ops->set_extended(node, name, value, size, flags);
	if (!error)
		node_touch_locked(node, 0);
	mutex_unlock(&node->lock);
	return error;
}

/* Takes the names of `trusted.` out of the list. */
static size_t drop_trusted(char *names, size_t length)
{
	size_t kept = 0;

	for (size_t at = 0; at < length;) {
		size_t size = strlen(names + at) + 1;

		if (!begins_with(names + at, "trusted.")) {
			memmove(names + kept, names + at, size);
			kept += size;
		}
		at += size;
	}
	return kept;
}

ssize_t extended_list(struct node *node, const struct credentials *credentials, char *names,
		      size_t size)
{
	char *all;
	ssize_t length;

	if (!node->ops->list_extended)
		return 0;
	all = kmalloc(EXTENDED_VALUE_MAX);
	if (!all)
		return -ENOMEM;
	mutex_lock(&node->lock);
	length = node->ops->list_extended(node, all, EXTENDED_VALUE_MAX);
	mutex_unlock(&node->lock);
	if (length > 0 && !credentials_privileged(credentials))
		length = (ssize_t)drop_trusted(all, (size_t)length);
	if (length > 0 && size && (size_t)length > size)
		length = -ERANGE;
	else if (length > 0 && size)
		memcpy(names, all, (size_t)length);
	kfree(all);
	return length;
}
