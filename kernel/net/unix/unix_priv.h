/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Local sockets, as the files of this folder share them.
 *
 *   socket.c   life of sockets, their operations as files, options
 *   name.c     names: bind, finding a socket by its name
 *   connect.c  listen, connect, accept, pairs, shutdown
 *   packet.c   what is under way: packets with their files
 *   send.c     sending
 *   receive.c  receiving
 */
#pragma once

#include <base/errno.h>
#include <base/list.h>
#include <net/unix_socket.h>
#include <scheme/poll.h>
#include <time/clock.h>

enum unix_state {
	UNIX_IDLE,
	UNIX_LISTENING,
	UNIX_CONNECTED, /* streams: has, or had, a peer */
};

#define UNIX_LIMIT_DEFAULT 212992
#define UNIX_LIMIT_MIN     4608
#define UNIX_PACKET_COST   256 /* what a packet counts beside its bytes */
#define UNIX_BACKLOG_MAX   4096

struct unix_socket {
	/* Who holds: its open file, its peer, a listener that it waits in, calls under way. */
	struct refcount references;
	int type; /* immutable */

	/* Under unix_name_lock. */
	enum unix_state state;
	struct unix_socket *peer; /* a reference; of datagrams: where they go by default */
	struct unix_address address;
	struct node *node;           /* of a bound path; a reference */
	struct list_node bound_node; /* in the list of those with names */
	struct list pending;         /* of a listener: connections not accepted yet */
	unsigned pending_count, backlog;
	struct list_node pending_node; /* in a listener's; which holds a reference */
	bool has_peer_identity;
	struct unix_identity own_identity; /* who made it, or called listen */
	struct unix_identity peer_identity;

	struct mutex lock;            /* RANK_SOCKET: all below */
	struct list packets;          /* received */
	size_t received;              /* what they cost */
	bool input_ended;             /* the peer sends no more */
	bool output_ended;            /* nobody reads what would be sent */
	bool input_shut, output_shut; /* by shutdown() */
	bool gone;                    /* closed */
	int error;                    /* pending, positive */

	/* Atomic by size; set by their owner at will. */
	bool pass_identity;
	uint32_t send_limit;
	uint64_t send_timeout, receive_timeout;

	struct wait_queue readable; /* packets, connections, the end */
	struct wait_queue writable; /* the peer has room */
	struct wait_queue room;     /* this socket has room, or its backlog */
};

/* A message under way, or a part of a stream. */
struct unix_packet {
	struct list_node node;
	size_t size, offset; /* bytes, and how many of them were read */
	struct unix_identity identity;
	struct file **files; /* references; NULL: none */
	unsigned file_count;
	struct unix_address address; /* of the sender */
	uint8_t bytes[];
};

extern struct mutex unix_name_lock;
extern const struct node_ops unix_socket_ops;

static inline struct unix_socket *unix_socket_of(const struct file *file)
{
	return file->private;
}

/* --- socket.c --- */
/* NULL: out of memory. One reference. */
struct unix_socket *unix_socket_allocate(int type);
void unix_socket_get(struct unix_socket *socket);
void unix_socket_put(struct unix_socket *socket);
/* The peer with a reference, or NULL. */
struct unix_socket *unix_socket_peer(struct unix_socket *socket);
/* Makes it an open file; takes over the reference on success. */
int must_check unix_socket_make_file(struct unix_socket *socket, unsigned flags,
				     const struct credentials *credentials, struct file **file);
/* Deadline of a call that may wait so long. */
static inline uint64_t unix_deadline(uint64_t timeout)
{
	return timeout == UINT64_MAX ? DEADLINE_NEVER : clock_deadline_after(timeout);
}
/* The error of a wait: an interrupted one with a time-out is not restarted, as it would begin
 * anew. */
static inline int unix_wait_error(int error, uint64_t timeout)
{
	if (error == -ETIMEDOUT)
		return -EAGAIN;
	return error == -ERESTART && timeout != UINT64_MAX ? -EINTR : error;
}

/* --- name.c --- */
/* Finds the bound socket; a reference. -ECONNREFUSED, -EPROTOTYPE, path errors. */
int must_check unix_find(const struct walker *walker, const struct unix_address *address, int type,
			 struct unix_socket **found);
/* Takes back the name. unix_name_lock is held. Returns the node, to be put without the lock. */
struct node *unix_unbind_locked(struct unix_socket *socket);

/* --- connect.c --- */
/* The socket is closed: tells its peer and those who wait for it. */
void unix_disconnect(struct unix_socket *socket);

/* --- packet.c --- */
struct unix_packet *unix_packet_create(size_t size);
void unix_packet_destroy(struct unix_packet *packet);
/* The same, soon, for packets that were never received: their files are closed by a worker. */
void unix_packet_drop(struct unix_packet *packet);
static inline size_t unix_packet_cost(const struct unix_packet *packet)
{
	return packet->size + UNIX_PACKET_COST;
}
/* References to a packet's files, for a second receiver. -ENOMEM. */
int must_check unix_packet_copy_files(const struct unix_packet *packet, struct file ***files);
