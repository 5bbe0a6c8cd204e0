/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections of local sockets: made, accepted, shut down, ended. */
#include "unix_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>

int unix_socket_listen(struct file *file, unsigned backlog, const struct unix_identity *who)
{
	struct unix_socket *socket = unix_socket_of(file);
	int error = 0;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	if (socket->type == UNIX_DATAGRAM)
		return -EOPNOTSUPP;
	mutex_lock(&unix_name_lock);
	if (!socket->address.length || socket->state == UNIX_CONNECTED) {
		error = -EINVAL;
	} else {
		socket->state = UNIX_LISTENING;
		socket->backlog = (unsigned)min_u64(backlog, UNIX_BACKLOG_MAX);
		socket->own_identity = *who;
	}
	mutex_unlock(&unix_name_lock);
	wait_wake_all(&socket->room);
	return error;
}

/* Both sides know each other from now on. unix_name_lock is held. */
static void join_locked(struct unix_socket *a, struct unix_socket *b)
{
	unix_socket_get(a);
	unix_socket_get(b);
	a->peer = b;
	b->peer = a;
	a->state = UNIX_CONNECTED;
	b->state = UNIX_CONNECTED;
	a->has_peer_identity = true;
	b->has_peer_identity = true;
	a->peer_identity = b->own_identity;
	b->peer_identity = a->own_identity;
}

/* Queues `server`, the other end of `client`, with the listener: 0, -EAGAIN where the backlog
 * is full, other errors. */
static int try_connect(struct unix_socket *client, struct unix_socket *listener,
		       struct unix_socket *server)
{
	int error = 0;

	mutex_lock(&unix_name_lock);
	if (client->state == UNIX_CONNECTED)
		error = -EISCONN;
	else if (client->state == UNIX_LISTENING)
		error = -EINVAL;
	else if (listener->state != UNIX_LISTENING)
		error = -ECONNREFUSED;
	else if (listener->pending_count > listener->backlog)
		error = -EAGAIN;
	if (!error) {
		server->own_identity = listener->own_identity;
		server->address = listener->address;
		join_locked(client, server);
		unix_socket_get(server);
		list_push_back(&listener->pending, &server->pending_node);
		listener->pending_count++;
	}
	mutex_unlock(&unix_name_lock);
	return error;
}

static int connect_stream(struct file *file, struct unix_socket *client,
			  struct unix_socket *listener, const struct unix_identity *who)
{
	struct unix_socket *server = unix_socket_allocate(client->type);
	uint64_t deadline = unix_deadline(client->send_timeout);
	struct waiter waiter;
	int error;

	if (!server)
		return -ENOMEM;
	client->own_identity = *who;
	wait_begin(&listener->room, &waiter);
	for (;;) {
		error = try_connect(client, listener, server);
		if (error != -EAGAIN || (file->flags & FILE_NONBLOCK))
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
		if (error) {
			error = unix_wait_error(error, client->send_timeout);
			break;
		}
	}
	wait_end(&waiter);
	if (!error) {
		wait_wake_all(&listener->readable);
		wait_wake_all(&client->writable);
	}
	unix_socket_put(server);
	return error;
}

/* Where a datagram socket sends from now on; takes over the reference. NULL: nowhere. */
static void set_peer(struct unix_socket *socket, struct unix_socket *peer)
{
	struct unix_socket *old;

	mutex_lock(&unix_name_lock);
	old = socket->peer;
	socket->peer = peer;
	mutex_unlock(&unix_name_lock);
	if (old)
		unix_socket_put(old);
}

int unix_socket_connect(struct file *file, const struct walker *walker,
			const struct unix_address *address, const struct unix_identity *who)
{
	struct unix_socket *socket = unix_socket_of(file), *found;
	int error;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	if (!address->length) {
		if (socket->type != UNIX_DATAGRAM)
			return -EINVAL;
		set_peer(socket, NULL);
		return 0;
	}
	error = unix_find(walker, address, socket->type, &found);
	if (error)
		return error;
	if (socket->type == UNIX_DATAGRAM) {
		set_peer(socket, found);
		wait_wake_all(&socket->writable);
		return 0;
	}
	error = connect_stream(file, socket, found, who);
	unix_socket_put(found);
	return error;
}

int unix_socket_create_pair(int type, unsigned flags, const struct credentials *credentials,
			    const struct unix_identity *who, struct file *pair[2])
{
	int error = unix_socket_create(type, flags, credentials, who, &pair[0]);

	if (error)
		return error;
	error = unix_socket_create(type, flags, credentials, who, &pair[1]);
	if (error) {
		file_put(pair[0]);
		return error;
	}
	mutex_lock(&unix_name_lock);
	join_locked(unix_socket_of(pair[0]), unix_socket_of(pair[1]));
	mutex_unlock(&unix_name_lock);
	return 0;
}

/* --- Accepting. --- */

