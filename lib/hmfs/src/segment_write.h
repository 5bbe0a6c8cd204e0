/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing segments: entries go in, in order, and a tree of nodes comes out, twice, in large
 * transfers. Whoever writes one holds the volume's lock; with `free_lock` it is let go of while
 * blocks are transferred.
 */
#pragma once

#include "map_priv.h"
#include "space.h"

struct hmfs_writer_options {
	enum hmfs_use use;
	uint64_t birth;
	uint64_t entries, bytes; /* about how much it will be: entries, bytes of their values */
	bool free_lock;
	bool keep; /* its nodes come into the cache */
};

struct hmfs_writer;

int must_check hmfs_writer_create(struct hmfs_context *context,
				  const struct hmfs_writer_options *options,
				  struct hmfs_writer **writer);
/* The next entry. -ENOSPC, -EIO, -ENOMEM: then it can only be undone. */
int must_check hmfs_writer_add(struct hmfs_writer *writer, const struct hmfs_key *key,
			       const struct hmfs_value *value);
/* Writes the rest. Without entries there is no segment: pointer->entries is 0. */
int must_check hmfs_writer_finish(struct hmfs_writer *writer, struct hmfs_segment_pointer *pointer);
/* After that, if it is tentative (HMFS_USE_MERGE): its blocks are to stay. If that fails they are
 * free again. */
int must_check hmfs_writer_confirm(struct hmfs_writer *writer);
/* Frees its blocks, which nothing on disk refers to. */
void hmfs_writer_undo(struct hmfs_writer *writer);
/* Frees what it has in memory. */
void hmfs_writer_destroy(struct hmfs_writer *writer);
