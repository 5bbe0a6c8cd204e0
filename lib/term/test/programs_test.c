/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs of the host's busybox on a pseudo-terminal whose screen is the terminal under
 * test: keys go in, and the screen must come to show what is expected.
 */
#include <base/format.h>
#include <base/string.h>

#include "screen.h"
#include "unit.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUSYBOX      "/bin/busybox"
#define COLUMNS      40
#define ROWS         10
#define WAIT_SECONDS 20 /* until a test gives up */

struct session {
	struct screen screen;
	int pty;
	pid_t child;
};

/* Starts a program of busybox; the last arguments may be NULL. */
static void session_open(struct session *session, const char *program, const char *first,
			 const char *second)
{
	static const char *const environment[] = { "TERM=linux", "PATH=/bin:/usr/bin",
						   "HOME=/nonexistent", "LC_ALL=C.UTF-8", NULL };
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };

	if (access(BUSYBOX, X_OK) != 0)
		unit_skip("no " BUSYBOX);
	screen_open(&session->screen, COLUMNS, ROWS, 100);
	session->child = forkpty(&session->pty, NULL, NULL, &size);
	EXPECT(session->child >= 0);
	if (session->child == 0) {
		execle(BUSYBOX, program, first, second, NULL, environment);
		_exit(127);
	}
}

static void session_close(struct session *session)
{
	kill(session->child, SIGKILL);
	waitpid(session->child, NULL, 0);
	close(session->pty);
	screen_close(&session->screen);
}

static void session_type(struct session *session, const char *keys)
{
	EXPECT_EQUAL(write(session->pty, keys, strlen(keys)), strlen(keys));
}

static bool contains(const char *text, const char *part)
{
	for (; *text != '\0'; text++) {
		if (string_starts_with(text, part))
			return true;
	}
	return false;
}

/* Takes output until the screen contains `text`; the test fails if it never does. */
static void session_expect(struct session *session, const char *text)
{
	struct pollfd poller = { .fd = session->pty, .events = POLLIN };
	char buffer[512];

	for (unsigned waited = 0; !contains(screen_text(&session->screen), text);) {
		ssize_t length;

		if (poll(&poller, 1, 100) == 0) {
			if (++waited == WAIT_SECONDS * 10)
				break;
			continue;
		}
		length = read(session->pty, buffer, sizeof(buffer));
		if (length <= 0)
			break;
		term_write(&session->screen.term, buffer, (size_t)length);
		/* Reports are not answered: with the answer busybox's line editor reads, and
		 * drops, what is typed directly after it. */
		session->screen.replies[0] = '\0';
	}
	if (!contains(screen_text(&session->screen), text))
		unit_fail(__FILE__, __LINE__, "\"%s\" does not come up on \"%s\"", text,
			  screen_text(&session->screen));
}

/* A file of the lines "line 1" to "line 30". */
static void make_file(char *path)
{
	char line[16];
	int file = mkstemp(path);

	EXPECT(file >= 0);
	for (unsigned i = 1; i <= 30; i++) {
		snprintf(line, sizeof(line), "line %u\n", i);
		EXPECT_EQUAL(write(file, line, strlen(line)), strlen(line));
	}
	close(file);
}

UNIT_TEST(term_programs, vi)
{
	char path[] = "/tmp/term_test.XXXXXX";
	struct session session;

	make_file(path);
	session_open(&session, "vi", path, NULL);
	session_expect(&session,
		       "line 1|line 2|line 3|line 4|line 5|line 6|line 7|line 8|line 9|-");
	session_type(&session, "G");
	session_expect(&session, "line 26|line 27|line 28|line 29|line 30|~|");
	session_type(&session, "kkkdd");
	session_expect(&session, "line 26|line 28|line 29|line 30|");
	session_type(&session, "Onew\tt\xc3\xa4xt\033");
	session_expect(&session, "line 26|new     t\xc3\xa4xt|line 28|line 29|line 30|");
	session_type(&session, "gg2x");
	session_expect(&session, "ne 1|line 2|line 3|line 4|");
	session_type(&session, ":s/ne/two words/\r");
	session_expect(&session, "two words 1|line 2|");
	session_type(&session, "\006");
	session_expect(&session,
		       "line 9|line 10|line 11|line 12|line 13|line 14|line 15|line 16|line 17|-");
	session_type(&session, "/26\r");
	session_expect(&session, "line 26|");
	session_type(&session, ":q!\r");
	session_close(&session);
	unlink(path);
}

UNIT_TEST(term_programs, less)
{
	char path[] = "/tmp/term_test.XXXXXX";
	struct session session;

	make_file(path);
	session_open(&session, "less", "-N", path);
	session_expect(&session, "1 line 1|");
	session_expect(&session, "9 line 9|");
	session_type(&session, " ");
	session_expect(&session, "10 line 10|");
	session_expect(&session, "18 line 18|");
	session_type(&session, "y");
	session_expect(&session, "9 line 9|");
	session_expect(&session, "17 line 17|");
	session_type(&session, "G");
	session_expect(&session, "30 line 30|");
	session_close(&session);
	unlink(path);
}

UNIT_TEST(term_programs, shell_line_editing)
{
	struct session session;

	session_open(&session, "ash", NULL, NULL);
	session_type(&session, "PS1='$ '; printf '\\033c'\r");
	session_expect(&session, "$|");
	session_type(&session, "echo ac\033[Db\r");
	session_expect(&session, "$ echo abc|abc|$|");
	/* A line that is longer than the screen is wide, changed at its beginning. */
	session_type(&session, "echo 456789012345678901234567890123456789012345");
	session_expect(&session, "$ echo 456789012345678901234567890123456|789012345|");
	session_type(&session, "\001\033[C\033[C\033[C\033[C\033[Cx");
	session_expect(&session, "$ echo x45678901234567890123456789012345|6789012345|");
	session_close(&session);
}

UNIT_TEST(term_programs, top)
{
	struct session session;

	session_open(&session, "top", "-d1", NULL);
	session_expect(&session, "Mem: ");
	session_expect(&session, "  PID ");
	session_close(&session);
}
