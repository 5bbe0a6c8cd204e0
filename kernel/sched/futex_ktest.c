/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: futexes, on words in kernel memory. */
#include "ktest_crew.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <sched/futex.h>

#define WAITERS 6

/* Everybody's key, to begin with, and another one. */
static const struct futex_key key = { .object = 1, .offset = 0x1000 };
static const struct futex_key other_key = { .object = 1, .offset = 0x2000 };

static struct {
	_Atomic uint32_t word;
	_Atomic unsigned results[3]; /* threads woken, timed out, interrupted */
	_Atomic unsigned mismatches;
	uint64_t deadline;
} room;

struct check {
	uint32_t expected;
	int error;
};

static int check_word(void *argument)
{
	const struct check *check = argument;

	if (check->error)
		return check->error;
	return room.word == check->expected ? 0 : -EAGAIN;
}

static unsigned finished(void)
{
	return room.results[0] + room.results[1] + room.results[2];
}

static void room_init(uint64_t deadline)
{
	room.word = 0;
	room.mismatches = 0;
	room.deadline = deadline;
	for (unsigned i = 0; i < 3; i++)
		room.results[i] = 0;
}

static void wait_in_room(unsigned index, void *argument)
{
	struct check check = { .expected = 0 };
	int result;

	(void)argument;
	result = futex_wait(&key, 1u << index, room.deadline, check_word, &check);
	if (result == 0)
		room.results[0]++;
	else if (result == -ETIMEDOUT)
		room.results[1]++;
	else if (result == -ERESTART)
		room.results[2]++;
	else
		room.mismatches++;
}

/* Waits until so many threads have left. */
static bool leave(unsigned count)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (finished() < count && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	/* None too many, either. */
	sleep_for(NS_PER_MILLISECOND);
	return finished() == count;
}

/* Wakes by one bit each until all have come, which nobody announces. */
static bool wake_bit(unsigned index)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	unsigned woken;

	while (!(woken = futex_wake(&key, 1u << index, 100)) && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return woken == 1;
}

KTEST(sched, futex_wakes_by_bits)
{
	struct crew crew;

	room_init(DEADLINE_NEVER);
	ktest_expect(futex_wake(&key, UINT32_MAX, 1) == 0);
	if (!crew_start(&crew, WAITERS, wait_in_room, NULL))
		return;
	for (unsigned i = WAITERS; i-- > 0;)
		ktest_expect(wake_bit(i));
	ktest_expect(leave(WAITERS) && room.results[0] == WAITERS);
	ktest_expect(futex_wake(&key, UINT32_MAX, 100) == 0);
	crew_join(&crew);
}

KTEST(sched, futex_wait_looks_at_the_word)
{
	struct check check = { .expected = 1 };

	room_init(DEADLINE_NEVER);
	ktest_expect(futex_wait(&key, 1, DEADLINE_NEVER, check_word, &check) == -EAGAIN);
	check.error = -EFAULT;
	ktest_expect(futex_wait(&key, 1, DEADLINE_NEVER, check_word, &check) == -EFAULT);
	ktest_expect(futex_requeue(&key, &other_key, 1, 1, check_word, &check) == -EFAULT);
	ktest_expect(futex_wait(&key, 0, DEADLINE_NEVER, check_word, &check) == -EINVAL);
}

KTEST(sched, futex_wait_times_out)
{
	uint64_t deadline = clock_deadline_after(10 * NS_PER_MILLISECOND);
	struct crew crew;

	room_init(deadline);
	if (!crew_start(&crew, WAITERS, wait_in_room, NULL))
		return;
	ktest_expect(leave(WAITERS) && room.results[1] == WAITERS);
	ktest_expect(clock_monotonic_ns() >= deadline);
	ktest_expect(futex_wake(&key, UINT32_MAX, 100) == 0);
	crew_join(&crew);
}

KTEST(sched, futex_wait_can_be_interrupted)
{
	struct crew crew;

	room_init(DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, wait_in_room, NULL))
		return;
	for (unsigned i = 0; i < WAITERS; i++)
		thread_interrupt(crew_thread(&crew, i));
	ktest_expect(leave(WAITERS) && room.results[2] == WAITERS);
	ktest_expect(futex_wake(&key, UINT32_MAX, 100) == 0);
	crew_join(&crew);
}

/* Waits, by the count of those that a requeue would move, until all have come. */
static bool gather(unsigned count)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (futex_requeue(&key, &key, 0, 100, NULL, NULL) < (int)count &&
	       clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return futex_requeue(&key, &key, 0, 100, NULL, NULL) == (int)count;
}

KTEST(sched, futex_requeues)
{
	struct crew crew;

	room_init(DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, wait_in_room, NULL))
		return;
	ktest_expect(gather(WAITERS));
	ktest_expect(futex_requeue(&key, &other_key, 1, 3, NULL, NULL) == 4);
	ktest_expect(leave(1));
	ktest_expect(futex_wake(&key, UINT32_MAX, 100) == WAITERS - 4);
	ktest_expect(leave(WAITERS - 3));
	ktest_expect(futex_wake(&other_key, UINT32_MAX, 1) == 1);
	ktest_expect(leave(WAITERS - 2));
	ktest_expect(futex_wake(&other_key, UINT32_MAX, 100) == 2);
	ktest_expect(leave(WAITERS) && room.results[0] == WAITERS);
	crew_join(&crew);
}

/* A lock made of a futex: 0 free, 1 taken, 2 taken with waiters. */
#define LOCK_ROUNDS 150

static unsigned guarded;

static void lock_word(void)
{
	struct check check = { .expected = 2 };
	uint32_t seen = 0;

	if (__atomic_compare_exchange_n((uint32_t *)&room.word, &seen, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		return;
	while (__atomic_exchange_n((uint32_t *)&room.word, 2, __ATOMIC_SEQ_CST) != 0) {
		int error = futex_wait(&key, UINT32_MAX, clock_deadline_after(TEST_PATIENCE_NS),
				       check_word, &check);

		if (error && error != -EAGAIN)
			room.mismatches++;
	}
}

static void unlock_word(void)
{
	if (__atomic_exchange_n((uint32_t *)&room.word, 0, __ATOMIC_SEQ_CST) == 2)
		(void)futex_wake(&key, UINT32_MAX, 1);
}

static void lock_and_count(unsigned index, void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < LOCK_ROUNDS; i++) {
		unsigned count;

		lock_word();
		count = guarded;
		spin_once();
		if ((i + index) % 8 == 0)
			thread_yield();
		guarded = count + 1;
		unlock_word();
		/* Moving nobody in between disturbs nobody. */
		if (futex_requeue(&other_key, &key, 1, 1, NULL, NULL) != 0)
			room.mismatches++;
	}
}

KTEST(sched, futex_loses_no_wake_up)
{
	struct crew crew;

	room_init(DEADLINE_NEVER);
	guarded = 0;
	if (!crew_start(&crew, 2 * WAITERS, lock_and_count, NULL))
		return;
	crew_join(&crew);
	ktest_expect(guarded == 2 * WAITERS * LOCK_ROUNDS);
	ktest_expect(room.mismatches == 0);
}
