/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control sequences: CSI, parameters, and a final character that selects a function. */
#include <base/format.h>
#include <base/string.h>

#include "term_priv.h"

#define FINAL_FIRST 0x40
#define FINAL_LAST  0x7e

unsigned term_parameter(const struct term *term, unsigned index, unsigned missing)
{
	unsigned value = 0;

	if (index < term->parser.parameter_count)
		value = term->parser.parameters[index];
	return value ? value : missing;
}

/* The first parameter as a count of 1 or more. */
static unsigned count_parameter(const struct term *term)
{
	return term_parameter(term, 0, 1);
}

/* Motion up and down stops at the edge of the scroll region that it begins within. */
static void cursor_up(struct term *term)
{
	unsigned limit = term->pen.row >= term->top ? term->top : 0;
	unsigned count = count_parameter(term);
	unsigned room = term->pen.row - limit;

	term_move(term, term->pen.row - (count < room ? count : room), term->pen.column);
}

static void cursor_down(struct term *term)
{
	unsigned limit = term->pen.row < term->bottom ? term->bottom : term->rows;
	unsigned count = count_parameter(term);
	unsigned room = limit - 1 - term->pen.row;

	term_move(term, term->pen.row + (count < room ? count : room), term->pen.column);
}

static void cursor_right(struct term *term)
{
	term_move(term, term->pen.row, term->pen.column + count_parameter(term));
}

static void cursor_left(struct term *term)
{
	unsigned count = count_parameter(term);
	unsigned column = term->pen.column;

	term_move(term, term->pen.row, column - (count < column ? count : column));
}

static void cursor_next_line(struct term *term)
{
	cursor_down(term);
	term_move(term, term->pen.row, 0);
}

static void cursor_previous_line(struct term *term)
{
	cursor_up(term);
	term_move(term, term->pen.row, 0);
}

static void cursor_column(struct term *term)
{
	term_move(term, term->pen.row, count_parameter(term) - 1);
}

static void cursor_row(struct term *term)
{
	term_move_to_origin(term, count_parameter(term) - 1, term->pen.column);
}

static void cursor_row_down(struct term *term)
{
	term_move(term, term->pen.row + count_parameter(term), term->pen.column);
}

static void cursor_position(struct term *term)
{
	term_move_to_origin(term, count_parameter(term) - 1, term_parameter(term, 1, 1) - 1);
}

static void tab_forward(struct term *term)
{
	term_tab_forward(term, count_parameter(term));
}

static void tab_back(struct term *term)
{
	term_tab_back(term, count_parameter(term));
}

static void tab_clear(struct term *term)
{
	unsigned column = term->pen.column;

	if (term_parameter(term, 0, 0) == 0)
		term->tabs[column / 64] &= ~((uint64_t)1 << column % 64);
	else if (term_parameter(term, 0, 0) == 3)
		memset(term->tabs, 0, sizeof(term->tabs));
}

static void erase_in_display(struct term *term)
{
	unsigned row = term->pen.row;

	term->pen.wrap_pending = false;
	switch (term_parameter(term, 0, 0)) {
	case 0:
		term_erase(term, row, term->pen.column, term->columns);
		term_erase_rows(term, row + 1, term->rows);
		break;
	case 1:
		term_erase_rows(term, 0, row);
		term_erase(term, row, 0, term->pen.column + 1);
		break;
	case 3:
		term->history_count = 0;
		term_erase_rows(term, 0, term->rows);
		break;
	case 2:
		term_erase_rows(term, 0, term->rows);
		break;
	}
}

static void erase_in_line(struct term *term)
{
	unsigned row = term->pen.row;

	term->pen.wrap_pending = false;
	switch (term_parameter(term, 0, 0)) {
	case 0:
		term_erase(term, row, term->pen.column, term->columns);
		break;
	case 1:
		term_erase(term, row, 0, term->pen.column + 1);
		break;
	case 2:
		term_erase(term, row, 0, term->columns);
		break;
	}
}

static void erase_characters(struct term *term)
{
	unsigned rest = term->columns - term->pen.column;
	unsigned count = count_parameter(term);

	term->pen.wrap_pending = false;
	term_erase(term, term->pen.row, term->pen.column,
		   term->pen.column + (count < rest ? count : rest));
}

static void insert_characters(struct term *term)
{
	term->pen.wrap_pending = false;
	term_insert_cells(term, count_parameter(term));
}

static void delete_characters(struct term *term)
{
	term->pen.wrap_pending = false;
	term_delete_cells(term, count_parameter(term));
}

static bool cursor_in_region(const struct term *term)
{
	return term->pen.row >= term->top && term->pen.row < term->bottom;
}

static void insert_lines(struct term *term)
{
	if (!cursor_in_region(term))
		return;
	term->pen.wrap_pending = false;
	term_scroll_down(term, term->pen.row, term->bottom, count_parameter(term));
}

