/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Output: processing (newlines, tabs, the column), and writing by programs. */
#include "tty_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <proc/signal.h>
#include <scheme/file.h>
#include <time/clock.h>

#define TAB_WIDTH   8
#define WRITE_CHUNK 256

/* What one byte becomes: at most a tab's worth of blanks. */
struct expansion {
	uint8_t bytes[TAB_WIDTH];
	size_t length;
	unsigned column; /* afterwards */
};

static void expand(const struct tty *tty, uint8_t byte, struct expansion *to)
{
	unsigned output = tty->termios.output;

	to->length = 1;
	to->bytes[0] = byte;
	to->column = tty->column;
	if (byte == '\r' && (output & OUTPUT_CR_TO_NL))
		byte = to->bytes[0] = '\n';
	switch (byte) {
	case '\n':
		if (output & OUTPUT_NL_TO_CRNL) {
			to->bytes[0] = '\r';
			to->bytes[1] = '\n';
			to->length = 2;
			to->column = 0;
		} else if (output & OUTPUT_NL_RETURNS) {
			to->column = 0;
		}
		break;
	case '\r':
		if ((output & OUTPUT_NO_CR_AT_0) && tty->column == 0)
			to->length = 0;
		to->column = 0;
		break;
	case '\t':
		to->column = (tty->column / TAB_WIDTH + 1) * TAB_WIDTH;
		if ((output & OUTPUT_EXPAND_TABS) == OUTPUT_EXPAND_TABS) {
			to->length = to->column - tty->column;
			for (size_t i = 0; i < to->length; i++)
				to->bytes[i] = ' ';
		}
		break;
	case '\b':
		if (to->column > 0)
			to->column--;
		break;
	default:
		if (byte >= 0x20 && (byte & 0xc0) != 0x80)
			to->column++;
		break;
	}
}

size_t tty_room(struct tty *tty)
{
	return tty->driver->room ? tty->driver->room(tty) : SIZE_MAX;
}

/* Sends what the bytes become, as far as a chunk and the driver's room allow; returns how many
 * were taken. */
static size_t output_chunk(struct tty *tty, const uint8_t *bytes, size_t length)
{
	uint8_t buffer[WRITE_CHUNK];
	size_t room = min_size(tty_room(tty), sizeof(buffer));
	size_t used = 0, taken = 0;

	while (taken < length) {
		struct expansion expansion;

		expand(tty, bytes[taken], &expansion);
		if (expansion.length > room - used)
			break;
		memcpy(buffer + used, expansion.bytes, expansion.length);
		used += expansion.length;
		tty->column = expansion.column;
		taken++;
	}
	if (used > 0)
		tty->driver->write(tty, buffer, used);
	return taken;
}

size_t tty_output(struct tty *tty, const uint8_t *bytes, size_t length)
{
	size_t taken = 0, count;

	if (!(tty->termios.output & OUTPUT_PROCESS)) {
		length = min_size(length, tty_room(tty));
		return length ? tty->driver->write(tty, bytes, length) : 0;
	}
	do {
		count = output_chunk(tty, bytes + taken, length - taken);
		taken += count;
	} while (count > 0 && taken < length);
	return taken;
}

void tty_wake_writers(struct tty *tty)
{
	wait_wake_all(&tty->writers);
}

/* Waits until output may go on; the lock is dropped meanwhile. */
static int wait_writable(struct tty *tty, const struct file *file)
{
	struct waiter waiter;
	int error;

	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&tty->writers, &waiter);
	mutex_unlock(&tty->lock);
	error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	mutex_lock(&tty->lock);
	return error;
}

/* Sends one chunk; the lock is held. */
static int write_chunk(struct tty *tty, const struct file *file, const uint8_t *bytes,
		       size_t length, size_t *written)
{
	size_t done = 0;

	while (done < length) {
		size_t taken = 0;
		int error;

		if (tty_is_cut(file))
			return -EIO;
		if (!tty->output_stopped)
			taken = tty_output(tty, bytes + done, length - done);
		done += taken;
		*written += taken;
		if (taken > 0)
			continue;
		error = wait_writable(tty, file);
		if (error)
			return error;
	}
	return 0;
}

ssize_t tty_write_file(struct file *file, struct io *io, uint64_t *offset)
{
	struct tty *tty = tty_of_file(file);
	size_t written = 0;
	int error = 0;

	(void)offset;
	if (tty_local(tty, LOCAL_STOP_OUTPUT))
		error = tty_check_background(tty, SIGTTOU);
	while (!error && io_remaining(io) > 0) {
		uint8_t chunk[WRITE_CHUNK];
		ssize_t length = io_take(io, chunk, sizeof(chunk));

		if (length < 0) {
			error = (int)length;
			break;
		}
		mutex_lock(&tty->lock);
		error = write_chunk(tty, file, chunk, (size_t)length, &written);
		mutex_unlock(&tty->lock);
	}
	return written ? (ssize_t)written : error;
}
