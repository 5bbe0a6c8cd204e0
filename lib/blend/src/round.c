/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rectangles with round corners, filled and as outlines. Coverage is exact across a row, and taken at
 * 16 heights in each.
 */
#include "clip.h"

#include <base/string.h>

#define HEIGHTS    16
#define UNIT       256 /* a pixel */
#define BORDER_MAX (2 * BLEND_RADIUS_MAX)

/* The coverage of row `row` of an upper left corner. */
static void corner_row(uint8_t *mask, unsigned radius, unsigned row)
{
	int32_t sums[BLEND_RADIUS_MAX] = { 0 };
	int64_t full = (int64_t)radius * UNIT;

	for (unsigned height = 0; height < HEIGHTS; height++) {
		int64_t down = full - (int64_t)(row * UNIT + height * (UNIT / HEIGHTS) +
						UNIT / HEIGHTS / 2);
		int32_t edge = (int32_t)(full - square_root((uint64_t)(full * full - down * down)));

		for (unsigned i = (unsigned)edge / UNIT; i < radius; i++) {
			int32_t covered = (int32_t)(i + 1) * UNIT - edge;

			sums[i] += covered < UNIT ? covered : UNIT;
		}
	}
	for (unsigned i = 0; i < radius; i++)
		mask[i] = (uint8_t)((sums[i] * 255 + HEIGHTS * UNIT / 2) / (HEIGHTS * UNIT));
}

void blend_corner_mask(uint8_t *mask, unsigned radius)
{
	if (radius > BLEND_RADIUS_MAX)
		radius = BLEND_RADIUS_MAX;
	for (unsigned row = 0; row < radius; row++)
		corner_row(mask + row * radius, radius, row);
}

static void mask_mirror(uint8_t *mirrored, const uint8_t *mask, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		mirrored[i] = mask[count - 1 - i];
}

/* A place in a row with a mask of its own, clipped to `part`. */
static void draw_masked(const struct blend_surface *to, const struct blend_rectangle *part,
			const uint8_t *mask, int32_t x, int32_t y, unsigned count, uint32_t colour)
{
	blend_surface_mask(to, *part, mask, count, x, y, (int32_t)count, 1, colour);
}

static void draw_solid(const struct blend_surface *to, const struct blend_rectangle *part,
		       int32_t left, int32_t right, int32_t y, uint32_t colour)
{
	struct blend_rectangle row = { left, y, right, y + 1 };

	blend_surface_tint(to, blend_rectangle_intersect(row, *part), colour);
}

static unsigned largest_radius(struct blend_rectangle area, unsigned radius)
{
	int32_t width = area.right - area.left;
	int32_t height = area.bottom - area.top;
	unsigned half = (unsigned)(width < height ? width : height) / 2;

	if (radius > BLEND_RADIUS_MAX)
		radius = BLEND_RADIUS_MAX;
	return radius < half ? radius : half;
}

/* The row of a rectangle's corners that row `y` is in; false: in none. `left`, `right`: the bits of
 * these corners. */
static bool find_corner_row(struct blend_rectangle area, unsigned radius, int32_t y, unsigned *row,
			    unsigned *left, unsigned *right)
{
	if (y < area.top + (int32_t)radius) {
		*row = (unsigned)(y - area.top);
		*left = BLEND_TOP_LEFT;
		*right = BLEND_TOP_RIGHT;
		return true;
	}
	if (y >= area.bottom - (int32_t)radius) {
		*row = (unsigned)(area.bottom - 1 - y);
		*left = BLEND_BOTTOM_LEFT;
		*right = BLEND_BOTTOM_RIGHT;
		return true;
	}
	return false;
}

void blend_surface_round(const struct blend_surface *to, struct blend_rectangle clip,
			 struct blend_rectangle area, unsigned radius, unsigned corners,
			 uint32_t colour)
{
	struct blend_rectangle part = surface_clip(to, clip, area);

	if (blend_rectangle_is_empty(&part))
		return;
	radius = largest_radius(area, radius);
	for (int32_t y = part.top; y < part.bottom; y++) {
		uint8_t mask[BLEND_RADIUS_MAX], mirrored[BLEND_RADIUS_MAX];
		int32_t left = area.left, right = area.right;
		unsigned row, left_bit, right_bit;

		if (find_corner_row(area, radius, y, &row, &left_bit, &right_bit)) {
			corner_row(mask, radius, row);
			if (corners & left_bit) {
				draw_masked(to, &part, mask, left, y, radius, colour);
				left += (int32_t)radius;
			}
			if (corners & right_bit) {
				right -= (int32_t)radius;
				mask_mirror(mirrored, mask, radius);
				draw_masked(to, &part, mirrored, right, y, radius, colour);
			}
		}
		draw_solid(to, &part, left, right, y, colour);
	}
}

/* The coverage of the first `count` pixels of row `y` of a rectangle with round corners. */
static void edge_row(uint8_t *mask, unsigned count, struct blend_rectangle area, unsigned radius,
		     int32_t y)
{
	unsigned row, left, right;
	bool outside = y < area.top || y >= area.bottom;

	memset(mask, outside ? 0 : 255, count);
	if (!outside && find_corner_row(area, radius, y, &row, &left, &right))
		corner_row(mask, radius, row);
}

void blend_surface_outline(const struct blend_surface *to, struct blend_rectangle clip,
			   struct blend_rectangle area, unsigned radius, unsigned width,
			   uint32_t colour)
{
	struct blend_rectangle part = surface_clip(to, clip, area);
	struct blend_rectangle inner;
	unsigned border, inner_radius;

	if (blend_rectangle_is_empty(&part))
		return;
	width = largest_radius(area, width);
	radius = largest_radius(area, radius);
	border = radius > width ? radius : width;
	inner_radius = border - width;
	inner = (struct blend_rectangle){ area.left + (int32_t)width, area.top + (int32_t)width,
					  area.right - (int32_t)width,
					  area.bottom - (int32_t)width };
	for (int32_t y = part.top; y < part.bottom; y++) {
		uint8_t mask[BORDER_MAX], hole[BORDER_MAX];

		edge_row(mask, border, area, radius, y);
		edge_row(hole, border - width, inner, inner_radius, y);
		for (unsigned i = width; i < border; i++)
			mask[i] = mask[i] > hole[i - width] ? mask[i] - hole[i - width] : 0;
		draw_masked(to, &part, mask, area.left, y, border, colour);
		mask_mirror(hole, mask, border);
		draw_masked(to, &part, hole, area.right - (int32_t)border, y, border, colour);
		if (y < inner.top || y >= inner.bottom)
			draw_solid(to, &part, area.left + (int32_t)border,
				   area.right - (int32_t)border, y, colour);
	}
}
