/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window_help.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PREFIX "/scheme/orbital/"

#define KEY_SHIFT 42

/* Linux's record. */
struct input_record {
	uint64_t time[2];
	uint16_t type, code;
	int32_t value;
};

/* A keyboard's node, or -1. */
static int open_keyboard(void)
{
	for (unsigned i = 0; i < 8; i++) {
		uint8_t keys[96] = { 0 };
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/dev/input/event%u", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && ioctl(fd, _IOC(_IOC_READ, 'E', 0x21, sizeof(keys)), keys) > 0 &&
		    keys[KEY_SHIFT / 8] & 1 << KEY_SHIFT % 8)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

void press_key(void)
{
	struct input_record down = { .type = 1, .code = KEY_SHIFT, .value = 1 };
	struct input_record up = { .type = 1, .code = KEY_SHIFT };
	int fd = open_keyboard();

	if (fd < 0)
		test_skip("no keyboard");
	EXPECT_EQUAL(write(fd, &down, sizeof(down)), sizeof(down));
	EXPECT_EQUAL(write(fd, &up, sizeof(up)), sizeof(up));
	EXPECT_EQUAL(close(fd), 0);
}

void use_window(int fd)
{
	struct orbital_event event;

	press_key();
	do
		EXPECT_EQUAL(read(fd, &event, sizeof(event)), sizeof(event));
	while (event.code != ORBITAL_EVENT_KEY);
}

void skip_without_desktop(int fd)
{
	if (fd < 0 && (errno == ENOENT || errno == ENODEV))
		test_skip("no desktop");
	EXPECT(fd >= 0);
}

int open_window(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), PREFIX "%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	skip_without_desktop(fd);
	return fd;
}

uint32_t *map_window(int fd, size_t length)
{
	void *pixels = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	EXPECT(pixels != MAP_FAILED);
	return pixels;
}

void command(int fd, const char *text)
{
	EXPECT_EQUAL(write(fd, text, strlen(text)), strlen(text));
}

void read_link_name(int fd, char *name, size_t size)
{
	char link[32];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, size - 1);
	EXPECT(length > 0 && (size_t)length < size - 1);
	name[length] = '\0';
}

void expect_name(int fd, const char *name)
{
	char is[512], wanted[512];

	read_link_name(fd, is, sizeof(is));
	snprintf(wanted, sizeof(wanted), PREFIX "%s", name);
	if (strcmp(is, wanted) != 0)
		test_fail(__FILE__, __LINE__, "it is \"%s\", not \"%s\"", is, wanted);
}

void read_name(int fd, int *x, int *y, int *width, int *height)
{
	char name[512];

	read_link_name(fd, name, sizeof(name));
	EXPECT_EQUAL(sscanf(name + strlen(PREFIX) + strcspn(name + strlen(PREFIX), "/"),
			    "/%d/%d/%d/%d", x, y, width, height),
		     4);
}

void expect_focus(int fd, bool focused)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };
	struct orbital_event event;

	for (;;) {
		EXPECT_EQUAL(poll(&entry, 1, 5000), 1);
		EXPECT_EQUAL(read(fd, &event, sizeof(event)), sizeof(event));
		if (event.code == ORBITAL_EVENT_FOCUS)
			break;
	}
	EXPECT_EQUAL(event.a, focused);
}

unsigned drain_events(int fd)
{
	struct orbital_event event;
	unsigned count = 0;

	while (ready_events(fd) & POLLIN) {
		EXPECT_EQUAL(read(fd, &event, sizeof(event)), sizeof(event));
		count++;
	}
	return count;
}

short ready_events(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN | POLLOUT };

	EXPECT(poll(&entry, 1, 0) >= 0);
	return entry.revents;
}

/* The number behind `key` in a file of lines. */
static long read_key(const char *path, const char *key)
{
	FILE *file = fopen(path, "r");
	char line[256];
	long value = -1;

	EXPECT(file != NULL);
	while (value < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			sscanf(line + strlen(key), "%ld", &value);
	fclose(file);
	EXPECT(value >= 0);
	return value;
}

long pinned_kib(void)
{
	return read_key("/proc/self/status", "VmPin:");
}

long available_kib(void)
{
	return read_key("/proc/meminfo", "MemAvailable:");
}

long total_kib(void)
{
	return read_key("/proc/meminfo", "MemTotal:");
}
