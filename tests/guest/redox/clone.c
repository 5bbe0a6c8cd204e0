/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clone: what each flag shares, and threads. */
#include "redox_test.h"

#define STACK_SIZE 16384

static _Alignas(16) char stacks[4][STACK_SIZE];
static volatile int word;

static void *stack_end(unsigned index)
{
	return stacks[index] + STACK_SIZE;
}

/* Runs `body` in a clone; the same function goes on in both, so the stack must be the child's own
 * or not shared at the same time. */
#define IN_CLONE(flags, body)                                          \
	do {                                                           \
		int64_t child_ = EXPECT_SUCCESS(process_clone(flags)); \
                                                                       \
		if (child_ == 0) {                                     \
			body;                                          \
			process_exit(0);                               \
		}                                                      \
		EXPECT_EQUAL(test_wait(child_), 0);                    \
	} while (0)

TEST(clone, descriptors_are_copied_or_shared)
{
	int64_t fd;

	IN_CLONE(0, EXPECT_EQUAL(file_open("file:/", REDOX_O_RDONLY), 3));
	EXPECT_ERROR(file_close(3), EBADF);
	IN_CLONE(REDOX_CLONE_FILES, EXPECT_EQUAL(file_open("file:/", REDOX_O_RDONLY), 3));
	EXPECT_EQUAL(file_close(3), 0);
	fd = EXPECT_SUCCESS(file_open("file:/", REDOX_O_RDONLY));
	IN_CLONE(0, EXPECT_EQUAL(file_close(fd), 0));
	IN_CLONE(REDOX_CLONE_FILES, EXPECT_EQUAL(file_close(fd), 0));
	EXPECT_ERROR(file_close(fd), EBADF);
}

TEST(clone, descriptions_are_shared_in_any_case)
{
	char byte;
	int64_t fd;

	test_write_file("data", "abc");
	fd = EXPECT_SUCCESS(file_open("data", REDOX_O_RDONLY));
	IN_CLONE(0, EXPECT_EQUAL(file_read(fd, &byte, 1), 1));
	EXPECT_EQUAL(file_read(fd, &byte, 1), 1);
	EXPECT_EQUAL(byte, 'b');
}

TEST(clone, directory_is_copied_or_shared)
{
	char name[64] = { 0 };

	EXPECT_EQUAL(working_directory_change("file:/bin"), 0);
	IN_CLONE(0, EXPECT_EQUAL(working_directory_change("file:/tmp"), 0));
	EXPECT_EQUAL(working_directory_get(name, sizeof(name)), 9);
	EXPECT_EQUAL(strcmp(name, "file:/bin"), 0);
	IN_CLONE(REDOX_CLONE_FS, EXPECT_EQUAL(working_directory_change("file:/tmp"), 0));
	EXPECT_EQUAL(working_directory_get(name, sizeof(name)), 9);
	EXPECT_EQUAL(strcmp(name, "file:/tmp"), 0);
}

TEST(clone, umask_is_the_child_s_own)
{
	EXPECT_EQUAL(process_umask(027), 022);
	IN_CLONE(0, EXPECT_EQUAL(process_umask(0), 027));
	IN_CLONE(REDOX_CLONE_FS, EXPECT_EQUAL(process_umask(0), 027));
	EXPECT_EQUAL(process_umask(022), 027);
}

TEST(clone, ids_are_the_child_s_own)
{
	EXPECT_EQUAL(group_id_set(5, 6), 0);
	EXPECT_EQUAL(user_id_set(7, 0), 0);
	IN_CLONE(0, {
		EXPECT_EQUAL(user_id(), 7);
		EXPECT_EQUAL(user_id_effective(), 0);
		EXPECT_EQUAL(group_id(), 5);
		EXPECT_EQUAL(group_id_effective(), 6);
		EXPECT_EQUAL(user_id_set(8, 8), 0);
	});
	EXPECT_EQUAL(user_id(), 7);
	EXPECT_EQUAL(user_id_effective(), 0);
}

static unsigned store(void *argument)
{
	word = (int)(uintptr_t)argument;
	return 42;
}

TEST(clone, thread_shares_memory)
{
	int64_t thread = EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(0), store, (void *)5));

	EXPECT_EQUAL(test_wait(thread), 42 << 8);
	EXPECT_EQUAL(word, 5);
}

