/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functions of a table, over the vectors of vector.h: included once by the file of each instruction
 * set. Ends of rows that fill no vector are left to the table of the next narrower one.
 */
#pragma once

#include "ops.h"
#include "pixel.h"
#include "vector.h"

#if defined(VECTOR_PIXELS)

#if VECTOR_PIXELS == 16
#define NARROWER blend_avx2
#elif VECTOR_PIXELS == 8
#define NARROWER blend_sse2
#else
#define NARROWER blend_scalar
#endif

/* The bytes of pixels, with space for products: blue and red, and green and alpha. */
struct halves {
	vector lower, upper;
};

static inline struct halves pixels_split(vector pixels)
{
	return (struct halves){ vector_and(pixels, vector_of(0x00ff00ff)),
				vector_right_16(pixels, 8) };
}

static inline vector pixels_join(struct halves halves)
{
	return vector_or(halves.lower, vector_left_16(halves.upper, 8));
}

/* product + 128, times 257, without the last 16 bits: what blend.h says, in one multiplication. */
static inline vector product_16(vector a, vector b)
{
	vector product = vector_add_16(vector_multiply_16(a, b), vector_of(0x00800080));

	return vector_multiply_high_16(product, vector_of(0x01010101));
}

static inline struct halves halves_multiply(struct halves halves, vector factor)
{
	return (struct halves){ product_16(halves.lower, factor),
				product_16(halves.upper, factor) };
}

/* `from` OVER `to`; `alphas`: those of `from`. */
static inline vector over_pixels(vector to, vector from, vector alphas)
{
	vector rest = vector_xor(alphas, vector_of(0x00ff00ff));

	return vector_add_saturated_8(from, pixels_join(halves_multiply(pixels_split(to), rest)));
}

static inline void over_place(uint32_t *to, vector from)
{
	vector_store(to, over_pixels(vector_load(to), from, vector_alphas(from)));
}

static inline vector over_halves(vector to, struct halves from)
{
	return over_pixels(to, pixels_join(from), vector_alphas_of_upper(from.upper));
}

/* What only moves pixels takes eight vectors at a time. */
#define MANY        (8 * VECTOR_PIXELS)
#define EACH_VECTOR _Pragma("GCC unroll 8") for (unsigned v = 0; v < 8; v++)

static inline void vectors_load(vector vectors[8], const uint32_t *from)
{
	EACH_VECTOR vectors[v] = vector_load(from + v * VECTOR_PIXELS);
}

static void row_fill(uint32_t *to, size_t count, uint32_t pixel)
{
	vector pixels = vector_of(pixel);

	for (; count >= MANY; count -= MANY, to += MANY) {
		EACH_VECTOR vector_store(to + v * VECTOR_PIXELS, pixels);
	}
	for (; count >= VECTOR_PIXELS; count -= VECTOR_PIXELS, to += VECTOR_PIXELS)
		vector_store(to, pixels);
	if (count)
		NARROWER.fill(to, count, pixel);
}

#if VECTOR_PIXELS == 16

/* Memory is the limit, and wider vectors do not come nearer to it. */
static void row_copy(uint32_t *to, const uint32_t *from, size_t count)
{
	NARROWER.copy(to, from, count);
}

#else

static void row_copy(uint32_t *to, const uint32_t *from, size_t count)
{
	size_t i = 0;

	for (; i + MANY <= count; i += MANY) {
		vector pixels[8];

		vectors_load(pixels, from + i);
		EACH_VECTOR vector_store(to + i + v * VECTOR_PIXELS, pixels[v]);
	}
	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_store(to + i, vector_load(from + i));
	if (i < count)
		NARROWER.copy(to + i, from + i, count - i);
}

#endif

/* How many pixels come before the first that streaming stores can begin at. */
static inline size_t pixels_to_alignment(const uint32_t *to, size_t count)
{
	size_t before = (VECTOR_PIXELS - ((uintptr_t)to >> 2)) % VECTOR_PIXELS;

	return before < count ? before : count;
}

static void row_stream_fill(uint32_t *to, size_t count, uint32_t pixel)
{
	vector pixels = vector_of(pixel);
	size_t i = pixels_to_alignment(to, count);

	if (i)
		NARROWER.fill(to, i, pixel);
	for (; i + MANY <= count; i += MANY) {
		EACH_VECTOR vector_stream(to + i + v * VECTOR_PIXELS, pixels);
	}
	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_stream(to + i, pixels);
	if (i < count)
		NARROWER.fill(to + i, count - i, pixel);
}

