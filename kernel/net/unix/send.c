/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending through local sockets. */
#include "unix_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>

#define STREAM_CHUNK 32768

/* One message on its way. */
struct sending {
	struct unix_socket *from, *to;
	struct unix_message *message;
	bool wait;
	uint64_t timeout, deadline;
};

/* Whether anything can be sent to the other side at all. Both locks are taken in turn. */
static int check_ends(const struct sending *sending)
{
	struct unix_socket *from = sending->from;
	int error = 0;

	mutex_lock(&from->lock);
	if (from->output_shut || from->output_ended)
		error = -EPIPE;
	mutex_unlock(&from->lock);
	return error;
}

/* Adds the packet to what the other side has received: 0, -EAGAIN: there is no room. */
static int try_deliver(const struct sending *sending, struct unix_packet *packet)
{
	struct unix_socket *to = sending->to;
	size_t cost = unix_packet_cost(packet);
	int error = check_ends(sending);

	if (error)
		return error;
	mutex_lock(&to->lock);
	if (to->gone)
		error = to->type == UNIX_DATAGRAM ? -ECONNREFUSED : -EPIPE;
	else if (to->input_shut)
		error = -EPIPE;
	else if (to->received && to->received + cost > sending->from->send_limit)
		error = -EAGAIN;
	if (!error) {
		list_push_back(&to->packets, &packet->node);
		to->received += cost;
	}
	mutex_unlock(&to->lock);
	return error;
}

static int deliver(const struct sending *sending, struct unix_packet *packet)
{
	struct waiter waiter;
	int error = try_deliver(sending, packet);

	if (error == -EAGAIN && sending->wait) {
		wait_begin(&sending->to->room, &waiter);
		while ((error = try_deliver(sending, packet)) == -EAGAIN) {
			error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, sending->deadline);
			if (error) {
				error = unix_wait_error(error, sending->timeout);
				break;
			}
		}
		wait_end(&waiter);
	}
	if (!error)
		wait_wake_all(&sending->to->readable);
	return error;
}

/* Sends `size` bytes as one packet, with the files and the identity. */
static ssize_t send_packet(const struct sending *sending, size_t size)
{
	struct unix_message *message = sending->message;
	struct unix_socket *from = sending->from;
	struct unix_packet *packet = unix_packet_create(size);
	ssize_t count;
	int error;

	if (!packet)
		return -ENOMEM;
	count = size ? io_take(message->io, packet->bytes, size) : 0;
	if (count != (ssize_t)size) {
		unix_packet_destroy(packet);
		return -EFAULT;
	}
	packet->identity =
		message->flags & UNIX_HAS_IDENTITY ? message->identity : from->own_identity;
	packet->files = message->files;
	packet->file_count = message->file_count;
	if (from->type == UNIX_DATAGRAM) {
		mutex_lock(&unix_name_lock);
		packet->address = from->address;
		mutex_unlock(&unix_name_lock);
	}
	error = deliver(sending, packet);
	if (error) {
		packet->files = NULL;
		packet->file_count = 0;
		unix_packet_destroy(packet);
		return error;
	}
	message->files = NULL;
	message->file_count = 0;
	return count;
}

static ssize_t send_stream(const struct sending *sending)
{
	struct io *io = sending->message->io;
	size_t most = min_size(STREAM_CHUNK, sending->from->send_limit / 2);
	ssize_t done = 0, count = 0;

	if (io_remaining(io) == 0)
		return check_ends(sending);
	while (io_remaining(io)) {
		count = send_packet(sending, min_size(io_remaining(io), most));
		if (count < 0)
			break;
		done += count;
	}
	return done ? done : count;
}

/* Where a datagram goes, with a reference. */
static int find_target(struct unix_socket *from, const struct walker *walker,
		       const struct unix_address *to, struct unix_socket **target)
{
	int error = 0;

	if (to)
		error = unix_find(walker, to, from->type, target);
	else if (!(*target = unix_socket_peer(from)))
		error = -ENOTCONN;
	if (error)
		return error;
	/* Who is connected hears of nobody else. */
	mutex_lock(&unix_name_lock);
	if ((*target)->peer && (*target)->peer != from)
		error = -EPERM;
	mutex_unlock(&unix_name_lock);
	if (error)
		unix_socket_put(*target);
	return error;
}

static ssize_t send_datagram(struct sending *sending, const struct walker *walker,
			     const struct unix_address *to)
{
	size_t size = io_remaining(sending->message->io);
	ssize_t count;
	int error;

	if (size > sending->from->send_limit - UNIX_PACKET_COST)
		return -EMSGSIZE;
	error = find_target(sending->from, walker, to, &sending->to);
	if (error)
		return error;
	count = send_packet(sending, size);
	unix_socket_put(sending->to);
	return count;
}

static ssize_t send_connected(struct sending *sending)
{
	struct unix_socket *from = sending->from;
	size_t size = io_remaining(sending->message->io);
	ssize_t count;

	sending->to = unix_socket_peer(from);
	if (!sending->to)
		return -ENOTCONN;
	if (from->type == UNIX_STREAM)
		count = send_stream(sending);
	else if (size > from->send_limit - UNIX_PACKET_COST)
		count = -EMSGSIZE;
	else
		count = send_packet(sending, size);
	unix_socket_put(sending->to);
	return count;
}

ssize_t unix_socket_send(struct file *file, struct unix_message *message,
			 const struct walker *walker, const struct unix_address *to)
{
	struct unix_socket *socket = unix_socket_of(file);
	struct sending sending = { .from = socket, .message = message };

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	sending.wait = !(message->flags & UNIX_NO_WAIT) && !(file->flags & FILE_NONBLOCK);
	sending.timeout = socket->send_timeout;
	sending.deadline = unix_deadline(sending.timeout);
	if (socket->type == UNIX_DATAGRAM)
		return send_datagram(&sending, walker, to);
	if (to && socket->type == UNIX_STREAM)
		return socket->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	return send_connected(&sending);
}
