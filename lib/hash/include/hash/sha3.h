/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-3 (FIPS 202): SHA3-256 and SHA3-512. Slow, but not even an attacker finds two messages with
 * the same hash. */
#pragma once

#include <base/types.h>

#define SHA3_256_SIZE 32u
#define SHA3_512_SIZE 64u

/* Any context, any address. */
void sha3_256(const void *bytes, size_t length, uint8_t hash[SHA3_256_SIZE]);
void sha3_512(const void *bytes, size_t length, uint8_t hash[SHA3_512_SIZE]);

/* The same piece by piece. */
struct sha3_stream {
	uint64_t state[25];
	uint8_t rest[200]; /* bytes that do not fill a block yet */
	size_t used, size;
};
void sha3_256_begin(struct sha3_stream *stream);
void sha3_512_begin(struct sha3_stream *stream);
void sha3_add(struct sha3_stream *stream, const void *bytes, size_t length);
/* As many bytes as the hash that was begun has. */
void sha3_end(struct sha3_stream *stream, uint8_t *hash);
