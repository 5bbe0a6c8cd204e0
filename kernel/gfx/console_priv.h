/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the console: its state, and the painter. */
#pragma once

#include <font/font.h>
#include <gfx/framebuffer.h>
#include <sync/spinlock.h>
#include <term/term.h>

/* What a cell on the screen shows, to paint only what differs. */
struct painted_cell {
	uint32_t glyph;
	uint32_t foreground, background;
	uint32_t decoration; /* underline, strike */
};

struct console {
	/* Immutable after start. */
	struct framebuffer framebuffer;
	struct font font;
	unsigned columns, rows;

	struct spinlock lock; /* RANK_CONSOLE: all below. Taken with interrupts off. */
	struct term term;
	struct painted_cell *painted;
	bool moved[TERM_ROWS_MAX]; /* rows that scrolled since they were painted */
	/* As it was when painting began: rows painted later show it there, not where it is by then. */
	bool cursor_shown;
	unsigned cursor_row, cursor_column;
	char reply[64]; /* what the emulator answers to its program */
	size_t reply_length;
};

/* Learns from the emulator what has moved; then each row is to be painted. The lock is held. */
void console_begin_paint(struct console *console);
/* Paints one row of cells where it differs from what the screen shows. The lock is held. */
void console_paint_row(struct console *console, unsigned row);
/* Paints all. The lock is held. */
void console_paint(struct console *console);
/* Forgets what the screen shows. The lock is held. */
void console_forget_painted(struct console *console);
