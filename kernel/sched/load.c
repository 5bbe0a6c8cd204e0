/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Load averages without a tick.
 *
 * Each CPU sums up the time of its runnable threads whenever their number changes. At the first
 * change after the end of a period of five seconds, the period's mean goes into the decaying
 * averages, and the periods that passed without any change, however many, follow in a few
 * multiplications. Nothing needs to happen while nothing changes.
 */
#include "sched_priv.h"

/* Fraction bits of the averages here, and of the decay factors. */
#define LOAD_SHIFT  20
#define DECAY_SHIFT 30
#define DECAY_ONE   ((uint64_t)1 << DECAY_SHIFT)

/* exp(-5 s / 1 min), (... 5 min), (... 15 min), times DECAY_ONE. */
static const uint64_t decay_factors[LOAD_AVERAGES] = { 987890168, 1055994433, 1067793131 };

/* The factor for `periods` periods: its power, by squaring. */
static uint64_t decay_over(uint64_t factor, uint64_t periods)
{
	uint64_t result = DECAY_ONE;

	for (; periods != 0 && result != 0; periods >>= 1) {
		if (periods & 1)
			result = result * factor >> DECAY_SHIFT;
		factor = factor * factor >> DECAY_SHIFT;
	}
	return result;
}

/* Lets `periods` periods pass with a mean of `level` threads (LOAD_SHIFT fraction bits). */
static void pass_periods(struct load *load, uint64_t level, uint64_t periods)
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		uint64_t decay = decay_over(decay_factors[i], periods);
		uint64_t sum = load->averages[i] * decay + level * (DECAY_ONE - decay);

		load->averages[i] = (sum + DECAY_ONE / 2) >> DECAY_SHIFT;
	}
}

/* The mean of the period whose sum is `thread_ns`. The shifts are split so that nothing
 * overflows and the divisor stays exact to a millionth. */
static uint64_t period_mean(uint64_t thread_ns)
{
	return (thread_ns << (LOAD_SHIFT - 12)) / (LOAD_PERIOD_NS >> 12);
}

void load_end_periods(struct load *load, unsigned runnable, uint64_t now)
{
	uint64_t period_end = load->period_start + LOAD_PERIOD_NS;
	uint64_t whole = (now - period_end) / LOAD_PERIOD_NS;

	load->thread_ns += runnable * (period_end - load->updated);
	pass_periods(load, period_mean(load->thread_ns), 1);
	if (whole > 0)
		pass_periods(load, (uint64_t)runnable << LOAD_SHIFT, whole);
	load->period_start = period_end + whole * LOAD_PERIOD_NS;
	load->updated = load->period_start;
	load->thread_ns = 0;
}

void load_read(const struct load *load, uint32_t averages[LOAD_AVERAGES])
{
	const unsigned shift = LOAD_SHIFT - LOAD_AVERAGE_SHIFT;

	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		averages[i] = (uint32_t)((load->averages[i] + (1u << shift) / 2) >> shift);
}
