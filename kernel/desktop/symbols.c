/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols of one colour: what is drawn on buttons. Their coordinates go from 0 to 64. */
#include "draw.h"

#define GRID 64

/* A drawing in a square. */
struct pen {
	const struct blend_surface *to;
	struct blend_rectangle square;
	uint32_t colour;
};

/* Sixteenths of pixels from coordinates. */
static int32_t pen_length(const struct pen *pen, int32_t length)
{
	return length * (pen->square.right - pen->square.left) * 16 / GRID;
}

static void pen_line(const struct pen *pen, int32_t x1, int32_t y1, int32_t x2, int32_t y2,
		     int32_t width)
{
	int32_t left = pen->square.left * 16, top = pen->square.top * 16;

	blend_surface_stroke(pen->to, blend_surface_bounds(pen->to), left + pen_length(pen, x1),
			     top + pen_length(pen, y1), left + pen_length(pen, x2),
			     top + pen_length(pen, y2), (unsigned)pen_length(pen, width),
			     pen->colour);
}

static void pen_disc(const struct pen *pen, int32_t x, int32_t y, int32_t radius)
{
	blend_surface_disc(pen->to, blend_surface_bounds(pen->to),
			   pen->square.left * 16 + pen_length(pen, x),
			   pen->square.top * 16 + pen_length(pen, y),
			   (unsigned)pen_length(pen, radius), pen->colour);
}

static struct blend_point pen_point(const struct pen *pen, int32_t x, int32_t y)
{
	return (struct blend_point){ pen->square.left * 16 + pen_length(pen, x),
				     pen->square.top * 16 + pen_length(pen, y) };
}

/* Sines of 24ths of the circle, 64: one. */
static int32_t sine(unsigned step)
{
	static const int8_t quarter[7] = { 0, 17, 32, 45, 55, 62, 64 };

	step %= 24;
	if (step >= 12)
		return -sine(step - 12);
	return step <= 6 ? quarter[step] : quarter[12 - step];
}

/* A part of a circle, from one 24th to another, clockwise from the top. */
static void pen_arc(const struct pen *pen, int32_t x, int32_t y, int32_t radius, unsigned from,
		    unsigned to, int32_t width)
{
	for (unsigned step = from; step < to; step++)
		pen_line(pen, x + radius * sine(step) / 64, y - radius * sine(step + 6) / 64,
			 x + radius * sine(step + 1) / 64, y - radius * sine(step + 7) / 64, width);
}

static void pen_frame(const struct pen *pen, struct blend_rectangle area, int32_t width)
{
	blend_surface_outline(pen->to, blend_surface_bounds(pen->to), area, (unsigned)width * 2,
			      (unsigned)width, pen->colour);
}

/* The lines of window buttons lie on whole pixels. */
static void draw_window_symbol(const struct pen *pen, enum symbol symbol)
{
	int32_t side = pen->square.right - pen->square.left;
	int32_t width = side >= 16 ? 2 : 1, shift = side / 5;
	struct blend_rectangle area = pen->square;
	struct blend_rectangle line = { area.left, (area.top + area.bottom) / 2, area.right,
					(area.top + area.bottom) / 2 + width };

	if (symbol == SYMBOL_MINIMIZE) {
		blend_surface_tint(pen->to, line, pen->colour);
	} else if (symbol == SYMBOL_MAXIMIZE) {
		pen_frame(pen, area, width);
	} else {
		area.top += shift;
		area.right -= shift;
		pen_frame(pen, area, width);
		line = (struct blend_rectangle){ area.left + shift + width, pen->square.top,
						 pen->square.right, pen->square.top + width };
		blend_surface_tint(pen->to, line, pen->colour);
		line = (struct blend_rectangle){ pen->square.right - width, pen->square.top + width,
						 pen->square.right, area.bottom - shift - width };
		blend_surface_tint(pen->to, line, pen->colour);
	}
}

static void draw_sun(const struct pen *pen)
{
	pen_disc(pen, 32, 32, 13);
	for (unsigned step = 0; step < 24; step += 3)
		pen_line(pen, 32 + 21 * sine(step) / 64, 32 - 21 * sine(step + 6) / 64,
			 32 + 28 * sine(step) / 64, 32 - 28 * sine(step + 6) / 64, 5);
}

/* A crescent, open to the upper right: a circle less another one. */
static void draw_moon(const struct pen *pen)
{
	struct blend_point points[32];
	unsigned count = 0;

	/* From one horn to the other along the outer circle, and back along the inner one. */
	points[count++] = pen_point(pen, 26, 8);
	for (unsigned step = 23; step >= 7; step--)
		points[count++] =
			pen_point(pen, 30 + 26 * sine(step) / 64, 34 - 26 * sine(step + 6) / 64);
	points[count++] = pen_point(pen, 56, 38);
	for (unsigned step = 10; step <= 20; step++)
		points[count++] =
			pen_point(pen, 43 + 21 * sine(step) / 64, 21 - 21 * sine(step + 6) / 64);
	blend_surface_polygon(pen->to, blend_surface_bounds(pen->to), points, count, pen->colour);
}

static void pen_letter_z(const struct pen *pen, int32_t left, int32_t top, int32_t width,
			 int32_t height, int32_t line)
{
	pen_line(pen, left, top, left + width, top, line);
	pen_line(pen, left + width, top, left, top + height, line);
	pen_line(pen, left, top + height, left + width, top + height, line);
}

/* As comics show it. */
static void draw_sleep(const struct pen *pen)
{
	pen_letter_z(pen, 6, 26, 30, 32, 7);
	pen_letter_z(pen, 44, 6, 15, 17, 6);
}

/* Nine points, the middle ones larger: the launcher. */
static void draw_launcher(const struct pen *pen)
{
	for (int32_t row = 0; row < 3; row++)
		for (int32_t column = 0; column < 3; column++)
			pen_disc(pen, 12 + 20 * column, 12 + 20 * row, 6);
}

void draw_symbol(const struct blend_surface *to, struct blend_rectangle square, enum symbol symbol,
		 uint32_t colour)
{
	struct pen pen = { to, square, blend_premultiply(colour) };

	switch (symbol) {
	case SYMBOL_LAUNCHER:
		draw_launcher(&pen);
		break;
	case SYMBOL_CLOSE:
		pen_line(&pen, 2, 2, 62, 62, 8);
		pen_line(&pen, 62, 2, 2, 62, 8);
		break;
	case SYMBOL_MAXIMIZE:
	case SYMBOL_RESTORE:
	case SYMBOL_MINIMIZE:
		draw_window_symbol(&pen, symbol);
		break;
	case SYMBOL_SEARCH:
		pen_arc(&pen, 26, 26, 20, 0, 24, 7);
		pen_line(&pen, 41, 41, 60, 60, 8);
		break;
	case SYMBOL_POWER:
		pen_arc(&pen, 32, 36, 24, 3, 21, 7);
		pen_line(&pen, 32, 6, 32, 30, 7);
		break;
	case SYMBOL_RESTART:
		pen_arc(&pen, 32, 34, 24, 2, 21, 7);
		pen_line(&pen, 15, 18, 15, 2, 7);
		pen_line(&pen, 15, 18, 30, 20, 7);
		break;
	case SYMBOL_SLEEP:
		draw_sleep(&pen);
		break;
	case SYMBOL_SUN:
		draw_sun(&pen);
		break;
	case SYMBOL_MOON:
		draw_moon(&pen);
		break;
	}
}
