/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work that is interrupted by the end of the machine, and what must be left of it:
 *
 *	keep FOLDER SEED          works for ever; a line on stdout for each thing that is durable
 *	keep FOLDER check < LINES which all must hold; prints what does not, and ends with 1
 *
 * Lines, of which the last one for each thing counts:
 *	file N V    file N was replaced by its version V (written, synced, renamed, folder synced)
 *	block N V   block N of the file "blocks" was overwritten with version V, and synced
 *	log N       the file "log" has N records
 *	fork N V    the fork "note" of file N has version V
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES   24
#define BLOCKS  200
#define BLOCK   4096
#define RECORD  100
#define LARGEST 70000u

static int failures;

static void complain(const char *what, unsigned long number, const char *why, long detail)
{
	printf("%s %lu: %s (%ld)\n", what, number, why, detail);
	failures++;
}

static uint32_t mix(uint32_t value)
{
	value ^= value >> 16;
	value *= 0x7feb352d;
	value ^= value >> 15;
	value *= 0x846ca68b;
	return value ^ value >> 16;
}

/* Contents begin with their number and version, and all the rest follows from that. */
static void fill(uint32_t *words, size_t count, uint32_t number, uint32_t version)
{
	words[0] = number;
	words[1] = version;
	for (size_t i = 2; i < count; i++)
		words[i] = mix(number * 7919 + version * 104729 + (uint32_t)i);
}

static bool is_whole(const uint32_t *words, size_t count, uint32_t number)
{
	if (count < 2 || words[0] != number)
		return false;
	for (size_t i = 2; i < count; i++)
		if (words[i] != mix(number * 7919 + words[1] * 104729 + (uint32_t)i))
			return false;
	return true;
}

static size_t size_of(uint32_t number, uint32_t version)
{
	return 8 + mix(number * 31 + version) % LARGEST / 4 * 4;
}

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(3);
}

/* --- Working. --- */

static void sync_folder(void)
{
	int fd = open(".", O_RDONLY);

	must(fd >= 0 && fsync(fd) == 0, "fsync of the folder");
	close(fd);
}

static void replace_file(uint32_t number, uint32_t version)
{
	static uint32_t words[LARGEST / 4 + 4];
	size_t size = size_of(number, version);
	char name[32], other[32];
	int fd;

	snprintf(name, sizeof(name), "file%u", number);
	snprintf(other, sizeof(other), "new%u", number);
	fill(words, size / 4, number, version);
	fd = open(other, O_RDWR | O_CREAT | O_TRUNC, 0644);
	must(fd >= 0 && write(fd, words, size) == (ssize_t)size, "write");
	must(fsync(fd) == 0, "fsync");
	close(fd);
	must(rename(other, name) == 0, "rename");
	if (version % 2) {
		sync_folder();
		printf("file %u %u\n", number, version);
	}
}

static void write_fork(uint32_t number, uint32_t version)
{
	char name[64];
	uint32_t words[64];
	int fd;

	snprintf(name, sizeof(name), "file%u/..namedfork/note", number);
	fill(words, 64, number, version);
	fd = open(name, O_RDWR | O_CREAT, 0644);
	if (fd < 0)
		return;
	must(pwrite(fd, words, sizeof(words), 0) == sizeof(words), "write of a fork");
	must(fsync(fd) == 0, "fsync of a fork");
	printf("fork %u %u\n", number, version);
	close(fd);
}

static void write_block(int fd, uint32_t number, uint32_t version)
{
	uint32_t words[BLOCK / 4];

	fill(words, BLOCK / 4, number, version);
	must(pwrite(fd, words, BLOCK, (off_t)number * BLOCK) == BLOCK, "write of a block");
	if (version % 3 == 0) {
		must(fdatasync(fd) == 0, "fdatasync");
		printf("block %u %u\n", number, version);
	}
}

static void append(int fd, uint32_t count)
{
	uint32_t words[RECORD / 4];

	fill(words, RECORD / 4, count, 1);
	must(pwrite(fd, words, RECORD, (off_t)count * RECORD) == RECORD, "append");
	if (count % 4 == 3) {
		must(fsync(fd) == 0, "fsync of the log");
		printf("log %u\n", count + 1);
	}
}

