/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Damage: after any change, drawing what it says has to be drawn makes a display show what it should. On a
 * display in memory, beside those that the machine has.
 */
#include "reference_ktest.h"

#include <base/string.h>
#include <core/ktest.h>
#include <core/log.h>
#include <display/display.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#define WIDTH    97
#define HEIGHT   83
#define CANVASES 9
#define STEPS    150

static uint32_t shown_pixels[WIDTH * HEIGHT];
static uint32_t source[50 * 50];
static struct canvas canvases[CANVASES];
static struct blend_shadow shadow;

static const struct display_ops memory_ops;
static struct display memory_display;

static bool add_memory_display(void)
{
	memset(&memory_display, 0, sizeof(memory_display));
	memory_display.name = "memory";
	memory_display.ops = &memory_ops;
	memory_display.framebuffer = (struct framebuffer){ .pixels = (uint8_t *)shown_pixels,
							   .width = WIDTH,
							   .height = HEIGHT,
							   .stride = WIDTH * 4 };
	memory_display.modes[0] = (struct display_mode){ WIDTH, HEIGHT };
	memory_display.mode_count = 1;
	return display_add(&memory_display) == 0;
}

/* Where it is on the plane: the last of the displays. */
static struct blend_rectangle memory_area(void)
{
	return compositor_display_area(compositor_display_count() - 1);
}

static void move_somewhere(struct canvas *canvas, struct reference_random *random)
{
	struct blend_rectangle area = memory_area();
	int32_t x = area.left - 20 + (int32_t)reference_below(random, WIDTH);
	int32_t y = area.top - 20 + (int32_t)reference_below(random, HEIGHT);

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

static unsigned count_wrong(void)
{
	struct blend_rectangle area = memory_area();
	const struct canvas *collected = table_collect(area);
	unsigned wrong = 0;

	for (int32_t y = area.top; y < area.bottom; y++)
		for (int32_t x = area.left; x < area.right; x++)
			wrong += ((reference_pixel(collected, x, y) ^
				   shown_pixels[(y - area.top) * WIDTH + x - area.left]) &
				  0xffffff) != 0;
	return wrong;
}

static void change_and_compare(struct reference_random *random)
{
	uint64_t before, areas = 0;

	for (unsigned i = 0; i < CANVASES; i++)
		start_canvas(&canvases[i], random);
	plane_draw(blend_best());
	ktest_expect(count_wrong() == 0);
	before = compositor_statistics.pixels_written;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned wrong;

		change_one(&canvases[reference_below(random, CANVASES)], random);
		plane_draw(blend_best());
		wrong = count_wrong();
		if (wrong)
			log_error("ktest", "step %u: %u pixels are wrong", step, wrong);
		ktest_expect(wrong == 0);
		areas += WIDTH * HEIGHT;
	}
	/* Not all of the display each time. */
	ktest_expect(compositor_statistics.pixels_written - before < areas / 2);
	for (unsigned i = 0; i < CANVASES; i++)
		canvas_hide(&canvases[i]);
}

/* Runs `test` with the compositor in front, on the memory display among others. */
static void with_display(void (*test)(struct reference_random *random))
{
	const struct display_owner *owner = display_owner();
	struct reference_random random = { .state = 77 };

	ktest_expect(thread_use_vectors() == 0);
	if (!add_memory_display()) {
		ktest_expect(!"a display in memory");
		return;
	}
	display_set_owner(&compositor_display_owner);
	mutex_lock(&compositor_lock);
	plane_read_displays();
	blend_shadow_prepare(&shadow, 6, 3, 150);
	for (unsigned i = 0; i < array_length(source); i++)
		source[i] = blend_premultiply(reference_next(&random));
	test(&random);
	mutex_unlock(&compositor_lock);
	if (owner)
		display_set_owner(owner);
	display_remove(&memory_display);
	mutex_lock(&compositor_lock);
	plane_read_displays();
	mutex_unlock(&compositor_lock);
}

KTEST(compositor, damage_is_enough)
{
	with_display(change_and_compare);
}

/* What changes behind an opaque canvas is not drawn. */
static void change_hidden(struct reference_random *random)
{
	struct blend_rectangle area = memory_area();
	uint64_t before;

	start_canvas(&canvases[0], random);
	canvases[1] = (struct canvas){ .layer = CANVAS_FRONT,
				       .x = area.left,
				       .y = area.top,
				       .width = WIDTH,
				       .height = HEIGHT,
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
	with_display(change_hidden);
}
