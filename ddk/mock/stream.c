/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: streams. */
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/memory.h>
#include <unit.h>

#include <string.h>

#define BUFFER_SIZE 4096

struct list mock_streams;

int ddk_stream_create_sized(struct device *device, const char *name,
			    const struct ddk_stream_ops *ops, size_t ops_size, void *context,
			    struct ddk_stream **stream)
{
	(void)ops_size;
	struct ddk_stream *made;

	if (strlen(name) >= DDK_STREAM_NAME_MAX)
		return -EINVAL;
	made = ddk_allocate(sizeof(*made));
	if (!made)
		return -ENOMEM;
	strcpy(made->name, name);
	made->ops = ops;
	made->context = context;
	list_init(&made->received);
	if (ddk_dma_allocate(device, BUFFER_SIZE, 0, &made->buffer.dma)) {
		ddk_free(made);
		return -ENOMEM;
	}
	list_push_back(&mock_streams, &made->node);
	*stream = made;
	return 0;
}

void ddk_stream_destroy(struct ddk_stream *stream)
{
	struct list_node *node;

	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(!stream->sending);
	while ((node = list_pop_front(&stream->received)) != NULL)
		stream->ops->recycle(stream, container_of(node, struct ddk_stream_buffer, node));
	list_remove(&stream->node);
	ddk_dma_free(&stream->buffer.dma);
	ddk_free(stream);
}

void *ddk_stream_context(const struct ddk_stream *stream)
{
	return stream->context;
}

void ddk_stream_received(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	EXPECT(buffer->length <= buffer->dma.size);
	list_push_back(&stream->received, &buffer->node);
}

void ddk_stream_sent(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	EXPECT(buffer == &stream->buffer);
	EXPECT(stream->sending);
	stream->sending = false;
}

void ddk_stream_set_connected(struct ddk_stream *stream, bool connected)
{
	stream->connected = connected;
}
