/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows of Linux programs: /scheme/orbital as docs/abi/orbital.md tells it. */
#include "window_help.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(window, is_opened_drawn_and_shown)
{
	int fd = open_window("r/40/50/64/32/A title");
	uint32_t *pixels = map_window(fd, 64 * 32 * 4);

	expect_name(fd, "r/40/50/64/32/A title");
	for (size_t i = 0; i < 64 * 32; i++)
		EXPECT_EQUAL(pixels[i], 0);
	memset(pixels, 0xff, 64 * 32 * 4);
	EXPECT_EQUAL(fsync(fd), 0);
	EXPECT_EQUAL(fdatasync(fd), 0);
	command(fd, "Y,0,0,64,32");
	command(fd, "Y,0,0,1,1,-5,-5,10,10,100000,100000,5,5");
	command(fd, "C,1");
	command(fd, "C,0");
	EXPECT_EQUAL(pixels[64 * 32 - 1], 0xffffffff);
	EXPECT_EQUAL(close(fd), 0);
}

TEST(window, is_what_its_name_says)
{
	int fd = open_window("ar/10/20/100/80/one");

	expect_name(fd, "ar/10/20/100/80/one");
	command(fd, "T,two/../three \xc3\xa9\n");
	expect_name(fd, "ar/10/20/100/80/two/../three \xc3\xa9 ");
	command(fd, "P,-30,40");
	expect_name(fd, "ar/-30/40/100/80/two/../three \xc3\xa9 ");
	command(fd, "P,,60");
	command(fd, "T,");
	command(fd, "S,120,90");
	expect_name(fd, "ar/-30/60/120/90/");
	command(fd, "S,50");
	command(fd, "A,0");
	expect_name(fd, "r/-30/60/50/90/");
	command(fd, "F,au,1");
	expect_name(fd, "aru/-30/60/50/90/");
	command(fd, "F,ru,0");
	expect_name(fd, "a/-30/60/50/90/");
}

TEST(window, has_no_flags_where_there_are_none)
{
	int fd = open("/scheme/orbital//10/20/30/40/x", O_RDWR);

	skip_without_desktop(fd);
	expect_name(fd, "/10/20/30/40/x");
}

TEST(window, is_placed_by_the_desktop)
{
	int fd = open_window("/-1/-1/300/200/anywhere");
	int x, y, width, height;

	read_name(fd, &x, &y, &width, &height);
	EXPECT(x >= 0 && y >= 0);
	EXPECT(width == 300 && height == 200);
}

