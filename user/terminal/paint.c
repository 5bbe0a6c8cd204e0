/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames: the cells that changed are drawn into the window's pixels, and their rectangles are shown. Each
 * glyph is cut at its cell's edges, so that drawing a cell again never leaves traces beside it.
 */
#include "terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <font/text.h>

#define RECTANGLES_MAX 12

/* Where a frame is drawn, and what of it was. */
struct painter {
	struct terminal *terminal;
	struct blend_surface surface;
	int margin;
	struct blend_rectangle shown[RECTANGLES_MAX];
	int shown_count;
};

/* How a cell looks, with all that changes its colours. */
struct look {
	uint32_t foreground, background;
	uint16_t attributes;
};

static int view_row_of_cursor(const struct terminal *terminal)
{
	int64_t row = terminal->cursor.at.row + terminal->view;

	if (!terminal->cursor.visible || row >= grid_rows(terminal->grid))
		return -1;
	return (int)row;
}

static bool is_selected(const struct terminal *terminal, int64_t line, int column)
{
	const struct selection *selection = &terminal->selection;
	struct grid_place place = { line, column };

	return selection->active && grid_place_compare(place, selection->from) >= 0 &&
	       grid_place_compare(place, selection->to) < 0;
}

static bool is_block_cursor(const struct terminal *terminal, int row, int column)
{
	return terminal->focused && row == terminal->drawn_cursor.row &&
	       column == terminal->drawn_cursor.col &&
	       terminal->cursor.shape != VTERM_PROP_CURSORSHAPE_UNDERLINE &&
	       terminal->cursor.shape != VTERM_PROP_CURSORSHAPE_BAR_LEFT;
}

static struct look cell_look(const struct terminal *terminal, const struct cell *cell, int row,
			     int64_t line, int column)
{
	const struct palette *palette = &terminal->palette;
	struct look look = {
		.foreground = palette_pixel(palette, cell->foreground, false),
		.background = palette_pixel(palette, cell->background, true),
		.attributes = cell->attributes,
	};

	if (((cell->attributes & CELL_REVERSE) != 0) != terminal->screen_reversed) {
		uint32_t swapped = look.foreground;

		look.foreground = look.background;
		look.background = swapped;
	}
	if (is_selected(terminal, line, column)) {
		look.foreground = palette->foreground;
		look.background = palette->selection;
	}
	if (is_block_cursor(terminal, row, column)) {
		look.foreground = palette->cursor_text;
		look.background = palette->cursor;
	}
	return look;
}

static struct blend_rectangle cell_area(const struct painter *painter, int row, int column,
					int width)
{
	const struct terminal *terminal = painter->terminal;

	return blend_rectangle(painter->margin + column * terminal->cell_width,
			       painter->margin + row * terminal->cell_height,
			       width * terminal->cell_width, terminal->cell_height);
}

/* A wave of `thickness`, one period a cell. */
static void draw_curl(const struct painter *painter, struct blend_rectangle area, int y,
		      int thickness, uint32_t colour)
{
	int period = painter->terminal->cell_width;

	for (int x = area.left; x < area.right; x++) {
		int phase = (x - area.left) % period;
		int lift = phase < period / 2 ? phase : period - 1 - phase;

		blend_surface_fill(
			&painter->surface,
			blend_rectangle(x, y + thickness - lift * thickness / 2, 1, thickness),
			colour);
	}
}

/* The lines under and through a cell. */
static void draw_lines(const struct painter *painter, struct blend_rectangle area,
		       const struct look *look)
{
	const struct font_atlas_header *header = painter->terminal->fonts[FACE_PLAIN].header;
	int thickness = (int)painter->terminal->scale;
	int base = area.top + header->ascent;
	struct blend_rectangle line = { area.left, base + 2 * thickness, area.right,
					base + 3 * thickness };

	if (look->attributes & (CELL_UNDERLINE | CELL_DOUBLE_UNDERLINE))
		blend_surface_fill(&painter->surface, line, look->foreground);
	if (look->attributes & CELL_DOUBLE_UNDERLINE) {
		line.top -= 2 * thickness;
		line.bottom -= 2 * thickness;
		blend_surface_fill(&painter->surface, line, look->foreground);
	}
	if (look->attributes & CELL_CURLY_UNDERLINE)
		draw_curl(painter, area, base + 2 * thickness, thickness, look->foreground);
	if (look->attributes & CELL_STRIKE) {
		line.top = base - header->pixels * 3 / 10;
		line.bottom = line.top + thickness;
		blend_surface_fill(&painter->surface, line, look->foreground);
	}
}

