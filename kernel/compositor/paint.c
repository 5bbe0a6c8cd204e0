/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws bands: spans that show one opaque canvas go straight from its pixels to the frame buffer; piles
 * are put together in a line that stays in the first cache, and streamed out. The frame buffer is
 * written once per pixel, and never read.
 */
#include "compositor_priv.h"

/* Pixels that are put together at a time. */
#define LINE_PIXELS 1024
/* For the coverage of shadows in bands in which all rows have the same. */
#define KEPT_BYTES 16384

#define BLACK 0xff000000u

static uint32_t line[LINE_PIXELS] __attribute__((aligned(64)));
static uint32_t fetched[LINE_PIXELS] __attribute__((aligned(64)));
static uint32_t solid[LINE_PIXELS] __attribute__((aligned(64)));
static uint8_t coverage[LINE_PIXELS] __attribute__((aligned(64)));
static uint8_t kept[KEPT_BYTES] __attribute__((aligned(64)));
static size_t kept_used;

/* A piece of a row. */
struct run {
	int32_t x, y; /* on the plane */
	size_t count;
};

static const uint32_t *pixels_at(const struct canvas *canvas, int32_t x, int32_t y)
{
	return canvas->pixels + (size_t)(y - canvas->y) * canvas->stride + (x - canvas->x);
}

/* The colour of what its pixels do not cover. */
static uint32_t own_colour(const struct canvas *canvas)
{
	return canvas->opaque ? canvas->colour | BLACK : canvas->colour;
}

static uint32_t multiply_colour(uint32_t colour, uint8_t alpha)
{
	return (uint32_t)blend_multiply((uint8_t)(colour >> 24), alpha) << 24 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 16), alpha) << 16 |
	       (uint32_t)blend_multiply((uint8_t)(colour >> 8), alpha) << 8 |
	       blend_multiply((uint8_t)colour, alpha);
}

/* Its pixels, which are there, as they are on the plane. */
static void fetch_pixels(const struct blend_ops *ops, uint32_t *to, const struct canvas *canvas,
			 const struct run *run)
{
	uint32_t scale = canvas->scale;
	const uint32_t *row;

	if (scale <= 1) {
		ops->copy(to, pixels_at(canvas, run->x, run->y), run->count);
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
		fetch_pixels(ops, to, canvas, &(struct run){ run->x, run->y, (size_t)there });
	ops->fill(to + there, run->count - (size_t)there, own_colour(canvas));
}

static void draw_pixels(const struct blend_ops *ops, const struct canvas *canvas,
			const struct run *run)
{
	const uint32_t *from = fetched;

	if (canvas->scale > 1)
		fetch_pixels(ops, fetched, canvas, run);
	else
		from = pixels_at(canvas, run->x, run->y);
	/* Opaque ones come here if the whole is translucent. */
	if (canvas->opaque) {
		ops->copy_opaque(solid, from, run->count);
		from = solid;
	}
	if (canvas->alpha == 255)
		ops->over(line, from, run->count);
	else
		ops->over_alpha(line, from, run->count, canvas->alpha);
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
		ops->over_masked(line, from, coverage, run->count);
	else
		ops->over_alpha(line, from, run->count, canvas->alpha);
}

static void shadow_coverage(const struct canvas *canvas, uint8_t *mask, const struct run *run)
{
	blend_shadow_row(canvas->shadow, mask, run->x - canvas->x - canvas->shadow_x,
			 run->y - canvas->y - canvas->shadow_y, run->count, canvas->shadow_width,
			 canvas->shadow_height);
}

/* `skipped`: of the span's pixels, those before the run. */
static void draw_part(const struct blend_ops *ops, const struct part *part, const struct run *run,
		      size_t skipped)
{
	const struct canvas *canvas = part->canvas;
	uint32_t shadow_colour = (uint32_t)canvas->alpha << 24;
	const uint8_t *mask = part->mask ? part->mask + skipped : coverage;

	switch (part->kind) {
	case PART_PIXELS:
		draw_pixels(ops, canvas, run);
		break;
	case PART_COLOUR:
		ops->over_fill(line, run->count,
			       multiply_colour(own_colour(canvas), canvas->alpha));
		break;
	case PART_CORNER:
		draw_corner(ops, canvas, run);
		break;
	case PART_SHADOW:
		if (!part->mask)
			shadow_coverage(canvas, coverage, run);
		ops->over_colour(line, mask, run->count, shadow_colour);
		break;
	case PART_SHADOW_INNER:
		shadow_coverage(canvas, coverage, &(struct run){ run->x, run->y, 1 });
		ops->over_fill(line, run->count, multiply_colour(shadow_colour, coverage[0]));
		break;
	}
}

static void stream(const struct painter *painter, uint32_t *to, const uint32_t *from, size_t count)
{
	if (painter->to->red_first)
		painter->ops->stream_swapped(to, from, count);
	else
		painter->ops->stream_copy(to, from, count);
}

/* The base of a span, into the line. */
static void draw_base(const struct blend_ops *ops, const struct part *base, const struct run *run)
{
	if (!base->canvas)
		ops->fill(line, run->count, BLACK);
	else if (base->kind == PART_PIXELS)
		fetch_pixels(ops, line, base->canvas, run);
	else
		ops->fill(line, run->count, base->canvas->colour);
}

static void paint_pile(struct painter *painter, const struct span *span, int32_t y, uint32_t *to)
{
	size_t width = (size_t)(span->right - span->left);

	for (size_t done = 0; done < width; done += LINE_PIXELS) {
		struct run run = { span->left + (int32_t)done, y,
				   min_size(width - done, LINE_PIXELS) };

		draw_base(painter->ops, &span->base, &run);
		for (unsigned i = span->count; i-- > 0;)
			draw_part(painter->ops, &span->parts[i], &run, done);
		stream(painter, to + done, line, run.count);
	}
	painter->blended += width * span->count;
}

static void paint_span(struct painter *painter, const struct span *span, int32_t y, uint32_t *row)
{
	const struct canvas *base = span->base.canvas;
	uint32_t *to = row + (span->left - painter->x);
	size_t width = (size_t)(span->right - span->left);

	if (span->count > 0 || (base && span->base.kind == PART_PIXELS && base->scale > 1))
		paint_pile(painter, span, y, to);
	else if (base && span->base.kind == PART_PIXELS)
		stream(painter, to, pixels_at(base, span->left, y), width);
	else
		painter->ops->stream_fill(
			to, width,
			framebuffer_pixel(painter->to, base ? base->colour & ~BLACK : 0));
	painter->written += width;
}

/* Computes once what each row of the band would. */
static void keep_coverage(struct span *span, int32_t y)
{
	struct run run = { span->left, y, (size_t)(span->right - span->left) };

	for (unsigned i = 0; i < span->count; i++) {
		struct part *part = &span->parts[i];

		if (!part->same_rows || run.count > KEPT_BYTES - kept_used)
			continue;
		shadow_coverage(part->canvas, kept + kept_used, &run);
		part->mask = kept + kept_used;
		kept_used += run.count;
	}
}

void paint_band(struct painter *painter, const struct band *band)
{
	kept_used = 0;
	if (band->bottom - band->top > 1)
		for (struct span *span = band->first; span; span = span->next)
			keep_coverage(span, band->top);
	for (int32_t y = band->top; y < band->bottom; y++) {
		uint32_t *row = (uint32_t *)(painter->to->pixels +
					     (size_t)(y - painter->y) * painter->to->stride);

		for (const struct span *span = band->first; span; span = span->next)
			paint_span(painter, span, y, row);
	}
}
