/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits, bit maps and checked arithmetic. */
#include <base/bits.h>
#include <base/checked.h>
#include <base/hash.h>

#include "unit.h"

#include <string.h>

UNIT_TEST(bits, single)
{
	EXPECT_EQUAL(bit_highest(1), 0);
	EXPECT_EQUAL(bit_highest(UINT64_MAX), 63);
	EXPECT_EQUAL(bit_lowest(1ull << 63), 63);
	EXPECT_EQUAL(bit_lowest(6), 1);
	EXPECT_EQUAL(bit_count(0), 0);
	EXPECT_EQUAL(bit_count(UINT64_MAX), 64);
	EXPECT(is_power_of_two(1) && is_power_of_two(1ull << 63));
	EXPECT(!is_power_of_two(0) && !is_power_of_two(12));
	EXPECT_EQUAL(BITMAP_WORDS(0), 0);
	EXPECT_EQUAL(BITMAP_WORDS(64), 1);
	EXPECT_EQUAL(BITMAP_WORDS(65), 2);
}

static size_t find_slowly(const uint64_t *map, size_t bits, size_t from, bool value)
{
	for (; from < bits; from++) {
		if (bitmap_test(map, from) == value)
			return from;
	}
	return bits;
}

UNIT_TEST(bits, bitmap_find)
{
	uint64_t seed = 1;

	for (unsigned round = 0; round < 300; round++) {
		size_t bits = unit_random_below(&seed, 300);
		uint64_t map[5];

		/* What lies beyond the last bit must not matter. */
		for (unsigned i = 0; i < 5; i++)
			map[i] = round % 2 ? UINT64_MAX : 0;
		for (unsigned i = 0; i < round % 7; i++) {
			bitmap_set(map, unit_random_below(&seed, 320));
			bitmap_clear(map, unit_random_below(&seed, 320));
		}
		for (size_t from = 0; from <= bits; from++) {
			EXPECT_EQUAL(bitmap_find_set(map, bits, from),
				     find_slowly(map, bits, from, true));
			EXPECT_EQUAL(bitmap_find_clear(map, bits, from),
				     find_slowly(map, bits, from, false));
		}
	}
}

UNIT_TEST(bits, bitmap_find_reads_only_its_words)
{
	uint64_t map[1] = { 0 };

	EXPECT_EQUAL(bitmap_find_set(map, 64, 0), 64);
	EXPECT_EQUAL(bitmap_find_set(map, 64, 64), 64);
	EXPECT_EQUAL(bitmap_find_set(map, 0, 0), 0);
	EXPECT_EQUAL(bitmap_find_set(map, 10, 400), 10);
}

UNIT_TEST(checked, arithmetic)
{
	uint64_t result;

	EXPECT(checked_add(1, 2, &result) && result == 3);
	EXPECT(checked_add(UINT64_MAX, 0, &result) && result == UINT64_MAX);
	EXPECT(!checked_add(UINT64_MAX, 1, &result));
	EXPECT(checked_mul(1ull << 32, (1ull << 32) - 1, &result));
	EXPECT(!checked_mul(1ull << 32, 1ull << 32, &result));
	EXPECT(checked_align_up(4097, 4096, &result) && result == 8192);
	EXPECT(checked_align_up(UINT64_MAX - 4095, 4096, &result) && result == UINT64_MAX - 4095);
	EXPECT(!checked_align_up(UINT64_MAX - 4094, 4096, &result));
}

UNIT_TEST(checked, range)
{
	EXPECT(range_within(0, 0, 0));
	EXPECT(range_within(3, 7, 10));
	EXPECT(range_within(10, 0, 10));
	EXPECT(!range_within(3, 8, 10));
	EXPECT(!range_within(11, 0, 10));
	EXPECT(!range_within(1, UINT64_MAX, 10));
	EXPECT(!range_within(UINT64_MAX, 2, 10));
}

UNIT_TEST(hash, spreads)
{
	EXPECT_EQUAL(hash_bytes(0, "", 0), 0xcbf29ce484222325 ^ 0xcbf29ce4);
	EXPECT(hash_bytes(0, "a", 1) != hash_bytes(0, "b", 1));
	EXPECT(hash_bytes(1, "a", 1) != hash_bytes(2, "a", 1));
}
