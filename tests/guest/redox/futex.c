/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Futexes between threads and processes. */
#include "redox_test.h"

#define STACK_SIZE  16384
#define WAITERS     4
#define MILLISECOND 1000000

static _Alignas(16) char stacks[WAITERS][STACK_SIZE];
static uint32_t word, other;
static _Alignas(8) uint64_t wide;
static uint32_t awake;

static unsigned wait_once(void *argument)
{
	int64_t result = syscall(futex, argument, REDOX_FUTEX_WAIT, 0, 0, 0);

	__atomic_add_fetch(&awake, 1, __ATOMIC_SEQ_CST);
	return result != 0;
}

static void start_waiters(int64_t threads[WAITERS])
{
	for (unsigned i = 0; i < WAITERS; i++)
		threads[i] = EXPECT_SUCCESS(
			thread_clone(THREAD_FLAGS, stacks[i] + STACK_SIZE, wait_once, &word));
	test_let_block();
	EXPECT_EQUAL(awake, 0);
}

static void wait_until_awake(uint32_t count)
{
	while (__atomic_load_n(&awake, __ATOMIC_SEQ_CST) < count)
		process_yield();
	EXPECT_EQUAL(awake, count);
}

TEST(futex, wakes_as_many_as_asked)
{
	int64_t threads[WAITERS];

	start_waiters(threads);
	EXPECT_EQUAL(futex_wake(&word, 0), 0);
	EXPECT_EQUAL(futex_wake(&word, 1), 1);
	wait_until_awake(1);
	EXPECT_EQUAL(futex_wake(&word, UINT64_MAX), WAITERS - 1);
	wait_until_awake(WAITERS);
	EXPECT_EQUAL(futex_wake(&word, 1), 0);
	for (unsigned i = 0; i < WAITERS; i++)
		EXPECT_EQUAL(test_wait(threads[i]), 0);
}

TEST(futex, requeues_the_rest)
{
	int64_t threads[WAITERS];

	start_waiters(threads);
	/* The result is how many were woken. */
	EXPECT_EQUAL(syscall(futex, &word, REDOX_FUTEX_REQUEUE, 1, 2, &other), 1);
	wait_until_awake(1);
	EXPECT_EQUAL(futex_wake(&word, 10), 1);
	EXPECT_EQUAL(futex_wake(&other, 10), 2);
	for (unsigned i = 0; i < WAITERS; i++)
		EXPECT_EQUAL(test_wait(threads[i]), 0);
}

TEST(futex, compares_first)
{
	word = 5;
	EXPECT_ERROR(futex_wait(&word, 4, NULL), EAGAIN);
	EXPECT_ERROR(syscall(futex, &word, REDOX_FUTEX_WAIT, UINT64_C(0x100000004), 0, 0), EAGAIN);
	wide = UINT64_C(0x100000005);
	EXPECT_ERROR(syscall(futex, &wide, REDOX_FUTEX_WAIT64, 5, 0, 0), EAGAIN);
	EXPECT_ERROR(syscall(futex, &wide, REDOX_FUTEX_WAIT64, UINT64_C(0x100000004), 0, 0),
		     EAGAIN);
}

TEST(futex, timeout_is_relative)
{
	const struct redox_timespec time = { .nanoseconds = 20 * MILLISECOND };
	int64_t before = clock_monotonic(), result;

	word = 5;
	/* The upper half of the value does not count. */
	result = syscall(futex, &word, REDOX_FUTEX_WAIT, UINT64_C(0x300000005), &time, 0);
	EXPECT(result == 0 || result == -ETIMEDOUT);
	EXPECT(clock_monotonic() - before >= 20 * MILLISECOND);
	wide = UINT64_C(0x100000005);
	before = clock_monotonic();
	result = syscall(futex, &wide, REDOX_FUTEX_WAIT64, wide, &time, 0);
	EXPECT(result == 0 || result == -ETIMEDOUT);
	EXPECT(clock_monotonic() - before >= 20 * MILLISECOND);
}

TEST(futex, bad_arguments)
{
	static const uint64_t bad[] = { 0, 8, UINT64_C(0x800000000000), UINT64_MAX - 7 };
	struct redox_timespec time = { .seconds = -1 };

	for (size_t i = 0; i < array_length(bad); i++) {
		EXPECT_ERROR(syscall(futex, bad[i], REDOX_FUTEX_WAIT, 0, 0, 0), EFAULT);
		EXPECT_ERROR(syscall(futex, bad[i], REDOX_FUTEX_WAIT64, 0, 0, 0), EFAULT);
		EXPECT_ERROR(syscall(futex, bad[i], REDOX_FUTEX_WAKE, 1, 0, 0), EFAULT);
		EXPECT_ERROR(syscall(futex, bad[i], REDOX_FUTEX_REQUEUE, 1, 1, &word), EFAULT);
		EXPECT_ERROR(syscall(futex, &word, REDOX_FUTEX_REQUEUE, 1, 1, bad[i]), EFAULT);
	}
	EXPECT_ERROR(syscall(futex, &word, REDOX_FUTEX_WAIT, word, 8, 0), EFAULT);
	EXPECT_ERROR(syscall(futex, &word, REDOX_FUTEX_WAIT, word, &time, 0), EINVAL);
	EXPECT_ERROR(syscall(futex, (uintptr_t)&word + 2, REDOX_FUTEX_WAIT, 0, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(futex, (uintptr_t)&wide + 4, REDOX_FUTEX_WAIT64, 0, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(futex, &word, 4, 0, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(futex, &word, UINT64_MAX, 0, 0, 0), EINVAL);
}

static unsigned wait_on(void *argument)
{
	return futex_wait(argument, 0, NULL) < 0;
}

/* A copy is another word. */
TEST(futex, copies_do_not_meet)
{
	int64_t child = test_spawn(wait_on, &word);

	test_let_block();
	EXPECT_EQUAL(futex_wake(&word, 10), 0);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(child), SIGKILL);
}

/* The waiter's page becomes another one when its parent's copy is written to: it waits on. */
TEST(futex, survives_copy_on_write)
{
	int64_t thread, child;

	word = 0;
	thread = EXPECT_SUCCESS(
		thread_clone(THREAD_FLAGS, stacks[0] + STACK_SIZE, wait_once, &word));
	test_let_block();
	child = test_spawn(wait_on, &other);
	word = 1;
	EXPECT_EQUAL(futex_wake(&word, 10), 1);
	EXPECT_EQUAL(test_wait(thread), 0);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(child), SIGKILL);
}
