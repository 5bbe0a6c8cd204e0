/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes of files of the system's, and the forks that they are in a volume. */
#pragma once

#include <hmfs/object.h>

/* The kind and name of the fork that the attribute `name` is: user.NAME is the user's fork NAME,
 * others keep their names. False for those that are not stored (access lists). */
bool attribute_fork(const char *name, const char **fork, uint8_t *type);
/* The other way; false if it does not fit. */
bool fork_attribute(const char *fork, uint8_t type, char *name, size_t size);

/* Gives `id` the attributes of `path`. Errors of the volume are returned, others complained of and
 * counted. */
int attributes_import(struct hmfs_volume *volume, struct hmfs_id id, const char *path,
		      uint64_t *failures);
/* The other way. What cannot be set is complained of and counted; user.*, others only if `all`. */
int attributes_export(struct hmfs_volume *volume, struct hmfs_id id, const char *path, bool all,
		      uint64_t *failures);
