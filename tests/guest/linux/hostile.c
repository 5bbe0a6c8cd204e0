/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that mean harm or know no better. Whatever they do, they alone come to grief.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xffffffff80000000ul
#define HOLE_ADDRESS   0x0000800000000000ul /* not canonical */

static int run_here(void *address)
{
	void (*function)(void);

	memcpy(&function, &address, sizeof(function));
	function();
	return 0;
}

static void expect_signal(int (*run)(void *), void *argument, int number)
{
	int status = test_run_child(run, argument);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != number)
		test_fail(__FILE__, __LINE__, "status %#x, not signal %d", (unsigned)status,
			  number);
}

TEST(hostile, jumps_to_nowhere)
{
	expect_signal(run_here, NULL, SIGSEGV);
	expect_signal(run_here, (void *)0x1000, SIGSEGV);
	expect_signal(run_here, (void *)KERNEL_ADDRESS, SIGSEGV);
	expect_signal(run_here, (void *)HOLE_ADDRESS, SIGSEGV);
	expect_signal(run_here, (void *)0x7fffffffffff, SIGSEGV);
	expect_signal(run_here, (void *)~0ul, SIGSEGV);
}

static int read_here(void *address)
{
	return *(volatile char *)address;
}

static int write_here(void *address)
{
	*(volatile char *)address = 1;
	return 0;
}

TEST(hostile, touches_foreign_memory)
{
	static const uintptr_t addresses[] = { 0,
					       8,
					       0x7ffffffff000,
					       HOLE_ADDRESS,
					       KERNEL_ADDRESS,
					       0xffff800000000000,
					       0xffff888000000000,
					       ~0ul,
					       0xfffffffffffff000 };

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		expect_signal(read_here, (void *)addresses[i], SIGSEGV);
		expect_signal(write_here, (void *)addresses[i], SIGSEGV);
	}
}

static int divide_by_zero(void *unused)
{
	(void)unused;
	__asm__ volatile("xor %%edx, %%edx\n\txor %%ecx, %%ecx\n\tdiv %%ecx" ::
				 : "eax", "ecx", "edx");
	return 0;
}

static int divide_too_far(void *unused)
{
	(void)unused;
	__asm__ volatile("mov $0x8000000000000000, %%rax\n\tcqo\n\tmov $-1, %%rcx\n\tidiv %%rcx" ::
				 : "rax", "rcx", "rdx");
	return 0;
}

TEST(hostile, divides_by_zero)
{
	expect_signal(divide_by_zero, NULL, SIGFPE);
	expect_signal(divide_too_far, NULL, SIGFPE);
}

static int recurse(void *argument)
{
	volatile char space[2000];

	space[0] = (char)(uintptr_t)argument;
	return recurse((char *)argument + 1) + space[0];
}

TEST(hostile, overflows_its_stack)
{
	expect_signal(recurse, NULL, SIGSEGV);
}

/* --- instructions ------------------------------------------------------------------------------ */

#define INSTRUCTION(name, code)                                           \
	static int name(void *unused)                                     \
	{                                                                 \
		(void)unused;                                             \
		__asm__ volatile(code ::: "rax", "rcx", "rdx", "memory"); \
		return 0;                                                 \
	}

INSTRUCTION(halt, "hlt")
INSTRUCTION(interrupts_off, "cli")
INSTRUCTION(interrupts_on, "sti")
INSTRUCTION(port_in, "in $0x64, %%al")
INSTRUCTION(port_out, "mov $0xfe, %%al\n\tout %%al, $0x64")
INSTRUCTION(write_msr, "mov $0xc0000082, %%ecx\n\twrmsr")
INSTRUCTION(read_msr, "mov $0xc0000082, %%ecx\n\trdmsr")
INSTRUCTION(read_cr, "mov %%cr3, %%rax")
INSTRUCTION(write_cr, "mov %%rax, %%cr3")
INSTRUCTION(debug_register, "mov %%rax, %%dr7")
INSTRUCTION(load_idt, "sub $16, %%rsp\n\tlidt (%%rsp)\n\tadd $16, %%rsp")
INSTRUCTION(invalidate, "invlpg (%%rsp)")
INSTRUCTION(write_back, "wbinvd")
INSTRUCTION(swap_gs, "swapgs")
INSTRUCTION(system_return, "sysretq")
INSTRUCTION(interrupt_14, "int $14")
INSTRUCTION(interrupt_8, "int $8")
INSTRUCTION(interrupt_32, "int $32")
INSTRUCTION(interrupt_255, "int $255")
INSTRUCTION(bad_segment, "mov $0xfff8, %%eax\n\tmov %%ax, %%ds")
INSTRUCTION(far_return, "push $0x8\n\tlea 1f(%%rip), %%rax\n\tpush %%rax\n\tlretq\n1:")
INSTRUCTION(misaligned, "movaps 1(%%rsp), %%xmm0")
INSTRUCTION(no_instruction, "ud2")
INSTRUCTION(break_point, "int3")
INSTRUCTION(not_canonical, "mov $0x8000000000000000, %%rax\n\tmov (%%rax), %%rcx")
INSTRUCTION(bad_stack, "mov $0x8000000000000000, %%rsp\n\tpush %%rax")

