/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes: their areas, their symmetry, and what lies inside and outside of them. */
#include <blend/shadow.h>
#include <blend/surface.h>

#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE  200
#define WHITE 0xffffffffu

static uint32_t pixels[SIDE * SIDE];
static const struct blend_surface paper = { pixels, SIDE, SIDE, SIDE };
static const struct blend_rectangle everything = { 0, 0, SIDE, SIDE };

static unsigned ink_at(int x, int y)
{
	return *blend_surface_at(&paper, x, y) & 0xff;
}

static void clean(void)
{
	for (unsigned i = 0; i < SIDE * SIDE; i++)
		pixels[i] = 0xff000000;
}

/* By Newton, without the mathematical library. */
static double distance(double dx, double dy)
{
	double square = dx * dx + dy * dy;
	double root = square + 1;

	for (unsigned i = 0; i < 60; i++)
		root = (root + square / root) / 2;
	return root;
}

/* The area that is covered, in pixels. */
static double ink(void)
{
	double sum = 0;

	for (unsigned i = 0; i < SIDE * SIDE; i++)
		sum += (pixels[i] & 0xff) / 255.0;
	return sum;
}

static void expect_area(double wanted, double tolerance)
{
	double got = ink();

	if (fabs(got - wanted) > tolerance)
		unit_fail(__FILE__, __LINE__, "the area is %.2f, not %.2f", got, wanted);
}

/* As seen in a mirror, and with rows and columns exchanged. */
static void expect_symmetry(int left, int top, int side)
{
	for (int y = 0; y < side; y++) {
		for (int x = 0; x < side; x++) {
			unsigned here = ink_at(left + x, top + y);

			EXPECT_EQUAL(here, ink_at(left + side - 1 - x, top + y));
			EXPECT_EQUAL(here, ink_at(left + x, top + side - 1 - y));
		}
	}
}

UNIT_TEST(blend_shape, corners_have_the_area_of_circles)
{
	for (unsigned radius = 1; radius <= BLEND_RADIUS_MAX; radius++) {
		double corners = (4 - M_PI) * radius * radius;

		clean();
		blend_surface_round(&paper, everything, blend_rectangle(10, 10, 150, 150), radius,
				    BLEND_ALL_CORNERS, WHITE);
		expect_area(150 * 150 - corners, 0.5 + radius * 0.02);
		expect_symmetry(10, 10, 150);
	}
}

UNIT_TEST(blend_shape, corners_are_round_one_by_one)
{
	static const int places[4][2] = { { 10, 10 }, { 59, 10 }, { 10, 59 }, { 59, 59 } };

	for (unsigned corners = 0; corners < 16; corners++) {
		clean();
		blend_surface_round(&paper, everything, blend_rectangle(10, 10, 50, 50), 8, corners,
				    WHITE);
		for (unsigned i = 0; i < 4; i++)
			EXPECT_EQUAL(ink_at(places[i][0], places[i][1]),
				     corners & 1 << i ? 0 : 255);
		EXPECT_EQUAL(ink_at(30, 30), 255);
	}
}

UNIT_TEST(blend_shape, outlines_are_as_wide_as_asked)
{
	for (unsigned width = 1; width < 12; width++) {
		for (unsigned radius = 0; radius < 30; radius++) {
			double inner = radius > width ? radius - width : 0;
			double outside = 100.0 * 80 - (4 - M_PI) * radius * radius;
			double inside = (100.0 - 2 * width) * (80.0 - 2 * width) -
					(4 - M_PI) * inner * inner;

			clean();
			blend_surface_outline(&paper, everything, blend_rectangle(20, 30, 100, 80),
					      radius, width, WHITE);
			expect_area(outside - inside, 1.5);
			EXPECT_EQUAL(ink_at(70, 30 + (int)width - 1), 255);
			EXPECT_EQUAL(ink_at(70, 30 + (int)width), 0);
			EXPECT_EQUAL(ink_at(20 + (int)width - 1, 70), 255);
			EXPECT_EQUAL(ink_at(20 + (int)width, 70), 0);
		}
	}
}

UNIT_TEST(blend_shape, discs_have_the_area_of_circles)
{
	for (unsigned radius = 16; radius < 1200; radius += 7) {
		double pixel_radius = radius / 16.0;

		clean();
		blend_surface_disc(&paper, everything, 100 * 16, 100 * 16, radius, WHITE);
		expect_area(M_PI * pixel_radius * pixel_radius, 0.6 + pixel_radius * 0.1);
		expect_symmetry(20, 20, 160);
	}
}

