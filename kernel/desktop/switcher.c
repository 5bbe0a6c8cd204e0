/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The switcher (Alt and Tab): pictures of all windows side by side, the one used last first. What a
 * program draws meanwhile does not show in its picture.
 */
#include <desktop/pixels.h>

#include "desktop_priv.h"

#define SHOWN_MAX      7
#define PICTURE_WIDTH  180
#define PICTURE_HEIGHT 112
#define PADDING        18
#define CELL_GAP       10
#define LABEL          30
#define ICON_SIDE      20

static bool is_open, is_stale;
static struct sheet sheet;
static struct canvas canvas;
static struct window *windows[SHOWN_MAX];
static unsigned count, chosen;

static void gather(void)
{
	struct list_node *node;

	count = 0;
	chosen = 0;
	list_for_each (node, &desktop.stack) {
		struct window *window = container_of(node, struct window, stack_node);

		if (window_is_listed(window) && count < SHOWN_MAX)
			windows[count++] = window;
	}
}

bool switcher_is_open(void)
{
	return is_open;
}

void switcher_step(bool back)
{
	if (!is_open) {
		gather();
		is_open = count > 0;
		/* Without a window in front, the first one is the one to go to. */
		if (!desktop.focused && !back) {
			is_stale = true;
			compositor_wake();
			return;
		}
	}
	if (!count)
		return;
	chosen = (chosen + (back ? count - 1 : 1)) % count;
	is_stale = true;
	compositor_wake();
}

void switcher_end(bool choose)
{
	if (!is_open)
		return;
	is_open = false;
	is_stale = true;
	if (choose && chosen < count)
		window_activate(windows[chosen]);
	compositor_wake();
}

void switcher_forget(struct window *window)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		if (windows[i] == window) {
			if (chosen > i)
				chosen--;
			continue;
		}
		windows[kept++] = windows[i];
	}
	if (kept == count)
		return;
	count = kept;
	if (chosen >= count)
		chosen = 0;
	if (is_open) {
		is_open = count > 0;
		is_stale = true;
		compositor_wake();
	}
}

static struct blend_rectangle cell_area(unsigned index)
{
	return blend_rectangle(scaled(PADDING) + (int32_t)index * scaled(PICTURE_WIDTH + CELL_GAP),
			       scaled(PADDING), scaled(PICTURE_WIDTH),
			       scaled(PICTURE_HEIGHT + LABEL));
}

/* The largest rectangle of the window's shape in `area`, in its middle; never larger than it is. */
static struct blend_rectangle fit(const struct window *window, struct blend_rectangle area)
{
	int64_t room_width = rectangle_width(&area), room_height = rectangle_height(&area);
	int64_t width = window->front_width, height = window->front_height;

	if (width > room_width || height > room_height) {
		if (width * room_height > height * room_width) {
			height = height * room_width / width;
			width = room_width;
		} else {
			width = width * room_height / height;
			height = room_height;
		}
	}
	if (width < 1)
		width = 1;
	if (height < 1)
		height = 1;
	return blend_rectangle(area.left + (int32_t)(room_width - width) / 2,
			       area.top + (int32_t)(room_height - height) / 2, (int32_t)width,
			       (int32_t)height);
}

static void draw_cell(unsigned index)
{
	const struct window *window = windows[index];
	struct blend_rectangle cell = cell_area(index), picture = cell, label = cell, icon;
	const struct blend_surface content = {
		.pixels = window->front ? pixels_address(window->front) : NULL,
		.width = window->front_width,
		.height = window->front_height,
		.stride = (uint32_t)window->front_width,
	};
	int32_t inset = scaled(8), side = scaled(ICON_SIDE);

	if (index == chosen) {
		struct blend_rectangle around = { cell.left - scaled(4), cell.top - scaled(6),
						  cell.right + scaled(4), cell.bottom + scaled(4) };

		draw_round(&sheet.surface, around, scaled(10), desktop.theme.popup_hover);
		blend_surface_outline(&sheet.surface, blend_surface_bounds(&sheet.surface), around,
				      (unsigned)scaled(10), (unsigned)scaled(2),
				      blend_premultiply(desktop.accent));
	}
	picture.left += inset;
	picture.right -= inset;
	picture.bottom = picture.top + scaled(PICTURE_HEIGHT);
	picture = fit(window, picture);
	if (content.pixels)
		blend_surface_scale(&sheet.surface, blend_surface_bounds(&sheet.surface), picture,
				    &content, true);
	blend_surface_outline(&sheet.surface, blend_surface_bounds(&sheet.surface), picture, 0,
			      (unsigned)scaled(1), blend_premultiply(desktop.theme.popup_border));
	label.top = label.bottom - scaled(LABEL);
	icon = blend_rectangle(label.left + inset, (label.top + label.bottom - side) / 2, side,
			       side);
	draw_icon(&sheet.surface, icon, session_icon_of_title(window->title));
	label.left = icon.right + scaled(6);
	label.right -= inset;
	draw_text(&sheet.surface, label, UI_FONT_SANS, window->title, desktop.theme.popup_text);
}

static void draw(void)
{
	struct blend_rectangle all = blend_surface_bounds(&sheet.surface);

	draw_fill(&sheet.surface, all, desktop.theme.popup);
	for (unsigned i = 0; i < count; i++)
		draw_cell(i);
	blend_surface_outline(&sheet.surface, all, all, (unsigned)scaled(FRAME_RADIUS),
			      (unsigned)scaled(1), blend_premultiply(desktop.theme.popup_border));
}

void switcher_update(void)
{
	struct blend_rectangle display = desktop_display_area(desktop.pointer_x, desktop.pointer_y);
	int32_t width =
		scaled(2 * PADDING - CELL_GAP) + (int32_t)count * scaled(PICTURE_WIDTH + CELL_GAP);
	int32_t height = scaled(2 * PADDING + PICTURE_HEIGHT + LABEL);

	if (!is_stale)
		return;
	is_stale = false;
	if (canvas.shown && !is_open)
		canvas_hide(&canvas);
	if (!is_open || !sheet_resize(&sheet, width, height))
		return;
	draw();
	popup_show(&canvas, &sheet, (display.left + display.right - width) / 2,
		   (display.top + display.bottom - height) / 2, &desktop.shadow, 8);
}
