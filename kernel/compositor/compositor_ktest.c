/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compositor against one that is simple: pixel by pixel, from the lowest canvas to the highest. Random
 * canvases, all that can be said of them, and every table of blend functions.
 */
#include "reference_ktest.h"

#include <base/string.h>
#include <core/ktest.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#define WIDTH    113
#define HEIGHT   71
#define STRIDE   120 /* pixels */
#define CANVASES 12  /* with their shadows no pile is higher than what is shown */
#define MARGIN   0x5a5a5a5au

static uint32_t drawn[STRIDE * HEIGHT];
static struct canvas canvases[CANVASES];
static struct blend_shadow shadows[2];
static uint32_t source[64 * 64];

static void fill_source(struct reference_random *random)
{
	for (unsigned i = 0; i < array_length(source); i++)
		source[i] = blend_premultiply(reference_next(random));
}

static void invent_look(struct canvas *canvas, struct reference_random *random)
{
	canvas->opaque = reference_below(random, 2) == 0;
	canvas->alpha = reference_below(random, 3) ? 255 : (uint8_t)reference_below(random, 256);
	canvas->radius = reference_below(random, 2) ? 0 : (uint8_t)reference_below(random, 20);
	canvas->corners = (uint8_t)reference_below(random, 16);
	canvas->colour = blend_premultiply(reference_next(random));
	if (reference_below(random, 3) == 0)
		canvas->colour |= 0xff000000;
	canvas->scale = reference_below(random, 3);
	canvas->shadow = NULL;
	if (reference_below(random, 2))
		return;
	canvas->shadow = &shadows[reference_below(random, 2)];
	canvas->shadow_x = (int32_t)reference_below(random, 20) - 10;
	canvas->shadow_y = (int32_t)reference_below(random, 20) - 10;
	canvas->shadow_width = 1 + (int32_t)reference_below(random, 120);
	canvas->shadow_height = 1 + (int32_t)reference_below(random, 90);
}

static void invent_canvas(struct canvas *canvas, struct reference_random *random)
{
	memset(canvas, 0, sizeof(*canvas));
	invent_look(canvas, random);
	canvas->layer = (enum canvas_layer)reference_below(random, CANVAS_LAYERS);
	canvas->x = (int32_t)reference_below(random, WIDTH + 40) - 40;
	canvas->y = (int32_t)reference_below(random, HEIGHT + 40) - 40;
	canvas->width = 1 + (int32_t)reference_below(random, WIDTH);
	canvas->height = 1 + (int32_t)reference_below(random, HEIGHT);
	if (reference_below(random, 4) == 0)
		return;
	canvas->pixels = source + reference_below(random, 100);
	canvas->pixels_width = 1 + (int32_t)reference_below(random, 60);
	canvas->pixels_height = 1 + (int32_t)reference_below(random, 60);
	canvas->stride = 62;
}

static void invent_all(struct reference_random *random)
{
	for (unsigned i = 0; i < CANVASES; i++) {
		invent_canvas(&canvases[i], random);
		canvas_show(&canvases[i], NULL);
	}
}

static void hide_all(void)
{
	for (unsigned i = 0; i < CANVASES; i++)
		canvas_hide(&canvases[i]);
}

/* How many pixels differ from what they should be; those beyond the rows' ends are not touched. */
static unsigned count_wrong(const struct painter *painter)
{
	struct blend_rectangle area = blend_rectangle(
		painter->x, painter->y, (int32_t)painter->to->width, (int32_t)painter->to->height);
	const struct canvas *collected = table_collect(area);
	unsigned wrong = 0;

	for (int32_t y = area.top; y < area.bottom; y++)
		for (int32_t x = area.left; x < area.right; x++) {
			uint32_t pixel = reference_pixel(collected, x, y) & 0xffffff;
			uint32_t is = drawn[(y - area.top) * STRIDE + x - area.left] & 0xffffff;

			wrong += framebuffer_pixel(painter->to, pixel) != is;
		}
	for (unsigned i = 0; i < array_length(drawn); i++)
		wrong += i % STRIDE >= WIDTH && drawn[i] != MARGIN;
	return wrong;
}

static void draw_all(struct painter *painter)
{
	static struct blend_region all;

	for (unsigned i = 0; i < array_length(drawn); i++)
		drawn[i] = MARGIN;
	blend_region_clear(&all);
	blend_region_add(&all, blend_rectangle(painter->x, painter->y, WIDTH, HEIGHT));
	paint_region(painter, &all);
}

static void prepare_shadows(void)
{
	blend_shadow_prepare(&shadows[0], 9, 4, 120);
	blend_shadow_prepare(&shadows[1], 3, 0, 255);
}

static void compare_random(const struct blend_ops *ops, bool red_first)
{
	struct reference_random random = { .state = 0x1234567 };
	struct framebuffer to = { .pixels = (uint8_t *)drawn,
				  .width = WIDTH,
				  .height = HEIGHT,
				  .stride = STRIDE * 4,
				  .red_first = red_first };

	fill_source(&random);
	for (unsigned round = 0; round < 12; round++) {
		struct painter painter = { .ops = ops, .to = &to, .x = (int32_t)round, .y = -3 };
		unsigned wrong;

		invent_all(&random);
		draw_all(&painter);
		wrong = count_wrong(&painter);
		if (wrong)
			log_error("ktest", "%s, round %u: %u pixels are wrong", ops->name, round,
				  wrong);
		ktest_expect(wrong == 0);
		ktest_expect(painter.written == WIDTH * HEIGHT);
		hide_all();
	}
}

KTEST(compositor, draws_what_is_on_top)
{
	const struct blend_ops *ops;

	ktest_expect(thread_use_vectors() == 0);
	mutex_lock(&compositor_lock);
	prepare_shadows();
	for (unsigned i = 0; (ops = blend_nth(i)); i++)
		compare_random(ops, i & 1);
	mutex_unlock(&compositor_lock);
}

#define THIN 600

/* More canvases beside each other than there are spans, each with a translucent one on it: drawn in
 * columns, each pixel once. */
KTEST(compositor, many_spans)
{
	static uint32_t row[THIN * 2];
	struct framebuffer to = {
		.pixels = (uint8_t *)row, .width = THIN * 2, .height = 1, .stride = sizeof(row)
	};
	struct canvas *thin = kcalloc(THIN, sizeof(*thin));
	struct blend_region all = { .count = 1 };
	struct painter painter = { .to = &to };
	unsigned wrong = 0;

	ktest_expect(thin && thread_use_vectors() == 0);
	if (!thin)
		return;
	painter.ops = blend_best();
	all.rectangles[0] = blend_rectangle(0, 0, THIN * 2, 1);
	mutex_lock(&compositor_lock);
	for (unsigned i = 0; i < THIN; i++) {
		thin[i] = (struct canvas){ .x = (int32_t)i * 2,
					   .width = 1,
					   .height = 1,
					   .alpha = 255,
					   .colour = 0xff000000 | i };
		canvas_show(&thin[i], NULL);
	}
	paint_region(&painter, &all);
	for (unsigned i = 0; i < THIN; i++) {
		wrong += (row[2 * i] & 0xffffff) != i || (row[2 * i + 1] & 0xffffff) != 0;
		canvas_hide(&thin[i]);
	}
	mutex_unlock(&compositor_lock);
	kfree(thin);
	ktest_expect(wrong == 0);
	ktest_expect(painter.written == THIN * 2);
}
