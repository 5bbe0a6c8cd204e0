/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast storage is. The same program runs on CryptOS and on Debian's Linux, and makes the same
 * calls there; `cryptos bench storage` compares. Prints "name<tab>value<tab>unit" lines:
 *
 *	storage DEVICE DIRECTORY [ROUNDS [MIB]]
 *		DEVICE is a disk that is only read, DIRECTORY a mounted file system that has
 *		room for MIB MiB (256). Each value is the median of ROUNDS (3).
 *	    file_write   a new file, in calls of 1 MiB, fsync included
 *	    file_read    the same file when nothing of it is in memory
 *	    raw_read     DEVICE, O_DIRECT, in calls of 1 MiB
 *	    random_read  4 KiB each, anywhere in DEVICE's first MIB MiB, O_DIRECT, by 32 threads
 *	storage --count DEVICE DIRECTORY
 *		instructions of single calls, for machines that count time in instructions
 *		(QEMU -icount shift=0):
 *	    pread_cached   4 KiB of a file whose pages are in memory
 *	    pread_direct   4 KiB of DEVICE, O_DIRECT; what passes while the device works, too
 *
 * Every page that is written bears its place and the round, and is checked when it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KIB      1024ull
#define MIB      (1024 * KIB)
#define PAGE     (4 * KIB)
#define CHUNK    MIB
#define THREADS  32
#define ROUNDS   3
#define SIZE_MIB 256
/* How long random reads are counted, and how long they run before. */
#define RANDOM_NS        1500000000ull
#define RANDOM_WARM_UP   300000000ull
#define CALLS_COUNTED    64
#define COUNTED_FILE_MIB 1
#define ROUNDS_MAX       99

static const char *device_path;
static char file_path[4096];
static uint64_t size = SIZE_MIB * MIB;
static unsigned rounds = ROUNDS;
static char *chunk; /* CHUNK bytes, aligned to pages */

