/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files: content, positions, sizes, descriptors.
 */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

TEST(file, is_created_read_and_written)
{
	char buffer[16];
	int fd = open("new", O_RDWR | O_CREAT | O_EXCL, 0640);

	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, "hello", 5), 5);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQUAL(read(fd, buffer, sizeof(buffer)), 5);
	EXPECT_EQUAL(read(fd, buffer, sizeof(buffer)), 0);
	EXPECT(memcmp(buffer, "hello", 5) == 0);
	EXPECT_EQUAL(close(fd), 0);
	EXPECT_ERROR(close(fd), EBADF);
	EXPECT(test_file_is("new", "hello"));
}

TEST(file, open_flags)
{
	int fd;

	EXPECT_ERROR(open("none", O_RDONLY), ENOENT);
	EXPECT_ERROR(open("", O_RDONLY), ENOENT);
	test_write_file("file", "old content");
	EXPECT_ERROR(open("file", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	EXPECT_ERROR(open("file/below", O_RDONLY), ENOTDIR);
	EXPECT_ERROR(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERROR(open(".", O_WRONLY), EISDIR);
	EXPECT_ERROR(open(".", O_RDWR | O_CREAT, 0644), EISDIR);
	fd = open("file", O_WRONLY | O_TRUNC);
	EXPECT(fd >= 0);
	EXPECT(test_file_is("file", ""));
	EXPECT_ERROR(read(fd, &fd, 1), EBADF);
	close(fd);
	fd = open("file", O_RDONLY);
	EXPECT_ERROR(write(fd, "x", 1), EBADF);
}

TEST(file, append_writes_at_the_end)
{
	int first, second;

	test_write_file("log", "a");
	first = open("log", O_WRONLY | O_APPEND);
	second = open("log", O_WRONLY | O_APPEND);
	EXPECT_EQUAL(write(first, "b", 1), 1);
	EXPECT_EQUAL(write(second, "c", 1), 1);
	EXPECT_EQUAL(lseek(first, 0, SEEK_SET), 0);
	EXPECT_EQUAL(write(first, "d", 1), 1);
	EXPECT(test_file_is("log", "abcd"));
}

TEST(file, seeks)
{
	char buffer[8];
	struct stat information;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(write(fd, "0123456789", 10), 10);
	EXPECT_EQUAL(lseek(fd, -3, SEEK_END), 7);
	EXPECT_EQUAL(read(fd, buffer, 1), 1);
	EXPECT_EQUAL(buffer[0], '7');
	EXPECT_EQUAL(lseek(fd, -2, SEEK_CUR), 6);
	EXPECT_ERROR(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERROR(lseek(fd, -11, SEEK_END), EINVAL);
	EXPECT_ERROR(lseek(fd, 0, 99), EINVAL);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_CUR), 6);
	/* Past the end: reads nothing, grows nothing until a write leaves a hole of zeros. */
	EXPECT_EQUAL(lseek(fd, 100000, SEEK_SET), 100000);
	EXPECT_EQUAL(read(fd, buffer, 1), 0);
	EXPECT_EQUAL(fstat(fd, &information), 0);
	EXPECT_EQUAL(information.st_size, 10);
	EXPECT_EQUAL(write(fd, "x", 1), 1);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_END), 100001);
	EXPECT_EQUAL(pread(fd, buffer, 4, 50000), 4);
	EXPECT(memcmp(buffer, "\0\0\0\0", 4) == 0);
}

TEST(file, pread_and_pwrite_leave_the_position)
{
	char buffer[4];
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(write(fd, "abcdef", 6), 6);
	EXPECT_EQUAL(pwrite(fd, "XY", 2, 1), 2);
	EXPECT_EQUAL(pread(fd, buffer, 4, 0), 4);
	EXPECT(memcmp(buffer, "aXYd", 4) == 0);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_CUR), 6);
	EXPECT_EQUAL(pread(fd, buffer, 4, 100), 0);
	EXPECT_ERROR(pread(fd, buffer, 4, -1), EINVAL);
}

