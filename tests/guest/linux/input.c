/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input devices in /dev/input. What a device reports is written to its node, which is then as if it had
 * been typed; so only in the guest, and grabbed, so that nobody else gets it.
 */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* By Linux's documents, not by the kernel's header. */
struct record {
	struct timespec time; /* microseconds, in fact */
	uint16_t type, code;
	int32_t value;
};
_Static_assert(sizeof(struct record) == 24, "as Linux has it");

#define GET_VERSION       _IOR('E', 0x01, int)
#define GET_ID            _IOR('E', 0x02, uint16_t[4])
#define GET_REPEAT        _IOR('E', 0x03, unsigned[2])
#define SET_REPEAT        _IOW('E', 0x03, unsigned[2])
#define GET_NAME(size)    _IOC(_IOC_READ, 'E', 0x06, size)
#define GET_KEYS(size)    _IOC(_IOC_READ, 'E', 0x18, size)
#define GET_BITS(t, size) _IOC(_IOC_READ, 'E', 0x20 + (t), size)
#define GET_AXIS(axis)    _IOR('E', 0x40 + (axis), int[6])
#define GRAB              _IOW('E', 0x90, int)
#define REVOKE            _IOW('E', 0x91, int)
#define SET_CLOCK         _IOW('E', 0xa0, int)

#define TYPE_SYNC     0
#define TYPE_KEY      1
#define TYPE_RELATIVE 2
#define TYPE_ABSOLUTE 3
#define KEY_A         30
#define KEY_B         48
#define BUTTON_LEFT   0x110
#define SYNC_DROPPED  3

static bool has_bit(int fd, unsigned type, unsigned bit)
{
	uint8_t bits[96] = { 0 };

	EXPECT(ioctl(fd, GET_BITS(type, sizeof(bits)), bits) > 0);
	return bits[bit / 8] & 1 << bit % 8;
}

/* The first device that reports this. */
static int open_device(unsigned type, unsigned code)
{
	for (unsigned i = 0; i < 8; i++) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/dev/input/event%u", i);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && has_bit(fd, type, code))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	test_skip("this machine has no such device");
}

static void grab(int fd)
{
	EXPECT_EQUAL(ioctl(fd, GRAB, 1), 0);
}

static void put(int fd, unsigned type, unsigned code, int value)
{
	struct record record = { .type = (uint16_t)type, .code = (uint16_t)code, .value = value };

	EXPECT_EQUAL(write(fd, &record, sizeof(record)), sizeof(record));
}

static void expect_record(int fd, unsigned type, unsigned code, int value)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct record record;

	EXPECT_EQUAL(poll(&ready, 1, 10000), 1);
	EXPECT_EQUAL(read(fd, &record, sizeof(record)), sizeof(record));
	EXPECT_EQUAL(record.type, type);
	EXPECT_EQUAL(record.code, code);
	EXPECT_EQUAL(record.value, value);
}

static void expect_nothing(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct record record;

	EXPECT_EQUAL(poll(&ready, 1, 0), 0);
	EXPECT_ERROR(read(fd, &record, sizeof(record)), EAGAIN);
}

TEST_GUEST(input, keyboards_tell_what_they_are, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A);
	char name[64] = "";
	uint16_t id[4];
	int version;

	EXPECT_EQUAL(ioctl(fd, GET_VERSION, &version), 0);
	EXPECT_EQUAL(version, 0x010001);
	EXPECT_EQUAL(ioctl(fd, GET_ID, id), 0);
	EXPECT(id[0] != 0);
	EXPECT(ioctl(fd, GET_NAME(sizeof(name)), name) > 4);
	EXPECT_EQUAL(strnlen(name, sizeof(name)) + 1, ioctl(fd, GET_NAME(sizeof(name)), name));
	memset(name, 'x', sizeof(name));
	EXPECT_EQUAL(ioctl(fd, GET_NAME(3), name), 3);
	EXPECT_EQUAL(name[3], 'x');
	EXPECT(has_bit(fd, TYPE_SYNC, TYPE_KEY) && !has_bit(fd, TYPE_SYNC, TYPE_RELATIVE));
	EXPECT(!has_bit(fd, TYPE_KEY, BUTTON_LEFT));
	EXPECT_ERROR(ioctl(fd, GET_AXIS(0), name), EINVAL);
	close(fd);
}

