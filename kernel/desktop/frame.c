/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is shown of a window: the frame, which is its title bar, border and shadow, and above it the
 * program's pixels. Of the frame only the title bar is a picture; the border is what its plain
 * colour leaves to be seen around the pixels.
 */
#include <base/string.h>
#include <desktop/pixels.h>
#include <mm/vm/object.h>
#include <proc/charge.h>

#include "desktop_priv.h"

#define SHADOW_DROP 8 /* how far below the window it lies */

void window_mark_stale(struct window *window)
{
	/* Also from those that are awaited. */
	list_remove(&window->stale_node);
	list_push_back(&desktop.stale, &window->stale_node);
	compositor_wake();
}

static int32_t frame_radius(const struct window *window)
{
	return window->tile == TILE_NONE ? scaled(FRAME_RADIUS) : 0;
}

static bool has_button(const struct window *window, enum title_button button)
{
	if (button == TITLE_BUTTON_CLOSE)
		return !(window->flags & ORBITAL_UNCLOSABLE);
	return button == TITLE_BUTTON_MINIMIZE || window->flags & ORBITAL_RESIZABLE;
}

/* No window makes the title bar's picture wider than what shows it; beyond that it is plain. */
static int32_t strip_width(const struct blend_rectangle *frame)
{
	struct blend_rectangle plane = compositor_plane();
	int32_t width = rectangle_width(frame), most = rectangle_width(&plane);

	return width < most ? width : most;
}

struct blend_rectangle frame_button_area(const struct window *window, enum title_button button)
{
	struct blend_rectangle area = frame_area(window);
	int32_t right = area.left + strip_width(&area) - scaled(4);

	if (!window_has_frame(window) || !has_button(window, button))
		return blend_rectangle(0, 0, 0, 0);
	for (enum title_button nearer = TITLE_BUTTON_CLOSE; nearer < button; nearer++)
		if (has_button(window, nearer))
			right -= scaled(TITLE_BUTTON);
	return (struct blend_rectangle){ right - scaled(TITLE_BUTTON), area.top, right,
					 area.top + scaled(TITLE_HEIGHT) };
}

static uint32_t button_colour(const struct window *window, enum title_button button)
{
	bool focused = desktop.focused == window;

	if (button == TITLE_BUTTON_CLOSE && window->hot_button == button)
		return desktop.theme.close_text;
	return focused || window->hot_button == button ? desktop.theme.title_text
						       : desktop.theme.title_text_idle;
}

static void button_draw(const struct window *window, enum title_button button)
{
	const struct blend_surface *to = &window->strip.surface;
	struct blend_rectangle frame = frame_area(window);
	struct blend_rectangle area = frame_button_area(window, button);
	int32_t x = (area.left + area.right) / 2 - frame.left;
	int32_t y = (area.top + area.bottom) / 2 - frame.top, half = scaled(12);
	enum symbol symbol = SYMBOL_CLOSE;

	if (blend_rectangle_is_empty(&area))
		return;
	if (button == TITLE_BUTTON_MAXIMIZE)
		symbol = window->tile == TILE_NONE ? SYMBOL_MAXIMIZE : SYMBOL_RESTORE;
	if (button == TITLE_BUTTON_MINIMIZE)
		symbol = SYMBOL_MINIMIZE;
	if (window->hot_button == button)
		draw_round(to, blend_rectangle(x - half, y - half, 2 * half, 2 * half), scaled(6),
			   button == TITLE_BUTTON_CLOSE ? desktop.theme.close_hover
							: desktop.theme.title_hover);
	half = scaled(5);
	draw_symbol(to, blend_rectangle(x - half, y - half, 2 * half, 2 * half), symbol,
		    button_colour(window, button));
}

/* The upper part of the border, which goes on below in the canvas's colour. */
static void title_draw_border(const struct window *window)
{
	const struct blend_surface *to = &window->strip.surface;
	uint32_t colour =
		desktop.focused == window ? desktop.theme.border : desktop.theme.border_idle;
	struct blend_rectangle area = { 0, 0, to->width, 2 * to->height };

	if (window->tile == TILE_MAXIMIZED)
		return;
	blend_surface_outline(to, blend_surface_bounds(to), area, (unsigned)frame_radius(window),
			      (unsigned)scaled(BORDER_WIDTH), blend_premultiply(colour));
}

