/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: the token goes where it is needed, is fair, rests, and comes back when it was lost. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <core/ktest.h>

#define SPINNERS_MAX 16

static struct {
	_Atomic bool stop;
	_Atomic unsigned started;
	_Atomic uint64_t longest_gap[SPINNERS_MAX]; /* without the CPU, ns */
} spinners;

/* Runs until told to stop, and notes for how long it did not. */
static void spin(unsigned index, void *argument)
{
	uint64_t last = clock_monotonic_ns();

	(void)argument;
	spinners.started++;
	while (!spinners.stop) {
		uint64_t now = clock_monotonic_ns();

		if (now - last > spinners.longest_gap[index])
			spinners.longest_gap[index] = now - last;
		last = now;
		spin_once();
	}
}

static bool spinners_start(struct crew *crew, unsigned count, void (*run)(unsigned, void *))
{
	spinners.stop = false;
	spinners.started = 0;
	for (unsigned i = 0; i < SPINNERS_MAX; i++)
		spinners.longest_gap[i] = 0;
	return count <= SPINNERS_MAX && crew_prepare(crew, count, run, NULL);
}

static void spinners_end(struct crew *crew)
{
	spinners.stop = true;
	crew_join(crew);
}

static void wait_until_started(unsigned count)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (spinners.started < count && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	ktest_expect(spinners.started == count);
}

struct totals {
	uint64_t hops, lost, donations;
};

static struct totals count_totals(void)
{
	struct totals totals = { 0 };

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct sched_token_statistics *token = &sched_statistics(cpu)->token;

		totals.hops += token->hops;
		totals.lost += token->lost;
		totals.donations += token->donations;
	}
	return totals;
}

/* Do all have about the same? Without rotation two of them get half of what the others have. */
static bool are_even(const uint64_t *times, unsigned count)
{
	uint64_t sum = 0;
	bool even = true;

	for (unsigned i = 0; i < count; i++)
		sum += times[i];
	for (unsigned i = 0; i < count; i++)
		even &= times[i] * count * 10 > sum * 7 && times[i] * count * 10 < sum * 13;
	return even;
}

/* One thread more than CPUs: each waits in its turn, wherever it runs. */
KTEST(sched, token_rotates_the_odd_thread)
{
	unsigned count = cpu_count() + 1;
	uint64_t before[SPINNERS_MAX], times[SPINNERS_MAX];
	struct crew crew;
	bool even = false;

	if (sched_is_by_tick() || !spinners_start(&crew, count, spin))
		return;
	crew_go(&crew);
	wait_until_started(count);
	for (unsigned i = 0; i < count; i++)
		before[i] = thread_runtime(crew_thread(&crew, i));
	/* CPUs that are virtual stand still at times, which evens out in the long run. */
	for (unsigned looks = 0; !even && looks < 10; looks++) {
		sleep_for(100 * sched_quantum);
		for (unsigned i = 0; i < count; i++)
			times[i] = thread_runtime(crew_thread(&crew, i)) - before[i];
		even = are_even(times, count);
	}
	spinners_end(&crew);
	ktest_expect(even);
	if (cpu_count() > 1)
		ktest_expect(count_totals().donations > 0);
}

KTEST(sched, token_rests_when_nobody_must_share)
{
	struct crew crew;
	uint64_t hops;

	if (sched_is_by_tick() || !spinners_start(&crew, 2, spin))
		return;
	for (unsigned i = 0; i < 2; i++)
		ktest_expect(thread_set_affinity(crew_thread(&crew, i), cpu_bit(0)) == 0);
	hops = count_totals().hops;
	crew_go(&crew);
	wait_until_started(2);
	sleep_for(10 * sched_quantum);
	ktest_expect(count_totals().hops > hops);
	spinners_end(&crew);
	/* A last lap, in which nobody needs it any more. */
	sleep_for(5 * sched_quantum);
	hops = count_totals().hops;
	sleep_for(20 * sched_quantum);
	ktest_expect(count_totals().hops - hops <= 1);
}

/* Spins, and holds off all interrupts of its CPU for five quanta again and again: sooner or later
 * with the token. */
static void stall(unsigned index, void *argument)
{
	(void)index;
	(void)argument;
	spinners.started++;
	while (!spinners.stop) {
		unsigned long state = arch_irq_save();
		uint64_t end = clock_monotonic_ns() + 5 * sched_quantum;

		while (clock_monotonic_ns() < end && !spinners.stop)
			spin_once();
		arch_irq_restore(state);
		end = clock_monotonic_ns() + sched_quantum;
		while (clock_monotonic_ns() < end && !spinners.stop)
			spin_once();
	}
}

static void spin_or_stall(unsigned index, void *argument)
{
	if (index < 2)
		spin(index, argument);
	else
		stall(index, argument);
}

KTEST(sched, token_is_replaced_when_a_cpu_stalls)
{
	unsigned far = cpu_count() - 1;
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	struct crew crew;
	uint64_t lost;

	if (far == 0 || sched_is_by_tick() || !spinners_start(&crew, 4, spin_or_stall))
		return;
	/* Two share CPU 0, two the last one, which stalls. */
	for (unsigned i = 0; i < 4; i++)
		ktest_expect(thread_set_affinity(crew_thread(&crew, i), cpu_bit(i < 2 ? 0 : far)) ==
			     0);
	lost = count_totals().lost;
	crew_go(&crew);
	while (count_totals().lost < lost + 3 && clock_monotonic_ns() < deadline)
		sleep_for(sched_quantum);
	ktest_expect(count_totals().lost >= lost + 3);
	spinners_end(&crew);
	/* The two took turns meanwhile. Two quanta and a lap would do; the rest is for virtual CPUs that
	 * stall by themselves. */
	for (unsigned i = 0; i < 2; i++)
		ktest_expect(spinners.longest_gap[i] < 100 * sched_quantum);
}
