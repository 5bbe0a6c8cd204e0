/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists and tables: rows that the program has, columns, a selection, scrolling. Only rows that are
 * visible are asked for, so there may be millions.
 */
#pragma once

#include <ui/paint.h>
#include <ui/widget.h>

#define UI_TABLE_NONE SIZE_MAX

struct ui_cell {
	char text[256]; /* empty at first */
	enum ui_icon icon;
	enum ui_colour colour; /* UI_COLOUR_TEXT at first */
	enum ui_font font;     /* UI_FONT_NORMAL at first */
};

struct ui_column {
	const char *title; /* static */
	int width;         /* points; of the first that is 0: what is left */
	enum ui_align align;
	bool sortable;
};

/* What the table asks the program, with the context. All but `cell` may be NULL. */
struct ui_table_model {
	void (*cell)(void *context, size_t row, unsigned column, struct ui_cell *cell);
	/* The user chose how to sort: the program does, and calls ui_table_set_rows(). */
	void (*sort)(void *context, unsigned column, bool descending);
	/* A row was double clicked, or Enter pressed. */
	void (*activate)(void *context, size_t row);
	/* The selection changed. */
	void (*select)(void *context);
	/* The right button: on a row, which is selected then, or (UI_TABLE_NONE) beside. */
	void (*menu)(void *context, size_t row, int x, int y);
};

/* `columns` and `model` stay the caller's. With one column that has no title there is no head. */
struct ui_widget *ui_table(struct ui_widget *parent, const struct ui_column *columns,
			   unsigned column_count, const struct ui_table_model *model,
			   void *context);
/* There are `count` rows now, of whatever content; `keep`: the selection and the place are kept (by
 * number), else they are none and the top. */
void ui_table_set_rows(struct ui_widget *table, size_t count, bool keep);
/* The content of a row changed. */
void ui_table_update_row(struct ui_widget *table, size_t row);
/* Several rows can be selected. */
void ui_table_set_multiple(struct ui_widget *table, bool multiple);
/* Icons with the first column's text below them, instead of rows. */
void ui_table_show_icons(struct ui_widget *table, bool icons);
/* The mark of sorting at the head. */
void ui_table_set_sorted(struct ui_widget *table, unsigned column, bool descending);
/* Shown in the middle while there are no rows. */
void ui_table_set_empty_text(struct ui_widget *table, const char *text);

/* The row that keys act on, and whether a row is selected. */
size_t ui_table_current(const struct ui_widget *table);
bool ui_table_is_selected(const struct ui_widget *table, size_t row);
size_t ui_table_selected_count(const struct ui_widget *table);
/* Selects just this row (UI_TABLE_NONE: none), and scrolls to it. */
void ui_table_select(struct ui_widget *table, size_t row);
void ui_table_select_all(struct ui_widget *table);
