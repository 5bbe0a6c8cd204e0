/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Byte streams in the kernel: nodes in /dev on top of <ddk/stream.h>.
 *
 * A write copies into the stream's send buffer, hands that to the driver and returns when the
 * device has taken it, so that nothing that was written is lost when the machine is switched
 * off. `sending` marks the buffer as being filled or sent; whoever sets it owns the buffer, so
 * user memory is touched without a lock.
 */
#include "../common/structure.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/stream.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/device.h>
#include <scheme/poll.h>

#include <stdatomic.h>

#define STREAM_MAJOR     240 /* for local use */
#define SEND_BUFFER_SIZE (64u << 10)
#define DRAIN_TIME       (30 * NS_PER_SECOND)

struct ddk_stream {
	/* Immutable. */
	struct ddk_stream_ops ops; /* a copy */
	void *context;
	char name[DDK_STREAM_NAME_MAX];
	struct device_node device_node;

	/* Who holds: the driver until ddk_stream_destroy(), each open file. */
	struct refcount references;

	struct mutex open_lock; /* RANK_PIPE: `opens`, calls of ops->open and ops->close */
	unsigned opens;
	struct mutex read_lock; /* RANK_PIPE: the contents of the first received buffer */

	/* RANK_CLASS: all below. */
	struct spinlock lock;
	struct list received; /* of ddk_stream_buffer; read_lock too to take one out */
	bool connected, was_connected;
	bool gone; /* the driver has destroyed it */
	bool sending;
	uint64_t submitted, completed;        /* send buffers, ever */
	struct ddk_stream_buffer send_buffer; /* whoever set `sending`, then the driver */

	struct wait_queue readers, writers;
};

static void stream_put(struct ddk_stream *stream)
{
	if (refcount_put(&stream->references))
		kfree(stream);
}

static void set_idle(struct ddk_stream *stream)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);

	stream->sending = false;
	spin_unlock_irqrestore(&stream->lock, state);
	wait_wake(&stream->writers);
}

/* Waits until the device has taken the first `target` buffers, or the stream is gone. */
static int wait_sent(struct ddk_stream *stream, uint64_t target, uint64_t deadline)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(&stream->writers, &waiter);
	while (!error) {
		irq_state_t state = spin_lock_irqsave(&stream->lock);
		bool done = stream->completed >= target || stream->gone;

		spin_unlock_irqrestore(&stream->lock, state);
		if (done)
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	}
	wait_end(&waiter);
	return error;
}

/* Waits until the device has taken all that was submitted by now. */
static int drain(struct ddk_stream *stream, uint64_t deadline)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);
	uint64_t target = stream->submitted;

	spin_unlock_irqrestore(&stream->lock, state);
	return wait_sent(stream, target, deadline);
}

/* --- Opening and closing ------------------------------------------------------------------- */

static int stream_open(struct node *node, struct file *file)
{
	struct ddk_stream *stream = node->private;
	int error = 0;

	mutex_lock(&stream->open_lock);
	if (stream->gone)
		error = -ENXIO;
	else if (stream->opens == 0 && stream->ops.open)
		error = stream->ops.open(stream);
	if (!error) {
		stream->opens++;
		refcount_get(&stream->references);
		file->private = stream;
	}
	mutex_unlock(&stream->open_lock);
	return error;
}

static void stream_close(struct file *file)
{
	struct ddk_stream *stream = file->private;

	/* Only what was written without blocking can still be on its way. A program that is
	 * being killed does not wait. */
	if (file->writable)
		(void)drain(stream, clock_deadline_after(DRAIN_TIME));
	mutex_lock(&stream->open_lock);
	if (--stream->opens == 0 && !stream->gone && stream->ops.close)
		stream->ops.close(stream);
	mutex_unlock(&stream->open_lock);
	stream_put(stream);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* The first received buffer, or NULL; tells whether more can come. */
static struct ddk_stream_buffer *first_received(struct ddk_stream *stream, bool *ended)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);
	struct list_node *node = stream->gone ? NULL : list_first(&stream->received);

	*ended = stream->gone || !stream->connected;
	spin_unlock_irqrestore(&stream->lock, state);
	return node ? container_of(node, struct ddk_stream_buffer, node) : NULL;
}

static void finish_buffer(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);

	list_remove(&buffer->node);
	spin_unlock_irqrestore(&stream->lock, state);
	stream->ops.recycle(stream, buffer);
}

