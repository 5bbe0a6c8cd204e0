/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What windows share: the clipboard, and the session with the desktop. */
#include "window_help.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <window.h>

#define CLIPBOARD     "/scheme/orbital/clipboard"
#define SESSION       "/scheme/orbital/session"
#define CLIPBOARD_MAX (4 << 20)

static int open_clipboard(void)
{
	int fd = open(CLIPBOARD, O_RDWR | O_CLOEXEC);

	skip_without_desktop(fd);
	return fd;
}

static void expect_clipboard(const char *wanted)
{
	char bytes[64] = { 0 };
	int fd = open_clipboard();

	EXPECT_EQUAL(read(fd, bytes, sizeof(bytes)), strlen(wanted));
	EXPECT(memcmp(bytes, wanted, strlen(wanted)) == 0);
	EXPECT_EQUAL(read(fd, bytes, sizeof(bytes)), 0);
	EXPECT_EQUAL(close(fd), 0);
}

TEST(clipboard, keeps_what_was_written)
{
	int window = open_window("/10/10/50/50/x"), fd = open_clipboard();

	expect_focus(window, true);
	/* It opened by itself: that is no consent. */
	EXPECT_ERROR(write(fd, "t", 1), EACCES);
	use_window(window);
	EXPECT_EQUAL(write(fd, "t", 1), 1);
	EXPECT_EQUAL(write(fd, "hello, ", 7), 7);
	EXPECT_EQUAL(write(fd, "world", 5), 5);
	expect_clipboard("thello, world");
	/* What is written ends it. */
	EXPECT_EQUAL(pwrite(fd, "y", 1, 1), 1);
	expect_clipboard("ty");
	EXPECT_EQUAL(pwrite(fd, "far", 3, 1000), 3);
	expect_clipboard("tyfar");
	EXPECT_EQUAL(lseek(fd, 2, SEEK_SET), 2);
	EXPECT_EQUAL(write(fd, "", 0), 0);
	EXPECT_EQUAL(pwrite(fd, "\0", 1, 0), 1);
	EXPECT_EQUAL(close(fd), 0);
}

TEST(clipboard, is_bounded)
{
	int window = open_window("/10/10/50/50/x"), fd = open_clipboard();
	char *bytes = malloc(CLIPBOARD_MAX + 1);

	EXPECT(bytes != NULL);
	memset(bytes, 'x', CLIPBOARD_MAX);
	expect_focus(window, true);
	use_window(window);
	EXPECT_EQUAL(pwrite(fd, bytes, CLIPBOARD_MAX, 0), CLIPBOARD_MAX);
	EXPECT_ERROR(pwrite(fd, bytes, 1, CLIPBOARD_MAX), EFBIG);
	EXPECT_ERROR(pwrite(fd, bytes, CLIPBOARD_MAX + 1, 0), EFBIG);
	EXPECT_ERROR(pwrite(fd, bytes, 1, INT64_MAX - 1), EFBIG);
	memset(bytes, 0, CLIPBOARD_MAX);
	EXPECT_EQUAL(pread(fd, bytes, CLIPBOARD_MAX + 1, 0), CLIPBOARD_MAX);
	EXPECT(bytes[0] == 'x' && bytes[CLIPBOARD_MAX - 1] == 'x');
	EXPECT_ERROR(pwrite(fd, NULL, 5, 0), EFAULT);
	EXPECT_EQUAL(pwrite(fd, "t", 1, 0), 1);
	free(bytes);
}

TEST(clipboard, is_for_who_has_the_focus)
{
	int window = open_window("/10/10/50/50/x"), fd = open_clipboard(), go[2];
	void *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct orbital_event event;
	char byte;
	pid_t other;

	EXPECT(nowhere != MAP_FAILED);
	expect_focus(window, true);
	use_window(window);
	EXPECT_EQUAL(pwrite(fd, "tsecret", 7, 0), 7);
	EXPECT_EQUAL(pipe(go), 0);
	other = fork();
	EXPECT(other >= 0);
	if (!other) {
		int own;

		/* A process without a window, though it has the parent's descriptors. */
		EXPECT_ERROR(pread(fd, &byte, 1, 0), EACCES);
		EXPECT_ERROR(pwrite(fd, "x", 1, 0), EACCES);
		/* It is asked first who it is: nothing is taken from it. */
		EXPECT_ERROR(pwrite(fd, nowhere, 5, 0), EACCES);
		own = open_window("/20/20/50/50/y");
		expect_focus(own, true);
		EXPECT_ERROR(pread(fd, &byte, 1, 0), EACCES);
		use_window(own);
		EXPECT_EQUAL(pread(fd, &byte, 1, 0), 1);
		EXPECT_EQUAL(write(go[1], "x", 1), 1);
		pause();
	}
	EXPECT_EQUAL(read(go[0], &byte, 1), 1);
	EXPECT_ERROR(pread(fd, &byte, 1, 0), EACCES);
	EXPECT_ERROR(pwrite(fd, "x", 1, 0), EACCES);
	EXPECT_EQUAL(kill(other, SIGKILL), 0);
	EXPECT(WIFSIGNALED(test_wait(other)));
	/* It was lost meanwhile, and is back. */
	do
		EXPECT_EQUAL(read(window, &event, sizeof(event)), sizeof(event));
	while (event.code != ORBITAL_EVENT_FOCUS || !event.a);
	EXPECT_ERROR(pread(fd, &byte, 1, 0), EACCES);
	use_window(window);
	expect_clipboard("tsecret");
}

