/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: who runs where and for how long, while threads that never sleep are about. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/ktest.h>

#define SPINNERS_MAX CPU_MAX

static struct {
	_Atomic bool stop;
	_Atomic bool started[SPINNERS_MAX];
	_Atomic unsigned cpu[SPINNERS_MAX]; /* where each was seen last */
	_Atomic uint64_t rounds[SPINNERS_MAX];
} spinners;

static void spin(unsigned index, void *argument)
{
	(void)argument;
	spinners.started[index] = true;
	while (!spinners.stop) {
		preempt_disable();
		spinners.cpu[index] = cpu_id();
		preempt_enable();
		spinners.rounds[index]++;
		spin_once();
	}
}

static bool spinners_prepare(struct crew *crew, unsigned count)
{
	spinners.stop = false;
	for (unsigned i = 0; i < SPINNERS_MAX; i++) {
		spinners.started[i] = false;
		spinners.rounds[i] = 0;
		spinners.cpu[i] = UINT32_MAX;
	}
	return crew_prepare(crew, count, spin, NULL);
}

static void spinners_end(struct crew *crew)
{
	spinners.stop = true;
	crew_join(crew);
}

/* The highest CPU: not the one that the tests' own thread is mostly on. */
static unsigned far_cpu(void)
{
	return cpu_count() - 1;
}

static void pin(struct thread *thread, unsigned cpu)
{
	ktest_expect(thread_set_affinity(thread, cpu_bit(cpu)) == 0);
}

static bool spinner_starts(unsigned index)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (!spinners.started[index] && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return spinners.started[index];
}

static void set_policy(struct thread *thread, enum thread_policy policy, int nice)
{
	struct thread_scheduling scheduling = { .policy = policy, .nice = (int8_t)nice };

	thread_set_scheduling(thread, &scheduling);
}

KTEST(sched, preempts_spinners)
{
	unsigned count = cpu_count() * 3;
	struct crew crew;

	if (count > SPINNERS_MAX || !spinners_prepare(&crew, count))
		return;
	for (unsigned i = 0; i < count; i++)
		pin(crew_thread(&crew, i), i % cpu_count());
	crew_go(&crew);
	/* Each gets its turn, though three want every CPU, and this thread wants one too. */
	for (unsigned i = 0; i < count; i++)
		ktest_expect(spinner_starts(i));
	spinners_end(&crew);
}

KTEST(sched, shares_a_cpu_fairly)
{
	struct crew crew;
	uint64_t times[3], sum = 0;

	if (!spinners_prepare(&crew, 3))
		return;
	for (unsigned i = 0; i < 3; i++)
		pin(crew_thread(&crew, i), far_cpu());
	crew_go(&crew);
	sleep_for(300 * NS_PER_MILLISECOND);
	for (unsigned i = 0; i < 3; i++) {
		times[i] = thread_runtime(crew_thread(&crew, i));
		sum += times[i];
	}
	spinners_end(&crew);
	for (unsigned i = 0; i < 3; i++)
		ktest_expect(times[i] * 6 > sum && times[i] * 2 < sum);
	ktest_expect(sum < 600 * NS_PER_MILLISECOND);
}

KTEST(sched, prefers_better_classes)
{
	struct crew crew;

	if (!spinners_prepare(&crew, 2))
		return;
	for (unsigned i = 0; i < 2; i++)
		pin(crew_thread(&crew, i), far_cpu());
	set_policy(crew_thread(&crew, 0), THREAD_POLICY_IDLE, 0);
	thread_start(crew_thread(&crew, 0));
	ktest_expect(spinner_starts(0));
	thread_start(crew_thread(&crew, 1));
	ktest_expect(spinner_starts(1));
	/* The worse one gets a slice now and then, but no more. */
	sleep_for(2 * STARVED_NS);
	ktest_expect(thread_runtime(crew_thread(&crew, 0)) * 4 <
		     thread_runtime(crew_thread(&crew, 1)));
	ktest_expect(crew_thread(&crew, 0)->switches_involuntary > 1);
	/* With their roles reversed it runs. */
	set_policy(crew_thread(&crew, 0), THREAD_POLICY_HIGH, 0);
	spinners.rounds[0] = 0;
	ktest_expect(spinner_starts(0));
	spinners_end(&crew);
}

