/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pseudo terminals. Opening /dev/ptmx makes a pair: the open file is the master, the slave is
 * a terminal /dev/pts/N. What is written to one is input of the other.
 */
#include "tty_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/format.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <scheme/poll.h>
#include <time/clock.h>

#define PTY_MAX     256
#define PTY_BUFFER  16384 /* a power of two */
#define PTY_CHUNK   256
#define SLAVE_MAJOR 136

struct pty {
	struct tty *slave; /* a reference */
	unsigned number;
	/* Who holds: the master's description, the slave terminal's private pointer until the
	 * master is closed. */
	struct mutex lock;  /* RANK_PIPE: the ring and the flags */
	struct ring output; /* from the slave */
	uint8_t *bytes;
	bool slave_closed; /* somebody had it open, and nobody has now */
	bool locked;       /* TIOCSPTLCK: the slave cannot be opened */
	struct wait_queue readers;
};

/* Which numbers are in use. */
static struct spinlock numbers_lock = SPINLOCK_INIT(RANK_LEAF, "pty numbers");
static uint64_t numbers[BITMAP_WORDS(PTY_MAX)];

static int allocate_number(void)
{
	size_t number;

	spin_lock(&numbers_lock);
	number = bitmap_find_clear(numbers, PTY_MAX, 0);
	if (number < PTY_MAX)
		bitmap_set(numbers, number);
	spin_unlock(&numbers_lock);
	return number < PTY_MAX ? (int)number : -ENOSPC;
}

static void free_number(unsigned number)
{
	spin_lock(&numbers_lock);
	bitmap_clear(numbers, number);
	spin_unlock(&numbers_lock);
}

/* The slave's output; its lock is held. */
static size_t slave_write(struct tty *tty, const void *bytes, size_t length)
{
	struct pty *pty = tty->private;
	size_t count;

	mutex_lock(&pty->lock);
	count = ring_put(&pty->output, bytes, length);
	mutex_unlock(&pty->lock);
	wait_wake_all(&pty->readers);
	return count;
}

static size_t slave_room(struct tty *tty)
{
	struct pty *pty = tty->private;
	size_t room;

	mutex_lock(&pty->lock);
	room = ring_free(&pty->output);
	mutex_unlock(&pty->lock);
	return room;
}

static int slave_opened(struct tty *tty)
{
	struct pty *pty = tty->private;
	bool locked;

	mutex_lock(&pty->lock);
	locked = pty->locked;
	if (!locked)
		pty->slave_closed = false;
	mutex_unlock(&pty->lock);
	return locked ? -EIO : 0;
}

static void slave_last_closed(struct tty *tty)
{
	struct pty *pty = tty->private;

	mutex_lock(&pty->lock);
	pty->slave_closed = true;
	mutex_unlock(&pty->lock);
	wait_wake_all(&pty->readers);
}

static const struct tty_driver slave_driver = {
	.write = slave_write,
	.room = slave_room,
	.opened = slave_opened,
	.closed = slave_last_closed,
	.ends_with_leader = true,
};

static struct pty *pty_create(void)
{
	struct pty *pty = kzalloc(sizeof(*pty));
	int number = allocate_number();
	char name[24];

	if (!pty || number < 0)
		goto err_free;
	pty->number = (unsigned)number;
	pty->locked = true;
	pty->bytes = kmalloc(PTY_BUFFER);
	if (!pty->bytes)
		goto err_number;
	ring_init(&pty->output, pty->bytes, PTY_BUFFER);
	mutex_init(&pty->lock, RANK_PIPE, "pty");
	wait_queue_init(&pty->readers, "pty readers");
	snprintf(name, sizeof(name), "pts/%u", pty->number);
	pty->slave = tty_allocate(name, &slave_driver, pty);
	if (!pty->slave)
		goto err_bytes;
	if (tty_register(pty->slave, SLAVE_MAJOR, pty->number, 0620))
		goto err_slave;
	return pty;

err_slave:
	tty_put(pty->slave);
err_bytes:
	kfree(pty->bytes);
err_number:
	free_number((unsigned)number);
	kfree(pty);
	return NULL;
err_free:
	if (number >= 0)
		free_number((unsigned)number);
	kfree(pty);
	return NULL;
}

static const struct node_ops master_ops;

static int master_open(struct node *node, struct file *file)
{
	struct pty *pty = pty_create();

	(void)node;
	if (!pty)
		return -ENOMEM;
	file->private = pty;
	file->ops = &master_ops;
	return 0;
}

