/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where windows are: the place of a new one, tiles, and what of them stays within reach. */
#include <ddk/keys.h>

#include "desktop_priv.h"

#define CASCADE     36 /* a new window this far below the one that is in its place */
#define PLACES      9  /* in each direction, for a new window */
#define MARGIN      20 /* to the edges, for a new window, if there is room */
#define LOOKED_AT   32 /* windows that are to be kept clear of */
#define REACH_LEAST 48 /* so much of a title bar stays on a display */

/* What the frame has around the content. */
struct insets {
	int32_t left, top, right, bottom;
};

static struct insets frame_insets(const struct window *window, enum tile tile)
{
	int32_t border = tile == TILE_MAXIMIZED ? 0 : scaled(BORDER_WIDTH);

	if (window->flags & ORBITAL_BORDERLESS || tile == TILE_FULL)
		return (struct insets){ 0, 0, 0, 0 };
	return (struct insets){ border, scaled(TITLE_HEIGHT), border, border };
}

struct blend_rectangle frame_area(const struct window *window)
{
	struct insets insets = frame_insets(window, window->tile);

	return (struct blend_rectangle){
		window->content.left - insets.left,
		window->content.top - insets.top,
		window->content.right + insets.right,
		window->content.bottom + insets.bottom,
	};
}

struct blend_rectangle tile_area(enum tile tile, int32_t x, int32_t y)
{
	struct blend_rectangle area = desktop_work_area(x, y);
	int32_t middle_x = (area.left + area.right) / 2, middle_y = (area.top + area.bottom) / 2;

	if (tile == TILE_FULL)
		return desktop_display_area(x, y);
	if (tile == TILE_LEFT || tile == TILE_TOP_LEFT || tile == TILE_BOTTOM_LEFT)
		area.right = middle_x;
	if (tile == TILE_RIGHT || tile == TILE_TOP_RIGHT || tile == TILE_BOTTOM_RIGHT)
		area.left = middle_x;
	if (tile == TILE_TOP_LEFT || tile == TILE_TOP_RIGHT)
		area.bottom = middle_y;
	if (tile == TILE_BOTTOM_LEFT || tile == TILE_BOTTOM_RIGHT)
		area.top = middle_y;
	return area;
}

/* The content of a window in the tile of the display around (x, y). */
static struct blend_rectangle tile_content(const struct window *window, enum tile tile, int32_t x,
					   int32_t y)
{
	struct insets insets = frame_insets(window, tile);
	struct blend_rectangle area = tile_area(tile, x, y);

	return (struct blend_rectangle){
		area.left + insets.left,
		area.top + insets.top,
		area.right - insets.right,
		area.bottom - insets.bottom,
	};
}

/* True if another window begins near there, of those that are in front: with thousands of
 * windows nobody sees where the others are. */
static bool place_is_taken(const struct window *window, int32_t x, int32_t y)
{
	struct list_node *node;
	unsigned left = LOOKED_AT;

	list_for_each (node, &desktop.stack) {
		const struct window *other = container_of(node, struct window, stack_node);
		int32_t right = frame_area(other).left - x, down = frame_area(other).top - y;

		if (left-- == 0)
			return false;
		if (other != window && window_is_shown(other) && right > -CASCADE / 2 &&
		    right < CASCADE / 2 && down > -CASCADE / 2 && down < CASCADE / 2)
			return true;
	}
	return false;
}

/* How much of those windows a window with such a frame would cover. */
static int64_t covered_by(const struct window *window, struct blend_rectangle frame)
{
	struct list_node *node;
	unsigned left = LOOKED_AT;
	int64_t covered = 0;

	list_for_each (node, &desktop.stack) {
		const struct window *other = container_of(node, struct window, stack_node);
		struct blend_rectangle both;

		if (left-- == 0)
			break;
		if (other == window || !window_is_shown(other) || other->flags & ORBITAL_BACK ||
		    other->tile == TILE_MAXIMIZED || other->tile == TILE_FULL)
			continue;
		both = blend_rectangle_intersect(frame_area(other), frame);
		if (!blend_rectangle_is_empty(&both))
			covered += (int64_t)rectangle_width(&both) * rectangle_height(&both);
	}
	return covered;
}

