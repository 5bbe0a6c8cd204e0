/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surfaces: nothing is drawn outside of what may be, and what is drawn is what was asked for. */
#include <blend/surface.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH  70
#define HEIGHT 50
#define STRIDE 77
#define GREY   0xff808080u
#define WHITE  0xffffffffu

struct canvas {
	uint32_t pixels[HEIGHT * STRIDE];
	struct blend_surface surface;
};

static void canvas_init(struct canvas *canvas, uint32_t pixel)
{
	for (unsigned i = 0; i < HEIGHT * STRIDE; i++)
		canvas->pixels[i] = pixel;
	canvas->surface = (struct blend_surface){ canvas->pixels, WIDTH, HEIGHT, STRIDE };
}

static const struct blend_rectangle everything = { -1000, -1000, 1000, 1000 };

static bool is_inside(struct blend_rectangle area, int x, int y)
{
	return x >= area.left && x < area.right && y >= area.top && y < area.bottom;
}

/* What lies outside of the clip or behind the rows is as it was. */
static void expect_untouched(const struct canvas *canvas, struct blend_rectangle clip,
			     uint32_t pixel)
{
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < STRIDE; x++) {
			if (x >= WIDTH || !is_inside(clip, x, y))
				EXPECT_EQUAL(canvas->pixels[y * STRIDE + x], pixel);
		}
	}
}

static struct blend_rectangle random_area(uint64_t *random)
{
	return blend_rectangle(
		(int)unit_random_below(random, 120) - 30, (int)unit_random_below(random, 100) - 30,
		(int)unit_random_below(random, 90), (int)unit_random_below(random, 70));
}

static void draw_something(struct canvas *canvas, unsigned what, struct blend_rectangle clip,
			   struct blend_rectangle area, const struct blend_surface *other,
			   uint64_t *random)
{
	const struct blend_surface *to = &canvas->surface;
	struct blend_point points[5];
	uint32_t colour = 0x80402010;

	for (unsigned i = 0; i < 5; i++)
		points[i] = (struct blend_point){ (int)unit_random_below(random, 3000) - 800,
						  (int)unit_random_below(random, 2000) - 500 };
	switch (what) {
	case 0:
		blend_surface_round(to, clip, area, (unsigned)unit_random_below(random, 80),
				    (unsigned)unit_random_below(random, 16), colour);
		break;
	case 1:
		blend_surface_outline(to, clip, area, (unsigned)unit_random_below(random, 80),
				      (unsigned)unit_random_below(random, 80), colour);
		break;
	case 2:
		blend_surface_draw(to, clip, other, area.left, area.top, true);
		break;
	case 3:
		blend_surface_scale(to, clip, area, other, unit_random_below(random, 2));
		break;
	case 4:
		blend_surface_stroke(to, clip, points[0].x, points[0].y, points[1].x, points[1].y,
				     (unsigned)unit_random_below(random, 300), colour);
		break;
	case 5:
		blend_surface_polygon(to, clip, points, 5, colour);
		break;
	case 6:
		blend_surface_gradient(to, clip, area, WHITE, GREY);
		break;
	default:
		blend_surface_disc(to, clip, points[2].x, points[2].y,
				   (unsigned)unit_random_below(random, 600), colour);
	}
}

UNIT_TEST(blend_surface, clips_whatever_is_drawn)
{
	struct canvas *canvas = malloc(sizeof(*canvas));
	struct canvas *other = malloc(sizeof(*other));
	uint64_t random = 4;

	canvas_init(other, 0x12345678);
	for (unsigned round = 0; round < 4000; round++) {
		struct blend_rectangle clip = random_area(&random);
		struct blend_surface from = { other->pixels,
					      1 + (int)unit_random_below(&random, WIDTH),
					      1 + (int)unit_random_below(&random, HEIGHT), STRIDE };

		canvas_init(canvas, GREY);
		draw_something(canvas, round % 8, clip, random_area(&random), &from, &random);
		expect_untouched(canvas, clip, GREY);
	}
	free(canvas);
	free(other);
}

UNIT_TEST(blend_surface, refuses_what_is_far_away)
{
	struct canvas canvas;
	struct blend_point points[3] = { { INT32_MIN, 0 }, { INT32_MAX, 5 }, { 3, INT32_MAX } };

	canvas_init(&canvas, GREY);
	blend_surface_line(&canvas.surface, everything, INT32_MIN, 0, INT32_MAX, 0, 3, WHITE);
	blend_surface_stroke(&canvas.surface, everything, 0, 0, 5, 5, UINT32_MAX, WHITE);
	blend_surface_polygon(&canvas.surface, everything, points, 3, WHITE);
	expect_untouched(&canvas, (struct blend_rectangle){ 0, 0, 0, 0 }, GREY);
}