TEST(file, scattered_reads_and_writes)
{
	char first[3], second[5];
	struct iovec out[3] = { { "ab", 2 }, { NULL, 0 }, { "cdefgh", 6 } };
	struct iovec in[2] = { { first, 3 }, { second, 5 } };
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(writev(fd, out, 3), 8);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_EQUAL(readv(fd, in, 2), 8);
	EXPECT(memcmp(first, "abc", 3) == 0 && memcmp(second, "defgh", 5) == 0);
	EXPECT_ERROR(writev(fd, out, -1), EINVAL);
	EXPECT_ERROR(writev(fd, out, IOV_MAX + 1), EINVAL);
	in[1].iov_len = (size_t)-1;
	EXPECT_ERROR(readv(fd, in, 2), EINVAL);
}

TEST(file, truncation)
{
	struct stat information;
	char byte = 1;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(write(fd, "0123456789", 10), 10);
	EXPECT_EQUAL(ftruncate(fd, 4), 0);
	EXPECT(test_file_is("file", "0123"));
	EXPECT_EQUAL(truncate("file", 20000), 0);
	EXPECT_EQUAL(fstat(fd, &information), 0);
	EXPECT_EQUAL(information.st_size, 20000);
	EXPECT_EQUAL(pread(fd, &byte, 1, 7), 1); /* what was cut off does not come back */
	EXPECT_EQUAL(byte, 0);
	EXPECT_EQUAL(pread(fd, &byte, 1, 19999), 1);
	EXPECT_EQUAL(byte, 0);
	EXPECT_ERROR(ftruncate(fd, -1), EINVAL);
	EXPECT_ERROR(truncate("none", 0), ENOENT);
	EXPECT_ERROR(truncate(".", 0), EISDIR);
}

TEST(file, large_content_survives)
{
	static unsigned char block[65536];
	uint64_t state = 1;
	int fd = open("large", O_RDWR | O_CREAT, 0644);

	for (int i = 0; i < 128; i++) {
		for (size_t j = 0; j < sizeof(block); j++)
			block[j] = (unsigned char)test_random(&state);
		EXPECT_EQUAL(write(fd, block, sizeof(block)), sizeof(block));
	}
	EXPECT_EQUAL(lseek(fd, 0, SEEK_SET), 0);
	state = 1;
	for (int i = 0; i < 128; i++) {
		EXPECT_EQUAL(read(fd, block, sizeof(block)), sizeof(block));
		for (size_t j = 0; j < sizeof(block); j++)
			if (block[j] != (unsigned char)test_random(&state))
				test_fail(__FILE__, __LINE__, "byte %zu of block %d", j, i);
	}
}

TEST(file, is_kept_while_open)
{
	char buffer[8];
	struct stat information;
	int fd;

	test_write_file("file", "kept");
	fd = open("file", O_RDWR);
	EXPECT_EQUAL(unlink("file"), 0);
	EXPECT_ERROR(open("file", O_RDONLY), ENOENT);
	EXPECT_EQUAL(fstat(fd, &information), 0);
	EXPECT_EQUAL(information.st_nlink, 0);
	EXPECT_EQUAL(read(fd, buffer, 8), 4);
	EXPECT_EQUAL(write(fd, "more", 4), 4);
}

TEST(file, duplicates_share_the_position)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	int copy = dup(fd);

	EXPECT(copy >= 0 && copy != fd);
	EXPECT_EQUAL(write(fd, "abc", 3), 3);
	EXPECT_EQUAL(lseek(copy, 0, SEEK_CUR), 3);
	EXPECT_EQUAL(dup2(fd, 100), 100);
	EXPECT_EQUAL(dup2(fd, fd), fd);
	EXPECT_EQUAL(close(fd), 0);
	EXPECT_EQUAL(lseek(100, 1, SEEK_SET), 1);
	EXPECT_EQUAL(lseek(copy, 0, SEEK_CUR), 1);
	EXPECT_ERROR(dup(fd), EBADF);
	EXPECT_ERROR(dup2(fd, 5), EBADF);
	EXPECT_ERROR(dup2(copy, -1), EBADF);
	EXPECT_ERROR(dup3(copy, copy, 0), EINVAL);
	EXPECT_EQUAL(dup3(copy, 50, O_CLOEXEC), 50);
	EXPECT_EQUAL(fcntl(50, F_GETFD), FD_CLOEXEC);
	EXPECT_EQUAL(fcntl(copy, F_GETFD), 0);
}

