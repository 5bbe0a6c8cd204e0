/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending and receiving messages, with files and identities in their control data. */
#include "socket.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <time/clock.h>

enum message_flags {
	MESSAGE_OUT_OF_BAND = 0x1,
	MESSAGE_PEEK = 0x2,
	MESSAGE_CONTROL_TRUNCATED = 0x8,
	MESSAGE_TRUNCATED = 0x20,
	MESSAGE_NO_WAIT = 0x40,
	MESSAGE_END_OF_RECORD = 0x80,
	MESSAGE_WAIT_ALL = 0x100,
	MESSAGE_NO_SIGNAL = 0x4000,
	MESSAGE_MORE = 0x8000,
	MESSAGE_WAIT_FOR_ONE = 0x10000,
	MESSAGE_CLOSE_ON_EXEC = 0x40000000,
};

#define CONTROL_LEVEL_SOCKET 1
#define CONTROL_RIGHTS       1
#define CONTROL_CREDENTIALS  2
#define CONTROL_MAX          20480
#define CONTROL_ALIGNMENT    8
#define MESSAGES_MAX         1024
#define TRANSFER_MAX         0x7ffff000ull

/* --- Sending. --- */

static void put_files(struct unix_message *message)
{
	for (unsigned i = 0; i < message->file_count; i++)
		file_put(message->files[i]);
	kfree(message->files);
	message->files = NULL;
	message->file_count = 0;
}

static int add_files(struct unix_message *message, const void *bytes, size_t size)
{
	size_t count = size / sizeof(int);
	struct file **files;

	if (message->file_count + count > UNIX_FILES_MAX)
		return -EINVAL;
	files = krealloc(message->files, (message->file_count + count) * sizeof(*files));
	if (!files)
		return -ENOMEM;
	message->files = files;
	for (size_t i = 0; i < count; i++) {
		struct file *file;
		int fd;

		memcpy(&fd, (const uint8_t *)bytes + i * sizeof(fd), sizeof(fd));
		file = fd_get_any(fd);
		if (!file)
			return -EBADF;
		files[message->file_count++] = file;
	}
	return 0;
}

/* Others than root may only tell the truth about themselves. */
static int set_identity(struct unix_message *message, const void *bytes, size_t size)
{
	const struct credentials *own = credentials_current();
	struct linux_ucred claimed;

	if (size != sizeof(claimed))
		return -EINVAL;
	memcpy(&claimed, bytes, sizeof(claimed));
	if (!credentials_privileged(own) &&
	    ((uint32_t)claimed.pid != process_current()->pid ||
	     (claimed.uid != own->uid && claimed.uid != own->euid && claimed.uid != own->suid) ||
	     (claimed.gid != own->gid && claimed.gid != own->egid && claimed.gid != own->sgid)))
		return -EPERM;
	message->identity =
		(struct unix_identity){ (uint32_t)claimed.pid, claimed.uid, claimed.gid };
	return 0;
}

static int decode_control(struct unix_message *message, const uint8_t *control, size_t size)
{
	size_t at = 0;
	int error = 0;

	while (!error && size - at >= sizeof(struct linux_cmsghdr)) {
		struct linux_cmsghdr header;
		const uint8_t *bytes = control + at + sizeof(header);
		size_t length;

		memcpy(&header, control + at, sizeof(header));
		if (header.length < sizeof(header) || header.length > size - at)
			return -EINVAL;
		length = header.length - sizeof(header);
		if (header.level != CONTROL_LEVEL_SOCKET)
			error = 0; /* another level's: ignored, as Linux does */
		else if (header.type == CONTROL_RIGHTS)
			error = add_files(message, bytes, length);
		else if (header.type == CONTROL_CREDENTIALS)
			error = set_identity(message, bytes, length);
		else
			error = -EINVAL;
		at += min_size(align_up(header.length, CONTROL_ALIGNMENT), size - at);
	}
	return error;
}

