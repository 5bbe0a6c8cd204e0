/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `serio:`, root's: `serio:0` is the keyboard and `serio:1` the mouse, as bytes. All open
 * files of one share what comes while there are any; the console gets it as well.
 */
#include "serio.h"

#include <base/errno.h>
#include <base/ring.h>
#include <base/string.h>
#include <scheme/credentials.h>
#include <scheme/poll.h>
#include <scheme/scheme_file.h>

#include <stdatomic.h>

#define BUFFER_BYTES 1024
#define READ_CHUNK   64

struct port {
	_Atomic unsigned users; /* open files */
	struct wait_queue readers;
	struct spinlock lock; /* RANK_INPUT: all below */
	struct ring ring;
	uint8_t bytes[BUFFER_BYTES];
};

static struct port ports[SERIO_PORTS];
static struct spinlock mouse_lock = SPINLOCK_INIT(RANK_INPUT, "serio mouse");
static struct serio_mouse mouse; /* mouse_lock */

/* Whole codes and packets, or nothing: a reader must not lose its step. */
static void put_bytes(struct port *port, const uint8_t *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&port->lock);

	if (ring_free(&port->ring) >= length)
		ring_put(&port->ring, bytes, length);
	spin_unlock_irqrestore(&port->lock, state);
	wait_wake_all(&port->readers);
}

void serio_take(const struct input_event *event)
{
	uint8_t bytes[SERIO_BYTES_MAX];
	enum serio_port number;
	irq_state_t state;
	size_t length;

	if (!ports[SERIO_KEYBOARD].users && !ports[SERIO_MOUSE].users)
		return;
	state = spin_lock_irqsave(&mouse_lock);
	length = serio_encode(&mouse, event, bytes, &number);
	spin_unlock_irqrestore(&mouse_lock, state);
	if (length && ports[number].users)
		put_bytes(&ports[number], bytes, length);
}

static size_t take_bytes(struct port *port, uint8_t *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&port->lock);
	size_t count = ring_take(&port->ring, bytes, length);

	spin_unlock_irqrestore(&port->lock, state);
	return count;
}

static ssize_t serio_read(struct file *file, struct io *io, uint64_t offset)
{
	struct port *port = file->private;
	size_t wanted = min_size(io_remaining(io), READ_CHUNK), count;
	uint8_t bytes[READ_CHUNK];
	struct waiter waiter;
	int error = 0;

	(void)offset;
	if (wanted == 0)
		return 0;
	count = take_bytes(port, bytes, wanted);
	if (!count && (file->flags & FILE_NONBLOCK))
		return -EAGAIN;
	if (!count) {
		wait_begin(&port->readers, &waiter);
		while (!error && !(count = take_bytes(port, bytes, wanted)))
			error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		wait_end(&waiter);
	}
	return error ? error : io_put(io, bytes, count);
}

static unsigned serio_poll(struct file *file, struct poller *poller)
{
	struct port *port = file->private;
	irq_state_t state;
	size_t used;

	poller_add_event(poller, &port->readers, POLL_IN);
	state = spin_lock_irqsave(&port->lock);
	used = ring_used(&port->ring);
	spin_unlock_irqrestore(&port->lock, state);
	return used ? POLL_IN | POLL_READ_NORMAL : 0;
}

/* What nobody read is not for who opens it next. */
static void leave(struct port *port)
{
	irq_state_t state = spin_lock_irqsave(&port->lock);

	if (--port->users == 0)
		ring_skip(&port->ring, ring_used(&port->ring));
	spin_unlock_irqrestore(&port->lock, state);
}

static void serio_close(struct file *file)
{
	leave(file->private);
}

static const struct node_ops serio_ops = {
	.close = serio_close,
	.read = serio_read,
	.poll = serio_poll,
	.name = scheme_file_name,
};

static int serio_open(struct scheme *scheme, const struct scheme_request *request,
		      struct file **file)
{
	struct port *port;
	int error;

	if (!credentials_privileged(request->credentials))
		return -EPERM;
	if (strcmp(request->path, "0") == 0)
		port = &ports[SERIO_KEYBOARD];
	else if (strcmp(request->path, "1") == 0)
		port = &ports[SERIO_MOUSE];
	else
		return -ENOENT;
	error = scheme_file_create(scheme, request, &serio_ops, MODE_CHARACTER | 0600, port, file);
	if (!error)
		port->users++;
	return error;
}

static int serio_start(void)
{
	static const struct scheme_ops ops = { .open = serio_open };

	for (size_t i = 0; i < SERIO_PORTS; i++) {
		spinlock_init(&ports[i].lock, RANK_INPUT, "serio");
		wait_queue_init(&ports[i].readers, "serio readers");
		ring_init(&ports[i].ring, ports[i].bytes, BUFFER_BYTES);
	}
	return scheme_start_opaque("serio", &ops, 0);
}

SCHEME(serio) = { .name = "serio", .level = 20, .start = serio_start };
