/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grid: the cells of a terminal, and the lines that have left it at the top. It knows neither escape
 * sequences nor pixels.
 *
 * Lines have numbers that they keep: 0 is the first there ever was. The screen's are those from
 * grid_top() on; before them, as far as they are kept, come those of the history.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Colours: what the palette says later, or 24 bits. */
#define COLOUR_DEFAULT   0x00000000u
#define COLOUR_INDEXED   0x01000000u /* | 0 to 255 */
#define COLOUR_RGB       0x02000000u /* | 0xRRGGBB */
#define COLOUR_KIND(c)   ((c)&0xff000000u)
#define GRID_SIDE_MAX    1000 /* rows, columns */
#define GRID_HISTORY_MAX 5000 /* lines */

enum cell_attribute {
	CELL_BOLD = 1 << 0,
	CELL_ITALIC = 1 << 1,
	CELL_UNDERLINE = 1 << 2,
	CELL_DOUBLE_UNDERLINE = 1 << 3,
	CELL_CURLY_UNDERLINE = 1 << 4,
	CELL_REVERSE = 1 << 5,
	CELL_STRIKE = 1 << 6,
};

struct cell {
	uint32_t character; /* 0: blank */
	uint32_t foreground, background;
	uint16_t attributes;
	uint16_t width; /* 1, 2, or 0: the right half of the one before */
};

struct line {
	struct cell *cells;
	int count;    /* of them: on the screen at least `columns` */
	bool wrapped; /* goes on in the next one */
};

/* Half open. */
struct grid_area {
	int top, left, bottom, right;
};

/* The columns of a row that changed; none if left >= right. */
struct grid_span {
	int left, right;
};

struct grid;

/* NULL: no memory. */
struct grid *grid_create(int rows, int columns);
void grid_destroy(struct grid *grid);

int grid_rows(const struct grid *grid);
int grid_columns(const struct grid *grid);
/* The number of the screen's first line, and of the first one that is kept. */
int64_t grid_top(const struct grid *grid);
int64_t grid_first(const struct grid *grid);
/* A line of either. NULL: it is no more, or not yet. */
const struct line *grid_line(const struct grid *grid, int64_t number);
/* A cell of a line, blank ones behind its end. */
struct cell grid_cell(const struct line *line, int column);

/* A new size, with the cursor in row `cursor`. Returns by how many rows the contents moved down (up:
 * negative), or INT_MIN where there is no memory: all is as it was then. */
int grid_resize(struct grid *grid, int rows, int columns, int cursor);
/* The screen of editors, without history; empty when it comes. */
void grid_set_alternate(struct grid *grid, bool alternate);
bool grid_is_alternate(const struct grid *grid);
void grid_clear_history(struct grid *grid);

void grid_put(struct grid *grid, int row, int column, const struct cell *cell);
/* The line goes on in the next one. */
void grid_set_wrapped(struct grid *grid, int row, bool wrapped);
/* Fills an area with blanks like this one. */
void grid_erase(struct grid *grid, struct grid_area area, const struct cell *blank);
/* Moves what is in the area up by `down` rows and left by `right` columns (which may be negative), as if
 * one looked further down and right; what comes in is blank. Whole rows that leave the screen at its
 * top go into the history. */
void grid_scroll(struct grid *grid, struct grid_area area, int down, int right,
		 const struct cell *blank);
void grid_move(struct grid *grid, struct grid_area to, struct grid_area from);

/* What changed on the screen since grid_clean(). */
struct grid_span grid_dirty(const struct grid *grid, int row);
void grid_touch(struct grid *grid, struct grid_area area);
void grid_touch_all(struct grid *grid);
void grid_clean(struct grid *grid);

/* A place in the text: a line and a column. */
struct grid_place {
	int64_t line;
	int column;
};

static inline int grid_place_compare(struct grid_place a, struct grid_place b)
{
	if (a.line != b.line)
		return a.line < b.line ? -1 : 1;
	return (a.column > b.column) - (a.column < b.column);
}

/* The text from one place to the other (not included), as UTF-8 (free() it): lines without the blanks at
 * their ends, those that were wrapped joined. NULL: no memory. */
char *grid_text(const struct grid *grid, struct grid_place from, struct grid_place to,
		size_t *length);
/* Where the word around a place begins and ends. */
void grid_word(const struct grid *grid, struct grid_place at, struct grid_place *from,
	       struct grid_place *to);
