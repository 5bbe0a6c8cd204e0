/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program finds at its start: registers, stack, segments; interpreters; the other ABI. */
#include "redox_test.h"

#include <cryptos/scheme.h>

#include "elf_file.h"

#define STACK_BYTES (1024 * 1024)

static const char *const no_strings[] = { NULL };
static const char *const two_strings[] = { "zero", "one", NULL };

static uint64_t run_code(const char *code, const char *end, unsigned code_flags, uint64_t data_size)
{
	const struct elf_request request = {
		.code = code,
		.code_size = (size_t)(end - code),
		.code_flags = code_flags,
		.data_size = data_size,
		.brand = REDOX_ELF_BRAND,
	};
	int64_t child;

	elf_file_make("program", &request);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0)
		process_exit((unsigned)-process_execute("program", two_strings, no_strings));
	return test_wait(child);
}

#define EXIT "movl $1, %eax; syscall;"

CODE(check_registers, "orq %rbx, %rax; orq %rcx, %rax; orq %rdx, %rax; orq %rsi, %rax;"
		      "orq %rdi, %rax; orq %rbp, %rax; orq %r8, %rax; orq %r9, %rax;"
		      "orq %r10, %rax; orq %r11, %rax; orq %r12, %rax; orq %r13, %rax;"
		      "orq %r14, %rax; orq %r15, %rax; movq %xmm0, %rbx; orq %rbx, %rax;"
		      "movq %xmm15, %rbx; orq %rbx, %rax; setnz %dil; movzbl %dil, %edi;"
		      "subq $8, %rsp; stmxcsr (%rsp); cmpl $0x1f80, (%rsp); je 1f; orl $2, %edi;"
		      "1: fnstcw (%rsp); cmpw $0x37f, (%rsp); je 2f; orl $4, %edi; 2:" EXIT);

TEST(program, registers_are_zero)
{
	uint64_t value = 0x1234;

	__asm__ volatile("movq %0, %%xmm15; movq %0, %%xmm0" : : "r"(value) : "xmm0", "xmm15");
	EXPECT_EQUAL(run_code(check_registers, check_registers_end, 0, 0), 0);
}

/* argc, argv, 0, envp (none), 0, auxiliary vector: exits with the number of the first that is
 * wrong. The program headers are found by their first word, PT_LOAD. */
CODE(check_stack,
     "movl $1, %edi; cmpq $2, (%rsp); jne 9f; incl %edi; movq 8(%rsp), %rax;"
     "cmpl $0x6f72657a, (%rax); jne 9f; incl %edi; movq 16(%rsp), %rax;"
     "cmpl $0x656e6f, (%rax); jne 9f; incl %edi; cmpq $0, 24(%rsp); jne 9f;"
     "incl %edi; cmpq $0, 32(%rsp); jne 9f; incl %edi; leaq 40(%rsp), %rsi; xorl %ebx, %ebx;"
     "1: lodsq; movq %rax, %rcx; lodsq; testq %rcx, %rcx; jz 5f;"
     "cmpl $9, %ecx; jne 2f; incl %ebx; cmpq $0x10000000, %rax; jne 9f; 2:"
     "cmpl $3, %ecx; jne 3f; incl %ebx; cmpl $1, (%rax); jne 9f; 3:"
     "cmpl $4, %ecx; jne 4f; incl %ebx; cmpq $56, %rax; jne 9f; 4:"
     "cmpl $5, %ecx; jne 1b; incl %ebx; cmpq $1, %rax; jne 9f; jmp 1b;"
     "5: incl %edi; cmpl $4, %ebx; jne 9f; xorl %edi, %edi; 9:" EXIT);

TEST(program, stack_begins_as_it_should)
{
	EXPECT_EQUAL(run_code(check_stack, check_stack_end, 0, 0), 0);
}

/* Down to nearly a megabyte; and one page further than that. */
CODE(use_stack, "movl $0xfe000, %ecx; subq %rcx, %rsp; movb $1, (%rsp); xorl %edi, %edi;" EXIT);
CODE(overflow_stack, "1: pushq $0; jmp 1b;");
CODE(run_on_stack, "subq $16, %rsp; movb $0xc3, (%rsp); call *%rsp; xorl %edi, %edi;" EXIT);

