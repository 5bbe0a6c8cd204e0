/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals between processes: children, interrupted calls, whom one may send to, shared memory. */
#include "signal_help.h"

/* --- Children. --- */

static unsigned check_inherited(void *argument)
{
	uint64_t old[2];

	(void)argument;
	EXPECT_EQUAL(signal_mask(0, NULL, old), 0);
	EXPECT_EQUAL(old[0], 1 << (SIGUSR2 - 1));
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	old[0] = 0;
	/* What is pending for the parent is not for the child. */
	EXPECT_EQUAL(signal_mask(REDOX_SIG_SETMASK, old, NULL), 0);
	EXPECT_EQUAL(handled[SIGUSR2], 0);
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, SIGNAL_DEFAULT, 0, NULL), 0);
	return 0;
}

TEST(signal, children_inherit_handlers_and_mask)
{
	uint64_t set[2] = { 1 << (SIGUSR2 - 1), 0 };
	struct redox_signal_action old;

	set_counter(SIGUSR1);
	set_counter(SIGUSR2);
	EXPECT_EQUAL(signal_mask(REDOX_SIG_SETMASK, set, NULL), 0);
	raise(SIGUSR2);
	EXPECT_EQUAL(test_run_child(check_inherited, NULL), 0);
	EXPECT_EQUAL(syscall(sigaction, SIGUSR1, 0, &old, 0), 0);
	EXPECT_EQUAL(old.handler, (uint64_t)count);
}

static int64_t child_of_handler;

static void clone_here(int signal)
{
	handled[signal]++;
	child_of_handler = process_clone(0);
}

TEST(signal, handlers_may_clone)
{
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, clone_here, 0, NULL), 0);
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	/* Both came back from the handler. */
	set_counter(SIGUSR2);
	raise(SIGUSR2);
	EXPECT_EQUAL(handled[SIGUSR2], 1);
	if (!child_of_handler)
		process_exit(9);
	EXPECT_SUCCESS(child_of_handler);
	EXPECT_EQUAL(test_wait(child_of_handler), 9 << 8);
}

/* --- Interrupted calls. --- */

static unsigned signal_parent(void *argument)
{
	(void)argument;
	test_let_block();
	raise(0);
	EXPECT_EQUAL(signal_send(process_parent(), SIGUSR1), 0);
	test_let_block();
	return 5;
}

TEST(signal, interrupts_a_read)
{
	int64_t child;
	uint64_t ends[2];
	char byte;

	set_counter(SIGUSR1);
	EXPECT_EQUAL(syscall(pipe2, ends, 0), 0);
	child = test_spawn(signal_parent, NULL);
	EXPECT_ERROR(file_read((int64_t)ends[0], &byte, 1), EINTR);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(test_wait(child), 5 << 8);
}

TEST(signal, interrupts_a_queue)
{
	int64_t queue = EXPECT_SUCCESS(file_open("event:", REDOX_O_RDWR)), child;
	struct redox_event event;

	set_counter(SIGUSR1);
	child = test_spawn(signal_parent, NULL);
	EXPECT_ERROR(file_read(queue, &event, sizeof(event)), EINTR);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(test_wait(child), 5 << 8);
}

TEST(signal, restarts_a_read)
{
	uint64_t ends[2];
	int64_t child;
	char byte = 0;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, count, 0x10000000, NULL), 0);
	EXPECT_EQUAL(syscall(pipe2, ends, 0), 0);
	child = EXPECT_SUCCESS(process_clone(0));
	if (!child) {
		signal_parent(NULL);
		file_write((int64_t)ends[1], "x", 1);
		process_exit(5);
	}
	EXPECT_EQUAL(file_read((int64_t)ends[0], &byte, 1), 1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(test_wait(child), 5 << 8);
}

TEST(signal, does_not_interrupt_waiting)
{
	set_counter(SIGUSR1);
	EXPECT_EQUAL(test_run_child(signal_parent, NULL), 5 << 8);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
}

TEST(signal, pipes_without_readers_send_none)
{
	uint64_t ends[2];

	EXPECT_EQUAL(syscall(pipe2, ends, 0), 0);
	EXPECT_EQUAL(file_close((int64_t)ends[0]), 0);
	EXPECT_ERROR(file_write((int64_t)ends[1], "x", 1), EPIPE);
}

/* --- Whom one may send to. --- */

static unsigned send_as_user(void *argument)
{
	int64_t mine;

	(void)argument;
	test_become_user(1000);
	EXPECT_ERROR(signal_send(process_parent(), 0), EPERM);
	EXPECT_ERROR(signal_send(process_parent(), SIGUSR1), EPERM);
	mine = test_spawn(wait_for_ever, NULL);
	EXPECT_EQUAL(signal_send(mine, SIGTERM), 0);
	EXPECT_EQUAL(test_wait(mine), SIGTERM);
	return 0;
}

TEST(signal, only_to_own_processes)
{
	EXPECT_EQUAL(test_run_child(send_as_user, NULL), 0);
	EXPECT_EQUAL(handled[SIGUSR1], 0);
}

