/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets: making and naming them, connections. There is the local family only. */
#include "socket.h"

#include <base/string.h>
#include <proc/fd_table.h>
#include <proc/process.h>

#define SOCKET_TYPE_MASK 0xf
#define SOCKET_FLAGS     (FILE_NONBLOCK | FILE_CLOSE_ON_EXEC)
#define SOCKET_RAW       3 /* of the local family the same as datagrams */

int linux_get_socket(int fd, struct file **file)
{
	*file = fd_get(fd);
	if (!*file)
		return -EBADF;
	if (unix_socket_is(*file))
		return 0;
	file_put(*file);
	return -ENOTSOCK;
}

struct unix_identity linux_own_identity(void)
{
	const struct credentials *credentials = credentials_current();

	return (struct unix_identity){ process_current()->pid, credentials->euid,
				       credentials->egid };
}

int linux_get_address(uint64_t from, uint64_t length, struct unix_address *address)
{
	struct linux_sockaddr_un raw = { 0 };
	size_t path;
	int error;

	if (length > sizeof(raw) || length < sizeof(raw.family))
		return -EINVAL;
	error = linux_get(&raw, from, length);
	if (error)
		return error;
	memset(address, 0, sizeof(*address));
	if (raw.family != LINUX_AF_UNIX)
		return raw.family == LINUX_AF_UNSPEC ? 0 : -EINVAL;
	path = length - sizeof(raw.family);
	memcpy(address->path, raw.path, path);
	/* Abstract names count their bytes, paths end at a 0. */
	address->length = (unsigned)(path && !raw.path[0] ? path : strlen(address->path));
	return 0;
}

int linux_put_address(uint64_t to, uint32_t room, const struct unix_address *address,
		      uint32_t *length)
{
	struct linux_sockaddr_un raw = { .family = LINUX_AF_UNIX };
	bool path = address->length && address->path[0];

	memcpy(raw.path, address->path, min_size(sizeof(raw.path), address->length));
	*length = (uint32_t)(sizeof(raw.family) + address->length + path);
	return linux_put(to, &raw, min_size(min_size(room, *length), sizeof(raw)));
}

/* The family and kind of a new socket; `type` loses its flags. */
static int check_kind(int family, int *type, unsigned *flags, int protocol)
{
	*flags = (unsigned)*type & ~(unsigned)SOCKET_TYPE_MASK;
	*type &= SOCKET_TYPE_MASK;
	if (*flags & ~(unsigned)SOCKET_FLAGS)
		return -EINVAL;
	if (family != LINUX_AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != LINUX_AF_UNIX)
		return -EPROTONOSUPPORT;
	if (*type == SOCKET_RAW)
		*type = UNIX_DATAGRAM;
	return 0;
}

int64_t linux_socket(const struct linux_call *call)
{
	struct unix_identity who = linux_own_identity();
	int type = linux_int(call, 1);
	struct file *file;
	unsigned flags;
	int error = check_kind(linux_int(call, 0), &type, &flags, linux_int(call, 2));

	if (!error)
		error = unix_socket_create(type, flags & FILE_NONBLOCK, credentials_current(), &who,
					   &file);
	return error ? error : fd_add(file, flags & FILE_CLOSE_ON_EXEC);
}

int64_t linux_socketpair(const struct linux_call *call)
{
	struct unix_identity who = linux_own_identity();
	int fds[2] = { -1, -1 }, type = linux_int(call, 1);
	struct file *pair[2];
	unsigned flags;
	int error = check_kind(linux_int(call, 0), &type, &flags, linux_int(call, 2));

	if (error)
		return error;
	for (unsigned i = 0; i < 2 && !error; i++) {
		fds[i] = fd_reserve(0);
		error = fds[i] < 0 ? fds[i] : 0;
	}
	if (!error)
		error = linux_put(call->argument[3], fds, sizeof(fds));
	if (!error)
		error = unix_socket_create_pair(type, flags & FILE_NONBLOCK, credentials_current(),
						&who, pair);
	for (unsigned i = 0; i < 2; i++) {
		if (!error)
			fd_install(fds[i], pair[i], flags & FILE_CLOSE_ON_EXEC);
		else if (fds[i] >= 0)
			fd_cancel(fds[i]);
	}
	return error;
}

