/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program in the terminal, and the pseudo terminal between it and us. */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct winsize child_size(const struct terminal *terminal)
{
	return (struct winsize){
		.ws_row = (unsigned short)grid_rows(terminal->grid),
		.ws_col = (unsigned short)grid_columns(terminal->grid),
		.ws_xpixel = (unsigned short)(grid_columns(terminal->grid) * terminal->cell_width),
		.ws_ypixel = (unsigned short)(grid_rows(terminal->grid) * terminal->cell_height),
	};
}

/* Becomes the program: the one named, or the user's shell. */
static _Noreturn void child_become(char *const *arguments)
{
	const char *shell = getenv("SHELL");
	const char *home = getenv("HOME");
	const char *name;
	char login[64];

	setenv("TERM", "xterm-256color", 1);
	setenv("COLORTERM", "truecolor", 1);
	unsetenv("COLUMNS");
	unsetenv("LINES");
	if (!arguments[0]) {
		if (!shell || !*shell)
			shell = "/bin/sh";
		if (!home || chdir(home) < 0)
			home = NULL; /* where we are, then */
		/* The dash makes it read the user's profile. */
		name = strrchr(shell, '/');
		snprintf(login, sizeof(login), "-%s", name ? name + 1 : shell);
		execl(shell, login, (char *)NULL);
		_exit(127);
	}
	execvp(arguments[0], arguments);
	dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

void child_start(struct terminal *terminal, char *const *arguments)
{
	struct winsize size = child_size(terminal);

	terminal->outgoing = malloc(OUTGOING_MAX);
	if (!terminal->outgoing)
		terminal_fail("no memory");
	signal(SIGPIPE, SIG_IGN);
	terminal->child = forkpty(&terminal->child_fd, NULL, NULL, &size);
	if (terminal->child < 0)
		terminal_fail("no pseudo terminal");
	if (terminal->child == 0) {
		signal(SIGPIPE, SIG_DFL);
		child_become(arguments);
	}
	fcntl(terminal->child_fd, F_SETFD, FD_CLOEXEC);
	fcntl(terminal->child_fd, F_SETFL, O_NONBLOCK);
}

/* The other one is no child: it goes on when this one ends. */
void terminal_start_other(void)
{
	pid_t between = fork();

	if (between == 0) {
		if (fork() == 0) {
			setsid();
			execl("/proc/self/exe", "terminal", (char *)NULL);
		}
		_exit(0);
	}
	if (between > 0)
		waitpid(between, NULL, 0);
}

void child_send(struct terminal *terminal, const char *bytes, size_t length)
{
	if (length > OUTGOING_MAX - terminal->outgoing_length)
		return;
	if (length > OUTGOING_MAX - terminal->outgoing_start - terminal->outgoing_length) {
		memmove(terminal->outgoing, terminal->outgoing + terminal->outgoing_start,
			terminal->outgoing_length);
		terminal->outgoing_start = 0;
	}
	memcpy(terminal->outgoing + terminal->outgoing_start + terminal->outgoing_length, bytes,
	       length);
	terminal->outgoing_length += length;
}

void child_flush(struct terminal *terminal)
{
	ssize_t count;

	if (terminal->outgoing_length == 0)
		return;
	count = write(terminal->child_fd, terminal->outgoing + terminal->outgoing_start,
		      terminal->outgoing_length);
	if (count <= 0)
		return;
	terminal->outgoing_length -= (size_t)count;
	terminal->outgoing_start += (size_t)count;
	if (terminal->outgoing_length == 0)
		terminal->outgoing_start = 0;
}

void child_resize(struct terminal *terminal)
{
	struct winsize size = child_size(terminal);

	ioctl(terminal->child_fd, TIOCSWINSZ, &size);
}
