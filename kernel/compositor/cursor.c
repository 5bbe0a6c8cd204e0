/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Draws the shapes of the pointer. A shape is the union of a polygon and of thick lines; what lies near
 * it becomes its outline. Each pixel takes several samples, so that edges are soft.
 */
#include <compositor/cursor.h>

#include <mm/phys/slab.h>

#define SIDE     24 /* of the square that a shape is drawn into, in pixels at scale 1 */
#define MARGIN   20 /* tenths of a pixel: room for the outline */
#define OUTLINE  12 /* its width, in tenths of a pixel */
#define FINE     16 /* positions are computed with in 1/16 of a tenth */
#define SAMPLES  5  /* across and down, in a pixel */
#define POINTS   24
#define LINES    8
#define DIAGONAL 181 /* sqrt(1/2), of 256 */

/* Tenths of a pixel, at scale 1. */
struct point {
	int16_t x, y;
};

struct thick_line {
	struct point from, to;
	int16_t radius;
};

struct shape {
	struct point hot;
	unsigned turn; /* eighths of a circle, clockwise, around `hot` */
	unsigned point_count, line_count;
	struct point points[POINTS];
	struct thick_line lines[LINES];
};

/* clang-format off */
#define DOUBLE_ARROW                                              \
	{ 0, 50 }, { 52, 0 }, { 52, 40 }, { 148, 40 }, { 148, 0 }, \
	{ 200, 50 }, { 148, 100 }, { 148, 60 }, { 52, 60 }, { 52, 100 }

static const struct shape shapes[CURSOR_KINDS] = {
	[CURSOR_ARROW] = {
		.point_count = 7,
		.points = { { 0, 0 }, { 0, 168 }, { 40, 130 }, { 66, 190 }, { 92, 179 },
			    { 66, 120 }, { 120, 118 } },
	},
	[CURSOR_TEXT] = {
		.hot = { 35, 90 },
		.point_count = 18,
		.points = { { 0, 0 }, { 22, 0 }, { 35, 7 }, { 48, 0 }, { 70, 0 }, { 70, 10 },
			    { 40, 20 }, { 40, 160 }, { 70, 170 }, { 70, 180 }, { 48, 180 },
			    { 35, 173 }, { 22, 180 }, { 0, 180 }, { 0, 170 }, { 30, 160 },
			    { 30, 20 }, { 0, 10 } },
	},
	[CURSOR_HAND] = {
		.hot = { 58, 0 },
		.line_count = 8,
		.lines = { { { 58, 16 }, { 58, 120 }, 16 }, { { 90, 78 }, { 90, 130 }, 16 },
			   { { 120, 86 }, { 120, 132 }, 15 }, { { 148, 98 }, { 146, 136 }, 13 },
			   { { 16, 104 }, { 60, 148 }, 15 }, { { 78, 138 }, { 122, 138 }, 36 },
			   { { 84, 158 }, { 116, 158 }, 32 }, { { 70, 130 }, { 120, 130 }, 28 } },
	},
	[CURSOR_MOVE] = {
		.hot = { 100, 100 },
		.point_count = 24,
		.points = { { 100, 0 }, { 140, 44 }, { 110, 44 }, { 110, 90 }, { 156, 90 },
			    { 156, 60 }, { 200, 100 }, { 156, 140 }, { 156, 110 }, { 110, 110 },
			    { 110, 156 }, { 140, 156 }, { 100, 200 }, { 60, 156 }, { 90, 156 },
			    { 90, 110 }, { 44, 110 }, { 44, 140 }, { 0, 100 }, { 44, 60 },
			    { 44, 90 }, { 90, 90 }, { 90, 44 }, { 60, 44 } },
	},
	[CURSOR_RESIZE_HORIZONTAL] = {
		.hot = { 100, 50 }, .point_count = 10, .points = { DOUBLE_ARROW },
	},
	[CURSOR_RESIZE_VERTICAL] = {
		.hot = { 100, 50 }, .turn = 2, .point_count = 10, .points = { DOUBLE_ARROW },
	},
	[CURSOR_RESIZE_FALLING] = {
		.hot = { 100, 50 }, .turn = 1, .point_count = 10, .points = { DOUBLE_ARROW },
	},
	[CURSOR_RESIZE_RISING] = {
		.hot = { 100, 50 }, .turn = 3, .point_count = 10, .points = { DOUBLE_ARROW },
	},
	[CURSOR_WAIT] = {
		.hot = { 60, 90 },
		.point_count = 18,
		.points = { { 0, 0 }, { 120, 0 }, { 120, 20 }, { 108, 24 }, { 100, 56 },
			    { 70, 90 }, { 100, 124 }, { 108, 156 }, { 120, 160 }, { 120, 180 },
			    { 0, 180 }, { 0, 160 }, { 12, 156 }, { 20, 124 }, { 50, 90 },
			    { 20, 56 }, { 12, 24 }, { 0, 20 } },
	},
};
/* clang-format on */

