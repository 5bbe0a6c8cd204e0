/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents that go: holes punched, ends cut off. Only chunks that there are cost something. What is
 * large goes in steps, between which others get the lock. */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

/* Edits between which the lock is kept: a file of up to 32 MiB changes its size at once. */
#define EDITS_AT_ONCE 32u

int hmfs_chunks_next(struct hmfs_dataset *dataset, uint64_t object, uint64_t *number, uint64_t end,
		     uint64_t *numbers, unsigned max)
{
	const struct hmfs_key from = hmfs_chunk_key(object, *number);
	struct hmfs_cursor cursor = { 0 };
	unsigned count = 0;
	int error;

	for (error = hmfs_cursor_seek(&cursor, &dataset->map, &from); !error && count < max;
	     error = hmfs_cursor_next(&cursor)) {
		const struct hmfs_key *key = &cursor.key;

		if (key->object != object || key->place >> 56 != HMFS_KIND_CHUNK ||
		    (key->place & HMFS_PLACE_MASK) >= end) {
			error = -ENOENT;
			break;
		}
		numbers[count++] = key->place & HMFS_PLACE_MASK;
	}
	hmfs_cursor_close(&cursor);
	if (error && error != -ENOENT)
		return error;
	*number = error ? end : numbers[count - 1] + 1;
	return (int)count;
}

/* --- Whole blocks. --- */

/* A range of blocks that goes. */
struct range {
	uint64_t first, end; /* blocks */
	uint64_t chunk;      /* the next to look at */
	uint64_t version;    /* of the object, as the last step left it; 0: none was made */
};

static struct range range_of_blocks(uint64_t first, uint64_t end)
{
	return (struct range){ first, end, hmfs_chunk_of(first), 0 };
}

static uint64_t range_chunk_end(const struct range *range)
{
	return range->first < range->end ? hmfs_chunk_of(range->end - 1) + 1 : 0;
}

static bool range_is_done(const struct range *range)
{
	return range->chunk >= range_chunk_end(range);
}

static int clear_chunk(struct hmfs_edit *edit, uint64_t number, const struct range *range)
{
	const uint64_t start = number * HMFS_CHUNK_BLOCKS;
	const unsigned from = (unsigned)(max_u64(range->first, start) - start);
	const unsigned to = (unsigned)(min_u64(range->end, start + HMFS_CHUNK_BLOCKS) - start);
	const int error = hmfs_edit_load(edit, number);

	if (error)
		return error;
	if (edit->chunk.is_inline && from == 0)
		edit->chunk.is_inline = false;
	hmfs_edit_clear(edit, from, to - from);
	hmfs_edit_save(edit);
	return 0;
}

/* The next chunks of the range, as many as an edit takes, and at most `max`. Not applied. */
static int clear_some(struct hmfs_edit *edit, struct range *range, unsigned max)
{
	uint64_t numbers[HMFS_EDIT_CHUNKS];
	int count;

	if (range_is_done(range))
		return 0;
	count = hmfs_chunks_next(edit->dataset, edit->number, &range->chunk, range_chunk_end(range),
				 numbers, (unsigned)min_u64(max, HMFS_EDIT_CHUNKS));
	for (int i = 0; i < count; i++) {
		const int error = clear_chunk(edit, numbers[i], range);

		if (error)
			return error;
	}
	return count;
}

int hmfs_chunks_cut(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
		    uint64_t size, unsigned budget)
{
	struct range range = range_of_blocks(hmfs_blocks_of_bytes(size), HMFS_LAST_BLOCK + 1);
	int count = 0;

	while (!range_is_done(&range) && budget) {
		struct hmfs_edit *edit;
		int error = hmfs_edit_begin(volume, dataset, object, true, &edit);

		if (error)
			return error;
		count = clear_some(edit, &range, budget);
		error = count < 0 ? count : hmfs_edit_commit(edit);
		hmfs_edit_end(edit);
		if (error)
			return error;
		budget -= (unsigned)count;
	}
	return range_is_done(&range) ? 0 : 1;
}

/* What the object's record shall be when the range has gone. */
struct finish {
	bool set_size, touch;
	uint64_t size, modify, change; /* times: 0: they stay */
};

static void finish_record(struct hmfs_edit *edit, const struct finish *finish)
{
	struct hmfs_object_record *record = &edit->object.record;

	if (finish->set_size)
		record->size = finish->size;
	if (finish->touch)
		hmfs_edit_touch(edit);
	if (finish->modify)
		record->modify = finish->modify;
	if (finish->change)
		record->change = finish->change;
}

/* A small file that becomes shorter. */
static int cut_inline(struct hmfs_edit *edit, const struct finish *finish)
{
	int error;

	if (!finish->set_size || finish->size >= HMFS_INLINE_MAX ||
	    finish->size >= edit->object.record.size)
		return 0;
	error = hmfs_edit_load(edit, 0);
	if (error || !edit->chunk.is_inline || edit->chunk.length <= finish->size)
		return error;
	edit->chunk.length = (uint16_t)finish->size;
	edit->chunk.is_inline = finish->size != 0;
	hmfs_edit_save(edit);
	return 0;
}

/* One edit. With the last of them the record is made as it shall be. */
static int clear_step(struct hmfs_volume *volume, struct hmfs_dataset *dataset, uint64_t object,
		      struct range *range, const struct finish *finish)
{
	struct hmfs_edit *edit;
	int error = hmfs_edit_begin(volume, dataset, object, false, &edit);

