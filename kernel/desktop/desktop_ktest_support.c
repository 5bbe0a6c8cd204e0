/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desktop_ktest.h"

#include <base/string.h>
#include <core/ktest.h>
#include <display/display.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>

static const struct display_ops memory_ops;
static struct display memory_display;

static void follow_displays(void)
{
	mutex_lock(&compositor_lock);
	compositor_read_displays();
	desktop_host.displays_changed();
	mutex_unlock(&compositor_lock);
}

bool desktop_ktest_begin(void)
{
	uint8_t *pixels = kernel_vmalloc(KTEST_WIDTH * KTEST_HEIGHT * 4);

	memset(&memory_display, 0, sizeof(memory_display));
	memory_display.name = "memory";
	memory_display.ops = &memory_ops;
	memory_display.framebuffer = (struct framebuffer){ .pixels = pixels,
							   .width = KTEST_WIDTH,
							   .height = KTEST_HEIGHT,
							   .stride = KTEST_WIDTH * 4 };
	memory_display.modes[0] = (struct display_mode){ KTEST_WIDTH, KTEST_HEIGHT };
	memory_display.mode_count = 1;
	if (!pixels || thread_use_vectors() || display_add(&memory_display)) {
		ktest_expect(!"the desktop has no display to be tested on");
		return false;
	}
	if (!desktop.running)
		desktop_start();
	follow_displays();
	input_set_event_sink(NULL);
	desktop_ktest_prepare();
	return true;
}

void desktop_ktest_end(void)
{
	display_remove(&memory_display);
	follow_displays();
	kernel_vfree(memory_display.framebuffer.pixels);
}

struct blend_rectangle desktop_ktest_area(void)
{
	return compositor_display_area(compositor_display_count() - 1);
}

void desktop_ktest_prepare(void)
{
	mutex_lock(&compositor_lock);
	(void)desktop_host.prepare(desktop.now_ns + 1);
	mutex_unlock(&compositor_lock);
}

struct window *desktop_ktest_window(int32_t x, int32_t y, int32_t width, int32_t height,
				    unsigned flags, const char *title)
{
	struct window_properties properties = { .flags = flags,
						.x = desktop_ktest_area().left + x,
						.y = desktop_ktest_area().top + y,
						.width = width,
						.height = height };
	struct window *window = NULL;

	string_copy(properties.title, title, sizeof(properties.title));
	ktest_expect(window_create(&properties, &window) == 0);
	if (window)
		window_sync(window, NULL, 0);
	desktop_ktest_prepare();
	return window;
}

bool desktop_ktest_event(struct window *window, int64_t code, struct orbital_event *event)
{
	while (window_take_events(window, event, 1))
		if (event->code == code)
			return true;
	return false;
}

void desktop_ktest_drop_events(struct window *window)
{
	struct orbital_event event;

	while (window_take_events(window, &event, 1))
		;
}

void desktop_ktest_point(int32_t x, int32_t y)
{
	mutex_lock(&compositor_lock);
	pointer_placed(desktop_ktest_area().left + x, desktop_ktest_area().top + y);
	mutex_unlock(&compositor_lock);
	desktop_ktest_prepare();
}

void desktop_ktest_button(bool down)
{
	mutex_lock(&compositor_lock);
	/* No two presses are a double click. */
	desktop.now_ns += 2 * DOUBLE_CLICK_NS;
	pointer_button(1, down);
	mutex_unlock(&compositor_lock);
	desktop_ktest_prepare();
}

void desktop_ktest_right_click(void)
{
	mutex_lock(&compositor_lock);
	pointer_button(4, true);
	pointer_button(4, false);
	mutex_unlock(&compositor_lock);
	desktop_ktest_prepare();
}

void desktop_ktest_key(unsigned key, int value, unsigned modifiers, uint32_t character)
{
	struct input_event event = { .kind = INPUT_KEY,
				     .code = key,
				     .value = value,
				     .modifiers = modifiers,
				     .character_count = character != 0,
				     .characters = { character } };

	mutex_lock(&compositor_lock);
	desktop_handle_key(&event);
	mutex_unlock(&compositor_lock);
	desktop_ktest_prepare();
}
