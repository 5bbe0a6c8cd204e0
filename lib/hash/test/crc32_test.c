/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-32: known values, and the definition bit by bit. */
#include <hash/crc32.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static uint32_t by_definition(const uint8_t *bytes, size_t length)
{
	uint32_t sum = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		sum ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum & 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
	}
	return ~sum;
}

UNIT_TEST(crc32, known_values)
{
	const uint8_t zeros[32] = { 0 };
	uint8_t ones[32];

	memset(ones, 0xff, sizeof(ones));
	EXPECT_EQUAL(crc32(0, "", 0), 0);
	EXPECT_EQUAL(crc32(0, "123456789", 9), 0xcbf43926);
	EXPECT_EQUAL(crc32(0, "a", 1), 0xe8b7be43);
	EXPECT_EQUAL(crc32(0, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
	EXPECT_EQUAL(crc32(0, zeros, sizeof(zeros)), 0x190a55ad);
	EXPECT_EQUAL(crc32(0, ones, sizeof(ones)), 0xff6cab0b);
}

UNIT_TEST(crc32, any_length_at_any_address)
{
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 197 + (i >> 3));
	for (size_t start = 0; start < 8; start++) {
		for (size_t length = 0; start + length <= sizeof(bytes); length += 7)
			EXPECT_EQUAL(crc32(0, bytes + start, length),
				     by_definition(bytes + start, length));
	}
}

UNIT_TEST(crc32, goes_on_where_it_stopped)
{
	const char text[] = "some bytes that come in two pieces";
	const size_t length = sizeof(text) - 1;

	for (size_t first = 0; first <= length; first++)
		EXPECT_EQUAL(crc32(crc32(0, text, first), text + first, length - first),
			     crc32(0, text, length));
}
