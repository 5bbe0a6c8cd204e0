/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pointer: what lies under it, what it looks like there, and who hears of it. */
#include <keymap/keymap.h>

#include "menu.h"

enum place_kind {
	PLACE_BACKGROUND,
	PLACE_CONTENT,
	PLACE_TITLE,
	PLACE_BUTTON,
	PLACE_EDGE,
	PLACE_PANEL,
	PLACE_LAUNCHER,
	PLACE_MENU,
};

struct place {
	enum place_kind kind;
	struct window *window;
	enum title_button button;
	unsigned edges;
};

/* pointer_update() is due. */
static bool stale;

void desktop_mark_pointer_stale(void)
{
	stale = true;
	compositor_wake();
}

static bool can_resize(const struct window *window)
{
	return window->flags & ORBITAL_RESIZABLE && window_has_frame(window) &&
	       window->tile == TILE_NONE;
}

/* The edges that the pointer can take. */
static unsigned edges_at(const struct window *window, int32_t x, int32_t y)
{
	struct blend_rectangle inner = frame_area(window), outer = inner;
	int32_t outside = scaled(EDGE_OUTSIDE), corner = scaled(EDGE_CORNER);
	int32_t thickness = scaled(BORDER_WIDTH);
	unsigned edges = 0;

	outer.left -= outside;
	outer.top -= outside;
	outer.right += outside;
	outer.bottom += outside;
	inner.left += thickness;
	inner.top += 2 * thickness;
	inner.right -= thickness;
	inner.bottom -= thickness;
	if (!can_resize(window) || !rectangle_contains(&outer, x, y) ||
	    rectangle_contains(&inner, x, y))
		return 0;
	if (x < inner.left + corner)
		edges |= EDGE_LEFT;
	if (x >= inner.right - corner)
		edges |= EDGE_RIGHT;
	if (y < inner.top + corner)
		edges |= EDGE_TOP;
	if (y >= inner.bottom - corner)
		edges |= EDGE_BOTTOM;
	/* Near a corner, but on one side of it only. */
	if (!(edges & (edges - 1)))
		return edges;
	if (x >= inner.left && x < inner.right && y >= inner.top && y < inner.bottom)
		return 0;
	return edges;
}

static enum title_button button_at(const struct window *window, int32_t x, int32_t y)
{
	for (enum title_button button = TITLE_BUTTON_CLOSE; button <= TITLE_BUTTON_MINIMIZE;
	     button++) {
		struct blend_rectangle area = frame_button_area(window, button);

		if (rectangle_contains(&area, x, y))
			return button;
	}
	return TITLE_BUTTON_NONE;
}

static bool place_in_window(struct window *window, int32_t x, int32_t y, struct place *place)
{
	struct blend_rectangle frame = frame_area(window);

	*place = (struct place){ .window = window };
	place->edges = edges_at(window, x, y);
	if (place->edges) {
		place->kind = PLACE_EDGE;
	} else if (rectangle_contains(&window->content, x, y)) {
		place->kind = PLACE_CONTENT;
	} else if (rectangle_contains(&frame, x, y)) {
		place->button = button_at(window, x, y);
		place->kind = place->button ? PLACE_BUTTON : PLACE_TITLE;
	} else {
		return false;
	}
	return true;
}

static struct place place_at(int32_t x, int32_t y)
{
	static const enum canvas_layer order[] = { CANVAS_PANEL, CANVAS_FRONT, CANVAS_NORMAL,
						   CANVAS_BACK };
	struct list_node *node;
	struct place place;

	if (menu_contains(x, y))
		return (struct place){ .kind = PLACE_MENU };
	if (launcher_contains(x, y))
		return (struct place){ .kind = PLACE_LAUNCHER };
	for (unsigned i = 0; i < array_length(order); i++) {
		list_for_each (node, &desktop.stack) {
			struct window *window = container_of(node, struct window, stack_node);

			if (window_is_shown(window) && window_layer(window) == order[i] &&
			    place_in_window(window, x, y, &place))
				return place;
		}
		if (order[i] == CANVAS_PANEL && panel_contains(x, y))
			return (struct place){ .kind = PLACE_PANEL };
	}
	return (struct place){ .kind = PLACE_BACKGROUND };
}

static enum cursor_kind shape_of_edges(unsigned edges)
{
	switch (edges) {
	case EDGE_LEFT:
	case EDGE_RIGHT:
		return CURSOR_RESIZE_HORIZONTAL;
	case EDGE_TOP:
	case EDGE_BOTTOM:
		return CURSOR_RESIZE_VERTICAL;
	case EDGE_TOP | EDGE_LEFT:
	case EDGE_BOTTOM | EDGE_RIGHT:
		return CURSOR_RESIZE_FALLING;
	default:
		return CURSOR_RESIZE_RISING;
	}
}

static enum cursor_kind shape_over(const struct window *window)
{
	return window->cursor_hidden ? CURSOR_NONE : window->pointer;
}

