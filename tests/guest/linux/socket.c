/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local sockets. */
#include "../test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t set_path(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}

static int listen_at(int type, const char *path)
{
	int fd = socket(AF_UNIX, type, 0);
	struct sockaddr_un address;
	socklen_t length = set_path(&address, path);

	EXPECT(fd >= 0);
	EXPECT(bind(fd, (void *)&address, length) == 0);
	EXPECT(listen(fd, 5) == 0);
	return fd;
}

static int connect_to(int type, const char *path)
{
	int fd = socket(AF_UNIX, type, 0);
	struct sockaddr_un address;
	socklen_t length = set_path(&address, path);

	EXPECT(fd >= 0);
	EXPECT(connect(fd, (void *)&address, length) == 0);
	return fd;
}

TEST(socket, pairs_talk)
{
	char bytes[16];
	int pair[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(write(pair[0], "hello", 5) == 5);
	EXPECT(write(pair[0], "world", 5) == 5);
	EXPECT_EQUAL(recv(pair[1], bytes, 3, MSG_PEEK), 3);
	EXPECT_EQUAL(read(pair[1], bytes, 16), 10);
	EXPECT(memcmp(bytes, "helloworld", 10) == 0);
	EXPECT(write(pair[1], "x", 1) == 1);
	EXPECT_EQUAL(read(pair[0], bytes, 16), 1);
	EXPECT_ERROR(recv(pair[0], bytes, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_ERROR(lseek(pair[0], 0, SEEK_SET), ESPIPE);
	close(pair[0]);
	EXPECT_EQUAL(read(pair[1], bytes, 16), 0);
	EXPECT_ERROR(send(pair[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(socket, other_families_are_refused)
{
	int pair[2];

	EXPECT_ERROR(socket(AF_UNIX, 77, 0), EINVAL);
	EXPECT_ERROR(socket(AF_UNIX, SOCK_STREAM, 77), EPROTONOSUPPORT);
	EXPECT_ERROR(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERROR(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERROR(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
	EXPECT(pipe(pair) == 0);
	EXPECT_ERROR(send(pair[0], "x", 1, 0), ENOTSOCK);
	EXPECT_ERROR(listen(999, 1), EBADF);
}

TEST(socket, broken_stream_raises_a_signal)
{
	int pair[2];

	EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(write(pair[0], "unread", 6) == 6);
	close(pair[1]);
	EXPECT_ERROR(read(pair[0], pair, 1), ECONNRESET);
	EXPECT_ERROR(write(pair[0], "x", 1), EPIPE);
}

TEST(socket, connections_by_path)
{
	int listener = listen_at(SOCK_STREAM, "server"), client, server;
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	struct ucred who;
	struct stat status;
	char bytes[8];

	EXPECT(stat("server", &status) == 0 && S_ISSOCK(status.st_mode));
	client = connect_to(SOCK_STREAM, "server");
	EXPECT(write(client, "early", 5) == 5);
	server = accept4(listener, (void *)&address, &length, SOCK_CLOEXEC);
	EXPECT(server >= 0 && fcntl(server, F_GETFD) == FD_CLOEXEC);
	EXPECT_EQUAL(length, 2);
	EXPECT_EQUAL(read(server, bytes, 8), 5);
	length = sizeof(address);
	EXPECT(getpeername(client, (void *)&address, &length) == 0);
	EXPECT(strcmp(address.sun_path, "server") == 0);
	EXPECT_EQUAL(length, 2 + strlen("server") + 1);
	length = sizeof(address);
	EXPECT(getsockname(server, (void *)&address, &length) == 0);
	EXPECT(strcmp(address.sun_path, "server") == 0);
	length = sizeof(who);
	EXPECT(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0);
	EXPECT(who.pid == getpid() && who.uid == geteuid());
	EXPECT_ERROR(connect(client, (void *)&address, sizeof(address)), EISCONN);
	EXPECT_ERROR(open("server", O_RDWR), ENXIO);
	close(listener);
	set_path(&address, "server");
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	EXPECT_ERROR(connect(client, (void *)&address, sizeof(address)), ECONNREFUSED);
	EXPECT_ERROR(bind(client, (void *)&address, sizeof(address)), EADDRINUSE);
	EXPECT(unlink("server") == 0);
	EXPECT_ERROR(connect(client, (void *)&address, sizeof(address)), ENOENT);
	EXPECT_ERROR(listen(client, 1), EINVAL);
	EXPECT_ERROR(accept(client, NULL, NULL), EINVAL);
	EXPECT_ERROR(recv(client, bytes, 1, 0), EINVAL);
	EXPECT_ERROR(send(client, bytes, 1, MSG_NOSIGNAL), ENOTCONN);
}

TEST(socket, abstract_names)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t length = 2 + 1 + (socklen_t)sprintf(address.sun_path + 1, "test-%d", getpid());

	EXPECT(bind(listener, (void *)&address, length) == 0);
	EXPECT_ERROR(connect(client, (void *)&address, length), ECONNREFUSED);
	EXPECT(listen(listener, 1) == 0);
	EXPECT_ERROR(connect(client, (void *)&address, length - 1), ECONNREFUSED);
	EXPECT(connect(client, (void *)&address, length) == 0);
	/* A name of its own. */
	client = socket(AF_UNIX, SOCK_DGRAM, 0);
	EXPECT(bind(client, (void *)&address, 2) == 0);
	length = sizeof(address);
	EXPECT(getsockname(client, (void *)&address, &length) == 0);
	EXPECT_EQUAL(length, 2 + 6);
	EXPECT_EQUAL(address.sun_path[0], 0);
}

TEST(socket, datagrams)
{
	int server = socket(AF_UNIX, SOCK_DGRAM, 0), client = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un to, from;
	socklen_t length, from_length = sizeof(from);
	char bytes[8];

	length = set_path(&from, "client");
	EXPECT(bind(client, (void *)&from, length) == 0);
	length = set_path(&to, "dgram");
	EXPECT(bind(server, (void *)&to, length) == 0);
	EXPECT_ERROR(send(client, "x", 1, 0), ENOTCONN);
	EXPECT_EQUAL(sendto(client, "first packet", 12, 0, (void *)&to, length), 12);
	EXPECT_EQUAL(sendto(client, "", 0, 0, (void *)&to, length), 0);
	EXPECT(connect(client, (void *)&to, length) == 0);
	EXPECT_EQUAL(send(client, "third", 5, 0), 5);
	EXPECT_EQUAL(recv(server, bytes, 8, MSG_PEEK | MSG_TRUNC), 12);
	EXPECT_EQUAL(recvfrom(server, bytes, 8, 0, (void *)&from, &from_length), 8);
	EXPECT(memcmp(bytes, "first pa", 8) == 0);
	EXPECT(strcmp(from.sun_path, "client") == 0);
	EXPECT_EQUAL(recv(server, bytes, 8, 0), 0);
	EXPECT_EQUAL(recv(server, bytes, 8, 0), 5);
	EXPECT_ERROR(recv(server, bytes, 8, MSG_DONTWAIT), EAGAIN);
	close(server);
	EXPECT_ERROR(send(client, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERROR(listen(client, 1), EOPNOTSUPP);
}

TEST(socket, sequenced_packets_keep_their_bounds)
{
	char bytes[16];
	int pair[2];

	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	EXPECT(send(pair[0], "one", 3, 0) == 3);
	EXPECT(send(pair[0], "three", 5, 0) == 5);
	EXPECT_EQUAL(recv(pair[1], bytes, 16, 0), 3);
	EXPECT_EQUAL(recv(pair[1], bytes, 2, 0), 2);
	close(pair[0]);
	EXPECT_EQUAL(recv(pair[1], bytes, 16, 0), 0);
}

static void send_fd(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec vector = { "f", 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	EXPECT_EQUAL(sendmsg(socket, &message, 0), 1);
}

TEST(socket, carries_files)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char bytes[8];
	struct iovec vector = { bytes, 8 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int pair[2], ends[2], fd;

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(pipe(ends) == 0);
	EXPECT(write(pair[0], "a", 1) == 1);
	send_fd(pair[0], ends[1]);
	close(ends[1]);
	EXPECT(write(pair[0], "z", 1) == 1);
	/* Bytes from before come along, those that follow do not. */
	EXPECT_EQUAL(recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC), 2);
	EXPECT(bytes[0] == 'a' && bytes[1] == 'f');
	EXPECT_EQUAL(read(pair[1], bytes, 8), 1);
	EXPECT_EQUAL(control.header.cmsg_type, SCM_RIGHTS);
	EXPECT_EQUAL(control.header.cmsg_len, CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	EXPECT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT(write(fd, "through", 7) == 7);
	close(fd);
	EXPECT_EQUAL(read(ends[0], bytes, 8), 7);
	EXPECT_EQUAL(read(ends[0], bytes, 8), 0);
	/* Without room for it the file is lost. */
	send_fd(pair[0], ends[0]);
	message.msg_controllen = 0;
	EXPECT_EQUAL(recvmsg(pair[1], &message, 0), 1);
	EXPECT(message.msg_flags & MSG_CTRUNC);
}

/* Sockets that lie in each other's queues: closing the first must not overrun the kernel. */
TEST(socket, long_chains_of_carried_sockets)
{
	int older[2], newer[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, older) == 0);
	for (int i = 0; i < 3000; i++) {
		EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, newer) == 0);
		/* The older one goes into the queue of the newer one. */
		send_fd(newer[0], older[1]);
		close(older[0]);
		close(older[1]);
		memcpy(older, newer, sizeof(older));
	}
	close(older[0]);
	close(older[1]);
}

TEST(socket, carries_identities)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char bytes[8];
	struct iovec vector = { bytes, 8 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct ucred who;
	int pair[2], on = 1;

	EXPECT(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	EXPECT(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	EXPECT(send(pair[0], "x", 1, 0) == 1);
	EXPECT_EQUAL(recvmsg(pair[1], &message, 0), 1);
	EXPECT_EQUAL(control.header.cmsg_type, SCM_CREDENTIALS);
	memcpy(&who, CMSG_DATA(&control.header), sizeof(who));
	EXPECT(who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
}

TEST(socket, shutdown_ends_one_direction)
{
	struct pollfd poller = { .events = POLLIN | POLLRDHUP };
	char bytes[4];
	int pair[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(shutdown(pair[0], SHUT_WR) == 0);
	poller.fd = pair[1];
	EXPECT_EQUAL(poll(&poller, 1, 0), 1);
	EXPECT_EQUAL(poller.revents, POLLIN | POLLRDHUP);
	EXPECT_EQUAL(read(pair[1], bytes, 4), 0);
	EXPECT_ERROR(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT(write(pair[1], "back", 4) == 4);
	EXPECT_EQUAL(read(pair[0], bytes, 4), 4);
	EXPECT_ERROR(shutdown(pair[0], 3), EINVAL);
	EXPECT(shutdown(pair[1], SHUT_RDWR) == 0);
	EXPECT_EQUAL(poll(&poller, 1, 0), 1);
	EXPECT(poller.revents & POLLHUP);
}

static void *drain(void *argument)
{
	size_t *total = calloc(1, sizeof(*total));
	char bytes[5000];
	ssize_t count;

	while ((count = read(*(int *)argument, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < count; i++)
			EXPECT(bytes[i] == (char)((*total + (size_t)i) % 251));
		*total += (size_t)count;
	}
	return total;
}

TEST(socket, much_data_flows)
{
	size_t size = 3 << 20, *total;
	char *bytes = malloc(size);
	pthread_t thread;
	int pair[2];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i % 251);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT(pthread_create(&thread, NULL, drain, &pair[1]) == 0);
	EXPECT_EQUAL(write(pair[0], bytes, size), size);
	close(pair[0]);
	pthread_join(thread, (void **)&total);
	EXPECT_EQUAL(*total, size);
}

TEST(socket, fills_up_and_polls)
{
	static char chunk[4096];
	struct epoll_event event = { .events = EPOLLOUT };
	int pair[2], queue = epoll_create1(0);
	size_t sent = 0;

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	EXPECT(epoll_ctl(queue, EPOLL_CTL_ADD, pair[0], &event) == 0);
	while (write(pair[0], chunk, sizeof(chunk)) > 0)
		sent += sizeof(chunk);
	EXPECT_EQUAL(errno, EAGAIN);
	EXPECT(sent >= 65536);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 0);
	while (read(pair[1], chunk, sizeof(chunk)) > 0)
		;
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 1);
	EXPECT_EQUAL(event.events, EPOLLOUT);
}

static void *connect_later(void *argument)
{
	(void)argument;
	test_sleep(50);
	return (void *)(intptr_t)connect_to(SOCK_STREAM, "late");
}

TEST(socket, accept_waits)
{
	int listener = listen_at(SOCK_STREAM, "late");
	struct pollfd poller = { listener, POLLIN, 0 };
	struct timeval timeout = { 0, 30000 };
	pthread_t thread;

	EXPECT_EQUAL(poll(&poller, 1, 0), 0);
	EXPECT(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0);
	EXPECT_ERROR(accept(listener, NULL, NULL), EAGAIN);
	EXPECT(pthread_create(&thread, NULL, connect_later, NULL) == 0);
	EXPECT_EQUAL(poll(&poller, 1, 5000), 1);
	EXPECT(accept(listener, NULL, NULL) >= 0);
	pthread_join(thread, NULL);
}

TEST(socket, options)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), value = 0;
	socklen_t length = sizeof(value);

	EXPECT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length) == 0);
	EXPECT_EQUAL(value, SOCK_STREAM);
	EXPECT(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &length) == 0);
	EXPECT_EQUAL(value, AF_UNIX);
	EXPECT(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length) == 0);
	EXPECT_EQUAL(value, 0);
	EXPECT(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0);
	EXPECT_EQUAL(value, 0);
	EXPECT_ERROR(getsockopt(fd, SOL_SOCKET, 9999, &value, &length), ENOPROTOOPT);
	EXPECT_ERROR(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, 1), EINVAL);
}
