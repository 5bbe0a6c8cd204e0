/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunk records: what is encoded decodes to the same; nonsense is told; runs put in and taken out
 * leave what a plain array of blocks would have. */
#include "../src/contents.h"

#include <base/errno.h>
#include <base/string.h>

#include "unit.h"

static const uint32_t hashes[] = { HMFS_HASH_XXH3, HMFS_HASH_SHA3_256, HMFS_HASH_SHA3_512 };

/* A block as a plain array has it: a hole has address 0. */
struct plain {
	uint64_t address, mirror, birth;
	uint8_t flags;
};

static void fill_randomly(struct hmfs_chunk *chunk, uint64_t *state)
{
	memset(chunk, 0, sizeof(*chunk));
	for (unsigned block = 0; block < HMFS_CHUNK_BLOCKS;) {
		struct hmfs_run run = {
			.address = 1 + unit_random_below(state, 1000000),
			.birth = unit_random_below(state, 3),
			.first = (uint8_t)block,
			.flags = (uint8_t)unit_random_below(state, 4),
		};

		run.mirror = unit_random_below(state, 2) ? 1 + unit_random_below(state, 99999) : 0;
		run.blocks = (uint8_t)(1 + unit_random_below(state, HMFS_CHUNK_BLOCKS - block));
		if (unit_random_below(state, 3))
			hmfs_chunk_insert(chunk, &run);
		for (unsigned i = 0; i < run.blocks; i++, block++)
			for (unsigned j = 0; j < HMFS_SUM_MAX; j++)
				chunk->sums[block][j] = (uint8_t)unit_random(state);
	}
}

static void expect_same(uint32_t hash, const struct hmfs_chunk *a, const struct hmfs_chunk *b)
{
	EXPECT_EQUAL(a->runs, b->runs);
	EXPECT_BYTES(a->run, b->run, a->runs * sizeof(a->run[0]));
	for (unsigned i = 0; i < a->runs; i++) {
		const struct hmfs_run *run = &a->run[i];

		if (run->flags & HMFS_RUN_UNWRITTEN)
			continue;
		for (unsigned j = run->first; j < (unsigned)run->first + run->blocks; j++)
			EXPECT_BYTES(a->sums[j], b->sums[j], hmfs_sum_size(hash));
	}
}

UNIT_TEST(hmfs_chunk, round_trip)
{
	static struct hmfs_chunk chunk, decoded;
	uint64_t state = 1;

	for (unsigned i = 0; i < 3000; i++) {
		const uint32_t hash = hashes[i % array_length(hashes)];
		size_t length;

		fill_randomly(&chunk, &state);
		if (chunk.runs == 0)
			continue;
		length = hmfs_chunk_encode(hash, &chunk, decoded.value);
		EXPECT(length <= HMFS_CHUNK_VALUE_MAX);
		EXPECT_EQUAL(hmfs_chunk_decode(hash, decoded.value, length, &decoded), 0);
		expect_same(hash, &chunk, &decoded);
		/* No shorter and no longer one is accepted. */
		EXPECT_EQUAL(hmfs_chunk_decode(hash, chunk.value, 0, &decoded), -EUCLEAN);
		length = hmfs_chunk_encode(hash, &chunk, chunk.value);
		EXPECT_EQUAL(hmfs_chunk_decode(hash, chunk.value, length - 1, &decoded), -EUCLEAN);
		EXPECT_EQUAL(hmfs_chunk_decode(hash, chunk.value, length + 1, &decoded), -EUCLEAN);
	}
}

UNIT_TEST(hmfs_chunk, inline_bytes)
{
	static struct hmfs_chunk chunk, decoded;

	for (size_t length = 0; length <= HMFS_INLINE_MAX; length += 64) {
		size_t size;

		memset(&chunk, 0, sizeof(chunk));
		chunk.is_inline = true;
		chunk.length = (uint16_t)length;
		memset(chunk.bytes, 'a' + (int)(length % 26), length);
		size = hmfs_chunk_encode(HMFS_HASH_XXH3, &chunk, chunk.value);
		EXPECT_EQUAL(size, length + 4);
		EXPECT_EQUAL(hmfs_chunk_decode(HMFS_HASH_XXH3, chunk.value, size, &decoded), 0);
		EXPECT(decoded.is_inline);
		EXPECT_EQUAL(decoded.length, length);
		EXPECT_BYTES(decoded.bytes, chunk.bytes, length);
		EXPECT_EQUAL(hmfs_chunk_decode(HMFS_HASH_XXH3, chunk.value, size + 1, &decoded),
			     -EUCLEAN);
	}
}

/* What a decoder lets pass must be something that the rest can work with. */
static void expect_sound(const struct hmfs_chunk *chunk)
{
	unsigned end = 0;

	if (chunk->is_inline) {
		EXPECT(chunk->length <= HMFS_INLINE_MAX && chunk->runs == 0);
		return;
	}
	EXPECT(chunk->runs >= 1 && chunk->runs <= HMFS_CHUNK_BLOCKS);
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		EXPECT(run->first >= end && run->blocks > 0 && run->address != 0);
		end = run->first + run->blocks;
		EXPECT(end <= HMFS_CHUNK_BLOCKS);
		EXPECT(run->address + run->blocks > run->address);
	}
}