TEST(window, looking_at_a_name_makes_none)
{
	struct stat status;
	long before = pinned_kib();
	int fd = open_window("/0/0/64/64/x");

	EXPECT(pinned_kib() > before);
	EXPECT_EQUAL(close(fd), 0);
	EXPECT_EQUAL(pinned_kib(), before);
	EXPECT_EQUAL(stat("/scheme/orbital/r/0/0/64/64/x", &status), 0);
	EXPECT(S_ISCHR(status.st_mode));
	fd = open("/scheme/orbital/r/0/0/64/64/x", O_PATH);
	EXPECT(fd >= 0);
	EXPECT_EQUAL(pinned_kib(), before);
	EXPECT_ERROR(open("/scheme/orbital", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

TEST(window, displays_have_sizes)
{
	int width, height, scale, fd = open("/scheme/orbital/99.0", O_RDONLY);
	char name[128], byte;

	skip_without_desktop(fd);
	read_link_name(fd, name, sizeof(name));
	EXPECT(sscanf(name, "/scheme/orbital/99.0/%d/%d/%d", &width, &height, &scale) == 3);
	EXPECT(width >= 320 && height >= 200 && (scale == 1 || scale == 2));
	EXPECT_ERROR(read(fd, &byte, 1), EBADF);
	EXPECT_ERROR(open("/scheme/orbital/99.77", O_RDONLY), EINVAL);
	EXPECT_ERROR(open("/scheme/orbital/99.", O_RDONLY), EINVAL);
	EXPECT_ERROR(open("/scheme/orbital/99.-1", O_RDONLY), EINVAL);
	EXPECT_ERROR(open("/scheme/orbital/99.0x", O_RDONLY), EINVAL);
}

/* --- Events. --- */

TEST(window, tells_of_the_focus)
{
	int first = open_window("/10/10/50/50/first"), second;

	expect_focus(first, true);
	second = open_window("/30/30/50/50/second");
	expect_focus(second, true);
	expect_focus(first, false);
	EXPECT_EQUAL(close(second), 0);
	expect_focus(first, true);
}

TEST(window, reading_waits_or_not)
{
	struct orbital_event events[4];
	int fd = open_window("/10/10/50/50/x");

	expect_focus(fd, true);
	drain_events(fd);
	EXPECT_EQUAL(ready_events(fd) & POLLIN, 0);
	EXPECT_EQUAL(read(fd, events, sizeof(events[0]) - 1), 0);
	EXPECT_EQUAL(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	EXPECT_ERROR(read(fd, events, sizeof(events)), EAGAIN);
	command(fd, "A,1");
	EXPECT_EQUAL(read(fd, events, sizeof(events)), 0);
	EXPECT_EQUAL(fcntl(fd, F_SETFL, 0), 0);
	EXPECT_EQUAL(read(fd, events, sizeof(events)), 0);
}

static int read_until_blurred(void *argument)
{
	int fd = *(int *)argument;
	struct orbital_event event;

	while (read(fd, &event, sizeof(event)) == (ssize_t)sizeof(event))
		if (event.code == ORBITAL_EVENT_FOCUS && event.a == 0)
			return 0;
	return 1;
}

TEST(window, an_event_wakes_who_reads)
{
	int fd = open_window("/10/10/50/50/x"), other;
	pid_t reader;

	drain_events(fd);
	reader = test_spawn(read_until_blurred, &fd);
	test_let_block();
	other = open_window("/10/10/50/50/y");
	EXPECT(WIFEXITED(test_wait(reader)));
	EXPECT_EQUAL(close(other), 0);
}

/* Who waits for events is told that waiting is over. */
TEST(window, async_ends_a_read)
{
	int window = open_window("/10/10/50/50/x");
	pid_t reader = fork();

	EXPECT(reader >= 0);
	if (!reader) {
		struct orbital_event event;

		while (read(window, &event, sizeof(event)) > 0)
			;
		_exit(0);
	}
	test_sleep(500); /* until nothing comes any more */
	command(window, "A,1");
	EXPECT_EQUAL(test_wait(reader), 0);
}

TEST(window, an_event_wakes_who_polls)
{
	int fd = open_window("/10/10/50/50/x"), other;
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	struct orbital_event half[2];

	drain_events(fd);
	EXPECT_EQUAL(poll(&entry, 1, 20), 0);
	other = open_window("/10/10/50/50/y");
	EXPECT_EQUAL(poll(&entry, 1, 5000), 1);
	EXPECT_EQUAL(entry.revents, POLLIN);
	/* Whole events only. */
	EXPECT_EQUAL(read(fd, half, 36), 24);
	EXPECT_EQUAL(close(other), 0);
}

/* --- Pixels. --- */

TEST(window, other_sizes_have_other_pixels)
{
	int fd = open_window("r/10/10/64/64/x");
	uint32_t *old = map_window(fd, 64 * 64 * 4), *new;

	memset(old, 0x55, 64 * 64 * 4);
	command(fd, "S,128,64");
	/* What is mapped stays what it was, and shows nothing any more. */
	EXPECT_EQUAL(old[64 * 64 - 1], 0x55555555);
	old[0] = 7;
	new = map_window(fd, 128 * 64 * 4);
	EXPECT_EQUAL(new[0], 0);
	new[0] = 9;
	EXPECT_EQUAL(old[0], 7);
	command(fd, "Y,0,0,128,64");
	EXPECT_EQUAL(munmap(old, 64 * 64 * 4), 0);
	EXPECT_EQUAL(new[0], 9);
}

TEST(window, pixels_stay_while_they_are_mapped)
{
	long before = pinned_kib();
	int fd = open_window("rl/10/10/256/256/x");
	uint32_t *pixels = map_window(fd, 256 * 256 * 4);

	EXPECT_EQUAL(pinned_kib() - before, 256);
	EXPECT_EQUAL(close(fd), 0);
	pixels[65535] = 1;
	EXPECT_EQUAL(pixels[65535], 1);
	/* They count as long as they are there. */
	EXPECT_EQUAL(pinned_kib() - before, 256);
	EXPECT_EQUAL(munmap(pixels, 256 * 256 * 4), 0);
	EXPECT_EQUAL(pinned_kib(), before);
}

TEST(window, only_its_pixels_are_mapped)
{
	int fd = open_window("r/10/10/30/40/x");
	const int both = PROT_READ | PROT_WRITE;
	uint8_t *pixels;

	EXPECT_ERROR(mmap(NULL, 8193, both, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0, EINVAL);
	EXPECT_ERROR(mmap(NULL, 4096, both, MAP_SHARED, fd, 8192) == MAP_FAILED ? -1 : 0, EINVAL);
	EXPECT_ERROR(mmap(NULL, 4096, both, MAP_SHARED, fd, 1L << 62) == MAP_FAILED ? -1 : 0,
		     EINVAL);
	EXPECT_ERROR(mmap(NULL, 4096, both | PROT_EXEC, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0,
		     EPERM);
	EXPECT_ERROR(ftruncate(fd, 100), EINVAL);
	/* 4800 bytes, and what is left of the second page is nobody's. */
	pixels = mmap(NULL, 8192, both, MAP_SHARED, fd, 0);
	EXPECT(pixels != MAP_FAILED);
	for (size_t i = 0; i < 8192; i++)
		EXPECT_EQUAL(pixels[i], 0);
	pixels = mmap(NULL, 4096, both, MAP_PRIVATE, fd, 4096);
	EXPECT(pixels != MAP_FAILED);
	pixels[0] = 1;
}

static int draw_in_child(void *argument)
{
	int fd = *(int *)argument;
	uint32_t *pixels = map_window(fd, 4096);

	pixels[0] = 0xff00ff00;
	return fsync(fd) == 0 ? 0 : 1;
}

TEST(window, children_share_it)
{
	int fd = open_window("r/10/10/32/32/x");
	uint32_t *pixels = map_window(fd, 4096);

	EXPECT_EQUAL(test_run_child(draw_in_child, &fd), 0);
	EXPECT_EQUAL(pixels[0], 0xff00ff00);
	expect_name(fd, "r/10/10/32/32/x");
}

static int open_and_leave(void *unused)
{
	(void)unused;
	return open_window("/10/10/300/300/left");
}

/* Its descriptor stays with us, so its memory is ours. */
TEST(window, counts_for_the_parent_of_who_left_it)
{
	static char stack[65536] __attribute__((aligned(16)));
	int own = open_window("/10/10/50/50/x"), status;
	long before = pinned_kib();

	status = test_wait(
		clone(open_and_leave, stack + sizeof(stack), CLONE_FILES | SIGCHLD, NULL));
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) > own);
	EXPECT(pinned_kib() >= before + 300 * 300 * 4 / 1024);
	EXPECT_EQUAL(close(WEXITSTATUS(status)), 0);
	EXPECT_EQUAL(pinned_kib(), before);
}
