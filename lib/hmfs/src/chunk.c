/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunk records: 64 KiB of a file each. All that is read is checked, so that what uses a chunk
 * need not: its runs are in order, within the chunk, on the volume, and have their checksums.
 */
#include "contents.h"

#include <base/errno.h>
#include <base/string.h>

_Static_assert(sizeof(struct hmfs_chunk_record) == 4, "part of the format");
_Static_assert(HMFS_CHUNK_BLOCKS *(sizeof(struct hmfs_run) + HMFS_SUM_MAX) <= HMFS_INLINE_MAX,
	       "HMFS_CHUNK_VALUE_MAX holds either kind");
_Static_assert(HMFS_CHUNK_VALUE_MAX <= HMFS_VALUE_MAX, "a map can hold it");

/* --- Decoding. --- */

static int decode_inline(const struct hmfs_chunk_record *record, const uint8_t *bytes,
			 size_t length, struct hmfs_chunk *chunk)
{
	if (record->runs != 0 || record->length > HMFS_INLINE_MAX || record->length != length)
		return -EUCLEAN;
	chunk->is_inline = true;
	chunk->length = record->length;
	memmove(chunk->bytes, bytes, length);
	return 0;
}

static bool run_is_good(const struct hmfs_run *run, unsigned end_of_last)
{
	static const uint8_t zeros[sizeof(run->reserved)];
	uint64_t end;

	if (run->first < end_of_last || run->blocks == 0 ||
	    run->first + run->blocks > (int)HMFS_CHUNK_BLOCKS)
		return false;
	if (run->flags & ~(HMFS_RUN_UNWRITTEN | HMFS_RUN_SHARED) ||
	    memcmp(run->reserved, zeros, sizeof(zeros)) != 0)
		return false;
	return run->address != HMFS_NO_BLOCK &&
	       !__builtin_add_overflow(run->address, run->blocks, &end) &&
	       !__builtin_add_overflow(run->mirror, run->blocks, &end);
}

static int decode_runs(const struct hmfs_chunk_record *record, size_t sum_size,
		       const uint8_t *bytes, size_t length, struct hmfs_chunk *chunk)
{
	const size_t runs_size = record->runs * sizeof(struct hmfs_run);
	size_t at = runs_size;
	unsigned end = 0;

	if (record->runs == 0 || record->runs > HMFS_CHUNK_BLOCKS || record->length != 0 ||
	    length < runs_size)
		return -EUCLEAN;
	memcpy(chunk->run, bytes, runs_size);
	for (unsigned i = 0; i < record->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (!run_is_good(run, end))
			return -EUCLEAN;
		end = run->first + run->blocks;
		if (run->flags & HMFS_RUN_UNWRITTEN)
			continue;
		if (length - at < run->blocks * sum_size)
			return -EUCLEAN;
		for (unsigned block = run->first; block < end; block++, at += sum_size)
			memcpy(chunk->sums[block], bytes + at, sum_size);
	}
	if (at != length)
		return -EUCLEAN;
	chunk->runs = record->runs;
	return 0;
}

int hmfs_chunk_decode(uint32_t hash, const void *value, size_t length, struct hmfs_chunk *chunk)
{
	const uint8_t *bytes = value;
	struct hmfs_chunk_record record;

	chunk->runs = 0;
	chunk->is_inline = false;
	chunk->length = 0;
	if (length < sizeof(record) || length > HMFS_CHUNK_VALUE_MAX)
		return -EUCLEAN;
	memcpy(&record, bytes, sizeof(record));
	bytes += sizeof(record);
	length -= sizeof(record);
	if (record.flags == HMFS_CHUNK_INLINE)
		return decode_inline(&record, bytes, length, chunk);
	if (record.flags != 0)
		return -EUCLEAN;
	return decode_runs(&record, hmfs_sum_size(hash), bytes, length, chunk);
}

bool hmfs_chunk_is_placed(const struct hmfs_chunk *chunk, uint64_t blocks, uint64_t commit)
{
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (run->address + run->blocks > blocks || run->mirror + run->blocks > blocks ||
		    run->birth > commit)
			return false;
	}
	return true;
}

/* --- Encoding. --- */

static size_t encode_inline(const struct hmfs_chunk *chunk, uint8_t *value)
{
	const struct hmfs_chunk_record record = {
		.flags = HMFS_CHUNK_INLINE,
		.length = chunk->length,
	};

	memmove(value + sizeof(record), chunk->bytes, chunk->length);
	memcpy(value, &record, sizeof(record));
	return sizeof(record) + chunk->length;
}

size_t hmfs_chunk_encode(uint32_t hash, const struct hmfs_chunk *chunk, uint8_t *value)
{
	const struct hmfs_chunk_record record = { .runs = (uint8_t)chunk->runs };
	const size_t sum_size = hmfs_sum_size(hash);
	size_t at = sizeof(record);

	if (chunk->is_inline)
		return encode_inline(chunk, value);
	memcpy(value, &record, sizeof(record));
	memcpy(value + at, chunk->run, chunk->runs * sizeof(struct hmfs_run));
	at += chunk->runs * sizeof(struct hmfs_run);
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (run->flags & HMFS_RUN_UNWRITTEN)
			continue;
		for (unsigned j = 0; j < run->blocks; j++, at += sum_size)
			memcpy(value + at, chunk->sums[run->first + j], sum_size);
	}
	return at;
}

/* --- In the map. --- */

int hmfs_chunk_load(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
		    struct hmfs_chunk *chunk)
{
	struct hmfs_volume *volume = dataset->map.context->volume;
	const struct hmfs_key key = hmfs_chunk_key(object, number);
	const struct hmfs_id id = { dataset->number, object };
	const ssize_t length =
		hmfs_map_get(&dataset->map, &key, chunk->value, sizeof(chunk->value));
	int error;

	if (length < 0) {
		chunk->runs = 0;
		chunk->is_inline = false;
		chunk->length = 0;
		return length == -ENOENT ? 0 : (int)length;
	}
	error = hmfs_chunk_decode(dataset->map.context->hash, chunk->value, (size_t)length, chunk);
	if (!error && !hmfs_chunk_is_placed(chunk, volume->root.blocks, volume->commit))
		error = -EUCLEAN;
	if (!error && chunk->is_inline && number >= HMFS_INLINE_CHUNKS)
		error = -EUCLEAN;
	if (error)
		return hmfs_complain(volume, &id, "nonsense in the record of chunk %llu",
				     (unsigned long long)number);
	return 0;
}

int hmfs_chunk_store(struct hmfs_dataset *dataset, uint64_t object, uint64_t number,
		     struct hmfs_chunk *chunk)
{
	const struct hmfs_key key = hmfs_chunk_key(object, number);
	size_t length;

	if (chunk->runs == 0 && !chunk->is_inline)
		return hmfs_map_remove(&dataset->map, &key);
	length = hmfs_chunk_encode(dataset->map.context->hash, chunk, chunk->value);
	return hmfs_map_put(&dataset->map, &key, chunk->value, length);
}
