/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows that are moved and resized by hand, and the tiles that they snap to at the edges. */
#include "desktop_priv.h"

#define MOVE_LEAST  4 /* pixels that the hand may tremble */
#define SNAP_EDGE   2 /* so near to the edge of a display the pointer asks for a tile */
#define SNAP_CORNER 64

/* Shows where the window would go. */
static struct canvas preview;

static void preview_update(void)
{
	struct blend_rectangle area;
	struct canvas canvas = { .layer = CANVAS_NORMAL, .scale = 1, .alpha = 255 };
	int32_t margin = scaled(8);

	if (desktop.drag.snap == TILE_NONE) {
		if (preview.shown)
			canvas_hide(&preview);
		return;
	}
	area = tile_area(desktop.drag.snap, desktop.pointer_x, desktop.pointer_y);
	canvas.x = area.left + margin;
	canvas.y = area.top + margin;
	canvas.width = rectangle_width(&area) - 2 * margin;
	canvas.height = rectangle_height(&area) - 2 * margin;
	canvas.colour = blend_premultiply((desktop.accent & 0xffffff) | 0x50000000);
	canvas.radius = (uint8_t)scaled(FRAME_RADIUS);
	canvas.corners = BLEND_ALL_CORNERS;
	if (canvas.width < 1 || canvas.height < 1)
		return;
	/* Below the window that is dragged, above the others. */
	canvas_replace(&preview, &canvas, NULL);
	stack_restack(desktop.drag.window);
}

static void drag_begin(struct window *window, enum drag_kind kind)
{
	desktop.drag = (struct drag){
		.kind = kind,
		.window = window,
		.start_x = desktop.pointer_x,
		.start_y = desktop.pointer_y,
		.start = window->content,
	};
	desktop_mark_pointer_stale();
}

void drag_begin_move(struct window *window)
{
	if (window->tile != TILE_FULL)
		drag_begin(window, DRAG_MOVE);
}

void drag_begin_resize(struct window *window, unsigned edges)
{
	if (window->tile != TILE_NONE)
		return;
	drag_begin(window, DRAG_RESIZE);
	desktop.drag.edges = edges;
}

static enum tile snap_at(int32_t x, int32_t y)
{
	struct blend_rectangle area = desktop_display_area(x, y);
	int32_t corner = scaled(SNAP_CORNER), edge = scaled(SNAP_EDGE);
	bool top = y < area.top + corner, bottom = y >= area.bottom - corner;

	if (x < area.left + edge) {
		if (top)
			return TILE_TOP_LEFT;
		return bottom ? TILE_BOTTOM_LEFT : TILE_LEFT;
	}
	if (x >= area.right - edge) {
		if (top)
			return TILE_TOP_RIGHT;
		return bottom ? TILE_BOTTOM_RIGHT : TILE_RIGHT;
	}
	return y < area.top + edge ? TILE_MAXIMIZED : TILE_NONE;
}

/* A tiled window becomes free when it is drawn away, with the pointer as far along its title. */
static void drag_untile(struct window *window)
{
	struct drag *drag = &desktop.drag;
	int32_t old_width = rectangle_width(&window->content);
	int32_t width = rectangle_width(&window->restore);
	int32_t height = rectangle_height(&window->restore);
	int32_t inside = drag->start_x - window->content.left;
	int32_t left = drag->start_x - (old_width ? inside * width / old_width : 0);

	window->tile = TILE_NONE;
	drag->start = blend_rectangle(left, window->content.top, width, height);
	window_set_content(window, drag->start);
	stack_restack(window);
	window_mark_stale(window);
}

static void drag_move(void)
{
	struct drag *drag = &desktop.drag;
	struct window *window = drag->window;
	int32_t right = desktop.pointer_x - drag->start_x;
	int32_t down = desktop.pointer_y - drag->start_y;
	struct blend_rectangle area = desktop_work_area(desktop.pointer_x, desktop.pointer_y);
	int32_t least_top = area.top + (window_has_frame(window) ? scaled(TITLE_HEIGHT) : 0);
	int32_t top;
	enum tile snap;

	if (!drag->moved && right > -MOVE_LEAST && right < MOVE_LEAST && down > -MOVE_LEAST &&
	    down < MOVE_LEAST)
		return;
	drag->moved = true;
	if (window->tile != TILE_NONE)
		drag_untile(window);
	top = drag->start.top + down;
	if (top < least_top)
		top = least_top;
	window_set_content(window, blend_rectangle(drag->start.left + right, top,
						   rectangle_width(&drag->start),
						   rectangle_height(&drag->start)));
	snap = window->flags & ORBITAL_RESIZABLE && window_has_frame(window)
		       ? snap_at(desktop.pointer_x, desktop.pointer_y)
		       : TILE_NONE;
	if (snap != drag->snap) {
		drag->snap = snap;
		preview_update();
	}
}

static void drag_resize(void)
{
	struct drag *drag = &desktop.drag;
	struct blend_rectangle content = drag->start;
	struct blend_rectangle area = desktop_work_area(desktop.pointer_x, desktop.pointer_y);
	int32_t right = desktop.pointer_x - drag->start_x;
	int32_t down = desktop.pointer_y - drag->start_y;
	int32_t least = scaled(WINDOW_SIDE_LEAST), least_width = scaled(3 * TITLE_BUTTON + 32);

	if (drag->edges & EDGE_LEFT) {
		content.left += right;
		if (content.left > content.right - least_width)
			content.left = content.right - least_width;
	}
	if (drag->edges & EDGE_RIGHT)
		content.right += right;
	if (drag->edges & EDGE_TOP) {
		content.top += down;
		if (content.top < area.top + scaled(TITLE_HEIGHT))
			content.top = area.top + scaled(TITLE_HEIGHT);
		if (content.top > content.bottom - least)
			content.top = content.bottom - least;
	}
	if (drag->edges & EDGE_BOTTOM)
		content.bottom += down;
	if (content.right < content.left + least_width)
		content.right = content.left + least_width;
	if (content.bottom < content.top + least)
		content.bottom = content.top + least;
	window_set_content(drag->window, content);
}

void drag_continue(void)
{
	if (desktop.drag.kind == DRAG_MOVE)
		drag_move();
	else if (desktop.drag.kind == DRAG_RESIZE)
		drag_resize();
}

void drag_cancel(void)
{
	desktop.drag = (struct drag){ .kind = DRAG_NONE };
	preview_update();
	desktop_mark_pointer_stale();
}

void drag_end(void)
{
	struct drag drag = desktop.drag;

	drag_cancel();
	if (drag.kind == DRAG_MOVE && drag.snap != TILE_NONE) {
		/* Where it was before is where it goes when it is free again. */
		drag.window->content = drag.start;
		window_set_tile_at(drag.window, drag.snap, desktop.pointer_x, desktop.pointer_y);
	} else if (drag.kind == DRAG_MOVE) {
		window_keep_reachable(drag.window);
	}
}
