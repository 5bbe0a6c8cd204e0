/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line discipline: what each character from the keyboard does. */
#include "tty_priv.h"

#include <base/string.h>
#include <proc/signal.h>

#define DISABLED 0 /* a control character set to 0 means nothing */

void tty_input(struct tty *tty, const void *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&tty->raw_lock);

	ring_put(&tty->raw, bytes, length);
	spin_unlock_irqrestore(&tty->raw_lock, state);
	work_queue(&tty->input_work);
}

static bool take_raw(struct tty *tty, uint8_t *byte)
{
	irq_state_t state = spin_lock_irqsave(&tty->raw_lock);
	bool found = ring_take(&tty->raw, byte, 1) == 1;

	spin_unlock_irqrestore(&tty->raw_lock, state);
	return found;
}

bool tty_input_full(const struct tty *tty)
{
	size_t used = tty_cooked_used(tty);

	if (!tty_local(tty, LOCAL_CANONICAL))
		return used == TTY_BUFFER;
	return tty->lines > 0 && used + tty->line_length + 1 >= TTY_BUFFER;
}

void tty_run_input(struct work *work)
{
	struct tty *tty = container_of(work, struct tty, input_work);
	uint8_t byte;

	mutex_lock(&tty->lock);
	while (!tty_input_full(tty) && take_raw(tty, &byte))
		tty_receive(tty, byte);
	mutex_unlock(&tty->lock);
	wait_wake_all(&tty->readers);
}

static bool is_character(const struct tty *tty, enum termios_character which, uint8_t byte)
{
	return tty->termios.characters[which] != DISABLED && tty->termios.characters[which] == byte;
}

static bool put_cooked(struct tty *tty, uint16_t element)
{
	if (tty_cooked_used(tty) == TTY_BUFFER)
		return false;
	tty->cooked[tty->cooked_head++ % TTY_BUFFER] = element;
	if (element & COOKED_LINE_END)
		tty->lines++;
	return true;
}

void tty_flush_input(struct tty *tty)
{
	irq_state_t state = spin_lock_irqsave(&tty->raw_lock);

	ring_skip(&tty->raw, ring_used(&tty->raw));
	spin_unlock_irqrestore(&tty->raw_lock, state);
	tty->cooked_tail = tty->cooked_head;
	tty->lines = 0;
	tty->line_length = 0;
	tty->literal_next = false;
}

void tty_release_line(struct tty *tty)
{
	uint16_t *last;

	for (size_t i = 0; i < tty->line_length; i++) {
		if (!put_cooked(tty, tty->line[i]))
			break;
	}
	tty->line_length = 0;
	tty->literal_next = false;
	if (!tty_local(tty, LOCAL_CANONICAL) || tty_cooked_used(tty) == 0)
		return;
	/* Back in canonical mode: what is there already reads as lines. */
	last = &tty->cooked[(tty->cooked_head - 1) % TTY_BUFFER];
	if (!(*last & COOKED_LINE_END)) {
		*last |= COOKED_LINE_END;
		tty->lines++;
	}
}

/* Moves the edited line and its last element to what can be read. */
static void finish_line(struct tty *tty, uint16_t last)
{
	/* A line that finds no room is lost whole, never cut in two. */
	if (TTY_BUFFER - tty_cooked_used(tty) > tty->line_length) {
		for (size_t i = 0; i < tty->line_length; i++)
			put_cooked(tty, tty->line[i]);
		put_cooked(tty, last | COOKED_LINE_END);
	}
	tty->line_length = 0;
	wait_wake_all(&tty->readers);
}

static int signal_of(const struct tty *tty, uint8_t byte)
{
	if (is_character(tty, CHARACTER_INTERRUPT, byte))
		return SIGINT;
	if (is_character(tty, CHARACTER_QUIT, byte))
		return SIGQUIT;
	if (is_character(tty, CHARACTER_SUSPEND, byte))
		return SIGTSTP;
	return 0;
}

static bool receive_signal(struct tty *tty, uint8_t byte)
{
	int signal = tty_local(tty, LOCAL_SIGNALS) ? signal_of(tty, byte) : 0;

	if (!signal)
		return false;
	if (!tty_local(tty, LOCAL_NO_FLUSH))
		tty_flush_input(tty);
	tty->output_stopped = false;
	if (tty_local(tty, LOCAL_ECHO))
		tty_echo(tty, byte);
	tty_signal_foreground(tty, signal);
	wait_wake_all(&tty->writers);
	return true;
}

