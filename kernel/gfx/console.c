/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console: a terminal emulator between a tty and the first display.
 *
 * What programs write changes the emulator's cells at once and the pixels a little later: a
 * timer starts the painter at most once in FRAME_NS, so that a flood of text costs few repaints.
 * Log lines are painted before log_write() returns, for they may be the last ones.
 */
#include <gfx/console.h>

#include "console_priv.h"

#include <arch/cpu.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <display/display.h>
#include <font/console_font.h>
#include <input/input.h>
#include <mm/phys/slab.h>
#include <sched/work.h>
#include <time/clock.h>
#include <time/timer.h>
#include <tty/tty.h>

#define FRAME_NS (NS_PER_SECOND / 60)

static struct console console = { .lock = SPINLOCK_INIT(RANK_CONSOLE, "console") };
/* Written under the lock of the displays' owner, by the thread that boots at first. */
static bool present;
static bool terminal_wanted;
static struct tty *terminal;
static struct timer frame_timer;
static struct work frame_work;

bool console_present(void)
{
	return present;
}

/* A row at a time, so that interrupts wait for no more than that. */
static void paint_frame(struct work *work)
{
	irq_state_t state = spin_lock_irqsave(&console.lock);

	(void)work;
	console_begin_paint(&console);
	spin_unlock_irqrestore(&console.lock, state);
	for (unsigned row = 0; row < console.rows; row++) {
		state = spin_lock_irqsave(&console.lock);
		console_paint_row(&console, row);
		spin_unlock_irqrestore(&console.lock, state);
	}
	console_flush(&console);
}

static void frame_due(struct timer *timer)
{
	(void)timer;
	work_queue(&frame_work);
}

/* Lets the painter run soon. A timer that is armed already stays as it is. */
static void want_frame(void)
{
	if (!frame_timer.armed)
		timer_arm(&frame_timer, clock_deadline_after(FRAME_NS));
}

/* The colour of a line of the log by its level, as a terminal's sequence. */
static const char *level_colour(char level)
{
	switch (level) {
	case '0' + LOG_ERROR:
		return "\033[1;31m";
	case '0' + LOG_WARNING:
		return "\033[33m";
	case '0' + LOG_NOTICE:
		return "\033[1;37m";
	default:
		return "\033[0m";
	}
}

static void write_text(const char *text, size_t length)
{
	term_write(&console.term, text, length);
}

/* A line of the log is "[time] <level>area: text": the time is dimmed, the level becomes the
 * colour of the text. */
static void write_log_line(const char *line, size_t length)
{
	const char *level = memchr(line, '<', length);
	const char *colour = level_colour(LOG_INFO + '0');

	if (level && (size_t)(level - line) + 3 <= length && level[2] == '>') {
		size_t time_length = (size_t)(level - line);

		colour = level_colour(level[1]);
		write_text("\033[32m", 5);
		write_text(line, time_length);
		line += time_length + 3;
		length -= time_length + 3;
	}
	write_text(colour, strlen(colour));
	write_text(line, length);
	write_text("\033[0m\r\n", 6);
}

static void write_log(struct log_sink *sink, const char *text, size_t length)
{
	bool panicking = log_in_panic();
	irq_state_t state = panicking ? 0 : spin_lock_irqsave(&console.lock);

	/* In a panic interrupts are off, and who holds the lock has been stopped. */
	(void)sink;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (panicking)
		console_take_screen(&console);
	write_log_line(text, length);
	console_paint(&console);
	if (panicking) {
		console_flush_in_panic(&console);
		return;
	}
	if (console_needs_flush(&console))
		work_raise(&frame_work);
	spin_unlock_irqrestore(&console.lock, state);
}

static struct log_sink log_sink = { .write = write_log, .max_level = LOG_INFO };

/* Answers are kept until the lock is released: sending them takes locks of lower rank. */
static void reply(struct term_host *host, const char *bytes, size_t length)
{
	(void)host;
	length = min_size(length, sizeof(console.reply) - console.reply_length);
	memcpy(console.reply + console.reply_length, bytes, length);
	console.reply_length += length;
}

static struct term_host term_host = { .reply = reply };

