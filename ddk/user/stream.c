/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Byte streams and serial lines. What a stream received stays in the driver's buffer, of which the kernel gets the place, until
 * programs have read it; what it is to send the kernel puts into the stream's own buffer.
 */
#include <ddk/stream.h>

#include <base/string.h>
#include <ddk/memory.h>
#include <ddk/serial.h>

#include "object.h"

#define SEND_BUFFER_SIZE (64u << 10)

struct ddk_stream {
	struct object object;
	/* Immutable. */
	struct ddk_stream_ops ops;
	void *context;
	struct ddk_stream_buffer send_buffer; /* the driver's while it sends, else the kernel's */
};

static int send_on_stream(struct ddk_stream *stream, uint64_t length)
{
	if (length == 0 || length > SEND_BUFFER_SIZE)
		return -EINVAL;
	stream->send_buffer.length = length;
	return stream->ops.send(stream, &stream->send_buffer);
}

static int handle_stream_message(struct ddk_stream *stream, uint64_t message, uint64_t argument)
{
	switch (message) {
	case HOST_STREAM_OPEN:
		return stream->ops.open ? stream->ops.open(stream) : 0;
	case HOST_STREAM_CLOSE:
		if (stream->ops.close)
			stream->ops.close(stream);
		return 0;
	case HOST_STREAM_SEND:
		return send_on_stream(stream, argument);
	case HOST_STREAM_RECYCLE:
		stream->ops.recycle(stream, (struct ddk_stream_buffer *)(uintptr_t)argument);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static void handle_stream(struct object *object, const struct host_message *message)
{
	int error = handle_stream_message((struct ddk_stream *)object, message->arguments[0],
					  message->arguments[1]);

	channel_reply(message->slot, error, 0);
}

void stream_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_stream);
}

static long create_stream(struct ddk_stream *stream, const char *name)
{
	long number;

	wait_begin();
	number = kernel_call4(HOST_STREAM_CREATE, address_of(name), strlen(name),
			      address_of(stream->send_buffer.dma.memory), SEND_BUFFER_SIZE);
	wait_end();
	return number;
}

int ddk_stream_create_sized(struct device *device, const char *name,
			    const struct ddk_stream_ops *ops, size_t ops_size, void *context,
			    struct ddk_stream **made)
{
	struct ddk_stream *stream = ddk_allocate(sizeof(*stream));
	int error;

	if (!stream)
		return -ENOMEM;
	memcpy(&stream->ops, ops, min_size(ops_size, sizeof(stream->ops)));
	stream->context = context;
	error = ddk_dma_allocate(device, SEND_BUFFER_SIZE, 0, &stream->send_buffer.dma);
	if (error)
		goto err_free;
	*made = stream;
	object_begin(&stream->object, OBJECT_STREAM);
	error = object_made(&stream->object, create_stream(stream, name));
	if (error)
		goto err_dma;
	return 0;

err_dma:
	ddk_dma_free(&stream->send_buffer.dma);
err_free:
	ddk_free(stream);
	return error;
}

void ddk_stream_destroy(struct ddk_stream *stream)
{
	(void)waiting_call(HOST_STREAM_DESTROY, stream->object.number, 0, 0, 0);
	object_remove(&stream->object);
	ddk_dma_free(&stream->send_buffer.dma);
	ddk_free(stream);
}

void *ddk_stream_context(const struct ddk_stream *stream)
{
	return stream->context;
}

void ddk_stream_received(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	(void)kernel_call4(HOST_STREAM_RECEIVED, stream->object.number,
			   address_of(buffer->dma.memory),
			   min_size(buffer->length, buffer->dma.size), address_of(buffer));
}

void ddk_stream_sent(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	(void)buffer; /* there is but one */
	(void)kernel_call1(HOST_STREAM_SENT, stream->object.number);
}

void ddk_stream_set_connected(struct ddk_stream *stream, bool connected)
{
	(void)kernel_call2(HOST_STREAM_CONNECTED, stream->object.number, connected);
}

/* --- Serial lines ---------------------------------------------------------------------------- */

struct ddk_serial {
	struct object object;
	/* Immutable. */
	struct ddk_serial_ops ops;
	void *context;
};

static void handle_send(struct object *object, const struct host_message *message)
{
	struct ddk_serial *serial = (struct ddk_serial *)object;
	size_t taken = 0;

	if (message->arguments[0] <= HOST_SLOT_BYTES)
		taken = serial->ops.send(serial, channel_slot(message->slot),
					 message->arguments[0]);
	channel_reply(message->slot, 0, taken);
}

void serial_send_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_send);
}

int ddk_serial_create_sized(struct device *device, const struct ddk_serial_ops *ops,
			    size_t ops_size, void *context, struct ddk_serial **made)
{
	struct ddk_serial *serial = ddk_allocate(sizeof(*serial));
	int error;

	(void)device;
	if (!serial)
		return -ENOMEM;
	memcpy(&serial->ops, ops, min_size(ops_size, sizeof(serial->ops)));
	serial->context = context;
	*made = serial;
	object_begin(&serial->object, OBJECT_SERIAL);
	error = object_made(&serial->object, waiting_call(HOST_SERIAL_CREATE, 0, 0, 0, 0));
	if (error)
		ddk_free(serial);
	return error;
}

void *ddk_serial_context(const struct ddk_serial *serial)
{
	return serial->context;
}

void ddk_serial_received(struct ddk_serial *serial, const uint8_t *bytes, size_t length)
{
	(void)kernel_call3(HOST_SERIAL_RECEIVED, serial->object.number, address_of(bytes), length);
}

void ddk_serial_sent(struct ddk_serial *serial)
{
	(void)kernel_call1(HOST_SERIAL_SENT, serial->object.number);
}