static void delete_lines(struct term *term)
{
	if (!cursor_in_region(term))
		return;
	term->pen.wrap_pending = false;
	term_scroll_up(term, term->pen.row, term->bottom, count_parameter(term), false);
}

static void scroll_up(struct term *term)
{
	term_scroll_up(term, term->top, term->bottom, count_parameter(term), true);
}

static void scroll_down(struct term *term)
{
	term_scroll_down(term, term->top, term->bottom, count_parameter(term));
}

/* REP. More than a screen would only make it scroll on. */
static void repeat_character(struct term *term)
{
	unsigned count = count_parameter(term);

	if (count > term->columns)
		count = term->columns;
	while (count-- > 0 && term->last_character != 0)
		term_print(term, term->last_character);
}

static void set_scroll_region(struct term *term)
{
	unsigned top = term_parameter(term, 0, 1) - 1;
	unsigned bottom = term_parameter(term, 1, term->rows);

	if (bottom > term->rows)
		bottom = term->rows;
	/* A region has two rows at least. */
	if (top + 1 >= bottom)
		return;
	term->top = top;
	term->bottom = bottom;
	term_move_to_origin(term, 0, 0);
}

static void set_modes(struct term *term)
{
	term_set_modes(term, true);
}

static void reset_modes(struct term *term)
{
	term_set_modes(term, false);
}

static void report_attributes(struct term *term)
{
	if (term_parameter(term, 0, 0) == 0)
		term_reply(term, "\033[?6c"); /* a VT102 */
}

static void report_status(struct term *term)
{
	unsigned row = term->pen.row;
	char text[32];

	switch (term_parameter(term, 0, 0)) {
	case 5:
		term_reply(term, "\033[0n");
		break;
	case 6:
		if (term->modes & TERM_MODE_ORIGIN)
			row -= term->top;
		snprintf(text, sizeof(text), "\033[%u;%uR", row + 1, term->pen.column + 1);
		term_reply(term, text);
		break;
	}
}

typedef void csi_function(struct term *term);

#define FINAL(character) [(character)-FINAL_FIRST]

static csi_function *const plain_functions[FINAL_LAST - FINAL_FIRST + 1] = {
	FINAL('@') = insert_characters,
	FINAL('A') = cursor_up,
	FINAL('B') = cursor_down,
	FINAL('C') = cursor_right,
	FINAL('D') = cursor_left,
	FINAL('E') = cursor_next_line,
	FINAL('F') = cursor_previous_line,
	FINAL('G') = cursor_column,
	FINAL('H') = cursor_position,
	FINAL('I') = tab_forward,
	FINAL('J') = erase_in_display,
	FINAL('K') = erase_in_line,
	FINAL('L') = insert_lines,
	FINAL('M') = delete_lines,
	FINAL('P') = delete_characters,
	FINAL('S') = scroll_up,
	FINAL('T') = scroll_down,
	FINAL('X') = erase_characters,
	FINAL('Z') = tab_back,
	FINAL('`') = cursor_column,
	FINAL('a') = cursor_right,
	FINAL('b') = repeat_character,
	FINAL('c') = report_attributes,
	FINAL('d') = cursor_row,
	FINAL('e') = cursor_row_down,
	FINAL('f') = cursor_position,
	FINAL('g') = tab_clear,
	FINAL('h') = set_modes,
	FINAL('l') = reset_modes,
	FINAL('m') = term_select_graphics,
	FINAL('n') = report_status,
	FINAL('r') = set_scroll_region,
	FINAL('s') = term_save_cursor,
	FINAL('u') = term_restore_cursor,
};

static csi_function *const private_functions[FINAL_LAST - FINAL_FIRST + 1] = {
	FINAL('J') = erase_in_display,
	FINAL('K') = erase_in_line,
	FINAL('h') = set_modes,
	FINAL('l') = reset_modes,
};

/* DECSTR: the modes and the pen, but not what is on the screen. */
static void soft_reset(struct term *term)
{
	unsigned row = term->pen.row;
	unsigned column = term->pen.column;

	term->modes = TERM_MODE_WRAP | TERM_MODE_CURSOR | (term->modes & TERM_MODE_REVERSE_SCREEN);
	term->pen = (struct term_pen){ .row = row, .column = column };
	term_pen_reset(&term->pen);
	term->top = 0;
	term->bottom = term->rows;
}

void term_csi(struct term *term, uint8_t final)
{
	const struct term_parser *parser = &term->parser;
	csi_function *function = NULL;

	if (parser->prefix == 0 && parser->intermediate == 0)
		function = plain_functions[final - FINAL_FIRST];
	else if (parser->prefix == '?' && parser->intermediate == 0)
		function = private_functions[final - FINAL_FIRST];
	else if (parser->prefix == 0 && parser->intermediate == '!' && final == 'p')
		function = soft_reset;
	if (function)
		function(term);
}
