/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scheme `orbital:`: what Redox's orbclient does, and what programs must not do. */
#include "redox_test.h"

#include <redox/orbital.h>

#define PIXELS (REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_SHARED)

static int64_t open_window(const char *name)
{
	int64_t fd = file_open(name, REDOX_O_RDWR | REDOX_O_CLOEXEC);

	if (fd == -ENODEV)
		test_skip("no desktop");
	return EXPECT_SUCCESS(fd);
}

static uint32_t *map_window(int64_t fd, size_t size)
{
	return (uint32_t *)EXPECT_SUCCESS(memory_map(fd, 0, size, PIXELS, 0));
}

static void command(int64_t fd, const char *text)
{
	EXPECT_EQUAL(file_write(fd, text, strlen(text)), strlen(text));
}

static void expect_path(int64_t fd, const char *wanted)
{
	char path[512];
	int64_t length = EXPECT_SUCCESS(file_path(fd, path, sizeof(path)));

	EXPECT_EQUAL(length, strlen(wanted));
	EXPECT(memcmp(path, wanted, (size_t)length) == 0);
}

static void wait_for_focus(int64_t fd, int64_t focused)
{
	struct orbital_event event;

	do
		EXPECT_EQUAL(file_read(fd, &event, sizeof(event)), sizeof(event));
	while (event.code != ORBITAL_EVENT_FOCUS);
	EXPECT_EQUAL(event.a, focused);
}

TEST(orbital, a_window_as_orbclient_has_it)
{
	int64_t fd = open_window("orbital:ar/40/50/64/32/A title");
	uint32_t *pixels = map_window(fd, 64 * 32 * 4);
	struct orbital_event events[16];
	struct redox_stat status;

	/* No scheme in front: its letters would be taken for flags. */
	expect_path(fd, "ar/40/50/64/32/A title");
	EXPECT_EQUAL(pixels[64 * 32 - 1], 0);
	memset(pixels, 0xff, 64 * 32 * 4);
	EXPECT_EQUAL(file_synchronise(fd), 0);
	command(fd, "Y,0,0,64,32,1,1,5,5");
	command(fd, "T,Another");
	command(fd, "P,100,110");
	EXPECT_EQUAL(memory_unmap((uintptr_t)pixels, 8192), 0);
	command(fd, "S,128,96");
	expect_path(fd, "ar/100/110/128/96/Another");
	pixels = map_window(fd, 128 * 96 * 4);
	EXPECT_EQUAL(pixels[128 * 96 - 1], 0);
	/* Asynchronous reading ends with 0. */
	while (EXPECT_SUCCESS(file_read(fd, events, sizeof(events))) > 0)
		;
	command(fd, "M,C,0");
	command(fd, "M,G,1");
	command(fd, "M,G,0");
	command(fd, "M,R,1");
	command(fd, "D,M");
	EXPECT_EQUAL(file_status(fd, &status), 0);
	EXPECT_EQUAL(file_close(fd), 0);
}

TEST(orbital, displays)
{
	int64_t fd = open_window("orbital:99.0"), length;
	char path[64] = { 0 }, byte;

	length = EXPECT_SUCCESS(file_path(fd, path, sizeof(path) - 1));
	EXPECT(length > 15 && memcmp(path, "orbital:99.0/", 13) == 0);
	EXPECT_ERROR(file_read(fd, &byte, 1), EBADF);
	EXPECT_ERROR(file_open("orbital:99.55", REDOX_O_RDWR), EINVAL);
}

TEST(orbital, names_that_cannot_be)
{
	static const char *const names[] = {
		"orbital:",
		"orbital:r",
		"orbital:r/1/2/0/5/x",
		"orbital:r/1/2/-1/5/x",
		"orbital:r/1/2/16385/5/x",
		"orbital:r/1/2/2147483647/2147483647/x",
		"orbital:r/1/2/99999999999999999999999/1/x",
		"orbital:xyz/1/2/3/4/x",
	};

	EXPECT_EQUAL(file_close(open_window("orbital:/1/2/3/4/x")), 0);
	for (size_t i = 0; i < array_length(names); i++)
		EXPECT_ERROR(file_open(names[i], REDOX_O_RDWR), EINVAL);
}

TEST(orbital, events_come_through_event_queues)
{
	int64_t fd = open_window("orbital:a/1/2/50/50/x"), other;
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	struct orbital_event events[16];
	struct redox_event event;

	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 77), 0);
	do {
		while (EXPECT_SUCCESS(file_read(fd, events, sizeof(events))) > 0)
			;
		EXPECT_EQUAL(file_control(queue, REDOX_F_SETFL, REDOX_O_NONBLOCK), 0);
	} while (event_wait(queue, &event, 1) == 1);
	EXPECT_EQUAL(file_control(queue, REDOX_F_SETFL, 0), 0);
	other = open_window("orbital:a/1/2/50/50/y");
	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.data, 77);
	EXPECT_EQUAL(event.flags, REDOX_EVENT_READ);
	EXPECT_EQUAL(file_close(other), 0);
}

