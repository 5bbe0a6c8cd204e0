/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes and FIFOs. A FIFO's node has its pipe from the first open to the last close; an
 * anonymous pipe is a FIFO whose node has no name.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <scheme/pipe.h>
#include <scheme/poll.h>

#include "pipe_buffer.h"

#define CONTROL_READABLE 0x541b /* Linux's FIONREAD */

struct pipe {
	unsigned users; /* node->lock: open files, and opens under way */
	struct wait_queue readable, writable; /* woken too when the other side comes or goes */
	struct mutex lock;                    /* RANK_PIPE: all below */
	struct pipe_buffer buffer;
	unsigned readers, writers;           /* open files */
	unsigned reader_opens, writer_opens; /* there ever were */
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
	mutex_init(&pipe->lock, RANK_PIPE, "pipe");
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

	mutex_lock(&pipe->lock);
	pipe->readers -= file->readable;
	pipe->writers -= file->writable;
	mutex_unlock(&pipe->lock);
	wake_both(pipe);
	pipe_put(file->node, pipe);
}

/* --- Reading. --- */

/* Takes bytes, or one packet. The lock is held, and there are some. */
static ssize_t take(struct pipe *pipe, struct io *io)
{
	size_t packet = pipe_buffer_packet(&pipe->buffer);
	ssize_t count;

	if (!packet)
		return pipe_buffer_read(&pipe->buffer, io, SIZE_MAX);
	count = pipe_buffer_read(&pipe->buffer, io, packet);
	if (count >= 0)
		pipe_buffer_drop_packet(&pipe->buffer, packet, (size_t)count);
	return count;
}

static ssize_t read_or_wait(struct file *file, struct pipe *pipe, struct io *io)
{
	struct waiter waiter;
	ssize_t result;

	wait_begin(&pipe->readable, &waiter);
	for (;;) {
		result = 0;
		if (pipe_buffer_used(&pipe->buffer)) {
			result = take(pipe, io);
			break;
		}
		if (pipe->writers == 0)
			break;
		result = -EAGAIN;
		if (file->flags & FILE_NONBLOCK)
			break;
		mutex_unlock(&pipe->lock);
		result = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		mutex_lock(&pipe->lock);
		if (result)
			break;
	}
	wait_end(&waiter);
	return result;
}

static ssize_t pipe_read(struct file *file, struct io *io, uint64_t offset)
{
	struct pipe *pipe = pipe_of(file);
	ssize_t result;

	(void)offset;
	if (io_remaining(io) == 0)
		return 0;
	mutex_lock(&pipe->lock);
	if (pipe_buffer_used(&pipe->buffer))
		result = take(pipe, io);
	else
		result = read_or_wait(file, pipe, io);
	mutex_unlock(&pipe->lock);
	if (result > 0)
		wait_wake_all(&pipe->writable);
	return result;
}

/* --- Writing. --- */

/* How much of what is left to write can be written now: not less than all of a small write.
 * 0: wait. The lock is held. */
static size_t writable_now(const struct pipe *pipe, size_t left, size_t total)
{
	size_t room = pipe_buffer_room(&pipe->buffer);

	if (total <= PIPE_ATOMIC && room < left)
		return 0;
	return min_size(room, left);
}

/* Puts up to `length` bytes. The lock is held, and there is room. */
static ssize_t put(struct pipe *pipe, struct io *io, size_t length, bool packet)
{
	ssize_t count;
	int error;

	if (length <= PIPE_ATOMIC) {
		error = pipe_buffer_reserve(&pipe->buffer, length);
		if (error)
			return error;
	}
	count = pipe_buffer_write(&pipe->buffer, io, length);
	if (count > 0 && packet)
		pipe_buffer_end_packet(&pipe->buffer);
	return count;
}

/* Writes as much as can be written without waiting: bytes, or -EAGAIN where none can be. */
static ssize_t write_some(struct file *file, struct pipe *pipe, struct io *io, size_t total)
{
	bool packet = file->flags & FILE_DIRECT;
	size_t left = io_remaining(io);
	size_t length;
	int error;

	if (pipe->readers == 0)
		return -EPIPE;
	if (packet) {
		left = min_size(left, PIPE_ATOMIC);
		total = left;
		error = pipe_buffer_prepare_packet(&pipe->buffer);
		if (error)
			return error;
	}
	length = writable_now(pipe, left, total);
	return length ? put(pipe, io, length, packet) : -EAGAIN;
}

