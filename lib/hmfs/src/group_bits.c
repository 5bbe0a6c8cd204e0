/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of bits, a word at a time. */
#include "space_priv.h"

/* The bits of word `word` that are of [first, first + count). */
static uint64_t run_mask(uint32_t word, uint32_t first, uint32_t count)
{
	uint32_t start = word * 64;
	uint64_t mask = ~(uint64_t)0;

	if (first > start)
		mask <<= first - start;
	if (first + count < start + 64)
		mask &= ~(uint64_t)0 >> (start + 64 - first - count);
	return mask;
}

void hmfs_bits_set(uint64_t *map, uint32_t first, uint32_t count)
{
	for (uint32_t word = first / 64; word * 64 < first + count; word++)
		map[word] |= run_mask(word, first, count);
}

void hmfs_bits_clear(uint64_t *map, uint32_t first, uint32_t count)
{
	for (uint32_t word = first / 64; word * 64 < first + count; word++)
		map[word] &= ~run_mask(word, first, count);
}

/* In a fixed number of steps, without an instruction that not every CPU has. */
static uint32_t count_word(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555;
	word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (uint32_t)(word * 0x0101010101010101 >> 56);
}

uint32_t hmfs_bits_count(const uint64_t *map, uint32_t first, uint32_t count)
{
	uint32_t found = 0;

	for (uint32_t word = first / 64; word * 64 < first + count; word++)
		found += count_word(map[word] & run_mask(word, first, count));
	return found;
}

unsigned hmfs_bits_longest(const uint64_t *map, uint32_t size)
{
	size_t longest = 0;

	for (size_t at = 0; at < size && size - at > longest;) {
		size_t start = bitmap_find_clear(map, size, at);

		at = bitmap_find_set(map, size, start);
		if (at - start > longest)
			longest = at - start;
	}
	return longest ? bit_highest(longest) : 0;
}
