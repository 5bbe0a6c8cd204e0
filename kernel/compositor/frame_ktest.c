/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a frame costs: a whole screen of 1920 x 1080 with a background, eight windows that overlap, with
 * shadows and round corners, a translucent panel and the pointer. Each pixel is written once; the time is
 * only told, for it counts instructions where the clock does (./cryptos bench ui).
 */
#include "reference_ktest.h"

#include <compositor/cursor.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#define WIDTH         1920
#define HEIGHT        1080
#define WINDOWS       8
#define WINDOW_WIDTH  960
#define WINDOW_HEIGHT 600
#define PANEL_HEIGHT  40
#define ROUNDS        4
#define CROWD         4000

static struct canvas background, panel, windows[WINDOWS];
static struct blend_shadow shadow;

static void show_picture(struct canvas *canvas, enum canvas_layer layer, int32_t width,
			 int32_t height, const uint32_t *pixels)
{
	canvas->layer = layer;
	canvas->width = canvas->pixels_width = width;
	canvas->height = canvas->pixels_height = height;
	canvas->stride = WIDTH;
	canvas->pixels = pixels;
	canvas->opaque = true;
	canvas->alpha = 255;
	canvas_show(canvas, NULL);
}

static void show_desktop(const uint32_t *picture)
{
	show_picture(&background, CANVAS_BACKGROUND, WIDTH, HEIGHT, picture);
	blend_shadow_prepare(&shadow, 24, 10, 110);
	for (int32_t i = 0; i < WINDOWS; i++) {
		struct canvas *window = &windows[i];

		*window = (struct canvas){ .x = 40 + 110 * i,
					   .y = 20 + 55 * i,
					   .radius = 10,
					   .corners = BLEND_ALL_CORNERS,
					   .shadow = &shadow,
					   .shadow_y = 6,
					   .shadow_width = WINDOW_WIDTH,
					   .shadow_height = WINDOW_HEIGHT };
		show_picture(window, CANVAS_NORMAL, WINDOW_WIDTH, WINDOW_HEIGHT, picture);
	}
	panel = (struct canvas){ .layer = CANVAS_PANEL,
				 .y = HEIGHT - PANEL_HEIGHT,
				 .width = WIDTH,
				 .height = PANEL_HEIGHT,
				 .colour = 0xc0101010,
				 .alpha = 255 };
	canvas_show(&panel, NULL);
	compositor_set_cursor(cursor_shape(CURSOR_ARROW, 1));
	compositor_move_cursor(WIDTH / 2, HEIGHT / 2);
}

static void hide_desktop(void)
{
	canvas_hide(&background);
	canvas_hide(&panel);
	for (unsigned i = 0; i < WINDOWS; i++)
		canvas_hide(&windows[i]);
	compositor_set_cursor(NULL);
}

/* Draws all of the frame buffer; returns how long that took. */
static uint64_t draw_frame(struct painter *painter)
{
	static struct blend_region all;
	uint64_t begin = clock_monotonic_ns();

	blend_region_clear(&all);
	blend_region_add(&all, blend_rectangle(0, 0, WIDTH, HEIGHT));
	paint_region(painter, &all);
	ktest_expect(painter->written == WIDTH * HEIGHT);
	return clock_monotonic_ns() - begin;
}

static void measure(const struct blend_ops *ops, const struct framebuffer *to)
{
	uint64_t best = UINT64_MAX;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct painter painter = { .ops = ops, .to = to };

		best = min_u64(best, draw_frame(&painter));
		if (round == 0)
			log_notice("ktest", "frame with %s: %lu pixels written, %lu blended",
				   ops->name, painter.written, painter.blended);
	}
	log_notice("ktest", "frame with %s: %lu ns, %lu.%02lu a pixel", ops->name, best,
		   best / (WIDTH * HEIGHT), best * 100 / (WIDTH * HEIGHT) % 100);
}

/* Runs `test` with a picture and a frame buffer of the size of a screen. */
static void with_screen(void (*test)(const uint32_t *picture, const struct framebuffer *to))
{
	uint32_t *picture = kernel_vmalloc(WIDTH * HEIGHT * sizeof(*picture));
	struct framebuffer to = { .pixels = kernel_vmalloc(WIDTH * HEIGHT * sizeof(*picture)),
				  .width = WIDTH,
				  .height = HEIGHT,
				  .stride = WIDTH * sizeof(*picture) };

	ktest_expect(picture && to.pixels && thread_use_vectors() == 0);
	if (picture && to.pixels) {
		mutex_lock(&compositor_lock);
		test(picture, &to);
		mutex_unlock(&compositor_lock);
	}
	kernel_vfree(picture);
	kernel_vfree(to.pixels);
}

static void measure_all(const uint32_t *picture, const struct framebuffer *to)
{
	const struct blend_ops *ops;

	show_desktop(picture);
	for (unsigned i = 0; (ops = blend_nth(i)); i++)
		measure(ops, to);
	hide_desktop();
}

KTEST(compositor_frame, eight_windows)
{
	with_screen(measure_all);
}

/* Windows all over the screen: more spans than there are, piles higher than what is shown. Some of them
 * are translucent. */
static void draw_crowd(const uint32_t *picture, const struct framebuffer *to)
{
	struct painter painter = { .ops = blend_best(), .to = to };
	struct canvas *crowd = kcalloc(CROWD, sizeof(*crowd));
	struct reference_random random = { .state = 5 };
	uint64_t taken;

	ktest_expect(crowd != NULL);
	if (!crowd)
		return;
	for (unsigned i = 0; i < CROWD; i++) {
		crowd[i].x = (int32_t)reference_below(&random, WIDTH) - 50;
		crowd[i].y = (int32_t)reference_below(&random, HEIGHT) - 50;
		show_picture(&crowd[i], CANVAS_NORMAL, 20 + (int32_t)reference_below(&random, 100),
			     20 + (int32_t)reference_below(&random, 100), picture);
		crowd[i].alpha = i % 4 ? 255 : 128;
	}
	taken = draw_frame(&painter);
	log_notice("ktest", "frame of %u windows with %s: %lu ns", CROWD, painter.ops->name, taken);
	for (unsigned i = 0; i < CROWD; i++)
		canvas_hide(&crowd[i]);
	kfree(crowd);
}

KTEST(compositor_frame, thousands_of_windows)
{
	with_screen(draw_crowd);
}
