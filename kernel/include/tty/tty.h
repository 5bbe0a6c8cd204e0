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
	/* Sends processed output, no more than `room` said, and takes all of it. Thread context,
	 * the tty's lock is held; may sleep. */
	size_t (*write)(struct tty *tty, const void *bytes, size_t length);
	/* How many bytes `write` would take now. The lock is held. NULL: any number. Who makes room
	 * where there was none calls tty_wake_writers(). */
	size_t (*room)(struct tty *tty);
	/* A program opens it: 0, or an error that refuses. The lock is held. May be NULL. */
	int (*opened)(struct tty *tty);
	/* The last program closed it; not called after a hang-up. The tty's lock is held. May be
	 * NULL. */
	void (*closed)(struct tty *tty);
	/* When the leader of the session ends, all that have it open are cut off: `closed`. */
	bool ends_with_leader;
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
/* Output may go on. */
void tty_wake_writers(struct tty *tty);
/* The line was cut: SIGHUP to the session's leader; reads give end of file, all else -EIO. */
void tty_hang_up(struct tty *tty);
/* Sets the window size; SIGWINCH to the foreground group where it changed. */
void tty_set_size(struct tty *tty, const struct tty_size *size);
/* The terminal that /dev/console means. */
void tty_set_console(struct tty *tty);
void tty_get(struct tty *tty);
void tty_put(struct tty *tty);
void tty_init(void);
