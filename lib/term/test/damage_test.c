/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A renderer that trusts what the terminal says about damage: after each repaint its picture
 * must be the screen, whatever was written between.
 */
#include <base/format.h>
#include <base/string.h>

#include "screen.h"
#include "unit.h"

#include <stdlib.h>

#define COLUMNS 20
#define ROWS    8

struct picture {
	struct term_cell cells[ROWS][COLUMNS];
	bool cursor[ROWS][COLUMNS];
	unsigned painted; /* cells, in all */
};

static void picture_scroll(struct picture *picture, const struct term_scroll *scroll)
{
	struct picture old = *picture;

	for (unsigned row = scroll->top; row < scroll->bottom; row++) {
		int from = (int)row + scroll->lines;

		if (from < (int)scroll->top || from >= (int)scroll->bottom)
			continue;
		memcpy(picture->cells[row], old.cells[from], sizeof(old.cells[from]));
		memcpy(picture->cursor[row], old.cursor[from], sizeof(old.cursor[from]));
	}
}

static void picture_update(struct picture *picture, struct term *term)
{
	struct term_scroll scroll;
	unsigned cursor_row;
	unsigned cursor_column;
	bool cursor = term_cursor(term, &cursor_row, &cursor_column);

	term_update_begin(term, &scroll);
	if (scroll.lines != 0) {
		EXPECT(scroll.top < scroll.bottom && scroll.bottom <= ROWS);
		picture_scroll(picture, &scroll);
	}
	for (unsigned row = 0; row < ROWS; row++) {
		unsigned from;
		unsigned to;

		if (!term_update_row(term, row, &from, &to))
			continue;
		EXPECT(from < to && to <= COLUMNS);
		for (unsigned column = from; column < to; column++) {
			picture->cells[row][column] = term_row(term, row)[column];
			picture->cursor[row][column] =
				cursor && row == cursor_row && column == cursor_column;
			picture->painted++;
		}
	}
}

static void picture_check(const struct picture *picture, const struct term *term)
{
	unsigned cursor_row;
	unsigned cursor_column;
	bool cursor = term_cursor(term, &cursor_row, &cursor_column);

	for (unsigned row = 0; row < ROWS; row++) {
		const struct term_cell *cells = term_row(term, row);

		EXPECT_BYTES(picture->cells[row], cells, sizeof(picture->cells[row]));
		for (unsigned column = 0; column < COLUMNS; column++)
			EXPECT_EQUAL(picture->cursor[row][column],
				     cursor && row == cursor_row && column == cursor_column);
	}
}

/* Something that a program might write, or might not. */
static void write_random(struct screen *screen, uint64_t *seed)
{
	static const char *const sequences[] = {
		"\r\n",          "\n",          "\033M",       "\033D",        "\033[L",
		"\033[2M",       "\033[S",      "\033[2T",     "\033[K",       "\033[1K",
		"\033[J",        "\033[1J",     "\033[@",      "\033[3P",      "\033[2X",
		"\033[4h",       "\033[4l",     "\033[?25l",   "\033[?25h",    "\033[?6h",
		"\033[?6l",      "\033[?1049h", "\033[?1049l", "\033[7m",      "\033[44m",
		"\033[m",        "\033[?5h",    "\033[?5l",    "\0337",        "\0338",
		"\033c",         "\033#8",      "\t",          "\b",           "\033[r",
		"\033]P1123456", "\033[3J",     "\033[!p",     "\xe4\xb8\xad", "\xc3",
		"\033[9b",       "\033[?47h",
	};
	char text[64];

	switch (unit_random_below(seed, 8)) {
	case 0:
		snprintf(text, sizeof(text), "\033[%u;%uH",
			 1 + (unsigned)unit_random_below(seed, ROWS),
			 1 + (unsigned)unit_random_below(seed, COLUMNS));
		break;
	case 1:
		if (unit_random_below(seed, 4) == 0)
			snprintf(text, sizeof(text), "\033[%u;%ur",
				 1 + (unsigned)unit_random_below(seed, ROWS),
				 1 + (unsigned)unit_random_below(seed, ROWS));
		else
			snprintf(text, sizeof(text), "\033[%u%c",
				 (unsigned)unit_random_below(seed, 10),
				 "ABCDGLMPSTX@d"[unit_random_below(seed, 13)]);
		break;
	case 2:
	case 3:
		snprintf(text, sizeof(text), "text %u\n",
			 (unsigned)unit_random_below(seed, 100000));
		text[unit_random_below(seed, 12)] = '\0';
		break;
	default:
		snprintf(text, sizeof(text), "%s",
			 sequences[unit_random_below(seed, array_length(sequences))]);
		break;
	}
	screen_write(screen, text);
}

