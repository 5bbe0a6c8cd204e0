/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: sleeping and waking, the life of threads. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <base/errno.h>
#include <core/ktest.h>

#define WAITERS 6

/* A queue on which threads wait for their turn, and what they did. */
static struct {
	struct wait_queue queue;
	_Atomic unsigned waiting;    /* threads that are in the queue */
	_Atomic unsigned woken;      /* threads that were woken */
	_Atomic int errors[WAITERS]; /* what wait_sleep() returned to each */
	unsigned order[WAITERS];     /* in which they came back */
	enum wait_mode mode;
	bool exclusive;
	uint64_t deadline;
} hall;

static void hall_init(enum wait_mode mode, bool exclusive, uint64_t deadline)
{
	wait_queue_init(&hall.queue, "hall");
	hall.waiting = 0;
	hall.woken = 0;
	hall.mode = mode;
	hall.exclusive = exclusive;
	hall.deadline = deadline;
}

static void hall_wait(unsigned index, void *argument)
{
	struct waiter waiter;

	(void)argument;
	/* They come in one after the other. */
	while (hall.waiting != index)
		thread_yield();
	if (hall.exclusive)
		wait_begin_exclusive(&hall.queue, &waiter);
	else
		wait_begin(&hall.queue, &waiter);
	hall.waiting++;
	hall.errors[index] = wait_sleep(&waiter, hall.mode, hall.deadline);
	hall.order[hall.woken] = index;
	hall.woken++;
	wait_end(&waiter);
}

/* Waits until `count` threads have been woken. */
static bool hall_has_woken(unsigned count)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (hall.woken < count && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return hall.woken == count;
}

static bool hall_is_full(void)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (hall.waiting < WAITERS && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return hall.waiting == WAITERS;
}

KTEST(sched, wakes_in_order)
{
	struct crew crew;

	hall_init(WAIT_UNINTERRUPTIBLE, false, DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_is_full());
	for (unsigned i = 0; i < WAITERS; i++) {
		ktest_expect(hall.woken == i);
		ktest_expect(wait_wake_some(&hall.queue, 1) == 1);
		ktest_expect(hall_has_woken(i + 1));
		ktest_expect(hall.order[i] == i);
		ktest_expect(hall.errors[i] == 0);
	}
	crew_join(&crew);
	ktest_expect(wait_queue_empty(&hall.queue));
	ktest_expect(wait_wake_some(&hall.queue, 1) == 0);
}

KTEST(sched, wakes_one_exclusive_waiter)
{
	struct crew crew;

	hall_init(WAIT_UNINTERRUPTIBLE, true, DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_is_full());
	for (unsigned i = 0; i < WAITERS; i++) {
		wait_wake(&hall.queue);
		ktest_expect(hall_has_woken(i + 1));
		sleep_for(NS_PER_MILLISECOND);
		ktest_expect(hall.woken == i + 1);
	}
	crew_join(&crew);
}

KTEST(sched, wakes_all)
{
	struct crew crew;

	hall_init(WAIT_INTERRUPTIBLE, false, DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_is_full());
	wait_wake(&hall.queue);
	ktest_expect(hall_has_woken(WAITERS));
	for (unsigned i = 0; i < WAITERS; i++)
		ktest_expect(hall.errors[i] == 0);
	crew_join(&crew);
}

KTEST(sched, sleeps_end_at_the_deadline)
{
	uint64_t deadline = clock_deadline_after(20 * NS_PER_MILLISECOND);
	struct crew crew;

	hall_init(WAIT_UNINTERRUPTIBLE, false, deadline);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_has_woken(WAITERS));
	ktest_expect(clock_monotonic_ns() >= deadline);
	for (unsigned i = 0; i < WAITERS; i++)
		ktest_expect(hall.errors[i] == -ETIMEDOUT);
	crew_join(&crew);

	deadline = clock_deadline_after(5 * NS_PER_MILLISECOND);
	thread_sleep_until(deadline);
	ktest_expect(clock_monotonic_ns() >= deadline);
	thread_sleep_until(0);
	thread_set_state(THREAD_SLEEPING);
	ktest_expect(!thread_block(0));
}