static void row_stream_copy(uint32_t *to, const uint32_t *from, size_t count)
{
	size_t i = pixels_to_alignment(to, count);

	if (i)
		NARROWER.copy(to, from, i);
	for (; i + MANY <= count; i += MANY) {
		vector pixels[8];

		vectors_load(pixels, from + i);
		EACH_VECTOR vector_stream(to + i + v * VECTOR_PIXELS, pixels[v]);
	}
	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_stream(to + i, vector_load(from + i));
	if (i < count)
		NARROWER.copy(to + i, from + i, count - i);
}

static void row_stream_swapped(uint32_t *to, const uint32_t *from, size_t count)
{
	size_t i = pixels_to_alignment(to, count);

	if (i)
		blend_scalar.stream_swapped(to, from, i);
	for (; i + MANY <= count; i += MANY) {
		vector pixels[8];

		vectors_load(pixels, from + i);
		EACH_VECTOR vector_stream(to + i + v * VECTOR_PIXELS, vector_swapped(pixels[v]));
	}
	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_stream(to + i, vector_swapped(vector_load(from + i)));
	if (i < count)
		blend_scalar.stream_swapped(to + i, from + i, count - i);
}

static void row_copy_opaque(uint32_t *to, const uint32_t *from, size_t count)
{
	vector alpha = vector_of(0xff000000);
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_store(to + i, vector_or(vector_load(from + i), alpha));
	if (i < count)
		NARROWER.copy_opaque(to + i, from + i, count - i);
}

/* Most of what is drawn is opaque or empty over long distances. */
static void row_over(uint32_t *to, const uint32_t *from, size_t count)
{
	size_t i = 0;

	for (; i + 2 * VECTOR_PIXELS <= count; i += 2 * VECTOR_PIXELS) {
		vector first = vector_load(from + i);
		vector second = vector_load(from + i + VECTOR_PIXELS);

		if (vector_is_opaque(vector_and(first, second))) {
			vector_store(to + i, first);
			vector_store(to + i + VECTOR_PIXELS, second);
		} else if (!vector_is_zero(vector_or(first, second))) {
			over_place(to + i, first);
			over_place(to + i + VECTOR_PIXELS, second);
		}
	}
	if (i + VECTOR_PIXELS <= count) {
		over_place(to + i, vector_load(from + i));
		i += VECTOR_PIXELS;
	}
	if (i < count)
		NARROWER.over(to + i, from + i, count - i);
}

static void row_over_alpha(uint32_t *to, const uint32_t *from, size_t count, uint8_t alpha)
{
	vector factor = vector_of(alpha * 0x00010001u);
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS) {
		struct halves pixels = pixels_split(vector_load(from + i));

		pixels = halves_multiply(pixels, factor);
		vector_store(to + i, over_halves(vector_load(to + i), pixels));
	}
	if (i < count)
		NARROWER.over_alpha(to + i, from + i, count - i, alpha);
}

static void row_over_masked(uint32_t *to, const uint32_t *from, const uint8_t *mask, size_t count)
{
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS) {
		vector factor = vector_spread(mask + i);
		struct halves pixels;

		if (vector_is_zero(factor))
			continue;
		pixels = halves_multiply(pixels_split(vector_load(from + i)), factor);
		vector_store(to + i, over_halves(vector_load(to + i), pixels));
	}
	if (i < count)
		NARROWER.over_masked(to + i, from + i, mask + i, count - i);
}

static void row_over_colour(uint32_t *to, const uint8_t *mask, size_t count, uint32_t colour)
{
	struct halves halves = pixels_split(vector_of(colour));
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS) {
		vector factor = vector_spread(mask + i);

		if (vector_is_zero(factor))
			continue;
		vector_store(to + i,
			     over_halves(vector_load(to + i), halves_multiply(halves, factor)));
	}
	if (i < count)
		NARROWER.over_colour(to + i, mask + i, count - i, colour);
}

static void row_over_fill(uint32_t *to, size_t count, uint32_t colour)
{
	vector pixels = vector_of(colour);
	vector alphas = vector_alphas(pixels);
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_store(to + i, over_pixels(vector_load(to + i), pixels, alphas));
	if (i < count)
		NARROWER.over_fill(to + i, count - i, colour);
}

/* Each pixel twice: windows of programs that do not know of large displays. */
static void row_double(uint32_t *to, size_t count, const uint32_t *from)
{
	size_t i = 0;

	for (; i + 2 * VECTOR_PIXELS <= count; i += 2 * VECTOR_PIXELS) {
		vector pixels = vector_load(from + i / 2);

		vector_store(to + i, vector_double_first(pixels));
		vector_store(to + i + VECTOR_PIXELS, vector_double_second(pixels));
	}
	for (; i < count; i++)
		to[i] = from[i / 2];
}

