/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that want no windows but trouble: sizes that cannot be, thousands of windows, pixels that
 * go while they are read, floods, death at any moment. The desktop goes on, memory is bounded and
 * comes back, and nobody sees what is another's.
 */
#include "window_help.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Memory that the kernel may keep in caches of its own afterwards. */
#define SLACK_KIB 4096

/* Waits until memory is as it was, as what is freed may take a moment. */
static void expect_memory_back(long before)
{
	for (unsigned i = 0; i < 100 && available_kib() < before - SLACK_KIB; i++)
		test_sleep(50);
	EXPECT(available_kib() >= before - SLACK_KIB);
}

/* --- What cannot be. --- */

static const char *const wrong_names[] = {
	"",
	"r",
	"r/1/2",
	"r/1/2/0/5/x",
	"r/1/2/5/0/x",
	"r/1/2/-5/5/x",
	"r/1/2/5/-2147483648/x",
	"r/1/2/16385/1/x",
	"r/1/2/1/16385/x",
	"r/1/2/16384/16384/x",
	"r/1/2/2147483647/2147483647/x",
	"r/1/2/65536/65536/x",
	"r/1/2/4294967297/4294967297/x",
	"r/1/2/99999999999999999999/1/x",
	"r/1/2/five/5/x",
	"xyz/1/2/5/5/x",
	"r\xff/1/2/5/5/x",
};

TEST(window, sizes_that_cannot_be)
{
	long before = available_kib();
	char path[512];

	close(open_window("r/1/2/5/5/x"));
	for (size_t i = 0; i < sizeof(wrong_names) / sizeof(wrong_names[0]); i++) {
		snprintf(path, sizeof(path), "/scheme/orbital/%s", wrong_names[i]);
		if (wrong_names[i][0])
			EXPECT_ERROR(open(path, O_RDWR), EINVAL);
	}
	expect_memory_back(before);
}

static const char *const wrong_commands[] = {
	"C",
	"C,",
	"C,-1",
	"C,9",
	"C,99999999999",
	"C,1,1",
	"",
	"Z",
	"Z,1",
	",",
	"SS,1,2",
	"S,0,5",
	"S,-1,5",
	"S,5,0",
	"S,16385,1",
	"S,a,b",
	"S,1,2,3",
	"S,99999999999,1",
	"S,,,",
	"P,x,1",
	"P,1,2,3",
	"P,5000000000,1",
	"A",
	"A,2",
	"A,1,1",
	"F,r",
	"F,r,2",
	"F,z,1",
	"F,rz,1",
	"M,C",
	"M,X,1",
	"M,C,1,1",
	"M,,1",
	"D,X",
	"D,LL",
	"D,M,1",
	"S,16384,16384",
	"\xff",
	"\0",
};

TEST(window, commands_that_make_no_sense)
{
	int fd = open_window("/1/2/5/5/x");
	static char much[65537];

	for (size_t i = 0; i < sizeof(wrong_commands) / sizeof(wrong_commands[0]); i++)
		EXPECT_ERROR(write(fd, wrong_commands[i], strlen(wrong_commands[i])), EINVAL);
	memset(much, ',', sizeof(much));
	EXPECT_ERROR(write(fd, much, sizeof(much)), EINVAL);
	much[0] = 'Y';
	EXPECT_EQUAL(write(fd, much, sizeof(much) - 1), sizeof(much) - 1);
	memset(much + 2, '9', sizeof(much) - 2);
	EXPECT_EQUAL(write(fd, much, sizeof(much) - 1), sizeof(much) - 1);
	EXPECT_ERROR(write(fd, NULL, 5), EFAULT);
	EXPECT_ERROR(write(fd, (void *)(UINT64_MAX - 2), 300), EFAULT);
	expect_name(fd, "/1/2/5/5/x");
}

TEST(window, random_commands)
{
	static const char alphabet[] = "ADFMPSTY,,,,,0123456789-rufMCGRLBT/\xc3\xa9\n";
	uint64_t state = 4711;
	int fd = open_window("/1/2/50/50/x"), x, y, width, height;
	char text[40];

	for (unsigned round = 0; round < 3000; round++) {
		size_t length = test_random(&state) % sizeof(text);

		for (size_t i = 0; i < length; i++)
			text[i] = alphabet[test_random(&state) % (sizeof(alphabet) - 1)];
		EXPECT(write(fd, text, length) == (ssize_t)length || errno == EINVAL ||
		       errno == ENOMEM);
	}
	read_name(fd, &x, &y, &width, &height);
	EXPECT(width > 0 && height > 0);
}