/* Writes the rest, waiting for room, where `done` bytes of `total` have been written. */
static ssize_t write_rest(struct file *file, struct pipe *pipe, struct io *io, size_t done,
			  size_t total)
{
	struct waiter waiter;
	ssize_t result = 0;

	wait_begin(&pipe->writable, &waiter);
	while (done < total) {
		result = write_some(file, pipe, io, total);
		if (result > 0) {
			done += (size_t)result;
			wait_wake_all(&pipe->readable);
			continue;
		}
		if (result != -EAGAIN || (file->flags & FILE_NONBLOCK))
			break;
		mutex_unlock(&pipe->lock);
		result = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		mutex_lock(&pipe->lock);
		if (result)
			break;
	}
	wait_end(&waiter);
	return done ? (ssize_t)done : result;
}

static ssize_t pipe_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct pipe *pipe = pipe_of(file);
	size_t total = io_remaining(io);
	ssize_t result;

	(void)offset;
	if (total == 0)
		return 0;
	mutex_lock(&pipe->lock);
	result = write_some(file, pipe, io, total);
	if (result > 0)
		wait_wake_all(&pipe->readable);
	if ((result > 0 && (size_t)result < total) || result == -EAGAIN)
		result = write_rest(file, pipe, io, result > 0 ? (size_t)result : 0, total);
	mutex_unlock(&pipe->lock);
	return result;
}

/* --- Readiness. --- */

static unsigned pipe_poll(struct file *file, struct poller *poller)
{
	struct pipe *pipe = pipe_of(file);
	unsigned ready = 0;

	if (file->readable)
		poller_add(poller, &pipe->readable);
	if (file->writable)
		poller_add(poller, &pipe->writable);
	mutex_lock(&pipe->lock);
	if (file->readable) {
		if (pipe_buffer_used(&pipe->buffer))
			ready |= POLL_IN | POLL_READ_NORMAL;
		if (pipe->writers == 0 && pipe->writer_opens != (unsigned)file->position)
			ready |= POLL_HANGUP;
	}
	if (file->writable) {
		if (pipe_buffer_room(&pipe->buffer) >= PIPE_ATOMIC)
			ready |= POLL_OUT | POLL_WRITE_NORMAL;
		if (pipe->readers == 0)
			ready |= POLL_ERROR;
	}
	mutex_unlock(&pipe->lock);
	return ready;
}

static long pipe_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct pipe *pipe = pipe_of(file);
	size_t used;

	if (request != CONTROL_READABLE)
		return -ENOTTY;
	mutex_lock(&pipe->lock);
	used = pipe_buffer_used(&pipe->buffer);
	mutex_unlock(&pipe->lock);
	return write_user_u32(argument, (uint32_t)used);
}

static const struct node_ops pipe_file_ops = {
	.close = pipe_close,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.control = pipe_control,
};

int pipe_capacity(const struct file *file)
{
	return file->ops == &pipe_file_ops ? (int)PIPE_SIZE : -EBADF;
}

/* --- Opening. --- */

/* Waits until the other side has been opened since `opens` was read from *counter. */
static int wait_for_partner(struct pipe *pipe, struct wait_queue *queue, const unsigned *counter,
			    unsigned opens)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(queue, &waiter);
	while (!error && *counter == opens) {
		mutex_unlock(&pipe->lock);
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		mutex_lock(&pipe->lock);
	}
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

/* The rules of FIFOs: who opens for one direction waits for the other. The lock is held. */
static int join_fifo(struct pipe *pipe, struct file *file)
{
	bool nonblock = file->flags & FILE_NONBLOCK;

	if (file->writable && !file->readable && pipe->readers == 0 && nonblock)
		return -ENXIO;
	count_in(pipe, file);
	wake_both(pipe);
	if (file->readable == file->writable)
		return 0;
	if (file->readable && pipe->writers == 0 && !nonblock)
		return wait_for_partner(pipe, &pipe->readable, &pipe->writer_opens,
					pipe->writer_opens);
	if (file->writable && pipe->readers == 0)
		return wait_for_partner(pipe, &pipe->writable, &pipe->reader_opens,
					pipe->reader_opens);
	return 0;
}

int fifo_open(struct node *node, struct file *file)
{
	struct pipe *pipe = pipe_get(node);
	int error;

	if (!pipe)
		return -ENOMEM;
	mutex_lock(&pipe->lock);
	error = join_fifo(pipe, file);
	mutex_unlock(&pipe->lock);
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
	mutex_lock(&pipe->lock);
	count_in(pipe, file);
	file->position = UINT64_MAX;
	mutex_unlock(&pipe->lock);
	file->private = pipe;
	file->ops = &pipe_file_ops;
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
