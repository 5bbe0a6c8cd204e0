/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cursor motion, control characters, and escape sequences other than CSI. */
#include <base/string.h>

#include "term_priv.h"

void term_reply(struct term *term, const char *text)
{
	if (term->host && term->host->reply)
		term->host->reply(term->host, text, strlen(text));
}

void term_move(struct term *term, unsigned row, unsigned column)
{
	term->pen.row = row < term->rows ? row : term->rows - 1;
	term->pen.column = column < term->columns ? column : term->columns - 1;
	term->pen.wrap_pending = false;
}

void term_move_to_origin(struct term *term, unsigned row, unsigned column)
{
	if (term->modes & TERM_MODE_ORIGIN) {
		row += term->top;
		if (row >= term->bottom)
			row = term->bottom - 1;
	}
	term_move(term, row, column);
}

void term_save_cursor(struct term *term)
{
	term->screen->saved = term->pen;
	term->screen->saved_origin = term->modes & TERM_MODE_ORIGIN;
}

void term_restore_cursor(struct term *term)
{
	term->pen = term->screen->saved;
	term->modes &= ~TERM_MODE_ORIGIN;
	if (term->screen->saved_origin)
		term->modes |= TERM_MODE_ORIGIN;
}

/* IND: one row down; scrolls at the end of the scroll region. */
static void term_index(struct term *term)
{
	if (term->pen.row + 1 == term->bottom)
		term_scroll_up(term, term->top, term->bottom, 1, true);
	else if (term->pen.row + 1 < term->rows)
		term->pen.row++;
	term->pen.wrap_pending = false;
}

/* RI: one row up. */
static void term_reverse_index(struct term *term)
{
	if (term->pen.row == term->top)
		term_scroll_down(term, term->top, term->bottom, 1);
	else if (term->pen.row > 0)
		term->pen.row--;
	term->pen.wrap_pending = false;
}

static void term_carriage_return(struct term *term)
{
	term_move(term, term->pen.row, 0);
}

void term_line_feed(struct term *term)
{
	term_index(term);
	if (term->modes & TERM_MODE_NEW_LINE)
		term_carriage_return(term);
}

static bool tab_at(const struct term *term, unsigned column)
{
	return term->tabs[column / 64] >> column % 64 & 1;
}

void term_tab_forward(struct term *term, unsigned count)
{
	unsigned column = term->pen.column;

	while (count > 0 && column + 1 < term->columns) {
		column++;
		count -= tab_at(term, column);
	}
	term_move(term, term->pen.row, column);
}

void term_tab_back(struct term *term, unsigned count)
{
	unsigned column = term->pen.column;

	while (count > 0 && column > 0) {
		column--;
		count -= tab_at(term, column);
	}
	term_move(term, term->pen.row, column);
}

void term_control(struct term *term, uint8_t byte)
{
	switch (byte) {
	case '\a':
		if (term->host && term->host->bell)
			term->host->bell(term->host);
		break;
	case '\b':
		if (term->pen.column > 0)
			term_move(term, term->pen.row, term->pen.column - 1);
		break;
	case '\t':
		term_tab_forward(term, 1);
		break;
	case '\n':
	case '\v':
	case '\f':
		term_line_feed(term);
		break;
	case '\r':
		term_carriage_return(term);
		break;
	case 0x0e: /* SO */
		term->pen.charset = 1;
		break;
	case 0x0f: /* SI */
		term->pen.charset = 0;
		break;
	}
}

void term_reset_palette(struct term *term)
{
	static const uint32_t palette[] = {
		0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
		0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
	};

	_Static_assert(sizeof(palette) == sizeof(term->palette), "16 colours");
	memcpy(term->palette, palette, sizeof(palette));
	term->default_foreground = palette[7];
	term->default_background = palette[0];
	term_damage_all(term);
}

/* DECALN: a screen of E, for adjusting the display. */
static void term_align(struct term *term)
{
	struct term_cell cell = {
		.code_point = 'E',
		.foreground = TERM_COLOUR_DEFAULT,
		.background = TERM_COLOUR_DEFAULT,
	};

	term->top = 0;
	term->bottom = term->rows;
	term_move(term, 0, 0);
	for (unsigned row = 0; row < term->rows; row++)
		term_fill(term, row, 0, term->columns, cell);
}

/* An escape sequence of one character. */
static void term_escape_plain(struct term *term, uint8_t final)
{
	switch (final) {
	case '7':
		term_save_cursor(term);
		break;
	case '8':
		term_restore_cursor(term);
		break;
	case '=':
		term->modes |= TERM_MODE_APPLICATION_KEYPAD;
		break;
	case '>':
		term->modes &= ~TERM_MODE_APPLICATION_KEYPAD;
		break;
	case 'D':
		term_index(term);
		break;
	case 'E':
		term_carriage_return(term);
		term_index(term);
		break;
	case 'H':
		term->tabs[term->pen.column / 64] |= (uint64_t)1 << term->pen.column % 64;
		break;
	case 'M':
		term_reverse_index(term);
		break;
	case 'Z':
		term_reply(term, "\033[?6c");
		break;
	case 'c':
		term_reset(term);
		break;
	}
}

void term_escape(struct term *term, uint8_t final)
{
	switch (term->parser.intermediate) {
	case 0:
		term_escape_plain(term, final);
		break;
	case '(':
		term->pen.charset_graphics[0] = final == '0';
		break;
	case ')':
		term->pen.charset_graphics[1] = final == '0';
		break;
	case '#':
		if (final == '8')
			term_align(term);
		break;
	}
}
