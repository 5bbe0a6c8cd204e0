/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls on a mounted HMFS volume that a shell cannot make: calls FOLDER. Prints "RUN mounted.NAME" and
 * then "PASS mounted.NAME" or "FAIL mounted.NAME: why", as the other tests in the guest do.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Of the kernel's headers, which are not there for musl. */
#define FICLONE          0x40049409
#define FICLONERANGE     0x4020940d
#define FITRIM           0xc0185879
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#define KEEP_SIZE        1
#define PUNCH_HOLE       2
#define ZERO_RANGE       16

#define PAGE 4096

static char reason[256];

#define expect(condition)                                                                    \
	do {                                                                                 \
		if (!(condition)) {                                                          \
			snprintf(reason, sizeof(reason), "line %d: %s (errno %d)", __LINE__, \
				 #condition, errno);                                         \
			return false;                                                        \
		}                                                                            \
	} while (0)

/* Bytes that tell of their place and of `what`. */
static void fill(char *bytes, size_t length, uint64_t offset, unsigned what)
{
	for (size_t i = 0; i < length; i++) {
		uint64_t at = offset + i;

		bytes[i] = (char)(at * 31 + at / 256 * 7 + at / 65536 * 13 + what * 101);
	}
}

static bool is_filled(const char *bytes, size_t length, uint64_t offset, unsigned what)
{
	char wanted[PAGE];

	for (size_t done = 0; done < length; done += PAGE) {
		size_t part = length - done < PAGE ? length - done : PAGE;

		fill(wanted, part, offset + done, what);
		if (memcmp(wanted, bytes + done, part) != 0)
			return false;
	}
	return true;
}

static bool write_filled(int fd, uint64_t offset, size_t length, unsigned what)
{
	char *bytes = malloc(length);
	bool done;

	fill(bytes, length, offset, what);
	done = pwrite(fd, bytes, length, (off_t)offset) == (ssize_t)length;
	free(bytes);
	return done;
}

static bool has_filled(int fd, uint64_t offset, size_t length, unsigned what)
{
	char *bytes = malloc(length);
	bool right = pread(fd, bytes, length, (off_t)offset) == (ssize_t)length &&
		     is_filled(bytes, length, offset, what);

	free(bytes);
	return right;
}

static bool has_zeros(int fd, uint64_t offset, size_t length)
{
	char *bytes = malloc(length);
	bool right = pread(fd, bytes, length, (off_t)offset) == (ssize_t)length;

	for (size_t i = 0; i < length && right; i++)
		right = bytes[i] == 0;
	free(bytes);
	return right;
}

/* Makes the cache forget what is clean, so that reads are from the disk. */
static void forget(void)
{
	int fd;

	sync();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (fd >= 0) {
		if (write(fd, "3\n", 2) < 0)
			perror("drop_caches");
		close(fd);
	}
}

static int create(const char *name)
{
	return open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
}

/* --- The tests, each in the folder, with names of its own. --- */

static bool sizes(void)
{
	static const size_t lengths[] = { 1,    100,   2047,  2048,  2049,    4095,   4096,
					  4097, 65535, 65536, 65537, 1000000, 5000000 };

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "size%zu", lengths[i]);
		fd = create(name);
		expect(fd >= 0 && write_filled(fd, 0, lengths[i], i));
		close(fd);
	}
	forget();
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		char name[32];
		struct stat stat;
		int fd;

		snprintf(name, sizeof(name), "size%zu", lengths[i]);
		fd = open(name, O_RDONLY);
		expect(fd >= 0 && fstat(fd, &stat) == 0);
		expect(stat.st_size == (off_t)lengths[i]);
		expect(has_filled(fd, 0, lengths[i], i));
		close(fd);
		expect(unlink(name) == 0);
	}
	return true;
}

