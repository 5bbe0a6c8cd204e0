/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reflinks. A run gets one more reference, which the counts of shared blocks know, and both
 * records say that there may be others. A record in a dataset that cannot be written stays as it
 * is: what its blocks become is decided by lists of the dead, which always look at the counts.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

/* Steps between which the lock is kept. */
#define STEPS_AT_ONCE 32u

struct cloning {
	struct hmfs_volume *volume;
	struct hmfs_id from, to;
	uint64_t from_block, to_block, end; /* `end`: of from_block */
	/* The runs of a step, as they shall be in `to`, and their checksums. */
	unsigned runs;
	struct hmfs_run run[HMFS_CHUNK_BLOCKS];
	uint8_t sums[HMFS_CHUNK_BLOCKS][HMFS_SUM_MAX];
};

/* How many blocks a step takes: those within one chunk on either side. */
static unsigned step_blocks(const struct cloning *cloning)
{
	const uint64_t from = HMFS_CHUNK_BLOCKS - hmfs_block_in_chunk(cloning->from_block);
	const uint64_t to = HMFS_CHUNK_BLOCKS - hmfs_block_in_chunk(cloning->to_block);

	return (unsigned)min_u64(min_u64(from, to), cloning->end - cloning->from_block);
}

/* --- References. --- */

static int add_reference(struct hmfs_volume *volume, const struct hmfs_run *run)
{
	int error = hmfs_shared_add(volume->space, run->address, run->blocks);

	if (error || !run->mirror)
		return error;
	error = hmfs_shared_add(volume->space, run->mirror, run->blocks);
	if (error && hmfs_shared_drop(volume->space, run->address, run->blocks) != 0)
		hmfs_complain(volume, NULL, "blocks %llu+%u are lost until fsck",
			      (unsigned long long)run->address, run->blocks);
	return error;
}

static void drop_references(struct cloning *cloning, unsigned count)
{
	struct hmfs_volume *volume = cloning->volume;

	for (unsigned i = 0; i < count; i++) {
		const struct hmfs_run *run = &cloning->run[i];
		int error = hmfs_shared_drop(volume->space, run->address, run->blocks);

		if (!error && run->mirror)
			error = hmfs_shared_drop(volume->space, run->mirror, run->blocks);
		if (error)
			hmfs_complain(volume, NULL, "blocks %llu+%u are lost until fsck",
				      (unsigned long long)run->address, run->blocks);
	}
}

static int add_references(struct cloning *cloning)
{
	for (unsigned i = 0; i < cloning->runs; i++) {
		const int error = add_reference(cloning->volume, &cloning->run[i]);

		if (error) {
			drop_references(cloning, i);
			return error;
		}
	}
	return 0;
}

/* --- A step. --- */

/* Takes down the runs of the chunk that are in the step, where they go in `to`. What is unwritten
 * is a hole there. */
static void collect_runs(struct cloning *cloning, const struct hmfs_chunk *chunk, unsigned blocks)
{
	const unsigned from = hmfs_block_in_chunk(cloning->from_block), end = from + blocks;
	const unsigned to = hmfs_block_in_chunk(cloning->to_block);

	cloning->runs = 0;
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];
		const unsigned first = run->first > from ? run->first : from;
		const unsigned last = run->first + run->blocks < (int)end
					      ? (unsigned)(run->first + run->blocks)
					      : end;
		struct hmfs_run *part = &cloning->run[cloning->runs];

		if (first >= last || run->flags & HMFS_RUN_UNWRITTEN)
			continue;
		*part = hmfs_run_part(run, first, last - first);
		part->first = (uint8_t)(first - from + to);
		part->birth = cloning->volume->commit;
		part->flags = HMFS_RUN_SHARED;
		memcpy(cloning->sums[part->first], chunk->sums[first],
		       part->blocks * sizeof(chunk->sums[0]));
		cloning->runs++;
	}
}

/* The source's record says that its runs may be shared. */
static int mark_source(struct cloning *cloning, struct hmfs_edit *edit, unsigned blocks)
{
	const unsigned from = hmfs_block_in_chunk(cloning->from_block), end = from + blocks;
	bool changed = false;

	if (edit->dataset->record.flags & HMFS_DATASET_READ_ONLY)
		return 0;
	for (unsigned i = 0; i < edit->chunk.runs; i++) {
		struct hmfs_run *run = &edit->chunk.run[i];

		if (run->first >= end || run->first + run->blocks <= (int)from ||
		    run->flags & (HMFS_RUN_UNWRITTEN | HMFS_RUN_SHARED))
			continue;
		run->flags |= HMFS_RUN_SHARED;
		changed = true;
	}
	if (!changed)
		return 0;
	hmfs_edit_save(edit);
	return hmfs_edit_commit(edit);
}

/* 1: the chunk is inline. */
static int read_source(struct cloning *cloning, unsigned blocks)
{
	struct hmfs_dataset *dataset;
	struct hmfs_edit *edit = NULL;
	int error = hmfs_dataset_get(cloning->volume, cloning->from.dataset, &dataset);

	if (!error)
		error = hmfs_edit_begin(cloning->volume, dataset, cloning->from.object, true,
					&edit);
	if (!error)
		error = hmfs_edit_load(edit, hmfs_chunk_of(cloning->from_block));
	if (!error) {
		collect_runs(cloning, &edit->chunk, blocks);
		error = edit->chunk.is_inline ? 1 : mark_source(cloning, edit, blocks);
	}
	hmfs_edit_end(edit);
	return error;
}

