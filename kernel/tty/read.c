/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading by programs: lines in canonical mode, bytes with minimum and time else. */
#include "tty_priv.h"

#include <base/errno.h>
#include <proc/signal.h>
#include <scheme/file.h>
#include <time/clock.h>

#define READ_CHUNK   256
#define TENTH_SECOND (NS_PER_SECOND / 10)

bool tty_readable(const struct tty *tty)
{
	if (tty_local(tty, LOCAL_CANONICAL))
		return tty->lines > 0;
	return tty_cooked_used(tty) > 0 &&
	       (tty->termios.characters[CHARACTER_TIME] ||
		tty_cooked_used(tty) >= tty->termios.characters[CHARACTER_MINIMUM]);
}

/* Takes up to `limit` bytes, in canonical mode to the end of the line at most; *ended tells
 * that there was one. */
static size_t take(struct tty *tty, uint8_t *bytes, size_t limit, bool *ended)
{
	bool canonical = tty_local(tty, LOCAL_CANONICAL);
	size_t count = 0;

	*ended = false;
	while (count < limit && tty_cooked_used(tty) > 0 && !*ended) {
		uint16_t element = tty->cooked[tty->cooked_tail++ % TTY_BUFFER];

		if (element & COOKED_LINE_END) {
			tty->lines--;
			*ended = canonical;
		}
		if (!(element & COOKED_EOF))
			bytes[count++] = (uint8_t)element;
	}
	return count;
}

/* Whether the next element only marks an end: it goes with a read that just filled its buffer
 * at the end of a line. */
static void drop_bare_end(struct tty *tty)
{
	if (tty_cooked_used(tty) > 0 && (tty->cooked[tty->cooked_tail % TTY_BUFFER] & COOKED_EOF)) {
		tty->cooked_tail++;
		tty->lines--;
	}
}

/* Sleeps until more input comes; the lock is dropped meanwhile. */
static int wait_readable(struct tty *tty, const struct file *file, uint64_t deadline)
{
	struct waiter waiter;
	int error;

	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&tty->readers, &waiter);
	mutex_unlock(&tty->lock);
	error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	wait_end(&waiter);
	mutex_lock(&tty->lock);
	return error;
}

/* Canonical mode: waits for a line. 0, or an error; a hung up terminal has no more lines. */
static int wait_line(struct tty *tty, const struct file *file)
{
	while (tty_local(tty, LOCAL_CANONICAL) && tty->lines == 0 && !tty_is_cut(file)) {
		int error = wait_readable(tty, file, DEADLINE_NEVER);

		if (error)
			return error;
	}
	return 0;
}

/* Raw mode: waits for MIN bytes, or until TIME has passed: between bytes if MIN > 0, in all
 * if not. */
static int wait_bytes(struct tty *tty, const struct file *file, size_t wanted)
{
	uint64_t time = tty->termios.characters[CHARACTER_TIME] * TENTH_SECOND;
	size_t minimum = tty->termios.characters[CHARACTER_MINIMUM];
	uint64_t deadline = minimum == 0 ? clock_deadline_after(time) : DEADLINE_NEVER;
	size_t had = 0;

	if (minimum == 0 && time == 0)
		return 0;
	if (minimum > wanted)
		minimum = wanted;
	if (minimum == 0)
		minimum = 1;
	while (tty_cooked_used(tty) < minimum && !tty_is_cut(file)) {
		int error;

		/* Only another byte starts the time anew. */
		if (time && tty->termios.characters[CHARACTER_MINIMUM] &&
		    tty_cooked_used(tty) > had) {
			had = tty_cooked_used(tty);
			deadline = clock_deadline_after(time);
		}
		error = wait_readable(tty, file, deadline);
		if (error == -ETIMEDOUT || (error && tty_cooked_used(tty) > 0))
			return 0;
		if (error)
			return error;
	}
	return 0;
}

/* Copies what there is; the lock is held. */
static ssize_t copy_out(struct tty *tty, struct io *io)
{
	size_t done = 0;
	bool ended = false;

	while (io_remaining(io) > 0 && !ended && tty_cooked_used(tty) > 0) {
		uint8_t chunk[READ_CHUNK];
		size_t count = take(tty, chunk, min_size(sizeof(chunk), io_remaining(io)), &ended);
		ssize_t copied = io_put(io, chunk, count);

		if (copied < 0)
			return done ? (ssize_t)done : copied;
		done += (size_t)copied;
	}
	if (done > 0 && !ended && tty_local(tty, LOCAL_CANONICAL))
		drop_bare_end(tty);
	return (ssize_t)done;
}

ssize_t tty_read_file(struct file *file, struct io *io, uint64_t offset)
{
	struct tty *tty = tty_of_file(file);
	ssize_t result = tty_check_background(tty, SIGTTIN);

	(void)offset;
	if (result || io_remaining(io) == 0)
		return result;
	mutex_lock(&tty->lock);
	result = tty_local(tty, LOCAL_CANONICAL) ? wait_line(tty, file)
						 : wait_bytes(tty, file, io_remaining(io));
	/* What comes after the cut is for who opens it then. */
	if (!result && !tty_is_cut(file))
		result = copy_out(tty, io);
	mutex_unlock(&tty->lock);
	/* There may be room now for what the driver brought meanwhile. */
	work_queue(&tty->input_work);
	wait_wake_all(&tty->writers);
	return result;
}
