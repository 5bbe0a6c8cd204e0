/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal and job control, on a pseudo-terminal where there is one, else on the console.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master = -1;

/* Opens a terminal and makes it the calling session leader's. */
static int open_terminal(void)
{
	int fd;

	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		fd = open(ptsname(master), O_RDWR | O_NOCTTY);
	else
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
	if (fd < 0 || !isatty(fd))
		test_skip("there is no terminal");
	return fd;
}

/* Runs `run` in a session of its own with the terminal as its controlling one. */
static void in_session(int (*run)(int terminal))
{
	pid_t pid = fork();

	if (pid == 0) {
		int terminal;

		setsid();
		alarm(TEST_SECONDS - 5); /* in a session of its own nobody else ends it */
		terminal = open_terminal();
		if (ioctl(terminal, TIOCSCTTY, 1) < 0)
			test_skip("the terminal is another session's (errno %d)", errno);
		/* By this name job control holds; Linux exempts /dev/console from it. */
		terminal = open("/dev/tty", O_RDWR);
		EXPECT(terminal >= 0);
		_exit(run(terminal));
	}
	EXPECT_EQUAL(test_wait(pid), 0);
}

static int check_foreground(int terminal)
{
	EXPECT_EQUAL(tcgetpgrp(terminal), getpgrp());
	EXPECT_EQUAL(tcgetsid(terminal), getpid());
	EXPECT(open("/dev/tty", O_RDWR) >= 0);
	EXPECT_ERROR(tcsetpgrp(terminal, 999999), ESRCH);
	EXPECT_ERROR(tcsetpgrp(terminal, -1), EINVAL);
	return 0;
}

TEST(terminal, has_a_foreground_group)
{
	in_session(check_foreground);
}

TEST(terminal, is_no_sessions_at_first)
{
	EXPECT_EQUAL(setsid() > 0 || errno == EPERM, 1);
	if (fork() == 0) {
		setsid();
		_exit(open("/dev/tty", O_RDWR) < 0 && errno == ENXIO ? 0 : 1);
	}
	EXPECT_EQUAL(test_wait_any(), 0);
}

TEST(terminal, settings)
{
	struct termios settings, changed;
	struct winsize size;
	int terminal = open_terminal();

	EXPECT_EQUAL(tcgetattr(terminal, &settings), 0);
	EXPECT(settings.c_lflag & ICANON);
	changed = settings;
	changed.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	changed.c_cc[VMIN] = 0;
	changed.c_cc[VTIME] = 1;
	EXPECT_EQUAL(tcsetattr(terminal, TCSAFLUSH, &changed), 0);
	EXPECT_EQUAL(tcgetattr(terminal, &changed), 0);
	EXPECT_EQUAL(changed.c_lflag & (ICANON | ECHO), 0);
	EXPECT_EQUAL(read(terminal, &size, 1), 0); /* VTIME ran out */
	EXPECT_EQUAL(tcsetattr(terminal, TCSANOW, &settings), 0);
	EXPECT_EQUAL(ioctl(terminal, TIOCGWINSZ, &size), 0);
}

static int read_in_background(void *argument)
{
	char byte;

	setpgid(0, 0);
	signal(SIGTTIN, SIG_DFL);
	return read(*(int *)argument, &byte, 1) < 0 ? 1 : 0;
}

static int write_in_background(void *argument)
{
	setpgid(0, 0);
	return write(*(int *)argument, "\r", 1) == 1 ? 0 : 1;
}

static int check_background(int terminal)
{
	struct termios settings;
	pid_t pid = test_spawn(read_in_background, &terminal);
	int status;

	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
	kill(pid, SIGKILL);
	test_wait(pid);
	/* Writing is allowed, unless the terminal is set not to. */
	EXPECT_EQUAL(test_run_child(write_in_background, &terminal), 0);
	tcgetattr(terminal, &settings);
	settings.c_lflag |= TOSTOP;
	EXPECT_EQUAL(tcsetattr(terminal, TCSANOW, &settings), 0);
	pid = test_spawn(write_in_background, &terminal);
	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
	kill(pid, SIGKILL);
	test_wait(pid);
	settings.c_lflag &= ~(tcflag_t)TOSTOP;
	return tcsetattr(terminal, TCSANOW, &settings);
}

TEST(terminal, stops_background_jobs)
{
	in_session(check_background);
}

static int check_interrupt(int terminal)
{
	pid_t pid;
	int status;

	if (master < 0)
		test_skip("nobody types at the console");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		test_sleep(20000);
		_exit(0);
	}
	setpgid(pid, pid);
	signal(SIGTTOU, SIG_IGN);
	EXPECT_EQUAL(tcsetpgrp(terminal, pid), 0);
	EXPECT_EQUAL(write(master, "\003", 1), 1);
	EXPECT_EQUAL(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	return 0;
}

TEST(terminal, interrupts_the_foreground)
{
	in_session(check_interrupt);
}

static int check_line(int terminal)
{
	static const char typed[] = "wrong\025helo\177\177lp\n\004";
	char line[64] = { 0 };

	if (master < 0)
		test_skip("nobody types at the console");
	EXPECT_EQUAL(write(master, typed, strlen(typed)), strlen(typed));
	EXPECT_EQUAL(read(terminal, line, sizeof(line)), 5);
	EXPECT(memcmp(line, "help\n", 5) == 0);
	EXPECT_EQUAL(read(terminal, line, sizeof(line)), 0); /* end of file */
	return 0;
}

TEST(terminal, edits_lines)
{
	in_session(check_line);
}
