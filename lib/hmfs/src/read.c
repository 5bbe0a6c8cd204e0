/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading. Blocks are looked up under the lock and read without it. They may have been freed and
 * used again when they come, which their checksums tell: then they are looked up again. Only what
 * is still the file's and has no good copy is damage.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

void hmfs_chunk_block(const struct hmfs_chunk *chunk, unsigned block, struct hmfs_block *found)
{
	const struct hmfs_run *run = hmfs_chunk_find(chunk, block);

	found->address[0] = found->address[1] = HMFS_NO_BLOCK;
	if (!run || run->flags & HMFS_RUN_UNWRITTEN)
		return;
	found->address[0] = run->address + (block - run->first);
	if (run->mirror)
		found->address[1] = run->mirror + (block - run->first);
	memcpy(found->sum, chunk->sums[block], sizeof(found->sum));
}

bool hmfs_block_is_same(const struct hmfs_volume *volume, const struct hmfs_block *a,
			const struct hmfs_block *b)
{
	return a->address[0] == b->address[0] && a->address[1] == b->address[1] &&
	       (a->address[0] == HMFS_NO_BLOCK ||
		memcmp(a->sum, b->sum, hmfs_sum_size(volume->super.hash)) == 0);
}

int hmfs_complain_of_inline(struct hmfs_dataset *dataset, uint64_t object)
{
	const struct hmfs_id id = { dataset->number, object };

	return hmfs_complain(dataset->map.context->volume, &id,
			     "bytes in a record of a chunk that is not the first");
}

/* Looks up any number of blocks: 1 if the first chunk is among them and inline. inline_data: NULL
 * if its bytes are not wanted. */
static int look_up(struct hmfs_dataset *dataset, uint64_t object, uint64_t first, unsigned count,
		   struct hmfs_block *blocks, uint8_t *inline_data, size_t *inline_length)
{
	struct hmfs_chunk chunk;
	int result = 0;

	for (unsigned i = 0; i < count;) {
		const unsigned from = hmfs_block_in_chunk(first + i);
		const unsigned end = (unsigned)min_u64(HMFS_CHUNK_BLOCKS, from + count - i);
		const int error =
			hmfs_chunk_load(dataset, object, hmfs_chunk_of(first + i), &chunk);

		if (error)
			return error;
		if (chunk.is_inline && hmfs_chunk_of(first + i) != 0)
			return hmfs_complain_of_inline(dataset, object);
		if (chunk.is_inline && inline_data) {
			memcpy(inline_data, chunk.bytes, chunk.length);
			*inline_length = chunk.length;
		}
		result |= chunk.is_inline;
		for (unsigned block = from; block < end; block++)
			hmfs_chunk_block(&chunk, block, &blocks[i++]);
	}
	return result;
}

static int look_up_locking(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first,
			   unsigned count, struct hmfs_block *blocks, uint8_t *inline_data,
			   size_t *inline_length)
{
	struct hmfs_dataset *dataset;
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get(volume, id.dataset, &dataset);
	if (!error)
		error = look_up(dataset, id.object, first, count, blocks, inline_data,
				inline_length);
	hmfs_unlock(volume);
	return error;
}

int hmfs_find_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first, unsigned count,
		     struct hmfs_block *blocks, uint8_t inline_data[HMFS_INLINE_MAX],
		     size_t *inline_length)
{
	if (first > HMFS_LAST_BLOCK || count > HMFS_CHUNK_BLOCKS - hmfs_block_in_chunk(first))
		return -EINVAL;
	return look_up_locking(volume, id, first, count, blocks, inline_data, inline_length);
}

/* --- Damage. --- */

/* Whether the block is still what the file has there. */
static bool is_current(struct hmfs_volume *volume, struct hmfs_id id, uint64_t file_block,
		       const struct hmfs_block *block)
{
	struct hmfs_dataset *dataset;
	struct hmfs_block now;

	return hmfs_dataset_get(volume, id.dataset, &dataset) == 0 &&
	       look_up(dataset, id.object, file_block, 1, &now, NULL, NULL) == 0 &&
	       hmfs_block_is_same(volume, &now, block);
}

void hmfs_note_damage(struct hmfs_volume *volume, struct hmfs_id id, uint64_t file_block,
		      const struct hmfs_block *block, unsigned copy, const void *good)
{
	const unsigned long long offset = file_block * HMFS_BLOCK_SIZE;
	const unsigned long long address = block->address[copy];
	struct hmfs_device *device = volume->device;

	hmfs_lock(volume);
	/* The lock keeps the block from being given to another while it is written. */
	if (!is_current(volume, id, file_block, block))
		goto out;
	if (!good)
		hmfs_complain(volume, &id, "damaged at offset %llu (block %llu)", offset, address);
	else if (volume->read_only || device->ops->write(device, address, 1, good) != 0)
		hmfs_complain(volume, &id, "one copy damaged at offset %llu (block %llu)", offset,
			      address);
	else
		hmfs_note_healed(volume, &id, "healed at offset %llu (block %llu)", offset,
				 address);
out:
	hmfs_unlock(volume);
}

