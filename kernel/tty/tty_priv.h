/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the terminals.
 *
 *   driver -> tty_input() -> raw ring -> work: line discipline (input.c) -> cooked ring -> read
 *   write -> output processing (output.c) -> driver
 */
#pragma once

#include <base/ring.h>
#include <linux/termios.h>
#include <sched/mutex.h>
#include <sched/work.h>
#include <scheme/device.h>
#include <sync/refcount.h>
#include <tty/tty.h>

#define TTY_BUFFER 4096 /* bytes of a line, and of each queue; a power of two */

/* An element of the cooked queue: a byte, and whether reading stops after it. */
#define COOKED_LINE_END 0x100
#define COOKED_EOF      0x200 /* ends a line and is not itself read */

struct tty {
	/* Immutable after create. */
	const struct tty_driver *driver;
	void *private;
	char name[24];
	struct device_node device;

	/* Who holds: the driver (until it puts it), open files, processes as their controlling
	 * terminal. */
	struct refcount references;

	struct spinlock raw_lock; /* RANK_DRIVER: the raw ring */
	struct ring raw;
	uint8_t raw_bytes[TTY_BUFFER];
	struct work input_work;

	struct mutex lock; /* RANK_TTY: all below up to the next heading */
	struct linux_termios termios;
	struct tty_size size;
	unsigned open_count; /* files of it, but those that were cut off */
	unsigned cuts;       /* how often all that were open were cut off */
	bool hung_up;        /* for good */
	/* The line that is being edited (canonical mode). */
	uint8_t line[TTY_BUFFER];
	size_t line_length;
	unsigned line_column; /* where it began on the screen */
	bool literal_next;
	/* What programs may read. */
	uint16_t cooked[TTY_BUFFER];
	size_t cooked_head, cooked_tail; /* ever put in and taken out */
	size_t lines;                    /* COOKED_LINE_END marks in the queue */
	unsigned column;                 /* of the cursor, as far as can be known */
	bool output_stopped;             /* ^S */

	struct wait_queue readers, writers;

	/* Atomic: read without the lock; written with it. */
	_Atomic uint32_t session, foreground;
};

/* What an open file of a terminal keeps. */
struct tty_file {
	struct tty *tty; /* a reference */
	unsigned cuts;   /* as tty->cuts was; immutable, and the next */
	bool is_master;  /* asks for its slave, and is never cut off */
};

extern const struct node_ops tty_node_ops;

static inline bool tty_local(const struct tty *tty, unsigned flag)
{
	return tty->termios.local & flag;
}

static inline size_t tty_cooked_used(const struct tty *tty)
{
	return tty->cooked_head - tty->cooked_tail;
}

/* All below: with tty->lock held, unless noted. */

/* input.c: the line discipline takes one character. */
void tty_receive(struct tty *tty, uint8_t byte);
/* True if input would be lost now. A line that is too long is none such: its end is wanted. */
bool tty_input_full(const struct tty *tty);
/* Forgets input that was not read. */
void tty_flush_input(struct tty *tty);
/* After the mode changed: an edited line becomes readable. */
void tty_release_line(struct tty *tty);
/* Takes up what waits in the raw ring; the work function's body. Takes the lock itself. */
void tty_run_input(struct work *work);

/* echo.c */
void tty_echo(struct tty *tty, uint8_t byte);
void tty_echo_newline(struct tty *tty);
/* Erases the last character (or word, or line) of the edited line from it and the screen. */
void tty_erase_character(struct tty *tty);
void tty_erase_word(struct tty *tty);
void tty_erase_line(struct tty *tty);
void tty_reprint_line(struct tty *tty);

/* output.c: processes and sends bytes; returns how many of them were taken. */
size_t tty_output(struct tty *tty, const uint8_t *bytes, size_t length);
/* How much the driver takes now. */
size_t tty_room(struct tty *tty);
ssize_t tty_write_file(struct file *file, struct io *io, uint64_t *offset);

/* read.c */
ssize_t tty_read_file(struct file *file, struct io *io, uint64_t offset);
bool tty_readable(const struct tty *tty);

/* control.c: ioctl. Takes the lock itself. */
long tty_control_file(struct file *file, unsigned request, uintptr_t argument);

/* job.c: without the lock. */

/* May the current process read from (or write to, change) its terminal? 0, -EIO, or -ERESTART
 * after the signal was sent. */
int tty_check_background(struct tty *tty, int signal);
/* Signals the foreground group. With or without the lock. */
void tty_signal_foreground(struct tty *tty, int signal);
/* Signals the leader of a session, if it still lives. */
void tty_signal_leader(uint32_t session, int signal);
/* Makes it the controlling terminal of the current session leader. -EPERM. */
int tty_take(struct tty *tty, bool steal);
int tty_set_foreground(struct tty *tty, uint32_t group);
void tty_job_init(void);

/* pty.c: /dev/ptmx. */
void tty_pty_init(void);

/* tty.c */
/* The terminal that /dev/console means, borrowed for good; NULL: none yet. */
struct tty *tty_console(void);
/* Counts one more open file of it, with a reference; and what ends that. */
int must_check tty_open_file(struct tty *tty, struct tty_file **opened);
void tty_close_file(struct tty_file *opened);
/* The line is cut, or was since the file was opened: nothing more goes through it. With the lock. */
bool tty_is_cut(const struct file *file);
/* Cuts off all that have it open; it may be opened anew. Without the lock. */
void tty_cut_off(struct tty *tty);
/* Operations of open files. */
void tty_close(struct file *file);
unsigned tty_poll(struct file *file, struct poller *poller);
struct tty *tty_of_file(const struct file *file);
/* A terminal that is not registered under a name yet; and its registration. */
struct tty *tty_allocate(const char *name, const struct tty_driver *driver, void *private);
int tty_register(struct tty *tty, unsigned major, unsigned minor, uint32_t permissions);
