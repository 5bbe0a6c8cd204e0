/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Single calls on disks and files, for the tests' scripts; one word or line says what came of it:
 * a number, or the name of the error.
 *
 *	io [-d] read PATH OFFSET LENGTH          the bytes read; -d: O_DIRECT
 *	io [-d] write PATH OFFSET LENGTH BYTE    the bytes written, then what fsync gave, and again
 *	io geometry PATH                         bytes, logical and physical block, read-only
 *	io map PATH                              the contents, as a mapping shows them
 *	io map-write PATH LENGTH BYTE            fills through a shared mapping; msync's and fsync's
 *	io cut PATH LENGTH                       maps, truncates to LENGTH, touches the last page
 *	io [-d] load PATH THREADS SECONDS        reads 4 KiB anywhere; the first error, or "none"
 *	io append PATH SECONDS                   writes blocks, fsync after each; how many
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* <linux/fs.h> is not there for musl. */
#define BLKROGET     _IO(0x12, 94)
#define BLKSSZGET    _IO(0x12, 104)
#define BLKGETSIZE64 _IOR(0x12, 114, size_t)
#define BLKPBSZGET   _IO(0x12, 123)

#define PAGE        4096ul
#define THREADS_MAX 64

static int extra_flags;

static const char *error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ 0, "0" },
		{ EIO, "EIO" },
		{ ENOSPC, "ENOSPC" },
		{ EROFS, "EROFS" },
		{ ENODEV, "ENODEV" },
		{ ENXIO, "ENXIO" },
		{ EINVAL, "EINVAL" },
		{ ENOENT, "ENOENT" },
		{ ETIMEDOUT, "ETIMEDOUT" },
		{ ENOMEM, "ENOMEM" },
		{ EFBIG, "EFBIG" },
		{ EBUSY, "EBUSY" },
		{ ENODATA, "ENODATA" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	return strerror(error);
}

/* Ends the program with what `open` said. */
static int open_or_say(const char *path, int flags)
{
	int fd = open(path, flags | extra_flags, 0644);

	if (fd < 0) {
		printf("open %s\n", error_name(errno));
		exit(0);
	}
	return fd;
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static char *allocate(size_t length)
{
	void *memory;

	if (posix_memalign(&memory, PAGE, length ? length : 1)) {
		puts("memory");
		exit(1);
	}
	return memory;
}

static const char *result_of(int result)
{
	return error_name(result < 0 ? errno : 0);
}

static void print_count(ssize_t count)
{
	if (count < 0)
		printf("%s", error_name(errno));
	else
		printf("%zd", count);
}

static int run_read(char **arguments)
{
	size_t length = number(arguments[2]);
	int fd = open_or_say(arguments[0], O_RDONLY);

	print_count(pread(fd, allocate(length), length, (off_t)number(arguments[1])));
	puts("");
	return 0;
}

static int run_write(char **arguments)
{
	size_t length = number(arguments[2]);
	int fd = open_or_say(arguments[0], O_WRONLY | O_CREAT);
	char *memory = allocate(length);

	memset(memory, (int)number(arguments[3]), length);
	print_count(pwrite(fd, memory, length, (off_t)number(arguments[1])));
	printf(" %s", result_of(fsync(fd)));
	printf(" %s\n", result_of(fsync(fd)));
	return 0;
}

static int run_geometry(char **arguments)
{
	int fd = open_or_say(arguments[0], O_RDONLY), logical = 0, read_only = 0;
	unsigned physical = 0;
	uint64_t size = 0;

	ioctl(fd, BLKGETSIZE64, &size);
	ioctl(fd, BLKSSZGET, &logical);
	ioctl(fd, BLKPBSZGET, &physical);
	ioctl(fd, BLKROGET, &read_only);
	printf("%llu %d %u %d\n", (unsigned long long)size, logical, physical, read_only);
	return 0;
}

/* --- Mappings. --- */

static sigjmp_buf bus_error;

static void on_bus_error(int signal)
{
	siglongjmp(bus_error, signal);
}

static char *map(int fd, size_t length, int protection)
{
	char *memory = mmap(NULL, length, protection, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED) {
		printf("mmap %s\n", error_name(errno));
		exit(0);
	}
	signal(SIGBUS, on_bus_error);
	return memory;
}

static int run_map(char **arguments)
{
	int fd = open_or_say(arguments[0], O_RDONLY);
	struct stat status;
	static char page[PAGE];
	size_t size;
	char *memory;

	if (fstat(fd, &status))
		return 1;
	size = (size_t)status.st_size;
	memory = map(fd, size, PROT_READ);
	if (sigsetjmp(bus_error, 1)) {
		puts("SIGBUS");
		return 0;
	}
	for (size_t offset = 0; offset < size; offset += PAGE) {
		size_t length = size - offset < PAGE ? size - offset : PAGE;

		memcpy(page, memory + offset, length);
		if (write(STDOUT_FILENO, page, length) != (ssize_t)length)
			return 1;
	}
	return 0;
}

static int run_map_write(char **arguments)
{
	size_t length = number(arguments[1]);
	int fd = open_or_say(arguments[0], O_RDWR | O_CREAT);
	char *memory;

	if (ftruncate(fd, (off_t)length)) {
		printf("ftruncate %s\n", error_name(errno));
		return 0;
	}
	memory = map(fd, length, PROT_READ | PROT_WRITE);
	if (sigsetjmp(bus_error, 1)) {
		puts("SIGBUS");
		return 0;
	}
	memset(memory, (int)number(arguments[2]), length);
	printf("%s", result_of(msync(memory, length, MS_SYNC)));
	printf(" %s\n", result_of(fsync(fd)));
	return 0;
}

static int run_cut(char **arguments)
{
	int fd = open_or_say(arguments[0], O_RDWR);
	struct stat status;
	volatile char *memory;

	if (fstat(fd, &status))
		return 1;
	memory = map(fd, (size_t)status.st_size, PROT_READ);
	if (sigsetjmp(bus_error, 1)) {
		puts("SIGBUS");
		return 0;
	}
	(void)memory[status.st_size - 1];
	if (ftruncate(fd, (off_t)number(arguments[1]))) {
		printf("ftruncate %s\n", error_name(errno));
		return 0;
	}
	(void)memory[status.st_size - 1];
	puts("no signal");
	return 0;
}

/* --- Load. --- */

static struct {
	int fd;
	uint64_t pages;
	time_t end;
	_Atomic int error;
	_Atomic uint64_t count;
} load;

static time_t seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void *run_loader(void *argument)
{
	uint64_t random = (uintptr_t)argument * 0x9e3779b97f4a7c15ull;
	char *page = allocate(PAGE);
	int expected = 0;
	ssize_t got;

	while (!load.error && seconds_now() < load.end) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		got = pread(load.fd, page, PAGE, (off_t)(random % load.pages * PAGE));
		/* What is gone may also have become empty. */
		if (got != (ssize_t)PAGE)
			atomic_compare_exchange_strong(&load.error, &expected,
						       got < 0 ? errno : ENXIO);
		load.count++;
	}
	return NULL;
}