KTEST(sched, interrupts_end_interruptible_sleeps_only)
{
	struct crew crew;

	hall_init(WAIT_INTERRUPTIBLE, false, DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_is_full());
	for (unsigned i = 0; i < WAITERS; i++)
		thread_interrupt(crew_thread(&crew, i));
	ktest_expect(hall_has_woken(WAITERS));
	for (unsigned i = 0; i < WAITERS; i++)
		ktest_expect(hall.errors[i] == -ERESTART);
	crew_join(&crew);

	hall_init(WAIT_UNINTERRUPTIBLE, false, DEADLINE_NEVER);
	if (!crew_start(&crew, WAITERS, hall_wait, NULL))
		return;
	ktest_expect(hall_is_full());
	for (unsigned i = 0; i < WAITERS; i++)
		thread_interrupt(crew_thread(&crew, i));
	sleep_for(5 * NS_PER_MILLISECOND);
	ktest_expect(hall.woken == 0);
	wait_wake_all(&hall.queue);
	ktest_expect(hall_has_woken(WAITERS));
	crew_join(&crew);
}

/* Pairs of threads hand a number to and fro, so that every round is a wake-up each way. */
#define PAIRS  12
#define ROUNDS 400

struct table {
	struct wait_queue queue;
	_Atomic unsigned ball; /* even: the first of the pair has it */
	_Atomic unsigned lost;
};

static struct table tables[PAIRS];

static void play(unsigned index, void *argument)
{
	struct table *table = &tables[index / 2];
	unsigned side = index % 2;
	struct waiter waiter;

	(void)argument;
	wait_begin(&table->queue, &waiter);
	for (unsigned i = 0; i < ROUNDS; i++) {
		while (table->ball % 2 != side) {
			if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE,
				       clock_deadline_after(TEST_PATIENCE_NS)))
				table->lost++;
		}
		table->ball++;
		wait_wake(&table->queue);
	}
	wait_end(&waiter);
}

KTEST(sched, loses_no_wake_up)
{
	struct crew crew;

	for (unsigned i = 0; i < PAIRS; i++) {
		wait_queue_init(&tables[i].queue, "table");
		tables[i].ball = 0;
		tables[i].lost = 0;
	}
	if (!crew_start(&crew, 2 * PAIRS, play, NULL))
		return;
	crew_join(&crew);
	for (unsigned i = 0; i < PAIRS; i++) {
		ktest_expect(tables[i].ball == 2 * ROUNDS);
		ktest_expect(tables[i].lost == 0);
	}
}

/* One thread wakes another that sleeps by hand, from every moment of its going to sleep. */
static struct {
	struct thread *sleeper;
	_Atomic unsigned given, taken;
	_Atomic unsigned lost;
} bell;

static void sleep_and_wake(unsigned index, void *argument)
{
	(void)argument;
	for (unsigned i = 1; i <= 4 * ROUNDS; i++) {
		if (index == 0) {
			thread_set_state(THREAD_SLEEPING);
			while (bell.given < i) {
				if (!thread_block(clock_deadline_after(TEST_PATIENCE_NS)))
					bell.lost++;
				thread_set_state(THREAD_SLEEPING);
			}
			thread_set_state(THREAD_RUNNABLE);
			bell.taken = i;
		} else {
			bell.given = i;
			thread_wake(bell.sleeper);
			while (bell.taken < i && cpu_count() > 1)
				spin_once();
			while (bell.taken < i)
				thread_yield();
		}
	}
}

KTEST(sched, loses_no_wake_up_by_hand)
{
	struct crew crew;

	bell.given = 0;
	bell.taken = 0;
	bell.lost = 0;
	if (!crew_prepare(&crew, 2, sleep_and_wake, NULL))
		return;
	bell.sleeper = crew_thread(&crew, 0);
	crew_go(&crew);
	crew_join(&crew);
	ktest_expect(bell.taken == 4 * ROUNDS);
	ktest_expect(bell.lost == 0);
}

