/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-3 after FIPS 202: the sponge over the permutation Keccak-f[1600], whose state of 5 by 5 lanes
 * of 64 bits is lane[x + 5 * y] here. Each round is written out by rows, so that the compiler keeps
 * most lanes in registers; a table tells where rho and pi take each lane.
 */
#include <hash/sha3.h>

#include <base/string.h>

#define LANES  25u
#define ROUNDS 24u

/* FIPS 202, 3.2.5 (iota). */
static const uint64_t round_constants[ROUNDS] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
	0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
	0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
	0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
	0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
	0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static inline uint64_t rotate(uint64_t lane, unsigned bits)
{
	return lane << bits | lane >> (-bits & 63);
}

/* One row of the new state (chi), of the five lanes that rho and pi bring there. */
static inline void chi(uint64_t row[5], uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	row[0] = a ^ (~b & c);
	row[1] = b ^ (~c & d);
	row[2] = c ^ (~d & e);
	row[3] = d ^ (~e & a);
	row[4] = e ^ (~a & b);
}

static void round_of(uint64_t to[LANES], const uint64_t from[LANES], uint64_t constant)
{
	uint64_t column[5], change[5];

	for (unsigned x = 0; x < 5; x++)
		column[x] = from[x] ^ from[x + 5] ^ from[x + 10] ^ from[x + 15] ^ from[x + 20];
	change[0] = column[4] ^ rotate(column[1], 1);
	change[1] = column[0] ^ rotate(column[2], 1);
	change[2] = column[1] ^ rotate(column[3], 1);
	change[3] = column[2] ^ rotate(column[4], 1);
	change[4] = column[3] ^ rotate(column[0], 1);
#define MOVED(lane, bits) rotate(from[lane] ^ change[(lane) % 5], bits)
	chi(to + 0, MOVED(0, 0), MOVED(6, 44), MOVED(12, 43), MOVED(18, 21), MOVED(24, 14));
	chi(to + 5, MOVED(3, 28), MOVED(9, 20), MOVED(10, 3), MOVED(16, 45), MOVED(22, 61));
	chi(to + 10, MOVED(1, 1), MOVED(7, 6), MOVED(13, 25), MOVED(19, 8), MOVED(20, 18));
	chi(to + 15, MOVED(4, 27), MOVED(5, 36), MOVED(11, 10), MOVED(17, 15), MOVED(23, 56));
	chi(to + 20, MOVED(2, 62), MOVED(8, 55), MOVED(14, 39), MOVED(15, 41), MOVED(21, 2));
#undef MOVED
	to[0] ^= constant;
}

static void permute(uint64_t state[LANES])
{
	uint64_t other[LANES];

	for (unsigned i = 0; i < ROUNDS; i += 2) {
		round_of(other, state, round_constants[i]);
		round_of(state, other, round_constants[i + 1]);
	}
}

static void absorb(uint64_t state[LANES], const uint8_t *bytes, size_t lanes)
{
	for (size_t i = 0; i < lanes; i++) {
		uint64_t lane;

		memcpy(&lane, bytes + 8 * i, sizeof(lane));
		state[i] ^= lane;
	}
	permute(state);
}

/* The rate, in bytes. */
static size_t rate_of(size_t size)
{
	return 8 * LANES - 2 * size;
}

static void finish(uint64_t state[LANES], const uint8_t *rest, size_t length, uint8_t *hash,
		   size_t size)
{
	const size_t rate = rate_of(size);
	uint8_t last[8 * LANES] = { 0 };

	if (length > 0)
		memcpy(last, rest, length);
	last[length] = 0x06; /* the bits 01 of SHA-3, and the first one of the padding */
	last[rate - 1] |= 0x80;
	absorb(state, last, rate / 8);
	memcpy(hash, state, size);
}

static void sha3(const uint8_t *bytes, size_t length, uint8_t *hash, size_t size)
{
	const size_t rate = rate_of(size);
	uint64_t state[LANES] = { 0 };

	for (; length >= rate; bytes += rate, length -= rate)
		absorb(state, bytes, rate / 8);
	finish(state, bytes, length, hash, size);
}

void sha3_256(const void *bytes, size_t length, uint8_t hash[SHA3_256_SIZE])
{
	sha3(bytes, length, hash, SHA3_256_SIZE);
}

void sha3_512(const void *bytes, size_t length, uint8_t hash[SHA3_512_SIZE])
{
	sha3(bytes, length, hash, SHA3_512_SIZE);
}

static void begin(struct sha3_stream *stream, size_t size)
{
	memset(stream->state, 0, sizeof(stream->state));
	stream->used = 0;
	stream->size = size;
}

void sha3_256_begin(struct sha3_stream *stream)
{
	begin(stream, SHA3_256_SIZE);
}

void sha3_512_begin(struct sha3_stream *stream)
{
	begin(stream, SHA3_512_SIZE);
}

void sha3_add(struct sha3_stream *stream, const void *bytes, size_t length)
{
	const size_t rate = rate_of(stream->size);
	const uint8_t *from = bytes;

	while (length > 0) {
		const size_t part = min_size(rate - stream->used, length);

		memcpy(stream->rest + stream->used, from, part);
		stream->used += part;
		from += part;
		length -= part;
		if (stream->used == rate) {
			absorb(stream->state, stream->rest, rate / 8);
			stream->used = 0;
		}
	}
}

void sha3_end(struct sha3_stream *stream, uint8_t *hash)
{
	finish(stream->state, stream->rest, stream->used, hash, stream->size);
}
