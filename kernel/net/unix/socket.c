/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local sockets: their life, their operations as files, options. */
#include "unix_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/anonymous.h>

#define CONTROL_READABLE 0x541b /* Linux's FIONREAD */
#define CONTROL_UNSENT   0x5411 /* TIOCOUTQ */

struct unix_socket *unix_socket_allocate(int type)
{
	struct unix_socket *socket = kzalloc(sizeof(*socket));

	if (!socket)
		return NULL;
	refcount_init(&socket->references, 1);
	socket->type = type;
	list_node_init(&socket->bound_node);
	list_node_init(&socket->pending_node);
	list_init(&socket->pending);
	list_init(&socket->packets);
	mutex_init(&socket->lock, RANK_SOCKET, "socket");
	wait_queue_init(&socket->readable, "socket readers");
	wait_queue_init(&socket->writable, "socket writers");
	wait_queue_init(&socket->room, "socket room");
	socket->send_limit = UNIX_LIMIT_DEFAULT;
	socket->send_timeout = UINT64_MAX;
	socket->receive_timeout = UINT64_MAX;
	return socket;
}

void unix_socket_get(struct unix_socket *socket)
{
	refcount_get(&socket->references);
}

void unix_socket_put(struct unix_socket *socket)
{
	if (refcount_put(&socket->references))
		kfree(socket);
}

struct unix_socket *unix_socket_peer(struct unix_socket *socket)
{
	struct unix_socket *peer;

	mutex_lock(&unix_name_lock);
	peer = socket->peer;
	if (peer)
		unix_socket_get(peer);
	mutex_unlock(&unix_name_lock);
	return peer;
}

int unix_socket_make_file(struct unix_socket *socket, unsigned flags,
			  const struct credentials *credentials, struct file **file)
{
	return anonymous_file_create(&unix_socket_ops, MODE_SOCKET | 0777, flags, credentials,
				     socket, file);
}

int unix_socket_create(int type, unsigned flags, const struct credentials *credentials,
		       const struct unix_identity *who, struct file **file)
{
	struct unix_socket *socket;
	int error;

	if (type != UNIX_STREAM && type != UNIX_DATAGRAM && type != UNIX_SEQUENCED)
		return -ESOCKTNOSUPPORT;
	socket = unix_socket_allocate(type);
	if (!socket)
		return -ENOMEM;
	socket->own_identity = *who;
	error = unix_socket_make_file(socket, flags, credentials, file);
	if (error)
		unix_socket_put(socket);
	return error;
}

bool unix_socket_is(const struct file *file)
{
	return file->ops == &unix_socket_ops;
}

/* --- As a file. --- */

static ssize_t socket_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct unix_message message = { .io = io };
	ssize_t count;

	(void)offset;
	count = unix_socket_receive(file, &message);
	for (unsigned i = 0; i < message.file_count; i++)
		file_put(message.files[i]);
	kfree(message.files);
	return count;
}

static ssize_t socket_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct unix_message message = { .io = io };

	(void)offset;
	return unix_socket_send(file, &message, NULL, NULL);
}

static unsigned poll_input(struct unix_socket *socket)
{
	unsigned ready = 0;

	mutex_lock(&unix_name_lock);
	if (socket->pending_count)
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (socket->type != UNIX_DATAGRAM && socket->state == UNIX_IDLE)
		ready |= POLL_HANGUP;
	mutex_unlock(&unix_name_lock);
	mutex_lock(&socket->lock);
	if (!list_empty(&socket->packets))
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (socket->input_ended || socket->input_shut)
		ready |= POLL_IN | POLL_READ_NORMAL | POLL_READ_HANGUP;
	if ((socket->input_ended || socket->input_shut) &&
	    (socket->output_ended || socket->output_shut))
		ready |= POLL_HANGUP;
	if (socket->error)
		ready |= POLL_ERROR;
	mutex_unlock(&socket->lock);
	return ready;
}

static unsigned poll_output(struct unix_socket *socket)
{
	struct unix_socket *peer = unix_socket_peer(socket);
	unsigned ready = POLL_OUT | POLL_WRITE_NORMAL | POLL_WRITE_BAND;

	if (!peer)
		return socket->state == UNIX_LISTENING ? 0 : ready;
	mutex_lock(&peer->lock);
	/* As on Linux: writable when a good part of the room is free. */
	if (peer->received > socket->send_limit / 4 * 3)
		ready = 0;
	mutex_unlock(&peer->lock);
	unix_socket_put(peer);
	return ready;
}

static unsigned socket_op_poll(struct file *file, struct poller *poller)
{
	struct unix_socket *socket = unix_socket_of(file);

	poller_add(poller, &socket->readable);
	poller_add(poller, &socket->writable);
	return poll_input(socket) | poll_output(socket);
}

static long socket_op_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct unix_socket *socket = unix_socket_of(file), *of = socket;
	struct list_node *node;
	size_t count = 0;

	if (request != CONTROL_READABLE && request != CONTROL_UNSENT)
		return -ENOTTY;
	if (socket->state == UNIX_LISTENING)
		return -EINVAL;
	if (request == CONTROL_UNSENT)
		of = unix_socket_peer(socket);
	if (of) {
		mutex_lock(&of->lock);
		list_for_each (node, &of->packets) {
			const struct unix_packet *packet =
				container_of(node, struct unix_packet, node);

			count += packet->size - packet->offset;
			if (of->type != UNIX_STREAM && of == socket)
				break;
		}
		mutex_unlock(&of->lock);
	}
	if (of && of != socket)
		unix_socket_put(of);
	return write_user_u32(argument, (uint32_t)count);
}

static void socket_op_close(struct file *file)
{
	struct unix_socket *socket = unix_socket_of(file);

	unix_disconnect(socket);
	unix_socket_put(socket);
}

const struct node_ops unix_socket_ops = {
	.read = socket_op_read,
	.write = socket_op_write,
	.poll = socket_op_poll,
	.control = socket_op_control,
	.close = socket_op_close,
};

/* --- Options. --- */

int unix_socket_read_options(struct file *file, struct unix_options *options)
{
	struct unix_socket *socket = unix_socket_of(file);

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	mutex_lock(&unix_name_lock);
	*options = (struct unix_options){
		.type = socket->type,
		.listens = socket->state == UNIX_LISTENING,
		.pass_identity = socket->pass_identity,
		.has_peer_identity = socket->has_peer_identity,
		.peer_identity = socket->peer_identity,
		.send_limit = socket->send_limit,
		.send_timeout_ns = socket->send_timeout,
		.receive_timeout_ns = socket->receive_timeout,
	};
	mutex_unlock(&unix_name_lock);
	return 0;
}

int unix_socket_write_options(struct file *file, const struct unix_options *options)
{
	struct unix_socket *socket = unix_socket_of(file);

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	socket->pass_identity = options->pass_identity;
	socket->send_limit = (uint32_t)min_u64(max_u64(options->send_limit, UNIX_LIMIT_MIN),
					       2 * UNIX_LIMIT_DEFAULT);
	socket->send_timeout = options->send_timeout_ns;
	socket->receive_timeout = options->receive_timeout_ns;
	return 0;
}

int unix_socket_take_error(struct file *file)
{
	struct unix_socket *socket = unix_socket_of(file);
	int error;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	mutex_lock(&socket->lock);
	error = socket->error;
	socket->error = 0;
	mutex_unlock(&socket->lock);
	return error;
}
