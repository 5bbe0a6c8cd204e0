/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calls, signals and sleeps leave in the registers: everything but rax, rcx and r11. */
#include "redox_test.h"

#define RFLAGS_KEPT 0xcd5 /* arithmetic flags and direction */
#define RFLAGS_IOPL 0x3000
#define VECTORS     16

struct machine {
	/* 0x00 */ uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
	/* 0x40 */ uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	/* 0x80 */ uint64_t rflags;
	/* 0x88 */ uint32_t mxcsr, padding;
	/* 0x90 */ uint64_t xmm[VECTORS][2];
};
_Static_assert(__builtin_offsetof(struct machine, xmm) == 0x90, "known below");

/* Loads `in` (but for rsp), runs the code at `code` by a jump to it and back through its jump to
 * machine_back, and stores everything in `out`. */
void machine_run(const struct machine *in, struct machine *out, const void *code);
void machine_call(void), machine_spin(void);

/* How the flag that ends machine_spin is reached without a register. */
volatile uint64_t machine_flag;

__asm__(".pushsection .text\n"
	".globl machine_run, machine_call, machine_spin\n"
	"machine_run:\n"
	"	pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
	"	pushq %rsi; pushq %rdx\n" /* out, code */
	"	ldmxcsr 0x88(%rdi)\n"
	"	.irp register, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movups 0x90+16*\\register(%rdi), %xmm\\register\n"
	"	.endr\n"
	"	movq 0x08(%rdi), %rbx; movq 0x10(%rdi), %rcx; movq 0x18(%rdi), %rdx\n"
	"	movq 0x20(%rdi), %rsi; movq 0x30(%rdi), %rbp; movq 0x40(%rdi), %r8\n"
	"	movq 0x48(%rdi), %r9; movq 0x50(%rdi), %r10; movq 0x58(%rdi), %r11\n"
	"	movq 0x60(%rdi), %r12; movq 0x68(%rdi), %r13; movq 0x70(%rdi), %r14\n"
	"	movq 0x78(%rdi), %r15; movq 0x00(%rdi), %rax\n"
	"	pushq 0x80(%rdi); movq 0x28(%rdi), %rdi; popfq\n"
	"	jmp *(%rsp)\n"
	"machine_back:\n"
	"	pushfq; pushq %rdi; movq 0x18(%rsp), %rdi\n"
	"	movq %rax, 0x00(%rdi); movq %rbx, 0x08(%rdi); movq %rcx, 0x10(%rdi)\n"
	"	movq %rdx, 0x18(%rdi); movq %rsi, 0x20(%rdi); movq %rbp, 0x30(%rdi)\n"
	"	movq %rsp, 0x38(%rdi); movq %r8, 0x40(%rdi); movq %r9, 0x48(%rdi)\n"
	"	movq %r10, 0x50(%rdi); movq %r11, 0x58(%rdi); movq %r12, 0x60(%rdi)\n"
	"	movq %r13, 0x68(%rdi); movq %r14, 0x70(%rdi); movq %r15, 0x78(%rdi)\n"
	"	popq %rax; movq %rax, 0x28(%rdi); popq %rax; movq %rax, 0x80(%rdi)\n"
	"	stmxcsr 0x88(%rdi)\n"
	"	.irp register, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"	movups %xmm\\register, 0x90+16*\\register(%rdi)\n"
	"	.endr\n"
	"	cld\n"
	"	addq $16, %rsp\n"
	"	popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx\n"
	"	ret\n"
	"machine_call:\n"
	"	syscall\n"
	"	jmp machine_back\n"
	/* Without changing any register or flag that is compared. */
	"machine_spin:\n"
	"	pushq %rcx; movq machine_flag(%rip), %rcx; jrcxz 1f; popq %rcx; jmp machine_back\n"
	"1:	popq %rcx; jmp machine_spin\n"
	".popsection\n");

static void fill(struct machine *machine, uint64_t seed)
{
	uint64_t *words = (uint64_t *)machine, state = seed | 1;

	for (size_t i = 0; i < sizeof(*machine) / sizeof(uint64_t); i++)
		words[i] = test_random(&state);
	machine->rflags = 0x202 | (machine->rflags & 0x8d5);
	/* All exceptions masked; any rounding, flags, and denormals as zeros. */
	machine->mxcsr = 0x1f80 | (machine->mxcsr & 0x607f);
}

