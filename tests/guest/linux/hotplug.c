/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs offline and online through /sys. On machines with one CPU there is only the last one.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPUS    "/sys/devices/system/cpu"
#define ROUNDS  40
#define WORKERS 6

/* All that there are, offline or not: C libraries have different ideas of that. */
static unsigned cpu_count(void)
{
	char path[64];
	unsigned count = 0;

	do
		snprintf(path, sizeof(path), CPUS "/cpu%u", count++);
	while (access(path, F_OK) == 0);
	return count - 1;
}

/* 0, or the errno of the write. */
static int write_state(unsigned cpu, const char *text)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), CPUS "/cpu%u/online", cpu);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return errno;
	error = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : errno;
	close(fd);
	return error;
}

static bool state_is(unsigned cpu, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), CPUS "/cpu%u/online", cpu);
	return test_file_is(path, text);
}

static void all_online(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		EXPECT_EQUAL(write_state(cpu, "1\n"), 0);
}

/* How many lines of the file begin with `start` and a digit. */
static unsigned count_lines(const char *path, const char *start)
{
	FILE *file = fopen(path, "r");
	size_t length = strlen(start);
	char line[2048];
	unsigned count = 0;

	EXPECT(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, start, length) == 0 && line[length] >= '0' && line[length] <= '9')
			count++;
	}
	fclose(file);
	return count;
}

static void expect_count(unsigned count)
{
	cpu_set_t set;

	EXPECT_EQUAL(count_lines("/proc/stat", "cpu"), count);
	EXPECT_EQUAL(count_lines("/proc/cpuinfo", "processor\t: "), count);
	EXPECT_EQUAL(sched_getaffinity(0, sizeof(set), &set), 0);
	EXPECT_EQUAL(CPU_COUNT(&set), count);
	EXPECT_EQUAL(sysconf(_SC_NPROCESSORS_ONLN), count);
}

TEST_GUEST(hotplug, files, TEST_SECONDS)
{
	unsigned found = 0;
	struct dirent *entry;
	char all[16] = "0\n";
	DIR *folder = opendir(CPUS);

	if (cpu_count() > 1)
		snprintf(all, sizeof(all), "0-%u\n", cpu_count() - 1);
	EXPECT(test_file_is(CPUS "/online", all));
	EXPECT(test_file_is(CPUS "/present", all));
	EXPECT(test_file_is(CPUS "/possible", all));
	EXPECT(test_file_is(CPUS "/offline", "\n"));
	EXPECT(folder != NULL);
	while ((entry = readdir(folder)))
		found += strncmp(entry->d_name, "cpu", 3) == 0;
	closedir(folder);
	EXPECT_EQUAL(found, cpu_count());
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		EXPECT(state_is(cpu, "1\n"));
}

static int write_as_user(void *unused)
{
	(void)unused;
	if (setgid(1000) || setuid(1000))
		return 1;
	if (write_state(cpu_count() - 1, "0") != EACCES)
		return 2;
	return state_is(cpu_count() - 1, "1\n") ? 0 : 3;
}

TEST_GUEST(hotplug, bad_input, TEST_SECONDS)
{
	static const char *const texts[] = { "2",  "-1",    "x",       "01",  "0 ",  "11",
					     "\n", "0\n\n", "offline", "0x0", "\xff" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		EXPECT_EQUAL(write_state(cpu_count() - 1, texts[i]), EINVAL);
	}
	EXPECT_EQUAL(write_state(cpu_count(), "0"), ENOENT);
	EXPECT_EQUAL(write_state(4096, "0"), ENOENT);
	EXPECT_ERROR(open(CPUS "/cpu/online", O_RDONLY), ENOENT);
	EXPECT_ERROR(open(CPUS "/cpu00/online", O_RDONLY), ENOENT);
	EXPECT_ERROR(open(CPUS "/cpu99999999999/online", O_RDONLY), ENOENT);
	EXPECT_EQUAL(write_state(0, "1"), 0);
	EXPECT_EQUAL(test_run_child(write_as_user, NULL), 0);
	expect_count(cpu_count());
}

