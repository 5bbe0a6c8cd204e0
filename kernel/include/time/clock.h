/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks, in nanoseconds. Callable from any context. */
#pragma once

#include <base/types.h>

#define NS_PER_SECOND      1000000000ull
#define NS_PER_MILLISECOND 1000000ull
#define NS_PER_MICROSECOND 1000ull
/* A deadline that never comes. */
#define DEADLINE_NEVER UINT64_MAX

/* Since boot, but for the time that the machine slept; never goes back. */
uint64_t clock_monotonic_ns(void);
/* Since boot. */
uint64_t clock_boottime_ns(void);
/* Since 1970. */
uint64_t clock_realtime_ns(void);
/* Any of them, for those who let others choose. */
enum clock_base {
	CLOCK_BASE_MONOTONIC,
	CLOCK_BASE_REALTIME,
	CLOCK_BASE_BOOTTIME,
};
uint64_t clock_read_ns(enum clock_base base);
/* That plus `ns`, saturating at DEADLINE_NEVER. */
uint64_t clock_after(enum clock_base base, uint64_t ns);
/* The machine slept for `ns`, in which the monotonic clock stood still: sets the others on, then calls the
 * hook. Thread context. */
void clock_slept(uint64_t ns);
/* Sets the real-time clock, then calls the hook. Thread context. Those who sleep until an
 * absolute real time, or time since boot, do so on wait_realtime_changed (sched/wait.h), which the hook
 * wakes. */
void clock_set_realtime_ns(uint64_t ns);
/* Sets who is told of changes; called once, by sched. */
void clock_set_change_hook(void (*changed)(void));
/* Converts an absolute real time to a monotonic deadline, as things stand now: 0 for times
 * before boot; DEADLINE_NEVER stays what it is. */
uint64_t clock_realtime_to_monotonic(uint64_t realtime_ns);
/* The same for an absolute time on any of the clocks. */
uint64_t clock_to_monotonic(enum clock_base base, uint64_t ns);
/* Now plus `ns`, saturating at DEADLINE_NEVER. */
uint64_t clock_deadline_after(uint64_t ns);
/* Reads the wall clock once at boot. */
void clock_init(void);
