/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /dev/input/mice, root's: all pointers as one PS/2 mouse, for programs that know nothing else. A program
 * that asks for a wheel, as it would ask a mouse, gets it.
 */
#include "input_priv.h"
#include "serio.h"

#include <base/errno.h>
#include <base/ring.h>
#include <base/string.h>
#include <ddk/keys.h>
#include <linux/input.h>
#include <mm/phys/slab.h>
#include <scheme/device.h>
#include <scheme/poll.h>
#include <sync/spinlock.h>

#define BUFFER_BYTES 512
#define READ_CHUNK   64

/* What mice answer, and are asked. */
#define MOUSE_ACKNOWLEDGE 0xfa
#define MOUSE_RATE        0xf3
#define MOUSE_IDENTIFY    0xf2
#define MOUSE_RESET       0xff
#define MOUSE_PASSED      0xaa
#define IDENTITY_WHEEL    3
/* Places are told as movements on a screen of this size. */
#define SCREEN_WIDTH  1024
#define SCREEN_HEIGHT 768

struct mice_reader {
	struct wait_queue wait; /* and below: readers_lock */
	struct list_node node;
	struct ring ring;
	struct serio_mouse mouse;
	bool has_wheel;
	uint8_t rates[3]; /* the last ones that were set */
	bool rate_follows;
	bool has_place;
	int x, y; /* the place that was told last */
	uint8_t bytes[BUFFER_BYTES];
};

static struct spinlock readers_lock = SPINLOCK_INIT(RANK_INPUT, "mice"); /* and all readers */
static struct list readers = LIST_INIT(readers);

/* A place as a movement from the one before. */
static void follow_place(struct mice_reader *reader, struct input_event *event)
{
	int x = event->value * SCREEN_WIDTH / (INPUT_PLACE_MAX + 1);
	int y = event->value2 * SCREEN_HEIGHT / (INPUT_PLACE_MAX + 1);

	event->kind = INPUT_MOVE;
	event->value = reader->has_place ? x - reader->x : 0;
	event->value2 = reader->has_place ? y - reader->y : 0;
	reader->has_place = true;
	reader->x = x;
	reader->y = y;
}

static size_t encode(struct mice_reader *reader, const struct input_event *event, uint8_t *bytes)
{
	struct input_event change = *event;
	enum serio_port port;
	size_t length;

	if (change.kind == INPUT_PLACE)
		follow_place(reader, &change);
	if (change.kind == INPUT_WHEEL) {
		if (!reader->has_wheel)
			return 0;
		change = (struct input_event){ .kind = INPUT_MOVE };
	}
	length = serio_encode(&reader->mouse, &change, bytes, &port);
	return port == SERIO_MOUSE ? length : 0;
}

/* Packets whole or not at all; with a wheel they have a fourth byte. readers_lock is held. */
static void put_packets(struct mice_reader *reader, const uint8_t *bytes, size_t length, int wheel)
{
	uint8_t last = (uint8_t)-wheel;

	for (size_t i = 0; i + 3 <= length; i += 3) {
		if (ring_free(&reader->ring) < 4)
			return;
		ring_put(&reader->ring, bytes + i, 3);
		if (reader->has_wheel)
			ring_put(&reader->ring, &last, 1);
		last = 0;
	}
}

void mice_take(const struct input_event *event)
{
	uint8_t bytes[SERIO_BYTES_MAX];
	struct list_node *node;
	irq_state_t state;

	if (event->kind == INPUT_LAYOUT || (event->kind == INPUT_KEY && event->code < BUTTON_LEFT))
		return;
	state = spin_lock_irqsave(&readers_lock);
	list_for_each (node, &readers) {
		struct mice_reader *reader = container_of(node, struct mice_reader, node);
		size_t length = encode(reader, event, bytes);

		put_packets(reader, bytes, length, event->kind == INPUT_WHEEL ? event->value : 0);
		if (length)
			wait_wake_all(&reader->wait);
	}
	spin_unlock_irqrestore(&readers_lock, state);
}

/* --- Open files. --- */

static int mice_open(struct node *node, struct file *file)
{
	struct mice_reader *reader = kzalloc(sizeof(*reader));
	irq_state_t state;

	(void)node;
	if (!reader)
		return -ENOMEM;
	wait_queue_init(&reader->wait, "mice");
	ring_init(&reader->ring, reader->bytes, BUFFER_BYTES);
	state = spin_lock_irqsave(&readers_lock);
	list_push_back(&readers, &reader->node);
	spin_unlock_irqrestore(&readers_lock, state);
	file->private = reader;
	return 0;
}

