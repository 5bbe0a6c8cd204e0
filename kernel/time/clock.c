/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monotonic clock is the architecture's; real time is that plus an offset, which is read
 * from the wall clock at boot and changes when somebody sets the time.
 */
#include <arch/irq.h>
#include <time/clock.h>

#include <stdatomic.h>

/* Real time less monotonic time. Negative where the time is set to before boot. */
static _Atomic int64_t realtime_offset;
static _Atomic uint64_t slept_ns; /* boot time less monotonic time */
static void (*change_hook)(void); /* set once at boot */

uint64_t clock_monotonic_ns(void)
{
	return arch_clock_ns();
}

uint64_t clock_boottime_ns(void)
{
	return arch_clock_ns() + atomic_load(&slept_ns);
}

uint64_t clock_realtime_ns(void)
{
	return arch_clock_ns() + (uint64_t)atomic_load(&realtime_offset);
}

uint64_t clock_read_ns(enum clock_base base)
{
	switch (base) {
	case CLOCK_BASE_REALTIME:
		return clock_realtime_ns();
	case CLOCK_BASE_BOOTTIME:
		return clock_boottime_ns();
	default:
		return clock_monotonic_ns();
	}
}

uint64_t clock_after(enum clock_base base, uint64_t ns)
{
	uint64_t deadline;

	if (__builtin_add_overflow(clock_read_ns(base), ns, &deadline))
		return DEADLINE_NEVER;
	return deadline;
}

void clock_slept(uint64_t ns)
{
	atomic_fetch_add(&slept_ns, ns);
	atomic_fetch_add(&realtime_offset, (int64_t)ns);
	if (change_hook)
		change_hook();
}

void clock_set_realtime_ns(uint64_t ns)
{
	atomic_store(&realtime_offset, (int64_t)(ns - arch_clock_ns()));
	if (change_hook)
		change_hook();
}

void clock_set_change_hook(void (*changed)(void))
{
	change_hook = changed;
}

uint64_t clock_realtime_to_monotonic(uint64_t realtime_ns)
{
	int64_t offset = atomic_load(&realtime_offset);
	uint64_t result;

	if (realtime_ns == DEADLINE_NEVER)
		return DEADLINE_NEVER;
	if (offset >= 0)
		return realtime_ns > (uint64_t)offset ? realtime_ns - (uint64_t)offset : 0;
	if (__builtin_add_overflow(realtime_ns, -(uint64_t)offset, &result))
		return DEADLINE_NEVER;
	return result;
}

uint64_t clock_to_monotonic(enum clock_base base, uint64_t ns)
{
	uint64_t slept = atomic_load(&slept_ns);

	if (base == CLOCK_BASE_REALTIME)
		return clock_realtime_to_monotonic(ns);
	if (base == CLOCK_BASE_MONOTONIC || ns == DEADLINE_NEVER)
		return ns;
	return ns > slept ? ns - slept : 0;
}

uint64_t clock_deadline_after(uint64_t ns)
{
	return clock_after(CLOCK_BASE_MONOTONIC, ns);
}

void clock_init(void)
{
	atomic_store(&realtime_offset,
		     (int64_t)(arch_clock_wall_seconds() * NS_PER_SECOND - arch_clock_ns()));
}
