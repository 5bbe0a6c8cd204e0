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

/* --- signals and sizes ------------------------------------------------------------------- */

static volatile sig_atomic_t signals_seen;

static void count_signal(int number)
{
	signals_seen |= 1 << number;
}

static int check_size(int terminal)
{
	struct winsize size = { .ws_row = 31, .ws_col = 97 }, got;

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	signal(SIGWINCH, count_signal);
	EXPECT_EQUAL(ioctl(master, TIOCSWINSZ, &size), 0);
	EXPECT_EQUAL(signals_seen, 1 << SIGWINCH);
	signals_seen = 0;
	EXPECT_EQUAL(ioctl(terminal, TIOCSWINSZ, &size), 0); /* the same: no signal */
	EXPECT_EQUAL(signals_seen, 0);
	EXPECT_EQUAL(ioctl(terminal, TIOCGWINSZ, &got), 0);
	EXPECT_EQUAL(got.ws_row, 31);
	EXPECT_EQUAL(got.ws_col, 97);
	return 0;
}

TEST(terminal, tells_of_its_size)
{
	in_session(check_size);
}

static int check_hang_up(int terminal)
{
	char byte;

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	signal(SIGHUP, count_signal);
	signal(SIGCONT, count_signal);
	close(master);
	EXPECT_EQUAL(signals_seen, 1 << SIGHUP | 1 << SIGCONT);
	EXPECT_EQUAL(read(terminal, &byte, 1), 0);
	EXPECT_ERROR(open("/dev/tty", O_RDWR), ENXIO);
	return 0;
}

TEST(terminal, hang_up_reaches_the_leader)
{
	in_session(check_hang_up);
}

/* The session's leader ends: its foreground jobs are told. */
TEST(terminal, leaders_end_reaches_the_foreground)
{
	int ends[2];
	char byte = 0;
	pid_t leader;

	EXPECT_EQUAL(pipe(ends), 0);
	leader = fork();
	if (leader == 0) {
		int terminal;

		setsid();
		terminal = open_terminal();
		if (ioctl(terminal, TIOCSCTTY, 1) < 0)
			_exit(0); /* the terminal is another's */
		if (fork() == 0) {
			close(ends[0]);
			test_sleep(20000);
			_exit(0);
		}
		test_let_block();
		_exit(0);
	}
	close(ends[1]);
	EXPECT_EQUAL(test_wait(leader), 0);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 0); /* the job has died too */
}

/* --- modes of reading --------------------------------------------------------------------- */

static int raw_terminal(unsigned minimum, unsigned tenths)
{
	struct termios settings;
	int terminal = open_terminal();

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(tcgetattr(terminal, &settings), 0);
	cfmakeraw(&settings);
	settings.c_cc[VMIN] = (cc_t)minimum;
	settings.c_cc[VTIME] = (cc_t)tenths;
	EXPECT_EQUAL(tcsetattr(terminal, TCSANOW, &settings), 0);
	return terminal;
}

/* Writes to the master from another process, after a while. */
static pid_t type_later(const char *text, unsigned milliseconds)
{
	pid_t pid = fork();

	if (pid == 0) {
		test_sleep(milliseconds);
		_exit(write(master, text, strlen(text)) < 0);
	}
	return pid;
}

TEST(terminal, reads_what_is_there)
{
	int terminal = raw_terminal(0, 0);
	char bytes[8];

	EXPECT_EQUAL(read(terminal, bytes, 8), 0);
	EXPECT_EQUAL(write(master, "abc", 3), 3);
	test_sleep(50);
	EXPECT_EQUAL(read(terminal, bytes, 8), 3);
	EXPECT_EQUAL(read(terminal, bytes, 8), 0);
}

TEST(terminal, reads_a_minimum)
{
	int terminal = raw_terminal(4, 0);
	char bytes[8];
	pid_t pid = type_later("cd", 200);

	EXPECT_EQUAL(write(master, "ab", 2), 2);
	EXPECT_EQUAL(read(terminal, bytes, 8), 4);
	test_wait(pid);
	/* A shorter buffer waits for no more than it holds. */
	EXPECT_EQUAL(write(master, "ef", 2), 2);
	EXPECT_EQUAL(read(terminal, bytes, 2), 2);
	/* What is there is better than EAGAIN. */
	EXPECT_EQUAL(write(master, "gh", 2), 2);
	test_sleep(50);
	EXPECT_EQUAL(fcntl(terminal, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	EXPECT_EQUAL(read(terminal, bytes, 8), 2);
	EXPECT_ERROR(read(terminal, bytes, 8), EAGAIN);
}

TEST(terminal, time_between_bytes)
{
	int terminal = raw_terminal(5, 3);
	char bytes[8];
	pid_t pid = type_later("ab", 600); /* the time begins with the first byte only */

	EXPECT_EQUAL(read(terminal, bytes, 8), 2);
	test_wait(pid);
}

TEST(terminal, keeps_a_line_over_a_change_of_mode)
{
	struct termios settings, raw;
	int terminal = open_terminal();
	char bytes[8];

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(tcgetattr(terminal, &settings), 0);
	EXPECT_EQUAL(write(master, "half", 4), 4);
	test_sleep(50);
	raw = settings;
	raw.c_lflag &= ~(tcflag_t)ICANON;
	EXPECT_EQUAL(tcsetattr(terminal, TCSANOW, &raw), 0);
	EXPECT_EQUAL(read(terminal, bytes, 8), 4);
}

TEST(terminal, end_of_file_within_a_line)
{
	int terminal = open_terminal();
	char bytes[8];

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(write(master, "abc\004de\n\004", 8), 8);
	EXPECT_EQUAL(read(terminal, bytes, 8), 3);
	EXPECT_EQUAL(read(terminal, bytes, 2), 2);
	EXPECT_EQUAL(read(terminal, bytes, 8), 1);
	EXPECT_EQUAL(read(terminal, bytes, 8), 0);
}

TEST(terminal, control_h_is_a_character)
{
	int terminal = open_terminal();
	char bytes[8];

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(write(master, "a\bb\n", 4), 4);
	EXPECT_EQUAL(read(terminal, bytes, 8), 4);
}

TEST(terminal, stops_and_starts_output)
{
	int terminal = open_terminal();
	char bytes[8];

	if (master < 0)
		test_skip("there are no pseudo-terminals");
	EXPECT_EQUAL(write(master, "\023", 1), 1); /* ^S */
	test_sleep(50);
	EXPECT_EQUAL(fcntl(terminal, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	EXPECT_ERROR(write(terminal, "x", 1), EAGAIN);
	EXPECT_EQUAL(write(master, "\021", 1), 1); /* ^Q */
	test_sleep(50);
	EXPECT_EQUAL(write(terminal, "x", 1), 1);
	EXPECT_EQUAL(read(master, bytes, 8), 1);
}

static int check_suspend(int terminal)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setpgid(0, 0);
		test_sleep(20000);
		_exit(0);
	}
	if (master < 0)
		test_skip("nobody types at the console");
	setpgid(pid, pid);
	signal(SIGTTOU, SIG_IGN);
	EXPECT_EQUAL(tcsetpgrp(terminal, pid), 0);
	EXPECT_EQUAL(write(master, "\032", 1), 1);
	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	EXPECT_EQUAL(tcsetpgrp(terminal, getpgrp()), 0);
	kill(pid, SIGCONT);
	EXPECT_EQUAL(waitpid(pid, &status, WCONTINUED), pid);
	kill(pid, SIGKILL);
	test_wait(pid);
	return 0;
}

TEST(terminal, suspends_the_foreground)
{
	in_session(check_suspend);
}
