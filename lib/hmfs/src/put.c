/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was written becomes a file's: blocks in runs, or a small file's bytes in its record. */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

/* --- Inline chunks. --- */

/* The bytes in a block of their own, written. */
static int write_inline_bytes(struct hmfs_edit *edit, struct hmfs_run *run,
			      uint8_t sum[HMFS_SUM_MAX])
{
	struct hmfs_volume *volume = edit->volume;
	uint8_t *block = volume->host->allocate(HMFS_BLOCK_SIZE);
	uint64_t address[2];
	unsigned got;
	int error;

	if (!block)
		return -ENOMEM;
	memset(block, 0, HMFS_BLOCK_SIZE);
	memcpy(block, edit->chunk.bytes, edit->chunk.length);
	hmfs_sum(volume->super.hash, block, HMFS_BLOCK_SIZE, sum);
	error = hmfs_edit_place(edit, HMFS_USE_PROMISED, 0, 1, address, &got);
	if (!error)
		error = hmfs_transfer_write(volume, address, 1, block);
	volume->host->release(block);
	*run = (struct hmfs_run){
		.address = address[0],
		.mirror = address[1],
		.birth = volume->commit,
		.blocks = 1,
	};
	return error;
}

int hmfs_edit_expand(struct hmfs_edit *edit)
{
	uint8_t sum[1][HMFS_SUM_MAX];
	struct hmfs_run run;
	int error;

	if (edit->chunk.length == 0) {
		edit->chunk.is_inline = false;
		return 0;
	}
	error = write_inline_bytes(edit, &run, sum[0]);
	if (error)
		return error;
	edit->chunk.is_inline = false;
	edit->chunk.runs = 0;
	hmfs_edit_insert(edit, &run, sum);
	return 0;
}

/* --- Blocks. --- */

/* Whether the block is still as it was found. */
static bool is_as_found(const struct hmfs_edit *edit, unsigned block,
			const struct hmfs_found *found)
{
	const struct hmfs_chunk *chunk = &edit->chunk;
	struct hmfs_block now;

	if (chunk->is_inline != found->is_inline)
		return false;
	if (chunk->is_inline)
		return chunk->length == found->inline_length &&
		       memcmp(chunk->bytes, found->inline_data, chunk->length) == 0;
	hmfs_chunk_block(chunk, block, &now);
	return hmfs_block_is_same(edit->volume, &now, &found->blocks[0]);
}

static bool is_expected(const struct hmfs_edit *edit, const struct hmfs_put *put, unsigned done,
			unsigned blocks, unsigned block)
{
	if (put->head && done == 0 && !is_as_found(edit, block, put->head))
		return false;
	return !put->tail || done + blocks != put->count ||
	       is_as_found(edit, block + blocks - 1, put->tail);
}

/* Of what the chunk lets go of, these runs are the ones that were written in place: the file keeps
 * them, as old as they are. */
static void keep_in_place(struct hmfs_edit *edit, unsigned from, struct hmfs_run *run)
{
	unsigned kept = from;

	for (unsigned i = from; i < edit->taken; i++) {
		const struct hmfs_run *taken = &edit->runs[i];

		if (taken->flags & HMFS_RUN_UNWRITTEN &&
		    taken->address == run->address + taken->first - run->first)
			run->birth = min_u64(run->birth, taken->birth);
		else
			edit->runs[kept++] = *taken;
	}
	edit->taken = kept;
}

static int put_chunk(struct hmfs_edit *edit, const struct hmfs_put *put, unsigned done,
		     unsigned blocks)
{
	const unsigned block = hmfs_block_in_chunk(put->first + done);
	const unsigned taken = edit->taken;
	struct hmfs_run run = {
		.address = put->address[0] + done,
		.mirror = put->address[1] ? put->address[1] + done : 0,
		.birth = edit->volume->commit,
		.first = (uint8_t)block,
		.blocks = (uint8_t)blocks,
	};
	int error = hmfs_edit_load(edit, hmfs_chunk_of(put->first + done));

	if (error)
		return error;
	if (!is_expected(edit, put, done, blocks, block))
		return -EAGAIN;
	if (edit->chunk.is_inline && block == 0)
		edit->chunk.is_inline = false;
	else if (edit->chunk.is_inline)
		error = hmfs_edit_expand(edit);
	if (error)
		return error;
	hmfs_edit_clear(edit, block, blocks);
	keep_in_place(edit, taken, &run);
	hmfs_edit_insert(edit, &run, put->sums + done);
	hmfs_edit_save(edit);
	return 0;
}