static int run_load(char **arguments)
{
	unsigned threads = (unsigned)number(arguments[1]);
	pthread_t thread[THREADS_MAX];
	off_t size;

	load.fd = open_or_say(arguments[0], O_RDONLY);
	size = lseek(load.fd, 0, SEEK_END);
	if (size < (off_t)PAGE || threads > THREADS_MAX)
		return 1;
	load.pages = (uint64_t)size / PAGE;
	load.end = seconds_now() + (time_t)number(arguments[2]);
	for (uintptr_t i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, run_loader, (void *)(i + 1)))
			return 1;
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	if (load.count == 0)
		puts("nothing was read");
	else
		puts(load.error ? error_name(load.error) : "none");
	return 0;
}

static int run_append(char **arguments)
{
	int fd = open_or_say(arguments[0], O_WRONLY | O_CREAT | O_APPEND);
	time_t end = seconds_now() + (time_t)number(arguments[1]);
	char *page = allocate(PAGE);
	unsigned count = 0;

	while (seconds_now() < end) {
		memset(page, 'a' + (int)(count % 26), PAGE);
		if (write(fd, page, PAGE) != (ssize_t)PAGE || fsync(fd)) {
			printf("%s\n", error_name(errno));
			return 0;
		}
		count++;
		printf("%u\n", count);
		fflush(stdout);
	}
	return 0;
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		int arguments;
		int (*run)(char **arguments);
	} commands[] = {
		{ "read", 3, run_read },           { "write", 4, run_write },
		{ "geometry", 1, run_geometry },   { "map", 1, run_map },
		{ "map-write", 3, run_map_write }, { "cut", 2, run_cut },
		{ "load", 3, run_load },           { "append", 2, run_append },
	};

	if (count > 1 && strcmp(arguments[1], "-d") == 0) {
		extra_flags = O_DIRECT;
		count--;
		arguments++;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (count - 2 == commands[i].arguments &&
		    strcmp(arguments[1], commands[i].name) == 0)
			return commands[i].run(arguments + 2);
	fprintf(stderr, "io: no such command, or another number of arguments\n");
	return 2;
}
