/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: what they hold, and drawing it. table_input.c has the rest; see table.h. */
#include <stdlib.h>
#include <string.h>

#include "table_priv.h"

#define HEAD_HEIGHT 28 /* points, as all below */
#define ROW_HEIGHT  26
#define CELL_PAD    8
#define TILE_WIDTH  104
#define TILE_HEIGHT 92
#define TILE_ICON   48
#define BAR_WIDTH   12

int table_line_height(const struct table *table)
{
	return ui_pixels(table->widget.ui, table->icons ? TILE_HEIGHT : ROW_HEIGHT);
}

int table_head_height(const struct table *table)
{
	bool none = table->icons || (table->column_count == 1 && !table->columns[0].title[0]);

	return none ? 0 : ui_pixels(table->widget.ui, HEAD_HEIGHT);
}

struct blend_rectangle table_rows_area(const struct table *table)
{
	struct blend_rectangle area = table->widget.area;

	area.top += table_head_height(table);
	if (!table->bar->hidden)
		area.right -= ui_pixels(table->widget.ui, BAR_WIDTH);
	return area;
}

size_t table_per_line(const struct table *table)
{
	struct blend_rectangle area = table_rows_area(table);
	int fit = (area.right - area.left - 2 * ui_pixels(table->widget.ui, ROWS_MARGIN)) /
		  ui_pixels(table->widget.ui, TILE_WIDTH);

	return table->icons && fit > 1 ? (size_t)fit : 1;
}

struct blend_rectangle table_row_area(const struct table *table, size_t row)
{
	struct blend_rectangle area = table_rows_area(table);
	size_t per_line = table_per_line(table);
	int height = table_line_height(table), margin = ui_pixels(table->widget.ui, ROWS_MARGIN);
	int64_t top = area.top + (int64_t)(row / per_line) * height - table->scroll;

	if (top < -BLEND_COORDINATE_MAX || top > BLEND_COORDINATE_MAX)
		return (struct blend_rectangle){ 0 };
	area.top = (int)top + margin;
	if (table->icons) {
		int width = (area.right - area.left - 2 * margin) / (int)per_line;

		area.left += margin + (int)(row % per_line) * width;
		area.right = area.left + width;
	}
	area.bottom = area.top + height;
	return area;
}

struct blend_rectangle table_column_area(const struct table *table, unsigned column)
{
	struct blend_rectangle area = table_rows_area(table);
	struct ui *ui = table->widget.ui;
	int rest = area.right - area.left;

	area.top = table->widget.area.top;
	for (unsigned i = 0; i < table->column_count; i++)
		rest -= ui_pixels(ui, table->columns[i].width);
	rest = rest > ui_pixels(ui, 40) ? rest : ui_pixels(ui, 40);
	for (unsigned i = 0; i <= column; i++) {
		int width = table->columns[i].width ? ui_pixels(ui, table->columns[i].width) : rest;

		if (i > 0)
			area.left = area.right;
		area.right = area.left + width;
	}
	return area;
}

bool ui_table_is_selected(const struct ui_widget *widget, size_t row)
{
	const struct table *table = (const struct table *)widget;

	return row < table->count && (table->selected[row / 8] >> row % 8 & 1);
}

static void read_cell(const struct table *table, size_t row, unsigned column, struct ui_cell *cell)
{
	*cell = (struct ui_cell){ .colour = UI_COLOUR_TEXT };
	table->model->cell(table->context, row, column, cell);
}

static void draw_background(const struct table *table, struct ui_painter *painter, size_t row,
			    struct blend_rectangle area)
{
	struct ui *ui = table->widget.ui;
	bool focus = ui_widget_has_focus(&table->widget);
	int radius = ui_pixels(ui, table->icons ? 6 : 5);
	struct blend_rectangle shape = table->icons
					       ? ui_inset(area, ui_pixels(ui, 2), ui_pixels(ui, 2))
					       : ui_inset(area, ui_pixels(ui, 3), 0);

	if (ui_table_is_selected(&table->widget, row))
		ui_paint_round(
			painter, shape, radius,
			ui_colour(ui, focus ? UI_COLOUR_SELECTION : UI_COLOUR_SELECTION_DIM));
	else if (row == table->hovered)
		ui_paint_round(painter, shape, radius, ui_colour(ui, UI_COLOUR_HOVER));
	if (focus && row == table->current && table->multiple && table->selected_count != 1)
		ui_paint_outline(painter, shape, radius, ui_pixels(ui, 1),
				 ui_colour(ui, UI_COLOUR_ACCENT));
}