TEST_GUEST(input, keys_come_as_records, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A);
	uint8_t keys[96];

	grab(fd);
	put(fd, TYPE_KEY, KEY_A, 1);
	expect_record(fd, TYPE_KEY, KEY_A, 1);
	expect_record(fd, TYPE_SYNC, 0, 0);
	EXPECT(ioctl(fd, GET_KEYS(sizeof(keys)), keys) > 0);
	EXPECT(keys[KEY_A / 8] & 1 << KEY_A % 8);
	put(fd, TYPE_KEY, KEY_A, 1);       /* it is down already */
	put(fd, TYPE_KEY, BUTTON_LEFT, 1); /* a keyboard has none */
	put(fd, TYPE_KEY, KEY_A, 0);
	expect_record(fd, TYPE_KEY, KEY_A, 0);
	expect_record(fd, TYPE_SYNC, 0, 0);
	EXPECT(ioctl(fd, GET_KEYS(sizeof(keys)), keys) > 0);
	EXPECT(!(keys[KEY_A / 8] & 1 << KEY_A % 8));
	expect_nothing(fd);
	close(fd);
}

TEST_GUEST(input, held_keys_repeat, 60)
{
	int fd = open_device(TYPE_KEY, KEY_A);
	const unsigned fast[2] = { 50, 20 };
	unsigned before[2], now[2];

	grab(fd);
	EXPECT_EQUAL(ioctl(fd, GET_REPEAT, before), 0);
	EXPECT_EQUAL(ioctl(fd, SET_REPEAT, fast), 0);
	EXPECT_EQUAL(ioctl(fd, GET_REPEAT, now), 0);
	EXPECT(now[0] == 50 && now[1] == 20);
	put(fd, TYPE_KEY, KEY_A, 1);
	expect_record(fd, TYPE_KEY, KEY_A, 1);
	expect_record(fd, TYPE_SYNC, 0, 0);
	for (int i = 0; i < 3; i++) {
		expect_record(fd, TYPE_KEY, KEY_A, 2);
		expect_record(fd, TYPE_SYNC, 0, 0);
	}
	put(fd, TYPE_KEY, KEY_A, 0);
	usleep(100000);
	close(fd);
	fd = open_device(TYPE_KEY, KEY_A);
	usleep(200000);
	expect_nothing(fd); /* neither what came before it was opened nor a key that went up */
	EXPECT_EQUAL(ioctl(fd, SET_REPEAT, before), 0);
	close(fd);
}

TEST_GUEST(input, one_may_have_it_alone, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A), other = open_device(TYPE_KEY, KEY_A);

	EXPECT_ERROR(ioctl(fd, GRAB, 0), EINVAL);
	grab(fd);
	EXPECT_ERROR(ioctl(other, GRAB, 1), EBUSY);
	EXPECT_ERROR(ioctl(other, GRAB, 0), EINVAL);
	put(other, TYPE_KEY, KEY_B, 1);
	put(other, TYPE_KEY, KEY_B, 0);
	expect_record(fd, TYPE_KEY, KEY_B, 1);
	expect_nothing(other);
	close(fd); /* which gives it back */
	grab(other);
	close(other);
}

TEST_GUEST(input, who_is_slow_is_told, 60)
{
	int fd = open_device(TYPE_KEY, KEY_A);
	struct record records[512];
	bool dropped = false;
	ssize_t length;

	grab(fd);
	for (int i = 0; i < 500; i++)
		put(fd, TYPE_KEY, KEY_A, i % 2 == 0);
	while ((length = read(fd, records, sizeof(records))) > 0)
		for (size_t i = 0; i < (size_t)length / sizeof(records[0]); i++)
			if (records[i].type == TYPE_SYNC && records[i].code == SYNC_DROPPED)
				dropped = true;
	EXPECT(dropped);
	put(fd, TYPE_KEY, KEY_A, 1);
	put(fd, TYPE_KEY, KEY_A, 0);
	expect_record(fd, TYPE_KEY, KEY_A, 1);
	close(fd);
}

TEST_GUEST(input, mice_move, 30)
{
	int fd = open_device(TYPE_RELATIVE, 0), axis[6];

	EXPECT(has_bit(fd, TYPE_KEY, BUTTON_LEFT) && !has_bit(fd, TYPE_KEY, KEY_A));
	grab(fd);
	put(fd, TYPE_RELATIVE, 0, 1000);
	put(fd, TYPE_RELATIVE, 1, -7);
	expect_nothing(fd); /* before the report ends */
	put(fd, TYPE_SYNC, 0, 0);
	expect_record(fd, TYPE_RELATIVE, 0, 1000); /* as the device tells it, not accelerated */
	expect_record(fd, TYPE_RELATIVE, 1, -7);
	expect_record(fd, TYPE_SYNC, 0, 0);
	if (has_bit(fd, TYPE_SYNC, TYPE_ABSOLUTE)) {
		EXPECT_EQUAL(ioctl(fd, GET_AXIS(1), axis), 0);
		EXPECT(axis[1] == 0 && axis[2] == 0x7fff);
	}
	close(fd);
}

