/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system as programs ask for it: names, limits, randomness, users.
 */
#include "test.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(system, name)
{
	struct utsname name;

	EXPECT_EQUAL(uname(&name), 0);
	EXPECT(strcmp(name.machine, "x86_64") == 0);
	EXPECT(name.sysname[0] && name.release[0] && name.version[0] && name.nodename[0]);
	EXPECT(atoi(name.release) >= 3); /* or glibc gives up: "kernel too old" */
}

TEST(system, limits)
{
	struct rlimit limit, wanted = { 64, 128 };

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		EXPECT_EQUAL(getrlimit(i, &limit), 0);
		EXPECT(limit.rlim_cur <= limit.rlim_max);
	}
	EXPECT_EQUAL(setrlimit(RLIMIT_NOFILE, &wanted), 0);
	EXPECT_EQUAL(getrlimit(RLIMIT_NOFILE, &limit), 0);
	EXPECT_EQUAL(limit.rlim_cur, 64);
	EXPECT_EQUAL(limit.rlim_max, 128);
	wanted.rlim_cur = 200;
	EXPECT_ERROR(setrlimit(RLIMIT_NOFILE, &wanted), EINVAL);
	EXPECT_ERROR(getrlimit(99, &limit), EINVAL);
}

static int check_limit(void *unused)
{
	struct rlimit limit;

	(void)unused;
	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur == 33 ? 0 : 1;
}

TEST(system, limits_are_inherited)
{
	struct rlimit wanted = { 33, 33 };

	EXPECT_EQUAL(setrlimit(RLIMIT_NOFILE, &wanted), 0);
	EXPECT_EQUAL(test_run_child(check_limit, NULL), 0);
}

static int exceed_file_size(void *unused)
{
	struct rlimit wanted = { 1000, 1000 };
	char block[2000] = { 0 };
	int fd = open("file", O_WRONLY | O_CREAT, 0644);

	(void)unused;
	setrlimit(RLIMIT_FSIZE, &wanted);
	signal(SIGXFSZ, SIG_IGN);
	if (write(fd, block, sizeof(block)) != 1000)
		return 1;
	if (write(fd, block, 1) != -1 || errno != EFBIG)
		return 2;
	signal(SIGXFSZ, SIG_DFL);
	write(fd, block, 1);
	return 3;
}

TEST(system, file_size_limit)
{
	int status = test_run_child(exceed_file_size, NULL);

	EXPECT(WIFSIGNALED(status));
	EXPECT_EQUAL(WTERMSIG(status), SIGXFSZ);
}

TEST(system, randomness)
{
	unsigned char first[256] = { 0 }, second[256] = { 0 };
	unsigned bits = 0;
	int fd;

	EXPECT_EQUAL(getrandom(first, sizeof(first), 0), sizeof(first));
	EXPECT_EQUAL(getrandom(second, sizeof(second), 0), sizeof(second));
	EXPECT(memcmp(first, second, sizeof(first)) != 0);
	for (size_t i = 0; i < sizeof(first); i++)
		bits += (unsigned)__builtin_popcount(first[i]);
	EXPECT(bits > 800 && bits < 1248); /* about half of 2048 */
	EXPECT_ERROR(getrandom(first, 1, 0x1000), EINVAL);
	EXPECT_ERROR(getrandom((void *)8, 100, 0), EFAULT);
	fd = open("/dev/urandom", O_RDONLY);
	EXPECT(fd >= 0);
	EXPECT_EQUAL(read(fd, first, sizeof(first)), sizeof(first));
	EXPECT(memcmp(first, second, sizeof(first)) != 0);
}

TEST(system, figures)
{
	struct sysinfo information;

	EXPECT_EQUAL(sysinfo(&information), 0);
	EXPECT(information.totalram * information.mem_unit > 16 << 20);
	EXPECT(information.freeram > 0 && information.freeram <= information.totalram);
	EXPECT(information.procs > 0);
	EXPECT(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	EXPECT_EQUAL(sysconf(_SC_PAGESIZE), 4096);
}

TEST(system, processors)
{
	cpu_set_t set;
	unsigned cpu = 999;

	CPU_ZERO(&set);
	EXPECT_EQUAL(sched_getaffinity(0, sizeof(set), &set), 0);
	EXPECT(CPU_COUNT(&set) >= 1);
	EXPECT_EQUAL(syscall(SYS_getcpu, &cpu, NULL, NULL), 0);
	EXPECT(cpu < 64);
	EXPECT_EQUAL(sched_yield(), 0);
}

TEST(system, start_information)
{
	EXPECT_EQUAL(getauxval(AT_PAGESZ), 4096);
	EXPECT(getauxval(AT_PHDR) != 0 && getauxval(AT_PHNUM) > 0);
	EXPECT(getauxval(AT_ENTRY) != 0);
	EXPECT(getauxval(AT_RANDOM) != 0);
	EXPECT_EQUAL(getauxval(AT_UID), getuid());
	EXPECT_EQUAL(getauxval(AT_SECURE), 0);
	EXPECT(getauxval(AT_EXECFN) != 0 && *(char *)getauxval(AT_EXECFN) != '\0');
}

TEST(system, users)
{
	uid_t real, effective, saved;

	if (geteuid() != 0)
		test_skip("only root can become another user");
	EXPECT_EQUAL(setgroups(0, NULL), 0);
	EXPECT_EQUAL(getgroups(0, NULL), 0);
	EXPECT_EQUAL(setresuid(1000, 1001, 1002), 0);
	EXPECT_EQUAL(getresuid(&real, &effective, &saved), 0);
	EXPECT(real == 1000 && effective == 1001 && saved == 1002);
	EXPECT_EQUAL(seteuid(1002), 0);
	EXPECT_EQUAL(geteuid(), 1002);
	EXPECT_ERROR(seteuid(0), EPERM);
	EXPECT_ERROR(setuid(0), EPERM);
}

TEST(system, signalling_needs_permission)
{
	pid_t pid;

	if (geteuid() != 0)
		test_skip("only root can become another user");
	pid = fork();
	if (pid == 0) {
		test_sleep(20000);
		_exit(0);
	}
	EXPECT_EQUAL(setuid(65534), 0);
	EXPECT_ERROR(kill(pid, SIGTERM), EPERM);
	EXPECT_ERROR(kill(1, SIGTERM), EPERM);
}

TEST(system, unknown_calls_are_refused)
{
	static const long numbers[] = { 1000, 5000, 1 << 20, -1, -4095 };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		EXPECT_ERROR(syscall(numbers[i], 0, 0, 0, 0, 0, 0), ENOSYS);
}

TEST(system, priorities)
{
	EXPECT_EQUAL(getpriority(PRIO_PROCESS, 0), 0);
	EXPECT_EQUAL(setpriority(PRIO_PROCESS, 0, 5), 0);
	EXPECT_EQUAL(getpriority(PRIO_PROCESS, 0), 5);
}

TEST(system, proc_self)
{
	char target[4096] = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY);

	EXPECT(fd >= 0);
	EXPECT(readlink("/proc/self/exe", target, sizeof(target) - 1) > 0);
	EXPECT(strcmp(target, test_program()) == 0);
	EXPECT(open("/proc/self/maps", O_RDONLY) >= 0);
	EXPECT(open("/proc/meminfo", O_RDONLY) >= 0);
	snprintf(target, sizeof(target), "/proc/%d/stat", getpid());
	EXPECT(open(target, O_RDONLY) >= 0);
	EXPECT_ERROR(open("/proc/999999/stat", O_RDONLY), ENOENT);
}