TEST(orbital, clipboard)
{
	int64_t fd = open_window("orbital:/1/2/50/50/x"), clipboard, again;
	char bytes[32];

	wait_for_focus(fd, 1);
	EXPECT_ERROR(file_duplicate(fd, "something"), EINVAL);
	clipboard = EXPECT_SUCCESS(file_duplicate(fd, "clipboard"));
	/* No key was pressed in it: the focus alone does not do. */
	EXPECT_ERROR(file_write(clipboard, "t", 1), EACCES);
	again = EXPECT_SUCCESS(file_duplicate(fd, "clipboard"));
	/* The window stays as long as its clipboard is open. */
	EXPECT_EQUAL(file_close(fd), 0);
	EXPECT_ERROR(file_read(again, bytes, 1), EACCES);
	EXPECT_EQUAL(file_close(again), 0);
	EXPECT_EQUAL(file_close(clipboard), 0);
}

static unsigned read_clipboard(void *argument)
{
	int64_t clipboard = *(int64_t *)argument;
	char byte;

	/* Another window has the focus, though it is the same process's. */
	EXPECT_ERROR(file_read(clipboard, &byte, 1), EACCES);
	EXPECT_ERROR(file_write(clipboard, &byte, 1), EACCES);
	return 0;
}

TEST(orbital, clipboard_is_for_who_has_the_focus)
{
	int64_t first = open_window("orbital:/1/2/50/50/x"), clipboard, second;

	wait_for_focus(first, 1);
	clipboard = EXPECT_SUCCESS(file_duplicate(first, "clipboard"));
	second = open_window("orbital:/1/2/50/50/y");
	wait_for_focus(second, 1);
	wait_for_focus(first, 0);
	EXPECT_EQUAL(test_run_child(read_clipboard, &clipboard), 0);
	EXPECT_EQUAL(file_close(second), 0);
	wait_for_focus(first, 1);
	EXPECT_ERROR(file_write(clipboard, "t", 1), EACCES);
}

TEST(orbital, bad_memory)
{
	int64_t fd = open_window("orbital:/1/2/30/30/x");

	EXPECT_ERROR(file_read(fd, (void *)8, 240), EFAULT);
	EXPECT_ERROR(file_write(fd, (void *)8, 5), EFAULT);
	EXPECT_ERROR(file_write(fd, (void *)(UINT64_MAX - 8), 50), EFAULT);
	EXPECT_ERROR(file_path(fd, (char *)8, 50), EFAULT);
	EXPECT_ERROR(memory_map(fd, 0, 8192, PIXELS, 0), EINVAL);
	EXPECT_ERROR(memory_map(fd, 4096, 4096, PIXELS, 0), EINVAL);
	EXPECT_ERROR(memory_map(fd, 100, 100, PIXELS, 0), EINVAL);
	EXPECT_ERROR(memory_map(fd, 0, UINT64_MAX, PIXELS, 0), ENOMEM);
	EXPECT_ERROR(memory_map(fd, 0, 3600, PIXELS | REDOX_PROT_EXEC, 0), EPERM);
	EXPECT_ERROR(file_truncate(fd, 50), EINVAL);
	EXPECT_ERROR(file_seek(fd, 0, REDOX_SEEK_SET), ESPIPE);
}

static unsigned draw_for_ever(void *argument)
{
	int64_t fd = open_window("orbital:t/20/20/200/100/drawing");
	uint32_t *pixels = map_window(fd, 200 * 100 * 4);

	(void)argument;
	for (uint32_t i = 0;; i++) {
		pixels[i % 20000] = i;
		if (i % 64 == 0)
			EXPECT_EQUAL(file_synchronise(fd), 0);
		if (i % 1024 == 0) {
			EXPECT_EQUAL(memory_unmap((uintptr_t)pixels, 20 * 4096), 0);
			command(fd, "S,200,100");
			pixels = map_window(fd, 200 * 100 * 4);
		}
	}
	return 0;
}

TEST_SLOW(orbital, dies_while_it_draws, 60)
{
	int64_t fd = open_window("orbital:/1/2/50/50/quiet");

	for (unsigned round = 0; round < 10; round++) {
		int64_t child = test_spawn(draw_for_ever, NULL);

		test_let_block();
		EXPECT_EQUAL(file_synchronise(fd), 0);
		EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
		test_wait(child);
	}
	expect_path(fd, "/1/2/50/50/quiet");
}