TEST(program, stack_is_a_megabyte)
{
	EXPECT_EQUAL(run_code(use_stack, use_stack_end, 0, 0), 0);
	EXPECT_EQUAL(run_code(overflow_stack, overflow_stack_end, 0, 0), SIGSEGV);
	EXPECT_EQUAL(run_code(run_on_stack, run_on_stack_end, 0, 0), SIGSEGV);
}

CODE(write_code, "leaq write_code(%rip), %rax; movb $0x90, (%rax); xorl %edi, %edi;" EXIT);
CODE(run_data, "movl $0x10010000, %eax; movb $0xc3, (%rax); call *%rax; xorl %edi, %edi;" EXIT);
CODE(read_code, "leaq read_code(%rip), %rax; movb (%rax), %al; xorl %edi, %edi;" EXIT);

TEST(program, code_is_never_writable)
{
	EXPECT_EQUAL(run_code(write_code, write_code_end, 5, 0), SIGSEGV);
	EXPECT_EQUAL(run_code(write_code, write_code_end, 7, 0), SIGSEGV);
	EXPECT_EQUAL(run_code(run_data, run_data_end, 7, 64), SIGSEGV);
	EXPECT_EQUAL(run_code(read_code, read_code_end, 1, 0), 0);
}

/* Eight bytes of the file, then zeros, in the same page (where the file has ones) and far behind. */
CODE(check_data, "movl $0x10010000, %esi; movl $1, %edi; cmpq $-1, (%rsi); jne 9f; incl %edi;"
		 "cmpq $0, 8(%rsi); jne 9f; incl %edi; cmpq $0, 0x20000(%rsi); jne 9f;"
		 "movq %rsi, 0x20000(%rsi); xorl %edi, %edi; 9:" EXIT);

TEST(program, data_ends_in_zeros)
{
	EXPECT_EQUAL(run_code(check_data, check_data_end, 0, 0x30000), 0);
}

/* Exits with 0 if the first argument ends with "program", the second is "one", AT_ENTRY is the
 * program's, and nothing of the program is mapped (its data would be at ELF_DATA_ADDRESS: a pipe's
 * write end would not take it; we ask by mprotect, which answers EFAULT). */
CODE(interpret, "movl $1, %edi; movq 8(%rsp), %rsi; cmpl $0x656c6966, (%rsi); jne 9f; incl %edi;"
		"movq 16(%rsp), %rsi; cmpl $0x656e6f, (%rsi); jne 9f; incl %edi;"
		"leaq 40(%rsp), %rsi; 1: lodsq; movq %rax, %rcx; lodsq; testq %rcx, %rcx; jz 9f;"
		"cmpl $9, %ecx; jne 1b; incl %edi; cmpq $0x10000000, %rax; jne 9f; incl %edi;"
		"movl $0x10010000, %edi; movl $4096, %esi; movl $0x60000, %edx; movl $0x7d, %eax;"
		"syscall; cmpl $-14, %eax; movl $6, %edi; jne 9f; xorl %edi, %edi; 9:" EXIT);

TEST(program, interpreter_is_loaded_instead)
{
	const struct elf_request interpreter = {
		.code = interpret,
		.code_size = (size_t)(interpret_end - interpret),
		.brand = REDOX_ELF_BRAND,
	};
	struct elf_request program = {
		.code = interpret,
		.code_size = (size_t)(interpret_end - interpret),
		.data_size = 64,
		.interpreter = "interpreter",
		.brand = REDOX_ELF_BRAND,
	};
	int64_t child;

	elf_file_make("interpreter", &interpreter);
	elf_file_make("program", &program);
	program.interpreter = "missing";
	elf_file_make("lost", &program);
	/* Whoever runs it could be anywhere. */
	program.interpreter = "/interpreter";
	elf_file_make("powerful", &program);
	EXPECT_EQUAL(file_change_mode(EXPECT_SUCCESS(file_open("powerful", REDOX_O_RDONLY)), 04755),
		     0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0) {
		EXPECT_ERROR(process_execute("lost", two_strings, no_strings), ENOENT);
		EXPECT_ERROR(process_execute("powerful", two_strings, no_strings), EACCES);
		process_exit((unsigned)-process_execute("program", two_strings, no_strings));
	}
	EXPECT_EQUAL(test_wait(child), 0);
}

