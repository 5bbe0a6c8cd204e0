/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files as read, write and mappings show them at the same time; syncing and advice. All of it holds
 * on any file system: in memory, and on disks (--directory, where pages come from a cache).
 */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE  4096
#define PAGES 64
#define SIZE  (PAGES * PAGE)

static int make_file(const char *name, size_t size)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	EXPECT(fd >= 0);
	EXPECT_EQUAL(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static char *map_file(int fd, size_t size, int flags)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	EXPECT(map != MAP_FAILED);
	return map;
}

static char byte_at(int fd, off_t offset)
{
	char byte = 0;

	EXPECT_EQUAL(pread(fd, &byte, 1, offset), 1);
	return byte;
}

TEST(cached_file, mappings_and_calls_see_the_same)
{
	int fd = make_file("shared", SIZE);
	char *map = map_file(fd, SIZE, MAP_SHARED);

	for (int i = 0; i < PAGES; i++) {
		char byte = (char)(i + 1);

		if (i % 2)
			map[i * PAGE + i] = byte;
		else
			EXPECT_EQUAL(pwrite(fd, &byte, 1, i * PAGE + i), 1);
	}
	for (int i = 0; i < PAGES; i++) {
		EXPECT_EQUAL(map[i * PAGE + i], i + 1);
		EXPECT_EQUAL(byte_at(fd, i * PAGE + i), i + 1);
	}
	EXPECT_EQUAL(munmap(map, SIZE), 0);
	close(fd);
}

TEST(cached_file, what_is_written_after_a_sync_is_not_lost)
{
	int fd = make_file("synced", SIZE);
	char *map = map_file(fd, SIZE, MAP_SHARED);

	for (int round = 1; round <= 20; round++) {
		for (int i = 0; i < PAGES; i++)
			map[i * PAGE] = (char)(round + i);
		if (round % 3 == 0)
			EXPECT_EQUAL(fsync(fd), 0);
		else if (round % 3 == 1)
			EXPECT_EQUAL(msync(map, SIZE, MS_SYNC), 0);
		else
			EXPECT_EQUAL(sync_file_range(fd, 0, SIZE, 7), 0);
		/* What is clean goes; what was changed again must not. */
		map[5 * PAGE] = 99;
		EXPECT_EQUAL(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
		EXPECT_EQUAL(map[5 * PAGE], 99);
		EXPECT_EQUAL(byte_at(fd, 7 * PAGE), (char)(round + 7));
	}
	close(fd);
}

TEST(cached_file, private_mappings_keep_their_own)
{
	int fd = make_file("private", SIZE);
	char *mine = map_file(fd, SIZE, MAP_PRIVATE), *shared = map_file(fd, SIZE, MAP_SHARED);

	memset(shared, 1, SIZE);
	EXPECT_EQUAL(mine[0], 1);
	mine[0] = 2;
	shared[0] = 3;
	shared[PAGE] = 4;
	EXPECT_EQUAL(mine[0], 2);
	EXPECT_EQUAL(byte_at(fd, 0), 3);
	EXPECT_EQUAL(mine[PAGE], 4);
	close(fd);
}

static sigjmp_buf escape;

static void on_bus_error(int signal)
{
	siglongjmp(escape, signal);
}

TEST(cached_file, shrinking_takes_pages_away)
{
	int fd = make_file("shrunk", SIZE);
	volatile char *map = map_file(fd, SIZE, MAP_SHARED);

	memset((char *)(uintptr_t)map, 1, SIZE);
	signal(SIGBUS, on_bus_error);
	EXPECT_EQUAL(ftruncate(fd, 10 * PAGE + 100), 0);
	EXPECT_EQUAL(map[10 * PAGE + 99], 1);
	EXPECT_EQUAL(map[10 * PAGE + 100], 0);
	if (sigsetjmp(escape, 1) == 0) {
		map[11 * PAGE] = 1;
		EXPECT(!"a bus error");
	}
	/* What the last page has past the end is no part of the file. */
	map[10 * PAGE + 200] = 7;
	EXPECT_EQUAL(ftruncate(fd, SIZE), 0);
	EXPECT_EQUAL(byte_at(fd, 10 * PAGE + 200), 0);
	EXPECT_EQUAL(byte_at(fd, 11 * PAGE), 0);
	EXPECT_EQUAL(map[11 * PAGE], 0);
	close(fd);
}

TEST(cached_file, a_file_is_written_from_its_own_mapping)
{
	int fd = make_file("itself", SIZE);
	char *map = map_file(fd, SIZE, MAP_SHARED);

	for (int i = 0; i < SIZE; i++)
		map[i] = (char)(i / 100);
	EXPECT_EQUAL(fsync(fd), 0);
	EXPECT_EQUAL(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	/* Onto the same page, the next, and past the end. */
	EXPECT_EQUAL(pwrite(fd, map + 100, 500, 200), 500);
	EXPECT_EQUAL(map[201], 1);
	EXPECT_EQUAL(pwrite(fd, map, SIZE, SIZE), SIZE);
	for (int i = 0; i < PAGES; i++)
		EXPECT_EQUAL(byte_at(fd, SIZE + i * PAGE), map[i * PAGE]);
	close(fd);
}

TEST(cached_file, bad_memory_cuts_a_write_short)
{
	int fd = make_file("short", 0);
	char *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(memory != MAP_FAILED);
	memset(memory, 5, 2 * PAGE);
	EXPECT_EQUAL(pwrite(fd, memory, 2 * PAGE, 0), 2 * PAGE);
	EXPECT_EQUAL(munmap(memory + PAGE, PAGE), 0);
	memset(memory, 6, PAGE);
	EXPECT_EQUAL(pwrite(fd, memory + PAGE - 100, 200, 50), 100);
	EXPECT_EQUAL(byte_at(fd, 49), 5);
	EXPECT_EQUAL(byte_at(fd, 149), 6);
	EXPECT_EQUAL(byte_at(fd, 150), 5);
	EXPECT_EQUAL(pwrite(fd, memory + PAGE - 100, 200, 3 * PAGE), 100);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_END), 3 * PAGE + 100);
	EXPECT_ERROR(pwrite(fd, memory + PAGE, 10, 0), EFAULT);
	EXPECT_EQUAL(pread(fd, memory + PAGE - 10, 20, 0), 10);
	close(fd);
}

