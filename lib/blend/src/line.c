/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines with round ends, and discs, which are lines without length: what a pixel is covered by follows
 * from how far its centre is from the line's middle.
 */
#include "clip.h"

#define PIXEL_SHIFT 4 /* coordinates are in 1/16 */
#define PIXEL       (1 << PIXEL_SHIFT)
#define CHUNK       64 /* pixels whose coverage is found at once */

struct stroke {
	int64_t x, y;     /* where it begins */
	int64_t dx, dy;   /* to its end */
	int64_t square;   /* of its length */
	int64_t length;   /* in 1/256 pixel */
	int64_t half;     /* of its width, in 1/256 pixel */
	int64_t reach;    /* how far it and its soft edge reach from the middle, in 1/16 */
	uint64_t certain; /* of distances with smaller squares nothing is left out (1/16) */
};

static struct stroke stroke_between(int32_t x1, int32_t y1, int32_t x2, int32_t y2, unsigned width)
{
	struct stroke stroke = { .x = x1, .y = y1, .dx = (int64_t)x2 - x1, .dy = (int64_t)y2 - y1 };

	stroke.square = stroke.dx * stroke.dx + stroke.dy * stroke.dy;
	stroke.length = square_root((uint64_t)stroke.square * 256);
	stroke.half = (int64_t)width * 8;
	stroke.reach = width / 2 + PIXEL;
	if (width > 2 * PIXEL) {
		uint64_t inner = width / 2 - PIXEL;

		stroke.certain = inner * inner;
	}
	return stroke;
}

static uint8_t coverage_at_distance(const struct stroke *stroke, int64_t distance)
{
	int64_t covered = stroke->half + 128 - distance;
	int64_t most = stroke->half < 128 ? 2 * stroke->half : 256;

	covered = covered < 0 ? 0 : covered > most ? most : covered;
	return (uint8_t)(covered * 255 / 256);
}

static uint8_t coverage_near_point(const struct stroke *stroke, int64_t dx, int64_t dy)
{
	uint64_t square = (uint64_t)(dx * dx + dy * dy);

	if (square < stroke->certain)
		return 255;
	if (square > (uint64_t)(stroke->reach * stroke->reach))
		return 0;
	return coverage_at_distance(stroke, square_root(square * 256));
}

/* Of the pixel whose centre this is. */
static uint8_t stroke_coverage(const struct stroke *stroke, int64_t x, int64_t y)
{
	int64_t right = x - stroke->x;
	int64_t below = y - stroke->y;
	int64_t along = right * stroke->dx + below * stroke->dy;
	int64_t across;

	if (along <= 0)
		return coverage_near_point(stroke, right, below);
	if (along >= stroke->square)
		return coverage_near_point(stroke, right - stroke->dx, below - stroke->dy);
	across = stroke->dx * below - stroke->dy * right;
	return coverage_at_distance(stroke, (across < 0 ? -across : across) * 256 / stroke->length);
}

/* Where the stroke may be in the row whose middle is `y`; false: nowhere. */
static bool stroke_row(const struct stroke *stroke, int64_t y, int64_t *left, int64_t *right)
{
	int64_t upper = stroke->dy < 0 ? stroke->y + stroke->dy : stroke->y;
	int64_t lower = stroke->dy < 0 ? stroke->y : stroke->y + stroke->dy;
	int64_t first = stroke->x, last = stroke->x + stroke->dx;

	upper = upper > y - stroke->reach ? upper : y - stroke->reach;
	lower = lower < y + stroke->reach ? lower : y + stroke->reach;
	if (upper > lower)
		return false;
	if (stroke->dy) {
		first = stroke->x + stroke->dx * (upper - stroke->y) / stroke->dy;
		last = stroke->x + stroke->dx * (lower - stroke->y) / stroke->dy;
	}
	*left = ((first < last ? first : last) - stroke->reach) >> PIXEL_SHIFT;
	*right = (((first < last ? last : first) + stroke->reach) >> PIXEL_SHIFT) + 1;
	return true;
}

static bool is_far(int32_t coordinate)
{
	return coordinate < -BLEND_POINT_MAX || coordinate > BLEND_POINT_MAX;
}

void blend_surface_stroke(const struct blend_surface *to, struct blend_rectangle clip, int32_t x1,
			  int32_t y1, int32_t x2, int32_t y2, unsigned width, uint32_t colour)
{
	const struct blend_ops *ops = blend_best();
	struct stroke stroke;
	struct blend_rectangle part;
	int64_t reach;

	if (is_far(x1) || is_far(y1) || is_far(x2) || is_far(y2) || width > BLEND_POINT_MAX)
		return;
	stroke = stroke_between(x1, y1, x2, y2, width);
	reach = stroke.reach + PIXEL;
	part.left = clamp_i32(((x1 < x2 ? x1 : x2) - reach) >> PIXEL_SHIFT, 0, to->width);
	part.right = clamp_i32(((x1 < x2 ? x2 : x1) + reach) >> PIXEL_SHIFT, 0, to->width);
	part.top = clamp_i32(((y1 < y2 ? y1 : y2) - reach) >> PIXEL_SHIFT, 0, to->height);
	part.bottom = clamp_i32(((y1 < y2 ? y2 : y1) + reach) >> PIXEL_SHIFT, 0, to->height);
	part = blend_rectangle_intersect(part, clip);
	for (int32_t y = part.top; y < part.bottom; y++) {
		int64_t middle = (int64_t)y * PIXEL + PIXEL / 2;
		int64_t left, right;

		if (!stroke_row(&stroke, middle, &left, &right))
			continue;
		left = left > part.left ? left : part.left;
		right = right < part.right ? right : part.right;
		while (left < right) {
			uint8_t mask[CHUNK];
			unsigned count = right - left < CHUNK ? (unsigned)(right - left) : CHUNK;

			for (unsigned i = 0; i < count; i++)
				mask[i] = stroke_coverage(&stroke, (left + i) * PIXEL + PIXEL / 2,
							  middle);
			ops->over_colour(blend_surface_at(to, (int32_t)left, y), mask, count,
					 colour);
			left += count;
		}
	}
}

void blend_surface_line(const struct blend_surface *to, struct blend_rectangle clip, int32_t x1,
			int32_t y1, int32_t x2, int32_t y2, unsigned width, uint32_t colour)
{
	blend_surface_stroke(to, clip, x1, y1, x2, y2, width * PIXEL, colour);
}

void blend_surface_disc(const struct blend_surface *to, struct blend_rectangle clip, int32_t x,
			int32_t y, unsigned radius, uint32_t colour)
{
	blend_surface_stroke(to, clip, x, y, x, y, 2 * radius, colour);
}
