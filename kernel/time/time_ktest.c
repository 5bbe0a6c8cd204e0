/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: timers and clocks. Those that need threads are beside the scheduler. */
#include <core/ktest.h>
#include <sync/cpu.h>
#include <time/clock.h>
#include <time/timer.h>

#include <stdatomic.h>

#define TIMERS 32

/* Longer than any of the deadlines here, if timers work. */
#define PATIENCE_NS (20 * NS_PER_SECOND)

static struct test_timer {
	struct timer timer;
	_Atomic uint64_t fired_at; /* 0: not yet */
	_Atomic unsigned order;    /* the how manieth it was */
	_Atomic unsigned fired;    /* how often */
	_Atomic unsigned again;    /* how often it is to arm itself anew */
	uint64_t deadline;
} timers[TIMERS];

static _Atomic unsigned expired;

static void timer_expired(struct timer *timer)
{
	struct test_timer *test = container_of(timer, struct test_timer, timer);

	test->fired_at = clock_monotonic_ns();
	test->order = expired++;
	test->fired++;
	if (test->again > 0) {
		test->again--;
		timer_arm(timer, clock_deadline_after(50 * NS_PER_MICROSECOND));
	}
}

static void test_init(void)
{
	expired = 0;
	for (unsigned i = 0; i < TIMERS; i++) {
		timers[i] = (struct test_timer){ 0 };
		timer_init(&timers[i].timer, timer_expired);
	}
}

/* Lets time pass on this CPU with interrupts on, until `count` timers have fired or `ns` have
 * gone by. */
static void wait_for(unsigned count, uint64_t ns)
{
	uint64_t end = clock_deadline_after(ns);

	while (expired < count && clock_monotonic_ns() < end) {
		unsigned long state = arch_irq_save();

		arch_irq_restore(state);
		arch_cpu_relax();
	}
}

KTEST(time, timers_fire_in_order_and_not_early)
{
	unsigned long state;
	uint64_t begin;

	test_init();
	preempt_disable(); /* all on this CPU */
	/* None fires before all are armed, however slow the machine. */
	state = arch_irq_save();
	begin = clock_monotonic_ns() + 50 * NS_PER_MILLISECOND;
	for (unsigned i = 0; i < TIMERS; i++) {
		/* 0 .. 31 in another order, two of each but the last. */
		unsigned place = i * 13 % TIMERS;

		timers[i].deadline = begin + place / 2 * 20 * NS_PER_MICROSECOND;
		timer_arm(&timers[i].timer, timers[i].deadline);
		ktest_expect(timer_is_armed(&timers[i].timer));
	}
	arch_irq_restore(state);
	wait_for(TIMERS, PATIENCE_NS);
	preempt_enable();
	for (unsigned i = 0; i < TIMERS; i++) {
		ktest_expect(timers[i].fired == 1 && !timer_is_armed(&timers[i].timer));
		ktest_expect(timers[i].fired_at >= timers[i].deadline);
		for (unsigned j = 0; j < TIMERS; j++) {
			bool before = timers[i].deadline < timers[j].deadline;

			/* Of equal deadlines the one that was armed first. */
			if (timers[i].deadline == timers[j].deadline)
				before = i < j;
			if (i != j)
				ktest_expect(before == (timers[i].order < timers[j].order));
		}
	}
}

KTEST(time, cancelled_timers_do_not_fire)
{
	uint64_t deadline = clock_deadline_after(50 * NS_PER_MILLISECOND);
	unsigned long state;

	test_init();
	/* None fires before it is cancelled, however long that takes. */
	state = arch_irq_save();
	for (unsigned i = 0; i < TIMERS; i++)
		timer_arm(&timers[i].timer, deadline + i);
	for (unsigned i = 0; i < TIMERS; i += 2)
		ktest_expect(i % 4 ? timer_cancel(&timers[i].timer)
				   : timer_cancel_sync(&timers[i].timer));
	ktest_expect(!timer_cancel(&timers[0].timer));
	arch_irq_restore(state);
	wait_for(TIMERS / 2, PATIENCE_NS);
	wait_for(TIMERS, NS_PER_MILLISECOND);
	for (unsigned i = 0; i < TIMERS; i++)
		ktest_expect(timers[i].fired == i % 2);
}

