/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing the size of a terminal. */
#include <base/string.h>

#include "term_priv.h"

static void cells_copy(struct term_cell *to, const struct term_cell *from, const struct term *term,
		       const struct term *old)
{
	unsigned columns = term->columns < old->columns ? term->columns : old->columns;

	memcpy(to, from, columns * sizeof(*to));
}

/* Adds a copy of a line to the history, through the first line of the screen, which is left
 * blank. */
static void history_copy(struct term *term, const struct term *old, const struct term_cell *cells)
{
	if (term->history_capacity == 0)
		return;
	cells_copy(term->primary.lines[0].cells, cells, term, old);
	term_history_push(term, &term->primary.lines[0]);
	term->screen = &term->primary;
	term_erase(term, 0, 0, term->columns);
}

/* Copies the rows of a screen from `first` on. */
static void screen_copy(struct term *term, struct term_screen *to, const struct term *old,
			const struct term_screen *from, unsigned first)
{
	for (unsigned row = 0; row < term->rows && first + row < old->rows; row++)
		cells_copy(to->lines[row].cells, from->lines[first + row].cells, term, old);
}

/* How many rows must go so that `row` is still on the screen. */
static unsigned rows_to_drop(const struct term *term, unsigned row)
{
	return row < term->rows ? 0 : row - term->rows + 1;
}

static void pen_fit(const struct term *term, struct term_pen *pen, unsigned dropped)
{
	pen->row = pen->row > dropped ? pen->row - dropped : 0;
	if (pen->row >= term->rows)
		pen->row = term->rows - 1;
	if (pen->column >= term->columns)
		pen->column = term->columns - 1;
	pen->wrap_pending = false;
}

void term_resize(struct term *term, void *memory, unsigned columns, unsigned rows, unsigned history)
{
	struct term old = *term;
	bool alternate = term->screen == &term->alternate;
	/* While the alternate screen is shown, the primary one keeps its saved cursor. */
	const struct term_pen *primary_pen = alternate ? &old.primary.saved : &old.pen;
	unsigned dropped;
	unsigned dropped_alternate;

	term->columns = columns;
	term->rows = rows;
	term->history_capacity = history;
	term->history_count = 0;
	term->history_next = 0;
	term->view = 0;
	term->cursor_painted = false;
	term->pen.background = TERM_COLOUR_DEFAULT; /* what blank lines of the history get */
	term_layout(term, memory);

	for (unsigned back = old.history_count; back > 0; back--)
		history_copy(term, &old, term_history_line(&old, back));
	dropped = rows_to_drop(term, primary_pen->row);
	dropped_alternate = rows_to_drop(term, old.pen.row);
	for (unsigned row = 0; row < dropped; row++)
		history_copy(term, &old, old.primary.lines[row].cells);
	screen_copy(term, &term->primary, &old, &old.primary, dropped);
	screen_copy(term, &term->alternate, &old, &old.alternate,
		    alternate ? dropped_alternate : 0);

	term->screen = alternate ? &term->alternate : &term->primary;
	term->pen = old.pen;
	pen_fit(term, &term->pen, alternate ? dropped_alternate : dropped);
	pen_fit(term, &term->primary.saved, dropped);
	pen_fit(term, &term->alternate.saved, alternate ? dropped_alternate : 0);
	term->top = 0;
	term->bottom = rows;
	term_damage_all(term);
}
