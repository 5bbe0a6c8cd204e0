/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file systems that there are, and what they say of devices. */
#include <fs/file_system.h>

#include <base/errno.h>
#include <base/string.h>

const struct file_system *file_system_find(const char *name)
{
	const struct file_system *type;

	for (type = file_system_records_start; type < file_system_records_end; type++) {
		if (strcmp(type->name, name) == 0)
			return type;
	}
	return NULL;
}

int file_system_probe(struct block_device *device, const struct file_system **found,
		      struct file_system_identity *identity)
{
	const struct file_system *type;

	for (type = file_system_records_start; type < file_system_records_end; type++) {
		int error;

		memset(identity, 0, sizeof(*identity));
		error = type->probe ? type->probe(device, identity) : -EINVAL;
		if (!error)
			*found = type;
		if (error != -EINVAL)
			return error;
	}
	return -EINVAL;
}
