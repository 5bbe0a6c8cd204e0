/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A menu beside the pointer, whatever it is of (menus.c). One at a time. */
#include "menu.h"

#include <base/string.h>
#include <ddk/keys.h>

#define ITEM_HEIGHT 30
#define PADDING     6
#define TEXT_INSET  30 /* left of it is the mark of what is chosen */
#define SYMBOL_SIDE 14
#define WIDTH_LEAST 160

static bool is_open, is_stale;
static struct menu_item items[MENU_ITEMS_MAX];
static unsigned item_count;
static int hot = -1;
static int32_t left, top, width;
static struct window *owner;
static menu_choice *choice;
static struct sheet sheet;
static struct canvas canvas;

static void mark_stale(void)
{
	is_stale = true;
	compositor_wake();
}

bool menu_is_open(void)
{
	return is_open;
}

static int32_t menu_height(void)
{
	return (int32_t)item_count * scaled(ITEM_HEIGHT) + 2 * scaled(PADDING);
}

static struct blend_rectangle menu_area(void)
{
	return blend_rectangle(left, top, width, menu_height());
}

/* Beside (x, y), on the side where there is room. */
static void place(int32_t x, int32_t y)
{
	struct blend_rectangle area = desktop_work_area(x, y);

	width = scaled(WIDTH_LEAST);
	for (unsigned i = 0; i < item_count; i++) {
		int32_t wanted = draw_text_width(UI_FONT_SANS, items[i].text) +
				 scaled(TEXT_INSET + 2 * PADDING + 12);

		width = wanted > width ? wanted : width;
	}
	left = x + width > area.right ? x - width : x;
	top = y + menu_height() > area.bottom ? y - menu_height() : y;
	if (top + menu_height() > area.bottom)
		top = area.bottom - menu_height() - scaled(PADDING);
	if (left < area.left)
		left = area.left;
	if (top < area.top)
		top = area.top;
}

void menu_open(const struct menu_item *from, unsigned count, int32_t x, int32_t y,
	       struct window *window, menu_choice *choose)
{
	item_count = count < MENU_ITEMS_MAX ? count : MENU_ITEMS_MAX;
	memcpy(items, from, item_count * sizeof(*items));
	owner = window;
	choice = choose;
	hot = -1;
	is_open = true;
	place(x, y);
	mark_stale();
}

void menu_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	mark_stale();
}

void menu_forget(const struct window *window)
{
	if (owner == window)
		menu_close();
}

static void choose(int index)
{
	if (!is_open || index < 0 || (unsigned)index >= item_count)
		return;
	menu_close();
	choice((unsigned)index, owner);
}

/* --- how it looks --- */

static void draw_item(unsigned index)
{
	struct blend_rectangle area = blend_rectangle(
		scaled(PADDING), scaled(PADDING) + (int32_t)index * scaled(ITEM_HEIGHT),
		width - 2 * scaled(PADDING), scaled(ITEM_HEIGHT));
	int32_t middle = (area.top + area.bottom) / 2;

	if ((int)index == hot)
		draw_round(&sheet.surface, area, scaled(6), desktop.theme.popup_hover);
	if (items[index].chosen)
		blend_surface_disc(&sheet.surface, area, (area.left + scaled(12)) * 16, middle * 16,
				   (unsigned)scaled(3) * 16, blend_premultiply(desktop.accent));
	if (items[index].has_symbol) {
		int32_t side = scaled(SYMBOL_SIDE);

		draw_symbol(&sheet.surface,
			    blend_rectangle(area.left + scaled(12) - side / 2, middle - side / 2,
					    side, side),
			    items[index].symbol, desktop.theme.popup_text);
	}
	area.left += scaled(TEXT_INSET - PADDING);
	draw_text(&sheet.surface, area, UI_FONT_SANS, items[index].text, desktop.theme.popup_text);
}

static void draw(void)
{
	struct blend_rectangle all = blend_surface_bounds(&sheet.surface);

	draw_fill(&sheet.surface, all, desktop.theme.popup);
	for (unsigned i = 0; i < item_count; i++)
		draw_item(i);
	blend_surface_outline(&sheet.surface, all, all, (unsigned)scaled(FRAME_RADIUS),
			      (unsigned)scaled(1), blend_premultiply(desktop.theme.popup_border));
}

void menu_update(void)
{
	if (!is_stale)
		return;
	is_stale = false;
	if (canvas.shown && !is_open)
		canvas_hide(&canvas);
	if (!is_open || !sheet_resize(&sheet, width, menu_height()))
		return;
	draw();
	popup_show(&canvas, &sheet, left, top, &desktop.shadow_idle, 4);
}

/* --- the pointer and the keyboard --- */

bool menu_contains(int32_t x, int32_t y)
{
	struct blend_rectangle area = menu_area();

	return is_open && rectangle_contains(&area, x, y);
}

static int item_at(int32_t x, int32_t y)
{
	int32_t down = y - top - scaled(PADDING);

	if (x < left || x >= left + width || down < 0 ||
	    down >= (int32_t)item_count * scaled(ITEM_HEIGHT))
		return -1;
	return down / scaled(ITEM_HEIGHT);
}

void menu_hover(int32_t x, int32_t y)
{
	int index = item_at(x, y);

	if (index == hot)
		return;
	hot = index;
	mark_stale();
}

void menu_press(int32_t x, int32_t y)
{
	choose(item_at(x, y));
}

bool menu_key(const struct input_event *event)
{
	int count = (int)item_count;

	if (!event->value)
		return false;
	switch (event->code) {
	case KEY_DOWN:
	case KEY_TAB:
		hot = (hot + 1) % count;
		break;
	case KEY_UP:
		hot = hot > 0 ? hot - 1 : count - 1;
		break;
	case KEY_ENTER:
	case KEY_PAD_ENTER:
	case KEY_SPACE:
		choose(hot);
		return true;
	case KEY_ESCAPE:
		menu_close();
		return true;
	}
	mark_stale();
	return true;
}
