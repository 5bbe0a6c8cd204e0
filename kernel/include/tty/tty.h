/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminals: the line discipline (canonical and raw input, echo, editing, signals, output
 * processing), job control and window size, between a program's side (a device node with
 * Linux's ioctls) and a driver's side (console, serial line, pty master).
 */
#pragma once

#include <base/types.h>
#include <scheme/node.h>

struct tty;

/* What a terminal writes to. */
struct tty_driver {
	/* Sends processed output; returns how many bytes were taken. Called in thread context
	 * with the tty's output lock held; may sleep unless `atomic` output is documented. */
	size_t (*write)(struct tty *tty, const void *bytes, size_t length);
	/* The last program closed it; not called after a hang-up. The tty's lock is held. May be
	 * NULL. */
	void (*closed)(struct tty *tty);
	/* Termios changed (speed, flow control). May be NULL. */
	void (*changed)(struct tty *tty);
};

struct tty_size {
	uint16_t rows, columns, x_pixels, y_pixels;
};

/* A terminal named /dev/`name` with the device number given. NULL: out of memory. */
struct tty *tty_create(const char *name, unsigned major, unsigned minor,
		       const struct tty_driver *driver, void *private);
void *tty_private(const struct tty *tty);
/* Characters from the keyboard or line. Any context: they are queued and processed by deferred
 * work. */
void tty_input(struct tty *tty, const void *bytes, size_t length);
/* The line was cut: SIGHUP to the session, reads give end of file. */
void tty_hang_up(struct tty *tty);
/* Sets the window size; SIGWINCH to the foreground group where it changed. */
void tty_set_size(struct tty *tty, const struct tty_size *size);
/* The terminal that /dev/console means. */
void tty_set_console(struct tty *tty);
void tty_get(struct tty *tty);
void tty_put(struct tty *tty);
void tty_init(void);
