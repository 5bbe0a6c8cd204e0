/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Local sockets (AF_UNIX): streams, datagrams and sequenced packets between processes of this
 * machine, which may carry open files and the sender's identity along.
 *
 * A socket is an open file; the functions that take one return -ENOTSOCK for other files.
 * Who the caller is comes with each call, as this folder knows of no processes.
 */
#pragma once

#include <scheme/path.h>

enum unix_socket_type { /* Linux's SOCK_* */
			UNIX_STREAM = 1,
			UNIX_DATAGRAM = 2,
			UNIX_SEQUENCED = 5,
};

#define UNIX_PATH_MAX  108
#define UNIX_FILES_MAX 253 /* in one message */

/* A name: a path, or with a leading 0 an abstract one. length 0: none. */
struct unix_address {
	unsigned length;
	char path[UNIX_PATH_MAX + 1];
};

struct unix_identity {
	uint32_t pid, uid, gid;
};

enum unix_message_flags {
	UNIX_PEEK = 1 << 0,
	UNIX_NO_WAIT = 1 << 1,
	UNIX_WAIT_ALL = 1 << 2, /* streams: until the buffer is full */
	/* Results of receiving. */
	UNIX_TRUNCATED = 1 << 3,    /* the packet was longer */
	UNIX_HAS_IDENTITY = 1 << 4, /* sending too: `identity` is to go along */
};

/* What is sent or received. */
struct unix_message {
	struct io *io;
	unsigned flags; /* enum unix_message_flags */
	struct unix_identity identity;
	/* References: taken over by a send that succeeds; of a receive, the caller's then. */
	struct file **files; /* kmalloc'ed, or NULL */
	unsigned file_count;
	struct unix_address address; /* of the sender, when received */
};

/* -ENOMEM, -ESOCKTNOSUPPORT. `flags`: FILE_NONBLOCK. */
int must_check unix_socket_create(int type, unsigned flags, const struct credentials *credentials,
				  const struct unix_identity *who, struct file **file);
int must_check unix_socket_create_pair(int type, unsigned flags,
				       const struct credentials *credentials,
				       const struct unix_identity *who, struct file *pair[2]);
bool unix_socket_is(const struct file *file);

/* length 0: an abstract name is made up. `umask` counts for the node of a path. -EADDRINUSE,
 * -EINVAL (has a name), path errors. */
int unix_socket_bind(struct file *file, const struct walker *walker,
		     const struct unix_address *address, uint32_t umask);
int unix_socket_listen(struct file *file, unsigned backlog, const struct unix_identity *who);
/* length 0: a datagram socket is no longer connected. -ECONNREFUSED, -EPROTOTYPE, -EISCONN,
 * -EAGAIN (the backlog is full), -ERESTART, path errors. */
int unix_socket_connect(struct file *file, const struct walker *walker,
			const struct unix_address *address, const struct unix_identity *who);
/* The new connection. -EINVAL (does not listen), -EOPNOTSUPP, -EAGAIN, -ERESTART. */
int unix_socket_accept(struct file *file, unsigned flags, struct file **accepted);
/* how: 0 input, 1 output, 2 both. -ENOTCONN. */
int unix_socket_shutdown(struct file *file, int how);
/* `peer`: of the other side, -ENOTCONN. */
int unix_socket_read_address(struct file *file, bool peer, struct unix_address *address);

/* Bytes sent. `to` NULL: the peer. -EPIPE, -ENOTCONN, -EISCONN, -EMSGSIZE, -ECONNREFUSED,
 * -EAGAIN, -ERESTART. */
ssize_t unix_socket_send(struct file *file, struct unix_message *message,
			 const struct walker *walker, const struct unix_address *to);
/* Bytes received; 0 also at the end. */
ssize_t unix_socket_receive(struct file *file, struct unix_message *message);

struct unix_options {
	int type;
	bool listens;
	bool pass_identity; /* senders' identities are to be received */
	bool has_peer_identity;
	struct unix_identity peer_identity;           /* as of the connection */
	uint32_t send_limit;                          /* bytes under way */
	uint64_t send_timeout_ns, receive_timeout_ns; /* UINT64_MAX: none */
};
int unix_socket_read_options(struct file *file, struct unix_options *options);
/* Stores pass_identity, send_limit (within bounds) and the time-outs. */
int unix_socket_write_options(struct file *file, const struct unix_options *options);
/* The pending error, positive, which is cleared; 0: none. */
int unix_socket_take_error(struct file *file);
