/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours and attributes. */
#include <term/term.h>

#include "screen.h"
#include "unit.h"

/* The cell that "X" makes after `written`. */
static struct term_cell cell_after(const char *written)
{
	struct screen screen;
	struct term_cell cell;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, written);
	screen_write(&screen, "\033[HX");
	cell = term_row(&screen.term, 0)[0];
	EXPECT_EQUAL(cell.code_point, 'X');
	screen_close(&screen);
	return cell;
}

static void expect_cell(const char *written, uint32_t foreground, uint32_t background,
			uint32_t attributes)
{
	struct term_cell cell = cell_after(written);

	if (cell.foreground != foreground || cell.background != background ||
	    cell.attributes != attributes)
		unit_fail(__FILE__, __LINE__, "after ESC%s: %08x on %08x, %02x", written + 1,
			  cell.foreground, cell.background, cell.attributes);
}

#define DEFAULT TERM_COLOUR_DEFAULT
#define INDEX   TERM_COLOUR_INDEX

UNIT_TEST(term_style, attributes)
{
	expect_cell("\033[m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[1;4m", DEFAULT, DEFAULT, TERM_BOLD | TERM_UNDERLINE);
	expect_cell("\033[1;2;3;4;5;7;8;9m", DEFAULT, DEFAULT, 0xff);
	expect_cell("\033[1;2;4;7m\033[22m", DEFAULT, DEFAULT, TERM_UNDERLINE | TERM_REVERSE);
	expect_cell("\033[1;2;3;4;5;7;8;9m\033[22;23;24;25;27;28;29m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[1;31;42m\033[m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[1;31;42;0m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[1;;4m", DEFAULT, DEFAULT, TERM_UNDERLINE);
	expect_cell("\033[4:3m", DEFAULT, DEFAULT, TERM_UNDERLINE);
	expect_cell("\033[4;4:0m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[10;11;12;50;58;120m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[1m\0337\033[m\0338", DEFAULT, DEFAULT, TERM_BOLD);
}

UNIT_TEST(term_style, colours)
{
	expect_cell("\033[31m", INDEX(1), DEFAULT, 0);
	expect_cell("\033[37;40m", INDEX(7), INDEX(0), 0);
	expect_cell("\033[31;42m\033[39;49m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[90;107m", INDEX(8), INDEX(15), 0);
	expect_cell("\033[38;5;200m", INDEX(200), DEFAULT, 0);
	expect_cell("\033[48;5;17;1m", DEFAULT, INDEX(17), TERM_BOLD);
	expect_cell("\033[38;5;999m", INDEX(255), DEFAULT, 0);
	expect_cell("\033[38;2;1;2;3m", 0x010203, DEFAULT, 0);
	expect_cell("\033[48;2;255;256;0;4m", DEFAULT, 0xffff00, TERM_UNDERLINE);
	expect_cell("\033[38:5:9;4m", INDEX(9), DEFAULT, TERM_UNDERLINE);
	expect_cell("\033[38:2:1:2:3;4m", 0x010203, DEFAULT, TERM_UNDERLINE);
	expect_cell("\033[38:2::1:2:3;4m", 0x010203, DEFAULT, TERM_UNDERLINE);
	/* Cut short or unknown: nothing of it is taken for something else. */
	expect_cell("\033[38;5m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[38m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[38;2;4m", DEFAULT, DEFAULT, 0);
	expect_cell("\033[38:7;4m", DEFAULT, DEFAULT, TERM_UNDERLINE);
	expect_cell("\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;38;5;1m", DEFAULT, DEFAULT, TERM_BOLD);
}

static void expect_paint(const char *written, uint32_t foreground, uint32_t background)
{
	struct screen screen;
	uint32_t front;
	uint32_t back;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, written);
	screen_write(&screen, "X");
	term_cell_colours(&screen.term, &term_row(&screen.term, 0)[0], &front, &back);
	screen_close(&screen);
	if (front != foreground || back != background)
		unit_fail(__FILE__, __LINE__, "after ESC%s: %06x on %06x", written + 1, front,
			  back);
}

UNIT_TEST(term_style, painted_colours)
{
	expect_paint("\033[m", 0xaaaaaa, 0x000000);
	expect_paint("\033[1m", 0xffffff, 0x000000);
	expect_paint("\033[31;44m", 0xaa0000, 0x0000aa);
	expect_paint("\033[1;31;44m", 0xff5555, 0x0000aa);
	expect_paint("\033[7;31;44m", 0x0000aa, 0xaa0000);
	expect_paint("\033[7m\033[?5h", 0xaaaaaa, 0x000000);
	expect_paint("\033[31;44m\033[?5h", 0x0000aa, 0xaa0000);
	expect_paint("\033[8;31;44m", 0x0000aa, 0x0000aa);
	expect_paint("\033[2m", 0x717171, 0x000000);
	expect_paint("\033[38;5;16;48;5;231m", 0x000000, 0xffffff);
	expect_paint("\033[38;5;67;48;5;232m", 0x5f87af, 0x080808);
	expect_paint("\033[38;5;255;48;5;15m", 0xeeeeee, 0xffffff);
	expect_paint("\033[38;2;1;2;3;48;2;4;5;6m", 0x010203, 0x040506);
	/* The palette of the Linux console. */
	expect_paint("\033]P1102030\033[31m", 0x102030, 0x000000);
	expect_paint("\033]P1102030\033]R\033[31m", 0xaa0000, 0x000000);
	expect_paint("\033]P1x\r\033[31m", 0xaa0000, 0x000000);
}

/* Erasing uses the current background. */
UNIT_TEST(term_style, erases_in_colour)
{
	struct screen screen;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, "\033[1;33;44m\033[2J\033[4;1H\033[41m\n\033[42m\033[2;3H\033[P");
	EXPECT_EQUAL(term_row(&screen.term, 0)[0].background, INDEX(4));
	EXPECT_EQUAL(term_row(&screen.term, 0)[0].foreground, DEFAULT);
	EXPECT_EQUAL(term_row(&screen.term, 0)[0].attributes, 0);
	EXPECT_EQUAL(term_row(&screen.term, 3)[0].background, INDEX(1));
	EXPECT_EQUAL(term_row(&screen.term, 1)[9].background, INDEX(2));
	screen_close(&screen);
}
