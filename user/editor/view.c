/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the editor's view looks like. See view.h. */
#include "view.h"

#include "highlight.h"

#include <font/text.h>
#include <font/utf8.h>
#include <redox/orbital.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAD          8 /* points, as below */
#define LINE_GAP     2
#define DIGITS_LEAST 3
#define CONTEXT      2 /* lines that are seen above and below the cursor */
#define FOUND_LIGHT  0xffffe49cu
#define FOUND_DARK   0xff5c4d1au

/* --- Where things are. --- */

static int cell_width(const struct view *view)
{
	return ui_text_width(view->widget.ui, UI_FONT_MONO, "0", 1);
}

static int line_height(const struct view *view)
{
	return ui_line_height(view->widget.ui, UI_FONT_MONO) + ui_pixels(view->widget.ui, LINE_GAP);
}

static int gutter_width(const struct view *view)
{
	size_t lines = text_line_count(&view->text);
	int digits = 1;

	while (lines >= 10) {
		lines /= 10;
		digits++;
	}
	if (digits < DIGITS_LEAST)
		digits = DIGITS_LEAST;
	return digits * cell_width(view) + 2 * ui_pixels(view->widget.ui, PAD);
}

static int text_left(const struct view *view)
{
	return view->widget.area.left + gutter_width(view) + ui_pixels(view->widget.ui, PAD);
}

static int text_top(const struct view *view)
{
	return view->widget.area.top + ui_pixels(view->widget.ui, PAD) / 2;
}

size_t view_page(const struct view *view)
{
	int lines = (view->widget.area.bottom - text_top(view)) / line_height(view);

	return lines > 1 ? (size_t)lines : 1;
}

static size_t columns_seen(const struct view *view)
{
	int columns = (view->widget.area.right - text_left(view)) / cell_width(view);

	return columns > 2 ? (size_t)columns : 2;
}

size_t view_selection_start(const struct view *view)
{
	return view->cursor < view->anchor ? view->cursor : view->anchor;
}

size_t view_selection_end(const struct view *view)
{
	return view->cursor < view->anchor ? view->anchor : view->cursor;
}

static size_t after_tab(size_t column)
{
	return (column / VIEW_TAB + 1) * VIEW_TAB;
}

size_t view_column_of(const struct view *view, size_t position)
{
	size_t at = text_line_start(&view->text, text_line_at(&view->text, position));
	size_t column = 0;

	/* Nothing behind it is shown, and a line may be as long as a file. */
	if (position - at > VIEW_LINE_MAX)
		position = at + VIEW_LINE_MAX;
	while (at < position) {
		column = text_byte(&view->text, at) == '\t' ? after_tab(column) : column + 1;
		at = text_next(&view->text, at);
	}
	return column;
}

/* The edge of a character that is nearest to the column. */
size_t view_position_of(const struct view *view, size_t line, size_t wanted)
{
	size_t at = text_line_start(&view->text, line), end = text_line_end(&view->text, line);
	size_t column = 0;

	while (at < end && column < wanted) {
		size_t next = text_byte(&view->text, at) == '\t' ? after_tab(column) : column + 1;

		if (next > wanted && next - wanted > wanted - column)
			break;
		column = next;
		at = text_next(&view->text, at);
	}
	return at < end ? at : end;
}

size_t view_hit(const struct view *view, int x, int y)
{
	int row = (y - text_top(view)) / line_height(view) - (y < text_top(view));
	int column = (x - text_left(view) + cell_width(view) / 2) / cell_width(view);
	size_t lines = text_line_count(&view->text);
	size_t line = row < 0 && view->top < (size_t)-row ? 0 : view->top + (size_t)row;

	if (line >= lines)
		return text_length(&view->text);
	return view_position_of(view, line, view->left + (column > 0 ? (size_t)column : 0));
}

/* --- Drawing. --- */

/* A line that is being drawn. */
struct row {
	size_t line, start, length; /* of what is shown */
	const char *bytes;
	uint8_t *kinds;
	int top;
};

static struct blend_rectangle row_area(const struct view *view, int top)
{
	return (struct blend_rectangle){ view->widget.area.left, top, view->widget.area.right,
					 top + line_height(view) };
}