KTEST(time, timers_can_be_moved)
{
	unsigned long state;

	test_init();
	/* None fires before it is moved, however long that takes. */
	state = arch_irq_save();
	timer_arm(&timers[0].timer, clock_deadline_after(PATIENCE_NS));
	timer_arm(&timers[1].timer, clock_deadline_after(500 * NS_PER_MICROSECOND));
	timer_arm(&timers[1].timer, clock_deadline_after(PATIENCE_NS));
	timer_arm(&timers[0].timer, clock_deadline_after(NS_PER_MILLISECOND));
	arch_irq_restore(state);
	wait_for(1, PATIENCE_NS);
	wait_for(2, NS_PER_MILLISECOND);
	ktest_expect(timers[0].fired == 1 && timers[1].fired == 0);
	ktest_expect(timer_cancel_sync(&timers[1].timer));
}

KTEST(time, timers_in_the_past_fire_at_once)
{
	test_init();
	timer_arm(&timers[0].timer, 0);
	timer_arm(&timers[1].timer, clock_monotonic_ns());
	wait_for(2, PATIENCE_NS);
	ktest_expect(timers[0].fired == 1 && timers[1].fired == 1);
}

KTEST(time, timers_can_arm_themselves)
{
	test_init();
	timers[0].again = 9;
	timer_arm(&timers[0].timer, clock_deadline_after(100 * NS_PER_MICROSECOND));
	wait_for(10, PATIENCE_NS);
	ktest_expect(timers[0].fired == 10);
	/* One that would go on for ever is stopped, whatever it is doing. */
	timers[1].again = UINT32_MAX;
	timer_arm(&timers[1].timer, clock_deadline_after(100 * NS_PER_MICROSECOND));
	wait_for(15, PATIENCE_NS);
	timer_cancel_sync(&timers[1].timer);
	ktest_expect(!timer_is_armed(&timers[1].timer));
	expired = 0;
	wait_for(1, NS_PER_MILLISECOND);
	ktest_expect(expired == 0);
}

KTEST(time, real_time_can_be_set)
{
	uint64_t real = clock_realtime_ns(), now = clock_monotonic_ns();
	uint64_t wanted = 1000000000 * NS_PER_SECOND;
	uint64_t deadline;

	clock_set_realtime_ns(wanted);
	ktest_expect(clock_realtime_ns() - wanted < NS_PER_SECOND);
	deadline = clock_realtime_to_monotonic(wanted + 10 * NS_PER_SECOND);
	ktest_expect(deadline - now - 10 * NS_PER_SECOND < NS_PER_SECOND);
	ktest_expect(clock_realtime_to_monotonic(0) == 0);
	ktest_expect(clock_realtime_to_monotonic(DEADLINE_NEVER) == DEADLINE_NEVER);
	ktest_expect(clock_deadline_after(DEADLINE_NEVER) == DEADLINE_NEVER);
	/* To before boot, where the difference of the clocks is negative. */
	clock_set_realtime_ns(0);
	ktest_expect(clock_realtime_ns() < NS_PER_SECOND);
	ktest_expect(clock_realtime_to_monotonic(5 * NS_PER_SECOND) - now < 6 * NS_PER_SECOND);
	ktest_expect(clock_realtime_to_monotonic(DEADLINE_NEVER - 1) == DEADLINE_NEVER);
	ktest_expect(clock_monotonic_ns() >= now);
	clock_set_realtime_ns(real + (clock_monotonic_ns() - now));
}

KTEST(time, monotonic_time_stands_still_while_the_machine_sleeps)
{
	uint64_t real = clock_realtime_ns(), boot = clock_boottime_ns(), now = clock_monotonic_ns();
	uint64_t slept = 1000 * NS_PER_SECOND;

	clock_slept(slept);
	ktest_expect(clock_monotonic_ns() - now < slept);
	ktest_expect(clock_boottime_ns() - boot >= slept);
	ktest_expect(clock_boottime_ns() - boot < 2 * slept);
	ktest_expect(clock_realtime_ns() - real >= slept);
	ktest_expect(now - clock_to_monotonic(CLOCK_BASE_BOOTTIME, boot + slept) < NS_PER_SECOND);
	ktest_expect(clock_to_monotonic(CLOCK_BASE_BOOTTIME, 0) == 0);
	ktest_expect(clock_to_monotonic(CLOCK_BASE_BOOTTIME, DEADLINE_NEVER) == DEADLINE_NEVER);
	ktest_expect(clock_after(CLOCK_BASE_BOOTTIME, DEADLINE_NEVER) == DEADLINE_NEVER);
	clock_set_realtime_ns(real + (clock_monotonic_ns() - now));
}
