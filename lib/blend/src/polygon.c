/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Polygons. Each row of pixels is cut 16 times; where an edge crosses such a cut, everything at its
 * right becomes more or less covered, by its direction. What adds up from the left is the coverage.
 */
#include "clip.h"

#include <base/string.h>

#define CUTS 16  /* of a row: as fine as coordinates are */
#define UNIT 256 /* a pixel, across */
#define TILE 256 /* pixels of a row that are worked on at once */
#define FULL (CUTS * UNIT)

#define PLACE_MAX (BLEND_POINT_MAX / CUTS)

/* One edge in the row whose first cut is `cut`, for the tile that begins at pixel `left`. */
static void edge_accumulate(int32_t *sums, int32_t left, int64_t cut, struct blend_point from,
			    struct blend_point to)
{
	int32_t direction = 1;
	int64_t first, last;

	if (from.y > to.y) {
		struct blend_point other = from;

		from = to;
		to = other;
		direction = -1;
	}
	first = from.y > cut ? from.y : cut;
	last = to.y < cut + CUTS ? to.y : cut + CUTS;
	for (int64_t y = first; y < last; y++) {
		/* Cuts lie in the middle of 1/16. */
		int64_t x = (int64_t)from.x * 16 + ((int64_t)to.x - from.x) * 8 *
							   (2 * (y - from.y) + 1) /
							   ((int64_t)to.y - from.y);
		int64_t inside = x - (int64_t)left * UNIT;

		if (inside < 0)
			inside = 0;
		if (inside >= TILE * UNIT)
			continue;
		sums[inside / UNIT] += direction * (int32_t)(UNIT - inside % UNIT);
		sums[inside / UNIT + 1] += direction * (int32_t)(inside % UNIT);
	}
}

static void row_draw(const struct blend_surface *to, int32_t y, struct blend_rectangle part,
		     const struct blend_point *points, unsigned count, uint32_t colour)
{
	const struct blend_ops *ops = blend_best();

	for (int32_t left = part.left; left < part.right; left += TILE) {
		int32_t sums[TILE + 1] = { 0 };
		uint8_t mask[TILE];
		int32_t covered = 0;
		int32_t length = part.right - left < TILE ? part.right - left : TILE;

		for (unsigned i = 0; i < count; i++)
			edge_accumulate(sums, left, (int64_t)y * CUTS, points[i],
					points[i + 1 < count ? i + 1 : 0]);
		for (int32_t i = 0; i < length; i++) {
			int32_t amount;

			covered += sums[i];
			amount = covered < 0 ? -covered : covered;
			mask[i] = (uint8_t)((amount < FULL ? amount : FULL) * 255 / FULL);
		}
		ops->over_colour(blend_surface_at(to, left, y), mask, (size_t)length, colour);
	}
}

void blend_surface_polygon(const struct blend_surface *to, struct blend_rectangle clip,
			   const struct blend_point *points, unsigned count, uint32_t colour)
{
	struct blend_rectangle around;

	if (count < 3)
		return;
	around = (struct blend_rectangle){ INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN };
	for (unsigned i = 0; i < count; i++) {
		int32_t x = points[i].x >> 4;
		int32_t y = points[i].y >> 4;

		if (x < -PLACE_MAX || x > PLACE_MAX || y < -PLACE_MAX || y > PLACE_MAX)
			return;
		around.left = x < around.left ? x : around.left;
		around.top = y < around.top ? y : around.top;
		around.right = x >= around.right ? x + 1 : around.right;
		around.bottom = y >= around.bottom ? y + 1 : around.bottom;
	}
	around = surface_clip(to, clip, around);
	if (blend_rectangle_is_empty(&around))
		return;
	for (int32_t y = around.top; y < around.bottom; y++)
		row_draw(to, y, around, points, count, colour);
}