/* A small file that grows at a distance keeps what it had. */
static bool small_grows(void)
{
	int fd = create("grows");

	expect(fd >= 0 && write_filled(fd, 0, 1000, 1) && fsync(fd) == 0);
	forget();
	expect(write_filled(fd, 20000, 5000, 2) && fsync(fd) == 0);
	forget();
	expect(has_filled(fd, 0, 1000, 1) && has_zeros(fd, 1000, 19000));
	expect(has_filled(fd, 20000, 5000, 2));
	expect(ftruncate(fd, 500) == 0 && fsync(fd) == 0 && ftruncate(fd, 30000) == 0);
	forget();
	expect(has_filled(fd, 0, 500, 1) && has_zeros(fd, 500, 29500));
	close(fd);
	return unlink("grows") == 0;
}

static bool mappings(void)
{
	int fd = create("mapped");
	char *bytes;

	expect(fd >= 0 && ftruncate(fd, 10 * PAGE + 100) == 0);
	bytes = mmap(NULL, 11 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	expect(bytes != MAP_FAILED);
	fill(bytes, 10 * PAGE + 100, 0, 3);
	expect(msync(bytes, 11 * PAGE, MS_SYNC) == 0);
	expect(has_filled(fd, 0, 10 * PAGE + 100, 3));
	fill(bytes + PAGE, PAGE, PAGE, 4);
	munmap(bytes, 11 * PAGE);
	forget();
	bytes = mmap(NULL, 11 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	expect(bytes != MAP_FAILED && is_filled(bytes, PAGE, 0, 3));
	expect(is_filled(bytes + PAGE, PAGE, PAGE, 4));
	expect(is_filled(bytes + 2 * PAGE, 8 * PAGE + 100, 2 * PAGE, 3));
	expect(bytes[10 * PAGE + 100] == 0);
	munmap(bytes, 11 * PAGE);
	close(fd);
	return unlink("mapped") == 0;
}

static bool direct(void)
{
	int fd = open("direct", O_RDWR | O_CREAT | O_DIRECT, 0644);
	char *bytes = aligned_alloc(PAGE, 64 * PAGE);

	expect(fd >= 0 && bytes);
	for (unsigned i = 0; i < 8; i++) {
		fill(bytes, 64 * PAGE, i * 64ull * PAGE, 5);
		expect(pwrite(fd, bytes, 64 * PAGE, i * 64 * PAGE) == 64 * PAGE);
	}
	forget();
	for (unsigned i = 0; i < 8; i++) {
		expect(pread(fd, bytes, 64 * PAGE, i * 64 * PAGE) == 64 * PAGE);
		expect(is_filled(bytes, 64 * PAGE, i * 64ull * PAGE, 5));
	}
	free(bytes);
	close(fd);
	return unlink("direct") == 0;
}

static bool holes(void)
{
	int fd = create("holes");
	struct stat before, after;

	expect(fd >= 0 && write_filled(fd, 0, 400000, 6) && fsync(fd) == 0);
	expect(fstat(fd, &before) == 0 && before.st_blocks >= 780);
	expect(fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 100000, 200000) == 0);
	expect(fstat(fd, &after) == 0 && after.st_size == 400000);
	expect(after.st_blocks < before.st_blocks - 300);
	forget();
	expect(has_filled(fd, 0, 100000, 6) && has_zeros(fd, 100000, 200000));
	expect(has_filled(fd, 300000, 100000, 6));
	expect(lseek(fd, 0, SEEK_DATA) == 0);
	expect(lseek(fd, 0, SEEK_HOLE) == 102400);
	expect(lseek(fd, 150000, SEEK_DATA) == 299008);
	expect(lseek(fd, 299008, SEEK_HOLE) == 400000);
	expect(lseek(fd, 400000, SEEK_DATA) == -1 && errno == ENXIO);
	expect(fallocate(fd, 0, 0, 1000000) == 0 && fstat(fd, &after) == 0);
	expect(after.st_size == 1000000 && after.st_blocks >= 1900);
	expect(has_zeros(fd, 400000, 600000));
	expect(fallocate(fd, ZERO_RANGE, 0, 50000) == 0 && has_zeros(fd, 0, 50000));
	expect(has_filled(fd, 50000, 50000, 6));
	expect(write_filled(fd, 500000, 10000, 7) && fsync(fd) == 0);
	forget();
	expect(has_filled(fd, 500000, 10000, 7) && has_zeros(fd, 510000, 490000));
	expect(fallocate(fd, KEEP_SIZE, 1000000, 100000) == 0 && fstat(fd, &after) == 0);
	expect(after.st_size == 1000000);
	close(fd);
	return unlink("holes") == 0;
}

static bool clones(void)
{
	struct {
		int64_t from;
		uint64_t from_offset, length, to_offset;
	} range;
	int from = create("from"), to = create("to"), copy = create("copy");
	struct statvfs before, after;
	off_t in = 0, out = 0;

	expect(from >= 0 && to >= 0 && write_filled(from, 0, 2000000, 8) && fsync(from) == 0);
	expect(statvfs(".", &before) == 0);
	expect(ioctl(to, FICLONE, from) == 0 && fsync(to) == 0);
	expect(statvfs(".", &after) == 0 && before.f_bfree - after.f_bfree < 200);
	expect(has_filled(to, 0, 2000000, 8));
	expect(write_filled(to, 4096, 8192, 9) && fsync(to) == 0);
	forget();
	expect(has_filled(from, 0, 2000000, 8) && has_filled(to, 4096, 8192, 9));
	expect(has_filled(to, 12288, 2000000 - 12288, 8));
	range.from = from;
	range.from_offset = 65536;
	range.length = 131072;
	range.to_offset = 1048576;
	expect(ioctl(to, FICLONERANGE, &range) == 0);
	expect(copy_file_range(from, &in, copy, &out, 2000000, 0) == 2000000);
	expect(in == 2000000 && out == 2000000 && has_filled(copy, 0, 2000000, 8));
	expect(unlink("from") == 0);
	close(from);
	forget();
	expect(has_filled(to, 12288, 1048576 - 12288, 8) && has_filled(copy, 0, 2000000, 8));
	range.from_offset = 100;
	range.from = copy;
	expect(ioctl(to, FICLONERANGE, &range) == -1 && errno == EINVAL);
	close(to);
	close(copy);
	return unlink("to") == 0 && unlink("copy") == 0;
}

static bool nameless(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	char path[64];

	expect(fd >= 0 && write_filled(fd, 0, 10000, 10));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	expect(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0);
	close(fd);
	forget();
	fd = open("named", O_RDONLY);
	expect(fd >= 0 && has_filled(fd, 0, 10000, 10));
	expect(unlink("named") == 0);
	/* What is open stays. */
	expect(has_filled(fd, 0, 10000, 10));
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	expect(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	expect(linkat(AT_FDCWD, path, AT_FDCWD, "never", AT_SYMLINK_FOLLOW) == -1 &&
	       errno == ENOENT);
	close(fd);
	return true;
}

static int rename_with(const char *from, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static bool renaming(void)
{
	int one = create("one"), two = create("two");
	struct stat stat_one, stat_two, now;

	expect(one >= 0 && two >= 0);
	expect(fstat(one, &stat_one) == 0 && fstat(two, &stat_two) == 0);
	expect(rename_with("one", "two", RENAME_NOREPLACE) == -1 && errno == EEXIST);
	expect(rename_with("one", "two", RENAME_EXCHANGE) == 0);
	expect(stat("one", &now) == 0 && now.st_ino == stat_two.st_ino);
	expect(mkdir("folder", 0755) == 0 && mkdir("folder/inner", 0755) == 0);
	expect(rename("folder", "folder/inner/x") == -1 && errno == EINVAL);
	expect(rename("one", "folder") == -1 && errno == EISDIR);
	expect(rename("folder", "one") == -1 && errno == ENOTDIR);
	expect(rename_with("two", "folder", RENAME_EXCHANGE) == 0);
	expect(stat("two/inner", &now) == 0 && S_ISDIR(now.st_mode));
	expect(rename("folder", "two/inner/file") == 0 && stat("two/inner/file", &now) == 0);
	expect(now.st_ino == stat_one.st_ino && rmdir("two/inner") == -1 && errno == ENOTEMPTY);
	expect(unlink("two/inner/file") == 0 && rmdir("two/inner") == 0 && rmdir("two") == 0);
	expect(unlink("one") == 0);
	close(one);
	close(two);
	return true;
}

static bool attributes(void)
{
	char value[64], list[256];
	int fd = create("attributed");

	expect(fd >= 0 && setxattr("attributed", "user.place", "Rome", 4, XATTR_CREATE) == 0);
	expect(setxattr("attributed", "user.place", "x", 1, XATTR_CREATE) == -1 && errno == EEXIST);
	expect(setxattr("attributed", "user.none", "x", 1, XATTR_REPLACE) == -1 &&
	       errno == ENODATA);
	expect(setxattr("attributed", "trusted.t", "abc", 3, 0) == 0);
	expect(getxattr("attributed", "user.place", value, sizeof(value)) == 4);
	expect(memcmp(value, "Rome", 4) == 0);
	expect(listxattr("attributed", list, sizeof(list)) == 11 + 10);
	close(fd);
	/* The same thing by its other name. */
	fd = open("attributed/..namedfork/place", O_RDWR);
	expect(fd >= 0 && read(fd, value, sizeof(value)) == 4 && memcmp(value, "Rome", 4) == 0);
	expect(pwrite(fd, "Paris", 5, 0) == 5);
	expect(getxattr("attributed", "user.place", value, sizeof(value)) == 5);
	expect(memcmp(value, "Paris", 5) == 0);
	expect(setxattr("attributed", "user.place", "Oslo", 4, 0) == 0);
	expect(pread(fd, value, sizeof(value), 0) == 4 && memcmp(value, "Oslo", 4) == 0);
	close(fd);
	expect(removexattr("attributed", "user.place") == 0);
	expect(open("attributed/..namedfork/place", O_RDONLY) == -1 && errno == ENOENT);
	return unlink("attributed") == 0;
}

static bool forks(void)
{
	int fd = create("forked"), fork;
	struct dirent *entry;
	unsigned count = 0;
	char *bytes;
	DIR *folder;

	expect(fd >= 0);
	fork = open("forked/..namedfork/large", O_RDWR | O_CREAT, 0644);
	expect(fork >= 0 && write_filled(fork, 0, 300000, 11) && fsync(fork) == 0);
	expect(write_filled(fd, 0, 5000, 12));
	bytes = mmap(NULL, 300000, PROT_READ, MAP_SHARED, fork, 0);
	expect(bytes != MAP_FAILED && is_filled(bytes, 300000, 0, 11));
	munmap(bytes, 300000);
	close(fork);
	expect(rename("forked", "moved") == 0);
	forget();
	fork = open("moved/..namedfork/large", O_RDONLY);
	expect(fork >= 0 && has_filled(fork, 0, 300000, 11) && has_filled(fd, 0, 5000, 12));
	close(fork);
	fork = openat(fd, "..namedfork/second", O_RDWR | O_CREAT, 0644);
	expect(fork >= 0);
	close(fork);
	folder = opendir("moved/..namedfork");
	expect(folder);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	closedir(folder);
	expect(count == 2);
	expect(open("moved/..namedfork/large/..namedfork/x", O_RDWR | O_CREAT, 0644) == -1);
	expect(mkdir("moved/..namedfork/folder", 0755) == -1);
	expect(unlink("moved/..namedfork/second") == 0);
	expect(open("moved/other", O_RDONLY) == -1 && errno == ENOTDIR);
	close(fd);
	return unlink("moved") == 0;
}

/* Threads that read and write blocks of one file, each of which is always one or another. */
#define RACE_BLOCKS 256
static int race_fd;
static volatile bool race_stop, race_failed;

static void *race_read(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;
	char bytes[PAGE];

	while (!race_stop) {
		off_t block = rand_r(&seed) % RACE_BLOCKS;

		if (pread(race_fd, bytes, PAGE, block * PAGE) != PAGE)
			race_failed = true;
		for (unsigned i = 1; i < PAGE; i++)
			if (bytes[i] != bytes[0] && (unsigned char)bytes[0] > 250)
				race_failed = true;
	}
	return NULL;
}

static bool races(void)
{
	pthread_t threads[8];
	unsigned seed = 1;
	char bytes[PAGE];

	race_fd = create("races");
	expect(race_fd >= 0 && ftruncate(race_fd, RACE_BLOCKS * PAGE) == 0);
	for (unsigned i = 0; i < 8; i++)
		expect(pthread_create(&threads[i], NULL, race_read, (void *)(uintptr_t)(i + 1)) ==
		       0);
	for (unsigned i = 0; i < 3000; i++) {
		memset(bytes, (int)(i % 250), PAGE);
		expect(pwrite(race_fd, bytes, PAGE, rand_r(&seed) % RACE_BLOCKS * PAGE) == PAGE);
		if (i % 100 == 0)
			expect(fdatasync(race_fd) == 0);
		if (i % 700 == 0)
			forget();
	}
	race_stop = true;
	for (unsigned i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	expect(!race_failed);
	close(race_fd);
	return unlink("races") == 0;
}

static bool many_names(void)
{
	struct dirent *entry;
	unsigned count = 0;
	char name[64];
	DIR *folder;

	expect(mkdir("many", 0755) == 0 && chdir("many") == 0);
	for (unsigned i = 0; i < 3000; i++) {
		int fd;

		snprintf(name, sizeof(name), "name number %u", i);
		fd = create(name);
		expect(fd >= 0);
		close(fd);
	}
	folder = opendir(".");
	expect(folder);
	while ((entry = readdir(folder))) {
		count += entry->d_name[0] == 'n';
		/* Listing goes on while names go. */
		if (count % 2 && entry->d_name[0] == 'n')
			expect(unlink(entry->d_name) == 0);
	}
	closedir(folder);
	expect(count == 3000);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "name number %u", i);
		expect(unlink(name) == 0 || errno == ENOENT);
	}
	expect(chdir("..") == 0);
	return rmdir("many") == 0;
}

static bool times_and_modes(void)
{
	struct timespec times[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
	struct stat stat;
	int fd = create("timed");

	expect(fd >= 0 && write_filled(fd, 0, 100, 1));
	close(fd);
	expect(chmod("timed", 04751) == 0 && chown("timed", 12, 34) == 0);
	expect(chmod("timed", 02751) == 0);
	expect(utimensat(AT_FDCWD, "timed", times, 0) == 0);
	expect(mkfifo("fifo", 0600) == 0 && mknod("null", S_IFCHR | 0666, 0x103) == 0);
	forget();
	expect(lstat("timed", &stat) == 0 && (stat.st_mode & 07777) == 02751);
	expect(stat.st_uid == 12 && stat.st_gid == 34 && stat.st_mtim.tv_sec == 1100000000);
	expect(stat.st_mtim.tv_nsec == 987654321 && stat.st_atim.tv_nsec == 123456789);
	expect(lstat("fifo", &stat) == 0 && S_ISFIFO(stat.st_mode));
	fd = open("null", O_WRONLY);
	expect(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
	return unlink("timed") == 0 && unlink("fifo") == 0 && unlink("null") == 0;
}

static bool trims(void)
{
	uint64_t range[3] = { 0, UINT64_MAX, 0 };
	int fd = open(".", O_RDONLY);

	expect(fd >= 0);
	expect(ioctl(fd, FITRIM, range) == 0 || errno == EOPNOTSUPP);
	close(fd);
	return true;
}

static const struct {
	const char *name;
	bool (*run)(void);
} tests[] = {
	{ "sizes", sizes },
	{ "small_grows", small_grows },
	{ "mappings", mappings },
	{ "direct", direct },
	{ "holes", holes },
	{ "clones", clones },
	{ "nameless", nameless },
	{ "renaming", renaming },
	{ "attributes", attributes },
	{ "forks", forks },
	{ "races", races },
	{ "many_names", many_names },
	{ "times_and_modes", times_and_modes },
	{ "trims", trims },
};

int main(int argument_count, char **arguments)
{
	unsigned failed = 0;

	if (argument_count < 2 || chdir(arguments[1]) < 0) {
		perror("calls: FOLDER");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (argument_count > 2 && strcmp(arguments[2], tests[i].name) != 0)
			continue;
		printf("RUN mounted.%s\n", tests[i].name);
		if (tests[i].run()) {
			printf("PASS mounted.%s\n", tests[i].name);
		} else {
			printf("FAIL mounted.%s: %s\n", tests[i].name, reason);
			failed++;
		}
	}
	printf("calls: %u failed\n", failed);
	return failed != 0;
}
