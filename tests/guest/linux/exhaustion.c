/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that take all there is: processes, memory, space, descriptors. They are refused or
 * ended, and what they took comes back.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

static int bomb_within_limit(void *unused)
{
	struct rlimit limit = { 40, 40 };
	int children = 0;

	(void)unused;
	if (setuid(54321) < 0)
		return 1;
	setrlimit(RLIMIT_NPROC, &limit);
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			test_sleep(60000);
			_exit(0);
		}
		if (pid < 0)
			break;
		children++;
	}
	if (errno != EAGAIN || children < 5 || children > 40)
		return 2;
	kill(0, SIGKILL); /* the children and itself */
	return 3;
}

TEST(exhaustion, fork_bomb_within_a_limit)
{
	pid_t pid;

	if (geteuid() != 0)
		test_skip("only root can become another user");
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		_exit(bomb_within_limit(NULL));
	}
	EXPECT_EQUAL(WTERMSIG(test_wait(pid)), SIGKILL);
}

/* Forks for ever, in both branches, until there is no more memory for processes. */
static int bomb(void *unused)
{
	(void)unused;
	setpgid(0, 0);
	while (getpid() > 0)
		fork();
	return 0;
}

static int do_nothing(void *unused)
{
	(void)unused;
	return 0;
}

static long free_memory(void)
{
	struct sysinfo information;

	EXPECT_EQUAL(sysinfo(&information), 0);
	return (long)(information.freeram * information.mem_unit >> 10);
}

TEST_GUEST(exhaustion, fork_bomb_without_limit, 240)
{
	pid_t pid;

	signal(SIGCHLD, SIG_DFL);
	pid = test_spawn(bomb, NULL);
	test_sleep(3000);
	/* It may fork faster than it is killed; and what is dead may still be counted. */
	for (int i = 0; i < 300 && kill(-pid, SIGKILL) == 0; i++)
		test_sleep(10);
	test_wait(pid);
	for (int i = 0; i < 20; i++) /* there is room for processes again */
		EXPECT_EQUAL(test_run_child(do_nothing, NULL), 0);
}

static int eat_memory(void *unused)
{
	size_t size = 64 << 20;

	(void)unused;
	for (;;) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

		if (memory == MAP_FAILED && size <= 4096)
			return 17;
		if (memory == MAP_FAILED) {
			size /= 2;
			continue;
		}
		for (size_t i = 0; i < size; i += 4096)
			memory[i] = 1;
	}
}

TEST_GUEST(exhaustion, allocates_all_memory, 120)
{
	long before = free_memory(), after = 0;
	int status = test_run_child(eat_memory, NULL);

	/* Refused, or ended while touching what there was not. */
	EXPECT(WIFSIGNALED(status) || WEXITSTATUS(status) == 17);
	for (int i = 0; i < 100; i++) {
		after = free_memory();
		if (after > before - 8192)
			break;
		test_sleep(20);
	}
	EXPECT(after > before - 8192);
}

static int fill_file_system(void *unused)
{
	static char block[1 << 20];
	int fd = open("big", O_WRONLY | O_CREAT, 0644);

	(void)unused;
	memset(block, 1, sizeof(block));
	for (;;) {
		ssize_t count = write(fd, block, sizeof(block));

		if (count < 0)
			return errno == ENOSPC || errno == ENOMEM || errno == EFBIG ? 0 : 1;
		if (count == 0)
			return 2;
	}
}

TEST_GUEST(exhaustion, fills_the_file_system, 120)
{
	int status = test_run_child(fill_file_system, NULL);

	EXPECT(status == 0 || WIFSIGNALED(status));
	EXPECT_EQUAL(unlink("big"), 0);
	test_write_file("small", "there is space again");
}

static int open_all_descriptors(void *unused)
{
	int ends[2], count = 0;

	(void)unused;
	while (pipe(ends) == 0)
		count++;
	return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? 0 : 1;
}

TEST(exhaustion, opens_all_descriptors)
{
	for (int i = 0; i < 4; i++)
		EXPECT_EQUAL(test_run_child(open_all_descriptors, NULL), 0);
}

/* What a machine that runs for weeks cannot afford: memory that does not come back. */
static void use_and_release(void)
{
	for (int i = 0; i < 40; i++) {
		int ends[2];
		pid_t pid;
		char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memset(memory, 1, 1 << 20);
		EXPECT_EQUAL(pipe(ends), 0);
		test_write_file("file", "content");
		pid = fork();
		if (pid == 0) {
			memset(memory, 2, 1 << 20);
			_exit((int)write(ends[1], memory, 4096) - 4096);
		}
		EXPECT_EQUAL(test_wait(pid), 0);
		close(ends[0]);
		close(ends[1]);
		munmap(memory, 1 << 20);
		EXPECT_EQUAL(unlink("file"), 0);
	}
}

TEST_GUEST(exhaustion, leaves_nothing_behind, 120)
{
	long before, after;

	use_and_release(); /* fills caches */
	test_sleep(200);
	before = free_memory();
	for (int i = 0; i < 3; i++)
		use_and_release();
	test_sleep(200);
	after = free_memory();
	if (after < before - 512)
		test_fail(__FILE__, __LINE__, "%ld KiB free before, %ld after", before, after);
}
