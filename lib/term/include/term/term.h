/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A terminal: takes the bytes that programs write and keeps the screen that they describe.
 *
 * It understands UTF-8 and what TERM=linux promises of ECMA-48, the VT102 and xterm: cursor
 * motion, erasing, inserting and deleting, scroll regions, 16, 256 and true colours,
 * attributes, tabs, line drawing, the alternate screen, and reports.
 *
 * Rules
 *   - The embedder supplies the memory: term_memory_size(), then term_init().
 *   - Output goes in with term_write(); whatever bytes come, none takes more time than
 *     rewriting the screen does.
 *   - A renderer repaints with
 *		term_update_begin(&term, &scroll);
 *		if (scroll.lines != 0)
 *			move the pixels of that region, or repaint it;
 *		for each row:
 *			if (term_update_row(&term, row, &from, &to))
 *				paint term_row(&term, row)[from .. to), and the cursor
 *				if term_cursor() says that it is there;
 *   - Not locked: the embedder serialises all calls. The functions of struct term_host are
 *     called from within term_write().
 *
 * Rows and columns count from 0.
 */
#pragma once

#include <base/types.h>

#define TERM_COLUMNS_MAX 1024
#define TERM_ROWS_MAX    1024
#define TERM_HISTORY_MAX 1000000

/*
 * A colour of a cell: the default of its role, or an entry of the palette, or 24 bits
 * 0xRRGGBB. term_cell_colours() turns it into what to paint.
 */
#define TERM_COLOUR_DEFAULT          0x02000000u
#define TERM_COLOUR_INDEX(index)     (0x01000000u | (index))
#define TERM_COLOUR_IS_INDEX(colour) ((colour) >> 24 == 1)

/* Bits of term_cell.attributes. */
#define TERM_BOLD      0x01u
#define TERM_DIM       0x02u
#define TERM_ITALIC    0x04u
#define TERM_UNDERLINE 0x08u
#define TERM_BLINK     0x10u
#define TERM_REVERSE   0x20u
#define TERM_HIDDEN    0x40u
#define TERM_STRIKE    0x80u

struct term_cell {
	uint32_t code_point; /* ' ' where nothing was written */
	uint32_t foreground;
	uint32_t background;
	uint32_t attributes;
};

/* Bits of term.modes. The last two are for whoever encodes keys. */
#define TERM_MODE_INSERT             0x001u /* IRM: characters push others to the right */
#define TERM_MODE_NEW_LINE           0x002u /* LNM: a line feed returns the carriage too */
#define TERM_MODE_ORIGIN             0x004u /* DECOM: rows count from the scroll region */
#define TERM_MODE_WRAP               0x008u /* DECAWM */
#define TERM_MODE_CURSOR             0x010u /* DECTCEM: the cursor is visible */
#define TERM_MODE_REVERSE_SCREEN     0x020u /* DECSCNM */
#define TERM_MODE_APPLICATION_CURSOR 0x040u /* DECCKM: cursor keys send ESC O x */
#define TERM_MODE_APPLICATION_KEYPAD 0x080u /* DECKPAM */

/* What the terminal asks of its embedder. */
struct term_host {
	/* Sends an answer to the program, as if it were typed. May be NULL. */
	void (*reply)(struct term_host *host, const char *bytes, size_t length);
	/* The bell rings. May be NULL. */
	void (*bell)(struct term_host *host);
};

/* The pixels of rows [top, bottom) have moved up by `lines` rows (down if it is negative);
 * rows that came into view are damaged. lines == 0: nothing has moved. */
struct term_scroll {
	unsigned top;
	unsigned bottom;
	int lines;
};

/* All below is the terminal's own, until the prototypes. */

struct term_line {
	struct term_cell *cells;
	/* The columns [dirty_from, dirty_to) are damaged; none if they are equal. */
	unsigned dirty_from;
	unsigned dirty_to;
};

/* What is written next to a character, and where. */
struct term_pen {
	unsigned row;
	unsigned column;
	bool wrap_pending; /* the last column was written: the next character wraps first */
	uint32_t foreground;
	uint32_t background;
	uint32_t attributes;
	uint8_t charset;          /* which of charsets is in use: 0 or 1 */
	bool charset_graphics[2]; /* G0 and G1: line drawing instead of ASCII */
};