TEST_GUEST(hotplug, the_last_one_stays, TEST_SECONDS)
{
	for (unsigned cpu = 1; cpu < cpu_count(); cpu++) {
		EXPECT_EQUAL(write_state(cpu, "0\n"), 0);
		EXPECT(state_is(cpu, "0\n"));
		EXPECT_EQUAL(write_state(cpu, "0"), 0); /* as it is already */
		expect_count(cpu_count() - cpu);
	}
	EXPECT(test_file_is(CPUS "/online", "0\n"));
	EXPECT_EQUAL(write_state(0, "0"), EBUSY);
	all_online();
	expect_count(cpu_count());
}

/* --- A process that is pinned to the CPU. --- */

static volatile uint64_t *shared;

static void share(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(shared != MAP_FAILED);
}

static int spin_pinned(void *argument)
{
	unsigned cpu = *(unsigned *)argument;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 1;
	for (;;) {
		shared[1] = (uint64_t)sched_getcpu();
		shared[0]++;
	}
}

static void await_progress(void)
{
	uint64_t before = shared[0], end = test_milliseconds() + 10000;

	while (shared[0] < before + 10 && test_milliseconds() < end)
		test_sleep(2);
	EXPECT(shared[0] >= before + 10);
}

TEST_GUEST(hotplug, a_pinned_process_goes_on_elsewhere, TEST_SECONDS)
{
	unsigned cpu = cpu_count() - 1;
	cpu_set_t set;
	pid_t child;

	if (cpu == 0)
		test_skip("one CPU");
	share();
	child = test_spawn(spin_pinned, &cpu);
	for (unsigned i = 0; i < 3; i++) {
		await_progress();
		EXPECT_EQUAL(shared[1], cpu);
		EXPECT_EQUAL(write_state(cpu, "0"), 0);
		await_progress();
		EXPECT(shared[1] != cpu);
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		EXPECT_ERROR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
		EXPECT_EQUAL(write_state(cpu, "1"), 0);
	}
	await_progress();
	EXPECT_EQUAL(shared[1], cpu);
	kill(child, SIGKILL);
	test_wait(child);
}

/* --- A load. --- */

/* Sums what it gets through a pipe from a child of its own, with files, memory and forks. */
static int sum_up(void *argument)
{
	unsigned index = *(unsigned *)argument;
	uint64_t rounds = 0;

	while (shared[0] == 0) {
		uint32_t sum = 0, value;
		char name[16];
		int ends[2], status, fd;
		pid_t child;

		if (pipe(ends) || (child = fork()) < 0)
			return 2;
		if (child == 0) {
			for (value = 1; value <= 200; value++)
				if (write(ends[1], &value, sizeof(value)) != sizeof(value))
					_exit(1);
			_exit(0);
		}
		close(ends[1]);
		while (read(ends[0], &value, sizeof(value)) == sizeof(value))
			sum += value;
		close(ends[0]);
		snprintf(name, sizeof(name), "sum%u", index);
		fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || write(fd, &sum, sizeof(sum)) != sizeof(sum) ||
		    pread(fd, &value, sizeof(value), 0) != sizeof(value) || close(fd))
			return 3;
		if (waitpid(child, &status, 0) != child || status != 0 || value != 20100)
			return 4;
		shared[1 + index] = ++rounds;
	}
	return 0;
}

TEST_GUEST(hotplug, a_load_goes_on, 120)
{
	unsigned indices[WORKERS];
	pid_t children[WORKERS];
	uint64_t state = 99;

	if (cpu_count() == 1)
		test_skip("one CPU");
	share();
	for (unsigned i = 0; i < WORKERS; i++) {
		indices[i] = i;
		children[i] = test_spawn(sum_up, &indices[i]);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned cpu = (unsigned)(test_random(&state) % cpu_count());
		int error = write_state(cpu, state_is(cpu, "1\n") ? "0" : "1");

		EXPECT(error == 0 || error == EBUSY);
		/* Interrupts of the console are under way meanwhile. */
		fprintf(stderr, "%s", i % 10 ? "" : "hotplug: a tenth round\n");
		test_sleep(5);
	}
	all_online();
	shared[0] = 1;
	for (unsigned i = 0; i < WORKERS; i++) {
		EXPECT_EQUAL(test_wait(children[i]), 0);
		EXPECT(shared[1 + i] > 0);
	}
	expect_count(cpu_count());
}