static void title_draw(struct window *window)
{
	const struct blend_surface *to = &window->strip.surface;
	bool focused = desktop.focused == window;
	int32_t side = scaled(3 * TITLE_BUTTON + 8);
	struct blend_rectangle area = blend_surface_bounds(to);
	int32_t text = draw_text_width(UI_FONT_BOLD, window->title);

	blend_surface_fill(to, area, focused ? desktop.theme.title : desktop.theme.title_idle);
	for (enum title_button button = TITLE_BUTTON_CLOSE; button <= TITLE_BUTTON_MINIMIZE;
	     button++)
		button_draw(window, button);
	title_draw_border(window);
	/* In the middle of the whole bar if there is room, else in the middle of what is left. */
	if (text + 2 * side <= to->width) {
		area.left += side;
	} else {
		area.left += scaled(12);
	}
	area.right -= side;
	draw_text_centered(to, area, UI_FONT_BOLD, window->title,
			   focused ? desktop.theme.title_text : desktop.theme.title_text_idle);
}

static void canvas_set_shadow(struct canvas *canvas, const struct window *window)
{
	bool focused = desktop.focused == window;

	canvas->shadow = focused ? &desktop.shadow : &desktop.shadow_idle;
	canvas->shadow_x = 0;
	canvas->shadow_y = scaled(focused ? SHADOW_DROP : SHADOW_DROP / 2);
	canvas->shadow_width = canvas->width;
	canvas->shadow_height = canvas->height;
}

/* What is ours of a canvas. */
static void canvas_assign(struct canvas *to, const struct canvas *from)
{
	to->layer = from->layer;
	to->x = from->x;
	to->y = from->y;
	to->width = from->width;
	to->height = from->height;
	to->pixels = from->pixels;
	to->pixels_width = from->pixels_width;
	to->pixels_height = from->pixels_height;
	to->stride = from->stride;
	to->scale = from->scale;
	to->colour = from->colour;
	to->opaque = from->opaque;
	to->alpha = from->alpha;
	to->radius = from->radius;
	to->corners = from->corners;
	to->shadow = from->shadow;
	to->shadow_x = from->shadow_x;
	to->shadow_y = from->shadow_y;
	to->shadow_width = from->shadow_width;
	to->shadow_height = from->shadow_height;
}

void canvas_replace(struct canvas *canvas, const struct canvas *wanted, struct canvas *below)
{
	if (canvas->shown && canvas->layer != wanted->layer)
		canvas_hide(canvas);
	if (canvas->shown) {
		canvas_damage_all(canvas);
		canvas_assign(canvas, wanted);
		canvas_damage_all(canvas);
	} else {
		canvas_assign(canvas, wanted);
		canvas_show(canvas, below);
	}
}

static void strip_free(struct window *window)
{
	sheet_free(&window->strip);
	window->frame.pixels = NULL;
	if (window->strip_pages)
		process_uncharge(window->strip_payer, window->strip_pages);
	window->strip_pages = 0;
}

/* Its memory counts for the program, as its pixels do. */
static bool strip_resize(struct window *window, int32_t width, int32_t height)
{
	size_t pixels = (size_t)width * (size_t)height;
	struct process *payer = pixels_payer(window->pixels);
	size_t pages;

	if (width < 1)
		return false;
	if (pixels > window->strip.room) {
		strip_free(window);
		pages = align_up(sheet_room(pixels) * sizeof(uint32_t), PAGE_SIZE) / PAGE_SIZE;
		if (process_charge_payer(payer, pages) != 0)
			return false;
		window->strip_payer = payer;
		window->strip_pages = pages;
	}
	return sheet_resize(&window->strip, width, height);
}

static void frame_show(struct window *window, struct canvas *below)
{
	struct blend_rectangle area = frame_area(window);
	bool see_through = window->flags & ORBITAL_TRANSPARENT;
	uint32_t border =
		desktop.focused == window ? desktop.theme.border : desktop.theme.border_idle;
	struct canvas canvas = {
		.layer = window_layer(window),
		.x = area.left,
		.y = area.top,
		.width = rectangle_width(&area),
		.height = see_through ? scaled(TITLE_HEIGHT) : rectangle_height(&area),
		.scale = 1,
		.colour = border,
		.opaque = true,
		.alpha = 255,
		.radius = (uint8_t)frame_radius(window),
		.corners = see_through ? BLEND_TOP_LEFT | BLEND_TOP_RIGHT : BLEND_ALL_CORNERS,
	};

	if (strip_resize(window, strip_width(&area), scaled(TITLE_HEIGHT))) {
		title_draw(window);
		canvas.pixels = window->strip.surface.pixels;
		canvas.pixels_width = window->strip.surface.width;
		canvas.pixels_height = window->strip.surface.height;
		canvas.stride = window->strip.surface.stride;
	}
	if (!see_through && window->tile == TILE_NONE)
		canvas_set_shadow(&canvas, window);
	canvas_replace(&window->frame, &canvas, below);
}