TEST(file, fcntl_flags)
{
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int copy;

	EXPECT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQUAL(fcntl(fd, F_SETFD, 0), 0);
	EXPECT_EQUAL(fcntl(fd, F_GETFD), 0);
	EXPECT_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_RDWR);
	EXPECT_EQUAL(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK), 0);
	EXPECT_EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK),
		     O_RDWR | O_APPEND | O_NONBLOCK);
	copy = fcntl(fd, F_DUPFD, 200);
	EXPECT_EQUAL(copy, 200);
	EXPECT_EQUAL(fcntl(fd, F_DUPFD_CLOEXEC, 200), 201);
	EXPECT_EQUAL(fcntl(201, F_GETFD), FD_CLOEXEC);
	EXPECT_ERROR(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_ERROR(fcntl(999, F_GETFD), EBADF);
}

TEST(file, lowest_descriptor_is_taken)
{
	int first = open("/dev/null", O_RDONLY);
	int second = open("/dev/null", O_RDONLY);

	EXPECT_EQUAL(second, first + 1);
	EXPECT_EQUAL(close(first), 0);
	EXPECT_EQUAL(open("/dev/null", O_RDONLY), first);
}

TEST(file, descriptors_are_limited)
{
	struct rlimit limit = { 20, 20 };
	int fd, last = -1;

	EXPECT_EQUAL(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	EXPECT_EQUAL(errno, EMFILE);
	EXPECT_EQUAL(last, 19);
	EXPECT_ERROR(dup(0), EMFILE);
	EXPECT_ERROR(dup2(0, 20), EBADF);
}

TEST(file, null_and_zero_devices)
{
	char buffer[100];
	int fd = open("/dev/null", O_RDWR);

	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, buffer, 100), 100);
	EXPECT_EQUAL(read(fd, buffer, 100), 0);
	fd = open("/dev/zero", O_RDWR);
	EXPECT(fd >= 0);
	memset(buffer, 1, sizeof(buffer));
	EXPECT_EQUAL(read(fd, buffer, 100), 100);
	for (int i = 0; i < 100; i++)
		EXPECT_EQUAL(buffer[i], 0);
	EXPECT_EQUAL(write(fd, buffer, 100), 100);
}

TEST(file, positions_are_shared_across_fork)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);
	pid_t pid = fork();

	if (pid == 0)
		_exit(write(fd, "child", 5) == 5 ? 0 : 1);
	EXPECT_EQUAL(test_wait(pid), 0);
	EXPECT_EQUAL(write(fd, "parent", 6), 6);
	EXPECT(test_file_is("file", "childparent"));
}

TEST(file, concurrent_appends_lose_nothing)
{
	enum { WRITERS = 4, LINES = 200, LINE = 16 };
	struct stat information;

	for (int writer = 0; writer < WRITERS; writer++) {
		if (fork() == 0) {
			int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
			char line[LINE + 1];

			for (int i = 0; i < LINES; i++) {
				snprintf(line, sizeof(line), "writer%d %07d\n", writer, i);
				if (write(fd, line, LINE) != LINE)
					_exit(1);
			}
			_exit(0);
		}
	}
	for (int writer = 0; writer < WRITERS; writer++)
		EXPECT_EQUAL(test_wait_any(), 0);
	EXPECT_EQUAL(stat("log", &information), 0);
	EXPECT_EQUAL(information.st_size, WRITERS * LINES * LINE);
}

TEST(file, synchronisation_calls)
{
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(write(fd, "x", 1), 1);
	EXPECT_EQUAL(fsync(fd), 0);
	EXPECT_EQUAL(fdatasync(fd), 0);
	EXPECT_ERROR(fsync(999), EBADF);
	sync();
}