/* A point turned around the hot one. */
static struct point turned(const struct shape *shape, struct point point)
{
	int x = point.x - shape->hot.x, y = point.y - shape->hot.y, before;

	for (unsigned i = 0; i + 2 <= shape->turn; i += 2) {
		before = x;
		x = -y;
		y = before;
	}
	if (shape->turn & 1) {
		before = x;
		x = (x - y) * DIAGONAL / 256;
		y = (before + y) * DIAGONAL / 256;
	}
	return (struct point){ (int16_t)(shape->hot.x + x), (int16_t)(shape->hot.y + y) };
}

/* Turns the shape, and moves it so that it fills the square but for the margin. */
static struct shape placed(const struct shape *from)
{
	struct shape shape = *from;
	int left = INT16_MAX, top = INT16_MAX;

	for (unsigned i = 0; i < shape.point_count; i++) {
		shape.points[i] = turned(from, from->points[i]);
		left = shape.points[i].x < left ? shape.points[i].x : left;
		top = shape.points[i].y < top ? shape.points[i].y : top;
	}
	if (shape.point_count == 0)
		left = top = 0; /* thick lines are given from 0 on */
	left -= MARGIN;
	top -= MARGIN;
	for (unsigned i = 0; i < shape.point_count; i++) {
		shape.points[i].x = (int16_t)(shape.points[i].x - left);
		shape.points[i].y = (int16_t)(shape.points[i].y - top);
	}
	for (unsigned i = 0; i < shape.line_count; i++) {
		struct thick_line *line = &shape.lines[i];

		line->from.x = (int16_t)(line->from.x - left);
		line->to.x = (int16_t)(line->to.x - left);
		line->from.y = (int16_t)(line->from.y - top);
		line->to.y = (int16_t)(line->to.y - top);
	}
	shape.hot.x = (int16_t)(shape.hot.x - left);
	shape.hot.y = (int16_t)(shape.hot.y - top);
	return shape;
}

/* The square of the distance of a fine position from a line, in fine units. */
static int64_t distance_square(int64_t x, int64_t y, struct point from, struct point to)
{
	int64_t across = (to.x - from.x) * FINE, down = (to.y - from.y) * FINE;
	int64_t length_square = across * across + down * down, along, beside;

	x -= from.x * FINE;
	y -= from.y * FINE;
	along = x * across + y * down;
	if (along <= 0 || length_square == 0)
		return x * x + y * y;
	if (along >= length_square)
		return (x - across) * (x - across) + (y - down) * (y - down);
	beside = x * down - y * across;
	return beside * beside / length_square;
}

static bool within(int64_t square, int reach)
{
	return square <= (int64_t)reach * reach * FINE * FINE;
}