static int get_control(struct unix_message *message, uint64_t from, uint64_t size)
{
	uint8_t *control;
	int error;

	if (!from || !size)
		return 0;
	if (size > CONTROL_MAX)
		return -ENOBUFS;
	control = kmalloc(size);
	if (!control)
		return -ENOMEM;
	error = linux_get(control, from, size);
	if (!error)
		error = decode_control(message, control, size);
	kfree(control);
	return error;
}

static int64_t finish_send(ssize_t result, unsigned flags)
{
	if (result == -EPIPE && !(flags & MESSAGE_NO_SIGNAL)) {
		struct signal_info info = { .signal = SIGPIPE, .code = SIGNAL_KERNEL };

		signal_send_thread(user_thread_current(), &info);
	}
	return result;
}

#define SEND_FLAGS (MESSAGE_NO_WAIT | MESSAGE_NO_SIGNAL | MESSAGE_END_OF_RECORD | MESSAGE_MORE)

/* `to`: user address of a struct sockaddr, 0: none. */
static int64_t send_message(struct file *file, struct unix_message *message, unsigned flags,
			    uint64_t to, uint64_t to_length)
{
	struct unix_address address;
	struct walker walker;
	ssize_t result;
	int error = 0;

	if (flags & ~(unsigned)(SEND_FLAGS | MESSAGE_CLOSE_ON_EXEC))
		return -EOPNOTSUPP;
	if (to && to_length)
		error = linux_get_address(to, to_length, &address);
	if (!error && to && to_length && !address.length)
		error = -EINVAL;
	if (error)
		return error;
	if (flags & MESSAGE_NO_WAIT)
		message->flags |= UNIX_NO_WAIT;
	message->flags |= UNIX_HAS_IDENTITY;
	walker_get(&walker);
	result = unix_socket_send(file, message, &walker, to && to_length ? &address : NULL);
	walker_put(&walker);
	return finish_send(result, flags);
}

int64_t linux_sendto(const struct linux_call *call)
{
	struct unix_message message = { .identity = linux_own_identity() };
	struct file *file;
	struct io io;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	if (!user_range_valid(call->argument[1], call->argument[2])) {
		file_put(file);
		return -EFAULT;
	}
	io_init_user(&io, call->argument[1], min_u64(call->argument[2], TRANSFER_MAX));
	message.io = &io;
	result = send_message(file, &message, linux_unsigned(call, 3), call->argument[4],
			      linux_unsigned(call, 5));
	file_put(file);
	return result;
}

static int64_t send_header(struct file *file, const struct linux_msghdr *header, unsigned flags)
{
	struct unix_message message = { .identity = linux_own_identity() };
	struct io_segment *segments;
	struct io io;
	int64_t result;

	if (header->vector_length > 1024)
		return -EMSGSIZE;
	result = linux_get_vector(header->vector, header->vector_length, &segments);
	if (result)
		return result;
	result = io_init_segments(&io, segments, header->vector_length);
	if (!result)
		result = get_control(&message, header->control, header->control_length);
	message.io = &io;
	if (!result)
		result = send_message(file, &message, flags, header->name, header->name_length);
	put_files(&message);
	kfree(segments);
	return result;
}

int64_t linux_sendmsg(const struct linux_call *call)
{
	struct linux_msghdr header;
	struct file *file;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	result = linux_get(&header, call->argument[1], sizeof(header));
	if (!result)
		result = send_header(file, &header, linux_unsigned(call, 2));
	file_put(file);
	return result;
}

int64_t linux_sendmmsg(const struct linux_call *call)
{
	uint64_t at = call->argument[1];
	unsigned count = (unsigned)min_u64(linux_unsigned(call, 2), MESSAGES_MAX), done = 0;
	struct file *file;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	for (; done < count && result >= 0; at += sizeof(struct linux_mmsghdr)) {
		struct linux_msghdr header;

		result = linux_get(&header, at, sizeof(header));
		if (!result)
			result = send_header(file, &header, linux_unsigned(call, 3));
		if (result >= 0 && write_user_u32(at + sizeof(header), (uint32_t)result))
			result = -EFAULT;
		if (result >= 0)
			done++;
	}
	file_put(file);
	return done ? done : result;
}

