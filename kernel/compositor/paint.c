/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws bands. What their rows consist of is written down once as a list of steps, which are then done
 * for each row: spans that show one opaque canvas go straight from its pixels to the frame buffer; piles
 * are put together in a line that stays in the first cache, and streamed out. The frame buffer is
 * written once per pixel, in whole cache lines where possible, and never read.
 */
#include "compositor_priv.h"

#include <base/string.h>

#define STEPS_MAX 512
/* For the coverage of shadows of which all rows of a band have the same. */
#define KEPT_BYTES 8192

enum step_kind {
	STEP_FILL,        /* of the line, with the colour */
	STEP_COPY,        /* `from` into the line */
	STEP_OVER,        /* `from` OVER the line */
	STEP_OVER_FILL,   /* the colour OVER the line */
	STEP_OVER_COLOUR, /* the colour times the mask OVER the line */
	STEP_PART,        /* any other part of a canvas OVER the line, or of a base into it */
	STEP_STREAM,      /* `from` into the frame buffer */
	STEP_STREAM_FILL, /* the colour into the frame buffer */
};

struct step {
	enum step_kind kind;
	uint32_t colour;
	size_t count;
	uint32_t *to;
	const uint32_t *from;
	const uint8_t *mask;
	size_t to_stride, from_stride; /* in pixels, from one row to the next */
	const struct part *part;
	int32_t x; /* where the part is drawn, on the plane */
};

/* The rows of a band that steps are written down for. */
struct plan {
	struct painter *painter;
	const struct band *band;
	/* What is put together lies in the line from `line_left` to `line_right` of the plane. */
	int32_t line_left, line_right;
	unsigned count;
	size_t kept;
	uint64_t written;
};

static struct step steps[STEPS_MAX];
static uint32_t line[LINE_PIXELS + SPARE_PIXELS] __attribute__((aligned(64)));
static uint8_t kept[KEPT_BYTES + SPARE_PIXELS];

/* --- doing the steps --- */

static void stream(const struct painter *painter, const struct step *step)
{
	if (painter->to->red_first)
		painter->ops->stream_swapped(step->to, step->from, step->count);
	else
		painter->ops->stream_copy(step->to, step->from, step->count);
}

static void do_row(const struct painter *painter, unsigned count, int32_t y)
{
	const struct blend_ops *ops = painter->ops;

	for (struct step *step = steps; step < steps + count; step++) {
		switch (step->kind) {
		case STEP_FILL:
			ops->fill(step->to, step->count, step->colour);
			break;
		case STEP_COPY:
			ops->copy(step->to, step->from, step->count);
			break;
		case STEP_OVER:
			ops->over(step->to, step->from, step->count);
			break;
		case STEP_OVER_FILL:
			ops->over_fill(step->to, step->count, step->colour);
			break;
		case STEP_OVER_COLOUR:
			ops->over_colour(step->to, step->mask, step->count, step->colour);
			break;
		case STEP_PART:
			part_draw(ops, step->part,
				  &(struct run){ step->x, y, step->count, step->to });
			break;
		case STEP_STREAM:
			stream(painter, step);
			break;
		case STEP_STREAM_FILL:
			ops->stream_fill(step->to, step->count, step->colour);
			break;
		}
		step->from += step->from_stride;
		step->to += step->to_stride;
	}
}

static void do_steps(struct plan *plan)
{
	const struct band *band = plan->band;

	for (int32_t y = band->top; y < band->bottom; y++)
		do_row(plan->painter, plan->count, y);
	plan->painter->written += plan->written * (uint64_t)(band->bottom - band->top);
	plan->written = 0;
	plan->count = 0;
	plan->kept = 0;
}

/* --- writing them down --- */

static struct step *add_step(struct plan *plan, enum step_kind kind, size_t count)
{
	struct step *step = &steps[plan->count++];

	*step = (struct step){ .kind = kind, .count = count };
	return step;
}

static struct step *add_stream(struct plan *plan, enum step_kind kind, int32_t left, int32_t right)
{
	const struct painter *painter = plan->painter;
	size_t row = (size_t)(plan->band->top - painter->y) * painter->to->stride;
	struct step *step = add_step(plan, kind, (size_t)(right - left));

	step->to = (uint32_t *)(painter->to->pixels + row) + (left - painter->x);
	step->to_stride = painter->to->stride / 4;
	plan->written += step->count;
	return step;
}

/* Streams the line out; the next one begins at `left`. */
static void end_line(struct plan *plan, int32_t left)
{
	if (plan->line_right > plan->line_left)
		add_stream(plan, STEP_STREAM, plan->line_left, plan->line_right)->from = line;
	plan->line_left = plan->line_right = left;
}

static void set_source(struct step *step, const struct canvas *canvas, int32_t x, int32_t y)
{
	step->from = canvas_pixels_at(canvas, x, y);
	step->from_stride = canvas->stride;
}

/* Of what is copied from a canvas, as much as vectors need to be full, unless that lies behind its
 * pixels. */
static size_t readable(const struct plan *plan, const struct canvas *canvas, int32_t x,
		       size_t count)
{
	int64_t rows = canvas->pixels_height - (plan->band->bottom - canvas->y);
	int64_t there = rows * canvas->stride + canvas->pixels_width - (x - canvas->x);

	return min_size(whole_vectors(count), (size_t)there);
}

static void add_base(struct plan *plan, const struct part *base, int32_t x, size_t count)
{
	const struct canvas *canvas = base->canvas;
	struct step *step;

	if (!canvas || base->kind == PART_COLOUR) {
		step = add_step(plan, STEP_FILL, whole_vectors(count));
		step->colour = canvas ? canvas->colour : 0;
	} else if (canvas->scale <= 1) {
		step = add_step(plan, STEP_COPY, readable(plan, canvas, x, count));
		set_source(step, canvas, x, plan->band->top);
	} else {
		step = add_step(plan, STEP_PART, count);
		step->part = base;
		step->x = x;
	}
	step->to = line + (x - plan->line_left);
}

