/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getsockopt and setsockopt. Options that local sockets have no use for are refused. */
#include "socket.h"

#include <proc/process.h>
#include <scheme/file.h>
#include <time/clock.h>

#define LEVEL_SOCKET 1

enum socket_option {
	OPTION_REUSE_ADDRESS = 2,
	OPTION_TYPE = 3,
	OPTION_ERROR = 4,
	OPTION_BROADCAST = 6,
	OPTION_SEND_BUFFER = 7,
	OPTION_RECEIVE_BUFFER = 8,
	OPTION_KEEP_ALIVE = 9,
	OPTION_LINGER = 13,
	OPTION_REUSE_PORT = 15,
	OPTION_PASS_CREDENTIALS = 16,
	OPTION_PEER_CREDENTIALS = 17,
	OPTION_RECEIVE_TIMEOUT = 20,
	OPTION_SEND_TIMEOUT = 21,
	OPTION_ACCEPTS = 30,
	OPTION_PROTOCOL = 38,
	OPTION_DOMAIN = 39,
};

/* Writes an option's value, as much as there is room for. */
static int64_t put_value(const struct linux_call *call, const void *value, uint32_t size)
{
	uint32_t room;
	int error = read_user_u32(call->argument[4], &room);

	if (!error && (int32_t)room < 0)
		error = -EINVAL;
	if (!error && room < size)
		size = room;
	if (!error)
		error = linux_put(call->argument[3], value, size);
	return error ? error : write_user_u32(call->argument[4], size);
}

static int64_t put_integer(const struct linux_call *call, int value)
{
	return put_value(call, &value, sizeof(value));
}

static int64_t put_timeout(const struct linux_call *call, uint64_t ns)
{
	struct linux_timeval time = { 0 };

	if (ns != UINT64_MAX)
		time = (struct linux_timeval){
			(int64_t)(ns / NS_PER_SECOND),
			(int64_t)(ns % NS_PER_SECOND / NS_PER_MICROSECOND),
		};
	return put_value(call, &time, sizeof(time));
}

static int64_t put_peer(const struct linux_call *call, const struct unix_options *options)
{
	struct linux_ucred peer = { 0, UINT32_MAX, UINT32_MAX };

	if (options->has_peer_identity)
		peer = (struct linux_ucred){ (int32_t)options->peer_identity.pid,
					     options->peer_identity.uid,
					     options->peer_identity.gid };
	return put_value(call, &peer, sizeof(peer));
}

static int64_t get_option(const struct linux_call *call, struct file *file)
{
	static const int no_linger[2] = { 0, 0 };
	struct unix_options options;
	int error = unix_socket_read_options(file, &options);

	if (error)
		return error;
	switch (linux_int(call, 2)) {
	case OPTION_TYPE:
		return put_integer(call, options.type);
	case OPTION_ERROR:
		return put_integer(call, unix_socket_take_error(file));
	case OPTION_SEND_BUFFER:
	case OPTION_RECEIVE_BUFFER:
		return put_integer(call, (int)options.send_limit);
	case OPTION_PASS_CREDENTIALS:
		return put_integer(call, options.pass_identity);
	case OPTION_PEER_CREDENTIALS:
		return put_peer(call, &options);
	case OPTION_RECEIVE_TIMEOUT:
		return put_timeout(call, options.receive_timeout_ns);
	case OPTION_SEND_TIMEOUT:
		return put_timeout(call, options.send_timeout_ns);
	case OPTION_ACCEPTS:
		return put_integer(call, options.listens);
	case OPTION_DOMAIN:
		return put_integer(call, LINUX_AF_UNIX);
	case OPTION_LINGER:
		return put_value(call, no_linger, sizeof(no_linger));
	case OPTION_PROTOCOL:
	case OPTION_REUSE_ADDRESS:
	case OPTION_REUSE_PORT:
	case OPTION_BROADCAST:
	case OPTION_KEEP_ALIVE:
		return put_integer(call, 0);
	default:
		return -ENOPROTOOPT;
	}
}

int64_t linux_getsockopt(const struct linux_call *call)
{
	struct file *file;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	result = linux_int(call, 1) == LEVEL_SOCKET ? get_option(call, file) : -EOPNOTSUPP;
	file_put(file);
	return result;
}

static int get_timeout(const struct linux_call *call, uint64_t *ns)
{
	struct linux_timeval time;
	int error;

	if (linux_int(call, 4) < (int)sizeof(time))
		return -EINVAL;
	error = linux_get(&time, call->argument[3], sizeof(time));
	if (error)
		return error;
	if ((uint64_t)time.microseconds >= 1000000)
		return -EDOM;
	*ns = time.seconds < 0 ? 0
			       : min_u64((uint64_t)time.seconds, UINT32_MAX) * NS_PER_SECOND +
					 (uint64_t)time.microseconds * NS_PER_MICROSECOND;
	if (time.seconds == 0 && time.microseconds == 0)
		*ns = UINT64_MAX;
	return 0;
}

static int64_t set_option(const struct linux_call *call, struct file *file)
{
	int option = linux_int(call, 2), value = 0;
	struct unix_options options;
	int error = unix_socket_read_options(file, &options);

	if (error)
		return error;
	if (option == OPTION_RECEIVE_TIMEOUT || option == OPTION_SEND_TIMEOUT)
		error = get_timeout(call, option == OPTION_SEND_TIMEOUT
						  ? &options.send_timeout_ns
						  : &options.receive_timeout_ns);
	else if (linux_int(call, 4) < (int)sizeof(value))
		error = -EINVAL;
	else
		error = linux_get(&value, call->argument[3], sizeof(value));
	if (error)
		return error;
	switch (option) {
	case OPTION_SEND_BUFFER:
		options.send_limit = value < 0 ? UINT32_MAX / 2 : 2 * (uint32_t)value;
		break;
	case OPTION_PASS_CREDENTIALS:
		options.pass_identity = value;
		break;
	case OPTION_RECEIVE_TIMEOUT:
	case OPTION_SEND_TIMEOUT:
		break;
	case OPTION_RECEIVE_BUFFER: /* what is under way is the sender's matter */
	case OPTION_LINGER:         /* nothing is lost by closing */
	case OPTION_REUSE_ADDRESS:  /* these mean nothing to local names */
	case OPTION_REUSE_PORT:
	case OPTION_BROADCAST:
	case OPTION_KEEP_ALIVE:
		return 0;
	default:
		return -ENOPROTOOPT;
	}
	return unix_socket_write_options(file, &options);
}

int64_t linux_setsockopt(const struct linux_call *call)
{
	struct file *file;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	result = linux_int(call, 1) == LEVEL_SOCKET ? set_option(call, file) : -EOPNOTSUPP;
	file_put(file);
	return result;
}