/* --- A program out of a scheme that a process serves --- */

static char served[3 * 4096];
static uint64_t served_size, served_at;

static int64_t serve_open(const struct scheme_request *request, const char *path, size_t length,
			  uint64_t flags)
{
	(void)request;
	(void)path;
	(void)flags;
	served_at = 0;
	return length == 7 ? 1 : -ENOENT;
}

/* Less than was asked for. */
static int64_t serve_read(const struct scheme_request *request, uint64_t number, void *buffer,
			  size_t size)
{
	uint64_t count = served_size - served_at;

	(void)request;
	(void)number;
	if (count > size)
		count = size;
	if (count > 1000)
		count = 1000;
	memcpy(buffer, served + served_at, count);
	served_at += count;
	return (int64_t)count;
}

static int64_t serve_path(const struct scheme_request *request, uint64_t number, char *buffer,
			  size_t size)
{
	(void)request;
	(void)number;
	return snprintf(buffer, size, "execs:program");
}

static int64_t serve_status(const struct scheme_request *request, uint64_t number,
			    struct redox_stat *status)
{
	(void)request;
	(void)number;
	status->mode = 0x8000 | 04755;
	status->uid = 9;
	status->size = served_size;
	return 0;
}

static const struct scheme_handlers handlers = {
	.open = serve_open,
	.read = serve_read,
	.path = serve_path,
	.status = serve_status,
};

/* Exits with the effective id. */
CODE(exit_id, "movl $0xc9, %eax; syscall; movl %eax, %edi;" EXIT);

TEST(program, runs_from_a_served_scheme)
{
	const struct elf_request request = {
		.code = exit_id,
		.code_size = (size_t)(exit_id_end - exit_id),
		.data_size = 64,
		.brand = REDOX_ELF_BRAND,
	};
	struct scheme_server server;
	int64_t fd, provider, child;

	elf_file_make("program", &request);
	fd = EXPECT_SUCCESS(file_open("program", REDOX_O_RDONLY));
	served_size = (uint64_t)EXPECT_SUCCESS(file_read_whole(fd, served, sizeof(served)));
	EXPECT_EQUAL(scheme_create(&server, "execs", &handlers, NULL), 0);
	provider = EXPECT_SUCCESS(process_clone(0));
	if (provider == 0)
		process_exit((unsigned)-scheme_serve(&server));
	EXPECT_EQUAL(file_close(server.socket), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0)
		process_exit((unsigned)-process_execute("execs:program", two_strings, no_strings));
	EXPECT_EQUAL(test_wait(child), 9 << 8);
	EXPECT_EQUAL(signal_send(provider, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(provider), SIGKILL);
}

/* Runs a command of the Linux shell with what it writes in `text`. */
static uint64_t run_shell(const char *command, const char *variable, char *text, size_t size)
{
	const char *const arguments[] = { "sh", "-c", command, NULL };
	const char *const variables[] = { "PATH=/bin:/usr/bin", variable, NULL };
	uint64_t ends[2];
	int64_t child, count;

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0) {
		file_duplicate_to((int64_t)ends[1], 1, NULL);
		file_close((int64_t)ends[1]);
		process_exit((unsigned)-process_execute("file:/bin/sh", arguments, variables));
	}
	EXPECT_EQUAL(file_close((int64_t)ends[1]), 0);
	count = EXPECT_SUCCESS(file_read_whole((int64_t)ends[0], text, size - 1));
	text[count] = 0;
	EXPECT_EQUAL(file_close((int64_t)ends[0]), 0);
	return test_wait(child);
}

TEST(program, linux_programs_start)
{
	char text[200];

	EXPECT_EQUAL(run_shell("echo \"$V\"; pwd; exit 5", "V=a value", text, sizeof(text)),
		     5 << 8);
	EXPECT_EQUAL(strncmp(text, "a value\n/tmp", 12), 0);
	EXPECT_EQUAL(run_shell("kill -9 $$", "V=", text, sizeof(text)), SIGKILL);
}

