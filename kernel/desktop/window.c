/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows, as scheme `orbital:` sees them: desktop/window.h tells what each function does. */
#include <base/errno.h>
#include <base/string.h>
#include <desktop/pixels.h>
#include <mm/phys/slab.h>
#include <mm/vm/object.h>
#include <time/clock.h>

#include "menu.h"

#define FLAGS_KNOWN ((ORBITAL_SCALABLE << 1) - 1)

/* Farther out nothing is ever shown. */
#define PLACE_MAX 65536

static int32_t limit_place(int32_t place)
{
	if (place > PLACE_MAX)
		return PLACE_MAX;
	return place < -PLACE_MAX ? -PLACE_MAX : place;
}

static bool size_is_valid(int32_t width, int32_t height)
{
	return width > 0 && height > 0 && width <= WINDOW_SIDE_MAX && height <= WINDOW_SIDE_MAX &&
	       (uint64_t)width * (uint64_t)height <= WINDOW_PIXELS_MAX;
}

bool desktop_is_there(void)
{
	return desktop.running;
}

int desktop_display_size(unsigned index, int32_t *width, int32_t *height, unsigned *scale)
{
	int error = -EINVAL;

	if (!desktop_is_there())
		return -EINVAL;
	mutex_lock(&compositor_lock);
	if (index < compositor_display_count()) {
		struct blend_rectangle area = compositor_display_area(index);

		*width = rectangle_width(&area);
		*height = rectangle_height(&area);
		*scale = desktop.scale;
		error = 0;
	}
	mutex_unlock(&compositor_lock);
	return error;
}

/* The flags that are states of the window are kept in `tile`. */
static enum tile tile_of_flags(unsigned flags)
{
	if (flags & ORBITAL_FULLSCREEN)
		return TILE_FULL;
	return flags & ORBITAL_MAXIMIZED ? TILE_MAXIMIZED : TILE_NONE;
}

static void window_set_pixels(struct window *window, struct vm_object *pixels, int32_t width,
			      int32_t height)
{
	window->pixels = pixels;
	window->pixels_width = width;
	window->pixels_height = height;
	window->fresh = true;
}

/* Puts a window that is set up on the screen. */
static void window_enter(struct window *window, const struct window_properties *properties)
{
	int32_t scale = (int32_t)window_scale(window);
	int32_t x = limit_place(properties->x), y = limit_place(properties->y);

	window->content =
		blend_rectangle(x, y, window->pixels_width * scale, window->pixels_height * scale);
	if (properties->x < 0 && properties->y < 0)
		window_choose_place(window);
	window->restore = window->content;
	list_push_back(&desktop.windows, &window->made_node);
	list_push_front(&desktop.stack, &window->stack_node);
	desktop.window_count++;
	window_tell_looks(window);
	if (tile_of_flags(properties->flags) != TILE_NONE)
		window_set_tile(window, tile_of_flags(properties->flags));
	window_mark_stale(window);
	if (window_is_shown(window) && !(window->flags & ORBITAL_BACK))
		window_focus(window);
	panel_mark_stale();
}

int window_create(const struct window_properties *properties, struct window **result)
{
	struct window *window;
	struct vm_object *pixels;
	bool room;

	if (!desktop_is_there())
		return -ENODEV;
	if (!size_is_valid(properties->width, properties->height))
		return -EINVAL;
	window = kzalloc(sizeof(*window));
	if (!window)
		return -ENOMEM;
	pixels = pixels_create(properties->width, properties->height);
	if (!pixels) {
		kfree(window);
		return -ENOMEM;
	}
	window_set_pixels(window, pixels, properties->width, properties->height);
	window->flags = properties->flags & FLAGS_KNOWN &
			~(unsigned)(ORBITAL_MAXIMIZED | ORBITAL_FULLSCREEN);
	string_copy(window->title, properties->title, sizeof(window->title));
	window->pointer = CURSOR_ARROW;
	list_node_init(&window->stale_node);
	window_events_init(window);
	window->made_ns = clock_monotonic_ns();
	mutex_lock(&compositor_lock);
	room = desktop.window_count < DESKTOP_WINDOWS_MAX;
	if (room)
		window_enter(window, properties);
	mutex_unlock(&compositor_lock);
	if (!room) {
		vm_object_put(pixels);
		kfree(window);
		return -ENFILE;
	}
	*result = window;
	return 0;
}

