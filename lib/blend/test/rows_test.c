/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows: every table that this CPU can run gives the bits that plain arithmetic gives, for random pixels
 * at random places, and touches nothing beside. Buffers are as long as the rows, so that the address
 * sanitizer sees a look beyond their ends.
 */
#include <blend/blend.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 600
#define MARGIN     20 /* pixels before and behind a row that must stay */
#define ROUNDS     1500

/* --- plain arithmetic ----------------------------------------------------------------------- */

static unsigned times(unsigned a, unsigned b)
{
	return (2 * a * b + 255) / 510; /* rounded */
}

static unsigned channel(uint32_t pixel, unsigned index)
{
	return pixel >> 8 * index & 0xff;
}

static uint32_t plain_times(uint32_t pixel, unsigned factor)
{
	uint32_t result = 0;

	for (unsigned i = 0; i < 4; i++)
		result |= times(channel(pixel, i), factor) << 8 * i;
	return result;
}

static uint32_t plain_over(uint32_t to, uint32_t from)
{
	uint32_t result = 0;

	for (unsigned i = 0; i < 4; i++) {
		unsigned sum = channel(from, i) + times(channel(to, i), 255 - (from >> 24));

		result |= (sum > 255 ? 255u : sum) << 8 * i;
	}
	return result;
}

static uint32_t plain_between(uint32_t a, uint32_t b, unsigned weight)
{
	uint32_t result = 0;

	for (unsigned i = 0; i < 4; i++)
		result |= (channel(a, i) * (256 - weight) + channel(b, i) * weight) / 256 << 8 * i;
	return result;
}

/* --- one random case ------------------------------------------------------------------------ */

struct row_case {
	size_t count;
	uint32_t *from, *lower; /* `from_count` and `count` pixels, the larger */
	uint8_t *mask;
	uint32_t to[LENGTH_MAX + 2 * MARGIN];
	uint32_t wanted[LENGTH_MAX + 2 * MARGIN];
	size_t place; /* where the row begins in both */
	uint32_t colour;
	uint8_t alpha;
	size_t from_count;
	uint32_t start, step;
	unsigned weight;
};

/* Whole vectors that are opaque or empty have ways of their own. */
static uint32_t random_pixel(uint64_t *random, unsigned kind)
{
	uint32_t pixel = (uint32_t)unit_random(random);

	switch (kind) {
	case 0:
		return pixel | 0xff000000;
	case 1:
		return 0;
	case 2:
		return unit_random_below(random, 40) ? pixel | 0xff000000 : pixel;
	case 3:
		return unit_random_below(random, 40) ? 0 : pixel;
	case 4:
		return blend_premultiply(pixel);
	default:
		return pixel;
	}
}

static void case_make(struct row_case *row, uint64_t *random)
{
	unsigned kind = (unsigned)unit_random_below(random, 6);
	size_t length;
	uint64_t span;

	row->count = unit_random_below(random, LENGTH_MAX);
	row->from_count = 1 + unit_random_below(random, LENGTH_MAX);
	row->place = unit_random_below(random, MARGIN);
	length = row->count > row->from_count ? row->count : row->from_count;
	row->from = malloc(length * sizeof(uint32_t));
	row->lower = malloc(length * sizeof(uint32_t));
	row->mask = malloc(row->count);
	for (size_t i = 0; i < length; i++) {
		row->from[i] = random_pixel(random, kind);
		row->lower[i] = random_pixel(random, kind);
	}
	for (size_t i = 0; i < row->count; i++)
		row->mask[i] = (uint8_t)(random_pixel(random, kind) >> 24);
	for (unsigned i = 0; i < LENGTH_MAX + 2 * MARGIN; i++)
		row->to[i] = (uint32_t)unit_random(random);
	memcpy(row->wanted, row->to, sizeof(row->to));
	row->colour = random_pixel(random, (unsigned)unit_random_below(random, 6));
	row->alpha = (uint8_t)unit_random(random);
	row->weight = (unsigned)unit_random_below(random, 257);
	/* A step that stays inside, or that of a picture twice or once as large. */
	span = (uint64_t)row->from_count << 16;
	row->start = (uint32_t)unit_random_below(random, span);
	row->step = row->count ? (uint32_t)((span - 1 - row->start) / row->count) : 0;
	if (unit_random_below(random, 2) && row->step >= 0x8000)
		row->step = row->step >= 0x10000 ? 0x10000 : 0x8000;
}

static void case_free(struct row_case *row)
{
	free(row->from);
	free(row->lower);
	free(row->mask);
}

/* --- the functions -------------------------------------------------------------------------- */

enum {
	FILL,
	COPY,
	STREAM_FILL,
	STREAM_COPY,
	STREAM_SWAPPED,
	COPY_OPAQUE,
	OVER,
	OVER_ALPHA,
	OVER_MASKED,
	OVER_COLOUR,
	OVER_FILL,
	NEAREST,
	BILINEAR,
	FUNCTIONS,
};

static uint32_t plain_bilinear(const struct row_case *row, size_t i)
{
	uint32_t position = row->start + (uint32_t)i * row->step;
	size_t left = position >> 16;
	size_t right = left + 1 < row->from_count ? left + 1 : left;

	return plain_between(plain_between(row->from[left], row->lower[left], row->weight),
			     plain_between(row->from[right], row->lower[right], row->weight),
			     position >> 8 & 0xff);
}