static void litter(uint32_t round)
{
	char name[32];

	snprintf(name, sizeof(name), "litter%u", round % 200);
	if (round / 200 % 2) {
		unlink(name);
	} else {
		int fd = open(name, O_RDWR | O_CREAT, 0644);

		must(fd >= 0 && write(fd, name, sizeof(name)) == sizeof(name), "litter");
		close(fd);
	}
}

static _Noreturn void work(unsigned seed)
{
	int blocks = open("blocks", O_RDWR | O_CREAT, 0644);
	int log = open("log", O_RDWR | O_CREAT, 0644);
	uint32_t version = (uint32_t)seed * 100000, count;
	struct stat stat;

	must(blocks >= 0 && log >= 0 && fstat(log, &stat) == 0, "open");
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = (uint32_t)stat.st_size / RECORD;
	for (;;) {
		uint32_t what = mix(++version) % 16, number = mix(version ^ 0x55555555);

		if (what < 4)
			replace_file(number % FILES, version);
		else if (what < 9)
			write_block(blocks, number % BLOCKS, version);
		else if (what < 13)
			append(log, count++);
		else if (what < 14)
			write_fork(number % FILES, version);
		else
			litter(version);
	}
}

/* --- Checking. --- */

/* The version that the file has, 0: none. */
static uint32_t read_version(const char *name, off_t offset, size_t size, uint32_t number,
			     const char *what)
{
	static uint32_t words[LARGEST / 4 + 4];
	int fd = open(name, O_RDONLY);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = pread(fd, words, size, offset);
	close(fd);
	if (got < 0)
		complain(what, number, "cannot be read", errno);
	else if (got == 0)
		return 0;
	else if (!is_whole(words, (size_t)got / 4, number))
		complain(what, number, "is not whole", got);
	else if (!offset && size > BLOCK && (size_t)got != size_of(number, words[1]))
		complain(what, number, "has another length", got);
	else
		return words[1];
	return UINT32_MAX;
}

static bool is_zero(uint32_t block)
{
	char bytes[BLOCK] = { 1 };
	int fd = open("blocks", O_RDONLY);
	ssize_t got = fd < 0 ? 0 : pread(fd, bytes, BLOCK, (off_t)block * BLOCK);

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < got; i++)
		if (bytes[i])
			return false;
	return true;
}

static void check_all(const uint32_t *files, const uint32_t *forks, const uint32_t *blocks,
		      uint32_t records)
{
	char name[64];

	for (uint32_t i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file%u", i);
		if (read_version(name, 0, LARGEST + 8, i, "file") < files[i])
			complain("file", i, "is older than what was synced", files[i]);
		snprintf(name, sizeof(name), "file%u/..namedfork/note", i);
		/* A file that took its place has no fork. */
		if (access(name, F_OK) == 0 && read_version(name, 0, 256, i, "fork") < forks[i] &&
		    files[i] < forks[i])
			complain("fork", i, "is older than what was synced", forks[i]);
	}
	for (uint32_t i = 0; i < BLOCKS; i++) {
		if (!blocks[i] && is_zero(i))
			continue;
		if (read_version("blocks", (off_t)i * BLOCK, BLOCK, i, "block") < blocks[i])
			complain("block", i, "is older than what was synced", blocks[i]);
	}
	for (uint32_t i = 0; i < records; i++)
		if (read_version("log", (off_t)i * RECORD, RECORD, i, "record") != 1)
			complain("record", i, "is missing", records);
}

static int check(void)
{
	static uint32_t files[FILES], forks[FILES], blocks[BLOCKS];
	uint32_t records = 0, number, version;
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		/* The last line may have been cut. */
		if (!strchr(line, '\n'))
			break;
		if (sscanf(line, "file %u %u", &number, &version) == 2 && number < FILES)
			files[number] = version;
		else if (sscanf(line, "fork %u %u", &number, &version) == 2 && number < FILES)
			forks[number] = version;
		else if (sscanf(line, "block %u %u", &number, &version) == 2 && number < BLOCKS)
			blocks[number] = version;
		else if (sscanf(line, "log %u", &number) == 1)
			records = number;
	}
	check_all(files, forks, blocks, records);
	return failures != 0;
}

int main(int argument_count, char **arguments)
{
	if (argument_count != 3 || chdir(arguments[1]) < 0) {
		fprintf(stderr, "keep FOLDER SEED|check\n");
		return 2;
	}
	if (strcmp(arguments[2], "check") == 0)
		return check();
	work((unsigned)atoi(arguments[2]));
}