static void fail(const char *what)
{
	fprintf(stderr, "storage: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fail_at(const char *what, uint64_t offset)
{
	fprintf(stderr, "storage: %s at %llu\n", what, (unsigned long long)offset);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static int open_checked(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		fail(path);
	return fd;
}

static void *allocate(size_t length)
{
	void *memory;

	if (posix_memalign(&memory, PAGE, length))
		fail("memory");
	memset(memory, 0x5a, length);
	return memory;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_median(const char *name, double *values, const char *unit)
{
	qsort(values, rounds, sizeof(values[0]), compare);
	printf("%s\t%.2f\t%s\n", name, values[rounds / 2], unit);
	fflush(stdout);
}

/* --- One after the other. --- */

static double rate(uint64_t started)
{
	return (double)size / MIB / ((double)(now() - started) / 1e9);
}

static uint64_t mark_of(uint64_t offset, unsigned round)
{
	return offset | round;
}

static double write_file(unsigned round)
{
	uint64_t started;
	int fd;

	if (unlink(file_path) && errno != ENOENT)
		fail(file_path);
	sync();
	started = now();
	fd = open_checked(file_path, O_WRONLY | O_CREAT | O_EXCL);
	for (uint64_t offset = 0; offset < size; offset += CHUNK) {
		for (uint64_t i = 0; i < CHUNK; i += PAGE)
			*(uint64_t *)(void *)(chunk + i) = mark_of(offset + i, round);
		if (write(fd, chunk, CHUNK) != (ssize_t)CHUNK)
			fail("write");
	}
	if (fsync(fd))
		fail("fsync");
	close(fd);
	return rate(started);
}

/* Lets go of the pages of the file, which are clean. */
static void forget_file(void)
{
	int fd = open_checked(file_path, O_RDONLY), error;

	error = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (error) {
		errno = error;
		fail("posix_fadvise");
	}
	close(fd);
}

static double read_file(unsigned round)
{
	uint64_t started;
	int fd;

	forget_file();
	started = now();
	fd = open_checked(file_path, O_RDONLY);
	for (uint64_t offset = 0; offset < size; offset += CHUNK) {
		if (read(fd, chunk, CHUNK) != (ssize_t)CHUNK)
			fail("read");
		for (uint64_t i = 0; i < CHUNK; i += PAGE)
			if (*(uint64_t *)(void *)(chunk + i) != mark_of(offset + i, round))
				fail_at("wrong contents", offset + i);
	}
	close(fd);
	return rate(started);
}

static double read_raw(unsigned round)
{
	uint64_t started = now();
	int fd = open_checked(device_path, O_RDONLY | O_DIRECT);

	(void)round;
	for (uint64_t offset = 0; offset < size; offset += CHUNK)
		if (pread(fd, chunk, CHUNK, (off_t)offset) != (ssize_t)CHUNK)
			fail("read of the device");
	close(fd);
	return rate(started);
}

/* --- At random, many at a time. --- */

enum phase { WARM_UP, COUNT, STOP };

static _Atomic int phase;

struct reader {
	uint64_t count;
	uint64_t random;
	int fd;
	pthread_t thread;
} __attribute__((aligned(64)));

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void *run_reader(void *argument)
{
	struct reader *reader = argument;
	char *page = allocate(PAGE);
	int current;

	while ((current = atomic_load_explicit(&phase, memory_order_relaxed)) != STOP) {
		uint64_t offset = next_random(&reader->random) % (size / PAGE) * PAGE;

		if (pread(reader->fd, page, PAGE, (off_t)offset) != (ssize_t)PAGE)
			fail("random read");
		if (current == COUNT)
			reader->count++;
	}
	free(page);
	return NULL;
}

static void sleep_ns(uint64_t ns)
{
	struct timespec time = { .tv_sec = (time_t)(ns / 1000000000ull),
				 .tv_nsec = (long)(ns % 1000000000ull) };

	while (nanosleep(&time, &time))
		;
}

static double read_random(unsigned round)
{
	static struct reader readers[THREADS];
	uint64_t count = 0, started, time;
	int fd = open_checked(device_path, O_RDONLY | O_DIRECT);

	phase = WARM_UP;
	for (unsigned i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){
			.fd = fd,
			.random = 0x9e3779b97f4a7c15ull * (round * THREADS + i + 1),
		};
		if (pthread_create(&readers[i].thread, NULL, run_reader, &readers[i]))
			fail("pthread_create");
	}
	sleep_ns(RANDOM_WARM_UP);
	started = now();
	phase = COUNT;
	sleep_ns(RANDOM_NS);
	phase = STOP;
	time = now() - started;
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		count += readers[i].count;
	}
	close(fd);
	return (double)count / ((double)time / 1e9);
}

/* --- Everything. --- */

static void measure_all(void)
{
	static const struct {
		const char *name, *unit;
		double (*measure)(unsigned round);
	} kinds[] = {
		{ "file_write", "MiB/s", write_file },
		{ "file_read", "MiB/s", read_file },
		{ "raw_read", "MiB/s", read_raw },
		{ "random_read", "1/s", read_random },
	};
	enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
	static double values[KINDS][ROUNDS_MAX];

	/* Warm-up: the code, and the pages of the host. */
	for (unsigned i = 0; i < KINDS - 1; i++)
		kinds[i].measure(0);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < KINDS; i++)
			values[i][round] = kinds[i].measure(i < 2 ? round + 1 : round);
	for (unsigned i = 0; i < KINDS; i++)
		print_median(kinds[i].name, values[i], kinds[i].unit);
	unlink(file_path);
}

/* --- Instructions. --- */

static void pread_page(int fd, uint64_t offset)
{
	if (pread(fd, chunk, PAGE, (off_t)offset) != (ssize_t)PAGE)
		fail("pread");
}

/* The lowest of several rounds, since interrupts only add. */
static void count_preads(const char *name, int fd)
{
	uint64_t lowest = UINT64_MAX;

	for (unsigned round = 0; round < 16; round++) {
		uint64_t started = __builtin_ia32_rdtsc(), count;

		for (unsigned i = 0; i < CALLS_COUNTED; i++)
			pread_page(fd, i * PAGE);
		count = (__builtin_ia32_rdtsc() - started) / CALLS_COUNTED;
		if (count < lowest)
			lowest = count;
	}
	printf("%s\t%llu\tinstructions\n", name, (unsigned long long)lowest);
	fflush(stdout);
	close(fd);
}

static void count_all(void)
{
	size = COUNTED_FILE_MIB * MIB;
	write_file(0);
	count_preads("pread_cached", open_checked(file_path, O_RDONLY));
	count_preads("pread_direct", open_checked(device_path, O_RDONLY | O_DIRECT));
	unlink(file_path);
}

int main(int count, char **arguments)
{
	bool counting = count > 1 && strcmp(arguments[1], "--count") == 0;

	if (counting) {
		count--;
		arguments++;
	}
	if (count < 3 || count > 5 || (counting && count != 3)) {
		fprintf(stderr, "usage: storage [--count] DEVICE DIRECTORY [ROUNDS [MIB]]\n");
		return 2;
	}
	device_path = arguments[1];
	snprintf(file_path, sizeof(file_path), "%s/bench.tmp", arguments[2]);
	if (count > 3)
		rounds = (unsigned)strtoul(arguments[3], NULL, 10);
	if (count > 4)
		size = strtoull(arguments[4], NULL, 10) * MIB;
	if (rounds < 1 || rounds > ROUNDS_MAX || size == 0) {
		fprintf(stderr, "storage: 1 to %d rounds, at least 1 MiB\n", ROUNDS_MAX);
		return 2;
	}
	chunk = allocate(CHUNK);
	if (counting)
		count_all();
	else
		measure_all();
	return 0;
}
