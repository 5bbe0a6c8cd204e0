/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of windows, and which of them has the keyboard. */
#include "desktop_priv.h"

void stack_init(void)
{
	list_init(&desktop.windows);
	list_init(&desktop.stack);
	list_init(&desktop.stale);
	list_init(&desktop.awaited);
}

enum canvas_layer window_layer(const struct window *window)
{
	if (window->flags & ORBITAL_BACK)
		return CANVAS_BACK;
	if (window->tile == TILE_FULL && desktop.focused == window)
		return CANVAS_PANEL;
	return window->flags & ORBITAL_FRONT ? CANVAS_FRONT : CANVAS_NORMAL;
}

/* Brings a canvas to the top of the layer where it belongs, if it is shown. */
static void canvas_restack(struct canvas *canvas, enum canvas_layer layer, struct canvas *below)
{
	if (!canvas->shown) {
		canvas->layer = layer;
	} else if (canvas->layer == layer) {
		canvas_raise(canvas, below);
	} else {
		canvas_hide(canvas);
		canvas->layer = layer;
		canvas_show(canvas, below);
	}
}

void stack_restack(struct window *window)
{
	enum canvas_layer layer = window_layer(window);

	canvas_restack(&window->frame, layer, NULL);
	canvas_restack(&window->client, layer, window->frame.shown ? &window->frame : NULL);
}

void stack_restack_all(void)
{
	struct list_node *node;

	for (node = list_last(&desktop.stack); node; node = node->previous) {
		if (node == &desktop.stack.head)
			break;
		stack_restack(container_of(node, struct window, stack_node));
	}
}

static void window_raise(struct window *window)
{
	if (window->flags & ORBITAL_BACK)
		return;
	if (list_first(&desktop.stack) != &window->stack_node) {
		list_remove(&window->stack_node);
		list_push_front(&desktop.stack, &window->stack_node);
	}
	stack_restack(window);
}

void window_focus(struct window *window)
{
	struct window *old = desktop.focused;

	if (old == window) {
		if (window)
			window_raise(window);
		return;
	}
	desktop.focused = window;
	if (window)
		window->used = false;
	if (old) {
		keys_release_all(old);
		window_post(old, ORBITAL_EVENT_FOCUS, 0, 0);
		window_mark_stale(old);
		if (old->tile == TILE_FULL)
			stack_restack(old);
	}
	if (window) {
		window_post(window, ORBITAL_EVENT_FOCUS, 1, 0);
		window_mark_stale(window);
		window_raise(window);
	}
	panel_mark_stale();
}

void window_activate(struct window *window)
{
	if (window->minimized) {
		window->minimized = false;
		window_mark_stale(window);
	}
	if (window_is_shown(window))
		window_focus(window);
	panel_mark_stale();
	desktop_mark_pointer_stale();
}

static bool window_can_focus(const struct window *window)
{
	return window_is_shown(window) && !(window->flags & ORBITAL_BACK);
}

void stack_focus_top(void)
{
	struct list_node *node;

	list_for_each (node, &desktop.stack) {
		struct window *window = container_of(node, struct window, stack_node);

		if (window_can_focus(window)) {
			window_focus(window);
			return;
		}
	}
	window_focus(NULL);
}

void window_minimize(struct window *window)
{
	if (window->minimized)
		return;
	window->minimized = true;
	/* Those that are not shown come last in the order, and so does it in the switcher. */
	list_remove(&window->stack_node);
	list_push_back(&desktop.stack, &window->stack_node);
	window_mark_stale(window);
	if (desktop.focused == window)
		stack_focus_top();
	panel_mark_stale();
	desktop_mark_pointer_stale();
}

void stack_show_background(void)
{
	static bool hidden; /* by the call before */
	struct list_node *node;
	bool any = false;

	list_for_each (node, &desktop.windows) {
		struct window *window = container_of(node, struct window, made_node);

		if (!window_is_listed(window) || window->minimized)
			continue;
		any = true;
		window->minimized = true;
		window->aside = true;
		window_mark_stale(window);
	}
	if (!any && hidden) {
		list_for_each (node, &desktop.windows) {
			struct window *window = container_of(node, struct window, made_node);

			if (!window->aside)
				continue;
			window->minimized = false;
			window->aside = false;
			window_mark_stale(window);
		}
	}
	hidden = any;
	stack_focus_top();
	panel_mark_stale();
	desktop_mark_pointer_stale();
}

void window_ask_close(struct window *window)
{
	if (!(window->flags & ORBITAL_UNCLOSABLE))
		window_post(window, ORBITAL_EVENT_QUIT, 0, 0);
}
