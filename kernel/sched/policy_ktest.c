/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: what the policies promise to threads that share a CPU. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <core/ktest.h>

#define MEMBERS_MAX 3

static struct {
	_Atomic bool stop;
	_Atomic unsigned started;
	_Atomic uint64_t rounds; /* of all members */
} contest;

static void spin(unsigned index, void *argument)
{
	(void)index;
	(void)argument;
	contest.started++;
	while (!contest.stop) {
		contest.rounds++;
		spin_once();
	}
}

static bool prepare(struct crew *crew, const struct thread_scheduling *scheduling, unsigned count)
{
	contest.stop = false;
	contest.started = 0;
	contest.rounds = 0;
	if (!crew_prepare(crew, count, spin, NULL))
		return false;
	for (unsigned i = 0; i < count; i++) {
		thread_set_scheduling(crew_thread(crew, i), &scheduling[i]);
		ktest_expect(thread_set_affinity(crew_thread(crew, i), cpu_bit(cpu_count() - 1)) ==
			     0);
	}
	return true;
}

/* Has them share a CPU for so long. Returns the time of all, and of each. The tests' thread goes
 * first meanwhile, so that it looks on time where there is but one CPU. */
static uint64_t share(const struct thread_scheduling *scheduling, unsigned count, uint64_t ns,
		      uint64_t times[MEMBERS_MAX])
{
	struct thread_scheduling usual = thread_get_scheduling(thread_current());
	uint64_t sum = 0;
	struct crew crew;

	if (!prepare(&crew, scheduling, count))
		return 0;
	thread_set_scheduling(thread_current(), &(struct thread_scheduling){
							.policy = THREAD_POLICY_FIFO,
							.realtime_priority = 60,
						});
	crew_go(&crew);
	for (unsigned i = 0; i < count; i++)
		times[i] = thread_runtime(crew_thread(&crew, i));
	sleep_for(ns);
	for (unsigned i = 0; i < count; i++) {
		times[i] = thread_runtime(crew_thread(&crew, i)) - times[i];
		sum += times[i];
	}
	contest.stop = true;
	crew_join(&crew);
	thread_set_scheduling(thread_current(), &usual);
	return sum;
}

static bool is_percent(uint64_t time, uint64_t sum, unsigned least, unsigned most)
{
	return time * 100 >= sum * least && time * 100 <= sum * most;
}

KTEST(sched, realtime_leaves_five_percent)
{
	static const struct thread_scheduling scheduling[2] = {
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_NORMAL },
	};
	uint64_t times[MEMBERS_MAX] = { 0 };
	uint64_t sum = share(scheduling, 2, 3 * NS_PER_SECOND, times);

	ktest_expect(is_percent(times[1], sum, 3, 8));
}

KTEST(sched, realtime_runs_by_priority)
{
	static const struct thread_scheduling scheduling[3] = {
		{ .policy = THREAD_POLICY_ROUND_ROBIN, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_ROUND_ROBIN, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 40 },
	};
	uint64_t times[MEMBERS_MAX] = { 0 };
	uint64_t sum = share(scheduling, 3, 600 * NS_PER_MILLISECOND, times);

	ktest_expect(is_percent(times[0], sum, 40, 60));
	ktest_expect(is_percent(times[1], sum, 40, 60));
	ktest_expect(times[2] * 20 < sum);
}

KTEST(sched, fifo_does_not_take_turns)
{
	static const struct thread_scheduling scheduling[2] = {
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
	};
	uint64_t times[MEMBERS_MAX] = { 0 };
	uint64_t sum = share(scheduling, 2, 400 * NS_PER_MILLISECOND, times);

	/* Whichever came first. */
	ktest_expect(times[0] * 20 < sum || times[1] * 20 < sum);
}

KTEST(sched, nice_values_share)
{
	static const struct thread_scheduling scheduling[3] = {
		{ .policy = THREAD_POLICY_NORMAL, .nice = 0 },
		{ .policy = THREAD_POLICY_BATCH, .nice = 10 },
		{ .policy = THREAD_POLICY_NORMAL, .nice = -20 },
	};
	uint64_t times[MEMBERS_MAX] = { 0 };
	uint64_t sum = share(scheduling, 3, 2 * NS_PER_SECOND, times);

	/* 2 : 1 : 4 */
	ktest_expect(is_percent(times[0], sum, 23, 34));
	ktest_expect(is_percent(times[1], sum, 10, 19));
	ktest_expect(is_percent(times[2], sum, 50, 64));
}

#define CALLS 20

static struct {
	struct wait_queue queue;
	_Atomic unsigned made, heard;
	_Atomic uint64_t rounds; /* of the contest, when it was heard */
} call;

static void listen(unsigned index, void *argument)
{
	struct waiter waiter;

	(void)index;
	(void)argument;
	wait_begin(&call.queue, &waiter);
	while (call.heard < CALLS) {
		while (call.heard == call.made)
			wait_sleep_until_woken(&waiter);
		call.rounds = contest.rounds;
		call.heard++;
	}
	wait_end(&waiter);
}

/* How many calls are heard before the threads that spin have got half a millisecond's work done. */
static unsigned count_quick_calls(void)
{
	uint64_t before = contest.rounds, limit;
	unsigned quick = 0;

	sleep_for(40 * NS_PER_MILLISECOND);
	limit = (contest.rounds - before) / 80;
	for (unsigned i = 0; i < CALLS; i++) {
		/* At different times in their turns. */
		sleep_for(13 * NS_PER_MILLISECOND);
		before = contest.rounds;
		call.made++;
		wait_wake(&call.queue);
		while (call.heard < call.made)
			sleep_for(NS_PER_MILLISECOND);
		quick += call.rounds - before <= limit;
	}
	return quick;
}

static unsigned quick_calls(const struct thread_scheduling *scheduling)
{
	static const struct thread_scheduling normal[2] = { { .policy = THREAD_POLICY_NORMAL } };
	struct crew crew, listener;
	unsigned quick = 0;

	wait_queue_init(&call.queue, "call");
	call.made = 0;
	call.heard = 0;
	if (!prepare(&crew, normal, 2))
		return 0;
	crew_go(&crew);
	if (crew_prepare(&listener, 1, listen, NULL)) {
		struct thread *thread = crew_thread(&listener, 0);

		thread_set_scheduling(thread, scheduling);
		ktest_expect(thread_set_affinity(thread, cpu_bit(cpu_count() - 1)) == 0);
		crew_go(&listener);
		quick = count_quick_calls();
		crew_join(&listener);
	}
	contest.stop = true;
	crew_join(&crew);
	return quick;
}

KTEST(sched, realtime_and_normal_preempt_and_batch_waits)
{
	struct thread_scheduling scheduling = {
		.policy = THREAD_POLICY_FIFO,
		.realtime_priority = 1,
	};

	ktest_expect(quick_calls(&scheduling) > CALLS * 3 / 4);
	scheduling = (struct thread_scheduling){ .policy = THREAD_POLICY_NORMAL };
	ktest_expect(quick_calls(&scheduling) > CALLS / 2);
	scheduling.policy = THREAD_POLICY_BATCH;
	ktest_expect(quick_calls(&scheduling) < CALLS / 2);
}
