/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and whole trees, from the system's into a volume and back, with all that they have: modes,
 * owners, times, holes, extended attributes and forks, hard links, symbolic links, devices. */
#pragma once

#include <sys/types.h>

#include "volume.h"

/* Hard links: what was seen already, by two numbers. */
struct link_entry {
	uint64_t device, inode; /* inode 0: free */
	struct hmfs_id id;      /* importing */
	char *path;             /* exporting */
};
struct link_table {
	struct link_entry *entries;
	size_t count, room; /* room: a power of two */
};
/* The entry for the two, which has `inode` 0 if it is new: the caller fills it then, and counts it
 * by link_table_added(). */
struct link_entry *link_table_find(struct link_table *table, uint64_t device, uint64_t inode);
void link_table_added(struct link_table *table);
void link_table_free(struct link_table *table);

struct import {
	struct tool_volume *volume;
	/* For reproducible volumes: no time is later, and the times that nobody can set are those of
	 * modification. */
	bool reproducible;
	uint64_t latest;
	bool owners; /* kept; else uid and gid */
	uint32_t uid, gid;
	bool quiet_full;                  /* nothing is said of a full volume */
	uint64_t skip_device, skip_inode; /* a file that is not taken: the image itself */
	uint64_t done, total;             /* bytes, for progress */
	uint64_t failures; /* what could not be read, was complained of, and left out */
	struct link_table links;
	void *buffer;
};
void import_begin(struct import *import, struct tool_volume *volume);
void import_end(struct import *import);
/* Stores `source` as `name` in `folder`, with all below it. With `merge` the folder itself takes the
 * names below `source`, and its attributes. An error of the volume was complained of. */
int import_tree(struct import *import, const char *source, struct hmfs_id folder, const char *name,
		bool merge);
/* The contents that can be read from `file` (a pipe, perhaps). */
int import_stream(struct import *import, int file, struct hmfs_id id);

/* What a tree will take. */
struct tree_size {
	uint64_t bytes;   /* of data, in whole blocks */
	uint64_t objects; /* files, folders, links, forks */
	uint64_t names;   /* bytes of names and small contents */
	uint64_t digest;  /* of names, sizes, kinds and times: the same for the same tree */
};
/* An error was complained of. */
int tree_measure(const char *source, uint64_t skip_device, uint64_t skip_inode,
		 struct tree_size *size);

/* --- Out of a volume --- */

struct export
{
	struct tool_volume *volume;
	uint64_t done, total, failures;
	struct link_table links;
	void *buffer;
};
void export_begin(struct export *export, struct tool_volume *volume);
void export_end(struct export *export);
/* Makes `target` what `place` is, all below it included. An error was complained of. */
int export_tree(struct export *export, const struct place *place, const char *target);
/* The contents, to a descriptor. `name` is for messages. */
int export_contents(struct export *export, struct hmfs_id id, int file, bool sparse,
		    const char *name, const char *target);
