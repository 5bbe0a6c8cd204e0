/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `proc:` and `thisproc:`: registers, memory and program of processes. */
#include "redox_test.h"

#include <base/format.h>

#define NOT_CANONICAL UINT64_C(0x0000800000000000)

static int64_t open_of(int64_t pid, const char *what, uint64_t flags)
{
	char path[64];

	snprintf(path, sizeof(path), "proc:%d/%s", (int)pid, what);
	return file_open(path, flags);
}

static uint64_t thread_word[2];

static uint64_t fs_word(void)
{
	uint64_t value;

	__asm__ volatile("movq %%fs:8, %0" : "=r"(value));
	return value;
}

TEST(proc, thread_pointer)
{
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_RDWR));
	struct redox_environment_registers bases;

	EXPECT_EQUAL(file_read(fd, &bases, sizeof(bases)), sizeof(bases));
	thread_word[1] = 4711;
	bases.fs_base = (uint64_t)thread_word;
	EXPECT_EQUAL(file_write(fd, &bases, sizeof(bases)), sizeof(bases));
	EXPECT_EQUAL(fs_word(), 4711);
	bases.fs_base = 0;
	EXPECT_EQUAL(file_read(fd, &bases, sizeof(bases)), sizeof(bases));
	EXPECT_EQUAL(bases.fs_base, (uint64_t)thread_word);
	process_yield();
	EXPECT_EQUAL(fs_word(), 4711);
}

TEST(proc, bad_thread_pointers)
{
	static const uint64_t bad[] = { NOT_CANONICAL, UINT64_C(0xffff7fffffffffff),
					UINT64_C(0x1234567812345678) };
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_WRONLY));
	struct redox_environment_registers bases = { 0 };

	for (size_t i = 0; i < array_length(bad); i++) {
		bases = (struct redox_environment_registers){ .fs_base = bad[i] };
		EXPECT_ERROR(file_write(fd, &bases, sizeof(bases)), EINVAL);
		bases = (struct redox_environment_registers){ .gs_base = bad[i] };
		EXPECT_ERROR(file_write(fd, &bases, sizeof(bases)), EINVAL);
	}
	/* Of the kernel's half: useless, but no harm. */
	bases = (struct redox_environment_registers){ .fs_base = UINT64_C(0xffff800000000000) };
	EXPECT_EQUAL(file_write(fd, &bases, sizeof(bases)), sizeof(bases));
	process_yield();
	bases = (struct redox_environment_registers){ 0 };
	EXPECT_EQUAL(file_write(fd, &bases, 8), 0);
	EXPECT_EQUAL(file_write(fd, &bases, sizeof(bases)), sizeof(bases));
}

TEST(proc, names)
{
	char name[64];
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/mem", REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(syscall(fpath, fd, name, sizeof(name)));

	EXPECT_EQUAL(length, 20);
	EXPECT(memcmp(name, "thisproc:current/mem", 20) == 0);
	EXPECT_ERROR(file_open("thisproc:1/mem", REDOX_O_RDONLY), EACCES);
	EXPECT_ERROR(file_open("thisproc:current/nothing", REDOX_O_RDONLY), EINVAL);
	EXPECT_ERROR(file_open("thisproc:current", REDOX_O_RDONLY), EINVAL);
	EXPECT_ERROR(file_open("proc:60000/mem", REDOX_O_RDONLY), ESRCH);
	EXPECT_ERROR(file_open("proc:99999999999/mem", REDOX_O_RDONLY), ESRCH);
	EXPECT_ERROR(file_open("proc:-1/mem", REDOX_O_RDONLY), ESRCH);
	fd = EXPECT_SUCCESS(syscall(dup, fd, "regs/env", 8));
	EXPECT_EQUAL(file_read(fd, name, sizeof(name)), sizeof(struct redox_environment_registers));
}

TEST(proc, program)
{
	char name[64];
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/exe", REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(file_read(fd, name, sizeof(name)));

	EXPECT_EQUAL(length, strlen(test_program()));
	EXPECT(memcmp(name, test_program(), (size_t)length) == 0);
	EXPECT_EQUAL(file_read(fd, name, sizeof(name)), 0);
	EXPECT_ERROR(file_write(fd, name, 1), EBADF);
}