static void invariants_check(const struct term *term)
{
	EXPECT(term->pen.row < term->rows && term->pen.column < term->columns);
	EXPECT(term->top < term->bottom && term->bottom <= term->rows);
	EXPECT(term->view <= term->history_count);
	EXPECT(term->history_count <= term->history_capacity);
}

UNIT_TEST(term_damage, random)
{
	static struct picture picture;
	struct screen screen;
	uint64_t seed = 1;

	screen_open(&screen, COLUMNS, ROWS, 20);
	for (unsigned round = 0; round < 60000; round++) {
		for (uint64_t i = unit_random_below(&seed, 6); i > 0; i--) {
			write_random(&screen, &seed);
			invariants_check(&screen.term);
		}
		if (unit_random_below(&seed, 20) == 0)
			term_scroll_view(&screen.term, (int)unit_random_below(&seed, 30) - 10);
		picture_update(&picture, &screen.term);
		picture_check(&picture, &screen.term);
	}
	screen_close(&screen);
}

/* Regions that differ and overlap, scrolled several times between repaints. */
UNIT_TEST(term_damage, scroll_regions)
{
	static struct picture picture;
	struct screen screen;
	uint64_t seed = 2;
	char text[64];

	screen_open(&screen, COLUMNS, ROWS, 4);
	for (unsigned round = 0; round < 30000; round++) {
		for (uint64_t i = unit_random_below(&seed, 5); i > 0; i--) {
			unsigned top = 1 + (unsigned)unit_random_below(&seed, 3);

			snprintf(text, sizeof(text), "\033[%u;%ur\033[%u;3H\033[%u%c%u", top,
				 top + 1 + (unsigned)unit_random_below(&seed, 6),
				 1 + (unsigned)unit_random_below(&seed, ROWS),
				 1 + (unsigned)unit_random_below(&seed, 3),
				 "STLM"[unit_random_below(&seed, 4)], round);
			screen_write(&screen, text);
		}
		picture_update(&picture, &screen.term);
		picture_check(&picture, &screen.term);
	}
	screen_close(&screen);
}

/* The point of it all: little is repainted. */
UNIT_TEST(term_damage, is_small)
{
	static struct picture picture;
	struct screen screen;

	screen_open(&screen, COLUMNS, ROWS, 0);
	picture_update(&picture, &screen.term);
	EXPECT_EQUAL(picture.painted, COLUMNS * ROWS);
	picture.painted = 0;
	picture_update(&picture, &screen.term);
	EXPECT_EQUAL(picture.painted, 0);
	screen_write(&screen, "abc");
	picture_update(&picture, &screen.term);
	EXPECT_EQUAL(picture.painted, 4); /* and the cursor */
	picture.painted = 0;
	screen_write(&screen, "\033[8;1Hx");
	picture_update(&picture, &screen.term);
	picture.painted = 0;
	/* Scrolling repaints the new line, and where the cursor was. */
	screen_write(&screen, "\r\n\n\n");
	picture_update(&picture, &screen.term);
	EXPECT_EQUAL(picture.painted, 3 * COLUMNS + 1);
	picture_check(&picture, &screen.term);
	screen_close(&screen);
}
