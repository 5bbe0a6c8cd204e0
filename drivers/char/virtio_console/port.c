/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ports: moving buffers between their queues and their streams. */
#include "virtio_console.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/timer.h>

#define NAME_PREFIX "virtio-ports/"
#define DRAIN_TIME  DDK_SECOND

_Static_assert(sizeof(NAME_PREFIX) + CONSOLE_NAME_MAX <= DDK_STREAM_NAME_MAX, "names fit");

/* Makes a buffer available to the device. Under port->lock. */
static void post(struct port *port, struct ddk_stream_buffer *buffer)
{
	struct virtqueue_segment segment = {
		.address = buffer->dma.device_address,
		.length = (uint32_t)buffer->dma.size,
	};

	/* There is room for all buffers; a broken queue takes none. */
	(void)!virtqueue_add(&port->in.ring, &segment, 0, 1, buffer);
}

/* A queue that broke stays so: the other end is as good as gone. Under port->lock. */
static void fail(struct port *port)
{
	struct ddk_stream_buffer *buffer;

	port->failed = true;
	ddk_error(port->console->device, "port %u: the device's queue makes no sense", port->id);
	ddk_stream_set_connected(port->stream, false);
	while ((buffer = virtqueue_take_back(&port->out.ring)) != NULL)
		ddk_stream_sent(port->stream, buffer);
}

/* Hands over what the device has done. Under port->lock. */
static void collect(struct port *port)
{
	struct ddk_stream_buffer *buffer;
	uint32_t written;

	if (!port->stream || port->failed)
		return;
	/* Not more often than there are buffers, or a device that gives back empty ones fast
	 * enough would keep us here. */
	for (unsigned i = 0; i < PORT_BUFFER_COUNT; i++) {
		buffer = virtqueue_take(&port->in.ring, &written);
		if (!buffer)
			break;
		buffer->length = written;
		if (written)
			ddk_stream_received(port->stream, buffer);
		else
			post(port, buffer);
	}
	while ((buffer = virtqueue_take(&port->out.ring, &written)) != NULL)
		ddk_stream_sent(port->stream, buffer);
	if (port->in.ring.broken || port->out.ring.broken)
		fail(port);
}

void port_interrupt(struct port *port)
{
	ddk_lock_acquire(&port->lock);
	collect(port);
	ddk_lock_release(&port->lock);
}

/* --- The stream's calls ---------------------------------------------------------------------- */

static int open_stream(struct ddk_stream *stream)
{
	struct port *port = ddk_stream_context(stream);

	port->opened = true;
	if (!port->console->multiport)
		return 0;
	return control_send(port->console, port->id, CONTROL_PORT_OPEN, 1);
}

static void close_stream(struct ddk_stream *stream)
{
	struct port *port = ddk_stream_context(stream);

	port->opened = false;
	if (port->console->multiport)
		control_send(port->console, port->id, CONTROL_PORT_OPEN, 0);
}

static int send_buffer(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	struct port *port = ddk_stream_context(stream);
	struct virtqueue_segment segment = {
		.address = buffer->dma.device_address,
		.length = (uint32_t)buffer->length,
	};
	int error;

	ddk_lock_acquire(&port->lock);
	error = virtqueue_add(&port->out.ring, &segment, 1, 0, buffer);
	if (!error)
		virtio_queue_notify(&port->out);
	ddk_lock_release(&port->lock);
	return error;
}

static void recycle_buffer(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	struct port *port = ddk_stream_context(stream);

	ddk_lock_acquire(&port->lock);
	post(port, buffer);
	virtio_queue_notify(&port->in);
	ddk_lock_release(&port->lock);
}

static const struct ddk_stream_ops stream_ops = {
	.open = open_stream,
	.close = close_stream,
	.send = send_buffer,
	.recycle = recycle_buffer,
};

/* --- Coming and going ------------------------------------------------------------------------ */

/* Allocates and posts the buffers. */
static int make_ready(struct port *port)
{
	unsigned count =
		port->in.ring.size < PORT_BUFFER_COUNT ? port->in.ring.size : PORT_BUFFER_COUNT;
	int error;

	port->buffers = ddk_allocate_array(count, sizeof(*port->buffers));
	if (!port->buffers)
		return -ENOMEM;
	error = ddk_dma_allocate(port->console->device, (size_t)count * PORT_BUFFER_SIZE, 0,
				 &port->memory);
	if (error) {
		ddk_free(port->buffers);
		port->buffers = NULL;
		return error;
	}
	ddk_lock_acquire(&port->lock);
	for (unsigned i = 0; i < count; i++) {
		struct ddk_stream_buffer *buffer = &port->buffers[i];
		size_t offset = (size_t)i * PORT_BUFFER_SIZE;

		list_node_init(&buffer->node);
		buffer->dma = (struct ddk_dma){
			.memory = (char *)port->memory.memory + offset,
			.device_address = port->memory.device_address + offset,
			.size = PORT_BUFFER_SIZE,
		};
		post(port, buffer);
	}
	virtio_queue_notify(&port->in);
	ddk_lock_release(&port->lock);
	port->ready = true;
	return 0;
}

void port_add(struct port *port)
{
	struct console *console = port->console;
	int error = 0;

	if (port->added)
		return;
	if (!port->ready)
		error = make_ready(port);
	if (console->multiport)
		error = control_send(console, port->id, CONTROL_PORT_READY, error ? 0 : 1);
	if (error)
		ddk_error(console->device, "port %u: cannot be set up: error %d", port->id, -error);
	else
		port->added = true;
}

