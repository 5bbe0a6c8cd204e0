/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The widget that shows a picture. */
#include <stdlib.h>
#include <ui.h>

#include "../../lib/ui/test/bench.h"
#include "../picture_view.h"
#include "unit.h"

static uint32_t pixel_at(int x, int y)
{
	const struct window *window = fake_window.last;

	return window->pixels[(size_t)y * (size_t)window->width + (size_t)x];
}

/* The left half red, the right half blue. */
static void set_picture(struct ui_widget *view, int width, int height)
{
	uint32_t *pixels = malloc((size_t)width * (size_t)height * sizeof(*pixels));

	for (int i = 0; i < width * height; i++)
		pixels[i] = i % width < width / 2 ? 0xffff0000 : 0xff0000ff;
	picture_view_set_picture(view, pixels, width, height, false);
}

UNIT_TEST(viewer, fits_and_zooms)
{
	struct ui *ui = bench_open();
	struct ui_widget *view = picture_view_create(ui_root(ui));

	EXPECT_EQUAL(picture_view_zoom(view), 0);
	set_picture(view, 1280, 480);
	bench_draw(ui);
	EXPECT_EQUAL(picture_view_zoom(view), 50);
	EXPECT_EQUAL(pixel_at(10, 240), 0xffff0000);
	EXPECT_EQUAL(pixel_at(630, 240), 0xff0000ff);
	EXPECT(pixel_at(10, 110) != 0xffff0000);
	picture_view_zoom_one(view);
	bench_draw(ui);
	EXPECT_EQUAL(picture_view_zoom(view), 100);
	EXPECT_EQUAL(pixel_at(319, 5), 0xffff0000);
	EXPECT_EQUAL(pixel_at(320, 5), 0xff0000ff);
	/* Dragged to the right, which ends at the picture's edge. */
	bench_move(ui, 100, 100);
	bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_LEFT, 0);
	bench_move(ui, 200, 100);
	bench_draw(ui);
	EXPECT_EQUAL(pixel_at(419, 5), 0xffff0000);
	EXPECT_EQUAL(pixel_at(420, 5), 0xff0000ff);
	bench_move(ui, 5000, 100);
	bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
	bench_draw(ui);
	EXPECT_EQUAL(pixel_at(639, 5), 0xffff0000);
	ui_close(ui);
}

UNIT_TEST(viewer, turns)
{
	struct ui *ui = bench_open();
	struct ui_widget *view = picture_view_create(ui_root(ui));

	set_picture(view, 200, 100);
	picture_view_turn(view);
	bench_draw(ui);
	EXPECT_EQUAL(pixel_at(320, 145), 0xffff0000);
	EXPECT_EQUAL(pixel_at(320, 335), 0xff0000ff);
	EXPECT_EQUAL(picture_view_zoom(view), 100);
	ui_close(ui);
}

/* Each zoom that the wheel gives, with the picture anywhere: the sanitizers look. */
UNIT_TEST(viewer, zooms_far)
{
	struct ui *ui = bench_open();
	struct ui_widget *view = picture_view_create(ui_root(ui));
	uint64_t random = 99;

	set_picture(view, 1500, 900);
	bench_draw(ui);
	for (int i = 0; i < 150; i++) {
		bench_move(ui, (int)unit_random_below(&random, 640),
			   (int)unit_random_below(&random, 480));
		bench_event(ui, ORBITAL_EVENT_SCROLL, 0,
			    i < 50 ? 1 : (int64_t)unit_random_below(&random, 9) - 4);
		bench_event(ui, ORBITAL_EVENT_BUTTON, UI_BUTTON_LEFT, 0);
		bench_move(ui, (int)unit_random_below(&random, 640),
			   (int)unit_random_below(&random, 480));
		bench_draw(ui);
		bench_event(ui, ORBITAL_EVENT_BUTTON, 0, 0);
		EXPECT(picture_view_zoom(view) >= 2 && picture_view_zoom(view) <= 3200);
	}
	ui_close(ui);
}