/* Copies what is there: the number of bytes, 0 at the end, -EAGAIN while there is none. */
static ssize_t take_received(struct ddk_stream *stream, struct io *io)
{
	struct ddk_stream_buffer *buffer;
	ssize_t total = 0, count;
	bool ended = false;

	mutex_lock(&stream->read_lock);
	for (;;) {
		buffer = io_remaining(io) ? first_received(stream, &ended) : NULL;
		if (!buffer)
			break;
		count = io_put(io, (const char *)buffer->dma.memory + buffer->consumed,
			       buffer->length - buffer->consumed);
		if (count < 0) {
			total = total ? total : count;
			break;
		}
		total += count;
		buffer->consumed += (size_t)count;
		if (buffer->consumed == buffer->length)
			finish_buffer(stream, buffer);
	}
	mutex_unlock(&stream->read_lock);
	if (total == 0 && io_remaining(io) && !ended)
		return -EAGAIN;
	return total;
}

static ssize_t stream_read(struct file *file, struct io *io, uint64_t offset)
{
	struct ddk_stream *stream = file->private;
	struct waiter waiter;
	ssize_t count = take_received(stream, io);

	(void)offset;
	if (count != -EAGAIN || (file->flags & FILE_NONBLOCK))
		return count;
	wait_begin(&stream->readers, &waiter);
	while ((count = take_received(stream, io)) == -EAGAIN) {
		int error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);

		if (error) {
			count = error;
			break;
		}
	}
	wait_end(&waiter);
	return count;
}

/* --- Writing --------------------------------------------------------------------------------- */

/* Makes the caller the owner of the send buffer: 0, -EAGAIN (not now), or an error. */
static int try_claim(struct ddk_stream *stream)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);
	int error = 0;

	if (stream->gone)
		error = -EIO;
	else if (!stream->connected && stream->was_connected)
		error = -EPIPE;
	else if (!stream->connected || stream->sending)
		error = -EAGAIN;
	else
		stream->sending = true;
	spin_unlock_irqrestore(&stream->lock, state);
	return error;
}

static int claim_buffer(struct ddk_stream *stream, bool block)
{
	struct waiter waiter;
	int error = try_claim(stream);

	if (error != -EAGAIN || !block)
		return error;
	wait_begin(&stream->writers, &waiter);
	while ((error = try_claim(stream)) == -EAGAIN) {
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error)
			break;
	}
	wait_end(&waiter);
	return error;
}

/* Sends the next part of `io`: bytes taken, and in *ticket what to wait for. */
static ssize_t send_part(struct ddk_stream *stream, struct io *io, bool block, uint64_t *ticket)
{
	struct ddk_stream_buffer *buffer = &stream->send_buffer;
	irq_state_t state;
	ssize_t count;
	int error = claim_buffer(stream, block);

	if (error)
		return error;
	count = io_take(io, buffer->dma.memory, min_size(io_remaining(io), buffer->dma.size));
	if (count <= 0) {
		set_idle(stream);
		return count;
	}
	buffer->length = (size_t)count;
	state = spin_lock_irqsave(&stream->lock);
	error = stream->gone ? -EIO : 0;
	*ticket = ++stream->submitted;
	spin_unlock_irqrestore(&stream->lock, state);
	if (!error)
		error = stream->ops.send(stream, buffer);
	if (error) {
		ddk_stream_sent(stream, buffer);
		return error;
	}
	return count;
}

static ssize_t stream_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct ddk_stream *stream = file->private;
	bool block = !(file->flags & FILE_NONBLOCK);
	ssize_t total = 0;

	(void)offset;
	while (io_remaining(io)) {
		uint64_t ticket = 0;
		ssize_t count = send_part(stream, io, block, &ticket);

		if (count <= 0)
			return total ? total : count;
		total += count;
		/* Interrupted: the device will take it all the same. */
		if (block && wait_sent(stream, ticket, DEADLINE_NEVER))
			break;
	}
	return total;
}

static int stream_sync(struct file *file, bool data_only)
{
	(void)data_only;
	return drain(file->private, DEADLINE_NEVER);
}

static unsigned stream_poll(struct file *file, struct poller *poller)
{
	struct ddk_stream *stream = file->private;
	unsigned events = 0;
	irq_state_t state;

	poller_add(poller, &stream->readers);
	poller_add(poller, &stream->writers);
	state = spin_lock_irqsave(&stream->lock);
	if (!stream->gone && !list_empty(&stream->received))
		events |= POLL_IN | POLL_READ_NORMAL;
	if (stream->gone || !stream->connected)
		events |= POLL_HANGUP;
	else if (!stream->sending)
		events |= POLL_OUT | POLL_WRITE_NORMAL;
	spin_unlock_irqrestore(&stream->lock, state);
	return events;
}

static const struct node_ops stream_ops = {
	.open = stream_open,
	.close = stream_close,
	.read = stream_read,
	.write = stream_write,
	.sync = stream_sync,
	.poll = stream_poll,
};

/* --- The driver's side ----------------------------------------------------------------------- */

