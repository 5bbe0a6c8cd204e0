/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of local sockets: nodes of the tree, or abstract ones. */
#include "unix_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

/* RANK_SOCKET_NAME: names, connections, backlogs. */
struct mutex unix_name_lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "socket names"),
		     .waiters = LIST_INIT(unix_name_lock.waiters.waiters) },
	.rank = RANK_SOCKET_NAME,
	.name = "socket names",
};

/* Sockets with names; under the lock. */
static struct list bound = LIST_INIT(bound);

static bool is_abstract(const struct unix_address *address)
{
	return address->length && address->path[0] == '\0';
}

/* By node, or for abstract names by name. */
static struct unix_socket *find_locked(const struct node *target,
				       const struct unix_address *address)
{
	struct list_node *node;

	list_for_each (node, &bound) {
		struct unix_socket *socket = container_of(node, struct unix_socket, bound_node);

		if (target ? socket->node == target
			   : !socket->node && socket->address.length == address->length &&
				     memcmp(socket->address.path, address->path, address->length) ==
					     0)
			return socket;
	}
	return NULL;
}

/* Takes over the reference to `target`, also on failure. */
static int bind_to(struct unix_socket *socket, struct node *target,
		   const struct unix_address *address)
{
	int error = 0;

	mutex_lock(&unix_name_lock);
	if (socket->address.length)
		error = -EINVAL;
	else if (find_locked(target, address))
		error = -EADDRINUSE;
	if (!error) {
		socket->address = *address;
		socket->node = target;
		list_push_back(&bound, &socket->bound_node);
	}
	mutex_unlock(&unix_name_lock);
	if (error && target)
		node_put(target);
	return error;
}

static int bind_path(struct unix_socket *socket, const struct walker *walker,
		     const struct unix_address *address, uint32_t umask)
{
	const struct node_template like = { .mode = MODE_SOCKET | (0777 & ~umask) };
	struct dentry *dentry;
	struct node *node;
	int error = path_make(walker, NULL, address->path, &like);

	if (error)
		return error == -EEXIST ? -EADDRINUSE : error;
	error = path_walk(walker, NULL, address->path, 0, &dentry);
	if (error)
		return error;
	node = dentry->node;
	node_get(node);
	dentry_put(dentry);
	return bind_to(socket, node, address);
}

static int bind_anywhere(struct unix_socket *socket)
{
	static _Atomic uint32_t next;
	int error = -EADDRINUSE;

	for (unsigned tries = 0; tries < 1u << 20 && error == -EADDRINUSE; tries++) {
		struct unix_address address = { .length = 6 };

		snprintf(address.path + 1, sizeof(address.path) - 1, "%05x", next++ & 0xfffff);
		error = bind_to(socket, NULL, &address);
	}
	return error;
}

int unix_socket_bind(struct file *file, const struct walker *walker,
		     const struct unix_address *address, uint32_t umask)
{
	struct unix_socket *socket = unix_socket_of(file);

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	/* Looked at again under the lock; here so that no node is made in vain. */
	if (socket->address.length)
		return -EINVAL;
	if (!address->length)
		return walker->space ? -EACCES : bind_anywhere(socket);
	/* Abstract names are seen everywhere, which a namespace would not confine. */
	if (is_abstract(address))
		return walker->space ? -EACCES : bind_to(socket, NULL, address);
	return bind_path(socket, walker, address, umask);
}

static int find_node(const struct walker *walker, const struct unix_address *address,
		     struct node **node)
{
	struct dentry *dentry;
	int error = path_walk(walker, NULL, address->path, WALK_FOLLOW, &dentry);

	if (error)
		return error;
	error = node_permission(dentry->node, walker->credentials, 2);
	if (!error && !node_is(dentry->node, MODE_SOCKET))
		error = -ECONNREFUSED;
	if (!error) {
		*node = dentry->node;
		node_get(*node);
	}
	dentry_put(dentry);
	return error;
}

int unix_find(const struct walker *walker, const struct unix_address *address, int type,
	      struct unix_socket **found)
{
	struct node *node = NULL;
	struct unix_socket *socket;
	int error = 0;

	if (!is_abstract(address))
		error = find_node(walker, address, &node);
	else if (walker->space)
		error = -EACCES;
	if (error)
		return error;
	mutex_lock(&unix_name_lock);
	socket = find_locked(node, address);
	if (!socket)
		error = -ECONNREFUSED;
	else if (socket->type != type)
		error = -EPROTOTYPE;
	else
		unix_socket_get(socket);
	mutex_unlock(&unix_name_lock);
	if (node)
		node_put(node);
	*found = socket;
	return error;
}

struct node *unix_unbind_locked(struct unix_socket *socket)
{
	struct node *node = socket->node;

	if (list_node_attached(&socket->bound_node))
		list_remove(&socket->bound_node);
	socket->node = NULL;
	return node;
}

int unix_socket_read_address(struct file *file, bool peer, struct unix_address *address)
{
	struct unix_socket *socket = unix_socket_of(file), *of = socket;
	int error = 0;

	if (!unix_socket_is(file))
		return -ENOTSOCK;
	mutex_lock(&unix_name_lock);
	if (peer)
		of = socket->peer;
	if (of)
		*address = of->address;
	else
		error = -ENOTCONN;
	mutex_unlock(&unix_name_lock);
	return error;
}