static enum cursor_kind shape_of(const struct place *place)
{
	if (desktop.drag.kind == DRAG_MOVE)
		return desktop.drag.moved ? CURSOR_MOVE : CURSOR_ARROW;
	if (desktop.drag.kind == DRAG_RESIZE)
		return shape_of_edges(desktop.drag.edges);
	if (desktop.drag.kind == DRAG_CONTENT)
		return shape_over(desktop.drag.window);
	if (place->kind == PLACE_EDGE)
		return shape_of_edges(place->edges);
	if (place->kind == PLACE_CONTENT)
		return shape_over(place->window);
	return CURSOR_ARROW;
}

void pointer_set_shape(enum cursor_kind shape)
{
	static unsigned shown_scale;

	if (shape == desktop.shape && shown_scale == desktop.scale)
		return;
	desktop.shape = shape;
	shown_scale = desktop.scale;
	compositor_set_cursor(shape == CURSOR_NONE ? NULL : cursor_shape(shape, desktop.scale));
}

static void set_hot_button(struct window *window, enum title_button button)
{
	static struct window *hot;

	if (hot && (hot != window || !button)) {
		hot->hot_button = TITLE_BUTTON_NONE;
		window_mark_stale(hot);
		hot = NULL;
	}
	if (!button || (hot == window && window->hot_button == button))
		return;
	window->hot_button = button;
	window_mark_stale(window);
	hot = window;
}

static void set_hovered(struct window *window)
{
	if (desktop.hovered == window)
		return;
	if (desktop.hovered)
		window_post(desktop.hovered, ORBITAL_EVENT_HOVER, 0, 0);
	desktop.hovered = window;
	if (window)
		window_post(window, ORBITAL_EVENT_HOVER, 1, 0);
}

/* Tells a window where the pointer is, in its own pixels. */
static void tell_place(struct window *window)
{
	int32_t scale = (int32_t)window_scale(window);
	int32_t x = desktop.pointer_x - window->content.left;
	int32_t y = desktop.pointer_y - window->content.top;

	if (window->relative)
		return;
	/* Rounded down, also to the left of it. */
	window_post(window, ORBITAL_EVENT_MOUSE, (x - (x < 0 ? scale - 1 : 0)) / scale,
		    (y - (y < 0 ? scale - 1 : 0)) / scale);
}

void pointer_update(void)
{
	struct place place = place_at(desktop.pointer_x, desktop.pointer_y);
	bool dragged = desktop.drag.kind != DRAG_NONE;
	bool on_window = !dragged || desktop.drag.window == place.window;

	stale = false;
	pointer_set_shape(shape_of(&place));
	set_hot_button(place.window,
		       place.kind == PLACE_BUTTON && on_window ? place.button : TITLE_BUTTON_NONE);
	if (dragged)
		return;
	set_hovered(place.kind == PLACE_CONTENT ? place.window : NULL);
	if (place.kind == PLACE_PANEL)
		panel_hover(desktop.pointer_x, desktop.pointer_y);
	else
		panel_hover(-1, -1);
	if (place.kind == PLACE_LAUNCHER)
		launcher_hover(desktop.pointer_x, desktop.pointer_y);
	if (menu_is_open())
		menu_hover(desktop.pointer_x, desktop.pointer_y);
}

void pointer_update_if_stale(void)
{
	if (stale)
		pointer_update();
}

static int32_t clamp(int32_t value, int32_t least, int32_t most)
{
	if (value > most)
		value = most;
	return value < least ? least : value;
}

void pointer_placed(int32_t x, int32_t y)
{
	struct blend_rectangle plane = compositor_plane(), limits;

	if (blend_rectangle_is_empty(&plane))
		return;
	if (desktop.focused && desktop.focused->grabs_pointer && window_is_shown(desktop.focused)) {
		limits = blend_rectangle_intersect(desktop.focused->content, plane);
		/* One that is nowhere on the screen would take it away from the user. */
		if (!blend_rectangle_is_empty(&limits)) {
			x = clamp(x, limits.left, limits.right - 1);
			y = clamp(y, limits.top, limits.bottom - 1);
		}
	}
	x = clamp(x, plane.left, plane.right - 1);
	/* Displays beside it may be less high. */
	limits = desktop_display_area(x, y);
	y = clamp(y, limits.top, limits.bottom - 1);
	if (x == desktop.pointer_x && y == desktop.pointer_y)
		return;
	desktop.pointer_x = x;
	desktop.pointer_y = y;
	compositor_move_cursor(x, y);
	drag_continue();
	pointer_update();
	if (desktop.drag.kind == DRAG_CONTENT)
		tell_place(desktop.drag.window);
	else if (desktop.drag.kind == DRAG_NONE && desktop.hovered)
		tell_place(desktop.hovered);
}

void pointer_moved(int32_t right, int32_t down)
{
	struct window *window = desktop.focused;

	if (window && window->relative && window_is_shown(window)) {
		window_post(window, ORBITAL_EVENT_MOUSE_RELATIVE, right, down);
		return;
	}
	pointer_placed(desktop.pointer_x + right, desktop.pointer_y + down);
}

