/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of snapshots and clones that are written, reflinked and deleted at random, against a model
 * in which every dataset simply has its references: after each commit a block is free if and only
 * if no dataset has a reference to it.
 */
#include "../src/map_priv.h"
#include "../src/space_priv.h"
#include "memory_volume.h"

#include <base/errno.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define BLOCKS     40000u
#define DATASETS   24u
#define REFERENCES 160u

struct reference {
	uint64_t address, blocks, birth;
	bool shared;
};

struct dataset {
	bool exists, writable, hidden;
	unsigned parent; /* place in model.datasets; 0 is none: live is 1 */
	struct hmfs_dataset_record record;
	unsigned count;
	struct reference references[REFERENCES];
};

static struct hmfs_host host;
static struct hmfs_context context;
static struct hmfs_map map;
static struct hmfs_space *space;
static struct {
	struct dataset datasets[DATASETS];
	uint64_t commit; /* that changes belong to */
	uint64_t next_list;
	uint64_t random;
	unsigned inherits, leaves;
} model;

static unsigned below(unsigned bound)
{
	return (unsigned)unit_random_below(&model.random, bound);
}

static void commit(void)
{
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	hmfs_space_done(space, false);
	model.commit++;
}

static void check(void)
{
	static bool used[BLOCKS], freed[BLOCKS];
	uint64_t address = 0, blocks;

	commit();
	if (below(4) == 0) {
		uint64_t after = hmfs_space_free_after(space);

		hmfs_space_destroy(space);
		EXPECT_EQUAL(hmfs_space_create(&context, &map, BLOCKS, after, &space), 0);
	}
	memset(used, 0, sizeof(used));
	memset(freed, 0, sizeof(freed));
	memset(used, 1, HMFS_RING_START + HMFS_RING_SLOTS);
	for (unsigned i = 1; i < DATASETS; i++) {
		const struct dataset *dataset = &model.datasets[i];

		for (unsigned k = 0; dataset->exists && k < dataset->count; k++)
			memset(used + dataset->references[k].address, 1,
			       dataset->references[k].blocks);
	}
	while (hmfs_space_next_free(space, &address, 1, &blocks) == 0) {
		memset(freed + address, 1, blocks);
		address += blocks;
	}
	for (unsigned block = 0; block < BLOCKS; block++) {
		if (used[block] == freed[block])
			unit_fail(__FILE__, __LINE__, "block %u is %s", block,
				  used[block] ? "free" : "lost");
	}
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
}

static unsigned a_dataset(bool writable)
{
	for (;;) {
		unsigned i = 1 + below(DATASETS - 1);
		const struct dataset *dataset = &model.datasets[i];

		if (dataset->exists && !dataset->hidden && (dataset->writable || !writable))
			return i;
	}
}

static unsigned children_of(unsigned parent, unsigned *one)
{
	unsigned count = 0;

	for (unsigned i = 1; i < DATASETS; i++) {
		if (model.datasets[i].exists && model.datasets[i].parent == parent) {
			count++;
			*one = i;
		}
	}
	return count;
}

static void do_write(unsigned i)
{
	struct dataset *dataset = &model.datasets[i];
	uint64_t address, got;

	if (dataset->count == REFERENCES)
		return;
	if (hmfs_space_allocate(space, HMFS_USE_DATA, 0, 1, 1 + below(HMFS_CHUNK_BLOCKS), &address,
				&got) != 0)
		return;
	EXPECT_EQUAL(hmfs_space_confirm_data(space, address, got), 0);
	dataset->references[dataset->count++] = (struct reference){
		.address = address,
		.blocks = got,
		.birth = model.commit,
	};
}

/* Lets go of a part of a reference, or all of it. */
static void do_delete(unsigned i)
{
	struct dataset *dataset = &model.datasets[i];
	struct reference *reference, old;
	unsigned first, count;

	if (dataset->count == 0)
		return;
	reference = &dataset->references[below(dataset->count)];
	old = *reference;
	first = below((unsigned)old.blocks);
	count = 1 + below((unsigned)old.blocks - first);
	if (below(2) || dataset->count == REFERENCES) {
		first = 0;
		count = (unsigned)old.blocks;
	}
	EXPECT_EQUAL(hmfs_dead_run(space, &dataset->record, i, old.address + first, count,
				   old.birth, old.shared ? HMFS_RUN_SHARED : 0),
		     0);
	*reference = dataset->references[--dataset->count];
	if (first) {
		dataset->references[dataset->count] = old;
		dataset->references[dataset->count++].blocks = first;
	}
	if (first + count < old.blocks && dataset->count < REFERENCES) {
		dataset->references[dataset->count] = old;
		dataset->references[dataset->count].address += first + count;
		dataset->references[dataset->count++].blocks -= first + count;
	} else if (first + count < old.blocks) {
		EXPECT_EQUAL(hmfs_dead_run(space, &dataset->record, i, old.address + first + count,
					   old.blocks - first - count, old.birth, 0),
			     0);
	}
}

/* A reflink, of a part of what any dataset has. */
static void do_clone_range(unsigned from, unsigned to)
{
	struct dataset *source = &model.datasets[from], *target = &model.datasets[to];
	struct reference *reference, copy;
	unsigned first;

	if (source->count == 0 || target->count == REFERENCES)
		return;
	reference = &source->references[below(source->count)];
	first = below((unsigned)reference->blocks);
	copy = (struct reference){
		.address = reference->address + first,
		.blocks = 1 + below((unsigned)reference->blocks - first),
		.birth = model.commit,
		.shared = true,
	};
	EXPECT_EQUAL(hmfs_shared_add(space, copy.address, copy.blocks), 0);
	/* A snapshot's reference cannot be told. */
	if (source->writable)
		reference->shared = true;
	target->references[target->count++] = copy;
}

