/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: threads that hand the CPU to each other, while affinities change and CPUs leave. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <sched/hotplug.h>

#define PAIRS_MAX CREW_MAX
#define ROUNDS    2000

/* Who asks and who answers. The member with an even index asks. */
static struct pair {
	_Atomic(struct thread *) asking, answering;
	_Atomic unsigned asked, answered;
} pairs[PAIRS_MAX];

static _Atomic unsigned pairs_left;

static void ask(struct pair *pair)
{
	struct thread *answering;

	while (!(answering = pair->answering))
		thread_yield();
	for (unsigned round = 1; round <= ROUNDS; round++) {
		bool first = true;

		pair->asked = round;
		for (;;) {
			thread_set_state(THREAD_SLEEPING);
			if (pair->answered == round)
				break;
			if (first)
				thread_block_for(answering);
			else
				(void)thread_block(DEADLINE_NEVER);
			first = false;
		}
		thread_set_state(THREAD_RUNNABLE);
		/* It may have been awake, and looked before. */
		if (first)
			(void)thread_wake(answering);
	}
	pairs_left--;
}

static void answer(struct pair *pair)
{
	struct thread *asking;

	while (!(asking = pair->asking))
		thread_yield();
	for (unsigned round = 1; round <= ROUNDS; round++) {
		for (;;) {
			thread_set_state(THREAD_SLEEPING);
			if (pair->asked == round)
				break;
			(void)thread_block(DEADLINE_NEVER);
		}
		thread_set_state(THREAD_RUNNABLE);
		pair->answered = round;
		if (round % 3 == 0)
			(void)thread_wake_here(asking);
		else
			thread_yield_to(asking);
		if (round % 5 == 0)
			thread_offer_waiting();
	}
}

static void ask_or_answer(unsigned index, void *argument)
{
	struct pair *pair = &pairs[index / 2];

	(void)argument;
	if (index % 2 == 0) {
		pair->asking = thread_current();
		ask(pair);
	} else {
		pair->answering = thread_current();
		answer(pair);
	}
}

/* Some CPUs, other ones each time. */
static uint64_t some_cpus(unsigned step)
{
	uint64_t mask = (step * 0x9e3779b1u >> 8) & sched_cpus_present();

	return mask & sched_cpus_online() ? mask : sched_cpus_present();
}

/* Has all rounds done by `count` pairs at once while affinities change and, if `leave`, CPUs leave. */
static void run_pairs(unsigned count, bool leave)
{
	struct crew crew;

	count = (unsigned)min_u64(count, PAIRS_MAX);
	for (unsigned i = 0; i < count; i++) {
		pairs[i].asking = pairs[i].answering = NULL;
		pairs[i].asked = pairs[i].answered = 0;
	}
	pairs_left = count;
	if (!crew_start(&crew, 2 * count, ask_or_answer, NULL))
		return;
	for (unsigned step = 0; pairs_left != 0; step++) {
		unsigned cpu = step % cpu_count();
		/* All of the mask may have left. */
		int error = thread_set_affinity(crew_thread(&crew, step % (2 * count)),
						some_cpus(step));

		ktest_expect(error == 0 || error == -EINVAL);
		if (leave && cpu != 0)
			ktest_expect(sched_cpu_set_online(cpu, step / cpu_count() % 2) == 0);
		sleep_for(200 * NS_PER_MICROSECOND);
	}
	crew_join(&crew);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		ktest_expect(sched_cpu_set_online(cpu, true) == 0);
	for (unsigned i = 0; i < count; i++)
		ktest_expect(pairs[i].answered == ROUNDS);
}

KTEST(sched, pairs_hand_over)
{
	run_pairs(1, false);
	run_pairs(cpu_count(), false);
	run_pairs(4 * cpu_count(), false);
}

KTEST(sched, pairs_hand_over_while_cpus_leave)
{
	run_pairs(1, true);
	run_pairs(2 * cpu_count(), true);
}
