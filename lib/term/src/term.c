/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting a terminal, and the renderer's view of it. */
#include <base/string.h>

#include "term_priv.h"

static bool size_valid(unsigned columns, unsigned rows, unsigned history)
{
	return columns >= 1 && columns <= TERM_COLUMNS_MAX && rows >= 1 && rows <= TERM_ROWS_MAX &&
	       history <= TERM_HISTORY_MAX;
}

/* The memory holds the cells of both screens and of the history, then the lines of both
 * screens, then the history's pointers. */
size_t term_memory_size(unsigned columns, unsigned rows, unsigned history)
{
	size_t screen_lines = 2 * (size_t)rows;

	if (!size_valid(columns, rows, history))
		return 0;
	return (screen_lines + history) * columns * sizeof(struct term_cell) +
	       screen_lines * sizeof(struct term_line) + history * sizeof(struct term_cell *);
}

/* Divides the memory and clears all lines. */
void term_layout(struct term *term, void *memory)
{
	size_t screen_lines = 2 * (size_t)term->rows;
	size_t lines = screen_lines + term->history_capacity;
	struct term_cell *cells = memory;

	term->primary.lines = (struct term_line *)(cells + lines * term->columns);
	term->alternate.lines = term->primary.lines + term->rows;
	term->history = (struct term_cell **)(term->primary.lines + screen_lines);
	for (size_t i = 0; i < lines * term->columns; i++) {
		cells[i] = (struct term_cell){
			.code_point = ' ',
			.foreground = TERM_COLOUR_DEFAULT,
			.background = TERM_COLOUR_DEFAULT,
		};
	}
	for (size_t i = 0; i < screen_lines; i++, cells += term->columns)
		term->primary.lines[i] = (struct term_line){ .cells = cells };
	for (size_t i = 0; i < term->history_capacity; i++, cells += term->columns)
		term->history[i] = cells;
}

void term_set_default_tabs(struct term *term)
{
	memset(term->tabs, 0, sizeof(term->tabs));
	for (unsigned column = 0; column < TERM_COLUMNS_MAX; column += TAB_WIDTH)
		term->tabs[column / 64] |= (uint64_t)1 << column % 64;
}

static void screen_reset(struct term_screen *screen)
{
	screen->saved = (struct term_pen){ 0 };
	term_pen_reset(&screen->saved);
	screen->saved_origin = false;
}

void term_reset(struct term *term)
{
	term->modes = TERM_MODE_WRAP | TERM_MODE_CURSOR;
	term->pen = (struct term_pen){ 0 };
	term_pen_reset(&term->pen);
	term->top = 0;
	term->bottom = term->rows;
	term->last_character = 0;
	term->parser = (struct term_parser){ 0 };
	term_set_default_tabs(term);
	term_reset_palette(term);
	screen_reset(&term->primary);
	screen_reset(&term->alternate);
	term->screen = &term->alternate;
	term_erase_rows(term, 0, term->rows);
	term->screen = &term->primary;
	term_erase_rows(term, 0, term->rows);
	term->view = 0;
	term_damage_all(term);
}

void term_init(struct term *term, void *memory, unsigned columns, unsigned rows, unsigned history,
	       struct term_host *host)
{
	*term = (struct term){
		.columns = columns,
		.rows = rows,
		.host = host,
		.history_capacity = history,
	};
	term->screen = &term->primary;
	term_layout(term, memory);
	term_reset(term);
}

void term_scroll_view(struct term *term, int lines)
{
	int64_t limit = term->screen == &term->primary ? term->history_count : 0;
	int64_t view = (int64_t)term->view + lines;

	if (view > limit)
		view = limit;
	if (view < 0)
		view = 0;
	if (view == term->view)
		return;
	term->view = (unsigned)view;
	term_damage_all(term);
}

const struct term_cell *term_row(const struct term *term, unsigned row)
{
	if (row < term->view)
		return term_history_line(term, term->view - row);
	return term->screen->lines[row - term->view].cells;
}

bool term_cursor(const struct term *term, unsigned *row, unsigned *column)
{
	*row = term->pen.row + term->view;
	*column = term->pen.column;
	return (term->modes & TERM_MODE_CURSOR) && *row < term->rows;
}

void term_update_begin(struct term *term, struct term_scroll *scroll)
{
	unsigned row;
	unsigned column;
	bool shown = term_cursor(term, &row, &column);

	*scroll = term->scroll;
	term->scroll.lines = 0;
	if (term->cursor_painted &&
	    !(shown && row == term->cursor_row && column == term->cursor_column))
		term_damage(term, term->cursor_row, term->cursor_column, term->cursor_column + 1);
	else if (term->cursor_painted)
		return;
	if (shown)
		term_damage(term, row, column, column + 1);
	term->cursor_painted = shown;
	term->cursor_row = row;
	term->cursor_column = column;
}

bool term_update_row(struct term *term, unsigned row, unsigned *from, unsigned *to)
{
	struct term_line *line = &term->screen->lines[row];

	*from = line->dirty_from;
	*to = line->dirty_to;
	line->dirty_from = 0;
	line->dirty_to = 0;
	return *from < *to;
}
