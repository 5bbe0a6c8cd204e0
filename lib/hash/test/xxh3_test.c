/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XXH3 against what xxhsum and libxxhash 0.8.1 say, at each length where it changes its ways. */
#include <hash/xxh3.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 0x9e3779b185ebca87u

/* Of pattern(): without a seed, as xxhsum -H2 and -H3 print them, and with SEED. */
static const struct {
	size_t length;
	const char *plain, *seeded;
	uint64_t plain_64, seeded_64;
} vectors[] = {
	{ 0, "99aa06d3014798d86001c324468d497f", "45ef6ddc7afb225af9ece1036ecbb2ed",
	  0x2d06800538d394c2, 0x07f70f819703314d },
	{ 1, "a6cd5e9392000f6ac44bdff4074eecdb", "cdd5fbba588c5da7719ae0fc4eb5db08",
	  0xc44bdff4074eecdb, 0x719ae0fc4eb5db08 },
	{ 3, "47000b02ffffb49237e8607a4b5b8592", "6ab38a0e574c435d0f801109b9616d03",
	  0x37e8607a4b5b8592, 0x0f801109b9616d03 },
	{ 4, "a2230bd268e23beb924d239665118cec", "412eb51e28507cfe2b2037bc72087026",
	  0xcc8ccdcafabe6d49, 0x6a795dbb3d7fa629 },
	{ 8, "7d3e1ae74d07ed43378a97be71ba5fc1", "da5466d707745407e54df3d0129763e7",
	  0x0c74b8fdd853f43e, 0x6aea7e3bbb7e04f7 },
	{ 9, "c7028af4d696e5e9bb1d769ebce32d80", "f9331bfe046cd4780199ba0fb4d848a4",
	  0x9daf71e816e5f8e9, 0x6e460996e264f8eb },
	{ 16, "c1f294a3415b4ce8dc59e6a3df34cc49", "42123ec8e4f09f13bfb45722ad68e672",
	  0xa3a825678060b197, 0x46342196a15b44d4 },
	{ 17, "98a38609e42e9caff5c6422b7ab86947", "e34fb9f46cf23ff17b0a6557ebb75819",
	  0xa727fc11c79a2635, 0xbdc3c492074460a2 },
	{ 128, "3460dc2d360e3de738ab121c27a31408", "ebc83b75eba945ad468870c61e875fcd",
	  0x64fe7093bf9755ce, 0x9c3e2c968f829f58 },
	{ 129, "a340f856c3a4b603371b18de63651e32", "0e3151233bfe380e7826c51637d745c0",
	  0x832da47a6030d138, 0xc45f1268cdfd4b5f },
	{ 240, "921f932a649956c9e9c08d489e75a049", "acf37a9cc903ef7d53ff7e27b1ebc78b",
	  0x731fec521c534a20, 0xab1848b294490828 },
	{ 241, "e5edbd210ae49eea0410efab9fc74872", "c06183cb8afc93cd327dc8154fb1226e",
	  0x0410efab9fc74872, 0x327dc8154fb1226e },
	{ 1024, "c30feac56aba849e03204afe9502ba53", "f0be84badfce02ee759bed7c86d0b8c7",
	  0x03204afe9502ba53, 0x759bed7c86d0b8c7 },
	{ 4096, "9fed38752702e370a45c25865274acad", "9800d160b4e2b30c0999ed7be8dd551c",
	  0xa45c25865274acad, 0x0999ed7be8dd551c },
	{ 16384, "b4f995196704f96a0363e982c54f6053", "0bda5f26d86d0099d3f40bdc5f1a2689",
	  0x0363e982c54f6053, 0xd3f40bdc5f1a2689 },
};

static uint8_t *pattern(size_t length, size_t shift)
{
	uint8_t *bytes = malloc(length + shift + 1);

	for (size_t i = 0; i < length; i++)
		bytes[shift + i] = (uint8_t)(i * 197 + (i >> 3));
	return bytes;
}

static void print_hash(char *text, const uint8_t *hash, size_t size)
{
	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

UNIT_TEST(xxh3, known_values)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t hash[XXH3_128_SIZE], *bytes = pattern(vectors[i].length, 0);
		char text[2 * XXH3_128_SIZE + 1];

		xxh3_128(bytes, vectors[i].length, 0, hash);
		print_hash(text, hash, sizeof(hash));
		EXPECT_STRING(text, vectors[i].plain);
		xxh3_128(bytes, vectors[i].length, SEED, hash);
		print_hash(text, hash, sizeof(hash));
		EXPECT_STRING(text, vectors[i].seeded);
		EXPECT_EQUAL(xxh3_64(bytes, vectors[i].length, 0), vectors[i].plain_64);
		EXPECT_EQUAL(xxh3_64(bytes, vectors[i].length, SEED), vectors[i].seeded_64);
		free(bytes);
	}
}

UNIT_TEST(xxh3, any_address)
{
	const size_t lengths[] = { 3, 15, 100, 200, 5000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		uint8_t *straight = pattern(lengths[i], 0);
		const uint64_t wanted = xxh3_64(straight, lengths[i], 7);

		for (size_t shift = 1; shift < 8; shift++) {
			uint8_t *shifted = pattern(lengths[i], shift);

			EXPECT_EQUAL(xxh3_64(shifted + shift, lengths[i], 7), wanted);
			free(shifted);
		}
		free(straight);
	}
}

UNIT_TEST(xxh3, piece_by_piece)
{
	const size_t pieces[] = { 1, 7, 64, 255, 256, 257, 1000, 4096 };
	const size_t length = 5000;
	uint8_t *bytes = pattern(length, 0), whole[XXH3_128_SIZE], hash[XXH3_128_SIZE];

	xxh3_128(bytes, length, SEED, whole);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct xxh3_stream stream;

		xxh3_128_begin(&stream, SEED);
		for (size_t at = 0; at < length; at += pieces[i])
			xxh3_128_add(&stream, bytes + at, min_size(pieces[i], length - at));
		xxh3_128_end(&stream, hash);
		EXPECT_BYTES(hash, whole, sizeof(whole));
	}
	free(bytes);
}
