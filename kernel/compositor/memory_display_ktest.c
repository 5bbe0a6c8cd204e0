/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory_display_ktest.h"

#include "reference_ktest.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <display/display.h>
#include <sched/thread.h>

uint32_t memory_pixels[MEMORY_WIDTH * MEMORY_HEIGHT];
uint64_t memory_flushed;

static void flush(struct display *display, const struct blend_rectangle *areas, unsigned count)
{
	(void)display;
	for (unsigned i = 0; i < count; i++) {
		struct blend_region all = { .count = 1, .rectangles = { areas[i] } };

		ktest_expect(areas[i].left >= 0 && areas[i].top >= 0 &&
			     areas[i].right <= MEMORY_WIDTH && areas[i].bottom <= MEMORY_HEIGHT);
		memory_flushed += blend_region_area(&all);
	}
}

static int set_mode(struct display *display, unsigned index)
{
	display->framebuffer.width = index ? MEMORY_SMALL_WIDTH : MEMORY_WIDTH;
	display->framebuffer.height = index ? MEMORY_SMALL_HEIGHT : MEMORY_HEIGHT;
	return 0;
}

static const struct display_ops memory_ops = { .flush = flush, .set_mode = set_mode };
static struct display memory_display;

static bool add_memory_display(void)
{
	memset(&memory_display, 0, sizeof(memory_display));
	memory_display.name = "memory";
	memory_display.ops = &memory_ops;
	memory_display.framebuffer = (struct framebuffer){ .pixels = (uint8_t *)memory_pixels,
							   .width = MEMORY_WIDTH,
							   .height = MEMORY_HEIGHT,
							   .stride = MEMORY_WIDTH * 4 };
	memory_display.modes[0] = (struct display_mode){ MEMORY_WIDTH, MEMORY_HEIGHT };
	memory_display.modes[1] = (struct display_mode){ MEMORY_SMALL_WIDTH, MEMORY_SMALL_HEIGHT };
	memory_display.mode_count = 2;
	return display_add(&memory_display) == 0;
}

void memory_display_run(void (*test)(void))
{
	const struct display_owner *owner = display_owner();

	ktest_expect(thread_use_vectors() == 0);
	if (!add_memory_display()) {
		ktest_expect(!"a display in memory");
		return;
	}
	display_set_owner(&compositor_display_owner);
	mutex_lock(&compositor_lock);
	compositor_read_displays();
	plane_draw(blend_best());
	test();
	mutex_unlock(&compositor_lock);
	if (owner)
		display_set_owner(owner);
	display_remove(&memory_display);
	mutex_lock(&compositor_lock);
	compositor_read_displays();
	mutex_unlock(&compositor_lock);
}

struct blend_rectangle memory_display_area(void)
{
	return compositor_display_area(compositor_display_count() - 1);
}

void memory_display_set_mode(unsigned mode)
{
	ktest_expect(display_set_mode(&memory_display, mode) == 0);
}

unsigned memory_display_count_wrong(void)
{
	struct blend_rectangle area = memory_display_area();
	const struct canvas *collected = table_collect(area);
	unsigned wrong = 0;

	for (int32_t y = area.top; y < area.bottom; y++)
		for (int32_t x = area.left; x < area.right; x++)
			wrong += ((reference_pixel(collected, x, y) ^
				   memory_pixels[(y - area.top) * MEMORY_WIDTH + x - area.left]) &
				  0xffffff) != 0;
	return wrong;
}