TEST(hostile, uses_instructions_of_the_kernel)
{
	static int (*const general[])(void *) = {
		halt,         interrupts_off, interrupts_on, port_in,       port_out,
		write_msr,    read_msr,       read_cr,       write_cr,      debug_register,
		load_idt,     invalidate,     write_back,    swap_gs,       system_return,
		interrupt_14, interrupt_8,    interrupt_32,  interrupt_255, bad_segment,
		misaligned,   not_canonical,
	};

	for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++) {
		int status = test_run_child(general[i], NULL);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV)
			test_fail(__FILE__, __LINE__, "instruction %zu: status %#x", i,
				  (unsigned)status);
	}
	/* QEMU 7.2 makes a far return's stack accesses as the kernel: with SMAP that is a page fault
	 * from user mode whose error code says kernel mode. Linux answers with SIGKILL. */
	EXPECT(WIFSIGNALED(test_run_child(far_return, NULL)));
	expect_signal(no_instruction, NULL, SIGILL);
	expect_signal(break_point, NULL, SIGTRAP);
	expect_signal(bad_stack, NULL, SIGBUS);
}

static int old_system_calls(void *unused)
{
	(void)unused;
	/* The 32-bit entrances: refused or served, but survived. */
	__asm__ volatile("mov $20, %%eax\n\tint $0x80" ::: "rax", "memory");
	__asm__ volatile("mov $20, %%eax\n\tmov %%rsp, %%rbp\n\tsysenter" ::: "rax", "memory");
	return 0;
}

TEST(hostile, uses_entrances_of_other_times)
{
	test_run_child(old_system_calls, NULL);
}

static int trap_flag(void *unused)
{
	(void)unused;
	__asm__ volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\t"
			 "mov $39, %%eax\n\tsyscall\n\tnop" ::
				 : "rax", "rcx", "r11", "memory");
	return 0;
}

TEST(hostile, sets_odd_flags)
{
	expect_signal(trap_flag, NULL, SIGTRAP);
	/* Nested task, alignment check, direction: harmless to the kernel. */
	__asm__ volatile("pushf\n\torl $0x4000, (%%rsp)\n\tpopf\n\tmov $39, %%eax\n\tsyscall\n\t"
			 "pushf\n\tandl $~0x4000, (%%rsp)\n\tpopf" ::
				 : "rax", "rcx", "r11", "memory", "cc");
	__asm__ volatile("pushf\n\torl $0x40400, (%%rsp)\n\tpopf\n\tmov $39, %%eax\n\tsyscall\n\t"
			 "pushf\n\tandl $~0x40400, (%%rsp)\n\tpopf" ::
				 : "rax", "rcx", "r11", "memory", "cc");
}

/* --- signal frames -------------------------------------------------------------------------------- */

enum { FRAME_RIP_HOLE, FRAME_RIP_KERNEL, FRAME_CS, FRAME_SS, FRAME_FLAGS, FRAME_FPU, FRAME_KINDS };

static volatile int frame_kind;