/* What means exit(7) to one and write(7, ...) to the other, which then exits with 3. */
CODE(exit_by_abi, "movl $1, %eax; movl $7, %edi; syscall; movl $60, %eax; movl $3, %edi; syscall");

#define REDOX 7
#define LINUX 3

static void make_marked(const char *path, uint8_t brand, bool linux_note, const char *interpreter)
{
	const struct elf_request request = {
		.code = exit_by_abi,
		.code_size = (size_t)(exit_by_abi_end - exit_by_abi),
		.brand = brand,
		.linux_note = linux_note,
		.interpreter = interpreter,
	};

	elf_file_make(path, &request);
}

static unsigned run_marked(const char *path)
{
	int64_t child = EXPECT_SUCCESS(process_clone(0));
	uint64_t status;

	if (child == 0)
		process_exit((unsigned)-process_execute(path, two_strings, no_strings));
	status = test_wait(child);
	EXPECT(status_is_exit(status));
	return status_exit(status);
}

static unsigned run_marked_by_shell(const char *path)
{
	char command[64], text[16];
	uint64_t status;

	snprintf(command, sizeof(command), "exec ./%s", path);
	status = run_shell(command, "V=", text, sizeof(text));
	EXPECT(status_is_exit(status));
	return status_exit(status);
}

TEST(program, abi_is_found_by_its_marks)
{
	make_marked("unmarked", 0, false, NULL);
	make_marked("redox", REDOX_ELF_BRAND, false, NULL);
	make_marked("linux", 3, false, NULL);
	make_marked("note", REDOX_ELF_BRAND, true, NULL);
	EXPECT_EQUAL(run_marked("unmarked"), REDOX);
	EXPECT_EQUAL(run_marked("redox"), REDOX);
	EXPECT_EQUAL(run_marked("linux"), LINUX);
	EXPECT_EQUAL(run_marked("note"), LINUX);
	EXPECT_EQUAL(run_marked_by_shell("unmarked"), LINUX);
	EXPECT_EQUAL(run_marked_by_shell("redox"), REDOX);
	EXPECT_EQUAL(run_marked_by_shell("linux"), LINUX);
	EXPECT_EQUAL(run_marked_by_shell("note"), LINUX);
	/* Linux's interpreter, which is not there: Linux looks for it, Redox for that file. */
	make_marked("interpreter", 0, false, "/lib/ld-musl-none.so.1");
	EXPECT_EQUAL(run_marked("interpreter"), ENOENT);
}

TEST_HELPER(say)
{
	print("%s\n", argument);
	return 6;
}

/* Down to Linux, up to Redox, and through a pipe between the two. */
TEST(program, pipelines_of_both)
{
	char command[256], text[200];

	snprintf(command, sizeof(command),
		 "%s --helper say 'from redox' | { read a b; echo $b $a; }",
		 test_program() + strlen("file:"));
	EXPECT_EQUAL(run_shell(command, "V=", text, sizeof(text)), 0);
	EXPECT_EQUAL(strcmp(text, "redox from\n"), 0);
	snprintf(command, sizeof(command), "%s --helper say x; echo $?; sleep 0.01 & wait; echo $?",
		 test_program() + strlen("file:"));
	EXPECT_EQUAL(run_shell(command, "V=", text, sizeof(text)), 0);
	EXPECT_EQUAL(strcmp(text, "x\n6\n0\n"), 0);
}

/* A Linux parent hears of the children that it inherits. */
TEST_HELPER(leave_orphan)
{
	int64_t child;

	(void)argument;
	child = process_clone(0);
	if (child == 0) {
		sleep_milliseconds(50);
		process_exit(0);
	}
	return 0;
}

TEST(program, linux_parents_inherit)
{
	char command[256], text[200];

	snprintf(command, sizeof(command), "%s --helper leave_orphan x; sleep 0.2; echo alive",
		 test_program() + strlen("file:"));
	EXPECT_EQUAL(run_shell(command, "V=", text, sizeof(text)), 0);
	EXPECT_EQUAL(strcmp(text, "alive\n"), 0);
}
