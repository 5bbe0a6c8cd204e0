/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Directories of /sys whose entries are found by asking: of things that come and go, each with a number.
 *
 *	static const struct sysfs_things zones = { .limit = 16, .describe = describe_zone };
 *
 *	sysfs_things_lookup(&zones, directory, name, length, found);
 */
#pragma once

#include "proc_fs.h"

struct sysfs_thing {
	char name[32];
	const struct proc_entry *entry;
	int id; /* `fd` of its node */
};

struct sysfs_things {
	unsigned limit;
	/* Entry `index` below `limit` of the directory whose node has `fd` as `id`. False: there is none. */
	bool (*describe)(int id, unsigned index, struct sysfs_thing *thing);
};

/* For a directory's node_ops.lookup and .read_directory. */
int must_check sysfs_things_lookup(const struct sysfs_things *things, struct node *directory,
				   const char *name, size_t length, struct node **found);
int sysfs_things_read(const struct sysfs_things *things, struct file *file, uint64_t *cookie,
		      struct directory_sink *sink);

/* The operations of such a directory, called `identifier`; `storage`: static, or nothing. */
#define SYSFS_THINGS_OPS(storage, identifier, things)                                           \
	static int identifier##_lookup(struct node *directory, const char *name, size_t length, \
				       struct node **found)                                     \
	{                                                                                       \
		return sysfs_things_lookup(&(things), directory, name, length, found);          \
	}                                                                                       \
	static int identifier##_read(struct file *file, uint64_t *cookie,                       \
				     struct directory_sink *sink)                               \
	{                                                                                       \
		return sysfs_things_read(&(things), file, cookie, sink);                        \
	}                                                                                       \
	storage const struct node_ops identifier = {                                            \
		.refresh = proc_refresh,                                                        \
		.release = proc_release,                                                        \
		.lookup = identifier##_lookup,                                                  \
		.open = proc_open,                                                              \
		.read_directory = identifier##_read,                                            \
	}
