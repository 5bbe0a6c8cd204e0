/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control queues: which ports there are, what they are called, which are open. */
#include "virtio_console.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>
#include <ddk/timer.h>

#define SEND_TIMEOUT  (2 * DDK_SECOND)
#define COMPLAINT_MAX 8
#define MESSAGE_MAX   (8 * CONSOLE_PORT_MAX) /* at a time */

#define OUT_OFFSET ((size_t)CONTROL_BUFFER_COUNT * CONTROL_BUFFER_SIZE)

/* Tokens of requests are their buffers. */
static int post(struct console *console, void *buffer)
{
	size_t offset = (size_t)((char *)buffer - (char *)console->control_memory.memory);
	struct virtqueue_segment segment = {
		.address = console->control_memory.device_address + offset,
		.length = CONTROL_BUFFER_SIZE,
	};

	return virtqueue_add(&console->control_in.ring, &segment, 0, 1, buffer);
}

static int post_all(struct console *console)
{
	int error = 0;

	for (size_t i = 0; !error && i < console->control_in.ring.size; i++)
		error = post(console,
			     (char *)console->control_memory.memory + i * CONTROL_BUFFER_SIZE);
	return error;
}

int control_start(struct console *console)
{
	int error = ddk_dma_allocate(console->device, OUT_OFFSET + CONTROL_BUFFER_SIZE, 0,
				     &console->control_memory);

	return error ? error : post_all(console);
}

void control_sleep(struct console *console)
{
	ddk_mutex_acquire(&console->control_mutex);
	console->asleep = true;
	ddk_mutex_release(&console->control_mutex);
}

int control_wake(struct console *console)
{
	int error = 0;

	ddk_mutex_acquire(&console->control_mutex);
	ddk_lock_acquire(&console->control_lock);
	if (console->multiport)
		error = virtio_queue_restart(&console->control_in);
	if (!error && console->multiport)
		error = virtio_queue_restart(&console->control_out);
	if (!error && console->multiport)
		error = post_all(console);
	console->control_failed = error != 0;
	console->asleep = false;
	ddk_lock_release(&console->control_lock);
	ddk_mutex_release(&console->control_mutex);
	return error;
}

int control_send(struct console *console, unsigned port, enum control_event event, unsigned value)
{
	struct control_message message = {
		.port = port,
		.event = (uint16_t)event,
		.value = (uint16_t)value,
	};
	char *buffer = (char *)console->control_memory.memory + OUT_OFFSET;
	struct virtqueue_segment segment = {
		.address = console->control_memory.device_address + OUT_OFFSET,
		.length = sizeof(message),
	};
	int error = -EIO;

	ddk_mutex_acquire(&console->control_mutex);
	if (console->asleep) {
		ddk_mutex_release(&console->control_mutex);
		return 0;
	}
	if (!console->control_failed) {
		memcpy(buffer, &message, sizeof(message));
		ddk_event_clear(&console->control_sent);
		ddk_lock_acquire(&console->control_lock);
		error = virtqueue_add(&console->control_out.ring, &segment, 1, 0, buffer);
		virtio_queue_notify(&console->control_out);
		ddk_lock_release(&console->control_lock);
	}
	if (!error)
		error = ddk_event_wait(&console->control_sent, SEND_TIMEOUT);
	if (error && !console->control_failed) {
		console->control_failed = true;
		ddk_error(console->device, "takes no control messages");
	}
	ddk_mutex_release(&console->control_mutex);
	return error;
}

static void handle_message(struct console *console, const struct control_message *message,
			   const char *text, size_t length)
{
	struct port *port;

	if (message->port >= console->port_count) {
		if (console->complaints++ < COMPLAINT_MAX)
			ddk_warning(console->device, "there can be no port %u", message->port);
		return;
	}
	port = &console->ports[message->port];
	switch (message->event) {
	case CONTROL_PORT_ADD:
		port_add(port);
		break;
	case CONTROL_PORT_REMOVE:
		port_remove(port);
		break;
	case CONTROL_PORT_OPEN:
		port_set_connected(port, message->value != 0);
		break;
	case CONTROL_PORT_NAME:
		port_set_name(port, text, length);
		break;
	default:
		/* Consoles are ports like the others here, so their size does not matter. */
		break;
	}
}

/* Copies the next message out of shared memory: false if there is none. */
static bool next_message(struct console *console, char *copy, size_t *length)
{
	uint32_t written = 0;
	void *buffer;

	ddk_lock_acquire(&console->control_lock);
	buffer = virtqueue_take(&console->control_in.ring, &written);
	if (buffer) {
		memcpy(copy, buffer, written);
		if (!post(console, buffer))
			virtio_queue_notify(&console->control_in);
	}
	ddk_lock_release(&console->control_lock);
	*length = written;
	return buffer != NULL;
}

void control_receive(struct console *console)
{
	char copy[CONTROL_BUFFER_SIZE];
	struct control_message message;
	size_t length;

	/* A device that sends faster than we can listen does not keep us for ever. */
	for (unsigned i = 0; i < MESSAGE_MAX && next_message(console, copy, &length); i++) {
		if (length < sizeof(message))
			continue;
		memcpy(&message, copy, sizeof(message));
		handle_message(console, &message, copy + sizeof(message), length - sizeof(message));
	}
	for (unsigned i = 0; i < console->port_count; i++)
		port_register(&console->ports[i]);
	control_interrupt(console);
}

void control_interrupt(struct console *console)
{
	bool received, sent;
	uint32_t written;

	ddk_lock_acquire(&console->control_lock);
	sent = virtqueue_take(&console->control_out.ring, &written) != NULL;
	received = virtqueue_has_used(&console->control_in.ring);
	ddk_lock_release(&console->control_lock);
	if (sent)
		ddk_event_signal(&console->control_sent);
	if (received && console->started)
		ddk_work_queue(&console->control_work);
}
