/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fexec: what it checks, what it leaves alone, what it hands over. */
#include "redox_test.h"

#include "elf_file.h"

static const char *const no_strings[] = { NULL };
static const char *const one_string[] = { "one", NULL };

/* Exits with 7. */
CODE(exit_seven, "movl $1, %eax; movl $7, %edi; syscall");

static void make_program(const char *path, unsigned mode)
{
	const struct elf_request request = {
		.code = exit_seven,
		.code_size = (size_t)(exit_seven_end - exit_seven),
		.mode = mode,
		.brand = REDOX_ELF_BRAND,
	};

	elf_file_make(path, &request);
}

static int64_t try_exec(int64_t fd)
{
	const struct redox_slice slice = { (uint64_t) "a", 1 };

	return syscall(fexec, fd, &slice, 1, &slice, 1);
}

/* fexec of `path` in a child, which is to fail so; `consumed` tells whether the descriptor is. */
static void expect_failure(const char *path, int error, bool consumed)
{
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0) {
		int64_t fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));

		EXPECT_ERROR(try_exec(fd), error);
		EXPECT_EQUAL(file_close(fd), consumed ? -EBADF : 0);
		process_exit(0);
	}
	EXPECT_EQUAL(test_wait(child), 0);
}

/* The wait status of a child that becomes the program. */
static uint64_t run_program(const char *path)
{
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0)
		process_exit((unsigned)-process_execute(path, one_string, no_strings));
	return test_wait(child);
}

TEST(exec, runs_a_program)
{
	make_program("program", 0);
	EXPECT_EQUAL(run_program("program"), 7 << 8);
}

TEST(exec, bad_descriptors)
{
	EXPECT_ERROR(try_exec(99), EBADF);
	EXPECT_ERROR(try_exec(-1), EBADF);
}

TEST(exec, mode_decides)
{
	make_program("program", 0600);
	/* Root may in any case. */
	EXPECT_EQUAL(run_program("program"), 7 << 8);
	make_program("program", 0644);
	make_program("other", 0755);
	test_become_user(1000);
	expect_failure("program", EACCES, false);
	EXPECT_EQUAL(run_program("other"), 7 << 8);
}

/* The owner may also use everybody's right. */
TEST(exec, rights_add_up)
{
	int64_t fd;

	make_program("program", 0645);
	fd = EXPECT_SUCCESS(file_open("program", REDOX_O_RDONLY));
	EXPECT_EQUAL(file_change_owner(fd, 1000, 1000), 0);
	EXPECT_EQUAL(file_close(fd), 0);
	test_become_user(1000);
	EXPECT_EQUAL(run_program("program"), 7 << 8);
}

TEST(exec, must_be_readable_by_the_descriptor)
{
	int64_t fd;

	make_program("program", 0);
	fd = EXPECT_SUCCESS(file_open("program", REDOX_O_WRONLY));
	EXPECT_ERROR(try_exec(fd), EBADF);
}

TEST(exec, must_be_a_program)
{
	make_program("short", 0);
	test_write_file("text",
			"just text that is longer than the header of a program would be ...");
	test_write_file("script", "#!file:/bin/redox-hello\n");
	test_write_file("empty", "");
	EXPECT_EQUAL(path_change_mode("text", 0755), 0);
	EXPECT_EQUAL(path_change_mode("script", 0755), 0);
	EXPECT_EQUAL(path_change_mode("empty", 0755), 0);
	{
		int64_t fd = EXPECT_SUCCESS(file_open("short", REDOX_O_RDWR));

		EXPECT_EQUAL(file_truncate(fd, 40), 0);
		EXPECT_EQUAL(file_close(fd), 0);
	}
	expect_failure("text", ENOEXEC, true);
	expect_failure("script", ENOEXEC, true);
	expect_failure("empty", ENOEXEC, true);
	expect_failure("short", ENOEXEC, true);
	expect_failure("file:/bin", EACCES, false);
}