static int32_t distance(int32_t a, int32_t b)
{
	return a < b ? b - a : a - b;
}

/* Leaves some room on both sides of a length of which so much is free. */
static void leave_margin(int32_t *start, int32_t *free)
{
	int32_t margin = *free / 2 < scaled(MARGIN) ? *free / 2 : scaled(MARGIN);

	if (margin < 0)
		margin = 0;
	*start += margin;
	*free = *free > 0 ? *free - 2 * margin : 0;
}

/* The place of a frame in `area` where it covers least, near the middle if there is a choice. */
static struct blend_rectangle freest_place(const struct window *window, struct blend_rectangle area,
					   int32_t width, int32_t height)
{
	int32_t free_x = rectangle_width(&area) - width, free_y = rectangle_height(&area) - height;
	struct blend_rectangle best = blend_rectangle(area.left, area.top, width, height);
	int64_t best_cost = INT64_MAX;

	leave_margin(&area.left, &free_x);
	leave_margin(&area.top, &free_y);
	for (int32_t i = 0; i < PLACES * PLACES; i++) {
		int32_t right = free_x * (i % PLACES) / (PLACES - 1);
		int32_t down = free_y * (i / PLACES) / (PLACES - 1);
		struct blend_rectangle place =
			blend_rectangle(area.left + right, area.top + down, width, height);
		int64_t cost = 4 * covered_by(window, place) +
			       (int64_t)(width + height) / 6 *
				       (distance(right, free_x / 2) + distance(down, free_y / 2));

		if (cost < best_cost) {
			best_cost = cost;
			best = place;
		}
	}
	return best;
}

/* Steps aside as long as another window begins at the very place. */
static struct blend_rectangle cascade(const struct window *window, struct blend_rectangle area,
				      struct blend_rectangle place)
{
	int32_t width = rectangle_width(&place), height = rectangle_height(&place);

	for (int32_t i = 0; i < LOOKED_AT && place_is_taken(window, place.left, place.top); i++) {
		place = blend_rectangle(place.left + scaled(CASCADE), place.top + scaled(CASCADE),
					width, height);
		if (place.right > area.right)
			place = blend_rectangle(area.left + scaled(CASCADE) * (i % 5), place.top,
						width, height);
		if (place.bottom > area.bottom)
			place = blend_rectangle(place.left, area.top + scaled(CASCADE) * (i % 3),
						width, height);
	}
	return place;
}

/* Asks the program for pixels of the size that is shown. */
static void window_ask_size(struct window *window)
{
	int32_t scale = (int32_t)window_scale(window);
	int32_t width = rectangle_width(&window->content) / scale;
	int32_t height = rectangle_height(&window->content) / scale;

	if (width == window->asked_width && height == window->asked_height)
		return;
	if (!window->asked_width && width == window->pixels_width &&
	    height == window->pixels_height)
		return;
	window->asked_width = width;
	window->asked_height = height;
	window_post(window, ORBITAL_EVENT_RESIZE, width, height);
}

void window_choose_place(struct window *window)
{
	struct insets insets = frame_insets(window, TILE_NONE);
	struct blend_rectangle area = desktop_work_area(desktop.pointer_x, desktop.pointer_y);
	int32_t width = rectangle_width(&window->content);
	int32_t height = rectangle_height(&window->content);
	int32_t room_width = rectangle_width(&area) - insets.left - insets.right;
	int32_t room_height = rectangle_height(&area) - insets.top - insets.bottom;
	struct blend_rectangle frame;

	/* What does not fit is made smaller where that can be; the program is asked. */
	if (window->flags & ORBITAL_RESIZABLE && room_width > 0 && room_height > 0) {
		width = width < room_width ? width : room_width;
		height = height < room_height ? height : room_height;
	}
	frame = freest_place(window, area, width + insets.left + insets.right,
			     height + insets.top + insets.bottom);
	if (!(window->flags & ORBITAL_BORDERLESS))
		frame = cascade(window, area, frame);
	window->content =
		blend_rectangle(frame.left + insets.left, frame.top + insets.top, width, height);
	window_ask_size(window);
}

