/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminals: life cycle, opening and closing, readiness; /dev/tty and /dev/console. */
#include "tty_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/terminal.h>
#include <scheme/poll.h>

static const struct linux_termios initial_termios = {
	.input = INPUT_CR_TO_NL | INPUT_FLOW | INPUT_UTF8,
	.output = OUTPUT_PROCESS | OUTPUT_NL_TO_CRNL,
	.control = CONTROL_38400 | CONTROL_8_BITS | CONTROL_READ | CONTROL_HANG_UP,
	.local = LOCAL_SIGNALS | LOCAL_CANONICAL | LOCAL_ECHO | LOCAL_ECHO_ERASE | LOCAL_ECHO_KILL |
		 LOCAL_ECHO_CONTROL | LOCAL_ECHO_KILL_ERASE | LOCAL_EXTENDED,
	.characters = { [CHARACTER_INTERRUPT] = 3,
			[CHARACTER_QUIT] = 28,
			[CHARACTER_ERASE] = 127,
			[CHARACTER_KILL] = 21,
			[CHARACTER_EOF] = 4,
			[CHARACTER_MINIMUM] = 1,
			[CHARACTER_START] = 17,
			[CHARACTER_STOP] = 19,
			[CHARACTER_SUSPEND] = 26,
			[CHARACTER_REPRINT] = 18,
			[CHARACTER_DISCARD] = 15,
			[CHARACTER_WORD_ERASE] = 23,
			[CHARACTER_LITERAL] = 22 },
};

/* The terminal that /dev/console means; set once at boot. */
static struct tty *console;

void tty_get(struct tty *tty)
{
	refcount_get(&tty->references);
}

void tty_put(struct tty *tty)
{
	if (!refcount_put(&tty->references))
		return;
	work_flush(&tty->input_work);
	kfree(tty);
}

void *tty_private(const struct tty *tty)
{
	return tty->private;
}

struct tty *tty_allocate(const char *name, const struct tty_driver *driver, void *private)
{
	struct tty *tty = kzalloc(sizeof(*tty));

	if (!tty)
		return NULL;
	string_copy(tty->name, name, sizeof(tty->name));
	tty->driver = driver;
	tty->private = private;
	tty->termios = initial_termios;
	tty->size = (struct tty_size){ .rows = 24, .columns = 80 };
	refcount_init(&tty->references, 1);
	spinlock_init(&tty->raw_lock, RANK_DRIVER, "tty raw input");
	ring_init(&tty->raw, tty->raw_bytes, sizeof(tty->raw_bytes));
	work_init(&tty->input_work, tty_run_input);
	mutex_init(&tty->lock, RANK_TTY, "tty");
	wait_queue_init(&tty->readers, "tty readers");
	wait_queue_init(&tty->writers, "tty writers");
	return tty;
}

int tty_register(struct tty *tty, unsigned major, unsigned minor, uint32_t permissions)
{
	tty->device = (struct device_node){
		.name = tty->name,
		.type = MODE_CHARACTER,
		.major = major,
		.minor = minor,
		.permissions = permissions,
		.ops = &tty_node_ops,
		.private = tty,
		.node_flags = NODE_STREAM,
	};
	return device_node_add(&tty->device);
}

struct tty *tty_create(const char *name, unsigned major, unsigned minor,
		       const struct tty_driver *driver, void *private)
{
	struct tty *tty = tty_allocate(name, driver, private);

	if (!tty)
		return NULL;
	if (tty_register(tty, major, minor, 0620)) {
		tty_put(tty);
		return NULL;
	}
	return tty;
}

void tty_set_console(struct tty *tty)
{
	tty_get(tty);
	if (console)
		tty_put(console);
	console = tty;
}

struct tty *tty_of_file(const struct file *file)
{
	const struct tty_file *opened = file->private;

	return opened->tty;
}

bool tty_is_cut(const struct file *file)
{
	const struct tty_file *opened = file->private;

	return opened->tty->hung_up || (!opened->is_master && opened->cuts != opened->tty->cuts);
}

/* A session leader without a terminal gets the one it opens. */
static void maybe_take(struct tty *tty, const struct file *file)
{
	struct tty *own;

	if ((file->flags & FILE_NO_TTY) || tty->session)
		return;
	own = process_terminal(process_current());
	if (own)
		tty_put(own);
	else if (tty_take(tty, false))
		log_debug("tty", "%s stays without a session", tty->name);
}

int tty_open_file(struct tty *tty, struct tty_file **made)
{
	struct tty_file *opened = kzalloc(sizeof(*opened));
	int error = 0;

	if (!opened)
		return -ENOMEM;
	mutex_lock(&tty->lock);
	if (tty->hung_up)
		error = -EIO;
	else if (tty->driver->opened)
		error = tty->driver->opened(tty);
	tty->open_count += !error;
	opened->cuts = tty->cuts;
	mutex_unlock(&tty->lock);
	if (error) {
		kfree(opened);
		return error;
	}
	tty_get(tty);
	opened->tty = tty;
	*made = opened;
	return 0;
}