static int open_font(void)
{
	struct font_mapping *mappings;
	int error = font_open(&console.font, console_font_start,
			      (size_t)(console_font_end - console_font_start));

	if (error)
		return error;
	mappings = kcalloc(console.font.mapping_count, sizeof(*mappings));
	if (!mappings)
		return -ENOMEM;
	font_index(&console.font, mappings);
	return 0;
}

static void tell_terminal_size(void)
{
	struct tty_size size = { .rows = (uint16_t)console.rows,
				 .columns = (uint16_t)console.columns };

	if (terminal)
		tty_set_size(terminal, &size);
}

static void displays_changed(void)
{
	bool visible = console.visible;
	int error = console_find_display(&console);

	if (error) {
		if (error != -ENODEV)
			log_error("console", "it cannot use the display: error %d", -error);
		return;
	}
	if (visible) {
		console_darken_displays();
		want_frame();
	}
	if (!present) {
		present = true;
		log_add_sink(&log_sink);
	}
	if (!terminal && terminal_wanted && console_add_terminal())
		log_error("console", "no memory for its terminal");
	tell_terminal_size();
}

static void set_visible(bool visible)
{
	irq_state_t state = spin_lock_irqsave(&console.lock);

	console.visible = visible;
	if (visible && console.term_memory)
		console_forget_painted(&console);
	spin_unlock_irqrestore(&console.lock, state);
}

static void hide(void)
{
	set_visible(false);
}

static void show(void)
{
	console_darken_displays();
	set_visible(true);
	want_frame();
}

const struct display_owner console_display_owner = {
	.changed = displays_changed,
	.hidden = hide,
	.shown = show,
};

int console_start(void)
{
	int error = open_font();

	if (error)
		return error;
	console.host = &term_host;
	timer_init(&frame_timer, frame_due);
	work_init(&frame_work, paint_frame);
	display_set_owner(&console_display_owner);
	return 0;
}

/* How cursor keys and key pad are to be encoded, as programs asked for. */
static unsigned input_mode(void)
{
	unsigned mode = 0;

	if (console.term.modes & TERM_MODE_APPLICATION_CURSOR)
		mode |= INPUT_APPLICATION_CURSOR;
	if (console.term.modes & TERM_MODE_APPLICATION_KEYPAD)
		mode |= INPUT_APPLICATION_KEYPAD;
	return mode;
}

static size_t write_terminal(struct tty *tty, const void *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&console.lock);
	char answer[sizeof(console.reply)];
	size_t answer_length;

	term_write(&console.term, bytes, length);
	answer_length = console.reply_length;
	memcpy(answer, console.reply, answer_length);
	console.reply_length = 0;
	spin_unlock_irqrestore(&console.lock, state);
	if (answer_length > 0)
		tty_input(tty, answer, answer_length);
	input_set_mode(input_mode());
	/* From now on the screen is the programs': only trouble is shown between. */
	log_sink.max_level = LOG_WARNING;
	want_frame();
	return length;
}

static const struct tty_driver driver = { .write = write_terminal };

static void receive_keys(const char *bytes, size_t length)
{
	tty_input(terminal, bytes, length);
}

/* Moves the view back by `lines` (forward if negative). */
static void scroll_view(int lines)
{
	irq_state_t state = spin_lock_irqsave(&console.lock);

	term_scroll_view(&console.term, lines);
	spin_unlock_irqrestore(&console.lock, state);
	want_frame();
}

static void receive_command(enum input_command command)
{
	switch (command) {
	case INPUT_SCROLL_UP:
		scroll_view((int)console.rows / 2);
		break;
	case INPUT_SCROLL_DOWN:
		scroll_view(-(int)console.rows / 2);
		break;
	case INPUT_REBOOT: /* not the console's */
		break;
	}
}

int console_add_terminal(void)
{
	terminal_wanted = true;
	if (!present)
		return 0;
	terminal = tty_create("tty1", 4, 1, &driver, NULL);
	if (!terminal)
		return -ENOMEM;
	tell_terminal_size();
	tty_set_console(terminal);
	input_set_text_sink(receive_keys);
	input_set_command_sink(receive_command);
	return 0;
}
