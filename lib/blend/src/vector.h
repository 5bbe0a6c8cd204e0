/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vectors of pixels, as wide as the instruction set that the file is compiled for has them. What the
 * names say is done to each pixel, or (16) to each half of one, or (8) to each byte.
 */
#pragma once

#include <base/types.h>

#if defined(__SSE2__)

/* <immintrin.h> would bring in the C library's allocator, which the kernel does not have. */
#define _MM_MALLOC_H_INCLUDED
#define __MM_MALLOC_H
#include <immintrin.h>

/* A pattern that shuffles bytes `n` and `n + 1` into halves of two pixels. */
#define SPREAD(n) ((long long)0x8001800180008000ull + (n)*0x0001000100010001ll)

#if defined(__AVX512BW__)

#define VECTOR_PIXELS 16

typedef __m512i vector;

static inline vector vector_load(const uint32_t *from)
{
	return _mm512_loadu_si512(from);
}

static inline void vector_store(uint32_t *to, vector value)
{
	_mm512_storeu_si512(to, value);
}

static inline void vector_stream(uint32_t *to, vector value)
{
	_mm512_stream_si512((void *)to, value);
}

static inline vector vector_of(uint32_t value)
{
	return _mm512_set1_epi32((int)value);
}

#define VECTOR_BINARY(name, operation)                         \
	static inline vector vector_##name(vector a, vector b) \
	{                                                      \
		return _mm512_##operation(a, b);               \
	}
#define VECTOR_SHIFT(name, operation)                               \
	static inline vector vector_##name(vector a, unsigned bits) \
	{                                                           \
		return _mm512_##operation(a, bits);                 \
	}

VECTOR_BINARY(and, and_si512)
VECTOR_BINARY(or, or_si512)
VECTOR_BINARY(xor, xor_si512)

/* Each 16 bytes are shuffled among themselves. */
static inline vector vector_shuffle(vector value, __m128i pattern)
{
	return _mm512_shuffle_epi8(value, _mm512_broadcast_i32x4(pattern));
}

static inline bool vector_is_zero(vector value)
{
	return !_mm512_test_epi32_mask(value, value);
}

static inline bool vector_is_opaque(vector value)
{
	return !_mm512_cmplt_epu32_mask(value, vector_of(0xff000000));
}

/* A byte for each pixel, in both of its halves. */
static inline vector vector_spread(const uint8_t *bytes)
{
	const vector order = _mm512_set_epi64(SPREAD(14), SPREAD(12), SPREAD(10), SPREAD(8),
					      SPREAD(6), SPREAD(4), SPREAD(2), SPREAD(0));

	return _mm512_shuffle_epi8(
		_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i_u *)bytes)), order);
}

/* The first half of the pixels, each twice, and the second. */
static inline vector vector_double_first(vector value)
{
	const vector order = _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);

	return _mm512_permutexvar_epi32(order, value);
}

static inline vector vector_double_second(vector value)
{
	return vector_double_first(_mm512_shuffle_i64x2(value, value, 0x0e));
}