static void set_bases(uint64_t fs_base, uint64_t gs_base)
{
	const struct redox_environment_registers bases = { fs_base, gs_base };
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_RDWR));

	EXPECT_EQUAL(file_write(fd, &bases, sizeof(bases)), sizeof(bases));
	EXPECT_EQUAL(file_close(fd), 0);
}

/* With the base's segment: what is there. */
static uint64_t read_fs(void)
{
	uint64_t value;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(value));
	return value;
}

static uint64_t read_gs(void)
{
	uint64_t value;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(value));
	return value;
}

static void compare(const struct machine *in, const struct machine *out, bool whole)
{
	EXPECT_EQUAL(out->rbx, in->rbx);
	EXPECT_EQUAL(out->rdx, in->rdx);
	EXPECT_EQUAL(out->rsi, in->rsi);
	EXPECT_EQUAL(out->rdi, in->rdi);
	EXPECT_EQUAL(out->rbp, in->rbp);
	EXPECT_EQUAL(out->r8, in->r8);
	EXPECT_EQUAL(out->r9, in->r9);
	EXPECT_EQUAL(out->r10, in->r10);
	EXPECT_EQUAL(out->r12, in->r12);
	EXPECT_EQUAL(out->r13, in->r13);
	EXPECT_EQUAL(out->r14, in->r14);
	EXPECT_EQUAL(out->r15, in->r15);
	EXPECT_EQUAL(out->rflags & RFLAGS_KEPT, in->rflags & RFLAGS_KEPT);
	EXPECT_EQUAL(out->mxcsr, in->mxcsr);
	EXPECT(memcmp(out->xmm, in->xmm, sizeof(in->xmm)) == 0);
	if (!whole)
		return;
	EXPECT_EQUAL(out->rax, in->rax);
	EXPECT_EQUAL(out->rcx, in->rcx);
	EXPECT_EQUAL(out->r11, in->r11);
}

/* Arguments with which no call does anything but fail or ask. */
static void try_call(uint64_t number, uint64_t seed)
{
	struct machine in, out;

	fill(&in, seed);
	in.rax = number;
	in.rdi = 60000; /* no descriptor, no signal, no process */
	in.rsi = UINT64_C(0xffff800000000000);
	in.rdx = 1;
	machine_run(&in, &out, machine_call);
	compare(&in, &out, false);
}

#define EACH_NUMBER(number, name) number,

TEST(registers, survive_calls)
{
	static const uint64_t numbers[] = { REDOX_SYSCALLS(EACH_NUMBER) 0, 0x77777777 };
	static uint64_t fs_area[2] = { 11 }, gs_area[2] = { 22 };

	set_bases((uint64_t)fs_area, (uint64_t)gs_area);
	for (size_t i = 0; i < array_length(numbers); i++) {
		switch (numbers[i]) {
		case REDOX_SYS_exit:
		case REDOX_SYS_clone:
		case REDOX_SYS_umask:
		case REDOX_SYS_setreuid:
		case REDOX_SYS_setregid:
		case REDOX_SYS_setrens:
		case REDOX_SYS_physalloc:
			continue;
		default:
			try_call(numbers[i], i + 1);
			EXPECT_EQUAL(read_fs(), 11);
			EXPECT_EQUAL(read_gs(), 22);
		}
	}
	set_bases(0, 0);
}

TEST(registers, survive_sleeps)
{
	static const struct redox_timespec pause = { .nanoseconds = 3000000 };
	struct machine in, out;

	for (unsigned i = 1; i < 20; i++) {
		fill(&in, i);
		in.rax = REDOX_SYS_nanosleep;
		in.rdi = (uint64_t)&pause;
		in.rsi = 0;
		machine_run(&in, &out, machine_call);
		EXPECT_EQUAL(out.rax, 0);
		compare(&in, &out, false);
	}
}

