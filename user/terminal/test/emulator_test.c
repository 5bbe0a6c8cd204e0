/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs write, and what keys and the mouse send them: the terminal without pixels. */
#include "unit.h"

#include <redox/orbital_keys.h>

#include <stdlib.h>
#include <string.h>

#include "../terminal.h"

#define ROWS    5
#define COLUMNS 20

/* What the program got to read. */
static char sent[512];
static size_t sent_length;
static int64_t now;

int64_t clock_ms(void)
{
	return now;
}

void terminal_fail(const char *what)
{
	unit_fail(__FILE__, __LINE__, "%s", what);
}

void child_send(struct terminal *terminal, const char *bytes, size_t length)
{
	(void)terminal;
	EXPECT(sent_length + length < sizeof(sent));
	memcpy(sent + sent_length, bytes, length);
	sent_length += length;
}

void child_resize(struct terminal *terminal)
{
	(void)terminal;
}

void terminal_start_other(void)
{
}

static void expect_sent(const char *wanted)
{
	sent[sent_length] = '\0';
	EXPECT_STRING(sent, wanted);
	sent_length = 0;
}

static struct terminal *make(void)
{
	static struct terminal terminal;

	terminal = (struct terminal){ .scale = 1, .cell_width = 8, .cell_height = 18 };
	terminal.window = window_open(0, 0, 200, 120, "test", 0);
	emulator_start(&terminal, ROWS, COLUMNS);
	sent_length = 0;
	return &terminal;
}

static void write_text(struct terminal *terminal, const char *text)
{
	EXPECT_EQUAL(emulator_read(terminal, text, strlen(text), INT64_MAX), strlen(text));
}

static void expect_screen(const struct terminal *terminal, const char *wanted)
{
	struct grid_place from = { grid_top(terminal->grid), 0 };
	struct grid_place to = { from.line + grid_rows(terminal->grid), 0 };
	size_t length;
	char *text = grid_text(terminal->grid, from, to, &length);

	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	EXPECT_STRING(text, wanted);
	free(text);
}

static struct cell cell_at(const struct terminal *terminal, int row, int column)
{
	return grid_cell(grid_line(terminal->grid, grid_top(terminal->grid) + row), column);
}

UNIT_TEST(terminal, writes_and_scrolls)
{
	struct terminal *terminal = make();

	write_text(terminal, "one\r\ntwo\r\n\r\n\r\nfive\r\nsix");
	expect_screen(terminal, "two\n\n\nfive\nsix");
	EXPECT_EQUAL(grid_top(terminal->grid), 1);
	EXPECT(terminal->cursor.at.row == 4 && terminal->cursor.at.col == 3);
	write_text(terminal, "\033[2J\033[H\xd0\x9f\xe2\x94\x80\xe6\x97\xa5");
	expect_screen(terminal, "\xd0\x9f\xe2\x94\x80\xe6\x97\xa5");
	EXPECT_EQUAL(cell_at(terminal, 0, 2).width, 2);
}

/* However a character's bytes come. */
UNIT_TEST(terminal, characters_come_in_pieces)
{
	struct terminal *terminal = make();

	write_text(terminal, "zy\xc3");
	write_text(terminal, "\xbc");
	write_text(terminal, "\xc3");
	write_text(terminal, "\xb6\xe2");
	write_text(terminal, "\x94");
	write_text(terminal, "\x80\r\n.");
	expect_screen(terminal, "zy\xc3\xbc\xc3\xb6\xe2\x94\x80\n.");
}

/* Where it was saved there may be no screen any more. */
UNIT_TEST(terminal, restored_cursor_is_on_the_screen)
{
	struct terminal *terminal = make();

	emulator_resize(terminal, 50, 160);
	write_text(terminal, "\033[41;151H\0337");
	emulator_resize(terminal, ROWS, COLUMNS);
	write_text(terminal, "\033[2J\033[H\033");
	write_text(terminal, "8");
	EXPECT(terminal->cursor.at.row == ROWS - 1 && terminal->cursor.at.col == COLUMNS - 1);
	write_text(terminal, "\033H\0338\033[1J\0338\ra\033[3;4H\0337\r\0338b");
	expect_screen(terminal, "\n\n   b\n\na");
}