TEST_GUEST(input, clocks, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A), clock = CLOCK_MONOTONIC;
	struct record record;
	struct timespec now;

	grab(fd);
	for (int i = 0; i < 2; i++) {
		put(fd, TYPE_KEY, KEY_A, 1);
		put(fd, TYPE_KEY, KEY_A, 0);
		EXPECT_EQUAL(read(fd, &record, sizeof(record)), sizeof(record));
		EXPECT_EQUAL(clock_gettime(i ? CLOCK_MONOTONIC : CLOCK_REALTIME, &now), 0);
		EXPECT(now.tv_sec - record.time.tv_sec <= 5 && now.tv_sec >= record.time.tv_sec);
		EXPECT(record.time.tv_nsec < 1000000);
		EXPECT_EQUAL(ioctl(fd, SET_CLOCK, &clock), 0);
	}
	clock = 77;
	EXPECT_ERROR(ioctl(fd, SET_CLOCK, &clock), EINVAL);
	close(fd);
}

TEST_GUEST(input, bad_requests, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A);
	void *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct record record;

	EXPECT_ERROR(read(fd, &record, sizeof(record) - 1), EINVAL);
	EXPECT_EQUAL(read(fd, &record, 0), 0);
	EXPECT_ERROR(write(fd, &record, sizeof(record) - 1), EINVAL);
	EXPECT_ERROR(write(fd, nowhere, sizeof(record)), EFAULT);
	EXPECT_ERROR(ioctl(fd, GET_VERSION, nowhere), EFAULT);
	EXPECT_ERROR(ioctl(fd, GET_NAME(64), nowhere), EFAULT);
	EXPECT_ERROR(ioctl(fd, GET_KEYS(96), nowhere), EFAULT);
	EXPECT_ERROR(ioctl(fd, SET_REPEAT, nowhere), EFAULT);
	EXPECT_ERROR(ioctl(fd, SET_CLOCK, nowhere), EFAULT);
	EXPECT_ERROR(ioctl(fd, _IO('E', 0xff), 0), EINVAL);
	EXPECT_ERROR(ioctl(fd, _IO('X', 1), 0), ENOTTY);
	EXPECT_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);
	for (unsigned i = 0; i < 256; i++)
		(void)ioctl(fd, _IOC(_IOC_READ, 'E', i == 0x91 ? 1 : i, 0x3fff), nowhere);
	EXPECT_EQUAL(ioctl(fd, REVOKE, 0), 0);
	EXPECT_ERROR(read(fd, &record, sizeof(record)), ENODEV);
	EXPECT_ERROR(write(fd, &record, sizeof(record)), ENODEV);
	EXPECT_ERROR(ioctl(fd, GET_VERSION, &record), ENODEV);
	close(fd);
}

TEST_GUEST(input, only_root_may_read_keys, 30)
{
	int fd = open_device(TYPE_KEY, KEY_A), status;
	pid_t child;

	close(fd);
	child = fork();
	if (child == 0) {
		if (setgid(1000) || setuid(1000))
			_exit(2);
		for (unsigned i = 0; i < 8; i++) {
			char path[32];

			snprintf(path, sizeof(path), "/dev/input/event%u", i);
			if (open(path, O_RDONLY) >= 0 || (errno != EACCES && errno != ENOENT))
				_exit(1);
		}
		if (open("/dev/input/mice", O_RDONLY) >= 0 || errno != EACCES)
			_exit(3);
		_exit(open("/scheme/input/layout", O_WRONLY) >= 0 ? 4 : 0);
	}
	EXPECT_EQUAL(waitpid(child, &status, 0), child);
	EXPECT(WIFEXITED(status));
	EXPECT_EQUAL(WEXITSTATUS(status), 0);
}

TEST_GUEST(input, layouts_change, 30)
{
	static const char good[] = "name test\nkey a b B\n", wrong[] = "name test\nkey a bc\n";
	char before[64] = "", now[64] = "", path[128], text[16384];
	int fd = open("/scheme/input/layout", O_RDWR), file;
	ssize_t length;

	EXPECT(fd >= 0);
	EXPECT(read(fd, before, sizeof(before) - 1) > 1);
	EXPECT_ERROR(write(fd, wrong, sizeof(wrong) - 1), EINVAL);
	EXPECT_EQUAL(write(fd, good, sizeof(good) - 1), sizeof(good) - 1);
	EXPECT_EQUAL(pread(fd, now, sizeof(now) - 1, 0), 5);
	EXPECT_EQUAL(strcmp(now, "test\n"), 0);
	before[strcspn(before, "\n")] = '\0';
	snprintf(path, sizeof(path), "/usr/share/keymaps/%s", before);
	file = open(path, O_RDONLY);
	EXPECT(file >= 0);
	length = read(file, text, sizeof(text));
	EXPECT_EQUAL(write(fd, text, (size_t)length), length);
	close(file);
	close(fd);
}