static _Atomic bool expiring, may_return, returned;

static void expire_slowly(struct timer *timer)
{
	(void)timer;
	expiring = true;
	while (!may_return)
		arch_cpu_relax();
	returned = true;
}

static void let_return(struct timer *timer)
{
	(void)timer;
	may_return = true;
}

static void arm_timer(unsigned index, void *argument)
{
	(void)index;
	timer_arm(argument, clock_deadline_after(100 * NS_PER_MICROSECOND));
}

KTEST(sched, timer_cancel_sync_waits)
{
	struct timer slow, helper;
	struct crew crew;

	if (cpu_count() == 1)
		return;
	expiring = may_return = returned = false;
	timer_init(&slow, expire_slowly);
	timer_init(&helper, let_return);
	ktest_expect(thread_set_affinity(thread_current(), cpu_bit(0)) == 0);
	if (crew_prepare(&crew, 1, arm_timer, &slow)) {
		ktest_expect(thread_set_affinity(crew_thread(&crew, 0), cpu_bit(1)) == 0);
		crew_go(&crew);
		spin_until(&expiring);
		/* It runs there, and returns only after a timer here says so. */
		ktest_expect(!timer_cancel(&slow));
		ktest_expect(!returned);
		timer_arm(&helper, clock_deadline_after(500 * NS_PER_MICROSECOND));
		timer_cancel_sync(&slow);
		ktest_expect(returned);
		timer_cancel_sync(&helper);
		crew_join(&crew);
	}
	ktest_expect(thread_set_affinity(thread_current(), UINT64_MAX) == 0);
}

static void stop_yourself(unsigned index, void *argument)
{
	_Atomic bool *released = argument;

	(void)index;
	do
		thread_set_state(THREAD_STOPPED);
	while (thread_block(DEADLINE_NEVER) && !*released);
}

KTEST(sched, stops_and_continues)
{
	static _Atomic bool released;
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	struct thread *thread;
	struct crew crew;

	released = false;
	if (!crew_start(&crew, 1, stop_yourself, (void *)&released))
		return;
	thread = crew_thread(&crew, 0);
	while (!thread_is_stopped(thread) && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	ktest_expect(thread_is_stopped(thread));
	thread_interrupt(thread);
	ktest_expect(!thread_wake(thread));
	sleep_for(NS_PER_MILLISECOND);
	ktest_expect(thread_is_stopped(thread));
	released = true;
	ktest_expect(thread_continue(thread));
	crew_join(&crew);
}

static void do_nothing(unsigned index, void *argument)
{
	(void)index;
	(void)argument;
}

static void count_thread(struct thread *thread, void *argument)
{
	(void)thread;
	(*(unsigned *)argument)++;
}

/* crew_join() returns only when all of them are buried. */
KTEST(sched, buries_the_dead)
{
	unsigned before = 0, after = 0;

	thread_visit(count_thread, &before);
	for (unsigned i = 0; i < 8; i++) {
		struct crew crew;

		if (crew_start(&crew, 16, do_nothing, NULL))
			crew_join(&crew);
	}
	thread_visit(count_thread, &after);
	ktest_expect(before == after);
}

static void wait_for_change(unsigned index, void *argument)
{
	struct waiter waiter;

	(void)index;
	wait_begin(&wait_realtime_changed, &waiter);
	(*(_Atomic unsigned *)argument)++;
	ktest_expect(wait_sleep(&waiter, WAIT_INTERRUPTIBLE,
				clock_deadline_after(TEST_PATIENCE_NS)) == 0);
	wait_end(&waiter);
}

KTEST(sched, setting_the_clock_wakes_sleepers)
{
	static _Atomic unsigned waiting;
	struct crew crew;

	waiting = 0;
	if (!crew_start(&crew, 2, wait_for_change, (void *)&waiting))
		return;
	while (waiting < 2)
		sleep_for(NS_PER_MILLISECOND);
	clock_set_realtime_ns(clock_realtime_ns());
	crew_join(&crew);
}
