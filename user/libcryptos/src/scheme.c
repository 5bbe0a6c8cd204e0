/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of a scheme's server. */
#include <cryptos/process.h>
#include <cryptos/scheme.h>

/* How many requests are read at once. */
#define PACKETS 8

int64_t scheme_create(struct scheme_server *server, const char *name,
		      const struct scheme_handlers *handlers, void *context)
{
	char path[64] = ":";

	if (string_copy(path + 1, name, sizeof(path) - 1) >= sizeof(path) - 1)
		return -EINVAL;
	server->handlers = handlers;
	server->context = context;
	server->socket = file_open(path, REDOX_O_CREAT | REDOX_O_RDWR | REDOX_O_CLOEXEC);
	return server->socket < 0 ? server->socket : 0;
}

/* Requests that name a path. */
static int64_t handle_path(const struct scheme_handlers *handlers,
			   const struct scheme_request *request, const struct redox_packet *packet)
{
	const char *path = (const char *)packet->b;

	switch (packet->a) {
	case REDOX_SYS_open:
		return handlers->open ? handlers->open(request, path, packet->c, packet->d)
				      : -ENOENT;
	case REDOX_SYS_chmod:
		return handlers->change_mode_of_path
			       ? handlers->change_mode_of_path(request, path, packet->c,
							       (unsigned)packet->d)
			       : -ENOENT;
	case REDOX_SYS_rmdir:
		return handlers->remove_directory
			       ? handlers->remove_directory(request, path, packet->c)
			       : -ENOENT;
	case REDOX_SYS_unlink:
		return handlers->unlink ? handlers->unlink(request, path, packet->c) : -ENOENT;
	default:
		return -ENOSYS;
	}
}

/* Requests with a file and memory of the caller's. */
static int64_t handle_memory(const struct scheme_handlers *handlers,
			     const struct scheme_request *request,
			     const struct redox_packet *packet)
{
	void *memory = (void *)packet->c;

	switch (packet->a) {
	case REDOX_SYS_dup:
		return handlers->duplicate
			       ? handlers->duplicate(request, packet->b, memory, packet->d)
			       : -EBADF;
	case REDOX_SYS_read:
		return handlers->read ? handlers->read(request, packet->b, memory, packet->d)
				      : -EBADF;
	case REDOX_SYS_write:
		return handlers->write ? handlers->write(request, packet->b, memory, packet->d)
				       : -EBADF;
	case REDOX_SYS_fpath:
		return handlers->path ? handlers->path(request, packet->b, memory, packet->d)
				      : -EBADF;
	case REDOX_SYS_frename:
		return handlers->rename ? handlers->rename(request, packet->b, memory, packet->d)
					: -EBADF;
	case REDOX_SYS_fmap:
		return handlers->map ? handlers->map(request, packet->b, memory) : -EBADF;
	case REDOX_SYS_futimens:
		return handlers->change_times ? handlers->change_times(request, packet->b, memory)
					      : -EBADF;
	case REDOX_SYS_fstat:
		memset(memory, 0, sizeof(struct redox_stat));
		return handlers->status ? handlers->status(request, packet->b, memory) : -EBADF;
	case REDOX_SYS_fstatvfs:
		memset(memory, 0, sizeof(struct redox_statvfs));
		return handlers->system_status ? handlers->system_status(request, packet->b, memory)
					       : -EBADF;
	default:
		return -ENOSYS;
	}
}

