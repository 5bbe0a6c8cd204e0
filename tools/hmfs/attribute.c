/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes: forks, seen from outside. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "attribute.h"
#include "program.h"
#include "volume.h"

static const char user_prefix[] = "user.";

bool attribute_fork(const char *name, const char **fork, uint8_t *type)
{
	size_t prefix = sizeof(user_prefix) - 1;

	if (strncmp(name, user_prefix, prefix) == 0 && name[prefix]) {
		*fork = name + prefix;
		*type = HMFS_FORK_USER;
		return true;
	}
	*fork = name;
	*type = HMFS_FORK_ATTRIBUTE;
	return strncmp(name, "trusted.", 8) == 0 || strncmp(name, "security.", 9) == 0;
}

bool fork_attribute(const char *fork, uint8_t type, char *name, size_t size)
{
	int length = -1;

	if (type == HMFS_FORK_USER)
		length = snprintf(name, size, "%s%s", user_prefix, fork);
	else if (type == HMFS_FORK_ATTRIBUTE)
		length = snprintf(name, size, "%s", fork);
	return length > 0 && (size_t)length < size;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a file's attributes, sorted; *count of them. NULL: there are none. */
static char **list_attributes(const char *path, char **bytes, size_t *count)
{
	ssize_t size = llistxattr(path, NULL, 0), length;
	char **names, *name;

	*count = 0;
	*bytes = NULL;
	if (size <= 0)
		return NULL;
	*bytes = allocate((size_t)size);
	length = llistxattr(path, *bytes, (size_t)size);
	if (length <= 0)
		return NULL;
	names = allocate(((size_t)length / 2 + 1) * sizeof(*names));
	for (name = *bytes; name < *bytes + length; name += strlen(name) + 1)
		names[(*count)++] = name;
	qsort(names, *count, sizeof(*names), compare);
	return names;
}

static int import_one(struct hmfs_volume *volume, struct hmfs_id id, const char *path,
		      const char *name, uint64_t *failures)
{
	uint8_t *value;
	const char *fork;
	ssize_t length;
	uint8_t type;
	int error;

	if (!attribute_fork(name, &fork, &type))
		return 0;
	value = allocate(HMFS_ATTRIBUTE_MAX);
	length = lgetxattr(path, name, value, HMFS_ATTRIBUTE_MAX);
	if (length < 0) {
		complain("%s: attribute %s: %s", printable(path), printable(name), strerror(errno));
		(*failures)++;
		error = 0;
	} else {
		error = hmfs_fork_set(volume, id, fork, strlen(fork), type, value, (size_t)length,
				      0);
	}
	free(value);
	return error;
}

int attributes_import(struct hmfs_volume *volume, struct hmfs_id id, const char *path,
		      uint64_t *failures)
{
	char *bytes;
	size_t count, i;
	char **names = list_attributes(path, &bytes, &count);
	int error = 0;

	for (i = 0; i < count && !error; i++)
		error = import_one(volume, id, path, names[i], failures);
	free(names);
	free(bytes);
	return error;
}

static int export_one(struct hmfs_volume *volume, struct hmfs_id id, const char *path,
		      const struct name_entry *fork, bool all, uint64_t *failures)
{
	char name[HMFS_NAME_MAX + sizeof(user_prefix)];
	uint8_t *value;
	ssize_t length;

	if (!fork_attribute(fork->name, fork->type, name, sizeof(name)))
		return 0;
	if (fork->type != HMFS_FORK_USER && !all)
		return 0;
	value = allocate(HMFS_ATTRIBUTE_MAX);
	length = hmfs_fork_get(volume, id, fork->name, strlen(fork->name), fork->type, value,
			       HMFS_ATTRIBUTE_MAX);
	if (length >= 0 && length <= (ssize_t)HMFS_ATTRIBUTE_MAX &&
	    lsetxattr(path, name, value, (size_t)length, 0) < 0)
		length = -errno;
	free(value);
	if (length > (ssize_t)HMFS_ATTRIBUTE_MAX)
		length = -E2BIG;
	if (length >= 0)
		return 0;
	complain_of((int)length, "%s: attribute %s cannot be kept", printable(path),
		    printable(name));
	(*failures)++;
	return length == -EIO ? -EIO : 0;
}

int attributes_export(struct hmfs_volume *volume, struct hmfs_id id, const char *path, bool all,
		      uint64_t *failures)
{
	struct name_list forks;
	size_t i;
	int error = name_list_read(volume, id, true, &forks);

	if (error)
		return error;
	for (i = 0; i < forks.count && error != -EIO; i++)
		error = export_one(volume, id, path, &forks.entries[i], all, failures);
	name_list_free(&forks);
	return error;
}