	if (error)
		return error;
	/* Where an end is cut off, what came behind it while the lock was free goes as well. */
	if (finish->set_size && range->version && edit->object.record.version != range->version)
		range->chunk = hmfs_chunk_of(range->first);
	error = clear_some(edit, range, HMFS_EDIT_CHUNKS - 1);
	if (error >= 0 && range_is_done(range)) {
		error = cut_inline(edit, finish);
		finish_record(edit, finish);
	}
	if (error >= 0)
		error = hmfs_edit_commit(edit);
	range->version = edit->object.record.version;
	hmfs_edit_end(edit);
	return error;
}

static int clear_blocks(struct hmfs_volume *volume, struct hmfs_id id, struct range range,
			const struct finish *finish)
{
	struct hmfs_dataset *dataset;
	bool done = false;
	int error = 0;

	while (!done && !error) {
		hmfs_lock(volume);
		error = hmfs_dataset_get_to_change(volume, id.dataset, &dataset);
		for (unsigned i = 0; !error && !done && i < EDITS_AT_ONCE; i++) {
			error = clear_step(volume, dataset, id.object, &range, finish);
			done = range_is_done(&range);
		}
		hmfs_unlock(volume);
	}
	return error;
}

/* --- Parts of blocks. --- */

/* 1: the block has data, or the file is inline and has some there. */
static int has_data(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset)
{
	struct hmfs_block block;
	struct hmfs_found *found;
	uint8_t *room;
	int result;

	found = hmfs_found_allocate(volume, 1, &room);
	if (!found)
		return -ENOMEM;
	result = hmfs_find_blocks(volume, id, offset / HMFS_BLOCK_SIZE, 1, &block,
				  found->inline_data, &found->inline_length);
	if (result == 1)
		result = offset < found->inline_length;
	else if (result == 0)
		result = block.address[0] != HMFS_NO_BLOCK;
	volume->host->release(found);
	return result;
}

int hmfs_zero_part(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, size_t size)
{
	ssize_t written;
	int result;

	if (size == 0)
		return 0;
	result = has_data(volume, id, offset);
	if (result <= 0)
		return result;
	written = hmfs_write_piece(volume, id, offset, NULL, size,
				   HMFS_WRITE_KEEP | HMFS_WRITE_PROMISED);
	return written < 0 ? (int)written : 0;
}

int hmfs_punch(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, uint64_t length)
{
	const struct finish finish = { .touch = true };
	uint64_t end, first, last;
	int error;

	if (length == 0)
		return -EINVAL;
	if (offset > HMFS_SIZE_MAX)
		return -EFBIG;
	end = offset + min_u64(length, HMFS_SIZE_MAX - offset);
	first = hmfs_blocks_of_bytes(offset);
	last = end == HMFS_SIZE_MAX ? HMFS_LAST_BLOCK + 1 : end / HMFS_BLOCK_SIZE;
	if (first > last)
		error = hmfs_zero_part(volume, id, offset, (size_t)(end - offset));
	else
		error = hmfs_zero_part(volume, id, offset,
				       (size_t)(first * HMFS_BLOCK_SIZE - offset));
	if (!error && first <= last && end > last * HMFS_BLOCK_SIZE)
		error = hmfs_zero_part(volume, id, last * HMFS_BLOCK_SIZE,
				       (size_t)(end - last * HMFS_BLOCK_SIZE));
	first = min_u64(first, last);
	return error ? error : clear_blocks(volume, id, range_of_blocks(first, last), &finish);
}

/* --- Sizes. --- */

static int set_size(struct hmfs_volume *volume, struct hmfs_id id, const struct finish *finish)
{
	struct range range = { 0 };
	struct hmfs_attributes now;
	int error = hmfs_read_attributes(volume, id, &now);

	if (error)
		return error;
	if (finish->size < now.size)
		range = range_of_blocks(hmfs_blocks_of_bytes(finish->size), HMFS_LAST_BLOCK + 1);
	return clear_blocks(volume, id, range, finish);
}

int hmfs_set_size(struct hmfs_volume *volume, struct hmfs_id id, uint64_t size, uint64_t modify,
		  uint64_t change)
{
	const struct finish finish = {
		.set_size = true,
		.size = size,
		.modify = modify,
		.change = change,
	};

	return size > HMFS_SIZE_MAX ? -EFBIG : set_size(volume, id, &finish);
}

/* Before the end is cut off within a block: what is behind it there becomes zeros. A file that
 * becomes small goes into its record. */
static int cut_block(struct hmfs_volume *volume, struct hmfs_id id, uint64_t size)
{
	const size_t within = size % HMFS_BLOCK_SIZE;
	struct hmfs_attributes now;
	int error = hmfs_read_attributes(volume, id, &now);

	if (error || size >= now.size || within == 0)
		return error;
	return hmfs_zero_part(volume, id, size, HMFS_BLOCK_SIZE - within);
}

int hmfs_resize(struct hmfs_volume *volume, struct hmfs_id id, uint64_t size)
{
	const struct finish finish = { .set_size = true, .touch = true, .size = size };
	int error;

	if (size > HMFS_SIZE_MAX)
		return -EFBIG;
	error = cut_block(volume, id, size);
	return error ? error : set_size(volume, id, &finish);
}
