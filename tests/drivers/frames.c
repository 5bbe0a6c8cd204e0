/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet frames for tests, by way of network:NAME/frames.
 *
 *	frames echo PATH              sends back what comes, with the addresses exchanged, until SIGTERM; says how many
 *	frames send PATH FIRST LAST   sends a frame of each of these lengths to all, and waits until they have left
 *	frames check PATH             tries what must not work, and what must not wait; the interface is on, and nothing comes
 *
 * Byte N of a frame's data is N plus the frame's length.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER    14
#define FRAME_MAX 2048

static volatile sig_atomic_t stop;
static unsigned char frame[FRAME_MAX];

static void fail(const char *what)
{
	fprintf(stderr, "frames: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void handle(int number)
{
	(void)number;
	stop = 1;
}

static int open_frames(const char *path, int flags)
{
	int file = open(path, flags);

	if (file < 0)
		fail(path);
	return file;
}

static void echo(const char *path)
{
	struct sigaction action = { .sa_handler = handle };
	int file = open_frames(path, O_RDWR);
	unsigned long count = 0;

	sigaction(SIGTERM, &action, NULL);
	printf("listening\n");
	fflush(stdout);
	while (!stop) {
		ssize_t length = read(file, frame, sizeof(frame));
		unsigned char address[6];

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			fail("read");
		memcpy(address, frame, 6);
		memcpy(frame, frame + 6, 6);
		memcpy(frame + 6, address, 6);
		while (write(file, frame, (size_t)length) != length)
			if (errno != EINTR || stop)
				fail("write");
		count++;
	}
	printf("echoed %lu\n", count);
}

static void send_all(const char *path, size_t first, size_t last)
{
	int file = open_frames(path, O_WRONLY);

	for (size_t length = first; length <= last; length++) {
		memset(frame, 0xff, 6);
		memcpy(frame + 6, "\x52\x54\x00\x00\x00\x01\x88\xb5", 8);
		for (size_t i = HEADER; i < length; i++)
			frame[i] = (unsigned char)(i + length);
		if (write(file, frame, length) != (ssize_t)length)
			fail("write");
	}
	if (fsync(file))
		fail("fsync");
}

static void expect_error(const char *what, ssize_t result, int error)
{
	if (result >= 0 || errno != error) {
		fprintf(stderr, "frames: %s: %zd, %s\n", what, result, strerror(errno));
		exit(1);
	}
}

static void check(const char *path)
{
	int file = open_frames(path, O_RDWR | O_NONBLOCK);
	struct pollfd entry = { .fd = file, .events = POLLIN | POLLOUT };

	memset(frame, 0xff, 6);
	expect_error("too short", write(file, frame, HEADER - 1), EINVAL);
	expect_error("too long", write(file, frame, 1519), EMSGSIZE);
	expect_error("bad memory", write(file, (void *)16, 60), EFAULT);
	expect_error("nothing there", read(file, frame, sizeof(frame)), EAGAIN);
	if (poll(&entry, 1, 0) != 1 || entry.revents != POLLOUT) {
		fprintf(stderr, "frames: poll says %#x\n", (unsigned)entry.revents);
		exit(1);
	}
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "echo") == 0)
		echo(arguments[2]);
	else if (count == 5 && strcmp(arguments[1], "send") == 0)
		send_all(arguments[2], strtoul(arguments[3], NULL, 0),
			 strtoul(arguments[4], NULL, 0));
	else if (count == 3 && strcmp(arguments[1], "check") == 0)
		check(arguments[2]);
	else
		return 2;
	return 0;
}