/* 0, 1, 2 ... */
static inline vector vector_count(void)
{
	return _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

static inline vector vector_gather(const uint32_t *from, vector places)
{
	return _mm512_i32gather_epi32(places, from, 4);
}

VECTOR_BINARY(least, min_epu32)
VECTOR_BINARY(multiply, mullo_epi32)

#elif defined(__AVX2__)

#define VECTOR_PIXELS 8

typedef __m256i vector;

static inline vector vector_load(const uint32_t *from)
{
	return _mm256_loadu_si256((const __m256i_u *)from);
}

static inline void vector_store(uint32_t *to, vector value)
{
	_mm256_storeu_si256((__m256i_u *)to, value);
}

static inline void vector_stream(uint32_t *to, vector value)
{
	_mm256_stream_si256((__m256i *)to, value);
}

static inline vector vector_of(uint32_t value)
{
	return _mm256_set1_epi32((int)value);
}

#define VECTOR_BINARY(name, operation)                         \
	static inline vector vector_##name(vector a, vector b) \
	{                                                      \
		return _mm256_##operation(a, b);               \
	}
#define VECTOR_SHIFT(name, operation)                               \
	static inline vector vector_##name(vector a, unsigned bits) \
	{                                                           \
		return _mm256_##operation(a, (int)bits);            \
	}

VECTOR_BINARY(and, and_si256)
VECTOR_BINARY(or, or_si256)
VECTOR_BINARY(xor, xor_si256)

static inline vector vector_shuffle(vector value, __m128i pattern)
{
	return _mm256_shuffle_epi8(value, _mm256_broadcastsi128_si256(pattern));
}

static inline bool vector_is_zero(vector value)
{
	return _mm256_testz_si256(value, value);
}

static inline bool vector_is_opaque(vector value)
{
	return _mm256_testc_si256(value, vector_of(0xff000000));
}

static inline vector vector_spread(const uint8_t *bytes)
{
	const vector order = _mm256_set_epi64x(SPREAD(6), SPREAD(4), SPREAD(2), SPREAD(0));

	return _mm256_shuffle_epi8(
		_mm256_broadcastq_epi64(_mm_loadl_epi64((const __m128i_u *)bytes)), order);
}

static inline vector vector_double_first(vector value)
{
	return _mm256_permutevar8x32_epi32(value, _mm256_set_epi32(3, 3, 2, 2, 1, 1, 0, 0));
}

static inline vector vector_double_second(vector value)
{
	return _mm256_permutevar8x32_epi32(value, _mm256_set_epi32(7, 7, 6, 6, 5, 5, 4, 4));
}

static inline vector vector_count(void)
{
	return _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
}

static inline vector vector_gather(const uint32_t *from, vector places)
{
	return _mm256_i32gather_epi32((const int *)from, places, 4);
}

VECTOR_BINARY(least, min_epu32)
VECTOR_BINARY(multiply, mullo_epi32)

#else

#define VECTOR_PIXELS 4

typedef __m128i vector;

static inline vector vector_load(const uint32_t *from)
{
	return _mm_loadu_si128((const __m128i_u *)from);
}

static inline void vector_store(uint32_t *to, vector value)
{
	_mm_storeu_si128((__m128i_u *)to, value);
}

static inline void vector_stream(uint32_t *to, vector value)
{
	_mm_stream_si128((__m128i *)to, value);
}

static inline vector vector_of(uint32_t value)
{
	return _mm_set1_epi32((int)value);
}

#define VECTOR_BINARY(name, operation)                         \
	static inline vector vector_##name(vector a, vector b) \
	{                                                      \
		return _mm_##operation(a, b);                  \
	}
#define VECTOR_SHIFT(name, operation)                               \
	static inline vector vector_##name(vector a, unsigned bits) \
	{                                                           \
		return _mm_##operation(a, (int)bits);               \
	}

VECTOR_BINARY(and, and_si128)
VECTOR_BINARY(or, or_si128)
VECTOR_BINARY(xor, xor_si128)

static inline bool vector_is_zero(vector value)
{
	return _mm_movemask_epi8(_mm_cmpeq_epi32(value, _mm_setzero_si128())) == 0xffff;
}

static inline bool vector_is_opaque(vector value)
{
	vector rest = _mm_or_si128(value, vector_of(0x00ffffff));

	return _mm_movemask_epi8(_mm_cmpeq_epi32(rest, vector_of(UINT32_MAX))) == 0xffff;
}

static inline vector vector_spread(const uint8_t *bytes)
{
	uint32_t four;
	vector wide;

	__builtin_memcpy(&four, bytes, sizeof(four));
	wide = _mm_cvtsi32_si128((int)four);
	wide = _mm_unpacklo_epi8(wide, wide);
	return _mm_srli_epi16(_mm_unpacklo_epi8(wide, wide), 8);
}

static inline vector vector_double_first(vector value)
{
	return _mm_unpacklo_epi32(value, value);
}

static inline vector vector_double_second(vector value)
{
	return _mm_unpackhi_epi32(value, value);
}

static inline vector vector_count(void)
{
	return _mm_set_epi32(3, 2, 1, 0);
}

static inline vector vector_gather(const uint32_t *from, vector places)
{
	uint32_t place[VECTOR_PIXELS];

	vector_store(place, places);
	return _mm_set_epi32((int)from[place[3]], (int)from[place[2]], (int)from[place[1]],
			     (int)from[place[0]]);
}

/* Of numbers below 2^31. */
static inline vector vector_least(vector a, vector b)
{
	vector larger = _mm_cmpgt_epi32(a, b);

	return _mm_or_si128(_mm_and_si128(larger, b), _mm_andnot_si128(larger, a));
}

static inline vector vector_multiply(vector a, vector b)
{
	vector even = _mm_mul_epu32(a, b);
	vector odd = _mm_mul_epu32(_mm_srli_epi64(a, 32), _mm_srli_epi64(b, 32));

	return _mm_unpacklo_epi32(_mm_shuffle_epi32(even, 0x08), _mm_shuffle_epi32(odd, 0x08));
}

#endif

VECTOR_BINARY(add, add_epi32)
VECTOR_BINARY(add_16, add_epi16)
VECTOR_BINARY(subtract_16, sub_epi16)
VECTOR_BINARY(multiply_16, mullo_epi16)      /* the lower half of the product */
VECTOR_BINARY(multiply_high_16, mulhi_epu16) /* the upper one */
VECTOR_BINARY(add_saturated_8, adds_epu8)
VECTOR_SHIFT(right_16, srli_epi16)
VECTOR_SHIFT(left_16, slli_epi16)
VECTOR_SHIFT(right, srli_epi32)
VECTOR_SHIFT(left, slli_epi32)

/* The alpha of each pixel, in both of its halves; of whole pixels, and of the upper halves alone, which
 * hold green below alpha. */
static inline vector vector_alphas(vector pixels)
{
#if VECTOR_PIXELS > 4
	return vector_shuffle(
		pixels, _mm_set_epi8(-1, 15, -1, 15, -1, 11, -1, 11, -1, 7, -1, 7, -1, 3, -1, 3));
#else
	vector alphas = vector_right(pixels, 24);

	return vector_or(alphas, vector_left(alphas, 16));
#endif
}

static inline vector vector_alphas_of_upper(vector upper)
{
#if VECTOR_PIXELS > 4
	return vector_shuffle(
		upper, _mm_set_epi8(-1, 14, -1, 14, -1, 10, -1, 10, -1, 6, -1, 6, -1, 2, -1, 2));
#else
	return _mm_shufflehi_epi16(_mm_shufflelo_epi16(upper, 0xf5), 0xf5);
#endif
}

static inline vector vector_swapped(vector pixels)
{
#if VECTOR_PIXELS > 4
	return vector_shuffle(pixels,
			      _mm_set_epi8(15, 12, 13, 14, 11, 8, 9, 10, 7, 4, 5, 6, 3, 0, 1, 2));
#else
	vector rest = vector_and(pixels, vector_of(0xff00ff00));
	vector halves = vector_and(pixels, vector_of(0x00ff00ff));

	return vector_or(rest, vector_or(vector_left(halves, 16), vector_right(halves, 16)));
#endif
}

static inline void vector_fence(void)
{
	_mm_sfence();
}

#endif
