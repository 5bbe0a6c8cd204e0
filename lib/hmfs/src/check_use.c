/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking who uses which block. A reference belongs to the dataset that it was born in: those that
 * came off it later have it, too, but it is one reference. What a dataset let go of while an older
 * one has it stands in a list of the dead, and is that one's. So each block of data that is in use
 * has at least one reference of its owner's, and as many more as its count says.
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

/* --- Walking all references --- */

struct walk {
	/* A run (or its mirror) that the dataset at hand owns, or one that it inherits. */
	int (*own)(struct hmfs_check *check, uint64_t address, uint64_t blocks);
	bool inherited; /* looks at those instead */
	bool contents;  /* verifies those that are owned instead */
};

static bool run_owned(const struct hmfs_check *check, const struct hmfs_run *run)
{
	return run->birth > check->dataset_info->parent_commit;
}

static bool run_known(const struct hmfs_check *check, const struct hmfs_run *run)
{
	for (uint64_t i = 0; i < run->blocks; i++) {
		if (!hmfs_set_has(&check->used, run->address + i) ||
		    (run->mirror && !hmfs_set_has(&check->used, run->mirror + i)))
			return false;
	}
	return true;
}

static int own_run(struct hmfs_check *check, const struct walk *walk, const struct hmfs_key *key,
		   const struct hmfs_run *run)
{
	int error;

	if (walk->contents)
		return hmfs_check_data(check, key, run);
	error = walk->own(check, run->address, run->blocks);
	if (!error && run->mirror)
		error = walk->own(check, run->mirror, run->blocks);
	return error;
}

/* What it says to have inherited, but nobody had: it becomes its own. */
static int disinherit(struct hmfs_check *check, const struct walk *walk, const struct hmfs_key *key,
		      struct hmfs_run *run)
{
	const bool repair = hmfs_check_object_problem(
		check, key->object, true, "block %llu should be an older dataset's, but is not",
		(unsigned long long)run->address);

	if (repair) {
		run->birth = check->volume->commit;
		check->changed = true;
	}
	return own_run(check, walk, key, run);
}

static int see_chunk(struct hmfs_check *check, const struct hmfs_key *key,
		     const struct hmfs_value *value, void *argument)
{
	const struct walk *walk = argument;
	struct hmfs_chunk *chunk = check->chunk;
	bool store = false;
	int error = 0;

	if (hmfs_check_kind(key) != HMFS_KIND_CHUNK ||
	    hmfs_chunk_decode(check->super.hash, value->bytes, value->length, chunk) != 0)
		return 0;
	for (unsigned i = 0; !error && i < chunk->runs; i++) {
		struct hmfs_run *run = &chunk->run[i];

		if (!hmfs_check_run_lies_right(check, run))
			continue;
		if (run_owned(check, run)) {
			if (!walk->inherited)
				error = own_run(check, walk, key, run);
		} else if (walk->inherited && !run_known(check, run)) {
			error = disinherit(check, walk, key, run);
			store |= check->options->repair;
		}
	}
	if (error || !store)
		return error;
	return hmfs_chunk_store(check->dataset, key->object, key->place & HMFS_PLACE_MASK, chunk);
}

static int walk_datasets(struct hmfs_check *check, const struct walk *walk)
{
	int error = 0;

	for (size_t i = 0; !error && i < check->dataset_count; i++) {
		const struct hmfs_check_dataset *dataset = &check->datasets[i];
		struct hmfs_key from = { 0 };

		if (hmfs_check_is_dying(dataset)) {
			/* What is left of it: all is its own. */
			if (dataset->heir || walk->inherited ||
			    dataset->reaped.object == UINT64_MAX)
				continue;
			from = dataset->reaped;
		}
		error = hmfs_check_open(check, i);
		if (!error)
			error = hmfs_check_walk(check, &check->dataset->map, &from, see_chunk,
						(void *)walk);
		if (error == -EIO) /* that was said before */
			error = 0;
	}
	return error;
}

/* --- The dead --- */

static int bad_dead(struct hmfs_check *check, const struct hmfs_key *key, const char *why)
{
	if (!hmfs_check_problem(check, true, "block %llu in list %llu of the dead %s",
				(unsigned long long)(key->place & HMFS_PLACE_MASK),
				(unsigned long long)key->object, why))
		return 0;
	return hmfs_check_remove(check, &check->volume->map, key);
}

