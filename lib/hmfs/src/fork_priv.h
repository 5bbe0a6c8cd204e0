/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fork.c, attribute.c and computed.c share. The lock is held. */
#pragma once

#include "volume_priv.h"

/* A fork, found or to be made, and what it is of. */
struct hmfs_fork {
	struct hmfs_volume *volume;
	struct hmfs_dataset *dataset;
	struct hmfs_id of;
	const char *name;
	size_t length;
	uint8_t type;             /* as asked for */
	struct hmfs_object owner; /* the record of `of` */
	struct hmfs_name entry;   /* its type: as stored */
	bool found;
	struct hmfs_object object; /* the fork's, if `found` */
	/* A computed one is being kept: no change of the owner, and what it is of. */
	bool keeping;
	uint64_t version;
	uint32_t mark;
};

/* Sets all but `volume` and `dataset`, which are set: whether it is there or not. -EOPNOTSUPP
 * (a fork of a fork), -EINVAL, -ENAMETOOLONG, -ENOENT (no such owner), -EIO. */
int must_check hmfs_fork_find(struct hmfs_fork *fork, struct hmfs_id of, const char *name,
			      size_t length, uint8_t type);
/* True if it is one that is computed, and nobody has set it. */
bool hmfs_fork_is_computed(const struct hmfs_fork *fork);
/* Makes it, empty, or with the inline contents `bytes`, in place of the one that is there if there
 * is one; sets `entry` and `object`. With `held`, held once. -ENOSPC, -ENOMEM, -EIO. */
int must_check hmfs_fork_make(struct hmfs_fork *fork, uint8_t type, const void *bytes, size_t size,
			      bool held);
/* Gives one that is there, and is not longer than what fits into its record, other such contents. */
int must_check hmfs_fork_replace(struct hmfs_fork *fork, const void *bytes, size_t size);
/* Whether it is so. */
int must_check hmfs_fork_is_inline(struct hmfs_fork *fork, bool *is_inline);
/* The same with an object that has no name, is held, and has the contents already. */
int must_check hmfs_fork_adopt(struct hmfs_fork *fork, uint64_t object);
/* Removes one that is there. */
int must_check hmfs_fork_remove_found(struct hmfs_fork *fork);

/* --- computed.c --- */

/* A computed one: whether it still is right. */
bool hmfs_fork_is_up_to_date(const struct hmfs_fork *fork);

/* The text of a computed fork, kept in it as well if that is possible: its length. Lets go of the
 * lock in between. `id`, if it is not NULL, gets the fork, held once: then it is an error if it
 * cannot be kept. */
ssize_t must_check hmfs_fork_compute(struct hmfs_fork *fork, char text[HMFS_COMPUTED_MAX],
				     struct hmfs_id *id);