static unsigned check_identity(void *argument)
{
	int64_t *ids = argument;

	ids[0] = process_id();
	ids[1] = process_parent();
	return 0;
}

TEST(clone, thread_is_a_process_of_its_own)
{
	int64_t ids[2];
	int64_t thread =
		EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(0), check_identity, ids));

	EXPECT_EQUAL(process_wait(thread, NULL, 0), thread);
	EXPECT_EQUAL(ids[0], thread);
	EXPECT_EQUAL(ids[1], process_id());
}

static unsigned wait_for_word(void *argument)
{
	while (word != (int)(uintptr_t)argument)
		process_yield();
	return 0;
}

/* The others of its memory go on, whoever it is that ends. */
TEST(clone, each_exits_alone)
{
	int64_t waiting, ended, first;

	word = 0;
	first = EXPECT_SUCCESS(process_clone(0));
	if (first == 0) {
		/* The child's thread outlives the child, and comes to us. */
		thread_clone(THREAD_FLAGS, stack_end(2), wait_for_word, (void *)1);
		thread_clone(THREAD_FLAGS, stack_end(3), store, (void *)1);
		process_exit(9);
	}
	EXPECT_EQUAL(test_wait(first), 9 << 8);
	EXPECT_SUCCESS(process_wait(0, NULL, 0));
	EXPECT_SUCCESS(process_wait(0, NULL, 0));
	waiting =
		EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(0), wait_for_word, (void *)77));
	ended = EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(1), store, (void *)3));
	EXPECT_EQUAL(test_wait(ended), 42 << 8);
	EXPECT_EQUAL(process_wait(waiting, NULL, REDOX_WNOHANG), 0);
	word = 77;
	EXPECT_EQUAL(test_wait(waiting), 0);
}

static unsigned fault(void *argument)
{
	*(volatile int *)argument = 0;
	return 0;
}

TEST(clone, fault_ends_the_thread_alone)
{
	int64_t thread = EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(0), fault, (void *)8));

	EXPECT_EQUAL(test_wait(thread), SIGSEGV);
}

static void handle(int signal)
{
	(void)signal;
}

TEST(clone, handlers_are_copied_or_shared)
{
	struct redox_signal_action action;

	IN_CLONE(0, EXPECT_EQUAL(signal_set_handler(SIGUSR1, handle, 0, NULL), 0));
	EXPECT_EQUAL(syscall(sigaction, SIGUSR1, 0, &action, 0), 0);
	EXPECT_EQUAL(action.handler, 0);
	IN_CLONE(REDOX_CLONE_SIGHAND,
		 EXPECT_EQUAL(signal_set_handler(SIGUSR1, handle, 0, NULL), 0));
	EXPECT_EQUAL(syscall(sigaction, SIGUSR1, 0, &action, 0), 0);
	EXPECT_EQUAL(action.handler, handle);
}

TEST(clone, vfork_sleeps_until_exit)
{
	word = 0;
	IN_CLONE(REDOX_CLONE_VM | REDOX_CLONE_VFORK, {
		sleep_milliseconds(50);
		word = 6;
	});
	EXPECT_EQUAL(word, 6);
	IN_CLONE(REDOX_CLONE_VFORK, word = 8);
	EXPECT_EQUAL(word, 6);
}

TEST_HELPER(sleeping)
{
	(void)argument;
	sleep_milliseconds(200);
	return 3;
}

TEST(clone, vfork_sleeps_until_exec)
{
	int64_t child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM | REDOX_CLONE_VFORK));

	if (child == 0)
		test_exec_helper("sleeping", "");
	EXPECT_EQUAL(process_wait(child, NULL, REDOX_WNOHANG), 0);
	EXPECT_EQUAL(test_wait(child), 3 << 8);
}

/* Both run at the same time on what looks like the same stack. */
TEST(clone, memory_without_stack_keeps_the_stack_apart)
{
	volatile int local = 1;
	int64_t child;

	word = 0;
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	if (child == 0) {
		while (word != 1)
			process_yield();
		/* The parent has changed its own by now. */
		word = local == 1 ? 2 : 3;
		local = 5;
		process_exit(0);
	}
	local = 2;
	word = 1;
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(word, 2);
	EXPECT_EQUAL(local, 2);
}