static int put_chunks(struct hmfs_edit *edit, const struct hmfs_put *put)
{
	for (unsigned done = 0, blocks; done < put->count; done += blocks) {
		const unsigned block = hmfs_block_in_chunk(put->first + done);
		int error;

		blocks = (unsigned)min_u64(HMFS_CHUNK_BLOCKS - block, put->count - done);
		error = put_chunk(edit, put, done, blocks);
		if (error)
			return error;
	}
	return 0;
}

/* Whether blocks that were lent are still the file's; *lent: NULL if they were not lent. */
static int check_lent(struct hmfs_volume *volume, const struct hmfs_put *put,
		      struct hmfs_lent **lent)
{
	*lent = hmfs_lent_find(volume, put->address[0]);
	if (!*lent)
		return 0;
	if ((*lent)->run.blocks != put->count ||
	    (*lent)->run.first != hmfs_block_in_chunk(put->first))
		return -EINVAL;
	return (*lent)->gone ? -ESTALE : 0;
}

int hmfs_put(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
	     const struct hmfs_put *put)
{
	struct hmfs_object_record *record;
	struct hmfs_edit *edit;
	struct hmfs_lent *lent;
	int error = check_lent(volume, put, &lent);

	if (!error)
		error = hmfs_edit_begin(volume, dataset, object, false, &edit);
	if (error)
		return error;
	record = &edit->object.record;
	error = put_chunks(edit, put);
	if (!error)
		error = hmfs_edit_prepare(edit);
	if (!error && !lent)
		error = hmfs_confirm(volume, put->address, put->count);
	if (!error) {
		record->size = max_u64(record->size, put->grow_to);
		if (put->touch)
			hmfs_edit_touch(edit);
		hmfs_edit_apply(edit);
		if (lent)
			hmfs_lent_end(volume, lent);
	}
	hmfs_edit_end(edit);
	return error;
}

/* --- For page caches. --- */

int hmfs_put_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first, unsigned count,
		    const uint64_t address[2], const uint8_t (*sums)[HMFS_SUM_MAX])
{
	const struct hmfs_put put = {
		.first = first,
		.count = count,
		.address = { address[0], address[1] },
		.sums = sums,
	};
	struct hmfs_dataset *dataset;
	int error;

	if (count == 0 || count > HMFS_TRANSFER_BLOCKS || first > HMFS_LAST_BLOCK ||
	    HMFS_LAST_BLOCK - first < count - 1)
		return -EINVAL;
	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
	if (!error)
		error = hmfs_put(volume, dataset, id.object, &put);
	hmfs_unlock(volume);
	return error;
}

/* Whether there is data behind the first block. */
static bool has_more(const struct hmfs_chunk *chunk)
{
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (!(run->flags & HMFS_RUN_UNWRITTEN) && run->first + run->blocks > 1)
			return true;
	}
	return false;
}

/* The first chunk gets these bytes. -EAGAIN: it has more than a first block by now. */
static int set_inline(struct hmfs_edit *edit, const void *bytes, size_t size)
{
	int error = hmfs_edit_load(edit, 0);

	if (error)
		return error;
	if (!edit->chunk.is_inline && has_more(&edit->chunk))
		return -EAGAIN;
	hmfs_edit_clear(edit, 0, HMFS_CHUNK_BLOCKS);
	edit->chunk.is_inline = size != 0;
	edit->chunk.length = (uint16_t)size;
	memcpy(edit->chunk.bytes, bytes, size);
	hmfs_edit_save(edit);
	return hmfs_edit_commit(edit);
}

int hmfs_put_inline(struct hmfs_volume *volume, struct hmfs_id id, const void *bytes, size_t size)
{
	struct hmfs_dataset *dataset;
	struct hmfs_edit *edit = NULL;
	int error;

	if (size > HMFS_INLINE_MAX)
		return -EINVAL;
	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
	if (!error)
		error = hmfs_edit_begin(volume, dataset, id.object, false, &edit);
	if (!error)
		error = set_inline(edit, bytes, size);
	hmfs_edit_end(edit);
	hmfs_unlock(volume);
	return error;
}
