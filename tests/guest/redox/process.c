/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clone without sharing, waitpid, who gets whose children. */
#include "redox_test.h"

#define UNTOUCHED UINT64_C(0xdeadbeefdeadbeef)
#define MANY      100

static unsigned exit_with(void *argument)
{
	return (unsigned)(uintptr_t)argument;
}

static int64_t spawn_exiting(unsigned status)
{
	return test_spawn(exit_with, (void *)(uintptr_t)status);
}

TEST(process, child_is_a_process)
{
	int64_t self = process_id(), group = process_group(0);
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0) {
		EXPECT(process_id() != self);
		EXPECT_EQUAL(process_parent(), self);
		EXPECT_EQUAL(process_group(0), group);
		process_exit(0);
	}
	EXPECT(child != self);
	EXPECT_EQUAL(test_wait(child), 0);
}

TEST(process, exit_status_is_a_byte)
{
	EXPECT_EQUAL(test_wait(spawn_exiting(0)), 0);
	EXPECT_EQUAL(test_wait(spawn_exiting(1)), 1 << 8);
	EXPECT_EQUAL(test_wait(spawn_exiting(255)), 255 << 8);
	EXPECT_EQUAL(test_wait(spawn_exiting(256)), 0);
	EXPECT_EQUAL(test_wait(spawn_exiting(0xabcd)), 0xcd << 8);
}

TEST(process, memory_is_copied)
{
	static volatile int shared_not = 1;
	volatile int local = 1;
	int64_t child = EXPECT_SUCCESS(process_clone(0));

	if (child == 0) {
		shared_not = local = 2;
		process_exit(0);
	}
	EXPECT_EQUAL(test_wait(child), 0);
	EXPECT_EQUAL(shared_not, 1);
	EXPECT_EQUAL(local, 1);
}

/* All that calls keep, before and after a clone, in both; 0 if it is. */
static int64_t clone_and_compare(uint64_t flags, int64_t *pid)
{
	int64_t wrong;

	__asm__ volatile("	subq $128, %%rsp\n"
			 "	movq %%rsp, %%rbx\n"
			 "	movq $0x5005, %%r9\n"
			 "	movq $0x5012, %%r12\n"
			 "	movq $0x5013, %%r13\n"
			 "	movq %%r12, %%xmm0\n"
			 "	movq %%r13, %%xmm15\n"
			 "	movq $0x5001, %%rsi\n"
			 "	movq $0x5002, %%rdx\n"
			 "	movq $0x5003, %%r10\n"
			 "	movq $0x5004, %%r8\n"
			 "	syscall\n"
			 "	subq %%rsp, %%rbx\n"
			 "	subq $0x5005, %%r9\n"
			 "	orq %%r9, %%rbx\n"
			 "	movq %%xmm0, %%r9\n"
			 "	subq %%r12, %%r9\n"
			 "	orq %%r9, %%rbx\n"
			 "	movq %%xmm15, %%r9\n"
			 "	subq %%r13, %%r9\n"
			 "	orq %%r9, %%rbx\n"
			 "	subq $0x5012, %%r12\n"
			 "	orq %%r12, %%rbx\n"
			 "	subq $0x5013, %%r13\n"
			 "	orq %%r13, %%rbx\n"
			 "	subq $0x5001, %%rsi\n"
			 "	orq %%rsi, %%rbx\n"
			 "	subq $0x5002, %%rdx\n"
			 "	orq %%rdx, %%rbx\n"
			 "	subq $0x5003, %%r10\n"
			 "	orq %%r10, %%rbx\n"
			 "	subq $0x5004, %%r8\n"
			 "	orq %%r8, %%rbx\n"
			 "	addq $128, %%rsp\n"
			 : "=a"(*pid), "=&b"(wrong), "+D"(flags)
			 : "0"(REDOX_SYS_clone)
			 : "rcx", "r11", "rsi", "rdx", "r10", "r8", "r9", "r12", "r13", "xmm0",
			   "xmm15", "memory");
	return wrong;
}

