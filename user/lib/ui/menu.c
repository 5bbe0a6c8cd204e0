/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus, and what drops one down: choices. See controls.h. */
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define MENU_PAD       5 /* points, as all below */
#define ITEM_HEIGHT    28
#define ITEM_PAD       10
#define ICON_ROOM      26
#define SEPARATOR      9
#define MENU_RADIUS    8
#define ARMED_DISTANCE 8
#define NO_ITEM        (-1)
#define CHOICE_HEIGHT  30

struct item {
	char *text, *shortcut; /* text NULL: a separator */
	struct ui_menu_item from;
};

/* A layer: everything beside `card` closes it. */
struct menu {
	struct ui_widget widget;
	struct item *items;
	int count, current;
	bool armed;         /* the pointer moved: letting go of the button that opened it chooses */
	int from_x, from_y; /* where the pointer was at first */
	struct blend_rectangle card;
	int x, y, least_width;
	char *argument;
	size_t argument_step; /* bytes from one item's argument to the next one's, or 0 */
};

struct choice {
	struct ui_widget widget;
	struct ui_menu_item *items;
	unsigned count, current;
	struct choice_item *references;
};

/* What an item of a choice's menu calls with. */
struct choice_item {
	struct choice *choice;
	unsigned index;
};

static int item_height(const struct menu *menu, int index)
{
	return ui_pixels(menu->widget.ui, menu->items[index].text ? ITEM_HEIGHT : SEPARATOR);
}

static int text_width(const struct menu *menu, const char *text)
{
	return text ? ui_text_width(menu->widget.ui, UI_FONT_NORMAL, text, strlen(text)) : 0;
}

static bool has_icons(const struct menu *menu)
{
	for (int i = 0; i < menu->count; i++)
		if (menu->items[i].from.icon || menu->items[i].from.checked)
			return true;
	return false;
}

static void menu_place_card(struct menu *menu)
{
	struct ui *ui = menu->widget.ui;
	int width = ui_pixels(ui, 140), height = 2 * ui_pixels(ui, MENU_PAD);
	int left = menu->x, top = menu->y;

	for (int i = 0; i < menu->count; i++) {
		int need = text_width(menu, menu->items[i].text) +
			   text_width(menu, menu->items[i].shortcut) +
			   ui_pixels(ui, 2 * (ITEM_PAD + MENU_PAD) +
						 (has_icons(menu) ? ICON_ROOM : 0) +
						 (menu->items[i].shortcut ? 28 : 0));

		width = need > width ? need : width;
		height += item_height(menu, i);
	}
	width = width > menu->least_width ? width : menu->least_width;
	if (left + width > ui->surface.width)
		left = ui->surface.width - width;
	if (top + height > ui->surface.height)
		top = ui->surface.height - height;
	menu->card = blend_rectangle(left > 0 ? left : 0, top > 0 ? top : 0, width, height);
}

static void menu_layout(struct ui_widget *widget)
{
	menu_place_card((struct menu *)widget);
}

static struct blend_rectangle item_area(const struct menu *menu, int index)
{
	struct ui *ui = menu->widget.ui;
	struct blend_rectangle area = ui_inset(menu->card, ui_pixels(ui, MENU_PAD), 0);

	area.top += ui_pixels(ui, MENU_PAD);
	for (int i = 0; i < index; i++)
		area.top += item_height(menu, i);
	area.bottom = area.top + item_height(menu, index);
	return area;
}

static void draw_item(const struct menu *menu, int index, struct ui_painter *painter)
{
	struct ui *ui = menu->widget.ui;
	const struct item *item = &menu->items[index];
	struct blend_rectangle area = item_area(menu, index);
	bool current = index == menu->current;
	uint32_t colour = ui_colour(ui, item->from.disabled ? UI_COLOUR_TEXT_DISABLED
					: current           ? UI_COLOUR_ACCENT_TEXT
							    : UI_COLOUR_TEXT);
	enum ui_icon icon = item->from.checked ? UI_ICON_CHECK : item->from.icon;

	if (!item->text) {
		area.top += (area.bottom - area.top) / 2;
		area.bottom = area.top + ui_pixels(ui, 1);
		ui_paint_fill(painter, ui_inset(area, ui_pixels(ui, ITEM_PAD) / 2, 0),
			      ui_colour(ui, UI_COLOUR_BORDER));
		return;
	}
	if (current)
		ui_paint_round(painter, area, ui_pixels(ui, 5), ui_colour(ui, UI_COLOUR_ACCENT));
	area = ui_inset(area, ui_pixels(ui, ITEM_PAD), 0);
	if (has_icons(menu)) {
		struct blend_rectangle place = area;

		place.right = place.left + ui_pixels(ui, 16);
		if (icon)
			ui_paint_icon(painter, place, icon, 16, colour);
		area.left += ui_pixels(ui, ICON_ROOM);
	}
	ui_paint_text(painter, area, UI_FONT_NORMAL, UI_ALIGN_LEFT, item->text, colour);
	if (item->shortcut)
		ui_paint_text(painter, area, UI_FONT_NORMAL, UI_ALIGN_RIGHT, item->shortcut,
			      current ? colour : ui_colour(ui, UI_COLOUR_TEXT_DIM));
}

