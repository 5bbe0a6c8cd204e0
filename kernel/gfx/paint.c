/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paints the console's cells. The emulator says which rows were written to or moved; a copy of
 * what each of their cells shows tells which ones really changed, so that scrolling costs the
 * cells that differ and the frame buffer is never read.
 */
#include "console_priv.h"

#define NO_GLYPH UINT32_MAX

static struct painted_cell wanted_cell(const struct console *console, const struct term_cell *cell,
				       bool cursor)
{
	struct painted_cell wanted = {
		.glyph = (uint32_t)font_glyph(&console->font,
					      cell->code_point ? cell->code_point : ' '),
		.decoration = cell->attributes & (TERM_UNDERLINE | TERM_STRIKE),
	};
	uint32_t swap;

	term_cell_colours(&console->term, cell, &wanted.foreground, &wanted.background);
	if (cursor) {
		swap = wanted.foreground;
		wanted.foreground = wanted.background;
		wanted.background = swap;
	}
	return wanted;
}

static bool same_cell(const struct painted_cell *a, const struct painted_cell *b)
{
	return a->glyph == b->glyph && a->foreground == b->foreground &&
	       a->background == b->background && a->decoration == b->decoration;
}

static void paint_cell(const struct console *console, unsigned row, unsigned column,
		       const struct painted_cell *cell)
{
	const struct font *font = &console->font;
	uint32_t x = column * font->width, y = row * font->height;

	framebuffer_draw_bitmap(&console->framebuffer, x, y, font_bitmap(font, cell->glyph),
				font->stride, font->width, font->height, cell->foreground,
				cell->background);
	if (cell->decoration & TERM_UNDERLINE)
		framebuffer_fill(&console->framebuffer, x, y + font->height - 2, font->width, 1,
				 cell->foreground);
	if (cell->decoration & TERM_STRIKE)
		framebuffer_fill(&console->framebuffer, x, y + font->height / 2, font->width, 1,
				 cell->foreground);
}

static void add_unshown(struct console *console, uint32_t top, uint32_t bottom)
{
	if (console->unshown_top == console->unshown_bottom) {
		console->unshown_top = top;
		console->unshown_bottom = bottom;
	}
	console->unshown_top = (uint32_t)min_u64(console->unshown_top, top);
	console->unshown_bottom = (uint32_t)max_u64(console->unshown_bottom, bottom);
}

/* Paints the cells of a row that differ from what the screen shows. */
static void compare_row(struct console *console, unsigned row)
{
	uint32_t top = row * console->font.height, bottom = top + console->font.height;
	const struct term_cell *cells = term_row(&console->term, row);
	struct painted_cell *painted = console->painted + (size_t)row * console->columns;
	bool cursor = console->cursor_shown && console->cursor_row == row;
	bool changed = false;

	for (unsigned column = 0; column < console->columns; column++) {
		struct painted_cell wanted = wanted_cell(
			console, &cells[column], cursor && column == console->cursor_column);

		if (same_cell(&wanted, &painted[column]))
			continue;
		paint_cell(console, row, column, &wanted);
		painted[column] = wanted;
		changed = true;
	}
	if (changed)
		add_unshown(console, top, bottom);
}

void console_begin_paint(struct console *console)
{
	struct term_scroll scroll;

	if (!console->visible || !console->framebuffer.pixels)
		return;
	term_update_begin(&console->term, &scroll);
	console->cursor_shown =
		term_cursor(&console->term, &console->cursor_row, &console->cursor_column);
	if (scroll.lines == 0)
		return;
	for (unsigned row = scroll.top; row < scroll.bottom; row++)
		console->moved[row] = true;
}

void console_paint_row(struct console *console, unsigned row)
{
	unsigned from, to;
	bool damaged;

	if (!console->visible || !console->framebuffer.pixels || row >= console->rows)
		return;
	damaged = term_update_row(&console->term, row, &from, &to);
	if (!damaged && !console->moved[row])
		return;
	console->moved[row] = false;
	compare_row(console, row);
}

void console_paint(struct console *console)
{
	console_begin_paint(console);
	for (unsigned row = 0; row < console->rows; row++)
		console_paint_row(console, row);
}

void console_forget_painted(struct console *console)
{
	for (size_t i = 0; i < (size_t)console->columns * console->rows; i++)
		console->painted[i].glyph = NO_GLYPH;
	term_damage_all(&console->term);
}
