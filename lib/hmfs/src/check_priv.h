/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of checking share.
 *
 *   check.c           the order of things, and what is said
 *   check_super.c     superblocks and root records
 *   check_nodes.c     the nodes of all maps, each copy
 *   check_dataset.c   the records of datasets
 *   check_record.c    the entries of a dataset by themselves, and how they fit to their object
 *   check_name.c      names and forks: what they lead to
 *   check_index.c     the index of forks
 *   check_tree.c      objects: are they reached, as often as they say
 *   check_lost.c      /lost+found
 *   check_blocks.c    sets of blocks
 *   check_use.c       who uses which block
 *   check_data.c      the contents of files
 *   check_shared.c    counts of references
 *   check_space.c     the bit maps against that
 *
 * The volume is opened without writing anything, with the log replayed in memory. What is wrong in
 * its maps is put right there, and the space last, so that nothing is allocated before it is known
 * what is free; then it is committed.
 *
 * All functions return 0, or an error that ends the check. Damage is not an error. The volume's
 * lock is held.
 */
#pragma once

#include <hmfs/check.h>

#include "volume_priv.h"

#define HMFS_TYPE_DIRECTORY (HMFS_MODE_DIRECTORY >> 12)

/* An object of the dataset that is being checked. */
struct hmfs_check_object {
	uint64_t number;
	uint64_t parent; /* the first directory (or owner of the fork) that names it; 0: none */
	uint64_t size;   /* as its record says */
	uint64_t blocks, blocks_found;
	uint64_t entries; /* names found in it; of a fork in the index: the hash it has there */
	uint32_t links, names; /* as its record says; found */
	uint32_t forks, forks_found;
	uint16_t type;        /* mode >> 12 */
	uint32_t directories; /* in it */
	bool is_fork, is_indexed, is_orphan, reached, visiting;
};

struct hmfs_check_table {
	struct hmfs_check_object *objects; /* in order of their numbers */
	size_t count, room;
};

/* A dataset, as its record said when the check began. */
struct hmfs_check_dataset {
	uint32_t number, flags;
	uint64_t parent, parent_commit, dead, heir;
	struct hmfs_key reaped;
	bool has_children;
};

/* A set of blocks, of which only the parts that have any take memory. */
struct hmfs_check_set {
	uint64_t **groups; /* of HMFS_GROUP_BLOCKS bits */
	uint64_t blocks;
};

/* The device, which lets nothing be written before that is safe. */
struct hmfs_check_device {
	struct hmfs_device device; /* first */
	struct hmfs_device *below;
	bool writable;
};

struct hmfs_check {
	struct hmfs_check_device device;
	const struct hmfs_host *host;
	const struct hmfs_check_options *options;
	const struct hmfs_report *report;
	struct hmfs_check_result *result;
	struct hmfs_volume *volume;
	struct hmfs_super super;
	bool changed;    /* something was repaired in memory */
	bool incomplete; /* something could not be read: nobody knows what is free */

	struct hmfs_check_dataset *datasets; /* in order of their numbers */
	size_t dataset_count;
	struct hmfs_dataset *dataset; /* the one that is being checked */
	const struct hmfs_check_dataset *dataset_info, *dead_owner;
	struct hmfs_check_table table;
	uint64_t lost_and_found;             /* object; 0: not made or found yet */
	uint64_t index_entries, index_found; /* all there are; those that forks have */

	struct hmfs_chunk *chunk; /* room for one */
	uint8_t *block;           /* room for two nodes */
	/* Blocks in use; of those metadata; referred to more than once; of these those whose
	 * contents are right for one who does. */
	struct hmfs_check_set used, metadata, twice, settled;
	struct rbtree shared; /* check_shared.c */
	uint64_t done, total; /* of the progress */
};

/* --- check.c --- */

/* A line for people. `can_repair`: it is about to be repaired, if that is wanted; returns whether
 * it is. */
bool hmfs_check_problem(struct hmfs_check *check, bool can_repair, const char *format, ...)
	printf_like(3, 4);
/* The same about an object of the dataset at hand, whose path comes first. */
bool hmfs_check_object_problem(struct hmfs_check *check, uint64_t object, bool can_repair,
			       const char *format, ...) printf_like(4, 5);
void hmfs_check_progress(struct hmfs_check *check, uint64_t blocks);
/* Memory for `count` things of `size` bytes, zeros; NULL. */
void *hmfs_check_allocate(struct hmfs_check *check, uint64_t count, size_t size);

/* Calls `visit` for the entries of a map from `from` on, which may change the map. It returns 0, an
 * error, or one of these. What cannot be read is a problem, and ends the walk without an error. */
