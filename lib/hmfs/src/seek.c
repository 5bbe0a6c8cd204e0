/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where data and holes are. What is allocated but not written is a hole: it reads as zeros. */
#include "contents.h"

#include <base/errno.h>

/* Chunks that are looked at before others get the lock. */
#define CHUNKS_AT_ONCE 256u

struct search {
	struct hmfs_dataset *dataset;
	uint64_t object;
	uint64_t block, end; /* of the file: looked at next; behind the last */
	bool hole;
};

/* The first block of the chunk, from `block` on, that is wanted; HMFS_CHUNK_BLOCKS: none. */
static unsigned wanted_block(const struct hmfs_chunk *chunk, unsigned block, bool hole)
{
	for (; block < HMFS_CHUNK_BLOCKS; block++) {
		const struct hmfs_run *run = hmfs_chunk_find(chunk, block);
		const bool data = (run && !(run->flags & HMFS_RUN_UNWRITTEN)) ||
				  (chunk->is_inline && block == 0);

		if (data != hole)
			break;
	}
	return block;
}

/* Looks at the next chunk: 1: search->block is the one; 0: go on. */
static int search_chunk(struct search *search)
{
	uint64_t number = hmfs_chunk_of(search->block);
	uint64_t found = number;
	struct hmfs_chunk chunk;
	unsigned block;
	int count;

	if (!search->hole) {
		count = hmfs_chunks_next(search->dataset, search->object, &number, UINT64_MAX,
					 &found, 1);
		if (count < 0)
			return count;
		if (count == 0)
			return -ENXIO;
	}
	count = hmfs_chunk_load(search->dataset, search->object, found, &chunk);
	if (count)
		return count;
	if (found > hmfs_chunk_of(search->block))
		search->block = found * HMFS_CHUNK_BLOCKS;
	block = wanted_block(&chunk, hmfs_block_in_chunk(search->block), search->hole);
	search->block = found * HMFS_CHUNK_BLOCKS + block;
	return block < HMFS_CHUNK_BLOCKS ? 1 : 0;
}

static int search_some(struct hmfs_volume *volume, struct hmfs_id id, struct search *search,
		       uint64_t *size)
{
	struct hmfs_object object;
	int error = hmfs_dataset_get(volume, id.dataset, &search->dataset);

	if (!error)
		error = hmfs_object_load(search->dataset, id.object, &object);
	if (error)
		return error;
	*size = object.record.size;
	search->end = hmfs_blocks_of_bytes(*size);
	for (unsigned i = 0; !error && i < CHUNKS_AT_ONCE; i++) {
		if (search->block >= search->end)
			return 1;
		error = search_chunk(search);
	}
	return error;
}

int64_t hmfs_seek(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset, bool hole)
{
	struct search search = {
		.object = id.object,
		.block = offset / HMFS_BLOCK_SIZE,
		.hole = hole,
	};
	uint64_t size = 0, found;
	int result;

	if (offset > HMFS_SIZE_MAX)
		return -ENXIO;
	do {
		hmfs_lock(volume);
		result = search_some(volume, id, &search, &size);
		hmfs_unlock(volume);
	} while (result == 0);
	if (result < 0)
		return result;
	found = max_u64(offset, search.block * HMFS_BLOCK_SIZE);
	if (offset >= size || (!hole && found >= size))
		return -ENXIO;
	return (int64_t)min_u64(found, size);
}
