/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single bits, bit maps and powers of two. */
#pragma once

#include <base/types.h>

/* The position of the highest or lowest set bit; `value` is not 0. */
static inline unsigned bit_highest(uint64_t value)
{
	return 63 - (unsigned)__builtin_clzll(value);
}

static inline unsigned bit_lowest(uint64_t value)
{
	return (unsigned)__builtin_ctzll(value);
}

static inline unsigned bit_count(uint64_t value)
{
	unsigned count = 0;

	/* Not the builtin: without the instruction it calls the compiler's library. */
	for (; value != 0; value &= value - 1)
		count++;
	return count;
}

static inline bool is_power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* The number of 64-bit words that hold `bits` bits. */
#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(uint64_t *map, size_t bit)
{
	map[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
	map[bit / 64] &= ~((uint64_t)1 << (bit % 64));
}

/* The first clear or set bit at or after `from`, or `bits` if there is none. */
size_t bitmap_find_clear(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_find_set(const uint64_t *map, size_t bits, size_t from);