static void draw_number(const struct view *view, struct ui_painter *painter, const struct row *row,
			bool current)
{
	struct blend_rectangle area = row_area(view, row->top);
	struct ui *ui = view->widget.ui;
	char number[24];

	snprintf(number, sizeof(number), "%zu", row->line + 1);
	area.right = area.left + gutter_width(view) - ui_pixels(ui, PAD);
	ui_paint_text(painter, area, UI_FONT_MONO, UI_ALIGN_RIGHT, number,
		      ui_colour(ui, current ? UI_COLOUR_TEXT_DIM : UI_COLOUR_TEXT_DISABLED));
}

/* The pixels from one column to another, that are seen. */
static struct blend_rectangle cells(const struct view *view, const struct row *row, size_t from,
				    size_t to)
{
	struct blend_rectangle area = row_area(view, row->top);
	size_t most = view->left + columns_seen(view) + 1;
	int width = cell_width(view), left = text_left(view);

	from = from > view->left ? from - view->left : 0;
	to = (to < most ? to : most) > view->left ? (to < most ? to : most) - view->left : 0;
	area.left =
		left + (int)(from < columns_seen(view) + 1 ? from : columns_seen(view) + 1) * width;
	area.right = left + (int)to * width;
	return area;
}

static size_t column_in(const struct row *row, size_t bytes)
{
	size_t column = 0, at = 0;
	uint32_t character;

	while (at < bytes && at < row->length) {
		column = row->bytes[at] == '\t' ? after_tab(column) : column + 1;
		at += utf8_decode(row->bytes + at, row->length - at, &character);
	}
	return column;
}

static void draw_selection(const struct view *view, struct ui_painter *painter,
			   const struct row *row)
{
	size_t from = view_selection_start(view), to = view_selection_end(view);
	size_t end = row->start + row->length, from_column, to_column;
	/* What was found last stands out among the others, though the keyboard is elsewhere. */
	bool focus = ui_widget_has_focus(&view->widget) || view->wanted_length;

	if (from == to || from > end || to <= row->start)
		return;
	from_column = from > row->start ? column_in(row, from - row->start) : 0;
	/* A line feed shows as half a cell at the end of its line. */
	to_column = column_in(row, to > end ? row->length : to - row->start);
	struct blend_rectangle area = cells(view, row, from_column, to_column);

	if (to > end)
		area.right += cell_width(view) / 2;
	ui_paint_fill(
		painter, area,
		ui_colour(view->widget.ui, focus ? UI_COLOUR_SELECTION : UI_COLOUR_SELECTION_DIM));
}

static bool bytes_match(const char *bytes, const char *wanted, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char a = bytes[i], b = wanted[i];

		a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
		b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
		if (a != b)
			return false;
	}
	return true;
}

/* One walk along the line, which ends where nothing is seen any more. */
static void draw_found(const struct view *view, struct ui_painter *painter, const struct row *row)
{
	const struct ui *ui = view->widget.ui;
	uint32_t colour = ui_is_dark(ui) ? FOUND_DARK : FOUND_LIGHT;
	size_t column = 0, at = 0, end = 0, from_column = 0, last = view->left + columns_seen(view);

	if (!view->wanted_length)
		return;
	while (at < row->length && (column <= last || at < end)) {
		uint32_t character;

		if (at >= end && at + view->wanted_length <= row->length &&
		    bytes_match(row->bytes + at, view->wanted, view->wanted_length)) {
			end = at + view->wanted_length;
			from_column = column;
		}
		column = row->bytes[at] == '\t' ? after_tab(column) : column + 1;
		at += utf8_decode(row->bytes + at, row->length - at, &character);
		if (end && at >= end && from_column < column) {
			ui_paint_round(painter, cells(view, row, from_column, column),
				       ui_pixels(ui, 2), colour);
			from_column = SIZE_MAX;
		}
	}
}

static void draw_characters(const struct view *view, struct ui_painter *painter,
			    const struct row *row)
{
	static const enum ui_colour colours[HIGHLIGHTS] = {
		UI_COLOUR_TEXT, UI_COLOUR_GREEN,  UI_COLOUR_PURPLE,
		UI_COLOUR_BLUE, UI_COLOUR_ORANGE, UI_COLOUR_RED,
	};
	const struct ui *ui = view->widget.ui;
	const struct font_atlas *atlas = ui_font(ui, UI_FONT_MONO);
	int base = row->top + ui_pixels(ui, LINE_GAP) / 2 + atlas->header->ascent;
	int left = text_left(view), width = cell_width(view);
	size_t column = 0, at = 0, last = view->left + columns_seen(view);

	while (at < row->length && column <= last) {
		enum highlight kind = row->kinds[at];
		uint32_t character;
		size_t bytes = utf8_decode(row->bytes + at, row->length - at, &character);

		at += bytes;
		if (character == '\t') {
			column = after_tab(column);
			continue;
		}
		if (column >= view->left && character != ' ')
			font_glyph_draw(atlas, painter->surface, painter->clip,
					left + (int)(column - view->left) * width, base, character,
					ui_colour(ui, colours[kind]));
		column++;
	}
}