void window_destroy(struct window *window)
{
	mutex_lock(&compositor_lock);
	frame_hide(window);
	list_remove(&window->made_node);
	list_remove(&window->stack_node);
	desktop.window_count--;
	pointer_forget(window);
	switcher_forget(window);
	menu_forget(window);
	panel_forget(window);
	if (desktop.focused == window) {
		keys_release_all(window);
		desktop.focused = NULL;
		stack_focus_top();
	}
	/* Last, as any of these may have marked it. */
	list_remove(&window->stale_node);
	mutex_unlock(&compositor_lock);
	vm_object_put(window->pixels);
	vm_object_put(window->front);
	kfree(window);
}

struct vm_object *window_pixels(struct window *window)
{
	struct vm_object *pixels;

	mutex_lock(&compositor_lock);
	pixels = window->pixels;
	vm_object_get(pixels);
	mutex_unlock(&compositor_lock);
	return pixels;
}

/* The first time that something is shown in new pixels. */
static void window_show_pixels(struct window *window)
{
	struct vm_object *old = NULL;

	mutex_lock(&compositor_lock);
	if (window->fresh) {
		old = window_take_front(window);
		client_update(window);
		if (!old)
			window_mark_stale(window);
	}
	mutex_unlock(&compositor_lock);
	vm_object_put(old);
}

void window_sync(struct window *window, const struct blend_rectangle *areas, unsigned count)
{
	struct blend_rectangle all = { 0, 0, WINDOW_SIDE_MAX, WINDOW_SIDE_MAX };

	if (window->fresh)
		window_show_pixels(window);
	if (!count)
		canvas_damage_soon(&window->client, all);
	for (unsigned i = 0; i < count; i++)
		canvas_damage_soon(&window->client, blend_rectangle_intersect(areas[i], all));
}

void window_read_properties(struct window *window, struct window_properties *properties)
{
	mutex_lock(&compositor_lock);
	properties->flags = window->flags;
	if (window->tile == TILE_MAXIMIZED)
		properties->flags |= ORBITAL_MAXIMIZED;
	if (window->tile == TILE_FULL)
		properties->flags |= ORBITAL_FULLSCREEN;
	properties->x = window->content.left;
	properties->y = window->content.top;
	properties->width = window->pixels_width;
	properties->height = window->pixels_height;
	string_copy(properties->title, window->title, sizeof(properties->title));
	mutex_unlock(&compositor_lock);
}

void window_set_title(struct window *window, const char *title, size_t length)
{
	if (length > WINDOW_TITLE_MAX)
		length = WINDOW_TITLE_MAX;
	mutex_lock(&compositor_lock);
	memcpy(window->title, title, length);
	window->title[length] = '\0';
	window_mark_stale(window);
	panel_mark_stale();
	mutex_unlock(&compositor_lock);
}

void window_move(struct window *window, int32_t x, int32_t y)
{
	mutex_lock(&compositor_lock);
	if (window->tile == TILE_NONE) {
		struct blend_rectangle content = blend_rectangle(
			limit_place(x), limit_place(y), rectangle_width(&window->content),
			rectangle_height(&window->content));

		window_set_content(window, content);
	}
	mutex_unlock(&compositor_lock);
}

/* The program has other pixels now; whether the window becomes as large is the user's choice, while
 * he drags it or has it tiled. */
static void window_take_size(struct window *window)
{
	int32_t scale = (int32_t)window_scale(window);
	struct blend_rectangle content =
		blend_rectangle(window->content.left, window->content.top,
				window->pixels_width * scale, window->pixels_height * scale);
	bool held = desktop.drag.kind == DRAG_RESIZE && desktop.drag.window == window;
	bool asked = window->asked_width == window->pixels_width &&
		     window->asked_height == window->pixels_height;

	window->asked_width = 0;
	window->asked_height = 0;
	if (window->tile == TILE_NONE && !held && !asked)
		window->content = content;
}