UNIT_TEST(hmfs_chunk, nonsense)
{
	static struct hmfs_chunk chunk, decoded;
	unsigned refused = 0;
	uint64_t state = 7;

	for (unsigned i = 0; i < 20000; i++) {
		size_t length;

		fill_randomly(&chunk, &state);
		length = hmfs_chunk_encode(HMFS_HASH_XXH3, &chunk, chunk.value);
		for (uint64_t j = unit_random_below(&state, 4); j < 4; j++)
			chunk.value[unit_random_below(&state, length < 100 ? length : 100)] =
				(uint8_t)unit_random(&state);
		if (hmfs_chunk_decode(HMFS_HASH_XXH3, chunk.value, length, &decoded) == 0)
			expect_sound(&decoded);
		else
			refused++;
	}
	EXPECT(refused > 1000);
}

UNIT_TEST(hmfs_chunk, placed)
{
	struct hmfs_chunk chunk = {
		.runs = 1,
		.run = { { .address = 90, .mirror = 20, .birth = 5, .blocks = 10 } },
	};

	EXPECT(hmfs_chunk_is_placed(&chunk, 100, 5));
	EXPECT(!hmfs_chunk_is_placed(&chunk, 99, 5));
	EXPECT(!hmfs_chunk_is_placed(&chunk, 100, 4));
	chunk.run[0].mirror = 91;
	EXPECT(!hmfs_chunk_is_placed(&chunk, 100, 5));
}

/* --- Editing. --- */

static void expect_plain(const struct hmfs_chunk *chunk, const struct plain *plain)
{
	for (unsigned i = 0; i < HMFS_CHUNK_BLOCKS; i++) {
		const struct hmfs_run *run = hmfs_chunk_find(chunk, i);
		struct hmfs_run part;

		EXPECT_EQUAL(run != NULL, plain[i].address != 0);
		if (!run)
			continue;
		part = hmfs_run_part(run, i, 1);
		EXPECT_EQUAL(part.address, plain[i].address);
		EXPECT_EQUAL(part.mirror, plain[i].mirror);
		EXPECT_EQUAL(part.birth, plain[i].birth);
		EXPECT_EQUAL(part.flags, plain[i].flags);
	}
}

static void insert_plain(struct plain *plain, const struct hmfs_run *run)
{
	for (unsigned i = 0; i < run->blocks; i++)
		plain[run->first + i] =
			(struct plain){ run->address + i, run->mirror ? run->mirror + i : 0,
					run->birth, run->flags };
}

static void check_taken(const struct plain *plain, const struct hmfs_run *taken, unsigned count,
			unsigned blocks)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++) {
		EXPECT_EQUAL(taken[i].address, plain[taken[i].first].address);
		sum += taken[i].blocks;
	}
	EXPECT_EQUAL(sum, blocks);
}

UNIT_TEST(hmfs_chunk, edits)
{
	struct hmfs_run taken[HMFS_CHUNK_BLOCKS];
	struct plain plain[HMFS_CHUNK_BLOCKS] = { { 0 } };
	struct hmfs_chunk chunk = { 0 };
	uint64_t state = 3;

	for (unsigned i = 0; i < 20000; i++) {
		const unsigned first = (unsigned)unit_random_below(&state, HMFS_CHUNK_BLOCKS);
		struct hmfs_run run = {
			/* Few addresses and births, so that neighbours often join. */
			.address = 100 + first + unit_random_below(&state, 2) * 50,
			.birth = 1 + unit_random_below(&state, 2),
			.first = (uint8_t)first,
			.blocks =
				(uint8_t)(1 + unit_random_below(&state, HMFS_CHUNK_BLOCKS - first)),
			.flags = (uint8_t)unit_random_below(&state, 2),
		};
		unsigned used = 0;

		run.mirror = unit_random_below(&state, 2) ? run.address + 1000 : 0;
		for (unsigned j = first; j < first + run.blocks; j++)
			used += plain[j].address != 0;
		check_taken(plain, taken, hmfs_chunk_clear(&chunk, first, run.blocks, taken), used);
		memset(plain + first, 0, run.blocks * sizeof(plain[0]));
		if (unit_random_below(&state, 3)) {
			hmfs_chunk_insert(&chunk, &run);
			insert_plain(plain, &run);
		}
		expect_plain(&chunk, plain);
	}
}

UNIT_TEST(hmfs_chunk, neighbours_join)
{
	struct hmfs_chunk chunk = { 0 };
	struct hmfs_run run = { .address = 50, .birth = 1, .first = 0, .blocks = 4 };

	hmfs_chunk_insert(&chunk, &run);
	run = (struct hmfs_run){ .address = 58, .birth = 1, .first = 8, .blocks = 8 };
	hmfs_chunk_insert(&chunk, &run);
	EXPECT_EQUAL(chunk.runs, 2);
	run = (struct hmfs_run){ .address = 54, .birth = 1, .first = 4, .blocks = 4 };
	hmfs_chunk_insert(&chunk, &run);
	EXPECT_EQUAL(chunk.runs, 1);
	EXPECT_EQUAL(chunk.run[0].blocks, 16);
}
