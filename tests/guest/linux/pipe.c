/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes, and waiting for them with poll and select.
 */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2];

static void make_pipe(int flags)
{
	EXPECT_EQUAL(pipe2(ends, flags), 0);
}

TEST(pipe, carries_bytes_in_order)
{
	char buffer[16];
	int waiting;

	make_pipe(0);
	EXPECT_EQUAL(write(ends[1], "abc", 3), 3);
	EXPECT_EQUAL(write(ends[1], "def", 3), 3);
	EXPECT_EQUAL(ioctl(ends[0], FIONREAD, &waiting), 0);
	EXPECT_EQUAL(waiting, 6);
	EXPECT_EQUAL(read(ends[0], buffer, 4), 4);
	EXPECT_EQUAL(read(ends[0], buffer + 4, 12), 2);
	EXPECT(memcmp(buffer, "abcdef", 6) == 0);
	EXPECT_ERROR(read(ends[1], buffer, 1), EBADF);
	EXPECT_ERROR(write(ends[0], buffer, 1), EBADF);
	EXPECT_ERROR(lseek(ends[0], 0, SEEK_SET), ESPIPE);
	EXPECT_ERROR(pread(ends[0], buffer, 1, 0), ESPIPE);
}

TEST(pipe, ends_with_its_last_writer)
{
	char byte;
	int copy;

	make_pipe(0);
	copy = dup(ends[1]);
	EXPECT_EQUAL(write(ends[1], "x", 1), 1);
	close(ends[1]);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 1);
	EXPECT_EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	EXPECT_ERROR(read(ends[0], &byte, 1), EAGAIN);
	close(copy);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 0);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 0);
}

