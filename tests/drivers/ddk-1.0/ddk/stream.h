/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: byte streams between programs and the other end of a device (ports of a
 * virtual machine's host, parallel ports). The class makes the node in /dev, and does waiting,
 * polling and copying; the driver moves whole buffers.
 *
 * Receiving: the driver owns a set of buffers, keeps them posted to its device and hands each
 * filled one over with ddk_stream_received(). When programs have read it, the class gives it
 * back through `recycle`. Thus the driver's buffers bound what is queued.
 *
 * Sending: the class passes a buffer to `send` and waits until the driver says with
 * ddk_stream_sent() that the device has taken all of it. There is one at a time.
 *
 * The other end connects and disconnects. While it is away reads give what was received before
 * and then end of file; writes wait until it comes for the first time and fail with EPIPE once
 * it has gone.
 */
#pragma once

#include <base/list.h>
#include <ddk/dma.h>

struct ddk_stream;

#define DDK_STREAM_NAME_MAX 64

struct ddk_stream_buffer {
	struct list_node node; /* whoever owns the buffer */
	struct ddk_dma dma;    /* or a part of it: immutable while the class has the buffer */
	size_t length;         /* of valid bytes, from its start; <= dma.size */
	size_t consumed;       /* the class's */
};

/* All are called in thread context without locks, and never after ddk_stream_destroy(). */
struct ddk_stream_ops {
	/* The first program opened it, the last one closed it. One at a time. May be NULL. */
	int (*open)(struct ddk_stream *stream);
	void (*close)(struct ddk_stream *stream);
	/* Starts sending; the driver owns the buffer until ddk_stream_sent(), or not at all if
	 * this fails. */
	int (*send)(struct ddk_stream *stream, struct ddk_stream_buffer *buffer);
	/* Takes back a buffer that was received. */
	void (*recycle)(struct ddk_stream *stream, struct ddk_stream_buffer *buffer);
};

/* Makes the stream with its node /dev/`name` (copied), the other end not connected. Thread
 * context. -EINVAL (unfit name), -EEXIST, -ENOMEM. */
static inline int must_check ddk_stream_create(struct device *device, const char *name,
					       const struct ddk_stream_ops *ops, void *context,
					       struct ddk_stream **stream);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_stream_create_sized(struct device *device, const char *name,
				       const struct ddk_stream_ops *ops, size_t ops_size,
				       void *context, struct ddk_stream **stream);
static inline int ddk_stream_create(struct device *device, const char *name,
				    const struct ddk_stream_ops *ops, void *context,
				    struct ddk_stream **stream)
{
	return ddk_stream_create_sized(device, name, ops, sizeof(*ops), context, stream);
}
/* Removes it: reads end, writes fail, received buffers are given back. The driver has called
 * ddk_stream_sent() for a buffer that it was given, and hands over no more. Thread context, no
 * lock held. */
void ddk_stream_destroy(struct ddk_stream *stream);
void *ddk_stream_context(const struct ddk_stream *stream);

/* Any context, with at most the driver's ddk_lock held. */
void ddk_stream_received(struct ddk_stream *stream, struct ddk_stream_buffer *buffer);
void ddk_stream_sent(struct ddk_stream *stream, struct ddk_stream_buffer *buffer);
/* What came before the other end went away is handed over before this is called. */
void ddk_stream_set_connected(struct ddk_stream *stream, bool connected);
