/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of programs: a tile with round corners in two shades, and white shapes on it. Their
 * coordinates go from 0 to 64 in both directions.
 */
#include <base/string.h>

#include "draw.h"

#define GRID  64
#define WHITE 0xffffffffu

struct pen {
	const struct blend_surface *to;
	struct blend_rectangle square;
};

static int32_t side_of(const struct pen *pen)
{
	return pen->square.right - pen->square.left;
}

/* Sixteenths of pixels of the surface. */
static int32_t pen_x(const struct pen *pen, int32_t x)
{
	return pen->square.left * 16 + x * side_of(pen) * 16 / GRID;
}

static int32_t pen_y(const struct pen *pen, int32_t y)
{
	return pen->square.top * 16 + y * side_of(pen) * 16 / GRID;
}

static void pen_line(const struct pen *pen, int32_t x1, int32_t y1, int32_t x2, int32_t y2,
		     int32_t width, uint32_t colour)
{
	blend_surface_stroke(pen->to, blend_surface_bounds(pen->to), pen_x(pen, x1), pen_y(pen, y1),
			     pen_x(pen, x2), pen_y(pen, y2),
			     (unsigned)(width * side_of(pen) * 16 / GRID),
			     blend_premultiply(colour));
}

static void pen_disc(const struct pen *pen, int32_t x, int32_t y, int32_t radius, uint32_t colour)
{
	blend_surface_disc(pen->to, blend_surface_bounds(pen->to), pen_x(pen, x), pen_y(pen, y),
			   (unsigned)(radius * side_of(pen) * 16 / GRID),
			   blend_premultiply(colour));
}

static void pen_round(const struct pen *pen, int32_t x, int32_t y, int32_t width, int32_t height,
		      int32_t radius, uint32_t colour)
{
	struct blend_rectangle area = {
		pen->square.left + (x * side_of(pen) + GRID / 2) / GRID,
		pen->square.top + (y * side_of(pen) + GRID / 2) / GRID,
		pen->square.left + ((x + width) * side_of(pen) + GRID / 2) / GRID,
		pen->square.top + ((y + height) * side_of(pen) + GRID / 2) / GRID,
	};

	draw_round(pen->to, area, radius * side_of(pen) / GRID, colour);
}

/* A polygon of coordinates in pairs. */
static void pen_polygon(const struct pen *pen, const uint8_t *coordinates, unsigned count,
			uint32_t colour)
{
	struct blend_point points[16];

	for (unsigned i = 0; i < count; i++)
		points[i] = (struct blend_point){ pen_x(pen, coordinates[2 * i]),
						  pen_y(pen, coordinates[2 * i + 1]) };
	blend_surface_polygon(pen->to, blend_surface_bounds(pen->to), points, count,
			      blend_premultiply(colour));
}

static uint32_t mix(uint32_t a, uint32_t b, int32_t part, int32_t whole)
{
	uint32_t result = 0;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		int32_t from = a >> shift & 255, to = b >> shift & 255;

		result |= (uint32_t)(from + (to - from) * part / whole) << shift;
	}
	return result;
}

/* Row by row, as each has a shade of its own. */
static void draw_tile(const struct pen *pen, uint32_t upper, uint32_t lower)
{
	int32_t margin = side_of(pen) / 16, radius = side_of(pen) * 14 / GRID;
	struct blend_rectangle area = { pen->square.left + margin, pen->square.top + margin,
					pen->square.right - margin, pen->square.bottom - margin };

	for (int32_t y = area.top; y < area.bottom; y++) {
		struct blend_rectangle row = { area.left, y, area.right, y + 1 };

		blend_surface_round(pen->to, row, area, (unsigned)radius, BLEND_ALL_CORNERS,
				    mix(upper, lower, y - area.top, area.bottom - area.top));
	}
}

static void draw_terminal(const struct pen *pen)
{
	draw_tile(pen, 0xff4a5263, 0xff232830);
	pen_line(pen, 17, 22, 27, 32, 5, 0xff7ee787);
	pen_line(pen, 27, 32, 17, 42, 5, 0xff7ee787);
	pen_line(pen, 33, 43, 47, 43, 5, WHITE);
}