static int open_tty(struct tty *tty, struct file *file)
{
	struct tty_file *opened;
	int error = tty_open_file(tty, &opened);

	if (error)
		return error;
	file->private = opened;
	file->ops = &tty_node_ops;
	return 0;
}

static int tty_open(struct node *node, struct file *file)
{
	struct tty *tty = node->private;
	int error = open_tty(tty, file);

	if (!error)
		maybe_take(tty, file);
	return error;
}

void tty_close_file(struct tty_file *opened)
{
	struct tty *tty = opened->tty;

	mutex_lock(&tty->lock);
	/* Those that were cut off do not count any more. */
	if (opened->cuts == tty->cuts && --tty->open_count == 0 && !tty->hung_up &&
	    tty->driver->closed)
		tty->driver->closed(tty);
	mutex_unlock(&tty->lock);
	tty_put(tty);
	kfree(opened);
}

void tty_close(struct file *file)
{
	tty_close_file(file->private);
}

unsigned tty_poll(struct file *file, struct poller *poller)
{
	struct tty *tty = tty_of_file(file);
	unsigned ready = 0;

	poller_add(poller, &tty->readers);
	poller_add(poller, &tty->writers);
	mutex_lock(&tty->lock);
	if (tty_is_cut(file))
		ready = POLL_HANGUP | POLL_ERROR | POLL_IN | POLL_READ_NORMAL | POLL_OUT |
			POLL_WRITE_NORMAL;
	else if (tty_readable(tty))
		ready = POLL_IN | POLL_READ_NORMAL;
	if (!tty_is_cut(file) && !tty->output_stopped && tty_room(tty) > 0)
		ready |= POLL_OUT | POLL_WRITE_NORMAL;
	mutex_unlock(&tty->lock);
	return ready;
}

const struct node_ops tty_node_ops = {
	.open = tty_open,
	.close = tty_close,
	.read = tty_read_file,
	.write = tty_write_file,
	.poll = tty_poll,
	.control = tty_control_file,
};

void tty_cut_off(struct tty *tty)
{
	mutex_lock(&tty->lock);
	if (!tty->hung_up && tty->open_count) {
		tty->cuts++;
		tty->open_count = 0;
		tty_flush_input(tty);
		if (tty->driver->closed)
			tty->driver->closed(tty);
	}
	mutex_unlock(&tty->lock);
	wait_wake_all(&tty->readers);
	wait_wake_all(&tty->writers);
}

void tty_hang_up(struct tty *tty)
{
	struct signal_info hang_up = { .signal = SIGHUP, .code = SIGNAL_KERNEL };
	struct signal_info go_on = { .signal = SIGCONT, .code = SIGNAL_KERNEL };
	uint32_t session, foreground;

	mutex_lock(&tty->lock);
	tty->hung_up = true;
	session = tty->session;
	foreground = tty->foreground;
	tty->session = 0;
	tty->foreground = 0;
	tty_flush_input(tty);
	mutex_unlock(&tty->lock);
	wait_wake_all(&tty->readers);
	wait_wake_all(&tty->writers);
	if (!session)
		return;
	/* The leader is told, whose shell may tell its jobs, and the one that has the terminal. */
	session_clear_terminal(session);
	tty_signal_leader(session, SIGHUP);
	tty_signal_leader(session, SIGCONT);
	if (foreground == 0 || foreground == session)
		return;
	(void)signal_send_group(foreground, &hang_up);
	(void)signal_send_group(foreground, &go_on);
}

void tty_set_size(struct tty *tty, const struct tty_size *size)
{
	bool changed;

	mutex_lock(&tty->lock);
	changed = memcmp(&tty->size, size, sizeof(*size)) != 0;
	tty->size = *size;
	mutex_unlock(&tty->lock);
	if (changed)
		tty_signal_foreground(tty, SIGWINCH);
}

static int open_own(struct node *node, struct file *file)
{
	struct tty *tty = process_terminal(process_current());
	int error;

	(void)node;
	if (!tty)
		return -ENXIO;
	error = open_tty(tty, file);
	tty_put(tty);
	return error;
}

struct tty *tty_console(void)
{
	return console;
}

static int open_console(struct node *node, struct file *file)
{
	(void)node;
	return console ? open_tty(console, file) : -ENODEV;
}

static const struct node_ops own_ops = { .open = open_own };
static const struct node_ops console_ops = { .open = open_console };

static const struct device_node own_device = {
	.name = "tty",
	.type = MODE_CHARACTER,
	.major = 5,
	.minor = 0,
	.permissions = 0666,
	.ops = &own_ops,
	.node_flags = NODE_STREAM,
};

static const struct device_node console_device = {
	.name = "console",
	.type = MODE_CHARACTER,
	.major = 5,
	.minor = 1,
	.permissions = 0600,
	.ops = &console_ops,
	.node_flags = NODE_STREAM,
};

void tty_init(void)
{
	tty_job_init();
	if (device_node_add(&own_device) || device_node_add(&console_device))
		log_error("tty", "/dev/tty or /dev/console cannot be made");
	tty_pty_init();
}
