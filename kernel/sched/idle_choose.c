/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which idle state to choose. A CPU rests until its next timer at the longest; interrupts and wake-ups come
 * sooner, and what happened lately is the best guess when: the mean of the last times, without those that
 * are far longer than the rest, as these say nothing of the others.
 */
#include <sched/idle.h>

#include <base/types.h>

#define OUTLIER 4 /* times the mean: left out */

void idle_learn(struct idle_history *history, uint64_t us)
{
	history->lengths_us[history->next] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
	history->next = (history->next + 1) % IDLE_HISTORY_MAX;
}

/* The mean of what is not longer than `limit`. */
static uint64_t mean(const struct idle_history *history, uint64_t limit)
{
	uint64_t sum = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < IDLE_HISTORY_MAX; i++) {
		if (history->lengths_us[i] > limit)
			continue;
		sum += history->lengths_us[i];
		count++;
	}
	return count ? sum / count : limit;
}

/* Half of the times must agree to be believed against the timer. */
static uint64_t predict(const struct idle_history *history, uint64_t timer_us)
{
	uint64_t all = mean(history, UINT32_MAX);
	uint64_t usual = mean(history, all * OUTLIER < UINT32_MAX ? all * OUTLIER : UINT32_MAX);
	unsigned agree = 0;

	for (unsigned i = 0; i < IDLE_HISTORY_MAX; i++)
		agree += history->lengths_us[i] <= 2 * usual;
	if (agree <= IDLE_HISTORY_MAX / 2)
		return timer_us;
	return usual < timer_us ? usual : timer_us;
}

unsigned idle_choose(const struct idle_table *table, uint32_t disabled,
		     const struct idle_history *history, uint64_t timer_us)
{
	uint64_t expected = predict(history, timer_us);
	unsigned chosen = 0;

	for (unsigned i = 1; i < table->count; i++) {
		const struct idle_state *state = &table->states[i];

		/* The way back is not to make the timer late. */
		if (!(disabled >> i & 1) && state->residency_us <= expected &&
		    state->latency_us < timer_us)
			chosen = i;
	}
	return chosen;
}