/* The slave may stay open: it is hung up, and its driver is never called again. */
static void master_close(struct file *file)
{
	struct pty *pty = file->private;

	device_node_remove(&pty->slave->device);
	tty_hang_up(pty->slave);
	/* Whoever was inside the driver has left when the lock was ours. */
	mutex_lock(&pty->slave->lock);
	mutex_unlock(&pty->slave->lock);
	tty_put(pty->slave);
	free_number(pty->number);
	kfree(pty->bytes);
	kfree(pty);
}

static ssize_t master_read(struct file *file, struct io *io, uint64_t offset)
{
	struct pty *pty = file->private;
	ssize_t result = 0;

	(void)offset;
	mutex_lock(&pty->lock);
	while (ring_used(&pty->output) == 0) {
		struct waiter waiter;

		result = pty->slave_closed ? -EIO : (file->flags & FILE_NONBLOCK) ? -EAGAIN : 0;
		if (result)
			break;
		wait_begin(&pty->readers, &waiter);
		mutex_unlock(&pty->lock);
		result = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		wait_end(&waiter);
		mutex_lock(&pty->lock);
		if (result)
			break;
	}
	while (!result || (result > 0 && io_remaining(io) > 0)) {
		size_t span;
		const void *bytes = ring_read_span(&pty->output, &span);
		ssize_t count = span && io_remaining(io) ? io_put(io, bytes, span) : 0;

		if (count <= 0) {
			result = result ? result : count;
			break;
		}
		ring_skip(&pty->output, (size_t)count);
		result += count;
	}
	mutex_unlock(&pty->lock);
	tty_wake_writers(pty->slave);
	return result;
}

/* Waits for the slave's programs to read; the slave's lock is dropped meanwhile. */
static int wait_room(struct tty *slave, const struct file *file)
{
	struct waiter waiter;
	int error;

	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&slave->writers, &waiter);
	mutex_unlock(&slave->lock);
	error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	mutex_lock(&slave->lock);
	return error;
}

static ssize_t master_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct pty *pty = file->private;
	struct tty *slave = pty->slave;
	ssize_t written = 0;
	int error = 0;

	(void)offset;
	while (!error && io_remaining(io) > 0) {
		uint8_t chunk[PTY_CHUNK];
		ssize_t length = io_take(io, chunk, sizeof(chunk));

		if (length < 0)
			return written ? written : length;
		mutex_lock(&slave->lock);
		for (ssize_t i = 0; i < length && !error;) {
			if (tty_input_full(slave)) {
				error = wait_room(slave, file);
				continue;
			}
			tty_receive(slave, chunk[i++]);
			written++;
		}
		mutex_unlock(&slave->lock);
		wait_wake_all(&slave->readers);
	}
	return written ? written : error;
}

static unsigned master_poll(struct file *file, struct poller *poller)
{
	struct pty *pty = file->private;
	unsigned ready = 0;

	poller_add(poller, &pty->readers);
	poller_add(poller, &pty->slave->writers);
	mutex_lock(&pty->slave->lock);
	if (!tty_input_full(pty->slave))
		ready |= POLL_OUT | POLL_WRITE_NORMAL;
	mutex_unlock(&pty->slave->lock);
	mutex_lock(&pty->lock);
	if (ring_used(&pty->output) > 0)
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (pty->slave_closed)
		ready |= POLL_HANGUP;
	mutex_unlock(&pty->lock);
	return ready;
}

static long master_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct pty *pty = file->private;
	struct tty_file opened = { .tty = pty->slave, .is_master = true };
	struct file as_slave = { .private = &opened };
	uint32_t value;
	int error;

	switch (request) {
	case TERMINAL_PTY_NUMBER:
		return write_user_u32(argument, pty->number);
	case TERMINAL_PTY_LOCK:
		error = read_user_u32(argument, &value);
		if (error)
			return error;
		mutex_lock(&pty->lock);
		pty->locked = value;
		mutex_unlock(&pty->lock);
		return 0;
	case TERMINAL_GET_GROUP:
		return write_user_u32(argument, pty->slave->foreground);
	case TERMINAL_GET_SESSION:
		value = pty->slave->session;
		return value ? write_user_u32(argument, value) : -ENOTTY;
	default:
		return tty_control_file(&as_slave, request, argument);
	}
}

static const struct node_ops ptmx_ops = { .open = master_open };

static const struct node_ops master_ops = {
	.close = master_close,
	.read = master_read,
	.write = master_write,
	.poll = master_poll,
	.control = master_control,
};

static const struct device_node ptmx_device = {
	.name = "ptmx",
	.type = MODE_CHARACTER,
	.major = 5,
	.minor = 2,
	.permissions = 0666,
	.ops = &ptmx_ops,
	.node_flags = NODE_STREAM,
};

void tty_pty_init(void)
{
	if (device_node_add(&ptmx_device))
		log_error("tty", "/dev/ptmx cannot be made");
}
