/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws parts of canvases into a line: their pixels, colour, round corners and shadows.
 */
#include "compositor_priv.h"

static uint32_t fetched[LINE_PIXELS + SPARE_PIXELS] __attribute__((aligned(64)));
static uint32_t solid[LINE_PIXELS + SPARE_PIXELS] __attribute__((aligned(64)));
static uint8_t coverage[LINE_PIXELS + SPARE_PIXELS] __attribute__((aligned(64)));

const uint32_t *canvas_pixels_at(const struct canvas *canvas, int32_t x, int32_t y)
{
	return canvas->pixels + (size_t)(y - canvas->y) * canvas->stride + (x - canvas->x);
}

/* The colour of what its pixels do not cover. */
static uint32_t own_colour(const struct canvas *canvas)
{
	return canvas->opaque ? canvas->colour | 0xff000000 : canvas->colour;
}

static uint32_t multiply_colour(uint32_t colour, uint8_t alpha)
{
	return (uint32_t)blend_multiply((uint8_t)(colour >> 24), alpha) << 24 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 16), alpha) << 16 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 8), alpha) << 8 |
	       blend_multiply((uint8_t)colour, alpha);
}

uint32_t canvas_colour(const struct canvas *canvas)
{
	return multiply_colour(own_colour(canvas), canvas->alpha);
}

/* Its pixels, which are there, as they are on the plane. */
static void fetch_pixels(const struct blend_ops *ops, uint32_t *to, const struct canvas *canvas,
			 const struct run *run)
{
	uint32_t scale = canvas->scale;
	const uint32_t *row;

	if (scale <= 1) {
		int64_t rows = canvas->pixels_height - 1 - (run->y - canvas->y);
		/* Up to the end of the last row. */
		int64_t there = rows * canvas->stride + canvas->pixels_width - (run->x - canvas->x);

		ops->copy(to, canvas_pixels_at(canvas, run->x, run->y),
			  min_size(whole_vectors(run->count), (size_t)there));
		return;
	}
	row = canvas->pixels + (size_t)((uint32_t)(run->y - canvas->y) / scale) * canvas->stride;
	ops->scale_nearest(to, run->count, row, (size_t)canvas->pixels_width,
			   (uint32_t)(((uint64_t)(uint32_t)(run->x - canvas->x) << 16) / scale),
			   0x10000 / scale);
}

/* Its pixels, or where it has none its colour. */
static void fetch(const struct blend_ops *ops, uint32_t *to, const struct canvas *canvas,
		  const struct run *run)
{
	int64_t scale = canvas->scale ? canvas->scale : 1;
	int64_t there = canvas->x + canvas->pixels_width * scale - run->x;

	if (!canvas->pixels || run->y - canvas->y >= canvas->pixels_height * scale || there < 0)
		there = 0;
	if (there > (int64_t)run->count)
		there = (int64_t)run->count;
	if (there > 0)
		fetch_pixels(ops, to, canvas,
			     &(struct run){ .x = run->x, .y = run->y, .count = (size_t)there });
	ops->fill(to + there, run->count - (size_t)there, own_colour(canvas));
}

static void draw_pixels(const struct blend_ops *ops, const struct canvas *canvas,
			const struct run *run)
{
	const uint32_t *from = fetched;

	if (canvas_hides(canvas, true)) {
		fetch_pixels(ops, run->to, canvas, run);
		return;
	}
	if (canvas->scale > 1)
		fetch_pixels(ops, fetched, canvas, run);
	else
		from = canvas_pixels_at(canvas, run->x, run->y);
	if (canvas->opaque) {
		ops->copy_opaque(solid, from, run->count);
		from = solid;
	}
	if (canvas->alpha == 255)
		ops->over(run->to, from, run->count);
	else
		ops->over_alpha(run->to, from, run->count, canvas->alpha);
}