static void menu_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct menu *menu = (const struct menu *)widget;
	struct ui *ui = widget->ui;
	int radius = ui_pixels(ui, MENU_RADIUS), line = ui_pixels(ui, 1);

	ui_paint_shadow(painter, menu->card);
	ui_paint_round(painter, menu->card, radius, ui_colour(ui, UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(menu->card, line, line), radius - line,
		       ui_colour(ui, UI_COLOUR_CARD));
	for (int i = 0; i < menu->count; i++)
		draw_item(menu, i, painter);
}

static void set_current(struct menu *menu, int index)
{
	if (menu->current == index)
		return;
	if (menu->current != NO_ITEM)
		ui_widget_damage_area(&menu->widget, item_area(menu, menu->current));
	menu->current = index;
	if (index != NO_ITEM)
		ui_widget_damage_area(&menu->widget, item_area(menu, index));
}

static bool can_choose(const struct menu *menu, int index)
{
	return menu->items[index].text && !menu->items[index].from.disabled;
}

static int item_at(const struct menu *menu, int x, int y)
{
	for (int i = 0; i < menu->count; i++)
		if (ui_contains(item_area(menu, i), x, y) && can_choose(menu, i))
			return i;
	return NO_ITEM;
}

static void choose(struct menu *menu, int index)
{
	ui_action action = menu->items[index].from.action;
	void *argument = menu->argument + (size_t)index * menu->argument_step;

	ui_widget_destroy(&menu->widget);
	if (action)
		action(argument);
}

static void step_current(struct menu *menu, int by)
{
	int index = menu->current;

	for (int i = 0; i < menu->count; i++) {
		index = index == NO_ITEM ? (by > 0 ? 0 : menu->count - 1)
					 : (index + by + menu->count) % menu->count;
		if (can_choose(menu, index)) {
			set_current(menu, index);
			return;
		}
	}
}

static void menu_key(struct menu *menu, const struct ui_event *event)
{
	switch (event->key) {
	case ORBITAL_KEY_ESCAPE:
	case ORBITAL_KEY_LEFT:
		ui_widget_destroy(&menu->widget);
		break;
	case ORBITAL_KEY_UP:
		step_current(menu, -1);
		break;
	case ORBITAL_KEY_DOWN:
		step_current(menu, 1);
		break;
	case ORBITAL_KEY_ENTER:
	case ORBITAL_KEY_PAD_ENTER:
	case ORBITAL_KEY_SPACE:
		if (menu->current != NO_ITEM)
			choose(menu, menu->current);
		break;
	}
}

static bool menu_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct menu *menu = (struct menu *)widget;
	int index = item_at(menu, event->x, event->y);

	switch (event->type) {
	case UI_EVENT_KEY:
		menu_key(menu, event);
		break;
	case UI_EVENT_MOVE:
		menu->armed |= abs(event->x - menu->from_x) + abs(event->y - menu->from_y) >
			       ui_pixels(widget->ui, ARMED_DISTANCE);
		set_current(menu, index);
		break;
	case UI_EVENT_PRESS:
		menu->armed = true;
		if (!ui_contains(menu->card, event->x, event->y))
			ui_widget_destroy(widget);
		break;
	case UI_EVENT_RELEASE:
		if (menu->armed && index != NO_ITEM)
			choose(menu, index);
		break;
	default:
		break;
	}
	return true;
}

static void menu_destroy(struct ui_widget *widget)
{
	struct menu *menu = (struct menu *)widget;

	for (int i = 0; i < menu->count; i++) {
		free(menu->items[i].text);
		free(menu->items[i].shortcut);
	}
	free(menu->items);
}

static struct menu *show_menu(struct ui *ui, int x, int y, const struct ui_menu_item *items,
			      unsigned count, void *argument)
{
	static const struct ui_class menu_class = {
		.name = "menu",
		.layout = menu_layout,
		.draw = menu_draw,
		.event = menu_event,
		.destroy = menu_destroy,
	};
	struct menu *menu = (struct menu *)ui_layer_create(ui, &menu_class, sizeof(*menu));

	menu->items = ui_allocate(count * sizeof(*menu->items));
	menu->count = (int)count;
	menu->current = NO_ITEM;
	menu->from_x = ui->pointer_x;
	menu->from_y = ui->pointer_y;
	menu->x = x;
	menu->y = y;
	menu->argument = argument;
	for (unsigned i = 0; i < count; i++) {
		menu->items[i].from = items[i];
		menu->items[i].text = items[i].text ? ui_copy_text(items[i].text) : NULL;
		if (items[i].shortcut)
			menu->items[i].shortcut = ui_copy_text(items[i].shortcut);
	}
	return menu;
}

void ui_menu_show(struct ui *ui, int x, int y, const struct ui_menu_item *items, unsigned count,
		  void *argument)
{
	show_menu(ui, x, y, items, count, argument);
}

