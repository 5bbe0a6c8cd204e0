/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a loop that waits for another CPU has been at it:
 *
 *     struct patience patience = PATIENCE_INIT(10 s);
 *     while (!condition) {
 *             arch_cpu_relax();
 *             if (patience_ran_out(&patience))
 *                     complain;
 *     }
 *
 * It costs an increment per round; the clock is read once in a while. What it says again and
 * again, it says after twice the time each time.
 */
#pragma once

#include <arch/irq.h>

#define PATIENCE_ROUNDS 1024 /* between looks at the clock; a power of two */

struct patience {
	uint64_t limit_ns;
	uint64_t start; /* at the first look at the clock; 0: not yet */
	uint32_t rounds;
};

#define PATIENCE_INIT(nanoseconds)        \
	{                                 \
		.limit_ns = (nanoseconds) \
	}

/* Since when this waits, in nanoseconds, or 0 before the first look at the clock. */
static inline uint64_t patience_waited_ns(const struct patience *patience)
{
	return patience->start ? arch_clock_ns() - patience->start : 0;
}

/* Once per round. True if the limit has passed since the beginning; the limit doubles then. */
static inline bool patience_ran_out(struct patience *patience)
{
	if (++patience->rounds % PATIENCE_ROUNDS)
		return false;
	if (!patience->start)
		patience->start = arch_clock_ns();
	if (patience_waited_ns(patience) < patience->limit_ns)
		return false;
	patience->limit_ns *= 2;
	return true;
}