TEST(proc, own_memory)
{
	static const char text[] = "seen";
	char buffer[8] = "";
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/mem", REDOX_O_RDWR));

	EXPECT_EQUAL(syscall(lseek, fd, text, REDOX_SEEK_SET), (int64_t)(uint64_t)text);
	EXPECT_EQUAL(file_read(fd, buffer, 5), 5);
	EXPECT(memcmp(buffer, text, 5) == 0);
	EXPECT_EQUAL(syscall(lseek, fd, buffer, REDOX_SEEK_SET), (int64_t)(uint64_t)buffer);
	EXPECT_EQUAL(file_write(fd, "new", 4), 4);
	EXPECT(memcmp(buffer, "new", 4) == 0);
	EXPECT_EQUAL(syscall(lseek, fd, 16, REDOX_SEEK_SET), 16);
	EXPECT_ERROR(file_read(fd, buffer, 5), EFAULT);
	EXPECT_ERROR(file_write(fd, buffer, 5), EFAULT);
}

/* --- Other processes. --- */

static volatile uint64_t shown = 0x1111;

/* Loops with a known register until that is changed. */
static unsigned loop_on_register(void *argument)
{
	uint64_t value = 0xabcdef, xmm = 77;

	(void)argument;
	__asm__ volatile("movq %1, %%xmm3\n"
			 "movq %2, %%r15\n"
			 "1: pause\n"
			 "cmpq $0xabcdef, %%r15\n"
			 "je 1b\n"
			 "movq %%r15, %0\n"
			 "movq %%xmm3, %1\n"
			 : "=&r"(value), "+r"(xmm)
			 : "r"(value)
			 : "r15", "xmm3");
	return shown == 0x2222 && xmm == 88 ? (unsigned)value : 1;
}

TEST(proc, other_process)
{
	int64_t child = test_spawn(loop_on_register, NULL);
	int64_t integer = EXPECT_SUCCESS(open_of(child, "regs/int", REDOX_O_RDWR));
	int64_t floating = EXPECT_SUCCESS(open_of(child, "regs/float", REDOX_O_RDWR));
	int64_t memory = EXPECT_SUCCESS(open_of(child, "mem", REDOX_O_RDWR));
	struct redox_integer_registers registers;
	struct redox_float_registers vector;
	uint64_t value;

	do {
		EXPECT_EQUAL(file_read(integer, &registers, sizeof(registers)), sizeof(registers));
	} while (registers.r15 != 0xabcdef);
	EXPECT_EQUAL(registers.cs & 3, 3);
	EXPECT_EQUAL(file_read(floating, &vector, sizeof(vector)), sizeof(vector));
	memcpy(&value, vector.bytes + 160 + 3 * 16, sizeof(value));
	EXPECT_EQUAL(value, 77);
	value = 88;
	memcpy(vector.bytes + 160 + 3 * 16, &value, sizeof(value));
	EXPECT_EQUAL(file_write(floating, &vector, sizeof(vector)), sizeof(vector));
	EXPECT_SUCCESS(syscall(lseek, memory, &shown, REDOX_SEEK_SET));
	EXPECT_EQUAL(file_read(memory, &value, sizeof(value)), sizeof(value));
	EXPECT_EQUAL(value, 0x1111);
	value = 0x2222;
	EXPECT_SUCCESS(syscall(lseek, memory, &shown, REDOX_SEEK_SET));
	EXPECT_EQUAL(file_write(memory, &value, sizeof(value)), sizeof(value));
	registers.r15 = 55;
	EXPECT_EQUAL(file_write(integer, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(test_wait(child), 55 << 8);
	EXPECT_EQUAL(shown, 0x1111);
	EXPECT_ERROR(file_read(integer, &registers, sizeof(registers)), ESRCH);
	EXPECT_ERROR(file_read(memory, &value, sizeof(value)), ESRCH);
}

static unsigned stop_myself(void *argument)
{
	(void)argument;
	signal_send(process_id(), SIGSTOP);
	return 3;
}

TEST(proc, stopped_process)
{
	int64_t child = test_spawn(stop_myself, NULL), integer;
	struct redox_integer_registers registers;
	uint64_t status;

	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED), child);
	integer = EXPECT_SUCCESS(open_of(child, "regs/int", REDOX_O_RDWR));
	for (int i = 0; i < 10; i++)
		EXPECT_EQUAL(file_read(integer, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(registers.rdi, child);
	EXPECT_EQUAL(registers.rsi, SIGSTOP);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED | REDOX_WNOHANG), 0);
	EXPECT_EQUAL(signal_send(child, SIGCONT), 0);
	EXPECT_EQUAL(test_wait(child), 3 << 8);
}

_Noreturn static unsigned sleep_long(void *argument)
{
	(void)argument;
	for (;;)
		sleep_milliseconds(10000);
}

