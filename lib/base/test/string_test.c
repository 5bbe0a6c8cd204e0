/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory and string functions, compared with the C library's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renamed.h"
#include "unit.h"

#include <base/errno.h>

#define ARENA 256

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static void fill_random(uint8_t *bytes, size_t size, uint64_t *seed)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)unit_random(seed);
}

/* All lengths and alignments; nothing around the destination may change. */
UNIT_TEST(string, memcpy)
{
	uint64_t seed = 1;
	uint8_t from[ARENA];
	uint8_t to[ARENA];
	uint8_t wanted[ARENA];

	for (size_t length = 0; length <= 160; length++) {
		for (size_t align = 0; align < 64; align++) {
			size_t source = align % 8;
			size_t target = 8 + align / 8;

			fill_random(from, ARENA, &seed);
			fill_random(to, ARENA, &seed);
			memcpy(wanted, to, ARENA);
			memcpy(wanted + target, from + source, length);
			EXPECT(base_memcpy(to + target, from + source, length) == to + target);
			EXPECT_BYTES(to, wanted, ARENA);
		}
	}
}

/* All distances between overlapping blocks. */
UNIT_TEST(string, memmove)
{
	uint64_t seed = 2;
	uint8_t got[ARENA];
	uint8_t wanted[ARENA];

	for (size_t length = 0; length <= 120; length++) {
		for (size_t target = 0; target <= 130; target++) {
			fill_random(got, ARENA, &seed);
			memcpy(wanted, got, ARENA);
			memmove(wanted + target, wanted + 65, length);
			EXPECT(base_memmove(got + target, got + 65, length) == got + target);
			EXPECT_BYTES(got, wanted, ARENA);
		}
	}
}

UNIT_TEST(string, memset)
{
	uint64_t seed = 3;
	uint8_t got[ARENA];
	uint8_t wanted[ARENA];

	for (size_t length = 0; length <= 160; length++) {
		for (size_t align = 0; align < 16; align++) {
			int byte = (int)unit_random(&seed);

			fill_random(got, ARENA, &seed);
			memcpy(wanted, got, ARENA);
			memset(wanted + align, byte, length);
			EXPECT(base_memset(got + align, byte, length) == got + align);
			EXPECT_BYTES(got, wanted, ARENA);
		}
	}
}

/* Blocks of exact size, so that the sanitizer sees a byte read beyond them. */
UNIT_TEST(string, memcmp_and_memchr)
{
	uint64_t seed = 4;

	for (unsigned round = 0; round < 20000; round++) {
		size_t length = unit_random_below(&seed, 70);
		uint8_t *a = malloc(length);
		uint8_t *b = malloc(length);
		int byte = (int)unit_random_below(&seed, 4) - 1;

		for (size_t i = 0; i < length; i++)
			a[i] = (uint8_t)(unit_random_below(&seed, 100) ? 7 : 0xff);
		memcpy(b, a, length);
		if (length > 0 && round % 2)
			b[unit_random_below(&seed, length)] ^= (uint8_t)unit_random(&seed);
		EXPECT_EQUAL(sign(base_memcmp(a, b, length)), sign(memcmp(a, b, length)));
		EXPECT(base_memchr(a, byte, length) == memchr(a, byte, length));
		EXPECT(base_memchr(b, 7, length) == memchr(b, 7, length));
		free(a);
		free(b);
	}
}

UNIT_TEST(string, memchr_finds_every_byte)
{
	uint8_t block[24];

	for (size_t at = 0; at < sizeof(block); at++) {
		for (int byte = 0; byte < 256; byte++) {
			memset(block, byte ^ 0x80, sizeof(block));
			block[at] = (uint8_t)byte;
			EXPECT(base_memchr(block, byte, sizeof(block)) == block + at);
			EXPECT(base_memchr(block, byte, at) == NULL);
		}
	}
}

