/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short ways to make and look at objects of a volume in memory. */
#pragma once

#include <base/errno.h>
#include <base/string.h>
#include <hmfs/check.h>
#include <hmfs/file.h>

#include "memory_volume.h"

#include <stdio.h>

#define OBJECT_BLOCKS 16384u /* 64 MiB */

static inline struct hmfs_id object_root(void)
{
	return (struct hmfs_id){ HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
}

/* 0 or a negative errno; not held afterwards. `made` may be NULL. */
static inline int object_make(struct memory_volume *v, struct hmfs_id directory, const char *name,
			      uint32_t mode, const char *target, struct hmfs_id *made)
{
	const struct hmfs_template like = { .mode = mode, .target = target };
	struct hmfs_id id;
	int error = hmfs_create(v->volume, directory, name, strlen(name), &like, &id);

	if (error)
		return error;
	hmfs_object_let_go(v->volume, id);
	if (made)
		*made = id;
	return 0;
}

static inline int object_file(struct memory_volume *v, struct hmfs_id directory, const char *name,
			      struct hmfs_id *made)
{
	return object_make(v, directory, name, HMFS_MODE_REGULAR | 0644, NULL, made);
}

static inline int object_directory(struct memory_volume *v, struct hmfs_id directory,
				   const char *name, struct hmfs_id *made)
{
	return object_make(v, directory, name, HMFS_MODE_DIRECTORY | 0755, NULL, made);
}

static inline int object_find(struct memory_volume *v, struct hmfs_id directory, const char *name,
			      struct hmfs_id *found)
{
	return hmfs_lookup(v->volume, directory, name, strlen(name), found, NULL);
}

static inline int object_link(struct memory_volume *v, struct hmfs_id directory, const char *name,
			      struct hmfs_id target)
{
	return hmfs_link(v->volume, directory, name, strlen(name), target);
}

static inline int object_unlink(struct memory_volume *v, struct hmfs_id directory, const char *name)
{
	return hmfs_unlink(v->volume, directory, name, strlen(name));
}

static inline int object_rename(struct memory_volume *v, struct hmfs_id from, const char *name,
				struct hmfs_id to, const char *new_name, unsigned flags)
{
	return hmfs_rename(v->volume, from, name, strlen(name), to, new_name, strlen(new_name),
			   flags);
}

/* All zeros if it is not there. */
static inline struct hmfs_attributes object_attributes(struct memory_volume *v, struct hmfs_id id)
{
	struct hmfs_attributes attributes;

	if (hmfs_read_attributes(v->volume, id, &attributes))
		memset(&attributes, 0, sizeof(attributes));
	return attributes;
}

static inline void object_problem(void *context, const char *line, bool repaired)
{
	(void)context, (void)repaired;
	printf("    %s\n", line);
}

/* Unmounts the volume, checks all of it, contents too, and mounts it again: problems, which it
 * prints. */
static inline uint64_t object_check(struct memory_volume *v)
{
	const struct hmfs_check_options options = { .repair = false, .data = true };
	const struct hmfs_report report = { .problem = object_problem };
	struct hmfs_check_result result;

	if (hmfs_unmount(v->volume) ||
	    hmfs_check(&v->device.device, &v->host, &options, &report, &result) ||
	    memory_volume_mount(v, false))
		return UINT64_MAX;
	return result.problems;
}

static inline uint64_t object_count(struct memory_volume *v)
{
	struct hmfs_statistics statistics;

	hmfs_read_statistics(v->volume, &statistics);
	return statistics.objects;
}
