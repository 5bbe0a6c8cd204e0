/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo and line editing on the screen. */
#include "tty_priv.h"

#define TAB_WIDTH 8

static bool is_control(uint8_t byte)
{
	return byte < 0x20 || byte == 0x7f;
}

static bool is_continuation(const struct tty *tty, uint8_t byte)
{
	return (tty->termios.input & INPUT_UTF8) && (byte & 0xc0) == 0x80;
}

static bool shown_as_caret(const struct tty *tty, uint8_t byte)
{
	return is_control(byte) && byte != '\t' && byte != '\n' &&
	       tty_local(tty, LOCAL_ECHO_CONTROL);
}

void tty_echo_newline(struct tty *tty)
{
	tty_output(tty, (const uint8_t *)"\n", 1);
}

void tty_echo(struct tty *tty, uint8_t byte)
{
	uint8_t caret[2] = { '^', byte ^ 0x40 };

	if (shown_as_caret(tty, byte))
		tty_output(tty, caret, sizeof(caret));
	else
		tty_output(tty, &byte, 1);
}

/* The column after the first `length` bytes of the edited line. */
static unsigned column_after(const struct tty *tty, size_t length)
{
	unsigned column = tty->line_column;

	for (size_t i = 0; i < length; i++) {
		uint8_t byte = tty->line[i];

		if (byte == '\t')
			column = (column / TAB_WIDTH + 1) * TAB_WIDTH;
		else if (shown_as_caret(tty, byte))
			column += 2;
		else if (!is_control(byte) && !is_continuation(tty, byte))
			column++;
	}
	return column;
}

/* Cuts the line to `length` bytes and wipes the rest from the screen. */
static void cut_line(struct tty *tty, size_t length)
{
	unsigned columns = column_after(tty, tty->line_length) - column_after(tty, length);
	bool tab = tty->line_length > length && tty->line[tty->line_length - 1] == '\t';

	tty->line_length = length;
	if (!tty_local(tty, LOCAL_ECHO))
		return;
	for (; columns > 0; columns--)
		tty_output(tty, (const uint8_t *)(tab ? "\b" : "\b \b"), tab ? 1 : 3);
}

void tty_erase_character(struct tty *tty)
{
	size_t length = tty->line_length;
	uint8_t erased;

	if (length == 0)
		return;
	erased = tty->line[--length];
	while (length > 0 && is_continuation(tty, erased))
		erased = tty->line[--length];
	if (tty_local(tty, LOCAL_ECHO_ERASE)) {
		cut_line(tty, length);
	} else {
		tty->line_length = length;
		if (tty_local(tty, LOCAL_ECHO))
			tty_echo(tty, tty->termios.characters[CHARACTER_ERASE]);
	}
}

static bool is_word(uint8_t byte)
{
	return byte == '_' || (byte >= '0' && byte <= '9') ||
	       ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte >= 0x80;
}

void tty_erase_word(struct tty *tty)
{
	size_t length = tty->line_length;

	while (length > 0 && !is_word(tty->line[length - 1]))
		length--;
	while (length > 0 && is_word(tty->line[length - 1]))
		length--;
	while (tty->line_length > length)
		tty_erase_character(tty);
}

void tty_erase_line(struct tty *tty)
{
	if (tty_local(tty, LOCAL_ECHO_KILL_ERASE) && tty_local(tty, LOCAL_ECHO_ERASE)) {
		while (tty->line_length > 0)
			tty_erase_character(tty);
		return;
	}
	tty->line_length = 0;
	if (tty_local(tty, LOCAL_ECHO)) {
		tty_echo(tty, tty->termios.characters[CHARACTER_KILL]);
		if (tty_local(tty, LOCAL_ECHO_KILL))
			tty_echo_newline(tty);
	}
}

void tty_reprint_line(struct tty *tty)
{
	if (!tty_local(tty, LOCAL_ECHO))
		return;
	tty_echo(tty, tty->termios.characters[CHARACTER_REPRINT]);
	tty_echo_newline(tty);
	tty->line_column = tty->column;
	for (size_t i = 0; i < tty->line_length; i++)
		tty_echo(tty, tty->line[i]);
}