static void draw_character(const struct painter *painter, struct blend_rectangle area,
			   const struct cell *cell, const struct look *look)
{
	const struct terminal *terminal = painter->terminal;
	unsigned face = (look->attributes & CELL_BOLD ? FACE_BOLD : 0) |
			(look->attributes & CELL_ITALIC ? FACE_ITALIC : 0);
	const struct font_atlas *atlas = &terminal->fonts[face];

	if (!font_atlas_has(atlas, cell->character))
		atlas = &terminal->fonts[FACE_PLAIN];
	font_glyph_draw(atlas, &painter->surface, area, area.left,
			area.top + terminal->fonts[FACE_PLAIN].header->ascent, cell->character,
			look->foreground);
}

/* The cursor where it is no block: a frame without the focus, a bar, a line. */
static void draw_cursor(const struct painter *painter)
{
	const struct terminal *terminal = painter->terminal;
	struct blend_rectangle area;
	int thickness = (int)terminal->scale;

	if (terminal->drawn_cursor.row < 0 ||
	    is_block_cursor(terminal, terminal->drawn_cursor.row, terminal->drawn_cursor.col))
		return;
	area = cell_area(painter, terminal->drawn_cursor.row, terminal->drawn_cursor.col, 1);
	if (!terminal->focused) {
		blend_surface_outline(&painter->surface, area, area, 0, (unsigned)thickness,
				      terminal->palette.cursor);
		return;
	}
	if (terminal->cursor.shape == VTERM_PROP_CURSORSHAPE_BAR_LEFT)
		area.right = area.left + 2 * thickness;
	else
		area.top = area.bottom - 2 * thickness;
	blend_surface_fill(&painter->surface, area, terminal->palette.cursor);
}

/* The columns from `left` to `right` of a row: backgrounds in runs, then what stands on them. */
static void draw_row(const struct painter *painter, int row, int left, int right)
{
	const struct terminal *terminal = painter->terminal;
	int64_t number = grid_top(terminal->grid) - terminal->view + row;
	const struct line *line = grid_line(terminal->grid, number);
	static struct look looks[GRID_SIDE_MAX];
	int start = left;

	if (!line)
		return;
	for (int column = left; column < right; column++) {
		struct cell cell = grid_cell(line, column);

		looks[column] = cell_look(terminal, &cell, row, number, column);
		if (looks[column].background == looks[start].background)
			continue;
		blend_surface_fill(&painter->surface,
				   cell_area(painter, row, start, column - start),
				   looks[start].background);
		start = column;
	}
	blend_surface_fill(&painter->surface, cell_area(painter, row, start, right - start),
			   looks[start].background);
	for (int column = left; column < right; column++) {
		struct cell cell = grid_cell(line, column);
		struct blend_rectangle area =
			cell_area(painter, row, column, cell.width == 2 ? 2 : 1);

		if (cell.character && cell.width > 0)
			draw_character(painter, area, &cell, &looks[column]);
		if (looks[column].attributes & ~(CELL_BOLD | CELL_ITALIC | CELL_REVERSE))
			draw_lines(painter, area, &looks[column]);
	}
}

/* Remembers what was drawn; neighbours are put together. */
static void painter_shown(struct painter *painter, struct blend_rectangle area)
{
	if (painter->shown_count > 0) {
		struct blend_rectangle *last = &painter->shown[painter->shown_count - 1];

		if (painter->shown_count == RECTANGLES_MAX || last->bottom == area.top) {
			*last = blend_rectangle_unite(*last, area);
			return;
		}
	}
	painter->shown[painter->shown_count++] = area;
}

/* How far back the view is, beside the grid. */
static void draw_thumb(const struct painter *painter)
{
	const struct terminal *terminal = painter->terminal;
	int scale = (int)terminal->scale;
	int rows = grid_rows(terminal->grid);
	int64_t history = grid_top(terminal->grid) - grid_first(terminal->grid);
	int room = painter->surface.height - 4 * scale;
	int length = (int)((int64_t)room * rows / (history + rows));
	int top;

	if (terminal->view == 0)
		return;
	length = length < 24 * scale ? 24 * scale : length;
	top = 2 * scale + (int)((room - length) * (history - terminal->view) / history);
	blend_surface_round(
		&painter->surface, blend_surface_bounds(&painter->surface),
		blend_rectangle(painter->surface.width - 5 * scale, top, 3 * scale, length),
		(unsigned)(3 * scale / 2), BLEND_ALL_CORNERS, terminal->palette.thumb);
}