int window_resize(struct window *window, int32_t width, int32_t height)
{
	struct vm_object *pixels, *old;

	if (!size_is_valid(width, height))
		return -EINVAL;
	pixels = pixels_create(width, height);
	if (!pixels)
		return -ENOMEM;
	mutex_lock(&compositor_lock);
	old = window->pixels;
	window_set_pixels(window, pixels, width, height);
	window_take_size(window);
	window_mark_stale(window);
	mutex_unlock(&compositor_lock);
	vm_object_put(old);
	return 0;
}

static void window_change_flag(struct window *window, unsigned flag, bool on)
{
	if (flag == ORBITAL_MAXIMIZED || flag == ORBITAL_FULLSCREEN) {
		enum tile tile = tile_of_flags(flag);

		if (on)
			window_set_tile(window, tile);
		else if (window->tile == tile)
			window_set_tile(window, TILE_NONE);
		return;
	}
	window->flags = on ? window->flags | flag : window->flags & ~flag;
	if (flag == ORBITAL_HIDDEN && on && desktop.focused == window)
		stack_focus_top();
	if (flag == ORBITAL_HIDDEN && !on)
		window_activate(window);
	if (flag == ORBITAL_SCALABLE)
		window_tell_looks(window);
	stack_restack(window);
	window_mark_stale(window);
	panel_mark_stale();
}

int window_set_flag(struct window *window, unsigned flag, bool on)
{
	if (!flag || (flag & (flag - 1)) || (flag & ~(unsigned)FLAGS_KNOWN))
		return -EINVAL;
	mutex_lock(&compositor_lock);
	window_change_flag(window, flag, on);
	mutex_unlock(&compositor_lock);
	return 0;
}

void window_show_cursor(struct window *window, bool on)
{
	mutex_lock(&compositor_lock);
	window->cursor_hidden = !on;
	desktop_mark_pointer_stale();
	mutex_unlock(&compositor_lock);
}

int window_set_pointer(struct window *window, unsigned pointer)
{
	static const enum cursor_kind kinds[] = {
		[ORBITAL_POINTER_ARROW] = CURSOR_ARROW,
		[ORBITAL_POINTER_TEXT] = CURSOR_TEXT,
		[ORBITAL_POINTER_HAND] = CURSOR_HAND,
		[ORBITAL_POINTER_MOVE] = CURSOR_MOVE,
		[ORBITAL_POINTER_RESIZE_HORIZONTAL] = CURSOR_RESIZE_HORIZONTAL,
		[ORBITAL_POINTER_RESIZE_VERTICAL] = CURSOR_RESIZE_VERTICAL,
		[ORBITAL_POINTER_RESIZE_FALLING] = CURSOR_RESIZE_FALLING,
		[ORBITAL_POINTER_RESIZE_RISING] = CURSOR_RESIZE_RISING,
		[ORBITAL_POINTER_WAIT] = CURSOR_WAIT,
	};

	if (pointer >= array_length(kinds))
		return -EINVAL;
	mutex_lock(&compositor_lock);
	window->pointer = kinds[pointer];
	desktop_mark_pointer_stale();
	mutex_unlock(&compositor_lock);
	return 0;
}

void window_grab_pointer(struct window *window, bool on)
{
	mutex_lock(&compositor_lock);
	window->grabs_pointer = on;
	mutex_unlock(&compositor_lock);
}

void window_set_relative(struct window *window, bool on)
{
	mutex_lock(&compositor_lock);
	window->relative = on;
	mutex_unlock(&compositor_lock);
}

/* A program can drag its window only while the user holds a button down in it. */
static bool may_drag(const struct window *window)
{
	return desktop.drag.kind == DRAG_CONTENT && desktop.drag.window == window;
}

void window_begin_drag(struct window *window)
{
	mutex_lock(&compositor_lock);
	if (may_drag(window))
		drag_begin_move(window);
	mutex_unlock(&compositor_lock);
}

void window_begin_resize(struct window *window, unsigned edges)
{
	mutex_lock(&compositor_lock);
	if (may_drag(window) && (edges & 15))
		drag_begin_resize(window, edges & 15);
	mutex_unlock(&compositor_lock);
}
