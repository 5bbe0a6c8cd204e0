/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: damage, and drawing what is damaged. See ui_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "ui_priv.h"

static int64_t area_of(struct blend_rectangle area)
{
	return (int64_t)(area.right - area.left) * (area.bottom - area.top);
}

static void remove_damage(struct ui *ui, unsigned index)
{
	ui->damage[index] = ui->damage[--ui->damage_count];
}

/* What uniting two areas would draw in vain. */
static int64_t waste(struct blend_rectangle a, struct blend_rectangle b)
{
	return area_of(blend_rectangle_unite(a, b)) - area_of(a) - area_of(b);
}

void ui_damage(struct ui *ui, struct blend_rectangle area)
{
	area = blend_rectangle_intersect(area, blend_surface_bounds(&ui->surface));
	if (blend_rectangle_is_empty(&area))
		return;
	/* Those that overlap or nearly touch become one, which may touch another then. */
	for (unsigned i = 0; i < ui->damage_count; i++)
		if (waste(ui->damage[i], area) <= 0) {
			area = blend_rectangle_unite(ui->damage[i], area);
			remove_damage(ui, i);
			i = (unsigned)-1;
		}
	if (ui->damage_count == UI_DAMAGE_MAX) {
		unsigned best = 0;

		for (unsigned i = 1; i < UI_DAMAGE_MAX; i++)
			if (waste(ui->damage[i], area) < waste(ui->damage[best], area))
				best = i;
		area = blend_rectangle_unite(ui->damage[best], area);
		remove_damage(ui, best);
		ui_damage(ui, area);
		return;
	}
	ui->damage[ui->damage_count++] = area;
}

static void draw_tree(struct ui_widget *widget, const struct ui_painter *outer)
{
	struct ui_painter painter = ui_painter_within(outer, widget->area);

	if (widget->hidden || blend_rectangle_is_empty(&painter.clip))
		return;
	if (widget->class && widget->class->draw)
		widget->class->draw(widget, &painter);
	for (struct ui_widget *child = widget->first; child; child = child->next)
		draw_tree(child, &painter);
}

/* Copies what is whole to where the compositor reads it. */
static void publish(struct ui *ui, struct blend_rectangle area)
{
	struct blend_surface target = { .pixels = ui->window->pixels,
					.width = ui->window->width,
					.height = ui->window->height,
					.stride = (uint32_t)ui->window->width };

	blend_surface_draw(&target, area, &ui->surface, 0, 0, false);
	window_show_area(ui->window, area.left, area.top, area.right - area.left,
			 area.bottom - area.top);
}

static void draw_area(struct ui *ui, struct blend_rectangle area)
{
	struct ui_painter painter = { .ui = ui, .surface = &ui->surface, .clip = area };

	ui_paint_fill(&painter, area, ui_colour(ui, UI_COLOUR_WINDOW));
	draw_tree(ui->layers, &painter);
	ui_draw_tip(ui, &painter);
}

/* The window, or more than it shows if it is smaller than the program can be. */
static struct blend_rectangle layout_area(const struct ui *ui)
{
	int width = ui_pixels(ui, ui->minimum_width), height = ui_pixels(ui, ui->minimum_height);

	return blend_rectangle(0, 0, ui->surface.width > width ? ui->surface.width : width,
			       ui->surface.height > height ? ui->surface.height : height);
}

void ui_update(struct ui *ui)
{
	/* A layout may find that it needs another one: not for ever. */
	for (int i = 0; i < 4 && ui->needs_layout; i++) {
		ui->needs_layout = false;
		ui_measure(ui->layers);
		ui_widget_place(ui->layers, layout_area(ui));
		for (struct ui_widget *layer = ui->layers->first; layer; layer = layer->next)
			ui_widget_place(layer, ui->layers->area);
		ui_update_hover(ui);
	}
	for (unsigned i = 0; i < ui->damage_count; i++)
		draw_area(ui, ui->damage[i]);
	for (unsigned i = 0; i < ui->damage_count; i++)
		publish(ui, ui->damage[i]);
	ui->damage_count = 0;
}

void ui_resized(struct ui *ui)
{
	int width = ui->window->width, height = ui->window->height;
	size_t size = (size_t)width * (size_t)height * sizeof(uint32_t);

	ui->surface.pixels = ui_reallocate(ui->surface.pixels, size);
	ui->surface.width = width;
	ui->surface.height = height;
	ui->surface.stride = (uint32_t)width;
	ui->needs_layout = true;
	ui->damage_count = 0;
	ui_damage(ui, blend_surface_bounds(&ui->surface));
}