TEST(clipboard, through_the_library)
{
	struct window *window = window_open(-1, -1, 100, 60, "library", ORBITAL_RESIZABLE);
	struct orbital_event events[8];
	char *bytes;
	size_t length;

	if (!window)
		skip_without_desktop(-1);
	EXPECT(window->width == 100 && window->height == 60);
	while (window_wait(window, events, 1, 1000) == 1 && events[0].code != ORBITAL_EVENT_FOCUS)
		;
	press_key();
	while (window_wait(window, events, 1, 5000) == 1 && events[0].code != ORBITAL_EVENT_KEY)
		;
	EXPECT_EQUAL(window_set_clipboard(window, "some text", 9), 0);
	bytes = window_get_clipboard(window, &length);
	EXPECT(bytes != NULL && length == 9 && strcmp(bytes, "some text") == 0);
	free(bytes);
	window->pixels[100 * 60 - 1] = 0xff112233;
	EXPECT_EQUAL(window_show(window), 0);
	EXPECT_EQUAL(window_show_area(window, 1, 2, 3, 4), 0);
	EXPECT_EQUAL(window_set_title(window, "another/title"), 0);
	EXPECT_EQUAL(window_set_size(window, 200, 90), 0);
	EXPECT(window->width == 200 && window->height == 90);
	window->pixels[200 * 90 - 1] = 1;
	window_close(window);
}

/* --- The session. --- */

static int open_session(void *argument)
{
	(void)argument;
	EXPECT_EQUAL(setuid(1000), 0);
	EXPECT_ERROR(open(SESSION, O_RDWR), EPERM);
	/* But everybody may have windows. */
	EXPECT(open("/scheme/orbital/r/1/2/30/40/x", O_RDWR) >= 0);
	return 0;
}

TEST(session, is_roots_and_one)
{
	int fd = open(SESSION, O_RDWR | O_CLOEXEC), again;

	if (fd < 0 && (errno == EPERM || errno == EBUSY))
		test_skip("not root, or there is a session already");
	skip_without_desktop(fd);
	EXPECT_ERROR(open(SESSION, O_RDWR), EBUSY);
	EXPECT_EQUAL(test_run_child(open_session, NULL), 0);
	EXPECT_EQUAL(close(fd), 0);
	again = open(SESSION, O_RDWR);
	EXPECT(again >= 0);
}

TEST(session, takes_lines)
{
	int fd = open(SESSION, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char byte, much[600];

	if (fd < 0 && (errno == EPERM || errno == EBUSY))
		test_skip("not root, or there is a session already");
	skip_without_desktop(fd);
	EXPECT_EQUAL(write(fd, "Clock\tclock\t/usr/bin/clo", 24), 24);
	EXPECT_EQUAL(write(fd, "ck\ntheme light\ntheme dark\n", 26), 26);
	EXPECT_ERROR(write(fd, "theme purple\n", 13), EINVAL);
	EXPECT_ERROR(write(fd, "nonsense\n", 9), EINVAL);
	memset(much, 'x', sizeof(much));
	EXPECT_EQUAL(write(fd, much, sizeof(much)), sizeof(much));
	EXPECT_ERROR(write(fd, "\n", 1), EINVAL);
	EXPECT_ERROR(write(fd, NULL, 5), EFAULT);
	EXPECT_EQUAL(write(fd, "clear\n", 6), 6);
	EXPECT_ERROR(read(fd, &byte, 1), EAGAIN);
	EXPECT_EQUAL(ready_events(fd), POLLOUT);
}