/* --- Receiving. --- */

/* Where control data goes. */
struct control_out {
	uint64_t at, left;
	bool truncated;
};

static int put_control(struct control_out *out, int type, const void *bytes, size_t size)
{
	struct linux_cmsghdr header = { sizeof(header) + size, CONTROL_LEVEL_SOCKET, type };
	size_t space = align_up(header.length, CONTROL_ALIGNMENT);
	int error;

	if (out->left < sizeof(header)) {
		out->truncated = true;
		return 0;
	}
	if (header.length > out->left) {
		out->truncated = true;
		header.length = out->left;
	}
	error = linux_put(out->at, &header, sizeof(header));
	if (!error)
		error = linux_put(out->at + sizeof(header), bytes, header.length - sizeof(header));
	space = min_size(space, out->left);
	out->at += space;
	out->left -= space;
	return error;
}

/* Gives the files descriptors, as many as fit. */
static int put_rights(struct control_out *out, struct unix_message *message, bool close_on_exec)
{
	size_t room = out->left < sizeof(struct linux_cmsghdr)
			      ? 0
			      : (out->left - sizeof(struct linux_cmsghdr)) / sizeof(int);
	unsigned wanted = (unsigned)min_size(room, message->file_count), count = 0;
	int error = 0, *fds = kcalloc(wanted, sizeof(*fds));

	if (!fds)
		wanted = 0;
	while (count < wanted) {
		fds[count] = fd_reserve(0);
		if (fds[count] < 0)
			break;
		count++;
	}
	if (count)
		error = put_control(out, CONTROL_RIGHTS, fds, count * sizeof(*fds));
	for (unsigned i = 0; i < count; i++) {
		if (error) {
			fd_cancel(fds[i]);
			continue;
		}
		file_get(message->files[i]);
		fd_install(fds[i], message->files[i], close_on_exec);
	}
	if (count < message->file_count)
		out->truncated = true;
	kfree(fds);
	return error;
}

static int put_extras(struct file *file, struct unix_message *message, struct linux_msghdr *header,
		      unsigned flags)
{
	struct control_out out = { header->control, header->control ? header->control_length : 0,
				   false };
	struct unix_options options;
	int error = unix_socket_read_options(file, &options);

	if (!error && options.pass_identity && (message->flags & UNIX_HAS_IDENTITY)) {
		struct linux_ucred sender = { (int32_t)message->identity.pid, message->identity.uid,
					      message->identity.gid };

		error = put_control(&out, CONTROL_CREDENTIALS, &sender, sizeof(sender));
	}
	if (!error && message->file_count)
		error = put_rights(&out, message, flags & MESSAGE_CLOSE_ON_EXEC);
	if (out.truncated)
		header->flags |= MESSAGE_CONTROL_TRUNCATED;
	header->control_length = out.at - header->control;
	return error;
}

#define RECEIVE_FLAGS                                                            \
	(MESSAGE_PEEK | MESSAGE_NO_WAIT | MESSAGE_WAIT_ALL | MESSAGE_TRUNCATED | \
	 MESSAGE_CLOSE_ON_EXEC | MESSAGE_NO_SIGNAL | MESSAGE_WAIT_FOR_ONE)

/* Receives into message->io; of a packet that was cut the length that fits, or all of it with
 * MSG_TRUNC. */