static void press_title(struct place *place, unsigned button)
{
	static struct window *last;
	static uint64_t last_ns;
	bool twice = last == place->window && desktop.now_ns - last_ns < DOUBLE_CLICK_NS;
	struct window *window = place->window;

	if (button == 2)
		window_minimize(window);
	if (button == 4)
		menu_open_of_window(window, desktop.pointer_x, desktop.pointer_y);
	if (button != 1)
		return;
	last = twice ? NULL : window;
	last_ns = desktop.now_ns;
	if (twice && window->flags & ORBITAL_RESIZABLE)
		window_set_tile(window, window->tile == TILE_NONE ? TILE_MAXIMIZED : TILE_NONE);
	else
		drag_begin_move(window);
}

static void press_content(struct window *window, unsigned button)
{
	if (desktop.modifiers & KEYMAP_SUPER && button == 1 && window_has_frame(window)) {
		drag_begin_move(window);
		return;
	}
	desktop.drag = (struct drag){ .kind = DRAG_CONTENT, .window = window };
	window->used = true;
	tell_place(window);
	window_post(window, ORBITAL_EVENT_BUTTON, desktop.buttons, 0);
}

static void press(unsigned button)
{
	struct place place = place_at(desktop.pointer_x, desktop.pointer_y);

	if (place.kind != PLACE_MENU)
		menu_close();
	if (launcher_is_open() && place.kind != PLACE_LAUNCHER && place.kind != PLACE_PANEL)
		launcher_close();
	if (place.window)
		window_focus(place.window->flags & ORBITAL_BACK ? desktop.focused : place.window);
	switch (place.kind) {
	case PLACE_CONTENT:
		press_content(place.window, button);
		break;
	case PLACE_TITLE:
		press_title(&place, button);
		break;
	case PLACE_EDGE:
		if (button == 1)
			drag_begin_resize(place.window, place.edges);
		break;
	case PLACE_BUTTON:
		desktop.drag = (struct drag){ .kind = DRAG_BUTTON, .window = place.window };
		desktop.drag.button = place.button;
		break;
	case PLACE_PANEL:
		desktop.drag = (struct drag){ .kind = DRAG_PANEL };
		panel_press(desktop.pointer_x, desktop.pointer_y, button);
		break;
	case PLACE_LAUNCHER:
		desktop.drag = (struct drag){ .kind = DRAG_PANEL };
		launcher_press(desktop.pointer_x, desktop.pointer_y);
		break;
	case PLACE_MENU:
		desktop.drag = (struct drag){ .kind = DRAG_PANEL };
		menu_press(desktop.pointer_x, desktop.pointer_y);
		break;
	case PLACE_BACKGROUND:
		if (button == 4)
			menu_open_of_background(desktop.pointer_x, desktop.pointer_y);
		break;
	}
}

static void click_title_button(struct window *window, enum title_button button)
{
	if (button == TITLE_BUTTON_CLOSE)
		window_ask_close(window);
	else if (button == TITLE_BUTTON_MINIMIZE)
		window_minimize(window);
	else
		window_set_tile(window, window->tile == TILE_NONE ? TILE_MAXIMIZED : TILE_NONE);
}

static void release(void)
{
	struct drag drag = desktop.drag;
	struct place place;

	if (drag.kind == DRAG_CONTENT)
		window_post(drag.window, ORBITAL_EVENT_BUTTON, desktop.buttons, 0);
	if (desktop.buttons)
		return;
	drag_end();
	if (drag.kind != DRAG_BUTTON)
		return;
	place = place_at(desktop.pointer_x, desktop.pointer_y);
	if (place.kind == PLACE_BUTTON && place.window == drag.window &&
	    place.button == drag.button)
		click_title_button(drag.window, drag.button);
}

void pointer_button(unsigned button, bool down)
{
	bool first = desktop.buttons == 0;

	desktop.buttons = down ? desktop.buttons | button : desktop.buttons & ~button;
	if (down && first)
		press(button);
	else if (down && desktop.drag.kind == DRAG_CONTENT)
		window_post(desktop.drag.window, ORBITAL_EVENT_BUTTON, desktop.buttons, 0);
	else if (!down)
		release();
	pointer_update();
}

void pointer_wheel(int32_t steps)
{
	if (launcher_contains(desktop.pointer_x, desktop.pointer_y))
		launcher_wheel(steps);
	else if (desktop.hovered)
		window_post(desktop.hovered, ORBITAL_EVENT_SCROLL, 0, steps);
}

void pointer_forget(struct window *window)
{
	if (desktop.hovered == window)
		desktop.hovered = NULL;
	if (window->hot_button)
		set_hot_button(NULL, TITLE_BUTTON_NONE);
	if (desktop.drag.window == window)
		drag_cancel();
	desktop_mark_pointer_stale();
}
