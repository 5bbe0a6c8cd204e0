/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast a file system is. The same program runs on CryptOS and on Debian's Linux, and makes the
 * same calls there; `cryptos bench hmfs` compares. Prints "name<tab>value<tab>unit" lines:
 *
 *	files DIRECTORY [FILES [MIB [FIGURE...]]]
 *		DIRECTORY is on a mounted file system with room for a file of MIB MiB (256) and
 *		for the small ones.
 *	    create       FILES (100,000) files of 1 KiB, 1000 to a directory, and sync
 *	    delete       all of these, and sync
 *	    untar        a tree of FILES / 5 files of 200 bytes to 64 KiB through tar, and sync
 *	    fsync        FILES / 100 new files of 4 KiB, each with an fsync of its own
 *	    seq_write    a file of MIB MiB in calls of 1 MiB, and fsync
 *	    seq_read     the same file when nothing of it is in memory
 *	    rand_read    4 KiB anywhere in it, each page once at most, none in memory
 *	    rand_write   4 KiB overwritten anywhere in it, and fsync
 *
 * What is written can be told from its place, and is checked when it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KIB           1024ull
#define MIB           (1024 * KIB)
#define PAGE          (4 * KIB)
#define CHUNK         MIB
#define PER_DIRECTORY 1000u
#define SMALL         1024u
#define TREE_DEEPEST  (64 * KIB)
#define TREE_SMALLEST 200u
#define TAR_BLOCK     512u

static unsigned long files = 100000;
static uint64_t size = 256 * MIB;
static char *chunk; /* CHUNK bytes, aligned to pages */
static uint64_t random_state = 88172645463325252ull;

static void fail(const char *what)
{
	fprintf(stderr, "files: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void report(const char *name, double count, double seconds, const char *unit)
{
	printf("%s\t%.1f\t%s\n", name, count / seconds, unit);
	fflush(stdout);
}

/* The bytes of a block are known from its place. */
static void fill(char *bytes, uint64_t length, uint64_t mark)
{
	for (uint64_t i = 0; i < length; i += 8) {
		uint64_t word = (mark + i) * 0x9e3779b97f4a7c15ull;

		memcpy(bytes + i, &word, 8);
	}
}

static void check_page(const char *bytes, uint64_t mark)
{
	uint64_t first = mark * 0x9e3779b97f4a7c15ull, got;

	memcpy(&got, bytes, 8);
	if (got != first) {
		errno = EILSEQ;
		fail("what was read is not what was written");
	}
}

static int open_checked(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		fail(path);
	return fd;
}

static void write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t done = write(fd, bytes, length);

		if (done <= 0)
			fail("write");
		bytes += done;
		length -= (size_t)done;
	}
}

static void flush_file(int fd)
{
	if (fsync(fd) != 0)
		fail("fsync");
}

static void put_file(const char *path, size_t length, bool durable)
{
	int fd = open_checked(path, O_WRONLY | O_CREAT | O_EXCL);

	write_all(fd, chunk, length);
	if (durable)
		flush_file(fd);
	close(fd);
}

static void make_directory(const char *path)
{
	if (mkdir(path, 0755) != 0)
		fail(path);
}

/* --- many small files --- */

static void small_path(char *path, size_t room, unsigned long number)
{
	snprintf(path, room, "d%03lu/file-%06lu", number / PER_DIRECTORY, number);
}

static void create(void)
{
	char path[64];
	double start = now();

	for (unsigned long i = 0; i < files; i++) {
		if (i % PER_DIRECTORY == 0) {
			snprintf(path, sizeof(path), "d%03lu", i / PER_DIRECTORY);
			make_directory(path);
		}
		small_path(path, sizeof(path), i);
		put_file(path, SMALL, false);
	}
	sync();
	report("create", (double)files, now() - start, "files/s");
}

static void delete (void)
{
	char path[64];
	double start = now();

	for (unsigned long i = 0; i < files; i++) {
		small_path(path, sizeof(path), i);
		if (unlink(path) != 0)
			fail(path);
		if (i % PER_DIRECTORY == PER_DIRECTORY - 1 || i + 1 == files) {
			snprintf(path, sizeof(path), "d%03lu", i / PER_DIRECTORY);
			if (rmdir(path) != 0)
				fail(path);
		}
	}
	sync();
	report("delete", (double)files, now() - start, "files/s");
}

static void sync_each(void)
{
	unsigned long count = files / 100 ? files / 100 : 1;
	char path[64];
	double start;

	make_directory("synced");
	start = now();
	for (unsigned long i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "synced/%lu", i);
		put_file(path, PAGE, true);
	}
	report("fsync", (double)count, now() - start, "files/s");
}

/* --- a tree through tar --- */

static void tar_number(char *field, size_t width, uint64_t number)
{
	snprintf(field, width, "%0*llo", (int)width - 1, (unsigned long long)number);
}