UNIT_TEST(terminal, colours_and_attributes)
{
	struct terminal *terminal = make();

	write_text(terminal, "\033[1;3;4;7;9;31;48;5;200ma\033[0;38;2;1;2;3mb\033[4:3;97mc\033[md");
	EXPECT_EQUAL(cell_at(terminal, 0, 0).attributes,
		     CELL_BOLD | CELL_ITALIC | CELL_UNDERLINE | CELL_REVERSE | CELL_STRIKE);
	EXPECT_EQUAL(cell_at(terminal, 0, 0).foreground, COLOUR_INDEXED | 1);
	EXPECT_EQUAL(cell_at(terminal, 0, 0).background, COLOUR_INDEXED | 200);
	EXPECT_EQUAL(cell_at(terminal, 0, 1).foreground, COLOUR_RGB | 0x010203);
	EXPECT_EQUAL(cell_at(terminal, 0, 1).background, COLOUR_DEFAULT);
	EXPECT_EQUAL(cell_at(terminal, 0, 2).attributes, CELL_CURLY_UNDERLINE);
	EXPECT_EQUAL(cell_at(terminal, 0, 2).foreground, COLOUR_INDEXED | 15);
	EXPECT_EQUAL(cell_at(terminal, 0, 3).attributes, 0);
	EXPECT_EQUAL(cell_at(terminal, 0, 3).foreground, COLOUR_DEFAULT);
}

UNIT_TEST(terminal, wrapped_lines_are_one)
{
	struct terminal *terminal = make();

	write_text(terminal, "abcdefghijklmnopqrstuvwxyz\r\n12345678901234567890\r\nend");
	expect_screen(terminal, "abcdefghijklmnopqrstuvwxyz\n12345678901234567890\nend");
}

UNIT_TEST(terminal, editors_get_a_screen_of_their_own)
{
	struct terminal *terminal = make();

	write_text(terminal, "shell\033[?1049h\033[H~\r\n~");
	expect_screen(terminal, "~\n~");
	EXPECT(grid_is_alternate(terminal->grid));
	write_text(terminal, "\033[?1049l$");
	expect_screen(terminal, "shell$");
}

UNIT_TEST(terminal, answers_and_titles)
{
	struct terminal *terminal = make();

	write_text(terminal, "ab\033[6n");
	expect_sent("\033[1;3R");
	write_text(terminal, "\033]0;a title\007\033]2;ano");
	EXPECT_STRING(terminal->title, "a title");
	write_text(terminal, "ther\033\\c\033Pignored\033\\d\033]52;c;eA==\007");
	EXPECT_STRING(terminal->title, "another");
	expect_screen(terminal, "abcd");
}

UNIT_TEST(terminal, repeats_characters)
{
	struct terminal *terminal = make();

	write_text(terminal, "\033[5bx\033[3b\r\n-\033[100b");
	expect_screen(terminal, "xxxx\n--------------------");
	write_text(terminal, "\r\n\033[1 b\033[?4b.");
	expect_screen(terminal, "xxxx\n--------------------\n.");
}

/* Each of these once made libvterm hang, or write outside of its memory. */
UNIT_TEST(terminal, survives_what_its_library_does_not)
{
	struct terminal *terminal = make();
	char many[256] = "\033[";

	memset(many + 2, ';', 200);
	strcpy(many + 202, "mok");
	write_text(terminal, "\xcc\x81\033[9999999b");
	write_text(terminal, "\033(\033[3b\033P\033\001\\\033]\001\002\033");
	write_text(terminal, "\\\033\\");
	write_text(terminal, "\033[H\033[2J");
	write_text(terminal, many);
	write_text(terminal, "\r\xc2\x9a\xc2\x85\xc2");
	write_text(terminal, "\x9a");
	EXPECT_EQUAL(terminal->cursor.at.col, 0);
	write_text(terminal, "\033[4;5r\033[5;1H");
	emulator_resize(terminal, 2, 10);
	write_text(terminal, "\n\n\n\n\v\v\v\033M\033M\033[99L\033[99M\033[r");
	emulator_resize(terminal, ROWS, COLUMNS);
	write_text(terminal, "\033[2J\033[Hfine");
	expect_screen(terminal, "fine");
}

static void press(struct terminal *terminal, int64_t character, int key)
{
	keys_event(terminal, &(struct orbital_event){ 1, character, key | ORBITAL_KEY_PRESSED });
	keys_event(terminal, &(struct orbital_event){ 1, character, key });
}

static void hold(struct terminal *terminal, int key, bool down)
{
	keys_event(terminal,
		   &(struct orbital_event){ 1, 0, key | (down ? ORBITAL_KEY_PRESSED : 0) });
}

