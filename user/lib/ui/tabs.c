/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tabs above pages. See controls.h. */
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

#define TAB_HEIGHT 36 /* points */
#define TAB_PAD    16

/* Its children are the pages. */
struct tabs {
	struct ui_widget widget;
	char **titles;
	unsigned count, current;
	int hovered; /* a tab, or -1 */
};

static int tab_width(const struct tabs *tabs, unsigned index)
{
	const char *title = tabs->titles[index];

	return ui_text_width(tabs->widget.ui, UI_FONT_NORMAL, title, strlen(title)) +
	       2 * ui_pixels(tabs->widget.ui, TAB_PAD);
}

static struct blend_rectangle tab_area(const struct tabs *tabs, unsigned index)
{
	struct blend_rectangle area = tabs->widget.area;

	area.left += ui_pixels(tabs->widget.ui, 6);
	for (unsigned i = 0; i < index; i++)
		area.left += tab_width(tabs, i);
	area.right = area.left + tab_width(tabs, index);
	area.bottom = area.top + ui_pixels(tabs->widget.ui, TAB_HEIGHT);
	return area;
}

static void tabs_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = *height = 0;
	for (struct ui_widget *page = widget->first; page; page = page->next) {
		*width = page->need_width > *width ? page->need_width : *width;
		*height = page->need_height > *height ? page->need_height : *height;
	}
	*height += ui_pixels(widget->ui, TAB_HEIGHT);
}

static void tabs_layout(struct ui_widget *widget)
{
	struct blend_rectangle area = widget->area;

	area.top += ui_pixels(widget->ui, TAB_HEIGHT);
	for (struct ui_widget *page = widget->first; page; page = page->next)
		if (!page->hidden)
			ui_widget_place(page, area);
}

static void draw_tab(const struct tabs *tabs, unsigned index, struct ui_painter *painter)
{
	struct ui *ui = tabs->widget.ui;
	struct blend_rectangle area = tab_area(tabs, index), mark;
	bool current = index == tabs->current;

	if ((int)index == tabs->hovered && !current)
		ui_paint_round(painter, ui_inset(area, ui_pixels(ui, 3), ui_pixels(ui, 5)),
			       ui_pixels(ui, 5), ui_colour(ui, UI_COLOUR_HOVER));
	ui_paint_text(painter, area, current ? UI_FONT_BOLD : UI_FONT_NORMAL, UI_ALIGN_CENTRE,
		      tabs->titles[index],
		      ui_colour(ui, current ? UI_COLOUR_TEXT : UI_COLOUR_TEXT_DIM));
	if (!current)
		return;
	mark = ui_inset(area, ui_pixels(ui, TAB_PAD - 6), 0);
	mark.top = mark.bottom - ui_pixels(ui, 3);
	ui_paint_round(painter, mark, ui_pixels(ui, 1), ui_colour(ui, UI_COLOUR_ACCENT));
}

static void tabs_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct tabs *tabs = (const struct tabs *)widget;
	struct blend_rectangle bar = widget->area;

	bar.bottom = bar.top + ui_pixels(widget->ui, TAB_HEIGHT);
	ui_paint_fill(painter, bar, ui_colour(widget->ui, UI_COLOUR_BAR));
	bar.top = bar.bottom - ui_pixels(widget->ui, 1);
	ui_paint_fill(painter, bar, ui_colour(widget->ui, UI_COLOUR_BORDER));
	for (unsigned i = 0; i < tabs->count; i++)
		draw_tab(tabs, i, painter);
}

static int tab_at(const struct tabs *tabs, int x, int y)
{
	for (unsigned i = 0; i < tabs->count; i++)
		if (ui_contains(tab_area(tabs, i), x, y))
			return (int)i;
	return -1;
}

static void set_hovered(struct tabs *tabs, int index)
{
	struct blend_rectangle bar = tabs->widget.area;

	if (index == tabs->hovered)
		return;
	tabs->hovered = index;
	bar.bottom = bar.top + ui_pixels(tabs->widget.ui, TAB_HEIGHT);
	ui_widget_damage_area(&tabs->widget, bar);
}

static void user_selects(struct tabs *tabs, unsigned index)
{
	if (index == tabs->current)
		return;
	ui_tabs_select(&tabs->widget, index);
	ui_widget_act(&tabs->widget);
}

static bool tabs_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct tabs *tabs = (struct tabs *)widget;
	int index = tab_at(tabs, event->x, event->y);

	switch (event->type) {
	case UI_EVENT_PRESS:
		if (event->button != UI_BUTTON_LEFT || index < 0)
			return false;
		user_selects(tabs, (unsigned)index);
		return true;
	case UI_EVENT_MOVE:
	case UI_EVENT_LEAVE:
		set_hovered(tabs, event->type == UI_EVENT_MOVE ? index : -1);
		return true;
	case UI_EVENT_KEY:
		if (!(event->modifiers & UI_CONTROL) || tabs->count == 0)
			return false;
		if (event->key == ORBITAL_KEY_PAGE_DOWN)
			user_selects(tabs, (tabs->current + 1) % tabs->count);
		else if (event->key == ORBITAL_KEY_PAGE_UP)
			user_selects(tabs, (tabs->current + tabs->count - 1) % tabs->count);
		else
			return false;
		return true;
	default:
		return false;
	}
}

static void tabs_destroy(struct ui_widget *widget)
{
	struct tabs *tabs = (struct tabs *)widget;

	for (unsigned i = 0; i < tabs->count; i++)
		free(tabs->titles[i]);
	free(tabs->titles);
}

struct ui_widget *ui_tabs(struct ui_widget *parent)
{
	static const struct ui_class tabs_class = {
		.name = "tabs",
		.measure = tabs_measure,
		.layout = tabs_layout,
		.draw = tabs_draw,
		.event = tabs_event,
		.destroy = tabs_destroy,
	};
	struct tabs *tabs = (struct tabs *)ui_widget_create(parent, &tabs_class, sizeof(*tabs));

	tabs->hovered = -1;
	return &tabs->widget;
}

struct ui_widget *ui_tabs_add(struct ui_widget *widget, const char *title)
{
	struct tabs *tabs = (struct tabs *)widget;
	struct ui_widget *page = ui_column(widget);

	tabs->titles = ui_reallocate(tabs->titles, (tabs->count + 1) * sizeof(*tabs->titles));
	tabs->titles[tabs->count] = ui_copy_text(title);
	ui_widget_show(page, tabs->count == tabs->current);
	tabs->count++;
	ui_widget_damage(widget);
	return page;
}

unsigned ui_tabs_current(const struct ui_widget *widget)
{
	return ((const struct tabs *)widget)->current;
}

void ui_tabs_select(struct ui_widget *widget, unsigned index)
{
	struct tabs *tabs = (struct tabs *)widget;
	unsigned i = 0;

	tabs->current = index;
	for (struct ui_widget *page = widget->first; page; page = page->next)
		ui_widget_show(page, i++ == index);
	ui_widget_damage(widget);
}