static void draw_row(const struct table *table, struct ui_painter *painter, size_t row)
{
	struct ui *ui = table->widget.ui;
	struct blend_rectangle area = table_row_area(table, row);

	draw_background(table, painter, row, area);
	for (unsigned column = 0; column < table->column_count; column++) {
		struct blend_rectangle place = table_column_area(table, column);
		struct ui_cell cell;

		place.top = area.top;
		place.bottom = area.bottom;
		place = ui_inset(place, ui_pixels(ui, CELL_PAD), 0);
		read_cell(table, row, column, &cell);
		if (cell.icon) {
			struct blend_rectangle square = place;

			square.right = square.left + ui_pixels(ui, 18);
			ui_paint_icon(painter, square, cell.icon, 18, ui_colour(ui, cell.colour));
			place.left = square.right + ui_pixels(ui, 8);
		}
		ui_paint_text(painter, place, cell.font, table->columns[column].align, cell.text,
			      ui_colour(ui, cell.colour));
	}
}

static void draw_tile(const struct table *table, struct ui_painter *painter, size_t row)
{
	struct ui *ui = table->widget.ui;
	struct blend_rectangle area = table_row_area(table, row), place = area;
	int line_height = ui_line_height(ui, UI_FONT_NORMAL);
	struct ui_cell cell;

	draw_background(table, painter, row, area);
	read_cell(table, row, 0, &cell);
	place.top += ui_pixels(ui, 8);
	place.bottom = place.top + ui_pixels(ui, TILE_ICON);
	ui_paint_icon(painter, place, cell.icon, TILE_ICON, ui_colour(ui, cell.colour));
	place.top = place.bottom + ui_pixels(ui, 4);
	place.bottom = place.top + line_height;
	ui_paint_text(painter, ui_inset(place, ui_pixels(ui, 6), 0), UI_FONT_NORMAL,
		      UI_ALIGN_CENTRE, cell.text, ui_colour(ui, cell.colour));
}

static void draw_head_cell(const struct table *table, struct ui_painter *painter, unsigned column)
{
	struct ui *ui = table->widget.ui;
	struct blend_rectangle area = table_column_area(table, column), line;

	area.bottom = area.top + table_head_height(table);
	if ((int)column == table->hovered_head && table->columns[column].sortable)
		ui_paint_fill(painter, area, ui_colour(ui, UI_COLOUR_HOVER));
	if (column > 0) {
		line = ui_inset(area, 0, ui_pixels(ui, 7));
		line.right = line.left + ui_pixels(ui, 1);
		ui_paint_fill(painter, line, ui_colour(ui, UI_COLOUR_BORDER));
	}
	area = ui_inset(area, ui_pixels(ui, CELL_PAD), 0);
	if ((int)column == table->sorted) {
		struct blend_rectangle mark = area;

		mark.left = mark.right - ui_pixels(ui, 12);
		ui_paint_icon(painter, mark,
			      table->descending ? UI_ICON_CHEVRON_DOWN : UI_ICON_CHEVRON_UP, 12,
			      ui_colour(ui, UI_COLOUR_TEXT_DIM));
		area.right = mark.left - ui_pixels(ui, 4);
	}
	ui_paint_text(painter, area, UI_FONT_NORMAL, table->columns[column].align,
		      table->columns[column].title, ui_colour(ui, UI_COLOUR_TEXT_DIM));
}

static void draw_head(const struct table *table, struct ui_painter *painter)
{
	struct ui *ui = table->widget.ui;
	struct blend_rectangle area = table->widget.area;

	area.bottom = area.top + table_head_height(table);
	if (blend_rectangle_is_empty(&area))
		return;
	ui_paint_fill(painter, area, ui_colour(ui, UI_COLOUR_BAR));
	for (unsigned column = 0; column < table->column_count; column++)
		draw_head_cell(table, painter, column);
	area.top = area.bottom - ui_pixels(ui, 1);
	ui_paint_fill(painter, area, ui_colour(ui, UI_COLOUR_BORDER));
}