/* All but the cells. */
static void draw_margins(const struct painter *painter)
{
	const struct terminal *terminal = painter->terminal;
	int width = painter->surface.width;
	int height = painter->surface.height;
	int margin = painter->margin;
	int right = margin + grid_columns(terminal->grid) * terminal->cell_width;
	int bottom = margin + grid_rows(terminal->grid) * terminal->cell_height;
	uint32_t pixel = terminal->palette.background;

	blend_surface_fill(&painter->surface, (struct blend_rectangle){ 0, 0, width, margin },
			   pixel);
	blend_surface_fill(&painter->surface, (struct blend_rectangle){ 0, margin, margin, bottom },
			   pixel);
	blend_surface_fill(&painter->surface,
			   (struct blend_rectangle){ right, margin, width, bottom }, pixel);
	blend_surface_fill(&painter->surface, (struct blend_rectangle){ 0, bottom, width, height },
			   pixel);
	draw_thumb(painter);
}

static void touch_cursor(struct terminal *terminal, int row, int column)
{
	int screen_row = row - (int)terminal->view;

	if (row >= 0 && screen_row >= 0)
		grid_touch(terminal->grid,
			   (struct grid_area){ screen_row, column, screen_row + 1, column + 1 });
}

static bool cursor_moved(const struct terminal *terminal)
{
	return view_row_of_cursor(terminal) != terminal->drawn_cursor.row ||
	       (terminal->drawn_cursor.row >= 0 &&
		terminal->cursor.at.col != terminal->drawn_cursor.col);
}

static void draw_changes(struct painter *painter)
{
	struct terminal *terminal = painter->terminal;
	int rows = grid_rows(terminal->grid);
	int64_t view = terminal->view < rows ? terminal->view : rows;

	for (int row = 0; row < rows - (int)view; row++) {
		struct grid_span span = grid_dirty(terminal->grid, row);
		int shown = row + (int)view;

		if (span.left >= span.right)
			continue;
		draw_row(painter, shown, span.left, span.right);
		painter_shown(painter,
			      cell_area(painter, shown, span.left, span.right - span.left));
	}
}

static void show(const struct painter *painter)
{
	char command[RECTANGLES_MAX * 48];
	int length = snprintf(command, sizeof(command), "Y");

	for (int i = 0; i < painter->shown_count; i++) {
		const struct blend_rectangle *area = &painter->shown[i];

		length += snprintf(command + length, sizeof(command) - (size_t)length,
				   ",%d,%d,%d,%d", area->left, area->top, area->right - area->left,
				   area->bottom - area->top);
	}
	if (write(painter->terminal->window->fd, command, (size_t)length) < 0)
		terminal_fail("the window is gone");
}

bool paint_is_needed(const struct terminal *terminal)
{
	if (terminal->redraw_all || terminal->title_changed ||
	    terminal->view != terminal->drawn_view || cursor_moved(terminal))
		return true;
	for (int row = 0; row < grid_rows(terminal->grid); row++) {
		struct grid_span span = grid_dirty(terminal->grid, row);

		if (span.left < span.right && row + terminal->view < grid_rows(terminal->grid))
			return true;
	}
	return false;
}

/* With the program's name, by which the desktop finds its icon. */
static void show_title(struct terminal *terminal)
{
	char title[sizeof(terminal->title) + 16];

	snprintf(title, sizeof(title), "%s%sTerminal", terminal->title,
		 terminal->title[0] ? " \xe2\x80\x93 " : "");
	window_set_title(terminal->window, title);
	terminal->title_changed = false;
}

void paint_frame(struct terminal *terminal)
{
	struct window *window = terminal->window;
	struct painter painter = {
		.terminal = terminal,
		.surface = { window->pixels, window->width, window->height,
			     (uint32_t)window->width },
		.margin = PADDING * (int)terminal->scale,
	};
	int64_t history = grid_top(terminal->grid) - grid_first(terminal->grid);

	terminal->view = terminal->view > history ? history : terminal->view;
	touch_cursor(terminal, terminal->drawn_cursor.row, terminal->drawn_cursor.col);
	terminal->drawn_cursor = terminal->cursor.at;
	terminal->drawn_cursor.row = view_row_of_cursor(terminal);
	touch_cursor(terminal, terminal->drawn_cursor.row, terminal->drawn_cursor.col);
	if (terminal->redraw_all || terminal->view != terminal->drawn_view) {
		for (int row = 0; row < grid_rows(terminal->grid); row++)
			draw_row(&painter, row, 0, grid_columns(terminal->grid));
		draw_margins(&painter);
		painter_shown(&painter, blend_surface_bounds(&painter.surface));
	} else {
		draw_changes(&painter);
	}
	draw_cursor(&painter);
	grid_clean(terminal->grid);
	terminal->redraw_all = false;
	terminal->drawn_view = terminal->view;
	if (painter.shown_count > 0)
		show(&painter);
	if (terminal->title_changed)
		show_title(terminal);
}
