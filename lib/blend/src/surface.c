/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surfaces: rectangles of pixels, of one colour or from other surfaces. */
#include "clip.h"

void blend_surface_fill(const struct blend_surface *to, struct blend_rectangle area, uint32_t pixel)
{
	const struct blend_ops *ops = blend_best();

	area = surface_clip(to, area, area);
	if (blend_rectangle_is_empty(&area))
		return;
	for (int32_t y = area.top; y < area.bottom; y++)
		ops->fill(blend_surface_at(to, area.left, y), (size_t)(area.right - area.left),
			  pixel);
}

void blend_surface_tint(const struct blend_surface *to, struct blend_rectangle area,
			uint32_t colour)
{
	const struct blend_ops *ops = blend_best();

	if (blend_alpha(colour) == 255) {
		blend_surface_fill(to, area, colour);
		return;
	}
	area = surface_clip(to, area, area);
	if (blend_rectangle_is_empty(&area))
		return;
	for (int32_t y = area.top; y < area.bottom; y++)
		ops->over_fill(blend_surface_at(to, area.left, y), (size_t)(area.right - area.left),
			       colour);
}

/* The channel at `shift` between two colours, at `place` of `length`, with 4 more bits. */
static uint32_t gradient_channel(uint32_t from, uint32_t to, unsigned shift, uint64_t place,
				 uint64_t length)
{
	uint64_t first = from >> shift & 0xff;
	uint64_t last = to >> shift & 0xff;

	return (uint32_t)((first * (length - place) + last * place) * 16 / length);
}

/* Four neighbours of a row of a gradient: thresholds that differ between them and from row to row
 * hide the steps from one value to the next. */
static void gradient_row(uint32_t pixels[4], uint32_t upper, uint32_t lower, int32_t row,
			 uint64_t place, uint64_t length)
{
	static const uint8_t thresholds[4][4] = {
		{ 0, 8, 2, 10 }, { 12, 4, 14, 6 }, { 3, 11, 1, 9 }, { 15, 7, 13, 5 }
	};

	for (unsigned i = 0; i < 4; i++)
		pixels[i] = 0;
	for (unsigned shift = 0; shift < 32; shift += 8) {
		uint32_t value = gradient_channel(upper, lower, shift, place, length);

		for (unsigned i = 0; i < 4; i++)
			pixels[i] |= ((value + thresholds[row & 3][i]) >> 4) << shift;
	}
}

void blend_surface_gradient(const struct blend_surface *to, struct blend_rectangle clip,
			    struct blend_rectangle area, uint32_t upper, uint32_t lower)
{
	struct blend_rectangle part = surface_clip(to, clip, area);
	uint64_t length = 2 * (uint64_t)(area.bottom - area.top);

	if (blend_rectangle_is_empty(&part))
		return;
	for (int32_t y = part.top; y < part.bottom; y++) {
		uint32_t *row = blend_surface_at(to, 0, y);
		uint32_t pixels[4];

		gradient_row(pixels, upper, lower, y, 2 * (uint64_t)(y - area.top) + 1, length);
		for (int32_t x = part.left; x < part.right; x++)
			row[x] = pixels[x & 3];
	}
}

void blend_surface_draw(const struct blend_surface *to, struct blend_rectangle clip,
			const struct blend_surface *from, int32_t x, int32_t y, bool over)
{
	const struct blend_ops *ops = blend_best();
	struct blend_rectangle area =
		surface_clip(to, clip, blend_rectangle(x, y, from->width, from->height));

	if (blend_rectangle_is_empty(&area))
		return;
	for (int32_t row = area.top; row < area.bottom; row++)
		(over ? ops->over : ops->copy)(blend_surface_at(to, area.left, row),
					       blend_surface_at(from, area.left - x, row - y),
					       (size_t)(area.right - area.left));
}

void blend_surface_mask(const struct blend_surface *to, struct blend_rectangle clip,
			const uint8_t *mask, size_t stride, int32_t x, int32_t y, int32_t width,
			int32_t height, uint32_t colour)
{
	const struct blend_ops *ops = blend_best();
	struct blend_rectangle area = surface_clip(to, clip, blend_rectangle(x, y, width, height));

	if (blend_rectangle_is_empty(&area))
		return;
	for (int32_t row = area.top; row < area.bottom; row++)
		ops->over_colour(blend_surface_at(to, area.left, row),
				 mask + (size_t)(row - y) * stride + (area.left - x),
				 (size_t)(area.right - area.left), colour);
}
