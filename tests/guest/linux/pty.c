/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pseudo-terminals as pairs: what passes between the two sides, in which orders they open and
 * close, and what a full side does to the other.
 */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct pair {
	int master, slave;
	char name[64];
};

static int open_master(char *name, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(grantpt(master), 0);
	EXPECT_EQUAL(unlockpt(master), 0);
	EXPECT_EQUAL(ptsname_r(master, name, size), 0);
	return master;
}

static struct pair open_pair(void)
{
	struct pair pair;

	pair.master = open_master(pair.name, sizeof(pair.name));
	pair.slave = open(pair.name, O_RDWR | O_NOCTTY);
	EXPECT(pair.slave >= 0);
	return pair;
}

static struct pair open_raw_pair(void)
{
	struct pair pair = open_pair();
	struct termios settings;

	EXPECT_EQUAL(tcgetattr(pair.slave, &settings), 0);
	cfmakeraw(&settings);
	EXPECT_EQUAL(tcsetattr(pair.slave, TCSANOW, &settings), 0);
	return pair;
}

static void set_nonblocking(int fd, bool on)
{
	EXPECT_EQUAL(fcntl(fd, F_SETFL, on ? O_RDWR | O_NONBLOCK : O_RDWR), 0);
}

static int ready(int fd, short wanted)
{
	struct pollfd entry = { .fd = fd, .events = wanted };

	EXPECT(poll(&entry, 1, 0) >= 0);
	return entry.revents;
}

static void expect_read(int fd, const char *wanted)
{
	char buffer[256] = { 0 };
	size_t got = 0, length = strlen(wanted);

	while (got < length) {
		ssize_t count = read(fd, buffer + got, length - got);

		EXPECT(count > 0);
		got += (size_t)count;
	}
	if (memcmp(buffer, wanted, length))
		test_fail(__FILE__, __LINE__, "read \"%s\", not \"%s\"", buffer, wanted);
}

static void send_text(int fd, const char *text)
{
	EXPECT_EQUAL(write(fd, text, strlen(text)), strlen(text));
}

TEST(pty, passes_bytes_both_ways)
{
	struct pair pair = open_raw_pair();

	send_text(pair.master, "to the slave");
	expect_read(pair.slave, "to the slave");
	send_text(pair.slave, "to the master\n");
	expect_read(pair.master, "to the master\n");
}

TEST(pty, processes_output)
{
	struct pair pair = open_pair();

	send_text(pair.slave, "one\ntwo\n");
	expect_read(pair.master, "one\r\ntwo\r\n");
}

TEST(pty, echoes)
{
	struct pair pair = open_pair();

	send_text(pair.master, "x\t\001\177\n");
	expect_read(pair.master, "x\t^A\b \b\b \b\r\n");
	expect_read(pair.slave, "x\t\n");
}

TEST(pty, locked_slave_does_not_open)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(ptsname_r(master, name, sizeof(name)), 0);
	EXPECT_ERROR(open(name, O_RDWR | O_NOCTTY), EIO);
	EXPECT_EQUAL(unlockpt(master), 0);
	EXPECT(open(name, O_RDWR | O_NOCTTY) >= 0);
}

TEST(pty, master_sees_the_last_close)
{
	struct pair pair = open_raw_pair();
	char byte;

	EXPECT_EQUAL(ready(pair.master, POLLIN), 0);
	send_text(pair.slave, "x");
	EXPECT_EQUAL(ready(pair.master, POLLIN), POLLIN);
	close(pair.slave);
	EXPECT_EQUAL(ready(pair.master, POLLIN), POLLIN | POLLHUP);
	EXPECT_EQUAL(read(pair.master, &byte, 1), 1);
	EXPECT_ERROR(read(pair.master, &byte, 1), EIO);
	EXPECT_EQUAL(ready(pair.master, POLLIN), POLLHUP);
}

TEST(pty, slave_opens_again)
{
	struct pair pair = open_raw_pair();
	char byte;

	close(pair.slave);
	EXPECT_ERROR(read(pair.master, &byte, 1), EIO);
	pair.slave = open(pair.name, O_RDWR | O_NOCTTY);
	EXPECT(pair.slave >= 0);
	set_nonblocking(pair.master, true);
	EXPECT_ERROR(read(pair.master, &byte, 1), EAGAIN);
	send_text(pair.slave, "again");
	expect_read(pair.master, "again");
}