static uint32_t plain_pixel(const struct row_case *row, unsigned function, size_t i, uint32_t to)
{
	uint32_t from = row->from[i];

	switch (function) {
	case FILL:
	case STREAM_FILL:
		return row->colour;
	case COPY:
	case STREAM_COPY:
		return from;
	case STREAM_SWAPPED:
		return (from & 0xff00ff00) | channel(from, 0) << 16 | channel(from, 2);
	case COPY_OPAQUE:
		return from | 0xff000000;
	case OVER:
		return plain_over(to, from);
	case OVER_ALPHA:
		return plain_over(to, plain_times(from, row->alpha));
	case OVER_MASKED:
		return plain_over(to, plain_times(from, row->mask[i]));
	case OVER_COLOUR:
		return plain_over(to, plain_times(row->colour, row->mask[i]));
	case OVER_FILL:
		return plain_over(to, row->colour);
	case NEAREST:
		return row->from[(row->start + (uint32_t)i * row->step) >> 16];
	default:
		return plain_bilinear(row, i);
	}
}

static void call(const struct blend_ops *ops, const struct row_case *row, unsigned function,
		 uint32_t *to)
{
	switch (function) {
	case FILL:
		return ops->fill(to, row->count, row->colour);
	case STREAM_FILL:
		return ops->stream_fill(to, row->count, row->colour);
	case COPY:
		return ops->copy(to, row->from, row->count);
	case STREAM_COPY:
		return ops->stream_copy(to, row->from, row->count);
	case STREAM_SWAPPED:
		return ops->stream_swapped(to, row->from, row->count);
	case COPY_OPAQUE:
		return ops->copy_opaque(to, row->from, row->count);
	case OVER:
		return ops->over(to, row->from, row->count);
	case OVER_ALPHA:
		return ops->over_alpha(to, row->from, row->count, row->alpha);
	case OVER_MASKED:
		return ops->over_masked(to, row->from, row->mask, row->count);
	case OVER_COLOUR:
		return ops->over_colour(to, row->mask, row->count, row->colour);
	case OVER_FILL:
		return ops->over_fill(to, row->count, row->colour);
	case NEAREST:
		return ops->scale_nearest(to, row->count, row->from, row->from_count, row->start,
					  row->step);
	default:
		return ops->scale_bilinear(to, row->count, row->from, row->lower, row->from_count,
					   row->start, row->step, row->weight);
	}
}

static void check_function(unsigned function)
{
	struct row_case *row = malloc(sizeof(*row));
	uint32_t *to = malloc(sizeof(row->to));
	uint64_t random = function + 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct blend_ops *ops;

		case_make(row, &random);
		for (size_t i = 0; i < row->count; i++)
			row->wanted[row->place + i] =
				plain_pixel(row, function, i, row->to[row->place + i]);
		for (unsigned table = 0; (ops = blend_nth(table)) != NULL; table++) {
			memcpy(to, row->to, sizeof(row->to));
			call(ops, row, function, to + row->place);
			ops->stream_fence();
			if (memcmp(to, row->wanted, sizeof(row->to)))
				unit_fail(__FILE__, __LINE__, "%s, round %u", ops->name, round);
		}
		case_free(row);
	}
	free(row);
	free(to);
}

UNIT_TEST(blend_rows, fill)
{
	check_function(FILL);
	check_function(STREAM_FILL);
}

UNIT_TEST(blend_rows, copy)
{
	check_function(COPY);
	check_function(STREAM_COPY);
	check_function(STREAM_SWAPPED);
	check_function(COPY_OPAQUE);
}

UNIT_TEST(blend_rows, over)
{
	check_function(OVER);
}

UNIT_TEST(blend_rows, over_with_alpha)
{
	check_function(OVER_ALPHA);
	check_function(OVER_FILL);
}

UNIT_TEST(blend_rows, over_with_masks)
{
	check_function(OVER_MASKED);
	check_function(OVER_COLOUR);
}

UNIT_TEST(blend_rows, scale_nearest)
{
	check_function(NEAREST);
}

UNIT_TEST(blend_rows, scale_bilinear)
{
	check_function(BILINEAR);
}

UNIT_TEST(blend_rows, every_product_is_rounded)
{
	const struct blend_ops *ops;

	/* All bytes times all alphas, in each table. */
	for (unsigned table = 0; (ops = blend_nth(table)) != NULL; table++) {
		for (unsigned alpha = 0; alpha < 256; alpha++) {
			uint32_t row[256];

			for (unsigned value = 0; value < 256; value++)
				row[value] = value * 0x01010101;
			ops->over_fill(row, 256, (255 - alpha) << 24);
			for (unsigned value = 0; value < 256; value++) {
				EXPECT_EQUAL(blend_multiply((uint8_t)value, (uint8_t)alpha),
					     times(value, alpha));
				EXPECT_EQUAL(row[value] & 0xff, times(value, alpha));
			}
		}
	}
}

UNIT_TEST(blend_rows, tables_go_from_slow_to_fast)
{
	const struct blend_ops *ops, *last = NULL;

	for (unsigned table = 0; (ops = blend_nth(table)) != NULL; table++)
		last = ops;
	EXPECT_STRING(blend_nth(0)->name, "scalar");
	EXPECT_STRING(blend_best()->name, last->name);
}