TEST(pipe, without_readers_is_broken)
{
	make_pipe(0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERROR(write(ends[1], "x", 1), EPIPE);
}

static int write_to_broken_pipe(void *unused)
{
	(void)unused;
	make_pipe(0);
	close(ends[0]);
	write(ends[1], "x", 1);
	return 0;
}

TEST(pipe, without_readers_raises_sigpipe)
{
	int status = test_run_child(write_to_broken_pipe, NULL);

	EXPECT(WIFSIGNALED(status));
	EXPECT_EQUAL(WTERMSIG(status), SIGPIPE);
}

TEST(pipe, does_not_block_if_told)
{
	static char block[PIPE_BUF];
	size_t total = 0;
	ssize_t count;

	make_pipe(O_NONBLOCK);
	EXPECT_ERROR(read(ends[0], block, 1), EAGAIN);
	while ((count = write(ends[1], block, sizeof(block))) > 0)
		total += (size_t)count;
	EXPECT_EQUAL(errno, EAGAIN);
	EXPECT(total >= 65536);
	EXPECT_EQUAL(read(ends[0], block, sizeof(block)), sizeof(block));
	EXPECT_EQUAL(write(ends[1], block, sizeof(block)), sizeof(block));
	EXPECT_EQUAL(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

static int read_one_later(void *unused)
{
	char byte;

	(void)unused;
	close(ends[1]);
	return read(ends[0], &byte, 1) == 1 && byte == 'x' ? 0 : 1;
}

TEST(pipe, wakes_a_waiting_reader)
{
	pid_t pid;

	make_pipe(0);
	pid = test_spawn(read_one_later, NULL);
	test_let_block();
	EXPECT_EQUAL(write(ends[1], "x", 1), 1);
	EXPECT_EQUAL(test_wait(pid), 0);
}

static int read_end_of_pipe(void *unused)
{
	char byte;

	(void)unused;
	close(ends[1]);
	return read(ends[0], &byte, 1) == 0 ? 0 : 1;
}

TEST(pipe, wakes_a_reader_at_the_end)
{
	pid_t pid;

	make_pipe(0);
	pid = test_spawn(read_end_of_pipe, NULL);
	test_let_block();
	close(ends[1]);
	EXPECT_EQUAL(test_wait(pid), 0);
}

static int write_pattern(void *unused)
{
	static unsigned char block[10007];
	uint64_t state = 7;
	size_t total = 0;

	(void)unused;
	close(ends[0]);
	while (total < 8u << 20) {
		size_t done = 0;

		for (size_t i = 0; i < sizeof(block); i++)
			block[i] = (unsigned char)test_random(&state);
		while (done < sizeof(block)) {
			ssize_t count = write(ends[1], block + done, sizeof(block) - done);

			if (count <= 0)
				return 1;
			done += (size_t)count;
		}
		total += done;
	}
	return 0;
}

TEST(pipe, carries_megabytes_unharmed)
{
	static unsigned char block[30011];
	uint64_t state = 7;
	size_t total = 0;
	ssize_t count;
	pid_t pid;

	make_pipe(0);
	pid = test_spawn(write_pattern, NULL);
	close(ends[1]);
	while ((count = read(ends[0], block, sizeof(block))) > 0) {
		for (ssize_t i = 0; i < count; i++)
			if (block[i] != (unsigned char)test_random(&state))
				test_fail(__FILE__, __LINE__, "byte %zu", total + (size_t)i);
		total += (size_t)count;
	}
	EXPECT_EQUAL(count, 0);
	EXPECT(total >= 8u << 20);
	EXPECT_EQUAL(test_wait(pid), 0);
}

static int write_blocks(void *argument)
{
	char block[PIPE_BUF];

	memset(block, *(char *)argument, sizeof(block));
	for (int i = 0; i < 50; i++)
		if (write(ends[1], block, sizeof(block)) != (ssize_t)sizeof(block))
			return 1;
	return 0;
}

TEST(pipe, small_writes_are_atomic)
{
	char names[4] = "ABCD", block[PIPE_BUF];
	size_t total = 0;

	make_pipe(0);
	for (int i = 0; i < 4; i++)
		test_spawn(write_blocks, &names[i]);
	close(ends[1]);
	for (;;) {
		size_t done = 0;
		ssize_t count = 0;

		while (done < sizeof(block) &&
		       (count = read(ends[0], block + done, sizeof(block) - done)) > 0)
			done += (size_t)count;
		if (done == 0)
			break;
		EXPECT_EQUAL(done, sizeof(block));
		for (size_t i = 1; i < sizeof(block); i++)
			EXPECT_EQUAL(block[i], block[0]);
		total += done;
	}
	EXPECT_EQUAL(total, 4 * 50 * PIPE_BUF);
	for (int i = 0; i < 4; i++)
		EXPECT_EQUAL(test_wait_any(), 0);
}

TEST(pipe, close_on_exec)
{
	make_pipe(O_CLOEXEC);
	EXPECT_EQUAL(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQUAL(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
	EXPECT_ERROR(pipe2(ends, 0x40000000), EINVAL);
	EXPECT_ERROR(pipe2(NULL, 0), EFAULT);
}

TEST(pipe, status)
{
	struct stat information;

	make_pipe(0);
	EXPECT_EQUAL(fstat(ends[0], &information), 0);
	EXPECT(S_ISFIFO(information.st_mode));
	EXPECT(!isatty(ends[0]));
	EXPECT_EQUAL(errno, ENOTTY);
}

TEST(pipe, many_at_once)
{
	enum { COUNT = 200 };
	int all[COUNT][2];
	char byte;

	for (int i = 0; i < COUNT; i++)
		EXPECT_EQUAL(pipe(all[i]), 0);
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQUAL(write(all[i][1], (char[]){ (char)i }, 1), 1);
	for (int i = 0; i < COUNT; i++) {
		EXPECT_EQUAL(read(all[i][0], &byte, 1), 1);
		EXPECT_EQUAL(byte, (char)i);
	}
}

/* --- poll and select ---------------------------------------------------------------------- */

TEST(poll, tells_what_is_ready)
{
	struct pollfd polls[3];

	make_pipe(0);
	polls[0] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	polls[2] = (struct pollfd){ .fd = -1, .events = POLLIN };
	EXPECT_EQUAL(poll(polls, 3, 0), 1);
	EXPECT_EQUAL(polls[0].revents, 0);
	EXPECT_EQUAL(polls[1].revents, POLLOUT);
	EXPECT_EQUAL(polls[2].revents, 0);
	EXPECT_EQUAL(write(ends[1], "x", 1), 1);
	EXPECT_EQUAL(poll(polls, 3, -1), 2);
	EXPECT_EQUAL(polls[0].revents, POLLIN);
}

TEST(poll, tells_of_ends_and_errors)
{
	struct pollfd one;
	char byte;

	make_pipe(0);
	EXPECT_EQUAL(write(ends[1], "x", 1), 1);
	close(ends[1]);
	one = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	EXPECT_EQUAL(poll(&one, 1, -1), 1);
	EXPECT_EQUAL(one.revents, POLLIN | POLLHUP);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 1);
	EXPECT_EQUAL(poll(&one, 1, -1), 1);
	EXPECT_EQUAL(one.revents, POLLHUP);
	make_pipe(0);
	close(ends[0]);
	one = (struct pollfd){ .fd = ends[1], .events = POLLOUT };
	EXPECT_EQUAL(poll(&one, 1, -1), 1);
	EXPECT(one.revents & POLLERR);
	one = (struct pollfd){ .fd = 999, .events = POLLIN };
	EXPECT_EQUAL(poll(&one, 1, -1), 1);
	EXPECT_EQUAL(one.revents, POLLNVAL);
}

TEST(poll, waits_and_times_out)
{
	struct pollfd one;
	uint64_t start = test_milliseconds();

	make_pipe(0);
	one = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	EXPECT_EQUAL(poll(&one, 1, 150), 0);
	EXPECT(test_milliseconds() - start >= 149);
	start = test_milliseconds();
	EXPECT_EQUAL(poll(NULL, 0, 100), 0);
	EXPECT(test_milliseconds() - start >= 99);
}

static int write_one_later(void *unused)
{
	(void)unused;
	test_sleep(200);
	return write(ends[1], "x", 1) == 1 ? 0 : 1;
}

TEST(poll, is_woken)
{
	struct pollfd one;
	pid_t pid;

	make_pipe(0);
	pid = test_spawn(write_one_later, NULL);
	one = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	EXPECT_EQUAL(poll(&one, 1, 20000), 1);
	EXPECT_EQUAL(one.revents, POLLIN);
	EXPECT_EQUAL(test_wait(pid), 0);
}

TEST(poll, files_are_always_ready)
{
	struct pollfd one = { .fd = open("file", O_RDWR | O_CREAT, 0644),
			      .events = POLLIN | POLLOUT };

	EXPECT_EQUAL(poll(&one, 1, -1), 1);
	EXPECT_EQUAL(one.revents, POLLIN | POLLOUT);
}

static volatile sig_atomic_t poll_signals;

static void count_poll_signal(int number)
{
	(void)number;
	poll_signals++;
}

TEST(poll, is_interrupted_despite_restart)
{
	struct sigaction action = { .sa_handler = count_poll_signal, .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	EXPECT_ERROR(poll(NULL, 0, 20000), EINTR);
	EXPECT_EQUAL(poll_signals, 1);
}

TEST(poll, ppoll_swaps_the_mask)
{
	struct sigaction action = { .sa_handler = count_poll_signal };
	struct timespec limit = { 20, 0 };
	sigset_t blocked, empty, now;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&blocked);
	sigemptyset(&empty);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGUSR1);
	EXPECT_EQUAL(poll_signals, 0);
	EXPECT_ERROR(ppoll(NULL, 0, &limit, &empty), EINTR);
	EXPECT_EQUAL(poll_signals, 1);
	sigprocmask(SIG_SETMASK, NULL, &now);
	EXPECT_EQUAL(sigismember(&now, SIGUSR1), 1);
}

TEST(poll, select)
{
	struct timeval limit = { 0, 100000 };
	fd_set readable, writable;

	make_pipe(0);
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_SET(ends[0], &readable);
	EXPECT_EQUAL(select(ends[1] + 1, &readable, NULL, NULL, &limit), 0);
	EXPECT(!FD_ISSET(ends[0], &readable));
	FD_SET(ends[0], &readable);
	FD_SET(ends[1], &writable);
	EXPECT_EQUAL(write(ends[1], "x", 1), 1);
	EXPECT_EQUAL(select(ends[1] + 1, &readable, &writable, NULL, NULL), 2);
	EXPECT(FD_ISSET(ends[0], &readable) && FD_ISSET(ends[1], &writable));
	close(ends[0]);
	EXPECT_ERROR(select(ends[1] + 1, &readable, NULL, NULL, NULL), EBADF);
	EXPECT_ERROR(select(-1, NULL, NULL, NULL, NULL), EINVAL);
}