void window_set_content(struct window *window, struct blend_rectangle content)
{
	struct blend_rectangle old = window->content;

	window->content = content;
	if (old.left != content.left || old.top != content.top)
		window_post(window, ORBITAL_EVENT_MOVE, content.left, content.top);
	if (rectangle_width(&old) != rectangle_width(&content) ||
	    rectangle_height(&old) != rectangle_height(&content)) {
		window_ask_size(window);
		window_mark_stale(window);
	} else if (old.left != content.left || old.top != content.top) {
		frame_moved(window);
	}
}

void window_set_tile_at(struct window *window, enum tile tile, int32_t x, int32_t y)
{
	if (window->tile == TILE_NONE)
		window->restore = window->content;
	if (tile == TILE_NONE) {
		window->tile = tile;
		window_set_content(window, window->restore);
		window_keep_reachable(window);
	} else {
		struct blend_rectangle content = tile_content(window, tile, x, y);

		window->tile = tile;
		window_set_content(window, content);
	}
	stack_restack(window);
	window_mark_stale(window);
	desktop_mark_pointer_stale();
}

void window_set_tile(struct window *window, enum tile tile)
{
	if (window->tile != tile)
		window_set_tile_at(window, tile, (window->content.left + window->content.right) / 2,
				   (window->content.top + window->content.bottom) / 2);
}

void window_keep_reachable(struct window *window)
{
	struct blend_rectangle area, content = window->content;
	int32_t right = 0, down = 0, reach = scaled(REACH_LEAST);

	if (window->tile != TILE_NONE) {
		window_set_content(window, tile_content(window, window->tile,
							(content.left + content.right) / 2,
							(content.top + content.bottom) / 2));
		return;
	}
	area = desktop_work_area((content.left + content.right) / 2, content.top);
	if (content.left > area.right - reach)
		right = area.right - reach - content.left;
	if (content.right < area.left + reach)
		right = area.left + reach - content.right;
	if (content.top < area.top + scaled(TITLE_HEIGHT) && window_has_frame(window))
		down = area.top + scaled(TITLE_HEIGHT) - content.top;
	if (content.top > area.bottom - scaled(TITLE_HEIGHT) / 2)
		down = area.bottom - scaled(TITLE_HEIGHT) / 2 - content.top;
	if (right || down)
		window_set_content(window, blend_rectangle(content.left + right, content.top + down,
							   rectangle_width(&content),
							   rectangle_height(&content)));
}

static enum tile tile_above(enum tile tile)
{
	switch (tile) {
	case TILE_LEFT:
		return TILE_TOP_LEFT;
	case TILE_RIGHT:
		return TILE_TOP_RIGHT;
	case TILE_BOTTOM_LEFT:
		return TILE_LEFT;
	case TILE_BOTTOM_RIGHT:
		return TILE_RIGHT;
	case TILE_TOP_LEFT:
	case TILE_TOP_RIGHT:
		return tile;
	default:
		return TILE_MAXIMIZED;
	}
}

static enum tile tile_below(enum tile tile)
{
	switch (tile) {
	case TILE_LEFT:
		return TILE_BOTTOM_LEFT;
	case TILE_RIGHT:
		return TILE_BOTTOM_RIGHT;
	case TILE_TOP_LEFT:
		return TILE_LEFT;
	case TILE_TOP_RIGHT:
		return TILE_RIGHT;
	case TILE_BOTTOM_LEFT:
	case TILE_BOTTOM_RIGHT:
		return tile;
	default:
		return TILE_NONE;
	}
}

static enum tile tile_aside(enum tile tile, enum tile here, enum tile there)
{
	return tile == there ? TILE_NONE : here;
}

void window_tile_step(struct window *window, unsigned key)
{
	enum tile tile = window->tile;

	if (!(window->flags & ORBITAL_RESIZABLE) || window->flags & ORBITAL_BORDERLESS)
		return;
	if (key == KEY_UP)
		tile = tile_above(tile);
	else if (key == KEY_DOWN && tile == TILE_NONE)
		window_minimize(window);
	else if (key == KEY_DOWN)
		tile = tile_below(tile);
	else if (key == KEY_LEFT)
		tile = tile_aside(tile, TILE_LEFT, TILE_RIGHT);
	else
		tile = tile_aside(tile, TILE_RIGHT, TILE_LEFT);
	window_set_tile(window, tile);
}
