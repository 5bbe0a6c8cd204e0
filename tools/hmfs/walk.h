/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tree of the system's, folder by folder in the order of names, without recursion. */
#pragma once

#include <base/types.h>
#include <sys/stat.h>

struct walk_entry {
	const char *path; /* as it can be opened */
	const char *name; /* the last part of it */
	struct stat status;
	uint64_t folder; /* what the visitor made of the folder that it is in */
};
/* Visits each name below the folder `path`. The visitor gives what it made of a folder in
 * *made, which the folder's entries get as `folder`; those of `path` itself get `first`. It
 * returns an error to stop. What cannot be read is complained of and counted. */
typedef int walk_visitor(void *context, const struct walk_entry *entry, uint64_t *made);
int walk_tree(const char *path, uint64_t first, walk_visitor *visit, void *context,
	      uint64_t *failures);
