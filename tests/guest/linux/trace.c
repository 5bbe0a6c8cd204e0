/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of scheme `trace:`, whose records are abi/native/trace.h's. */
#include "../test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../abi/native/trace.h"

#define SCHEME "/scheme/trace/"

static bool control(const char *words)
{
	int fd = open(SCHEME "control", O_WRONLY | O_TRUNC);
	ssize_t count = write(fd, words, strlen(words));
	int error = errno;

	close(fd);
	errno = error;
	return count == (ssize_t)strlen(words);
}

static void begin(const char *words)
{
	if (access("/scheme", F_OK) < 0)
		test_skip("not CryptOS");
	EXPECT(control("off"));
	EXPECT(control("clear"));
	EXPECT(control(words));
}

static void end(void)
{
	EXPECT(control("off"));
	EXPECT(control("clear records 8192"));
}

/* Reads the whole stream, `step` bytes at a time, and checks the header. The caller frees it. */
static struct trace_record *read_events(size_t *count, size_t step)
{
	size_t length = 0, size = 1 << 16;
	char *bytes = malloc(size);
	int fd = open(SCHEME "events", O_RDONLY);
	struct trace_header header;
	ssize_t got;

	EXPECT(fd >= 0);
	while ((got = read(fd, bytes + length, step)) > 0) {
		length += (size_t)got;
		if (size - length < step)
			bytes = realloc(bytes, size *= 2);
	}
	EXPECT_EQUAL(got, 0);
	close(fd);
	EXPECT(length >= sizeof(header));
	memcpy(&header, bytes, sizeof(header));
	EXPECT(header.magic == TRACE_MAGIC && header.version == TRACE_VERSION);
	EXPECT_EQUAL(header.record_bytes, sizeof(struct trace_record));
	EXPECT(header.cpus >= 1 && header.realtime_ns > 0);
	EXPECT_EQUAL((length - sizeof(header)) % sizeof(struct trace_record), 0);
	*count = (length - sizeof(header)) / sizeof(struct trace_record);
	memmove(bytes, bytes + sizeof(header), length - sizeof(header));
	return (struct trace_record *)bytes;
}

TEST_GUEST(trace, records_system_calls, TEST_SECONDS)
{
	struct trace_record *records;
	uint64_t entered = 0, left = 0, last = 0;
	size_t count;

	begin("syscall records 4096");
	for (int i = 0; i < 10; i++)
		syscall(SYS_getpgid, -1); /* -ESRCH */
	EXPECT(control("off"));
	records = read_events(&count, 4096);
	for (size_t i = 0; i < count; i++) {
		EXPECT(records[i].time >= last);
		last = records[i].time;
		EXPECT(records[i].kind == TRACE_SYSCALL_ENTER ||
		       records[i].kind == TRACE_SYSCALL_LEAVE || records[i].kind == TRACE_NAME);
		if (records[i].kind == TRACE_NAME || records[i].first != SYS_getpgid)
			continue;
		entered += records[i].kind == TRACE_SYSCALL_ENTER;
		if (records[i].kind == TRACE_SYSCALL_LEAVE) {
			left++;
			EXPECT_EQUAL((int64_t)records[i].second, -ESRCH);
		}
	}
	EXPECT_EQUAL(entered, 10);
	EXPECT_EQUAL(left, 10);
	free(records);
	end();
}

static int nothing(void *argument)
{
	(void)argument;
	return 0;
}

TEST_GUEST(trace, records_switches_and_wakes, TEST_SECONDS)
{
	size_t count, switches = 0, wakes = 0, odd;
	struct trace_record *records;

	begin("switch wake");
	EXPECT_EQUAL(test_run_child(nothing, NULL), 0);
	EXPECT(control("off"));
	records = read_events(&count, 37); /* any size will do */
	for (size_t i = 0; i < count; i++) {
		switches += records[i].kind == TRACE_SWITCH;
		wakes += records[i].kind == TRACE_WAKE;
		EXPECT(records[i].thread != 0);
	}
	EXPECT(switches > 0 && wakes > 0);
	free(records);
	/* What was read is still there for others. */
	odd = count;
	free(read_events(&count, 4096));
	EXPECT_EQUAL(count, odd);
	end();
}

TEST_GUEST(trace, counts_what_is_lost, TEST_SECONDS)
{
	struct trace_record *records;
	uint64_t lost = 0;
	size_t count;

	begin("syscall records 16");
	for (int i = 0; i < 1000; i++)
		getppid();
	EXPECT(control("off"));
	records = read_events(&count, 4096);
	for (size_t i = 0; i < count; i++)
		if (records[i].kind == TRACE_LOST)
			lost += records[i].first;
	EXPECT(lost >= 2000 - 16);
	free(records);
	end();
}

/* Reading makes records, and yet comes to an end. */
TEST_GUEST(trace, reading_while_it_is_on_ends, TEST_SECONDS)
{
	char byte;
	size_t count, more = 0;
	int fd;

	begin("on");
	free(read_events(&count, 512));
	EXPECT(count > 0);
	fd = open(SCHEME "text", O_RDONLY);
	while (read(fd, &byte, 1) == 1)
		;
	/* Behind the end is what came since. */
	while (read(fd, &byte, 1) == 1)
		more++;
	EXPECT(more > 0);
	EXPECT_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);
	close(fd);
	end();
}

TEST_GUEST(trace, refuses_nonsense, TEST_SECONDS)
{
	char large[8192];
	int fd;

	begin("token");
	memset(large, 'x', sizeof(large));
	fd = open(SCHEME "control", O_WRONLY);
	EXPECT_ERROR(write(fd, "tokens", 6), EINVAL);
	EXPECT_ERROR(write(fd, "records 0", 9), EINVAL);
	EXPECT_ERROR(write(fd, "records 1000000", 15), EINVAL);
	EXPECT_ERROR(write(fd, "records 4096", 12), EBUSY);
	EXPECT_ERROR(write(fd, large, sizeof(large)), EINVAL);
	EXPECT_ERROR(write(fd, (void *)1, 6), EFAULT);
	close(fd);
	fd = open(SCHEME "events", O_RDONLY);
	EXPECT_ERROR(read(fd, (void *)1, 64), EFAULT);
	EXPECT_ERROR(write(fd, "x", 1), EBADF);
	close(fd);
	EXPECT_ERROR(open(SCHEME "events", O_RDWR | O_TRUNC), EINVAL);
	EXPECT_ERROR(open(SCHEME "none", O_RDONLY), ENOENT);
	EXPECT_ERROR(open(SCHEME "new", O_RDWR | O_CREAT, 0600), EACCES);
	EXPECT_ERROR(unlink(SCHEME "control"), EPERM);
	end();
}

static int as_nobody(void *argument)
{
	(void)argument;
	EXPECT_EQUAL(setuid(65534), 0);
	EXPECT_ERROR(open(SCHEME "control", O_RDONLY), EACCES);
	EXPECT_ERROR(open(SCHEME "events", O_RDONLY), EACCES);
	EXPECT_ERROR(open("/scheme/trace", O_RDONLY | O_DIRECTORY), EACCES);
	return 0;
}

TEST_GUEST(trace, is_roots, TEST_SECONDS)
{
	begin("off");
	EXPECT_EQUAL(test_run_child(as_nobody, NULL), 0);
	end();
}
