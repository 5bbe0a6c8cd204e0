/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * System calls with arguments made to hurt: pointers to the kernel and to nowhere, lengths that
 * wrap, buffers that vanish.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xffffffff80000000ul
#define HOLE_ADDRESS   0x0000800000000000ul /* not canonical */

/* Those that end, stop or hang the caller, or the machine. */
static bool is_left_out(long number)
{
	static const long numbers[] = {
		SYS_exit,
		SYS_exit_group,
		SYS_rt_sigreturn,
		SYS_pause,
		SYS_reboot,
		SYS_fork,
		SYS_vfork,
		SYS_clone,
		435 /* clone3 */,
		SYS_kill,
		SYS_tkill,
		SYS_tgkill,
		SYS_rt_sigsuspend,
		SYS_munmap,
		SYS_mprotect,
		SYS_mmap,
		SYS_mremap,
		SYS_brk,
		SYS_vhangup,
		SYS_setrlimit,
		SYS_prlimit64,
		SYS_alarm,
		SYS_setitimer,
		SYS_rt_sigaction,
		SYS_rt_sigprocmask,
		SYS_dup2,
		SYS_dup3,
		SYS_close,
		436 /* close_range */,
		SYS_chroot,
		SYS_pivot_root,
		SYS_mount,
		SYS_umount2,
		SYS_swapon,
		SYS_swapoff,
		SYS_sethostname,
		SYS_setdomainname,
		SYS_settimeofday,
		SYS_clock_settime,
		SYS_adjtimex,
		SYS_clock_adjtime,
		SYS_init_module,
		SYS_finit_module,
		SYS_delete_module,
		SYS_kexec_load,
		SYS_kexec_file_load,
		SYS_acct,
		SYS_quotactl,
		SYS_syslog,
		SYS_setns,
		SYS_unshare,
		SYS_rt_sigtimedwait,
		SYS_sync,
		SYS_personality,
		SYS_seccomp,
		SYS_prctl,
		SYS_ptrace,
		SYS_iopl,
		SYS_ioperm,
		SYS_setsid,
		SYS_madvise,
		SYS_arch_prctl,
		SYS_nanosleep,
		SYS_clock_nanosleep,
		SYS_rt_tgsigqueueinfo,
		SYS_rt_sigqueueinfo,
		SYS_io_uring_setup,
		SYS_set_tid_address,
		SYS_set_robust_list,
		SYS_setpriority,
		SYS_sched_setscheduler,
		SYS_sched_setparam,
		SYS_sched_setattr,
		SYS_bpf,
		SYS_setuid,
		SYS_setgid,
		SYS_setreuid,
		SYS_setregid,
		SYS_setresuid,
		SYS_setresgid,
		SYS_setfsuid,
		SYS_setfsgid,
		SYS_setgroups,
		SYS_capset,
		334 /* rseq */,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (number == numbers[i])
			return true;
	return false;
}

static uint64_t nasty_value(uint64_t *state, char *mapped, char *guard)
{
	static const uint64_t values[] = {
		0,
		1,
		2,
		3,
		7,
		100,
		4096,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		~0ull,
		~0ull - 1,
		0x7fffffffffffffff,
		0x8000000000000000,
		HOLE_ADDRESS,
		HOLE_ADDRESS - 1,
		HOLE_ADDRESS - 4096,
		KERNEL_ADDRESS,
		0xffff800000000000,
		0xffff888000000000,
		0xfffffffffffff000,
	};
	enum { COUNT = sizeof(values) / sizeof(values[0]) };
	uint64_t choice = test_random(state) % (COUNT + 4);

	if (choice < COUNT)
		return values[choice];
	if (choice == COUNT)
		return (uint64_t)mapped + test_random(state) % 4096;
	if (choice == COUNT + 1)
		return (uint64_t)guard - test_random(state) % 16; /* runs into the gap */
	if (choice == COUNT + 2)
		return (uint64_t)guard + test_random(state) % 4096;
	return test_random(state);
}

/* Calls with random nasty arguments for a while; anything may come back but a crash. */
static int call_at_random(void *argument)
{
	uint64_t seed = *(uint64_t *)argument, state = seed;
	char *mapped =
		mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(mapped + 4096, 4096, PROT_NONE);
	dup2(open("/dev/null", O_RDWR), 0);
	dup2(0, 1);
	dup2(0, 2);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 400; i++) {
		long number = (long)(test_random(&state) % 460);
		uint64_t values[6];

		for (int j = 0; j < 6; j++)
			values[j] = nasty_value(&state, mapped, mapped + 4096);
		if (is_left_out(number))
			continue;
		alarm(2); /* for calls that wait */
		syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
	}
	return 0;
}