UNIT_TEST(blend_shape, lines_have_length_and_width)
{
	uint64_t random = 5;

	for (unsigned round = 0; round < 500; round++) {
		int x1 = 400 + (int)unit_random_below(&random, 2300);
		int y1 = 400 + (int)unit_random_below(&random, 2300);
		int x2 = 400 + (int)unit_random_below(&random, 2300);
		int y2 = 400 + (int)unit_random_below(&random, 2300);
		unsigned width = 16 + (unsigned)unit_random_below(&random, 200);
		double length = distance(x2 - x1, y2 - y1) / 16;
		double across = width / 16.0;

		clean();
		blend_surface_stroke(&paper, everything, x1, y1, x2, y2, width, WHITE);
		expect_area(length * across + M_PI * across * across / 4,
			    1 + length * across * 0.02);
	}
}

UNIT_TEST(blend_shape, straight_lines_are_sharp)
{
	clean();
	blend_surface_line(&paper, everything, 20 * 16 + 8, 30 * 16 + 8, 90 * 16 + 8, 30 * 16 + 8,
			   1, WHITE);
	EXPECT_EQUAL(ink_at(50, 29), 0);
	EXPECT_EQUAL(ink_at(50, 30), 255);
	EXPECT_EQUAL(ink_at(50, 31), 0);
}

UNIT_TEST(blend_shape, polygons_have_their_area)
{
	uint64_t random = 6;

	for (unsigned round = 0; round < 300; round++) {
		struct blend_point points[3];
		double area;

		for (unsigned i = 0; i < 3; i++)
			points[i] =
				(struct blend_point){ (int)unit_random_below(&random, SIDE * 16),
						      (int)unit_random_below(&random, SIDE * 16) };
		area = fabs((double)(points[1].x - points[0].x) * (points[2].y - points[0].y) -
			    (double)(points[2].x - points[0].x) * (points[1].y - points[0].y)) /
		       512;
		clean();
		blend_surface_polygon(&paper, everything, points, 3, WHITE);
		expect_area(area, 2 + area * 0.01);
	}
}

UNIT_TEST(blend_shape, polygons_on_pixels_are_sharp)
{
	static const struct blend_point points[4] = {
		{ 160, 160 }, { 160, 480 }, { 640, 480 }, { 640, 160 }
	};

	clean();
	blend_surface_polygon(&paper, everything, points, 4, WHITE);
	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++)
			EXPECT_EQUAL(ink_at(x, y),
				     x >= 10 && x < 40 && y >= 10 && y < 30 ? 255 : 0);
	}
}

#define SHADOW_SIDE 300

static void shadow_draw(const struct blend_shadow *shadow, uint8_t *mask, int width, int height)
{
	for (int y = 0; y < SHADOW_SIDE; y++)
		blend_shadow_row(shadow, mask + y * SHADOW_SIDE, -70, y - 70, SHADOW_SIDE, width,
				 height);
}

UNIT_TEST(blend_shadow, fades_evenly)
{
	struct blend_shadow *shadow = malloc(sizeof(*shadow));
	uint8_t *mask = malloc(SHADOW_SIDE * SHADOW_SIDE);

	for (unsigned blur = 0; blur < 50; blur += 7) {
		blend_shadow_prepare(shadow, blur, 10, 200);
		shadow_draw(shadow, mask, 150, 140);
		EXPECT_EQUAL(mask[(70 + 70) * SHADOW_SIDE + 70 + 75], 200);
		for (int x = 1; x < 70 + 75; x++) {
			uint8_t here = mask[140 * SHADOW_SIDE + x];

			EXPECT(here >= mask[140 * SHADOW_SIDE + x - 1]);
			EXPECT(x >= 70 - (int)blur || !here);
			EXPECT_EQUAL(here, mask[140 * SHADOW_SIDE + 70 + 149 - (x - 70)]);
		}
		for (int y = 1; y < 70 + 70; y++)
			EXPECT(mask[y * SHADOW_SIDE + 145] >= mask[(y - 1) * SHADOW_SIDE + 145]);
	}
	free(shadow);
	free(mask);
}

UNIT_TEST(blend_shadow, rows_may_be_taken_in_parts)
{
	struct blend_shadow *shadow = malloc(sizeof(*shadow));
	uint8_t *mask = malloc(SHADOW_SIDE * SHADOW_SIDE);
	uint64_t random = 7;

	blend_shadow_prepare(shadow, 24, 12, 110);
	for (unsigned round = 0; round < 3000; round++) {
		int width = 1 + (int)unit_random_below(&random, 150);
		int height = 1 + (int)unit_random_below(&random, 150);
		int y = (int)unit_random_below(&random, SHADOW_SIDE);
		size_t from = unit_random_below(&random, SHADOW_SIDE);
		size_t count = unit_random_below(&random, SHADOW_SIDE - from + 1);
		uint8_t part[SHADOW_SIDE];

		blend_shadow_row(shadow, mask, -70, y - 70, SHADOW_SIDE, width, height);
		blend_shadow_row(shadow, part, (int)from - 70, y - 70, count, width, height);
		EXPECT_BYTES(part, mask + from, count);
	}
	free(shadow);
	free(mask);
}