static int64_t receive(struct file *file, struct unix_message *message, unsigned flags)
{
	size_t room = io_remaining(message->io);
	int64_t count;

	if (flags & MESSAGE_OUT_OF_BAND)
		return -EOPNOTSUPP;
	if (flags & ~(unsigned)RECEIVE_FLAGS)
		return -EINVAL;
	message->flags = (flags & MESSAGE_PEEK ? UNIX_PEEK : 0) |
			 (flags & MESSAGE_NO_WAIT ? UNIX_NO_WAIT : 0) |
			 (flags & MESSAGE_WAIT_ALL ? UNIX_WAIT_ALL : 0);
	count = unix_socket_receive(file, message);
	if (count > (int64_t)room && !(flags & MESSAGE_TRUNCATED))
		count = (int64_t)room;
	return count;
}

int64_t linux_recvfrom(const struct linux_call *call)
{
	struct unix_message message = { 0 };
	uint32_t room, length = 0;
	struct file *file;
	struct io io;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	if (!user_range_valid(call->argument[1], call->argument[2])) {
		file_put(file);
		return -EFAULT;
	}
	io_init_user(&io, call->argument[1], min_u64(call->argument[2], TRANSFER_MAX));
	message.io = &io;
	result = receive(file, &message, linux_unsigned(call, 3));
	file_put(file);
	put_files(&message);
	if (result >= 0 && call->argument[4]) {
		int error = read_user_u32(call->argument[5], &room);

		if (!error && message.address.length)
			error = linux_put_address(call->argument[4], room, &message.address,
						  &length);
		if (!error)
			error = write_user_u32(call->argument[5], length);
		if (error)
			return error;
	}
	return result;
}

/* One message; the header at `at` gets its results. */
static int64_t receive_header(struct file *file, uint64_t at, unsigned flags)
{
	struct unix_message message = { 0 };
	struct io_segment *segments;
	struct linux_msghdr header;
	struct io io;
	int64_t count, result = linux_get(&header, at, sizeof(header));

	if (result)
		return result;
	if (header.vector_length > 1024)
		return -EMSGSIZE;
	result = linux_get_vector(header.vector, header.vector_length, &segments);
	if (result)
		return result;
	message.io = &io;
	count = io_init_segments(&io, segments, header.vector_length);
	if (!count)
		count = receive(file, &message, flags);
	kfree(segments);
	if (count < 0)
		return count;
	header.flags = message.flags & UNIX_TRUNCATED ? MESSAGE_TRUNCATED : 0;
	result = put_extras(file, &message, &header, flags);
	put_files(&message);
	if (!result && header.name && message.address.length)
		result = linux_put_address(header.name, header.name_length, &message.address,
					   &header.name_length);
	else
		header.name_length = 0;
	if (!result)
		result = linux_put(at, &header, sizeof(header));
	return result ? result : count;
}

int64_t linux_recvmsg(const struct linux_call *call)
{
	struct file *file;
	int64_t result = linux_get_socket(linux_int(call, 0), &file);

	if (result)
		return result;
	result = receive_header(file, call->argument[1], linux_unsigned(call, 2));
	file_put(file);
	return result;
}

int64_t linux_recvmmsg(const struct linux_call *call)
{
	unsigned count = (unsigned)min_u64(linux_unsigned(call, 2), MESSAGES_MAX), done = 0;
	unsigned flags = linux_unsigned(call, 3);
	uint64_t at = call->argument[1], deadline;
	struct file *file;
	int64_t result = linux_get_timeout(call->argument[4], &deadline);

	if (!result)
		result = linux_get_socket(linux_int(call, 0), &file);
	if (result)
		return result;
	/* As on Linux the time is looked at between messages only. */
	while (done < count && (!done || clock_monotonic_ns() < deadline)) {
		result = receive_header(file, at, flags);
		if (result >= 0 &&
		    write_user_u32(at + sizeof(struct linux_msghdr), (uint32_t)result))
			result = -EFAULT;
		if (result < 0)
			break;
		done++;
		at += sizeof(struct linux_mmsghdr);
		if (flags & MESSAGE_WAIT_FOR_ONE)
			flags |= MESSAGE_NO_WAIT;
	}
	file_put(file);
	return done ? done : result;
}