#define ALARMS 20

static struct {
	struct wait_queue queue;
	_Atomic unsigned rung, heard;
	_Atomic uint64_t rounds; /* of the spinner, when it was heard */
} alarm;

static void hear_alarms(unsigned index, void *argument)
{
	struct waiter waiter;

	(void)index;
	(void)argument;
	wait_begin(&alarm.queue, &waiter);
	while (alarm.heard < ALARMS) {
		while (alarm.heard == alarm.rung)
			wait_sleep_until_woken(&waiter);
		alarm.rounds = spinners.rounds[0];
		alarm.heard++;
	}
	wait_end(&waiter);
}

/* The number of alarms that were heard within half a millisecond. Time is measured by what the
 * spinner got done: where the CPUs are virtual, they may themselves be off the CPU at times. */
static unsigned quick_alarms(void)
{
	uint64_t rounds = spinners.rounds[0];
	uint64_t limit;
	unsigned quick = 0;

	sleep_for(20 * NS_PER_MILLISECOND);
	limit = (spinners.rounds[0] - rounds) / 40;
	for (unsigned i = 0; i < ALARMS; i++) {
		sleep_for(NS_PER_MILLISECOND);
		rounds = spinners.rounds[0];
		alarm.rung++;
		wait_wake(&alarm.queue);
		while (alarm.heard < alarm.rung)
			spin_once();
		quick += alarm.rounds - rounds <= limit;
	}
	return quick;
}

/* A thread of a better class that wakes does not wait for the end of a turn. */
KTEST(sched, preempts_for_better_threads)
{
	struct crew crew, hearing;

	wait_queue_init(&alarm.queue, "alarm");
	alarm.rung = 0;
	alarm.heard = 0;
	if (!spinners_prepare(&crew, 1))
		return;
	pin(crew_thread(&crew, 0), far_cpu());
	set_policy(crew_thread(&crew, 0), THREAD_POLICY_NORMAL, -20);
	crew_go(&crew);
	ktest_expect(spinner_starts(0));
	if (crew_prepare(&hearing, 1, hear_alarms, NULL)) {
		pin(crew_thread(&hearing, 0), far_cpu());
		set_policy(crew_thread(&hearing, 0), THREAD_POLICY_HIGH, 0);
		crew_go(&hearing);
		ktest_expect(quick_alarms() > ALARMS / 2);
		crew_join(&hearing);
	}
	spinners_end(&crew);
}

static bool all_on_different_cpus(unsigned count)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned cpu = spinners.cpu[i];

		if (cpu >= CPU_MAX)
			return false;
		seen |= cpu_bit(cpu);
	}
	return bit_count(seen) == count;
}

KTEST(sched, uses_all_cpus)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	unsigned count = cpu_count();
	struct crew crew;

	if (!spinners_prepare(&crew, count))
		return;
	/* They begin on one CPU and are let go. */
	for (unsigned i = 0; i < count; i++)
		pin(crew_thread(&crew, i), 0);
	crew_go(&crew);
	for (unsigned i = 0; i < count; i++)
		ktest_expect(thread_set_affinity(crew_thread(&crew, i), UINT64_MAX) == 0);
	while (!all_on_different_cpus(count) && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	ktest_expect(all_on_different_cpus(count));
	spinners_end(&crew);
}

static bool spinner_comes_to(unsigned index, unsigned cpu)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (spinners.cpu[index] != cpu && clock_monotonic_ns() < deadline)
		spin_once();
	return spinners.cpu[index] == cpu;
}

