/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting characters on the screen. */
#include "term_priv.h"

/* What the line drawing set of the VT100 has in place of 0x5f .. 0x7e. */
static const uint16_t graphics[] = {
	0x00a0,                                                         /* _ blank */
	0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, /* ` to g */
	0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, /* h to o */
	0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, /* p to w */
	0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,         /* x to ~ */
};

#define GRAPHICS_FIRST 0x5f
#define GRAPHICS_LAST  0x7e

_Static_assert(sizeof(graphics) / sizeof(graphics[0]) == GRAPHICS_LAST - GRAPHICS_FIRST + 1,
	       "a line drawing character for each");

static bool pen_draws_graphics(const struct term *term)
{
	return term->pen.charset_graphics[term->pen.charset];
}

static struct term_cell pen_cell(const struct term *term, uint32_t code_point)
{
	return (struct term_cell){
		.code_point = code_point,
		.foreground = term->pen.foreground,
		.background = term->pen.background,
		.attributes = term->pen.attributes,
	};
}

static void wrap(struct term *term)
{
	term->pen.column = 0;
	term_line_feed(term);
}

/* Moves behind what was written; the column may be one too far. */
static void pen_advance(struct term *term, unsigned count)
{
	term->pen.column += count;
	if (term->pen.column < term->columns)
		return;
	term->pen.column = term->columns - 1;
	term->pen.wrap_pending = term->modes & TERM_MODE_WRAP;
}

void term_print(struct term *term, uint32_t code_point)
{
	unsigned width = term_width(code_point);

	if (width == 0)
		return;
	if (pen_draws_graphics(term) && code_point >= GRAPHICS_FIRST && code_point <= GRAPHICS_LAST)
		code_point = graphics[code_point - GRAPHICS_FIRST];
	if (term->pen.wrap_pending)
		wrap(term);
	if (width > term->columns - term->pen.column) {
		/* A wide character does not fit into the last column. */
		if ((term->modes & TERM_MODE_WRAP) && width <= term->columns)
			wrap(term);
		else
			width = 1;
	}
	if (term->modes & TERM_MODE_INSERT)
		term_insert_cells(term, width);
	term_fill(term, term->pen.row, term->pen.column, term->pen.column + 1,
		  pen_cell(term, code_point));
	if (width == 2)
		term_fill(term, term->pen.row, term->pen.column + 1, term->pen.column + 2,
			  pen_cell(term, ' '));
	pen_advance(term, width);
	term->last_character = code_point;
}

size_t term_print_ascii(struct term *term, const uint8_t *bytes, size_t length)
{
	struct term_cell cell = pen_cell(term, 0);
	struct term_cell *cells;
	unsigned count;

	if (pen_draws_graphics(term) || (term->modes & TERM_MODE_INSERT)) {
		term_print(term, bytes[0]);
		return 1;
	}
	if (term->pen.wrap_pending)
		wrap(term);
	count = (unsigned)min_size(length, term->columns - term->pen.column);
	cells = term->screen->lines[term->pen.row].cells + term->pen.column;
	for (unsigned i = 0; i < count; i++) {
		cell.code_point = bytes[i];
		cells[i] = cell;
	}
	term_damage(term, term->pen.row, term->pen.column, term->pen.column + count);
	pen_advance(term, count);
	term->last_character = bytes[count - 1];
	return count;
}
