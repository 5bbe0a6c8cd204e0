/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the compositor. The table of canvases (table.c) says what is on the plane, the plane
 * (plane.c) what of it the displays do not show yet. A frame (frame.c) cuts that into bands of rows in
 * which the same canvases lie at the same places, each band into spans that show one canvas or a
 * pile of them (spans.c), and draws the spans row by row (paint.c).
 *
 * All of it is protected by compositor_lock.
 */
#pragma once

#include <compositor/compositor.h>
#include <gfx/framebuffer.h>

/* What a span shows of a canvas. */
enum part_kind {
	PART_PIXELS,      /* its pixels */
	PART_COLOUR,      /* its colour */
	PART_CORNER,      /* either, in a round corner */
	PART_SHADOW,      /* its shadow, of any form */
	PART_SHADOW_LEFT, /* its shadow at the left edge and its corners, not reaching the right */
	PART_SHADOW_RIGHT,
	PART_SHADOW_INNER, /* between those two, where a row has the same coverage everywhere */
};

struct part {
	const struct canvas *canvas;
	enum part_kind kind;
};

/* How many translucent parts may lie on top of each other. What lies deeper is not shown, so that a
 * pile of thousands costs no more than one of these. */
#define SPAN_PARTS_MAX 24
/* What needs more spans is drawn in columns. */
#define SPANS_MAX 256

/* A piece of a row, the same in all rows of a band. */
struct span {
	struct span *next; /* to the right */
	int32_t left, right;
	bool closed;      /* `base` is known, and nothing below it counts */
	struct part base; /* opaque; canvas NULL: there is none, black */
	unsigned count;
	struct part parts[SPAN_PARTS_MAX]; /* on top of it, the highest first */
};

/* Rows from `top` to `bottom` that show the same canvases at the same places. */
struct band {
	int32_t left, right, top, bottom;
	struct span *first;
};

/* The canvases that may be seen in `area`, linked by next_below; the highest. */
struct canvas *table_collect(struct blend_rectangle area);
/* Makes the band that begins with row `band->top` and reaches from `band->left` to `band->right`;
 * `band->bottom`, before: at most, after: what it covers. `canvases` as table_collect() gave them for
 * that. False: it would have too many spans (which one of a single pixel never has). */
bool must_check band_build(struct band *band, const struct canvas *canvases);

/* Frame buffers are written in pieces of so many pixels where possible: a cache line. */
#define STREAM_PIXELS 16
/* Pixels that are put together at a time. */
#define LINE_PIXELS 1024
/* Where memory allows, more is computed than needed, so that the ends of rows fill vectors. */
#define SPARE_PIXELS 8

static inline size_t whole_vectors(size_t count)
{
	return align_up(count, SPARE_PIXELS);
}

/* A piece of a row, at most LINE_PIXELS long. */
struct run {
	int32_t x, y; /* on the plane */
	size_t count;
	uint32_t *to; /* in a line, where SPARE_PIXELS more may be written */
};

/* Draws a part OVER what is in the line; one that is a base, which is pixels of some scale, into it. */
void part_draw(const struct blend_ops *ops, const struct part *part, const struct run *run);
const uint32_t *canvas_pixels_at(const struct canvas *canvas, int32_t x, int32_t y);
/* What the canvas shows where it has no pixels, its alpha included. */
uint32_t canvas_colour(const struct canvas *canvas);

/* The coverage of a shadow in a run, with SPARE_PIXELS more that may be read; until the next call. */
const uint8_t *shadow_coverage(const struct part *part, const struct run *run);
static inline uint32_t shadow_colour(const struct canvas *canvas)
{
	return (uint32_t)canvas->alpha << 24;
}
/* What PART_SHADOW_INNER looks like in row `y`. */
uint32_t shadow_inner_colour(const struct canvas *canvas, int32_t y);

/* Where a frame goes. */
struct painter {
	const struct blend_ops *ops;
	const struct framebuffer *to;
	int32_t x, y; /* of its upper left pixel on the plane */
	uint64_t written, blended;
};
void paint_band(struct painter *painter, const struct band *band);
/* Draws what the table shows in the region, which lies in the frame buffer. */
void paint_region(struct painter *painter, const struct blend_region *region);

/* What a canvas covers on the plane, with its shadow. */
struct blend_rectangle canvas_bounds(const struct canvas *canvas);
/* The radius of its corners, which may be less than what it says if it is small. */
int32_t canvas_radius(const struct canvas *canvas);
/* Coverage of one pixel row of round corners, of radius * radius bytes, the upper left one; NULL: no
 * memory, so corners are not round. */
const uint8_t *canvas_corner_mask(unsigned radius);
/* True if the canvas hides what is below, in pixels that are not in a corner. */
static inline bool canvas_hides(const struct canvas *canvas, bool pixels)
{
	return canvas->alpha == 255 &&
	       (canvas->opaque || (!pixels && blend_alpha(canvas->colour) == 255));
}
/* Turns what canvas_damage_soon() was told into damage. */
void table_take_pending(void);
bool table_has_pending(void);

/* Adds to what displays do not show yet. */
void plane_damage(struct blend_rectangle area);
void plane_damage_all(void);
bool plane_is_damaged(void);
/* Whether the compositor is the one that draws. */
void plane_set_visible(bool visible);
/* Draws all damage. */
void plane_draw(const struct blend_ops *ops);

/* Why the loop is woken. */
enum wake_reason {
	WAKE_HOST = 1 << 0,
	WAKE_DAMAGE = 1 << 1,
	WAKE_DISPLAYS = 1 << 2,
};

/* What the loop works with. */
struct loop {
	const struct compositor_host *host;
	const struct blend_ops *ops;
	uint64_t host_at;  /* when the host wants to be called */
	uint64_t frame_at; /* when the next frame may be drawn */
	uint64_t rests_until;
};

void loop_init(void);
/* One round, of the reasons `why`, with the lock held; returns until when there is nothing to draw. */
uint64_t loop_run_round(struct loop *loop, unsigned why);
/* Something changed that is to be drawn. Any context. */
void loop_wake_for_damage(void);

extern struct compositor_statistics compositor_statistics;