struct vm_object *window_take_front(struct window *window)
{
	struct vm_object *old = window->front;

	vm_object_get(window->pixels);
	window->front = window->pixels;
	window->front_width = window->pixels_width;
	window->front_height = window->pixels_height;
	window->fresh = false;
	return old;
}

static void client_describe(struct window *window, struct canvas *canvas)
{
	int32_t border = window_has_frame(window) ? scaled(BORDER_WIDTH) : 0;
	int32_t radius = window_has_frame(window) ? frame_radius(window) - border : 0;
	bool see_through = window->flags & ORBITAL_TRANSPARENT;

	*canvas = (struct canvas){
		.layer = window_layer(window),
		.x = window->content.left,
		.y = window->content.top,
		.width = rectangle_width(&window->content),
		.height = rectangle_height(&window->content),
		.pixels = pixels_address(window->front),
		.pixels_width = window->front_width,
		.pixels_height = window->front_height,
		.stride = (uint32_t)window->front_width,
		.scale = window_scale(window),
		.colour = see_through ? 0 : blend_premultiply(desktop.theme.popup),
		.opaque = !see_through,
		.alpha = 255,
		.radius = (uint8_t)(radius > 0 ? radius : 0),
		.corners = BLEND_BOTTOM_LEFT | BLEND_BOTTOM_RIGHT,
	};
	if (!window_has_frame(window) && window->tile == TILE_NONE && !see_through &&
	    !(window->flags & ORBITAL_BACK))
		canvas_set_shadow(canvas, window);
}

void client_update(struct window *window)
{
	struct canvas canvas;

	if (!window->client.shown)
		return;
	client_describe(window, &canvas);
	canvas_replace(&window->client, &canvas, NULL);
}

void frame_hide(struct window *window)
{
	/* Also if they are not shown: what was damaged in them is forgotten. */
	canvas_hide(&window->client);
	canvas_hide(&window->frame);
	strip_free(window);
}

/* The canvas right above which the window belongs, NULL: on top of its layer. If it belongs below
 * all others, the whole order has to be made anew. */
static struct canvas *canvas_below(const struct window *window)
{
	enum canvas_layer layer = window_layer(window);
	struct list_node *node;
	bool passed = false, any_above = false;

	list_for_each (node, &desktop.stack) {
		struct window *other = container_of(node, struct window, stack_node);

		if (other == window)
			passed = true;
		else if (other->client.shown && other->client.layer == layer) {
			if (passed)
				return any_above ? &other->client : NULL;
			any_above = true;
		}
	}
	desktop.order_stale = desktop.order_stale || any_above;
	return NULL;
}

static void frame_update(struct window *window)
{
	struct canvas *below = NULL;
	struct canvas canvas;

	if (!window_is_shown(window)) {
		frame_hide(window);
		return;
	}
	/* One that is empty yet would flash. */
	if (!window->front) {
		if (desktop.now_ns < window->made_ns + SHOW_PATIENCE_NS) {
			list_push_back(&desktop.awaited, &window->stale_node);
			return;
		}
		(void)window_take_front(window);
	}
	/* A frame that comes late would be above the pixels. */
	if (window_has_frame(window) && !window->frame.shown && window->client.shown)
		canvas_hide(&window->client);
	if (!window->client.shown)
		below = canvas_below(window);
	if (window_has_frame(window)) {
		frame_show(window, below);
	} else if (window->frame.shown) {
		canvas_hide(&window->frame);
		strip_free(window);
	}
	client_describe(window, &canvas);
	canvas_replace(&window->client, &canvas, window->frame.shown ? &window->frame : below);
}

uint64_t frames_deadline(void)
{
	struct list_node *node = list_first(&desktop.awaited);

	if (!node)
		return UINT64_MAX;
	return container_of(node, struct window, stale_node)->made_ns + SHOW_PATIENCE_NS;
}

void frames_update(void)
{
	struct list_node *node;

	while ((node = list_first(&desktop.awaited)) && desktop.now_ns >= frames_deadline()) {
		list_remove(node);
		list_push_back(&desktop.stale, node);
	}
	while ((node = list_pop_front(&desktop.stale)) != NULL)
		frame_update(container_of(node, struct window, stale_node));
	if (desktop.order_stale)
		stack_restack_all();
	desktop.order_stale = false;
}

void frame_moved(struct window *window)
{
	struct blend_rectangle area = frame_area(window);

	if (window->frame.shown)
		canvas_move(&window->frame, area.left, area.top);
	if (window->client.shown)
		canvas_move(&window->client, window->content.left, window->content.top);
}