TEST(cached_file, direct_and_cached_transfers_agree)
{
	int fd = make_file("direct", SIZE), direct = open("direct", O_RDWR | O_DIRECT);
	char *memory = NULL;
	struct iovec parts[3];

	if (direct < 0)
		test_skip("no O_DIRECT here");
	EXPECT_EQUAL(posix_memalign((void **)&memory, PAGE, SIZE), 0);
	memset(memory, 1, SIZE);
	EXPECT_EQUAL(pwrite(fd, memory, SIZE, 0), SIZE);
	memset(memory, 0, SIZE);
	EXPECT_EQUAL(pread(direct, memory, SIZE, 0), SIZE);
	EXPECT_EQUAL(memory[SIZE - 1], 1);
	memset(memory, 2, 3 * PAGE);
	for (int i = 0; i < 3; i++)
		parts[i] = (struct iovec){ memory + i * PAGE, PAGE };
	EXPECT_EQUAL(pwritev(direct, parts, 3, 4 * PAGE), 3 * PAGE);
	EXPECT_EQUAL(byte_at(fd, 4 * PAGE - 1), 1);
	EXPECT_EQUAL(byte_at(fd, 4 * PAGE), 2);
	EXPECT_EQUAL(byte_at(fd, 7 * PAGE - 1), 2);
	EXPECT_EQUAL(byte_at(fd, 7 * PAGE), 1);
	/* Behind the end, and what is read there. */
	EXPECT_EQUAL(pwrite(direct, memory, PAGE, SIZE), PAGE);
	EXPECT_EQUAL(lseek(fd, 0, SEEK_END), SIZE + PAGE);
	EXPECT_EQUAL(pread(direct, memory, 4 * PAGE, SIZE), PAGE);
	EXPECT_EQUAL(pread(direct, memory, PAGE, SIZE + PAGE), 0);
	close(direct);
	close(fd);
}

struct writer {
	int fd, number;
};

#define WRITERS 4
#define ROUNDS  80

/* Each has the bytes whose place is its number, modulo their count. */
static void *write_stripe(void *argument)
{
	const struct writer *writer = argument;
	unsigned random = (unsigned)writer->number + 1;

	for (int round = 0; round < ROUNDS; round++) {
		off_t place;
		char byte = (char)(round | 1);

		random = random * 1103515245 + 12345;
		place = (off_t)(random >> 8) % (SIZE / WRITERS) * WRITERS + writer->number;
		EXPECT_EQUAL(pwrite(writer->fd, &byte, 1, place), 1);
		EXPECT_EQUAL(byte_at(writer->fd, place), byte);
		if (round % 50 == writer->number)
			EXPECT_EQUAL(fsync(writer->fd), 0);
		if (round % 20 == writer->number)
			EXPECT_EQUAL(posix_fadvise(writer->fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	}
	return NULL;
}

TEST_SLOW(cached_file, many_write_to_one, 60)
{
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	int fd = make_file("many", SIZE);

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ fd, i };
		EXPECT_EQUAL(pthread_create(&threads[i], NULL, write_stripe, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++)
		EXPECT_EQUAL(pthread_join(threads[i], NULL), 0);
	close(fd);
}

TEST(cached_file, advice_is_checked)
{
	int fd = make_file("advised", SIZE), ends[2];

	EXPECT_EQUAL(pipe(ends), 0);
	EXPECT_EQUAL(posix_fadvise(ends[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
	EXPECT_EQUAL(posix_fadvise(fd, 0, 0, 77), EINVAL);
	for (int advice = 0; advice <= 5; advice++)
		EXPECT_EQUAL(posix_fadvise(fd, 0, SIZE, advice), 0);
	EXPECT_EQUAL(readahead(fd, 0, SIZE), 0);
	EXPECT_ERROR(readahead(ends[0], 0, 1), EINVAL);
	EXPECT_ERROR(sync_file_range(fd, 0, 0, 8), EINVAL);
	EXPECT_ERROR(sync_file_range(fd, -1, 0, 0), EINVAL);
	EXPECT_ERROR(sync_file_range(ends[0], 0, 0, 0), ESPIPE);
	close(fd);
}

TEST(cached_file, msync_is_checked)
{
	int fd = make_file("synced", SIZE);
	char *map = map_file(fd, SIZE, MAP_SHARED);

	EXPECT_EQUAL(msync(map, SIZE, MS_ASYNC), 0);
	EXPECT_EQUAL(msync(map, SIZE, MS_SYNC | MS_INVALIDATE), 0);
	EXPECT_ERROR(msync(map, SIZE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERROR(msync(map + 1, SIZE, MS_SYNC), EINVAL);
	EXPECT_EQUAL(munmap(map + PAGE, PAGE), 0);
	EXPECT_ERROR(msync(map, SIZE, MS_SYNC), ENOMEM);
	close(fd);
}
