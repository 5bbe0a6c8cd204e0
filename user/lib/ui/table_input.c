/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: selecting, scrolling, keys. See table.h. */
#include <stdlib.h>
#include <string.h>

#include "table_priv.h"

#define WHEEL_LINES 3

static void scroll_by(struct table *table, int64_t by)
{
	int64_t before = table->scroll;

	table->scroll += by;
	table_update_bar(table);
	if (table->scroll != before)
		ui_widget_damage(&table->widget);
}

void table_scrolled(void *argument)
{
	struct table *table = argument;

	table->scroll = ui_scroll_bar_position(table->bar);
	ui_widget_damage(&table->widget);
}

void table_scroll_to(struct table *table, size_t row)
{
	struct blend_rectangle area = table_rows_area(table);
	int height = table_line_height(table), page = area.bottom - area.top;
	int margins = 2 * ui_pixels(table->widget.ui, ROWS_MARGIN);
	int64_t top = (int64_t)(row / table_per_line(table)) * height;

	if (page <= 0)
		return;
	if (top < table->scroll)
		scroll_by(table, top - table->scroll);
	else if (top + height + margins > table->scroll + page)
		scroll_by(table, top + height + margins - page - table->scroll);
}

static void damage_row(struct table *table, size_t row)
{
	if (row != UI_TABLE_NONE)
		ui_table_update_row(&table->widget, row);
}

static void select_row(struct table *table, size_t row, bool on)
{
	uint8_t bit = (uint8_t)(1 << row % 8);

	if (ui_table_is_selected(&table->widget, row) == on)
		return;
	table->selected[row / 8] ^= bit;
	table->selected_count += on ? 1 : (size_t)-1;
	damage_row(table, row);
}

static void clear_selection(struct table *table)
{
	if (table->selected_count == 0)
		return;
	if (table->selected_count == 1 && ui_table_is_selected(&table->widget, table->current))
		damage_row(table, table->current);
	else
		ui_widget_damage(&table->widget);
	memset(table->selected, 0, table->count / 8 + 1);
	table->selected_count = 0;
}

static void set_current(struct table *table, size_t row)
{
	damage_row(table, table->current);
	table->current = row;
	damage_row(table, row);
}

static void tell_selection(struct table *table)
{
	if (table->model->select)
		table->model->select(table->context);
}

/* As pressing the row does: with shift, the range from the anchor; with control, it is toggled. */
static void user_selects(struct table *table, size_t row, unsigned modifiers)
{
	if (table->multiple && (modifiers & UI_SHIFT) && table->current != UI_TABLE_NONE) {
		size_t from = table->anchor < row ? table->anchor : row;
		size_t to = table->anchor < row ? row : table->anchor;

		if (!(modifiers & UI_CONTROL))
			clear_selection(table);
		for (size_t i = from; i <= to && i < table->count; i++)
			select_row(table, i, true);
		set_current(table, row);
	} else if (table->multiple && (modifiers & UI_CONTROL)) {
		select_row(table, row, !ui_table_is_selected(&table->widget, row));
		set_current(table, row);
		table->anchor = row;
	} else {
		clear_selection(table);
		set_current(table, row);
		select_row(table, row, true);
		table->anchor = row;
	}
	table_scroll_to(table, row);
	tell_selection(table);
}

static size_t row_at(const struct table *table, int x, int y)
{
	struct blend_rectangle area = table_rows_area(table);
	size_t per_line = table_per_line(table), row;
	int64_t line = (y - area.top + table->scroll) / table_line_height(table);

	if (!ui_contains(area, x, y))
		return UI_TABLE_NONE;
	/* There is a margin above the first line: the line before may have the place. */
	for (int64_t at = line > 0 ? line - 1 : line; at <= line; at++)
		for (size_t i = 0; i < per_line; i++) {
			row = (size_t)at * per_line + i;
			if (row < table->count && ui_contains(table_row_area(table, row), x, y))
				return row;
		}
	return UI_TABLE_NONE;
}