static void tar_entry(int fd, const char *path, char type, uint64_t length)
{
	char header[TAR_BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(header, 100, "%s", path);
	tar_number(header + 100, 8, type == '5' ? 0755 : 0644);
	tar_number(header + 108, 8, 0);
	tar_number(header + 116, 8, 0);
	tar_number(header + 124, 12, length);
	tar_number(header + 136, 12, 1700000000);
	memset(header + 148, ' ', 8);
	header[156] = type;
	memcpy(header + 257, "ustar", 6);
	memcpy(header + 263, "00", 2);
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
	write_all(fd, header, TAR_BLOCK);
}

/* Twenty files to a directory, twenty directories to another; most files are small. */
static uint64_t tar_tree(int fd, unsigned long count)
{
	uint64_t bytes = 0;
	char path[96];

	for (unsigned long i = 0; i < count; i++) {
		uint64_t length = TREE_SMALLEST << next_random() % 9;

		length += next_random() % length;
		if (length > TREE_DEEPEST)
			length = TREE_DEEPEST;
		if (i % 400 == 0) {
			snprintf(path, sizeof(path), "tree/part-%lu/", i / 400);
			tar_entry(fd, path, '5', 0);
		}
		if (i % 20 == 0) {
			snprintf(path, sizeof(path), "tree/part-%lu/module-%lu/", i / 400, i / 20);
			tar_entry(fd, path, '5', 0);
		}
		snprintf(path, sizeof(path), "tree/part-%lu/module-%lu/source_%lu.c", i / 400,
			 i / 20, i);
		tar_entry(fd, path, '0', length);
		write_all(fd, chunk, (length + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
		bytes += length;
	}
	memset(path, 0, sizeof(path));
	for (unsigned i = 0; i < 2 * TAR_BLOCK / 64; i++)
		write_all(fd, path, 64);
	return bytes;
}

static void untar(void)
{
	unsigned long count = files / 5 ? files / 5 : 1;
	double start = now();
	int ends[2], status;
	pid_t tar;

	if (pipe(ends) != 0)
		fail("pipe");
	tar = fork();
	if (tar < 0)
		fail("fork");
	if (tar == 0) {
		dup2(ends[0], 0);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/busybox", "tar", "x", "-f", "-", (char *)NULL);
		fail("/bin/busybox");
	}
	close(ends[0]);
	tar_tree(ends[1], count);
	close(ends[1]);
	if (waitpid(tar, &status, 0) != tar || status != 0) {
		errno = EIO;
		fail("tar");
	}
	sync();
	report("untar", (double)count, now() - start, "files/s");
}

/* --- a large file --- */

static void forget(int fd)
{
	flush_file(fd);
	if (posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
		fail("fadvise");
}

static void sequential_write(void)
{
	int fd = open_checked("large", O_WRONLY | O_CREAT | O_TRUNC);
	double start = now();

	for (uint64_t at = 0; at < size; at += CHUNK) {
		fill(chunk, CHUNK, at);
		write_all(fd, chunk, CHUNK);
	}
	flush_file(fd);
	report("seq_write", (double)(size / MIB), now() - start, "MiB/s");
	close(fd);
}

static void sequential_read(void)
{
	int fd = open_checked("large", O_RDONLY);
	double start;

	forget(fd);
	start = now();
	for (uint64_t at = 0; at < size; at += CHUNK) {
		if (read(fd, chunk, CHUNK) != (ssize_t)CHUNK)
			fail("read");
		for (uint64_t page = 0; page < CHUNK; page += PAGE)
			check_page(chunk + page, at + page);
	}
	report("seq_read", (double)(size / MIB), now() - start, "MiB/s");
	close(fd);
}

/* A quarter of the file's pages, none of them twice, in an order without any. */
static uint64_t random_pages(uint32_t **order)
{
	uint32_t pages = (uint32_t)(size / PAGE), count = pages / 4;

	*order = malloc(pages * sizeof(**order));
	if (!*order)
		fail("memory");
	for (uint32_t i = 0; i < pages; i++)
		(*order)[i] = i;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t other = i + (uint32_t)(next_random() % (pages - i)), page = (*order)[i];

		(*order)[i] = (*order)[other];
		(*order)[other] = page;
	}
	return count;
}

static void random_read(void)
{
	int fd = open_checked("large", O_RDONLY);
	uint32_t *order;
	uint64_t count = random_pages(&order);
	double start;

	forget(fd);
	start = now();
	for (uint64_t i = 0; i < count; i++) {
		if (pread(fd, chunk, PAGE, (off_t)(order[i] * PAGE)) != (ssize_t)PAGE)
			fail("pread");
		check_page(chunk, order[i] * PAGE);
	}
	report("rand_read", (double)count, now() - start, "reads/s");
	free(order);
	close(fd);
}

static void random_write(void)
{
	int fd = open_checked("large", O_WRONLY);
	uint32_t *order;
	uint64_t count = random_pages(&order);
	double start = now();

	for (uint64_t i = 0; i < count; i++) {
		fill(chunk, PAGE, order[i] * PAGE);
		if (pwrite(fd, chunk, PAGE, (off_t)(order[i] * PAGE)) != (ssize_t)PAGE)
			fail("pwrite");
	}
	flush_file(fd);
	report("rand_write", (double)count, now() - start, "writes/s");
	free(order);
	close(fd);
}

static const struct figure {
	const char *name;
	void (*run)(void);
} figures[] = {
	{ "create", create },
	{ "delete", delete },
	{ "untar", untar },
	{ "fsync", sync_each },
	{ "seq_write", sequential_write },
	{ "seq_read", sequential_read },
	{ "rand_read", random_read },
	{ "rand_write", random_write },
};

static bool is_wanted(const char *name, int count, char **names)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return count == 0;
}

int main(int count, char **words)
{
	if (count < 2) {
		fprintf(stderr, "usage: files DIRECTORY [FILES [MIB [FIGURE...]]]\n");
		return 2;
	}
	if (count > 2)
		files = strtoul(words[2], NULL, 10);
	if (count > 3)
		size = strtoull(words[3], NULL, 10) * MIB;
	if (files == 0 || size == 0 || chdir(words[1]) != 0)
		fail(words[1]);
	if (posix_memalign((void **)&chunk, PAGE, CHUNK) != 0)
		fail("memory");
	fill(chunk, CHUNK, 0);
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		if (is_wanted(figures[i].name, count > 4 ? count - 4 : 0, words + 4))
			figures[i].run();
	}
	return 0;
}
