/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What debug builds say of mistakes with locks, in the simulation. */
#include "../sched_priv.h"
#include "sim_test.h"

#include <core/panic.h>
#include <sched/diagnose.h>
#include <sched/mutex.h>
#include <sync/snapshot.h>

static struct mutex first, second, third;
static struct rw_lock rw;
static struct spinlock spin = SPINLOCK_INIT(RANK_LEAF, "spin");
static struct timer timer;
static _Atomic unsigned ready;

static void nap(void)
{
	thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
}

static void start(unsigned cpus)
{
	sim_test_start_scheduler(cpus, 64 * MIB, 7);
	mutex_init(&first, RANK_DEVICE, "first");
	mutex_init(&second, RANK_DEVICE, "second");
	mutex_init(&third, RANK_DEVICE, "third");
	rw_lock_init(&rw, RANK_DEVICE, "rw");
}

static void spawn(void (*entry)(void *), const char *name)
{
	if (thread_spawn(name, entry, NULL))
		panic("no memory");
}

/* Takes `own`, waits until all have, and goes for `other`. */
static void cross(struct mutex *own, struct mutex *other, unsigned count)
{
	mutex_lock(own);
	ready++;
	while (ready < count)
		nap();
	mutex_lock_nested(other);
}

static void second_first(void *unused)
{
	(void)unused;
	cross(&second, &first, 2);
}

static void deadlock_of_two(void)
{
	spawn(second_first, "other");
	cross(&first, &second, 2);
	nap();
	nap();
}

static void second_third(void *unused)
{
	(void)unused;
	cross(&second, &third, 3);
}

static void third_first(void *unused)
{
	(void)unused;
	cross(&third, &first, 3);
}

static void deadlock_of_three(void)
{
	spawn(second_third, "two");
	spawn(third_first, "three");
	cross(&first, &second, 3);
	nap();
	nap();
}

static void mutex_twice(void)
{
	mutex_lock(&first);
	mutex_lock(&first);
}

static void read_twice(void)
{
	rw_lock_read(&rw);
	rw_lock_read(&rw);
}

static void release_unheld(void)
{
	mutex_lock(&first);
	rw_unlock_read(&rw);
}

static void mutex_order(void)
{
	struct mutex low;

	mutex_init(&low, RANK_PIPE, "low");
	mutex_lock(&first);
	mutex_lock(&low);
}

static void mutex_under_spinlock(void)
{
	spin_lock(&spin);
	mutex_lock(&first);
}

static void rw_lock_with_interrupts_off(void)
{
	arch_irq_disable();
	rw_lock_write(&rw);
}

static void sleep_under_spinlock(void)
{
	spin_lock(&spin);
	nap();
}

/* Even where there is nothing to wait for. */
static void wait_under_spinlock(void)
{
	struct wait_queue queue;
	struct waiter waiter;

	wait_queue_init(&queue, "queue");
	wait_begin(&queue, &waiter);
	wait_wake(&queue);
	spin_lock(&spin);
	wait_sleep_until_woken(&waiter);
}

static void expired(struct timer *unused)
{
	(void)unused;
	if (mutex_try_lock(&first))
		mutex_unlock(&first);
}

static void mutex_in_handler(void)
{
	timer_init(&timer, expired);
	timer_arm(&timer, clock_deadline_after(1000));
	nap();
}

UNIT_TEST(lock_debug, deadlocks)
{
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	start(3);
	EXPECT_PANIC(deadlock_of_two, "holds first and waits for second");
	EXPECT_PANIC(deadlock_of_two, "other holds second and waits for first");
	EXPECT_PANIC(deadlock_of_three, "two holds second and waits for third");
	EXPECT_PANIC(deadlock_of_three, "three holds third and waits for first");
	EXPECT_PANIC(deadlock_of_three, "holds first and waits for second");
	EXPECT_PANIC(mutex_twice, "first is taken twice by thread ");
	EXPECT_PANIC(read_twice, "rw is taken twice by thread ");
}

UNIT_TEST(lock_debug, usage)
{
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	start(3);
	EXPECT_PANIC(mutex_order, "taking low (rank 26) while holding first (rank 42)");
	EXPECT_PANIC(release_unheld, "rw is released by thread ");
	EXPECT_PANIC(mutex_under_spinlock, "interrupts on, preemption count 1");
	EXPECT_PANIC(rw_lock_with_interrupts_off, "interrupts off, preemption count 0");
	EXPECT_PANIC(sleep_under_spinlock, "sleep in atomic context");
	EXPECT_PANIC(wait_under_spinlock, "sleep in atomic context");
	EXPECT_PANIC(mutex_in_handler, "first is taken in an interrupt handler");
}

/* Time passes in an interrupt, while the lock is waited for. */
static void pass_time(struct timer *unused)
{
	(void)unused;
	sim_pass_time(20 * NS_PER_SECOND);
}

static void hold_for_ever(void *unused)
{
	(void)unused;
	if (thread_set_affinity(thread_current(), cpu_bit(1)))
		panic("no CPU 1");
	spin_lock(&spin);
	ready++;
	for (;;)
		arch_cpu_relax();
}

static void spin_for_ever(void)
{
	if (thread_set_affinity(thread_current(), cpu_bit(0)))
		panic("no CPU 0");
	spawn(hold_for_ever, "holder");
	while (ready == 0)
		nap();
	timer_init(&timer, pass_time);
	timer_arm(&timer, clock_deadline_after(100 * NS_PER_MICROSECOND));
	spin_lock(&spin);
}

UNIT_TEST(lock_debug, spinlock_for_ever)
{
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	start(3);
	EXPECT_PANIC(spin_for_ever, "held by CPU 1, taken at");
	EXPECT_PANIC(spin_for_ever, "lock spin: CPU 0 waits at");
}

static void take_second(void *unused)
{
	(void)unused;
	mutex_lock(&second);
	mutex_unlock(&second);
	ready++;
}

/* A wait is over when it is over: another order later is no deadlock. */
UNIT_TEST(lock_debug, no_false_alarm)
{
	start(2);
	mutex_lock(&first);
	mutex_lock_nested(&second);
	spawn(take_second, "waiter");
	nap();
	EXPECT(blocked_log(0, "test"));
	EXPECT(blocked_log_all("test"));
	EXPECT(snapshot_log(UINT64_MAX, "test"));
	mutex_unlock(&second);
	mutex_unlock(&first);
	while (ready == 0)
		nap();
	mutex_lock(&second);
	mutex_lock_nested(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

/* Reports come when it is time, and not too often. */
UNIT_TEST(lockup, reports)
{
	start(2);
	EXPECT(!lockup_check(1, clock_monotonic_ns()));
	sim_pass_time(3 * NS_PER_SECOND);
	EXPECT(lockup_report(cpu_bit(1), "does nothing", 3 * NS_PER_SECOND));
	EXPECT(!lockup_report(cpu_bit(1), "does nothing", 3 * NS_PER_SECOND));
	EXPECT(lockup_check(1, clock_monotonic_ns() - 3 * NS_PER_SECOND));
	sim_pass_time(3 * NS_PER_SECOND);
	EXPECT(lockup_report(cpu_bit(1), "does nothing", 3 * NS_PER_SECOND));
}
