/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the terminal shows after what was written. The screen has 10 columns and 4 rows. */
#include <base/string.h>

#include "screen.h"
#include "unit.h"

#include <stdlib.h>

#define EXPECT_SHOWS(written, text)   EXPECT_STRING(screen_shows(written), text)
#define EXPECT_CURSOR(written, place) EXPECT_STRING(screen_cursor(written), place)

UNIT_TEST(term, text_and_controls)
{
	EXPECT_SHOWS("", "");
	EXPECT_SHOWS("hello", "hello|");
	EXPECT_SHOWS("one\r\ntwo", "one|two|");
	EXPECT_SHOWS("one\ntwo", "one|   two|");
	EXPECT_SHOWS("one\vtwo", "one|   two|");
	EXPECT_SHOWS("\033[20hone\ntwo\033[20l\nx", "one|two|   x|");
	EXPECT_SHOWS("abc\b\bX", "aXc|");
	EXPECT_SHOWS("\b\bX", "X|");
	EXPECT_SHOWS("a\tb", "a       b|");
	EXPECT_SHOWS("a\177b", "ab|");
	EXPECT_CURSOR("a\tb\tc", "0,9");
}

UNIT_TEST(term, wraps)
{
	EXPECT_SHOWS("0123456789abc", "0123456789|abc|");
	/* The cursor waits in the last column until a character follows. */
	EXPECT_CURSOR("0123456789", "0,9");
	EXPECT_SHOWS("0123456789\r\nx", "0123456789|x|");
	EXPECT_SHOWS("0123456789\bX", "01234567X9|");
	EXPECT_SHOWS("0123456789\033[KX", "012345678X|");
	EXPECT_SHOWS("\033[?7l0123456789abc", "012345678c|");
	EXPECT_SHOWS("\033[?7l0123456789abc\033[?7hd\033[1;1He", "e12345678d|");
	EXPECT_SHOWS("\033[4;1H0123456789ab", "||0123456789|ab|");
}

