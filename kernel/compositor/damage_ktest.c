/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damage: after any change, drawing what it says has to be drawn makes a display show what it should. On a
 * display in memory, beside those that the machine has.
 */
#include "memory_display_ktest.h"
#include "reference_ktest.h"

#include <core/ktest.h>
#include <core/log.h>

#define CANVASES 9
#define STEPS    150

static uint32_t source[50 * 50];
static struct canvas canvases[CANVASES];
static struct blend_shadow shadow;

static void move_somewhere(struct canvas *canvas, struct reference_random *random)
{
	struct blend_rectangle area = memory_display_area();
	int32_t x = area.left - 20 + (int32_t)reference_below(random, MEMORY_WIDTH);
	int32_t y = area.top - 20 + (int32_t)reference_below(random, MEMORY_HEIGHT);

	canvas_move(canvas, x, y);
}

static void start_canvas(struct canvas *canvas, struct reference_random *random)
{
	*canvas = (struct canvas){ .layer = (enum canvas_layer)reference_below(random, 3),
				   .width = 10 + (int32_t)reference_below(random, 40),
				   .height = 10 + (int32_t)reference_below(random, 40),
				   .pixels = source,
				   .pixels_width = 50,
				   .pixels_height = 50,
				   .stride = 50,
				   .opaque = reference_below(random, 3) > 0,
				   .alpha = 255,
				   .radius = 5,
				   .corners = (uint8_t)reference_below(random, 16) };
	if (reference_below(random, 2)) {
		canvas->shadow = &shadow;
		canvas->shadow_width = canvas->width;
		canvas->shadow_height = canvas->height;
	}
	move_somewhere(canvas, random);
	canvas_show(canvas, NULL);
}

/* Changes pixels of the picture that all canvases show. */
static void change_pixels(struct reference_random *random, bool soon)
{
	int32_t left = (int32_t)reference_below(random, 45),
		top = (int32_t)reference_below(random, 45);
	struct blend_rectangle area = blend_rectangle(left, top, 5, 5);

	for (int32_t y = top; y < top + 5; y++)
		for (int32_t x = left; x < left + 5; x++)
			source[y * 50 + x] = blend_premultiply(reference_next(random));
	for (unsigned i = 0; i < CANVASES; i++)
		if (soon)
			canvas_damage_soon(&canvases[i], area);
		else
			canvas_damage(&canvases[i], area);
	table_take_pending();
}

static void change_one(struct canvas *canvas, struct reference_random *random)
{
	struct canvas *other = &canvases[reference_below(random, CANVASES)];

	switch (reference_below(random, 7)) {
	case 0:
		change_pixels(random, false);
		break;
	case 1:
		change_pixels(random, true);
		break;
	case 2:
		canvas_raise(canvas, NULL);
		break;
	case 3:
		canvas_raise(canvas, other->shown && other->layer == canvas->layer ? other : NULL);
		break;
	case 4:
		canvas_resize(canvas, 1 + (int32_t)reference_below(random, 60),
			      1 + (int32_t)reference_below(random, 60), source, 50, 50, 50);
		break;
	case 5:
		if (canvas->shown)
			canvas_hide(canvas);
		else
			canvas_show(canvas, NULL);
		break;
	default:
		move_somewhere(canvas, random);
		break;
	}
}

static void fill_source(struct reference_random *random)
{
	for (unsigned i = 0; i < array_length(source); i++)
		source[i] = blend_premultiply(reference_next(random));
	blend_shadow_prepare(&shadow, 6, 3, 150);
}

static void change_and_compare(void)
{
	struct reference_random random = { .state = 77 };
	uint64_t before, flushed, areas = 0;

	fill_source(&random);

	for (unsigned i = 0; i < CANVASES; i++)
		start_canvas(&canvases[i], &random);
	plane_draw(blend_best());
	ktest_expect(memory_display_count_wrong() == 0);
	before = compositor_statistics.pixels_damaged;
	flushed = memory_flushed;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned wrong;

		change_one(&canvases[reference_below(&random, CANVASES)], &random);
		plane_draw(blend_best());
		wrong = memory_display_count_wrong();
		if (wrong)
			log_error("ktest", "step %u: %u pixels are wrong", step, wrong);
		ktest_expect(wrong == 0);
		areas += MEMORY_WIDTH * MEMORY_HEIGHT;
	}
	/* Not all of the display each time. */
	ktest_expect(compositor_statistics.pixels_damaged - before < areas / 2);
	ktest_expect(memory_flushed - flushed <= compositor_statistics.pixels_damaged - before);
	ktest_expect(compositor_statistics.pixels_written == compositor_statistics.pixels_damaged);
	for (unsigned i = 0; i < CANVASES; i++)
		canvas_hide(&canvases[i]);
}

KTEST(compositor, damage_is_enough)
{
	memory_display_run(change_and_compare);
}

/* What changes behind an opaque canvas is not drawn. */
static void change_hidden(void)
{
	struct reference_random random = { .state = 5 };
	struct blend_rectangle area = memory_display_area();
	uint64_t before;

	start_canvas(&canvases[0], &random);
	canvases[1] = (struct canvas){ .layer = CANVAS_FRONT,
				       .x = area.left,
				       .y = area.top,
				       .width = MEMORY_WIDTH,
				       .height = MEMORY_HEIGHT,
				       .colour = 0xff123456,
				       .alpha = 255 };
	canvas_show(&canvases[1], NULL);
	plane_draw(blend_best());
	/* A new round: what changes is compared with those above again. */
	table_take_pending();
	before = compositor_statistics.pixels_damaged;
	canvas_damage_all(&canvases[0]);
	canvas_damage_soon(&canvases[0], blend_rectangle(INT32_MIN / 2, 0, INT32_MAX, 9));
	table_take_pending();
	ktest_expect(!plane_is_damaged());
	plane_draw(blend_best());
	ktest_expect(compositor_statistics.pixels_damaged == before);
	canvas_hide(&canvases[1]);
	canvas_hide(&canvases[0]);
}

KTEST(compositor, hidden_changes_cost_nothing)
{
	memory_display_run(change_hidden);
}