KTEST(sched, obeys_affinity)
{
	struct thread *self = thread_current();
	struct crew crew;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		pin(self, cpu);
		ktest_expect(cpu_id() == cpu);
		thread_yield();
		ktest_expect(cpu_id() == cpu);
		sleep_for(NS_PER_MILLISECOND);
		ktest_expect(cpu_id() == cpu);
	}
	ktest_expect(thread_set_affinity(self, 0) == -EINVAL);
	if (cpu_count() < CPU_MAX)
		ktest_expect(thread_set_affinity(self, cpu_bit(CPU_MAX - 1)) == -EINVAL);

	/* A thread that runs is moved too. */
	pin(self, 0);
	if (!spinners_prepare(&crew, 1))
		return;
	crew_go(&crew);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		pin(crew_thread(&crew, 0), cpu);
		ktest_expect(spinner_comes_to(0, cpu));
	}
	spinners_end(&crew);
	ktest_expect(thread_set_affinity(self, UINT64_MAX) == 0);
}

/* More threads than CPUs, moved about at random while they spin, sleep and yield. */
static void wander(unsigned index, void *argument)
{
	uint64_t random = index + 1;

	(void)argument;
	for (unsigned i = 0; i < 200; i++) {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		switch (random >> 60 & 3) {
		case 0:
			pin(thread_current(), (unsigned)(random >> 32) % cpu_count());
			break;
		case 1:
			sleep_for(random >> 48);
			break;
		case 2:
			thread_yield();
			break;
		default:
			ktest_expect(thread_set_affinity(thread_current(), UINT64_MAX) == 0);
			for (unsigned j = 0; j < 50; j++)
				spin_once();
		}
	}
}

KTEST(sched, survives_wandering_threads)
{
	struct crew crew;
	uint64_t random = 99;

	if (!crew_start(&crew, 16, wander, NULL))
		return;
	for (unsigned i = 0; i < 400; i++) {
		struct thread *thread;

		random = random * 6364136223846793005ull + 1442695040888963407ull;
		thread = crew_thread(&crew, random >> 60);
		ktest_expect(thread_set_affinity(
				     thread, cpu_bit((unsigned)(random >> 32) % cpu_count())) == 0);
		set_policy(thread, random >> 40 & 1 ? THREAD_POLICY_NORMAL : THREAD_POLICY_HIGH,
			   (int)(random >> 50 & 15) - 8);
		sleep_for(50 * NS_PER_MICROSECOND);
	}
	crew_join(&crew);
}

static uint64_t all_interrupts(void)
{
	uint64_t sum = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		sum += timer_interrupts(cpu);
	return sum;
}

/* What the scheduler itself caused on one CPU. */
static uint64_t decisions_on(unsigned cpu)
{
	const struct sched_statistics *statistics = sched_statistics(cpu);

	return statistics->wake_interrupts + statistics->timer_decisions;
}

KTEST(sched, takes_no_ticks)
{
	uint64_t interrupts, decisions, idle, switches;
	struct crew crew;

	/* Idle: only this thread's own sleep ends by an interrupt, and what drivers do. The guards
	 * of lockup.c that earlier tests made necessary look once more before that. */
	sleep_for(NS_PER_SECOND);
	interrupts = all_interrupts();
	idle = sched_idle_ns(far_cpu());
	decisions = decisions_on(far_cpu());
	sleep_for(500 * NS_PER_MILLISECOND);
	ktest_expect(all_interrupts() - interrupts <= 3);
	ktest_expect(decisions_on(far_cpu()) - decisions <= 1);
	ktest_expect(sched_idle_ns(far_cpu()) - idle > 400 * NS_PER_MILLISECOND);

	/* One thread alone on its CPU is not interrupted either. */
	if (cpu_count() == 1 || sched_is_by_tick() || !spinners_prepare(&crew, 1))
		return;
	pin(crew_thread(&crew, 0), far_cpu());
	crew_go(&crew);
	ktest_expect(spinner_starts(0));
	sleep_for(50 * NS_PER_MILLISECOND);
	interrupts = timer_interrupts(far_cpu());
	decisions = decisions_on(far_cpu());
	switches = sched_statistics(far_cpu())->switches;
	sleep_for(300 * NS_PER_MILLISECOND);
	ktest_expect(timer_interrupts(far_cpu()) - interrupts <= 1);
	ktest_expect(decisions_on(far_cpu()) - decisions <= 1);
	ktest_expect(sched_statistics(far_cpu())->switches - switches <= 4);
	spinners_end(&crew);
}