/* True if a line to the right of the position crosses the edge. */
static bool crosses(int64_t x, int64_t y, struct point from, struct point to)
{
	int64_t from_y = from.y * FINE, to_y = to.y * FINE, at;

	if ((from_y > y) == (to_y > y))
		return false;
	at = from.x * FINE + (y - from_y) * (to.x - from.x) * FINE / (to_y - from_y);
	return at > x;
}

enum place {
	OUTSIDE,
	IN_OUTLINE,
	INSIDE,
};

/* Where a fine position is, with an outline of this width. */
static enum place place_of(const struct shape *shape, int64_t x, int64_t y, int width)
{
	bool inside = false, near = false;

	for (unsigned i = 0; i < shape->point_count; i++) {
		struct point from = shape->points[i];
		struct point to = shape->points[(i + 1) % shape->point_count];

		inside ^= crosses(x, y, from, to);
		near |= within(distance_square(x, y, from, to), width);
	}
	for (unsigned i = 0; i < shape->line_count; i++) {
		const struct thick_line *line = &shape->lines[i];
		int64_t square = distance_square(x, y, line->from, line->to);

		inside |= within(square, line->radius);
		near |= within(square, line->radius + width);
	}
	return inside ? INSIDE : near ? IN_OUTLINE : OUTSIDE;
}

/* The fine position of a sample, of which a pixel has so many in a row. */
static int64_t sample_position(unsigned pixel, unsigned sample, unsigned samples, unsigned scale)
{
	return (2 * (pixel * samples + sample) + 1) * 10 * FINE / (2 * samples * scale);
}

/* Black for what is inside, white for the outline, by how much of the pixel they cover. */
static uint32_t pixel_at(const struct shape *shape, unsigned column, unsigned row, unsigned scale)
{
	unsigned inside = 0, outline = 0, alpha, white;

	/* Most are far from it. */
	if (place_of(shape, sample_position(column, 0, 1, scale), sample_position(row, 0, 1, scale),
		     OUTLINE + 10) == OUTSIDE)
		return 0;
	for (unsigned i = 0; i < SAMPLES * SAMPLES; i++) {
		enum place place =
			place_of(shape, sample_position(column, i % SAMPLES, SAMPLES, scale),
				 sample_position(row, i / SAMPLES, SAMPLES, scale), OUTLINE);

		inside += place == INSIDE;
		outline += place == IN_OUTLINE;
	}
	alpha = (inside + outline) * 255 / (SAMPLES * SAMPLES);
	white = outline * 255 / (SAMPLES * SAMPLES);
	return alpha << 24 | white << 16 | white << 8 | white;
}

static uint32_t *draw(const struct shape *shape, unsigned scale)
{
	unsigned side = SIDE * scale;
	uint32_t *pixels = kmalloc((size_t)side * side * sizeof(*pixels));

	for (unsigned i = 0; pixels && i < side * side; i++)
		pixels[i] = pixel_at(shape, i % side, i / side, scale);
	return pixels;
}

const struct compositor_cursor *cursor_shape(enum cursor_kind kind, unsigned scale)
{
	static struct compositor_cursor cursors[CURSOR_KINDS][CURSOR_SCALE_MAX];
	static struct blend_surface images[CURSOR_KINDS][CURSOR_SCALE_MAX];
	struct compositor_cursor *cursor;
	struct blend_surface *image;
	struct shape shape;

	if (kind >= CURSOR_KINDS || scale < 1 || scale > CURSOR_SCALE_MAX)
		return NULL;
	cursor = &cursors[kind][scale - 1];
	image = &images[kind][scale - 1];
	if (cursor->image)
		return cursor;
	shape = placed(&shapes[kind]);
	image->pixels = draw(&shape, scale);
	if (!image->pixels)
		return NULL;
	image->width = image->height = (int32_t)(SIDE * scale);
	image->stride = SIDE * scale;
	cursor->hot_x = shape.hot.x * (int32_t)scale / 10;
	cursor->hot_y = shape.hot.y * (int32_t)scale / 10;
	cursor->image = image;
	return cursor;
}