/* The coverage of a piece of a round corner; false: there is none, for want of memory. */
static bool corner_coverage(const struct canvas *canvas, const struct run *run)
{
	int32_t radius = canvas_radius(canvas);
	int32_t row = run->y - canvas->y, x = run->x - canvas->x;
	const uint8_t *mask = canvas_corner_mask((unsigned)radius);
	bool mirrored = x >= canvas->width - radius;

	if (!mask)
		return false;
	if (row >= radius)
		row = canvas->height - 1 - row;
	mask += row * radius;
	for (size_t i = 0; i < run->count; i++) {
		int32_t column = x + (int32_t)i;

		if (mirrored)
			column = canvas->width - 1 - column;
		coverage[i] = blend_multiply(mask[column], canvas->alpha);
	}
	return true;
}

static void draw_corner(const struct blend_ops *ops, const struct canvas *canvas,
			const struct run *run)
{
	const uint32_t *from = fetched;

	fetch(ops, fetched, canvas, run);
	if (canvas->opaque) {
		ops->copy_opaque(solid, fetched, run->count);
		from = solid;
	}
	if (corner_coverage(canvas, run))
		ops->over_masked(run->to, from, coverage, whole_vectors(run->count));
	else
		ops->over_alpha(run->to, from, run->count, canvas->alpha);
}

/* The row of a shadow's corner that row `y` of the plane shows; it has one there. */
static const uint8_t *shadow_corner_row(const struct canvas *canvas, int32_t y)
{
	const struct blend_shadow *shadow = canvas->shadow;
	int32_t blur = (int32_t)shadow->blur, last = (int32_t)shadow->corner - 1;
	int32_t row = y - canvas->y - canvas->shadow_y + blur;
	int32_t from_below = canvas->shadow_height + 2 * blur - 1 - row;

	row = row < from_below ? row : from_below;
	return shadow->mask + (row < last ? row : last) * (last + 1);
}

/* Along the right edge of a shadow: the corner's row from right to left. */
static void mirror_coverage(const struct canvas *canvas, const struct run *run)
{
	int32_t end =
		canvas->x + canvas->shadow_x + canvas->shadow_width + (int32_t)canvas->shadow->blur;
	const uint8_t *from = shadow_corner_row(canvas, run->y) + (end - run->x);
	uint8_t *to = coverage;

	for (size_t i = run->count; i > 0; i--)
		*to++ = *--from;
}

const uint8_t *shadow_coverage(const struct part *part, const struct run *run)
{
	const struct canvas *canvas = part->canvas;
	int32_t x = run->x - canvas->x - canvas->shadow_x;

	if (part->kind == PART_SHADOW_LEFT)
		return shadow_corner_row(canvas, run->y) + (x + (int32_t)canvas->shadow->blur);
	if (part->kind == PART_SHADOW_RIGHT)
		mirror_coverage(canvas, run);
	else
		blend_shadow_row(canvas->shadow, coverage, x, run->y - canvas->y - canvas->shadow_y,
				 run->count, canvas->shadow_width, canvas->shadow_height);
	return coverage;
}

uint32_t shadow_inner_colour(const struct canvas *canvas, int32_t y)
{
	return multiply_colour(shadow_colour(canvas),
			       shadow_corner_row(canvas, y)[canvas->shadow->corner - 1]);
}

static void draw_shadow(const struct blend_ops *ops, const struct part *part, const struct run *run)
{
	size_t count = whole_vectors(run->count);

	if (part->kind == PART_SHADOW_INNER)
		ops->over_fill(run->to, count, shadow_inner_colour(part->canvas, run->y));
	else
		ops->over_colour(run->to, shadow_coverage(part, run), count,
				 shadow_colour(part->canvas));
}

void part_draw(const struct blend_ops *ops, const struct part *part, const struct run *run)
{
	const struct canvas *canvas = part->canvas;

	switch (part->kind) {
	case PART_PIXELS:
		draw_pixels(ops, canvas, run);
		break;
	case PART_COLOUR:
		ops->over_fill(run->to, whole_vectors(run->count), canvas_colour(canvas));
		break;
	case PART_CORNER:
		draw_corner(ops, canvas, run);
		break;
	default:
		draw_shadow(ops, part, run);
		break;
	}
}
