/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `event:`. Each open makes a queue. Events that are written to it say what it watches:
 * which descriptor, for what, and with which value to report it. What was ready when the watch
 * began is reported at once, and then each time that it becomes ready again.
 */
#include "redox.h"

#include <mm/phys/slab.h>
#include <scheme/event_queue.h>
#include <scheme/poll.h>
#include <scheme/scheme_file.h>

/* --- Subscribing. --- */

static int take_event(struct file *queue, const struct redox_event *event)
{
	struct event_watch watch = { .events = EVENT_EDGE, .data = event->data };
	int fd = event->id < FD_TABLE_MAX ? (int)event->id : -1;
	struct file *file = fd_get(fd);
	int error;

	if (!file)
		return -EBADF;
	if (event->flags & REDOX_EVENT_READ)
		watch.events |= POLL_IN;
	if (event->flags & REDOX_EVENT_WRITE)
		watch.events |= POLL_OUT;
	if (watch.events & (POLL_IN | POLL_OUT)) {
		error = event_queue_set(queue, file, fd, &watch);
	} else {
		error = event_queue_remove(queue, file, fd, event->data);
		if (error == -ENOENT)
			error = 0;
	}
	file_put(file);
	return error;
}

static ssize_t event_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct redox_event event;
	size_t done = 0;

	(void)offset;
	while (io_remaining(io) >= sizeof(event)) {
		ssize_t result = io_take(io, &event, sizeof(event));

		if (result == (ssize_t)sizeof(event))
			result = take_event(file, &event);
		else if (result >= 0)
			result = -EFAULT;
		if (result)
			return done ? (ssize_t)done : result;
		done += sizeof(event);
	}
	return (ssize_t)done;
}

/* --- Reading. --- */

struct reader {
	struct event_sink sink;
	struct io *io;
};

static uint64_t flags_of(const struct event_report *report)
{
	uint64_t flags = 0;

	/* Who waits for one side learns of its end, too. */
	if ((report->watch->events & POLL_IN) &&
	    (report->events & (POLL_IN | POLL_ERROR | POLL_HANGUP)))
		flags |= REDOX_EVENT_READ;
	if ((report->watch->events & POLL_OUT) &&
	    (report->events & (POLL_OUT | POLL_ERROR | POLL_HANGUP)))
		flags |= REDOX_EVENT_WRITE;
	return flags;
}

static bool put_event(struct event_sink *sink, const struct event_report *report)
{
	struct reader *reader = container_of(sink, struct reader, sink);
	const struct redox_event event = {
		.id = (uint64_t)report->fd,
		.flags = flags_of(report),
		.data = report->watch->data,
	};

	return io_put(reader->io, &event, sizeof(event)) == (ssize_t)sizeof(event);
}

static ssize_t event_read(struct file *file, struct io *io, uint64_t offset)
{
	struct reader reader = { .sink.event = put_event, .io = io };
	bool nonblock = file->flags & FILE_NONBLOCK;
	size_t max = io_remaining(io) / sizeof(struct redox_event);
	int count;

	(void)offset;
	if (max == 0)
		return 0;
	count = event_queue_wait(file, &reader.sink, (int)min_size(max, INT32_MAX),
				 nonblock ? 0 : DEADLINE_NEVER);
	if (count == 0)
		return -EAGAIN;
	return count < 0 ? count : (ssize_t)((size_t)count * sizeof(struct redox_event));
}

/* --- The scheme. --- */

static const struct node_ops event_ops = {
	.close = event_queue_close,
	.read = event_read,
	.write = event_write,
	.poll = event_queue_poll,
	.name = scheme_file_name,
};

/* What follows the scheme's name means nothing. */
static int event_open(struct scheme *scheme, const struct scheme_request *request,
		      struct file **file)
{
	struct event_queue *queue = event_queue_allocate_keyed();
	int error;

	if (!queue)
		return -ENOMEM;
	error = scheme_file_create_named(scheme, request, "", &event_ops, MODE_CHARACTER | 0600,
					 queue, file);
	if (error)
		event_queue_put(queue);
	else
		event_queue_set_file(queue, *file);
	return error;
}

static int event_start(void)
{
	static const struct scheme_ops ops = { .open = event_open };

	return scheme_start_opaque("event", &ops, SCHEME_IN_MADE);
}

SCHEME(event) = { .name = "event", .level = 20, .start = event_start };
