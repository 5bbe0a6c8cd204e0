/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table without vector instructions: for other architectures, for the ends of rows, and what
 * the others are compared with.
 */
#include "ops.h"
#include "pixel.h"

static void scalar_fill(uint32_t *to, size_t count, uint32_t pixel)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel;
}

static void scalar_copy(uint32_t *to, const uint32_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = from[i];
}

static void scalar_stream_swapped(uint32_t *to, const uint32_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel_swapped(from[i]);
}

static void scalar_stream_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void scalar_copy_opaque(uint32_t *to, const uint32_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = from[i] | 0xff000000;
}

static void scalar_over(uint32_t *to, const uint32_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel_over(to[i], from[i]);
}

static void scalar_over_alpha(uint32_t *to, const uint32_t *from, size_t count, uint8_t alpha)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel_over(to[i], pixel_multiply(from[i], alpha));
}

static void scalar_over_masked(uint32_t *to, const uint32_t *from, const uint8_t *mask,
			       size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel_over(to[i], pixel_multiply(from[i], mask[i]));
}

static void scalar_over_colour(uint32_t *to, const uint8_t *mask, size_t count, uint32_t colour)
{
	for (size_t i = 0; i < count; i++) {
		if (mask[i])
			to[i] = pixel_over(to[i], pixel_multiply(colour, mask[i]));
	}
}

static void scalar_over_fill(uint32_t *to, size_t count, uint32_t colour)
{
	for (size_t i = 0; i < count; i++)
		to[i] = pixel_over(to[i], colour);
}

static void scalar_scale_nearest(uint32_t *to, size_t count, const uint32_t *from,
				 size_t from_count, uint32_t start, uint32_t step)
{
	(void)from_count;
	for (size_t i = 0; i < count; i++)
		to[i] = from[(start + (uint32_t)i * step) >> 16];
}

static void scalar_scale_bilinear(uint32_t *to, size_t count, const uint32_t *upper,
				  const uint32_t *lower, size_t from_count, uint32_t start,
				  uint32_t step, unsigned weight)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t position = start + (uint32_t)i * step;
		uint32_t left = position >> 16;
		uint32_t right = left + 1 < from_count ? left + 1 : left;
		uint32_t fraction = position >> 8 & 0xff;
		uint32_t at_left = pixel_between(upper[left], lower[left], weight);
		uint32_t at_right = pixel_between(upper[right], lower[right], weight);

		to[i] = pixel_between(at_left, at_right, fraction);
	}
}

const struct blend_ops blend_scalar = {
	.name = "scalar",
	.fill = scalar_fill,
	.copy = scalar_copy,
	.stream_fill = scalar_fill,
	.stream_copy = scalar_copy,
	.stream_swapped = scalar_stream_swapped,
	.stream_fence = scalar_stream_fence,
	.copy_opaque = scalar_copy_opaque,
	.over = scalar_over,
	.over_alpha = scalar_over_alpha,
	.over_masked = scalar_over_masked,
	.over_colour = scalar_over_colour,
	.over_fill = scalar_over_fill,
	.scale_nearest = scalar_scale_nearest,
	.scale_bilinear = scalar_scale_bilinear,
};