static bool all_used(const struct hmfs_check *check, uint64_t address, uint64_t blocks)
{
	return hmfs_set_next(&check->used, address, false) >= address + blocks;
}

static int see_dead(struct hmfs_check *check, const struct hmfs_key *key,
		    const struct hmfs_value *value, void *argument)
{
	const struct walk *walk = argument;
	const uint64_t address = key->place & HMFS_PLACE_MASK;
	const struct hmfs_check_dataset *owner;
	struct hmfs_dead_record record;

	if (hmfs_check_kind(key) != HMFS_KIND_DEAD)
		return 0;
	owner = hmfs_check_dead_owner(check, key->object);
	if (!owner)
		return walk->inherited ? bad_dead(check, key, "is nobody's") : 0;
	if (value->length != sizeof(record))
		return walk->inherited ? bad_dead(check, key, "has a record that is nonsense") : 0;
	memcpy(&record, value->bytes, sizeof(record));
	if (!hmfs_check_range(check, address, record.blocks) ||
	    hmfs_set_has_any(&check->metadata, address, record.blocks))
		return walk->inherited ? bad_dead(check, key, "is no block of data") : 0;
	/* Not freed yet by the dataset's deletion that goes on. */
	if (record.birth > owner->parent_commit)
		return walk->inherited ? 0 : walk->own(check, address, record.blocks);
	if (walk->inherited && !all_used(check, address, record.blocks))
		return bad_dead(check, key, "is used by no older dataset");
	return 0;
}

static int walk_all(struct hmfs_check *check, struct walk *walk)
{
	const struct hmfs_key first = { 0 };
	const int error = walk_datasets(check, walk);

	if (error)
		return error;
	return hmfs_check_walk(check, &check->volume->map, &first, see_dead, walk);
}

/* --- In use, once or more often --- */

static int claim(struct hmfs_check *check, uint64_t address, uint64_t blocks)
{
	for (uint64_t block = address; block < address + blocks; block++) {
		const bool again = hmfs_set_has(&check->used, block);
		const int error = hmfs_set_add(check, again ? &check->twice : &check->used, block);

		if (error)
			return error;
		check->result->data_blocks += !again;
	}
	hmfs_check_progress(check, blocks);
	return 0;
}

static int count(struct hmfs_check *check, uint64_t address, uint64_t blocks)
{
	for (uint64_t block = address; block < address + blocks; block++) {
		const int error = hmfs_set_has(&check->twice, block)
					  ? hmfs_check_shared_count(check, block)
					  : 0;

		if (error)
			return error;
	}
	return 0;
}

static int claim_fixed(struct hmfs_check *check, uint64_t address, uint64_t blocks)
{
	for (uint64_t i = 0; i < blocks; i++) {
		int error = hmfs_set_add(check, &check->used, address + i);

		if (!error)
			error = hmfs_set_add(check, &check->metadata, address + i);
		if (error)
			return error;
	}
	return 0;
}

/* The places that never change, and the log. */
int hmfs_check_fixed(struct hmfs_check *check)
{
	const struct hmfs_root *root = &check->volume->root;
	int error = claim_fixed(check, 0, HMFS_RING_START + HMFS_RING_SLOTS);

	if (!error)
		error = claim_fixed(check, root->blocks - HMFS_END_BLOCKS, HMFS_END_BLOCKS);
	for (unsigned i = 0; !error && i < HMFS_LOG_EXTENTS; i++) {
		const struct hmfs_extent *extent = &root->log[i];

		if (extent->blocks && hmfs_check_range(check, extent->address, extent->blocks))
			error = claim_fixed(check, extent->address, extent->blocks);
	}
	return error;
}

int hmfs_check_use(struct hmfs_check *check)
{
	struct walk own = { .own = claim };
	struct walk inherited = { .own = claim, .inherited = true };
	struct walk counting = { .own = count };
	struct walk contents = { .contents = true };
	int error = walk_all(check, &own);

	if (!error)
		error = walk_all(check, &inherited);
	/* Only now it is known what else a block may be. */
	if (!error && check->options->data)
		error = walk_datasets(check, &contents);
	if (!error && hmfs_set_next(&check->twice, 0, true) < check->twice.blocks)
		error = walk_all(check, &counting);
	return error;
}
