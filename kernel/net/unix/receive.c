/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receiving from local sockets. */
#include "unix_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

static struct unix_packet *first_packet(const struct unix_socket *socket)
{
	struct list_node *node = list_first(&socket->packets);

	return node ? container_of(node, struct unix_packet, node) : NULL;
}

/* Hands the packet's files and identity over; with `peek`, copies. The lock is held. */
static int take_extras(struct unix_packet *packet, struct unix_message *message, bool peek)
{
	message->identity = packet->identity;
	message->flags |= UNIX_HAS_IDENTITY;
	message->address = packet->address;
	if (!packet->file_count)
		return 0;
	if (peek) {
		int error = unix_packet_copy_files(packet, &message->files);

		if (error)
			return error;
	} else {
		message->files = packet->files;
	}
	message->file_count = packet->file_count;
	if (!peek) {
		packet->files = NULL;
		packet->file_count = 0;
	}
	return 0;
}

/* The packet was read to its end. The lock is held; it has no files any more. */
static void finish_packet(struct unix_socket *socket, struct unix_packet *packet)
{
	list_remove(&packet->node);
	socket->received -= unix_packet_cost(packet);
	unix_packet_destroy(packet);
}

/* One whole packet; what the buffer has no room for is lost. The lock is held. */
static ssize_t take_packet(struct unix_socket *socket, struct unix_message *message)
{
	struct unix_packet *packet = first_packet(socket);
	size_t length = min_size(io_remaining(message->io), packet->size);
	bool peek = message->flags & UNIX_PEEK;
	size_t size = packet->size;
	int error;

	if (length && io_put(message->io, packet->bytes, length) != (ssize_t)length)
		return -EFAULT;
	error = take_extras(packet, message, peek);
	if (error)
		return error;
	if (!peek)
		finish_packet(socket, packet);
	if (length < size)
		message->flags |= UNIX_TRUNCATED;
	/* The whole length: who asked for it learns how much was lost. */
	return (ssize_t)size;
}

static bool same_identity(const struct unix_identity *a, const struct unix_identity *b)
{
	return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

/* May bytes of `packet` follow those that `message` has got? Nothing
 * follows files, and identities belong to the bytes that they came with. */
static bool may_follow(const struct unix_socket *socket, const struct unix_packet *packet,
		       const struct unix_message *message, size_t done)
{
	if (!done)
		return true;
	if (message->file_count)
		return false;
	return !socket->pass_identity || same_identity(&packet->identity, &message->identity);
}

/* As many bytes as there are and fit. The lock is held. */
static ssize_t take_bytes(struct unix_socket *socket, struct unix_message *message, size_t before)
{
	bool peek = message->flags & UNIX_PEEK;
	struct list_node *node = list_first(&socket->packets);
	size_t done = 0;

	while (node && io_remaining(message->io)) {
		struct unix_packet *packet = container_of(node, struct unix_packet, node);
		size_t length = min_size(io_remaining(message->io), packet->size - packet->offset);
		ssize_t count;
		int error;

		if (!may_follow(socket, packet, message, before + done))
			break;
		count = io_put(message->io, packet->bytes + packet->offset, length);
		if (count <= 0)
			return done ? (ssize_t)done : -EFAULT;
		if (!(before + done) || packet->file_count) {
			error = take_extras(packet, message, peek);
			if (error)
				return error;
		}
		done += (size_t)count;
		node = list_next(&socket->packets, node);
		if (peek)
			continue;
		packet->offset += (size_t)count;
		if (packet->offset == packet->size)
			finish_packet(socket, packet);
	}
	return (ssize_t)done;
}

/* One look: bytes, 0 at the end, -EAGAIN: nothing there. */
static ssize_t try_receive(struct unix_socket *socket, struct unix_message *message, size_t before)
{
	ssize_t count = -EAGAIN;

	mutex_lock(&socket->lock);
	if (!list_empty(&socket->packets)) {
		count = socket->type == UNIX_STREAM ? take_bytes(socket, message, before)
						    : take_packet(socket, message);
	} else if (socket->error) {
		count = -socket->error;
		socket->error = 0;
	} else if (socket->input_ended || socket->input_shut) {
		count = 0;
	} else if (socket->type != UNIX_DATAGRAM && socket->state != UNIX_CONNECTED) {
		count = socket->type == UNIX_STREAM ? -EINVAL : -ENOTCONN;
	}
	mutex_unlock(&socket->lock);
	return count;
}

/* Those who wait for room, here and at the other side. */
static void wake_senders(struct unix_socket *socket)
{
	struct unix_socket *peer = unix_socket_peer(socket);

	wait_wake_all(&socket->room);
	if (peer) {
		wait_wake_all(&peer->writable);
		unix_socket_put(peer);
	}
}

/* Looks until there is something; `before` bytes were received by this call already. */
static ssize_t receive_some(struct file *file, struct unix_message *message, size_t before)
{
	struct unix_socket *socket = unix_socket_of(file);
	bool wait = !(message->flags & UNIX_NO_WAIT) && !(file->flags & FILE_NONBLOCK);
	uint64_t timeout = socket->receive_timeout;
	uint64_t deadline = unix_deadline(timeout);
	ssize_t count = try_receive(socket, message, before);
	struct waiter waiter;

	if (count != -EAGAIN || !wait)
		return count;
	wait_begin(&socket->readable, &waiter);
	while ((count = try_receive(socket, message, before)) == -EAGAIN) {
		int error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);

		if (error) {
			count = unix_wait_error(error, timeout);
			break;
		}
	}
	wait_end(&waiter);
	return count;
}

ssize_t unix_socket_receive(struct file *file, struct unix_message *message)
{
	bool stream, more;
	ssize_t done = 0, count;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	stream = unix_socket_of(file)->type == UNIX_STREAM;
	if (stream && io_remaining(message->io) == 0)
		return 0;
	do {
		count = receive_some(file, message, (size_t)done);
		if (count > 0)
			done += count;
		more = stream && count > 0 && (message->flags & UNIX_WAIT_ALL) &&
		       !(message->flags & UNIX_PEEK) && io_remaining(message->io) &&
		       !message->file_count;
	} while (more);
	if (done || count == 0)
		wake_senders(unix_socket_of(file));
	return done ? done : count;
}
