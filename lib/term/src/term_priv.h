/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the terminal share. */
#pragma once

#include <term/term.h>

/* Default tab stops: every 8 columns. */
#define TAB_WIDTH 8

/* grid.c: cells, lines and damage. All ranges lie within the screen. */

/* What erasing leaves: a space on the current background. */
struct term_cell term_blank(const struct term *term);
void term_fill(struct term *term, unsigned row, unsigned from, unsigned to, struct term_cell cell);
void term_erase(struct term *term, unsigned row, unsigned from, unsigned to);
void term_erase_rows(struct term *term, unsigned from, unsigned to);
void term_damage(struct term *term, unsigned row, unsigned from, unsigned to);
/* Move rows [top, bottom) by up to all of them; blank lines come in. With `keep`, lines that
 * leave the primary screen at row 0 go to the history. */
void term_scroll_up(struct term *term, unsigned top, unsigned bottom, unsigned count, bool keep);
void term_scroll_down(struct term *term, unsigned top, unsigned bottom, unsigned count);
/* Move the rest of the cursor's row to the right or to the left. */
void term_insert_cells(struct term *term, unsigned count);
void term_delete_cells(struct term *term, unsigned count);
/* Exchanges a line's cells for those of the oldest line of the history. */
void term_history_push(struct term *term, struct term_line *line);
/* The line of the history that left `back` lines ago (1 .. history_count). */
struct term_cell *term_history_line(const struct term *term, unsigned back);

/* term.c */
void term_layout(struct term *term, void *memory);
void term_set_default_tabs(struct term *term);

/* control.c: motion, and the controls outside CSI. */
void term_move(struct term *term, unsigned row, unsigned column);
/* The same with a row that counts from the scroll region in origin mode. */
void term_move_to_origin(struct term *term, unsigned row, unsigned column);
void term_save_cursor(struct term *term);
void term_restore_cursor(struct term *term);
void term_line_feed(struct term *term);
void term_tab_forward(struct term *term, unsigned count);
void term_tab_back(struct term *term, unsigned count);
void term_control(struct term *term, uint8_t byte);
void term_escape(struct term *term, uint8_t final);
void term_reset_palette(struct term *term);
void term_reply(struct term *term, const char *text);

/* print.c */
void term_print(struct term *term, uint32_t code_point);
/* Prints `length` > 0 bytes 0x20 .. 0x7e as far as they fit on a row; returns how many. */
size_t term_print_ascii(struct term *term, const uint8_t *bytes, size_t length);

/* csi.c: dispatches the control sequence that the parser has read. */
void term_csi(struct term *term, uint8_t final);
/* Parameter `index`, or `missing` where it is 0 or was left out. */
unsigned term_parameter(const struct term *term, unsigned index, unsigned missing);

/* mode.c: SM and RM, with and without "?". */
void term_set_modes(struct term *term, bool on);

/* style.c: SGR. */
void term_select_graphics(struct term *term);
void term_pen_reset(struct term_pen *pen);