void port_set_name(struct port *port, const char *name, size_t length)
{
	/* Some hosts send the final zero, too. */
	length = strnlen(name, length);
	if (length >= sizeof(port->name) || memchr(name, '/', length))
		return;
	memcpy(port->name, name, length);
	port->name[length] = '\0';
}

void port_set_connected(struct port *port, bool connected)
{
	ddk_lock_acquire(&port->lock);
	port->connected = connected;
	/* What came before goes first. */
	collect(port);
	if (port->stream && !port->failed)
		ddk_stream_set_connected(port->stream, connected);
	ddk_lock_release(&port->lock);
}

static int create_stream(struct port *port, struct ddk_stream **stream)
{
	struct device *device = port->console->device;
	char name[DDK_STREAM_NAME_MAX];
	int error = -EINVAL;

	if (port->name[0]) {
		snprintf(name, sizeof(name), NAME_PREFIX "%s", port->name);
		error = ddk_stream_create(device, name, &stream_ops, port, stream);
	}
	if (error == -EINVAL || error == -EEXIST) {
		snprintf(name, sizeof(name), "vport%up%u", port->console->number, port->id);
		error = ddk_stream_create(device, name, &stream_ops, port, stream);
	}
	if (error)
		ddk_error(device, "port %u: no stream: error %d", port->id, -error);
	else
		ddk_info(device, "port %u is /dev/%s", port->id, name);
	return error;
}

void port_register(struct port *port)
{
	struct ddk_stream *stream;

	if (!port->added || port->stream || create_stream(port, &stream))
		return;
	ddk_lock_acquire(&port->lock);
	port->stream = stream;
	ddk_stream_set_connected(stream, port->connected && !port->failed);
	collect(port);
	ddk_lock_release(&port->lock);
}

bool port_is_sending(struct port *port)
{
	bool sending;

	ddk_lock_acquire(&port->lock);
	sending = port->out.ring.free_count < port->out.ring.size;
	ddk_lock_release(&port->lock);
	return sending;
}

void port_remove(struct port *port)
{
	uint64_t end = ddk_time() + DRAIN_TIME;
	struct ddk_stream *stream = port->stream;

	if (!port->added)
		return;
	port->added = false;
	port->name[0] = '\0';
	port_set_connected(port, false);
	if (!stream)
		return;
	/* The device throws away what is being sent. A buffer that it keeps is never freed, and so
	 * neither is the stream, which comes back with the port. */
	while (port_is_sending(port) && ddk_time() < end)
		ddk_sleep(DDK_MILLISECOND);
	if (port_is_sending(port)) {
		ddk_error(port->console->device, "port %u: keeps what was sent", port->id);
		return;
	}
	ddk_lock_acquire(&port->lock);
	port->stream = NULL;
	ddk_lock_release(&port->lock);
	ddk_stream_destroy(stream);
}

/* --- Sleep ----------------------------------------------------------------------------------- */

static void take_back(struct virtio_queue *queue, struct list *buffers)
{
	struct ddk_stream_buffer *buffer;

	while ((buffer = virtqueue_take_back(&queue->ring)) != NULL)
		list_push_back(buffers, &buffer->node);
}

static int restart_queue(struct virtio_queue *queue, bool to_device)
{
	struct list buffers = LIST_INIT(buffers);
	struct list_node *node;
	int error;

	take_back(queue, &buffers);
	error = virtio_queue_restart(queue);
	while ((node = list_pop_front(&buffers)) != NULL) {
		struct ddk_stream_buffer *buffer =
			container_of(node, struct ddk_stream_buffer, node);
		struct virtqueue_segment segment = {
			.address = buffer->dma.device_address,
			.length = (uint32_t)(to_device ? buffer->length : buffer->dma.size),
		};

		/* They had room before. */
		(void)!virtqueue_add(&queue->ring, &segment, to_device, !to_device, buffer);
	}
	return error;
}

int port_restart(struct port *port)
{
	int error;

	ddk_lock_acquire(&port->lock);
	/* What it did before it was stopped. */
	collect(port);
	error = restart_queue(&port->in, false);
	if (!error)
		error = restart_queue(&port->out, true);
	ddk_lock_release(&port->lock);
	return error;
}

void port_forget(struct port *port)
{
	port->added = false;
	ddk_lock_acquire(&port->lock);
	port->connected = false;
	ddk_lock_release(&port->lock);
}

void port_settle(struct port *port)
{
	struct console *console = port->console;

	if (!port->added && port->stream) {
		/* It went meanwhile. */
		port->added = true;
		port_remove(port);
		return;
	}
	ddk_lock_acquire(&port->lock);
	if (port->stream && !port->connected && !port->failed)
		ddk_stream_set_connected(port->stream, false);
	virtio_queue_notify(&port->in);
	virtio_queue_notify(&port->out);
	ddk_lock_release(&port->lock);
	if (port->stream && port->opened && console->multiport)
		control_send(console, port->id, CONTROL_PORT_OPEN, 1);
}

void port_release(struct port *port)
{
	struct ddk_stream *stream = port->stream;
	struct ddk_stream_buffer *buffer;

	if (stream) {
		ddk_lock_acquire(&port->lock);
		port->stream = NULL;
		while ((buffer = virtqueue_take_back(&port->out.ring)) != NULL)
			ddk_stream_sent(stream, buffer);
		ddk_lock_release(&port->lock);
		ddk_stream_destroy(stream);
	}
	virtio_queue_fini(&port->in);
	virtio_queue_fini(&port->out);
	ddk_dma_free(&port->memory);
	ddk_free(port->buffers);
}