UNIT_TEST(terminal, keys)
{
	struct terminal *terminal = make();

	keys_text(terminal, 0xe9);
	press(terminal, 0, ORBITAL_KEY_ENTER);
	press(terminal, 0, ORBITAL_KEY_UP);
	press(terminal, 0, ORBITAL_KEY_F5);
	expect_sent("\xc3\xa9\r\033[A\033[15~");
	write_text(terminal, "\033[?1h");
	press(terminal, 0, ORBITAL_KEY_UP);
	expect_sent("\033OA");
	hold(terminal, ORBITAL_KEY_CONTROL, true);
	press(terminal, 'c', ORBITAL_KEY_C);
	press(terminal, 0, ORBITAL_KEY_LEFT);
	hold(terminal, ORBITAL_KEY_CONTROL, false);
	hold(terminal, ORBITAL_KEY_ALT, true);
	press(terminal, 'f', ORBITAL_KEY_F);
	hold(terminal, ORBITAL_KEY_ALT, false);
	expect_sent("\003\033[1;5D\033f");
}

UNIT_TEST(terminal, history_by_keys_and_wheel)
{
	struct terminal *terminal = make();

	for (int i = 0; i < 30; i++)
		write_text(terminal, "line\r\n");
	hold(terminal, ORBITAL_KEY_LEFT_SHIFT, true);
	press(terminal, 0, ORBITAL_KEY_PAGE_UP);
	EXPECT_EQUAL(terminal->view, ROWS - 1);
	press(terminal, 0, ORBITAL_KEY_HOME);
	EXPECT_EQUAL(terminal->view, 26);
	hold(terminal, ORBITAL_KEY_LEFT_SHIFT, false);
	write_text(terminal, "more\r\n");
	EXPECT_EQUAL(terminal->view, 27); /* still at the same lines */
	pointer_wheel(terminal, -2);
	EXPECT_EQUAL(terminal->view, 21);
	keys_text(terminal, 'x');
	EXPECT_EQUAL(terminal->view, 0);
	sent_length = 0;
	write_text(terminal, "\033[?1049h");
	pointer_wheel(terminal, 1);
	expect_sent("\033[A\033[A\033[A");
}

/* The pointer at a cell; presses and lets go. */
static void click(struct terminal *terminal, int row, int column)
{
	pointer_moved(terminal, PADDING + column * 8 + 2, PADDING + row * 18 + 2);
	pointer_button(terminal, 1);
	pointer_button(terminal, 0);
}

UNIT_TEST(terminal, selects_copies_and_pastes)
{
	struct terminal *terminal = make();

	write_text(terminal, "see /etc/passwd now\r\nand more");
	click(terminal, 0, 6);
	EXPECT(!terminal->selection.active);
	click(terminal, 0, 6);
	EXPECT_STRING(terminal->selected, "/etc/passwd");
	click(terminal, 0, 6);
	EXPECT_STRING(terminal->selected, "see /etc/passwd now");
	now += 1000;
	pointer_moved(terminal, PADDING + 4 * 8 + 1, PADDING + 2);
	pointer_button(terminal, 1);
	pointer_moved(terminal, PADDING + 3 * 8 + 1, PADDING + 20);
	pointer_button(terminal, 0);
	EXPECT_STRING(terminal->selected, "/etc/passwd now\nand");
	pointer_button(terminal, 2);
	expect_sent("/etc/passwd now\rand");
	hold(terminal, ORBITAL_KEY_CONTROL, true);
	hold(terminal, ORBITAL_KEY_LEFT_SHIFT, true);
	press(terminal, 'C', ORBITAL_KEY_C);
	write_text(terminal, "\033[?2004h");
	press(terminal, 'V', ORBITAL_KEY_V);
	expect_sent("\033[200~/etc/passwd now\rand\033[201~");
	terminal_paste_text(terminal, "a\033[201~\r\nb\n", 11);
	expect_sent("\033[200~a[201~\rb\r\033[201~");
}

UNIT_TEST(terminal, programs_are_told_of_the_mouse)
{
	struct terminal *terminal = make();

	write_text(terminal, "text\033[?1000h\033[?1006h");
	click(terminal, 1, 2);
	expect_sent("\033[<0;3;2M\033[<0;3;2m");
	pointer_wheel(terminal, 1);
	expect_sent("\033[<64;3;2M");
	hold(terminal, ORBITAL_KEY_LEFT_SHIFT, true); /* is ours again */
	now += 1000;
	click(terminal, 0, 1);
	click(terminal, 0, 1);
	EXPECT_STRING(terminal->selected, "text");
	expect_sent("");
}
