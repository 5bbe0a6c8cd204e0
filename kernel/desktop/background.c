/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The background: soft lights of several colours that run into each other. Their sum is computed at
 * the corners of squares, with more bits than a pixel has, and between them along straight lines; a
 * pattern spread over the pixels decides where to round up, so that no steps are seen.
 */
#include "desktop_priv.h"

#define SQUARE 32 /* pixels */

/* A light: its place and reach in 1024ths of the display's width and height, its colour, and how much
 * of it there is in the middle (of 256). */
struct light {
	int32_t x, y, reach_x, reach_y;
	uint8_t red, green, blue;
	int32_t strength;
};

struct picture {
	uint8_t red, green, blue; /* where there is no light */
	struct light lights[5];
};

static const struct picture night = {
	14,
	16,
	30,
	{
		{ 120, 1000, 620, 760, 24, 60, 150, 220 },
		{ 980, 60, 560, 620, 96, 40, 150, 200 },
		{ 560, 1080, 460, 460, 190, 64, 120, 170 },
		{ 1040, 900, 420, 520, 20, 120, 150, 190 },
		{ 320, 120, 420, 420, 30, 44, 110, 160 },
	},
};

static const struct picture day = {
	222,
	230,
	244,
	{
		{ 120, 1000, 620, 760, 150, 190, 250, 230 },
		{ 980, 60, 560, 620, 206, 186, 250, 220 },
		{ 560, 1080, 460, 460, 252, 200, 206, 210 },
		{ 1040, 900, 420, 520, 170, 226, 232, 220 },
		{ 320, 120, 420, 420, 240, 240, 250, 200 },
	},
};

/* Channels with 8 bits behind the point. */
struct shade {
	int32_t red, green, blue;
};

static struct sheet sheet;
static struct canvas canvas;
static bool is_stale = true;

void background_mark_stale(void)
{
	is_stale = true;
	compositor_wake();
}

/* How bright a light is at a place: 65536 in the middle, smoothly less up to its reach. */
static int32_t brightness(const struct light *light, int32_t x, int32_t y)
{
	int64_t across = (int64_t)(x - light->x) * 1024 / light->reach_x;
	int64_t down = (int64_t)(y - light->y) * 1024 / light->reach_y;
	int64_t rest = (1 << 20) - across * across - down * down; /* of 1 << 20 */

	if (rest <= 0)
		return 0;
	rest >>= 4;
	/* (1 - r^2)^2 begins and ends without an edge. */
	return (int32_t)(rest * rest >> 16);
}

static int32_t approach(int32_t from, int32_t to, int32_t part)
{
	return from + (int32_t)((int64_t)(to * 256 - from) * part >> 16);
}

static struct shade shade_at(const struct picture *picture, int32_t x, int32_t y)
{
	struct shade shade = { picture->red * 256, picture->green * 256, picture->blue * 256 };

	for (unsigned i = 0; i < array_length(picture->lights); i++) {
		const struct light *spot = &picture->lights[i];
		int32_t part = (int32_t)((int64_t)brightness(spot, x, y) * spot->strength / 256);

		shade.red = approach(shade.red, spot->red, part);
		shade.green = approach(shade.green, spot->green, part);
		shade.blue = approach(shade.blue, spot->blue, part);
	}
	return shade;
}

static struct shade between(struct shade a, struct shade b, int32_t part)
{
	return (struct shade){
		a.red + (b.red - a.red) * part / SQUARE,
		a.green + (b.green - a.green) * part / SQUARE,
		a.blue + (b.blue - a.blue) * part / SQUARE,
	};
}

/* From which rest on a value is rounded up, by the pixel's place in squares of 8: each of the 64
 * thresholds once, neighbours far apart. */
static int32_t threshold(int32_t x, int32_t y)
{
	int32_t mixed = x ^ y, result = 0;

	for (int32_t bit = 0; bit < 3; bit++)
		result = result << 2 | (mixed >> bit & 1) << 1 | (y >> bit & 1);
	return result * 4 + 2;
}

static uint32_t pixel_of(struct shade shade, int32_t offset)
{
	return 0xff000000 | (uint32_t)((shade.red + offset) >> 8) << 16 |
	       (uint32_t)((shade.green + offset) >> 8) << 8 |
	       (uint32_t)((shade.blue + offset) >> 8);
}

static void draw_row(const struct picture *picture, int32_t y)
{
	int32_t width = sheet.surface.width, height = sheet.surface.height;
	int32_t top = y / SQUARE * SQUARE;
	uint32_t *row = blend_surface_at(&sheet.surface, 0, y);
	struct shade left, right = { 0 };

	for (int32_t x = -SQUARE; x < width; x += SQUARE) {
		struct shade upper =
			shade_at(picture, (x + SQUARE) * 1024 / width, top * 1024 / height);
		struct shade lower = shade_at(picture, (x + SQUARE) * 1024 / width,
					      (top + SQUARE) * 1024 / height);

		left = right;
		right = between(upper, lower, y - top);
		for (int32_t i = 0; i < SQUARE && x >= 0 && x + i < width; i++)
			row[x + i] = pixel_of(between(left, right, i), threshold(x + i, y));
	}
}

void background_update(void)
{
	const struct picture *picture = desktop.dark ? &night : &day;
	struct blend_rectangle plane = compositor_plane();
	struct canvas wanted = {
		.layer = CANVAS_BACKGROUND,
		.x = plane.left,
		.y = plane.top,
		.width = rectangle_width(&plane),
		.height = rectangle_height(&plane),
		.scale = 1,
		.opaque = true,
		.alpha = 255,
		.colour = 0xff000000 | (uint32_t)picture->red << 16 |
			  (uint32_t)picture->green << 8 | picture->blue,
	};

	if (!is_stale || blend_rectangle_is_empty(&plane))
		return;
	is_stale = false;
	/* Without memory for it, it is plain. */
	if (sheet_resize(&sheet, wanted.width, wanted.height)) {
		for (int32_t y = 0; y < wanted.height; y++)
			draw_row(picture, y);
		wanted.pixels = sheet.surface.pixels;
		wanted.pixels_width = wanted.width;
		wanted.pixels_height = wanted.height;
		wanted.stride = sheet.surface.stride;
	}
	canvas_replace(&canvas, &wanted, NULL);
}