UNIT_TEST(string, strings_of_random_text)
{
	uint64_t seed = 5;

	for (unsigned round = 0; round < 20000; round++) {
		size_t length = unit_random_below(&seed, 12);
		size_t limit = unit_random_below(&seed, 14);
		char *a = malloc(length + 1);
		char *b;
		int byte = "abc\xfe"[unit_random_below(&seed, 5)];

		for (size_t i = 0; i < length; i++)
			a[i] = "abc\xfe"[unit_random_below(&seed, 4)];
		a[length] = '\0';
		b = strdup(a);
		if (length > 0 && round % 2)
			b[unit_random_below(&seed, length)] = "ab\xfe"[unit_random_below(&seed, 4)];
		EXPECT_EQUAL(base_strlen(a), strlen(a));
		EXPECT_EQUAL(base_strnlen(a, limit), strnlen(a, limit));
		EXPECT_EQUAL(sign(base_strcmp(a, b)), sign(strcmp(a, b)));
		EXPECT_EQUAL(sign(base_strncmp(a, b, limit)), sign(strncmp(a, b, limit)));
		EXPECT(base_strchr(a, byte) == strchr(a, byte));
		EXPECT(base_strrchr(a, byte) == strrchr(a, byte));
		free(a);
		free(b);
	}
}

UNIT_TEST(string, strnlen_reads_no_further_than_the_limit)
{
	char *block = malloc(3);

	memcpy(block, "abc", 3);
	EXPECT_EQUAL(base_strnlen(block, 3), 3);
	EXPECT_EQUAL(base_strncmp(block, "abcd", 3), 0);
	EXPECT(base_memchr(block, 'x', 3) == NULL);
	free(block);
}

UNIT_TEST(string, copy)
{
	char to[8] = "zzzzzzz";

	EXPECT_EQUAL(string_copy(to, "abc", sizeof(to)), 3);
	EXPECT_STRING(to, "abc");
	EXPECT_EQUAL(string_copy(to, "1234567", sizeof(to)), 7);
	EXPECT_STRING(to, "1234567");
	EXPECT_EQUAL(string_copy(to, "abcdefgh", sizeof(to)), 8);
	EXPECT_STRING(to, "abcdefg");
	EXPECT_EQUAL(string_copy(to, "xyz", 1), 3);
	EXPECT_STRING(to, "");
	EXPECT_EQUAL(string_copy(to, "", 4), 0);
	EXPECT_STRING(to, "");
}

static int parse(const char *text, uint64_t *value)
{
	*value = 0xdead;
	return string_to_u64(text, value);
}

UNIT_TEST(string, to_u64)
{
	uint64_t value;

	EXPECT_EQUAL(parse("0", &value), 0);
	EXPECT_EQUAL(value, 0);
	EXPECT_EQUAL(parse("18446744073709551615", &value), 0);
	EXPECT_EQUAL(value, UINT64_MAX);
	EXPECT_EQUAL(parse("18446744073709551616", &value), -ERANGE);
	EXPECT_EQUAL(parse("99999999999999999999999", &value), -ERANGE);
	EXPECT_EQUAL(parse("0xffffffffffffffff", &value), 0);
	EXPECT_EQUAL(value, UINT64_MAX);
	EXPECT_EQUAL(parse("0x10000000000000000", &value), -ERANGE);
	EXPECT_EQUAL(parse("0X1aB", &value), 0);
	EXPECT_EQUAL(value, 0x1ab);
	EXPECT_EQUAL(parse("00012", &value), 0);
	EXPECT_EQUAL(value, 12);
}

UNIT_TEST(string, to_u64_refuses)
{
	static const char *const wrong[] = { "",    "x",    "0x",  "-1",
					     "+1",  " 1",   "1 ",  "1a",
					     "0xg", "0x-1", "1.5", "99999999999999999999x" };
	uint64_t value;

	for (size_t i = 0; i < array_length(wrong); i++) {
		EXPECT_EQUAL(parse(wrong[i], &value), -EINVAL);
		EXPECT_EQUAL(value, 0xdead);
	}
}

UNIT_TEST(string, starts_with)
{
	EXPECT(string_starts_with("console=tty", "console="));
	EXPECT(string_starts_with("abc", ""));
	EXPECT(string_starts_with("abc", "abc"));
	EXPECT(!string_starts_with("abc", "abcd"));
	EXPECT(!string_starts_with("", "a"));
	EXPECT(!string_starts_with("xbc", "a"));
}
