/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hides what: cuts a rectangle into bands of rows, and a band into spans, each of which shows one
 * opaque part of a canvas with translucent parts on top of it.
 *
 * A band begins as one open span. From the highest canvas down each part splits the open spans at its
 * edges; translucent parts are piled up in those they cover, opaque ones close them. When all spans
 * are closed, no canvas below is looked at.
 */
#include "compositor_priv.h"

#include <base/string.h>

struct builder {
	struct band *band;
	const struct canvas *canvas; /* whose parts are added */
	int32_t open;                /* pixels of a row of which the lowest part is not known */
	bool full;                   /* there are no spans left */
};

static struct span spans[SPANS_MAX];
static unsigned spans_used;

/* Cuts a span in two at `x`; the right one follows. */
static bool split(struct builder *builder, struct span *span, int32_t x)
{
	struct span *right;

	if (spans_used == SPANS_MAX) {
		builder->full = true;
		return false;
	}
	right = &spans[spans_used++];
	right->next = span->next;
	right->left = x;
	right->right = span->right;
	right->closed = false;
	right->count = span->count;
	memcpy(right->parts, span->parts, span->count * sizeof(span->parts[0]));
	span->next = right;
	span->right = x;
	return true;
}

static void add_part(struct builder *builder, struct span *span, const struct part *part,
		     bool opaque)
{
	if (opaque) {
		span->base = *part;
		span->closed = true;
		builder->open -= span->right - span->left;
	} else if (span->count < SPAN_PARTS_MAX) {
		span->parts[span->count++] = *part;
	}
}

/* Puts a part of the canvas below what is there. */
static void cover(struct builder *builder, int32_t left, int32_t right, struct part part,
		  bool opaque)
{
	struct span *span = builder->band->first;

	if (left >= right)
		return;
	part.canvas = builder->canvas;
	for (; span && span->left < right; span = span->next) {
		if (span->closed || span->right <= left)
			continue;
		if (span->left < left) {
			if (!split(builder, span, left))
				return;
			continue;
		}
		if (span->right > right && !split(builder, span, right))
			return;
		add_part(builder, span, &part, opaque);
	}
}

/* The band ends where something of the canvas begins or ends. */
static void end_at(struct builder *builder, int32_t edge)
{
	struct band *band = builder->band;

	if (edge > band->top && edge < band->bottom)
		band->bottom = edge;
}

/* Up to where its pixels reach; the colour follows. */
static int32_t pixels_end(int32_t from, int32_t size, int32_t pixels, unsigned scale)
{
	int64_t reach = (int64_t)pixels * (scale ? scale : 1);

	return from + (int32_t)(reach < size ? reach : size);
}

static bool shows_colour(const struct canvas *canvas)
{
	return canvas->opaque || blend_alpha(canvas->colour) > 0;
}

static void cover_corners(struct builder *builder, int32_t *left, int32_t *right)
{
	static const struct part corner = { .kind = PART_CORNER };
	const struct canvas *canvas = builder->canvas;
	int32_t row = builder->band->top - canvas->y;
	int32_t radius = canvas_radius(canvas);
	unsigned corners = canvas->corners;

	if (row >= canvas->height - radius)
		corners >>= 2;
	else if (row >= radius)
		return;
	if (corners & BLEND_TOP_LEFT) {
		cover(builder, *left, *left + radius, corner, false);
		*left += radius;
	}
	if (corners & BLEND_TOP_RIGHT) {
		cover(builder, *right - radius, *right, corner, false);
		*right -= radius;
	}
}
_Static_assert(BLEND_BOTTOM_LEFT == BLEND_TOP_LEFT << 2, "corners below are those above, shifted");
_Static_assert(BLEND_BOTTOM_RIGHT == BLEND_TOP_RIGHT << 2,
	       "corners below are those above, shifted");

static void cover_body(struct builder *builder)
{
	const struct canvas *canvas = builder->canvas;
	int32_t row = builder->band->top, radius = canvas_radius(canvas);
	int32_t left = canvas->x, right = canvas->x + canvas->width, middle = left;
	int32_t bottom = canvas->y + canvas->height, pixels_bottom = canvas->y;

	if (canvas->pixels)
		pixels_bottom =
			pixels_end(canvas->y, canvas->height, canvas->pixels_height, canvas->scale);
	end_at(builder, canvas->y);
	end_at(builder, canvas->y + radius);
	end_at(builder, pixels_bottom);
	end_at(builder, bottom - radius);
	end_at(builder, bottom);
	if (row < canvas->y || row >= bottom)
		return;
	if (row < pixels_bottom)
		middle = pixels_end(canvas->x, canvas->width, canvas->pixels_width, canvas->scale);
	if (radius > 0)
		cover_corners(builder, &left, &right);
	if (middle > right)
		middle = right;
	cover(builder, left, middle, (struct part){ .kind = PART_PIXELS },
	      canvas_hides(canvas, true));
	if (shows_colour(canvas))
		cover(builder, middle > left ? middle : left, right,
		      (struct part){ .kind = PART_COLOUR }, canvas_hides(canvas, false));
}

static void cover_shadow(struct builder *builder)
{
	const struct canvas *canvas = builder->canvas;
	int32_t row = builder->band->top, blur = (int32_t)canvas->shadow->blur;
	/* How far inside of its rectangle the shadow still changes. */
	int32_t inside = (int32_t)canvas->shadow->corner - blur;
	int32_t left = canvas->x + canvas->shadow_x, right = left + canvas->shadow_width;
	int32_t top = canvas->y + canvas->shadow_y, bottom = top + canvas->shadow_height;
	bool large = right - left > 2 * inside && bottom - top > 2 * inside;

	end_at(builder, top - blur);
	end_at(builder, bottom + blur);
	/* Between those two all rows are the same. */
	if (large) {
		end_at(builder, top + inside);
		end_at(builder, bottom - inside);
	}
	if (row < top - blur || row >= bottom + blur)
		return;
	if (!large) {
		cover(builder, left - blur, right + blur, (struct part){ .kind = PART_SHADOW },
		      false);
		return;
	}
	cover(builder, left - blur, left + inside, (struct part){ .kind = PART_SHADOW_LEFT },
	      false);
	cover(builder, left + inside, right - inside, (struct part){ .kind = PART_SHADOW_INNER },
	      false);
	cover(builder, right - inside, right + blur, (struct part){ .kind = PART_SHADOW_RIGHT },
	      false);
}

bool band_build(struct band *band, const struct canvas *canvases)
{
	struct builder builder = { .band = band, .open = band->right - band->left };

	spans_used = 1;
	band->first = &spans[0];
	spans[0].next = NULL;
	spans[0].left = band->left;
	spans[0].right = band->right;
	spans[0].closed = false;
	spans[0].count = 0;
	for (; canvases && builder.open > 0; canvases = canvases->next_below) {
		builder.canvas = canvases;
		cover_body(&builder);
		if (canvases->shadow)
			cover_shadow(&builder);
		if (builder.full)
			return false;
	}
	for (struct span *span = band->first; span; span = span->next)
		if (!span->closed)
			span->base = (struct part){ .canvas = NULL };
	return true;
}