/* Requests with a file and numbers. */
static int64_t handle_numbers(const struct scheme_handlers *handlers,
			      const struct scheme_request *request,
			      const struct redox_packet *packet)
{
	uint64_t b = packet->b, c = packet->c, d = packet->d;

	switch (packet->a) {
	case REDOX_SYS_lseek:
		return handlers->seek ? handlers->seek(request, b, (int64_t)c, (unsigned)d)
				      : -EBADF;
	case REDOX_SYS_fcntl:
		return handlers->control ? handlers->control(request, b, c, d) : 0;
	case REDOX_SYS_fevent:
		return handlers->watch ? handlers->watch(request, b, c) : -EBADF;
	case REDOX_SYS_funmap:
		return handlers->unmap ? handlers->unmap(request, b, c) : -EBADF;
	case REDOX_SYS_fchmod:
		return handlers->change_mode ? handlers->change_mode(request, b, (unsigned)c)
					     : -EBADF;
	case REDOX_SYS_fchown:
		return handlers->change_owner
			       ? handlers->change_owner(request, b, (uint32_t)c, (uint32_t)d)
			       : -EBADF;
	case REDOX_SYS_ftruncate:
		return handlers->truncate ? handlers->truncate(request, b, c) : -EBADF;
	case REDOX_SYS_fsync:
		return handlers->synchronise ? handlers->synchronise(request, b) : 0;
	case REDOX_SYS_close:
		return handlers->close ? handlers->close(request, b) : 0;
	default:
		return -ENOSYS;
	}
}

static int64_t handle(struct scheme_server *server, const struct redox_packet *packet)
{
	const struct scheme_request request = {
		.server = server,
		.id = packet->id,
		.pid = packet->pid,
		.uid = packet->uid,
		.gid = packet->gid,
	};

	if ((packet->a & REDOX_CLASS) == REDOX_CLASS_PATH)
		return handle_path(server->handlers, &request, packet);
	if (packet->a & REDOX_PATH || packet->a == REDOX_SYS_dup)
		return handle_memory(server->handlers, &request, packet);
	return handle_numbers(server->handlers, &request, packet);
}

int64_t scheme_serve_once(struct scheme_server *server)
{
	struct redox_packet packets[PACKETS];
	size_t count, answers = 0;
	int64_t size = file_read(server->socket, packets, sizeof(packets));

	if (size < 0)
		return size;
	count = (size_t)size / sizeof(*packets);
	for (size_t i = 0; i < count; i++) {
		struct redox_packet packet = packets[i];
		int64_t result = handle(server, &packet);

		if (result == SCHEME_LATER)
			continue;
		packet.a = (uint64_t)result;
		packets[answers++] = packet;
	}
	if (answers > 0)
		size = file_write(server->socket, packets, answers * sizeof(*packets));
	return size < 0 ? size : (int64_t)count;
}

int64_t scheme_serve(struct scheme_server *server)
{
	for (;;) {
		int64_t count = scheme_serve_once(server);

		if (count <= 0 && count != -EINTR)
			return count;
	}
}

int64_t scheme_answer(struct scheme_server *server, uint64_t id, int64_t result)
{
	const struct redox_packet packet = { .id = id, .a = (uint64_t)result };
	int64_t written = file_write(server->socket, &packet, sizeof(packet));

	return written < 0 ? written : 0;
}

int64_t scheme_report(struct scheme_server *server, uint64_t number, uint64_t flags)
{
	const struct redox_packet packet = { .a = REDOX_SYS_fevent, .b = number, .c = flags };
	int64_t written = file_write(server->socket, &packet, sizeof(packet));

	return written < 0 ? written : 0;
}

void scheme_destroy(struct scheme_server *server)
{
	file_close(server->socket);
	server->socket = -1;
}

int64_t service_begin(void)
{
	uint64_t ends[2];
	char byte;
	int64_t child, error = pipe_create(ends, REDOX_O_CLOEXEC);

	if (error < 0)
		return error;
	child = process_clone(0);
	if (child == 0) {
		file_close((int64_t)ends[0]);
		return (int64_t)ends[1];
	}
	file_close((int64_t)ends[1]);
	if (child < 0) {
		file_close((int64_t)ends[0]);
		return child;
	}
	process_exit(file_read((int64_t)ends[0], &byte, 1) == 1 ? 0 : 1);
}

void service_ready(int64_t service)
{
	file_write(service, "", 1);
	file_close(service);
}