TEST(exec, checks_every_slice_first)
{
	const struct redox_slice good = { (uint64_t) "a", 1 }, bad = { 8, 1 },
				 kernel = { UINT64_C(0xffff800000000000), 8 },
				 wraps = { UINT64_MAX - 1, 4 };
	struct redox_slice list[2] = { good, bad };
	int64_t fd;

	make_program("program", 0);
	fd = EXPECT_SUCCESS(file_open("program", REDOX_O_RDONLY));
	EXPECT_ERROR(syscall(fexec, fd, 8, 1, &good, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, 1, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, UINT64_MAX, &good, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, UINT64_C(1) << 60, &good, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, 1, &good, UINT64_C(1) << 40), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, list, 2, &good, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, 1, list, 2), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &kernel, 1, &good, 1), EFAULT);
	EXPECT_ERROR(syscall(fexec, fd, &good, 1, &wraps, 1), EFAULT);
	EXPECT_EQUAL(file_close(fd), 0);
}

TEST(exec, counts_arguments)
{
	static struct redox_slice list[4096];
	int64_t fd, child;

	for (size_t i = 0; i < array_length(list); i++)
		list[i] = (struct redox_slice){ (uint64_t) "x", 1 };
	make_program("program", 0);
	fd = EXPECT_SUCCESS(file_open("program", REDOX_O_RDONLY));
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0) {
		EXPECT_ERROR(syscall(fexec, fd, list, 2000, list, 2096), E2BIG);
		process_exit(0);
	}
	EXPECT_EQUAL(test_wait(child), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0) {
		syscall(fexec, fd, list, 2000, list, 2095);
		process_exit(99);
	}
	EXPECT_EQUAL(test_wait(child), 7 << 8);
}

TEST_HELPER(check_strings)
{
	static const char *const wanted[] = { "zero", "--helper", "check_strings",
					      "x",    "",         "two words" };

	(void)argument;
	for (size_t i = 0; i < array_length(wanted); i++)
		if (!program_arguments[i] || strcmp(program_arguments[i], wanted[i]) != 0)
			return 1 + (unsigned)i;
	if (program_arguments[array_length(wanted)])
		return 20;
	if (strcmp(program_environment[0], "A=1") != 0 ||
	    strcmp(program_environment[1], "no variable") != 0 || program_environment[2])
		return 30;
	/* Nothing is aligned to more than this. */
	return (uintptr_t)program_arguments % 8 == 0 ? 0 : 40;
}

TEST(exec, hands_over_the_strings)
{
	static const char *const arguments[] = { "zero",      "--helper", "check_strings", "x", "",
						 "two words", NULL };
	static const char *const environment[] = { "A=1", "no variable", NULL };
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0)
		process_exit((unsigned)-process_execute(test_program(), arguments, environment));
	EXPECT_EQUAL(test_wait(child), 0);
}

/* "FD FD": the first is open, the second is not. */
TEST_HELPER(check_descriptors)
{
	char byte;

	if (file_read(argument[0] - '0', &byte, 1) != 1 || byte != 'd')
		return 1;
	return file_close(argument[2] - '0') == -EBADF ? 0 : 2;
}

TEST(exec, closes_what_is_marked)
{
	char text[4] = "0 0";
	int64_t stays, goes, child;

	test_write_file("file", "data");
	stays = EXPECT_SUCCESS(file_open("file", REDOX_O_RDONLY));
	goes = EXPECT_SUCCESS(file_open("file", REDOX_O_RDONLY | REDOX_O_CLOEXEC));
	text[0] = (char)('0' + stays);
	text[2] = (char)('0' + goes);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0)
		test_exec_helper("check_descriptors", text);
	EXPECT_EQUAL(test_wait(child), 0);
	/* In the parent, which shares nothing, it is open. */
	EXPECT_EQUAL(file_close(goes), 0);
	/* Who shares the table has one of its own from then on. */
	goes = EXPECT_SUCCESS(file_open("file", REDOX_O_RDONLY | REDOX_O_CLOEXEC));
	EXPECT_EQUAL(file_seek(stays, 0, REDOX_SEEK_SET), 0);
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_FILES));
	if (child == 0)
		test_exec_helper("check_descriptors", text);
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(file_close(goes), 0);
}