/* Leaves nothing as it was. */
static void spoil(int signal)
{
	(void)signal;
	__asm__ volatile(
		"pcmpeqd %%xmm0, %%xmm0; pcmpeqd %%xmm7, %%xmm7; pcmpeqd %%xmm15, %%xmm15\n"
		"fld1; xorl %%r8d, %%r8d; xorl %%r11d, %%r11d; xorl %%ecx, %%ecx\n"
		"xorl %%r10d, %%r10d; xorl %%edi, %%edi"
		:
		:
		: "r8", "r10", "r11", "rcx", "rdi", "xmm0", "xmm7", "xmm15");
	machine_flag++;
}

static unsigned spoil_parent(void *argument)
{
	(void)argument;
	test_let_block();
	EXPECT_EQUAL(signal_send(process_parent(), SIGUSR1), 0);
	return 0;
}

TEST(registers, survive_handlers_out_of_a_loop)
{
	struct machine in, out;
	int64_t child;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, spoil, 0, NULL), 0);
	for (unsigned i = 1; i < 4; i++) {
		machine_flag = 0;
		child = test_spawn(spoil_parent, NULL);
		fill(&in, i);
		machine_run(&in, &out, machine_spin);
		compare(&in, &out, true);
		EXPECT_EQUAL(machine_flag, 1);
		EXPECT_EQUAL(test_wait(child), 0);
	}
}

TEST(registers, survive_handlers_in_calls)
{
	struct machine in, out;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, spoil, 0, NULL), 0);
	machine_flag = 0;
	fill(&in, 99);
	in.rax = REDOX_SYS_kill;
	in.rdi = (uint64_t)process_id();
	in.rsi = SIGUSR1;
	machine_run(&in, &out, machine_call);
	EXPECT_EQUAL(machine_flag, 1);
	EXPECT_EQUAL(out.rax, 0);
	compare(&in, &out, false);
}

static uint64_t flags_inside, xmm_inside;

static void look(int signal)
{
	(void)signal;
	__asm__ volatile("pushfq; popq %0; movq %%xmm5, %1" : "=r"(flags_inside), "=r"(xmm_inside));
}

TEST(registers, are_fresh_in_handlers)
{
	struct machine in, out;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, look, 0, NULL), 0);
	fill(&in, 5);
	in.rax = REDOX_SYS_kill;
	in.rdi = (uint64_t)process_id();
	in.rsi = SIGUSR1;
	in.rflags |= 0x400; /* direction */
	machine_run(&in, &out, machine_call);
	EXPECT_EQUAL(flags_inside & 0x400, 0);
	EXPECT_EQUAL(xmm_inside, 0);
}

static uint64_t flags(void)
{
	uint64_t value;

	__asm__ volatile("pushfq; popq %0" : "=r"(value));
	return value;
}

static unsigned iopl_as_user(void *argument)
{
	(void)argument;
	test_become_user(1000);
	EXPECT_ERROR(syscall(iopl, 3), EPERM);
	EXPECT_ERROR(syscall(iopl, 4), EPERM);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, 0);
	return 0;
}

static void set_iopl(int signal)
{
	EXPECT_EQUAL(syscall(iopl, signal == SIGUSR1 ? 3 : 0), 0);
}

/* What a handler gives up, or takes, does not come back with sigreturn. */
TEST(registers, iopl_in_handlers)
{
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, set_iopl, 0, NULL), 0);
	EXPECT_EQUAL(signal_set_handler(SIGUSR2, set_iopl, 0, NULL), 0);
	EXPECT_EQUAL(signal_send(process_id(), SIGUSR1), 0);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, RFLAGS_IOPL);
	EXPECT_EQUAL(signal_send(process_id(), SIGUSR2), 0);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, 0);
}

TEST(registers, iopl)
{
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, 0);
	EXPECT_ERROR(syscall(iopl, 4), EINVAL);
	EXPECT_EQUAL(test_run_child(iopl_as_user, NULL), 0);
	EXPECT_EQUAL(syscall(iopl, 3), 0);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, RFLAGS_IOPL);
	/* It lasts, also through handlers, and lets port instructions run. */
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, look, 0, NULL), 0);
	EXPECT_EQUAL(signal_send(process_id(), SIGUSR1), 0);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, RFLAGS_IOPL);
	process_yield();
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, RFLAGS_IOPL);
	__asm__ volatile("outb %%al, $0x80" : : "a"(0));
	EXPECT_EQUAL(syscall(iopl, 0), 0);
	EXPECT_EQUAL(flags() & RFLAGS_IOPL, 0);
}
