/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs that mean harm or know no better. Whatever they do, they alone come to grief.
 */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
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
	int status;

	for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++) {
		status = test_run_child(general[i], NULL);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV)
			test_fail(__FILE__, __LINE__, "instruction %zu: status %#x", i,
				  (unsigned)status);
	}
	/* QEMU 7.2 makes a far return's stack accesses as the kernel: with SMAP that is a page fault
	 * from user mode whose error code says kernel mode. Linux answers with SIGKILL. */
	EXPECT(WIFSIGNALED(test_run_child(far_return, NULL)));
	expect_signal(no_instruction, NULL, SIGILL);
	expect_signal(break_point, NULL, SIGTRAP);
	/* A stack fault, but QEMU 7.2 makes it a protection fault. */
	status = test_run_child(bad_stack, NULL);
	EXPECT(WIFSIGNALED(status) && (WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV));
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
	struct itimerval timer = { { 0, 10000 }, { 0, 10000 } };

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