TEST_GUEST(hostile, calls_with_nasty_arguments, 240)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		int status = test_run_child(call_at_random, &seed);

		/* A blocking call that the alarm ended is in order. */
		if (status != 0 && !WIFSIGNALED(status))
			test_fail(__FILE__, __LINE__, "seed %llu: status %#x",
				  (unsigned long long)seed, (unsigned)status);
	}
}

/* For each call that takes pointers: none of these addresses may be touched. */
TEST(hostile, passes_bad_pointers)
{
	static const uintptr_t addresses[] = {
		8,        HOLE_ADDRESS,  HOLE_ADDRESS - 4, KERNEL_ADDRESS, 0xffff800000000000,
		~0ul - 7, 0x7fffffffeff8
	};
	int file = open("file", O_RDWR | O_CREAT, 0644), ends[2];

	EXPECT_EQUAL(pipe(ends), 0);
	EXPECT_EQUAL(write(ends[1], "content", 7), 7);
	EXPECT_EQUAL(write(file, "content", 7), 7);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		uintptr_t bad = addresses[i];

		EXPECT_ERROR(syscall(SYS_pread64, file, bad, 7, 0), EFAULT);
		EXPECT_ERROR(syscall(SYS_read, ends[0], bad, 7), EFAULT);
		EXPECT_ERROR(syscall(SYS_write, file, bad, 7), EFAULT);
		EXPECT_ERROR(syscall(SYS_write, ends[1], bad, 7), EFAULT);
		EXPECT_ERROR(syscall(SYS_open, bad, O_RDONLY, 0), EFAULT);
		EXPECT_ERROR(syscall(SYS_stat, bad, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_fstat, file, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_pipe, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_uname, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_nanosleep, bad, NULL), EFAULT);
		EXPECT_ERROR(syscall(SYS_getcwd, bad, 4096), EFAULT);
		EXPECT_ERROR(syscall(SYS_poll, bad, 1, 0), EFAULT);
		EXPECT_ERROR(syscall(SYS_readv, file, bad, 1), EFAULT);
		EXPECT_ERROR(syscall(SYS_writev, file, bad, 1), EFAULT);
		EXPECT_ERROR(syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8), EFAULT);
		EXPECT_ERROR(syscall(SYS_rt_sigprocmask, 0, bad, NULL, 8), EFAULT);
		EXPECT_ERROR(syscall(SYS_clock_gettime, 1, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_getrusage, 0, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_sysinfo, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_getrandom, bad, 8, 0), EFAULT);
		EXPECT_ERROR(syscall(SYS_execve, bad, NULL, NULL), EFAULT);
		EXPECT_ERROR(syscall(SYS_getrlimit, 1, bad), EFAULT);
		EXPECT_ERROR(syscall(SYS_getdents64, open("/", O_RDONLY), bad, 4096), EFAULT);
	}
	EXPECT(test_file_is("file", "content"));
}

TEST(hostile, passes_wrapping_lengths)
{
	char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero = open("/dev/zero", O_RDONLY), file = open("file", O_RDWR | O_CREAT, 0644);

	munmap(memory + 4096, 4096);
	EXPECT_ERROR(syscall(SYS_read, zero, memory, ~0ul), EFAULT);
	EXPECT_ERROR(syscall(SYS_write, file, memory, ~0ul - 4095), EFAULT);
	EXPECT_ERROR(syscall(SYS_read, zero, ~0ul - 100, 200), EFAULT);
	EXPECT_ERROR(syscall(SYS_poll, memory, 0x7fffffff, 0), EINVAL);
	EXPECT_ERROR(syscall(SYS_select, 0x7fffffff, ~0ul - 8, 0, 0, memory), EFAULT);
	EXPECT_ERROR(syscall(SYS_getcwd, memory, 1), ERANGE);
	EXPECT(syscall(SYS_mremap, memory, 4096, ~0ul, 1) == -1);
	EXPECT(errno == EINVAL || errno == ENOMEM);
}

TEST(hostile, shrinks_memory_under_a_system_call)
{
	/* A thread's worth of mischief in one process: the buffer vanishes between two halves. */
	char *memory =
		mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero = open("/dev/zero", O_RDONLY);
	pid_t pid;

	munmap(memory + 32 * 4096, 4096);
	pid = fork();
	if (pid == 0) {
		ssize_t count = read(zero, memory, 64 * 4096);

		_exit(count == 32 * 4096 || (count < 0 && errno == EFAULT) ? 0 : 1);
	}
	EXPECT_EQUAL(test_wait(pid), 0);
}