static void handle(int signal)
{
	(void)signal;
}

/* "PARENT": its id. */
TEST_HELPER(check_kept)
{
	struct redox_signal_action action;
	uint64_t mask[2] = { 0 };
	char name[64] = { 0 };

	(void)argument;
	if (process_umask(0) != 031)
		return 1;
	if (working_directory_get(name, sizeof(name)) != 9 || strcmp(name, "file:/tmp") != 0)
		return 2;
	if (user_id() != 3 || user_id_effective() != 4 || group_id() != 5 ||
	    group_id_effective() != 6)
		return 3;
	if (signal_mask(REDOX_SIG_BLOCK, NULL, mask) || mask[0] != 1u << (SIGUSR1 - 1))
		return 4;
	for (int signal = SIGUSR1; signal <= SIGUSR2; signal++) {
		if (syscall(sigaction, signal, 0, &action, 0) || action.handler)
			return 5;
	}
	return 0;
}

TEST(exec, keeps_what_is_the_process_s)
{
	const uint64_t mask[2] = { 1u << (SIGUSR1 - 1), 0 };
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0) {
		process_umask(031);
		EXPECT_EQUAL(working_directory_change("file:/tmp"), 0);
		EXPECT_EQUAL(signal_mask(REDOX_SIG_SETMASK, mask, NULL), 0);
		EXPECT_EQUAL(signal_set_handler(SIGUSR1, handle, 0, NULL), 0);
		EXPECT_EQUAL(signal_set_handler(SIGUSR2, SIGNAL_IGNORE, 0, NULL), 0);
		EXPECT_EQUAL(group_id_set(5, 6), 0);
		EXPECT_EQUAL(user_id_set(3, 4), 0);
		test_exec_helper("check_kept", "");
	}
	EXPECT_EQUAL(test_wait(child), 0);
}

/* Exits with real id * 16 + effective id, of users or, with a first argument "g", of groups. */
CODE(exit_ids, "movq 8(%rsp), %rax; cmpb $0x67, (%rax); je 1f;"
	       "movl $0xc7, %eax; syscall; movl %eax, %ebx; movl $0xc9, %eax; syscall; jmp 2f;"
	       "1: movl $0xc8, %eax; syscall; movl %eax, %ebx; movl $0xca, %eax; syscall;"
	       "2: shll $4, %ebx; addl %eax, %ebx; movl %ebx, %edi; movl $1, %eax; syscall");

static void make_set_id_program(const char *path, unsigned mode)
{
	const struct elf_request request = {
		.code = exit_ids,
		.code_size = (size_t)(exit_ids_end - exit_ids),
		.brand = REDOX_ELF_BRAND,
	};
	int64_t fd;

	elf_file_make(path, &request);
	fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));
	EXPECT_EQUAL(file_change_owner(fd, 2, 3), 0);
	EXPECT_EQUAL(file_change_mode(fd, mode), 0);
	EXPECT_EQUAL(file_close(fd), 0);
}

static uint64_t run_set_id(const char *path, const char *argument, uint64_t flags)
{
	const char *const arguments[] = { argument, NULL };
	int64_t child = EXPECT_SUCCESS(process_clone(flags));

	if (child == 0)
		process_exit((unsigned)-process_execute(path, arguments, no_strings));
	return test_wait(child);
}

TEST(exec, set_id_bits_set_the_effective_ids)
{
	make_set_id_program("neither", 0755);
	make_set_id_program("user", 04755);
	make_set_id_program("group", 02755);
	EXPECT_EQUAL(group_id_set(5, 5), 0);
	EXPECT_EQUAL(user_id_set(4, 4), 0);
	EXPECT_EQUAL(run_set_id("neither", "u", 0), 0x44 << 8);
	EXPECT_EQUAL(run_set_id("user", "u", 0), 0x42 << 8);
	EXPECT_EQUAL(run_set_id("user", "g", 0), 0x55 << 8);
	EXPECT_EQUAL(run_set_id("group", "g", 0), 0x53 << 8);
	EXPECT_EQUAL(run_set_id("user", "u", REDOX_CLONE_FS), 0x42 << 8);
}