static int head_at(const struct table *table, int x, int y)
{
	if (y >= table->widget.area.top + table_head_height(table))
		return -1;
	for (unsigned column = 0; column < table->column_count; column++) {
		struct blend_rectangle area = table_column_area(table, column);

		if (x >= area.left && x < area.right)
			return (int)column;
	}
	return -1;
}

static void press_head(struct table *table, int column)
{
	bool again = table->sorted == column;

	if (!table->columns[column].sortable || !table->model->sort)
		return;
	ui_table_set_sorted(&table->widget, (unsigned)column, again && !table->descending);
	table->model->sort(table->context, (unsigned)column, table->descending);
}

static void press_right(struct table *table, size_t row, const struct ui_event *event)
{
	if (row == UI_TABLE_NONE) {
		clear_selection(table);
		tell_selection(table);
	} else if (!ui_table_is_selected(&table->widget, row)) {
		user_selects(table, row, 0);
	}
	if (table->model->menu)
		table->model->menu(table->context, row, event->x, event->y);
}

static bool table_press(struct table *table, const struct ui_event *event)
{
	size_t row = row_at(table, event->x, event->y);
	int head = head_at(table, event->x, event->y);

	if (head >= 0) {
		if (event->button == UI_BUTTON_LEFT)
			press_head(table, head);
		return true;
	}
	if (event->button == UI_BUTTON_RIGHT) {
		press_right(table, row, event);
		return true;
	}
	if (event->button != UI_BUTTON_LEFT)
		return false;
	if (row == UI_TABLE_NONE) {
		clear_selection(table);
		tell_selection(table);
	} else if (event->clicks == 2 && !(event->modifiers & (UI_SHIFT | UI_CONTROL))) {
		if (table->model->activate)
			table->model->activate(table->context, row);
	} else {
		user_selects(table, row, event->modifiers);
	}
	return true;
}

static void table_hover(struct table *table, const struct ui_event *event)
{
	bool leaves = event->type == UI_EVENT_LEAVE;
	size_t row = leaves ? UI_TABLE_NONE : row_at(table, event->x, event->y);
	int head = leaves ? -1 : head_at(table, event->x, event->y);

	if (row != table->hovered) {
		damage_row(table, table->hovered);
		table->hovered = row;
		damage_row(table, row);
	}
	if (head != table->hovered_head) {
		struct blend_rectangle area = table->widget.area;

		area.bottom = area.top + table_head_height(table);
		table->hovered_head = head;
		ui_widget_damage_area(&table->widget, area);
	}
}

/* The row that a key leads to from the current one; the same: it leads nowhere. */
static size_t row_by_key(const struct table *table, unsigned key)
{
	size_t row = table->current, per_line = table_per_line(table), last = table->count - 1;
	struct blend_rectangle area = table_rows_area(table);
	size_t page = (size_t)((area.bottom - area.top) / table_line_height(table)) * per_line;
	bool none = row == UI_TABLE_NONE;

	switch (key) {
	case ORBITAL_KEY_UP:
		return none ? last : row >= per_line ? row - per_line : row;
	case ORBITAL_KEY_DOWN:
		return none                     ? 0
		       : row + per_line <= last ? row + per_line
		       : table->icons           ? row
						: last;
	case ORBITAL_KEY_LEFT:
		return none || !table->icons ? row : row > 0 ? row - 1 : 0;
	case ORBITAL_KEY_RIGHT:
		return none || !table->icons ? row : row < last ? row + 1 : last;
	case ORBITAL_KEY_HOME:
		return 0;
	case ORBITAL_KEY_END:
		return last;
	case ORBITAL_KEY_PAGE_UP:
		return none || row < page ? 0 : row - page;
	case ORBITAL_KEY_PAGE_DOWN:
		return none ? 0 : row + page < last ? row + page : last;
	}
	return UI_TABLE_NONE;
}