static void draw_cursor(const struct view *view, struct ui_painter *painter, const struct row *row)
{
	struct ui *ui = view->widget.ui;
	struct blend_rectangle area;
	size_t column;

	if (!ui_widget_has_focus(&view->widget) || view->cursor > row->start + row->length)
		return;
	column = column_in(row, view->cursor - row->start);
	if (column < view->left)
		return;
	area = cells(view, row, column, column);
	area.left -= ui_pixels(ui, 1);
	area.right = area.left + ui_pixels(ui, 2);
	ui_paint_fill(painter, area, ui_colour(ui, UI_COLOUR_ACCENT));
}

static void draw_row(const struct view *view, struct ui_painter *painter, struct row *row,
		     char *bytes)
{
	struct blend_rectangle text = row_area(view, row->top);
	bool current = text_line_at(&view->text, view->cursor) == row->line;
	struct ui *ui = view->widget.ui;
	struct ui_painter inner;

	row->start = text_line_start(&view->text, row->line);
	row->length = text_line_end(&view->text, row->line) - row->start;
	if (row->length > VIEW_LINE_MAX)
		row->length = VIEW_LINE_MAX;
	text_copy(&view->text, row->start, row->length, bytes);
	row->bytes = bytes;
	memset(row->kinds, HIGHLIGHT_NONE, row->length);
	if (view->colours)
		highlight_line(bytes, row->length, row->kinds);
	if (current && view->cursor == view->anchor)
		ui_paint_fill(painter, text, ui_colour(ui, UI_COLOUR_HOVER));
	draw_number(view, painter, row, current);
	text.left = text_left(view) - ui_pixels(ui, 2);
	inner = ui_painter_within(painter, text);
	draw_found(view, &inner, row);
	draw_selection(view, &inner, row);
	draw_characters(view, &inner, row);
	if (current)
		draw_cursor(view, &inner, row);
}

static void view_draw(struct ui_widget *widget, struct ui_painter *painter)
{
	static char bytes[VIEW_LINE_MAX];
	static uint8_t kinds[VIEW_LINE_MAX];
	struct view *view = (struct view *)widget;
	size_t lines = text_line_count(&view->text);
	struct row row = { .line = view->top, .kinds = kinds, .top = text_top(view) };
	struct blend_rectangle edge = widget->area;

	ui_paint_fill(painter, widget->area, ui_colour(widget->ui, UI_COLOUR_VIEW));
	edge.left += gutter_width(view) - ui_pixels(widget->ui, 1);
	edge.right = edge.left + ui_pixels(widget->ui, 1);
	ui_paint_fill(painter, edge,
		      ui_mix(ui_colour(widget->ui, UI_COLOUR_VIEW),
			     ui_colour(widget->ui, UI_COLOUR_BORDER), 128));
	for (; row.line < lines && row.top < painter->clip.bottom; row.line++) {
		if (row.top + line_height(view) > painter->clip.top)
			draw_row(view, painter, &row, bytes);
		row.top += line_height(view);
	}
}

/* --- What changed. --- */

static void damage_lines(struct view *view, size_t first, size_t last)
{
	struct blend_rectangle area = view->widget.area;
	size_t end = view->top + view_page(view) + 1;

	if (last < view->top || first > end)
		return;
	first = first > view->top ? first - view->top : 0;
	last = (last < end ? last : end) - view->top;
	area.top = text_top(view) + (int)first * line_height(view);
	area.bottom = text_top(view) + ((int)last + 1) * line_height(view);
	ui_widget_damage_area(&view->widget, area);
}

static void update_bar(struct view *view)
{
	if (view->bar)
		ui_scroll_bar_set(view->bar,
				  (int64_t)(text_line_count(&view->text) + view_page(view) / 2),
				  (int64_t)view_page(view), (int64_t)view->top);
}