static unsigned send_to_group(void *argument)
{
	(void)argument;
	EXPECT_EQUAL(process_set_group(0, 0), 0);
	set_counter(SIGUSR1);
	set_counter(SIGUSR2);
	EXPECT_EQUAL(signal_send(0, SIGUSR1), 0);
	EXPECT_EQUAL(signal_send(-process_id(), SIGUSR2), 0);
	EXPECT_EQUAL(handled[SIGUSR1] + handled[SIGUSR2], 2);
	return 0;
}

static unsigned send_to_all(void *argument)
{
	(void)argument;
	test_become_user(4321);
	test_spawn(wait_for_ever, NULL);
	signal_send(-1, SIGTERM);
	return 0;
}

TEST(signal, to_all)
{
	/* The sender is one of them; we are another user's. */
	EXPECT_EQUAL(test_run_child(send_to_all, NULL), SIGTERM);
}

TEST(signal, to_groups)
{
	EXPECT_EQUAL(test_run_child(send_to_group, NULL), 0);
	EXPECT_EQUAL(handled[SIGUSR1] + handled[SIGUSR2], 0);
}

/* --- Contexts that share memory. --- */

#define SHARERS    4
#define STACK_SIZE UINT64_C(65536)

static volatile uint64_t stacks_seen[SHARERS], begun, finished;
static int64_t sharers[SHARERS];

static unsigned index_of_self(void)
{
	int64_t self = process_id();

	for (unsigned i = 0; i < SHARERS; i++) {
		if (sharers[i] == self)
			return i;
	}
	return 0;
}

/* All are in their handlers at the same time. */
static void meet(int signal)
{
	volatile uint64_t local = (uint64_t)process_id();
	unsigned self = index_of_self();

	(void)signal;
	stacks_seen[self] = (uint64_t)&local;
	__atomic_fetch_add(&begun, 1, __ATOMIC_SEQ_CST);
	while (begun < SHARERS)
		process_yield();
	EXPECT_EQUAL(local, process_id());
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

static unsigned wait_for_meeting(void *argument)
{
	(void)argument;
	while (finished < SHARERS)
		process_yield();
	return 12;
}

static void check_meeting(void)
{
	for (unsigned i = 0; i < SHARERS; i++)
		EXPECT_EQUAL(signal_send(sharers[i], SIGUSR1), 0);
	for (unsigned i = 0; i < SHARERS; i++)
		EXPECT_EQUAL(test_wait(sharers[i]), 12 << 8);
	EXPECT_EQUAL(finished, SHARERS);
	for (unsigned i = 0; i < SHARERS; i++) {
		for (unsigned k = 0; k < i; k++)
			EXPECT(stacks_seen[i] >> 16 != stacks_seen[k] >> 16);
	}
}

TEST(signal, threads_have_stacks_of_their_own)
{
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, meet, 0, NULL), 0);
	for (unsigned i = 0; i < SHARERS; i++) {
		int64_t stack = EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, STACK_SIZE,
							  REDOX_PROT_READ | REDOX_PROT_WRITE, 0));

		sharers[i] = EXPECT_SUCCESS(thread_clone(THREAD_FLAGS,
							 (void *)((uint64_t)stack + STACK_SIZE),
							 wait_for_meeting, NULL));
	}
	check_meeting();
}

TEST(signal, sharers_of_memory_have_stacks_of_their_own)
{
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, meet, 0, NULL), 0);
	for (unsigned i = 0; i < SHARERS; i++) {
		int64_t pid = EXPECT_SUCCESS(process_clone(REDOX_CLONE_VM));

		if (!pid)
			process_exit(wait_for_meeting(NULL));
		sharers[i] = pid;
	}
	check_meeting();
}

static volatile uint64_t place;

static void note_place(int signal)
{
	volatile uint64_t local = (uint64_t)signal;

	place = (uint64_t)&local;
}

static unsigned handle_one(void *argument)
{
	(void)argument;
	raise(SIGUSR1);
	return 0;
}

/* As many as would fill the address space, or at least the kernel's patience, if each left its
 * stack behind. */
TEST(signal, stacks_go_with_their_threads)
{
	int64_t stack = EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, STACK_SIZE, REDOX_PROT_READ | REDOX_PROT_WRITE, 0));
	uint64_t first = 0;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, note_place, 0, NULL), 0);
	for (unsigned i = 0; i < 200; i++) {
		int64_t thread = EXPECT_SUCCESS(thread_clone(
			THREAD_FLAGS, (void *)((uint64_t)stack + STACK_SIZE), handle_one, NULL));

		EXPECT_EQUAL(test_wait(thread), 0);
		if (!first)
			first = place;
		EXPECT_EQUAL(place, first);
	}
}

/* The kernel's own writes to it must not harm anybody. */
static void unmap_stack(int signal)
{
	uint64_t local = 0, page = (uint64_t)&local & ~(PAGE_SIZE - 1);

	handled[signal]++;
	if (handled[signal] == 2)
		memory_unmap(page - 64 * PAGE_SIZE, 128 * PAGE_SIZE);
}

static unsigned handle_without_stack(void *argument)
{
	(void)argument;
	signal_set_handler(SIGUSR1, unmap_stack, 0, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	return 0;
}

TEST(signal, stack_that_is_gone)
{
	EXPECT_EQUAL(test_run_child(handle_without_stack, NULL), SIGSEGV);
}
