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

/* Has them share a CPU until their times are `fair`, which is asked every `ns`, the first time
 * after that. True if they became so. Where CPUs are virtual they stand still at times, which evens
 * out in the long run. The tests' thread goes first meanwhile, so that it looks on time where there
 * is but one CPU. */
static bool share(const struct thread_scheduling *scheduling, unsigned count, uint64_t ns,
		  bool (*fair)(const uint64_t *times, uint64_t sum))
{
	struct thread_scheduling usual = thread_get_scheduling(thread_current());
	uint64_t before[MEMBERS_MAX], times[MEMBERS_MAX];
	bool done = false;
	struct crew crew;

	if (!prepare(&crew, scheduling, count))
		return false;
	thread_set_scheduling(thread_current(), &(struct thread_scheduling){
							.policy = THREAD_POLICY_FIFO,
							.realtime_priority = 60,
						});
	crew_go(&crew);
	for (unsigned i = 0; i < count; i++)
		before[i] = thread_runtime(crew_thread(&crew, i));
	for (unsigned looks = 0; !done && looks < 5; looks++) {
		uint64_t sum = 0;

		sleep_for(ns);
		for (unsigned i = 0; i < count; i++) {
			times[i] = thread_runtime(crew_thread(&crew, i)) - before[i];
			sum += times[i];
		}
		done = fair(times, sum);
	}
	contest.stop = true;
	crew_join(&crew);
	thread_set_scheduling(thread_current(), &usual);
	return done;
}

static bool is_percent(uint64_t time, uint64_t sum, unsigned least, unsigned most)
{
	return time * 100 >= sum * least && time * 100 <= sum * most;
}

static bool second_has_five_percent(const uint64_t *times, uint64_t sum)
{
	return is_percent(times[1], sum, 3, 8);
}

KTEST(sched, realtime_leaves_five_percent)
{
	static const struct thread_scheduling scheduling[2] = {
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_NORMAL },
	};

	ktest_expect(share(scheduling, 2, 3 * NS_PER_SECOND, second_has_five_percent));
}

static bool first_two_take_turns(const uint64_t *times, uint64_t sum)
{
	return is_percent(times[0], sum, 40, 60) && is_percent(times[1], sum, 40, 60) &&
	       times[2] * 20 < sum;
}

KTEST(sched, realtime_runs_by_priority)
{
	static const struct thread_scheduling scheduling[3] = {
		{ .policy = THREAD_POLICY_ROUND_ROBIN, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_ROUND_ROBIN, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 40 },
	};

	ktest_expect(share(scheduling, 3, 600 * NS_PER_MILLISECOND, first_two_take_turns));
}

/* Whichever came first. */
static bool one_has_all(const uint64_t *times, uint64_t sum)
{
	return times[0] * 20 < sum || times[1] * 20 < sum;
}

KTEST(sched, fifo_does_not_take_turns)
{
	static const struct thread_scheduling scheduling[2] = {
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
		{ .policy = THREAD_POLICY_FIFO, .realtime_priority = 50 },
	};

	ktest_expect(share(scheduling, 2, 400 * NS_PER_MILLISECOND, one_has_all));
}

/* 2 : 1 : 4 */
static bool shares_are_by_nice(const uint64_t *times, uint64_t sum)
{
	return is_percent(times[0], sum, 23, 34) && is_percent(times[1], sum, 10, 19) &&
	       is_percent(times[2], sum, 50, 64);
}

KTEST(sched, nice_values_share)
{
	static const struct thread_scheduling scheduling[3] = {
		{ .policy = THREAD_POLICY_NORMAL, .nice = 0 },
		{ .policy = THREAD_POLICY_BATCH, .nice = 10 },
		{ .policy = THREAD_POLICY_NORMAL, .nice = -20 },
	};

	ktest_expect(share(scheduling, 3, 2 * NS_PER_SECOND, shares_are_by_nice));
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

/* Are `least` to `most` of the calls quick? Asked again where CPUs may have stood still. */
static bool calls_are_quick(const struct thread_scheduling *scheduling, unsigned least,
			    unsigned most)
{
	for (unsigned looks = 0; looks < 3; looks++) {
		unsigned quick = quick_calls(scheduling);

		if (quick >= least && quick <= most)
			return true;
	}
	return false;
}

KTEST(sched, realtime_and_normal_preempt_and_batch_waits)
{
	struct thread_scheduling scheduling = {
		.policy = THREAD_POLICY_FIFO,
		.realtime_priority = 1,
	};

	ktest_expect(calls_are_quick(&scheduling, CALLS * 3 / 4 + 1, CALLS));
	scheduling = (struct thread_scheduling){ .policy = THREAD_POLICY_NORMAL };
	ktest_expect(calls_are_quick(&scheduling, CALLS / 2 + 1, CALLS));
	scheduling.policy = THREAD_POLICY_BATCH;
	ktest_expect(calls_are_quick(&scheduling, 0, CALLS / 2 - 1));
}