#define MAP_FLAGS (REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_MAP_PRIVATE)

TEST(clone, later_mappings_are_shared_both_ways)
{
	static volatile int64_t of_child, of_parent;
	int64_t child;

	of_child = of_parent = 0;
	child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	if (child == 0) {
		of_child = memory_map(FD_ANONYMOUS, 0, 4096, MAP_FLAGS, 0);
		*(volatile int *)of_child = 11;
		while (!of_parent)
			process_yield();
		process_exit(*(volatile int *)of_parent == 22 ? 0 : 1);
	}
	while (!of_child)
		process_yield();
	EXPECT_SUCCESS(of_child);
	while (*(volatile int *)of_child != 11)
		process_yield();
	{
		int64_t mapped = EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, 4096, MAP_FLAGS, 0));

		*(volatile int *)mapped = 22;
		of_parent = mapped;
	}
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(*(volatile int *)of_child, 11);
}

static unsigned wait_on_futex(void *argument)
{
	return futex_wait(argument, 0, NULL) < 0;
}

/* Address spaces differ in their stacks alone: a word is one word for all. */
TEST(clone, futexes_reach_all_who_share)
{
	static uint32_t futex;
	int64_t child = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));
	unsigned woken = 0;

	if (child == 0)
		process_exit(wait_on_futex(&futex));
	for (unsigned i = 0; !woken && i < 1000; i++) {
		sleep_milliseconds(5);
		woken = (unsigned)futex_wake(&futex, 1);
	}
	EXPECT_EQUAL(woken, 1);
	EXPECT_EQUAL(test_wait(child), 0);
}

/* Whatever the stack pointer is, it is the child's; one that it cannot use ends it, and only it. */
TEST(clone, strange_stack_pointers)
{
	static const uint64_t strange[] = { 0,
					    8,
					    UINT64_C(0x800000000000),
					    UINT64_C(1) << 63,
					    UINT64_C(0xffffffff80000000),
					    UINT64_MAX };

	for (size_t i = 0; i < array_length(strange); i++) {
		int64_t child = EXPECT_SUCCESS(
			thread_clone(THREAD_FLAGS, (void *)strange[i], store, (void *)1));

		EXPECT_EQUAL(test_wait(child), SIGSEGV);
	}
}

#define BASE UINT64_C(0x123456789000)

static void set_bases(uint64_t fs_base, uint64_t gs_base)
{
	const struct redox_environment_registers registers = { fs_base, gs_base };
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_RDWR));

	EXPECT_EQUAL(file_write(fd, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(file_close(fd), 0);
}

static bool bases_are(uint64_t fs_base, uint64_t gs_base)
{
	struct redox_environment_registers registers;
	int64_t fd = EXPECT_SUCCESS(file_open("thisproc:current/regs/env", REDOX_O_RDWR));

	EXPECT_EQUAL(file_read(fd, &registers, sizeof(registers)), sizeof(registers));
	EXPECT_EQUAL(file_close(fd), 0);
	return registers.fs_base == fs_base && registers.gs_base == gs_base;
}

static unsigned check_bases(void *argument)
{
	(void)argument;
	return bases_are(BASE, BASE + 8) ? 0 : 1;
}

TEST_HELPER(bases_are_zero)
{
	(void)argument;
	return bases_are(0, 0) ? 0 : 1;
}

TEST(clone, bases_are_kept_and_exec_resets_them)
{
	int64_t child;

	set_bases(BASE, BASE + 8);
	EXPECT_EQUAL(test_run_child(check_bases, NULL), 0);
	child = EXPECT_SUCCESS(thread_clone(THREAD_FLAGS, stack_end(0), check_bases, NULL));
	EXPECT_EQUAL(test_wait(child), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (child == 0) {
		set_bases(1, 2);
		test_exec_helper("bases_are_zero", "");
	}
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT(bases_are(BASE, BASE + 8));
}

TEST(clone, unknown_flags_change_nothing)
{
	IN_CLONE(REDOX_CLONE_THREAD, {});
	IN_CLONE(UINT64_C(0x8000000000000000), {});
}