static void table_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	const struct table *table = (const struct table *)widget;
	struct blend_rectangle rows = table_rows_area(table);
	struct ui_painter inner = ui_painter_within(painter, rows);
	size_t per_line = table_per_line(table);
	int height = table_line_height(table);

	ui_paint_fill(painter, widget->area, ui_colour(widget->ui, UI_COLOUR_VIEW));
	if (!blend_rectangle_is_empty(&inner.clip)) {
		int64_t first = (inner.clip.top - rows.top + table->scroll) / height - 1;
		int64_t last = (inner.clip.bottom - 1 - rows.top + table->scroll) / height;

		for (size_t row = (size_t)(first > 0 ? first : 0) * per_line;
		     row < table->count && (int64_t)(row / per_line) <= last; row++)
			(table->icons ? draw_tile : draw_row)(table, &inner, row);
	}
	if (table->count == 0 && table->empty_text)
		ui_paint_text(&inner, rows, UI_FONT_NORMAL, UI_ALIGN_CENTRE, table->empty_text,
			      ui_colour(widget->ui, UI_COLOUR_TEXT_DIM));
	draw_head(table, painter);
}

static void table_measure(struct ui_widget *widget, int *width, int *height)
{
	const struct table *table = (const struct table *)widget;

	*width = ui_pixels(widget->ui, 120);
	*height = table_head_height(table) + 3 * ui_pixels(widget->ui, ROW_HEIGHT);
}

void table_update_bar(struct table *table)
{
	struct blend_rectangle area = table_rows_area(table);
	size_t per_line = table_per_line(table);
	int64_t lines = (int64_t)((table->count + per_line - 1) / per_line);
	int64_t total =
		lines * table_line_height(table) + 2 * ui_pixels(table->widget.ui, ROWS_MARGIN);
	int page = area.bottom - area.top;

	ui_scroll_bar_set(table->bar, total, page, table->scroll);
	table->scroll = ui_scroll_bar_position(table->bar);
	if (table->bar->hidden != (total <= page))
		ui_widget_show(table->bar, total > page);
}

static void table_layout(struct ui_widget *widget)
{
	struct table *table = (struct table *)widget;
	struct blend_rectangle area = widget->area;

	area.top += table_head_height(table);
	area.left = area.right - ui_pixels(widget->ui, BAR_WIDTH);
	table_update_bar(table);
	if (!table->bar->hidden)
		ui_widget_place(table->bar, area);
}

static void table_destroy(struct ui_widget *widget)
{
	struct table *table = (struct table *)widget;

	free(table->selected);
	free(table->empty_text);
}

struct ui_widget *ui_table(struct ui_widget *parent, const struct ui_column *columns,
			   unsigned column_count, const struct ui_table_model *model, void *context)
{
	static const struct ui_class table_class = {
		.name = "table",
		.measure = table_measure,
		.layout = table_layout,
		.draw = table_draw,
		.event = table_event,
		.destroy = table_destroy,
		.focusable = true,
	};
	struct table *table =
		(struct table *)ui_widget_create(parent, &table_class, sizeof(*table));

	table->columns = columns;
	table->column_count = column_count;
	table->model = model;
	table->context = context;
	table->current = table->hovered = UI_TABLE_NONE;
	table->sorted = table->hovered_head = -1;
	table->widget.grow = 1;
	table->bar = ui_scroll_bar(&table->widget, false);
	table->bar->hidden = true;
	ui_on_action(table->bar, table_scrolled, table);
	return &table->widget;
}

void ui_table_show_icons(struct ui_widget *widget, bool icons)
{
	struct table *table = (struct table *)widget;

	table->icons = icons;
	table->scroll = 0;
	ui_widget_damage(widget);
	ui_widget_relayout(widget);
	if (table->current != UI_TABLE_NONE)
		table_scroll_to(table, table->current);
}

void ui_table_set_sorted(struct ui_widget *widget, unsigned column, bool descending)
{
	struct table *table = (struct table *)widget;

	table->sorted = (int)column;
	table->descending = descending;
	ui_widget_damage(widget);
}

void ui_table_set_empty_text(struct ui_widget *widget, const char *text)
{
	struct table *table = (struct table *)widget;

	free(table->empty_text);
	table->empty_text = ui_copy_text(text);
	ui_widget_damage(widget);
}

void ui_table_update_row(struct ui_widget *widget, size_t row)
{
	const struct table *table = (const struct table *)widget;

	if (row < table->count)
		ui_widget_damage_area(widget, table_row_area(table, row));
}