TEST(process, registers_are_kept_in_both)
{
	int64_t pid, wrong = clone_and_compare(0, &pid);

	if (pid == 0)
		process_exit(wrong != 0);
	EXPECT_EQUAL(wrong, 0);
	EXPECT_EQUAL(test_wait(pid), 0);
}

TEST(process, wait_knows_only_own_children)
{
	static const uint64_t strange[] = { INT64_MAX, (uint64_t)INT64_MIN, UINT64_C(1) << 32,
					    UINT64_C(0xffffffff00000000), 60000 };
	int64_t child = spawn_exiting(3);

	for (size_t i = 0; i < array_length(strange); i++)
		EXPECT_ERROR(process_wait((int64_t)strange[i], NULL, 0), ECHILD);
	EXPECT_ERROR(process_wait(process_id(), NULL, 0), ECHILD);
	EXPECT_ERROR(process_wait(process_parent(), NULL, 0), ECHILD);
	EXPECT_ERROR(process_wait(-child, NULL, 0), ECHILD);
	EXPECT_EQUAL(process_wait(child, NULL, 0), child);
}

TEST(process, zombie_is_reaped_once)
{
	uint64_t status = UNTOUCHED;
	int64_t child = spawn_exiting(7);

	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, 7 << 8);
	status = UNTOUCHED;
	EXPECT_ERROR(process_wait(child, &status, 0), ECHILD);
	EXPECT_ERROR(process_wait(0, &status, 0), ECHILD);
	EXPECT_EQUAL(status, UNTOUCHED);
}

static unsigned sleep_briefly(void *argument)
{
	sleep_milliseconds(100);
	return (unsigned)(uintptr_t)argument;
}

TEST(process, no_hang_touches_nothing)
{
	uint64_t status = UNTOUCHED;
	int64_t child = test_spawn(sleep_briefly, (void *)4);

	EXPECT_EQUAL(process_wait(child, &status, REDOX_WNOHANG), 0);
	EXPECT_EQUAL(process_wait(0, &status, REDOX_WNOHANG), 0);
	EXPECT_EQUAL(process_wait(-process_group(0), &status, REDOX_WNOHANG), 0);
	EXPECT_EQUAL(status, UNTOUCHED);
	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, 4 << 8);
	EXPECT_ERROR(process_wait(0, &status, REDOX_WNOHANG), ECHILD);
}

TEST(process, bad_status_pointer_loses_nothing)
{
	static const uint64_t bad[] = { 8, UINT64_C(0x7ffffffffffc), UINT64_C(0x800000000000),
					UINT64_C(0xffff800000000000), UINT64_MAX - 3 };
	int64_t child = spawn_exiting(5);
	uint64_t status;

	test_let_block();
	for (size_t i = 0; i < array_length(bad); i++)
		EXPECT_ERROR(syscall(waitpid, child, bad[i], 0), EFAULT);
	EXPECT_ERROR(syscall(waitpid, child, exit_with, 0), EFAULT);
	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, 5 << 8);
}

TEST(process, waits_for_groups)
{
	int64_t other = test_spawn(sleep_briefly, (void *)1), own = spawn_exiting(2);
	uint64_t status;

	EXPECT_EQUAL(process_set_group(other, 0), 0);
	EXPECT_EQUAL(process_group(other), other);
	EXPECT_EQUAL(process_wait(-other, &status, 0), other);
	EXPECT_EQUAL(status, 1 << 8);
	EXPECT_EQUAL(process_wait(-process_group(0), &status, 0), own);
	EXPECT_EQUAL(status, 2 << 8);
}

/* Group 1 is not "any", as -1 is elsewhere. */
TEST(process, group_one_is_a_group)
{
	int64_t child = spawn_exiting(0);

	if (process_group(0) != 1)
		EXPECT_ERROR(process_wait(-1, NULL, 0), ECHILD);
	EXPECT_EQUAL(process_wait(child, NULL, 0), child);
}

