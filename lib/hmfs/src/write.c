/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing, copy-on-write, in pieces of up to 1 MiB: new blocks are placed under the lock, written
 * without it, and put under it. Blocks of which only a part is written are read first; if they
 * changed when they are to be put, the piece is written again. Small files lie in their record.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

/* A piece under way. */
struct piece {
	struct hmfs_volume *volume;
	struct hmfs_id id;
	uint64_t offset;
	const uint8_t *bytes; /* NULL: zeros */
	size_t size;
	unsigned flags; /* enum hmfs_write_flags */
	/* Where it goes. */
	uint64_t first, address[2];
	unsigned count;
	/* Blocks at its ends that are written in part, as they were and shall be. */
	struct hmfs_found *head, *tail;
	uint8_t *head_block, *tail_block;
	uint8_t (*sums)[HMFS_SUM_MAX];
};

static uint64_t piece_end(const struct piece *piece)
{
	return piece->offset + piece->size;
}

/* --- Into the record. --- */

/* Whether the piece leaves the file so small that it may lie in its record, and it does so, or has
 * no other contents. */
static bool may_be_inline(const struct piece *piece, const struct hmfs_edit *edit)
{
	const struct hmfs_object_record *record = &edit->object.record;

	if (edit->chunk.is_inline)
		return piece_end(piece) <= HMFS_INLINE_MAX;
	if (max_u64(record->size, piece_end(piece)) > HMFS_INLINE_MAX ||
	    piece->flags & HMFS_WRITE_KEEP)
		return false;
	return record->blocks == 0 || (piece->offset == 0 && piece->size >= record->size &&
				       !(record->flags & HMFS_OBJECT_UNWRITTEN));
}

static int write_inline(struct piece *piece, struct hmfs_edit *edit)
{
	struct hmfs_chunk *chunk = &edit->chunk;
	size_t from = (size_t)piece->offset, end = (size_t)piece_end(piece);
	int error;

	hmfs_edit_clear(edit, 0, HMFS_CHUNK_BLOCKS);
	if (!chunk->is_inline)
		chunk->length = 0;
	if (piece->flags & HMFS_WRITE_KEEP)
		end = min_size(end, chunk->length);
	if (from > chunk->length)
		memset(chunk->bytes + chunk->length, 0, from - chunk->length);
	if (from < end && piece->bytes)
		memcpy(chunk->bytes + from, piece->bytes, end - from);
	else if (from < end)
		memset(chunk->bytes + from, 0, end - from);
	if (end > chunk->length)
		chunk->length = (uint16_t)end;
	chunk->is_inline = true;
	hmfs_edit_save(edit);
	error = hmfs_edit_prepare(edit);
	if (error)
		return error;
	if (!(piece->flags & HMFS_WRITE_KEEP)) {
		edit->object.record.size = max_u64(edit->object.record.size, end);
		hmfs_edit_touch(edit);
	}
	hmfs_edit_apply(edit);
	return 0;
}

/* 1: it was; 0: the piece goes into blocks. */
static int try_inline(struct piece *piece, struct hmfs_dataset *dataset)
{
	struct hmfs_edit *edit;
	int error;

	if (piece_end(piece) > HMFS_INLINE_MAX)
		return 0;
	error = hmfs_edit_begin(piece->volume, dataset, piece->id.object, false, &edit);
	if (error)
		return error;
	error = hmfs_edit_load(edit, 0);
	if (!error && may_be_inline(piece, edit)) {
		error = write_inline(piece, edit);
		error = error ? error : 1;
	}
	hmfs_edit_end(edit);
	return error;
}

/* --- Into blocks. --- */

/* 1: the piece is written already, into the record. */
static int place_piece(struct piece *piece)
{
	const enum hmfs_use use =
		piece->flags & HMFS_WRITE_PROMISED ? HMFS_USE_PROMISED : HMFS_USE_DATA;
	struct hmfs_volume *volume = piece->volume;
	const uint64_t end = hmfs_blocks_of_bytes(piece_end(piece));
	struct hmfs_dataset *dataset;
	unsigned tries = 0;
	int error;

	piece->first = piece->offset / HMFS_BLOCK_SIZE;
	piece->count = (unsigned)min_u64(HMFS_TRANSFER_BLOCKS, end - piece->first);
	hmfs_lock(volume);
	do {
		error = hmfs_dataset_get_to_change(volume, piece->id.dataset, &dataset);
		if (!error)
			error = try_inline(piece, dataset);
		if (!error)
			error = hmfs_place(volume, dataset, piece->id.object, use, piece->first,
					   piece->count, piece->address, &piece->count);
	} while (error == -ENOSPC && hmfs_make_space(volume, &tries));
	hmfs_unlock(volume);
	return error;
}

/* The bytes of the piece that are in its block number `index`: of the block, in *from and *to. */
static void part_of_block(const struct piece *piece, unsigned index, size_t *from, size_t *to)
{
	const uint64_t start = (piece->first + index) * HMFS_BLOCK_SIZE;

	*from = piece->offset > start ? (size_t)(piece->offset - start) : 0;
	*to = (size_t)min_u64(HMFS_BLOCK_SIZE, piece_end(piece) - start);
}