UNIT_TEST(term, scrolls)
{
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[H\033M0", "0|1|2|3|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2S", "3|4|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[T", "|1|2|3|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[99S", "");
	EXPECT_SHOWS("1\r\n2\033D3\033E4", "1|2| 3|4|");
}

UNIT_TEST(term, scroll_region)
{
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[3;1H\nx", "1|3|x|4|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[2;1H\033Mx", "1|x|2|4|");
	/* Below the region nothing scrolls. */
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[4;1H\n\nx", "1|2|3|x|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[H\033M\033Mx", "x|2|3|4|");
	EXPECT_CURSOR("\033[3;3H\033[2;3r", "0,0");
	/* Nonsense is ignored. */
	EXPECT_CURSOR("\033[3;3H\033[3;2r", "2,2");
	EXPECT_CURSOR("\033[3;3H\033[3;3r", "2,2");
	EXPECT_CURSOR("\033[3;3H\033[2;999r", "0,0");
	/* Motion stops at the edges of the region that it begins within. */
	EXPECT_CURSOR("\033[2;3r\033[3;1H\033[9A", "1,0");
	EXPECT_CURSOR("\033[2;3r\033[2;1H\033[9B", "2,0");
	EXPECT_CURSOR("\033[2;3r\033[4;1H\033[9B", "3,0");
	EXPECT_CURSOR("\033[2;3r\033[1;1H\033[9A", "0,0");
}

UNIT_TEST(term, origin_mode)
{
	EXPECT_CURSOR("\033[2;3r\033[?6h", "1,0");
	EXPECT_CURSOR("\033[2;3r\033[?6h\033[9;9H", "2,8");
	EXPECT_CURSOR("\033[2;3r\033[?6h\033[2d", "2,0");
	EXPECT_CURSOR("\033[2;3r\033[?6h\033[?6l", "0,0");
}

UNIT_TEST(term, motion)
{
	EXPECT_CURSOR("\033[3;5H", "2,4");
	EXPECT_CURSOR("\033[3;5f\033[H", "0,0");
	EXPECT_CURSOR("\033[99;99H", "3,9");
	EXPECT_CURSOR("\033[;3H", "0,2");
	EXPECT_CURSOR("\033[2H", "1,0");
	EXPECT_CURSOR("\033[0;0H", "0,0");
	EXPECT_CURSOR("\033[2;2H\033[A\033[C", "0,2");
	EXPECT_CURSOR("\033[2;2H\033[2B\033[D", "3,0");
	EXPECT_CURSOR("\033[2;2H\033[9A\033[9D", "0,0");
	EXPECT_CURSOR("\033[2;2H\033[9999B\033[9999C", "3,9");
	EXPECT_CURSOR("\033[2;2H\033[E", "2,0");
	EXPECT_CURSOR("\033[2;2H\033[F", "0,0");
	EXPECT_CURSOR("\033[2;2H\033[5G", "1,4");
	EXPECT_CURSOR("\033[2;2H\033[5`", "1,4");
	EXPECT_CURSOR("\033[2;2H\033[3d", "2,1");
	EXPECT_CURSOR("\033[2;2H\033[2a\033[e", "2,3");
	EXPECT_CURSOR("\033[2;2H\0337\033[H\0338", "1,1");
	EXPECT_CURSOR("\033[2;2H\033[s\033[H\033[u", "1,1");
}

UNIT_TEST(term, tabs)
{
	EXPECT_CURSOR("\033[3G\033H\r\t", "0,2");
	EXPECT_CURSOR("\033[3G\033H\r\t\t", "0,8");
	EXPECT_CURSOR("\033[3G\033H\033[5G\033H\033[g\r\033[2I", "0,8");
	EXPECT_CURSOR("\033[3g\t", "0,9");
	EXPECT_CURSOR("\033[10G\033[Z", "0,8");
	EXPECT_CURSOR("\033[9G\033[Z", "0,0");
	EXPECT_CURSOR("\033[10G\033[9Z", "0,0");
}

#define FULL "1111111111\r\n2222222222\r\n3333333333\r\n444444444\033[2;4H"

UNIT_TEST(term, erases)
{
	EXPECT_SHOWS(FULL "\033[J", "1111111111|222|");
	EXPECT_SHOWS(FULL "\033[1J", "|    222222|3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[2Jx", "|   x|");
	EXPECT_SHOWS(FULL "\033[3J", "");
	EXPECT_SHOWS(FULL "\033[K", "1111111111|222|3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[1K", "1111111111|    222222|3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[2K", "1111111111||3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[2X", "1111111111|222  22222|3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[99X", "1111111111|222|3333333333|444444444|");
	EXPECT_SHOWS(FULL "\033[?J", "1111111111|222|");
	EXPECT_SHOWS(FULL "\033[4J\033[4K", "1111111111|2222222222|3333333333|444444444|");
}

UNIT_TEST(term, inserts_and_deletes)
{
	EXPECT_SHOWS("abcdefghij\033[3G\033[2@", "ab  cdefgh|");
	EXPECT_SHOWS("abcdefghij\033[3G\033[99@", "ab|");
	EXPECT_SHOWS("abcdefghij\033[3G\033[2P", "abefghij|");
	EXPECT_SHOWS("abcdefghij\033[3G\033[99P", "ab|");
	EXPECT_SHOWS("abcdefghij\033[3G\033[4hXY", "abXYcdefgh|");
	EXPECT_SHOWS("abcdefghij\033[3G\033[4hX\033[4lY", "abXYdefghi|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;1H\033[L", "1||2|3|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;1H\033[2M", "1|4|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;1H\033[99L", "1|");
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[2;1H\033[M", "1|3||4|");
	/* Outside the scroll region they do nothing. */
	EXPECT_SHOWS("1\r\n2\r\n3\r\n4\033[2;3r\033[1;1H\033[L\033[M", "1|2|3|4|");
	EXPECT_SHOWS("ab\033[3b", "abbbb|");
	EXPECT_SHOWS("\033[3b", "");
	EXPECT_SHOWS("x\033[9999b", "xxxxxxxxxx|x|");
}

UNIT_TEST(term, utf8)
{
	EXPECT_SHOWS("a\xc3\xa4\xe2\x82\xacz", "a\xc3\xa4\xe2\x82\xacz|");
	EXPECT_SHOWS("\xf0\x90\x80\x80", "\xf0\x90\x80\x80|");
	/* Wide characters take two columns and do not straddle the edge. */
	EXPECT_SHOWS("\xe4\xb8\xadx", "\xe4\xb8\xad x|");
	EXPECT_SHOWS("123456789\xe4\xb8\xad", "123456789|\xe4\xb8\xad|");
	EXPECT_SHOWS("\033[?7l123456789\xe4\xb8\xad", "123456789\xe4\xb8\xad|");
	/* Combining marks take none. */
	EXPECT_SHOWS("e\xcc\x81x", "ex|");
}

#define BAD "\xef\xbf\xbd" /* U+FFFD */

UNIT_TEST(term, malformed_utf8)
{
	EXPECT_SHOWS("\x80", BAD "|");
	EXPECT_SHOWS("a\xc3z", "a" BAD "z|");
	EXPECT_SHOWS("\xe2\x82z", BAD "z|");
	EXPECT_SHOWS("\xe2\x82\xe2\x82\xac", BAD "\xe2\x82\xac|");
	EXPECT_SHOWS("\xc3\r\nx", BAD "|x|");
	EXPECT_SHOWS("\xc3\033[1Cx", BAD " x|");
	EXPECT_SHOWS("\xc0\x80\xe0\x80\x80", BAD BAD "|"); /* overlong */
	EXPECT_SHOWS("\xed\xa0\x80", BAD "|");             /* a surrogate */
	EXPECT_SHOWS("\xf4\x90\x80\x80", BAD "|");         /* beyond Unicode */
	EXPECT_SHOWS("\xff\xfe", BAD BAD "|");
	EXPECT_SHOWS("\xc2\x9b"
		     "1mx",
		     "1mx|"); /* C1 controls are dropped */
}

UNIT_TEST(term, line_drawing)
{
	EXPECT_SHOWS("\033(0lqk\033(Bq", "\xe2\x94\x8c\xe2\x94\x80\xe2\x94\x90q|");
	EXPECT_SHOWS("\033)0\016x\017x", "\xe2\x94\x82x|");
	EXPECT_SHOWS("\033(0Az~\033(B", "A\xe2\x89\xa5\xc2\xb7|");
	EXPECT_SHOWS("\033(0\0337\033(Bx\0338x", "\xe2\x94\x82|");
}

UNIT_TEST(term, sequences_are_robust)
{
	/* Controls act within a sequence; CAN, SUB and ESC end it. */
	EXPECT_SHOWS("ab\033[2\b\bDx", "xb|");
	EXPECT_SHOWS("ab\033[2\030Dx", "abDx|");
	EXPECT_SHOWS("ab\033[2\032Dx", "abDx|");
	EXPECT_SHOWS("ab\033[2\033[Dx", "ax|");
	/* What is unknown is swallowed whole. */
	EXPECT_SHOWS("\033[>5cx\033[=1;2zy\033[?2026hz", "xyz|");
	EXPECT_SHOWS("\033[1 qa\033%Gb\033 Fc\033[!pd", "abcd|");
	EXPECT_SHOWS("\033[1$2xa\033[1?2xb\033[<1;2;3Mc", "abc|");
	EXPECT_SHOWS("\033[[Aa\033[[Eb", "ab|");
	EXPECT_SHOWS("\033[3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4Hx", "||   x|");
	EXPECT_CURSOR("\033[99999999999999999999;2H", "3,1");
	EXPECT_SHOWS("a\033[\xc3\xa4"
		     "b",
		     "a\xc3\xa4"
		     "b|");
	EXPECT_SHOWS("\033[?25;1;7lab", "ab|");
}

UNIT_TEST(term, strings_are_skipped)
{
	EXPECT_SHOWS("a\033]0;title\007b", "ab|");
	EXPECT_SHOWS("a\033]0;t\xc3\xa4\033\\b", "ab|");
	EXPECT_SHOWS("a\033Pq#0\033\\b", "ab|");
	EXPECT_SHOWS("a\033_x\033\\b\033^y\033\\c\033Xz\033\\d", "abcd|");
	EXPECT_SHOWS("a\033]0;tit\030b", "ab|");
	EXPECT_SHOWS("a\033]\007b", "ab|");
	/* Controls within the seven digits of a colour, and before them. */
	EXPECT_SHOWS("a\033]P12\r3\r\r\r\r\r\r\r\r4567b", "b|");
	EXPECT_SHOWS("a\033]\r\r\r\r\r\r\r\r\rP1234567b", "ab|");
}

UNIT_TEST(term, endless_string_ends)
{
	struct screen screen;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, "\033]0;");
	for (unsigned i = 0; i < 5000; i++)
		screen_write(&screen, "x");
	screen_write(&screen, "\r\nback");
	EXPECT_STRING(screen_text(&screen) + strlen(screen_text(&screen)) - 5, "back|");
	screen_close(&screen);
}

UNIT_TEST(term, alternate_screen)
{
	EXPECT_SHOWS("main\033[?1049halt", "    alt|");
	EXPECT_SHOWS("main\033[?1049halt\033[?1049l!", "main!|");
	EXPECT_SHOWS("main\033[?47halt\033[?47l!", "main   !|");
	EXPECT_SHOWS("main\033[?47halt\033[?47l\033[?47h", "    alt|");
	EXPECT_SHOWS("main\033[?1047halt\033[?1047l\033[?47h", "");
	EXPECT_SHOWS("ab\033[?1048h\033[H\033[?1048lc", "abc|");
	EXPECT_SHOWS("main\033[?1049h\033[?1049halt\033[?1049l\033[?1049l!", "main!|");
}

UNIT_TEST(term, resets)
{
	EXPECT_SHOWS("abc\033[2;3r\033[?6h\033(0\033cxyz", "xyz|");
	EXPECT_SHOWS("\033[?1049habc\033cx", "x|");
	EXPECT_SHOWS("\033#8", "EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|");
	EXPECT_SHOWS("\033(0\033[4hb\033[!pq\033[1Gxy", "xy|");
}

UNIT_TEST(term, replies)
{
	struct screen screen;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, "\033[5n\033[2;3H\033[6n\033[c\033[0c\033Z\033[>c\033[1c\033[7n\a");
	EXPECT_STRING(screen.replies, "\033[0n\033[2;3R\033[?6c\033[?6c\033[?6c");
	EXPECT_EQUAL(screen.bells, 1);
	screen.replies[0] = '\0';
	screen_write(&screen, "\033[2;3r\033[?6h\033[2;5H\033[6n");
	EXPECT_STRING(screen.replies, "\033[2;5R");
	/* All of it works without anyone to tell. */
	screen.term.host = NULL;
	screen_write(&screen, "\033[6n\a");
	screen_close(&screen);
}

UNIT_TEST(term, modes)
{
	struct screen screen;
	unsigned row;
	unsigned column;

	screen_open(&screen, 10, 4, 0);
	EXPECT_EQUAL(screen.term.modes, TERM_MODE_WRAP | TERM_MODE_CURSOR);
	screen_write(&screen, "\033[?1h\033=\033[3;4H");
	EXPECT_EQUAL(screen.term.modes, TERM_MODE_WRAP | TERM_MODE_CURSOR |
						TERM_MODE_APPLICATION_CURSOR |
						TERM_MODE_APPLICATION_KEYPAD);
	EXPECT(term_cursor(&screen.term, &row, &column) && row == 2 && column == 3);
	screen_write(&screen, "\033[?1;25l\033>\033[?7l");
	EXPECT_EQUAL(screen.term.modes, 0);
	EXPECT(!term_cursor(&screen.term, &row, &column));
	screen_close(&screen);
}

UNIT_TEST(term, history)
{
	struct screen screen;
	unsigned row;
	unsigned column;

	screen_open(&screen, 10, 3, 4);
	screen_write(&screen, "1\r\n2\r\n3\r\n4\r\n5");
	EXPECT_STRING(screen_text(&screen), "3|4|5|");
	term_scroll_view(&screen.term, 1);
	EXPECT_STRING(screen_text(&screen), "2|3|4|");
	EXPECT(!term_cursor(&screen.term, &row, &column));
	term_scroll_view(&screen.term, 100);
	EXPECT_STRING(screen_text(&screen), "1|2|3|");
	term_scroll_view(&screen.term, -1);
	EXPECT_STRING(screen_text(&screen), "2|3|4|");
	/* Output brings the view back; the oldest lines go first. */
	screen_write(&screen, "\r\n6\r\n7\r\n8\r\n9");
	EXPECT_STRING(screen_text(&screen), "7|8|9|");
	term_scroll_view(&screen.term, 2147483647);
	EXPECT_STRING(screen_text(&screen), "3|4|5|");
	term_scroll_view(&screen.term, -2147483647);
	EXPECT_STRING(screen_text(&screen), "7|8|9|");
	screen_write(&screen, "\033[3J");
	term_scroll_view(&screen.term, 1);
	EXPECT_STRING(screen_text(&screen), "");
	screen_close(&screen);
}

UNIT_TEST(term, what_is_not_history)
{
	struct screen screen;

	screen_open(&screen, 10, 3, 4);
	screen_write(&screen, "1\r\n2\r\n3\033[2;3r\n\n\033[r");   /* a lower region */
	screen_write(&screen, "\033[H\033[2M\033[2J\033[T");       /* deleting, erasing, down */
	screen_write(&screen, "\033[?1049h1\r\n2\r\n3\r\n4\r\n5"); /* the alternate screen */
	term_scroll_view(&screen.term, 1);
	EXPECT_STRING(screen_text(&screen), "3|4|5|");
	screen_write(&screen, "\033[?1049l");
	EXPECT_EQUAL(screen.term.history_count, 0);
	screen_close(&screen);
}

UNIT_TEST(term, resize)
{
	struct screen screen;

	screen_open(&screen, 10, 3, 4);
	screen_write(&screen, "0\r\n1\r\n2 long\r\n3\r\n4");
	screen_resize(&screen, 5, 2, 8);
	EXPECT_STRING(screen_text(&screen), "3|4|");
	EXPECT(screen.term.pen.row == 1 && screen.term.pen.column == 1);
	term_scroll_view(&screen.term, 1);
	EXPECT_STRING(screen_text(&screen), "2 lon|3|");
	screen_write(&screen, "\r\n5");
	EXPECT_STRING(screen_text(&screen), "4|5|");
	screen_resize(&screen, 20, 6, 2);
	EXPECT_STRING(screen_text(&screen), "4|5|");
	screen_write(&screen, "\033[5;19Hxyz");
	EXPECT_STRING(screen_text(&screen), "4|5|||                  xy|z|");
	term_scroll_view(&screen.term, 9);
	EXPECT_STRING(screen_text(&screen), "2 lon|3|4|5|");
	screen_close(&screen);
}

UNIT_TEST(term, resize_alternate)
{
	struct screen screen;

	screen_open(&screen, 10, 4, 4);
	screen_write(&screen, "1\r\n2\r\n3\r\n4\033[?1049h\033[Ha\r\nb\r\nc");
	screen_resize(&screen, 8, 2, 4);
	EXPECT_STRING(screen_text(&screen), "b|c|");
	screen_write(&screen, "\033[?1049l!");
	EXPECT_STRING(screen_text(&screen), "3|4!|");
	term_scroll_view(&screen.term, 2);
	EXPECT_STRING(screen_text(&screen), "1|2|");
	screen_close(&screen);
}

UNIT_TEST(term, smallest)
{
	struct screen screen;

	screen_open(&screen, 1, 1, 0);
	screen_write(&screen,
		     "abc\r\n\033[L\033[M\033[@\033[P\033M\033D\t\033[5;5H\033[2Jx\xe4\xb8\xad");
	EXPECT_STRING(screen_text(&screen), "\xe4\xb8\xad|");
	screen_close(&screen);
}

UNIT_TEST(term, wide_character_in_one_column)
{
	struct screen screen;

	screen_open(&screen, 1, 3, 0);
	screen_write(&screen, "\033[3;1Hz\033[H\xe4\xb8\xad");
	EXPECT_STRING(screen_text(&screen), "\xe4\xb8\xad||z|");
	screen_close(&screen);
}

UNIT_TEST(term, memory_size)
{
	EXPECT_EQUAL(term_memory_size(0, 1, 0), 0);
	EXPECT_EQUAL(term_memory_size(1, 0, 0), 0);
	EXPECT_EQUAL(term_memory_size(TERM_COLUMNS_MAX + 1, 1, 0), 0);
	EXPECT_EQUAL(term_memory_size(1, TERM_ROWS_MAX + 1, 0), 0);
	EXPECT_EQUAL(term_memory_size(1, 1, TERM_HISTORY_MAX + 1), 0);
	EXPECT(term_memory_size(TERM_COLUMNS_MAX, TERM_ROWS_MAX, TERM_HISTORY_MAX) > 1ull << 33);
}

UNIT_TEST(term, width)
{
	EXPECT_EQUAL(term_width('a'), 1);
	EXPECT_EQUAL(term_width(0xe9), 1);
	EXPECT_EQUAL(term_width(0x300), 0);
	EXPECT_EQUAL(term_width(0x36f), 0);
	EXPECT_EQUAL(term_width(0x370), 1);
	EXPECT_EQUAL(term_width(0x4e2d), 2);
	EXPECT_EQUAL(term_width(0xff21), 2);
	EXPECT_EQUAL(term_width(0x1f600), 2);
	EXPECT_EQUAL(term_width(0x2500), 1);
	EXPECT_EQUAL(term_width(0xfffd), 1);
	EXPECT_EQUAL(term_width(0x10ffff), 1);
}
