/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes and FIFOs. A FIFO's node has its pipe from the first open to the last close; an
 * anonymous pipe is a FIFO whose node has no name.
 */
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <scheme/pipe.h>
#include <scheme/poll.h>

#include "pipe_buffer.h"

#define CONTROL_READABLE 0x541b /* Linux's FIONREAD */

struct pipe {
	unsigned users;                       /* node->lock: open files, and opens under way */
	struct wait_queue readable, writable; /* woken too when the other side comes or goes */
	struct mutex read_lock, write_lock; /* RANK_PIPE: one reader, one writer; never both held */
	struct pipe_buffer buffer;
	_Atomic bool polled; /* somebody waits by callbacks, and may want to hear of each write */
	_Atomic unsigned readers, writers;           /* open files */
	_Atomic unsigned reader_opens, writer_opens; /* there ever were */
};

/* What an open file keeps of its pipe in file->position, which streams do not use: how many
 * writers had gone before it came. A reader that has seen no other is not told of a hang-up. */

static struct pipe *pipe_of(const struct file *file)
{
	return file->private;
}

static struct pipe *pipe_allocate(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe));

	if (!pipe)
		return NULL;
	wait_queue_init(&pipe->readable, "pipe readers");
	wait_queue_init(&pipe->writable, "pipe writers");
	mutex_init(&pipe->read_lock, RANK_PIPE, "pipe reading");
	mutex_init(&pipe->write_lock, RANK_PIPE, "pipe writing");
	pipe_buffer_init(&pipe->buffer);
	return pipe;
}

/* The pipe of the node, counted as used by the caller. NULL: out of memory. */
static struct pipe *pipe_get(struct node *node)
{
	struct pipe *pipe;

	mutex_lock(&node->lock);
	if (!node->private)
		node->private = pipe_allocate();
	pipe = node->private;
	if (pipe)
		pipe->users++;
	mutex_unlock(&node->lock);
	return pipe;
}

static void pipe_put(struct node *node, struct pipe *pipe)
{
	bool last;

	mutex_lock(&node->lock);
	last = --pipe->users == 0;
	if (last)
		node->private = NULL;
	mutex_unlock(&node->lock);
	if (!last)
		return;
	pipe_buffer_fini(&pipe->buffer);
	kfree(pipe);
}

static void wake_both(struct pipe *pipe)
{
	wait_wake_all(&pipe->readable);
	wait_wake_all(&pipe->writable);
}

static void pipe_close(struct file *file)
{
	struct pipe *pipe = pipe_of(file);

	/* The other side is told when the last one goes. */
	if (file->readable && --pipe->readers == 0)
		wait_wake_all(&pipe->writable);
	if (file->writable && --pipe->writers == 0)
		wait_wake_all(&pipe->readable);
	pipe_put(file->node, pipe);
}

/* --- Reading. --- */

/* Bytes, or 0 at the end, or -EAGAIN. */
static ssize_t read_now(struct pipe *pipe, struct io *io)
{
	bool made_writable, at_end;
	ssize_t count;

	mutex_lock(&pipe->read_lock);
	/* In this order: what the last writer wrote before it went must not be missed. */
	at_end = pipe->writers == 0;
	count = pipe_buffer_read(&pipe->buffer, io, &made_writable);
	mutex_unlock(&pipe->read_lock);
	if (made_writable)
		wait_wake_all(&pipe->writable);
	return count || at_end ? count : -EAGAIN;
}

static ssize_t pipe_read(struct file *file, struct io *io, uint64_t offset)
{
	struct pipe *pipe = pipe_of(file);
	struct waiter waiter;
	ssize_t result;

	(void)offset;
	if (io_remaining(io) == 0)
		return 0;
	result = read_now(pipe, io);
	if (result != -EAGAIN || (file->flags & FILE_NONBLOCK))
		return result;
	wait_begin(&pipe->readable, &waiter);
	while ((result = read_now(pipe, io)) == -EAGAIN) {
		int error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);

		if (error) {
			result = error;
			break;
		}
	}
	wait_end(&waiter);
	return result;
}

/* --- Writing. --- */

/* Bytes, or -EAGAIN, -EPIPE and the like. Of `total` bytes, a small number goes in one piece. */
static ssize_t write_now(struct file *file, struct pipe *pipe, struct io *io, size_t total)
{
	size_t minimum = total <= PIPE_ATOMIC ? io_remaining(io) : 1;
	bool was_empty = false;
	ssize_t count;

	mutex_lock(&pipe->write_lock);
	if (pipe->readers == 0)
		count = -EPIPE;
	else
		count = pipe_buffer_write(&pipe->buffer, io, minimum, file->flags & FILE_DIRECT,
					  &was_empty);
	mutex_unlock(&pipe->write_lock);
	if (was_empty || (count > 0 && pipe->polled))
		wait_wake_all(&pipe->readable);
	return count;
}

/* Writes all that is left of `total` bytes, waiting for room. */
static ssize_t write_rest(struct file *file, struct pipe *pipe, struct io *io, size_t total)
{
	struct waiter waiter;
	ssize_t result = 0;

	wait_begin(&pipe->writable, &waiter);
	while (io_remaining(io)) {
		result = write_now(file, pipe, io, total);
		if (result == -EAGAIN && !(file->flags & FILE_NONBLOCK))
			result = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (result < 0)
			break;
	}
	wait_end(&waiter);
	return result;
}

static ssize_t pipe_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct pipe *pipe = pipe_of(file);
	size_t total = io_remaining(io), done;
	ssize_t result;

	(void)offset;
	if (total == 0)
		return 0;
	result = write_now(file, pipe, io, total);
	if (io_remaining(io) && (result > 0 || result == -EAGAIN))
		result = write_rest(file, pipe, io, total);
	done = total - io_remaining(io);
	return done ? (ssize_t)done : result;
}

