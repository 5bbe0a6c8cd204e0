/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the input to a terminal whose size the first bytes give, in pieces, and lets a
 * renderer follow that repaints only what is damaged: its picture must stay right.
 */
#include <base/string.h>
#include <term/term.h>

#include "fuzz.h"

#include <stdlib.h>

#define COLUMNS_MAX 20
#define ROWS_MAX    8

static struct term_cell picture[ROWS_MAX][COLUMNS_MAX];

static void picture_scroll(const struct term_scroll *scroll, unsigned rows)
{
	struct term_cell old[ROWS_MAX][COLUMNS_MAX];

	FUZZ_CHECK(scroll->top < scroll->bottom && scroll->bottom <= rows);
	memcpy(old, picture, sizeof(old));
	for (int row = (int)scroll->top; row < (int)scroll->bottom; row++) {
		int from = row + scroll->lines;

		if (from >= (int)scroll->top && from < (int)scroll->bottom)
			memcpy(picture[row], old[from], sizeof(old[from]));
	}
}

static void picture_follow(struct term *term)
{
	struct term_scroll scroll;

	term_update_begin(term, &scroll);
	if (scroll.lines != 0)
		picture_scroll(&scroll, term->rows);
	for (unsigned row = 0; row < term->rows; row++) {
		const struct term_cell *cells = term_row(term, row);
		unsigned from;
		unsigned to;

		if (term_update_row(term, row, &from, &to)) {
			FUZZ_CHECK(to <= term->columns);
			memcpy(&picture[row][from], &cells[from], (to - from) * sizeof(*cells));
		}
		FUZZ_CHECK(memcmp(picture[row], cells, term->columns * sizeof(*cells)) == 0);
	}
}

static void invariants_check(const struct term *term)
{
	FUZZ_CHECK(term->pen.row < term->rows && term->pen.column < term->columns);
	FUZZ_CHECK(term->top < term->bottom && term->bottom <= term->rows);
	FUZZ_CHECK(term->history_count <= term->history_capacity);
	FUZZ_CHECK(term->view <= term->history_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned columns;
	unsigned rows;
	unsigned history;
	struct term term;
	void *memory;

	if (size < 3)
		return 0;
	columns = 1 + data[0] % COLUMNS_MAX;
	rows = 1 + data[1] % ROWS_MAX;
	history = data[2] % 10;
	memory = malloc(term_memory_size(columns, rows, history));
	term_init(&term, memory, columns, rows, history, NULL);
	for (size_t at = 3; at < size;) {
		size_t part = min_size(1 + data[at] % 32, size - at);

		term_write(&term, data + at, part);
		invariants_check(&term);
		if (data[at] & 1)
			term_scroll_view(&term, (int)(data[at] % 16) - 5);
		invariants_check(&term);
		picture_follow(&term);
		at += part;
	}
	free(memory);
	return 0;
}