static void row_scale_nearest(uint32_t *to, size_t count, const uint32_t *from, size_t from_count,
			      uint32_t start, uint32_t step)
{
	if (step == 0x10000 && count) {
		row_copy(to, from + (start >> 16), count);
	} else if (step == 0x8000 && count) {
		const uint32_t *pixel = from + (start >> 16);

		/* The second of two comes first. */
		if (start & 0x8000) {
			*to++ = *pixel++;
			count--;
		}
		row_double(to, count, pixel);
	} else {
		blend_scalar.scale_nearest(to, count, from, from_count, start, step);
	}
}

static inline struct halves halves_between(struct halves a, struct halves b, vector weight)
{
	vector rest = vector_subtract_16(vector_of(0x01000100), weight);

	return (struct halves){
		vector_right_16(vector_add_16(vector_multiply_16(a.lower, rest),
					      vector_multiply_16(b.lower, weight)),
				8),
		vector_right_16(vector_add_16(vector_multiply_16(a.upper, rest),
					      vector_multiply_16(b.upper, weight)),
				8),
	};
}

/* The pixels between two rows, `weight` of 256 from the upper one. */
static void row_between(uint32_t *to, const uint32_t *upper, const uint32_t *lower, size_t count,
			unsigned weight)
{
	vector down = vector_of(weight * 0x00010001u);
	size_t i = 0;

	for (; i + VECTOR_PIXELS <= count; i += VECTOR_PIXELS)
		vector_store(to + i, pixels_join(halves_between(
					     pixels_split(vector_load(upper + i)),
					     pixels_split(vector_load(lower + i)), down)));
	for (; i < count; i++)
		to[i] = pixel_between(upper[i], lower[i], weight);
}

/* Pixels between neighbours of one row, of which the last has the number `last`; a multiple of the
 * vector's. */
static void row_interpolate(uint32_t *to, size_t count, const uint32_t *from, uint32_t last,
			    uint32_t start, uint32_t step)
{
	vector end = vector_of(last);
	vector steps = vector_of(step * VECTOR_PIXELS);
	vector position =
		vector_add(vector_of(start), vector_multiply(vector_count(), vector_of(step)));

	for (size_t i = 0; i < count; i += VECTOR_PIXELS) {
		vector place = vector_right(position, 16);
		vector next = vector_least(vector_add(place, vector_of(1)), end);
		vector across = vector_and(vector_right(position, 8), vector_of(0xff));

		across = vector_or(across, vector_left(across, 16));
		vector_store(to + i, pixels_join(halves_between(
					     pixels_split(vector_gather(from, place)),
					     pixels_split(vector_gather(from, next)), across)));
		position = vector_add(position, steps);
	}
}

#define INTERPOLATED 256 /* pixels at a time: what is between the rows is kept for so many */

/* Of pictures that become larger: first what lies between the rows, then between its pixels. */
static void row_scale_bilinear(uint32_t *to, size_t count, const uint32_t *upper,
			       const uint32_t *lower, size_t from_count, uint32_t start,
			       uint32_t step, unsigned weight)
{
	uint32_t between[INTERPOLATED + 2];

	while (count >= VECTOR_PIXELS && step <= 0x10000) {
		size_t length =
			count < INTERPOLATED ? count / VECTOR_PIXELS * VECTOR_PIXELS : INTERPOLATED;
		uint32_t first = start >> 16;
		uint32_t last = (uint32_t)((start + (length - 1) * step) >> 16) + 1;

		if (last >= from_count)
			last = (uint32_t)from_count - 1;
		row_between(between, upper + first, lower + first, last - first + 1, weight);
		row_interpolate(to, length, between, last - first, start & 0xffff, step);
		to += length;
		count -= length;
		start += (uint32_t)length * step;
	}
	blend_scalar.scale_bilinear(to, count, upper, lower, from_count, start, step, weight);
}

/* The table, but for its name. */
#define VECTOR_ROWS                                                                     \
	.fill = row_fill, .copy = row_copy, .stream_fill = row_stream_fill,             \
	.stream_copy = row_stream_copy, .stream_swapped = row_stream_swapped,           \
	.stream_fence = vector_fence, .copy_opaque = row_copy_opaque, .over = row_over, \
	.over_alpha = row_over_alpha, .over_masked = row_over_masked,                   \
	.over_colour = row_over_colour, .over_fill = row_over_fill,                     \
	.scale_nearest = row_scale_nearest, .scale_bilinear = row_scale_bilinear

#endif
