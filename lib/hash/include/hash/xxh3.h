/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH3: fast hashes that find accidents and spread keys, but do not stop forgers. They are those of
 * libxxhash, whose header is compiled in (src/xxh3.c).
 */
#pragma once

#include <base/types.h>

/* The 128 bits in their canonical form: the high half first, big-endian, as xxhsum prints them. */
#define XXH3_128_SIZE 16u

/* Any context, any address. */
uint64_t xxh3_64(const void *bytes, size_t length, uint64_t seed);
void xxh3_128(const void *bytes, size_t length, uint64_t seed, uint8_t hash[XXH3_128_SIZE]);

/* The same piece by piece. A stream stays where it is between begin() and end(). */
struct xxh3_stream {
	uint64_t room[80];
};
void xxh3_128_begin(struct xxh3_stream *stream, uint64_t seed);
void xxh3_128_add(struct xxh3_stream *stream, const void *bytes, size_t length);
void xxh3_128_end(struct xxh3_stream *stream, uint8_t hash[XXH3_128_SIZE]);