static void mice_close(struct file *file)
{
	struct mice_reader *reader = file->private;
	irq_state_t state = spin_lock_irqsave(&readers_lock);

	list_remove(&reader->node);
	spin_unlock_irqrestore(&readers_lock, state);
	kfree(reader);
}

static size_t take_bytes(struct mice_reader *reader, uint8_t *bytes, size_t length)
{
	irq_state_t state = spin_lock_irqsave(&readers_lock);
	size_t count = ring_take(&reader->ring, bytes, length);

	spin_unlock_irqrestore(&readers_lock, state);
	return count;
}

static ssize_t mice_read(struct file *file, struct io *io, uint64_t offset)
{
	struct mice_reader *reader = file->private;
	size_t wanted = min_size(io_remaining(io), READ_CHUNK), count;
	uint8_t bytes[READ_CHUNK];
	struct waiter waiter;
	int error = 0;

	(void)offset;
	if (wanted == 0)
		return 0;
	count = take_bytes(reader, bytes, wanted);
	if (!count && (file->flags & FILE_NONBLOCK))
		return -EAGAIN;
	if (!count) {
		wait_begin(&reader->wait, &waiter);
		while (!error && !(count = take_bytes(reader, bytes, wanted)))
			error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		wait_end(&waiter);
	}
	return error ? error : io_put(io, bytes, count);
}

/* Answers a byte as a mouse would. readers_lock is held. */
static void answer(struct mice_reader *reader, uint8_t byte)
{
	static const uint8_t knock[] = { 200, 100, 80 };
	uint8_t reply[3] = { MOUSE_ACKNOWLEDGE };
	size_t length = 1;

	if (reader->rate_follows) {
		reader->rates[0] = reader->rates[1];
		reader->rates[1] = reader->rates[2];
		reader->rates[2] = byte;
		reader->rate_follows = false;
		if (memcmp(reader->rates, knock, sizeof(knock)) == 0)
			reader->has_wheel = true;
	} else if (byte == MOUSE_RATE) {
		reader->rate_follows = true;
	} else if (byte == MOUSE_IDENTIFY) {
		reply[length++] = reader->has_wheel ? IDENTITY_WHEEL : 0;
	} else if (byte == MOUSE_RESET) {
		reader->has_wheel = false;
		reply[length++] = MOUSE_PASSED;
		reply[length++] = 0;
	}
	/* What came before the question is not the answer. */
	ring_skip(&reader->ring, ring_used(&reader->ring));
	ring_put(&reader->ring, reply, length);
}

static ssize_t mice_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct mice_reader *reader = file->private;
	ssize_t done = 0;

	(void)offset;
	while (io_remaining(io) && done < READ_CHUNK) {
		irq_state_t state;
		uint8_t byte;

		if (io_take(io, &byte, 1) != 1)
			return done ? done : -EFAULT;
		state = spin_lock_irqsave(&readers_lock);
		answer(reader, byte);
		spin_unlock_irqrestore(&readers_lock, state);
		done++;
	}
	wait_wake_all(&reader->wait);
	return done;
}

static unsigned mice_poll(struct file *file, struct poller *poller)
{
	struct mice_reader *reader = file->private;
	unsigned ready = POLL_OUT | POLL_WRITE_NORMAL;
	irq_state_t state;

	poller_add(poller, &reader->wait);
	state = spin_lock_irqsave(&readers_lock);
	if (ring_used(&reader->ring))
		ready |= POLL_IN | POLL_READ_NORMAL;
	spin_unlock_irqrestore(&readers_lock, state);
	return ready;
}

static const struct node_ops mice_ops = {
	.open = mice_open,
	.close = mice_close,
	.read = mice_read,
	.write = mice_write,
	.poll = mice_poll,
};

int mice_start(void)
{
	static const struct device_node device = {
		.name = "input/mice",
		.type = MODE_CHARACTER,
		.major = EVDEV_MAJOR,
		.minor = EVDEV_MINOR_MICE,
		.permissions = 0600,
		.ops = &mice_ops,
		.node_flags = NODE_STREAM,
	};

	return device_node_add(&device);
}
