/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of the screen: filling, moving, damage, and the lines that scroll off. */
#include <base/string.h>

#include "term_priv.h"

static struct term_line *term_line(struct term *term, unsigned row)
{
	return &term->screen->lines[row];
}

static void line_damage(struct term_line *line, unsigned from, unsigned to)
{
	if (line->dirty_from == line->dirty_to) {
		line->dirty_from = from;
		line->dirty_to = to;
		return;
	}
	if (from < line->dirty_from)
		line->dirty_from = from;
	if (to > line->dirty_to)
		line->dirty_to = to;
}

void term_damage(struct term *term, unsigned row, unsigned from, unsigned to)
{
	if (from < to)
		line_damage(term_line(term, row), from, to);
}

void term_damage_all(struct term *term)
{
	for (unsigned row = 0; row < term->rows; row++)
		term_damage(term, row, 0, term->columns);
	term->scroll.lines = 0;
}

struct term_cell term_blank(const struct term *term)
{
	return (struct term_cell){
		.code_point = ' ',
		.foreground = TERM_COLOUR_DEFAULT,
		.background = term->pen.background,
	};
}

void term_fill(struct term *term, unsigned row, unsigned from, unsigned to, struct term_cell cell)
{
	struct term_cell *cells = term_line(term, row)->cells;

	for (unsigned column = from; column < to; column++)
		cells[column] = cell;
	term_damage(term, row, from, to);
}

void term_erase(struct term *term, unsigned row, unsigned from, unsigned to)
{
	term_fill(term, row, from, to, term_blank(term));
}

void term_erase_rows(struct term *term, unsigned from, unsigned to)
{
	for (unsigned row = from; row < to; row++)
		term_erase(term, row, 0, term->columns);
}

void term_history_push(struct term *term, struct term_line *line)
{
	struct term_cell *oldest;

	if (term->history_capacity == 0)
		return;
	oldest = term->history[term->history_next];
	term->history[term->history_next] = line->cells;
	line->cells = oldest;
	term->history_next = (term->history_next + 1) % term->history_capacity;
	if (term->history_count < term->history_capacity)
		term->history_count++;
}

struct term_cell *term_history_line(const struct term *term, unsigned back)
{
	unsigned capacity = term->history_capacity;

	return term->history[(term->history_next + capacity - back) % capacity];
}

static void lines_reverse(struct term_line *lines, unsigned count)
{
	for (unsigned i = 0; i < count / 2; i++) {
		struct term_line line = lines[i];

		lines[i] = lines[count - 1 - i];
		lines[count - 1 - i] = line;
	}
}

/* Brings line `first` to the front; those before it go to the end. */
static void lines_rotate(struct term_line *lines, unsigned count, unsigned first)
{
	lines_reverse(lines, first);
	lines_reverse(lines + first, count - first);
	lines_reverse(lines, count);
}

/* The painted cursor is about to move with its line: it must be painted over there. */
static void scroll_leave_cursor(struct term *term, unsigned top, unsigned bottom)
{
	if (!term->cursor_painted || term->cursor_row < top || term->cursor_row >= bottom)
		return;
	term_damage(term, term->cursor_row, term->cursor_column, term->cursor_column + 1);
	term->cursor_painted = false;
}

/* Remembers, after the lines were moved, that the pixels have to follow. One region can be
 * remembered; another one is repainted instead. */
static void scroll_note(struct term *term, unsigned top, unsigned bottom, int lines)
{
	struct term_scroll *scroll = &term->scroll;
	int height = (int)(bottom - top);

	if (scroll->lines == 0) {
		*scroll = (struct term_scroll){ .top = top, .bottom = bottom, .lines = lines };
	} else if (scroll->top == top && scroll->bottom == bottom) {
		/* Beyond the height all lines are new, and any distance will do. */
		scroll->lines += lines;
		if (scroll->lines > height)
			scroll->lines = height;
		if (scroll->lines < -height)
			scroll->lines = -height;
	} else {
		for (unsigned row = top; row < bottom; row++)
			term_damage(term, row, 0, term->columns);
	}
}

void term_scroll_up(struct term *term, unsigned top, unsigned bottom, unsigned count, bool keep)
{
	struct term_line *lines = term->screen->lines + top;

	if (count > bottom - top)
		count = bottom - top;
	if (count == 0)
		return;
	scroll_leave_cursor(term, top, bottom);
	if (keep && top == 0 && term->screen == &term->primary) {
		for (unsigned row = 0; row < count; row++)
			term_history_push(term, &lines[row]);
	}
	lines_rotate(lines, bottom - top, count);
	term_erase_rows(term, bottom - count, bottom);
	scroll_note(term, top, bottom, (int)count);
}

void term_scroll_down(struct term *term, unsigned top, unsigned bottom, unsigned count)
{
	struct term_line *lines = term->screen->lines + top;

	if (count > bottom - top)
		count = bottom - top;
	if (count == 0)
		return;
	scroll_leave_cursor(term, top, bottom);
	lines_rotate(lines, bottom - top, bottom - top - count);
	term_erase_rows(term, top, top + count);
	scroll_note(term, top, bottom, -(int)count);
}

void term_insert_cells(struct term *term, unsigned count)
{
	unsigned row = term->pen.row;
	unsigned column = term->pen.column;
	unsigned rest = term->columns - column;
	struct term_cell *cells = term_line(term, row)->cells + column;

	if (count > rest)
		count = rest;
	memmove(cells + count, cells, (rest - count) * sizeof(*cells));
	term_erase(term, row, column, column + count);
	term_damage(term, row, column, term->columns);
}

void term_delete_cells(struct term *term, unsigned count)
{
	unsigned row = term->pen.row;
	unsigned column = term->pen.column;
	unsigned rest = term->columns - column;
	struct term_cell *cells = term_line(term, row)->cells + column;

	if (count > rest)
		count = rest;
	memmove(cells, cells + count, (rest - count) * sizeof(*cells));
	term_erase(term, row, term->columns - count, term->columns);
	term_damage(term, row, column, term->columns);
}