static bool table_key(struct table *table, const struct ui_event *event)
{
	size_t row;

	if (table->count == 0 || (event->modifiers & (UI_ALT | UI_SUPER)))
		return false;
	if (event->key == ORBITAL_KEY_ENTER || event->key == ORBITAL_KEY_PAD_ENTER) {
		if (table->current == UI_TABLE_NONE || !table->model->activate || event->modifiers)
			return false;
		table->model->activate(table->context, table->current);
		return true;
	}
	if (event->key == ORBITAL_KEY_SPACE && table->current != UI_TABLE_NONE &&
	    !event->modifiers) {
		user_selects(table, table->current, table->multiple ? UI_CONTROL : 0);
		return true;
	}
	if (event->character == 'a' && event->modifiers == UI_CONTROL && table->multiple) {
		ui_table_select_all(&table->widget);
		tell_selection(table);
		return true;
	}
	row = row_by_key(table, event->key);
	if (row == UI_TABLE_NONE)
		return false;
	user_selects(table, row, event->modifiers & UI_SHIFT);
	return true;
}

/* Typing goes to the next row that begins so. */
static bool table_text(struct table *table, uint32_t character)
{
	if (character <= ' ' || character > '~' || table->count == 0)
		return false;
	for (size_t i = 1; i <= table->count && i < 100000; i++) {
		size_t row =
			((table->current == UI_TABLE_NONE ? table->count - 1 : table->current) +
			 i) %
			table->count;
		struct ui_cell cell = { .colour = UI_COLOUR_TEXT };

		table->model->cell(table->context, row, 0, &cell);
		if ((cell.text[0] | 0x20) == ((char)character | 0x20)) {
			user_selects(table, row, 0);
			return true;
		}
	}
	return true;
}

bool table_event(struct ui_widget *widget, const struct ui_event *event)
{
	struct table *table = (struct table *)widget;

	switch (event->type) {
	case UI_EVENT_PRESS:
		return table_press(table, event);
	case UI_EVENT_MOVE:
	case UI_EVENT_LEAVE:
		table_hover(table, event);
		return true;
	case UI_EVENT_WHEEL:
		scroll_by(table, (int64_t)event->dy * WHEEL_LINES *
					 (table->icons ? table_line_height(table) / 3
						       : table_line_height(table)));
		return true;
	case UI_EVENT_KEY:
		return table_key(table, event);
	case UI_EVENT_TEXT:
		return table_text(table, event->character);
	default:
		return false;
	}
}

void ui_table_set_rows(struct ui_widget *widget, size_t count, bool keep)
{
	struct table *table = (struct table *)widget;
	size_t before = table->count;

	table->selected = ui_reallocate(table->selected, count / 8 + 1);
	if (!keep)
		before = 0;
	if (count / 8 + 1 > before / 8 + (before > 0))
		memset(table->selected + before / 8 + (before > 0), 0,
		       count / 8 + 1 - before / 8 - (before > 0));
	table->count = count;
	if (count < before) /* what is gone is not selected */
		table->selected[count / 8] &= (uint8_t)((1 << count % 8) - 1);
	table->selected_count = 0;
	for (size_t row = 0; row < count; row++)
		table->selected_count += ui_table_is_selected(widget, row);
	if (!keep || table->current >= count) {
		table->current = UI_TABLE_NONE;
		table->anchor = 0;
	}
	if (!keep)
		table->scroll = 0;
	table->hovered = UI_TABLE_NONE;
	ui_widget_damage(widget);
	ui_widget_relayout(widget);
}

void ui_table_set_multiple(struct ui_widget *widget, bool multiple)
{
	((struct table *)widget)->multiple = multiple;
}

size_t ui_table_current(const struct ui_widget *widget)
{
	return ((const struct table *)widget)->current;
}

size_t ui_table_selected_count(const struct ui_widget *widget)
{
	return ((const struct table *)widget)->selected_count;
}

void ui_table_select(struct ui_widget *widget, size_t row)
{
	struct table *table = (struct table *)widget;

	clear_selection(table);
	if (row >= table->count) {
		set_current(table, UI_TABLE_NONE);
		return;
	}
	set_current(table, row);
	table->anchor = row;
	select_row(table, row, true);
	table_scroll_to(table, row);
}

void ui_table_select_all(struct ui_widget *widget)
{
	struct table *table = (struct table *)widget;

	for (size_t row = 0; row < table->count; row++)
		select_row(table, row, true);
}