enum hmfs_check_step {
	HMFS_CHECK_END = 1,   /* that was all */
	HMFS_CHECK_AGAIN = 2, /* the same entry again: the map changed */
};
typedef int hmfs_check_visitor(struct hmfs_check *check, const struct hmfs_key *key,
			       const struct hmfs_value *value, void *argument);
int must_check hmfs_check_walk(struct hmfs_check *check, struct hmfs_map *map,
			       const struct hmfs_key *from, hmfs_check_visitor *visit,
			       void *argument);
/* Changes to the map of the dataset at hand, or another one. */
int must_check hmfs_check_put(struct hmfs_check *check, struct hmfs_map *map,
			      const struct hmfs_key *key, const void *value, size_t length);
int must_check hmfs_check_remove(struct hmfs_check *check, struct hmfs_map *map,
				 const struct hmfs_key *key);

/* It is being deleted: its contents are not whole any more. */
static inline bool hmfs_check_is_dying(const struct hmfs_check_dataset *dataset)
{
	return dataset->flags & HMFS_DATASET_DYING;
}

static inline unsigned hmfs_check_kind(const struct hmfs_key *key)
{
	return (unsigned)(key->place >> 56);
}

/* --- check_super.c --- */

int must_check hmfs_check_supers(struct hmfs_check *check);
/* Behind mounting: `root` is the one that is the volume. */
int must_check hmfs_check_rings(struct hmfs_check *check);

/* --- check_nodes.c --- */

int must_check hmfs_check_nodes(struct hmfs_check *check);

/* --- check_dataset.c --- */

int must_check hmfs_check_datasets(struct hmfs_check *check);
/* The dataset at hand is this one from now on. */
int must_check hmfs_check_open(struct hmfs_check *check, size_t index);
/* The dataset that has this list of the dead, NULL: none. */
const struct hmfs_check_dataset *hmfs_check_dead_owner(struct hmfs_check *check, uint64_t list);

/* --- check_record.c, check_name.c, check_index.c, check_tree.c, check_lost.c: the dataset at hand --- */

int must_check hmfs_check_records(struct hmfs_check *check);
int must_check hmfs_check_names(struct hmfs_check *check);
/* A fork's entry in the index: its owner, its name, its object. */
int must_check hmfs_check_indexed(struct hmfs_check *check, uint64_t owner, const char *name,
				  size_t length, const struct hmfs_check_object *fork);
/* Behind all names: entries that no fork has. */
int must_check hmfs_check_index(struct hmfs_check *check);
int must_check hmfs_check_tree(struct hmfs_check *check);
struct hmfs_check_object *hmfs_check_find(const struct hmfs_check *check, uint64_t number);
/* Adds one, in its place. */
int must_check hmfs_check_add(struct hmfs_check *check, const struct hmfs_check_object *object);
/* Gives the object a name in /lost+found. The table may move. */
int must_check hmfs_check_save(struct hmfs_check *check, uint64_t number);
/* Makes the root directory, which is missing. */
int must_check hmfs_check_make_root(struct hmfs_check *check);
/* Whether blocks lie between what has fixed places; whether a run lies where data can be. */
bool hmfs_check_range(const struct hmfs_check *check, uint64_t address, uint64_t blocks);
bool hmfs_check_run_lies_right(const struct hmfs_check *check, const struct hmfs_run *run);

/* --- check_blocks.c --- */

int must_check hmfs_set_create(struct hmfs_check *check, struct hmfs_check_set *set);
void hmfs_set_destroy(struct hmfs_check *check, struct hmfs_check_set *set);
bool hmfs_set_has(const struct hmfs_check_set *set, uint64_t block);
/* -ENOMEM. */
int must_check hmfs_set_add(struct hmfs_check *check, struct hmfs_check_set *set, uint64_t block);
/* The first block at or behind `from` that is (not) in it, or set->blocks. */
uint64_t hmfs_set_next(const struct hmfs_check_set *set, uint64_t from, bool in);
bool hmfs_set_has_any(const struct hmfs_check_set *set, uint64_t address, uint64_t blocks);
uint64_t hmfs_set_count(const struct hmfs_check_set *set);

/* --- check_use.c, check_shared.c, check_space.c --- */

/* What has fixed places, and the log, is in use; first of all. */
int must_check hmfs_check_fixed(struct hmfs_check *check);
int must_check hmfs_check_use(struct hmfs_check *check);
/* Verifies a run of the chunk in check->chunk. */
int must_check hmfs_check_data(struct hmfs_check *check, const struct hmfs_key *key,
			       const struct hmfs_run *run);
/* A reference to a block that has several. */
int must_check hmfs_check_shared_count(struct hmfs_check *check, uint64_t block);
int must_check hmfs_check_shared(struct hmfs_check *check);
void hmfs_check_shared_end(struct hmfs_check *check);
int must_check hmfs_check_space(struct hmfs_check *check);