int64_t linux_bind(const struct linux_call *call)
{
	struct unix_address address;
	struct walker walker;
	struct file *file;
	int error = linux_get_socket(linux_int(call, 0), &file);

	if (error)
		return error;
	error = linux_get_address(call->argument[1], linux_unsigned(call, 2), &address);
	if (!error) {
		walker_get(&walker);
		error = unix_socket_bind(file, &walker, &address, file_context_umask());
		walker_put(&walker);
	}
	file_put(file);
	return error;
}

int64_t linux_listen(const struct linux_call *call)
{
	struct unix_identity who = linux_own_identity();
	struct file *file;
	int error = linux_get_socket(linux_int(call, 0), &file);

	if (error)
		return error;
	error = unix_socket_listen(file, linux_unsigned(call, 1), &who);
	file_put(file);
	return error;
}

int64_t linux_connect(const struct linux_call *call)
{
	struct unix_identity who = linux_own_identity();
	struct unix_address address;
	struct walker walker;
	struct file *file;
	int error = linux_get_socket(linux_int(call, 0), &file);

	if (error)
		return error;
	error = linux_get_address(call->argument[1], linux_unsigned(call, 2), &address);
	if (!error) {
		walker_get(&walker);
		error = unix_socket_connect(file, &walker, &address, &who);
		walker_put(&walker);
	}
	file_put(file);
	return error;
}

/* An address to a buffer with its size at `length_at`, which becomes the real one. */
static int put_sized(uint64_t to, uint64_t length_at, const struct unix_address *address)
{
	uint32_t room, length;
	int error = read_user_u32(length_at, &room);

	if (!error && (int32_t)room < 0)
		error = -EINVAL;
	if (!error)
		error = linux_put_address(to, room, address, &length);
	return error ? error : write_user_u32(length_at, length);
}

static int64_t accept_from(const struct linux_call *call, unsigned flags)
{
	struct unix_address address;
	struct file *file, *accepted;
	int fd, error;

	if (flags & ~(unsigned)SOCKET_FLAGS)
		return -EINVAL;
	error = linux_get_socket(linux_int(call, 0), &file);
	if (error)
		return error;
	fd = fd_reserve(0);
	error = fd < 0 ? fd : unix_socket_accept(file, flags & FILE_NONBLOCK, &accepted);
	file_put(file);
	if (error)
		goto err_fd;
	if (call->argument[1] && !unix_socket_read_address(accepted, true, &address))
		error = put_sized(call->argument[1], call->argument[2], &address);
	if (error) {
		file_put(accepted);
		goto err_fd;
	}
	fd_install(fd, accepted, flags & FILE_CLOSE_ON_EXEC);
	return fd;

err_fd:
	if (fd >= 0)
		fd_cancel(fd);
	return error;
}

int64_t linux_accept(const struct linux_call *call)
{
	return accept_from(call, 0);
}

int64_t linux_accept4(const struct linux_call *call)
{
	return accept_from(call, linux_unsigned(call, 3));
}

static int64_t put_name(const struct linux_call *call, bool peer)
{
	struct unix_address address;
	struct file *file;
	int error = linux_get_socket(linux_int(call, 0), &file);

	if (error)
		return error;
	error = unix_socket_read_address(file, peer, &address);
	file_put(file);
	return error ? error : put_sized(call->argument[1], call->argument[2], &address);
}

int64_t linux_getsockname(const struct linux_call *call)
{
	return put_name(call, false);
}

int64_t linux_getpeername(const struct linux_call *call)
{
	return put_name(call, true);
}

int64_t linux_shutdown(const struct linux_call *call)
{
	struct file *file;
	int error = linux_get_socket(linux_int(call, 0), &file);

	if (error)
		return error;
	error = unix_socket_shutdown(file, linux_int(call, 1));
	file_put(file);
	return error;
}