struct term_screen {
	struct term_line *lines;
	struct term_pen saved; /* by DECSC */
	bool saved_origin;
};

#define TERM_PARAMETERS_MAX 16

struct term_parser {
	uint8_t state;
	uint8_t intermediate;    /* '!', '#', '(' and the like; 0 if none, 0xff if several */
	uint8_t prefix;          /* one of "<=>?" after CSI; 0 if none */
	bool parameter_extended; /* the parameter being read follows a ':' */
	unsigned parameter_count;
	unsigned parameters[TERM_PARAMETERS_MAX]; /* 0 where it was left out */
	uint32_t parameters_extended;             /* bit n: parameter n follows a ':' */
	unsigned string_length;                   /* of a string that is being skipped */
	uint8_t palette_digits[7];                /* after OSC P, so many: */
	unsigned palette_length;

	/* A UTF-8 sequence that is not complete. */
	unsigned utf8_left;
	uint32_t utf8_value;
	uint32_t utf8_least; /* smaller values are overlong */
};

struct term {
	unsigned columns;
	unsigned rows;
	struct term_host *host;
	uint32_t modes;
	uint32_t palette[16]; /* 0xRRGGBB */
	uint32_t default_foreground;
	uint32_t default_background;

	struct term_screen *screen; /* &primary or &alternate */
	struct term_screen primary;
	struct term_screen alternate;
	struct term_pen pen;
	unsigned top; /* the scroll region: rows [top, bottom) */
	unsigned bottom;
	uint32_t last_character; /* for REP; 0 if there is none */
	uint64_t tabs[TERM_COLUMNS_MAX / 64];
	struct term_parser parser;

	/* A ring of lines that left the primary screen at the top. */
	struct term_cell **history;
	unsigned history_capacity;
	unsigned history_count;
	unsigned history_next; /* where the next one goes */
	unsigned view;         /* how many lines the view is moved back */

	struct term_scroll scroll; /* since the last update */
	bool cursor_painted;       /* at the last update, here: */
	unsigned cursor_row;
	unsigned cursor_column;
};

/* The bytes of memory for a terminal with `history` lines to scroll back to, or 0 if one of
 * the numbers is out of range (1 .. TERM_*_MAX; `history` may be 0). */
size_t term_memory_size(unsigned columns, unsigned rows, unsigned history);

/* Starts a terminal with a clear screen. `memory`, aligned to 8, is as large as
 * term_memory_size() says for the same numbers, which are in range, and stays with the
 * terminal. `host` may be NULL. */
void term_init(struct term *term, void *memory, unsigned columns, unsigned rows, unsigned history,
	       struct term_host *host);

/* Gives the terminal another size: copies what fits into `memory`, which is as for
 * term_init(). Lines are cut, not wrapped anew; where the screen gets lower, lines above
 * the cursor go to the history. The old memory is the embedder's afterwards. */
void term_resize(struct term *term, void *memory, unsigned columns, unsigned rows,
		 unsigned history);

/* Takes output. Whatever part of the history is in view, the view returns to the screen. */
void term_write(struct term *term, const void *bytes, size_t length);

/* As RIS does: everything but the history and the size is as after term_init(). */
void term_reset(struct term *term);

/* Moves the view back by `lines` (forward if negative), as far as there are lines. */
void term_scroll_view(struct term *term, int lines);

/* Begins a repaint: stores how pixels have moved since the last one. */
void term_update_begin(struct term *term, struct term_scroll *scroll);

/* Stores the damaged columns [from, to) of `row` and makes them clean. Returns false if
 * there are none. */
bool term_update_row(struct term *term, unsigned row, unsigned *from, unsigned *to);

/* Damages everything, for a renderer that has lost its pixels. */
void term_damage_all(struct term *term);

/* The cells of a row of the view, `columns` of them. */
const struct term_cell *term_row(const struct term *term, unsigned row);

/* True, and where, if a cursor is to be shown. */
bool term_cursor(const struct term *term, unsigned *row, unsigned *column);

/* The colours 0xRRGGBB to paint a cell with, after its attributes (bold brightens the first
 * eight colours, reverse, dim, hidden) and the screen's. */
void term_cell_colours(const struct term *term, const struct term_cell *cell, uint32_t *foreground,
		       uint32_t *background);

/* How many columns `code_point` takes: 0, 1 or 2. */
unsigned term_width(uint32_t code_point);