/* The first connection, with the listener's reference. -EAGAIN, -EINVAL. */
static int take_pending(struct unix_socket *listener, struct unix_socket **taken)
{
	struct list_node *node;
	int error = 0;

	mutex_lock(&unix_name_lock);
	node = list_pop_front(&listener->pending);
	if (listener->state != UNIX_LISTENING)
		error = -EINVAL;
	else if (!node)
		error = -EAGAIN;
	if (node) {
		listener->pending_count--;
		*taken = container_of(node, struct unix_socket, pending_node);
	}
	mutex_unlock(&unix_name_lock);
	return error;
}

static int wait_for_pending(struct file *file, struct unix_socket **taken)
{
	struct unix_socket *listener = unix_socket_of(file);
	uint64_t timeout = listener->receive_timeout;
	uint64_t deadline = unix_deadline(timeout);
	struct waiter waiter;
	int error;

	wait_begin(&listener->readable, &waiter);
	for (;;) {
		error = take_pending(listener, taken);
		if (error != -EAGAIN || (file->flags & FILE_NONBLOCK))
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
		if (error) {
			error = unix_wait_error(error, timeout);
			break;
		}
	}
	wait_end(&waiter);
	return error;
}

int unix_socket_accept(struct file *file, unsigned flags, struct file **accepted)
{
	struct unix_socket *socket;
	int error;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	if (unix_socket_of(file)->type == UNIX_DATAGRAM)
		return -EOPNOTSUPP;
	error = wait_for_pending(file, &socket);
	if (error)
		return error;
	wait_wake_all(&unix_socket_of(file)->room);
	socket->pass_identity = unix_socket_of(file)->pass_identity;
	error = unix_socket_make_file(socket, flags, file->credentials, accepted);
	if (error) {
		unix_disconnect(socket);
		unix_socket_put(socket);
	}
	return error;
}

/* --- The end. --- */

static void wake_everybody(struct unix_socket *socket)
{
	wait_wake_all(&socket->readable);
	wait_wake_all(&socket->writable);
	wait_wake_all(&socket->room);
}

/* Tells a socket what its peer does no more. `error`: becomes pending, 0: none. */
static void end_at(struct unix_socket *socket, bool input, bool output, int error)
{
	mutex_lock(&socket->lock);
	socket->input_ended |= input;
	socket->output_ended |= output;
	if (error)
		socket->error = error;
	mutex_unlock(&socket->lock);
	wake_everybody(socket);
}

int unix_socket_shutdown(struct file *file, int how)
{
	struct unix_socket *socket = unix_socket_of(file), *peer;
	bool input = how != 1, output = how != 0;

	if (how < 0 || how > 2)
		return -EINVAL;
	if (!unix_socket_is(file))
		return -ENOTSOCK;
	peer = unix_socket_peer(socket);
	if (!peer && socket->state != UNIX_LISTENING)
		return -ENOTCONN;
	mutex_lock(&socket->lock);
	socket->input_shut |= input;
	socket->output_shut |= output;
	mutex_unlock(&socket->lock);
	wake_everybody(socket);
	if (peer && socket->type != UNIX_DATAGRAM)
		end_at(peer, output, input, 0);
	else if (peer)
		wait_wake_all(&peer->room);
	if (peer)
		unix_socket_put(peer);
	return 0;
}

/* True if there was something that will never be read. */
static bool drop_packets(struct unix_socket *socket)
{
	struct list packets;
	struct list_node *node;
	bool any;

	list_init(&packets);
	mutex_lock(&socket->lock);
	list_splice_back(&packets, &socket->packets);
	socket->received = 0;
	socket->gone = true;
	mutex_unlock(&socket->lock);
	any = !list_empty(&packets);
	while ((node = list_pop_front(&packets)))
		unix_packet_drop(container_of(node, struct unix_packet, node));
	return any;
}

void unix_disconnect(struct unix_socket *socket)
{
	struct unix_socket *peer;
	struct list_node *next;
	struct list pending;
	struct node *node;
	bool unread;

	list_init(&pending);
	mutex_lock(&unix_name_lock);
	node = unix_unbind_locked(socket);
	peer = socket->peer;
	socket->peer = NULL;
	if (socket->state == UNIX_LISTENING)
		socket->state = UNIX_IDLE;
	list_splice_back(&pending, &socket->pending);
	mutex_unlock(&unix_name_lock);
	unread = drop_packets(socket);
	wake_everybody(socket);
	if (node)
		node_put(node);
	if (peer) {
		if (socket->type != UNIX_DATAGRAM)
			end_at(peer, true, true, unread ? ECONNRESET : 0);
		unix_socket_put(peer);
	}
	while ((next = list_pop_front(&pending))) {
		struct unix_socket *server = container_of(next, struct unix_socket, pending_node);

		/* It has no pending ones of its own. */
		unix_disconnect(server);
		unix_socket_put(server);
	}
}
