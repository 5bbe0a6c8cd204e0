/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reference_ktest.h"

uint32_t reference_next(struct reference_random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 17;
	random->state ^= random->state << 5;
	return random->state;
}

uint32_t reference_below(struct reference_random *random, uint32_t limit)
{
	return (uint32_t)(((uint64_t)reference_next(random) * limit) >> 32);
}

static uint32_t times(uint32_t pixel, uint8_t coverage)
{
	uint32_t result = 0;

	for (unsigned shift = 0; shift < 32; shift += 8)
		result |= (uint32_t)blend_multiply((uint8_t)(pixel >> shift), coverage) << shift;
	return result;
}

static uint32_t over(uint32_t to, uint32_t from)
{
	uint8_t rest = (uint8_t)(255 - blend_alpha(from));
	uint32_t result = 0;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		uint32_t sum = (from >> shift & 255) + blend_multiply((uint8_t)(to >> shift), rest);

		result |= (sum > 255 ? 255 : sum) << shift;
	}
	return result;
}

/* The coverage of the canvas's corners, 255 elsewhere. */
static uint8_t corner_at(const struct canvas *canvas, int32_t x, int32_t y)
{
	int32_t radius = canvas_radius(canvas);
	bool right = x >= canvas->width - radius, below = y >= canvas->height - radius;
	unsigned corner = (right ? BLEND_TOP_RIGHT : BLEND_TOP_LEFT) << (below ? 2 : 0);

	if ((!right && x >= radius) || (!below && y >= radius) || !(canvas->corners & corner))
		return 255;
	if (right)
		x = canvas->width - 1 - x;
	if (below)
		y = canvas->height - 1 - y;
	return canvas_corner_mask((unsigned)radius)[y * radius + x];
}

static uint32_t own_pixel(const struct canvas *canvas, int32_t x, int32_t y)
{
	int32_t scale = canvas->scale ? (int32_t)canvas->scale : 1;
	uint32_t pixel = canvas->colour;

	if (canvas->pixels && x / scale < canvas->pixels_width && y / scale < canvas->pixels_height)
		pixel = canvas->pixels[(uint32_t)(y / scale) * canvas->stride +
				       (uint32_t)(x / scale)];
	return canvas->opaque ? pixel | 0xff000000 : pixel;
}

static uint32_t draw_canvas(uint32_t to, const struct canvas *canvas, int32_t x, int32_t y)
{
	x -= canvas->x;
	y -= canvas->y;
	if (canvas->shadow) {
		uint8_t coverage;

		blend_shadow_row(canvas->shadow, &coverage, x - canvas->shadow_x,
				 y - canvas->shadow_y, 1, canvas->shadow_width,
				 canvas->shadow_height);
		to = over(to, times((uint32_t)canvas->alpha << 24, coverage));
	}
	if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
		return to;
	return over(to, times(own_pixel(canvas, x, y),
			      blend_multiply(corner_at(canvas, x, y), canvas->alpha)));
}

uint32_t reference_pixel(const struct canvas *canvases, int32_t x, int32_t y)
{
	const struct canvas *pile[64];
	unsigned count = 0;
	uint32_t pixel = 0xff000000;

	for (; canvases && count < array_length(pile); canvases = canvases->next_below)
		pile[count++] = canvases;
	while (count-- > 0)
		pixel = draw_canvas(pixel, pile[count], x, y);
	return pixel;
}