TEST(window, bad_memory_for_events)
{
	int fd = open_window("/1/2/5/5/x"), other;

	expect_focus(fd, true);
	drain_events(fd);
	other = open_window("/1/2/5/5/y");
	EXPECT_ERROR(read(fd, NULL, 240), EFAULT);
	EXPECT_ERROR(read(fd, (void *)(UINT64_MAX - 4000), 240), EFAULT);
	EXPECT_EQUAL(close(other), 0);
}

/* --- Too many. --- */

#define SHOWN_MAX 1024 /* of thousands: each costs the time of a frame */

/* Opens windows until there can be no more: argument[0] of them, hidden if argument[2] says so. */
static int open_many(void *argument)
{
	unsigned *opened = argument;
	const char *name =
		opened[2] ? "/scheme/orbital/rh/5/5/16/16/x" : "/scheme/orbital/r/5/5/16/16/x";
	struct rlimit files = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &files);
	for (*opened = 0; open(name, O_RDWR) >= 0; ++*opened)
		;
	return errno;
}

TEST_SLOW(window, a_process_has_so_many, 120)
{
	unsigned *opened =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open_window("/1/2/5/5/x");
	long before = available_kib();

	EXPECT_EQUAL(WEXITSTATUS(test_run_child(open_many, opened)), EMFILE);
	EXPECT_EQUAL(*opened, 256);
	expect_memory_back(before);
	EXPECT_EQUAL(close(fd), 0);
	EXPECT_EQUAL(close(open_window("/1/2/5/5/x")), 0);
}

static int open_many_and_stay(void *argument)
{
	int error = open_many((unsigned *)argument);

	((unsigned *)argument)[1] = (unsigned)error;
	pause();
	return 0;
}

TEST_SLOW(window, there_are_thousands, 240)
{
	volatile unsigned *told =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t children[24];
	unsigned sum = 0, count = 0;
	long before = available_kib();

	EXPECT_EQUAL(close(open_window("/1/2/5/5/x")), 0);
	while (count < 24 && told[1] != ENFILE) {
		told[0] = told[1] = 0;
		told[2] = sum >= SHOWN_MAX;
		children[count++] = test_spawn(open_many_and_stay, (void *)told);
		while (!told[1])
			test_sleep(20);
		EXPECT(told[1] == EMFILE || told[1] == ENFILE);
		sum += told[0];
	}
	/* Many of them are on the screen; then all are killed at once. */
	EXPECT(sum >= 1000 && told[1] == ENFILE);
	EXPECT_ERROR(open("/scheme/orbital/r/5/5/16/16/x", O_RDWR), ENFILE);
	for (unsigned i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		test_wait(children[i]);
	EXPECT_EQUAL(close(open_window("/1/2/5/5/x")), 0);
	expect_memory_back(before);
}

/* --- Too large. --- */

static int open_large(void *argument)
{
	unsigned count = 0;

	(void)argument;
	while (open("/scheme/orbital/rl/5/5/4096/1024/x", O_RDWR) >= 0)
		count++;
	EXPECT_EQUAL(errno, ENOMEM);
	EXPECT(count >= 1 && count < 64);
	/* What it has goes on working. */
	EXPECT_EQUAL(pinned_kib(), (long)count * 16384);
	return 0;
}

TEST(window, pixels_are_bounded)
{
	int fd = open_window("/1/2/5/5/x");
	long before = available_kib();

	EXPECT_EQUAL(test_run_child(open_large, NULL), 0);
	expect_memory_back(before);
	EXPECT_EQUAL(close(fd), 0);
}

/* Pixels that a window had before count as long as they are mapped. */
static int keep_old_pixels(void *argument)
{
	int fd = open_window("l/1/2/2048/1024/x");
	unsigned count = 0;

	(void)argument;
	do {
		map_window(fd, 8 << 20);
		count++;
	} while (write(fd, "S,2048,1024", 11) == 11 && count < 1000);
	EXPECT(count < 100);
	EXPECT_EQUAL(errno, ENOMEM);
	EXPECT_EQUAL(pinned_kib(), (long)count * 8192);
	return 0;
}

TEST(window, old_pixels_count)
{
	int fd = open_window("/1/2/5/5/x");
	long before = available_kib();

	EXPECT_EQUAL(test_run_child(keep_old_pixels, NULL), 0);
	expect_memory_back(before);
	EXPECT_EQUAL(close(fd), 0);
}

static int open_beyond_limit(void *argument)
{
	struct rlimit limit = { 64 << 20, 64 << 20 };

	(void)argument;
	EXPECT_EQUAL(setrlimit(RLIMIT_AS, &limit), 0);
	EXPECT(open("/scheme/orbital/r/5/5/4096/2048/x", O_RDWR) >= 0);
	EXPECT(open("/scheme/orbital/r/5/5/4096/2040/x", O_RDWR) >= 0);
	EXPECT_ERROR(open("/scheme/orbital/r/5/5/4096/64/x", O_RDWR), ENOMEM);
	return 0;
}

TEST(window, pixels_are_within_the_limit)
{
	close(open_window("/1/2/5/5/x"));
	EXPECT_EQUAL(test_run_child(open_beyond_limit, NULL), 0);
}

/* --- When memory runs out. --- */

#define HOGS 12

static int hold_pixels(void *argument)
{
	while (open("/scheme/orbital/rh/5/5/4096/1024/x", O_RDWR) >= 0)
		;
	while (open("/scheme/orbital/rh/5/5/1024/256/x", O_RDWR) >= 0)
		;
	*(volatile bool *)argument = true;
	pause();
	return 0;
}

/* Takes a tenth of all memory when it is told to. */
static int hog(void *argument)
{
	size_t size = (size_t)total_kib() * 1024 / 10;
	char byte, *memory;

	if (read(*(int *)argument, &byte, 1) != 1)
		return 0;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t at = 0; memory != MAP_FAILED && at < size; at += 4096)
		memory[at] = 1;
	pause();
	return 0;
}

