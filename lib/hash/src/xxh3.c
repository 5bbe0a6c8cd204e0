/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH3 as libxxhash's header has it: the header is the one that the machine has installed, the
 * whole algorithm in it, and here it is compiled for any environment, a kernel without vector
 * registers included.
 */
#include <hash/xxh3.h>

#include <base/string.h>

/* All that it wants of the C library beside memcpy() is memory for states, of which there are none
 * here. glibc's and musl's headers are skipped where these are defined. */
#define _STDLIB_H
#define _STRING_H
#define malloc(size) ((void)(size), (void *)0)
#define free(memory) ((void)(memory))

/* The same code everywhere: plain 64-bit arithmetic, without the compilers' vector headers, which
 * include the C library's. */
#undef __SSE2__
#undef __AVX2__
#undef __AVX512F__
#define XXH_VECTOR              0 /* XXH_SCALAR */
#define XXH_FORCE_MEMORY_ACCESS 1 /* unaligned loads without calls of memcpy() */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t xxh3_64(const void *bytes, size_t length, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, length, seed);
}

void xxh3_128(const void *bytes, size_t length, uint64_t seed, uint8_t hash[XXH3_128_SIZE])
{
	const XXH128_hash_t sum = XXH3_128bits_withSeed(bytes, length, seed);

	for (unsigned i = 0; i < 8; i++) {
		hash[i] = (uint8_t)(sum.high64 >> (56 - 8 * i));
		hash[8 + i] = (uint8_t)(sum.low64 >> (56 - 8 * i));
	}
}

/* In the caller's room, aligned as the header wants it. */
static XXH3_state_t *state_of(struct xxh3_stream *stream)
{
	_Static_assert(sizeof(*stream) >= sizeof(XXH3_state_t) + _Alignof(XXH3_state_t),
		       "the room is enough");
	return (XXH3_state_t *)align_up((uintptr_t)stream->room, _Alignof(XXH3_state_t));
}

void xxh3_128_begin(struct xxh3_stream *stream, uint64_t seed)
{
	(void)XXH3_128bits_reset_withSeed(state_of(stream), seed);
}

void xxh3_128_add(struct xxh3_stream *stream, const void *bytes, size_t length)
{
	(void)XXH3_128bits_update(state_of(stream), bytes, length);
}

void xxh3_128_end(struct xxh3_stream *stream, uint8_t hash[XXH3_128_SIZE])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_of(stream)));
	memcpy(hash, canonical.digest, XXH3_128_SIZE);
}