/* ^S and ^Q. */
static bool receive_flow(struct tty *tty, uint8_t byte)
{
	bool stop, start;

	if (!(tty->termios.input & INPUT_FLOW))
		return false;
	stop = is_character(tty, CHARACTER_STOP, byte);
	start = is_character(tty, CHARACTER_START, byte);
	if (stop && !(start && tty->output_stopped)) {
		tty->output_stopped = true;
		return true;
	}
	if (start || (tty->output_stopped && (tty->termios.input & INPUT_FLOW_ANY))) {
		tty->output_stopped = false;
		wait_wake_all(&tty->writers);
	}
	return start;
}

/* Editing keys of canonical mode. */
static bool receive_edit(struct tty *tty, uint8_t byte)
{
	if (is_character(tty, CHARACTER_ERASE, byte)) {
		tty_erase_character(tty);
	} else if (is_character(tty, CHARACTER_KILL, byte)) {
		tty_erase_line(tty);
	} else if (!tty_local(tty, LOCAL_EXTENDED)) {
		return false;
	} else if (is_character(tty, CHARACTER_WORD_ERASE, byte)) {
		tty_erase_word(tty);
	} else if (is_character(tty, CHARACTER_REPRINT, byte)) {
		tty_reprint_line(tty);
	} else if (is_character(tty, CHARACTER_LITERAL, byte)) {
		tty->literal_next = true;
		if (tty_local(tty, LOCAL_ECHO) && tty_local(tty, LOCAL_ECHO_CONTROL))
			tty_output(tty, (const uint8_t *)"^\b", 2);
	} else {
		return false;
	}
	return true;
}

static bool receive_end(struct tty *tty, uint8_t byte)
{
	if (byte == '\n') {
		if (tty_local(tty, LOCAL_ECHO) || tty_local(tty, LOCAL_ECHO_NL))
			tty_echo_newline(tty);
		finish_line(tty, byte);
	} else if (is_character(tty, CHARACTER_EOF, byte)) {
		finish_line(tty, COOKED_EOF);
	} else if (is_character(tty, CHARACTER_EOL, byte) ||
		   is_character(tty, CHARACTER_EOL2, byte)) {
		if (tty_local(tty, LOCAL_ECHO))
			tty_echo(tty, byte);
		finish_line(tty, byte);
	} else {
		return false;
	}
	return true;
}

static void add_to_line(struct tty *tty, uint8_t byte)
{
	/* The last place is kept for the end of the line. */
	if (tty->line_length >= TTY_BUFFER - 1) {
		if (tty->termios.input & INPUT_BELL)
			tty_output(tty, (const uint8_t *)"\a", 1);
		return;
	}
	if (tty->line_length == 0)
		tty->line_column = tty->column;
	tty->line[tty->line_length++] = byte;
	if (tty_local(tty, LOCAL_ECHO))
		tty_echo(tty, byte);
}

/* Carriage returns and newlines may be swapped; false: the character vanishes. */
static bool translate(const struct tty *tty, uint8_t *byte)
{
	unsigned input = tty->termios.input;

	if (input & INPUT_STRIP)
		*byte &= 0x7f;
	if (*byte == '\r') {
		if (input & INPUT_IGNORE_CR)
			return false;
		if (input & INPUT_CR_TO_NL)
			*byte = '\n';
	} else if (*byte == '\n' && (input & INPUT_NL_TO_CR)) {
		*byte = '\r';
	}
	return true;
}

void tty_receive(struct tty *tty, uint8_t byte)
{
	bool canonical = tty_local(tty, LOCAL_CANONICAL);

	if (tty->literal_next) {
		tty->literal_next = false;
		add_to_line(tty, byte);
		return;
	}
	if (!translate(tty, &byte) || receive_signal(tty, byte) || receive_flow(tty, byte))
		return;
	if (!canonical) {
		if (put_cooked(tty, byte) && tty_local(tty, LOCAL_ECHO))
			tty_echo(tty, byte);
		return;
	}
	if (!receive_edit(tty, byte) && !receive_end(tty, byte))
		add_to_line(tty, byte);
}