/* --- Whole blocks. --- */

/* The block that could not be read was looked up long ago: does the file still have it? */
static bool is_damage(struct hmfs_volume *volume, struct hmfs_id id, uint64_t file_block,
		      const struct hmfs_block *block)
{
	bool damage;

	hmfs_lock(volume);
	damage = is_current(volume, id, file_block, block);
	hmfs_unlock(volume);
	if (damage)
		hmfs_note_damage(volume, id, file_block, block, 0, NULL);
	return damage;
}

int hmfs_read_blocks(struct hmfs_volume *volume, struct hmfs_id id, uint64_t first, unsigned count,
		     struct hmfs_found *found, void *buffer)
{
	uint8_t *bytes = buffer;
	unsigned done = 0, bad;
	int error;

	while (done < count) {
		error = look_up_locking(volume, id, first + done, count - done,
					found->blocks + done, found->inline_data,
					&found->inline_length);
		if (error < 0)
			return error;
		if (done == 0)
			found->is_inline = error == 1;
		error = hmfs_transfer_read(volume, id, first + done, found->blocks + done,
					   count - done, bytes + done * HMFS_BLOCK_SIZE, &bad);
		if (!error)
			break;
		done += bad;
		if (error != -EIO || is_damage(volume, id, first + done, &found->blocks[done]))
			return error;
	}
	if (found->is_inline && first == 0)
		memcpy(buffer, found->inline_data, found->inline_length);
	return 0;
}

/* --- Bytes. --- */

/* Some bytes of one block. */
static int read_part(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, uint8_t *bytes,
		     size_t size, struct hmfs_found *found, uint8_t *block)
{
	const int error = hmfs_read_blocks(volume, id, offset / HMFS_BLOCK_SIZE, 1, found, block);

	if (!error)
		memcpy(bytes, block + offset % HMFS_BLOCK_SIZE, size);
	return error;
}

static int read_bytes(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
		      uint8_t *bytes, size_t size, struct hmfs_found *found, uint8_t *block)
{
	for (size_t done = 0, part; done < size; done += part) {
		const uint64_t at = offset + done;
		const size_t within = at % HMFS_BLOCK_SIZE;
		int error;

		if (within != 0 || size - done < HMFS_BLOCK_SIZE) {
			part = min_size(HMFS_BLOCK_SIZE - within, size - done);
			error = read_part(volume, id, at, bytes + done, part, found, block);
		} else {
			const unsigned count = (unsigned)min_size((size - done) / HMFS_BLOCK_SIZE,
								  HMFS_TRANSFER_BLOCKS);

			part = (size_t)count * HMFS_BLOCK_SIZE;
			error = hmfs_read_blocks(volume, id, at / HMFS_BLOCK_SIZE, count, found,
						 bytes + done);
		}
		if (error)
			return error;
	}
	return 0;
}

struct hmfs_found *hmfs_found_allocate(struct hmfs_volume *volume, unsigned count, uint8_t **block)
{
	struct hmfs_found *found = volume->host->allocate(
		sizeof(*found) + count * sizeof(found->blocks[0]) + HMFS_BLOCK_SIZE);

	if (found)
		*block = (uint8_t *)&found->blocks[count];
	return found;
}

static int size_of(struct hmfs_volume *volume, struct hmfs_id id, uint64_t *size)
{
	struct hmfs_dataset *dataset;
	struct hmfs_object object;
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get(volume, id.dataset, &dataset);
	if (!error)
		error = hmfs_object_load(dataset, id.object, &object);
	hmfs_unlock(volume);
	if (!error && hmfs_is_directory(&object.record))
		error = -EISDIR;
	if (!error)
		*size = object.record.size;
	return error;
}

ssize_t hmfs_read(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, void *buffer,
		  size_t size)
{
	struct hmfs_found *found;
	uint64_t file_size;
	uint8_t *block;
	int error = size_of(volume, id, &file_size);

	if (error)
		return error;
	if (offset >= file_size)
		return 0;
	size = (size_t)min_u64(size, file_size - offset);
	if (size == 0)
		return 0;
	found = hmfs_found_allocate(
		volume, (unsigned)min_u64(HMFS_TRANSFER_BLOCKS, hmfs_blocks_of_bytes(size)),
		&block);
	if (!found)
		return -ENOMEM;
	error = read_bytes(volume, id, offset, buffer, size, found, block);
	volume->host->release(found);
	return error ? error : (ssize_t)size;
}