void view_scroll(struct view *view, int64_t top)
{
	/* Half a page of nothing below the last line, so that one can work there. */
	size_t most = text_line_count(&view->text) + view_page(view) / 2;

	most = most > view_page(view) ? most - view_page(view) : 0;
	if (top < 0)
		top = 0;
	if ((uint64_t)top > most)
		top = (int64_t)most;
	if ((size_t)top != view->top)
		ui_widget_damage(&view->widget);
	view->top = (size_t)top;
	update_bar(view);
}

static void show_cursor(struct view *view)
{
	size_t line = text_line_at(&view->text, view->cursor), page = view_page(view);
	size_t column = view_column_of(view, view->cursor), seen = columns_seen(view);
	size_t context = page > 4 * CONTEXT ? CONTEXT : 0, left = view->left;

	if (line < view->top + context)
		view_scroll(view, (int64_t)line - (int64_t)context);
	else if (line + context + 1 > view->top + page)
		view_scroll(view, (int64_t)(line + context + 1 - page));
	if (column < view->left + 4)
		left = column > 8 ? column - 8 : 0;
	else if (column + 2 > view->left + seen)
		left = column + 8 - seen;
	/* All of a short line is seen from its beginning. */
	if (column + 2 <= seen)
		left = 0;
	if (left != view->left)
		ui_widget_damage(&view->widget);
	view->left = left;
}

void view_moved(struct view *view, size_t from_line)
{
	size_t line = text_line_at(&view->text, view->cursor);

	damage_lines(view, line < from_line ? line : from_line,
		     line < from_line ? from_line : line);
	show_cursor(view);
	ui_widget_act(&view->widget);
}

void view_changed(struct view *view, size_t line, size_t lines)
{
	if (lines == text_line_count(&view->text))
		damage_lines(view, line, text_line_at(&view->text, view->cursor));
	else
		ui_widget_damage(&view->widget);
	update_bar(view);
	view->column = view_column_of(view, view->cursor);
	view_moved(view, line);
}

void view_select(struct view *view, size_t from, size_t to)
{
	view->anchor = from;
	view->cursor = to;
	view->column = view_column_of(view, to);
	history_pause(&view->history);
	ui_widget_damage(&view->widget);
	show_cursor(view);
	ui_widget_act(&view->widget);
}

void view_set_wanted(struct view *view, const char *wanted, size_t length)
{
	if (length >= sizeof(view->wanted))
		length = 0;
	memcpy(view->wanted, wanted, length);
	view->wanted_length = length;
	ui_widget_damage(&view->widget);
}

bool view_set_text(struct view *view, const char *bytes, size_t length)
{
	if (!text_replace(&view->text, 0, text_length(&view->text), bytes, length))
		return false;
	history_free(&view->history);
	view->cursor = view->anchor = view->column = view->left = 0;
	view_scroll(view, 0);
	ui_widget_damage(&view->widget);
	ui_widget_act(&view->widget);
	return true;
}

static void view_layout(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;

	view_scroll(view, (int64_t)view->top);
}

static void view_measure(struct ui_widget *widget, int *width, int *height)
{
	*width = ui_pixels(widget->ui, 160);
	*height = ui_pixels(widget->ui, 80);
}

static void view_destroy(struct ui_widget *widget)
{
	struct view *view = (struct view *)widget;

	history_free(&view->history);
	text_free(&view->text);
}

static void bar_moved(void *argument)
{
	struct view *view = argument;

	view_scroll(view, ui_scroll_bar_position(view->bar));
}

void view_set_bar(struct view *view, struct ui_widget *bar)
{
	view->bar = bar;
	ui_on_action(bar, bar_moved, view);
}

struct view *view_create(struct ui_widget *parent)
{
	static const struct ui_class view_class = {
		.name = "text",
		.measure = view_measure,
		.layout = view_layout,
		.draw = view_draw,
		.event = view_event,
		.pointer = ORBITAL_POINTER_TEXT,
		.destroy = view_destroy,
		.focusable = true,
	};
	struct view *view = (struct view *)ui_widget_create(parent, &view_class, sizeof(*view));

	if (!text_init(&view->text)) {
		fprintf(stderr, "editor: no memory\n");
		exit(1);
	}
	ui_widget_set_grow(&view->widget, 1);
	return view;
}
