/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches in bit maps, a word at a time. */
#include <base/bits.h>

/* The first set bit at or after `from` in the map whose words are inverted by `invert`. */
static size_t bitmap_find(const uint64_t *map, size_t bits, size_t from, uint64_t invert)
{
	size_t word = from / 64;
	uint64_t mask = ~(uint64_t)0 << (from % 64);

	for (; word < BITMAP_WORDS(bits); word++, mask = ~(uint64_t)0) {
		uint64_t found = (map[word] ^ invert) & mask;

		if (found != 0)
			return min_size(word * 64 + bit_lowest(found), bits);
	}
	return bits;
}

size_t bitmap_find_clear(const uint64_t *map, size_t bits, size_t from)
{
	return bitmap_find(map, bits, from, ~(uint64_t)0);
}

size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t from)
{
	return bitmap_find(map, bits, from, 0);
}