/* --- Readiness. --- */

static const struct node_ops pipe_file_ops;

/* A FIFO's queues are also woken when somebody opens it. */
static void add_queue(struct file *file, struct poller *poller, struct wait_queue *queue,
		      unsigned events)
{
	if (file->ops == &pipe_file_ops)
		poller_add(poller, queue);
	else
		poller_add_event(poller, queue, events);
}

static unsigned pipe_poll(struct file *file, struct poller *poller)
{
	struct pipe *pipe = pipe_of(file);
	unsigned ready = 0;

	if (poller)
		pipe->polled = true;
	if (file->readable) {
		add_queue(file, poller, &pipe->readable, POLL_IN);
		if (pipe->writers == 0 && pipe->writer_opens != (unsigned)file->position)
			ready |= POLL_HANGUP;
		if (pipe_buffer_used(&pipe->buffer))
			ready |= POLL_IN | POLL_READ_NORMAL;
	}
	if (file->writable) {
		add_queue(file, poller, &pipe->writable, POLL_OUT);
		if (pipe_buffer_writable(&pipe->buffer))
			ready |= POLL_OUT | POLL_WRITE_NORMAL;
		if (pipe->readers == 0)
			ready |= POLL_ERROR;
	}
	return ready;
}

static long pipe_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct pipe *pipe = pipe_of(file);

	if (request != CONTROL_READABLE)
		return -ENOTTY;
	return write_user_u32(argument, (uint32_t)pipe_buffer_used(&pipe->buffer));
}

static const struct node_ops pipe_file_ops = {
	.close = pipe_close,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.control = pipe_control,
};

/* FIFOs have the name of their dentry. */
static ssize_t anonymous_name(struct file *file, char *buffer, size_t size)
{
	static const char name[] = "pipe:";
	size_t length = min_size(size, sizeof(name) - 1);

	(void)file;
	memcpy(buffer, name, length);
	return (ssize_t)length;
}

static const struct node_ops anonymous_file_ops = {
	.close = pipe_close,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.control = pipe_control,
	.name = anonymous_name,
};

int pipe_capacity(const struct file *file)
{
	return file->ops->read == pipe_read ? (int)PIPE_SIZE : -EBADF;
}

/* --- Opening. --- */

/* Waits until *counter, which counts opens of the other side, is no longer `opens`. */
static int wait_for_partner(struct wait_queue *queue, const _Atomic unsigned *counter,
			    unsigned opens)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(queue, &waiter);
	while (!error && *counter == opens)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

static void count_in(struct pipe *pipe, struct file *file)
{
	file->position = pipe->writer_opens - (pipe->writers != 0);
	pipe->readers += file->readable;
	pipe->writers += file->writable;
	pipe->reader_opens += file->readable;
	pipe->writer_opens += file->writable;
}

/* The rules of FIFOs: who opens for one direction waits for the other. */
static int join_fifo(struct pipe *pipe, struct file *file)
{
	bool nonblock = file->flags & FILE_NONBLOCK;
	/* A partner that comes after this is not waited for, nor one that is there now: it may
	 * leave as soon as it sees us. (The opens are read first, as they are counted last.) */
	unsigned reader_opens = pipe->reader_opens, writer_opens = pipe->writer_opens;
	bool has_reader = pipe->readers != 0, has_writer = pipe->writers != 0;

	if (file->writable && !file->readable && !has_reader && nonblock)
		return -ENXIO;
	count_in(pipe, file);
	wake_both(pipe);
	if (file->readable == file->writable)
		return 0;
	if (file->readable && !has_writer && !nonblock)
		return wait_for_partner(&pipe->readable, &pipe->writer_opens, writer_opens);
	if (file->writable && !has_reader)
		return wait_for_partner(&pipe->writable, &pipe->reader_opens, reader_opens);
	return 0;
}

int fifo_open(struct node *node, struct file *file)
{
	struct pipe *pipe = pipe_get(node);
	int error;

	if (!pipe)
		return -ENOMEM;
	error = join_fifo(pipe, file);
	file->private = pipe;
	if (error == -ENXIO)
		pipe_put(node, pipe);
	else if (error)
		pipe_close(file);
	else
		file->ops = &pipe_file_ops;
	return error;
}

/* --- Anonymous pipes. --- */

/* Opening one of its ends anew (through /proc/PID/fd) waits for nobody. */
static int anonymous_open(struct node *node, struct file *file)
{
	struct pipe *pipe = pipe_get(node);

	if (!pipe)
		return -ENOMEM;
	count_in(pipe, file);
	file->position = UINT64_MAX;
	file->private = pipe;
	file->ops = &anonymous_file_ops;
	return 0;
}

static const struct node_ops anonymous_ops = {
	.open = anonymous_open,
};

int pipe_create(unsigned flags, struct credentials *credentials, struct file **reader,
		struct file **writer)
{
	static _Atomic uint64_t next_number = 1;
	struct node *node = kmalloc(sizeof(*node));
	int error;

	if (!node)
		return -ENOMEM;
	node_init(node, &anonymous_ops, NULL, next_number++, MODE_FIFO | 0600);
	node->flags = NODE_STREAM;
	node->uid = credentials->fsuid;
	node->gid = credentials->fsgid;
	error = file_create(node, NULL, FILE_READ_ONLY | flags, credentials, reader);
	if (!error) {
		error = file_create(node, NULL, FILE_WRITE_ONLY | flags, credentials, writer);
		if (error)
			file_put(*reader);
	}
	node_put(node);
	return error;
}
