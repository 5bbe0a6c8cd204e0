/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of terminals: Linux's ioctl requests. */
#include "tty_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/user.h>
#include <proc/process.h>
#include <proc/terminal.h>

enum flush_queue {
	FLUSH_INPUT,
	FLUSH_OUTPUT,
	FLUSH_BOTH,
};

enum flow_action {
	FLOW_STOP,
	FLOW_START,
	FLOW_SEND_STOP,
	FLOW_SEND_START,
};

static long put_bytes(uintptr_t to, const void *from, size_t size)
{
	return copy_to_user(user_out(to, size), from);
}

static long get_termios(struct tty *tty, uintptr_t to)
{
	struct linux_termios termios;

	mutex_lock(&tty->lock);
	termios = tty->termios;
	mutex_unlock(&tty->lock);
	return put_bytes(to, &termios, sizeof(termios));
}

static long set_termios(struct tty *tty, uintptr_t from, bool flush)
{
	struct linux_termios termios;
	int error = copy_from_user(&termios, user_in(from, sizeof(termios)));
	bool mode_changed;

	if (!error)
		error = tty_check_background(tty, SIGTTOU);
	if (error)
		return error;
	mutex_lock(&tty->lock);
	if (flush)
		tty_flush_input(tty);
	mode_changed = (tty->termios.local ^ termios.local) & LOCAL_CANONICAL;
	tty->termios = termios;
	if (mode_changed)
		tty_release_line(tty);
	if (!(termios.input & INPUT_FLOW))
		tty->output_stopped = false;
	mutex_unlock(&tty->lock);
	if (tty->driver->changed)
		tty->driver->changed(tty);
	wait_wake_all(&tty->readers);
	wait_wake_all(&tty->writers);
	return 0;
}

static long get_size(struct tty *tty, uintptr_t to)
{
	struct tty_size size;

	_Static_assert(sizeof(size) == sizeof(struct linux_window_size), "the same layout");
	mutex_lock(&tty->lock);
	size = tty->size;
	mutex_unlock(&tty->lock);
	return put_bytes(to, &size, sizeof(size));
}

static long set_size(struct tty *tty, uintptr_t from)
{
	struct tty_size size;
	int error = copy_from_user(&size, user_in(from, sizeof(size)));

	if (!error)
		tty_set_size(tty, &size);
	return error;
}

static long flush(struct tty *tty, uintptr_t queue)
{
	if (queue > FLUSH_BOTH)
		return -EINVAL;
	/* Output is handed to the driver at once: there is none to flush. */
	if (queue != FLUSH_OUTPUT) {
		mutex_lock(&tty->lock);
		tty_flush_input(tty);
		mutex_unlock(&tty->lock);
		wait_wake_all(&tty->writers);
	}
	return 0;
}

static long set_flow(struct tty *tty, uintptr_t action)
{
	if (action > FLOW_SEND_START)
		return -EINVAL;
	if (action <= FLOW_START) {
		mutex_lock(&tty->lock);
		tty->output_stopped = action == FLOW_STOP;
		mutex_unlock(&tty->lock);
		wait_wake_all(&tty->writers);
	}
	return 0;
}

static long count_input(struct tty *tty, uintptr_t to)
{
	size_t count;

	mutex_lock(&tty->lock);
	count = tty_local(tty, LOCAL_CANONICAL) && tty->lines == 0 ? 0 : tty_cooked_used(tty);
	mutex_unlock(&tty->lock);
	return write_user_u32(to, (uint32_t)count);
}

/* Group and session are only told to members of the session. */
static long get_id(struct tty *tty, uint32_t id, uintptr_t to)
{
	struct tty *own = process_terminal(process_current());
	bool is_own = own == tty;

	if (own)
		tty_put(own);
	return is_own ? write_user_u32(to, id) : -ENOTTY;
}

static long control_job(struct tty *tty, unsigned request, uintptr_t argument)
{
	uint32_t group;
	int error;

	switch (request) {
	case TERMINAL_TAKE:
		return tty_take(tty, argument == 1);
	case TERMINAL_LEAVE:
		return process_leave_terminal();
	case TERMINAL_GET_GROUP:
		return get_id(tty, tty->foreground, argument);
	case TERMINAL_GET_SESSION:
		return get_id(tty, tty->session, argument);
	case TERMINAL_SET_GROUP:
		error = read_user_u32(argument, &group);
		return error ? error : tty_set_foreground(tty, group);
	default:
		return -ENOTTY;
	}
}

static bool is_cut(const struct file *file)
{
	struct tty *tty = tty_of_file(file);
	bool cut;

	mutex_lock(&tty->lock);
	cut = tty_is_cut(file);
	mutex_unlock(&tty->lock);
	return cut;
}

long tty_control_file(struct file *file, unsigned request, uintptr_t argument)
{
	struct tty *tty = tty_of_file(file);

	if (is_cut(file))
		return request == TERMINAL_SET_GROUP ? -ENOTTY : -EIO;
	switch (request) {
	case TERMINAL_GET:
		return get_termios(tty, argument);
	case TERMINAL_SET:
	case TERMINAL_SET_WAIT:
	case TERMINAL_SET_FLUSH:
		return set_termios(tty, argument, request == TERMINAL_SET_FLUSH);
	case TERMINAL_GET_SIZE:
		return get_size(tty, argument);
	case TERMINAL_SET_SIZE:
		return set_size(tty, argument);
	case TERMINAL_FLUSH:
		return flush(tty, argument);
	case TERMINAL_FLOW:
		return set_flow(tty, argument);
	case TERMINAL_BREAK:
		return 0;
	case TERMINAL_INPUT_QUEUED:
		return count_input(tty, argument);
	case TERMINAL_OUTPUT_QUEUED:
		return write_user_u32(argument, 0);
	default:
		return control_job(tty, request, argument);
	}
}