void ui_menu_show_below(struct ui_widget *widget, const struct ui_menu_item *items, unsigned count,
			void *argument)
{
	show_menu(widget->ui, widget->area.left, widget->area.bottom + ui_pixels(widget->ui, 3),
		  items, count, argument);
}

static void choice_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct choice *choice = (const struct choice *)widget;

	*width = 0;
	for (unsigned i = 0; i < choice->count; i++) {
		const char *text = choice->items[i].text;
		int need = ui_text_width(widget->ui, UI_FONT_NORMAL, text, strlen(text));

		*width = need > *width ? need : *width;
	}
	*width += ui_pixels(widget->ui, 12 + 30);
	*height = ui_pixels(widget->ui, CHOICE_HEIGHT);
}

static void choice_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct choice *choice = (const struct choice *)widget;
	struct ui *ui = widget->ui;
	struct blend_rectangle area = widget->area, arrow;
	int height = ui_pixels(ui, CHOICE_HEIGHT), radius = ui_pixels(ui, 6),
	    line = ui_pixels(ui, 1);
	uint32_t colour =
		ui_colour(ui, widget->disabled ? UI_COLOUR_TEXT_DISABLED : UI_COLOUR_TEXT);

	area.top += (ui_height(widget) - height) / 2;
	area.bottom = area.top + height;
	ui_paint_round(
		painter, area, radius,
		ui_colour(ui, ui_widget_has_focus(widget) ? UI_COLOUR_ACCENT : UI_COLOUR_BORDER));
	ui_paint_round(painter, ui_inset(area, line, line), radius - line,
		       ui_colour(ui, widget->hover ? UI_COLOUR_BUTTON_HOVER : UI_COLOUR_BUTTON));
	arrow = area;
	arrow.left = area.right - ui_pixels(ui, 26);
	ui_paint_icon(painter, arrow, UI_ICON_CHEVRON_DOWN, 14, colour);
	area = ui_inset(area, ui_pixels(ui, 12), 0);
	area.right = arrow.left;
	if (choice->current < choice->count)
		ui_paint_text(painter, area, UI_FONT_NORMAL, UI_ALIGN_LEFT,
			      choice->items[choice->current].text, colour);
}

static void choice_chosen(void *argument)
{
	const struct choice_item *item = argument;
	struct choice *choice = item->choice;

	if (choice->current == item->index)
		return;
	choice->current = item->index;
	ui_widget_damage(&choice->widget);
	ui_widget_act(&choice->widget);
}

static void choice_open(struct choice *choice)
{
	struct ui_widget *widget = &choice->widget;
	struct menu *menu;

	for (unsigned i = 0; i < choice->count; i++)
		choice->items[i].checked = i == choice->current;
	menu = show_menu(widget->ui, widget->area.left,
			 widget->area.bottom + ui_pixels(widget->ui, 3), choice->items,
			 choice->count, choice->references);
	menu->argument_step = sizeof(*choice->references);
	menu->least_width = ui_width(widget);
}

static bool choice_event(struct ui_widget *widget, const struct ui_event *event)
{
	switch (event->type) {
	case UI_EVENT_KEY:
		if (event->modifiers ||
		    (event->key != ORBITAL_KEY_SPACE && event->key != ORBITAL_KEY_ENTER &&
		     event->key != ORBITAL_KEY_DOWN))
			return false;
		choice_open((struct choice *)widget);
		return true;
	case UI_EVENT_PRESS:
		if (event->button != UI_BUTTON_LEFT)
			return false;
		choice_open((struct choice *)widget);
		return true;
	case UI_EVENT_ENTER:
	case UI_EVENT_LEAVE:
		ui_widget_damage(widget);
		return true;
	default:
		return false;
	}
}

static void choice_destroy(struct ui_widget *widget)
{
	struct choice *choice = (struct choice *)widget;

	for (unsigned i = 0; i < choice->count; i++)
		free((char *)(uintptr_t)choice->items[i].text);
	free(choice->items);
	free(choice->references);
}

struct ui_widget *ui_choice(struct ui_widget *parent, const char *const *texts, unsigned count,
			    unsigned current)
{
	static const struct ui_class choice_class = {
		.name = "choice",
		.measure = choice_measure,
		.draw = choice_draw,
		.event = choice_event,
		.destroy = choice_destroy,
		.focusable = true,
		.tab_only = true,
	};
	struct choice *choice =
		(struct choice *)ui_widget_create(parent, &choice_class, sizeof(*choice));

	choice->items = ui_allocate(count * sizeof(*choice->items));
	choice->references = ui_allocate(count * sizeof(*choice->references));
	for (unsigned i = 0; i < count; i++) {
		choice->items[i].text = ui_copy_text(texts[i]);
		choice->items[i].action = choice_chosen;
		choice->references[i] = (struct choice_item){ choice, i };
	}
	choice->count = count;
	choice->current = current;
	return &choice->widget;
}

unsigned ui_choice_current(const struct ui_widget *choice)
{
	return ((const struct choice *)choice)->current;
}
