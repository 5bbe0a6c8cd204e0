/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop as a whole: its start, displays and scale, and what is done before each frame. */
#include <core/command_line.h>
#include <core/log.h>
#include <display/display.h>
#include <gfx/console.h>

#include "menu.h"
#include "supply.h"

/* A display that large is taken to be fine: things are drawn twice as large. */
#define FINE_WIDTH  2560
#define FINE_HEIGHT 1440

#define SHADOW_BLUR      20
#define SHADOW_BLUR_IDLE 12

#define ACCENT 0xff4c8dff

struct desktop desktop = {
	.dark = true,
	.accent = ACCENT,
	.scale = 1,
	.layout = "us",
	.shape = CURSOR_NONE,
	.in_front = true,
};

/* Shadows are computed where vector registers may be used. */
static bool shadows_stale = true;

void desktop_start(void)
{
	if (!compositor_is_wanted())
		return;
	stack_init();
	session_init();
	menus_init();
	theme_choose();
	desktop.wanted_scale = (unsigned)command_line_get_u64("scale", 0);
	if (desktop.wanted_scale > 2)
		desktop.wanted_scale = 0;
	input_read_layout(desktop.layout);
	supply_view_start();
	desktop.running = true;
}

/* The display that holds (x, y), else the first one. */
static unsigned display_at(int32_t x, int32_t y)
{
	for (unsigned i = 0; i < compositor_display_count(); i++) {
		struct blend_rectangle area = compositor_display_area(i);

		if (rectangle_contains(&area, x, y))
			return i;
	}
	return 0;
}

struct blend_rectangle desktop_display_area(int32_t x, int32_t y)
{
	return compositor_display_area(display_at(x, y));
}

struct blend_rectangle desktop_work_area(int32_t x, int32_t y)
{
	unsigned index = display_at(x, y);
	struct blend_rectangle area = compositor_display_area(index);

	/* The panel is on the first one. */
	if (index == 0)
		area.bottom -= scaled(PANEL_HEIGHT);
	return area;
}

void desktop_set_front(bool desktop_in_front)
{
	desktop.in_front = desktop_in_front;
	display_set_owner_soon(desktop_in_front ? &compositor_display_owner
						: &console_display_owner);
}

static void all_windows_stale(void)
{
	struct list_node *node;

	list_for_each (node, &desktop.windows)
		window_mark_stale(container_of(node, struct window, made_node));
}

static void tell_all_looks(void)
{
	struct list_node *node;

	list_for_each (node, &desktop.windows)
		window_tell_looks(container_of(node, struct window, made_node));
}

void desktop_refresh(void)
{
	theme_choose();
	shadows_stale = true;
	all_windows_stale();
	tell_all_looks();
	panel_layout();
	background_mark_stale();
	launcher_mark_stale();
	notice_mark_stale();
	menu_close();
	desktop_mark_pointer_stale();
}

void desktop_set_theme(bool dark)
{
	if (desktop.dark == dark)
		return;
	desktop.dark = dark;
	desktop_refresh();
}

static unsigned scale_of_displays(void)
{
	struct blend_rectangle area = compositor_display_area(0);

	if (desktop.wanted_scale)
		return desktop.wanted_scale;
	return rectangle_width(&area) >= FINE_WIDTH && rectangle_height(&area) >= FINE_HEIGHT ? 2
											      : 1;
}

/* Windows keep the size that they have for the eye, where the program follows. */
static void window_change_scale(struct window *window, unsigned old_scale)
{
	struct blend_rectangle content = window->content;
	int32_t width = rectangle_width(&content) * (int32_t)desktop.scale / (int32_t)old_scale;
	int32_t height = rectangle_height(&content) * (int32_t)desktop.scale / (int32_t)old_scale;

	window->restore.right = window->restore.left + rectangle_width(&window->restore) *
							       (int32_t)desktop.scale /
							       (int32_t)old_scale;
	window->restore.bottom = window->restore.top + rectangle_height(&window->restore) *
							       (int32_t)desktop.scale /
							       (int32_t)old_scale;
	if (window->tile == TILE_NONE && width > 0 && height > 0)
		window_set_content(window,
				   blend_rectangle(content.left, content.top, width, height));
}

static void follow_scale(void)
{
	unsigned old_scale = desktop.scale;
	struct list_node *node;

	desktop.scale = scale_of_displays();
	if (desktop.scale == old_scale)
		return;
	list_for_each (node, &desktop.windows)
		window_change_scale(container_of(node, struct window, made_node), old_scale);
}

/* After the size of the plane or the scale changed. */
static void follow_displays(void)
{
	struct list_node *node;

	follow_scale();
	desktop_refresh();
	list_for_each (node, &desktop.windows)
		window_keep_reachable(container_of(node, struct window, made_node));
	pointer_placed(desktop.pointer_x, desktop.pointer_y);
}

void desktop_set_scale(unsigned scale)
{
	desktop.wanted_scale = scale;
	follow_displays();
}

static void displays_changed(void)
{
	static bool known;
	struct blend_rectangle area = compositor_display_area(0);
	struct list_node *node;

	if (!desktop.running)
		return;
	if (!known) {
		known = true;
		desktop.pointer_x = rectangle_width(&area) / 2;
		desktop.pointer_y = rectangle_height(&area) / 2;
		compositor_move_cursor(desktop.pointer_x, desktop.pointer_y);
		desktop_input_start();
		log_info("desktop", "%d x %d pixels", rectangle_width(&area),
			 rectangle_height(&area));
	}
	follow_displays();
	list_for_each (node, &desktop.windows)
		window_post(container_of(node, struct window, made_node), ORBITAL_EVENT_SCREEN,
			    rectangle_width(&area), rectangle_height(&area));
}

static void shadows_update(void)
{
	static unsigned shown_scale;

	if (!shadows_stale)
		return;
	shadows_stale = false;
	if (shown_scale != desktop.scale)
		draw_set_scale(desktop.scale);
	shown_scale = desktop.scale;
	blend_shadow_prepare(&desktop.shadow, (unsigned)scaled(SHADOW_BLUR),
			     (unsigned)scaled(FRAME_RADIUS), desktop.theme.shadow);
	blend_shadow_prepare(&desktop.shadow_idle, (unsigned)scaled(SHADOW_BLUR_IDLE),
			     (unsigned)scaled(FRAME_RADIUS), desktop.theme.shadow_idle);
}

static uint64_t prepare(uint64_t now_ns)
{
	uint64_t next;

	if (!desktop.running)
		return UINT64_MAX;
	desktop.now_ns = now_ns;
	shadows_update();
	desktop_input_handle();
	/* A change of the theme that input just asked for. */
	shadows_update();
	background_update();
	frames_update();
	pointer_update_if_stale();
	frames_update();
	launcher_update();
	switcher_update();
	menu_update();
	next = panel_update();
	return min_u64(next, frames_deadline());
}

const struct compositor_host desktop_host = {
	.prepare = prepare,
	.displays_changed = displays_changed,
};