static void draw_files(const struct pen *pen)
{
	static const uint8_t tab[] = { 14, 20, 28, 20, 33, 25, 33, 30, 14, 30 };

	draw_tile(pen, 0xff5cb3ff, 0xff1f74e0);
	pen_polygon(pen, tab, 5, 0xffd8ecff);
	pen_round(pen, 14, 24, 36, 24, 4, 0xffd8ecff);
	pen_round(pen, 14, 29, 36, 19, 4, WHITE);
}

static void draw_editor(const struct pen *pen)
{
	static const uint8_t pencil[] = { 47, 27, 52, 32, 37, 47, 31, 48, 32, 42 };

	draw_tile(pen, 0xffffc857, 0xfff08c1e);
	pen_round(pen, 16, 13, 28, 38, 4, WHITE);
	for (int32_t y = 21; y <= 37; y += 8)
		pen_line(pen, 22, y, y == 37 ? 30 : 38, y, 3, 0xffd9a05a);
	pen_polygon(pen, pencil, 5, 0xff8a4b08);
}

static void draw_image(const struct pen *pen)
{
	static const uint8_t far_hill[] = { 14, 46, 28, 27, 42, 46 };
	static const uint8_t near_hill[] = { 30, 46, 41, 33, 50, 44, 50, 46 };

	draw_tile(pen, 0xffc07bff, 0xff7440e0);
	pen_disc(pen, 43, 22, 5, 0xffffe08a);
	pen_polygon(pen, far_hill, 3, WHITE);
	pen_polygon(pen, near_hill, 4, 0xffe2d2ff);
}

static void draw_monitor(const struct pen *pen)
{
	static const uint8_t pulse[] = { 12, 35, 20, 35, 26, 20, 35, 46, 41, 29, 44, 35, 52, 35 };

	draw_tile(pen, 0xff3ddc97, 0xff14906a);
	for (unsigned i = 0; i + 3 < sizeof(pulse); i += 2)
		pen_line(pen, pulse[i], pulse[i + 1], pulse[i + 2], pulse[i + 3], 4, WHITE);
}

static void draw_clock(const struct pen *pen)
{
	draw_tile(pen, 0xff5a6172, 0xff343a47);
	pen_disc(pen, 32, 32, 20, WHITE);
	pen_line(pen, 32, 32, 32, 19, 4, 0xff2a2f3a);
	pen_line(pen, 32, 32, 41, 37, 4, 0xff2a2f3a);
	pen_disc(pen, 32, 32, 3, 0xffff5a5f);
}

static void draw_settings(const struct pen *pen)
{
	draw_tile(pen, 0xff9aa4b5, 0xff626c7d);
	for (int32_t i = 0; i < 3; i++) {
		int32_t y = 20 + 12 * i, knob = i == 1 ? 40 : 24;

		pen_line(pen, 16, y, 48, y, 4, 0xffdfe4ec);
		pen_disc(pen, knob, y, 5, WHITE);
	}
}

static void draw_plain(const struct pen *pen)
{
	draw_tile(pen, 0xff7c8cf8, 0xff4f5bd5);
	pen_round(pen, 15, 18, 34, 28, 4, WHITE);
	pen_round(pen, 18, 26, 28, 17, 2, 0xff8d97f0);
}

void draw_icon(const struct blend_surface *to, struct blend_rectangle square, const char *name)
{
	static const struct {
		const char *name;
		void (*draw)(const struct pen *pen);
	} icons[] = {
		{ "terminal", draw_terminal }, { "files", draw_files },
		{ "editor", draw_editor },     { "image", draw_image },
		{ "monitor", draw_monitor },   { "clock", draw_clock },
		{ "settings", draw_settings },
	};
	struct pen pen = { to, square };

	for (unsigned i = 0; i < array_length(icons); i++) {
		if (strcmp(name, icons[i].name) == 0) {
			icons[i].draw(&pen);
			return;
		}
	}
	draw_plain(&pen);
}