static struct dataset *a_place(unsigned *place)
{
	for (unsigned i = 2; i < DATASETS; i++) {
		if (!model.datasets[i].exists) {
			*place = i;
			return &model.datasets[i];
		}
	}
	return NULL;
}

/* A snapshot of a writable dataset takes its place in the tree; a clone comes off a snapshot. */
static void do_snapshot(unsigned i)
{
	struct dataset *of = &model.datasets[i];
	unsigned place;
	struct dataset *made = a_place(&place);

	if (!made)
		return;
	*made = *of;
	made->hidden = false;
	if (of->writable) {
		made->writable = false;
		of->parent = place;
		of->record.parent_commit = model.commit;
		of->record.dead = model.next_list++;
	} else {
		made->writable = below(4) != 0;
		made->parent = i;
		made->record.parent_commit = model.commit;
		made->record.dead = model.next_list++;
	}
	/* What is born from now on is born behind parent_commit. */
	commit();
}

static void delete_leaf(struct dataset *dataset)
{
	for (unsigned k = 0; k < dataset->count; k++) {
		const struct reference *reference = &dataset->references[k];

		if (reference->birth > dataset->record.parent_commit)
			EXPECT_EQUAL(hmfs_shared_drop(space, reference->address, reference->blocks),
				     0);
	}
	while (hmfs_dead_forget(space, dataset->record.dead, 1 + below(5)) == 1)
		;
	dataset->exists = false;
	model.leaves++;
}

/* The heir goes on being used meanwhile. */
static void delete_inner(struct dataset *dataset, unsigned i)
{
	struct dataset *heir = &model.datasets[i];
	int more;

	heir->parent = dataset->parent;
	heir->record.parent_commit = dataset->record.parent_commit;
	do {
		more = hmfs_dead_inherit(space, dataset->record.dead, dataset->record.parent_commit,
					 heir->record.dead, 1 + below(5));
		EXPECT(more >= 0);
		if (heir->writable && !heir->hidden) {
			do_delete(i);
			do_write(i);
		}
		if (below(3) == 0)
			commit();
	} while (more);
	dataset->exists = false;
	model.inherits++;
}

/* Deletes it, or what is above it and was waiting for that. */
static void do_remove(unsigned i)
{
	while (i) {
		struct dataset *dataset = &model.datasets[i];
		unsigned parent = dataset->parent, heir = 0, children = children_of(i, &heir);

		if (children > 1) {
			dataset->hidden = true;
			return;
		}
		if (children == 1)
			delete_inner(dataset, heir);
		else
			delete_leaf(dataset);
		i = parent && model.datasets[parent].hidden ? parent : 0;
	}
}

static void step(void)
{
	unsigned choice = below(100);

	if (choice < 40) {
		do_write(a_dataset(true));
	} else if (choice < 70) {
		do_delete(a_dataset(true));
	} else if (choice < 80) {
		do_clone_range(a_dataset(false), a_dataset(true));
	} else if (choice < 88) {
		do_snapshot(a_dataset(false));
	} else if (choice < 93) {
		unsigned i = a_dataset(false);

		if (i != HMFS_DATASET_LIVE)
			do_remove(i);
	} else {
		check();
	}
}

static void run(uint64_t seed, unsigned steps)
{
	static const struct hmfs_map_root empty;

	memset(&model, 0, sizeof(model));
	model.random = seed;
	model.commit = 1;
	model.next_list = 100;
	model.datasets[HMFS_DATASET_LIVE].exists = true;
	model.datasets[HMFS_DATASET_LIVE].writable = true;
	model.datasets[HMFS_DATASET_LIVE].record.dead = model.next_list++;
	memory_host_init(&host, false);
	context = (struct hmfs_context){ .host = &host, .hash = HMFS_HASH_XXH3 };
	EXPECT_EQUAL(hmfs_map_open(&map, &context, &empty), 0);
	EXPECT_EQUAL(hmfs_space_create(&context, &map, BLOCKS, BLOCKS, &space), 0);
	EXPECT_EQUAL(hmfs_space_claim(space, 0, HMFS_RING_START + HMFS_RING_SLOTS), 0);
	for (unsigned i = 0; i < steps; i++)
		step();
	check();
	/* In the end nothing is left of anything. */
	for (unsigned i = 2; i < DATASETS; i++) {
		if (model.datasets[i].exists && !model.datasets[i].hidden)
			do_remove(i);
	}
	check();
	while (model.datasets[HMFS_DATASET_LIVE].count)
		do_delete(HMFS_DATASET_LIVE);
	check();
	EXPECT_EQUAL(hmfs_space_free_blocks(space), BLOCKS - HMFS_RING_START - HMFS_RING_SLOTS);
	hmfs_space_destroy(space);
	hmfs_map_close(&map);
	memory_host_end(&host);
}

UNIT_TEST(hmfs_dead, trees_of_snapshots_agree_with_a_model)
{
	unsigned inherits = 0, leaves = 0;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		run(seed, 1500);
		inherits += model.inherits;
		leaves += model.leaves;
	}
	EXPECT(inherits > 100 && leaves > 100);
}