UNIT_TEST(blend_surface, fills_tints_and_draws)
{
	struct canvas canvas, other;

	canvas_init(&canvas, GREY);
	canvas_init(&other, 0x40204010);
	blend_surface_fill(&canvas.surface, blend_rectangle(-5, 3, 15, 100), 0x11223344);
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 9, 3), 0x11223344);
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 10, 3), GREY);
	blend_surface_tint(&canvas.surface, blend_rectangle(20, 0, 5, 5), 0x80800000);
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 24, 4), 0xffc04040);
	blend_surface_draw(&canvas.surface, everything, &other.surface, 60, 40, false);
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 60, 40), 0x40204010);
	blend_surface_draw(&canvas.surface, everything, &other.surface, -50, -45, true);
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 19, 2), 0xff80a070);
	expect_untouched(&canvas, everything, GREY);
}

UNIT_TEST(blend_surface, masks_follow_their_stride)
{
	struct canvas canvas;
	uint8_t mask[6 * 9];

	for (unsigned i = 0; i < sizeof(mask); i++)
		mask[i] = (uint8_t)(i * 4);
	canvas_init(&canvas, 0xff000000);
	blend_surface_mask(&canvas.surface, everything, mask, 9, -2, 46, 7, 6, WHITE);
	for (unsigned y = 46; y < HEIGHT; y++) {
		for (unsigned x = 0; x < 5; x++)
			EXPECT_EQUAL(*blend_surface_at(&canvas.surface, (int)x, (int)y) & 0xff,
				     mask[(y - 46) * 9 + x + 2]);
	}
	EXPECT_EQUAL(*blend_surface_at(&canvas.surface, 5, 46), 0xff000000);
}

UNIT_TEST(blend_surface, shades_go_from_one_colour_to_the_other)
{
	struct canvas canvas;
	uint64_t last = 0;

	canvas_init(&canvas, GREY);
	blend_surface_gradient(&canvas.surface, everything, blend_rectangle(0, 0, 64, HEIGHT),
			       0xff000000, 0xff00c8ff);
	for (int y = 0; y < HEIGHT; y++) {
		uint64_t sum = 0;

		for (int x = 0; x < 64; x++) {
			uint32_t pixel = *blend_surface_at(&canvas.surface, x, y);

			EXPECT_EQUAL(pixel >> 16, 0xff00);
			sum += pixel & 0xff;
		}
		EXPECT(sum > last);
		last = sum;
	}
	EXPECT(last > 64 * 250 && last <= 64 * 255);
}

static void expect_one_colour(const struct canvas *canvas, struct blend_rectangle area,
			      uint32_t pixel)
{
	for (int y = area.top; y < area.bottom; y++) {
		for (int x = area.left; x < area.right; x++)
			EXPECT_EQUAL(*blend_surface_at(&canvas->surface, x, y), pixel);
	}
}

UNIT_TEST(blend_surface, scales_nearest_by_whole_numbers)
{
	struct canvas canvas, other;

	canvas_init(&canvas, GREY);
	canvas_init(&other, 0);
	for (int i = 0; i < 12 * STRIDE; i++)
		other.pixels[i] = (uint32_t)i * 77;
	other.surface.width = 20;
	other.surface.height = 12;
	blend_surface_scale(&canvas.surface, blend_rectangle(7, 5, 40, 30),
			    blend_rectangle(1, 2, 60, 36), &other.surface, false);
	for (int y = 5; y < 35; y++) {
		for (int x = 7; x < 47; x++)
			EXPECT_EQUAL(*blend_surface_at(&canvas.surface, x, y),
				     *blend_surface_at(&other.surface, (x - 1) / 3, (y - 2) / 3));
	}
}

UNIT_TEST(blend_surface, scales_smoothly_without_drift)
{
	struct canvas canvas, other;

	/* One colour stays that colour, at the borders, too; larger, smaller, and both. */
	canvas_init(&other, 0x7f3f5f1f);
	other.surface.width = 13;
	other.surface.height = 11;
	for (int width = 1; width < WIDTH; width += 3) {
		struct blend_rectangle area = blend_rectangle(0, 0, width, HEIGHT - width / 2);

		canvas_init(&canvas, GREY);
		blend_surface_scale(&canvas.surface, everything, area, &other.surface, true);
		expect_one_colour(&canvas, area, 0x7f3f5f1f);
		expect_untouched(&canvas, area, GREY);
	}
}

UNIT_TEST(blend_surface, averages_what_becomes_smaller)
{
	struct canvas canvas, other;

	canvas_init(&canvas, GREY);
	canvas_init(&other, 0);
	for (int y = 0; y < 32; y++) {
		for (int x = 0; x < 32; x++)
			*blend_surface_at(&other.surface, x, y) = (x ^ y) & 1 ? WHITE : 0xff000000;
	}
	other.surface.width = other.surface.height = 32;
	blend_surface_scale(&canvas.surface, everything, blend_rectangle(3, 3, 8, 8),
			    &other.surface, true);
	expect_one_colour(&canvas, blend_rectangle(3, 3, 8, 8), 0xff808080);
}