static unsigned fault(void *argument)
{
	*(volatile int *)argument = 0;
	return 0;
}

TEST(process, killed_status_is_the_signal)
{
	EXPECT_EQUAL(test_run_child(fault, (void *)8), SIGSEGV);
}

/* Leaves a living child and a zombie behind. */
static unsigned leave_children(void *argument)
{
	(void)argument;
	test_spawn(sleep_briefly, (void *)10);
	spawn_exiting(20);
	sleep_milliseconds(30);
	return 1;
}

TEST(process, children_go_to_the_grandparent)
{
	int64_t child = test_spawn(leave_children, NULL);
	unsigned sum = 0;
	uint64_t status;

	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, 1 << 8);
	for (unsigned i = 0; i < 2; i++) {
		EXPECT_SUCCESS(process_wait(0, &status, 0));
		EXPECT(status_is_exit(status));
		sum += status_exit(status);
	}
	EXPECT_EQUAL(sum, 30);
	EXPECT_ERROR(process_wait(0, NULL, 0), ECHILD);
}

static unsigned report_parent(void *argument)
{
	int64_t grandparent = *(int64_t *)argument;

	sleep_milliseconds(100);
	return process_parent() == grandparent;
}

static unsigned leave_reporter(void *argument)
{
	test_spawn(report_parent, argument);
	return 0;
}

TEST(process, orphan_sees_its_new_parent)
{
	int64_t self = process_id();
	uint64_t status;

	EXPECT_EQUAL(test_run_child(leave_reporter, &self), 0);
	EXPECT_SUCCESS(process_wait(0, &status, 0));
	EXPECT_EQUAL(status, 1 << 8);
}

TEST(process, many_at_once)
{
	int64_t children[MANY];
	uint64_t status;

	for (unsigned i = 0; i < MANY; i++) {
		children[i] = spawn_exiting(i);
		for (unsigned j = 0; j < i; j++)
			EXPECT(children[i] != children[j]);
	}
	for (unsigned i = MANY; i-- > 0;) {
		EXPECT_EQUAL(process_wait(children[i], &status, 0), children[i]);
		EXPECT_EQUAL(status, i << 8);
	}
	EXPECT_ERROR(process_wait(0, NULL, 0), ECHILD);
}

TEST(process, stops_and_goes_on)
{
	int64_t child = test_spawn(sleep_briefly, (void *)9);
	uint64_t status = UNTOUCHED;

	EXPECT_EQUAL(signal_send(child, SIGSTOP), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED), child);
	EXPECT_EQUAL(status, SIGSTOP << 8 | 0x7f);
	/* Told once; and not at all to who did not ask. */
	status = UNTOUCHED;
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED | REDOX_WNOHANG), 0);
	EXPECT_EQUAL(status, UNTOUCHED);
	EXPECT_EQUAL(signal_send(child, SIGCONT), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WCONTINUED), child);
	EXPECT_EQUAL(status, 0xffff);
	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, 9 << 8);
}

TEST(process, kill_ends_a_stopped_one)
{
	int64_t child = test_spawn(sleep_briefly, NULL);
	uint64_t status;

	EXPECT_EQUAL(signal_send(child, SIGSTOP), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED), child);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(process_wait(child, &status, 0), child);
	EXPECT_EQUAL(status, SIGKILL);
}

/* Whatever RLIMIT_NOFILE says, which is Linux's. */
TEST(process, has_65536_descriptors)
{
	int64_t fd, last = 0;

	while ((fd = file_duplicate(0, "")) >= 0)
		last = fd;
	EXPECT_EQUAL(fd, -EMFILE);
	EXPECT_EQUAL(last, 65535);
	EXPECT_EQUAL(file_close(1000), 0);
	EXPECT_EQUAL(file_duplicate(0, ""), 1000);
}
