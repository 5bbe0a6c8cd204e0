/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sys:`, `debug:`, `null:`, `zero:`, `rand:`, `log:`, `initfs:`. */
#include "redox_test.h"

static void expect_path(int64_t fd, const char *wanted)
{
	char path[64];
	int64_t length = EXPECT_SUCCESS(file_path(fd, path, sizeof(path)));

	EXPECT_EQUAL(length, strlen(wanted));
	EXPECT(memcmp(path, wanted, (size_t)length) == 0);
}

/* The whole text of a file, terminated. */
static char *read_text(const char *path)
{
	static char text[1 << 20];
	int64_t fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(file_read_whole(fd, text, sizeof(text) - 1));

	EXPECT_EQUAL(file_close(fd), 0);
	text[length] = '\0';
	return text;
}

static bool begins_with(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* True if one of the lines is `wanted`. */
static bool has_line(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	while (text) {
		if (strncmp(text, wanted, length) == 0 &&
		    (text[length] == '\n' || text[length] == '\0'))
			return true;
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return false;
}

static bool contains(const char *text, const char *wanted)
{
	for (; *text; text++)
		if (begins_with(text, wanted))
			return true;
	return false;
}

/* --- sys: --- */

TEST(sys, listing)
{
	static const char *const names[] = { "context", "cpu",   "exe",    "scheme", "scheme_num",
					     "uname",   "block", "iostat", "log",    "syscall" };
	int64_t fd = EXPECT_SUCCESS(file_open("sys:", REDOX_O_RDONLY));
	struct redox_stat status;
	char path[64];
	char text[1024];
	int64_t length;

	EXPECT_EQUAL(file_status(fd, &status), 0);
	EXPECT_EQUAL(status.mode, 0x4000 | 0444);
	expect_path(fd, "sys:");
	length = EXPECT_SUCCESS(file_read(fd, text, sizeof(text) - 1));
	text[length] = '\0';
	for (size_t i = 0; i < array_length(names); i++) {
		EXPECT(has_line(text, names[i]));
		snprintf(path, sizeof(path), "sys:%s", names[i]);
		fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));
		expect_path(fd, path);
		EXPECT_EQUAL(file_status(fd, &status), 0);
		EXPECT_EQUAL(status.mode, 0x8000 | 0444);
		EXPECT_EQUAL(file_close(fd), 0);
	}
	EXPECT_ERROR(file_open("sys:nothing", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("sys:uname/x", REDOX_O_RDONLY), ENOENT);
}

TEST(sys, seeking)
{
	int64_t fd = EXPECT_SUCCESS(file_open("sys:uname", REDOX_O_RDWR));
	struct redox_stat status;
	char all[128], part[4];
	int64_t length = EXPECT_SUCCESS(file_read(fd, all, sizeof(all)));

	EXPECT(length > 8);
	EXPECT_EQUAL(file_read(fd, all, sizeof(all)), 0);
	EXPECT_EQUAL(file_seek(fd, 2, REDOX_SEEK_SET), 2);
	EXPECT_EQUAL(file_read(fd, part, 4), 4);
	EXPECT(memcmp(part, all + 2, 4) == 0);
	EXPECT_EQUAL(file_seek(fd, -3, REDOX_SEEK_CUR), 3);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_END), length);
	EXPECT_ERROR(file_seek(fd, -1, REDOX_SEEK_SET), EINVAL);
	EXPECT_ERROR(file_seek(fd, -length - 1, REDOX_SEEK_END), EINVAL);
	EXPECT_ERROR(file_seek(fd, 0, 7), EINVAL);
	EXPECT_EQUAL(file_status(fd, &status), 0);
	EXPECT_EQUAL(status.size, length);
	EXPECT_ERROR(file_write(fd, "x", 1), EBADF);
	EXPECT_ERROR(event_subscribe(EXPECT_SUCCESS(event_queue_create()), (uint64_t)fd,
				     REDOX_EVENT_READ, 0),
		     EPERM);
}

TEST(sys, contents)
{
	char *text = read_text("sys:uname");
	char *line = strchr(text, '\n');

	EXPECT(line && begins_with(line, "\n\n") && line > text);
	line = strchr(line + 2, '\n');
	EXPECT(line && strcmp(line, "\n\nx86_64\n") == 0);
	EXPECT(begins_with(read_text("sys:cpu"), "CPUs: "));
	EXPECT(begins_with(read_text("sys:exe"), "file:/"));
	EXPECT(contains(read_text("sys:exe"), "/redox-tests"));
	EXPECT(has_line(read_text("sys:scheme"), "sys"));
	EXPECT(has_line(read_text("sys:scheme"), "event"));
	EXPECT(strlen(read_text("sys:log")) > 100);
	EXPECT(strlen(read_text("sys:syscall")) > 0);
	EXPECT(strlen(read_text("sys:iostat")) > 0);
}

TEST(sys, context)
{
	char *text = read_text("sys:context"), expected[16];
	bool found = false;

	EXPECT(begins_with(text,
			   "PID   PGID  PPID  RUID  RGID  RNS   EUID  EGID  ENS   STAT  CPU   "
			   "TICKS MEM   NAME\n"));
	snprintf(expected, sizeof(expected), "%-6ld", process_id());
	for (char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
		found |= begins_with(line + 1, expected);
	EXPECT(found);
}

/* The text is that of the moment of opening. */
TEST(sys, made_at_open)
{
	int64_t fd = EXPECT_SUCCESS(file_open("sys:iostat", REDOX_O_RDONLY));
	int64_t marker = EXPECT_SUCCESS(file_open("sys:scheme_num", REDOX_O_RDONLY));
	static char text[65536];
	int64_t length = EXPECT_SUCCESS(file_read_whole(fd, text, sizeof(text)));

	EXPECT_EQUAL(file_close(marker), 0);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	EXPECT_EQUAL(file_read_whole(fd, text, sizeof(text)), length);
}

TEST(sys, other_users)
{
	test_become_user(1000);
	EXPECT_SUCCESS(file_open("sys:context", REDOX_O_RDONLY));
	/* Whoever opens it for writing learns later that it cannot be written. */
	EXPECT_ERROR(file_write(EXPECT_SUCCESS(file_open("sys:uname", REDOX_O_WRONLY)), "x", 1),
		     EBADF);
}

/* --- debug: --- */

TEST(debug, console)
{
	int64_t fd = EXPECT_SUCCESS(file_open("debug:", REDOX_O_RDWR | REDOX_O_NONBLOCK));
	char byte;

	expect_path(fd, "debug:");
	EXPECT_EQUAL(file_write(fd, "\n", 1), 1);
	EXPECT_ERROR(file_read(fd, &byte, 1), EAGAIN);
	EXPECT_ERROR(file_open("debug:x", REDOX_O_RDWR), ENOENT);
	EXPECT_EQUAL(event_subscribe(EXPECT_SUCCESS(event_queue_create()), (uint64_t)fd,
				     REDOX_EVENT_READ, 0),
		     0);
	test_become_user(1000);
	EXPECT_ERROR(file_open("debug:", REDOX_O_RDWR), EPERM);
	EXPECT_EQUAL(file_write(fd, "\n", 1), 1);
}

/* --- irq: --- */

#define PIT_CHANNEL_0 0x40
#define PIT_COMMAND   0x43

static void port_write(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

/* Makes the timer of old interrupt 100 times a second, on ISA line 0. */
static void timer_start(void)
{
	const unsigned divisor = 1193182 / 100;

	port_write(PIT_COMMAND, 0x34);
	port_write(PIT_CHANNEL_0, divisor & 0xff);
	port_write(PIT_CHANNEL_0, divisor >> 8);
}

/* It waits for a count that never comes. */
static void timer_stop(void)
{
	port_write(PIT_COMMAND, 0x30);
}

TEST(irq, names)
{
	static const char *const wrong[] = {
		"irq:",    "irq:x",   "irq:-1",  "irq:256",
		"irq:999", "irq:0x1", "irq:1 ",  "irq:18446744073709551616",
		"irq:/1",  "irq:255", "irq:200", "irq:1/2"
	};

	for (size_t i = 0; i < array_length(wrong); i++)
		EXPECT_ERROR(file_open(wrong[i], REDOX_O_RDWR), ENOENT);
	test_become_user(1000);
	EXPECT_ERROR(file_open("irq:8", REDOX_O_RDWR), EACCES);
	EXPECT_ERROR(file_open("irq:x", REDOX_O_RDWR), EACCES);
}

/* All lines there are, those of the kernel's drivers among them, opened, read, acknowledged and
 * closed again. */
TEST(irq, every_line)
{
	unsigned opened = 0;
	char path[16];

	for (unsigned line = 0; line < 256; line++) {
		uint64_t count = 0;
		int64_t fd;

		snprintf(path, sizeof(path), "irq:%u", line);
		fd = file_open(path, REDOX_O_RDWR);
		if (fd == -ENOENT || fd == -EBUSY)
			continue;
		EXPECT_SUCCESS(fd);
		expect_path(fd, path);
		opened++;
		EXPECT_ERROR(file_read(fd, &count, 7), EINVAL);
		EXPECT_ERROR(file_write(fd, &count, 7), EINVAL);
		EXPECT_SUCCESS(file_read(fd, &count, sizeof(count)));
		EXPECT_SUCCESS(file_write(fd, &count, sizeof(count)));
		EXPECT_EQUAL(file_close(fd), 0);
	}
	EXPECT(opened > 0);
}

TEST(irq, counting)
{
	int64_t irq = EXPECT_SUCCESS(file_open("irq:0", REDOX_O_RDWR));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	uint64_t count, last = 0, wrong = UINT64_MAX;
	struct redox_event event;

	EXPECT_EQUAL(file_read(irq, &count, sizeof(count)), 0);
	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)irq, REDOX_EVENT_READ, 3), 0);
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	timer_start();
	for (int i = 0; i < 5; i++) {
		EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
		EXPECT_EQUAL(event.id, irq);
		EXPECT_EQUAL(event.flags, REDOX_EVENT_READ);
		EXPECT_EQUAL(file_read(irq, &count, sizeof(count)), sizeof(count));
		EXPECT(count > last);
		last = count;
		EXPECT_EQUAL(file_write(irq, &wrong, sizeof(wrong)), 0);
		/* Another one may come before. */
		while (file_write(irq, &count, sizeof(count)) == 0)
			EXPECT_EQUAL(file_read(irq, &count, sizeof(count)), sizeof(count));
	}
	timer_stop();
}

static unsigned die_with_line(void *argument)
{
	(void)argument;
	EXPECT_SUCCESS(file_open("irq:0", REDOX_O_RDWR));
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	timer_start();
	signal_send(process_id(), SIGKILL);
	return 1;
}

TEST(irq, released_by_death)
{
	char *text;

	EXPECT_EQUAL(status_signal(test_run_child(die_with_line, NULL)), SIGKILL);
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	timer_stop();
	text = read_text("file:/proc/interrupts");
	EXPECT(!contains(text, "irq:"));
}

/* --- serio: --- */

#define KEYBOARD_DATA    0x60
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_FULL    2
#define AS_KEYBOARD      0xd2
#define AS_MOUSE         0xd3

static uint8_t port_read(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* The keyboard controller reports the byte as if a device had sent it. */
static void inject(uint8_t command, uint8_t byte)
{
	while (port_read(KEYBOARD_COMMAND) & KEYBOARD_FULL)
		;
	port_write(KEYBOARD_COMMAND, command);
	while (port_read(KEYBOARD_COMMAND) & KEYBOARD_FULL)
		;
	port_write(KEYBOARD_DATA, byte);
	sleep_milliseconds(20);
}

/* Waits for an event of `fd`, then reads what is there. */
static int64_t wait_and_read(int64_t queue, int64_t fd, uint8_t *bytes, size_t size)
{
	struct redox_event event;

	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.id, fd);
	return EXPECT_SUCCESS(file_read(fd, bytes, size));
}

TEST(serio, keyboard)
{
	int64_t fd = EXPECT_SUCCESS(file_open("serio:0", REDOX_O_RDONLY | REDOX_O_NONBLOCK));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	uint8_t bytes[16];

	expect_path(fd, "serio:0");
	EXPECT_ERROR(file_write(fd, bytes, 1), EBADF);
	EXPECT_ERROR(file_read(fd, bytes, 1), EAGAIN);
	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 0), 0);
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	/* Left shift: the console shows nothing for it. */
	inject(AS_KEYBOARD, 0x2a);
	inject(AS_KEYBOARD, 0xaa);
	EXPECT_EQUAL(wait_and_read(queue, fd, bytes, sizeof(bytes)), 2);
	EXPECT(bytes[0] == 0x2a && bytes[1] == 0xaa);
	EXPECT_ERROR(file_read(fd, bytes, 1), EAGAIN);
}

TEST(serio, mouse)
{
	int64_t fd = EXPECT_SUCCESS(file_open("serio:1", REDOX_O_RDONLY));
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	uint8_t bytes[3];

	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)fd, REDOX_EVENT_READ, 0), 0);
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	/* Three to the right and two up; the last byte is the wheel's. */
	inject(AS_MOUSE, 0x08);
	inject(AS_MOUSE, 3);
	inject(AS_MOUSE, 2);
	inject(AS_MOUSE, 0);
	EXPECT_EQUAL(wait_and_read(queue, fd, bytes, sizeof(bytes)), 3);
	EXPECT(bytes[0] == 0x08 && bytes[1] == 3 && bytes[2] == 2);
}

TEST(serio, errors)
{
	EXPECT_ERROR(file_open("serio:", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("serio:2", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("serio:00", REDOX_O_RDONLY), ENOENT);
	test_become_user(1000);
	EXPECT_ERROR(file_open("serio:0", REDOX_O_RDONLY), EPERM);
}

/* --- Devices. --- */

TEST(devices, null)
{
	int64_t fd = EXPECT_SUCCESS(file_open("null:", REDOX_O_RDWR));
	struct redox_stat status;
	char byte;

	expect_path(fd, "null:");
	EXPECT_EQUAL(file_status(fd, &status), 0);
	EXPECT_EQUAL(status.mode, 0x2000 | 0666);
	EXPECT_EQUAL(file_read(fd, &byte, 1), 0);
	EXPECT_EQUAL(file_write(fd, "abc", 3), 3);
}

TEST(devices, zero)
{
	int64_t fd = EXPECT_SUCCESS(file_open("zero:", REDOX_O_RDWR));
	char bytes[5000];

	expect_path(fd, "zero:");
	memset(bytes, 7, sizeof(bytes));
	EXPECT_EQUAL(file_read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		EXPECT_EQUAL(bytes[i], 0);
	EXPECT_EQUAL(file_write(fd, "abc", 3), 3);
}

TEST(devices, rand)
{
	int64_t fd = EXPECT_SUCCESS(file_open("rand:", REDOX_O_RDWR));
	uint64_t words[2][2];

	expect_path(fd, "rand:");
	EXPECT_EQUAL(file_read(fd, words[0], sizeof(words[0])), sizeof(words[0]));
	EXPECT_EQUAL(file_read(fd, words[1], sizeof(words[1])), sizeof(words[1]));
	EXPECT(memcmp(words[0], words[1], sizeof(words[0])) != 0);
	EXPECT_EQUAL(file_write(fd, "seed", 4), 4);
}

TEST(devices, log)
{
	int64_t fd = EXPECT_SUCCESS(file_open("log:", REDOX_O_RDWR));
	char bytes[64];

	expect_path(fd, "log:");
	EXPECT_EQUAL(file_read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	EXPECT_EQUAL(file_write(fd, "a line of a test\n", 17), 17);
	EXPECT(contains(read_text("sys:log"), "a line of a test"));
}

TEST(devices, initfs)
{
	int64_t fd = EXPECT_SUCCESS(file_open("initfs:/bin/busybox", REDOX_O_RDONLY));
	char magic[4];

	expect_path(fd, "initfs:/bin/busybox");
	EXPECT_EQUAL(file_read(fd, magic, 4), 4);
	EXPECT(memcmp(magic, "\177ELF", 4) == 0);
	EXPECT_ERROR(file_open("initfs:/bin/busybox", REDOX_O_RDWR), EROFS);
	EXPECT_ERROR(file_open("initfs:/no/such", REDOX_O_RDONLY), ENOENT);
}