TEST(pty, master_close_hangs_up)
{
	struct pair pair = open_raw_pair();
	struct termios settings;
	char byte;

	close(pair.master);
	EXPECT_EQUAL(read(pair.slave, &byte, 1), 0);
	EXPECT_ERROR(write(pair.slave, "x", 1), EIO);
	EXPECT_ERROR(tcgetattr(pair.slave, &settings), EIO);
	EXPECT_EQUAL(ready(pair.slave, POLLIN | POLLOUT) & POLLHUP, POLLHUP);
	EXPECT(open(pair.name, O_RDWR | O_NOCTTY) < 0);
}

TEST(pty, master_close_wakes_readers)
{
	struct pair pair = open_pair();
	pid_t pid = fork();

	if (pid == 0) {
		char byte;

		close(pair.master);
		_exit(read(pair.slave, &byte, 1) > 0); /* its end, or EIO */
	}
	test_let_block();
	close(pair.master);
	EXPECT_EQUAL(test_wait(pid), 0);
}

/* A shell whose job, in a group of its own, has the terminal. */
static _Noreturn void lead_session(const struct pair *pair, int ended)
{
	pid_t job;

	close(pair->master);
	if (setsid() < 0 || ioctl(pair->slave, TIOCSCTTY, 0) < 0)
		_exit(1);
	signal(SIGTTOU, SIG_IGN);
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(job, job);
	if (tcsetpgrp(pair->slave, job) < 0 || write(ended, "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

TEST(pty, master_close_ends_the_job_in_front)
{
	struct pair pair = open_pair();
	int ended[2];
	char byte;
	pid_t leader;
	int status;

	EXPECT_EQUAL(pipe(ended), 0);
	leader = fork();
	if (leader == 0) {
		close(ended[0]);
		lead_session(&pair, ended[1]);
	}
	close(ended[1]);
	EXPECT_EQUAL(read(ended[0], &byte, 1), 1);
	close(pair.slave);
	close(pair.master);
	/* The end of the pipe: both of them are gone. */
	EXPECT_EQUAL(poll(&(struct pollfd){ ended[0], POLLIN, 0 }, 1, 5000), 1);
	EXPECT_EQUAL(read(ended[0], &byte, 1), 0);
	status = test_wait(leader);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

/* A shell that leaves a job in the background, which would have the slave open for long. */
static _Noreturn void lead_and_leave(const struct pair *pair, int told)
{
	close(pair->master);
	if (setsid() < 0 || ioctl(pair->slave, TIOCSCTTY, 0) < 0)
		_exit(1);
	if (fork() == 0) {
		struct pollfd entry = { .fd = pair->slave, .events = POLLIN };
		char byte;
		int mask = 0;

		setpgid(0, 0);
		signal(SIGHUP, SIG_IGN);
		poll(&entry, 1, 10000);
		mask |= entry.revents & POLLHUP ? 1 : 0;
		mask |= read(pair->slave, &byte, 1) == 0 ? 2 : 0;
		mask |= write(pair->slave, "x", 1) < 0 && errno == EIO ? 4 : 0;
		byte = (char)('0' + mask);
		write(told, &byte, 1);
		_exit(0);
	}
	test_let_block();
	send_text(pair->slave, "bye");
	_exit(0);
}

TEST(pty, leaders_end_cuts_the_others_off)
{
	struct pair pair = open_raw_pair();
	int told[2], again;
	char byte;
	pid_t leader;

	EXPECT_EQUAL(pipe(told), 0);
	leader = fork();
	if (leader == 0)
		lead_and_leave(&pair, told[1]);
	close(told[1]);
	EXPECT_EQUAL(test_wait(leader), 0);
	EXPECT_EQUAL(poll(&(struct pollfd){ told[0], POLLIN, 0 }, 1, 5000), 1);
	EXPECT_EQUAL(read(told[0], &byte, 1), 1);
	EXPECT_EQUAL(byte, '7');
	/* What was written is read, then comes the end, though this process has the slave open. */
	expect_read(pair.master, "bye");
	EXPECT_ERROR(read(pair.master, &byte, 1), EIO);
	EXPECT_ERROR(write(pair.slave, "x", 1), EIO);
	again = open(pair.name, O_RDWR | O_NOCTTY);
	EXPECT(again >= 0);
	EXPECT_EQUAL(close(pair.slave), 0);
	send_text(again, "again");
	expect_read(pair.master, "again");
	EXPECT_EQUAL(ready(pair.master, POLLIN), 0);
}

/* A full terminal: writing blocks, can be interrupted, and goes on when there is room. */
TEST(pty, full_output)
{
	static char block[65536];
	struct pair pair = open_pair();
	size_t written = 0, got = 0, newlines = 0;
	ssize_t count;

	memset(block, '\n', sizeof(block)); /* each becomes two bytes */
	set_nonblocking(pair.slave, true);
	while ((count = write(pair.slave, block, 1000)) > 0)
		written += (size_t)count;
	EXPECT_EQUAL(errno, EAGAIN);
	EXPECT(written > 1000);
	EXPECT_EQUAL(ready(pair.slave, POLLOUT), 0);
	set_nonblocking(pair.master, true);
	while ((count = read(pair.master, block, sizeof(block))) > 0) {
		for (ssize_t i = 0; i < count; i++)
			newlines += block[i] == '\n';
		got += (size_t)count;
		test_sleep(5);
	}
	EXPECT_EQUAL(newlines, written);
	EXPECT_EQUAL(got, 2 * written);
	EXPECT_EQUAL(ready(pair.slave, POLLOUT), POLLOUT);
}

static int flood(void *fd)
{
	for (;;) {
		if (write(*(int *)fd, "flood\n", 6) < 0)
			return 1;
	}
}

TEST(pty, full_output_can_be_killed)
{
	struct pair pair = open_pair();
	pid_t pid = test_spawn(flood, &pair.slave);
	int status;

	test_sleep(300);
	EXPECT_EQUAL(kill(pid, SIGKILL), 0);
	EXPECT_EQUAL(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Echo that finds no room is lost; typing must not hang for it. */
TEST(pty, full_output_does_not_stop_typing)
{
	struct pair pair = open_pair();

	set_nonblocking(pair.slave, true);
	while (write(pair.slave, "0123456789\n", 11) > 0)
		;
	send_text(pair.master, "typed\n");
	expect_read(pair.slave, "typed\n");
}

/* Lines that nobody reads make the other side wait; none is lost. */
TEST(pty, full_input)
{
	struct pair pair = open_pair();
	struct termios settings;
	char line[64];
	unsigned written = 0, got = 0;
	ssize_t count;

	EXPECT_EQUAL(tcgetattr(pair.slave, &settings), 0);
	settings.c_lflag &= ~(tcflag_t)ECHO;
	EXPECT_EQUAL(tcsetattr(pair.slave, TCSANOW, &settings), 0);
	set_nonblocking(pair.master, true);
	while (written < 100000) {
		snprintf(line, sizeof(line), "%09u\n", written);
		count = write(pair.master, line, 10);
		if (count != 10)
			break;
		written++;
		/* Linux hands lines over in the background. */
		if (written % 64 == 0)
			test_sleep(1);
	}
	EXPECT(written > 100 && written < 100000);
	set_nonblocking(pair.slave, true);
	while ((count = read(pair.slave, line, sizeof(line))) > 0 && got < written) {
		EXPECT_EQUAL(count, 10);
		EXPECT_EQUAL(strtoul(line, NULL, 10), got);
		got++;
		test_sleep(got % 64 == 0);
	}
	EXPECT_EQUAL(got, written);
}

TEST(pty, line_longer_than_the_buffer)
{
	static char text[6000], line[6000];
	struct pair pair = open_pair();
	struct termios settings;
	ssize_t count;

	EXPECT_EQUAL(tcgetattr(pair.slave, &settings), 0);
	settings.c_lflag &= ~(tcflag_t)ECHO;
	EXPECT_EQUAL(tcsetattr(pair.slave, TCSANOW, &settings), 0);
	memset(text, 'a', sizeof(text));
	text[5998] = '\n';
	for (size_t at = 0; at < 5999; at += (size_t)count) {
		count = write(pair.master, text + at, 5999 - at);
		EXPECT(count > 0);
	}
	/* What does not fit is lost, the end is not. */
	EXPECT_EQUAL(read(pair.slave, line, sizeof(line)), 4096);
	EXPECT_EQUAL(line[4094], 'a');
	EXPECT_EQUAL(line[4095], '\n');
	send_text(pair.master, "next\n");
	expect_read(pair.slave, "next\n");
}

TEST(pty, many_pairs)
{
	struct pair pairs[20];

	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < 20; i++)
			pairs[i] = open_raw_pair();
		for (unsigned i = 0; i < 20; i++)
			send_text(pairs[i].slave, pairs[i].name);
		for (unsigned i = 0; i < 20; i++)
			expect_read(pairs[i].master, pairs[i].name);
		for (unsigned i = 0; i < 20; i++) {
			close(i % 2 ? pairs[i].master : pairs[i].slave);
			close(i % 2 ? pairs[i].slave : pairs[i].master);
		}
	}
}
