/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of tables share. */
#pragma once

#include <ui/table.h>

#include "ui_priv.h"

/* Above the first row and below the last one, and beside tiles; points. */
#define ROWS_MARGIN 4

struct table {
	struct ui_widget widget;
	struct ui_widget *bar;
	const struct ui_column *columns;
	unsigned column_count;
	const struct ui_table_model *model;
	void *context;
	size_t count;
	uint8_t *selected; /* a bit for each row */
	size_t selected_count;
	size_t current;           /* the row that keys act on, or UI_TABLE_NONE */
	size_t anchor;            /* where a range of the selection begins */
	size_t hovered;           /* or UI_TABLE_NONE */
	int hovered_head, sorted; /* columns, or -1 */
	bool descending, multiple, icons;
	int64_t scroll; /* pixels */
	char *empty_text;
};

/* table.c: where things are, in pixels of the window. */
int table_line_height(const struct table *table);
int table_head_height(const struct table *table);
struct blend_rectangle table_rows_area(const struct table *table);
/* Rows on one line: 1, or of icons several. */
size_t table_per_line(const struct table *table);
struct blend_rectangle table_row_area(const struct table *table, size_t row);
struct blend_rectangle table_column_area(const struct table *table, unsigned column);
void table_update_bar(struct table *table);

/* table_input.c */
bool table_event(struct ui_widget *widget, const struct ui_event *event);
void table_scrolled(void *argument);
void table_scroll_to(struct table *table, size_t row);