TEST(proc, sleeping_process)
{
	int64_t child = test_spawn(sleep_long, NULL);
	int64_t integer = EXPECT_SUCCESS(open_of(child, "regs/int", REDOX_O_RDONLY));
	struct redox_integer_registers registers;

	test_let_block();
	EXPECT_EQUAL(file_read(integer, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(child), SIGKILL);
}

static unsigned look_as_user(void *argument)
{
	int64_t other = (int64_t)argument, mine, fd;
	struct redox_integer_registers registers;

	test_become_user(1000);
	EXPECT_ERROR(open_of(process_parent(), "mem", REDOX_O_RDONLY), EPERM);
	EXPECT_ERROR(open_of(other, "mem", REDOX_O_RDONLY), EPERM);
	EXPECT_ERROR(open_of(other, "regs/env", REDOX_O_RDONLY), EPERM);
	EXPECT_SUCCESS(open_of(other, "exe", REDOX_O_RDONLY));
	mine = test_spawn(sleep_long, NULL);
	fd = EXPECT_SUCCESS(open_of(mine, "regs/int", REDOX_O_RDONLY));
	EXPECT_EQUAL(file_read(fd, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(signal_send(mine, SIGKILL), 0);
	test_wait(mine);
	return 0;
}

TEST(proc, only_own_descendants)
{
	int64_t other = test_spawn(sleep_long, NULL);

	EXPECT_EQUAL(test_run_child(look_as_user, (void *)other), 0);
	EXPECT_EQUAL(signal_send(other, SIGKILL), 0);
	test_wait(other);
}

static unsigned look_from_sandbox(void *argument)
{
	struct redox_environment_registers bases;
	int64_t fd;

	(void)argument;
	EXPECT_EQUAL(namespace_set(0, 0), 0);
	EXPECT_ERROR(open_of(process_id(), "regs/env", REDOX_O_RDONLY), ENODEV);
	fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_RDWR));
	EXPECT_EQUAL(file_read(fd, &bases, sizeof(bases)), sizeof(bases));
	thread_word[1] = 99;
	bases.fs_base = (uint64_t)thread_word;
	EXPECT_EQUAL(file_write(fd, &bases, sizeof(bases)), sizeof(bases));
	EXPECT_EQUAL(fs_word(), 99);
	return 4;
}

TEST(proc, sandboxes_have_themselves)
{
	EXPECT_EQUAL(test_run_child(look_from_sandbox, NULL), 4 << 8);
}

/* The program begins with nothing in its registers but the stack pointer; its own start code may
 * have used some, so that is for a debugger to see. */
TEST_HELPER(empty)
{
	(void)argument;
	return 0;
}

static unsigned start_another(void *argument)
{
	(void)argument;
	shown = 1;
	while (shown != 0x2222)
		process_yield();
	test_exec_helper("empty", "");
}

TEST(proc, programs_begin_with_empty_registers)
{
	int64_t child = test_spawn(start_another, NULL);
	int64_t trace = EXPECT_SUCCESS(open_of(child, "trace", REDOX_O_RDWR | REDOX_O_TRUNC));
	int64_t integer = EXPECT_SUCCESS(open_of(child, "regs/int", REDOX_O_RDONLY));
	int64_t memory = EXPECT_SUCCESS(open_of(child, "mem", REDOX_O_RDWR));
	struct redox_integer_registers registers;
	struct redox_trace_event event;
	uint64_t call = 0, flags, value = 0x2222;

	while (call != REDOX_SYS_fexec) {
		flags = REDOX_STOP_PRE_SYSCALL;
		EXPECT_EQUAL(file_write(trace, &flags, sizeof(flags)), sizeof(flags));
		EXPECT_EQUAL(file_read(trace, &event, sizeof(event)), sizeof(event));
		EXPECT_EQUAL(file_read(integer, &registers, sizeof(registers)), sizeof(registers));
		call = registers.rax;
		if (call == REDOX_SYS_sched_yield) {
			EXPECT_SUCCESS(syscall(lseek, memory, &shown, REDOX_SEEK_SET));
			EXPECT_EQUAL(file_write(memory, &value, sizeof(value)), sizeof(value));
		}
	}
	flags = REDOX_STOP_POST_SYSCALL;
	EXPECT_EQUAL(file_write(trace, &flags, sizeof(flags)), sizeof(flags));
	EXPECT_EQUAL(file_read(trace, &event, sizeof(event)), sizeof(event));
	EXPECT_EQUAL(file_read(integer, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(registers.rax | registers.rbx | registers.rcx | registers.rdx | registers.rsi |
			     registers.rdi | registers.rbp | registers.r8 | registers.r9 |
			     registers.r10 | registers.r11 | registers.r12 | registers.r13 |
			     registers.r14 | registers.r15,
		     0);
	EXPECT_EQUAL(registers.rflags & ~(uint64_t)0x202, 0);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(child), SIGKILL);
}
