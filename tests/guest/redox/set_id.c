/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs with set-id bits keep from the user who runs them. */
#include "redox_test.h"

#include <base/format.h>

#define USER 1000

static char copied[65536];

/* A copy of this program that runs as root. */
static void make_set_id_copy(const char *path)
{
	int64_t from = EXPECT_SUCCESS(file_open(test_program(), REDOX_O_RDONLY));
	int64_t to = EXPECT_SUCCESS(file_open(path, REDOX_O_CREAT | REDOX_O_WRONLY | 0755));
	int64_t count;

	while ((count = EXPECT_SUCCESS(file_read(from, copied, sizeof(copied)))) > 0)
		EXPECT_EQUAL(file_write(to, copied, (size_t)count), count);
	EXPECT_EQUAL(file_change_owner(to, 0, 0), 0);
	EXPECT_EQUAL(file_change_mode(to, 04755), 0);
	EXPECT_EQUAL(file_close(from), 0);
	EXPECT_EQUAL(file_close(to), 0);
}

static _Noreturn void become(const char *path, const char *helper, const char *argument)
{
	const char *const arguments[] = { path, "--helper", helper, argument, NULL };

	test_fail(__FILE__, __LINE__, "exec: %d",
		  (int)process_execute(path, arguments, arguments + 4));
}

static int64_t open_of(int64_t pid, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "proc:%d/%s", (int)pid, what);
	return file_open(path, REDOX_O_RDWR);
}

TEST_HELPER(go_away)
{
	(void)argument;
	return user_id_effective() == 0 && working_directory_change("file:/bin") == 0 ? 0 : 1;
}

TEST(set_id, nobody_else_sets_the_directory)
{
	char before[128] = { 0 }, after[128] = { 0 };
	int64_t child;

	make_set_id_copy("copy");
	EXPECT_SUCCESS(working_directory_get(before, sizeof(before)));
	test_become_user(USER);
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_FS));
	if (child == 0)
		become("copy", "go_away", "");
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_SUCCESS(working_directory_get(after, sizeof(after)));
	EXPECT(strcmp(before, after) == 0);
}

/* --- Looking inside. --- */

/* 2 before exec, 1 in a program that begins. */
static volatile uint64_t stamp = 1;

TEST_HELPER(do_nothing)
{
	(void)argument;
	return user_id_effective() == 0 ? 0 : 1;
}

/* Reads the memory of a program as long as that is allowed: what is seen is the old one's. */
static void look_until_forbidden(int64_t child)
{
	int64_t memory = open_of(child, "mem"), result;
	uint64_t seen, count = 0;

	if (memory == -EPERM || memory == -ESRCH)
		return;
	do {
		EXPECT_SUCCESS(syscall(lseek, memory, &stamp, REDOX_SEEK_SET));
		result = file_read(memory, &seen, sizeof(seen));
		if (result == sizeof(seen))
			EXPECT_EQUAL(seen, 2);
		if (count++ == 0)
			process_yield();
	} while (result >= 0);
	EXPECT(result == -EPERM || result == -ESRCH || result == -EFAULT);
	EXPECT_EQUAL(file_close(memory), 0);
}

TEST(set_id, exec_keeps_watchers_out)
{
	make_set_id_copy("copy");
	test_become_user(USER);
	stamp = 2;
	for (int i = 0; i < 40; i++) {
		int64_t child = EXPECT_SUCCESS(process_clone(0));

		if (child == 0)
			become("copy", "do_nothing", "");
		look_until_forbidden(child);
		EXPECT_EQUAL(test_wait(child), 0);
	}
}

/* "FD": leaves a child that has given root up, and writes its id there. */
TEST_HELPER(leave_child)
{
	int64_t child, fd = argument[0] - '0';

	if (user_id_effective() != 0)
		return 1;
	test_become_user(USER);
	child = process_clone(0);
	if (child == 0) {
		sleep_milliseconds(20000);
		return 3;
	}
	return file_write(fd, &child, sizeof(child)) == sizeof(child) ? 0 : 2;
}

TEST(set_id, grandchildren_are_no_copies)
{
	uint64_t ends[2];
	int64_t child, grandchild;
	char text[2] = "0";

	make_set_id_copy("copy");
	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	text[0] = (char)('0' + ends[1]);
	test_become_user(USER);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0)
		become("copy", "leave_child", text);
	EXPECT_EQUAL(file_read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	EXPECT_EQUAL(test_wait(child), 0);
	/* It is a child of this process now, and of the same user, but holds what root read. */
	EXPECT_ERROR(open_of(grandchild, "mem"), EPERM);
	EXPECT_ERROR(open_of(grandchild, "regs/int"), EPERM);
	EXPECT_ERROR(open_of(grandchild, "trace"), EPERM);
	EXPECT_EQUAL(signal_send(grandchild, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(grandchild), SIGKILL);
}
