/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the console: its state, the painter, and its display. */
#pragma once

#include <font/font.h>
#include <gfx/framebuffer.h>
#include <sync/spinlock.h>
#include <term/term.h>

#define CONSOLE_HISTORY_LINES 500

/* What a cell on the screen shows, to paint only what differs. */
struct painted_cell {
	uint32_t glyph;
	uint32_t foreground, background;
	uint32_t decoration; /* underline, strike */
};

struct display;

struct console {
	/* Immutable after start. */
	struct font font;
	struct term_host *host;

	struct spinlock lock;           /* RANK_CONSOLE: all below. Taken with interrupts off. */
	bool visible;                   /* it is the one that draws */
	struct display *display;        /* that it draws on, with a reference; NULL: none */
	struct framebuffer framebuffer; /* the display's; without pixels: none */
	unsigned columns, rows;
	struct term term;
	void *term_memory; /* NULL: there has been no display yet */
	struct painted_cell *painted;
	bool moved[TERM_ROWS_MAX]; /* rows that scrolled since they were painted */
	/* Rows of pixels that were painted, and the display has not been told. */
	uint32_t unshown_top, unshown_bottom;
	/* As it was when painting began: rows painted later show it there, not where it is by then. */
	bool cursor_shown;
	unsigned cursor_row, cursor_column;
	char reply[64]; /* what the emulator answers to its program */
	size_t reply_length;
};

/* Learns from the emulator what has moved; then each row is to be painted. The lock is held. */
void console_begin_paint(struct console *console);
/* Paints one row of cells (if there are as many) where it differs from what the screen shows, if the
 * console is what draws there. The lock is held. */
void console_paint_row(struct console *console, unsigned row);
/* Paints all. The lock is held. */
void console_paint(struct console *console);
/* Forgets what the screen shows. The lock is held. */
void console_forget_painted(struct console *console);

/* Looks for a display and takes its size over. Thread context, under the lock of the displays' owner.
 * -ENODEV: there is none; -EINVAL, -ENOMEM: it cannot be used. */
int must_check console_find_display(struct console *console);
/* Thread context. */
void console_darken_displays(void);
/* Lets the display show what was painted, where it must be told. Thread context. */
void console_flush(struct console *console);
/* True if console_flush() has something to do. The lock is held. */
bool console_needs_flush(const struct console *console);
/* In a panic: draws from now on. */
void console_take_screen(struct console *console);
void console_flush_in_panic(struct console *console);