static int write_target(struct cloning *cloning, struct hmfs_edit *edit, unsigned blocks)
{
	const unsigned block = hmfs_block_in_chunk(cloning->to_block);
	int error = hmfs_edit_load(edit, hmfs_chunk_of(cloning->to_block));

	if (!error && edit->chunk.is_inline && block == 0)
		edit->chunk.is_inline = false;
	else if (!error && edit->chunk.is_inline)
		error = hmfs_edit_expand(edit);
	if (error)
		return error;
	hmfs_edit_clear(edit, block, blocks);
	for (unsigned i = 0; i < cloning->runs; i++) {
		const struct hmfs_run *run = &cloning->run[i];

		hmfs_edit_insert(edit, run,
				 (const uint8_t(*)[HMFS_SUM_MAX]) & cloning->sums[run->first]);
	}
	hmfs_edit_save(edit);
	error = add_references(cloning);
	if (error)
		return error;
	error = hmfs_edit_prepare(edit);
	if (error) {
		drop_references(cloning, cloning->runs);
		return error;
	}
	hmfs_edit_touch(edit);
	hmfs_edit_apply(edit);
	return 0;
}

/* 1: the source's chunk is inline, nothing was done. */
static int clone_step(struct cloning *cloning, struct hmfs_dataset *to)
{
	const unsigned blocks = step_blocks(cloning);
	struct hmfs_edit *edit = NULL;
	int error = read_source(cloning, blocks);

	if (error)
		return error;
	error = hmfs_edit_begin(cloning->volume, to, cloning->to.object, false, &edit);
	if (!error)
		error = write_target(cloning, edit, blocks);
	hmfs_edit_end(edit);
	if (!error) {
		cloning->from_block += blocks;
		cloning->to_block += blocks;
	}
	return error;
}

/* --- Small files. --- */

/* The source's first chunk is inline: its bytes are copied. */
static int copy_chunk(struct cloning *cloning)
{
	struct hmfs_volume *volume = cloning->volume;
	const unsigned blocks = step_blocks(cloning);
	const uint64_t offset = cloning->to_block * HMFS_BLOCK_SIZE;
	struct hmfs_block place;
	struct hmfs_found *found;
	uint8_t *room;
	ssize_t written = 0;
	int error;

	found = hmfs_found_allocate(volume, 1, &room);
	if (!found)
		return -ENOMEM;
	error = hmfs_find_blocks(volume, cloning->from, cloning->from_block, 1, &place,
				 found->inline_data, &found->inline_length);
	if (error == 1) {
		error = hmfs_punch(volume, cloning->to, offset, blocks * HMFS_BLOCK_SIZE);
		if (!error && cloning->from_block == 0)
			written = hmfs_write(volume, cloning->to, offset, found->inline_data,
					     found->inline_length);
		if (written < 0)
			error = (int)written;
		cloning->from_block += blocks;
		cloning->to_block += blocks;
	}
	volume->host->release(found);
	return error;
}

/* --- The whole. --- */

static int clone_blocks(struct cloning *cloning)
{
	struct hmfs_volume *volume = cloning->volume;
	int error = 0;

	while (!error && cloning->from_block < cloning->end) {
		struct hmfs_dataset *to;

		hmfs_lock(volume);
		error = hmfs_dataset_get_to_change(volume, cloning->to.dataset, &to);
		for (unsigned i = 0; !error && i < STEPS_AT_ONCE; i++) {
			if (cloning->from_block == cloning->end)
				break;
			error = clone_step(cloning, to);
		}
		hmfs_unlock(volume);
		if (error == 1)
			error = copy_chunk(cloning);
	}
	return error;
}

static bool ranges_overlap(uint64_t a, uint64_t b, uint64_t length)
{
	return a < b + length && b < a + length;
}

static int check_ranges(struct hmfs_volume *volume, struct hmfs_id from, uint64_t from_offset,
			struct hmfs_id to, uint64_t to_offset, uint64_t length, uint64_t *size)
{
	struct hmfs_attributes source, target;
	int error = hmfs_read_attributes(volume, from, &source);

	if (!error)
		error = hmfs_read_attributes(volume, to, &target);
	if (error)
		return error;
	*size = target.size;
	if (to_offset > HMFS_SIZE_MAX || length > HMFS_SIZE_MAX - to_offset)
		return -EFBIG;
	if (from_offset % HMFS_BLOCK_SIZE || to_offset % HMFS_BLOCK_SIZE ||
	    from_offset > source.size || length > source.size - from_offset)
		return -EINVAL;
	/* The rest of a last block that is not whole is zeros, which nothing may lie in. */
	if (length % HMFS_BLOCK_SIZE &&
	    (from_offset + length != source.size || to_offset + length < target.size))
		return -EINVAL;
	if (from.dataset == to.dataset && from.object == to.object &&
	    ranges_overlap(from_offset, to_offset, length))
		return -EINVAL;
	return 0;
}

int hmfs_clone_range(struct hmfs_volume *volume, struct hmfs_id from, uint64_t from_offset,
		     struct hmfs_id to, uint64_t to_offset, uint64_t length)
{
	struct cloning *cloning;
	uint64_t size;
	int error = check_ranges(volume, from, from_offset, to, to_offset, length, &size);

	if (error || length == 0)
		return error;
	cloning = volume->host->allocate(sizeof(*cloning));
	if (!cloning)
		return -ENOMEM;
	cloning->volume = volume;
	cloning->from = from;
	cloning->to = to;
	cloning->from_block = from_offset / HMFS_BLOCK_SIZE;
	cloning->to_block = to_offset / HMFS_BLOCK_SIZE;
	cloning->end = cloning->from_block + hmfs_blocks_of_bytes(length);
	error = clone_blocks(cloning);
	volume->host->release(cloning);
	if (error || to_offset + length <= size)
		return error;
	return hmfs_resize(volume, to, to_offset + length);
}