/* Names become paths below /dev: components of printable ASCII, none of them "." or "..". */
static bool name_is_fit(const char *name)
{
	const char *component = name;

	if (*name == '\0' || strlen(name) >= DDK_STREAM_NAME_MAX)
		return false;
	for (const char *c = name;; c++) {
		size_t length = (size_t)(c - component);

		if (*c == '/' || *c == '\0') {
			if (length == 0 || (length <= 2 && strncmp(component, "..", length) == 0))
				return false;
			component = c + 1;
		}
		if (*c == '\0')
			return true;
		if (*c <= ' ' || *c > '~')
			return false;
	}
}

static void init_stream(struct ddk_stream *stream, const char *name)
{
	static _Atomic unsigned next_minor;

	refcount_init(&stream->references, 1);
	mutex_init(&stream->open_lock, RANK_PIPE, "stream open");
	mutex_init(&stream->read_lock, RANK_PIPE, "stream read");
	spinlock_init(&stream->lock, RANK_CLASS, "stream");
	list_init(&stream->received);
	wait_queue_init(&stream->readers, "stream readers");
	wait_queue_init(&stream->writers, "stream writers");
	string_copy(stream->name, name, sizeof(stream->name));
	stream->device_node = (struct device_node){
		.name = stream->name,
		.type = MODE_CHARACTER,
		.major = STREAM_MAJOR,
		.minor = atomic_fetch_add(&next_minor, 1),
		.permissions = 0600,
		.ops = &stream_ops,
		.private = stream,
		.node_flags = NODE_STREAM,
	};
}

int ddk_stream_create_sized(struct device *device, const char *name,
			    const struct ddk_stream_ops *ops, size_t ops_size, void *context,
			    struct ddk_stream **made)
{
	struct ddk_stream *stream;
	int error;

	if (!name_is_fit(name))
		return -EINVAL;
	stream = kzalloc(sizeof(*stream));
	if (!stream)
		return -ENOMEM;
	init_stream(stream, name);
	ddk_take_structure(&stream->ops, sizeof(stream->ops), ops, ops_size);
	stream->context = context;
	error = ddk_dma_allocate(device, SEND_BUFFER_SIZE, 0, &stream->send_buffer.dma);
	if (error)
		goto err_free;
	*made = stream; /* the node may be opened at once */
	error = device_node_add(&stream->device_node);
	if (error)
		goto err_dma;
	return 0;

err_dma:
	ddk_dma_free(&stream->send_buffer.dma);
err_free:
	kfree(stream);
	return error;
}

void ddk_stream_destroy(struct ddk_stream *stream)
{
	struct list_node *node;
	irq_state_t state;

	device_node_remove(&stream->device_node);
	mutex_lock(&stream->open_lock);
	state = spin_lock_irqsave(&stream->lock);
	stream->gone = true;
	spin_unlock_irqrestore(&stream->lock, state);
	mutex_unlock(&stream->open_lock);
	wait_wake_all(&stream->readers);
	wait_wake_all(&stream->writers);
	/* A reader may be in the middle of a buffer, a writer of filling the other. */
	mutex_lock(&stream->read_lock);
	while ((node = list_first(&stream->received)) != NULL)
		finish_buffer(stream, container_of(node, struct ddk_stream_buffer, node));
	mutex_unlock(&stream->read_lock);
	for (bool busy = true; busy;) {
		state = spin_lock_irqsave(&stream->lock);
		busy = stream->sending;
		spin_unlock_irqrestore(&stream->lock, state);
		if (busy)
			thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	}
	ddk_dma_free(&stream->send_buffer.dma);
	stream_put(stream);
}

void *ddk_stream_context(const struct ddk_stream *stream)
{
	return stream->context;
}

void ddk_stream_received(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);

	buffer->length = min_size(buffer->length, buffer->dma.size);
	buffer->consumed = 0;
	list_push_back(&stream->received, &buffer->node);
	spin_unlock_irqrestore(&stream->lock, state);
	wait_wake(&stream->readers);
}

void ddk_stream_sent(struct ddk_stream *stream, struct ddk_stream_buffer *buffer)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);

	(void)buffer; /* there is but one */
	stream->completed = stream->submitted;
	stream->sending = false;
	spin_unlock_irqrestore(&stream->lock, state);
	wait_wake_all(&stream->writers);
}

void ddk_stream_set_connected(struct ddk_stream *stream, bool connected)
{
	irq_state_t state = spin_lock_irqsave(&stream->lock);

	stream->connected = connected;
	stream->was_connected = stream->was_connected || connected;
	spin_unlock_irqrestore(&stream->lock, state);
	wait_wake_all(&stream->readers);
	wait_wake_all(&stream->writers);
}
