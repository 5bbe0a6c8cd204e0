/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Space for a file beforehand: its holes become unwritten runs. */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

/* A run that is placed for the edit, and used up from hole to hole. */
struct stock {
	uint64_t address[2];
	unsigned left;
};

static int fill_hole(struct hmfs_edit *edit, struct stock *stock, unsigned first, unsigned end,
		     uint64_t wanted)
{
	const uint64_t file_block = edit->chunk_number * HMFS_CHUNK_BLOCKS;

	while (first < end) {
		struct hmfs_run run = {
			.birth = edit->volume->commit,
			.first = (uint8_t)first,
			.flags = HMFS_RUN_UNWRITTEN,
		};
		int error = 0;

		if (stock->left == 0)
			error = hmfs_edit_place(edit, HMFS_USE_DATA, file_block + first,
						(unsigned)min_u64(wanted, HMFS_TRANSFER_BLOCKS),
						stock->address, &stock->left);
		if (error)
			return error;
		run.blocks = (uint8_t)min_u64(end - first, stock->left);
		run.address = stock->address[0];
		run.mirror = stock->address[1];
		stock->address[0] += run.blocks;
		stock->address[1] += stock->address[1] ? run.blocks : 0;
		stock->left -= run.blocks;
		first += run.blocks;
		hmfs_edit_insert(edit, &run, NULL);
	}
	return 0;
}

/* The holes of the chunk that are in [first, end), blocks of the chunk. */
static int fill_chunk(struct hmfs_edit *edit, struct stock *stock, unsigned first, unsigned end,
		      uint64_t wanted)
{
	int error = 0;

	if (edit->chunk.is_inline)
		error = hmfs_edit_expand(edit);
	while (!error && first < end) {
		const struct hmfs_run *run = hmfs_chunk_find(&edit->chunk, first);
		unsigned hole = first;

		if (run) {
			first = run->first + run->blocks;
			continue;
		}
		while (hole < end && !hmfs_chunk_find(&edit->chunk, hole))
			hole++;
		error = fill_hole(edit, stock, first, hole, wanted);
		first = hole;
	}
	return error;
}

/* What was placed and not used goes back: the edit's last run becomes shorter. */
static void return_stock(struct hmfs_edit *edit, struct stock *stock)
{
	if (stock->left == 0)
		return;
	hmfs_give_back(edit->volume, stock->address, stock->left);
	edit->place[edit->placed - 1].count -= stock->left;
	stock->left = 0;
}

/* Fills the holes of some chunks from *block on, and moves it on. */
static int fill_some(struct hmfs_edit *edit, uint64_t *block, uint64_t end)
{
	struct stock stock = { .left = 0 };
	uint64_t at = *block;
	int error = 0;

	/* A chunk needs a place per block in the worst case, and one for inline bytes. */
	while (!error && at < end && !hmfs_edit_full(edit) &&
	       edit->placed + HMFS_CHUNK_BLOCKS < HMFS_EDIT_PLACES) {
		const uint64_t chunk_end = (hmfs_chunk_of(at) + 1) * HMFS_CHUNK_BLOCKS;
		const unsigned first = hmfs_block_in_chunk(at);
		const unsigned blocks = (unsigned)(min_u64(end, chunk_end) - at);

		error = hmfs_edit_load(edit, hmfs_chunk_of(at));
		if (!error)
			error = fill_chunk(edit, &stock, first, first + blocks, end - at);
		if (!error)
			hmfs_edit_save(edit);
		at += blocks;
	}
	return_stock(edit, &stock);
	if (error)
		return error;
	edit->object.record.flags |= HMFS_OBJECT_UNWRITTEN;
	error = hmfs_edit_commit(edit);
	if (!error)
		*block = at;
	return error;
}

static int fill_step(struct hmfs_volume *volume, struct hmfs_id id, uint64_t *block, uint64_t end)
{
	struct hmfs_dataset *dataset;
	struct hmfs_edit *edit = NULL;
	unsigned tries = 0;
	int error;

	hmfs_lock(volume);
	do {
		error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
		if (!error)
			error = hmfs_edit_begin(volume, dataset, id.object, false, &edit);
		if (!error)
			error = fill_some(edit, block, end);
		hmfs_edit_end(edit);
		edit = NULL;
	} while (error == -ENOSPC && hmfs_make_space(volume, &tries));
	hmfs_unlock(volume);
	return error;
}

/* Whether the range cannot be had at all: said before it is tried, as that may take long. */
static int check_room(struct hmfs_volume *volume, uint64_t blocks, uint64_t has)
{
	struct hmfs_statistics statistics;
	uint64_t wanted;

	hmfs_read_statistics(volume, &statistics);
	if (__builtin_mul_overflow(blocks - min_u64(blocks, has), hmfs_data_copies(volume),
				   &wanted) ||
	    wanted > statistics.blocks)
		return -ENOSPC;
	return 0;
}

int hmfs_allocate(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, uint64_t length,
		  bool keep_size)
{
	struct hmfs_attributes now;
	uint64_t block, end;
	int error;

	if (length == 0)
		return -EINVAL;
	if (offset > HMFS_SIZE_MAX || length > HMFS_SIZE_MAX - offset)
		return -EFBIG;
	error = hmfs_read_attributes(volume, id, &now);
	if (error)
		return error;
	block = offset / HMFS_BLOCK_SIZE;
	end = hmfs_blocks_of_bytes(offset + length);
	error = check_room(volume, end - block, now.blocks);
	while (!error && block < end)
		error = fill_step(volume, id, &block, end);
	if (error || keep_size || offset + length <= now.size)
		return error;
	return hmfs_resize(volume, id, offset + length);
}