static void spoil_frame(int number, siginfo_t *information, void *argument)
{
	ucontext_t *context = argument;
	greg_t *registers = context->uc_mcontext.gregs;
	unsigned char *vectors = (unsigned char *)context->uc_mcontext.fpregs;

	(void)number;
	(void)information;
	switch (frame_kind) {
	case FRAME_RIP_HOLE:
		registers[REG_RIP] = (greg_t)HOLE_ADDRESS;
		break;
	case FRAME_RIP_KERNEL:
		registers[REG_RIP] = (greg_t)KERNEL_ADDRESS;
		break;
	case FRAME_CS:
		registers[REG_CSGSFS] = 0x0008; /* ring 0 */
		break;
	case FRAME_SS:
		registers[REG_CSGSFS] = (greg_t)0xfff8000000000033;
		break;
	case FRAME_FLAGS:
		registers[REG_EFL] = 0x3202 | 0x20000; /* I/O privilege, virtual 8086 */
		break;
	default:
		memset(vectors, 0xff, 512); /* reserved bits of MXCSR, and of what follows */
	}
}

static int return_from_spoilt_frame(void *argument)
{
	struct sigaction action = { .sa_sigaction = spoil_frame, .sa_flags = SA_SIGINFO };

	frame_kind = *(int *)argument;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	if (frame_kind == FRAME_FLAGS)
		return interrupts_off(NULL); /* must still be refused */
	return 0;
}

TEST(hostile, returns_from_spoilt_signal_frames)
{
	for (int kind = 0; kind < FRAME_KINDS; kind++) {
		int status = test_run_child(return_from_spoilt_frame, &kind);

		/* What can be put right may be, and emulators do not fault on bad MXCSRs. */
		if (kind != FRAME_CS && kind != FRAME_SS && kind != FRAME_FPU)
			EXPECT(WIFSIGNALED(status));
		else
			EXPECT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	}
}

static int return_without_frame(void *address)
{
	__asm__ volatile("mov %0, %%rsp\n\tmov $15, %%eax\n\tsyscall" ::"r"(address));
	__builtin_unreachable();
}

TEST(hostile, returns_from_no_signal)
{
	static char garbage[65536];

	memset(garbage, 0x41, sizeof(garbage));
	expect_signal(return_without_frame, garbage + 1000, SIGSEGV);
	expect_signal(return_without_frame, (void *)KERNEL_ADDRESS, SIGSEGV);
	expect_signal(return_without_frame, (void *)HOLE_ADDRESS, SIGSEGV);
	expect_signal(return_without_frame, (void *)16, SIGSEGV);
}

static void nothing(int number)
{
	(void)number;
}

static int signal_on_bad_stack(void *address)
{
	struct itimerval timer = { { 0, 0 }, { 0, 10000 } };

	signal(SIGALRM, nothing);
	setitimer(ITIMER_REAL, &timer, NULL);
	__asm__ volatile("mov %0, %%rsp\n1:\tjmp 1b" ::"r"(address));
	__builtin_unreachable();
}

TEST(hostile, takes_signals_on_no_stack)
{
	expect_signal(signal_on_bad_stack, (void *)KERNEL_ADDRESS, SIGSEGV);
	expect_signal(signal_on_bad_stack, (void *)HOLE_ADDRESS, SIGSEGV);
	expect_signal(signal_on_bad_stack, NULL, SIGSEGV);
	expect_signal(signal_on_bad_stack, (void *)0x10000, SIGSEGV);
}

TEST(hostile, sets_bad_segment_bases)
{
	enum { SET_GS = 0x1001, SET_FS = 0x1002 };

	EXPECT_ERROR(syscall(SYS_arch_prctl, SET_FS, KERNEL_ADDRESS), EPERM);
	EXPECT_ERROR(syscall(SYS_arch_prctl, SET_GS, KERNEL_ADDRESS), EPERM);
	EXPECT_ERROR(syscall(SYS_arch_prctl, SET_FS, HOLE_ADDRESS), EPERM);
	EXPECT_ERROR(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
	EXPECT_ERROR(syscall(SYS_arch_prctl, 0x1003, 8), EFAULT);
}

/* --- system calls --------------------------------------------------------------------------------- */

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

/* --- exhaustion ------------------------------------------------------------------------------------- */

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

TEST(hostile, fork_bomb_within_a_limit)
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

TEST_GUEST(hostile, fork_bomb_without_limit, 240)
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

TEST_GUEST(hostile, allocates_all_memory, 120)
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

TEST_GUEST(hostile, fills_the_file_system, 120)
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

TEST(hostile, opens_all_descriptors)
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

TEST_GUEST(hostile, leaves_nothing_behind, 120)
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