/* A shadow where all rows of the band are the same: its coverage is found out once. NULL: it is not
 * such a one. */
static struct step *add_even_shadow(struct plan *plan, const struct part *part, int32_t x,
				    size_t count)
{
	const struct canvas *canvas = part->canvas;
	const struct band *band = plan->band;
	struct run run = { .x = x, .y = band->top, .count = count };
	int32_t inside, top;
	struct step *step;

	if (part->kind < PART_SHADOW_LEFT || plan->kept + count > KEPT_BYTES)
		return NULL;
	inside = (int32_t)(canvas->shadow->corner - canvas->shadow->blur);
	top = canvas->y + canvas->shadow_y;
	if (band->top < top + inside || band->bottom > top + canvas->shadow_height - inside)
		return NULL;
	if (part->kind == PART_SHADOW_INNER) {
		step = add_step(plan, STEP_OVER_FILL, whole_vectors(count));
		step->colour = shadow_inner_colour(canvas, band->top);
		return step;
	}
	step = add_step(plan, STEP_OVER_COLOUR, whole_vectors(count));
	step->colour = shadow_colour(canvas);
	step->mask = kept + plan->kept;
	memcpy(kept + plan->kept, shadow_coverage(part, &run), count);
	plan->kept += count;
	return step;
}

static void add_part(struct plan *plan, const struct part *part, int32_t x, size_t count)
{
	const struct canvas *canvas = part->canvas;
	struct step *step;

	if (part->kind == PART_COLOUR) {
		step = add_step(plan, STEP_OVER_FILL, whole_vectors(count));
		step->colour = canvas_colour(canvas);
	} else if (part->kind == PART_PIXELS && canvas->scale <= 1 && canvas->alpha == 255) {
		/* It is not opaque: else it would be a base. */
		step = add_step(plan, STEP_OVER, readable(plan, canvas, x, count));
		set_source(step, canvas, x, plan->band->top);
	} else {
		step = add_even_shadow(plan, part, x, count);
		if (!step) {
			step = add_step(plan, STEP_PART, count);
			step->part = part;
			step->x = x;
		}
	}
	step->to = line + (x - plan->line_left);
}

/* Puts what a span shows from `left` to `right` together, at the end of the line. */
static void add_piece(struct plan *plan, const struct span *span, int32_t left, int32_t right)
{
	while (left < right) {
		int32_t room = plan->line_left + LINE_PIXELS - left;
		int32_t end = right - left < room ? right : left + room;

		if (plan->count + span->count + 3 > STEPS_MAX) {
			end_line(plan, left);
			do_steps(plan);
			continue;
		}
		add_base(plan, &span->base, left, (size_t)(end - left));
		for (unsigned i = span->count; i-- > 0;)
			add_part(plan, &span->parts[i], left, (size_t)(end - left));
		left = plan->line_right = end;
		if (left - plan->line_left == LINE_PIXELS)
			end_line(plan, left);
	}
}
_Static_assert(STEPS_MAX > SPAN_PARTS_MAX + 8, "a piece of any span finds room");

/* Streams the pixels of a span that shows one opaque canvas, or nothing. */
static void add_direct(struct plan *plan, const struct span *span, int32_t left, int32_t right)
{
	const struct canvas *base = span->base.canvas;

	if (base && span->base.kind == PART_PIXELS)
		set_source(add_stream(plan, STEP_STREAM, left, right), base, left, plan->band->top);
	else
		add_stream(plan, STEP_STREAM_FILL, left, right)->colour =
			framebuffer_pixel(plan->painter->to, base ? base->colour & 0xffffff : 0);
}

/* What of the span goes to the frame buffer without coming into the line: whole cache lines, unless it
 * is at an end of the band. */
static bool find_direct(const struct plan *plan, const struct span *span, int32_t *left,
			int32_t *right)
{
	const struct part *base = &span->base;
	int32_t x = plan->painter->x;

	*left = span->left;
	*right = span->right;
	if (span->count > 0)
		return false;
	if (base->canvas && base->kind == PART_PIXELS && base->canvas->scale > 1)
		return false;
	if (plan->line_right > plan->line_left)
		*left = ((*left - x + STREAM_PIXELS - 1) & ~(STREAM_PIXELS - 1)) + x;
	if (span->right < plan->band->right)
		*right = ((*right - x) & ~(STREAM_PIXELS - 1)) + x;
	return *left < *right;
}

static void add_span(struct plan *plan, const struct span *span)
{
	int32_t left, right;

	if (!find_direct(plan, span, &left, &right)) {
		add_piece(plan, span, span->left, span->right);
		return;
	}
	add_piece(plan, span, span->left, left);
	end_line(plan, right);
	if (plan->count == STEPS_MAX)
		do_steps(plan);
	add_direct(plan, span, left, right);
	add_piece(plan, span, right, span->right);
}

void paint_band(struct painter *painter, const struct band *band)
{
	struct plan plan = {
		.painter = painter, .band = band, .line_left = band->left, .line_right = band->left
	};

	for (const struct span *span = band->first; span; span = span->next) {
		if (plan.count + 4 > STEPS_MAX) {
			end_line(&plan, span->left);
			do_steps(&plan);
		}
		add_span(&plan, span);
		painter->blended += (uint64_t)(span->right - span->left) * span->count *
				    (uint64_t)(band->bottom - band->top);
	}
	end_line(&plan, band->right);
	do_steps(&plan);
}