/* Makes the block of which only a part is written: NULL if all of it is. */
static int make_partial(struct piece *piece, unsigned index, struct hmfs_found **found,
			uint8_t **block)
{
	const uint8_t *bytes = piece->bytes;
	size_t from, to;
	int error;

	part_of_block(piece, index, &from, &to);
	if (bytes && from == 0 && to == HMFS_BLOCK_SIZE)
		return 0;
	*found = hmfs_found_allocate(piece->volume, 1, block);
	if (!*found)
		return -ENOMEM;
	error = hmfs_read_blocks(piece->volume, piece->id, piece->first + index, 1, *found, *block);
	if (error)
		return error;
	if (bytes)
		memcpy(*block + from,
		       bytes + (size_t)((piece->first + index) * HMFS_BLOCK_SIZE + from -
					piece->offset),
		       to - from);
	else
		memset(*block + from, 0, to - from);
	return 0;
}

/* Where the contents of a block are: in the caller's buffer but at the ends. */
static const uint8_t *block_bytes(const struct piece *piece, unsigned index)
{
	if (index == 0 && piece->head)
		return piece->head_block;
	if (index == piece->count - 1 && piece->tail)
		return piece->tail_block;
	return piece->bytes + ((piece->first + index) * HMFS_BLOCK_SIZE - piece->offset);
}

static int transfer_blocks(const struct piece *piece, unsigned from, unsigned count)
{
	const uint64_t address[2] = {
		piece->address[0] + from,
		piece->address[1] ? piece->address[1] + from : HMFS_NO_BLOCK,
	};

	return count ? hmfs_transfer_write(piece->volume, address, count, block_bytes(piece, from))
		     : 0;
}

static int transfer_piece(struct piece *piece)
{
	const uint32_t hash = piece->volume->super.hash;
	const unsigned head = piece->head ? 1 : 0, tail = piece->tail ? 1 : 0;
	int error;

	for (unsigned i = 0; i < piece->count; i++)
		hmfs_sum(hash, block_bytes(piece, i), HMFS_BLOCK_SIZE, piece->sums[i]);
	error = transfer_blocks(piece, 0, head);
	if (!error)
		error = transfer_blocks(piece, head, piece->count - head - tail);
	if (!error)
		error = transfer_blocks(piece, piece->count - tail, tail);
	return error;
}

static int put_piece(struct piece *piece)
{
	struct hmfs_volume *volume = piece->volume;
	const bool keep = piece->flags & HMFS_WRITE_KEEP;
	const uint64_t end =
		min_u64(piece_end(piece), (piece->first + piece->count) * HMFS_BLOCK_SIZE);
	const struct hmfs_put put = {
		.first = piece->first,
		.count = piece->count,
		.address = { piece->address[0], piece->address[1] },
		.sums = (const uint8_t(*)[HMFS_SUM_MAX])piece->sums,
		.head = piece->head,
		.tail = piece->tail,
		.grow_to = keep ? 0 : end,
		.touch = !keep,
	};
	struct hmfs_dataset *dataset;
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, piece->id.dataset, &dataset);
	if (!error)
		error = hmfs_put(volume, dataset, piece->id.object, &put);
	if (error)
		hmfs_give_back(volume, piece->address, piece->count);
	hmfs_unlock(volume);
	return error;
}

static void free_piece(struct piece *piece)
{
	const struct hmfs_host *host = piece->volume->host;

	host->release(piece->head);
	host->release(piece->tail);
	host->release(piece->sums);
	piece->head = piece->tail = NULL;
	piece->sums = NULL;
}

/* The blocks are placed: fills them. */
static int fill_piece(struct piece *piece)
{
	struct hmfs_volume *volume = piece->volume;
	int error = -ENOMEM;

	piece->sums = volume->host->allocate(piece->count * sizeof(piece->sums[0]));
	if (piece->sums)
		error = make_partial(piece, 0, &piece->head, &piece->head_block);
	if (!error && piece->count > 1)
		error = make_partial(piece, piece->count - 1, &piece->tail, &piece->tail_block);
	if (!error)
		error = transfer_piece(piece);
	if (error)
		hmfs_give_back_blocks(volume, piece->address, piece->count);
	return error;
}

ssize_t hmfs_write_piece(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
			 const uint8_t *bytes, size_t size, unsigned flags)
{
	struct piece piece = {
		.volume = volume,
		.id = id,
		.offset = offset,
		.bytes = bytes,
		.size = size,
		.flags = flags,
	};
	uint64_t end;
	int error;

	do {
		error = place_piece(&piece);
		if (error)
			return error < 0 ? error : (ssize_t)size;
		error = fill_piece(&piece);
		if (!error)
			error = put_piece(&piece);
		free_piece(&piece);
	} while (error == -EAGAIN || error == -ESTALE);
	end = min_u64(offset + size, (piece.first + piece.count) * HMFS_BLOCK_SIZE);
	return error ? error : (ssize_t)(end - offset);
}

ssize_t hmfs_write(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
		   const void *buffer, size_t size)
{
	const uint8_t *bytes = buffer;

	if (offset > HMFS_SIZE_MAX || size > HMFS_SIZE_MAX - offset)
		return -EFBIG;
	for (size_t done = 0; done < size;) {
		const ssize_t written =
			hmfs_write_piece(volume, id, offset + done, bytes + done, size - done, 0);

		if (written < 0)
			return written;
		done += (size_t)written;
	}
	return (ssize_t)size;
}