/* Who has most has to go, and that is who holds pixels, though none of them are mapped. */
TEST_GUEST(window, pixels_count_when_memory_runs_out, 120)
{
	volatile bool *held =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t holder, hogs[HOGS];
	int go[2], status = 0;

	EXPECT_EQUAL(close(open_window("/1/2/5/5/x")), 0);
	EXPECT_EQUAL(pipe(go), 0);
	for (unsigned i = 0; i < HOGS; i++)
		hogs[i] = test_spawn(hog, &go[0]);
	holder = test_spawn(hold_pixels, (void *)held);
	while (!*held)
		test_sleep(20);
	for (unsigned i = 0; i < HOGS && waitpid(holder, &status, WNOHANG) == 0; i++) {
		EXPECT_EQUAL(write(go[1], "x", 1), 1);
		test_sleep(1000);
	}
	for (unsigned i = 0; i < HOGS; i++) {
		/* If it took too long to end the holder, one of these had to go as well. */
		kill(hogs[i], SIGKILL);
		test_wait(hogs[i]);
	}
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* --- While they are looked at. --- */

static int draw_for_ever(void *argument)
{
	int fd = open_window("t/20/20/200/100/drawing");
	uint32_t *pixels = map_window(fd, 200 * 100 * 4);

	(void)argument;
	for (uint32_t i = 0;; i++) {
		pixels[i % 20000] = i;
		if (i % 64 == 0)
			command(fd, "Y,0,0,200,100");
	}
	return 0;
}

static int map_and_unmap(void *argument)
{
	int fd = open_window("/40/40/200/100/mapping");

	(void)argument;
	for (;;) {
		uint32_t *pixels = map_window(fd, 200 * 100 * 4);

		memset(pixels, 0x80, 200 * 100 * 4);
		EXPECT_EQUAL(fsync(fd), 0);
		EXPECT_EQUAL(munmap(pixels, 200 * 100 * 4), 0);
	}
	return 0;
}

static int resize_for_ever(void *argument)
{
	int fd = open_window("r/60/60/200/100/size");
	char text[32];

	(void)argument;
	for (int i = 0;; i++) {
		snprintf(text, sizeof(text), "S,%d,%d", 1 + i * 37 % 500, 1 + i * 91 % 400);
		command(fd, text);
		command(fd, i % 2 ? "F,hlt,1" : "F,hlt,0");
		EXPECT_EQUAL(fsync(fd), 0);
	}
	return 0;
}

static int open_and_close(void *argument)
{
	(void)argument;
	for (;;)
		EXPECT_EQUAL(close(open_window("/80/80/50/40/here and gone")), 0);
	return 0;
}

static int flood(void *argument)
{
	int fd = open_window("/100/100/400/300/flood");
	char much[4096] = "Y";

	(void)argument;
	for (size_t length = 1; length < sizeof(much) - 16; length = strlen(much))
		strcat(much, ",3,4,200,100");
	for (;;) {
		command(fd, much);
		EXPECT_EQUAL(fsync(fd), 0);
	}
	return 0;
}

static int (*const troubles[])(void *argument) = {
	draw_for_ever, map_and_unmap, resize_for_ever, open_and_close, flood,
};

#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

/* Each is killed at some moment; meanwhile others have windows and get their events. */
TEST_SLOW(window, trouble_is_its_makers_alone, 120)
{
	int fd = open_window("/1/2/50/50/quiet");
	long before = available_kib();
	uint64_t state = 99;

	for (unsigned round = 0; round < 3; round++) {
		pid_t children[TROUBLES];
		uint64_t start;
		int other;

		for (size_t i = 0; i < TROUBLES; i++)
			children[i] = test_spawn(troubles[i], NULL);
		test_sleep(100 + test_random(&state) % 200);
		start = test_milliseconds();
		other = open_window("/5/5/50/50/other");
		expect_focus(other, true);
		EXPECT_EQUAL(fsync(fd), 0);
		EXPECT(test_milliseconds() - start < 5000);
		for (size_t i = 0; i < TROUBLES; i++) {
			EXPECT_EQUAL(waitpid(children[i], NULL, WNOHANG), 0);
			EXPECT_EQUAL(kill(children[i], SIGKILL), 0);
			EXPECT(WIFSIGNALED(test_wait(children[i])));
			test_sleep(test_random(&state) % 20);
		}
		EXPECT_EQUAL(close(other), 0);
	}
	expect_memory_back(before);
}

/* Events that nobody reads are not kept for ever. */
TEST(window, events_that_nobody_reads)
{
	int fd = open_window("/1/2/50/50/deaf"), other;
	long before = available_kib();
	unsigned count;

	for (unsigned i = 0; i < 500; i++)
		EXPECT_EQUAL(close(open_window("/5/5/10/10/other")), 0);
	expect_memory_back(before);
	count = drain_events(fd);
	EXPECT(count >= 1 && count <= 256);
	/* And those that come later do come. */
	other = open_window("/5/5/10/10/other");
	expect_focus(fd, false);
	EXPECT_EQUAL(close(other), 0);
	expect_focus(fd, true);
}

/* --- What is another's. --- */

#define SECRET 0xc0ffee42u

static int draw_secret(void *argument)
{
	int fd = open_window("/1/2/512/512/secret");
	uint32_t *pixels = map_window(fd, 512 * 512 * 4);

	(void)argument;
	for (size_t i = 0; i < 512 * 512; i++)
		pixels[i] = SECRET;
	return fsync(fd);
}

TEST(window, pixels_of_the_dead_are_not_seen)
{
	for (unsigned round = 0; round < 4; round++) {
		int fd;
		uint32_t *pixels;

		EXPECT_EQUAL(test_run_child(draw_secret, NULL), 0);
		fd = open_window("/1/2/512/512/curious");
		pixels = map_window(fd, 512 * 512 * 4);
		for (size_t i = 0; i < 512 * 512; i++)
			EXPECT_EQUAL(pixels[i], 0);
		EXPECT_EQUAL(munmap(pixels, 512 * 512 * 4), 0);
		EXPECT_EQUAL(close(fd), 0);
	}
}

static int show_secret(void *argument)
{
	int *told = argument;
	int fd = open_window("/1/2/32/32/secret");

	map_window(fd, 4096)[0] = SECRET;
	*told = fd;
	pause();
	return 0;
}

/* The magic link of another's open window is nothing to be opened, even for its user. */
TEST(window, names_lead_to_no_pixels)
{
	volatile int *told =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;
	char path[64];
	int fd;

	close(open_window("/1/2/5/5/x"));
	child = test_spawn(show_secret, (void *)told);
	while (!*told)
		test_sleep(10);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", child, *told);
	fd = open(path, O_RDWR);
	EXPECT_EQUAL(fd, -1);
	EXPECT_EQUAL(errno, ENXIO);
	/* It can be looked at, as a name. */
	fd = open(path, O_PATH);
	EXPECT(fd >= 0);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_EQUAL(kill(child, SIGKILL), 0);
	EXPECT(WIFSIGNALED(test_wait(child)));
}
